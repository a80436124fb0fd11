"""Cubes: what runs, told by documents and digests. Reading one checks its promise against the contract."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from cube_specs.models import ContainerConfig, CubeKind, CubeTask
from rounds.digests import sha256_file, sha256_json, tree_digest
from rounds.documents import load_yaml, nearest, parse_document
from rounds.errors import IntegrityError, SpecError
from rounds.records.cubes import CubeIn, State

CONFIG = "container_config.yaml"
PARAMETERS = "parameters.yaml"
ADDITIONAL_FILES = "additional_files.tar.gz"
PROGRAM = ("main.py", CONFIG, PARAMETERS)
ALWAYS_ALLOWED = frozenset({"parameters_file", "additional_files"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskKeys:
    """The mount keys of one task in the cube contract; `outputs` are needed, the rest may be declared."""

    inputs: frozenset[str]
    outputs: frozenset[str] = frozenset()
    optional_outputs: frozenset[str] = frozenset()


_DATA_AND_LABELS = frozenset({"data_path", "labels_path"})
_PREPARED = _DATA_AND_LABELS | {"metadata_path"}
TASK_KEYS: Mapping[str, TaskKeys] = {
    "prepare": TaskKeys(
        inputs=_DATA_AND_LABELS,
        outputs=frozenset({"output_path", "output_labels_path"}),
        optional_outputs=frozenset({"metadata_path", "report_file"}),
    ),
    "sanity_check": TaskKeys(inputs=_PREPARED),
    "statistics": TaskKeys(inputs=_PREPARED, outputs=frozenset({"output_path"})),
    "infer": TaskKeys(inputs=frozenset({"data_path"}), outputs=frozenset({"output_path"})),
    "evaluate": TaskKeys(
        inputs=frozenset({"predictions", "labels"}),
        outputs=frozenset({"output_path"}),
        optional_outputs=frozenset({"local_outputs_path"}),
    ),
}
_KIND_BY_TASK = {
    "infer": CubeKind.MODEL,
    "prepare": CubeKind.PREPARATOR,
    "evaluate": CubeKind.METRICS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cube:
    """One cube with everything that decides what it does.

    `artifacts` maps `source` (the program's tree) and `image` (the Docker image's id) to their sha256.
    """

    name: str
    kind: CubeKind
    config: ContainerConfig
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    artifacts: Mapping[str, str]
    additional_files_sha256: str | None = None

    @property
    def digest(self) -> str:
        """The sha256 over config, parameters, artifacts and additional files; the name is not in it."""
        return cube_digest(
            config=self.config,
            parameters=self.parameters,
            artifacts=self.artifacts,
            additional_files_sha256=self.additional_files_sha256,
        )


def cube_digest(
    *,
    config: ContainerConfig,
    parameters: Mapping[str, JsonValue],
    artifacts: Mapping[str, str],
    additional_files_sha256: str | None,
) -> str:
    """The sha256 that names a cube: over the canonical config, whatever its file's layout, and the rest."""
    return sha256_json(
        {
            "config": _canonical_config(config),
            "parameters": dict(parameters),
            "artifacts": dict(artifacts),
            "additional_files_sha256": additional_files_sha256,
        }
    )


def read_cube(folder: Path, image_digest: str | None = None) -> Cube:
    """The cube of a folder, named as the folder.

    The folder holds container_config.yaml and, where the cube needs them, main.py, parameters.yaml and
    additional_files.tar.gz.

    Args:
        image_digest: The id of the Docker image built from the folder, with or without `sha256:`.

    Raises:
        SpecError: A document is missing or wrong, or the tasks do not keep to the cube contract.
    """
    document = load_yaml(folder / CONFIG)
    parameters_file = folder / PARAMETERS
    tarball = folder / ADDITIONAL_FILES
    artifacts = {"source": source_digest(folder)}
    if image_digest is not None:
        artifacts["image"] = image_digest.removeprefix("sha256:")
    config = _parse_config(document, name=CONFIG)
    return Cube(
        name=folder.name,
        kind=kind_of(config),
        config=config,
        parameters=_read_parameters(parameters_file) if parameters_file.exists() else {},
        artifacts=artifacts,
        additional_files_sha256=sha256_file(tarball) if tarball.exists() else None,
    )


