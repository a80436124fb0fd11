"""Browsers let no page in, but those that the settings name."""

from collections.abc import Iterator

import httpx
import pytest

from registry_api.settings import RegistrySettings
from rounds.errors import SpecError
from tests.contract.registry.serving import serve
from tests.contract.registry_manners.application import make_app

PAGES = "https://pages.example.org"
STRANGER = "https://elsewhere.example.org"
ALLOWED = "Access-Control-Allow-Origin"


def preflight(url: str, origin: str) -> httpx.Response:
    """The answer to a browser that asks whether `origin` may post."""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    return httpx.options(f"{url}/api/v1/things", headers=asked)


@pytest.fixture(scope="module")
def opened() -> Iterator[str]:
    """Where the application is served to one origin."""
    with serve(make_app(RegistrySettings(database="unused", cors_origins=(PAGES,)))) as url:
        yield url


class TestOrigins:
    def test_are_none_by_default(self, url: str) -> None:
        """Without settings no origin is let in."""
        asked = preflight(url, PAGES)
        got = httpx.get(f"{url}/api/v1/things/1", headers={"Origin": PAGES})

        assert ALLOWED not in asked.headers
        assert ALLOWED not in got.headers

    def test_are_those_of_the_settings(self, opened: str) -> None:
        """A named origin may ask with a token, and read our headers."""
        asked = preflight(opened, PAGES)
        got = httpx.get(f"{opened}/api/v1/things/1", headers={"Origin": PAGES})

        assert (asked.status_code, asked.headers[ALLOWED]) == (200, PAGES)
        assert got.headers[ALLOWED] == PAGES
        assert "ETag" in got.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in got.headers

    def test_are_no_others(self, opened: str) -> None:
        """Any other origin is refused."""
        asked = preflight(opened, STRANGER)
        got = httpx.get(f"{opened}/api/v1/things/1", headers={"Origin": STRANGER})

        assert (asked.status_code, got.headers.get(ALLOWED)) == (400, None)

    @pytest.mark.parametrize(
        ("path", "more", "size", "status"),
        [
            ("/nowhere", {}, 0, 404),
            ("/api/v1/things", {"Rounds-Client": "0.1.0"}, 0, 426),
            ("/api/v1/things", {}, 2 << 20, 413),
        ],
    )
    def test_may_read_refusals(
        self, opened: str, *, path: str, more: dict[str, str], size: int, status: int
    ) -> None:
        """A page of a named origin learns why it was refused."""
        headers = {"Origin": PAGES, **more}

        answer = httpx.post(opened + path, headers=headers, content=bytes(size))

        assert (answer.status_code, answer.headers[ALLOWED]) == (status, PAGES)

    @pytest.mark.parametrize(
        "origin", ["*", "null", "", "pages.example.org", f"{PAGES}/", "https://*.example.org"]
    )
    def test_are_named_whole(self, origin: str) -> None:
        """A wildcard, and whatever is no origin, is refused before anything is served."""
        settings = RegistrySettings(database="unused", cors_origins=(PAGES, origin))

        with pytest.raises(SpecError, match="needed one like https://pages"):
            make_app(settings)
