"""A cube that writes where most cubes cannot: into its image's own files, or more than most into its scratch."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

VOLUMES = Path("/mlcommons/volumes")
PLACES = {"root": Path("/cube/open"), "scratch": Path("/tmp")}  # noqa: S108  # inside the container
_MIB = 1024**2


def main() -> int:
    """Write so many MiB into a place, as `act` says: `root 3`. What came of it is in one JSON file."""
    act = json.loads((VOLUMES / "parameters" / "parameters.yaml").read_text())["act"]
    place, _, size = act.partition(" ")
    seen = {"wrote": "".join(write(PLACES[place], int(size))), "uid": os.getuid()}
    (VOLUMES / "predictions" / "seen.json").write_text(json.dumps(seen))
    return 0


def write(folder: Path, size_mib: int) -> Iterator[str]:
    """Fill one file; the reason if that is not possible."""
    try:
        with (folder / "much").open("wb") as file:
            for _ in range(size_mib):
                file.write(os.urandom(_MIB))
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        yield os.strerror(error.errno or 0)


if __name__ == "__main__":
    sys.exit(main())
