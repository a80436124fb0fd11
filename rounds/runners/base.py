"""One cube call as a value, and what a runner makes of it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rounds.cubes import Cube
from rounds.errors import Code, RunnerError
from site_profiles.models import Limits

# What marks a call: the site's workspace by its digest, flow run and execution by their ids, the stage by its key.
SITE_LABEL = "rounds.site"
RUN_LABEL = "rounds.flow_run"
EXECUTION_LABEL = "rounds.execution"
STAGE_LABEL = "rounds.stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One mount: `path` on the site's disk appears at `inside` in the container."""

    key: str
    path: Path = field(repr=False)
    inside: str
    writable: bool


ALL_GPUS = ("all",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a call has beyond what every call has; made by `rounds.grants.give`.

    `gpus` are numbers or UUIDs, or `ALL_GPUS`. With `scratch_on_disk` the call's /tmp is a folder of its
    scratch under every engine, since it may be larger than the memory.
    """

    writable_root: bool = False
    scratch_on_disk: bool = False
    gpus: tuple[str, ...] = ()


def never() -> bool:
    """That nobody cancels a call, for those that no run stands behind."""
    return False


def unwatched() -> None:
    """That nobody looks at what a call has written so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One task of one cube, before any engine has seen it. Built by `rounds.invocations.plan_call`.

    `log` receives stdout and stderr, `scratch` is an empty folder for the runner's own files, `labels`
    mark what runs (site, execution, flow run) so that it can be found and stopped, `is_cancelled` is asked
    while it runs whether a person wants it stopped, and `on_look` called, so that its outputs can be followed.
    """

    cube: Cube
    task: str
    mounts: tuple[Mount, ...]
    limits: Limits
    given: Given = Given()
    log: Path = field(repr=False)
    scratch: Path = field(repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)
    is_cancelled: Callable[[], bool] = field(default=never, repr=False)
    on_look: Callable[[], None] = field(default=unwatched, repr=False)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A Python file of a cube's image: how many lines it has, and the image's own working folder."""

    lines: int
    folder: str


class Runner(Protocol):
    """Runs one container call to its end."""

    def run(self, call: Invocation) -> Finished:
        """Run `call` until it exits.

        Raises:
            RunnerError: The engine is missing or refuses the cube (`Code.ENGINE_MISSING`,
                `ENGINE_REFUSED`), or the call was stopped: at a limit of its own name, or since its run was
                cancelled (`CANCELLED`).
            IntegrityError: What would run does not match the cube's artifact digest.
        """
        ...

    def find_sources(self, call: Invocation, paths: Collection[str]) -> Mapping[str, Source]:
        """Those of some absolute paths that are plain files of the cube's image, and what they are.

        What is mounted into a container is none of its image. An engine that cannot tell says nothing.

        Raises:
            RunnerError: The engine is missing or refuses.
            IntegrityError: The image does not match the cube's artifact digest.
        """
        ...

    def sweep(self, site: str, is_alive: Callable[[str], bool]) -> int:
        """Remove what the engine still holds for runs of a site that are not alive; returns how many.

        Args:
            site: The label `rounds.site` of its calls.
            is_alive: Whether the run of a label `rounds.flow_run` has a process.

        Raises:
            RunnerError: The engine cannot be asked.
        """
        ...


def scratch_folder(call: Invocation) -> Path:
    """What the cube has as /tmp where that is a folder; the call's watch holds it to its size."""
    return call.scratch / "tmp"


def overran(call: Invocation) -> RunnerError:
    """The error of a call that its runner stopped at the wall-clock limit."""
    message = (
        f"cube {call.cube.name} ran {call.task} longer than the site's limit of"
        f" {call.limits.timeout_s:g} s; raise timeout_s in the profile or ask the cube's author"
    )
    return RunnerError(message, code=Code.CUBE_TIMEOUT)
