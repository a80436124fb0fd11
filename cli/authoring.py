"""`rounds cube create`, `check` and `run`: a cube at its author's desk, before any registry knows it."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from cli.cells import printable
from cli.local_cubes import (
    DESK,
    Delivered,
    Desk,
    EngineOption,
    desk_context,
    desk_supplies,
    read_local,
)
from cli.options import (
    Image,
    ImageFile,
    NeedsRoot,
    NeedsScratch,
    StepImages,
    needs_of,
    step_images,
)
from cli.tables import Column, Json, show_list, show_one
from rounds.authoring.findings import Finding, Verdict, failed, warning
from rounds.authoring.templates import Template, create_cube
from rounds.errors import RoundsError, SpecError
from rounds.records.base import Record
from site_profiles.models import Engine

if TYPE_CHECKING:
    from rounds.authoring.trials import Tried
    from rounds.records.cubes import Needs
    from rounds.runners.base import Finished

COLUMNS: Final = (Column("check"), Column("verdict"), Column("says"))
CubeFolder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The cube's.")]
Mounts = Annotated[
    list[str] | None,
    typer.Option("--mount", metavar="KEY=PATH", help="Once for each input and output."),
]


class HandRun(Record):
    """How a task that was called by hand ended, and where its log lies."""

    cube: str
    task: str
    exit_status: int
    seconds: float
    peak_memory_mib: int | None
    log: str


def add_authoring(app: typer.Typer) -> None:
    """Give `app` the commands of a cube's author."""
    app.command()(create)
    app.command()(check)
    app.command()(run)


def create(
    kind: Template,
    folder: Annotated[Path, typer.Argument(help="Empty, or not there yet; the cube's name.")],
) -> None:
    """Begin a cube: a small one that runs, with a Dockerfile, demo data and tests."""
    for name in create_cube(kind, folder):
        typer.echo(str(folder / name))
    typer.echo(f"it runs as it is: rounds cube check {folder}", err=True)


def check(
    folder: CubeFolder,
    *,
    data: Annotated[
        Path | None, typer.Option(file_okay=False, exists=True, help="Demo data; or its demo/.")
    ] = None,
    engine: EngineOption = Engine.DOCKER,
    image: Image = None,
    image_file: ImageFile = None,
    step_image: StepImages = None,
    needs_writable_root: NeedsRoot = False,
    needs_scratch_gib: NeedsScratch = None,
    workspace: Desk = DESK,
    as_json: Json = False,
) -> None:
    """Read a cube as a registry would, and run each task once on demo data as a site would."""
    from rounds.authoring.lint import lint
    from rounds.authoring.trials import Tried

    findings = lint(folder)
    if any(finding.verdict is Verdict.FAILED for finding in findings):
        message = "found what breaks the cube contract, needed every check to pass"
        tried = Tried([], SpecError(f"{message}; nothing was run"))
    else:
        further = step_images(step_image)
        how = Delivered(engine=engine, image=image, file=image_file, further=further)
        needs = needs_of(writable_root=needs_writable_root, scratch_gib=needs_scratch_gib)
        tried = _try(folder, data or folder / "demo", how, needs=needs, workspace=workspace)
    findings += tried.findings
    show_list(findings, COLUMNS, total=len(findings), as_json=as_json)
    if tried.error is not None:
        raise tried.error


def run(
    folder: CubeFolder,
    task: str,
    *,
    mount: Mounts = None,
    engine: EngineOption = Engine.DOCKER,
    image: Image = None,
    image_file: ImageFile = None,
    needs_writable_root: NeedsRoot = False,
    needs_scratch_gib: NeedsScratch = None,
    workspace: Desk = DESK,
    as_json: Json = False,
) -> None:
    """Run one task by hand, held as at a site; its parameters and additional files come by themselves."""
    from rounds.authoring.by_hand import plan_by_hand, run_by_hand
    from rounds.cubes import read_cube
    from rounds.runners.call_log import last_lines
    from rounds.runners.verdict import failure

    supplies = desk_supplies(workspace)
    named = _mounts(mount or [])
    context = desk_context(workspace, engine, supplies)
    call = plan_by_hand(read_cube(folder.resolve()), task, named, context)  # a slip costs no build
    cube = read_local(folder, Delivered(engine=engine, image=image, file=image_file), supplies)
    needs = needs_of(writable_root=needs_writable_root, scratch_gib=needs_scratch_gib)
    cube = replace(cube, needs=needs)
    typer.echo(f"its log is {call.log}", err=True)
    context = desk_context(workspace, engine, supplies, [cube])
    finished = run_by_hand(replace(call, cube=cube), context)
    ended = _hand_run(cube.name, task, finished, log=call.log)
    show_one(ended, as_json=as_json)
    words = last_lines(call.log)
    if finished.exit_code != 0:
        raise failure(cube.name, task, finished, last_words=words)
    for line in words.splitlines():
        typer.echo(printable(line), err=True)


def _try(folder: Path, demo: Path, how: Delivered, *, needs: "Needs", workspace: Path) -> "Tried":
    """What building and running it found; what keeps it from being run is found too."""
    from rounds.authoring.trials import Tried, need_demo, try_on

    supplies = desk_supplies(workspace)
    try:
        cube = replace(read_local(folder, how, supplies), needs=needs)
        need_demo(cube.kind, demo)
    except RoundsError as error:
        return Tried([failed("ready to run", error.summary)], error)
    workspace.mkdir(parents=True, exist_ok=True)
    root = tempfile.mkdtemp(dir=workspace, prefix=f"{cube.name}-")
    typer.echo(f"its work and logs are in {root}", err=True)
    tried = try_on(cube, demo, desk_context(Path(root), how.engine, supplies, [cube]))
    return Tried([*_remarks(how), *tried.findings], tried.error)


def _remarks(how: Delivered) -> list[Finding]:
    if how.engine is not Engine.PROCESS:
        return []
    says = "found the engine process, which isolates nothing; check it with docker or apptainer too"
    return [warning("engine", says)]


def _mounts(named: list[str]) -> dict[str, Path]:
    pairs = [one.partition("=") for one in named]
    found = {key: Path(path) for key, _, path in pairs if key and path}
    if len(found) < len(named):
        message = "found a mount that is no KEY=PATH, or a key twice, needed each key once"
        raise typer.BadParameter(message, param_hint="--mount")
    return found


def _hand_run(cube: str, task: str, finished: "Finished", *, log: Path) -> HandRun:
    peak = finished.peak_memory
    return HandRun(
        cube=cube,
        task=task,
        exit_status=finished.exit_code,
        seconds=round(finished.seconds, 3),
        peak_memory_mib=None if peak is None else peak // 1024**2,
        log=str(log),
    )
