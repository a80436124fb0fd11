"""The `rounds` command: one file a group of verbs.

May import everything below it, but late: printing the help loads neither Prefect nor the registry. Decides
nothing; it reads arguments, calls one function, prints what came out. Broad exceptions end in `main`.
"""
