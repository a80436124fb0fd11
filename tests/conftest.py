"""What holds for every test: none is timed."""

from hypothesis import settings

# On top of what Hypothesis itself chooses, which on a machine of continuous integration is its `ci`.
settings.register_profile("untimed", parent=settings.default, deadline=None)
settings.load_profile("untimed")
