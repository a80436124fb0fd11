"""Backups made by hand, right and wrong."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from registry_api.storage.archives import LEVEL
from registry_api.storage.backup import restore
from tests.contract.registry_storage.stores import Rows, Store

NOT_WHOLE = "found a backup that is not whole"
Files = dict[str, bytes]


def files_of(backup_bytes: bytes) -> Files:
    """The files in a backup by their names, in their order."""
    with tarfile.open(fileobj=io.BytesIO(backup_bytes), mode="r:gz") as archive:
        members = [(member.name, archive.extractfile(member)) for member in archive]
        return {name: file.read() for name, file in members if file is not None}


def pack(files: Files, shape: Callable[[tarfile.TarInfo], None] = lambda _: None) -> bytes:
    """A backup of these files, each header of the tar shaped as somebody likes."""
    plain = io.BytesIO()
    for name, content in files.items():
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(content), 0o600
        shape(info)
        plain.write(info.tobuf(tarfile.GNU_FORMAT))
        plain.write(content + bytes(-len(content) % tarfile.BLOCKSIZE))
    plain.write(bytes(2 * tarfile.BLOCKSIZE))
    plain.write(bytes(-plain.tell() % tarfile.RECORDSIZE))
    return squeeze(plain.getvalue())


def squeeze(content: bytes) -> bytes:
    """Some bytes, gzipped as a backup is."""
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", LEVEL, packed, 0) as file:
        file.write(content)
    return packed.getvalue()


def changed(good: bytes, table: str, content: bytes, **manifest: object) -> bytes:
    """A backup with other rows of one table, and a manifest that is right about them."""
    files = files_of(good)
    about = json.loads(files["manifest.json"])
    rows = {"rows": content.count(b"\n"), "size": len(content)}
    about["tables"][table] = rows | {"sha256": sha256(content).hexdigest()}
    files["manifest.json"] = json.dumps(about | manifest).encode()
    return pack(files | {f"{table}.jsonl": content})


def user(good: bytes, **values: object) -> bytes:
    """A backup whose only user has other values."""
    row = json.loads(files_of(good)["user_account.jsonl"])
    return changed(good, "user_account", json.dumps(row | values).encode() + b"\n")


def try_restore(folder: Path, content: bytes) -> None:
    """Restore a backup into an empty database."""
    file = folder / "file"
    file.write_bytes(content)
    restore(str(folder / "registry.db"), file)


def rows_in(folder: Path) -> Rows:
    """What is in the database that was restored."""
    return Store("sqlite", str(folder / "registry.db")).rows()
