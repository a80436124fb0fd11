"""What a preparator's workflow must say: every step finds its task, its image, and whatever it reads."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from cube_specs.models import ContainerConfig, Volume, VolumeType
from cube_specs.workflow import END, OF_CASE, RAW, Step
from rounds.documents import nearest
from rounds.errors import SpecError

LAST = "prepare"
_RAW_KEYS = ("data_path", "labels_path")
_BROUGHT = frozenset({"parameters_file", "additional_files"})


def check_workflow(config: ContainerConfig, *, name: str) -> None:
    """Pass if the workflow of a document, if it has one, can be walked.

    Raises:
        SpecError: A step's name, task, image, source or successor is not there, or comes too late.
    """
    steps = config.workflow
    if steps is None:
        if config.images:
            raise SpecError(f"{name}: found images without a workflow, needed steps that use them")
        return
    last = steps[-1]
    if last.called != LAST or last.each is not None or last.manual is not None:
        message = f"{name}: found '{last.step}' as the last step, needed the task '{LAST}'"
        raise SpecError(f"{message} for all cases, without each")
    for number, step in enumerate(steps):
        _check_step(step, steps[:number], config, where=f"{name}: workflow.{step.step}")
    for _, lane in groupby(steps, key=lambda step: step.each):
        _check_next(list(lane), name=name)


def _check_step(step: Step, before: Sequence[Step], config: ContainerConfig, *, where: str) -> None:
    if step.step in (RAW, END) or step.step in [one.step for one in before]:
        raise SpecError(f"{where}: found a name that is taken, needed one of its own")
    if step.image is not None and step.image not in (config.images or {}):
        hint = nearest(step.image, config.images or {})
        raise SpecError(f"{where}: found no image '{step.image}', needed one of images{hint}")
    if step.manual is None:
        _check_task(step, config, where=where)
    if step.each is not None:
        _check_source(step.each, step, before, config, where=f"{where}.each", whole=True)
    for key, sources in step.inputs.items():
        for source in sources:
            at = f"{where}.inputs.{key}"
            _check_source(source, step, before, config, where=at, whole=source.endswith(OF_CASE))


def _check_task(step: Step, config: ContainerConfig, *, where: str) -> None:
    if step.called not in config.tasks:
        hint = nearest(step.called, config.tasks)
        raise SpecError(f"{where}: found no task '{step.called}', needed one of tasks{hint}")
    declared = config.tasks[step.called].input_volumes
    if unknown := sorted(set(step.inputs) - set(declared)):
        hint = nearest(unknown[0], declared)
        raise SpecError(f"{where}.inputs: found '{unknown[0]}', needed a mount of its task{hint}")
    given = {*step.inputs, *_RAW_KEYS, *_BROUGHT}
    if missing := sorted(set(declared) - given):
        raise SpecError(f"{where}.inputs: found nothing for '{missing[0]}', needed a source")


def _check_source(
    source: str,
    step: Step,
    before: Sequence[Step],
    config: ContainerConfig,
    *,
    where: str,
    whole: bool,
) -> None:
    name, _, key = source.removesuffix(OF_CASE).partition(".")
    if source.endswith(OF_CASE) and (step.each is None or where.endswith(".each")):
        raise SpecError(f"{where}: found '{OF_CASE}', needed it only in inputs of a step with each")
    if name == RAW:
        if key not in _RAW_KEYS:
            raise SpecError(
                f"{where}: found '{source}', needed {RAW}.{f' or {RAW}.'.join(_RAW_KEYS)}"
            )
        return
    found = [one for one in before if one.step == name]
    if not found:
        hint = nearest(name, [one.step for one in before] + [RAW])
        raise SpecError(f"{where}: found no earlier step '{name}', needed one{hint}")
    if whole and found[0].each is not None:
        message = f"{where}: found '{name}', which is for each case, needed a step for all cases"
        raise SpecError(f"{message} where entries are taken")
    outputs = _outputs(found[0], config)
    if key not in outputs:
        hint = nearest(key, outputs)
        raise SpecError(f"{where}: found no output '{key}' of '{name}', needed one{hint}")
    volume = outputs[key]
    if whole and volume is not None and volume.type is not VolumeType.DIRECTORY:
        raise SpecError(f"{where}: found a file in '{source}', needed a folder with entries")


def _outputs(step: Step, config: ContainerConfig) -> Mapping[str, Volume | None]:
    if step.manual is not None:
        return dict.fromkeys(step.inputs)
    return config.tasks[step.called].output_volumes


def _check_next(lane: Sequence[Step], *, name: str) -> None:
    names = [step.step for step in lane]
    for number, step in enumerate(lane):
        later = [*names[number + 1 :], END]
        for exit_code, target in step.next.items():
            if target not in later:
                where = f"{name}: workflow.{step.step}.next.{exit_code}"
                message = f"{where}: found '{target}', needed a later step of the same each"
                raise SpecError(f"{message}, or {END}{nearest(target, later)}")
