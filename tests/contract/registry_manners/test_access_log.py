"""The access log has one line a request, and nothing of what was said in it."""

import json

import httpx
import pytest

from tests.contract.registry.serving import serve
from tests.contract.registry_manners.application import SECRET, make_app
from tests.contract.registry_manners.conftest import IDENTIFIED, REQUEST_ID, Log
from tests.contract.registry_manners.wire import connected, head

SERVER = "uvicorn.error"
FIELDS = (
    *("ts", "level", "logger", "request_id"),
    *("method", "route", "status", "ms", "user_id", "bytes"),
)


class TestAccessLog:
    def test_has_a_line_a_request(self, log: Log) -> None:
        """A line says who asked what by which route, how it ended, and how long and large it was."""
        with serve(make_app()) as url:
            answer = httpx.get(f"{url}/api/v1/things/12", headers=IDENTIFIED)

        (line,) = log.lines()

        assert tuple(line) == FIELDS
        assert (line["method"], line["route"]) == ("GET", "/api/v1/things/{thing_id}")
        assert (line["status"], line["user_id"]) == (200, 7)
        assert line["bytes"] == len(answer.content)
        assert isinstance(line["ms"], float)

    @pytest.mark.parametrize(
        ("method", "path", "route", "status"),
        [
            ("GET", "/nowhere", "unmatched", 404),
            ("GET", "/api/v1/things/1/", "unmatched", 307),
            ("DELETE", "/api/v1/things/1", "/api/v1/things/{thing_id}", 405),
            ("GET", "/openapi.json", "/openapi.json", 200),
            ("GET", "/api/v1/things/1/fault", "/api/v1/things/{thing_id}/fault", 500),
        ],
    )
    def test_names_the_template(
        self, log: Log, *, method: str, path: str, route: str, status: int
    ) -> None:
        """A route is named by its template, never by the path that was asked for."""
        with serve(make_app()) as url:
            httpx.request(method, url + path, headers=IDENTIFIED)

        (line,) = log.lines()

        assert (line["route"], line["status"]) == (route, status)

    def test_holds_nothing_of_the_request(self, log: Log) -> None:
        """Neither path, query, header nor body, nor a method that is unusual or invented, is in the log."""
        with serve(make_app()) as url:
            log.hear(SERVER)
            httpx.post(f"{url}/api/v1/things?{SECRET}=1", json={"name": SECRET})
            httpx.post(f"{url}/api/v1/things", content=f'{{"name": {SECRET}}}')
            httpx.get(f"{url}/{SECRET}", headers={"Authorization": f"Bearer {SECRET}"})
            httpx.get(f"{url}/api/v1/things/1/fault", headers={"X-Request-Id": f"{SECRET}!"})
            httpx.request(SECRET.upper(), f"{url}/api/v1/things/1")
            httpx.request("PROPFIND", f"{url}/api/v1/things/1", headers=IDENTIFIED)

        lines = log.everything()

        assert {str(line["logger"]) for line in lines} == {"registry.access", SERVER}
        assert [line["method"] for line in log.lines()] == ["OTHER"]
        assert len(lines) >= 6
        assert SECRET not in json.dumps(lines).lower()

    def test_says_which_request_failed(self, log: Log) -> None:
        """An unexpected error is logged under its request's id, with its type and place."""
        with serve(make_app()) as url:
            log.hear(SERVER)
            httpx.get(f"{url}/api/v1/things/1/fault", headers=IDENTIFIED)

        (error,) = log.lines(SERVER)

        assert isinstance(error["errors"], list)
        assert error["errors"][0]["type"] == "builtins.ValueError"
        assert "in fail" in error["errors"][0]["trace"]

    @pytest.mark.parametrize("path", ["/api/v1/things", "/api/v1/things/1/weigh"])
    def test_knows_who_left(self, log: Log, path: str) -> None:
        """A caller who leaves within a body is a line with status 499, and no error."""
        asked = head("Content-Length: 100", f"X-Request-Id: {REQUEST_ID}", path=path)

        with serve(make_app()) as url:
            log.hear(SERVER)
            with connected(url) as line:
                line.sendall(asked + b'{"na')
            log.wait()

        assert [each["status"] for each in log.lines()] == [499]
        assert log.lines(SERVER) == []
