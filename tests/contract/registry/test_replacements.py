"""Priority, metrics cube and preparator are replaced from the revision that was read, or not at all."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from cube_specs.models import CubeKind
from tests.contract.registry.builders import make_cube
from tests.contract.registry.editing import prioritise, replace_metrics, replace_preparator
from tests.contract.registry.raw import raw_client
from tests.contract.registry.scenes import joined
from tests.contract.registry.world import World

Body = Mapping[str, int | bool]
Replacement = tuple[str, Body, int]


def by_metrics(world: World) -> Replacement:
    """Another metrics cube, and the revision that it starts from; meanwhile there is one already."""
    committee, benchmark = world.person("committee"), world.approved_benchmark()
    first, second = (
        committee.register_cube(make_cube(f"judge {n}", CubeKind.METRICS)).id for n in range(2)
    )
    read = committee.benchmark(benchmark.id).revision
    replace_metrics(committee, benchmark.id, first)
    return f"/api/v1/benchmarks/{benchmark.id}/metrics", {"metrics_id": second}, read


def by_preparator(world: World) -> Replacement:
    """Another preparator, and so on."""
    committee, benchmark = world.person("committee"), world.approved_benchmark()
    first, second = (
        committee.register_cube(make_cube(f"prep {n}", CubeKind.PREPARATOR)).id for n in range(2)
    )
    read = committee.benchmark(benchmark.id).revision
    replace_preparator(committee, benchmark.id, first, is_compatible=True)
    body = {"preparator_id": second, "is_compatible": True}
    return f"/api/v1/benchmarks/{benchmark.id}/preparator", body, read


def by_priority(world: World) -> Replacement:
    """Another priority, and so on."""
    _, _, tree = joined(world)
    committee = world.person("committee")
    (association,) = (each for each in committee.associations() if each.model_id == tree.id)
    prioritise(committee, association.id, 5)
    return f"/api/v1/associations/{association.id}/priority", {"priority": 7}, association.revision


@pytest.mark.parametrize("replacing", [by_metrics, by_preparator, by_priority])
def test_starts_from_what_was_read(world: World, replacing: Callable[[World], Replacement]) -> None:
    """From an older revision nothing changes (412), from none neither (428); from the one in force it does."""
    path, body, old = replacing(world)
    http = raw_client(world.stack, world.person("committee"))

    def put(headers: Mapping[str, str]) -> httpx.Response:
        return http.put(path, json=body, headers=headers)

    stale = put({"If-Match": f'"{old}"'})
    unread = put({})
    now = int(stale.json()["detail"].partition("revision ")[2].partition(",")[0])
    done = put({"If-Match": f'"{now}"'})

    assert [answer.status_code for answer in (stale, unread, done)] == [412, 428, 200]
    assert stale.json()["code"] == "changed_meanwhile"
    assert done.json().items() >= body.items() - {("is_compatible", True)}
    assert done.headers["ETag"] == f'"{now + 1}"'
