"""`rounds cube`: preparators, models and metrics cubes, registered from their folders."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.authoring import add_authoring
from cli.lists import Listing, add_list
from cli.options import (
    Image,
    ImageFile,
    NeedsRoot,
    NeedsScratch,
    OrganisationOption,
    StepImages,
    needs_of,
    step_images,
)
from cli.prompts import Yes
from cli.sending import change_of, need_yes, send_change
from cli.sessions import freshly
from cli.settings import signed_in
from cli.tables import Column, Json, show_one
from cube_specs.models import CubeKind
from rounds.records.cubes import Cube, CubeChange, State

if TYPE_CHECKING:
    from rounds.records.cubes import CubeIn

app = typer.Typer(no_args_is_help=True)
COLUMNS: Final = (
    Column("id"),
    Column("kind"),
    Column("name"),
    Column("state"),
    Column("digest"),
    Column("organisation_id", "organisation"),
    Column("is_valid", "valid"),
)
CONTENT: Final = (
    "config",
    "parameters",
    "artifacts",
    "additional_files_sha256",
    "digest",
)

add_list(
    app,
    Listing(
        record=Cube,
        path="/cubes",
        says="The cubes.",
        columns=COLUMNS,
        filters={
            "name": str,
            "kind": CubeKind,
            "state": State,
            "organisation_id": int,
            "is_valid": bool,
        },
    ),
)


add_authoring(app)
Url = Annotated[str | None, typer.Option(help="Where sites fetch the additional files.")]


@app.command()
def show(cube_id: int, *, as_json: Json = False) -> None:
    """One cube."""
    show_one(signed_in().cube(cube_id), as_json=as_json)


@app.command()
def submit(
    folder: Annotated[Path, typer.Argument(help="With container_config.yaml, parameters.yaml.")],
    *,
    image: Image = None,
    image_file: ImageFile = None,
    step_image: StepImages = None,
    url: Url = None,
    needs_writable_root: NeedsRoot = False,
    needs_scratch_gib: NeedsScratch = None,
    operational: Annotated[
        bool, typer.Option("--operational", help="In OPERATION at once: frozen, and may join.")
    ] = False,
    organisation: OrganisationOption = None,
    yes: Yes = False,
) -> None:
    """Register a cube and print its id and digest."""
    read = _read(folder, image, image_file, further=step_images(step_image), url=url)
    state = State.OPERATION if operational else State.DEVELOPMENT
    needs = needs_of(writable_root=needs_writable_root, scratch_gib=needs_scratch_gib)
    told = {"state": state, "organisation_id": organisation, "needs": needs}
    wanted = read.model_copy(update=told)
    need_yes(wanted, "Register this cube?", yes=yes)
    cube = freshly(lambda registry: registry.register_cube(wanted))
    typer.echo(f"cube {cube.id}\t{cube.name}\t{cube.digest}")


@app.command("set")
def set_cube(  # noqa: PLR0913  one for each thing that may change
    cube_id: int,
    *,
    folder: Annotated[
        Path | None, typer.Option(help="Take its content anew from here (in DEVELOPMENT).")
    ] = None,
    image: Image = None,
    image_file: ImageFile = None,
    step_image: StepImages = None,
    name: Annotated[str | None, typer.Option(help="A new name (in DEVELOPMENT).")] = None,
    url: Url = None,
    needs_writable_root: Annotated[
        bool | None,
        typer.Option(
            "--needs-writable-root/--needs-no-writable-root", help="Its needs, all of them anew."
        ),
    ] = None,
    needs_scratch_gib: NeedsScratch = None,
    valid: Annotated[
        bool | None, typer.Option("--valid/--withdrawn", help="Bring it back, or withdraw it.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Change a cube. In OPERATION: only its URL, its needs, and whether it is valid."""
    content: dict[str, object] = {}
    if folder is not None:
        content = _read(
            folder, image, image_file, further=step_images(step_image), url=url
        ).model_dump(include=set(CONTENT))
    if needs_writable_root is not None or needs_scratch_gib is not None:
        content["needs"] = needs_of(
            writable_root=bool(needs_writable_root), scratch_gib=needs_scratch_gib
        )
    change = change_of(CubeChange, name=name, additional_files_url=url, is_valid=valid, **content)
    _send(cube_id, change, yes=yes)


@app.command()
def operational(cube_id: int, *, yes: Yes = False) -> None:
    """Put a cube into OPERATION. From then on it is frozen, and may be used."""
    _send(cube_id, CubeChange(state=State.OPERATION), yes=yes)


@app.command()
def withdraw(cube_id: int, *, yes: Yes = False) -> None:
    """Withdraw a cube: nothing new starts with it."""
    _send(cube_id, CubeChange(is_valid=False), yes=yes)


def _read(
    folder: Path,
    image: str | None,
    file: Path | None,
    *,
    further: Mapping[str, str],
    url: str | None,
) -> "CubeIn":
    from rounds.cubes import read_cube, to_record
    from rounds.digests import sha256_file
    from rounds.images.archives import verify
    from rounds.images.store import is_sif

    sif = sha256_file(file) if file is not None and is_sif(file) else None
    if file is not None and sif is None:
        image = verify(file).digest
    return to_record(read_cube(folder.resolve(), image, sif_digest=sif, further=further), url=url)


def _send(cube_id: int, change: CubeChange, *, yes: bool) -> None:
    send_change(
        "cube",
        cube_id,
        change,
        read=lambda registry: registry.cube,
        write=lambda registry: registry.change_cube,
        yes=yes,
    )
