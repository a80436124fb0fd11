"""`rounds predictions`: at a site, what a model made of single cases, on a page that stays here."""

from typing import Annotated

import typer

from cli.settings import this_site

app = typer.Typer(no_args_is_help=True)


@app.callback()
def group() -> None:
    """At a site: a model's worst and best cases."""


@app.command("open")
def open_page(
    execution_id: int,
    *,
    cases: Annotated[int, typer.Option(min=1, max=1000, help="So many worst, so many best.")] = 20,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Write the page and print its path, no more.")
    ] = False,
) -> None:
    """Show an evaluated cell's worst and best cases. The page lies in the workspace and is about patients."""
    from rounds.case_pages import write_page

    page = write_page(this_site().workspace, execution_id, n_cases=cases)
    typer.echo(str(page))
    if not no_browser:
        typer.launch(page.as_uri())
