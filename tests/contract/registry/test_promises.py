"""What the registry promises whatever the route: errors in one form, and an audit log of every write."""

import httpx
import pytest

from rounds.errors import Forbidden
from rounds.records.base import LARGEST_ID
from tests.contract.registry.builders import make_cube
from tests.contract.registry.raw import raw_client
from tests.contract.registry.world import World


class TestErrors:
    def test_unknown_route_is_a_problem(self, world: World) -> None:
        """Even a wrong address is answered as problem+json."""
        answer = httpx.get(f"{world.served.url}/api/v1/nowhere")

        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "not_found"

    def test_ids_end_where_the_databases_do(self, world: World) -> None:
        """The largest id is one of nothing; a larger one, in a path or in a filter, is the caller's mistake."""
        http = raw_client(world.stack, world.admin)

        largest = http.get(f"/api/v1/publications/{LARGEST_ID}")
        larger = [
            http.get(f"/api/v1/publications/{LARGEST_ID + 1}"),
            http.get(f"/api/v1/publications/{2**70}"),
            http.get("/api/v1/tokens", params={"user_id": LARGEST_ID + 1}),
            http.get("/api/v1/tokens", params={"offset": LARGEST_ID + 1}),
        ]

        assert largest.status_code == 404
        assert [answer.status_code for answer in larger] == [422] * 4


class TestAudit:
    def test_has_a_row_for_each_write(self, world: World) -> None:
        """Who did what is written down with the row's sha256 before and after."""
        world.propose()

        *made, asked = world.admin.audit()[-6:]

        assert [entry.action for entry in made] == [
            "cube.register",
            "cube.register",
            "cube.register",
            "benchmark.propose",
            "approval.ask",
        ]
        assert {entry.before_sha256 for entry in made} == {None}
        assert len({entry.after_sha256 for entry in made}) == len(made)
        assert (asked.action, asked.before_sha256) == ("benchmark.ask", made[3].after_sha256)

    def test_is_the_administrators(self, world: World) -> None:
        """Nobody else reads it."""
        with pytest.raises(Forbidden, match="administrator"):
            world.person("owner").audit()


def test_cube_is_found_again(world: World) -> None:
    """What is registered is read back as it was sent, and belongs to who sent it."""
    wanted = make_cube("tree")

    cube = world.admin.register_cube(wanted)

    fields = set(type(wanted).model_fields) - {"organisation_id"}
    found = world.admin.cube(cube.id)
    assert found.model_dump(include=fields) == wanted.model_dump(include=fields)
    assert found.organisation_id == world.admin.me().organisation_id
