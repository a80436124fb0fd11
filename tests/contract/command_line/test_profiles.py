"""`rounds profile`: registries kept under names, in a file that holds no secret."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from rounds.secret_files import write_secret
from tests.contract.command_line.terminal import Terminal

HERE = "https://rounds.example.org"
THERE = "https://other.example.org"


def file_of(terminal: Terminal) -> Path:
    """Where the profiles of a terminal's person lie."""
    return terminal.home / ".config" / "rounds" / "profiles.yaml"


def token_of(terminal: Terminal, name: str) -> Path:
    """Where a profile's token lies, unless it says otherwise."""
    return file_of(terminal).parent / "tokens" / f"{name}.token"


def names(terminal: Terminal) -> dict[str, bool]:
    """Every profile's name, and whether it is the active one."""
    shown = json.loads(terminal.run("profile", "list", "--json").said)
    return {profile["name"]: profile["active"] for profile in shown}


@pytest.fixture
def two(terminal: Terminal) -> Terminal:
    """A terminal with two profiles, `work` active."""
    terminal.run("profile", "create", "work", "--registry", HERE)
    terminal.run("profile", "create", "home", "--registry", THERE)
    return terminal


class TestCreate:
    def test_makes_the_first_one_active(self, terminal: Terminal) -> None:
        """The first profile is active at once, the second is kept."""
        first = terminal.run("profile", "create", "work", "--registry", HERE)
        second = terminal.run("profile", "create", "home", "--registry", THERE)

        assert (first.status, first.said) == (0, "profile work is active\n")
        assert (second.status, second.said) == (0, "profile home is kept\n")
        assert names(terminal) == {"home": False, "work": True}

    def test_keeps_what_was_said(self, terminal: Terminal) -> None:
        """Paths are kept from the root on; without a file for the token it lies beside the profiles."""
        terminal.run("profile", "create", "a", "--registry", HERE, "--site-profile", "site.yaml")
        terminal.run("profile", "create", "b", "--registry", HERE, "--token-file", "b.token")

        shown = json.loads(terminal.run("profile", "list", "--json").said)
        assert [profile["token_file"] for profile in shown] == [
            str(token_of(terminal, "a")),
            str(terminal.home / "b.token"),
        ]
        assert [profile["site_profile"] for profile in shown] == [
            str(terminal.home / "site.yaml"),
            None,
        ]

    def test_of_a_name_that_is_taken_is_refused(self, two: Terminal) -> None:
        """A second profile of a name ends with 3 and changes nothing."""
        ended = two.run("profile", "create", "home", "--registry", HERE)

        assert ended.status == 3
        assert "found a profile of that name, needed a new name; rounds profile set" in ended.line
        assert json.loads(two.run("profile", "show", "home", "--json").said)["registry"] == THERE

    @pytest.mark.parametrize("name", ["../work", "Work", "", ".work", "a/b", "a" * 65, "a\n"])
    def test_takes_only_names_that_are_files_names(self, terminal: Terminal, name: str) -> None:
        """A name is a file's name too, so it is short, in small letters, and leads nowhere else."""
        ended = terminal.run("profile", "create", name, "--registry", HERE)

        assert ended.status == 2
        assert "needed 1 to 64 of a-z" in ended.complained
        assert not file_of(terminal).exists()

    @pytest.mark.parametrize("name", ["1", "on", "null", "1e5", "a.b"])
    def test_takes_names_that_yaml_reads_otherwise(self, terminal: Terminal, name: str) -> None:
        """A name that a YAML reader may take for a number or a word of its own stays a name."""
        terminal.run("profile", "create", name, "--registry", HERE)

        assert names(terminal) == {name: True}

    @pytest.mark.parametrize(
        "address",
        [
            "rounds.example.org",
            "ftp://rounds.example.org",
            "https://me:hush-hush@rounds.example.org",
            "https://rounds.example.org?token=hush-hush",
            "http://[",
        ],
    )
    def test_takes_only_an_address_without_a_secret(self, terminal: Terminal, address: str) -> None:
        """What is no address, or has a password in it, ends with 2, and is not repeated."""
        ended = terminal.run("profile", "create", "work", "--registry", address)

        assert ended.status == 2
        assert "needed an address such as" in ended.complained
        assert "hush-hush" not in ended.said + ended.complained
        assert not file_of(terminal).exists()

    def test_by_many_at_once_keeps_all(self, terminal: Terminal) -> None:
        """Two terminals that create profiles at the same time both find theirs."""
        wanted = {f"site-{number}" for number in range(6)}

        with ThreadPoolExecutor(max_workers=6) as pool:
            list(
                pool.map(
                    lambda name: terminal.run("profile", "create", name, "--registry", HERE), wanted
                )
            )

        assert set(names(terminal)) == wanted


