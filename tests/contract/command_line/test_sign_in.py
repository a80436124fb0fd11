"""Signing in and out at a terminal, and where the session is kept."""

import json
import stat
from importlib.metadata import version
from pathlib import Path

import pytest

from registry_api.credentials.oidc import OidcSettings
from rounds.errors import SignInNeeded
from rounds.records.people import UserIn
from rounds.secret_files import read_secret, write_secret
from tests.contract.command_line.desk import sit_down
from tests.contract.command_line.terminal import Ended, Terminal
from tests.contract.registry.oidc_issuer import AUDIENCE, ec_key, serve_issuer
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.world import PASSWORD, World, email_of

ANOTHER = "nine herring gulls at dusk"


def arrive(world: World, home: Path, name: str = "owner") -> Terminal:
    """The terminal of somebody with an account, before they sign in, and their password in a file."""
    world.person(name)
    terminal = Terminal(home, url=world.served.url)
    terminal.token_file.unlink()
    write_secret(home / "password", PASSWORD)
    return terminal


def sign_in(terminal: Terminal, name: str = "owner", *options: str) -> Ended:
    """How signing in with the password's file ends."""
    return terminal.run("sign-in", email_of(name), "--password-file", "password", *options)


class TestSignIn:
    def test_keeps_the_session_in_the_tokens_file(self, world: World, tmp_path: Path) -> None:
        """The secret is in a 0600 file, works from there, and was shown nowhere."""
        owner = arrive(world, tmp_path / "home")

        ended = sign_in(owner)

        secret = owner.token_file.read_text()
        assert (ended.status, ended.said) == (0, "signed in as owner@example.org, user 2\n")
        assert stat.S_IMODE(owner.token_file.stat().st_mode) == 0o600
        assert world.client(secret).me().email == email_of("owner")
        assert {secret in ended.said + ended.complained, PASSWORD in ended.complained} == {False}

    def test_with_a_wrong_password_keeps_what_there_was(self, world: World, tmp_path: Path) -> None:
        """A refusal ends with 8, and the session there was goes on."""
        owner = sit_down(world, tmp_path / "home")
        before = owner.token_file.read_text()
        write_secret(owner.home / "password", ANOTHER)

        ended = sign_in(owner)

        assert ended.status == 8
        assert ended.line.startswith("rounds: [sign_in] e-mail, password or code is wrong")
        assert owner.token_file.read_text() == before

    def test_asks_nothing_of_a_script(self, terminal: Terminal) -> None:
        """Without a terminal and without a password's file it ends with 3 and names the option."""
        ended = terminal.run("sign-in", "owner@example.org")

        assert ended.status == 3
        assert "needed one or --password-file" in ended.line


class TestInvitation:
    def test_lets_a_person_choose_a_password(self, world: World, tmp_path: Path) -> None:
        """Who was invited is signed in, and signs in by the password from then on; once."""
        user = world.admin.add_user(UserIn(name="Eve", email=email_of("eve")))
        eve = Terminal(tmp_path / "eve", url=world.served.url)
        invitation = world.admin.invite(user.id).secret or ""
        write_secret(eve.home / "invitation", invitation)
        write_secret(eve.home / "password", PASSWORD)
        asked = ("sign-in", "--invitation", "invitation", "--password-file", "password")

        ended = eve.run(*asked)
        again = eve.run("sign-in", "--invitation", "-", *asked[3:], typed=invitation)

        assert ended.said == f"signed in as eve@example.org, user {user.id}\n"
        assert sign_in(eve, "eve").status == 0
        assert again.status == 8
        assert "the invitation is unknown, used or expired" in again.line
        assert invitation not in ended.said + ended.complained + again.complained

    def test_and_password_cannot_both_come_in(self, terminal: Terminal) -> None:
        """One standard input holds one secret."""
        ended = terminal.run("sign-in", "--invitation", "-", "--password-file", "-", typed="x\n")

        assert ended.status == 2
        assert "needed one of the two in a file" in ended.complained


