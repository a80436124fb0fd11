"""The engine that a site's profile names."""

from functools import cache

from rounds.runners.base import Runner
from rounds.runners.docker import DockerRunner
from rounds.runners.process import ProcessRunner
from site_profiles.models import Engine


@cache
def runner_for(engine: Engine) -> Runner:
    """The one runner of this engine in this process. Nothing is started or asked before its first call."""
    match engine:
        case Engine.DOCKER:
            return DockerRunner()
        case Engine.PROCESS:
            return ProcessRunner()
