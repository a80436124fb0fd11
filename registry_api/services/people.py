"""People: who has an account, and each one's organisation of one."""

from collections.abc import Mapping

from pydantic import JsonValue
from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from registry_api.auth import Principal
from registry_api.models import MemberRow, OrganisationRow, UserRow
from registry_api.services import editing
from registry_api.services.audit import changed, created
from registry_api.services.endings import end_all
from registry_api.services.names import check_texts
from registry_api.services.paging import Wanted, Window, one, page
from rounds.errors import Conflict, Forbidden
from rounds.records.base import Page
from rounds.records.cubes import State
from rounds.records.people import TokenKind, User, UserChange, UserIn

SORTABLE = ("id", "name", "email")
OWN = frozenset({"name"})


def visible_to(who: Principal) -> ColumnElement[bool]:
    """The people that `who` may know of: oneself, and who is in an organisation with oneself."""
    if who.is_admin:
        return true()
    fellows = (
        select(MemberRow.user_id)
        .where(col(MemberRow.organisation_id).in_(who.organisations))
        .where(col(MemberRow.user_id).is_not(None))
    )
    return or_(col(UserRow.id) == who.user_id, col(UserRow.id).in_(fellows))


def add(session: Session, who: Principal, user: UserIn) -> User:
    """A new person.

    Raises:
        Forbidden: No administrator asks.
        Conflict: The e-mail is taken.
    """
    who.need_admin()
    return as_user(add_row(session, who, user))


def add_row(session: Session, who: Principal, user: UserIn, *, is_admin: bool = False) -> UserRow:
    """A new person's row, and their organisation of one.

    Raises:
        InvalidInput: The name looks like an identifier.
        Conflict: The e-mail is taken.
    """
    check_texts(user)
    email = user.email.lower()
    if session.exec(select(UserRow.id).where(UserRow.email == email)).first() is not None:
        raise Conflict("the e-mail is another user's, needed a new one")
    home = OrganisationRow(name=user.name, name_key=None, is_personal=True)
    created(session, who, "organisation.found", home)
    row = UserRow(name=user.name, email=email, is_admin=is_admin, organisation_id=home.key)
    created(session, who, "user.add", row)
    return row


def list_users(session: Session, who: Principal, window: Window, *, wanted: Wanted) -> Page[User]:
    """The people that `who` may know of."""
    statement = select(UserRow).where(visible_to(who))
    return page(
        session, statement, UserRow, window=window, wanted=wanted, sortable=SORTABLE, read=as_user
    )


def read(session: Session, who: Principal, user_id: int) -> User:
    """One person."""
    return as_user(find(session, who, user_id))


def me(session: Session, who: Principal) -> User:
    """Whose token this is."""
    return as_user(session.get_one(UserRow, who.user_id))


def find(session: Session, who: Principal, user_id: int) -> UserRow:
    """A person.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    return one(session, UserRow, user_id, visible_to(who), "user")


def change(
    session: Session, who: Principal, user_id: int, change: UserChange, *, revision: int
) -> User:
    """The person, changed; closing an account ends all its tokens at once, and for good.

    Raises:
        NotFound: There is none that `who` may know of.
        Forbidden: It is somebody else, or the field is an administrator's to change.
        SignInNeeded: Who becomes or stops being an administrator, and whose account is opened again, is
            decided by a fresh sign-in.
        Conflict: It changed meanwhile, or the last administrator would be gone.
    """
    row = find(session, who, user_id)
    wanted = editing.changes(change, row.model_dump(), state=State.DEVELOPMENT, editable=OWN)
    editing.need_values(wanted, frozenset(UserChange.model_fields))
    if not who.is_admin and (row.id != who.user_id or wanted.keys() - OWN):
        raise Forbidden(f"user {user_id} is an administrator's to change, needed one")
    who.need_unlimited()
    if "is_admin" in wanted or wanted.get("is_valid") is True:
        who.need_fresh()
    check_texts(change)
    editing.need_revision(row, revision, f"user {user_id}")
    _need_other_administrator(session, row, wanted)
    with changed(session, who, "user.change", row):
        for name, value in wanted.items():
            setattr(row, name, value)
    if not row.is_valid:
        end_all(session, who, row.key, *TokenKind)
    return as_user(row)


def as_user(row: UserRow) -> User:
    """The record of a row."""
    return User(
        id=row.key,
        name=row.name,
        email=row.email,
        is_admin=row.is_admin,
        organisation_id=row.organisation_id or 0,
        has_password=row.password_hash is not None,
        has_second_factor=row.totp_secret is not None,
        is_valid=row.is_valid,
        revision=row.revision,
    )


def _need_other_administrator(
    session: Session, row: UserRow, wanted: Mapping[str, JsonValue]
) -> None:
    leaves = wanted.get("is_admin") is False or wanted.get("is_valid") is False
    if not (row.is_admin and leaves):
        return
    other = (
        select(UserRow.id)
        .where(col(UserRow.is_admin))
        .where(col(UserRow.is_valid))
        .where(UserRow.id != row.id)
    )
    if session.exec(other).first() is None:
        raise Conflict("this is the last administrator, needed another one first")
