"""Lists: pages that are complete and stable, in every order, through every filter (A34)."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby

import httpx
import pytest
from pydantic import JsonValue

from tests.contract.registry.crowd import Crowd
from tests.contract.registry.databases import KINDS, Databases
from tests.contract.registry.raw import raw_client
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.world import World

Item = Mapping[str, JsonValue]
MOST_VALUES = 6
PAGING = {"limit", "offset", "order"}
CELL_ORDERS = ("priority", "benchmark_id", "dataset_id", "model_id")
ORDERS: Mapping[str, tuple[str, ...]] = {
    "/users": ("id", "name", "email"),
    "/tokens": ("id", "label", "expires_at"),
    "/organisations": ("id", "name"),
    "/organisations/{organisation_id}/members": ("id", "email", "role"),
    "/cubes": ("id", "name", "kind", "state"),
    "/benchmarks": ("id", "name", "status", "state"),
    "/cells": CELL_ORDERS,
    "/benchmarks/{benchmark_id}/cells": CELL_ORDERS,
    "/publications": ("id", "published_at"),
    "/datasets": ("id", "site", "state"),
    "/associations": ("id", "status", "priority"),
    "/approvals": ("id", "status", "kind", "deadline"),
    "/executions": ("id", "deadline"),
    "/results": ("id", "received_at", "n_cases", "status"),
    "/audit": ("id", "at", "position"),
    "/outbox": ("id", "due_at", "failures"),
}
RELEASES = {"statistics", "results"}
# Cells have no id to tell equals by: the whole list is turned.
TURNED = {"/cells", "/benchmarks/{benchmark_id}/cells"}
# Without a Prefect server everything waits, and the crowd's first benchmark has one dataset: these keep all
# or nothing.
ALIKE = {
    ("/outbox", "status"),
    ("/benchmarks/{benchmark_id}/cells", "site"),
    ("/benchmarks/{benchmark_id}/cells", "dataset_id"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The lists of one registry, as its administrator reads them."""

    http: httpx.Client
    crowd: Crowd

    def page(self, path: str, **params: str | int | bool) -> tuple[int, list[Item]]:
        """How many there are in all, and the window's."""
        ids = {
            "{organisation_id}": self.crowd.growing.id,
            "{benchmark_id}": self.crowd.benchmarks[0].id,
        }
        for name, key in ids.items():
            path = path.replace(name, str(key))
        answer = self.http.get(f"/api/v1{path}", params=params)
        answer.raise_for_status()
        found = answer.json()
        return found["total"], found["items"]

    def status(self, path: str, **params: str | int) -> int:
        """The status for a window."""
        return self.http.get(f"/api/v1{path}", params=params).status_code

    def filters(self) -> dict[str, set[str]]:
        """Every list of the OpenAPI document with its filters."""
        paths = self.http.get("/api/v1/openapi.json").json()["paths"]
        names = {
            path.removeprefix("/api/v1"): {each["name"] for each in found["get"]["parameters"]}
            for path, found in paths.items()
            if "get" in found and found["get"]["parameters"]
        }
        return {
            path: found - PAGING - path_names(path)
            for path, found in names.items()
            if found >= PAGING
        }


@pytest.fixture(scope="module", params=KINDS)
def lists(
    request: pytest.FixtureRequest,
    databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lists]:
    """A registry that holds six of everything, on each kind of database, its audit log sealed."""
    folder = tmp_path_factory.mktemp("lists")
    with databases.lent(request.param, folder) as address, ExitStack() as stack:
        served = stack.enter_context(serve_registry(folder, database=address))
        crowd = Crowd(World(served=served, stack=stack)).grow(6)
        until = time.monotonic() + 20
        while crowd.world.admin.audit_head().unsealed and time.monotonic() < until:
            time.sleep(0.02)
        yield Lists(http=raw_client(stack, crowd.world.admin), crowd=crowd)


def test_table_has_every_list(lists: Lists) -> None:
    """A list that is new must be put into the table of this file."""
    assert lists.filters().keys() == ORDERS.keys()


