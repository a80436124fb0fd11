"""Starting and waking flow runs so that doing it twice does it once."""

from collections.abc import Iterable
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterIdempotencyKey
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.states import Cancelling

from rounds.errors import NotFound

RESTARTS = 5
DIED = (StateType.CRASHED,)
DIED_OR_FAILED = (StateType.CRASHED, StateType.FAILED)


def ensure_run(
    deployment: str,
    parameters: dict[str, int],
    *,
    key: str,
    again_after: Iterable[StateType] = DIED,
) -> FlowRun | None:
    """The run that does this piece of work, started unless one is there already.

    The n-th try has the idempotency key `<key>-<n>`. A further try is made only when the last one ended
    in a state of `again_after`, at most `RESTARTS` times; a run that failed on its own terms stands.

    Args:
        deployment: `<flow>/<deployment>`.
        parameters: The flow's ids.
        key: Names the piece of work, by ids and digests only.
        again_after: State types after which the work is tried again.

    Returns:
        The last try; None if there may be no further one.

    Raises:
        NotFound: No such deployment.
    """
    with get_client(sync_client=True) as client:
        for number in range(RESTARTS + 1):
            run = _find_or_create(client, deployment, parameters, f"{key}-{number}")
            if run.state is None or run.state.type not in tuple(again_after):
                return run
    return None


def find_run(key: str) -> FlowRun | None:
    """The latest try at the piece of work that `key` names; None if there was none."""
    keys = [f"{key}-{number}" for number in range(RESTARTS + 1)]
    wanted = FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=keys))
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=wanted)
    return max(runs, key=lambda run: run.idempotency_key or "", default=None)


def has_crashed(run: FlowRun) -> bool:
    """Whether the run died without a word of its own."""
    return run.state is not None and run.state.type is StateType.CRASHED


def is_asleep(run: FlowRun) -> bool:
    """Whether the run is suspended."""
    return run.state is not None and run.state.is_paused()


def wake(flow_run_id: UUID) -> bool:
    """Resume a suspended run; whether Prefect did it. A refusal is read in its answer's status."""
    with get_client(sync_client=True) as client:
        answer = client.resume_flow_run(flow_run_id, run_input={"code": ""})
    return answer.status == "ACCEPT"


def cancel_run(flow_run_id: UUID) -> bool:
    """Ask Prefect to cancel a run; whether it takes the wish."""
    with get_client(sync_client=True) as client:
        wish: State[object] = Cancelling()
        answer = client.set_flow_run_state(flow_run_id, wish)
    return answer.status.value == "ACCEPT"


def _find_or_create(
    client: SyncPrefectClient, deployment: str, parameters: dict[str, int], key: str
) -> FlowRun:
    found = client.read_deployment_by_name(deployment)
    if found is None:
        raise NotFound(f"found no deployment {deployment}, needed it; run rounds deploy")
    return client.create_flow_run_from_deployment(
        found.id, parameters=dict(parameters), idempotency_key=key, name=key
    )
