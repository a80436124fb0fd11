"""`python -m registry_api`: serve the registry, or `init` its database and first administrator."""

import argparse
import os
import sys
from pathlib import Path

from registry_api.settings import RegistrySettings, settings_from
from rounds.errors import RoundsError

HOST = "127.0.0.1"


def main(arguments: list[str] | None = None) -> int:
    """The exit status: 0, or 1 after one line on stderr that says what was wrong."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = settings_from(database=chosen.database)
        if chosen.command == "init":
            init(
                database=settings.database,
                token_file=chosen.token_file,
                email=chosen.email,
                name=chosen.name,
            )
        else:
            _serve(settings, chosen.port)
    except RoundsError as error:
        sys.stderr.write(f"{error.summary}\n")
        return 1
    return 0


def init(*, database: Path, token_file: Path, email: str, name: str) -> None:
    """Make the tables and the first administrator, whose token goes into a 0600 file.

    Raises:
        InvalidInput: The name or the e-mail cannot be one.
        Conflict: The e-mail is taken: the registry has its first administrator.
    """
    from registry_api.bootstrap import first_administrator

    first_administrator(database, token_file, email=email, name=name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m registry_api")
    parser.add_argument("--database", type=Path, help="the SQLite file")
    parser.add_argument("--port", type=int, default=8480)
    commands = parser.add_subparsers(dest="command")
    init = commands.add_parser("init", help="make the tables and the first administrator")
    init.add_argument("--database", type=Path, default=argparse.SUPPRESS)
    init.add_argument("--token-file", type=Path, required=True, help="gets the token, mode 0600")
    init.add_argument("--email", required=True)
    init.add_argument("--name", required=True)
    return parser


def _serve(settings: RegistrySettings, port: int) -> None:
    import uvicorn

    from registry_api.app import create_app

    uvicorn.run(
        create_app(settings),
        host=HOST,
        port=port,
        access_log=False,
        log_level="warning",
        ws="none",
    )


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
