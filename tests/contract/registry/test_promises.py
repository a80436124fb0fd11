"""What the registry promises whatever the route: durability, no leak, one table of errors, an audit log."""

import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from registry_api.app import create_app
from registry_api.database import Database
from registry_api.models import UserRow
from registry_api.problems import STATUS_OF
from registry_api.settings import RegistrySettings
from rounds.client.registry import RegistryClient
from rounds.errors import Forbidden, RoundsError
from tests.contract.registry.builders import make_cube
from tests.contract.registry.serving import Served, serve, serve_registry
from tests.contract.registry.world import World

KILLED = """
import os, sys
from registry_api.app import create_app
from registry_api.settings import settings_from
from pathlib import Path
from tests.contract.registry.serving import serve
from rounds.client.registry import RegistryClient
from tests.contract.registry.builders import make_cube

secret = sys.stdin.read().strip()
with serve(create_app(settings_from(database=Path(sys.argv[1])))) as url:
    RegistryClient(url, secret).register_cube(make_cube("acknowledged"))
    os.kill(os.getpid(), 9)
"""


def tree(root: type[RoundsError]) -> set[type[RoundsError]]:
    """A class of error and all below it."""
    return {root}.union(*(tree(child) for child in root.__subclasses__()))


class TestErrors:
    def test_table_covers_the_tree(self) -> None:
        """Every error of ours has its HTTP status."""
        own = {kind for kind in tree(RoundsError) if kind.__module__ == "rounds.errors"}

        assert own <= set(STATUS_OF)

    def test_unknown_route_is_a_problem(self, world: World) -> None:
        """Even a wrong address is answered as problem+json."""
        answer = httpx.get(f"{world.served.url}/api/v1/nowhere")

        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "not_found"

    def test_too_large_id_is_refused(self, world: World) -> None:
        """A number that no database holds is the caller's mistake."""
        answer = httpx.get(
            f"{world.served.url}/api/v1/cubes/{2**70}",
            headers={"Authorization": f"Bearer {world.served.admin_secret}"},
        )

        assert answer.status_code == 422


class TestDurability:
    def test_acknowledged_write_survives_kill_9(self, tmp_path: Path) -> None:
        """What was answered is there when the database is opened after a kill -9."""
        with serve_registry(tmp_path) as served:
            secret = served.admin_secret
        argv = [sys.executable, "-c", KILLED, str(served.database)]
        subprocess.run(argv, input=secret, text=True, check=False, timeout=60)

        names = cube_names(served)

        assert names == ["acknowledged"]

    def test_refused_write_leaves_nothing(self, tmp_path: Path) -> None:
        """A transaction that raises is undone whole."""
        database = Database(tmp_path / "registry.db")
        database.create_tables()

        with pytest.raises(RuntimeError, match="halfway"):
            write_half(database)

        with database.reading() as session:
            assert session.get(UserRow, 1) is None
        database.close()


class TestAudit:
    def test_has_a_row_for_each_write(self, world: World) -> None:
        """Who did what is written down with the row's sha256 before and after."""
        world.propose()

        actions = [entry.action for entry in world.admin.audit()][-6:]

        assert actions == [
            "token.mint",
            "cube.register",
            "cube.register",
            "cube.register",
            "benchmark.propose",
            "approval.ask",
        ]

    def test_is_the_administrators(self, world: World) -> None:
        """Nobody else reads it."""
        with pytest.raises(Forbidden, match="administrator"):
            world.person("owner").audit()


class TestVisibility:
    def test_stranger_finds_nothing_of_others(self, world: World) -> None:
        """Walking every route with every id, a stranger learns of no dataset, approval or cell."""
        benchmark, dataset = world.ready()
        world.scored(dataset, benchmark)
        stranger = world.person("stranger")

        answers = {
            (method, path): send(stranger, method, path).status_code
            for method, path in routes_by_id(world)
        }

        assert len(answers) >= 20
        seen = {where for where, status in answers.items() if status < 300}
        assert seen == {
            ("get", "/api/v1/benchmarks/{benchmark_id}"),
            ("get", "/api/v1/benchmarks/{benchmark_id}/cells"),
            ("get", "/api/v1/cubes/{cube_id}"),
        }
        assert all(status < 500 for status in answers.values())


def routes_by_id(world: World) -> list[tuple[str, str]]:
    """Every route that names one thing by its id, as the OpenAPI document has it."""
    document = httpx.get(f"{world.served.url}/api/v1/openapi.json").json()
    return [
        (method, path)
        for path, found in document["paths"].items()
        for method in found
        if "{" in path
    ]


def send(client: RegistryClient, method: str, path: str) -> httpx.Response:
    """The answer to a request without a body on the thing with id 1."""
    return client._http.request(method, re.sub(r"\{\w+\}", "1", path), json={})


def write_half(database: Database) -> None:
    """Write a row and raise before the transaction is over."""
    with database.writing() as session:
        session.add(UserRow(name="Half", email="half@example.org"))
        session.flush()
        raise RuntimeError("halfway")


def cube_names(served: Served) -> list[str]:
    """The cubes in a registry's database, read by a registry that is started on it anew."""
    app = create_app(RegistrySettings(database=served.database))
    with serve(app) as url, ExitStack() as stack:
        client = stack.enter_context(RegistryClient(url, served.admin_secret))
        return [cube.name for cube in client.cubes()]


def test_cube_is_found_again(world: World) -> None:
    """What is registered is read back as it was sent."""
    wanted = make_cube("tree")

    cube = world.admin.register_cube(wanted)

    assert world.admin.cube(cube.id).model_dump(include=set(type(wanted).model_fields)) == (
        wanted.model_dump()
    )
