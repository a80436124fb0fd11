"""How the registry's API behaves whatever the route: a small application, really served, spoken to in bytes."""
