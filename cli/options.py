"""Options that several commands share."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from rounds.records.cubes import Needs

IMAGE: Final = re.compile(r"(sha256:)?[0-9a-f]{64}")
OrganisationOption = Annotated[
    int | None,
    typer.Option("--organisation", min=1, help="Whose it will be; your own organisation of one."),
]
Reason = Annotated[str, typer.Option(help="Kept with it, for all who may know of it.")]
Document = Annotated[Path, typer.Argument(help="YAML; docs/benchmark.md has one.")]


def _image_id(text: str | None) -> str | None:
    if text is not None and not IMAGE.fullmatch(text):
        raise typer.BadParameter("found no image id, needed its 64 hex digits; ask docker inspect")
    return text


NeedsRoot = Annotated[
    bool,
    typer.Option(
        "--needs-writable-root",
        help="It writes into its image's own files; each site must grant that.",
    ),
]
NeedsScratch = Annotated[
    float | None,
    typer.Option(
        "--needs-scratch-gib",
        min=0,
        help="It needs so much room in /tmp; each site must grant that.",
    ),
]


def needs_of(*, writable_root: bool, scratch_gib: float | None) -> "Needs":
    """What a cube is declared to need."""
    from cli.settings import typed
    from rounds.records.cubes import Needs

    return typed(Needs, writable_root=writable_root, scratch_gib=scratch_gib)


Image = Annotated[
    str | None, typer.Option(help="The Docker image's id, 64 hex digits.", callback=_image_id)
]
ImageFile = Annotated[
    Path | None,
    typer.Option(exists=True, help="Or its file: from docker save, an OCI archive, or a SIF."),
]
StepImages = Annotated[
    list[str] | None,
    typer.Option(
        "--step-image",
        metavar="NAME=DIGEST",
        help="The digest of one of the document's further images; repeatable.",
    ),
]


def step_images(told: list[str] | None) -> dict[str, str]:
    """The digests of further images, by their names."""
    pairs = [words.partition("=") for words in told or ()]
    if not all(IMAGE.fullmatch(digest) for _, _, digest in pairs):
        raise typer.BadParameter("needed NAME=sha256:<64 hex digits>", param_hint="--step-image")
    return {name: digest.removeprefix("sha256:") for name, _, digest in pairs}
