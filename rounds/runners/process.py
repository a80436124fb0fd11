"""The engine for machines without one: a plain child process, for the cubes of this repository only.

1. The cube's `source` digest must be on the committed list, and its config the one beside the program.
2. The program's files are hashed again just before the run.
3. The child gets a clean environment, a closed stdin, its scratch as home, and `ROUNDS_MOUNTS`.
4. It ends when it exits, when the wall-clock limit passes, or when this process dies, whatever is first.
"""

import json
import logging
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import cube_specs
from rounds.cubes import read_cube, source_digest
from rounds.documents import load_yaml
from rounds.errors import Code, IntegrityError, RunnerError, SpecError
from rounds.runners.base import Finished, Invocation, Source
from rounds.runners.child import Program, run_child
from rounds.runners.crash import count_lines

CUBES = Path(cube_specs.__file__).parent / "cubes"
KNOWN_SOURCES = Path(cube_specs.__file__).parent / "known_sources.yaml"
_log = logging.getLogger(__name__)


def known_sources() -> dict[str, Path]:
    """The cubes that the process engine runs: each one's folder by its committed source digest.

    Raises:
        SpecError: The committed list is missing or is no list of names and digests.
    """
    document = load_yaml(KNOWN_SOURCES)
    if not isinstance(document, dict):
        message = f"{KNOWN_SOURCES.name}: found no mapping, needed digests by cube name"
        raise SpecError(f"{message}; run python -m deployments.known_sources")
    return {str(digest): CUBES / name for name, digest in document.items()}


class ProcessRunner:
    """A `Runner` that starts known cubes as child processes. It isolates nothing."""

    def __init__(self, sources: Mapping[str, Path] | None = None) -> None:
        """Args: sources: folders by source digest; the committed list if not given, read at first use."""
        self._sources = sources
        self._warned = False

    def run(self, call: Invocation) -> Finished:
        """Run `call` as `python -I <folder>/main.py <task>`.

        Raises:
            RunnerError: The cube is not one of this repository (`Code.ENGINE_REFUSED`), or the
                wall-clock limit passed (`CUBE_TIMEOUT`).
            IntegrityError: The cube's program or config is not what its digest names.
        """
        self._warn()
        folder = self._find_source(call)
        _check_source(call, folder)
        mounts = call.scratch / "mounts.json"
        mounts.write_text(json.dumps({m.key: str(m.path.resolve()) for m in call.mounts}))
        return run_child(_program(call, folder / "main.py", mounts), call)

    def find_sources(self, call: Invocation, paths: Collection[str]) -> Mapping[str, Source]:
        """The cube's program, if it is among the paths; its documents hold no code.

        Raises:
            RunnerError: The cube is not one of this repository (`Code.ENGINE_REFUSED`).
            IntegrityError: The cube's program or config is not what its digest names.
        """
        folder = self._find_source(call)
        _check_source(call, folder)
        main = folder / "main.py"
        lines = count_lines(main.read_bytes())
        found = {path for path in paths if path == str(main)}
        return {path: Source(lines=lines, folder=str(folder)) for path in found}

    def sweep(self, site: str, is_alive: Callable[[str], bool]) -> int:  # noqa: ARG002  as every runner's
        """Nothing is ever left: what runs is a child, and ends with who asked for it."""
        return 0

    def _warn(self) -> None:
        if not self._warned:
            _log.warning(
                "the process engine isolates nothing: it runs this repository's cubes only"
            )
            self._warned = True

    def _find_source(self, call: Invocation) -> Path:
        if self._sources is None:
            self._sources = known_sources()
        folder = self._sources.get(call.cube.artifacts.get("source", ""))
        if folder is None:
            message = (
                f"cube {call.cube.name} is not on the committed list; the process engine runs only"
                " the cubes of this repository; use docker"
            )
            raise RunnerError(message, code=Code.ENGINE_REFUSED)
        return folder


def _check_source(call: Invocation, folder: Path) -> None:
    if source_digest(folder) != call.cube.artifacts["source"]:
        message = (
            f"the source of cube {call.cube.name} has changed, needed the one its digest names;"
            " restore it, or register the cube anew"
        )
        raise IntegrityError(message, detail=str(folder))
    if read_cube(folder).config != call.cube.config:
        message = (
            f"cube {call.cube.name} is registered with another config than its source holds,"
            " needed the same; register it from its folder"
        )
        raise IntegrityError(message, detail=str(folder))


def _program(call: Invocation, main: Path, mounts: Path) -> Program:
    scratch = str(call.scratch.resolve())
    engine = {"LANG": "C.UTF-8", "HOME": scratch, "TMPDIR": scratch}
    cube = call.cube.config.tasks[call.task].run_args.environment
    return Program(
        argv=[sys.executable, "-I", str(main), call.task],
        environment={**engine, **cube, "ROUNDS_MOUNTS": str(mounts.resolve())},
        folder=call.scratch,
    )
