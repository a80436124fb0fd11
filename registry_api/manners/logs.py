"""The process's log: one JSON object a line, on stderr.

Of an exception the log keeps its type and where it was raised. What it says is kept for our own errors only, whose
summaries are safe: a database's messages hold rows, a parser's the text it could not read.
"""

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from pydantic_core import to_json

from registry_api.manners import request_ids
from rounds.errors import RoundsError

ACCESS = "registry.access"
OURS = ("registry", "registry_api", "rounds")
LONGEST_CHAIN = 8


class Visit(NamedTuple):
    """A request and its answer, as the access log keeps them; `bytes` is the size of the answer's body."""

    method: str
    route: str
    status: int
    ms: float
    user_id: int | None
    bytes: int


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON, with the id of the request that it belongs to."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "ts": f"{_second(int(record.created))}.{int(record.msecs):03}+00:00",
            "level": record.levelname,
            "logger": record.name,
            "request_id": request_ids.current.get(),
        }
        if isinstance(record.msg, Visit):
            # Four times as fast as `json`, which alone can write a text that is no Unicode; here is none.
            return to_json(line | record.msg._asdict()).decode()
        line["message"] = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            line["errors"] = [_described(error) for error in _chain(record.exc_info[1])]
        return json.dumps(line)


def access_log() -> Callable[[Visit], None]:
    """What writes a line of the access log, without looking for who called it: that is always the desk."""
    logger = logging.getLogger(ACCESS)

    def write(visit: Visit) -> None:
        if logger.isEnabledFor(logging.INFO):
            logger.handle(logger.makeRecord(ACCESS, logging.INFO, "", 0, visit, (), None))

    return write


def configure_logging() -> None:
    """Send all of the process's log to stderr as JSON: ours from INFO, other libraries' from WARNING.

    Uvicorn keeps its own layout unless it is started with `log_config=None`.
    """
    # No line names a thread or a process; looking them up costs each record some time.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.INFO)


@lru_cache(maxsize=2)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """`error`, what it was raised from, and so on."""
    following: BaseException | None = error
    for _ in range(LONGEST_CHAIN):
        if following is None:
            return
        yield following
        hidden = following.__suppress_context__
        following = following.__cause__ or (None if hidden else following.__context__)


def _described(error: BaseException) -> dict[str, str]:
    kind = type(error)
    said = {"summary": error.summary} if isinstance(error, RoundsError) else {}
    trace = "".join(traceback.format_tb(error.__traceback__))
    return {"type": f"{kind.__module__}.{kind.__qualname__}", **said, "trace": trace}
