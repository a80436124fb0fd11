"""The gate lets out exactly what policy and approval allow, and says why it keeps the rest."""

import json
from datetime import timedelta

import pytest

from rounds.artifacts import ReleasedMetrics, ReleaseDraft
from rounds.egress import (
    release,
)
from rounds.errors import EgressDenied, IntegrityError
from rounds.records.approvals import Approval, ApprovalKind, ApprovalStatus, Item
from rounds.workspace import Workspace
from site_profiles.models import ReleasePolicy
from tests.unit.builders import METRICS, NOW, SHA, make_approval, make_draft, make_item, make_policy

NOT_GRANTED = [status for status in ApprovalStatus if status is not ApprovalStatus.GRANTED]


def release_draft(
    draft: ReleaseDraft,
    approval: Approval,
    workspace: Workspace,
    *,
    policy: ReleasePolicy | None = None,
) -> ReleasedMetrics:
    """The release of a draft for benchmark 3, now."""
    return release(
        draft,
        approval,
        benchmark_id=3,
        policy=policy or make_policy(),
        workspace=workspace,
        now=NOW,
    )


class TestRelease:
    def test_clears_what_was_approved(self, workspace: Workspace) -> None:
        """A granted, timely approval of these bytes releases exactly them."""
        draft = make_draft(workspace)
        approval = make_approval(make_item(draft))

        released = release_draft(draft, approval, workspace)

        salt = json.loads(workspace.kept(draft.sha256))["salt"]
        assert released == ReleasedMetrics(
            execution_id=4,
            sha256=draft.sha256,
            approval_id=9,
            metrics=METRICS,
            n_cases=25,
            salt=salt,
        )

    def test_twice_gives_the_same(self, workspace: Workspace) -> None:
        """Releasing again, as after a kill, gives an equal value."""
        draft = make_draft(workspace)
        approval = make_approval(make_item(draft))

        first, second = (release_draft(draft, approval, workspace) for _ in "12")

        assert first == second

    def test_takes_one_of_many(self, workspace: Workspace) -> None:
        """One approval covers all cells of an evaluation; each is released by itself."""
        drafts = [make_draft(workspace, execution_id=number) for number in (4, 5, 6)]
        approval = make_approval(*map(make_item, drafts), held_back=(5,))

        released = release_draft(drafts[2], approval, workspace)

        assert released.execution_id == 6

    @pytest.mark.parametrize("status", NOT_GRANTED)
    def test_needs_a_granted_approval(self, workspace: Workspace, status: ApprovalStatus) -> None:
        """Pending, refused, expired, revoked and void approvals release nothing."""
        draft = make_draft(workspace)
        approval = make_approval(make_item(draft), status=status)

        with pytest.raises(EgressDenied, match=f"approval 9 is {status} for results, needed GRANT"):
            release_draft(draft, approval, workspace)

    @pytest.mark.parametrize("late", [timedelta(0), timedelta(microseconds=1)])
    def test_needs_an_approval_in_time(self, workspace: Workspace, late: timedelta) -> None:
        """At its deadline and after it an approval is worth nothing, even if the registry is away."""
        draft = make_draft(workspace)
        approval = make_approval(make_item(draft), deadline=NOW - late)

        with pytest.raises(EgressDenied, match="approval 9 has expired"):
            release_draft(draft, approval, workspace)

    @pytest.mark.parametrize(
        "kind", [kind for kind in ApprovalKind if kind is not ApprovalKind.RESULTS]
    )
    def test_needs_an_approval_of_results(self, workspace: Workspace, kind: ApprovalKind) -> None:
        """An approval of anything else is not one of results, whoever gave it."""
        draft = make_draft(workspace)
        approval = make_approval(make_item(draft), kind=kind)

        with pytest.raises(EgressDenied, match=f"GRANTED for {kind}, needed GRANTED for results"):
            release_draft(draft, approval, workspace)

    def test_needs_an_approval_of_these_bytes(self, workspace: Workspace) -> None:
        """An approval is bound to the sha256 of what was shown; other bytes need another one."""
        draft = make_draft(workspace)
        approval = make_approval(Item(subject_id=4, sha256=SHA))

        with pytest.raises(EgressDenied, match="approval 9 is for other bytes"):
            release_draft(draft, approval, workspace)

    def test_needs_an_approval_of_this_subject(self, workspace: Workspace) -> None:
        """The right bytes under another execution's id are not approved."""
        draft = make_draft(workspace)
        approval = make_approval(Item(subject_id=5, sha256=draft.sha256))

        with pytest.raises(EgressDenied, match="approval 9 is for other bytes"):
            release_draft(draft, approval, workspace)

    def test_needs_a_draft_of_its_subject(self, workspace: Workspace) -> None:
        """Bytes that say another execution than the handle are not released for it."""
        draft = ReleaseDraft(subject_id=5, sha256=make_draft(workspace).sha256)
        approval = make_approval(make_item(draft))

        with pytest.raises(EgressDenied, match="the draft is of another execution"):
            release_draft(draft, approval, workspace)

    def test_respects_what_is_held_back(self, workspace: Workspace) -> None:
        """A person may grant the rest and keep one cell home."""
        draft = make_draft(workspace)
        approval = make_approval(make_item(draft), held_back=(4,))

        with pytest.raises(EgressDenied, match="approval 9 keeps this one home"):
            release_draft(draft, approval, workspace)

    @pytest.mark.parametrize(
        ("policy", "message"),
        [
            (make_policy(benchmarks=()), "not on the site's release policy"),
            (make_policy(min_cases=26), "fewer cases than the policy's minimum of 26"),
        ],
    )
    def test_asks_policy_again(
        self, workspace: Workspace, policy: ReleasePolicy, message: str
    ) -> None:
        """A policy that became stricter since the draft keeps home what was approved before."""
        draft = make_draft(workspace)
        approval = make_approval(make_item(draft))

        with pytest.raises(EgressDenied, match=message):
            release_draft(draft, approval, workspace, policy=policy)

    @pytest.mark.parametrize("content", [None, b'{"execution_id":4,"metrics":{},"n_cases":25}'])
    def test_recomputes_the_sha256(self, workspace: Workspace, content: bytes | None) -> None:
        """A draft that was changed on the disk after it was shown is not released."""
        draft = make_draft(workspace)
        approval = make_approval(make_item(draft))
        path = workspace.root / "drafts" / f"{draft.sha256}.json"
        path.unlink()
        if content is not None:
            path.write_bytes(content)

        with pytest.raises(IntegrityError, match="the draft is gone or was changed"):
            release_draft(draft, approval, workspace)
