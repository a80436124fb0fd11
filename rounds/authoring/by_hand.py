"""One task of a cube, called by hand with the mounts that somebody names, held as at a site.

1. Every input that the task declares is named and there; the parameters and additional files come by themselves.
2. An output is new or empty, and neither within an input nor around one: what is there is never written over.
3. What the cube left is checked as a site checks it.
"""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from cube_specs.models import CubeTask, Volume, VolumeType
from rounds.calls import RunContext, plan_supplied
from rounds.cubes import Cube
from rounds.documents import nearest
from rounds.errors import SpecError
from rounds.invocations import create_outputs
from rounds.output_gate import check_output
from rounds.runners.base import Finished

Paths = Mapping[str, Path]
BROUGHT = frozenset({"parameters_file", "additional_files"})


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCall:
    """A call that was found sound: its mounts by key, and a log that no other call writes."""

    cube: Cube
    task: str
    paths: Paths = field(repr=False)
    log: Path = field(repr=False)
    scratch: Path = field(repr=False)


def plan_by_hand(cube: Cube, task: str, named: Paths, context: RunContext) -> HandCall:
    """The call of one task with the mounts that were named; outputs that are not there are made.

    Raises:
        SpecError: There is no such task, a mount is unknown, missing or of the wrong type, or an output is
            in use or touches an input.
    """
    declared = _task(cube, task)
    paths = {key: path.absolute() for key, path in named.items()}
    _check_named(declared, paths)
    _check_inputs(declared, paths)
    _check_apart(declared, paths)
    for key, volume in declared.output_volumes.items():
        _check_unused(key, volume, paths[key])
    create_outputs(cube, task, paths)
    scratch = Path(tempfile.mkdtemp(dir=context.workspace.folder("by-hand"), prefix=f"{task}-"))
    log = context.workspace.folder("logs") / f"{cube.name}-{scratch.name}.log"
    return HandCall(cube=cube, task=task, paths=paths, log=log, scratch=scratch)


def run_by_hand(call: HandCall, context: RunContext) -> Finished:
    """How the call ended; its outputs have passed the gate if it ended well.

    Raises:
        RunnerError: It could not run, was stopped, or left what the gate refuses.
        IntegrityError: The image or the additional files are other ones than their digests name.
    """
    try:
        planned = plan_supplied(
            call.cube, call.task, call.paths, context, scratch=call.scratch, log=call.log
        )
        finished = context.runner.run(planned)
    finally:
        shutil.rmtree(call.scratch, ignore_errors=True)
    if finished.exit_code == 0:
        for key, volume in call.cube.config.tasks[call.task].output_volumes.items():
            if volume.type is VolumeType.DIRECTORY:
                check_output(call.paths[key], context.limits)
    return finished


def _task(cube: Cube, task: str) -> CubeTask:
    if task not in cube.config.tasks:
        hint = nearest(task, cube.config.tasks)
        raise SpecError(f"found no task {task} in cube {cube.name}, needed one of its own{hint}")
    return cube.config.tasks[task]


def _check_named(declared: CubeTask, paths: Paths) -> None:
    known = {**declared.input_volumes, **declared.output_volumes}
    if unknown := sorted(paths.keys() - known.keys()):
        hint = nearest(unknown[0], known)
        raise SpecError(f"found the mount '{unknown[0]}', needed one that the task declares{hint}")
    if missing := sorted(known.keys() - paths.keys() - BROUGHT):
        message = f"found no mount '{missing[0]}', needed it: the task declares it"
        raise SpecError(f"{message}; add --mount {missing[0]}=PATH")


def _check_inputs(declared: CubeTask, paths: Paths) -> None:
    for key, volume in declared.input_volumes.items():
        if key in paths and not _is_there(volume, paths[key]):
            message = f"found no {volume.type} for the input '{key}', needed one that is there"
            raise SpecError(message, detail=str(paths[key]))


def _check_apart(declared: CubeTask, paths: Paths) -> None:
    for (key, path), output in product(paths.items(), declared.output_volumes):
        if key != output and _touch(path.resolve(), paths[output].resolve()):
            message = f"found the output '{output}' within '{key}', or around it, needed them apart"
            raise SpecError(f"{message}: a cube never writes where it reads", detail=str(path))


def _check_unused(key: str, volume: Volume, path: Path) -> None:
    if path.is_symlink() or (path.exists() and not _is_there(volume, path)):
        message = f"found something else than a {volume.type} for the output '{key}', needed one"
        raise SpecError(f"{message}, or nothing there", detail=str(path))
    if path.exists() and (any(path.iterdir()) if path.is_dir() else path.stat().st_size):
        message = f"found something in the output '{key}' already, needed it empty or not there"
        raise SpecError(f"{message}; name another place, or remove it", detail=str(path))


def _is_there(volume: Volume, path: Path) -> bool:
    return path.is_dir() if volume.type is VolumeType.DIRECTORY else path.is_file()


def _touch(one: Path, other: Path) -> bool:
    return one == other or one in other.parents or other in one.parents