class TestShow:
    def test_takes_the_active_one(self, two: Terminal) -> None:
        """Without a name it is the active profile, a field a line."""
        ended = two.run("profile", "show")

        fields = dict(line.split("\t") for line in ended.said.splitlines())
        assert ended.status == 0
        assert fields["name"] == "work"
        assert fields["registry"] == HERE

    def test_says_what_goes_before_it(self, two: Terminal) -> None:
        """Variables that outdo the active profile are named, or it would be taken for what is used."""
        two.variables = {"ROUNDS_REGISTRY": THERE}

        ended = two.run("profile", "show")

        assert (
            ended.complained == "the environment goes before the active profile: ROUNDS_REGISTRY\n"
        )

    def test_without_any_says_how_to_make_one(self, terminal: Terminal) -> None:
        """Who has no profile ends with 3 and is told the command."""
        ended = terminal.run("profile", "show")

        assert ended.status == 3
        assert "found no profile, needed one; run rounds profile create NAME" in ended.line


class TestActivate:
    def test_chooses_another(self, two: Terminal) -> None:
        """From now on it is this one."""
        ended = two.run("profile", "activate", "home")

        assert (ended.status, ended.said) == (0, "profile home is active\n")
        assert names(two) == {"home": True, "work": False}

    @pytest.mark.parametrize("verb", ["activate", "show", "delete"])
    def test_of_an_unknown_one_is_refused(self, two: Terminal, verb: str) -> None:
        """A name that there is not ends with 3, is not repeated, and changes nothing."""
        ended = two.run("profile", verb, "hidden")

        assert ended.status == 3
        assert "found no profile of that name, needed one that rounds profile list" in ended.line
        assert "hidden" not in ended.complained
        assert names(two) == {"home": False, "work": True}


class TestSet:
    def test_changes_what_is_named_only(self, two: Terminal) -> None:
        """The other fields and the active one stay."""
        ended = two.run("profile", "set", "home", "--token-file", "/run/me.token")

        shown = json.loads(two.run("profile", "show", "home", "--json").said)
        assert (ended.status, ended.said) == (0, "profile home is changed\n")
        assert (shown["token_file"], shown["registry"]) == ("/run/me.token", THERE)
        assert names(two) == {"home": False, "work": True}

    def test_of_nothing_is_refused(self, two: Terminal) -> None:
        """A change that names no field ends with 2 and says which there are."""
        ended = two.run("profile", "set", "home")

        assert ended.status == 2
        assert "--site-profile" in ended.complained


class TestDelete:
    def test_of_the_active_one_is_refused(self, two: Terminal) -> None:
        """The active profile stays, and the line says what to do first."""
        ended = two.run("profile", "delete", "work")

        assert ended.status == 3
        assert "found the active profile, needed another one; run rounds profile act" in ended.line
        assert names(two) == {"home": False, "work": True}

    def test_takes_its_token_along(self, two: Terminal) -> None:
        """A later profile of the same name must not send this one's token to another registry."""
        write_secret(token_of(two, "home"), "rnd_theirs")

        ended = two.run("profile", "delete", "home")

        assert (ended.status, ended.said) == (0, "profile home is deleted\n")
        assert not token_of(two, "home").exists()
        assert names(two) == {"work": True}

    def test_leaves_a_token_that_lies_elsewhere(self, two: Terminal) -> None:
        """A file that the person chose is theirs to remove."""
        two.run("profile", "set", "home", "--token-file", str(two.token_file))

        two.run("profile", "delete", "home")

        assert two.token_file.exists()


class TestFile:
    def test_is_its_owners_alone(self, two: Terminal) -> None:
        """The file has mode 0600 and its folder 0700, also if they were open before."""
        file_of(two).chmod(0o644)
        file_of(two).parent.chmod(0o755)

        two.run("profile", "activate", "home")

        assert stat.S_IMODE(file_of(two).stat().st_mode) == 0o600
        assert stat.S_IMODE(file_of(two).parent.stat().st_mode) == 0o700

    def test_is_replaced_whole(self, two: Terminal) -> None:
        """Who reads while it is written reads the old one to its end, and nothing is left beside it."""
        with file_of(two).open() as reading:
            two.run("profile", "activate", "home")

            assert yaml.safe_load(reading)["active"] == "work"

        assert [path.name for path in file_of(two).parent.iterdir()] == ["profiles.yaml"]

    def test_outlives_a_write_that_was_cut_off(self, two: Terminal) -> None:
        """Half a file from a killed command is neither read nor in the way."""
        file_of(two).with_name(".profiles.yaml.part").write_text("active: wo")

        ended = two.run("profile", "activate", "home")

        assert ended.status == 0
        assert names(two) == {"home": True, "work": False}
