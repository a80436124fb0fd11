"""One call of a cube at work in a site: its mounts supplied, its outputs made beforehand and checked afterwards."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rounds.additional_files import find_additional_files
from rounds.artifacts import Progress
from rounds.attempts import Attempt
from rounds.cubes import Cube
from rounds.grants import Grants
from rounds.invocations import create_outputs, need_room, plan_call, write_parameters
from rounds.noted_calls import run_noted
from rounds.output_gate import check_output
from rounds.runners.base import STAGE_LABEL, Finished, Invocation, Runner, never, unwatched
from rounds.supplies import Supplies
from rounds.workspace import Workspace
from site_profiles.models import Limits


def _untold(_: Progress) -> None:
    """That nobody asks how far a preparation has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """What a stage runs with: the site's workspace, engine, limits and supplies, and how what runs is marked and stopped.

    Of a preparation's steps `parallel` run at once, and `on_progress` is told how far its cases have come.
    """

    workspace: Workspace
    runner: Runner = field(repr=False)
    limits: Limits = field(default_factory=Limits)
    grants: Grants = field(default_factory=Grants)
    supplies: Supplies
    labels: Mapping[str, str] = field(default_factory=dict)
    is_cancelled: Callable[[], bool] = field(default=never, repr=False)
    parallel: int = 1
    on_progress: Callable[[Progress], None] = field(default=_untold, repr=False)

    def labelled(self, name: str, value: str) -> "RunContext":
        """The same context, what it runs marked with one label more."""
        return self._with(labels={**self.labels, name: value})

    def telling(self, on_progress: Callable[[Progress], None]) -> "RunContext":
        """The same context, with somebody who asks how far a preparation has come."""
        return self._with(on_progress=on_progress)

    def stopped_by(self, stopped: Callable[[], bool]) -> "RunContext":
        """The same context, what it runs stopped also when `stopped` says so."""
        is_cancelled = self.is_cancelled
        return self._with(is_cancelled=lambda: stopped() or is_cancelled())

    def _with(
        self,
        *,
        labels: Mapping[str, str] | None = None,
        is_cancelled: Callable[[], bool] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> "RunContext":
        return RunContext(
            workspace=self.workspace,
            runner=self.runner,
            limits=self.limits,
            grants=self.grants,
            supplies=self.supplies,
            labels=self.labels if labels is None else labels,
            is_cancelled=is_cancelled or self.is_cancelled,
            parallel=self.parallel,
            on_progress=on_progress or self.on_progress,
        )


def call_cube(
    cube: Cube,
    task: str,
    paths: Mapping[str, Path],
    attempt: Attempt,
    context: RunContext,
    *,
    ends: Collection[int] = (0,),
    on_look: Callable[[], None] = unwatched,
) -> Finished:
    """How one task ended, its outputs made beforehand and passed by the gate afterwards.

    Args:
        cube: Whose task it is.
        task: Its name.
        paths: The task's mounts by key; parameters and additional files come by themselves.
        attempt: Where the outputs lie; its folder names the call in log and journal.
        context: The site's.
        ends: The exit statuses with which the task ends well.
        on_look: Called now and then while it runs.

    Raises:
        RunnerError: It ended otherwise, was stopped, or left what the gate refuses; its own last words are
            the error's detail.
        SpecError: The task asks for a mount that is not there.
        IntegrityError: Image or additional files differ from their digests.
    """
    key = attempt.files.parent.parent.name
    log = context.workspace.folder("logs") / f"{key[:16]}-{task}.log"
    marked = context.labelled(STAGE_LABEL, key)
    call = plan_supplied(
        cube, task, paths, marked, scratch=attempt.scratch, log=log, on_look=on_look
    )
    create_outputs(cube, task, paths)
    need_room(context.workspace.root, free_gib=context.limits.free_gib)
    finished = run_noted(call, context.runner, context.workspace, key=key, ends=ends)
    check_output(attempt.files, context.limits)
    return finished


def plan_supplied(
    cube: Cube,
    task: str,
    paths: Mapping[str, Path],
    context: RunContext,
    *,
    scratch: Path,
    log: Path,
    on_look: Callable[[], None] = unwatched,
) -> Invocation:
    """The call of a task with all that a site supplies: parameters and additional files too, unless `paths` has them.

    Args:
        scratch: Where the parameters are written, and the runner's own folder is made.

    Raises:
        SpecError: There is no such task, or it asks for a mount that is not there.
        RunnerError: The cube needs what is not granted.
        IntegrityError: The additional files are not here, or other ones.
    """
    parameters, run = scratch / "parameters.yaml", scratch / "run"
    write_parameters(cube, parameters)
    supplied = {"parameters_file": parameters, **paths}
    if cube.additional_files_sha256 and "additional_files" not in supplied:
        supplied["additional_files"] = find_additional_files(
            cube, supplies=context.supplies, workspace=context.workspace
        )
    run.mkdir(exist_ok=True)
    return plan_call(
        cube,
        task,
        supplied,
        limits=context.limits,
        grants=context.grants,
        log=log,
        scratch=run,
        labels=context.labels,
        is_cancelled=context.is_cancelled,
        on_look=on_look,
    )
