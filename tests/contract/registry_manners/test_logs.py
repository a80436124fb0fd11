"""The process's log is JSON, and keeps what an exception says to itself."""

import json
import logging
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from registry_api.manners.logs import JsonFormatter
from registry_api.manners.request_ids import current
from rounds.errors import InvalidInput
from tests.contract.registry_manners.application import SECRET

PROCESS = """
import logging
from registry_api.manners.logs import configure_logging
logging.basicConfig(format="as somebody had it before: %(message)s")
configure_logging()
logging.getLogger("registry.access").info("ours")
logging.getLogger("httpx").info("theirs, and not asked for")
logging.getLogger("httpx").warning("theirs\\nin two lines")
"""


def formatted(error: BaseException) -> dict[str, object]:
    """The line of an error."""
    told = (type(error), error, error.__traceback__)
    record = logging.LogRecord("registry_api", logging.ERROR, "x.py", 1, "it %s", ("failed",), told)
    line: dict[str, object] = json.loads(JsonFormatter().format(record))
    return line


def database_error() -> IntegrityError:
    """What a database says of a row that is there already."""
    engine = create_engine("sqlite://")
    once = text("insert into t values (:name)")
    with engine.begin() as connection:
        connection.execute(text("create table t (name text unique)"))
        connection.execute(once, {"name": SECRET})
        with pytest.raises(IntegrityError, match=SECRET) as caught:
            connection.execute(once, {"name": SECRET})
    engine.dispose()
    return caught.value


class TestJsonFormatter:
    def test_keeps_a_databases_message_back(self) -> None:
        """Of a database's error the types and the places are logged, and not the row it speaks of."""
        error = database_error()

        line = formatted(error)

        assert SECRET in str(error)
        assert SECRET not in json.dumps(line)
        assert line["message"] == "it failed"
        assert isinstance(line["errors"], list)
        types = [each["type"] for each in line["errors"]]
        assert types == ["sqlalchemy.exc.IntegrityError", "sqlite3.IntegrityError"]

    def test_keeps_what_our_own_errors_say(self) -> None:
        """The summary of an error of ours is safe, its detail is not."""
        line = formatted(InvalidInput("found none, needed one", detail=SECRET))

        assert isinstance(line["errors"], list)
        assert line["errors"][0]["summary"] == "found none, needed one"
        assert SECRET not in json.dumps(line)

    def test_ends_with_a_chain_that_bites_its_tail(self) -> None:
        """Errors that name one another as their cause are logged some times, and not for ever."""
        first, second = ValueError(), KeyError()
        first.__cause__, second.__cause__ = second, first

        line = formatted(first)

        assert isinstance(line["errors"], list)
        assert len(line["errors"]) == 8

    def test_names_the_request(self) -> None:
        """A line that is written for a request has its id."""
        token = current.set("asked-by-me")

        line = formatted(ValueError())
        current.reset(token)

        assert line["request_id"] == "asked-by-me"


class TestConfigureLogging:
    def test_is_for_the_whole_process(self) -> None:
        """Each line on stderr is one JSON object: ours from INFO, others' from WARNING."""
        ended = subprocess.run(
            [sys.executable, "-c", PROCESS], capture_output=True, text=True, check=True
        )

        said = [json.loads(line)["message"] for line in ended.stderr.splitlines()]

        assert said == ["ours", "theirs\nin two lines"]
