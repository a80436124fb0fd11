"""A cube at its author's desk: begun from a template, linted, and run as a site would run it.

May import everything of rounds, cube_specs and site_profiles. Never builds an image, never asks the registry,
and never holds a cube in another way than a site: the same stages, runners, limits and gate.
"""
