"""Classic mlcube.yaml, translated into the one form that everything else knows (ADR 24).

1. Every input and output is mounted by itself: a folder at `/mlcube_io<n>`, a file at
   `/mlcube_io<n>/<its name>`, counted over inputs, then outputs.
2. The program is called as MLCube calls it: the task's name unless the task has an entry point of its
   own, then `--<key>=<path inside>` for each input and output in the file's order.
3. An input that the contract does not know lies in the additional files or is the parameters.
4. An output that the contract does not know is written to the call's scratch and lost with it.
"""

import argparse
import difflib
import logging
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pydantic import JsonValue

from cube_specs.mlcube import MlcubeFile, Parameter, Task
from cube_specs.models import ContainerConfig, ContainerType, RunArgs, VolumeType
from rounds.cube_contract import ALWAYS_ALLOWED, TASK_KEYS, TaskKeys, volume_type
from rounds.documents import nearest, parse_document
from rounds.errors import SpecError

ADDITIONAL_FILES = "additional_files"
PARAMETERS_FILE = "parameters_file"
SCRATCH = "/tmp"  # noqa: S108  # inside the container: bounded, and gone with it
_SLIP = 0.8
_log = logging.getLogger(__name__)
Document = dict[str, JsonValue]


def parse_mlcube(document: JsonValue, *, name: str) -> ContainerConfig:
    """The config that makes a runner call the cube as MLCube would.

    Raises:
        SpecError: A field is missing, unknown or wrong, or an input or output can be none of the contract's.
    """
    classic = parse_document(MlcubeFile, document, name=name)
    known = MlcubeFile.model_fields
    if unknown := sorted(set(document) - set(known)) if isinstance(document, dict) else []:
        _log.warning("%s: ignoring the unknown top-level keys %s", name, ", ".join(unknown))
    asked = _run_args(classic, name=name)
    tasks: Document = {
        task_name: _Translation(task_name, f"{name}: tasks.{task_name}").config(task, asked)
        for task_name, task in classic.tasks.items()
    }
    return parse_document(
        ContainerConfig, {**_image(classic, name=name), "tasks": tasks}, name=name
    )


def _image(classic: MlcubeFile, *, name: str) -> Document:
    if classic.docker is not None:
        return {"container_type": ContainerType.DOCKER_IMAGE, "image": classic.docker.image}
    if classic.singularity is not None:
        image = classic.singularity.image
        return {"container_type": ContainerType.SINGULARITY_FILE, "image": image}
    raise SpecError(f"{name}: found neither 'docker' nor 'singularity', needed one with its image")


def _run_args(classic: MlcubeFile, *, name: str) -> Document:
    count = classic.platform.accelerator_count or 0
    docker = classic.docker
    if docker is None:
        return {"gpus": count} if count else {}
    where = f"{name}: docker.{'gpu_args' if count else 'cpu_args'}"
    said = _read_options((docker.gpu_args if count else docker.cpu_args) or "", where=where)
    gpus = said.gpus or ("all" if said.runtime == "nvidia" else count or None)
    found: Document = {
        "environment": dict(docker.env_args),
        "gpus": gpus,
        "shm_size": said.shm_size,
    }
    parse_document(RunArgs, found, name=where)
    return {key: value for key, value in found.items() if value}


class _Options(argparse.Namespace):
    gpus: str | None = None
    runtime: str | None = None
    shm_size: str | None = None


def _read_options(text: str, *, where: str) -> _Options:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for option in ("--gpus", "--runtime", "--shm-size"):
        parser.add_argument(option)
    try:
        options, others = parser.parse_known_args(shlex.split(text), namespace=_Options())
    except (ValueError, argparse.ArgumentError) as error:
        message = f"{where}: found no options of docker run, needed each with its value"
        raise SpecError(message, detail=str(error)) from error
    if others:
        _log.warning("%s: ignoring what a site alone decides: %s", where, shlex.join(others))
    if options.gpus is not None:
        options.gpus = options.gpus.strip("\"'")
    return options


