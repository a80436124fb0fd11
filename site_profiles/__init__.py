"""What a site offers and allows: its profile as pydantic models, and example profiles beside them.

Imports pydantic and nothing of ours; `rounds.sites` reads a profile from its file.
"""
