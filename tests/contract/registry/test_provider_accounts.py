"""Accounts of people whom an OIDC provider vouches for, over the served registry."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
from pydantic import JsonValue

from registry_api.app import create_app
from registry_api.credentials.oidc import OidcSettings, OidcVerifier
from registry_api.settings import RegistrySettings
from rounds.client.registry import RegistryClient
from rounds.errors import Code, NotFound, SignInNeeded
from rounds.records.approvals import ApprovalStatus
from rounds.records.people import OrganisationIn, Role, TokenIn, TokenKind, UserChange, UserIn
from tests.contract.registry.committees import model_waits
from tests.contract.registry.oidc_issuer import AUDIENCE, DISCOVERY, Answer, Issuer, serve_issuer
from tests.contract.registry.oidc_trust import Ticks
from tests.contract.registry.serving import serve, serve_registry
from tests.contract.registry.world import World, email_of

NEWCOMER: dict[str, JsonValue] = {"sub": "auth0|zoe", "email": "Zoe@Hub.Example", "name": "Zoë"}


@dataclass(frozen=True)
class Trusted:
    """A served registry and the issuer that it trusts, on one clock."""

    world: World
    issuer: Issuer

    def token(self, **changes: JsonValue) -> str:
        """A good token of the newcomer's, but for the changes."""
        self.issuer.now = self.world.served.clock.now
        return self.issuer.mint(**{**NEWCOMER, **changes})

    def client(self, **changes: JsonValue) -> RegistryClient:
        """The client of somebody with such a token."""
        return self.world.client(self.token(**changes))

    def seconds_ago(self, seconds: float) -> float:
        """A moment as a token names it."""
        return self.world.served.clock.now.timestamp() - seconds


def settings_for(issuer: Issuer) -> OidcSettings:
    """The registry's trust in the issuer."""
    return OidcSettings(issuer=issuer.url, audience=AUDIENCE)


@pytest.fixture
def trusted(database: str, tmp_path: Path) -> Iterator[Trusted]:
    """A registry that trusts an issuer, on each kind of database."""
    with serve_issuer() as issuer, ExitStack() as stack:
        oidc = settings_for(issuer)
        served = stack.enter_context(serve_registry(tmp_path, database=database, oidc=oidc))
        yield Trusted(World(served=served, stack=stack), issuer)


class TestFirstSight:
    """A valid token of an unknown person makes the account (A2)."""

    def test_makes_the_account(self, trusted: Trusted) -> None:
        """It has the e-mail and the name that the provider gives, and is the same at every later request."""
        client = trusted.client()

        user = client.me()
        again = trusted.client(email="moved@hub.example", name="Z.").me()

        assert (user.email, user.name) == ("zoe@hub.example", "Zoë")
        assert (user.is_admin, user.has_password, user.is_valid) == (False, False, True)
        assert again == user
        assert client.users() == [user]
        assert len(trusted.world.admin.users()) == 2

    def test_makes_one_account_of_many_at_once(self, trusted: Trusted) -> None:
        """Whoever opens several pages with a first token has one account."""
        token, together = trusted.token(), threading.Barrier(8)

        def ask(_: int) -> int:
            with RegistryClient(trusted.world.served.url, token) as client:
                together.wait(20)
                return client.me().id

        with ThreadPoolExecutor(8) as pool:
            ids = set(pool.map(ask, range(8)))

        assert len(ids) == 1
        assert [user.id for user in trusted.world.admin.users()[1:]] == [*ids]

    def test_takes_the_account_that_was_prepared(self, trusted: Trusted) -> None:
        """An account that an administrator made for the e-mail, and nobody signed in to, is theirs."""
        admin = trusted.world.admin
        prepared = admin.add_user(UserIn(name="Zoe", email="zoe@hub.example"))

        user = trusted.client().me()

        assert (user.id, user.name) == (prepared.id, "Zoe")

    def test_takes_over_nobody_s_account(self, trusted: Trusted) -> None:
        """An e-mail whose account has a password, or another name at the provider, is not given away."""
        trusted.world.person("owner")
        trusted.client().me()

        with pytest.raises(SignInNeeded, match="the e-mail's account signs in another way"):
            trusted.client(email=email_of("owner"), sub="auth0|eve").cubes()
        with pytest.raises(SignInNeeded, match="the e-mail's account signs in another way"):
            trusted.client(sub="auth0|other").cubes()

    def test_calls_nobody_by_an_identifier(self, trusted: Trusted) -> None:
        """Who is called by an address or a number at the provider is let in, and called otherwise here."""
        given = [
            (None, "ann@hub.example"),
            ("ben@hub.example", "ben@hub.example"),
            ("Cas, staff 20041234", "cas@hub.example"),
            ("20041234", "20041234@hub.example"),
        ]

        users = [
            trusted.client(sub=f"auth0|{email}", name=name, email=email).me()
            for name, email in given
        ]

        assert [user.email for user in users] == [email for _, email in given]
        assert [user.name for user in users] == ["ann", "ben", "cas", "no name yet"]

    def test_of_a_bad_token_makes_nothing(self, trusted: Trusted) -> None:
        """A token for somebody else, of another issuer, expired or unverified is 401 with the reason."""
        bad: dict[str, dict[str, JsonValue]] = {
            "the token is for somebody else": {"aud": "somebody-else"},
            "the token is of another issuer": {"iss": "https://elsewhere.example"},
            "the token has expired": {"exp": 0},
            "the token's e-mail address is not verified": {"email_verified": False},
        }

        for reason, change in bad.items():
            with pytest.raises(SignInNeeded, match=reason):
                trusted.client(**change).me()

        assert [user.name for user in trusted.world.admin.users()] == ["Ada"]


