"""What every engine gives a cube alike: its words, and a home that it can write."""

import shlex
from collections.abc import Sequence

SCRATCH = "/tmp"  # noqa: S108  # inside the container, of its own
_CACHES = ("XDG_CACHE_HOME", "MPLCONFIGDIR", "TORCH_HOME", "NUMBA_CACHE_DIR")


def words(asked: str | Sequence[str] | None) -> list[str] | None:
    """A command or an entrypoint as a list of arguments; a text is split as a shell splits it, and not run by one."""
    if asked is None:
        return None
    return shlex.split(asked) if isinstance(asked, str) else list(asked)


def scratch_environment() -> dict[str, str]:
    """Where a program writes what it does not ask about: home, temporary files and caches, all in the scratch."""
    return {"HOME": SCRATCH, "TMPDIR": SCRATCH, **dict.fromkeys(_CACHES, f"{SCRATCH}/cache")}
