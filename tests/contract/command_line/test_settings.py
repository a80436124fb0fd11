"""Which registry, token and site a command takes: `--profile`, then the environment, then the active profile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.profile_file import Profile, change_profiles, own_token_file
from cli.settings import PROFILE, VARIABLES, at_site, registry_url, token_file
from rounds.errors import SpecError
from rounds.secret_files import write_secret
from tests.contract.command_line.terminal import NOWHERE, Terminal

HERE = "https://rounds.example.org"
THERE = "https://other.example.org"
ELSEWHERE = "https://third.example.org"


@contextmanager
def named(name: str) -> Iterator[None]:
    """What `rounds --profile NAME` does."""
    before = PROFILE.set(name)
    try:
        yield
    finally:
        PROFILE.reset(before)


def keep(name: str, registry: str, *, site_profile: Path | None = None) -> None:
    """Create a profile."""
    profile = Profile(registry=registry, site_profile=site_profile)
    change_profiles(lambda profiles: profiles.keeping(name, profile))


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration folder of the test's own, and an environment that names nothing."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "rounds"


class TestRegistry:
    def test_is_that_of_the_active_profile(self, config: Path) -> None:
        """Nobody needs a variable who has a profile; its token lies beside the profiles."""
        keep("work", HERE)

        assert registry_url() == HERE
        assert token_file() == config / "tokens" / "work.token"

    def test_of_the_environment_goes_before_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A script says by variables which registry it means, whoever runs it."""
        keep("work", HERE)
        monkeypatch.setenv("ROUNDS_REGISTRY", THERE)
        monkeypatch.setenv("ROUNDS_TOKEN_FILE", "/run/me.token")

        assert registry_url() == THERE
        assert token_file() == Path("/run/me.token")

    def test_of_the_profile_that_was_typed_goes_before_all(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What somebody types into this very line goes before what was exported some time ago."""
        keep("work", HERE)
        keep("home", ELSEWHERE)
        monkeypatch.setenv("ROUNDS_REGISTRY", THERE)
        monkeypatch.setenv("ROUNDS_TOKEN_FILE", "/run/me.token")

        with named("home"):
            assert registry_url() == ELSEWHERE
            assert token_file() == own_token_file("home")

    def test_must_be_named_by_something(self) -> None:
        """With no profile and no variable, both ways out are named."""
        wanted = "found no ROUNDS_REGISTRY in the environment, needed it or a profile; run rounds"

        with pytest.raises(SpecError, match=wanted):
            registry_url()

    def test_profile_that_was_typed_must_be_there(self) -> None:
        """A name that there is not is no reason to take another registry."""
        keep("work", HERE)

        with named("home"), pytest.raises(SpecError, match="found no profile of that name"):
            registry_url()


class TestToken:
    def test_of_a_profile_goes_to_its_registry_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A registry that the environment names never gets the token of the active profile."""
        keep("work", HERE)
        monkeypatch.setenv("ROUNDS_REGISTRY", THERE)

        with pytest.raises(SpecError, match="a profile's token goes to its own registry only"):
            token_file()

    def test_of_a_profile_goes_to_the_same_registry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The variable may say the profile's own address, with or without a stroke at its end."""
        keep("work", HERE)
        monkeypatch.setenv("ROUNDS_REGISTRY", f"{HERE}/")

        assert token_file() == own_token_file("work")

    def test_must_be_named_by_something(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An address alone is not enough."""
        monkeypatch.setenv("ROUNDS_REGISTRY", HERE)

        with pytest.raises(SpecError, match="found no ROUNDS_TOKEN_FILE in the environment"):
            token_file()


class TestSite:
    def test_is_where_a_profile_says(self, tmp_path: Path) -> None:
        """An active profile with a site's profile stands at that site, without one nowhere."""
        keep("work", HERE)
        before = at_site()
        keep("work", HERE, site_profile=tmp_path / "site.yaml")

        assert (before, at_site()) == (False, True)

    def test_is_not_that_of_another_profile(self, tmp_path: Path) -> None:
        """A profile without a site does not borrow that of the active one."""
        keep("work", HERE, site_profile=tmp_path / "site.yaml")
        keep("home", THERE)

        with named("home"):
            assert not at_site()

    def test_of_the_environment_counts_unless_it_is_empty(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A worker's machine names its site by the variable, with or without profiles."""
        monkeypatch.setenv("ROUNDS_SITE_PROFILE", "")
        before = at_site()
        monkeypatch.setenv("ROUNDS_SITE_PROFILE", "/srv/profile.yaml")

        assert (before, at_site()) == (False, True)


class TestSignedIn:
    def test_needs_no_variable(self, terminal: Terminal) -> None:
        """A command asks the active profile's registry with its token."""
        terminal.variables = {}
        terminal.run("profile", "create", "work", "--registry", NOWHERE)
        write_secret(terminal.home / ".config/rounds/tokens/work.token", "rnd_mine")

        ended = terminal.run("inbox")

        assert ended.line.startswith("rounds: [unreachable] no answer from the registry")

    def test_needs_the_profiles_token(self, terminal: Terminal) -> None:
        """Before the first sign-in there is no token, and the line says so."""
        terminal.variables = {}
        terminal.run("profile", "create", "work", "--registry", NOWHERE)

        ended = terminal.run("inbox")

        assert ended.status == 3
        assert "found no secret in its file, needed one" in ended.line
        assert ended.below == str(terminal.home / ".config/rounds/tokens/work.token")
