"""Cubes. Everyone who is signed in may know of every cube."""

from sqlalchemy import ColumnElement, or_, true
from sqlmodel import Session, col, select

from cube_specs.models import CubeKind
from registry_api.auth import Principal
from registry_api.models import AssociationRow, BenchmarkRow, CubeRow, DatasetRow, Document
from registry_api.services import editing, joining, organisations, outcomes
from registry_api.services.audit import changed, created
from registry_api.services.names import check_texts, checked_key
from registry_api.services.paging import Wanted, Window, one, page
from rounds.cubes import from_record
from rounds.errors import Conflict, InvalidInput
from rounds.records.base import Page
from rounds.records.cubes import Cube, CubeChange, CubeIn, State
from rounds.records.people import Role
from rounds.transitions import STATE, move

SORTABLE = ("id", "name", "kind", "state")
OWN = ("id", "organisation_id", "state", "is_valid", "revision")
EDITABLE = frozenset({"additional_files_url", "needs", "is_valid"})


def visible_to(_who: Principal) -> ColumnElement[bool]:
    """The cubes that somebody signed in may know of: all."""
    return true()


def register(session: Session, who: Principal, cube: CubeIn) -> Cube:
    """A new cube.

    Raises:
        InvalidInput: Its additional files have a URL without a sha256, or the other way round; or its
            name looks like an identifier.
        SpecError: Its config breaks the cube contract.
        IntegrityError: Its digest is not that of its content.
        Conflict: The name or the content is registered already.
    """
    key = _checked(session, cube)
    row = CubeRow(
        organisation_id=organisations.owner_of(session, who, cube.organisation_id),
        name=cube.name,
        name_key=key,
        kind=cube.kind,
        state=cube.state,
        digest=cube.digest,
        body=_body(cube),
    )
    created(session, who, "cube.register", row)
    return as_cube(row)


def list_cubes(session: Session, who: Principal, window: Window, *, wanted: Wanted) -> Page[Cube]:
    """The cubes whose columns have the `wanted` values."""
    statement = select(CubeRow).where(visible_to(who))
    return page(
        session, statement, CubeRow, window=window, wanted=wanted, sortable=SORTABLE, read=as_cube
    )


def read(session: Session, who: Principal, cube_id: int) -> Cube:
    """One cube."""
    return as_cube(find(session, who, cube_id))


def find(session: Session, who: Principal, cube_id: int) -> CubeRow:
    """A cube.

    Raises:
        NotFound: There is none that `who` may know of.
    """
    return one(session, CubeRow, cube_id, visible_to(who), "cube")


def find_kind(session: Session, who: Principal, cube_id: int, kind: CubeKind) -> CubeRow:
    """A valid cube of a kind.

    Raises:
        NotFound: There is no such cube.
        InvalidInput: It is of another kind.
        Conflict: It was withdrawn.
    """
    row = find(session, who, cube_id)
    if row.kind != kind:
        raise InvalidInput(f"cube {cube_id} is a {row.kind}, needed a {kind}")
    if not row.is_valid:
        raise Conflict(f"cube {cube_id} is withdrawn, needed a valid one")
    return row


def need_operation(row: CubeRow) -> None:
    """Pass if a cube is in OPERATION.

    Raises:
        Conflict: It is not.
    """
    if row.state != State.OPERATION:
        message = f"cube {row.key} is in {row.state}, needed OPERATION"
        raise Conflict(f"{message}; set it once it is finished")


def change(
    session: Session, who: Principal, cube_id: int, change: CubeChange, *, revision: int
) -> Cube:
    """The cube, changed; withdrawn, it is run nowhere any more.

    Raises:
        NotFound: There is no such cube.
        Forbidden: It is another organisation's.
        Conflict: It changed meanwhile, a field is frozen in OPERATION, what it becomes is taken, or it
            would do something else where it was agreed to.
        InvalidInput, SpecError, IntegrityError: What it becomes is no cube.
    """
    row = find(session, who, cube_id)
    who.need_in(Role.MEMBER, row.organisation_id, f"cube {cube_id}")
    editing.need_revision(row, revision, f"cube {cube_id}")
    current = as_cube(row).model_dump(mode="json")
    wanted = editing.changes(change, current, state=row.state, editable=EDITABLE)
    merged = {
        name: value for name, value in (current | wanted).items() if name in CubeIn.model_fields
    }
    cube = editing.rebuilt(CubeIn, merged)
    key = _checked(session, cube, but=cube_id)
    editing.need_values(wanted, frozenset({"is_valid"}))
    if cube.digest != row.digest:
        _need_unused(session, row)
    with changed(session, who, "cube.change", row):
        if cube.state != row.state:
            row.state = move(STATE, State(row.state), cube.state)
        row.name, row.name_key, row.digest, row.body = cube.name, key, cube.digest, _body(cube)
        row.is_valid = bool(wanted.get("is_valid", row.is_valid))
    if "is_valid" in wanted:
        joining.refresh_model(session, row.key)
        joining.refresh_judged(session, row.key)
        outcomes.void_publications_with(session, who, row, "a cube was withdrawn")
    return as_cube(row)


def as_cube(row: CubeRow) -> Cube:
    """The record of a row."""
    return Cube.model_validate(row.body | {name: getattr(row, name) for name in OWN})


def _checked(session: Session, cube: CubeIn, *, but: int | None = None) -> str:
    """The key of a cube's name, once cube and name are found to be good and free."""
    if (cube.additional_files_url is None) != (cube.additional_files_sha256 is None):
        message = (
            "found one of additional_files_url and additional_files_sha256, needed both or none"
        )
        raise InvalidInput(message)
    check_texts(cube)
    key = checked_key(cube.name)
    from_record(cube)
    named = session.exec(select(CubeRow).where(CubeRow.name_key == key)).first()
    if named is not None and named.id != but:
        message = f"a cube named {named.name} is registered"
        raise Conflict(f"{message}, needed a new name that does not look the same")
    twin = session.exec(select(CubeRow).where(CubeRow.digest == cube.digest)).first()
    if twin is not None and twin.id != but:
        raise Conflict(f"the same content is registered as cube {twin.key}, {twin.name}; use that")
    return key


def _body(cube: CubeIn) -> Document:
    return cube.model_dump(mode="json", exclude={"organisation_id", "state"})


def _need_unused(session: Session, row: CubeRow) -> None:
    """Pass if nobody has been shown this content: no benchmark, association or dataset names the cube."""
    parts = or_(
        col(BenchmarkRow.preparator_id) == row.key,
        col(BenchmarkRow.reference_model_id) == row.key,
        col(BenchmarkRow.metrics_id) == row.key,
    )
    uses = {
        "benchmark": select(BenchmarkRow.id).where(parts),
        "association": select(AssociationRow.id).where(AssociationRow.model_id == row.key),
        "dataset": select(DatasetRow.id).where(DatasetRow.preparator_id == row.key),
    }
    for noun, statement in uses.items():
        found = session.exec(statement.limit(1)).first()
        if found is not None:
            message = (
                f"cube {row.key} is part of {noun} {found}, whose people agreed to its content"
            )
            raise Conflict(f"{message}; register the new content as another cube")
