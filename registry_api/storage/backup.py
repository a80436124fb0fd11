"""Backups of a registry: one file, of which either kind of database is made again.

A backup is a read: it sees one snapshot, hinders no write, and leaves no entry in the audit log.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from itertools import groupby, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from sqlalchemy import Connection, MetaData, Table, insert, select
from sqlalchemy.exc import DataError
from sqlalchemy.exc import IntegrityError as RuleBroken

from registry_api.storage.archives import Archive, ChainHead, Manifest, TableFile, pack
from registry_api.storage.columns import from_json, to_json
from registry_api.storage.database import Database
from registry_api.storage.migrating import (
    changing,
    known_revisions,
    make_anew,
    revision_of,
    take_time,
    upgrade_within,
)
from registry_api.storage.migrations.moving import number_on
from rounds.audit import GENESIS
from rounds.errors import Conflict, IntegrityError, SpecError

PAGE = 500
VERSION_TABLE = "alembic_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a backup holds: the revision of its tables, the version that wrote it, its rows by table.

    `audit` is the end of the sealed audit log; None before there was one.
    """

    revision: str
    rounds: str
    rows: Mapping[str, int]
    audit: ChainHead | None


def backup(database: Database, file: Path) -> Summary:
    """Write all that a database holds into `file`, which only its owner can read, whole or not at all.

    Raises:
        SpecError: The file's folder is not there, is full, or may not be written to.
        Conflict: The database is empty, or is no registry's.
    """
    with _written(), TemporaryDirectory(dir=file.parent, prefix=".rounds-backup-") as place:
        folder = Path(place)
        with database.reading() as session:
            manifest = _dump(session.connection(), folder)
        packed = folder / "packed"
        packed.touch(mode=0o600)
        pack(packed, manifest, {name: folder / name for name in manifest.tables})
        _force(packed)
        packed.rename(file)
        _force(file.parent)
    return _summary(manifest)


def restore(address: str, file: Path) -> Summary:
    """Make what a backup holds of an empty database, all of it or nothing, and bring it up to date.

    Raises:
        SpecError: There is no such file, or the address is none of a database.
        IntegrityError: The file is no backup as it was written; the database was not touched.
        Conflict: The database holds rows or somebody's other tables, or a newer version wrote the backup.
    """
    with _opened(file) as stream, closing(Database(address)) as database:
        manifest = _verify(stream)
        with changing(database.engine) as connection:
            _need_empty(connection)
            make_anew(connection, manifest.revision)
            stream.seek(0)
            _fill(connection, Archive(stream))
            upgrade_within(connection)
    return _summary(manifest)


def _dump(connection: Connection, folder: Path) -> Manifest:
    take_time(connection)
    revision = revision_of(connection)
    if revision is None:
        raise Conflict("found a database without tables, needed a registry's; name another one")
    tables = _tables(connection)
    return Manifest(
        revision=revision,
        rounds=version("rounds"),
        audit=_chain_head(connection, tables["audit"]),
        tables={name: _write(connection, table, folder / name) for name, table in tables.items()},
    )


def _tables(connection: Connection) -> dict[str, Table]:
    """The tables that are there, each after those that it refers to."""
    metadata = MetaData()
    metadata.reflect(connection)
    ordered = metadata.sorted_tables
    return {table.name: table for table in ordered if table.name != VERSION_TABLE}


def _write(connection: Connection, table: Table, path: Path) -> TableFile:
    statement = select(table).order_by(*table.primary_key.columns)
    found = connection.execute(statement, execution_options={"yield_per": PAGE})
    digest, rows = sha256(), 0
    with path.open("wb") as file:
        for row in found:
            values = dict(zip(table.c.keys(), map(to_json, row), strict=True))
            line = json.dumps(values, separators=(",", ":"), allow_nan=False).encode() + b"\n"
            digest.update(line)
            rows += file.write(line) > 0
        size = file.tell()
    return TableFile(rows=rows, size=size, sha256=digest.hexdigest())


def _chain_head(connection: Connection, audit: Table) -> ChainHead | None:
    if "position" not in audit.c:
        return None
    last = connection.execute(
        select(audit.c.position, audit.c.sha256)
        .where(audit.c.position.is_not(None))
        .order_by(audit.c.position.desc())
        .limit(1)
    ).first()
    return (
        ChainHead(entries=last[0], sha256=last[1]) if last else ChainHead(entries=0, sha256=GENESIS)
    )


def _verify(stream: BinaryIO) -> Manifest:
    archive = Archive(stream)
    for _ in archive.rows():
        pass
    revision, known = archive.manifest.revision, known_revisions()
    if revision not in known:
        message = f"found a backup of tables at {revision}, needed one of {', '.join(known)}"
        raise Conflict(f"{message}; install the version that wrote it, {archive.manifest.rounds}")
    return archive.manifest


def _need_empty(connection: Connection) -> None:
    for name, table in _tables(connection).items():
        if connection.execute(select(table).limit(1)).first() is not None:
            message = f"found rows in {name}, needed an empty database"
            raise Conflict(f"{message}; name another one, nothing is ever overwritten")


def _fill(connection: Connection, archive: Archive) -> None:
    tables = _tables(connection)
    if tables.keys() != archive.manifest.tables.keys():
        raise IntegrityError("found a backup with other tables than its revision has, needed those")
    for name, rows in groupby(archive.rows(), key=lambda row: row[0]):
        values = (from_json(tables[name], row) for _, row in rows)
        while page := list(islice(values, PAGE)):
            _insert(connection, tables[name], page)
    number_on(connection, (table for table in tables.values() if "id" in table.c))


def _insert(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    try:
        connection.execute(insert(table), rows)
    except (DataError, RuleBroken) as error:
        message = f"found rows of {table.name} that break its rules, needed a registry's own"
        raise IntegrityError(f"{message}; take another backup", detail=str(error)) from error


@contextmanager
def _written() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        message = f"found {error.strerror or 'an error'} while the backup was written"
        needed = "needed a folder with room that this user may write to"
        raise SpecError(f"{message}, {needed}", detail=str(error)) from error


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    try:
        stream = file.open("rb")
    except OSError as error:
        message = "found no backup that can be read, needed the file of one"
        raise SpecError(message, detail=str(error)) from error
    with stream:
        yield stream


def _force(path: Path) -> None:
    """Have the disk hold what was written to a file or a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _summary(manifest: Manifest) -> Summary:
    return Summary(
        revision=manifest.revision,
        rounds=manifest.rounds,
        rows={name: file.rows for name, file in manifest.tables.items()},
        audit=manifest.audit,
    )
