"""The database: opening it, moving its tables from release to release, copying it to a file and back."""
