"""A cube from its author's folder, made ready to run here: its image at hand, its files on the shelf."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rounds.errors import SpecError
from site_profiles.models import Engine, Unsafe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rounds.calls import RunContext
    from rounds.cubes import Cube
    from rounds.supplies import Supplies

DESK: Final = Path("authoring")
EngineOption = Annotated[
    Engine, typer.Option(help="What runs it; process runs the cubes that come with Rounds only.")
]
Desk = Annotated[
    Path, typer.Option("--workspace", help="Logs, images and work go here; remove it as you like.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How somebody says that a cube's image comes; with neither it is built from the folder's Dockerfile.

    `further` has the digests of a workflow's further images, by name; others are built from `Dockerfile.<name>`. Without
    it they are left out, for who calls one task.
    """

    engine: Engine
    image: str | None = None
    file: Path | None = field(default=None, repr=False)
    further: "Mapping[str, str] | None" = None


def read_local(folder: Path, how: Delivered, supplies: "Supplies") -> "Cube":
    """The cube of a folder, its image where the engine finds it and its additional files in the mirror.

    Raises:
        SpecError: A document is wrong, or nothing says where the image comes from.
        IntegrityError: The image's file is not sound.
        RunnerError: The image cannot be built, or there is no Docker to build it.
    """
    from rounds.cubes import read_cube
    from rounds.images.store import is_sif

    home = folder.resolve()
    if how.image and how.file:
        message = "found --image and --image-file, needed one of them"
        raise SpecError(message)
    image = sif = None
    if how.file is not None:
        digest = supplies.images.take_in(how.file)
        image, sif = (None, digest) if is_sif(how.file) else (digest, None)
    elif how.engine is not Engine.PROCESS:
        image = _image(home, how, supplies)
    further = {} if how.engine is Engine.PROCESS else _further(home, how, supplies)
    cube = read_cube(home, image, sif_digest=sif, further=further)
    _bring_additional_files(home, cube, supplies.mirror)
    return cube


def desk_supplies(workspace: Path) -> "Supplies":
    """What lies on an author's desk: nothing of it is fetched."""
    from rounds.supplies import Supplies

    return Supplies(mirror=workspace / "mirror", cache=workspace / "images")


def desk_context(
    root: Path, engine: Engine, supplies: "Supplies", cubes: "Iterable[Cube]" = ()
) -> "RunContext":
    """What holds a cube here: the limits of a site that sets none, with what `cubes` declare that they need."""
    from rounds.calls import RunContext
    from rounds.grants import as_declared
    from rounds.runners.choose import runner_for
    from rounds.workspace import Workspace

    runner = runner_for(engine, supplies, frozenset(Unsafe))
    return RunContext(
        workspace=Workspace(root.absolute()),
        runner=runner,
        grants=as_declared(cubes),
        supplies=supplies,
    )


def _image(home: Path, how: Delivered, supplies: "Supplies") -> str:
    if how.image is None and not (home / "Dockerfile").is_file():
        message = "found no Dockerfile in the folder, needed one, --image ID or --image-file FILE"
        raise SpecError(message, detail=str(home))
    digest = (how.image or _built(home)).removeprefix("sha256:")
    if how.engine is Engine.APPTAINER:
        _save(digest, supplies)
    return digest


def _further(home: Path, how: Delivered, supplies: "Supplies") -> dict[str, str]:
    """The digests of a workflow's further images: as they are told, or built."""
    from rounds.cubes import read_cube

    digests = dict(how.further or {})
    for name in () if how.further is None else (read_cube(home).config.images or {}):
        if name in digests:
            continue
        if not (home / f"Dockerfile.{name}").is_file():
            message = f"found no Dockerfile.{name} in the folder, needed it or --step-image {name}="
            raise SpecError(f"{message}<digest>", detail=str(home))
        digests[name] = _built(home, name)
        if how.engine is Engine.APPTAINER:
            _save(digests[name], supplies)
    return digests


def _built(home: Path, step: str | None = None) -> str:
    from deployments.images import build_image

    typer.echo(f"building the image of {home.name}{f', {step}' if step else ''}", err=True)
    return build_image(home, step)


def _save(digest: str, supplies: "Supplies") -> None:
    from deployments.images import save_image

    save_image(digest, supplies.mirror)


def _bring_additional_files(home: Path, cube: "Cube", mirror: Path) -> None:
    from rounds.cubes import ADDITIONAL_FILES

    target = mirror / f"{cube.additional_files_sha256}.tar.gz"
    if cube.additional_files_sha256 is None or target.exists():
        return
    mirror.mkdir(parents=True, exist_ok=True)
    source = next(home / name for name in ADDITIONAL_FILES if (home / name).exists())
    part = target.with_suffix(".part")
    shutil.copyfile(source, part)
    part.rename(target)
