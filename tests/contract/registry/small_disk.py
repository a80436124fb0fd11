"""A database on a disk that can be filled up."""

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine

from tests.contract.registry.databases import Databases
from tests.postgres_programs import server_account

SIZE = "48m"
CHUNK = bytes(4096)


@dataclass(frozen=True)
class SmallDisk:
    """A disk in memory, and the address of the database that lies on it."""

    folder: Path
    address: str

    def fill(self) -> None:
        """Take what room is left."""
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(CHUNK)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def clear(self) -> None:
        """Give back the room that was taken."""
        (self.folder / "filler").unlink()


@contextmanager
def small_disk(kind: str, databases: Databases, folder: Path) -> Iterator[SmallDisk]:
    """A fresh database of a kind on such a disk; the test is skipped for who may not mount one."""
    disk = folder / "disk"
    disk.mkdir()
    with _mounted(disk):
        if kind == "sqlite":
            yield SmallDisk(disk, databases.fresh(kind, disk))
            return
        address = databases.server().address("postgres")
        with databases.lent(kind, folder) as database:
            name = database.rpartition("/")[2].partition("?")[0]
            _run(address, f"CREATE TABLESPACE small LOCATION '{_opened(disk)}'")
            _run(address, f"ALTER DATABASE {name} SET TABLESPACE small")
            yield SmallDisk(disk, database)
        _run(address, "DROP TABLESPACE small")


@contextmanager
def _mounted(disk: Path) -> Iterator[None]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk of its own")
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(disk)]
    said = subprocess.run(command, check=False, capture_output=True, text=True)
    if said.returncode != 0:
        pytest.skip(f"no disk could be mounted here: {said.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def _opened(disk: Path) -> Path:
    """A folder on the disk that PostgreSQL's account reaches and owns."""
    space = disk / "space"
    space.mkdir()
    if account := server_account():
        shutil.chown(space, account, account)
    for folder in (disk, *disk.parents):
        folder.chmod(folder.stat().st_mode | 0o011)
    return space


def _run(address: str, statement: str) -> None:
    engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
