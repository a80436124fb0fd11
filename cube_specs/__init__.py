"""What a container promises: the cube's document as pydantic models, and under cubes/ the ones we ship.

Imports pydantic and nothing of ours; the parsers that raise our errors are in `rounds.cubes`. The programs
under cubes/ run inside containers and are nobody's imports.
"""
