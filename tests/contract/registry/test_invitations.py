"""Invitations: how somebody comes to a first, or a forgotten, password."""

import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from argon2.low_level import hash_secret

from rounds.client.registry import RegistryClient
from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound, SignInNeeded
from rounds.records.people import Acceptance, SignIn, TokenKind, UserChange, UserIn
from tests.contract.registry.hash_counting import counting
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.world import PASSWORD, World, email_of

CHOSEN = "nine white storks at noon"
USED = "the invitation is unknown, used or expired"


def invited(world: World, name: str = "owner") -> tuple[int, str]:
    """The id and the invitation of a new person."""
    user = world.admin.add_user(UserIn(name=name, email=email_of(name)))
    return user.id, world.admin.invite(user.id).secret or ""


class TestInvitation:
    def test_sets_a_password_once(self, world: World) -> None:
        """Who accepts is signed in with the password they chose; the invitation is used up by that."""
        user_id, secret = invited(world)

        owner = world.accept(secret)
        user = owner.me()

        assert (user.id, user.has_password) == (user_id, True)
        assert world.sign_in("owner").me() == user
        with pytest.raises(SignInNeeded, match=USED):
            world.accept(secret)

    def test_ends_after_seven_days(self, world: World) -> None:
        """An invitation that nobody accepted is good for seven days."""
        user = world.admin.add_user(UserIn(name="late", email=email_of("late")))
        token = world.admin.invite(user.id)
        now = world.served.clock.now

        world.served.clock.advance(7 * 24 * 3600)

        assert (token.kind, token.expires_at - now) == (TokenKind.INVITATION, timedelta(days=7))
        with pytest.raises(SignInNeeded, match=USED):
            world.accept(token.secret or "")

    def test_ends_with_a_new_one(self, world: World) -> None:
        """Of several invitations of a person, the last is good, and those of others go on."""
        user_id, first = invited(world)
        _, other = invited(world, "other")

        last = world.admin.invite(user_id).secret or ""

        with pytest.raises(SignInNeeded, match=USED):
            world.accept(first)
        assert world.accept(last).me().id == user_id
        assert world.accept(other).me().name == "other"

    def test_is_an_administrator_s(self, world: World) -> None:
        """Nobody else makes accounts or invites, not even oneself."""
        owner = world.person("owner")

        with pytest.raises(Forbidden, match="this is an administrator's"):
            owner.add_user(UserIn(name="Eve", email=email_of("eve")))
        with pytest.raises(Forbidden, match="this is an administrator's"):
            owner.invite(owner.me().id)
        with pytest.raises(NotFound, match="found no user 999"):
            world.admin.invite(999)

    def test_comes_of_an_administrator_who_has_just_signed_in(self, world: World) -> None:
        """An invitation opens a session, which decides: no program and no stale sign-in comes by one."""
        user = world.admin.me()

        with pytest.raises(SignInNeeded, match="found an API token"):
            world.client(world.admin_secret).invite(user.id)
        world.served.clock.advance(15 * 60 + 1)
        with pytest.raises(SignInNeeded, match="older than 15 minutes"):
            world.admin.invite(user.id)

    def test_opens_nothing_by_itself(self, world: World) -> None:
        """An invitation is no token, and a token is no invitation."""
        _, secret = invited(world)

        with pytest.raises(SignInNeeded, match="the token is unknown"):
            world.client(secret).me()
        with pytest.raises(SignInNeeded, match=USED):
            world.accept(world.admin_secret)

    def test_that_was_guessed_costs_no_hash(self, tmp_path: Path) -> None:
        """A hash is made for a good invitation only, so that guesses keep the registry busy with nothing."""
        with (
            counting(hash_secret) as hashes,
            serve_registry(tmp_path) as served,
            ExitStack() as stack,
        ):
            world = World(served=served, stack=stack)
            before = hashes.count
            with pytest.raises(SignInNeeded, match=USED):
                world.accept("rnd_guessed")

        assert (before, hashes.count) == (1, 1)

    def test_takes_a_strong_password(self, world: World) -> None:
        """A weak password is refused in words, and the invitation is still good."""
        _, secret = invited(world)

        with pytest.raises(InvalidInput, match="a password that is guessed first"):
            world.client("").accept_invitation(Acceptance(secret=secret, password="Password1234"))

        assert world.accept(secret).me().has_password

    def test_is_accepted_by_one_of_two(self, world: World) -> None:
        """Of two who accept at the same time one is let in."""
        _, secret = invited(world)
        together = threading.Barrier(4)

        def accept(_: int) -> bool:
            client = RegistryClient(world.served.url, "")
            together.wait(20)
            try:
                client.accept_invitation(Acceptance(secret=secret, password=PASSWORD))
            except SignInNeeded:
                return False
            finally:
                client.close()
            return True

        with ThreadPoolExecutor(4) as pool:
            accepted = list(pool.map(accept, range(4)))

        assert sorted(accepted) == [False, False, False, True]

    def test_of_a_closed_account_is_worth_nothing(self, world: World) -> None:
        """Whose account is closed is not invited, and an earlier invitation sets no password."""
        user_id, secret = invited(world)
        world.admin.change_user(user_id, UserChange(is_valid=False), revision=1)

        with pytest.raises(Conflict, match=f"the account of user {user_id} is closed"):
            world.admin.invite(user_id)
        with pytest.raises(SignInNeeded, match=USED):
            world.accept(secret)

        assert not world.admin.user(user_id).has_password


class TestForgottenPassword:
    def test_is_replaced(self, world: World) -> None:
        """An invitation to somebody who has a password replaces it and ends their sessions, not their tokens."""
        owner = world.person("owner")
        program = world.client(world.token("owner"))
        secret = world.admin.invite(owner.me().id).secret or ""
        before = owner.me()

        token = world.client("").accept_invitation(Acceptance(secret=secret, password=CHOSEN))

        assert world.client(token.secret or "").me().id == program.me().id == before.id
        with pytest.raises(SignInNeeded, match="the token was revoked"):
            owner.me()
        with pytest.raises(SignInNeeded, match="password or code is wrong"):
            world.sign_in("owner")
        world.client("").sign_in(SignIn(email=email_of("owner"), password=CHOSEN))


class TestInit:
    def test_leaves_the_first_invitation_in_a_private_file(
        self, world: World, tmp_path: Path
    ) -> None:
        """The first administrator's invitation lies in a file that only its owner reads, and works once."""
        mode = stat.S_IMODE((tmp_path / "admin.invitation").stat().st_mode)

        assert mode == 0o600
        assert world.admin.me().is_admin
        with pytest.raises(SignInNeeded, match=USED):
            world.accept(world.served.invitation)

    def test_is_refused_a_second_time_in_one_line(self, world: World, tmp_path: Path) -> None:
        """A registry has one first administrator, who goes on as before."""
        argv = [sys.executable, "-m", "registry_api", "init", "--database", world.served.database]
        argv += ["--name", "Ada", "--email", email_of("admin")]
        argv += ["--invitation-file", str(tmp_path / "second")]

        ended = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)

        assert (ended.returncode, world.admin.me().is_admin) == (1, True)
        assert ended.stderr == "the e-mail is another user's, needed a new one\n"
        assert not (tmp_path / "second").exists()
