"""From metrics at home to a receipt, through the gate, on a whole small site."""

import json
from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue

from cube_specs.models import CubeKind
from rounds import departure, pending, stages
from rounds.artifacts import Metrics, Predictions, PreparedDataset, ReleaseDraft
from rounds.digests import keyed
from rounds.errors import EgressDenied, NotFound, RunnerError
from rounds.records.approvals import Approval, ApprovalKind, Item
from rounds.records.cubes import State
from rounds.records.datasets import Dataset
from rounds.records.executions import Claim, Receipt
from rounds.records.releases import items_digest
from rounds.sites import Site
from site_profiles.models import ReleasePolicy
from tests.unit.builders import (
    KEY,
    SHA,
    make_approval,
    make_benchmark,
    make_dataset,
    make_policy,
)
from tests.unit.little_site import LittleRegistry, make_cube, make_raw, make_site

CLAIM = Claim(execution_id=7, fencing_token=11, lease_s=60, attempt=1)
FAR = "2999-01-01T00:00:00Z"


def receive(body: dict[str, JsonValue]) -> httpx.Response:
    """The registry's receipt for a submission."""
    receipt = {"execution_id": 7, "sha256": body["sha256"], "received_at": FAR}
    return httpx.Response(200, json=receipt)


def take_statistics(body: dict[str, JsonValue]) -> httpx.Response:
    """The registry's answer to a preparation."""
    dataset = make_dataset(
        state=State.OPERATION,
        prepared_digest=body["prepared_digest"],
        statistics=body["statistics"],
    )
    return httpx.Response(200, json=dataset.model_dump(mode="json"))


def put_on_hold(body: dict[str, JsonValue]) -> httpx.Response:
    """The registry's answer to a release request: the approval that a person is asked for."""
    items = [Item.model_validate(item) for item in body["items"] or ()]  # type: ignore[union-attr]
    approval = make_approval(*items, kind=body["kind"], status="PENDING", deadline=FAR)
    return httpx.Response(201, json=approval.model_dump(mode="json"))


def open_site(root: Path, policy: ReleasePolicy | None = None) -> tuple[Site, LittleRegistry]:
    """A site and the registry that it asks."""
    registry = LittleRegistry(
        {
            "/submission": receive,
            "/preparation": take_statistics,
            "/approvals": put_on_hold,
        }
    )
    return make_site(root, registry, policy=policy), registry


def prepare(site: Site, root: Path) -> PreparedDataset:
    """Dataset 4, prepared."""
    raw = make_raw(root, site.workspace)
    return stages.prepare(raw, make_cube(CubeKind.PREPARATOR), site.context)


def score(site: Site, prepared: PreparedDataset) -> tuple[Predictions, Metrics]:
    """What model 5 says of it, and its metrics."""
    context, contract = site.context, make_benchmark().contract
    said = stages.infer(prepared, make_cube(CubeKind.MODEL), context, model_id=5)
    judge = make_cube(CubeKind.METRICS)
    return said, stages.evaluate(said, prepared, judge, context, contract=contract)


def draft(site: Site, root: Path) -> ReleaseDraft:
    """The draft of execution 7."""
    _, metrics = score(site, prepare(site, root))
    return departure.draft(metrics, CLAIM, make_benchmark(), site)


def grant(*drafts: ReleaseDraft, kind: ApprovalKind = ApprovalKind.RESULTS) -> Approval:
    """A granted approval of the drafts."""
    items = (Item(subject_id=made.subject_id, sha256=made.sha256) for made in drafts)
    return make_approval(*items, kind=kind, deadline=FAR)


class TestResults:
    def test_are_drafted_rounded_and_remembered(self, tmp_path: Path) -> None:
        """The bytes are the contract's rounding; the token stays until they are submitted."""
        site, _ = open_site(tmp_path)

        made = draft(site, tmp_path)

        document = json.loads(site.workspace.kept(made.sha256))
        assert document["metrics"]["auroc"] == {"score": 0.9123, "variance": 0.0001235}
        assert pending.recall(site.workspace, 7).fencing_token == 11

    def test_are_not_drafted_on_too_few_cases(self, tmp_path: Path) -> None:
        """A policy that asks for more cases keeps them home before anyone is asked."""
        site, _ = open_site(tmp_path, make_policy(min_cases=26))

        with pytest.raises(EgressDenied, match="fewer cases than the policy's minimum of 26"):
            draft(site, tmp_path)

        with pytest.raises(NotFound, match="execution 7 has no draft"):
            pending.recall(site.workspace, 7)

    def test_reach_the_registry_as_approved(self, tmp_path: Path) -> None:
        """What is submitted are the drafted scores, under the approval, with the claim's token."""
        site, registry = open_site(tmp_path)
        made = draft(site, tmp_path)

        receipt = departure.submit(departure.release(7, grant(made), site), site)

        ((path, body),) = registry.asked
        document = json.loads(site.workspace.kept(made.sha256))
        assert isinstance(receipt, Receipt)
        assert path == "/api/v1/executions/7/submission"
        assert body == {
            "fencing_token": 11,
            "sha256": made.sha256,
            "approval_id": 9,
            "metrics": document["metrics"],
            "n_cases": 25,
            "salt": document["salt"],
            "partial": False,
        }

    def test_stay_home_unless_granted(self, tmp_path: Path) -> None:
        """An approval that is still pending releases nothing, and nothing is sent."""
        site, registry = open_site(tmp_path)
        waiting = grant(draft(site, tmp_path)).model_copy(update={"status": "PENDING"})

        with pytest.raises(EgressDenied, match="approval 9 is PENDING"):
            departure.release(7, waiting, site)

        assert registry.asked == []

    def test_of_an_older_draft_stay_home(self, tmp_path: Path) -> None:
        """A re-evaluation makes other bytes: what was granted for the old ones is not enough."""
        site, _ = open_site(tmp_path)
        approval = grant(draft(site, tmp_path))
        later = pending.recall(site.workspace, 7).model_copy(
            update={"sha256": site.workspace.keep(b'{"execution_id":7,"n_cases":25}')}
        )
        pending.remember(site.workspace, later)

        with pytest.raises(EgressDenied, match="approval 9 is for other bytes"):
            departure.release(7, approval, site)


