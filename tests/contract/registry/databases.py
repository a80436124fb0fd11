"""Fresh databases of both kinds, copied from one that has the tables, which is quicker than making them."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from registry_api.storage.database import Database
from registry_api.storage.migrating import upgrade
from tests.postgres import PostgresServer, need_postgres, postgres_server

KINDS = ("sqlite", "postgresql")
TEMPLATE = "rounds_template"


@dataclass
class Databases:
    """Makes empty databases with the registry's tables; PostgreSQL is started when it is first asked for."""

    folder: Path
    stack: ExitStack
    servers: list[PostgresServer] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def fresh(self, kind: str, folder: Path) -> str:
        """The address of a new database of a kind; one of SQLite lies below `folder`."""
        return self._postgres() if kind == "postgresql" else self._sqlite(folder)

    @contextmanager
    def lent(self, kind: str, folder: Path) -> Iterator[str]:
        """The address of a new database, which is gone after the block."""
        address = self.fresh(kind, folder)
        yield address
        if kind == "postgresql":
            self.server().drop_database(address.rpartition("/")[2].partition("?")[0])

    def server(self) -> PostgresServer:
        """The PostgreSQL of this test run; the test is skipped where there is none, and fails under CI."""
        if not self.servers:
            need_postgres()
            self.servers.append(self.stack.enter_context(postgres_server()))
        return self.servers[0]

    def _sqlite(self, folder: Path) -> str:
        template = self.folder / "template.db"
        if not template.exists():
            _make_tables(str(template))
        return str(shutil.copy(template, folder / "registry.db"))

    def _postgres(self) -> str:
        server = self.server()
        number = next(self.numbers)
        if number == 0:
            _make_tables(server.create_database(TEMPLATE))
        return server.create_database(f"rounds_{number}", template=TEMPLATE)


def _make_tables(address: str) -> None:
    database = Database(address)
    upgrade(database.engine)
    database.close()
