"""`python -m registry_api`: serve the registry, or `init` its database and first administrator."""

import argparse
import os
import sys
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from registry_api.settings import PREFIX, RegistrySettings, settings_from
from rounds.errors import RoundsError

if TYPE_CHECKING:
    from uvicorn import Config

HOST = "127.0.0.1"
PORT = 8480
SHARED = "PROMETHEUS_MULTIPROC_DIR"
STARTUP_FAILED = 3
BUSY_S = 60  # a process that is only busy is not to be ended for it


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0, or 1 after one line on stderr that says what was wrong."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = settings_from(database=chosen.database)
        if chosen.command == "init":
            init(
                database=settings.database,
                invitation_file=chosen.invitation_file,
                email=chosen.email,
                name=chosen.name,
            )
        else:
            serve(settings, host=chosen.host, port=chosen.port, workers=chosen.workers)
    except RoundsError as error:
        sys.stderr.write(f"{error.summary}\n")
        return 1
    return 0


def init(*, database: str, invitation_file: Path, email: str, name: str) -> None:
    """Make the tables and the first administrator, the invitation for whom goes into a 0600 file.

    Raises:
        InvalidInput: The name or the e-mail cannot be one.
        Conflict: The e-mail is taken: the registry has its first administrator.
    """
    from registry_api.bootstrap import first_administrator

    first_administrator(database, invitation_file, email=email, name=name)


def serve(
    settings: RegistrySettings, *, host: str = HOST, port: int = PORT, workers: int = 1
) -> None:
    """Serve until a signal ends it; with several `workers` each is a process that reads the environment.

    Raises:
        SpecError: There is no such database.
        Unreachable: Its tables are of another version.
    """
    from uvicorn import Config

    from registry_api.listening import LOOP
    from registry_api.storage.database import Database
    from registry_api.storage.migrating import need_current

    database = Database(settings.database)
    with database.engine.connect() as connection:
        need_current(connection)
    database.close()

    os.environ[f"{PREFIX}DATABASE"] = settings.database
    with ExitStack() as stack:
        if workers > 1 and SHARED not in os.environ:
            shared = tempfile.TemporaryDirectory(prefix="rounds-metrics-")
            os.environ[SHARED] = stack.enter_context(shared)
        config = Config(
            "registry_api.app:app_from_environment",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            timeout_worker_healthcheck=BUSY_S,
            access_log=False,
            log_config=None,
            server_header=False,
            http="httptools",
            ws="none",
            loop=LOOP if workers > 1 else "asyncio",
        )
        with suppress(KeyboardInterrupt):
            _run(config)


def _run(config: "Config") -> None:
    from uvicorn import Server
    from uvicorn.supervisors import Multiprocess

    from registry_api.listening import reserve

    if config.workers > 1:
        with reserve(config.host, config.port) as address:
            Multiprocess(config, sockets=[address]).run()
        return
    server = Server(config)
    server.run()
    if not server.started:
        sys.exit(STARTUP_FAILED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m registry_api")
    parser.add_argument("--database", help="the SQLite file, or postgresql://host/name")
    parser.add_argument("--host", default=HOST, help="where to listen; behind a proxy, leave it")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--workers", type=int, default=1, help="how many processes serve")
    commands = parser.add_subparsers(dest="command")
    init = commands.add_parser("init", help="make the tables and the first administrator")
    init.add_argument("--database", default=argparse.SUPPRESS)
    init.add_argument(
        "--invitation-file", type=Path, required=True, help="gets the invitation, mode 0600"
    )
    init.add_argument("--email", required=True)
    init.add_argument("--name", required=True)
    return parser


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
