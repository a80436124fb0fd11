"""Runs the named benchmarks, or all, and writes `.bench/<name>.json`."""

import json
import sys
from pathlib import Path

from benchmarks import cells, demo, engines, registry

ALL = {
    "cells": cells.measure,
    "demo": demo.measure,
    "engines": engines.measure,
    "registry": registry.measure,
}
FOLDER = Path(".bench")


def main(names: list[str]) -> None:
    """Measure and write, one benchmark after another."""
    unknown = set(names) - set(ALL)
    if unknown:
        sys.exit(f"found {', '.join(sorted(unknown))}, needed some of: {', '.join(ALL)}")
    FOLDER.mkdir(exist_ok=True)
    for name in names or ALL:
        found = [figure.as_json() for figure in ALL[name]()]
        (FOLDER / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
        for row in found:
            print(f"{name}: {row['name']} {row['median']} {row['unit']} {row['beside'] or ''}")


if __name__ == "__main__":
    main(sys.argv[1:])
