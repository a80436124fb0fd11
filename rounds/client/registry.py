"""The registry as a site, a person and a flow see it: one method a route, our records in and out."""

from rounds.artifacts import ReleasedMetrics, ReleasedStatistics
from rounds.client.decisions import Decisions
from rounds.client.registrations import Registrations
from rounds.errors import Code
from rounds.records.datasets import Dataset, Preparation
from rounds.records.executions import (
    Cell,
    Claim,
    ClaimIn,
    Execution,
    Failure,
    Fenced,
    Receipt,
    Scored,
    Submission,
)
from rounds.records.leaderboards import Leaderboard


class RegistryClient(Registrations, Decisions):
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
    ) -> list[Cell]:
        """The cells you may know of, the highest priority first, then by model."""
        return self._list(
            Cell, "/cells", site=site, benchmark_id=benchmark_id, dataset_id=dataset_id
        )

    def benchmark_cells(self, benchmark_id: int) -> list[Cell]:
        """A benchmark's cells that you may know of."""
        return self._list(Cell, f"/benchmarks/{benchmark_id}/cells")

    def leaderboard(self, benchmark_id: int) -> Leaderboard:
        """Every dataset x model x metric, a score or a reason, and the pooled rows."""
        return self._get(Leaderboard, f"/benchmarks/{benchmark_id}/leaderboard")

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

    def fail(self, execution_id: int, *, fencing_token: int, code: Code) -> Execution:
        """The execution, FAILED with a code and no word more."""
        body = Failure(fencing_token=fencing_token, code=code)
        return self._post(Execution, f"/executions/{execution_id}/failure", body)

    def scored(
        self, execution_id: int, *, fencing_token: int, sha256: str, inputs: dict[str, str]
    ) -> Execution:
        """The execution, SCORED: its draft has this sha256 and was made from these digests."""
        body = Scored(fencing_token=fencing_token, sha256=sha256, inputs=inputs)
        return self._post(Execution, f"/executions/{execution_id}/scored", body)

    def hold(self, execution_id: int, *, fencing_token: int) -> Execution:
        """The execution, HELD_BACK for good."""
        body = Fenced(fencing_token=fencing_token)
        return self._post(Execution, f"/executions/{execution_id}/hold", body)

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
        )
        return self._post(Receipt, f"/executions/{released.execution_id}/submission", body)

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
