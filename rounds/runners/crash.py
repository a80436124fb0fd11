"""Where in its own image a cube crashed: `module:line`, or nothing.

A cube's log may hold patients' data, and a cube may write into it what it likes. So of the log's last
traceback only the places are read, and of these one is told only if

1. its path is made of plain characters and names a Python file,
2. the cube's image has a file there, by the engine's own look at the image (a mount is not of the image),
3. that file has so many lines.

What is told is made of the image's own file name. The last such place counts; without one nothing is told.
"""

import logging
import posixpath
import re
from collections.abc import Mapping

from rounds.errors import RoundsError
from rounds.runners.base import Invocation, Runner, Source

MAX_SOURCE_BYTES = 4_000_000
_TRACEBACK = "Traceback (most recent call last):"
_FRAME = re.compile(r'^[ |]*File "(?P<path>[^"\n]+)", line (?P<line>[1-9][0-9]{0,6})(?:, in .*)?$')
_PATH = re.compile(r"/[A-Za-z0-9_.+/-]{1,500}\.py")
_MODULE = re.compile(r"[A-Za-z0-9_.]{1,120}")
_LIBRARY = re.compile(r".*/(?:site-packages|dist-packages|lib/python3(?:\.\d+)?)/")
_MOST_FRAMES = 20
_log = logging.getLogger("rounds.site")


def find_place(words: str, call: Invocation, runner: Runner) -> str | None:
    """Where a call crashed, as far as its own image has that place; None if that cannot be told.

    Args:
        words: What the call printed.
        call: The call.
        runner: What ran it, and can look into its image.
    """
    frames = read_frames(words)
    if not frames:
        return None
    try:
        sources = runner.find_sources(call, {path for path, _ in frames})
    except RoundsError as error:
        _log.warning("no look into the image: %s %s", error.summary, error.detail)
        return None
    return place_among(frames, sources)


def read_frames(words: str) -> list[tuple[str, int]]:
    """Path and line of each frame of the last traceback, the innermost last; odd paths are left out."""
    _, found, last = words.rpartition(_TRACEBACK)
    if not found:
        return []
    matches = (_FRAME.match(line) for line in last.splitlines())
    frames = [(match["path"], int(match["line"])) for match in matches if match]
    return [(path, line) for path, line in frames if _is_plain(path)][-_MOST_FRAMES:]


def place_among(frames: list[tuple[str, int]], sources: Mapping[str, Source]) -> str | None:
    """`module:line` of the innermost frame whose file is among the image's, if the file has that line."""
    for path, line in reversed(frames):
        source = sources.get(path)
        if source is not None:
            module = _module(path, source.folder)
            return f"{module}:{line}" if module and line <= source.lines else None
    return None


def count_lines(content: bytes) -> int:
    """How many lines a file has, the last one with or without its end."""
    return content.count(b"\n") + (not content.endswith(b"\n") and bool(content))


def _is_plain(path: str) -> bool:
    return _PATH.fullmatch(path) is not None and posixpath.normpath(path) == path


def _module(path: str, folder: str) -> str | None:
    """A file's name as Python imports it, from its library's folder, or else from the image's own one."""
    inside = f"{folder.rstrip('/')}/"
    name = _LIBRARY.sub("", path) if _LIBRARY.match(path) else path.removeprefix(inside)
    module = name.removesuffix(".py").strip("/").replace("/", ".").removesuffix(".__init__")
    return module if _MODULE.fullmatch(module) else None
