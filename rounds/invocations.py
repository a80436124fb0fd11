"""From a cube's task and the site's paths to one `Invocation`, before any engine is asked."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from cube_specs.models import CubeTask, Volume, VolumeType
from rounds.cubes import Cube
from rounds.errors import Code, RunnerError, SpecError
from rounds.grants import Grants, give
from rounds.runners.base import Invocation, Mount, never, unwatched
from site_profiles.models import Limits


def plan_call(
    cube: Cube,
    task: str,
    paths: Mapping[str, Path],
    *,
    limits: Limits,
    log: Path,
    scratch: Path,
    labels: Mapping[str, str],
    is_cancelled: Callable[[], bool] = never,
    on_look: Callable[[], None] = unwatched,
    grants: Grants | None = None,
) -> Invocation:
    """The call of one task: inputs read-only, outputs writable, each at the place the cube chose.

    Touches nothing. A path whose key the task does not declare is not mounted.

    Args:
        paths: What the site supplies, by mount key.
        grants: What the site gives beyond the common; nothing if not given.

    Raises:
        SpecError: The cube has no such task, or the task declares a key that was not supplied.
        RunnerError: The cube needs what is not granted (`Code.ENGINE_REFUSED`).
    """
    declared = _find_task(cube, task)
    given, limits = give(cube, task, limits=limits, grants=grants or Grants())
    inputs = [
        _mount(cube, key, volume, paths, writable=False)
        for key, volume in declared.input_volumes.items()
    ]
    outputs = [
        _mount(cube, key, volume, paths, writable=True)
        for key, volume in declared.output_volumes.items()
    ]
    return Invocation(
        cube=cube,
        task=task,
        mounts=(*inputs, *outputs),
        limits=limits,
        given=given,
        log=log,
        scratch=scratch,
        labels=dict(labels),
        is_cancelled=is_cancelled,
        on_look=on_look,
    )


def write_parameters(cube: Cube, path: Path) -> None:
    """Write the registered parameters for the mount key `parameters_file`, as JSON, which is YAML too.

    Any user may read the file: a container runs as another one, and parameters are public.
    """
    content = json.dumps(dict(cube.parameters), indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(content, encoding="utf-8")
    path.chmod(0o644)


def create_outputs(cube: Cube, task: str, paths: Mapping[str, Path]) -> None:
    """Make the folders and empty files that a task writes into."""
    for key, volume in cube.config.tasks[task].output_volumes.items():
        if key in paths and volume.type is VolumeType.DIRECTORY:
            paths[key].mkdir(parents=True, exist_ok=True)
        elif key in paths:
            paths[key].parent.mkdir(parents=True, exist_ok=True)
            paths[key].touch()


def need_room(folder: Path, *, free_gib: float) -> None:
    """Pass if the disk of a folder has so much left.

    Raises:
        RunnerError: It has not (`Code.NO_ROOM`).
    """
    if shutil.disk_usage(folder).free < free_gib * 1024**3:
        message = (
            f"the disk of the site's workspace has less than {free_gib:g} GiB left, needed that"
        )
        raise RunnerError(f"{message}; make room, and run again", code=Code.NO_ROOM)


def _find_task(cube: Cube, task: str) -> CubeTask:
    if task not in cube.config.tasks:
        found = ", ".join(sorted(cube.config.tasks))
        raise SpecError(f"cube {cube.name} has the tasks {found}, needed {task}")
    return cube.config.tasks[task]


def _mount(
    cube: Cube, key: str, volume: Volume, paths: Mapping[str, Path], *, writable: bool
) -> Mount:
    if key not in paths:
        found = ", ".join(sorted(paths))
        message = f"cube {cube.name} asks for the mount '{key}', but only {found} are there"
        raise SpecError(message)
    return Mount(key=key, path=paths[key], inside=volume.mount_path, writable=writable)
