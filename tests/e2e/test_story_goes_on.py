"""What happens to a story that goes on: a bad dataset, a crash, a new metrics cube, forged resumes."""

import tarfile
from uuid import UUID, uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, StateType

from deployments.demo import benchmark as plan
from deployments.demo.cast import Cast
from deployments.demo.people import SITES
from deployments.demo.place import CUBES
from flows.runs import ensure_run, find_run, wake
from rounds.client.registry import RegistryClient
from rounds.cubes import Cube, read_cube, to_record
from rounds.digests import sha256_file
from rounds.enrolment import enrol_dataset
from rounds.errors import Code
from rounds.records.approvals import Approval, ApprovalStatus, Decision, DecisionIn
from rounds.records.benchmarks import AssociationIn, MetricsCubeChange
from rounds.records.cubes import State
from rounds.records.executions import Cell, ExecutionStatus
from rounds.sites import open_site, read_profile
from tests.e2e.reading import calls_after_success, count_calls, find_outside

PLANTED_NAME = "Zaphod-Planted-4711"
PLANTED_VALUE = "987654.321012"

pytestmark = pytest.mark.e2e


def run_of(run: FlowRun | None) -> FlowRun:
    """The run as it stands now."""
    assert run is not None
    with get_client(sync_client=True) as client:
        return client.read_flow_run(run.id)


def ended(story: Cast, run: FlowRun | None) -> FlowRun:
    """The run once it has ended."""
    story.wait("the run's end", lambda: bool((s := run_of(run).state) and s.is_final()))
    return run_of(run)


def cells_of(story: Cast, site: str) -> list[Cell]:
    """A site's cells."""
    return story.people[site].client.cells(site=site, benchmark_id=story.benchmark_id)


def change_metrics(story: Cast, *, threshold: float) -> None:
    """The committee registers a new version of the metrics cube and judges by it from now on."""
    story.people["committee"].sign_in_again()
    first = read_cube(CUBES / plan.METRICS)
    version = Cube(
        name=f"binary-metrics-{threshold}",
        kind=first.kind,
        config=first.config,
        parameters={**first.parameters, "threshold": threshold},
        artifacts=first.artifacts,
    )
    metrics = story.committee.register_cube(to_record(version, state=State.OPERATION))
    story.committee.change_metrics(
        story.benchmark_id,
        MetricsCubeChange(metrics_id=metrics.id),
        revision=story.committee.benchmark(story.benchmark_id).revision,
    )


def wait_for_suspended(story: Cast, owner: RegistryClient) -> list[Approval]:
    """The owner's pending approvals, once a run sleeps on one."""
    story.wait(
        "a review asleep",
        lambda: any(a.suspended for a in owner.approvals(status=ApprovalStatus.PENDING)),
    )
    return owner.approvals(status=ApprovalStatus.PENDING)


def the_run(key: str) -> FlowRun:
    """The run that does this piece of work."""
    run = find_run(key)
    assert run is not None
    return run


def sleep_of(key: str) -> UUID | None:
    """The id of the Suspended state that the run is in; None if it is awake."""
    run = find_run(key)
    return run.state.id if run and run.state and run.state.is_paused() else None


def put_empty_tarball(story: Cast) -> str:
    """Additional files without a model, put into the sites' mirror; returns their sha256."""
    file = story.place.mirror / "empty.tar.gz"
    with tarfile.open(file, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("nothing.txt"))
    digest = sha256_file(file)
    file.rename(story.place.mirror / f"{digest}.tar.gz")
    return digest


class TestBadRawData:
    def test_keeps_a_planted_patient_at_home(self, story: Cast) -> None:
        """A bad export fails the preparation with one clear line, and nothing of it leaves (A39)."""
        home = story.place.site("site-a")
        good = next((home / "raw" / "data").iterdir())
        for folder in ("data", "labels"):
            source = next((home / "raw" / folder).iterdir())
            target = home / "bad" / folder / f"{PLANTED_NAME}.csv"
            target.parent.mkdir(parents=True)
            target.write_text(source.read_text())
        bad = home / "bad" / "data" / f"{PLANTED_NAME}.csv"
        head, first, *rest = good.read_text().splitlines()
        patient, _, *values = first.split(",")
        broken = ",".join([PLANTED_NAME, f"{PLANTED_VALUE}x", *values])
        bad.write_text("\n".join([head, broken, *rest]))
        dataset = enrol_dataset(
            open_site(read_profile(home / "profile.yaml")),
            story.people["site-a"].client,
            name="A bad export",
            location="Hospital A",
            benchmark_id=story.benchmark_id,
            data_path=home / "bad" / "data",
            labels_path=home / "bad" / "labels",
        )

        key = f"prepare_dataset-{dataset.id}"
        run = ensure_run("prepare_dataset/site-a", {"dataset_id": dataset.id}, key=key)
        state = ended(story, run).state

        assert state is not None
        assert state.type is StateType.FAILED
        assert "[cube_failed] cube wdbc-preparator ended prepare with exit status" in str(
            state.message
        )
        assert (
            find_outside(story, {PLANTED_NAME.encode(), PLANTED_VALUE.encode(), patient.encode()})
            == set()
        )
        site_log = home / "workspace" / "logs" / "site.log"
        assert "found no number, needed one with decimal point" in site_log.read_text()


