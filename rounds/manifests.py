"""The manifest beside an output's files: each file's name and sha256, and the inputs that it was made of."""

import json
from pathlib import Path

from rounds.digests import file_digests, tree_digest
from rounds.errors import IntegrityError

NAME = "manifest.json"


def verify(folder: Path) -> str:
    """The digest of the files of an output, found as its manifest says.

    Raises:
        IntegrityError: A file differs, is missing or was added; or there is no manifest.
    """
    expected = read(folder / NAME)
    found = file_digests(folder / "files")
    if found != expected:
        changed = sorted(
            name for name in {*found, *expected} if found.get(name) != expected.get(name)
        )
        message = "found files that differ from their manifest, needed them unchanged; purge and run again"
        raise IntegrityError(message, detail=f"{folder}: {', '.join(changed[:10])}")
    return tree_digest(expected)


def is_whole(attempt: Path) -> bool:
    """Whether an attempt's manifest is there and true: a power cut may leave it beside empty files."""
    if not (attempt / NAME).exists():
        return False
    try:
        verify(attempt)
    except IntegrityError:
        return False
    return True


def read(path: Path) -> dict[str, str]:
    """Each file's sha256 by its name.

    Raises:
        IntegrityError: There is no manifest, or it cannot be read.
    """
    try:
        files: dict[str, str] = json.loads(path.read_bytes())["files"]
    except (FileNotFoundError, ValueError, KeyError, TypeError) as error:
        message = "found no readable manifest beside published files, needed the one written with them; purge and run again"
        raise IntegrityError(message, detail=str(path)) from error
    return files
