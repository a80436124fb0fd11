"""Answers that are given again: a POST with an idempotency key is done once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from registry_api.auth import Principal
from registry_api.models import AnswerRow
from rounds.digests import sha256_json
from rounds.errors import Conflict
from rounds.records.base import Record, ShownOnce

KEPT = timedelta(days=2)
KEEP = insert(AnswerRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An idempotency key, the sha256 of the request it came with, and the status of a first answer."""

    key: str
    request_sha256: str
    status: int


class GivenBefore(Exception):
    """The request was answered before; carries that answer."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__("answered before")
        self.status = status
        self.body = body


def recall(session: Session, who: Principal, key: Key) -> None:
    """Pass if the key is new.

    Raises:
        GivenBefore: The same request was answered.
        Conflict: The key came with another request, or a token of another role or site; or the answer held a secret that is not kept.
    """
    row = session.get(AnswerRow, (who.user_id, key.key))
    if row is None:
        return
    if row.request_sha256 != _digest(who, key):
        found = "the idempotency key came with another request or another token's rights"
        raise Conflict(f"{found}, needed a new key")
    if row.body is None:
        message = "this was done already, and its secret is shown once"
        raise Conflict(f"{message}; revoke it and ask for another with a new key")
    raise GivenBefore(row.status, row.body)


def keep(session: Session, who: Principal, key: Key, answer: Record) -> None:
    """Remember the answer under the key, but never a secret; of two at the same time the second waits for the first.

    Raises:
        Conflict: Another request took the key, whose answer is kept; nothing of this one is.
    """
    session.flush()  # what others took meanwhile is found here, and no news of the key
    row = {
        "user_id": who.user_id,
        "key": key.key,
        "request_sha256": _digest(who, key),
        "status": key.status,
        "body": None if isinstance(answer, ShownOnce) else answer.model_dump_json(),
        "at": who.at,
    }
    try:
        session.connection().execute(KEEP, row)
    except IntegrityError as error:
        message = "another request with the same idempotency key was done, needed its answer"
        raise Conflict(f"{message}; ask again") from error


def forget_old(session: Session, now: datetime) -> None:
    """Drop the answers that nobody asks for again."""
    session.exec(delete(AnswerRow).where(col(AnswerRow.at) < now - KEPT))


def _digest(who: Principal, key: Key) -> str:
    """The digest of a request and of what its token may do: an answer is for who could have had it."""
    return sha256_json({"request": key.request_sha256, "role": who.cap, "site": who.site})
