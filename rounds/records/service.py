"""What the registry says of itself: its health, its problems, its audit log."""

from datetime import datetime

from rounds.records.base import Record


class Health(Record):
    """The registry answers and its database does."""

    status: str


class Problem(Record):
    """An error as RFC 9457 has it, with the code of the error tree."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class AuditEntry(Record):
    """One write: who, when, what, and the sha256 of the row before and after."""

    id: int
    at: datetime
    user_id: int | None
    token_label: str
    action: str
    subject: str
    before_sha256: str | None
    after_sha256: str | None
