"""The committed list of programs that the process engine runs."""

from deployments.known_sources import list_sources
from rounds.cubes import read_cube
from rounds.runners.process import CUBES, known_sources


class TestKnownSources:
    def test_are_those_of_the_repository(self) -> None:
        """The list names each cube under cube_specs/cubes as it is now, and nothing else."""
        hint = "the list is stale: run `python -m deployments.known_sources` and commit it"
        expected = {digest: CUBES / name for name, digest in list_sources().items()}

        assert known_sources() == expected, hint

    def test_let_every_shipped_cube_run(self) -> None:
        """Each shipped cube reads without complaint and is one that the process engine knows."""
        cubes = [read_cube(folder) for folder in known_sources().values()]

        assert cubes
        assert {cube.artifacts["source"] for cube in cubes} == set(known_sources())
