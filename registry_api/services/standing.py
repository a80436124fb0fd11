"""Where one cell stands, told by its latest attempt. Pure."""

from dataclasses import dataclass
from datetime import datetime

from registry_api.models import ExecutionRow
from rounds.records.executions import ExecutionStatus

FINAL = {
    ExecutionStatus.HELD_BACK: "held back by the data owner",
    ExecutionStatus.WITHDRAWN: "its result was withdrawn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Whether a site's `sync` should start the cell, whether a person may, and why it has no score."""

    outstanding: bool
    runnable: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a cell's standing depends on beside its latest attempt.

    `awaited` are the executions under a live release approval.
    """

    metrics_id: int
    awaited: frozenset[int]
    now: datetime


def standing_of(latest: ExecutionRow | None, scene: Scene) -> Standing:
    """Where the cell stands; a cell that nobody ever ran is outstanding."""
    if latest is None:
        return _due("not started")
    if latest.status == ExecutionStatus.CLAIMED:
        over = latest.lease_until <= scene.now
        return _due("its lease ran out") if over else _busy("under way")
    if latest.status == ExecutionStatus.SCORED:
        return _of_scored(latest, scene)
    if latest.status == ExecutionStatus.SUBMITTED:
        return _of_submitted(latest, scene)
    if latest.status in FINAL:
        return _busy(FINAL[ExecutionStatus(latest.status)])
    failed = latest.status == ExecutionStatus.FAILED
    reason = f"failed: {latest.code}" if failed else "its release approval expired"
    return Standing(outstanding=False, runnable=True, reason=reason)


def _of_scored(latest: ExecutionRow, scene: Scene) -> Standing:
    if latest.key in scene.awaited:
        return _busy("awaits release")
    reason = "scored, its release not asked for"
    return _due(reason) if latest.lease_until <= scene.now else _busy(reason)


def _of_submitted(latest: ExecutionRow, scene: Scene) -> Standing:
    if latest.metrics_id != scene.metrics_id:
        return _due("scored by an older metrics cube")
    if latest.partial:
        return Standing(outstanding=False, runnable=True, reason="scored from partial predictions")
    return _busy("")


def _due(reason: str) -> Standing:
    return Standing(outstanding=True, runnable=True, reason=reason)


def _busy(reason: str) -> Standing:
    return Standing(outstanding=False, runnable=False, reason=reason)
