"""Notices by the dozen: a run that falls asleep on what is decided already is to be woken at once."""

import time
from collections.abc import Callable
from uuid import UUID

from rounds.client.registry import RegistryClient
from rounds.records.approvals import Suspension
from rounds.records.service import Notice, NoticeStatus
from tests.contract.registry.builders import make_cube
from tests.contract.registry.world import World

LONGEST_S = 60


def run_id(number: int) -> str:
    """The id of a run of the hub."""
    return str(UUID(int=number))


def decided(world: World, subjects: int) -> list[int]:
    """The approvals of a benchmark and of the models in it, each of them decided."""
    benchmark = world.approved_benchmark()
    maker, found = world.person("maker"), [benchmark.approval_id]
    for number in range(1, subjects):
        cube = maker.register_cube(make_cube(f"model-{number}"))
        association = world.join(maker, benchmark, model_id=cube.id)
        found.append(maker.association(association).approval_id)
    return found


def sleep_on(client: RegistryClient, approval_id: int, *runs: int) -> None:
    """Have runs fall asleep on a decided approval, one after another: each is a notice."""
    for run in runs:
        client.suspend(approval_id, Suspension(flow_run_id=run_id(run)))


def until_notices(
    client: RegistryClient, come: Callable[[list[Notice]], bool], needed: str
) -> list[Notice]:
    """All notices to wake a run, once they are as they are needed."""
    until = time.monotonic() + LONGEST_S
    while not come(found := [each for each in client.notices() if each.kind == "resume"]):
        told = [(each.id, each.status.value, each.failures) for each in found]
        assert time.monotonic() < until, f"found {told}, needed {needed}"
        time.sleep(0.02)
    return found


def until_delivered(client: RegistryClient, number: int) -> list[Notice]:
    """All notices to wake a run, once so many are delivered and none waits."""

    def come(found: list[Notice]) -> bool:
        return [each.status for each in found] == [NoticeStatus.DELIVERED] * number

    return until_notices(client, come, f"{number} delivered")
