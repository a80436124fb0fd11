"""/cubes."""

from typing import Annotated

from fastapi import Query

from cube_specs.models import CubeKind
from registry_api.deps import Id, IdFilter, NameFilter, TheCall, ThePost, TheRevision
from registry_api.routes import PREFIX, routes
from registry_api.services import cubes
from registry_api.services.paging import ListQuery
from rounds.records.base import Page
from rounds.records.cubes import Cube, CubeChange, CubeIn, State

router = routes("cubes", prefix=f"{PREFIX}/cubes")


@router.post("", status_code=201)
def register(body: CubeIn, call: ThePost) -> Cube:
    """A new cube."""
    return call.write(cubes.register, body)


class CubeQuery(ListQuery):
    """Which cubes are wanted."""

    name: NameFilter = None
    kind: CubeKind | None = None
    state: State | None = None
    organisation_id: IdFilter = None
    is_valid: bool | None = None


@router.get("")
def list_cubes(call: TheCall, query: Annotated[CubeQuery, Query()]) -> Page[Cube]:
    """The cubes, or those of a name, a kind, a state or an organisation."""
    return call.read(cubes.list_cubes, query, wanted=query.columns())


@router.get("/{cube_id}")
def read(cube_id: Id, call: TheCall) -> Cube:
    """One cube."""
    return call.read(cubes.read, cube_id)


@router.patch("/{cube_id}")
def change(cube_id: Id, body: CubeChange, call: TheCall, revision: TheRevision) -> Cube:
    """The cube, changed; in OPERATION most of it is frozen."""
    return call.write(cubes.change, cube_id, body, revision=revision)
