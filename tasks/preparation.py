"""From a site's own export to a prepared, checked and counted dataset."""

from rounds import stages
from rounds.artifacts import Outstanding, PreparedDataset, RawDataset, Statistics
from rounds.calls import RunContext
from rounds.cubes import Cube
from tasks.guard import site_task


@site_task
def advance(raw: RawDataset, cube: Cube, context: RunContext) -> PreparedDataset | Outstanding:
    """Prefect's view of `rounds.stages.advance`."""
    return stages.advance(raw, cube, context)


@site_task
def prepare(raw: RawDataset, cube: Cube, context: RunContext) -> PreparedDataset:
    """Prefect's view of `rounds.stages.prepare`."""
    return stages.prepare(raw, cube, context)


@site_task
def sanity_check(prepared: PreparedDataset, cube: Cube, context: RunContext) -> None:
    """Prefect's view of `rounds.stages.sanity_check`."""
    stages.sanity_check(prepared, cube, context)


@site_task
def statistics(prepared: PreparedDataset, cube: Cube, context: RunContext) -> Statistics:
    """Prefect's view of `rounds.stages.statistics`."""
    return stages.statistics(prepared, cube, context)
