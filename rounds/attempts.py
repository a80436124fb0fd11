"""Tries at a stage: each a folder with its number, of which the last may be gone on with."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rounds.digests import canonical_json
from rounds.errors import RoundsError

INPUTS = "inputs.json"
FILES = "files"
SCRATCH = "scratch"
_AT_REST = "at-rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a stage: write the outputs below `files`; `scratch` is for anything else."""

    files: Path = field(repr=False)
    scratch: Path = field(repr=False)


def all_of(work: Path) -> list[Path]:
    """The folders of every attempt at one piece of work, in order."""
    return sorted(work.iterdir(), key=lambda path: int(path.name)) if work.exists() else []


def begin(work: Path, inputs: Mapping[str, object], *, goes_on: bool) -> Path:
    """The folder of a new attempt; or, if it `goes_on`, of the last one once more.

    What was not at rest may still be written by something that was not stopped, so then it is a copy.
    """
    last = next(reversed(all_of(work)), None)
    folder = work / str(int(last.name) + 1 if last is not None else 1)
    if last is None or not goes_on:
        (folder / FILES).mkdir(parents=True)
    elif (last / _AT_REST).exists():
        folder = last
        (folder / _AT_REST).unlink()
        shutil.rmtree(folder / SCRATCH)
    else:
        shutil.copytree(last / FILES, folder / FILES, symlinks=True)
    (folder / SCRATCH).mkdir()
    (folder / SCRATCH / INPUTS).write_bytes(canonical_json(inputs))
    return folder


@contextmanager
def resting(attempt: Path) -> Iterator[None]:
    """Note that an attempt is at rest if what is done in it comes to an end of its own, though a bad one."""
    try:
        yield
    except RoundsError:
        (attempt / _AT_REST).touch()
        raise
