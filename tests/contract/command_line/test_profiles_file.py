"""The profiles' file when somebody else had a hand in it, and where it lies."""

from pathlib import Path

import pytest

from tests.contract.command_line.terminal import Terminal
from tests.contract.command_line.test_profiles import HERE, file_of, names

GOOD = f"active: work\nprofiles:\n  work:\n    registry: {HERE}\n"


@pytest.fixture
def kept(terminal: Terminal) -> Path:
    """The profiles' file, with a profile in it."""
    terminal.run("profile", "create", "work", "--registry", HERE)
    return file_of(terminal)


class TestBroken:
    @pytest.mark.parametrize(
        "content",
        [
            "",
            "active: [hush",
            GOOD.replace("work", "hush", 1),
            GOOD + "    hush: 1\n",
            GOOD.replace(HERE, "hush.example.org"),
            GOOD.replace(HERE, "https://me:hush@example.org"),
            GOOD + "    token_file: hush.token\n",
            GOOD.replace("work", "../hush"),
            GOOD.replace("active: work\n", ""),
        ],
    )
    def test_is_said_to_be_without_a_word_of_it(
        self, terminal: Terminal, kept: Path, content: str
    ) -> None:
        """A file that says what it must not ends with 3; its place is below, its content in no line."""
        kept.write_text(content)

        ended = terminal.run("profile", "list")

        assert ended.status == 3
        assert ended.line == (
            "rounds: [spec] found a broken profiles.yaml, needed one that Rounds wrote; "
            "mend it or move it away"
        )
        assert ended.below.startswith(f"{kept}: ")

    def test_is_not_written_over(self, terminal: Terminal, kept: Path) -> None:
        """What cannot be read is not replaced by what was made of nothing."""
        kept.write_text("active: [")

        ended = terminal.run("profile", "create", "other", "--registry", HERE)

        assert ended.status == 3
        assert kept.read_text() == "active: ["

    def test_is_in_nobodys_way_who_has_variables(self, terminal: Terminal, kept: Path) -> None:
        """Where the environment says it all, the file is not opened."""
        kept.write_text("active: [")

        ended = terminal.run("inbox")

        assert ended.line.startswith("rounds: [unreachable]")


class TestWritable:
    @pytest.mark.parametrize("mode", [0o660, 0o602])
    def test_by_others_is_refused(self, terminal: Terminal, kept: Path, mode: int) -> None:
        """Who can write the file could send the token to a registry of their own."""
        kept.chmod(mode)

        ended = terminal.run("profile", "list")

        assert ended.status == 3
        assert "found a profiles.yaml that others can write, needed mode 0600" in ended.line
        assert ended.below == str(kept)


class TestPlace:
    def test_is_where_the_desktop_says(self, terminal: Terminal) -> None:
        """XDG_CONFIG_HOME moves the profiles."""
        terminal.variables["XDG_CONFIG_HOME"] = str(terminal.home / "moved")

        terminal.run("profile", "create", "work", "--registry", HERE)

        assert (terminal.home / "moved" / "rounds" / "profiles.yaml").exists()
        assert names(terminal) == {"work": True}

    @pytest.mark.parametrize("home", ["", "moved"])
    def test_is_not_beside_whoever_calls(self, terminal: Terminal, home: str) -> None:
        """An XDG_CONFIG_HOME that is empty or no path from the root does not count."""
        terminal.variables["XDG_CONFIG_HOME"] = home

        terminal.run("profile", "create", "work", "--registry", HERE)

        assert file_of(terminal).exists()
