"""Secrets lie in files that only their owner can read, and nowhere else."""

import os
import stat
from pathlib import Path

from rounds.errors import SpecError


def read_secret(path: Path) -> str:
    """The content of a secret's file.

    Raises:
        SpecError: It is missing, empty, or readable by others than its owner.
    """
    if not path.exists() or not path.read_text().strip():
        raise SpecError(
            "found no secret in its file, needed one; see the site's profile", detail=str(path)
        )
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        message = "a secret's file can be read by others, needed mode 0600; run chmod 600 on it"
        raise SpecError(message, detail=str(path))
    return path.read_text().strip()


def write_secret(path: Path, secret: str) -> None:
    """Write a secret into a file that only its owner can read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(descriptor, 0o600)  # a part that was left over keeps its old mode
        file.write(secret)
    part.rename(path)
