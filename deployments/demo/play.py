"""The demo's middle and end: prepare, join, evaluate, release; a late model; the report."""

from deployments.demo.cast import Cast
from deployments.demo.people import SITES
from flows.runs import ensure_run
from rounds.records.benchmarks import AssociationStatus
from rounds.records.cubes import State
from rounds.records.executions import Cell, ExecutionStatus

DONE = (ExecutionStatus.SUBMITTED, ExecutionStatus.FAILED, ExecutionStatus.HELD_BACK)


def prepare_datasets(cast: Cast) -> None:
    """Each data owner starts the preparation; the statistics leave by the owner's rule."""
    for name in SITES:
        if not _prepared(cast, name):
            dataset_id = cast.datasets[name]
            cast.display.say(name, "prepares, checks and counts its dataset")
            key = f"prepare_dataset-{dataset_id}"
            ensure_run(f"prepare_dataset/{name}", {"dataset_id": dataset_id}, key=key)
    cast.wait("three prepared datasets", lambda: all(_prepared(cast, name) for name in SITES))


def associate_datasets(cast: Cast) -> None:
    """Each data owner asks to join; a rule lets two in, the committee decides on the third."""
    for name in SITES:
        if not _asked(cast, name):
            dataset_id = cast.datasets[name]
            cast.display.say(name, "tests the reference model on its data and asks to join")
            parameters = {"benchmark_id": cast.benchmark_id, "dataset_id": dataset_id}
            ensure_run(f"associate/{name}", parameters, key=f"associate-{dataset_id}")
    cast.wait("three associations", lambda: all(_joined(cast, name) for name in SITES))


def see_scores(cast: Cast, models: list[str]) -> None:
    """Nobody starts anything: each site's sync does. People only read and release."""
    wanted = {cast.cubes[name] for name in models}
    cast.wait(f"scores of {', '.join(models)}", lambda: _scored(cast, wanted))


def publish(cast: Cast) -> None:
    """The committee publishes the report, once for what is there now."""
    cells = cast.committee.benchmark_cells(cast.benchmark_id)
    stamp = "-".join(str(cell.execution_id) for cell in cells)
    ensure_run("publish_report/hub", {"benchmark_id": cast.benchmark_id}, key=f"publish-{stamp}")
    cast.display.say("hub", "writes the report")
    report = cast.place.reports(cast.benchmark_id) / "report.md"
    cast.wait("the report", report.exists)


def _prepared(cast: Cast, name: str) -> bool:
    dataset = cast.people[name].client.dataset(cast.datasets[name])
    return dataset.state is State.OPERATION


def _asked(cast: Cast, name: str) -> bool:
    return any(row.live for row in cast.committee.associations(dataset_id=cast.datasets[name]))


def _joined(cast: Cast, name: str) -> bool:
    found = cast.committee.associations(dataset_id=cast.datasets[name])
    return any(row.status is AssociationStatus.APPROVED for row in found)


def _scored(cast: Cast, models: set[int]) -> bool:
    cells = cast.committee.benchmark_cells(cast.benchmark_id)
    _tell(cast, cells)
    mine = [cell for cell in cells if cell.model_id in models]
    return len(mine) == len(models) * len(SITES) and all(cell.status in DONE for cell in mine)


def _tell(cast: Cast, cells: list[Cell]) -> None:
    for name in SITES:
        here = [cell for cell in cells if cell.site == name]
        out = sum(cell.status is ExecutionStatus.SUBMITTED for cell in here)
        busy = [cell.model for cell in here if cell.status is ExecutionStatus.CLAIMED]
        waits = sum(cell.status is ExecutionStatus.SCORED for cell in here)
        words = f"{out} of {len(here)} results out"
        words += f", {waits} await release" if waits else ""
        words += f", runs {busy[0]}" if busy else ""
        cast.display.say(name, words)