class TestStatistics:
    def draft(self, site: Site, root: Path) -> tuple[PreparedDataset, ReleaseDraft]:
        """Dataset 4, prepared, and the draft of its statistics."""
        prepared = prepare(site, root)
        counted = stages.statistics(prepared, make_cube(CubeKind.PREPARATOR), site.context)
        return prepared, departure.draft_statistics(
            counted, prepared.output, make_benchmark(), site
        )

    def test_reach_the_registry_as_approved(self, tmp_path: Path) -> None:
        """Only the contract's statistics leave, rounded, with the keyed digest of the data."""
        site, registry = open_site(tmp_path)
        prepared, made = self.draft(site, tmp_path)
        approval = grant(made, kind=ApprovalKind.STATISTICS)

        dataset = departure.submit(departure.release(4, approval, site), site)

        ((path, body),) = registry.asked
        assert isinstance(dataset, Dataset)
        assert path == "/api/v1/datasets/4/preparation"
        assert body == {
            "prepared_digest": keyed(prepared.output, KEY),
            "sha256": made.sha256,
            "statistics": {"mean_age": 51.2},
            "n_cases": 25,
            "salt": json.loads(site.workspace.kept(made.sha256))["salt"],
            "approval_id": 9,
        }

    @pytest.mark.parametrize("policy", [make_policy(min_cases=26), make_policy(benchmarks=())])
    def test_stay_home_if_policy_says_so(self, tmp_path: Path, policy: ReleasePolicy) -> None:
        """Statistics obey the policy as scores do."""
        site, _ = open_site(tmp_path, policy)

        with pytest.raises(EgressDenied, match="policy"):
            self.draft(site, tmp_path)

    def test_need_an_approval_that_covers_them(self, tmp_path: Path) -> None:
        """An approval of another dataset's statistics says nothing of this one's."""
        site, _ = open_site(tmp_path)
        _, made = self.draft(site, tmp_path)
        approval = grant(made, kind=ApprovalKind.STATISTICS)

        with pytest.raises(NotFound, match="approval 9 does not cover 5"):
            departure.release(5, approval, site)

    def test_need_a_count_of_cases(self, tmp_path: Path) -> None:
        """Statistics that do not say on how many cases they rest are refused."""
        site, _ = open_site(tmp_path)
        benchmark = make_benchmark(
            contract=make_benchmark().contract.model_copy(update={"n_cases_path": "cases"})
        )
        prepared = prepare(site, tmp_path)
        counted = stages.statistics(prepared, make_cube(CubeKind.PREPARATOR), site.context)

        with pytest.raises(RunnerError, match="gave nothing for n_cases"):
            departure.draft_statistics(counted, prepared.output, benchmark, site)


class TestRequestRelease:
    def test_asks_once_for_all(self, tmp_path: Path) -> None:
        """One request names every draft and the digest of what is shown, and no score."""
        site, registry = open_site(tmp_path)
        drafts = [ReleaseDraft(subject_id=number, sha256=SHA) for number in (8, 7)]

        approval = departure.request_release(ApprovalKind.RESULTS, drafts, site, dataset_id=4)

        ((_, body),) = registry.asked
        assert [item.subject_id for item in approval.items] == [8, 7]
        assert body["shown_sha256"] == items_digest(approval.items)
        assert set(body) == {"kind", "dataset_id", "items", "shown_sha256", "deadline_s"}


class TestMadeFrom:
    def test_keys_what_is_patients(self, tmp_path: Path) -> None:
        """Cubes are public and named as they are; data and predictions are named under the key."""
        site, _ = open_site(tmp_path)
        prepared = prepare(site, tmp_path)
        said, _ = score(site, prepared)
        model, judge = make_cube(CubeKind.MODEL), make_cube(CubeKind.METRICS)

        inputs = departure.made_from(prepared, said, cubes=(model, judge), site=site)

        assert inputs == {
            "model": model.digest,
            "metrics": judge.digest,
            "prepared": keyed(prepared.output, KEY),
            "predictions": keyed(said.output, KEY),
        }
