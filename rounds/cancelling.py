"""Runs that a person cancelled at the site: marked in the workspace, where every runner looks while a cube runs."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from rounds.errors import SpecError
from rounds.workspace import Workspace

_RUN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def cancel(workspace: Workspace, run: str) -> None:
    """Have the cubes of a run stopped within a second or two, and none started for it any more.

    Args:
        workspace: The site's.
        run: The flow run's id, a UUID as Prefect writes it.

    Raises:
        SpecError: It is no such id.
    """
    if not _RUN.fullmatch(run):
        message = "found no id of a run, needed 36 characters as the Prefect UI shows them"
        raise SpecError(message)
    (workspace.folder("cancelled") / run).touch()


def is_cancelled(workspace: Workspace, run: str) -> bool:
    """Whether somebody cancelled the run here."""
    return (workspace.root / "cancelled" / run).exists()


@contextmanager
def told_if_cut(tell: Callable[[], None]) -> Iterator[None]:
    """Tell somebody if the block does not come to its end."""
    with ExitStack() as stack:
        stack.callback(tell)
        yield
        stack.pop_all()
