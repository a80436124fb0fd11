"""`rounds dataset`: at a site, register its data and start the work on it."""

from pathlib import Path
from typing import Annotated

import typer

from cli.settings import signed_in, this_site

app = typer.Typer(no_args_is_help=True)
NOT_STARTED = "not started: it was tried too often; see the site's log"


def _a_name(text: str) -> str:
    from pydantic import TypeAdapter, ValidationError

    from rounds.records.base import Name

    try:
        return TypeAdapter(Name).validate_python(text)
    except ValidationError as error:
        raise typer.BadParameter("needed 1 to 128 characters on one line") from error


@app.command()
def submit(
    benchmark_id: int,
    data: Annotated[Path, typer.Option(help="Folder of the raw data; stays here.")],
    labels: Annotated[Path, typer.Option(help="Folder of the raw labels; stays here.")],
    name: Annotated[str, typer.Option(help="As others will see it.", callback=_a_name)],
    location: Annotated[str, typer.Option(help="As others will see it.", callback=_a_name)],
    *,
    statistics_by_rule: Annotated[bool, typer.Option(help="Release statistics unasked.")] = False,
    results_by_rule: Annotated[bool, typer.Option(help="Release results unasked.")] = False,
) -> None:
    """Register a dataset: a name and a keyed digest leave, the data and its paths stay."""
    from rounds.enrolment import enrol_dataset
    from rounds.records.datasets import ReleaseRule

    dataset = enrol_dataset(
        this_site(),
        signed_in(),
        name=name,
        location=location,
        benchmark_id=benchmark_id,
        data_path=data,
        labels_path=labels,
        statistics_release=ReleaseRule.ALWAYS if statistics_by_rule else ReleaseRule.PERSON,
        results_release=ReleaseRule.ALWAYS if results_by_rule else ReleaseRule.PERSON,
    )
    typer.echo(
        f"dataset {dataset.id} is in {dataset.state}; next: rounds dataset prepare {dataset.id}"
    )


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


@app.command("list")
def list_datasets() -> None:
    """Every dataset you may know of."""
    for dataset in signed_in().datasets():
        typer.echo(f"{dataset.id}\t{dataset.state}\t{dataset.site}\t{dataset.name}")
