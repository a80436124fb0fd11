"""Cubes: what runs, told by documents and digests. Reading one checks its promise against the contract."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from cube_specs.models import ContainerConfig, CubeKind
from rounds.cube_contract import KIND_BY_TASK, check_contract
from rounds.digests import sha256_file, sha256_json, tree_digest
from rounds.documents import load_yaml, nearest, parse_document
from rounds.errors import IntegrityError, SpecError
from rounds.mlcube_files import parse_mlcube
from rounds.records.cubes import CubeIn, Needs, State

CONFIG = "container_config.yaml"
CLASSIC = "mlcube.yaml"
WORKSPACE = "workspace"
PARAMETERS = ("parameters.yaml", f"{WORKSPACE}/parameters.yaml")
ADDITIONAL_FILES = ("additional_files.tar.gz", f"{WORKSPACE}/additional_files.tar.gz")
UNPACKED = f"{WORKSPACE}/additional_files"
PROGRAM = ("main.py", CONFIG, CLASSIC, *PARAMETERS)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cube:
    """One cube with everything that decides what it does.

    `artifacts` maps `source` (the program's tree), `image` (the Docker image's id) and `sif` (an Apptainer
    image's bytes) to their sha256. Where additional files can be fetched decides nothing; `needs` are what its
    owner declared, each site's to grant; `part_of` is the digest of the cube whose step this is, None if whole.
    """

    name: str
    kind: CubeKind
    config: ContainerConfig
    parameters: Mapping[str, JsonValue] = field(default_factory=dict)
    artifacts: Mapping[str, str]
    additional_files_sha256: str | None = None
    additional_files_url: str | None = field(default=None, compare=False)
    needs: Needs = field(default_factory=Needs)
    part_of: str | None = field(default=None, compare=False)

    @property
    def registered(self) -> str:
        """The digest that the cube, or the one whose step it is, is registered and granted under."""
        return self.part_of or self.digest

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


def read_cube(
    folder: Path,
    image_digest: str | None = None,
    *,
    sif_digest: str | None = None,
    further: Mapping[str, str] | None = None,
) -> Cube:
    """The cube of a folder, named as the folder.

    The folder holds container_config.yaml or a classic mlcube.yaml and, where the cube needs them, main.py,
    and parameters.yaml and additional_files.tar.gz beside it or below workspace/.

    Args:
        image_digest: The id of the Docker image built from the folder, with or without `sha256:`.
        sif_digest: The sha256 of the SIF, where that is how the cube is delivered.
        further: The digests of the document's further images, by their names.

    Raises:
        SpecError: A document is missing or wrong, a further digest has no image, two say the same thing, or the tasks do not keep to the
            cube contract.
    """
    config = _read_config(folder)
    parameters_file = _find(folder, PARAMETERS)
    tarball = _find(folder, ADDITIONAL_FILES)
    if tarball is None:
        _refuse_unpacked(folder)
    artifacts = {"source": source_digest(folder)}
    if image_digest is not None:
        artifacts["image"] = image_digest.removeprefix("sha256:")
    if sif_digest is not None:
        artifacts["sif"] = sif_digest
    artifacts |= _further(config, further or {})
    return Cube(
        name=folder.name,
        kind=kind_of(config),
        config=config,
        parameters=_read_parameters(parameters_file) if parameters_file else {},
        artifacts=artifacts,
        additional_files_sha256=sha256_file(tarball) if tarball else None,
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
        additional_files_url=record.additional_files_url,
        needs=record.needs,
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
        needs=cube.needs,
        state=state,
    )


def kind_of(config: ContainerConfig) -> CubeKind:
    """What a cube is for, told by its one task of `KIND_BY_TASK`: `infer` makes a model, and so on.

    Raises:
        SpecError: The tasks make no kind, or two.
    """
    kinds = [kind for task, kind in KIND_BY_TASK.items() if task in config.tasks]
    if len(kinds) != 1:
        found = ", ".join(sorted(config.tasks))
        message = f"found the tasks {found}, needed exactly one of {', '.join(KIND_BY_TASK)}"
        raise SpecError(message)
    return kinds[0]


def source_digest(folder: Path) -> str:
    """The tree digest of a cube's program: main.py and its documents, whichever of them are there."""
    files = [name for name in PROGRAM if (folder / name).exists()]
    return tree_digest({name: sha256_file(folder / name) for name in files})


def _read_config(folder: Path) -> ContainerConfig:
    found = _find(folder, (CONFIG, CLASSIC))
    if found is None:
        message = f"found no file {CONFIG}, needed it or a classic {CLASSIC}"
        raise SpecError(message, detail=str(folder))
    if found.name == CONFIG:
        return _parse_config(load_yaml(found), name=CONFIG)
    config = parse_mlcube(load_yaml(found), name=CLASSIC)
    check_contract(config, name=CLASSIC)
    return config


def _further(config: ContainerConfig, digests: Mapping[str, str]) -> dict[str, str]:
    images = config.images or {}
    if unknown := sorted(set(digests) - set(images)):
        message = f"found no image '{unknown[0]}' in the document, needed one of its own"
        raise SpecError(message + nearest(unknown[0], images))
    found = {}
    for name, digest in digests.items():
        kind = "sif" if "Singularity" in images[name].container_type else "image"
        found[f"{kind}_{name}"] = digest.removeprefix("sha256:")
    return found


def _find(folder: Path, names: Sequence[str]) -> Path | None:
    found = [name for name in names if (folder / name).exists()]
    if len(found) > 1:
        message = f"found {' and '.join(found)} in one folder, needed one of them; remove the other"
        raise SpecError(message, detail=str(folder))
    return folder / found[0] if found else None


def _refuse_unpacked(folder: Path) -> None:
    unpacked = folder / UNPACKED
    if unpacked.is_dir() and any(not path.name.startswith(".") for path in unpacked.iterdir()):
        message = (
            f"found files in {UNPACKED} that are not packed, needed {ADDITIONAL_FILES[1]}; pack them:"
            f" tar -czf {ADDITIONAL_FILES[1]} -C {UNPACKED} ."
        )
        raise SpecError(message, detail=str(folder))


def _canonical_config(config: ContainerConfig) -> dict[str, JsonValue]:
    return config.model_dump(mode="json", exclude_none=True)


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
    check_contract(config, name=name)
    return config
