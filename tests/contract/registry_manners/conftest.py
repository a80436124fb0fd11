"""What the tests of the manners begin with."""

import io
import json
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from registry_api.manners.logs import ACCESS, JsonFormatter
from tests.contract.registry.serving import serve
from tests.contract.registry_manners.application import make_app
from tests.contract.registry_manners.wire import PATIENCE_S

REQUEST_ID = "asked-by-me"
IDENTIFIED = {"X-Request-Id": REQUEST_ID}


class Log:
    """What is logged, as it comes."""

    def __init__(self, stack: ExitStack) -> None:
        self._text = io.StringIO()
        self._handler = logging.StreamHandler(self._text)
        self._handler.setFormatter(JsonFormatter())
        self._stack = stack

    def hear(self, name: str) -> None:
        """Hear one logger to the test's end; a server's after its start, which sets its handlers."""
        logger = logging.getLogger(name)
        self._stack.callback(logger.setLevel, logger.level)
        self._stack.callback(logger.removeHandler, self._handler)
        logger.setLevel(logging.INFO)
        logger.addHandler(self._handler)

    def wait(self) -> None:
        """Wait until there is a line of a request that had REQUEST_ID."""
        deadline = time.monotonic() + PATIENCE_S
        while not self.lines():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def everything(self) -> list[dict[str, object]]:
        """All lines, also those of servers that other tests use."""
        return [json.loads(line) for line in self._text.getvalue().splitlines()]

    def lines(self, name: str = ACCESS) -> list[dict[str, object]]:
        """A logger's lines of the requests that had REQUEST_ID."""
        wanted = (name, REQUEST_ID)
        return [
            each for each in self.everything() if (each["logger"], each["request_id"]) == wanted
        ]


@pytest.fixture
def log() -> Iterator[Log]:
    """The access log."""
    with ExitStack() as stack:
        log = Log(stack)
        log.hear(ACCESS)
        yield log


@pytest.fixture(scope="package")
def url() -> Iterator[str]:
    """Where the small application is served, with bodies of at most 1,000 bytes."""
    with serve(make_app()) as address:
        yield address
