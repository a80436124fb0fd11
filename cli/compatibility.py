"""`rounds test`: what a site would do with a model, done here on a benchmark's public demo data.

With `--local` it is a rehearsal: a cube from a folder plays one of the three roles, and the report is no proof.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from pydantic import JsonValue

from cli.local_cubes import Delivered, desk_context, read_local
from cli.proposals import Tested, read_tested
from cli.settings import signed_in, typed
from cli.tables import Json, show_one
from cube_specs.models import CubeKind
from rounds.digests import canonical_json, sha256_bytes
from rounds.errors import IntegrityError, SpecError
from rounds.records.base import Record
from site_profiles.models import Engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rounds.cubes import Cube
    from rounds.supplies import Supplies

app = typer.Typer(no_args_is_help=True)
REPORT: Final = Path("report.json")
REHEARSED: Final = Path("rehearsal.json")
ROLES: Final = (CubeKind.PREPARATOR, CubeKind.MODEL, CubeKind.METRICS)
WORKSPACE: Final = Path("compatibility")
MIRROR: Final = Path("mirror")


class Outcome(Record):
    """What a test showed, and the two sha256 that a benchmark's document names."""

    scores: dict[str, float]
    n_cases: int
    demo_dataset_sha256: str
    compatibility_sha256: str


class Rehearsal(Record):
    """What a test with local cubes in these roles showed; there is no sha256, since it proves nothing."""

    rehearsal: tuple[str, ...]
    scores: dict[str, float]
    n_cases: int
    demo_dataset_sha256: str


@app.callback()
def group() -> None:
    """Try a model on a benchmark's demo data, here."""


@app.command()
def run(
    benchmark: Annotated[
        str, typer.Argument(help="Its id; or its YAML, for one that is not submitted yet.")
    ],
    demo: Annotated[Path, typer.Option(help="The demo dataset: a folder with data/ and labels/.")],
    *,
    model: Annotated[
        int | None, typer.Option(min=1, help="A model's id; the reference model without it.")
    ] = None,
    local: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ROLE=FOLDER",
            help="Rehearse: let a cube of yours play preparator, model or metrics.",
        ),
    ] = None,
    engine: Annotated[Engine, typer.Option(help="What runs the cubes.")] = Engine.DOCKER,
    report: Annotated[
        Path | None,
        typer.Option(help=f"Where the report goes; {REPORT}, {REHEARSED} of a rehearsal."),
    ] = None,
    mirror: Annotated[
        Path, typer.Option(help="Additional files, each as <sha256>.tar.gz.")
    ] = MIRROR,
    workspace: Annotated[
        Path, typer.Option(help="Kept between tests, so that only what is new runs.")
    ] = WORKSPACE,
    as_json: Json = False,
) -> None:
    """Run every stage, and write the report. A benchmark and a model join with it, unless it is a rehearsal's."""
    from rounds.compatibility import run_compatibility_test
    from rounds.rehearsals import as_rehearsal
    from rounds.supplies import Supplies
    from rounds.workspace import write_whole

    folders = _folders(local or [], model)
    tested = _tested(benchmark, demo)
    supplies = Supplies(mirror=mirror, cache=workspace / "images")
    cubes = _registered(_numbers(tested, model, without=folders))
    cubes |= _local(folders, engine, supplies)
    found = run_compatibility_test(
        demo,
        preparator=cubes[CubeKind.PREPARATOR],
        model=cubes[CubeKind.MODEL],
        metrics=cubes[CubeKind.METRICS],
        contract=tested.contract,
        context=desk_context(workspace, engine, supplies, cubes.values()),
    )
    found = as_rehearsal(found, folders) if folders else found
    target = report or (REHEARSED if folders else REPORT)
    write_whole(target, content := canonical_json(found))
    show_one(_rehearsed(found) if folders else _outcome(found, content), as_json=as_json)
    typer.echo(_remark(target, folders), err=True)


