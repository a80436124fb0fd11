"""The tables of the second release, which brought organisations, and how they are filled.

Frozen: a later release gets a package of its own.
"""
