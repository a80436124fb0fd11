"""A cube's folder, read but not run: what breaks the contract fails, what may break at a site warns.

Each check is one line of the table: ok, or all that was found.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cube_specs.models import ContainerType, CubeKind
from rounds.authoring.dockerfiles import lint_dockerfile
from rounds.authoring.findings import Finding, failed, ok, warning
from rounds.cube_contract import TASK_KEYS
from rounds.cubes import ADDITIONAL_FILES, CONFIG, PARAMETERS, Cube, read_cube
from rounds.errors import SpecError

LARGE_BYTES = 2 * 1024**3
CONVENTIONAL = "/mlcommons/"
# What a site runs of a cube, in this order.
TASKS_RUN = {
    CubeKind.PREPARATOR: ("prepare", "sanity_check", "statistics"),
    CubeKind.MODEL: ("infer",),
    CubeKind.METRICS: ("evaluate",),
}
Found = Iterator[Finding]


def lint(folder: Path) -> list[Finding]:
    """Everything that is to be said of a cube's folder without running it."""
    cube, found = _read(folder)
    if cube is not None:
        for name, check in CHECKS.items():
            found += list(check(name, cube, folder)) or [ok(name)]
    dockerfile = folder / "Dockerfile"
    if dockerfile.is_file():
        found += lint_dockerfile(dockerfile.read_text("utf-8", errors="replace"))
    return found


def _read(folder: Path) -> tuple[Cube | None, list[Finding]]:
    """The cube, and what reading it said: its warnings are findings, not lines of a log."""
    with _heard() as heard:
        try:
            cube = read_cube(folder.resolve())
        except SpecError as error:
            return None, [failed("document", error.summary)]
    return cube, [warning("document", says) for says in heard] or [ok("document")]


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


@contextmanager
def _heard() -> Iterator[list[str]]:
    ear, logger = _Ear(), logging.getLogger("rounds")
    logger.addHandler(ear)
    try:
        yield ear.heard
    finally:
        logger.removeHandler(ear)


def _tasks(name: str, cube: Cube, _folder: Path) -> Found:
    """A site runs every task of the kind, and has nothing to mount where no task before wrote it."""
    tasks = cube.config.tasks
    for task in TASKS_RUN.get(cube.kind, ()):
        if task not in tasks:
            yield failed(name, f"found no task {task}, needed it: every site runs it; add it")
    metadata = "prepare" in tasks and "metadata_path" in tasks["prepare"].output_volumes
    for task in ("sanity_check", "statistics"):
        if task in tasks and "metadata_path" in tasks[task].input_volumes and not metadata:
            says = f"found metadata_path as an input of {task}, but prepare writes none"
            yield failed(name, f"{says}; let prepare write it, or leave it out")


def _parameters(name: str, cube: Cube, folder: Path) -> Found:
    is_there = any((folder / file).exists() for file in PARAMETERS)
    takes = [task for task in cube.config.tasks if _mounts(cube, task, "parameters_file")]
    if takes and not is_there:
        says = f"found no parameters.yaml, but {takes[0]} mounts parameters_file; it gets none"
        yield warning(name, f"{says}; add the file, or leave the input out")
    if cube.parameters and not takes:
        says = "found parameters.yaml, but no task mounts parameters_file, so that no task sees it"
        yield warning(name, f"{says}; add the input, or remove the file")


def _additional_files(name: str, cube: Cube, folder: Path) -> Found:
    takes = [task for task in cube.config.tasks if _mounts(cube, task, "additional_files")]
    if takes and cube.additional_files_sha256 is None:
        says = f"found no additional_files.tar.gz, but {takes[0]} mounts additional_files"
        yield failed(name, f"{says}; pack them, or leave the input out")
        return
    sizes = [
        (folder / file).stat().st_size for file in ADDITIONAL_FILES if (folder / file).exists()
    ]
    if sizes and not takes:
        says = (
            "found additional files, but no task mounts additional_files, so that no task sees them"
        )
        yield warning(name, f"{says}; add the input, or remove them")
    if sizes and sizes[0] > LARGE_BYTES:
        says = (
            f"found a tarball of {sizes[0] / 1024**3:.1f} GiB, which each site fetches and unpacks"
        )
        yield warning(name, f"{says}; leave out what the cube does not read")


def _image(name: str, cube: Cube, _folder: Path) -> Found:
    image, kind = cube.config.image, cube.config.container_type
    if kind in (ContainerType.ENCRYPTED_DOCKER_ARCHIVE, ContainerType.ENCRYPTED_SINGULARITY_FILE):
        yield failed(name, f"found {kind}, which no engine here opens, needed a plain image")
    last = image.rpartition("/")[2]
    if kind is ContainerType.DOCKER_IMAGE and (":" not in last or last.endswith(":latest")):
        says = f"found the image {image}, whose tag moves, needed a version"
        yield warning(name, f"{says}; sites start it by its digest, but people read the tag")


def _places(name: str, cube: Cube, folder: Path) -> Found:
    if not (folder / CONFIG).exists():  # a classic cube's places are the translation's
        return
    for task_name, task in cube.config.tasks.items():
        for key, volume in {**task.input_volumes, **task.output_volumes}.items():
            if not volume.mount_path.startswith(CONVENTIONAL):
                says = f"found {key} of {task_name} at {volume.mount_path}, outside {CONVENTIONAL}"
                yield warning(name, f"{says}; make sure that it hides nothing of the image")


def _mounts(cube: Cube, task: str, key: str) -> bool:
    return task in TASK_KEYS and key in cube.config.tasks[task].input_volumes


CHECKS: dict[str, Callable[[str, Cube, Path], Found]] = {
    "tasks": _tasks,
    "parameters": _parameters,
    "additional files": _additional_files,
    "image": _image,
    "mount paths": _places,
}
