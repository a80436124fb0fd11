"""Cubes. Everyone who is signed in may know of every cube."""

from sqlalchemy import ColumnElement, true
from sqlmodel import Session, select

from cube_specs.models import CubeKind
from registry_api.auth import Principal
from registry_api.models import CubeRow
from registry_api.services.audit import created
from registry_api.services.paging import Window, page
from rounds.cubes import from_record
from rounds.errors import Conflict, InvalidInput, NotFound
from rounds.records.base import Page
from rounds.records.cubes import Cube, CubeIn


def visible_to(_who: Principal) -> ColumnElement[bool]:
    """The cubes that somebody signed in may know of: all."""
    return true()


def register(session: Session, who: Principal, cube: CubeIn) -> Cube:
    """A new cube.

    Raises:
        InvalidInput: Its additional files have a URL without a sha256, or the other way round.
        SpecError: Its config breaks the cube contract.
        IntegrityError: Its digest is not that of its content.
        Conflict: The name or the content is registered already.
    """
    if (cube.additional_files_url is None) != (cube.additional_files_sha256 is None):
        message = (
            "found one of additional_files_url and additional_files_sha256, needed both or none"
        )
        raise InvalidInput(message)
    from_record(cube)
    if session.exec(select(CubeRow.id).where(CubeRow.name == cube.name)).first() is not None:
        raise Conflict(f"a cube named {cube.name} is registered, needed a new name")
    twin = session.exec(select(CubeRow).where(CubeRow.digest == cube.digest)).first()
    if twin is not None:
        raise Conflict(f"the same content is registered as cube {twin.key}, {twin.name}; use that")
    row = CubeRow(
        owner_id=who.user_id,
        name=cube.name,
        kind=cube.kind,
        digest=cube.digest,
        body=cube.model_dump(mode="json"),
    )
    created(session, who, "cube.register", row)
    return as_cube(row)


def list_cubes(
    session: Session,
    who: Principal,
    window: Window,
    *,
    name: str | None = None,
    kind: CubeKind | None = None,
) -> Page[Cube]:
    """The cubes, or those of a name or a kind."""
    statement = select(CubeRow).where(visible_to(who))
    if name is not None:
        statement = statement.where(CubeRow.name == name)
    if kind is not None:
        statement = statement.where(CubeRow.kind == kind)
    return page(session, statement, CubeRow, window=window, read=as_cube)


def find(session: Session, who: Principal, cube_id: int) -> CubeRow:
    """A cube.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    statement = select(CubeRow).where(CubeRow.id == cube_id).where(visible_to(who))
    row = session.exec(statement).first()
    if row is None:
        raise NotFound(f"found no cube {cube_id}; check the id")
    return row


def find_kind(session: Session, who: Principal, cube_id: int, kind: CubeKind) -> CubeRow:
    """A cube of a kind.

    Raises:
        NotFound: There is no such cube.
        InvalidInput: It is of another kind.
    """
    row = find(session, who, cube_id)
    if row.kind != kind:
        raise InvalidInput(f"cube {cube_id} is a {row.kind}, needed a {kind}")
    return row


def as_cube(row: CubeRow) -> Cube:
    """The record of a row."""
    return Cube.model_validate({**row.body, "id": row.id, "owner_id": row.owner_id})
