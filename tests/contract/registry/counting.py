"""How often a registry in this process asks its database."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

NOT_ROUTES = ("BEGIN", "PRAGMA", "SHOW")


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """The statements that requests send to any database while the block lasts, those of the duties aside."""
    seen: Counter[str] = Counter()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        mine = threading.current_thread().name != "duties"
        if mine and not statement.startswith(NOT_ROUTES):
            seen[statement] += 1

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
