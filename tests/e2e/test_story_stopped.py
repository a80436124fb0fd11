"""Cancel, pressed in Prefect: the cube of the run ends, although it heeds nothing (A6)."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import docker
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelling

from deployments.demo.cast import Cast
from flows.runs import ensure_run
from rounds.cubes import read_cube
from rounds.records.datasets import Dataset
from rounds.runners.base import RUN_LABEL
from site_profiles.models import Engine
from tests.e2e.second_benchmark import enrol_scans, found_another, take_part
from tests.engines import image_of, need_docker

SLEEPER = Path(__file__).parents[1] / "cubes" / "sleeper"
PROMISED_S = 20

pytestmark = [pytest.mark.e2e, pytest.mark.docker]


@pytest.fixture
def endless(story: Cast, tmp_path: Path) -> Iterator[Dataset]:
    """A dataset whose preparation never ends, at a hospital with Docker."""
    need_docker()
    preparator = read_cube(SLEEPER, image_of(SLEEPER))
    benchmark_id = found_another(story, preparator, name="Sleep")
    site = take_part(story, "site-c", benchmark_id, engine=Engine.DOCKER)
    yield enrol_scans(story, site, benchmark_id, tmp_path, {"one": False})
    take_part(story, "site-c", engine=story.engine)


def containers_of(run: FlowRun) -> int:
    """How many containers there are of a run, ended ones too."""
    client = docker.from_env()
    try:
        return len(client.containers.list(all=True, filters={"label": f"{RUN_LABEL}={run.id}"}))
    finally:
        client.close()


def press_cancel(run: FlowRun) -> None:
    """What the button of Prefect's page does."""
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(run.id, Cancelling())


def state_of(run_id: UUID) -> StateType | None:
    """The type of a run's state."""
    with get_client(sync_client=True) as client:
        return client.read_flow_run(run_id).state_type


def test_ends_the_cube(story: Cast, endless: Dataset) -> None:
    """Within 20 s the container is gone; the run says that it was cancelled."""
    key = f"prepare_dataset-{endless.id}"
    run = ensure_run("prepare_dataset/site-c", {"dataset_id": endless.id}, key=key)
    assert run is not None
    story.wait("the cube's container", lambda: containers_of(run) == 1)

    press_cancel(run)

    story.wait("the container's end", lambda: containers_of(run) == 0, timeout_s=PROMISED_S)
    story.wait("the run's end", lambda: state_of(run.id) is StateType.CANCELLED)
