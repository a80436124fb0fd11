"""/cubes."""

from cube_specs.models import CubeKind
from registry_api.deps import Id, IdFilter, NameFilter, TheCall, TheRevision, TheWindow
from registry_api.routes import PREFIX, routes
from registry_api.services import cubes
from rounds.records.base import Page
from rounds.records.cubes import Cube, CubeChange, CubeIn, State

router = routes("cubes", prefix=f"{PREFIX}/cubes")


@router.post("", status_code=201)
def register(body: CubeIn, call: TheCall) -> Cube:
    """A new cube."""
    return call.write(cubes.register, body)


@router.get("")
def list_cubes(
    call: TheCall,
    window: TheWindow,
    *,
    name: NameFilter = None,
    kind: CubeKind | None = None,
    state: State | None = None,
    organisation_id: IdFilter = None,
    is_valid: bool | None = None,
) -> Page[Cube]:
    """The cubes, or those of a name, a kind, a state or an organisation."""
    wanted = {
        "name": name,
        "kind": kind,
        "state": state,
        "organisation_id": organisation_id,
        "is_valid": is_valid,
    }
    return call.read(cubes.list_cubes, window, wanted=wanted)


@router.get("/{cube_id}")
def read(cube_id: Id, call: TheCall) -> Cube:
    """One cube."""
    return call.read(cubes.read, cube_id)


@router.patch("/{cube_id}")
def change(cube_id: Id, body: CubeChange, call: TheCall, revision: TheRevision) -> Cube:
    """The cube, changed; in OPERATION most of it is frozen."""
    return call.write(cubes.change, cube_id, body, revision=revision)