@pytest.mark.parametrize("path", ORDERS)
class TestPages:
    def test_are_complete_and_stable(self, lists: Lists, path: str) -> None:
        """In every order, up and down, the pages are the whole list cut up, and equals are by id."""
        for order in ORDERS[path]:
            total, up = lists.page(path, limit=1000, order=order)
            _, down = lists.page(path, limit=1000, order=f"-{order}")
            limit = max(total // 3, 1)
            pages = [
                lists.page(path, limit=limit, offset=offset, order=order)
                for offset in range(0, total + limit, limit)
            ]

            assert total == len(up) >= 3
            assert {found for found, _ in pages} == {total}
            assert [item for _, items in pages for item in items] == up
            if path in TURNED:
                assert down == up[::-1]
                assert up == sorted(up, key=lambda item: int(str(item[order])))
            else:
                assert blocks(down, order) == blocks(up, order)[::-1]
                assert [item["id"] for block in blocks(up, order) for item in block] == [
                    item["id"] for item in up
                ]

    def test_have_bounds(self, lists: Lists, path: str) -> None:
        """A window is one of 1 to 1000 from 0 on, in an order that the list has; beyond its end is nothing."""
        total, beyond = lists.page(path, offset=10_000)
        plain = path.replace("{organisation_id}", str(lists.crowd.growing.id)).replace(
            "{benchmark_id}", str(lists.crowd.benchmarks[0].id)
        )

        refused = [
            lists.status(plain, limit=0),
            lists.status(plain, limit=1001),
            lists.status(plain, offset=-1),
            lists.status(plain, offset=2**31),
            lists.status(plain, order="password_hash"),
            lists.status(plain, order="id;"),
            lists.status(plain, order=""),
        ]

        assert (total > 0, beyond) == (True, [])
        assert refused == [422] * 7


@pytest.mark.parametrize("path", ORDERS)
def test_filters_keep_what_they_name(lists: Lists, path: str) -> None:
    """Every filter keeps exactly the items that have its value, and the total says how many."""
    _, whole = lists.page(path, limit=1000)

    for name in sorted(lists.filters()[path]):
        keeps = KEEPS.get((path, name), has(name))
        kept = {}
        for value in values_of(path, name, whole):
            total, kept[value] = lists.page(path, limit=1000, **{name: value})
            assert kept[value] == [item for item in whole if keeps(item, value)], (name, value)
            assert total == len(kept[value])
        narrowing = [items for items in kept.values() if 0 < len(items) < len(whole)]
        assert narrowing or (path, name) in ALIKE, f"nothing in the crowd is told apart by {name}"


def path_names(path: str) -> set[str]:
    """The names in a path's braces."""
    return {part.strip("{}") for part in path.split("/") if part.startswith("{")}


def blocks(items: list[Item], order: str) -> list[list[Item]]:
    """The items in blocks of an equal value, each by id, as every order has its equals."""
    found = [list(block) for _, block in groupby(items, key=lambda item: item[order])]
    return [sorted(block, key=lambda item: int(str(item["id"]))) for block in found]


def has(name: str) -> Callable[[Item, str | int | bool], bool]:
    """Whether an item's field has a value."""
    return lambda item, value: item[name] == value


def values_of(path: str, name: str, whole: list[Item]) -> list[str | int | bool]:
    """The values to try: those that there are, or both sides of a switch."""
    if (path, name) in KEEPS:
        return [True, False]
    found = {item[name] for item in whole}
    return sorted((value for value in found if isinstance(value, str | int)), key=str)[:MOST_VALUES]


def is_open(item: Item) -> bool:
    """Whether an approval waits for somebody, or for a run to wake."""
    if item["status"] == "GRANTED":
        left = {str(each) for each in subjects(item)} - {str(each) for each in spent(item)}
        return item["kind"] in RELEASES and bool(left)
    return item["status"] == "PENDING" or bool(item["suspended"])


def subjects(item: Item) -> list[JsonValue]:
    """What a release is about."""
    found = item["items"]
    assert isinstance(found, list)
    return [each["subject_id"] for each in found if isinstance(each, dict)]


def spent(item: Item) -> list[JsonValue]:
    """What of it was used, or is held back."""
    used, held_back = item["used"], item["held_back"]
    assert isinstance(used, list)
    assert isinstance(held_back, list)
    return [*used, *held_back]


KEEPS: Mapping[tuple[str, str], Callable[[Item, str | int | bool], bool]] = {
    ("/tokens", "is_valid"): lambda item, value: (item["revoked_at"] is None) == value,
    ("/approvals", "open"): lambda item, value: is_open(item) == value,
    ("/approvals", "mine"): lambda item, value: not value or item["organisation_id"] is None,
    ("/associations", "latest"): lambda item, value: not value or item["status"] != "REVOKED",
}
