"""What happens at a site when somebody presses Cancel in Prefect: the run's cubes end, whatever became of its process."""

import os

from prefect.client.schemas.objects import FlowRun, State

from flows.places import SITE_PROFILE, profile_of_this_site
from rounds.cancelling import cancel
from rounds.sites import log_to_site, open_site
from tasks.guard import site_safe


def end_cubes(flow: object, flow_run: FlowRun, state: State) -> None:  # noqa: ARG001  Prefect's names
    """End the cubes of a cancelled run; a hook, which Prefect calls by the names of its arguments."""
    if SITE_PROFILE not in os.environ:
        return
    with site_safe():
        site = open_site(profile_of_this_site())
        log_to_site(site.workspace)
        with site.registry:
            cancel(site.workspace, str(flow_run.id))
            site.context.runner.sweep(site.label, lambda run: run != str(flow_run.id))
