"""Decisions: who may make one, on what exactly, and how a run comes to know of it."""

from datetime import datetime
from secrets import token_urlsafe

from sqlmodel import Session, col, select

from registry_api.auth import FRESH, Principal, hash_secret, memberships_of, principal_of
from registry_api.models import (
    ApprovalRow,
    CodeRow,
    MemberRow,
    OrganisationRow,
    TokenRow,
    UserRow,
)
from registry_api.services import approvals
from registry_api.services.audit import changed, created
from registry_api.services.names import check_texts
from registry_api.services.outcomes import RELEASES, Verdict, items_of, settle
from rounds.errors import Conflict, Forbidden, InvalidInput
from rounds.records.approvals import (
    Approval,
    ApprovalKind,
    ApprovalStatus,
    CodeIn,
    CodeOut,
    Decision,
    DecisionIn,
)
from rounds.records.people import Role


def decide(session: Session, who: Principal, approval_id: int, decision: DecisionIn) -> Approval:
    """The approval, decided by `who`, or PENDING still if it takes a second person.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: The token may not decide, or this is another person's to decide.
        SignInNeeded: The sign-in is older than 15 minutes, or lacks the one-time code that is asked for.
        Conflict: It is not PENDING any more, or something else was shown.
        InvalidInput: Something is held back that it is not about.
    """
    row = approvals.find(session, who, approval_id)
    _check(session, who, row, decision)
    refused = decision.decision is Decision.REFUSE
    verdict = Verdict(
        status=ApprovalStatus.REFUSED if refused else ApprovalStatus.GRANTED,
        reason=decision.reason,
        held_back=decision.held_back,
    )
    if refused:
        settle(session, who, row, verdict)
    else:
        approvals.grant_vote(session, who, row, verdict=verdict)
    return approvals.as_approval(row)


def mint_code(session: Session, who: Principal, approval_id: int, decision: DecisionIn) -> CodeOut:
    """A one-time code that stands for this decision by `who`, while their sign-in is fresh and not ended.

    Raises:
        As `decide`, whose checks it makes already.
    """
    row = approvals.find(session, who, approval_id)
    _check(session, who, row, decision)
    code = token_urlsafe(24)
    minted = CodeRow(
        sha256=hash_secret(code),
        approval_id=row.key,
        user_id=who.user_id,
        decision=decision.model_dump(mode="json"),
        expires_at=_end_of_sign_in(who),
    )
    created(session, who, "code.mint", minted)
    return CodeOut(code=code, expires_at=minted.expires_at)


def redeem(session: Session, who: Principal, approval_id: int, given: CodeIn) -> Approval:
    """The approval, decided as the person who minted the code wished.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: The code is unknown, used, expired, ended with its minter's session, of another approval, or
            its minter's account is closed.
        Conflict: The approval is not PENDING any more.
    """
    row = approvals.find(session, who, approval_id)
    code = session.exec(
        select(CodeRow)
        .where(CodeRow.sha256 == hash_secret(given.code))
        .where(CodeRow.approval_id == row.id)
    ).first()
    if code is None or code.used_at is not None or code.expires_at < who.at:
        raise Forbidden("the code is unknown, used or expired, needed a fresh one; mint another")
    with changed(session, who, "code.redeem", code):
        code.used_at = who.at
    minter = _minter(session, who, code)
    return decide(session, minter, row.key, DecisionIn.model_validate(code.decision))


def revoke(session: Session, who: Principal, approval_id: int) -> Approval:
    """The approval, REVOKED for whatever was not used yet.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: The token may not decide, or this was another person's to decide.
        SignInNeeded: The sign-in is not fresh.
        Conflict: It is not GRANTED, used up, or of a kind that stays.
    """
    row = approvals.find(session, who, approval_id)
    need_decider(session, who, row)
    if row.kind in {ApprovalKind.BENCHMARK, ApprovalKind.PUBLICATION}:
        message = f"the approval of a {row.kind} stays, needed another kind"
        raise Conflict(f"{message}; withdraw what it is about, or revoke its associations")
    if row.kind != ApprovalKind.ASSOCIATION and not row.is_open:
        raise Conflict(f"approval {row.key} is {row.status} with nothing left to revoke")
    settle(session, who, row, Verdict(status=ApprovalStatus.REVOKED))
    return approvals.as_approval(row)


