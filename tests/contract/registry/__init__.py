"""The registry, through its client, over HTTP."""