def _folders(local: list[str], model: int | None) -> dict[CubeKind, Path]:
    """The folder of each role that a local cube plays."""
    pairs = [one.partition("=") for one in local]
    found = {CubeKind(role): Path(path) for role, _, path in pairs if role in ROLES and path}
    if len(found) < len(local):
        message = f"found no ROLE=FOLDER, or a role twice, needed one of {', '.join(ROLES)}"
        raise typer.BadParameter(message, param_hint="--local")
    if model is not None and CubeKind.MODEL in found:
        message = "found a registered model and a local one, needed one of them"
        raise typer.BadParameter(message, param_hint="--local")
    return found


def _tested(benchmark: str, demo: Path) -> Tested:
    """What the benchmark asks for.

    Raises:
        IntegrityError: The demo data is not that of the registered benchmark.
    """
    if not benchmark.isdecimal():
        return read_tested(Path(benchmark))
    from rounds.catalogue import digest_raw

    with signed_in() as registry:
        found = registry.benchmark(int(benchmark))
    if digest_raw(demo / "data", demo / "labels") != found.demo_dataset_sha256:
        message = f"the demo data is not that of benchmark {benchmark}, needed the same bytes"
        raise IntegrityError(f"{message}; ask its committee for them")
    return Tested.model_validate(found.model_dump(include=set(Tested.model_fields)))


def _numbers(
    tested: Tested, model: int | None, *, without: "Iterable[CubeKind]"
) -> dict[CubeKind, int]:
    """The registered cube of each role that no local one plays.

    Raises:
        SpecError: The benchmark's document does not name it.
    """
    named = {
        CubeKind.PREPARATOR: tested.preparator_id,
        CubeKind.MODEL: model or tested.reference_model_id,
        CubeKind.METRICS: tested.metrics_id,
    }
    numbers: dict[CubeKind, int] = {}
    for role in [role for role in ROLES if role not in without]:
        if (number := named[role]) is None:
            message = f"found no {role} in the benchmark's document, needed its id"
            raise SpecError(f"{message}, or --local {role}=FOLDER to rehearse")
        numbers[role] = number
    return numbers


def _registered(numbers: "Mapping[CubeKind, int]") -> "dict[CubeKind, Cube]":
    from rounds.cubes import from_record

    if not numbers:
        return {}
    with signed_in() as registry:
        return {role: from_record(registry.cube(number)) for role, number in numbers.items()}


def _local(
    folders: "Mapping[CubeKind, Path]", engine: Engine, supplies: "Supplies"
) -> "dict[CubeKind, Cube]":
    """The cube of each folder.

    Raises:
        SpecError: One is another kind of cube than its role needs.
    """
    cubes = {
        role: read_local(folder, Delivered(engine=engine, further={}), supplies)
        for role, folder in folders.items()
    }
    for role, cube in cubes.items():
        if cube.kind is not role:
            message = f"found a cube of the kind {cube.kind} as the local {role}, needed a {role}"
            raise SpecError(f"{message}; name another folder")
    return cubes


def _outcome(report: dict[str, JsonValue], content: bytes) -> Outcome:
    return typed(
        Outcome,
        scores=report["scores"],
        n_cases=report["n_cases"],
        demo_dataset_sha256=report["demo_dataset"],
        compatibility_sha256=sha256_bytes(content),
    )


def _rehearsed(report: dict[str, JsonValue]) -> Rehearsal:
    return typed(
        Rehearsal,
        rehearsal=report["rehearsal"],
        scores=report["scores"],
        n_cases=report["n_cases"],
        demo_dataset_sha256=report["demo_dataset"],
    )


def _remark(target: Path, folders: "Mapping[CubeKind, Path]") -> str:
    if not folders:
        return f"the report is in {target.name}; keep it as it is"
    roles = ", ".join(folders)
    return f"a rehearsal with a local {roles}: its report, {target.name}, proves nothing and joins nothing"
