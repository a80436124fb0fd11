"""/cubes."""

from fastapi import APIRouter

from cube_specs.models import CubeKind
from registry_api.deps import Id, TheCall, TheWindow
from registry_api.services import cubes
from rounds.records.base import Page
from rounds.records.cubes import Cube, CubeIn

router = APIRouter(prefix="/cubes", tags=["cubes"])


@router.post("", status_code=201)
def register(body: CubeIn, call: TheCall) -> Cube:
    """A new cube."""
    with call.writing() as (session, who):
        return cubes.register(session, who, body)


@router.get("")
def list_cubes(
    call: TheCall, window: TheWindow, name: str | None = None, kind: CubeKind | None = None
) -> Page[Cube]:
    """The cubes, or those of a name or a kind."""
    with call.reading() as (session, who):
        return cubes.list_cubes(session, who, window, name=name, kind=kind)


@router.get("/{cube_id}")
def read(cube_id: Id, call: TheCall) -> Cube:
    """One cube."""
    with call.reading() as (session, who):
        return cubes.as_cube(cubes.find(session, who, cube_id))
