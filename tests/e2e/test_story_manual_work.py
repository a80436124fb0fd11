"""A preparation that people have work on: the run sleeps, says what is left, and goes on when it is done (A13)."""

import os
import subprocess
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.settings import PREFECT_API_URL

from deployments.demo import benchmark as plan
from deployments.demo.cast import Cast
from deployments.demo.place import CUBES
from flows.runs import ensure_run, find_run, is_asleep, wake
from rounds.cubes import read_cube
from rounds.preparation import desk
from rounds.records.benchmarks import (
    MetricContract,
    StatisticSpec,
)
from rounds.records.cubes import State
from rounds.records.datasets import Dataset, PreparationStatus
from rounds.sites import Site
from tests.contract.command_line.terminal import ROUNDS
from tests.e2e.reading import calls_after_success, find_outside
from tests.e2e.second_benchmark import enrol_scans, found_another, take_part

MIN_CASES = 20  # what the story's sites ask for
PATIENT = "Zaphod-Outline-0815"
CASES = {PATIENT: True} | {f"case-{number}": False for number in range(MIN_CASES)}
CONTRACT = MetricContract(
    metrics=plan.CONTRACT.metrics,
    statistics=(
        StatisticSpec(name="n_cases", path="n_cases", decimals=0),
        StatisticSpec(name="mean_area", path="lesion.mean_area"),
    ),
)

CORRECTED = "P2\n12 12\n1\n" + " ".join(["1"] * 16 + ["0"] * 128) + "\n"

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def site(story: Cast) -> Site:
    """A hospital that may release to a second benchmark, whose preparator asks people."""
    preparator = read_cube(CUBES / "outline-preparator")
    second = found_another(story, preparator, name="Outlines of lesions", contract=CONTRACT)
    return take_part(story, "site-b", second, engine=story.engine)


@pytest.fixture(scope="module")
def dataset(story: Cast, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """A dataset of which one case needs a person."""
    benchmark_id = site.profile.release.benchmarks[-1]
    return enrol_scans(story, site, benchmark_id, tmp_path_factory.mktemp("scans"), CASES)


def now(story: Cast, dataset: Dataset) -> Dataset:
    """The dataset as the registry has it now; its owner's client changes whenever they sign in again."""
    return story.people["site-b"].client.dataset(dataset.id)


def run_of(dataset: Dataset) -> FlowRun:
    """The preparation's run as it stands now."""
    run = find_run(f"prepare_dataset-{dataset.id}")
    assert run is not None
    return run


def count_starts(run: FlowRun) -> int:
    """How often a run began to run."""
    with get_client(sync_client=True) as client:
        states = client.read_flow_run_states(run.id)
    return [state.type for state in states].count(StateType.RUNNING)


def wait_for_sleep(story: Cast, dataset: Dataset, begun: int) -> None:
    """Return once the run has begun more often than so often, and sleeps again."""
    story.wait(
        "the next sleep",
        lambda: count_starts(run_of(dataset)) > begun and is_asleep(run_of(dataset)),
    )


def tell_done(story: Cast, dataset: Dataset) -> str:
    """What `rounds dataset done` says at the site's terminal."""
    told = {
        "ROUNDS_SITE_PROFILE": str(story.place.site("site-b") / "profile.yaml"),
        "PREFECT_API_URL": str(PREFECT_API_URL.value()),
    }
    command = [str(ROUNDS), "dataset", "done", str(dataset.id), "--yes"]
    ended = subprocess.run(
        command, env={**os.environ, **told}, capture_output=True, text=True, check=True
    )
    return ended.stdout


def test_sleeps_wakes_and_goes_on(story: Cast, site: Site, dataset: Dataset) -> None:
    """Suspended, the registry told; to wake finishes nothing; after the edit it is released, and no call twice."""
    key = f"prepare_dataset-{dataset.id}"
    ensure_run("prepare_dataset/site-b", {"dataset_id": dataset.id}, key=key)
    story.wait("the run's sleep", lambda: is_asleep(run_of(dataset)))
    assert now(story, dataset).progress.status is PreparationStatus.MANUAL

    begun = count_starts(run_of(dataset))
    assert wake(run_of(dataset).id)
    wait_for_sleep(story, dataset, begun)

    begun = count_starts(run_of(dataset))
    (site.workspace.root / "manual" / str(dataset.id) / "said-done").touch()
    ensure_run("sync/site-b", {}, key=f"sync-for-{dataset.id}")
    wait_for_sleep(story, dataset, begun)

    (note,) = desk.waiting(site.workspace, dataset.id)
    (note.folder / "mask" / "mask.pgm").write_text(CORRECTED)
    said = tell_done(story, dataset)
    assert said.startswith("1 taken; the preparation goes on")
    story.wait("the dataset's operation", lambda: now(story, dataset).state is State.OPERATION)

    assert now(story, dataset).statistics["n_cases"] == len(CASES)
    assert calls_after_success(story) == []
    assert find_outside(story, {PATIENT.encode()}) == set()


def test_tells_the_site_where_each_case_is(site: Site, dataset: Dataset) -> None:
    """The snapshot is in the workspace, by name."""
    file = Path(site.workspace.root) / "progress" / f"{dataset.id}.json"

    assert PATIENT in file.read_text()
