"""Every answer says how it may be used."""

import httpx
import pytest

from registry_api.settings import RegistrySettings
from tests.contract.registry.serving import serve
from tests.contract.registry_manners.application import make_app
from tests.contract.registry_manners.wire import ask, head

EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


class TestAnswerHeaders:
    @pytest.mark.parametrize(
        ("method", "path", "more", "status"),
        [
            ("GET", "/api/v1/things/1", "Accept: */*", 200),
            ("HEAD", "/nowhere", "Accept: */*", 404),
            ("PUT", "/api/v1/things/1", "Accept: */*", 405),
            ("OPTIONS", "/api/v1/things/1", "Origin: https://pages.example.org", 405),
            ("GET", "/api/v1/things/1/fault", "Accept: */*", 500),
            ("POST", "/api/v1/things", "Content-Length: 1001", 413),
            ("GET", "/api/v1/things/1", "Rounds-Client: 0.1.0", 426),
        ],
    )
    def test_are_on_every_answer(
        self, url: str, *, method: str, path: str, more: str, status: int
    ) -> None:
        """Nothing is sniffed, referred, kept or framed, whatever was answered and by whom."""
        answer = ask(url, head(more, method=method, path=path))

        assert answer.status == status
        assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED

    def test_leave_a_route_its_own(self, url: str) -> None:
        """A page's own caching and content policy stay, each once."""
        answer = httpx.get(f"{url}/api/v1/things/1/page")

        assert answer.headers.get_list("Cache-Control") == ["max-age=60"]
        assert answer.headers.get_list("Content-Security-Policy") == ["default-src 'self'"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_hold_browsers_to_tls_where_there_is_some(self, url: str) -> None:
        """Only behind TLS are browsers told to come by TLS alone."""
        settings = RegistrySettings(database="unused", behind_tls=True)

        with serve(make_app(settings)) as secured:
            behind = httpx.get(f"{secured}/api/v1/things/1").headers
        plain = httpx.get(f"{url}/api/v1/things/1").headers

        assert behind["Strict-Transport-Security"] == "max-age=31536000"
        assert "Strict-Transport-Security" not in plain
