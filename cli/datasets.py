"""`rounds dataset`: at a site, register its data and start the work on it; anywhere, see what is registered."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.lists import Listing, add_list
from cli.options import OrganisationOption
from cli.preparation import done, progress
from cli.prompts import Yes
from cli.sending import change_of, need_yes, send_change
from cli.sessions import freshly
from cli.settings import signed_in, this_site, typed
from cli.tables import Column, Json, show_one
from rounds.records.base import Name
from rounds.records.cubes import State
from rounds.records.datasets import Dataset, DatasetChange, DatasetIn, ReleaseRule

app = typer.Typer(no_args_is_help=True)
NOT_STARTED: Final = "not started: it was tried too often; see the site's log"
PROGRESS: Final = "Whether percentages of its preparation leave."


class Release(StrEnum):
    """What a rule of the owner's may release unasked."""

    STATISTICS = "statistics"
    RESULTS = "results"


def _a_name(text: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Name).validate_python(text)
    except ValidationError as error:
        raise typer.BadParameter("needed 1 to 128 characters on one line") from error


add_list(
    app,
    Listing(
        record=Dataset,
        path="/datasets",
        says="The datasets that you may know of.",
        columns=(
            Column("id"),
            Column("name"),
            Column("site"),
            Column("benchmark_id", "benchmark"),
            Column("state"),
            Column("progress.status", "preparation"),
            Column("organisation_id", "organisation"),
            Column("is_valid", "valid"),
        ),
        filters={
            "benchmark_id": int,
            "preparator_id": int,
            "organisation_id": int,
            "site": str,
            "state": State,
            "is_valid": bool,
        },
    ),
)


@app.command()
def show(dataset_id: int, *, as_json: Json = False) -> None:
    """One dataset."""
    show_one(signed_in().dataset(dataset_id), as_json=as_json)


@app.command()
def submit(  # noqa: PLR0913  each is an option of its own
    benchmark_id: int,
    data: Annotated[Path, typer.Option(help="Folder of the raw data; stays here.")],
    labels: Annotated[Path, typer.Option(help="Folder of the raw labels; stays here.")],
    name: Annotated[str, typer.Option(help="As others will see it.", callback=_a_name)],
    *,
    location: Annotated[str, typer.Option(help="As others will see it.", callback=_a_name)],
    description: Annotated[str, typer.Option(help="As others will see it.")] = "",
    by_rule: Annotated[
        list[Release] | None, typer.Option(help="Let this leave without asking you; repeatable.")
    ] = None,
    progress_consent: Annotated[bool, typer.Option("--progress-consent", help=PROGRESS)] = False,
    as_prepared: Annotated[
        bool,
        typer.Option(
            "--as-prepared", help="It is prepared: checked and taken by link, not copied."
        ),
    ] = False,
    organisation: OrganisationOption = None,
    yes: Yes = False,
) -> None:
    """Register a dataset. What is shown leaves; the data and its paths stay."""
    from rounds.digests import keyed
    from rounds.enrolment import enter_dataset, read_export

    site = this_site()
    export = read_export(data, labels)
    wanted = typed(
        DatasetIn,
        name=name,
        description=description,
        location=location,
        site=site.profile.name,
        benchmark_id=benchmark_id,
        raw_digest=keyed(export.digest, site.key),
        statistics_release=_rule(Release.STATISTICS, by_rule),
        results_release=_rule(Release.RESULTS, by_rule),
        progress_consent=progress_consent,
        submitted_as_prepared=as_prepared,
        organisation_id=organisation,
    )
    need_yes(wanted, "Register this dataset?", yes=yes)
    dataset = freshly(lambda owner: enter_dataset(site, owner, wanted, export))
    typer.echo(
        f"dataset {dataset.id} is in {dataset.state}; next: rounds dataset prepare {dataset.id}"
    )