def from_record(record: CubeIn) -> Cube:
    """The cube that a registry's record describes.

    Raises:
        SpecError: The record's config is wrong, or makes another kind of cube than the record says.
        IntegrityError: The record's digest is not that of its content.
    """
    config = _parse_config(record.config, name=f"the config of cube {record.name}")
    if (kind := kind_of(config)) is not record.kind:
        message = f"cube {record.name} is registered as {record.kind}, but its tasks make a {kind}"
        raise SpecError(message)
    cube = Cube(
        name=record.name,
        kind=kind,
        config=config,
        parameters=record.parameters,
        artifacts=record.artifacts,
        additional_files_sha256=record.additional_files_sha256,
    )
    if cube.digest != record.digest:
        message = (
            f"cube {record.name} has digest {cube.digest}, needed the registered {record.digest};"
            " register it again from its folder"
        )
        raise IntegrityError(message)
    return cube


def to_record(cube: Cube, *, url: str | None = None, state: State = State.DEVELOPMENT) -> CubeIn:
    """What is sent to register `cube`; `url` is where its additional files can be fetched."""
    return CubeIn(
        name=cube.name,
        kind=cube.kind,
        config=_canonical_config(cube.config),
        parameters=dict(cube.parameters),
        artifacts=dict(cube.artifacts),
        additional_files_url=url,
        additional_files_sha256=cube.additional_files_sha256,
        digest=cube.digest,
        state=state,
    )


def kind_of(config: ContainerConfig) -> CubeKind:
    """What a cube is for: `infer` makes a model, `prepare` a preparator, `evaluate` a metrics cube.

    Raises:
        SpecError: The tasks make no kind, or two.
    """
    kinds = [kind for task, kind in _KIND_BY_TASK.items() if task in config.tasks]
    if len(kinds) != 1:
        found = ", ".join(sorted(config.tasks))
        message = f"found the tasks {found}, needed exactly one of {', '.join(_KIND_BY_TASK)}"
        raise SpecError(message)
    return kinds[0]


def source_digest(folder: Path) -> str:
    """The tree digest of a cube's program: main.py and its two documents, whichever of them are there."""
    files = [name for name in PROGRAM if (folder / name).exists()]
    return tree_digest({name: sha256_file(folder / name) for name in files})


def _canonical_config(config: ContainerConfig) -> dict[str, JsonValue]:
    canonical: dict[str, JsonValue] = config.model_dump(mode="json", exclude_none=True)
    return canonical


def _read_parameters(path: Path) -> dict[str, JsonValue]:
    document = load_yaml(path)
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise SpecError(f"{path.name}: found no mapping, needed parameters by name")
    return document


def _parse_config(document: JsonValue, *, name: str) -> ContainerConfig:
    config = parse_document(ContainerConfig, document, name=name)
    known = ContainerConfig.model_fields
    if unknown := sorted(set(document) - set(known)) if isinstance(document, dict) else []:
        _log.warning("%s: ignoring the unknown top-level keys %s", name, ", ".join(unknown))
    for task_name, task in config.tasks.items():
        _check_keys(task_name, task, name=name)
    return config


def _check_keys(task_name: str, task: CubeTask, *, name: str) -> None:
    where = f"{name}: tasks.{task_name}"
    if twice := sorted(set(task.input_volumes) & set(task.output_volumes)):
        raise SpecError(f"{where}: found '{twice[0]}' as input and as output, needed it once")
    keys = TASK_KEYS.get(task_name)
    if keys is None:
        return
    _check_known(f"{where}.input_volumes", task.input_volumes, keys.inputs)
    _check_known(
        f"{where}.output_volumes", task.output_volumes, keys.outputs | keys.optional_outputs
    )
    if missing := sorted(keys.outputs - set(task.output_volumes)):
        raise SpecError(
            f"{where}.output_volumes: found no '{missing[0]}', needed it for the output"
        )


def _check_known(where: str, found: Mapping[str, object], known: frozenset[str]) -> None:
    for key in sorted(set(found) - known - ALWAYS_ALLOWED):
        hint = nearest(key, known | ALWAYS_ALLOWED)
        raise SpecError(f"{where}: found the unknown mount key '{key}', needed a known one{hint}")
