"""Where the registry keeps what it knows: its tables through the releases, and its backups.

`first_release.sql` is a database that the first release itself made and filled, dumped.
"""
