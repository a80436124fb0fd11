"""The registry as a site, a person and a flow see it: one method a route, our records in and out."""

from rounds.artifacts import ReleasedMetrics, ReleasedProgress, ReleasedStatistics
from rounds.client.decisions import Decisions
from rounds.client.people import People
from rounds.client.registrations import Registrations
from rounds.errors import Code
from rounds.records.approvals import Approval
from rounds.records.crashes import Crash
from rounds.records.datasets import Dataset, Preparation, ProgressIn
from rounds.records.executions import (
    Cell,
    Claim,
    ClaimIn,
    Execution,
    Failure,
    Fenced,
    Receipt,
    Result,
    ResultStatus,
    Scored,
    Submission,
    Withdrawal,
)
from rounds.records.leaderboards import Leaderboard, Publication


class RegistryClient(People, Registrations, Decisions):
    """The whole registry over one connection; use it as a context manager or `close()` it.

    What a site computed goes in by `submit` and `submit_statistics` only, and they take nothing but what
    the gate has released.
    """

    def cells(
        self,
        *,
        site: str | None = None,
        benchmark_id: int | None = None,
        dataset_id: int | None = None,
        model_id: int | None = None,
    ) -> list[Cell]:
        """The cells you may know of, the highest priority first, then by model."""
        return self._list(
            Cell,
            "/cells",
            site=site,
            benchmark_id=benchmark_id,
            dataset_id=dataset_id,
            model_id=model_id,
        )

    def benchmark_cells(self, benchmark_id: int) -> list[Cell]:
        """A benchmark's cells that you may know of."""
        return self._list(Cell, f"/benchmarks/{benchmark_id}/cells")

    def leaderboard(self, benchmark_id: int) -> Leaderboard:
        """A score or a reason for each dataset x model x metric, and pooled, as the sharing policy shows."""
        return self._get(Leaderboard, f"/benchmarks/{benchmark_id}/leaderboard")

    def request_publication(self, benchmark_id: int) -> Approval:
        """The approval that the committee is asked for, to publish the leaderboard as it is now."""
        return self._post(Approval, f"/benchmarks/{benchmark_id}/publication")

    def proposed_publication(self, publication_id: int) -> Leaderboard:
        """The leaderboard as it would be published."""
        return self._get(Leaderboard, f"/publications/{publication_id}/proposed")

    def publications(self, *, benchmark_id: int | None = None) -> list[Publication]:
        """Everything that was published; needs no token."""
        return self._list(Publication, "/publications", benchmark_id=benchmark_id)

    def publication(self, publication_id: int) -> Publication:
        """Something that was published; needs no token."""
        return self._get(Publication, f"/publications/{publication_id}")

    def executions(
        self, *, benchmark_id: int | None = None, dataset_id: int | None = None
    ) -> list[Execution]:
        """The executions you may know of, by id."""
        return self._list(
            Execution, "/executions", benchmark_id=benchmark_id, dataset_id=dataset_id
        )

    def execution(self, execution_id: int) -> Execution:
        """One execution."""
        return self._get(Execution, f"/executions/{execution_id}")

    def results(
        self,
        *,
        benchmark_id: int | None = None,
        dataset_id: int | None = None,
        execution_id: int | None = None,
        status: ResultStatus | None = None,
    ) -> list[Result]:
        """The results you may know of, by id."""
        return self._list(
            Result,
            "/results",
            benchmark_id=benchmark_id,
            dataset_id=dataset_id,
            execution_id=execution_id,
            status=status,
        )

    def result(self, result_id: int) -> Result:
        """One result."""
        return self._get(Result, f"/results/{result_id}")

    def withdraw_result(self, result_id: int, reason: str) -> Result:
        """The result, WITHDRAWN: it counts no more, and is kept with the reason."""
        return self._post(Result, f"/results/{result_id}/withdrawal", Withdrawal(reason=reason))

    def claim(self, wanted: ClaimIn) -> Claim:
        """A lease on a cell; the same key gets the same claim.

        Raises:
            Conflict: Someone else holds it, or it is not to be run.
        """
        return self._post(Claim, "/executions/claim", wanted)

    def heartbeat(self, execution_id: int, *, fencing_token: int) -> Execution:
        """The execution, its lease extended.

        Raises:
            Conflict: The claim is no longer yours.
        """
        body = Fenced(fencing_token=fencing_token)
        return self._post(Execution, f"/executions/{execution_id}/heartbeat", body)

    def fail(
        self, execution_id: int, *, fencing_token: int, code: Code, crash: Crash | None = None
    ) -> Execution:
        """The execution, FAILED with a code, what is told of a cube that crashed, and no word more."""
        body = Failure(fencing_token=fencing_token, code=code, crash=crash or Crash())
        return self._post(Execution, f"/executions/{execution_id}/failure", body)

    def scored(
        self, execution_id: int, *, fencing_token: int, sha256: str, inputs: dict[str, str]
    ) -> Execution:
        """The execution, SCORED: its draft has this sha256 and was made from these digests."""
        body = Scored(fencing_token=fencing_token, sha256=sha256, inputs=inputs)
        return self._post(Execution, f"/executions/{execution_id}/scored", body)

    def submit(self, released: ReleasedMetrics, *, fencing_token: int) -> Receipt:
        """The registry's receipt for released scores; submitted twice, stored once.

        Raises:
            Conflict: The claim is no longer yours, or the approval does not cover these bytes.
            InvalidInput: The benchmark's contract does not have these metrics.
        """
        body = Submission(
            fencing_token=fencing_token,
            sha256=released.sha256,
            approval_id=released.approval_id,
            metrics=dict(released.metrics),
            n_cases=released.n_cases,
            salt=released.salt,
            partial=released.partial,
        )
        return self._post(Receipt, f"/executions/{released.execution_id}/submission", body)

    def report_progress(self, released: ReleasedProgress) -> Dataset:
        """The dataset, with how far its preparation has come."""
        body = ProgressIn(
            status=released.status,
            percentages=None if released.percentages is None else dict(released.percentages),
        )
        return self._put(Dataset, f"/datasets/{released.dataset_id}/progress", body)

    def submit_statistics(self, released: ReleasedStatistics) -> Dataset:
        """The dataset, in OPERATION with the released statistics; submitted twice, stored once.

        Raises:
            Conflict: The approval does not cover these bytes, or others were submitted before.
        """
        body = Preparation(
            prepared_digest=released.prepared_digest,
            sha256=released.sha256,
            statistics=dict(released.statistics),
            n_cases=released.n_cases,
            salt=released.salt,
            approval_id=released.approval_id,
        )
        return self._post(Dataset, f"/datasets/{released.dataset_id}/preparation", body)
