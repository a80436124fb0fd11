"""Where this worker stands: the site or the hub that its environment names. Read once, at this edge."""

import os
from dataclasses import dataclass
from pathlib import Path

from prefect.runtime import flow_run

from rounds.client import RegistryClient
from rounds.errors import SpecError
from rounds.sites import Site, log_to_site, open_registry, open_site, read_hub, read_profile
from site_profiles.models import HubProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The committee's place: its profile and its registry client."""

    profile: HubProfile
    registry: RegistryClient


def this_site() -> Site:
    """The site of the profile that ROUNDS_SITE_PROFILE names, its cubes labelled with this flow run.

    Raises:
        SpecError: The worker has no such variable, or the profile is wrong.
    """
    site = open_site(
        read_profile(_named("ROUNDS_SITE_PROFILE")),
        labels={"rounds.flow_run": str(flow_run.id or "none")},
    )
    log_to_site(site.workspace)
    return site


def this_hub() -> Hub:
    """The hub of the profile that ROUNDS_HUB_PROFILE names.

    Raises:
        SpecError: The worker has no such variable, or the profile is wrong.
    """
    profile = read_hub(_named("ROUNDS_HUB_PROFILE"))
    return Hub(profile=profile, registry=open_registry(profile.registry))


def this_place() -> Site | Hub:
    """The hub if this worker serves it, else the site."""
    return this_hub() if "ROUNDS_HUB_PROFILE" in os.environ else this_site()


def _named(variable: str) -> Path:
    if variable not in os.environ:
        raise SpecError(f"the worker's environment lacks {variable}, needed the path of a profile")
    return Path(os.environ[variable])
