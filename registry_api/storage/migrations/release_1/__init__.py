"""The tables of the first release, which knew users and no organisations, and how they are refilled.

Frozen: a later release gets a package of its own.
"""
