"""Every request has an id."""

import httpx
import pytest

from tests.contract.registry_manners.wire import ask, head

THINGS = "/api/v1/things/1"


class TestRequestId:
    @pytest.mark.parametrize("given", ["a1.b_c-d", "x" * 64])
    def test_is_the_callers(self, url: str, given: str) -> None:
        """An id of 8 to 64 plain characters comes back."""
        answer = httpx.get(url + THINGS, headers={"X-Request-Id": given})

        assert answer.headers["X-Request-Id"] == given

    @pytest.mark.parametrize(
        "given", ["short12", "x" * 65, "two words", 'quo"ted-id', "\u00e4" * 9]
    )
    def test_is_new_for_a_strange_one(self, url: str, given: str) -> None:
        """Any other id is replaced, so that none can write into a log."""
        answer = httpx.get(url + THINGS, headers={b"X-Request-Id": given.encode()})

        assert answer.headers["X-Request-Id"] != given
        assert len(answer.headers["X-Request-Id"]) == 32

    def test_is_new_each_time(self, url: str) -> None:
        """Two requests without an id have two."""
        answers = [httpx.get(url + THINGS) for _ in range(2)]

        assert len({answer.headers["X-Request-Id"] for answer in answers}) == 2

    @pytest.mark.parametrize(
        ("path", "status"),
        [("/nowhere", 404), ("/api/v1/things/1/fault", 500), ("/api/v1/things/x", 422)],
    )
    def test_is_on_every_answer(self, url: str, path: str, status: int) -> None:
        """An answer that reports an error has one too."""
        answer = httpx.get(url + path, headers={"X-Request-Id": "asked-by-me"})

        assert answer.status_code == status
        assert answer.headers["X-Request-Id"] == "asked-by-me"

    def test_is_on_a_refusal(self, url: str) -> None:
        """An answer that no route gave has one too."""
        answer = ask(url, head("Content-Length: 5000", "X-Request-Id: asked-by-me"))

        assert answer.status == 413
        assert answer.headers["x-request-id"] == "asked-by-me"
