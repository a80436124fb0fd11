"""Digests: sha256 over content and names, keyed wherever a digest leaves the site."""

import errno
import hashlib
import hmac
import io
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from pydantic import JsonValue

from rounds.errors import IntegrityError

CHUNK = 1 << 20
SMALL = 1 << 17
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


def sha256_bytes(data: bytes) -> str:
    """The sha256 of `data`, 64 lowercase hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """The sha256 of a file's content, read in chunks of 1 MiB."""
    with path.open("rb", buffering=0) as file:
        return _sha256_stream(file)


def canonical_json(value: JsonValue | Mapping[str, object]) -> bytes:
    """`value` as UTF-8 JSON in the one form that is hashed: sorted keys, no spaces, no NaN.

    A file name that is no UTF-8 has its stray bytes as lone surrogates, which `json.loads` reads back.

    Raises:
        ValueError: A float is NaN or infinite.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8", "surrogatepass")


def sha256_json(value: JsonValue | Mapping[str, object]) -> str:
    """The sha256 of `canonical_json(value)`."""
    return sha256_bytes(canonical_json(value))


def list_files(root: Path) -> list[Path]:
    """Every regular file below `root` (or `root` itself if it is a file), sorted by its name.

    None if there is no `root`.

    Raises:
        IntegrityError: Something below `root` is neither a file nor a folder (a link, a FIFO, a device)
            or cannot be listed, or `root` is such a thing itself; only a link to a folder may be a root.
    """
    folder, names = _find(root)
    return [folder / name for name in names]


def file_digests(root: Path) -> dict[str, str]:
    """The sha256 of every file below `root` by its POSIX name relative to `root`.

    A single file is named by its own name. Small files are read one after another, since threads would
    only wait for one another's turn in the interpreter; large ones are hashed by all cores.

    Raises:
        IntegrityError: As `list_files`; or a file cannot be read, changed meanwhile, or is gone.
    """
    folder, names = _find(root)
    small = {name: _digest_small(f"{folder}/{name}") for name in names}
    large = [name for name, digest in small.items() if digest is None]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        found = pool.map(_digest_large, [f"{folder}/{name}" for name in large])
        return {name: digest or next(found) for name, digest in small.items()}


def tree_digest(digests: Mapping[str, str]) -> str:
    """One digest over names and contents, from `file_digests`: renaming or swapping two files changes it."""
    return sha256_json(dict(digests))


def digest_folders(roots: Iterable[Path]) -> str:
    """One digest over several folders or files in their given order, names and contents."""
    return sha256_json([tree_digest(file_digests(root)) for root in roots])


def keyed(digest: str, key: bytes) -> str:
    """HMAC-SHA256 of a digest under the site's key: what the registry is told in its place."""
    return hmac.new(key, digest.encode(), hashlib.sha256).hexdigest()


def _find(root: Path) -> tuple[Path, list[str]]:
    """The folder that all files below `root` are in, and their names relative to it, sorted."""
    if root.is_dir():
        return root, sorted(_names(str(root)))
    if not root.exists():
        return root, []
    if root.is_symlink() or not root.is_file():
        raise _special(str(root))
    return root.parent, [root.name]


def _names(root: str) -> Iterator[str]:
    """The name of each file below `root`, in no order."""
    unseen = [""]
    while unseen:
        for name, is_folder in _entries(root, unseen.pop()):
            if is_folder:
                unseen.append(f"{name}/")
            else:
                yield name


def _entries(root: str, folder: str) -> Iterator[tuple[str, bool]]:
    """The name of each thing right below a folder, from one look at its list, and whether it is a folder."""
    with _translated("a folder that cannot be listed"), os.scandir(f"{root}/{folder}") as entries:
        for entry in entries:
            name, is_folder = f"{folder}{entry.name}", entry.is_dir(follow_symlinks=False)
            if not is_folder and not entry.is_file(follow_symlinks=False):
                raise _special(f"{root}/{name}")
            yield name, is_folder


def _digest_small(path: str) -> str | None:
    """The sha256 of a file of at most `SMALL` bytes that one read gets whole; None of any other."""
    with _opened(path) as (descriptor, size):
        if size > SMALL:
            return None
        content = os.read(descriptor, SMALL + 1)
    return sha256_bytes(content) if len(content) == size else None


def _digest_large(path: str) -> str:
    with _opened(path) as (descriptor, _), open(descriptor, "rb", 0, closefd=False) as file:
        return _sha256_stream(file)


def _sha256_stream(file: io.FileIO) -> str:
    digest, chunk = hashlib.sha256(), memoryview(bytearray(CHUNK))
    while size := file.readinto(chunk):
        digest.update(chunk[:size])
    return digest.hexdigest()


@contextmanager
def _opened(path: str) -> Iterator[tuple[int, int]]:
    """A regular file's descriptor and size; the file must be the same when the block ends."""
    with _translated("a file that cannot be read"):
        descriptor = os.open(path, _FILE_FLAGS)
        try:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise _special(path)
            yield descriptor, before.st_size
            after = os.fstat(descriptor)
        finally:
            os.close(descriptor)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise _changed(path)


@contextmanager
def _translated(found: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _GONE:
            raise _changed(str(error)) from error
        message = f"found {found}, needed one that this user may read"
        raise IntegrityError(message, detail=str(error)) from error


def _special(path: str) -> IntegrityError:
    message = "found a link or a special file, needed only files and folders"
    return IntegrityError(message, detail=path)


def _changed(detail: str) -> IntegrityError:
    message = (
        "found a file that changed while it was read, needed one that nobody writes to; try again"
    )
    return IntegrityError(message, detail=detail)