class TestOneModelCrashes:
    def test_finishes_the_others_and_names_the_crash(self, story: Cast) -> None:
        """The crash is a row with its class, the run says so, and a rerun does only what is missing (A20)."""
        whole = read_cube(CUBES / "boosted-trees")
        empty = Cube(
            name="model-without-weights",
            kind=whole.kind,
            config=whole.config,
            parameters=whole.parameters,
            artifacts=whole.artifacts,
            additional_files_sha256=put_empty_tarball(story),
        )
        owner = story.people["owner-1"].client
        model = owner.register_cube(
            to_record(empty, url="https://models.rounds.example/empty", state=State.OPERATION)
        )
        before = count_calls(story, "infer")["site-a"]
        wanted = AssociationIn(
            benchmark_id=story.benchmark_id, model_id=model.id, test_sha256="0" * 64
        )
        association = owner.associate(wanted)

        story.wait(
            "the crash as a row at every site",
            lambda: (
                [
                    cell.status
                    for cell in story.committee.benchmark_cells(story.benchmark_id)
                    if cell.model_id == model.id
                ]
                == [ExecutionStatus.FAILED] * len(SITES)
            ),
        )

        cells = cells_of(story, "site-a")
        (crashed,) = [cell for cell in cells if cell.model_id == model.id]
        assert Code.CUBE_FAILED in crashed.reason
        assert [c.status for c in cells if c.model_id != model.id] == [
            ExecutionStatus.SUBMITTED
        ] * 4
        parameters = {"benchmark_id": story.benchmark_id, "dataset_id": story.datasets["site-a"]}
        again = ended(story, ensure_run("evaluate/site-a", parameters, key=f"test-{uuid4()}"))
        assert again.state is not None
        assert again.state.type is StateType.FAILED
        assert "0 of 1 scored" in str(again.state.message)
        assert count_calls(story, "infer")["site-a"] == before + 2
        story.people["committee"].sign_in_again()
        story.committee.revoke_association(association.id, "moved away")


class TestNewMetricsCube:
    def test_reuses_the_predictions(self, story: Cast) -> None:
        """A new version of the metrics cube scores what is there: no model runs again (A41)."""
        before = count_calls(story, "infer")
        old = {cell.execution_id for cell in cells_of(story, "site-c")}

        change_metrics(story, threshold=0.6)
        story.wait(
            "site-c's results with the new cube",
            lambda: all(
                cell.status is ExecutionStatus.SUBMITTED and cell.execution_id not in old
                for cell in cells_of(story, "site-c")
            ),
        )

        assert count_calls(story, "infer")["site-c"] == before["site-c"]
        assert calls_after_success(story) == []


class TestForgedResume:
    def test_sleeps_on_until_the_registry_has_a_decision(self, story: Cast) -> None:
        """Resume alone decides nothing; with a one-time code from the registry it is the decision (A37)."""
        away = story.people.pop("site-a")
        away.sign_in_again()
        owner = away.client
        change_metrics(story, threshold=0.7)
        (approval,) = wait_for_suspended(story, owner)
        key = f"review-{approval.id}"
        story.wait("the run asleep", lambda: bool(sleep_of(key)))
        first = sleep_of(key)

        forged = wake(the_run(key).id)
        story.wait("the run asleep again", lambda: sleep_of(key) not in (None, first))
        still = owner.approval(approval.id)
        answer = DecisionIn(decision=Decision.GRANT, shown_sha256=approval.shown_sha256)
        code = owner.mint_code(approval.id, answer).code
        with get_client(sync_client=True) as client:
            client.resume_flow_run(the_run(key).id, run_input={"code": code})
        done = ended(story, the_run(key))
        story.people["site-a"] = away

        assert forged
        assert still.status is ApprovalStatus.PENDING
        assert done.state is not None
        assert done.state.type is StateType.COMPLETED
        assert set(owner.approval(approval.id).used) == {i.subject_id for i in approval.items}
