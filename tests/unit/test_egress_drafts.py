"""Before anyone is asked, policy is; and statistics pass the same gate as scores."""

import json

import pytest

from rounds.artifacts import ReleaseDraft, ReleasedStatistics
from rounds.digests import sha256_bytes
from rounds.egress import (
    check_policy,
    draft_statistics,
    release_statistics,
)
from rounds.errors import EgressDenied
from rounds.records.approvals import Approval, ApprovalKind, Item
from rounds.records.releases import items_digest
from rounds.workspace import Workspace
from site_profiles.models import ReleasePolicy
from tests.unit.builders import KEY, NOW, SHA, make_approval, make_draft, make_item, make_policy


class TestCheckPolicy:
    @pytest.mark.parametrize("n_cases", [10, 11])
    def test_passes_what_is_listed_and_large_enough(self, n_cases: int) -> None:
        """A listed benchmark may have scores on the policy's minimum of cases and on more."""
        check_policy(make_policy(), benchmark_id=3, n_cases=n_cases)

    def test_an_empty_list_allows_nothing(self) -> None:
        """A policy that lists no benchmark lets nothing out, however many the cases."""
        policy = make_policy(benchmarks=())

        with pytest.raises(EgressDenied, match="benchmark 3 is not on the site's release policy"):
            check_policy(policy, benchmark_id=3, n_cases=10_000)

    def test_keeps_an_unlisted_benchmark_home(self) -> None:
        """Being listed is for each benchmark by itself."""
        policy = make_policy(benchmarks=(1, 2, 4))

        with pytest.raises(EgressDenied, match="needed it listed there"):
            check_policy(policy, benchmark_id=3, n_cases=10_000)

    @pytest.mark.parametrize("n_cases", [0, 9])
    def test_keeps_small_cohorts_home(self, n_cases: int) -> None:
        """Results on fewer cases than the policy's minimum stay at the site."""
        with pytest.raises(EgressDenied, match="fewer cases than the policy's minimum of 10"):
            check_policy(make_policy(), benchmark_id=3, n_cases=n_cases)

    def test_never_says_how_many_cases_there_are(self) -> None:
        """A suppressed count stays in the detail, which stays home."""
        policy = make_policy(min_cases=1000)

        with pytest.raises(EgressDenied, match="fewer cases") as caught:
            check_policy(policy, benchmark_id=3, n_cases=873)

        assert "873" not in str(caught.value)
        assert caught.value.detail == "873 cases"


class TestDraftResults:
    def test_keeps_the_exact_bytes(self, workspace: Workspace) -> None:
        """The draft's sha256 is that of the bytes in the workspace, which are the document."""
        draft = make_draft(workspace)

        content = workspace.kept(draft.sha256)
        assert sha256_bytes(content) == draft.sha256
        document = json.loads(content)
        assert len(document.pop("salt")) == 64
        assert document == {
            "execution_id": 4,
            "metrics": {
                "auroc": {"score": 0.91, "variance": 0.001},
                "brier": {"score": 0.12, "variance": None},
            },
            "n_cases": 25,
        }

    def test_asks_policy_first(self, workspace: Workspace) -> None:
        """What may not leave anyway is not even drafted, so nobody is asked about it."""
        with pytest.raises(EgressDenied, match="fewer cases"):
            make_draft(workspace, n_cases=9)

        assert not (workspace.root / "drafts").exists()

    def test_cannot_be_guessed_from_its_sha256(self, workspace: Workspace) -> None:
        """The sha256 leaves before the decision: without the site's key nobody finds the scores behind it."""
        drafts = {make_draft(workspace, key=b"one site"), make_draft(workspace, key=b"another")}

        assert len({draft.sha256 for draft in drafts}) == 2

    def test_is_the_same_each_time(self, workspace: Workspace) -> None:
        """Evaluated again to the same scores, an execution has the same draft, and is asked for once."""
        drafts = {make_draft(workspace), make_draft(workspace)}

        assert len(drafts) == 1

    def test_tells_executions_apart(self, workspace: Workspace) -> None:
        """The same scores of two executions are two drafts."""
        drafts = {make_draft(workspace, execution_id=4), make_draft(workspace, execution_id=5)}

        assert len({draft.sha256 for draft in drafts}) == 2


class TestReleaseStatistics:
    def make(self, workspace: Workspace, *, n_cases: int = 10) -> ReleaseDraft:
        """The draft of dataset 4's statistics."""
        return draft_statistics(
            4,
            benchmark_id=3,
            prepared_digest=SHA,
            statistics={"mean_age": 51.2},
            n_cases=n_cases,
            key=KEY,
            policy=make_policy(),
            workspace=workspace,
        )

    def release(
        self,
        draft: ReleaseDraft,
        approval: Approval,
        workspace: Workspace,
        policy: ReleasePolicy | None = None,
    ) -> ReleasedStatistics:
        """The release of statistics for benchmark 3, now."""
        return release_statistics(
            draft,
            approval,
            benchmark_id=3,
            policy=policy or make_policy(),
            workspace=workspace,
            now=NOW,
        )

    def test_clears_what_was_approved(self, workspace: Workspace) -> None:
        """Statistics leave with the keyed digest of the data they were counted on; twice the same."""
        draft = self.make(workspace)
        approval = make_approval(make_item(draft), kind=ApprovalKind.STATISTICS)

        first, second = (self.release(draft, approval, workspace) for _ in "12")

        assert first == second
        assert (first.dataset_id, first.prepared_digest, first.approval_id) == (4, SHA, 9)
        assert first.statistics == {"mean_age": 51.2}

    def test_asks_policy_first(self, workspace: Workspace) -> None:
        """Statistics on too few cases are not even drafted."""
        with pytest.raises(EgressDenied, match="fewer cases than the policy's minimum of 10"):
            self.make(workspace, n_cases=9)

        assert not (workspace.root / "drafts").exists()

    @pytest.mark.parametrize("policy", [make_policy(benchmarks=(4,)), make_policy(min_cases=11)])
    def test_asks_policy_again(self, workspace: Workspace, policy: ReleasePolicy) -> None:
        """A policy that became stricter since the draft keeps statistics home as it does scores."""
        draft = self.make(workspace)
        approval = make_approval(make_item(draft), kind=ApprovalKind.STATISTICS)

        with pytest.raises(EgressDenied, match="policy"):
            self.release(draft, approval, workspace, policy)

    def test_needs_an_approval_of_statistics(self, workspace: Workspace) -> None:
        """An approval of results says nothing of statistics."""
        draft = self.make(workspace)
        approval = make_approval(make_item(draft))

        with pytest.raises(EgressDenied, match="GRANTED for results, needed GRANTED for stat"):
            self.release(draft, approval, workspace)

    def test_needs_a_draft_of_its_subject(self, workspace: Workspace) -> None:
        """Statistics of one dataset are not released as another's."""
        draft = ReleaseDraft(subject_id=5, sha256=self.make(workspace).sha256)
        approval = make_approval(make_item(draft), kind=ApprovalKind.STATISTICS)

        with pytest.raises(EgressDenied, match="the draft is of another dataset"):
            self.release(draft, approval, workspace)


class TestItemsDigest:
    def test_forgets_the_order(self) -> None:
        """What is shown for a set of drafts has one digest, in whatever order they were made."""
        one, other = Item(subject_id=4, sha256=SHA), Item(subject_id=5, sha256=SHA)

        digests = {items_digest([one, other]), items_digest([other, one])}

        assert len(digests) == 1
