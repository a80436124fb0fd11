"""Routes read strict JSON or nothing."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from registry_api.app import create_app
from registry_api.manners.bodies import StrictRoute
from registry_api.settings import RegistrySettings
from tests.contract.registry.serving import serve
from tests.contract.registry_manners.application import LARGE_BODIES, SECRET, make_app

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def things() -> Iterator[str]:
    """Where things are posted, in bodies of up to 4 MiB."""
    with serve(make_app(LARGE_BODIES)) as url:
        yield f"{url}/api/v1/things"


class TestStrictRoute:
    @pytest.mark.parametrize(
        "body",
        [
            b'{"name": NaN}',
            b'{"name": 1e400}',
            b'{"name": 1, "name": 2}',
            b'{"name": "patient-0815\\u0000"}',
            b'{"name": "\\ud800"}',
            b'{"name": 9223372036854775808}',
            b'{"name": "\xff"}',
            b'{"name": patient-0815}',
            b'{"name": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
            b"[" * 1_000_000 + b"]" * 1_000_000,
        ],
    )
    def test_refuses_other_json(self, things: str, body: bytes) -> None:
        """A body that is not strict JSON is a problem, whose words are ours alone."""
        answer = httpx.post(things, content=body, headers=JSON)

        assert answer.status_code == 422
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["code"] == "invalid_input"
        assert answer.json()["detail"].startswith("found ")
        assert SECRET not in answer.text

    @pytest.mark.parametrize(
        "declared", [{}, {"Content-Type": "text/plain"}, {"Content-Type": "application/jsonp"}]
    )
    @pytest.mark.parametrize("path", ["", "/1/weigh"])
    def test_refuses_other_types(self, things: str, declared: dict[str, str], path: str) -> None:
        """A body that is not declared to be JSON is not looked at."""
        answer = httpx.post(things + path, content=b'{"name": 1}', headers=declared)

        assert answer.status_code == 415
        assert answer.json()["detail"] == (
            "found a body of another Content-Type, needed application/json"
        )

    @pytest.mark.parametrize(
        "declared", ["application/json", "Application/JSON; charset=utf-8", "application/x.y+json"]
    )
    def test_takes_json(self, things: str, declared: str) -> None:
        """JSON is JSON in whichever case, with a character set, and in a dialect."""
        answer = httpx.post(things, content=b'{"name": 1}', headers={"Content-Type": declared})

        assert answer.status_code == 201
        assert answer.json() == {"name": 1}

    def test_asks_no_type_of_no_body(self, things: str) -> None:
        """A request without a body needs no Content-Type."""
        answer = httpx.post(f"{things}/1/weigh")

        assert answer.json() == [1, 0]

    def test_leaves_the_fields_to_the_model(self, things: str) -> None:
        """Strict JSON that is not what the route needs is told field by field."""
        answer = httpx.post(things, json={"nome": 1})

        assert answer.status_code == 422
        assert answer.json()["detail"] == "body.name: Field required"

    def test_is_each_route_of_the_registry(self, tmp_path: Path) -> None:
        """No route of the registry reads bodies in another way."""
        app = create_app(RegistrySettings(database=str(tmp_path / "registry.db")))

        routes = [context.original_route for context in iter_route_contexts(app.routes)]

        others = [
            route.path
            for route in routes
            if isinstance(route, APIRoute) and not isinstance(route, StrictRoute)
        ]
        assert len(routes) > 50
        assert others == []
