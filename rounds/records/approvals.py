"""Decisions: what is asked for, and what was answered."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from rounds.records.base import Id, Record, Revised, Seconds, Sha256, ShownOnce, Text


class ApprovalKind(StrEnum):
    """What is decided, and by it who decides: an administrator, the committee, or the data owner."""

    BENCHMARK = "benchmark"
    ASSOCIATION = "association"
    PUBLICATION = "publication"
    STATISTICS = "statistics"
    RESULTS = "results"


class ApprovalStatus(StrEnum):
    """PENDING ends in one of the others; GRANTED may still be REVOKED or go VOID until it is used.

    WITHDRAWN was taken back by who asked, VOID is overtaken: its subject changed.
    """

    PENDING = "PENDING"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"
    VOID = "VOID"
    WITHDRAWN = "WITHDRAWN"


class Decision(StrEnum):
    """What a person may answer."""

    GRANT = "GRANT"
    REFUSE = "REFUSE"


class Item(Record):
    """One thing a release covers: an execution (or, for statistics, the dataset) and its bytes' sha256."""

    subject_id: Id
    sha256: Sha256


class ReleaseRequest(Record):
    """A site's request that its data owner look: `shown_sha256` is `rounds.egress.items_digest(items)`."""

    kind: ApprovalKind
    dataset_id: Id
    items: tuple[Item, ...] = Field(min_length=1, max_length=1000)
    shown_sha256: Sha256
    deadline_s: Seconds = 7 * 24 * 3600


class Vote(Record):
    """One person's, or one rule's, part in granting; `user_id` is None for a rule."""

    user_id: int | None
    rule: str | None
    at: datetime


class Approval(Revised):
    """A decision to be made or made, bound to the sha256 of exactly what was shown.

    It takes `needed` votes to grant and one to refuse. `used` items have been submitted under it; each is
    single use. `rule` names the rule that decided, if no person did. `organisation_id` is whose deciders
    are asked (None: the administrators). `site` is
    set for a release. `suspended` says that a run sleeps on it.
    """

    id: int
    kind: ApprovalKind
    subject_id: int
    benchmark_id: int | None
    dataset_id: int | None
    model_id: int | None
    site: str | None
    shown_sha256: Sha256
    items: tuple[Item, ...]
    held_back: tuple[int, ...]
    used: tuple[int, ...]
    status: ApprovalStatus
    role: str
    organisation_id: int | None
    needed: int
    votes: tuple[Vote, ...]
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
    held_back: tuple[int, ...] = Field(default=(), max_length=1000)


class Extension(Record):
    """A later deadline, in seconds from now."""

    deadline_s: Seconds


class Delegation(Record):
    """Somebody who may decide beside those whose duty it is."""

    user_id: Id


class CodeOut(ShownOnce):
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

    flow_run_id: Annotated[str, Field(pattern=r"^[0-9a-f-]{32,36}$")] | None = None