class TestProviderToken:
    def test_is_kept_once_the_registry_takes_it(self, tmp_path: Path) -> None:
        """A provider's token works from the token's file; one that is refused does not get there."""
        with serve_issuer() as issuer:
            issuer.rotate(ec_key())
            trusted = OidcSettings(issuer=issuer.url, audience=AUDIENCE)
            with serve_registry(tmp_path, oidc=trusted) as served:
                served.clock.now = issuer.now
                person = Terminal(tmp_path / "home", url=served.url)
                write_secret(person.home / "bad", issuer.mint(aud="another"))
                write_secret(person.home / "good", issuer.mint())

                refused = person.run("sign-in", "--provider-token", "bad")
                ended = person.run("sign-in", "--provider-token", "good")
                out = person.run("sign-out")

        assert refused.status == 8
        assert (ended.status, ended.said.startswith("signed in as ")) == (0, True)
        assert "sign out at your provider" in out.said
        assert not person.token_file.exists()


class TestSignOut:
    def test_ends_the_session_and_forgets_it(self, world: World, tmp_path: Path) -> None:
        """The secret is good for nothing any more, and gone; a session that was over is gone too."""
        owner = sit_down(world, tmp_path / "home")
        secret = read_secret(owner.token_file)

        ended = owner.run("sign-out")
        write_secret(owner.token_file, secret)
        again = owner.run("sign-out")

        with pytest.raises(SignInNeeded, match="was revoked"):
            world.client(secret).me()
        assert (ended.status, ended.said) == (0, "signed out\n")
        assert again.said.startswith("forgotten; it was over already: the token was revoked")
        assert not owner.token_file.exists()

    def test_keeps_it_while_the_registry_is_away(self, terminal: Terminal) -> None:
        """What nobody ended is not forgotten: it ends with 7, and can be tried again."""
        ended = terminal.run("sign-out")

        assert ended.status == 7
        assert terminal.token_file.exists()


class TestPassword:
    def test_is_changed_and_other_sessions_end(self, world: World, tmp_path: Path) -> None:
        """The new session is kept, the others are over, and the old password opens nothing."""
        owner = sit_down(world, tmp_path / "home")
        write_secret(owner.home / "password", PASSWORD)
        write_secret(owner.home / "new", ANOTHER)
        files = ("--old-password-file", "password", "--password-file", "new")

        ended = owner.run("password", *files)

        assert ended.said == "password is changed; every other session has ended\n"
        assert world.client(owner.token_file.read_text()).me().email == email_of("owner")
        assert sign_in(owner).status == 8
        with pytest.raises(SignInNeeded, match="was revoked"):
            world.person("owner").me()


class TestStatus:
    def test_says_who_is_where(self, world: World, tmp_path: Path) -> None:
        """Person, registry, versions, places and for how long a decision takes no new sign-in."""
        owner = arrive(world, tmp_path / "home")
        club = world.organisation("Club", "owner")
        sign_in(owner)

        ended = owner.run("status")
        known = json.loads(owner.run("status", "--json").said)

        shown = dict(line.split("\t") for line in ended.said.splitlines())
        assert shown["registry"] == world.served.url
        assert shown["signed_in"] == "as owner <owner@example.org>, user 2"
        assert shown["organisations"] == f"{club} Club (manager)"
        assert shown["decisions"].endswith(" more minutes without a new sign-in")
        assert known["person"]["email"] == email_of("owner")
        assert known["places"][0]["role"] == "manager"
        assert known["client_version"] == known["registry_version"] == version("rounds")

    def test_of_nobody_says_why(self, world: World, tmp_path: Path) -> None:
        """Who is not signed in hears so, and it ends with 0; the address is there all the same."""
        nobody = arrive(world, tmp_path / "home")

        missing = nobody.run("status")
        write_secret(nobody.token_file, "rnd_guessed")
        unknown = nobody.run("status")

        assert (missing.status, unknown.status) == (0, 0)
        assert "signed_in\tno: found no secret in its file" in missing.said
        assert "signed_in\tno: the token is unknown" in unknown.said
        assert world.served.url in missing.said

    def test_knows_nothing_of_a_token_that_was_put_there(
        self, world: World, tmp_path: Path
    ) -> None:
        """Only a sign-in here says how fresh it is; another secret in its place is not taken for it."""
        owner = arrive(world, tmp_path / "home")
        sign_in(owner)
        write_secret(owner.token_file, world.token("owner"))

        ended = owner.run("status")

        assert "decisions\tafter a fresh sign-in" in ended.said
