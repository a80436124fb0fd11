"""The engine that a site's profile names."""

from rounds.runners.base import Runner
from rounds.runners.docker import DockerRunner
from rounds.runners.process import ProcessRunner
from site_profiles.models import Engine


def runner_for(engine: Engine) -> Runner:
    """The runner of this engine. Nothing is started or asked before its first call."""
    match engine:
        case Engine.DOCKER:
            return DockerRunner()
        case Engine.PROCESS:
            return ProcessRunner()
