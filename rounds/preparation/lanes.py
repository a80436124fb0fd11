"""A workflow walked through: lanes of steps one after another, each case by itself through the steps of its lane.

1. A lane is a run of steps with the same `each`: all its cases at once, as far as steps and site allow.
2. A case that fails, or waits for a person, holds up no other. The next lane begins when all cases are through.
3. A failure that is not the case's own (no engine, no room, cancelled) ends the run; nothing more is begun.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby

from cube_specs.workflow import END, OnError, Step
from rounds.calls import RunContext
from rounds.cancelling import told_if_cut
from rounds.cubes import Cube
from rounds.errors import Code, RoundsError, RunnerError
from rounds.preparation import desk
from rounds.preparation.desk import ALL_CASES
from rounds.preparation.following import Board
from rounds.preparation.sources import Case, Outputs, Sources, Stand
from rounds.preparation.steps import STAGE, call_step, inputs_of, is_of_case, key_of, outputs_of

_log = logging.getLogger("rounds.site")


def walk(cube: Cube, raw: Outputs, context: RunContext, *, dataset_id: int) -> Outputs | None:
    """What the last step of a cube's workflow wrote, by its mount keys; None while people have work.

    Args:
        cube: A preparator with a workflow.
        raw: The site's export, by the keys `data_path` and `labels_path`.
        context: The site's.
        dataset_id: Whose preparation it is.

    Raises:
        RunnerError: A step failed on some case, when all others were through or waited.
    """
    steps = cube.config.workflow or ()
    desk.look(context.workspace, dataset_id)
    board = Board(context, dataset_id, [step.step for step in steps])
    journey = _Journey(cube, Sources.of(cube, raw), context, dataset_id, board)
    for _, lane in groupby(steps, key=lambda step: step.each):
        if not journey.take(list(lane)):
            return None
    return journey.sources.done[steps[-1].step][ALL_CASES]


@dataclass(slots=True)
class _Journey:
    """A preparation under way: `sources` knows what the lanes behind have written."""

    cube: Cube
    sources: Sources
    context: RunContext
    dataset_id: int
    board: Board

    def take(self, lane: Sequence[Step]) -> bool:
        """Walk all cases through a lane; whether all of them are through.

        Raises:
            RunnerError: Some case failed.
        """
        cases = self._cases(lane[0])
        self.board.begin([step.step for step in lane], [case.name for case in cases])
        most = min(max(step.parallel for step in lane), self.context.parallel)
        room = {step.step: threading.Semaphore(step.parallel) for step in lane}
        stopped = threading.Event()
        context = self.context.stopped_by(stopped.is_set)
        with (
            ExitStack() as last,
            ThreadPoolExecutor(max_workers=most) as pool,
            told_if_cut(stopped.set),
        ):
            last.callback(self.board.tell)
            begun = [
                pool.submit(told_if_cut(stopped.set)(self._walk), case, lane, context, room)
                for case in cases
            ]
            for one in sorted(wait(begun, return_when=FIRST_EXCEPTION).done, key=_followed):
                one.result()
        self._judge(cases, lane)
        for step in lane:
            self.sources.done[step.step] = {
                case.name: case.outputs[step.step]
                for case in cases
                if step.step in case.outputs and case.stand is Stand.THROUGH
            }
        return all(case.stand is not Stand.WAITS for case in cases)

    def _judge(self, cases: Sequence[Case], lane: Sequence[Step]) -> None:
        failed = [case for case in cases if case.stand is Stand.FAILED]
        if failed:
            raise self._verdict(failed, n_cases=len(cases), lane=lane)
        if cases and all(case.stand is Stand.SKIPPED for case in cases):
            message = f"cube {self.cube.name} failed on every case, needed at least one"
            raise RunnerError(message)

    def _verdict(
        self, failed: Sequence[Case], *, n_cases: int, lane: Sequence[Step]
    ) -> RoundsError:
        """The error of the one step for all cases, else how many cases failed, with what the first ended with."""
        first = failed[0]
        if first.name == ALL_CASES and first.error is not None:
            return first.error
        names = ", ".join(step.step for step in lane if step.manual is None)
        message = f"cube {self.cube.name} failed on {len(failed)} of {n_cases} cases in {names}"
        hint = "; their last words are in the site's log; run it again to try those again"
        code = first.error.code if first.error is not None else None
        return RunnerError(f"{message}, needed none{hint}", code=code)

    def _cases(self, first: Step) -> list[Case]:
        if first.each is None:
            return [Case(ALL_CASES)]
        tree = self.sources.whole(first.each)
        names = [name for name in tree.names if not name.startswith(".")]
        if not names:
            message = f"found no case in {first.each}, needed one entry of that folder for each"
            raise RunnerError(message, code=Code.OUTPUT_MISSING)
        return [Case(name) for name in names]

    def _walk(
        self,
        case: Case,
        lane: Sequence[Step],
        context: RunContext,
        room: Mapping[str, threading.Semaphore],
    ) -> None:
        at: str | None = lane[0].step
        for step in lane:
            if step.step != at:
                self.board.pass_by(case.name, step.step)
                continue
            with room[step.step]:
                exit_code = self._do(case, step, context)
            if exit_code is None:
                return
            at = _after(step, exit_code, lane)

    def _do(self, case: Case, step: Step, context: RunContext) -> int | None:
        """Take one step with a case: the exit status, or None if the case goes no further now."""
        if context.is_cancelled():
            message = "the preparation was stopped, since its run was cancelled; run it again"
            raise RunnerError(message, code=Code.CANCELLED)
        try:
            trees = self.sources.trees(case, step)
            if step.manual is not None:
                key = self._manual(case, step, trees)
            else:
                self.board.set(case.name, step.step, Stand.RUNS)
                key = _tried(lambda: call_step(step, self.cube, trees, context).key, step.retries)
        except RoundsError as error:
            if not is_of_case(error):
                raise
            case.error = error
            case.stand = Stand.SKIPPED if step.on_error is OnError.SKIP else Stand.FAILED
            _log.warning("[%s] %s %s", error.code, error.summary, error.detail)
            self.board.set(case.name, step.step, case.stand, error.summary)
            return None
        if key is None:
            case.stand = Stand.WAITS
            self.board.set(case.name, step.step, case.stand)
            return None
        exit_code, outputs = outputs_of(context.workspace, key)
        case.outputs[step.step] = outputs
        self.board.set(case.name, step.step, Stand.THROUGH)
        return exit_code

    def _manual(self, case: Case, step: Step, trees: Outputs) -> str | None:
        inputs = inputs_of(step, self.cube, trees)
        found = self.context.workspace.find(STAGE, key_of(inputs))
        if found is not None:
            return found.key
        desk.offer(
            self.context.workspace,
            self.dataset_id,
            inputs,
            trees,
            step=step.step,
            case=case.name,
            asks=step.manual or "",
        )
        return None


def _followed(one: "Future[None]") -> bool:
    """Whether a case ended only since another one ended the run: what that one says comes first."""
    error = one.exception()
    return not isinstance(error, RoundsError) or error.code is Code.CANCELLED


def _after(step: Step, exit_code: int, lane: Sequence[Step]) -> str | None:
    """The step of the lane that follows; None after the last one, and where the way ends."""
    if exit_code in step.next:
        return None if step.next[exit_code] == END else step.next[exit_code]
    names = [one.step for one in lane]
    later = names[names.index(step.step) + 1 :]
    return later[0] if later else None


def _tried(call: Callable[[], str], retries: int) -> str:
    for _ in range(retries):
        try:
            return call()
        except RoundsError as error:
            if not is_of_case(error):
                raise
    return call()
