"""A little site whose dataset 4 was prepared and scored, some time ago."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx

from cube_specs.models import CubeKind
from rounds import departure, stages
from rounds.artifacts import Metrics, Predictions, PreparedDataset, ReleaseDraft
from rounds.housekeeping.pins import Facts, pinned, read_facts
from rounds.housekeeping.survey import Item, survey
from rounds.records.approvals import Approval
from rounds.records.executions import Claim
from rounds.sites import Site
from tests.unit.builders import make_benchmark, make_dataset
from tests.unit.little_site import LittleRegistry, make_cube, make_raw, make_site, refuse

DAYS_AGO = 5


def open_site(root: Path, *, approvals: tuple[Approval, ...] = (), valid: bool = True) -> Site:
    """A site whose registry says so of dataset 4, and of which approvals are open."""
    page = {"total": len(approvals), "items": [one.model_dump(mode="json") for one in approvals]}
    dataset = make_dataset(is_valid=valid).model_dump(mode="json")
    registry = LittleRegistry(
        {
            "/datasets/4": lambda _: httpx.Response(200, json=dataset),
            "/approvals": lambda _: httpx.Response(200, json=page),
        }
    )
    return make_site(root, registry)


def open_lonely_site(root: Path) -> Site:
    """A site whose registry is away."""
    return make_site(root, LittleRegistry({"": refuse(503, "away")}))


def prepare(site: Site, root: Path) -> PreparedDataset:
    """Dataset 4, prepared, checked and counted."""
    cube = make_cube(CubeKind.PREPARATOR)
    prepared = stages.prepare(make_raw(root, site.workspace), cube, site.context)
    stages.sanity_check(prepared, cube, site.context)
    stages.statistics(prepared, cube, site.context)
    return prepared


def score(site: Site, prepared: PreparedDataset, *, name: str = "1") -> tuple[Predictions, Metrics]:
    """What a version of the model says of it, and its metrics."""
    model, judge = make_cube(CubeKind.MODEL, version=name), make_cube(CubeKind.METRICS)
    said = stages.infer(prepared, model, site.context, model_id=5)
    contract = make_benchmark().contract
    return said, stages.evaluate(said, prepared, judge, site.context, contract=contract)


def draft(site: Site, metrics: Metrics) -> ReleaseDraft:
    """The draft of execution 7."""
    claim = Claim(execution_id=7, fencing_token=11, lease_s=60, attempt=1)
    return departure.draft(metrics, claim, make_benchmark(), site)


def age(root: Path, *, days: float = DAYS_AGO) -> None:
    """Have everything below `root` been used last so many days ago."""
    then = time.time() - days * 24 * 3600
    for path in [*root.rglob("*"), root]:
        if path.suffix != ".lock":
            os.utime(path, (then, then), follow_symlinks=False)


def look(site: Site) -> tuple[list[Item], Facts, dict[Path, str]]:
    """What lies at a site, what pins it, and why what stays does."""
    items = survey(site.workspace, site.context.supplies.cache)
    facts = read_facts(site, now=datetime.now(UTC))
    return items, facts, pinned(items, facts)


def reasons(site: Site) -> dict[str, set[str]]:
    """Why the things of each place stay; an empty word where one may go."""
    items, _, why = look(site)
    found: dict[str, set[str]] = {}
    for item in items:
        found.setdefault(item.place, set()).add(why.get(item.path, ""))
    return found
