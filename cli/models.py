"""`rounds model`: cubes that are judged."""

from pathlib import Path
from typing import Annotated

import typer

from cli.cubes import COLUMNS
from cli.lists import Listing, add_list
from cli.prompts import Yes
from cli.sending import need_yes
from cli.sessions import freshly
from cli.settings import signed_in, typed
from cli.tables import Json, show_one
from cube_specs.models import CubeKind
from rounds.errors import NotFound, SpecError
from rounds.records.benchmarks import AssociationIn
from rounds.records.cubes import Cube, State

app = typer.Typer(no_args_is_help=True)

add_list(
    app,
    Listing(
        record=Cube,
        path="/cubes",
        says="The cubes that are models.",
        columns=tuple(column for column in COLUMNS if column.field != "kind"),
        filters={"name": str, "state": State, "organisation_id": int, "is_valid": bool},
        fixed={"kind": CubeKind.MODEL},
    ),
)


@app.command()
def show(model_id: int, *, as_json: Json = False) -> None:
    """One model."""
    cube = signed_in().cube(model_id)
    if cube.kind is not CubeKind.MODEL:
        raise NotFound(f"cube {model_id} is a {cube.kind}, needed a model; run rounds model list")
    show_one(cube, as_json=as_json)


@app.command()
def associate(
    benchmark_id: int,
    model_id: int,
    report: Annotated[Path, typer.Argument(help="What rounds test run wrote; its sha256 is sent.")],
    *,
    yes: Yes = False,
) -> None:
    """Ask for a model to be judged."""
    from rounds.digests import sha256_file
    from rounds.documents import load_yaml
    from rounds.rehearsals import need_test

    if not report.is_file():
        raise SpecError(f"found no file {report.name}, needed the compatibility test's report")
    need_test(load_yaml(report))
    digest = sha256_file(report)
    wanted = typed(AssociationIn, benchmark_id=benchmark_id, model_id=model_id, test_sha256=digest)
    need_yes(wanted, "Ask for this?", yes=yes)
    made = freshly(lambda registry: registry.associate(wanted))
    typer.echo(f"association {made.id} is {made.status}")
