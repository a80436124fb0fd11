"""A hospital's old disk and its new one, with one registry that knows dataset 4."""

from dataclasses import replace
from pathlib import Path

import httpx

from cube_specs.models import CubeKind
from rounds import catalogue, stages
from rounds.artifacts import PreparedDataset
from rounds.cubes import to_record
from rounds.digests import keyed
from rounds.records.cubes import Cube as CubeRecord
from rounds.records.cubes import State
from rounds.sites import Site
from tests.unit.builders import KEY, make_dataset
from tests.unit.little_site import LittleRegistry, make_cube, make_raw, make_site

PREPARATOR = make_cube(CubeKind.PREPARATOR)


def old_site(root: Path, state: State) -> tuple[Site, PreparedDataset]:
    """The site where dataset 4 was registered and prepared, as far as the state says."""
    site = make_site(root, LittleRegistry({}))
    raw = make_raw(root, site.workspace)
    prepared = stages.prepare(raw, PREPARATOR, site.context)
    stages.sanity_check(prepared, PREPARATOR, site.context)
    stages.statistics(prepared, PREPARATOR, site.context)
    return know(site, raw.digest, prepared.output, state), prepared


def know(site: Site, raw: str, prepared: str, state: State, *, key: bytes = KEY) -> Site:
    """The site, its registry knowing dataset 4 by these digests."""
    dataset = make_dataset(
        raw_digest=keyed(raw, key),
        prepared_digest=keyed(prepared, key) if state is State.OPERATION else None,
        state=state,
    ).model_dump(mode="json")
    fields = to_record(PREPARATOR, state=State.OPERATION).model_dump(mode="json")
    fields |= {"id": 1, "organisation_id": 1, "is_valid": True, "revision": 1}
    cube = CubeRecord.model_validate(fields).model_dump(mode="json")
    registry = LittleRegistry(
        {
            "/datasets/4": lambda _: httpx.Response(200, json=dataset),
            "/cubes/1": lambda _: httpx.Response(200, json=cube),
        }
    )
    return replace(site, registry=make_site(site.workspace.root, registry).registry)


def new_site(root: Path, old: Site) -> Site:
    """An empty site with the same profile, key and registry as the old one."""
    return replace(make_site(root, LittleRegistry({})), registry=old.registry)


def has_nothing(site: Site) -> bool:
    """Whether a site has neither entry nor published output."""
    published = list((site.workspace.root / "published").glob("*/*"))
    return catalogue.entries(site.workspace) == [] and published == []
