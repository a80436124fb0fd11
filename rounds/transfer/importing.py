"""An exported dataset, taken in: nothing of it is in the catalogue before every digest has been verified.

1. The archive must be of this registry and this site, and of a dataset that is not in the catalogue.
2. Its digests under the site's key must be the registered ones. So far only its manifest was read.
3. The archive is read to its end, and nothing is written.
4. It is read again and written: raw data beside its target, prepared data as a stage's attempt, each renamed when whole.
5. The catalogue's entry comes last. Killed before, the same command begins anew and takes over what is whole.
"""

import shutil
from pathlib import Path

from rounds import catalogue
from rounds.catalogue import Entry
from rounds.digests import file_digests, keyed, tree_digest
from rounds.errors import Conflict, IntegrityError, NotFound, RunnerError, SpecError
from rounds.records.cubes import State
from rounds.sites import Site
from rounds.transfer.archive import Contents, Reader, drain, verify
from rounds.transfer.contents import Manifest, Section, damaged, decoded
from rounds.workspace import sync_folder


def import_dataset(
    site: Site, file: Path, *, data: Path | None = None, labels: Path | None = None
) -> Entry:
    """The entry of a dataset that was exported at this site, restored.

    Args:
        site: Where it was registered.
        file: The archive.
        data: Where raw data goes, if the archive holds it: a new or an empty folder.
        labels: Where its labels go.

    Raises:
        Conflict: The dataset is in this site's catalogue.
        SpecError: The archive is of another registry, site or key; or where raw data goes is not said, or taken.
        IntegrityError: The archive is damaged, or is not what is registered.
        RunnerError: A disk has no room for it.
        RegistryError: The registry did not tell what is registered.
    """
    if not file.is_file():
        raise SpecError("found no archive, needed the file of an export", detail=str(file))
    with Reader(file) as reader:
        manifest = reader.manifest()
    with site.workspace.locked(f"import-{manifest.dataset_id}") as free:
        if not free:
            raise SpecError("found another import of this dataset at work, needed to be alone")
        _check_ours(manifest, site)
        _check_registered(manifest, site)
        targets = _targets(manifest, data, labels)
        if verify(file) != manifest:
            raise damaged("another archive by now")
        _check_room(manifest, targets, site)
        _take_in(file, manifest, targets, site)
        entry = Entry(
            dataset_id=manifest.dataset_id,
            benchmark_id=manifest.benchmark_id,
            digest=manifest.raw,
            data_path=targets.get("data"),
            labels_path=targets.get("labels"),
            as_prepared=manifest.as_prepared,
        )
        catalogue.enter(site.workspace, entry)
    return entry


def _check_ours(manifest: Manifest, site: Site) -> None:
    try:
        catalogue.find_entry(site.workspace, manifest.dataset_id)
    except NotFound:
        pass
    else:
        message = (
            f"dataset {manifest.dataset_id} is in this site's catalogue, needed one that is not"
        )
        raise Conflict(message)
    if manifest.registry.rstrip("/") != site.profile.registry.url.rstrip("/"):
        message = "the archive is of another registry than this site's, needed one of the same"
        raise SpecError(message, detail=manifest.registry)
    if manifest.site != site.profile.name:
        message = f"the archive is of site {manifest.site}, needed one of {site.profile.name}"
        raise SpecError(message)


def _check_registered(manifest: Manifest, site: Site) -> None:
    dataset = site.registry.dataset(manifest.dataset_id)
    raw = keyed(manifest.raw, site.key)
    if raw != dataset.raw_digest and manifest.keyed_raw == dataset.raw_digest:
        message = "this site's key gives another digest than is registered, needed the key of then"
        raise SpecError(f"{message}; put it back from its backup")
    if (raw, dataset.benchmark_id) != (dataset.raw_digest, manifest.benchmark_id):
        raise IntegrityError("the archive is not of what is registered, needed the same dataset")
    prepared = manifest.section("prepare")
    if prepared and keyed(prepared.output, site.key) != dataset.prepared_digest:
        message = "the archive's prepared data is not what is registered, needed the same"
        raise IntegrityError(message)
    if prepared is None and dataset.state is State.OPERATION:
        message = "the archive was made before the dataset was in OPERATION, needed a later one"
        raise SpecError(message)


def _targets(manifest: Manifest, data: Path | None, labels: Path | None) -> dict[str, Path]:
    """Where each folder of raw data goes; nothing for prepared data."""
    if manifest.state is State.OPERATION:
        if data or labels:
            raise SpecError("the archive holds no raw data, needed neither --data nor --labels")
        return {}
    if data is None or labels is None:
        raise SpecError(
            "the archive holds raw data, needed --data and --labels to say where it goes"
        )
    targets = {"data": data.absolute(), "labels": labels.absolute()}
    first, second = (path.resolve() for path in targets.values())
    if first.is_relative_to(second) or second.is_relative_to(first):
        raise SpecError("found one folder within the other, needed two beside one another")
    for section in manifest.sections:
        _check_free(targets[section.place], section)
    return targets


def _check_free(target: Path, section: Section) -> None:
    """Pass if a target is new, empty, or what an import that was killed has restored already."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise SpecError(
            "found something else where raw data goes, needed a folder", detail=str(target)
        )
    if target.exists() and any(target.iterdir()) and not _holds(target, section):
        message = "found files where raw data goes, needed a new or an empty folder"
        raise SpecError(message, detail=str(target))


def _holds(folder: Path, section: Section) -> bool:
    return folder.is_dir() and tree_digest(file_digests(folder)) == section.output


def _check_room(manifest: Manifest, targets: dict[str, Path], site: Site) -> None:
    """Pass if each disk has room for all that goes onto it; what an earlier try left counts as room."""
    needed: dict[int, tuple[int, Path]] = {}
    for section in manifest.sections:
        above = _above(targets.get(section.place, site.workspace.root))
        size, _ = needed.get(above.stat().st_dev, (0, above))
        needed[above.stat().st_dev] = (size + section.size, above)
    for size, folder in needed.values():
        if size > shutil.disk_usage(folder).free:
            message = "the archive needs more bytes than the disk has free; make room there"
            raise RunnerError(f"{message} (rounds workspace prune)", detail=str(folder))


def _above(path: Path) -> Path:
    return next(one for one in (path, *path.parents) if one.exists())


def _take_in(file: Path, manifest: Manifest, targets: dict[str, Path], site: Site) -> None:
    with Reader(file) as reader:
        if reader.manifest() != manifest:
            raise damaged("another archive by now")
        for section in manifest.sections:
            contents = reader.contents(section)
            if section.place in targets:
                _restore(section, contents, targets[section.place])
            else:
                _publish(section, contents, site)


def _restore(section: Section, contents: Contents, target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    if part.exists():
        shutil.rmtree(part)
    part.mkdir(parents=True, mode=0o700)
    _write(section, contents, part)
    if _holds(target, section):
        shutil.rmtree(part)
        return
    part.rename(target)
    sync_folder(target.parent)


def _publish(section: Section, contents: Contents, site: Site) -> None:
    published = site.workspace.publish(
        section.place, section.inputs, lambda attempt: _write(section, contents, attempt.files)
    )
    drain(contents)
    if published.output != section.output:
        message = "another output is published here for the same inputs, needed none or the same"
        raise IntegrityError(f"{message}; remove it and import again", detail=published.key)


def _write(section: Section, contents: Contents, folder: Path) -> None:
    for name in section.folders:
        (folder / decoded(name)).mkdir(parents=True, exist_ok=True)
    for name, chunks in contents:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.writelines(chunks)
