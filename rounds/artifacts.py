"""How far a data item has come, as types. Only the last two may leave the site.

RawDataset -prepare-> PreparedDataset -infer-> Predictions -evaluate-> Metrics -draft-> ReleaseDraft
-release-> ReleasedMetrics -submit-> Receipt

The first five hold digests by which the workspace finds their files, never a path and never data, so
that their repr is safe wherever it is printed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rounds.records.datasets import PreparationStatus
from rounds.records.executions import MetricValue


@dataclass(frozen=True, slots=True, kw_only=True)
class RawDataset:
    """A site's own export, as its catalogue names it; `digest` is over names and contents."""

    dataset_id: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Complete, checked output in the workspace: `key` is the digest of all inputs, `output` of the files."""

    key: str
    output: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the cases of a preparation have come: of `n_cases`, how many per cent are through each stage."""

    n_cases: int
    percentages: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """What people have still to do before a dataset is prepared: on how many cases, by step."""

    dataset_id: int
    n_cases: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedDataset(Published):
    """Data and labels in the benchmark's form, sanity-checked."""

    dataset_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics(Published):
    """What the preparator counted on a prepared dataset."""

    dataset_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions(Published):
    """What one model said of each case; `partial` if it failed before it had said all of it."""

    model_id: int
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics(Published):
    """What the metrics cube computed; free-form until the contract has read it. `partial` as the predictions."""

    model_id: int
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDraft:
    """The exact bytes that would leave, named by their sha256; they lie in the workspace.

    `subject_id` is the execution's id, or the dataset's for statistics.
    """

    subject_id: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedMetrics:
    """One execution's scores, cleared to leave. Made only by `egress.release`."""

    execution_id: int
    sha256: str
    approval_id: int
    metrics: Mapping[str, MetricValue]
    n_cases: int
    salt: str
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedStatistics:
    """A dataset's statistics, cleared to leave. Made only by `egress.release_statistics`."""

    dataset_id: int
    sha256: str
    approval_id: int
    prepared_digest: str
    statistics: Mapping[str, float | None]
    n_cases: int
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedProgress:
    """How far a preparation has come, cleared to leave. Made only by `egress.release_progress`."""

    dataset_id: int
    status: PreparationStatus
    percentages: Mapping[str, int] | None
