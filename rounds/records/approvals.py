"""Decisions: what is asked for, and what was answered."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rounds.records.base import Record, Sha256, Text


class ApprovalKind(StrEnum):
    """What is decided, and by it who decides: an administrator, the committee, or the data owner."""

    BENCHMARK = "benchmark"
    ASSOCIATION = "association"
    STATISTICS = "statistics"
    RESULTS = "results"


class ApprovalStatus(StrEnum):
    """PENDING ends in one of the others; GRANTED may still be REVOKED or go VOID until it is used."""

    PENDING = "PENDING"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    VOID = "VOID"


class Decision(StrEnum):
    """What a person may answer."""

    GRANT = "GRANT"
    REFUSE = "REFUSE"


class Item(Record):
    """One thing a release covers: an execution (or, for statistics, the dataset) and its bytes' sha256."""

    subject_id: int
    sha256: Sha256


class ReleaseRequest(Record):
    """A site's request that its data owner look: `shown_sha256` is `rounds.egress.items_digest(items)`."""

    kind: ApprovalKind
    dataset_id: int
    items: tuple[Item, ...] = Field(min_length=1)
    shown_sha256: Sha256
    deadline_s: int = Field(default=7 * 24 * 3600, gt=0)


class Approval(Record):
    """A decision to be made or made, bound to the sha256 of exactly what was shown.

    `used` items have been submitted under it; each is single use. `rule` names the rule that decided, if
    no person did. `site` is set for a release. `suspended` says that a run sleeps on it.
    """

    id: int
    kind: ApprovalKind
    subject_id: int
    site: str | None
    shown_sha256: Sha256
    items: tuple[Item, ...]
    held_back: tuple[int, ...]
    used: tuple[int, ...]
    status: ApprovalStatus
    role: str
    requested_by: int
    decided_by: int | None
    rule: str | None
    reason: str
    deadline: datetime
    suspended: bool


class DecisionIn(Record):
    """A person's decision: names the sha256 they were shown; `held_back` are subject ids kept home."""

    decision: Decision
    shown_sha256: Sha256
    reason: Text = ""
    held_back: tuple[int, ...] = ()


class CodeOut(Record):
    """A one-time code that carries a decision into a Prefect resume form."""

    code: str
    expires_at: datetime


class CodeIn(Record):
    """The one-time code, redeemed by the run that waits."""

    code: Annotated[str, Field(max_length=200)]


class Suspension(Record):
    """A run says that it sleeps on an approval.

    `flow_run_id` is set by runs of the hub, which the registry wakes, and not by a site's, which its own
    `sync` wakes.
    """

    flow_run_id: str | None = None