@app.command("set")
def set_dataset(
    dataset_id: int,
    *,
    name: Annotated[str | None, typer.Option(help="A new name (in DEVELOPMENT).")] = None,
    description: Annotated[str | None, typer.Option(help="A new one (in DEVELOPMENT).")] = None,
    location: Annotated[str | None, typer.Option(help="A new one (in DEVELOPMENT).")] = None,
    statistics: Annotated[
        ReleaseRule | None, typer.Option(help="Who releases its statistics: you, or always.")
    ] = None,
    results: Annotated[
        ReleaseRule | None, typer.Option(help="Who releases its results: you, or always.")
    ] = None,
    progress_consent: Annotated[
        bool | None,
        typer.Option("--progress-consent/--no-progress-consent", help=PROGRESS),
    ] = None,
    valid: Annotated[
        bool | None, typer.Option("--valid/--withdrawn", help="Bring it back, or withdraw it.")
    ] = None,
    yes: Yes = False,
) -> None:
    """Change a dataset. In OPERATION: only rules, consent and whether it is valid."""
    change = change_of(
        DatasetChange,
        name=name,
        description=description,
        location=location,
        statistics_release=statistics,
        results_release=results,
        progress_consent=progress_consent,
        is_valid=valid,
    )
    _send(dataset_id, change, yes=yes)


@app.command()
def withdraw(dataset_id: int, *, yes: Yes = False) -> None:
    """Withdraw a dataset: nothing more is run on it."""
    _send(dataset_id, DatasetChange(is_valid=False), yes=yes)


@app.command()
def prepare(dataset_id: int) -> None:
    """Start the preparation on this site's worker."""
    from flows.runs import DIED_OR_FAILED, ensure_run

    deployment = f"prepare_dataset/{this_site().profile.name}"
    key = f"prepare_dataset-{dataset_id}"
    run = ensure_run(deployment, {"dataset_id": dataset_id}, key=key, again_after=DIED_OR_FAILED)
    typer.echo(f"flow run {run.name if run else NOT_STARTED}")


@app.command()
def associate(dataset_id: int) -> None:
    """Start the reference run, which then asks to join the benchmark."""
    from flows.runs import DIED_OR_FAILED, ensure_run

    site = this_site()
    benchmark_id = site.registry.dataset(dataset_id).benchmark_id
    parameters = {"benchmark_id": benchmark_id, "dataset_id": dataset_id}
    deployment = f"associate/{site.profile.name}"
    found = site.registry.associations(benchmark_id=benchmark_id, dataset_id=dataset_id)
    ended = [association for association in found if not association.live]
    key = f"associate-{dataset_id}" + (f"-after-{ended[-1].id}" if ended else "")
    run = ensure_run(deployment, parameters, key=key, again_after=DIED_OR_FAILED)
    typer.echo(f"flow run {run.name if run else NOT_STARTED}")


app.command()(progress)
app.command()(done)


@app.command("export")
def export_dataset(
    dataset_id: int,
    file: Annotated[Path, typer.Argument(help="A new file, on a disk of this site.")],
) -> None:
    """Write a dataset of this site into one file: its raw data, or in OPERATION its prepared data."""
    from rounds.transfer.exporting import export_dataset as export

    manifest = export(this_site(), dataset_id, file)
    n_files = sum(len(section.files) for section in manifest.sections)
    typer.echo(f"dataset {dataset_id} in {manifest.state}: {n_files} files, each with its digest")
    typer.echo("the file holds patients' data, mode 0600: it must not leave this site", err=True)


@app.command("import")
def import_dataset(
    file: Annotated[Path, typer.Argument(help="From rounds dataset export, at this site.")],
    *,
    data: Annotated[Path | None, typer.Option(help="New folder for raw data.")] = None,
    labels: Annotated[Path | None, typer.Option(help="New folder for raw labels.")] = None,
) -> None:
    """Restore an exported dataset, every digest verified; nothing is prepared again."""
    from rounds.transfer.importing import import_dataset as restore

    entry = restore(this_site(), file, data=data, labels=labels)
    typer.echo(f"dataset {entry.dataset_id} is in this site's catalogue again")


def _rule(release: Release, by_rule: list[Release] | None) -> ReleaseRule:
    return ReleaseRule.ALWAYS if release in (by_rule or ()) else ReleaseRule.PERSON


def _send(dataset_id: int, change: DatasetChange, *, yes: bool) -> None:
    send_change(
        "dataset",
        dataset_id,
        change,
        read=lambda registry: registry.dataset,
        write=lambda registry: registry.change_dataset,
        yes=yes,
    )