class TestAccount:
    def test_is_closed_as_any_other(self, trusted: Trusted) -> None:
        """A provider's token opens no account that was closed here."""
        client = trusted.client()
        user = client.me()

        closed = UserChange(is_valid=False)
        trusted.world.admin.change_user(user.id, closed, revision=user.revision)

        with pytest.raises(SignInNeeded, match="the account was closed"):
            client.me()

    def test_has_tokens_of_this_registry_too(self, trusted: Trusted) -> None:
        """Who signed in by a provider just now mints API tokens, and signs out where they signed in."""
        client = trusted.client(auth_time=trusted.seconds_ago(0))
        token = client.mint_token(client.me().id, TokenIn(label="worker", site="site-a"))

        worker = trusted.world.client(token.secret or "")

        assert worker.me() == client.me()
        assert [listed.kind for listed in client.tokens()] == [TokenKind.API]
        with pytest.raises(NotFound, match="sign out at your provider"):
            client.sign_out()

    def test_may_be_given_a_password(self, trusted: Trusted) -> None:
        """Somebody whom an administrator invites signs in both ways, to one account."""
        client = trusted.client()
        user = client.me()

        local = trusted.world.accept(trusted.world.admin.invite(user.id).secret or "")

        assert local.me().id == client.me().id == user.id


class TestKeys:
    def test_are_followed_when_they_are_changed(self, trusted: Trusted) -> None:
        """A new key of the provider's is found, and a token by a key it gave up is refused."""
        world, ticks = trusted.world, Ticks()
        oidc = settings_for(trusted.issuer)
        settings = RegistrySettings(database=world.served.database, oidc=oidc)
        app = create_app(settings, clock=world.served.clock)
        verifier = OidcVerifier(oidc, ticks=ticks)
        app.state.office = replace(app.state.office, verifier=verifier)

        with serve(app) as url:
            old = world.stack.enter_context(RegistryClient(url, trusted.token()))
            user = old.me()
            trusted.issuer.rotate()
            ticks.advance(30)
            new = world.stack.enter_context(RegistryClient(url, trusted.token()))
            found = new.me()
            trusted.issuer.retire()
            ticks.advance(600)

            with pytest.raises(SignInNeeded, match="the token's key is unknown"):
                old.me()
            assert new.me() == found == user

    def test_are_needed_only_for_the_provider_s_tokens(self, trusted: Trusted) -> None:
        """While the provider is away its people are asked to come again; the registry's own tokens go on."""
        trusted.issuer.instead[DISCOVERY] = Answer(status=500)
        header = {"Authorization": f"Bearer {trusted.token()}"}

        answer = httpx.get(f"{trusted.world.served.url}/api/v1/users/me", headers=header)

        assert (answer.status_code, answer.json()["code"]) == (503, Code.UNREACHABLE)
        assert trusted.world.admin.me().name == "Ada"


class TestDecision:
    """A provider's sign-in counts as one of ours, by when and how the token says it was."""

    @pytest.fixture
    def approval_id(self, trusted: Trusted) -> int:
        """What waits for the newcomer's committee, which asks for a second factor."""
        trusted.world.people["committee"] = trusted.client()
        wanted = OrganisationIn(name="Committee", second_factor=True)
        committee = trusted.world.person("committee").found_organisation(wanted)
        return model_waits(trusted.world, committee.id).id

    def test_takes_a_recent_sign_in_with_a_second_factor(
        self, trusted: Trusted, approval_id: int
    ) -> None:
        """`auth_time` says how long ago somebody signed in, and `amr` whether with a second factor."""
        now = trusted.seconds_ago(0)
        too_long_ago = trusted.client(auth_time=trusted.seconds_ago(901), amr=["pwd", "otp"])
        untold = trusted.client(amr=["pwd", "otp"])
        without = trusted.client(auth_time=now, amr=["pwd"])
        certain = trusted.client(auth_time=trusted.seconds_ago(899), amr=["pwd", "otp"])
        program = trusted.world.client(
            certain.mint_token(certain.me().id, TokenIn(label="x", role=Role.MANAGER)).secret or ""
        )

        refusals = []
        for client in (too_long_ago, untold, without, program):
            with pytest.raises(SignInNeeded, match="sign in") as caught:
                trusted.world.grant(client, approval_id)
            refusals.append(caught.value.code)

        stale = Code.STALE_SIGN_IN
        assert refusals == [stale, stale, Code.SECOND_FACTOR, stale]
        assert trusted.world.grant(certain, approval_id).status == ApprovalStatus.GRANTED
