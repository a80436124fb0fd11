"""A flow of ours takes ids only, and lets out no more than a task does."""

from collections.abc import Iterator

import pytest
from prefect import Flow
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings

import flows.associate
import flows.evaluate
import flows.prepare_dataset
import flows.publish_report
import flows.review
import flows.sync
from flows.guarded import site_flow
from rounds.errors import Code
from tasks.guard import StageFailed
from tests.contract.repository import imported, python_files, shown
from tests.contract.test_guard import SECRET

FLOW_MODULES = (
    flows.associate,
    flows.evaluate,
    flows.prepare_dataset,
    flows.publish_report,
    flows.review,
    flows.sync,
)
FLOWS = [thing for m in FLOW_MODULES for thing in vars(m).values() if isinstance(thing, Flow)]


@pytest.fixture
def quiet_worker() -> Iterator[None]:
    """A worker that sends no logs to the Prefect server."""
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}):
        yield


@site_flow
def echo(dataset_id: int) -> int:
    """A flow that gives back its id."""
    return dataset_id


class TestSiteFlow:
    @pytest.mark.usefixtures("quiet_worker")
    def test_takes_an_id(self) -> None:
        """A whole number from 1 reaches the body."""
        assert echo.fn(4) == 4

    @pytest.mark.parametrize("value", [SECRET, 4.0, True, 0, -1, None, [SECRET], {SECRET: 4}])
    @pytest.mark.usefixtures("quiet_worker", "site_log")
    def test_refuses_what_is_no_id(self, value: object) -> None:
        """Text, a fraction, true, nothing: refused before the body runs, and not repeated."""
        with pytest.raises(StageFailed, match="found no id in parameter dataset_id") as caught:
            echo.fn(value)  # type: ignore[arg-type]

        assert SECRET not in str(caught.value)
        assert caught.value.code is Code.INVALID_INPUT

    @pytest.mark.usefixtures("site_log")
    def test_refuses_a_worker_that_sends_logs(self) -> None:
        """A worker whose logs go to the Prefect server runs nothing."""
        with (
            temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: True}),
            pytest.raises(StageFailed, match="PREFECT_LOGGING_TO_API_ENABLED=false"),
        ):
            echo.fn(4)

    @pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
    def test_stores_nothing(self, flow: Flow[..., object]) -> None:
        """No flow of ours persists a result, prints to Prefect, names runs by data, or lets it validate."""
        assert flow.persist_result is False
        assert flow.log_prints is False
        assert flow.flow_run_name is None
        assert flow.should_validate_parameters is False

    @pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
    def test_has_ids_as_parameters(self, flow: Flow[..., object]) -> None:
        """A flow's parameters are whole numbers, whose schema and defaults hold nothing else."""
        properties = flow.parameters.properties

        assert {field["type"] for field in properties.values()} <= {"integer"}


class TestPlaces:
    def test_prefects_decorators_are_used_in_the_guards_only(self) -> None:
        """Nobody makes a task or a flow past the guard."""
        makers = {"prefect.task", "prefect.flow", "prefect.tasks.task", "prefect.flows.flow"}

        places = {
            shown(path)
            for path in python_files("tasks", "flows", "deployments", "cli")
            if makers & set(imported(path))
        }

        assert places == {"tasks/guard.py", "flows/guarded.py"}
