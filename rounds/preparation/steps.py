"""One step of a preparation on one case, or on all: called once, and published by what decides it.

What decides it: the task, its image, the parameters, and the digests of what it reads. So a case that is through
a step is through it for every later run, and a new revision of the cube repeats only what it changed.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from cube_specs.models import ContainerConfig, CubeTask
from cube_specs.workflow import Step
from rounds.artifacts import Published
from rounds.attempts import Attempt
from rounds.calls import RunContext, call_cube
from rounds.cubes import Cube
from rounds.digests import sha256_json
from rounds.errors import Code, RoundsError
from rounds.preparation.trees import Tree, copy_tree, published_tree
from rounds.workspace import Workspace

STAGE = "step"
_OUTPUTS = "outputs"
_EXIT = "exit_code"
# What may be the case's own fault; all else ends the run.
_OF_CASE = frozenset(
    {
        Code.CUBE_FAILED,
        Code.CUBE_TIMEOUT,
        Code.CUBE_MEMORY,
        Code.CUBE_PROCESSES,
        Code.CUBE_SCRATCH,
        Code.OUTPUT_MISSING,
        Code.OUTPUT_INVALID,
        Code.OUTPUT_TOO_LARGE,
        Code.SPEC,
    }
)


def is_of_case(error: RoundsError) -> bool:
    """Whether an error may be the case's own, so that others can go on."""
    return error.code in _OF_CASE


def inputs_of(step: Step, cube: Cube, trees: Mapping[str, Tree]) -> dict[str, JsonValue]:
    """All that decides a step which reads these trees by its mount keys."""
    digests: dict[str, JsonValue] = {key: tree.digest for key, tree in sorted(trees.items())}
    if step.manual is not None:
        return {"manual": step.manual, "step": step.step, "inputs": digests}
    own = of_step(cube, step)
    task = own.config.tasks[step.called]
    ran = {name: digest for name, digest in own.artifacts.items() if name != "source"}
    parts: dict[str, JsonValue] = {
        "task": task.model_dump(mode="json", exclude_none=True),
        "artifacts": dict(ran or own.artifacts),
        "parameters": dict(cube.parameters),
        "additional_files": cube.additional_files_sha256,
        "inputs": digests,
    }
    return parts


def key_of(inputs: Mapping[str, JsonValue]) -> str:
    """The name that a step with these inputs is published under."""
    return sha256_json(inputs)


def call_step(step: Step, cube: Cube, trees: Mapping[str, Tree], context: RunContext) -> Published:
    """The published outcome of a step: called only if it is not there yet.

    Raises:
        RunnerError: It failed.
        SpecError: It asks for a mount that the workflow does not give it.
        IntegrityError: Something differs from its digest.
    """
    own = of_step(cube, step)
    task = own.config.tasks[step.called]

    def make(attempt: Attempt) -> None:
        outputs = output_paths(task, attempt.files)
        gather = attempt.scratch / "gathered"
        inputs = {key: tree.laid(gather / key) for key, tree in trees.items()}
        ends = {0, *step.next}
        finished = call_cube(own, step.called, inputs | outputs, attempt, context, ends=ends)
        (attempt.files / _EXIT).write_text(str(finished.exit_code))

    return context.workspace.publish(STAGE, inputs_of(step, cube, trees), make)


def outputs_of(workspace: Workspace, key: str) -> tuple[int, dict[str, Tree]]:
    """The exit status of a published step, and what it wrote by its mount keys."""
    place, listing = workspace.place(STAGE, key), workspace.listing(STAGE, key)
    exit_code = int((place / _EXIT).read_text())
    names = sorted(path.name for path in (place / _OUTPUTS).glob("*"))
    trees = {name: published_tree(place, listing, f"{_OUTPUTS}/{name}") for name in names}
    return exit_code, trees


def keep_manual(workspace: Workspace, inputs: Mapping[str, JsonValue], folder: Path) -> Published:
    """Publish what a person made of a manual step's files, copied from `folder`."""

    def make(attempt: Attempt) -> None:
        (attempt.files / _OUTPUTS).mkdir()
        for part in folder.iterdir():
            copy_tree(part, attempt.files / _OUTPUTS / part.name)
        (attempt.files / _EXIT).write_text("0")

    return workspace.publish(STAGE, inputs, make)


def of_step(cube: Cube, step: Step) -> Cube:
    """The cube with the image of one of its steps."""
    if step.image is None or cube.config.images is None:
        kept = {name: digest for name, digest in cube.artifacts.items() if "_" not in name}
        return _with(cube, cube.config, kept)
    image = cube.config.images[step.image]
    config = ContainerConfig(
        container_type=image.container_type, image=image.image, tasks=cube.config.tasks
    )
    ending = f"_{step.image}"
    artifacts = {
        name.removesuffix(ending): digest
        for name, digest in cube.artifacts.items()
        if name.endswith(ending) or name == "source"
    }
    return _with(cube, config, artifacts)


def output_paths(task: CubeTask, files: Path) -> dict[str, Path]:
    """Where each output of a task goes: a folder, or a file within a folder, both by the mount key."""
    return {key: files / _OUTPUTS / key for key in task.output_volumes}


def _with(cube: Cube, config: ContainerConfig, artifacts: Mapping[str, str]) -> Cube:
    return Cube(
        name=cube.name,
        kind=cube.kind,
        config=config,
        parameters=cube.parameters,
        artifacts=artifacts,
        additional_files_sha256=cube.additional_files_sha256,
        additional_files_url=cube.additional_files_url,
        needs=cube.needs,
        part_of=cube.digest,
    )
