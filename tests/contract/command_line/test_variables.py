"""Which registry and which token a command takes, and what is heard when one is missing or away."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.command_line.desk import sit_down
from tests.contract.command_line.terminal import NOWHERE, SECRET, Terminal
from tests.contract.registry.world import World


def let_others_read(terminal: Terminal) -> None:
    """Open the token's file to the group."""
    terminal.token_file.chmod(0o640)


def lose_the_token(terminal: Terminal) -> None:
    """Remove the token's file."""
    terminal.token_file.unlink()


def empty_the_token(terminal: Terminal) -> None:
    """Leave a token's file with nothing in it."""
    terminal.token_file.write_text("\n")


class TestRegistry:
    def test_that_is_down_is_said_to_be(self, terminal: Terminal) -> None:
        """A registry that gives no answer ends with 7 after the patience, in one line."""
        ended = terminal.run("cube", "list")

        assert ended.status == 7
        assert ended.line.startswith("rounds: [unreachable] no answer from the registry in 0.2 s")
        assert ended.line.endswith("needed one; is it running? try again later")
        assert ended.below == ""

    def test_that_does_not_know_the_token_says_so(self, tmp_path: Path, world: World) -> None:
        """A wrong token ends with 8, in one line that does not repeat it and says what to run."""
        stranger = Terminal(tmp_path / "home", url=world.served.url)

        ended = stranger.run("cube", "list")

        assert ended.status == 8
        assert ended.line.startswith("rounds: [sign_in] the token is unknown")
        assert ended.line.endswith("(rounds sign-in EMAIL)")
        assert ended.below == ""

    @pytest.mark.parametrize("url", ["rounds.example.org", "ftp://rounds.example.org", "http://["])
    def test_address_that_is_none_is_not_asked(self, terminal: Terminal, url: str) -> None:
        """What is no http address is a slip in the variable, told at once."""
        terminal.variables["ROUNDS_REGISTRY"] = url

        ended = terminal.run("inbox")

        assert ended.status == 3
        assert "found no address in ROUNDS_REGISTRY, needed one such as https://" in ended.line
        assert ended.below == ""


class TestProfile:
    def test_that_is_named_goes_first(self, tmp_path: Path, world: World) -> None:
        """`--profile` before a command says which registry it means, whatever the variables say."""
        owner = sit_down(world, tmp_path / "home")
        owner.run("profile", "create", "work", "--registry", world.served.url)
        owner.run("profile", "set", "work", "--token-file", str(owner.token_file))
        owner.variables = {"ROUNDS_REGISTRY": NOWHERE}

        ended = owner.run("--profile", "work", "status")

        assert ended.status == 0
        assert f"registry\t{world.served.url} (profile work)" in ended.said


class TestVariables:
    @pytest.mark.parametrize("name", ["ROUNDS_REGISTRY", "ROUNDS_TOKEN_FILE"])
    @pytest.mark.parametrize("how", ["missing", "empty"])
    def test_without_one_nothing_starts(self, terminal: Terminal, name: str, how: str) -> None:
        """A variable that is missing or empty ends with 3 and is named."""
        terminal.variables[name] = ""
        if how == "missing":
            del terminal.variables[name]

        ended = terminal.run("inbox")

        assert ended.status == 3
        assert ended.line.startswith(
            f"rounds: [spec] found no {name} in the environment, needed it"
        )
        assert ended.below == ""

    def test_a_dataset_needs_a_site(self, terminal: Terminal) -> None:
        """Data is registered where it lies, so the site's profile must be named."""
        where = ("--data", "d", "--labels", "l", "--name", "n", "--location", "h")

        ended = terminal.run("dataset", "submit", "1", *where)

        assert ended.status == 3
        assert "found no ROUNDS_SITE_PROFILE in the environment" in ended.line


class TestTokenFile:
    @pytest.mark.parametrize(
        ("spoil", "says"),
        [
            (let_others_read, "can be read by others, needed mode 0600; run chmod 600 on it"),
            (lose_the_token, "found no secret in its file, needed one"),
            (empty_the_token, "found no secret in its file, needed one"),
        ],
    )
    def test_that_is_no_secret_is_refused(
        self, terminal: Terminal, spoil: Callable[[Terminal], None], says: str
    ) -> None:
        """A token's file that is missing, empty or open to others ends with 3; which one, is below."""
        spoil(terminal)

        ended = terminal.run("inbox")

        assert ended.status == 3
        assert says in ended.line
        assert ended.below == str(terminal.token_file)
        assert SECRET not in ended.said + ended.complained
