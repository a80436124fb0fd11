"""`rounds test`: what a site would do with a model, done here on a benchmark's public demo data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from pydantic import JsonValue

from cli.proposals import Tested, read_tested
from cli.settings import signed_in, typed
from cli.tables import Json, show_one
from rounds.digests import canonical_json, sha256_bytes
from rounds.errors import IntegrityError
from rounds.records.base import Record
from site_profiles.models import Engine, Unsafe

if TYPE_CHECKING:
    from rounds.client.registry import RegistryClient
    from rounds.cubes import Cube

app = typer.Typer(no_args_is_help=True)
REPORT: Final = Path("report.json")
WORKSPACE: Final = Path("compatibility")
MIRROR: Final = Path("mirror")


class Outcome(Record):
    """What a test showed, and the two sha256 that a benchmark's document names."""

    scores: dict[str, float]
    n_cases: int
    demo_dataset_sha256: str
    compatibility_sha256: str


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
    engine: Annotated[Engine, typer.Option(help="What runs the cubes.")] = Engine.DOCKER,
    report: Annotated[Path, typer.Option(help="Where the report goes.")] = REPORT,
    mirror: Annotated[
        Path, typer.Option(help="Additional files, each as <sha256>.tar.gz.")
    ] = MIRROR,
    workspace: Annotated[
        Path, typer.Option(help="Kept between tests, so that only what is new runs.")
    ] = WORKSPACE,
    as_json: Json = False,
) -> None:
    """Run every stage, and write the report. A benchmark and a model join with it."""
    from rounds.compatibility import run_compatibility_test
    from rounds.runners.choose import runner_for
    from rounds.stages import RunContext
    from rounds.supplies import Supplies
    from rounds.workspace import Workspace, write_whole

    with signed_in() as registry:
        tested = _tested(registry, benchmark, demo)
        model_id = model or tested.reference_model_id
        preparator, candidate, judge = (
            _cube(registry, number)
            for number in (tested.preparator_id, model_id, tested.metrics_id)
        )
    supplies = Supplies(mirror=mirror, cache=workspace / "images")
    runner = runner_for(engine, supplies, frozenset(Unsafe))  # public data, at one's own desk
    found = run_compatibility_test(
        demo,
        preparator=preparator,
        model=candidate,
        metrics=judge,
        contract=tested.contract,
        context=RunContext(workspace=Workspace(workspace), runner=runner, supplies=supplies),
    )
    content = canonical_json(found)
    write_whole(report, content)
    show_one(_outcome(found, content), as_json=as_json)
    typer.echo(f"the report is in {report.name}; keep it as it is", err=True)


def _tested(registry: "RegistryClient", benchmark: str, demo: Path) -> Tested:
    """What the benchmark asks for.

    Raises:
        IntegrityError: The demo data is not that of the registered benchmark.
    """
    if not benchmark.isdecimal():
        return read_tested(Path(benchmark))
    from rounds.catalogue import digest_raw

    found = registry.benchmark(int(benchmark))
    if digest_raw(demo / "data", demo / "labels") != found.demo_dataset_sha256:
        message = f"the demo data is not that of benchmark {benchmark}, needed the same bytes"
        raise IntegrityError(f"{message}; ask its committee for them")
    return Tested.model_validate(found.model_dump(include=set(Tested.model_fields)))


def _cube(registry: "RegistryClient", cube_id: int) -> "Cube":
    from rounds.cubes import from_record

    return from_record(registry.cube(cube_id))


def _outcome(report: dict[str, JsonValue], content: bytes) -> Outcome:
    return typed(
        Outcome,
        scores=report["scores"],
        n_cases=report["n_cases"],
        demo_dataset_sha256=report["demo_dataset"],
        compatibility_sha256=sha256_bytes(content),
    )