def _check(session: Session, who: Principal, row: ApprovalRow, decision: DecisionIn) -> None:
    need_decider(session, who, row)
    need_pending(who, row)
    check_texts(decision)
    if row.shown_sha256 != decision.shown_sha256:
        message = f"approval {row.key} is about other bytes than you were shown"
        raise Conflict(f"{message}, needed its own sha256; look again")
    subjects = {item.subject_id for item in items_of(row)}
    if not set(decision.held_back) <= subjects:
        raise InvalidInput(f"something held back is not in approval {row.key}, needed its items")
    if decision.decision is Decision.GRANT:
        _need_another(session, who, row)


def need_pending(who: Principal, row: ApprovalRow) -> None:
    """Pass if an approval can still be decided.

    Raises:
        Conflict: It was, or its time is over.
    """
    if row.status != ApprovalStatus.PENDING:
        raise Conflict(f"approval {row.key} is {row.status}, needed PENDING; read it again")
    if row.deadline <= who.at:
        raise Conflict(f"approval {row.key} is past its deadline, needed one in time; ask anew")


def need_decider(session: Session, who: Principal, row: ApprovalRow) -> None:
    """Pass if an approval is `who`'s to decide, now: not its author's where two people are needed.

    Raises:
        Forbidden: It is somebody else's.
        SignInNeeded: The sign-in is not fresh.
    """
    who.need(Role.DECIDER)
    two_people = row.needed > 1 or row.kind in {ApprovalKind.BENCHMARK, ApprovalKind.ASSOCIATION}
    if row.kind not in RELEASES and two_people and row.requested_by == who.user_id:
        raise Forbidden(f"approval {row.key} was asked for by you, needed a second person")
    if not approvals.is_decider(session, who, row):
        raise Forbidden(f"approval {row.key} is for the {row.role} to decide, needed that person")
    approvals.need_fresh(session, who, row.organisation_id)


def _need_another(session: Session, who: Principal, row: ApprovalRow) -> None:
    """Pass if `who` may be the second of two people."""
    before = [vote["user_id"] for vote in row.votes if isinstance(vote["user_id"], int)]
    if who.user_id in before:
        raise Conflict(f"approval {row.key} has your vote, needed another person's")
    if not row.two_organisations:
        return
    mine = _other_organisations(session, who.user_id, row)
    if not mine:
        message = f"approval {row.key} takes people of two organisations"
        raise Forbidden(f"{message}, needed you to belong to one beside the committee's")
    if any(mine & _other_organisations(session, user_id, row) for user_id in before):
        message = f"approval {row.key} has the vote of somebody of your organisation"
        raise Forbidden(f"{message}, needed one of another")


def _other_organisations(session: Session, user_id: int, row: ApprovalRow) -> set[int]:
    found = session.exec(
        select(MemberRow.organisation_id)
        .join(OrganisationRow, col(MemberRow.organisation_id) == col(OrganisationRow.id))
        .where(MemberRow.user_id == user_id)
        .where(col(OrganisationRow.is_valid))
        .where(MemberRow.organisation_id != row.organisation_id)
    )
    return set(found)


def _end_of_sign_in(who: Principal) -> datetime:
    """When a code ends: with the sign-in that it was minted under, so that it makes none longer."""
    return min(who.signed_in_at or who.at, who.at) + FRESH


def _minter(session: Session, who: Principal, code: CodeRow) -> Principal:
    """Who minted a code, as though they asked now: they signed in freshly for it a short time ago."""
    person = session.get_one(UserRow, code.user_id)
    if not person.is_valid:
        raise Forbidden("who minted the code has no account any more, needed another person's code")
    if not code.is_valid:
        raise Forbidden("who minted the code signed out since, needed a fresh one; mint another")
    sign_in = TokenRow(
        user_id=person.key,
        label=f"code, redeemed by {who.label}",
        sha256="",
        role=Role.ADMINISTRATOR,
        expires_at=code.expires_at,
        signed_in_at=who.at,
        second_factor=True,
    )
    return principal_of(person, sign_in, memberships_of(session, person.key), who.at)
