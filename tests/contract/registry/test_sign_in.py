"""Who is let in."""

import stat
from pathlib import Path

import pytest

from registry_api.__main__ import main
from rounds.client.registry import RegistryClient
from rounds.errors import Conflict, Forbidden, NotFound, SignInNeeded, Unreachable
from rounds.records.people import Scope, TokenIn, UserIn
from tests.contract.registry.world import World


class TestTokens:
    def test_missing_token_is_named(self, world: World) -> None:
        """Without a token nothing is answered but how to sign in."""
        stranger = world.client("")

        with pytest.raises(SignInNeeded, match="found no token"):
            stranger.me()

    def test_unknown_token_is_refused(self, world: World) -> None:
        """A secret that the registry never minted opens nothing."""
        stranger = world.client("rnd_guessed")

        with pytest.raises(SignInNeeded, match="the token is unknown"):
            stranger.cubes()

    def test_revoked_token_is_refused(self, world: World) -> None:
        """A revoked token is good for nothing from then on."""
        user = world.admin.me()
        token = world.admin.mint_token(user.id, TokenIn(label="laptop"))
        laptop = world.client(token.secret or "")

        world.admin.revoke_token(token.id)

        with pytest.raises(SignInNeeded, match="was revoked"):
            laptop.me()

    def test_expired_token_is_refused(self, world: World) -> None:
        """A token ends when its time is over."""
        user = world.admin.me()
        token = world.admin.mint_token(user.id, TokenIn(label="short", ttl_s=60))
        short = world.client(token.secret or "")

        world.served.clock.advance(61)

        with pytest.raises(SignInNeeded, match="has expired"):
            short.me()

    def test_token_cannot_mint_a_stronger_one(self, world: World) -> None:
        """A token that may not decide mints none that may."""
        worker = world.worker("owner", "site-a")
        wanted = TokenIn(label="more", scopes=(Scope.DECIDE,), site="site-a")

        with pytest.raises(Forbidden, match="needed one that may decide"):
            worker.mint_token(worker.me().id, wanted)

    def test_site_token_cannot_mint_a_wider_one(self, world: World) -> None:
        """A token for one site mints none for another or for all."""
        worker = world.worker("owner", "site-a")

        with pytest.raises(Forbidden, match="limited to site site-a"):
            worker.mint_token(worker.me().id, TokenIn(label="wider"))

    def test_token_of_another_person_is_not_found(self, world: World) -> None:
        """Nobody revokes, or learns of, another person's token."""
        token = world.admin.mint_token(world.admin.me().id, TokenIn(label="hers"))

        with pytest.raises(NotFound, match=f"found no token {token.id}"):
            world.person("owner").revoke_token(token.id)


class TestPeople:
    def test_only_administrators_add_people(self, world: World) -> None:
        """A data owner cannot make accounts."""
        wanted = UserIn(name="Eve", email="eve@example.org")

        with pytest.raises(Forbidden, match="administrator"):
            world.person("owner").add_user(wanted)

    def test_email_is_taken_once(self, world: World) -> None:
        """An e-mail is one person's, however it is written."""
        world.person("owner")

        with pytest.raises(Conflict, match="another user's"):
            world.admin.add_user(UserIn(name="Twin", email="OWNER@example.org"))

    def test_lists_walk_every_page(self, world: World) -> None:
        """A list is complete and in order."""
        for name in ("anna", "bert", "carl"):
            world.person(name)

        users = world.admin.users()

        assert [user.name for user in users] == ["Ada", "anna", "bert", "carl"]


class TestInit:
    def test_token_file_is_private(self, world: World) -> None:
        """The first administrator's token lies in a file that only its owner reads."""
        file = world.served.database.parent / "admin.token"

        mode = stat.S_IMODE(file.stat().st_mode)

        assert mode == 0o600

    def test_second_init_is_refused_in_one_line(
        self, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A registry has one first administrator; the old token goes on working."""
        arguments = ["init", "--database", str(world.served.database), "--name", "Ada"]
        arguments += ["--token-file", str(tmp_path / "second"), "--email", "admin@hub.example"]

        status = main(arguments)

        assert status == 1
        assert capsys.readouterr().err.count("\n") == 1
        assert world.admin.me().is_admin


class TestReach:
    def test_registry_that_is_down_is_unreachable(self) -> None:
        """No answer within the patience ends with one line that names no address."""
        with (
            RegistryClient("http://user:hush@127.0.0.1:9", "rnd_x", patience_s=0.2) as client,
            pytest.raises(Unreachable, match=r"no answer from the registry in 0.2 s") as caught,
        ):
            client.me()

        assert "hush" not in str(caught.value)

    def test_repr_hides_the_token(self) -> None:
        """A client shows its secret in no repr."""
        with RegistryClient("http://127.0.0.1:9", "rnd_secret") as client:
            shown = repr(client) + repr(vars(client))

        assert "rnd_secret" not in shown

    def test_health_needs_no_token(self, world: World) -> None:
        """Whether it is up is nobody's secret."""
        health = world.client("").health()

        assert health.status == "ok"
