"""What brings the tables from one release's to the next one's, and back.

`release_<n>` holds the tables as they were in that release, frozen: nothing here reads `registry_api.models`.
`versions` holds the steps. Nothing here prints, logs, or opens a connection of its own.
"""
