"""The site's catalogue: which folders on this site a registry id stands for. Never leaves the site."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from rounds.artifacts import RawDataset
from rounds.digests import digest_folders, list_files
from rounds.documents import read_document
from rounds.errors import IntegrityError, NotFound
from rounds.workspace import Workspace, write_whole


class Entry(BaseModel):
    """One dataset of this site: its raw export and the benchmark it was registered for.

    Without paths, only what was prepared from it is here. `as_prepared` says that the export has the
    benchmark's form already: it is checked and taken by link, and no preparator runs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset_id: int
    benchmark_id: int
    digest: str
    data_path: Path | None = Field(default=None, repr=False)
    labels_path: Path | None = Field(default=None, repr=False)
    as_prepared: bool = False


def digest_raw(data_path: Path, labels_path: Path) -> str:
    """The digest of a raw export, names and contents of both folders.

    Raises:
        IntegrityError: One of the folders is missing, holds no file, or holds a link or a special file.
    """
    for path in (data_path, labels_path):
        if not list_files(path):
            message = "found no raw data under one of the given paths, needed a folder with files"
            raise IntegrityError(message, detail=str(path))
    return digest_folders([data_path, labels_path])


def enter(workspace: Workspace, entry: Entry) -> None:
    """Write an entry, whole or not at all; an older one with the same id is replaced."""
    content = yaml.safe_dump(entry.model_dump(mode="json"), sort_keys=True).encode()
    write_whole(_file(workspace, entry.dataset_id), content)


def entries(workspace: Workspace) -> list[Entry]:
    """Every entry of the site, by id."""
    files = workspace.folder("datasets").glob("*.yaml")
    return sorted((read_document(Entry, path) for path in files), key=lambda e: e.dataset_id)


def find_entry(workspace: Workspace, dataset_id: int) -> Entry:
    """The entry of one dataset.

    Raises:
        NotFound: This site has no such dataset.
    """
    path = _file(workspace, dataset_id)
    if not path.exists():
        message = f"dataset {dataset_id} is not in this site's catalogue; submit it here first"
        raise NotFound(message)
    return read_document(Entry, path)


def find_raw(workspace: Workspace, dataset_id: int) -> RawDataset:
    """The raw dataset as it lies on the disk now; as it was registered, if only what was prepared is here.

    Raises:
        IntegrityError: It is not what was registered.
    """
    entry = find_entry(workspace, dataset_id)
    if entry.data_path is None or entry.labels_path is None:
        return RawDataset(dataset_id=dataset_id, digest=entry.digest)
    if digest_raw(entry.data_path, entry.labels_path) != entry.digest:
        message = "the raw data differs from what was registered, needed the same; register it anew"
        raise IntegrityError(message)
    return RawDataset(dataset_id=dataset_id, digest=entry.digest)


def raw_paths(entry: Entry) -> dict[str, Path]:
    """Where a raw export lies, by the names that a preparator has for its folders.

    Raises:
        IntegrityError: It is not at this site.
    """
    if entry.data_path is None or entry.labels_path is None:
        message = (
            "the prepared data is gone and its raw data is not at this site, needed one of them"
        )
        raise IntegrityError(f"{message}; import the dataset again")
    return {"data_path": entry.data_path, "labels_path": entry.labels_path}


def _file(workspace: Workspace, dataset_id: int) -> Path:
    return workspace.folder("datasets") / f"{dataset_id}.yaml"
