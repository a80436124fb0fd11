"""Runs that Prefect believes in and no process holds: told apart by a lock that dies with its process."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import State, StateType
from prefect.runtime import flow_run
from prefect.states import Cancelled, Crashed

from rounds.workspace import Workspace

# A worker has set a run Pending and starts its process; on a busy machine that takes its time.
START_S = 300


@contextmanager
def alive(workspace: Workspace) -> Iterator[None]:
    """Hold this flow run's lock; the kernel lets go of it however the process ends."""
    with workspace.locked(_lock(str(flow_run.id))):
        yield


def is_alive(run_id: str, workspace: Workspace) -> bool:
    """Whether a process holds the run's lock."""
    with workspace.locked(_lock(run_id)) as free:
        return not free


def reap(pool: str, workspace: Workspace, *, silence_s: float) -> None:
    """End in Prefect each run of a pool that has no process: Crashed, or Cancelled if that was wanted.

    Args:
        pool: The work pool, all of whose workers share the workspace.
        workspace: Where running flows hold their locks.
        silence_s: How long a run may be in its state before it is looked at.
    """
    wanted = FlowRunFilter(
        state=FlowRunFilterState(
            type=FlowRunFilterStateType(
                any_=[StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
            )
        )
    )
    here = WorkPoolFilter(name=WorkPoolFilterName(any_=[pool]))
    with get_client(sync_client=True) as client:
        for run in client.read_flow_runs(flow_run_filter=wanted, work_pool_filter=here):
            if run.state and _is_old(run.state, silence_s) and not is_alive(str(run.id), workspace):
                client.set_flow_run_state(run.id, _end(run.state), force=True)


def _is_old(state: State, silence_s: float) -> bool:
    allowed = START_S if state.type is StateType.PENDING else silence_s
    return datetime.now(UTC) - state.timestamp > timedelta(seconds=allowed)


def _end(state: State) -> State:
    message = "no process holds this run"
    if state.type is StateType.CANCELLING:
        return Cancelled(message=message)
    return Crashed(message=message)


def _lock(run_id: str) -> str:
    return f"run-{run_id}"
