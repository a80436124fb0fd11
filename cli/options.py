"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

OrganisationOption = Annotated[
    int | None,
    typer.Option("--organisation", min=1, help="Whose it will be; your own organisation of one."),
]
Reason = Annotated[str, typer.Option(help="Kept with it, for all who may know of it.")]
Document = Annotated[Path, typer.Argument(help="YAML; docs/benchmark.md has one.")]
