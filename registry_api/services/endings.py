"""The end of tokens: one, or all that a person has of some kinds; with a session end its person's decision codes."""

from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import CodeRow, TokenRow
from registry_api.services.audit import changed
from rounds.records.people import TokenKind


def end(session: Session, who: Principal, row: TokenRow) -> None:
    """Revoke a token, unless it is; with a session end the decision codes that its person minted."""
    if row.revoked_at is None:
        with changed(session, who, "token.revoke", row):
            row.revoked_at, row.is_valid = who.at, False
        if row.kind == TokenKind.SESSION:
            _end_codes(session, who, row.user_id)


def end_all(session: Session, who: Principal, user_id: int, *kinds: TokenKind) -> None:
    """Revoke all live tokens of these kinds of one user; with the sessions the codes, whatever opened them."""
    statement = (
        select(TokenRow)
        .where(TokenRow.user_id == user_id)
        .where(col(TokenRow.kind).in_(kinds))
        .where(col(TokenRow.is_valid))
    )
    for row in session.exec(statement).all():
        end(session, who, row)
    if TokenKind.SESSION in kinds:
        _end_codes(session, who, user_id)


def _end_codes(session: Session, who: Principal, user_id: int) -> None:
    live = (
        select(CodeRow)
        .where(CodeRow.user_id == user_id)
        .where(col(CodeRow.used_at).is_(None))
        .where(CodeRow.expires_at > who.at)
        .where(col(CodeRow.is_valid))
    )
    for row in session.exec(live).all():
        with changed(session, who, "code.end", row):
            row.is_valid = False
