"""What the command says of itself, and of a wrong command line."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_group

from cli import main
from cli.late import PLACES
from cli.main import EXIT_CODES
from tests.contract.command_line.terminal import Ended, Terminal
from tests.contract.repository import ROOT, run

HEAVY = ("prefect", "fastapi", "sqlmodel", "polars", "httpx", "docker")
HEAVIER_STILL = (*HEAVY, "pydantic", "rich", "sqlalchemy", "yaml")
SUBMIT = ("dataset", "submit", "1", "--data", "d", "--labels", "l")
COMPLETING = {"_ROUNDS_COMPLETE": "complete_bash", "PYTHONPROFILEIMPORTTIME": "1"}


COMMAND = re.compile(
    r"(?:^|`)rounds (?:--\w+ \S+ )?([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", re.MULTILINE
)


def commands_in(page: Path) -> set[tuple[str, str]]:
    """The names and verbs that a page's code calls, in blocks and within its sentences."""
    parts = re.split(r"```\w*\n", page.read_text("utf-8"))
    sentences = re.findall(r"`rounds [^`]+`", "".join(parts[::2]))
    return {found for code in (*parts[1::2], *sentences) for found in COMMAND.findall(code)}


def verbs_of(name: str) -> set[str] | None:
    """The verbs of a group; None if it is no group, but a command."""
    group = get_group(main.app)
    _, command, _ = group.resolve_command(typer.Context(group), [name])
    return set(command.commands) if isinstance(command, TyperGroup) else None


def loaded(ended: Ended) -> set[str]:
    """The modules that a command imported."""
    return {line.rpartition("|")[2].strip() for line in ended.complained.splitlines()}


class TestHelp:
    @pytest.mark.parametrize(
        ("arguments", "needless"),
        [
            (("--help",), HEAVIER_STILL),
            (("--version",), HEAVIER_STILL),
            (("dataset", "--help"), HEAVY),
            (("approval", "approve", "--help"), HEAVY),
        ],
    )
    def test_loads_no_engine(
        self, terminal: Terminal, arguments: tuple[str, ...], needless: tuple[str, ...]
    ) -> None:
        """Help and version import nothing that only the work needs; the first help hardly anything."""
        terminal.variables["PYTHONPROFILEIMPORTTIME"] = "1"

        ended = terminal.run(*arguments)

        assert ended.status == 0
        assert "cli.main" in loaded(ended)
        assert loaded(ended) & set(needless) == set()

    def test_names_only_what_there_is(self) -> None:
        """Each command that the help names can be imported and says the same of itself if it is a group."""
        group = get_group(main.app)
        context = typer.Context(group)

        for name, stub in group.commands.items():
            _, command, rest = group.resolve_command(context, [name, "--help"])

            assert rest == ["--help"]
            assert verbs_of(name) != set()
            assert not isinstance(command, TyperGroup) or command.help == stub.help

    def test_names_every_exit_status(self, terminal: Terminal) -> None:
        """Whoever writes a script finds the exit statuses in the help."""
        ended = terminal.run("--help")

        words = " ".join(ended.said.split())
        assert "0 well, 1 given up or our fault, 2 command line, 3 document, 4 data" in words
        assert {f"{code} " in words for code in EXIT_CODES.values()} == {True}

    def test_says_how_long_a_registry_is_asked(self, terminal: Terminal) -> None:
        """Somebody at a terminal waits five seconds for a registry that is away, unless they say else."""
        ended = terminal.run("--help")

        assert "go on asking a registry that is away. [default: 5.0; x>=0]" in " ".join(
            ended.said.split()
        )

    def test_version_is_that_of_the_package(self, terminal: Terminal) -> None:
        """`--version` needs no registry and says one line."""
        ended = terminal.run("--version")

        assert (ended.status, ended.said) == (0, f"rounds {version('rounds')}\n")


class TestPages:
    def test_name_only_commands_that_there_are(self) -> None:
        """Whoever copies a command from a page has one that exists."""
        pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
        named = {command for page in pages for command in commands_in(page)}

        wrong = {
            (name, verb)
            for name, verb in named
            if name not in PLACES or (verb and verb not in (verbs_of(name) or {verb}))
        }

        assert len(named) > 40
        assert wrong == set()

    def test_tell_every_exit_status(self) -> None:
        """The page on the command line has a row for each."""
        page = (ROOT / "docs" / "command-line.md").read_text("utf-8")

        missing = {code for code in EXIT_CODES.values() if f"\n| {code} | " not in page}

        assert missing == set()


class TestCompletion:
    @pytest.mark.parametrize(
        ("words", "completed"),
        [
            ("rounds ass", ["association"]),
            ("rounds approval re", ["reject", "revoke"]),
            ("rounds approval list --status GR", ["GRANTED"]),
        ],
    )
    def test_knows_groups_verbs_and_values(
        self, terminal: Terminal, words: str, completed: list[str]
    ) -> None:
        """A shell is told what may come next; nothing of the engine is loaded for it."""
        terminal.variables |= COMPLETING
        terminal.variables |= {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}

        ended = terminal.run()

        assert ended.said.split() == completed
        assert loaded(ended) & set(HEAVY) == set()


class TestCommandLine:
    @pytest.mark.parametrize(
        ("arguments", "names"),
        [
            (("cubes",), "cubes"),
            (("cube", "submit"), "folder"),
            (("approval", "approve", "four"), "approval_id"),
            (("approval", "decide", "4"), "decide"),
            (("cube", "list", "--limit", "0"), "--limit"),
            (("cube", "list", "--kind", "toy"), "--kind"),
            (("cube", "set", "1"), "found nothing to change"),
            (("sign-in",), "needed exactly one of EMAIL, --invitation and --provider-token"),
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
