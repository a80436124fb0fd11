"""HTTP: each route parses, opens the request's transaction, and calls one service. Decides nothing."""
