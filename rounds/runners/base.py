"""One cube call as a value, and what a runner makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rounds.cubes import Cube
from rounds.errors import Code, RunnerError
from site_profiles.models import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One mount: `path` on the site's disk appears at `inside` in the container."""

    key: str
    path: Path = field(repr=False)
    inside: str
    writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One task of one cube, before any engine has seen it. Built by `rounds.invocations.plan_call`.

    `log` receives stdout and stderr, `scratch` is an empty folder for the runner's own files, `labels`
    mark what runs (execution, flow run) so that it can be found and stopped.
    """

    cube: Cube
    task: str
    mounts: tuple[Mount, ...]
    limits: Limits
    log: Path = field(repr=False)
    scratch: Path = field(repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """How a call ended: the exit status and the wall time in seconds. A time-out raises instead.

    `peak_memory` is the most it was seen to use, in bytes, None if nobody looked; `out_of_memory` whether
    the kernel killed it, or a part of it, at its limit.
    """

    exit_code: int
    seconds: float
    peak_memory: int | None = None
    out_of_memory: bool = False


class Runner(Protocol):
    """Runs one container call to its end."""

    def run(self, call: Invocation) -> Finished:
        """Run `call` until it exits.

        Raises:
            RunnerError: The engine is missing, refuses the cube, or the wall-clock limit passed
                (`Code.ENGINE_MISSING`, `ENGINE_REFUSED`, `CUBE_TIMEOUT`).
            IntegrityError: What would run does not match the cube's artifact digest.
        """
        ...


def overran(call: Invocation) -> RunnerError:
    """The error of a call that its runner stopped at the wall-clock limit."""
    message = (
        f"cube {call.cube.name} ran {call.task} longer than the site's limit of"
        f" {call.limits.timeout_s:g} s; raise timeout_s in the profile or ask the cube's author"
    )
    return RunnerError(message, code=Code.CUBE_TIMEOUT)
