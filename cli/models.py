"""`rounds cube`, `rounds benchmark` and `rounds model`: what is judged, and by what."""

import re
from pathlib import Path
from typing import Annotated

import typer

from cli.settings import signed_in
from rounds.errors import SpecError

cubes = typer.Typer(no_args_is_help=True)
benchmarks = typer.Typer(no_args_is_help=True)
associations = typer.Typer(no_args_is_help=True)


IMAGE = re.compile(r"(sha256:)?[0-9a-f]{64}")


def _image_id(text: str | None) -> str | None:
    if text is not None and not IMAGE.fullmatch(text):
        raise typer.BadParameter("found no image id, needed its 64 hex digits; ask docker inspect")
    return text


@cubes.command("submit")
def submit_cube(
    folder: Annotated[Path, typer.Argument(help="With container_config.yaml, parameters.yaml.")],
    image: Annotated[
        str | None, typer.Option(help="The Docker image's id, 64 hex digits.", callback=_image_id)
    ] = None,
    url: Annotated[str | None, typer.Option(help="Where sites fetch the additional files.")] = None,
) -> None:
    """Register a cube and print its id and digest."""
    from rounds.cubes import read_cube, to_record

    cube = signed_in().register_cube(to_record(read_cube(folder.resolve(), image), url=url))
    typer.echo(f"cube {cube.id}\t{cube.name}\t{cube.digest}")


@cubes.command("list")
def list_cubes() -> None:
    """Every cube."""
    for cube in signed_in().cubes():
        typer.echo(f"{cube.id}\t{cube.kind}\t{cube.name}\t{cube.digest[:12]}")


@benchmarks.command("submit")
def submit_benchmark(
    file: Annotated[Path, typer.Argument(help="The benchmark as YAML; docs/benchmark.md has one.")],
) -> None:
    """Propose a benchmark; an administrator decides."""
    from rounds.documents import read_document
    from rounds.records.benchmarks import BenchmarkIn

    made = signed_in().propose_benchmark(read_document(BenchmarkIn, file))
    typer.echo(f"benchmark {made.id} is {made.status}; approval {made.approval_id} decides")


@benchmarks.command("list")
def list_benchmarks() -> None:
    """Every benchmark you may know of."""
    for found in signed_in().benchmarks():
        typer.echo(f"{found.id}\t{found.status}\t{found.name}")


@benchmarks.command()
def leaderboard(benchmark_id: int) -> None:
    """Every site, model and metric, and the pooled rows, as CSV."""
    from rounds.report import leaderboard_frame

    typer.echo(leaderboard_frame(signed_in().leaderboard(benchmark_id)).write_csv(), nl=False)


@associations.command()
def associate(
    benchmark_id: int,
    model_id: int,
    report: Annotated[Path, typer.Argument(help="The compatibility test's report.")],
) -> None:
    """Ask for a model to be judged."""
    from rounds.digests import sha256_file
    from rounds.records.benchmarks import AssociationIn

    if not report.is_file():
        raise SpecError(f"found no file {report.name}, needed the compatibility test's report")
    wanted = AssociationIn(
        benchmark_id=benchmark_id, model_id=model_id, test_sha256=sha256_file(report)
    )
    made = signed_in().associate(wanted)
    typer.echo(f"association {made.id} is {made.status}")
