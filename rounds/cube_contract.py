"""The cube contract: which mount keys each task may have, and where a task's mounts may lie."""

import difflib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import PurePosixPath

from cube_specs.models import ContainerConfig, CubeKind, CubeTask, Volume, VolumeType
from cube_specs.workflow import Step
from rounds.documents import nearest
from rounds.errors import SpecError
from rounds.workflow_contract import check_workflow

ALWAYS_ALLOWED = frozenset({"parameters_file", "additional_files"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskKeys:
    """The mount keys of one task; `outputs` are needed, the rest may be declared, `files` are no folders."""

    inputs: frozenset[str]
    outputs: frozenset[str] = frozenset()
    optional_outputs: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    @property
    def all_outputs(self) -> frozenset[str]:
        """Every key that may be an output."""
        return self.outputs | self.optional_outputs


_DATA_AND_LABELS = frozenset({"data_path", "labels_path"})
_PREPARED = _DATA_AND_LABELS | {"metadata_path"}
TASK_KEYS: Mapping[str, TaskKeys] = {
    "prepare": TaskKeys(
        inputs=_DATA_AND_LABELS,
        outputs=frozenset({"output_path"}),
        optional_outputs=frozenset({"output_labels_path", "metadata_path", "report_file"}),
        files=frozenset({"report_file"}),
    ),
    "sanity_check": TaskKeys(inputs=_PREPARED),
    "statistics": TaskKeys(
        inputs=_PREPARED,
        outputs=frozenset({"output_path"}),
        files=frozenset({"output_path"}),
    ),
    "infer": TaskKeys(inputs=frozenset({"data_path"}), outputs=frozenset({"output_path"})),
    "evaluate": TaskKeys(
        inputs=frozenset({"predictions", "labels"}),
        outputs=frozenset({"output_path"}),
        optional_outputs=frozenset({"local_outputs_path"}),
        files=frozenset({"output_path"}),
    ),
    "run_script": TaskKeys(
        inputs=_DATA_AND_LABELS | {"model_files"}, outputs=frozenset({"results_path"})
    ),
}
KIND_BY_TASK: Mapping[str, CubeKind] = {
    "infer": CubeKind.MODEL,
    "prepare": CubeKind.PREPARATOR,
    "evaluate": CubeKind.METRICS,
    "run_script": CubeKind.SCRIPT,
}


def volume_type(task: str, key: str) -> VolumeType | None:
    """What the contract says of a key in a task; None if it does not know the key."""
    keys = TASK_KEYS.get(task, TaskKeys(inputs=frozenset()))
    if key == "parameters_file" or key in keys.files:
        return VolumeType.FILE
    known = keys.inputs | keys.all_outputs | ALWAYS_ALLOWED
    return VolumeType.DIRECTORY if key in known else None


def check_contract(config: ContainerConfig, *, name: str) -> None:
    """Pass if each task keeps to the contract, and the workflow can be walked; an unknown task only warns.

    Raises:
        SpecError: `check_workflow` refuses the workflow; or a mount key is unknown, missing, an input and an output at once, or mounted where
            another mount is in its way.
    """
    check_workflow(config, name=name)
    for task_name, task in config.tasks.items():
        where = f"{name}: tasks.{task_name}"
        _check_keys(task_name, task, steps=config.workflow or (), where=where)
        _check_places(task, where=where)


def _check_keys(task_name: str, task: CubeTask, *, steps: Sequence[Step], where: str) -> None:
    if twice := sorted(set(task.input_volumes) & set(task.output_volumes)):
        raise SpecError(f"{where}: found '{twice[0]}' as input and as output, needed it once")
    keys = TASK_KEYS.get(task_name)
    is_step = any(step.manual is None and step.called == task_name for step in steps)
    if keys is None:
        if not is_step:
            _warn_of_stranger(task_name, where=where)
        return
    if not is_step:  # whose inputs the workflow names
        _check_known(f"{where}.input_volumes", task.input_volumes, keys.inputs)
    _check_known(f"{where}.output_volumes", task.output_volumes, keys.all_outputs)
    if missing := sorted(keys.outputs - set(task.output_volumes)):
        raise SpecError(
            f"{where}.output_volumes: found no '{missing[0]}', needed it for the output"
        )


def _check_known(where: str, found: Mapping[str, object], known: frozenset[str]) -> None:
    for key in sorted(set(found) - known - ALWAYS_ALLOWED):
        hint = nearest(key, known | ALWAYS_ALLOWED)
        raise SpecError(f"{where}: found the unknown mount key '{key}', needed a known one{hint}")


def _warn_of_stranger(task_name: str, *, where: str) -> None:
    close = difflib.get_close_matches(task_name, TASK_KEYS, n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    _log.warning("%s: the contract has no such task, so it is never run%s", where, hint)


def _check_places(task: CubeTask, *, where: str) -> None:
    """Only a folder that is an output may lie in another, which is one too.

    A mount inside a read-only input has no place unless the site's data happens to have one, and a
    mount point left behind in an output would look like something that the cube wrote.
    """
    for (outer_key, outer), (key, inner) in permutations(_volumes(task), 2):
        one, other = PurePosixPath(outer.mount_path), PurePosixPath(inner.mount_path)
        if one == other:
            raise SpecError(
                f"{where}: found '{outer_key}' and '{key}' mounted at the same path,"
                " needed one path for each"
            )
        if one in other.parents and not _may_hold(task, outer_key, key):
            raise SpecError(
                f"{where}: found '{key}' mounted inside '{outer_key}', needed it outside;"
                " only an output folder can be inside another"
            )


def _may_hold(task: CubeTask, outer_key: str, key: str) -> bool:
    outputs = task.output_volumes
    return all(
        held in outputs and outputs[held].type is VolumeType.DIRECTORY for held in (outer_key, key)
    )


def _volumes(task: CubeTask) -> Iterator[tuple[str, Volume]]:
    yield from task.input_volumes.items()
    yield from task.output_volumes.items()
