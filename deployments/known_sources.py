"""The list of programs that the process engine may run, computed from cube_specs/cubes.

`python -m deployments.known_sources` rewrites cube_specs/known_sources.yaml; commit what it writes.
"""

from pathlib import Path

from rounds.cubes import source_digest
from rounds.runners.process import CUBES, KNOWN_SOURCES

HEADER = "# Written by python -m deployments.known_sources: what the process engine may run.\n"


def list_sources(cubes: Path = CUBES) -> dict[str, str]:
    """The source digest of every cube below `cubes`, by name."""
    folders = sorted(program.parent for program in cubes.glob("*/main.py"))
    return {folder.name: source_digest(folder) for folder in folders}


def write_known_sources(path: Path = KNOWN_SOURCES) -> None:
    """Replace the committed list by what `list_sources` finds now."""
    lines = [f'{name}: "{digest}"\n' for name, digest in list_sources().items()]
    path.write_text(HEADER + "".join(lines))


if __name__ == "__main__":
    write_known_sources()
