"""From a cube's digest to a SIF on this machine's disk: the site's own, or its Docker image converted once.

1. A cube that is a SIF is found in the mirror by its sha256, which is checked right before each run.
2. A Docker image is converted from its archive in the mirror and kept under the image's digest, with the
   sha256 of what the conversion wrote, which is checked right before each run.
3. One process converts; who wants the same image meanwhile waits for it. What is half written is not there.
"""

import json
import tempfile
from functools import lru_cache
from pathlib import Path

from spython.utils import run_command

from rounds import locks
from rounds.cubes import Cube
from rounds.digests import sha256_file
from rounds.errors import Code, IntegrityError, RunnerError
from rounds.images.archives import find_image
from rounds.images.blobs import open_blobs
from rounds.images.store import CONVERTED, ImageStore
from rounds.images.streams import docker_archive
from rounds.runners.apptainer_options import Sif, own_environment
from rounds.workspace import write_whole

_LISTED = "JSON.Generic"  # how `sif list` names what a conversion keeps of an OCI image's config


def find_sif(cube: Cube, store: ImageStore) -> Sif:
    """The SIF that a cube runs in, checked just now.

    Raises:
        RunnerError: The image is not on this machine, or cannot be converted (`Code.ENGINE_REFUSED`).
        IntegrityError: Its bytes are other ones than its digest names.
    """
    if digest := cube.artifacts.get("sif"):
        path = store.sif(digest)
        if path is None:
            raise _absent(cube, digest, "sif")
    elif digest := cube.artifacts.get("image"):
        path = _converted(cube, digest, store)
    else:
        message = (
            f"cube {cube.name} is registered without an image, needed one for the apptainer engine"
        )
        raise RunnerError(f"{message}; register it with its digest", code=Code.ENGINE_REFUSED)
    workdir = _workdir(path, _state(path))
    return Sif(path=path.absolute(), workdir=workdir)  # it is started in the call's scratch


def _converted(cube: Cube, digest: str, store: ImageStore) -> Path:
    target = store.cache / CONVERTED / f"{digest}.sif"
    note = target.with_suffix(".sha256")
    with locks.opened(target.with_suffix(".lock")) as descriptor:
        locks.wait(descriptor)
        if not note.exists():
            archive = store.archive(digest)
            if archive is None:
                raise _absent(cube, digest, "tar")
            _convert(cube, archive, target)
            write_whole(note, _sha256(target, _state(target)).encode())
    if _sha256(target, _state(target)) != note.read_text():
        message = f"the converted image of cube {cube.name} was changed since, needed it as it was"
        raise IntegrityError(f"{message}; remove it from the cache", detail=str(target))
    return target


def _convert(cube: Cube, archive: Path, target: Path) -> None:
    part, verified = target.with_suffix(".part"), target.with_suffix(".tar")
    _write_verified(archive, verified)
    with tempfile.TemporaryDirectory() as folder:
        # Without a colon in its path, where one would end the name.
        link = Path(folder) / "image.tar"
        link.symlink_to(verified.absolute())
        source = f"docker-archive:{link}"
        argv = ["apptainer", "--quiet", "build", "--disable-cache", "--force", str(part), source]
        done = run_command(argv, quiet=True, environ=own_environment(Path(folder)))
    verified.unlink()
    if done["return_code"] != 0:
        message = f"Apptainer could not convert the image of cube {cube.name}; its words are in the site's log"
        detail = "".join(done["message"])
        raise RunnerError(message, detail=detail, code=Code.ENGINE_REFUSED)
    part.rename(target)


def _write_verified(archive: Path, target: Path) -> None:
    """The image alone, as `docker save` writes it, each layer held against its digest on the way.

    Raises:
        IntegrityError: A layer is another one.
    """
    with open_blobs(archive) as blobs, target.open("wb") as file:
        for chunk in docker_archive(blobs, find_image(blobs)):
            file.write(chunk)


def _state(path: Path) -> tuple[int, ...]:
    """What changes when a file's bytes do: so that they are read once in a process, not once a run."""
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@lru_cache(maxsize=256)
def _sha256(path: Path, _state: tuple[int, ...]) -> str:
    return sha256_file(path)


@lru_cache(maxsize=256)
def _workdir(path: Path, _state: tuple[int, ...]) -> str:
    """The working folder of the image's OCI config, which a conversion keeps in the SIF; / if there is none."""
    with tempfile.TemporaryDirectory() as home:
        listed = words_of(["apptainer", "sif", "list", str(path)], Path(home))
        for line in listed.splitlines():
            columns = [column.strip() for column in line.split("|")]
            if columns[-1] != _LISTED:
                continue
            dumped = words_of(["apptainer", "sif", "dump", columns[0], str(path)], Path(home))
            if folder := _workdir_in(dumped):
                return folder
    return "/"


def words_of(argv: list[str], home: Path) -> str:
    """What Apptainer answers, with this folder as its home; nothing if it refuses."""
    done = run_command(argv, quiet=True, environ=own_environment(home))
    return "".join(done["message"]) if done["return_code"] == 0 else ""


def _workdir_in(text: str) -> str:
    try:
        config = json.loads(text)
    except ValueError:
        return ""
    folder = config.get("WorkingDir") if isinstance(config, dict) else None
    return folder if isinstance(folder, str) else ""


def _absent(cube: Cube, digest: str, suffix: str) -> RunnerError:
    message = (
        f"the image of cube {cube.name} is not at this site, needed {digest}.{suffix} in its mirror"
    )
    return RunnerError(f"{message}; take it in", code=Code.ENGINE_REFUSED)
