"""How people prove who they are: passwords, one-time codes, and the tokens of their provider."""
