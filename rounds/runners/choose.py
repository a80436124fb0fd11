"""The engine that a site's profile names."""

from functools import cache

from rounds.runners.apptainer import ApptainerRunner
from rounds.runners.base import Runner
from rounds.runners.docker import DockerRunner
from rounds.runners.process import ProcessRunner
from rounds.supplies import Supplies
from site_profiles.models import Engine, Unsafe


@cache
def runner_for(engine: Engine, supplies: Supplies, unsafe: frozenset[Unsafe]) -> Runner:
    """The one such runner in this process. Nothing is started or asked before its first call.

    Args:
        engine: What runs the cubes.
        supplies: Where images come from.
        unsafe: What the site's profile grants.
    """
    match engine:
        case Engine.DOCKER:
            return DockerRunner(supplies, unsafe)
        case Engine.APPTAINER:
            return ApptainerRunner(supplies, unsafe)
        case Engine.PROCESS:
            return ProcessRunner()