@dataclass
class _Translation:
    """One task on its way into the new form."""

    task_name: str
    where: str
    inputs: Document = field(default_factory=dict)
    outputs: Document = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    mounts: int = 0

    def config(self, task: Task, asked: Mapping[str, JsonValue]) -> Document:
        for key, parameter in task.parameters.inputs.items():
            self._say(key, self._input(key, parameter))
        for key, parameter in task.parameters.outputs.items():
            self._say(key, self._output(key, parameter))
        if missing := sorted(self._keys.outputs - set(self.outputs)):
            where = f"{self.where}.parameters.outputs"
            raise SpecError(f"{where}: found no '{missing[0]}', needed it for the output")
        called = dict(_called(self.task_name, task, self.words))
        volumes: Document = {"input_volumes": self.inputs, "output_volumes": self.outputs}
        return {"run_args": {**asked, **called}, **volumes}

    def _say(self, key: str, place: str) -> None:
        self.words.append(f"--{key}={place}")

    def _input(self, key: str, parameter: Parameter) -> str:
        path = PurePosixPath(parameter.default or key)
        if parameter.opts == "rw":
            _log.warning("%s: '%s' asks to be written, but inputs are read-only", self.where, key)
        inside = path.parts[:1] == (ADDITIONAL_FILES,) and ".." not in path.parts
        if inside and key not in self._keys.inputs:
            folder = Parameter(default=ADDITIONAL_FILES)
            root = PurePosixPath(self._mount(self.inputs, ADDITIONAL_FILES, folder))
            return str(root.joinpath(*path.parts[1:]))
        if key in self._keys.inputs | ALWAYS_ALLOWED or self.task_name not in TASK_KEYS:
            return self._mount(self.inputs, key, parameter)
        if path == PurePosixPath("parameters.yaml"):
            return self._mount(self.inputs, PARAMETERS_FILE, parameter)
        raise SpecError(
            f"{self.where}.parameters.inputs: found the unknown key '{key}', needed a known one or a"
            f" default below {ADDITIONAL_FILES}/{nearest(key, self._keys.inputs | ALWAYS_ALLOWED)}"
        )

    def _output(self, key: str, parameter: Parameter) -> str:
        known = self._keys.all_outputs
        if key in known or self.task_name not in TASK_KEYS:
            return self._mount(self.outputs, key, parameter)
        if difflib.get_close_matches(key, known, n=1, cutoff=_SLIP):
            raise SpecError(
                f"{self.where}.parameters.outputs: found the unknown key '{key}', needed a known"
                f" one{nearest(key, known)}"
            )
        _log.warning("%s: nobody reads the output '%s', so it is not kept", self.where, key)
        kind = self._type(key, parameter)
        return SCRATCH if kind is VolumeType.DIRECTORY else f"{SCRATCH}/{_name(key, parameter)}"

    @property
    def _keys(self) -> TaskKeys:
        return TASK_KEYS.get(self.task_name, TaskKeys(inputs=frozenset()))

    def _mount(self, volumes: Document, key: str, parameter: Parameter) -> str:
        if isinstance(there := volumes.get(key), dict):
            return str(there["mount_path"])
        kind = self._type(key, parameter)
        place = f"/mlcube_io{self.mounts}"
        if kind is VolumeType.FILE:
            place = f"{place}/{_name(key, parameter)}"
        self.mounts += 1
        volumes[key] = {"mount_path": place, "type": kind}
        return place

    def _type(self, key: str, parameter: Parameter) -> VolumeType:
        """What is said, then a trailing slash, then the contract, then a suffix."""
        if parameter.type is not None:
            return parameter.type
        path = parameter.default or key
        if path.endswith("/"):
            return VolumeType.DIRECTORY
        by_suffix = VolumeType.FILE if PurePosixPath(path).suffix else VolumeType.DIRECTORY
        return volume_type(self.task_name, key) or by_suffix


def _called(task_name: str, task: Task, words: list[str]) -> Iterator[tuple[str, JsonValue]]:
    own = task.entrypoint
    entrypoint = shlex.split(own) if isinstance(own, str) else list(own or ())
    if entrypoint:
        yield "entrypoint", [*entrypoint]
    yield "command", [*words] if entrypoint else [task_name, *words]


def _name(key: str, parameter: Parameter) -> str:
    return PurePosixPath(parameter.default or key).name or key
