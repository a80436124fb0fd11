"""`rounds image`: what a site that pulls nothing has been brought by hand."""

from pathlib import Path
from typing import Annotated

import typer

from cli.settings import this_site

app = typer.Typer(no_args_is_help=True)


@app.command("take-in")
def take_in(
    file: Annotated[Path, typer.Argument(help="From docker save, an OCI layout, or a SIF.")],
    *,
    name: Annotated[
        str | None, typer.Option(help="Which image, if the archive holds several.")
    ] = None,
) -> None:
    """Put an image into the site's mirror under its digest, every byte verified, and print that."""
    typer.echo(this_site().context.supplies.images.take_in(file, name=name))
