"""What the registry says of itself: health, problems, audit log, outbox."""

from datetime import datetime
from enum import StrEnum

from rounds.records.base import Record


class Health(Record):
    """The registry answers and its database does."""

    status: str


class Version(Record):
    """The registry's version, and the oldest client's that it still answers."""

    version: str
    minimum_client: str


class Problem(Record):
    """An error as RFC 9457 has it, with the code of the error tree."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class AuditEntry(Record):
    """One write: who, when, what, and the sha256 of the row before and after.

    `position` is its place in the sealed chain, and `sha256` the chain's there; None until it is sealed.
    """

    id: int
    at: datetime
    user_id: int | None
    token_label: str
    action: str
    subject: str
    before_sha256: str | None
    after_sha256: str | None
    position: int | None
    sha256: str | None


class AuditHead(Record):
    """The sealed chain's end: how many entries it has and the last one's sha256. Note it elsewhere."""

    entries: int
    sha256: str
    unsealed: int


class NoticeStatus(StrEnum):
    """What became of something that Prefect is to be told."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GONE = "gone"
    DEAD = "dead"


class Notice(Record):
    """Something Prefect is to be told; a DEAD one was refused too often and waits for an administrator."""

    id: int
    kind: str
    subject: str
    status: NoticeStatus
    failures: int
    last_answer: str
    due_at: datetime
