"""Signing in with a password, and out."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from argon2.low_level import verify_secret

from registry_api.app import create_app
from registry_api.settings import RegistrySettings
from rounds.client.registry import RegistryClient
from rounds.errors import Code, InvalidInput, SignInNeeded, Unreachable
from rounds.records.people import PasswordChange, SignIn, TokenKind, UserChange, UserIn
from rounds.records.service import Problem
from tests.contract.registry.hash_counting import counting
from tests.contract.registry.serving import serve, serve_registry
from tests.contract.registry.world import PASSWORD, World, email_of

WRONG = "a word that was guessed"
CHOSEN = "nine white storks at noon"


def try_to_sign_in(url: str, email: str, password: str = WRONG) -> tuple[int, Problem]:
    """The status and the problem that a refused sign-in is answered with."""
    given = SignIn(email=email, password=password)
    answer = httpx.post(f"{url}/api/v1/sign-in", json=given.model_dump(mode="json"))
    return answer.status_code, Problem.model_validate_json(answer.content)


class TestSignIn:
    def test_opens_a_session_of_a_week(self, world: World) -> None:
        """The e-mail, however it is written, and the password open a session that ends after seven days."""
        user = world.person("owner").me()

        given = SignIn(email=email_of("OWNER"), password=PASSWORD)
        token = world.client("").sign_in(given)
        session = world.client(token.secret or "")

        assert (token.user_id, token.kind) == (user.id, TokenKind.SESSION)
        assert token.expires_at - world.served.clock.now == timedelta(days=7)
        assert session.me() == user

    def test_tells_nobody_who_has_an_account(self, world: World) -> None:
        """A wrong password, an unknown e-mail, a closed account and one without a password: one answer."""
        user = world.person("closed").me()
        world.admin.change_user(user.id, UserChange(is_valid=False), revision=user.revision)
        world.admin.add_user(UserIn(name="invited", email=email_of("invited")))
        url = world.served.url

        answers = [
            try_to_sign_in(url, email_of("admin")),
            try_to_sign_in(url, email_of("nobody"), PASSWORD),
            try_to_sign_in(url, email_of("closed"), PASSWORD),
            try_to_sign_in(url, email_of("invited"), PASSWORD),
        ]

        assert answers[0][0] == 401
        assert answers[0][1].detail == "e-mail, password or code is wrong, needed the right ones"
        assert answers == [answers[0]] * 4

    def test_does_the_same_work_without_an_account(self, tmp_path: Path) -> None:
        """Whether an e-mail is known, one hash is computed, so that the time tells nothing."""
        with (
            counting(verify_secret) as verifications,
            serve_registry(tmp_path) as served,
            ExitStack() as stack,
        ):
            World(served=served, stack=stack)
            try_to_sign_in(served.url, email_of("admin"))
            known = verifications.count
            try_to_sign_in(served.url, email_of("nobody"))

        assert (known, verifications.count) == (1, 2)


class TestThrottle:
    """Nobody guesses quickly."""

    @pytest.mark.parametrize("name", ["admin", "nobody"])
    def test_pauses_after_five_failures(self, world: World, name: str) -> None:
        """After more than five failures in a row an e-mail waits, twice as long each time, known or not."""
        url, email = world.served.url, email_of(name)
        statuses = [try_to_sign_in(url, email)[0] for _ in range(6)]

        status, problem = try_to_sign_in(url, email, PASSWORD)
        world.served.clock.advance(2)
        after = try_to_sign_in(url, email)[0]
        longer = try_to_sign_in(url, email)[1]

        assert statuses == [401] * 6
        assert (status, problem.code) == (429, Code.TOO_MANY_TRIES)
        assert problem.detail == "too many failed tries, needed a pause of 2 s"
        assert (after, longer.detail[-4:]) == (401, " 4 s")

    def test_is_over_once_one_has_signed_in(self, world: World) -> None:
        """Who waited and knew the password has all tries again; other people never had to wait."""
        url, email = world.served.url, email_of("admin")
        world.person("owner")
        for _ in range(6):
            try_to_sign_in(url, email)

        world.sign_in("owner")
        world.served.clock.advance(2)
        world.sign_in("admin")
        statuses = [try_to_sign_in(url, email)[0] for _ in range(7)]

        assert statuses == [401] * 6 + [429]

    def test_outlasts_a_restart(self, world: World) -> None:
        """Failures are counted in the database, for every process and after every start."""
        for _ in range(6):
            try_to_sign_in(world.served.url, email_of("admin"))
        settings = RegistrySettings(database=world.served.database)

        with serve(create_app(settings, clock=world.served.clock)) as url:
            status = try_to_sign_in(url, email_of("admin"), PASSWORD)[0]

        assert status == 429

    def test_counts_tries_that_come_at_once(self, world: World) -> None:
        """Many connections get no more tries than one."""
        url, email = world.served.url, email_of("admin")
        together = threading.Barrier(10)

        def guess(_: int) -> int:
            together.wait(20)
            return try_to_sign_in(url, email)[0]

        with ThreadPoolExecutor(10) as pool:
            statuses = sorted(pool.map(guess, range(10)))

        assert statuses == [401] * 6 + [429] * 4


class TestSession:
    def test_ends_by_itself(self, world: World) -> None:
        """A session is good for seven days and not a second longer."""
        world.served.clock.advance(7 * 24 * 3600 - 1)
        before = world.admin.me()
        world.served.clock.advance(1)

        assert before.name == "Ada"
        with pytest.raises(SignInNeeded, match="the token has expired"):
            world.admin.me()

    def test_ends_with_a_sign_out(self, world: World) -> None:
        """A sign-out ends the session that asks for it, and no other of the same person."""
        here = world.sign_in("admin")

        ended = here.sign_out()

        assert (ended.kind, ended.revoked_at) == (TokenKind.SESSION, world.served.clock.now)
        assert world.admin.me().name == "Ada"
        with pytest.raises(SignInNeeded, match="the token was revoked"):
            here.me()


class TestChangePassword:
    def test_leaves_one_session(self, world: World) -> None:
        """A new password ends every session but the new one, and the old password; API tokens go on."""
        program = world.client(world.admin_secret)
        sessions = [world.admin, world.sign_in("admin")]

        token = world.admin.change_password(PasswordChange(old=PASSWORD, new=CHOSEN))
        left = world.client(token.secret or "")

        assert left.me() == program.me()
        for session in sessions:
            with pytest.raises(SignInNeeded, match="the token was revoked"):
                session.me()
        with pytest.raises(SignInNeeded, match="password or code is wrong"):
            world.sign_in("admin")
        world.client("").sign_in(SignIn(email=email_of("admin"), password=CHOSEN))

    def test_takes_the_old_one(self, world: World) -> None:
        """Who has a session only, such as on a screen left open, cannot change the password."""
        with pytest.raises(SignInNeeded, match="the old password is wrong"):
            world.admin.change_password(PasswordChange(old=WRONG, new=CHOSEN))

        world.sign_in("admin")

    def test_takes_who_has_just_signed_in(self, world: World) -> None:
        """A program that knows the password does not come by a session, nor does a stale one become fresh."""
        change = PasswordChange(old=PASSWORD, new=CHOSEN)

        with pytest.raises(SignInNeeded, match="found an API token"):
            world.client(world.admin_secret).change_password(change)
        world.served.clock.advance(15 * 60 + 1)
        with pytest.raises(SignInNeeded, match="older than 15 minutes"):
            world.admin.change_password(change)

    def test_takes_a_strong_new_one(self, world: World) -> None:
        """A weak password is refused, and the old one stays."""
        with pytest.raises(InvalidInput, match="needed at least 12 characters"):
            world.admin.change_password(PasswordChange(old=PASSWORD, new="short"))

        world.sign_in("admin")


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
