"""How often a route asks its database: so many times, however many rows there are (no N+1)."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.contract.registry.counting import counting
from tests.contract.registry.crowd import Crowd
from tests.contract.registry.databases import KINDS, Databases
from tests.contract.registry.raw import raw_client
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.world import World

FEW, MANY = 2, 12
# Who asks, and what they ask for; a list and how long it is are one look.
USUALLY = 2
MORE: Mapping[str, int] = {
    "/api/v1/audit/head": 3,
    "/api/v1/organisations/{organisation_id}/members": 3,
    "/api/v1/publications/{publication_id}/proposed": 4,
    "/api/v1/cells": 4,
    "/api/v1/benchmarks/{benchmark_id}/cells": 5,
    "/api/v1/benchmarks/{benchmark_id}/leaderboard": 6,
}
ASKS_NOTHING = {"/health", "/version"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Statements by asker and route, with few rows and with many."""

    few: Mapping[tuple[str, str], int]
    many: Mapping[tuple[str, str], int]


@pytest.fixture(scope="module", params=KINDS)
def counted(
    request: pytest.FixtureRequest,
    databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Counted]:
    """What every route that reads asked its database, of each kind."""
    folder = tmp_path_factory.mktemp("statements")
    with databases.lent(request.param, folder) as address:
        yield count_statements(address, folder)


def count_statements(address: str, folder: Path) -> Counted:
    """The statements of every GET route, on a registry that grows from few to many."""
    with ExitStack() as stack:
        served = stack.enter_context(serve_registry(folder, database=address))
        crowd = Crowd(World(served=served, stack=stack))
        world = crowd.world
        found = []
        for size in (FEW, MANY):
            crowd.grow(size)
            askers = {name: world.person(name) for name in ("admin", "committee", "owner")}
            clients = {name: raw_client(stack, client) for name, client in askers.items()}
            found.append(ask_everything(crowd, clients))
    return Counted(few=found[0], many=found[1])


def ask_everything(crowd: Crowd, clients: Mapping[str, httpx.Client]) -> dict[tuple[str, str], int]:
    """The statements of every GET route for every asker."""
    paths = clients["admin"].get("/api/v1/openapi.json").json()["paths"]
    found = {}
    for path in (path for path, methods in paths.items() if "get" in methods):
        for name, client in clients.items():
            address = named(path, crowd)
            with counting() as statements:
                client.get(address, params={"limit": 1000})
            found[name, path] = statements.total()
    return found


def named(path: str, crowd: Crowd) -> str:
    """The address of a route, about the things that grow."""
    own = {
        "{benchmark_id}": crowd.benchmarks[0].id,
        "{organisation_id}": crowd.growing.id,
    }
    for name, key in own.items():
        path = path.replace(name, str(key))
    return path.partition("{")[0] + "1" + path.partition("}")[2] if "{" in path else path


def test_do_not_grow_with_the_rows(counted: Counted) -> None:
    """No route asks more often about twelve of a kind than about two."""
    grown = {
        route: (counted.few[route], statements)
        for route, statements in counted.many.items()
        if statements > counted.few[route]
    }

    assert grown == {}


def test_stay_within_their_bound(counted: Counted) -> None:
    """Who asks is one statement, what for another; where it takes more, the table of this file says so."""
    over = {
        (name, path): statements
        for (name, path), statements in counted.many.items()
        if statements > MORE.get(path, USUALLY)
    }

    assert over == {}


def test_routes_are_really_counted(counted: Counted) -> None:
    """Every route that knows its asker asks the database at all."""
    silent = {path for (_, path), statements in counted.many.items() if statements == 0}

    assert silent == ASKS_NOTHING
