"""Where this worker stands: the site or the hub that its environment names. Read once, at this edge."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prefect.runtime import flow_run

from flows.reaping import alive
from rounds.errors import SpecError
from rounds.sites import Hub, Site, log_to_site, open_hub, open_site, read_hub, read_profile
from site_profiles.models import SiteProfile

SITE_PROFILE = "ROUNDS_SITE_PROFILE"


@contextmanager
def this_site() -> Iterator[Site]:
    """The site of the profile that ROUNDS_SITE_PROFILE names, its cubes labelled with this flow run.

    Raises:
        SpecError: The worker has no such variable, or the profile is wrong.
    """
    site = open_site(profile_of_this_site(), run=str(flow_run.id) if flow_run.id else None)
    log_to_site(site.workspace)
    with alive(site.workspace), site.registry:
        yield site


@contextmanager
def this_hub() -> Iterator[Hub]:
    """The hub of the profile that ROUNDS_HUB_PROFILE names.

    Raises:
        SpecError: The worker has no such variable, or the profile is wrong.
    """
    hub = open_hub(read_hub(_named("ROUNDS_HUB_PROFILE")))
    log_to_site(hub.workspace)
    with alive(hub.workspace), hub.registry:
        yield hub


@contextmanager
def this_place() -> Iterator[Site | Hub]:
    """The hub if this worker serves it, else the site."""
    with this_hub() if "ROUNDS_HUB_PROFILE" in os.environ else this_site() as place:
        yield place


def profile_of_this_site() -> SiteProfile:
    """The profile that ROUNDS_SITE_PROFILE names.

    Raises:
        SpecError: The worker has no such variable, or the profile is wrong.
    """
    return read_profile(_named(SITE_PROFILE))


def _named(variable: str) -> Path:
    if variable not in os.environ:
        raise SpecError(f"the worker's environment lacks {variable}, needed the path of a profile")
    return Path(os.environ[variable])
