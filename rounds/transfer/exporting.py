"""A dataset's raw data (in DEVELOPMENT) or its prepared data (in OPERATION) as one file on the site's own disk."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from rounds import catalogue, cubes, stage_inputs
from rounds.catalogue import Entry
from rounds.digests import file_digests, keyed, sha256_json
from rounds.errors import IntegrityError, SpecError
from rounds.records.cubes import State
from rounds.records.datasets import Dataset
from rounds.sites import Site
from rounds.transfer.archive import write_archive
from rounds.transfer.contents import Content, Manifest, Place, Section, encoded
from rounds.workspace import sync_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class _Folder:
    place: Place
    path: Path = field(repr=False)
    inputs: dict[str, JsonValue] = field(default_factory=dict, repr=False)

    @property
    def base(self) -> Path:
        """What its files' names are relative to: a raw export may be a single file."""
        return self.path if self.path.is_dir() else self.path.parent


def export_dataset(site: Site, dataset_id: int, target: Path) -> Manifest:
    """Write a dataset of this site into a new file of mode 0600; what the file says of itself.

    The same dataset in the same state is the same bytes. Killed, it leaves a hidden part beside the target.

    Raises:
        SpecError: The target exists, or lies in the workspace or in the raw data; or there is no raw data here.
        NotFound: The dataset is not in this site's catalogue.
        IntegrityError: What lies here is not what is registered, or changed while it was read.
        RegistryError: The registry did not tell what is registered.
    """
    entry = catalogue.find_entry(site.workspace, dataset_id)
    _check_target(target.absolute(), entry, site)
    dataset = site.registry.dataset(dataset_id)
    if keyed(entry.digest, site.key) != dataset.raw_digest:
        message = (
            "this site's key and catalogue give another digest than is registered, needed that one"
        )
        raise IntegrityError(message)
    if dataset.state is State.OPERATION:
        folders = list(_published(dataset, entry, site))
    else:
        folders = _raw(entry, site)
    manifest = Manifest(
        registry=site.profile.registry.url,
        site=site.profile.name,
        dataset_id=dataset.id,
        benchmark_id=dataset.benchmark_id,
        state=dataset.state,
        raw=entry.digest,
        as_prepared=entry.as_prepared,
        keyed_raw=dataset.raw_digest,
        keyed_prepared=dataset.prepared_digest,
        sections=tuple(_section(folder) for folder in folders),
    )
    _write(target.absolute(), manifest, [folder.base for folder in folders])
    return manifest


def _raw(entry: Entry, site: Site) -> list[_Folder]:
    catalogue.find_raw(site.workspace, entry.dataset_id)
    if entry.data_path is None or entry.labels_path is None:
        message = "the raw data of this dataset is not at this site, needed it while in DEVELOPMENT"
        raise SpecError(message)
    return [
        _Folder(place="data", path=entry.data_path),
        _Folder(place="labels", path=entry.labels_path),
    ]


def _published(dataset: Dataset, entry: Entry, site: Site) -> Iterator[_Folder]:
    cube = cubes.from_record(site.registry.cube(dataset.preparator_id)).digest
    inputs = stage_inputs.of_prepare(cube, entry.digest, as_prepared=entry.as_prepared)
    prepared = site.workspace.find("prepare", sha256_json(inputs))
    if prepared is None or keyed(prepared.output, site.key) != dataset.prepared_digest:
        message = "the prepared data here is not what is registered, needed that"
        raise IntegrityError(f"{message}; prepare it again, or register it anew")
    yield _Folder(
        place="prepare", path=site.workspace.files("prepare", prepared), inputs={**inputs}
    )
    inputs = stage_inputs.of_prepared(cube, prepared.output)
    places: tuple[Place, ...] = ("sanity_check", "statistics")
    for place in places:
        if found := site.workspace.find(place, sha256_json(inputs)):
            yield _Folder(place=place, path=site.workspace.files(place, found), inputs={**inputs})


def _section(folder: _Folder) -> Section:
    digests = file_digests(folder.path)
    files = (
        Content(name=encoded(name), size=(folder.base / name).stat().st_size, sha256=digest)
        for name, digest in digests.items()
    )
    empty = (path for path in folder.path.rglob("*") if path.is_dir() and not any(path.iterdir()))
    names = sorted(encoded(str(path.relative_to(folder.path))) for path in empty)
    return Section(
        place=folder.place, inputs=folder.inputs, folders=tuple(names), files=tuple(files)
    )


def _check_target(target: Path, entry: Entry, site: Site) -> None:
    if target.exists():
        raise SpecError("found a file of that name, needed a new one", detail=str(target))
    here = target.parent.resolve()
    homes = [site.workspace.root, entry.data_path, entry.labels_path]
    if any(home is not None and here.is_relative_to(home.resolve()) for home in homes):
        message = "the archive would lie among the site's own files, needed a folder beside them"
        raise SpecError(message, detail=str(target))


def _write(target: Path, manifest: Manifest, folders: list[Path]) -> None:
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write_archive(file, manifest, folders)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(target.parent)
