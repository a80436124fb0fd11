"""A look into a SIF: at files of its squashfs, which `unsquashfs` unpacks; nothing of the image runs.

Without `unsquashfs`, or in a SIF of another kind, nothing is found.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from rounds.runners.apptainer_images import words_of
from rounds.runners.apptainer_options import Sif
from rounds.runners.base import Source
from rounds.runners.crash import MAX_SOURCE_BYTES, count_lines

# A row of `apptainer sif list`: id, group, link, position from and to, type.
_SYSTEM = re.compile(r"^\d+\s*\|[^|]*\|[^|]*\|\s*(\d+)-\d+\s*\|\s*FS \(Squashfs/\*System/")


def find_in_sif(sif: Sif, paths: Collection[str]) -> Mapping[str, Source]:
    """Those of the paths that are plain files of the image."""
    program, offset = shutil.which("unsquashfs"), _offset(sif.path)
    if program is None or offset is None:
        return {}
    contents = {path: _read(program, sif.path, offset, path) for path in paths}
    return {
        path: Source(lines=count_lines(content), folder=sif.workdir)
        for path, content in contents.items()
        if content is not None
    }


def _offset(sif: Path) -> str | None:
    with tempfile.TemporaryDirectory() as home:
        listed = words_of(["apptainer", "sif", "list", str(sif)], Path(home))
    rows = (_SYSTEM.match(line.strip()) for line in listed.splitlines())
    return next((row[1] for row in rows if row), None)


def _read(program: str, sif: Path, offset: str, path: str) -> bytes | None:
    """A file's content; None if there is no plain file there, an empty or a large one."""
    argv = [program, "-o", offset, "-cat", str(sif), path]
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None  # noqa: S101  # opened as a pipe
        content = process.stdout.read(MAX_SOURCE_BYTES + 1)
        if len(content) > MAX_SOURCE_BYTES:
            process.kill()
    return content if content and process.returncode == 0 else None
