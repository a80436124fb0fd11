"""A call of a cube, noted in the site's journal, and what is wrong with it if it ended badly, or with nothing."""

from collections.abc import Collection
from pathlib import Path

from rounds.cubes import Cube
from rounds.digests import list_files
from rounds.errors import Code, RunnerError
from rounds.runners.base import Finished, Invocation, Runner
from rounds.runners.call_log import last_lines, mark_of, words_since
from rounds.runners.crash import find_place
from rounds.runners.verdict import failure
from rounds.workspace import Workspace


def run_noted(
    call: Invocation,
    runner: Runner,
    workspace: Workspace,
    *,
    key: str,
    ends: Collection[int] = (0,),
) -> Finished:
    """How a call of the stage `key` ended well: with one of the exit statuses `ends`.

    Raises:
        RunnerError: It ended badly; the error's `crash` is what may be told of that. Or as `Runner.run`.
        IntegrityError: As `Runner.run`.
    """
    event = {"cube": call.cube.digest, "task": call.task, "key": key}
    begins = mark_of(call.log)
    workspace.note({**event, "event": "started"})
    finished = runner.run(call)
    workspace.note({**event, "event": "ended", "exit_code": finished.exit_code})
    if finished.exit_code not in ends:
        place = find_place(words_since(call.log, begins), call, runner)
        words = last_lines(call.log)
        raise failure(call.cube.name, call.task, finished, last_words=words, place=place)
    return finished


def need_files(folder: Path, cube: Cube, task: str) -> None:
    """Pass if a task that ended well left a file in a folder.

    Raises:
        RunnerError: It left none (`Code.OUTPUT_MISSING`).
    """
    if not list_files(folder):
        message = f"cube {cube.name} ended {task} well but wrote nothing, needed at least one file"
        raise RunnerError(message, code=Code.OUTPUT_MISSING)
