"""`rounds registry`: made, served by several processes, and brought up to date from the command line."""

import signal
import socket
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from rounds.client.registry import RegistryClient
from rounds.errors import Unreachable
from rounds.secret_files import write_secret
from tests.contract.command_line.terminal import ROUNDS, Ended, Terminal
from tests.contract.registry.world import PASSWORD

LONGEST_S = 60
INIT = ("registry", "init", "ada@example.org", "Ada", "--invitation-file", "ada.invitation")


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(terminal: Terminal, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """The registry of a terminal's person, as `rounds registry serve` serves it, once it answers."""
    command = [str(ROUNDS), "registry", "serve", "--database", "registry.db", *options]
    program = subprocess.Popen(command, cwd=terminal.home, stderr=subprocess.DEVNULL)
    try:
        with RegistryClient(terminal.url, "", patience_s=LONGEST_S) as door:
            door.health()
        yield program
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(LONGEST_S)


def initialised(home: Path) -> tuple[Terminal, Ended]:
    """Somebody beside a fresh database, and how making it ended."""
    terminal = Terminal(home, url=f"http://127.0.0.1:{free_port()}")
    return terminal, terminal.run(*INIT, "--database", "registry.db")


class TestInit:
    def test_makes_tables_and_an_invitation_for_nobody_else(self, tmp_path: Path) -> None:
        """Database and invitation are the owner's alone; a second first administrator is refused: 7."""
        terminal, ended = initialised(tmp_path / "home")

        again = terminal.run(*INIT, "--database", "registry.db")

        modes = {
            stat.S_IMODE((terminal.home / name).stat().st_mode)
            for name in ("registry.db", "ada.invitation")
        }
        assert (ended.status, modes) == (0, {0o600})
        assert ended.said == "the invitation is in ada.invitation\n"
        assert (again.status, "[conflict]" in again.line) == (7, True)

    def test_needs_to_know_where(self, terminal: Terminal) -> None:
        """Without a database it ends with 3 and says how to name one."""
        ended = terminal.run(*INIT)

        assert ended.status == 3
        assert "needed --database or ROUNDS_REGISTRY_DATABASE" in ended.line


class TestServe:
    def test_lets_the_first_administrator_in(self, tmp_path: Path) -> None:
        """Two processes serve one database, its administrator chooses a password, and a signal ends it."""
        terminal, _ = initialised(tmp_path / "home")
        write_secret(terminal.home / "password", PASSWORD)
        port = terminal.url.rpartition(":")[2]

        with served(terminal, "--port", port, "--workers", "2") as program:
            signed = terminal.run(
                "sign-in", "--invitation", "ada.invitation", "--password-file", "password"
            )
            people = terminal.run("user", "list")

        assert signed.said == "signed in as ada@example.org, user 1\n"
        assert people.said.startswith("1\tAda\tada@example.org\tyes\t")
        assert program.poll() is not None
        with (
            RegistryClient(terminal.url, "", patience_s=0) as door,
            pytest.raises(Unreachable, match="no answer from the registry"),
        ):
            door.health()


class TestMigrate:
    def test_of_what_is_up_to_date_changes_nothing(self, tmp_path: Path) -> None:
        """It may be run at any time."""
        terminal, _ = initialised(tmp_path / "home")

        ended = terminal.run("registry", "migrate", "--database", "registry.db")

        assert (ended.status, ended.said) == (0, "the tables are up to date\n")


class TestBackup:
    def test_is_restored_checked_and_refused_when_rows_were_changed(self, tmp_path: Path) -> None:
        """A backup becomes an equal registry; a row that somebody changed past the registry is found: 4."""
        terminal, _ = initialised(tmp_path / "home")
        here, there = ("--database", "registry.db"), ("--database", "copy.db")

        kept = terminal.run("registry", "backup", "registry.rounds", *here)
        restored = terminal.run("registry", "restore", "registry.rounds", *there)
        whole = terminal.run("registry", "check", *there)
        with closing(sqlite3.connect(terminal.home / "copy.db")) as database, database:
            database.execute("UPDATE user_account SET name = 'Eve'")
        changed = terminal.run("registry", "check", *there)

        assert stat.S_IMODE((terminal.home / "registry.rounds").stat().st_mode) == 0o600
        assert stat.S_IMODE((terminal.home / "copy.db").stat().st_mode) == 0o600
        assert kept.said.startswith("kept ")
        assert restored.said.removeprefix("restored ") == (
            kept.said.removeprefix("kept ").replace(", in registry.rounds", "")
        )
        assert whole.said.endswith("not sealed yet\n")
        assert (changed.status, "user_account/1" in changed.line) == (4, True)
