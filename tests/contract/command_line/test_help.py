"""What the command says of itself, and of a wrong command line."""

from importlib.metadata import version

import pytest

from tests.contract.command_line.terminal import Terminal
from tests.contract.repository import run

HEAVY = ("prefect", "fastapi", "sqlmodel", "polars", "httpx", "docker")
SUBMIT = ("dataset", "submit", "1", "--data", "d", "--labels", "l")


class TestHelp:
    @pytest.mark.parametrize(
        "arguments",
        [("--help",), ("--version",), ("dataset", "--help"), ("approval", "decide", "--help")],
    )
    def test_loads_no_engine(self, terminal: Terminal, arguments: tuple[str, ...]) -> None:
        """Help and version import neither Prefect nor the registry, nor what only the work needs."""
        terminal.variables["PYTHONPROFILEIMPORTTIME"] = "1"

        ended = terminal.run(*arguments)

        loaded = {line.rpartition("|")[2].strip() for line in ended.complained.splitlines()}
        assert ended.status == 0
        assert "cli.main" in loaded
        assert loaded & set(HEAVY) == set()

    def test_names_every_exit_status(self, terminal: Terminal) -> None:
        """Whoever writes a script finds the exit statuses in the help."""
        ended = terminal.run("--help")

        words = " ".join(ended.said.split())
        assert "0 well, 1 given up or our fault, 2 command line, 3 document, 4 data" in words
        assert "7 registry." in words

    def test_says_how_long_a_registry_is_asked(self, terminal: Terminal) -> None:
        """Somebody at a terminal waits five seconds for a registry that is away, unless they say else."""
        ended = terminal.run("--help")

        (line,) = [line for line in ended.said.splitlines() if "--patience" in line]
        assert "[default: 5.0]" in line

    def test_version_is_that_of_the_package(self, terminal: Terminal) -> None:
        """`--version` needs no registry and says one line."""
        ended = terminal.run("--version")

        assert (ended.status, ended.said) == (0, f"rounds {version('rounds')}\n")


class TestCommandLine:
    @pytest.mark.parametrize(
        ("arguments", "names"),
        [
            (("cubes",), "cubes"),
            (("cube", "submit"), "folder"),
            (("approval", "decide", "four"), "approval_id"),
            (("--patience", "-1", "inbox"), "--patience"),
            (("cube", "submit", ".", "--image", "latest"), "64 hex digits"),
            (("user", "add", "Eve", "no-address"), "email"),
            ((*SUBMIT, "--name", "", "--location", "here"), "--name"),
        ],
    )
    def test_wrong_one_is_named(
        self, terminal: Terminal, arguments: tuple[str, ...], names: str
    ) -> None:
        """A command line that cannot be meant ends with 2 and says what is wrong with it."""
        ended = terminal.run(*arguments)

        assert ended.status == 2
        assert names.lower() in ended.complained.lower()
        assert "Traceback" not in ended.complained


class TestFault:
    def test_of_ours_is_one_line_and_what_helps_to_mend_it(self) -> None:
        """What nobody foresaw ends with 1 and one line, and below it what a report of it needs."""
        program = (
            "import sys; from cli import main\n"
            "@main.app.command()\n"
            "def slip(): {}['gone']\n"
            "sys.argv = ['rounds', 'slip']; main.run()"
        )

        ended = run("-c", program)

        line, _, below = ended.stderr.partition("\n")
        assert ended.returncode == 1
        assert line.startswith("rounds: [unexpected] KeyError, a fault of ours")
        assert below.endswith("KeyError: 'gone'\n")
