"""Digests: sha256 over content and names, keyed wherever a digest leaves the site."""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pydantic import JsonValue

from rounds.errors import IntegrityError

CHUNK = 1 << 20


def sha256_bytes(data: bytes) -> str:
    """The sha256 of `data`, 64 lowercase hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """The sha256 of a file's content, read in chunks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


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
    if root.exists() and not root.is_dir():
        _check_plain(root)
        return [root]
    files: list[Path] = []
    for folder, names, file_names in os.walk(root, onerror=_refuse_unreadable):
        here = Path(folder)
        for name in [*names, *file_names]:
            _check_plain(here / name)
        files.extend(here / name for name in file_names)
    return sorted(files, key=lambda path: path.relative_to(root).as_posix())


def file_digests(root: Path) -> dict[str, str]:
    """The sha256 of every file below `root` by its POSIX name relative to `root`, hashed in parallel.

    A single file is named by its own name.
    """
    files = list_files(root)
    base = root.parent if root.is_file() else root
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        digests = list(pool.map(sha256_file, files))
    names = [path.relative_to(base).as_posix() for path in files]
    return dict(zip(names, digests, strict=True))


def tree_digest(digests: Mapping[str, str]) -> str:
    """One digest over names and contents, from `file_digests`: renaming or swapping two files changes it."""
    return sha256_json(dict(digests))


def digest_folders(roots: Iterable[Path]) -> str:
    """One digest over several folders or files in their given order, names and contents."""
    return sha256_json([tree_digest(file_digests(root)) for root in roots])


def keyed(digest: str, key: bytes) -> str:
    """HMAC-SHA256 of a digest under the site's key: what the registry is told in its place."""
    return hmac.new(key, digest.encode(), hashlib.sha256).hexdigest()


def _refuse_unreadable(error: OSError) -> None:
    if isinstance(error, FileNotFoundError):
        return
    message = "found a folder that cannot be listed, needed one that this user may read"
    raise IntegrityError(message, detail=str(error)) from error


def _check_plain(path: Path) -> None:
    if path.is_symlink() or not (path.is_dir() or path.is_file()):
        message = "found a link or a special file, needed only files and folders"
        raise IntegrityError(message, detail=str(path))
