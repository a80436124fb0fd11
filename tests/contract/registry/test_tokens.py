"""Tokens: what opens the registry, how far it reaches, and when it ends."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import MetaData

from registry_api.storage.database import Database
from rounds.errors import Forbidden, InvalidInput, NotFound, SignInNeeded
from rounds.records.people import (
    LONGEST_TTL_S,
    MemberIn,
    Role,
    Token,
    TokenIn,
    TokenKind,
    UserIn,
)
from tests.contract.registry.builders import make_cube
from tests.contract.registry.wishes import decision_on
from tests.contract.registry.world import PASSWORD, World, email_of


def mint(world: World, name: str, **wanted: object) -> Token:
    """A new API token of somebody."""
    person = world.person(name)
    return person.mint_token(person.me().id, TokenIn.model_validate({"label": "laptop", **wanted}))


def everything_in(address: str) -> str:
    """All rows of all tables, as one text."""
    database, tables = Database(address), MetaData()
    tables.reflect(database.engine)
    with database.engine.connect() as connection:
        rows = [
            row for table in tables.tables.values() for row in connection.execute(table.select())
        ]
    database.close()
    return "\n".join(map(str, rows))


class TestEntry:
    """Who is let in with what (A2)."""

    def test_takes_a_token(self, world: World) -> None:
        """Without a token nothing is answered but 401 and how to sign in."""
        answer = httpx.get(f"{world.served.url}/api/v1/users/me")

        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["detail"].startswith("found no token, needed")

    def test_takes_one_of_this_registry(self, world: World) -> None:
        """A secret that the registry never minted opens nothing, of whatever form it is."""
        for secret in ("rnd_guessed", "guessed", "rnd_", "a.b.c"):
            with pytest.raises(SignInNeeded, match="the token is unknown"):
                world.client(secret).cubes()

    def test_ends_with_the_token_s_time(self, world: World) -> None:
        """A token is good until its time is over, and its refusal says so."""
        token = mint(world, "admin", ttl_s=60)
        short = world.client(token.secret or "")

        world.served.clock.advance(59)
        before = short.me().id
        world.served.clock.advance(1)

        assert before == token.user_id
        with pytest.raises(SignInNeeded, match="the token has expired"):
            short.me()

    def test_ends_at_once_when_it_is_revoked(self, world: World) -> None:
        """A revoked token is good for nothing from the next request on; revoked again it stays so."""
        token = mint(world, "admin")
        laptop = world.client(token.secret or "")
        laptop.me()

        first = world.admin.revoke_token(token.id)
        world.served.clock.advance(5)
        second = world.admin.revoke_token(token.id)

        assert (
            first.revoked_at == second.revoked_at == world.served.clock.now - timedelta(seconds=5)
        )
        with pytest.raises(SignInNeeded, match="the token was revoked"):
            laptop.me()


class TestSecret:
    def test_is_shown_once(self, world: World) -> None:
        """A token's secret comes with the answer that makes it, and is in no list and no later answer."""
        token = mint(world, "admin")

        listed = world.admin.tokens()

        assert token.secret is not None
        assert {found.kind for found in listed} == set(TokenKind)
        assert [found.secret for found in listed] == [None] * len(listed)
        assert world.admin.revoke_token(token.id).secret is None

    def test_is_stored_nowhere(self, world: World, tmp_path: Path) -> None:
        """No secret and no password is in the database, neither in a table nor in its file."""
        session = world.person("owner")
        api = mint(world, "owner").secret or ""
        invitation = world.admin.invite(session.me().id).secret or ""
        given = (api, invitation, world.served.invitation, PASSWORD)

        kept = everything_in(world.served.database)
        kept += "".join(
            file.read_bytes().decode("latin-1") for file in tmp_path.glob("registry.db*")
        )

        assert email_of("owner") in kept
        assert [secret for secret in given if secret.removeprefix("rnd_") in kept] == []


class TestRole:
    def test_reader_only_reads(self, world: World) -> None:
        """A reader's token reads what its person may see, and writes nothing."""
        reader = world.client(mint(world, "owner", role=Role.READER).secret or "")

        cubes = reader.cubes()

        assert cubes == []
        with pytest.raises(Forbidden, match="acts as reader, needed one that acts as member"):
            reader.register_cube(make_cube("one"))

    def test_reader_ends_itself(self, world: World) -> None:
        """A token that may change nothing may still end itself, once."""
        reader = world.client(world.token("owner", Role.READER))

        ended = reader.sign_out()

        assert ended.revoked_at == world.served.clock.now
        with pytest.raises(SignInNeeded, match="the token was revoked"):
            reader.sign_out()

    def test_member_registers_but_decides_nothing(self, world: World) -> None:
        """A member's token, as is minted by default, registers; decisions and appointments are beyond it."""
        benchmark = world.propose()
        member = world.client(mint(world, "committee").secret or "")
        approval = member.approval(benchmark.approval_id)

        cube = member.register_cube(make_cube("one"))

        assert cube.organisation_id == member.me().organisation_id
        with pytest.raises(Forbidden, match="acts as member, needed one that acts as decider"):
            member.decide(approval.id, decision_on(approval))
        with pytest.raises(Forbidden, match="you act as member for organisation"):
            member.offer_place(cube.organisation_id, MemberIn(email=email_of("eve")))

    def test_takes_an_administrator_s_rights(self, world: World) -> None:
        """An administrator's token acts as one only if it says so, and for no site alone."""
        manager = mint(world, "admin", role=Role.MANAGER)
        of_a_site = mint(world, "admin", role=Role.ADMINISTRATOR, site="site-a")

        for limited in (manager, of_a_site):
            with pytest.raises(Forbidden, match="this is an administrator's"):
                world.client(limited.secret or "").add_user(UserIn(name="Eve", email="e@x.org"))

    def test_administrator_s_token_decides_nothing(self, world: World) -> None:
        """No API token decides, whatever its role: a person signs in for that."""
        benchmark = world.propose()
        program = world.client(world.admin_secret)
        approval = program.approval(benchmark.approval_id)

        with pytest.raises(
            SignInNeeded, match=r"found an API token, .*; needed a person's own sign-in"
        ):
            program.decide(approval.id, decision_on(approval))

        assert program.approval(approval.id) == approval


class TestMinting:
    def test_makes_none_stronger(self, world: World) -> None:
        """A token mints none above its own role."""
        member = world.client(mint(world, "admin").secret or "")

        for role in (Role.DECIDER, Role.MANAGER, Role.ADMINISTRATOR):
            with pytest.raises(Forbidden, match=f"acts as member, needed one that acts as {role}"):
                member.mint_token(member.me().id, TokenIn(label="more", role=role))

    def test_makes_no_administrator(self, world: World) -> None:
        """Who is no administrator mints no administrator's token, not even from a sign-in."""
        with pytest.raises(Forbidden, match="needed one that acts as administrator"):
            mint(world, "owner", role=Role.ADMINISTRATOR)

    @pytest.mark.parametrize("site", [None, "site-a"])
    def test_makes_no_successor(self, world: World, site: str | None) -> None:
        """No API token mints another one, which would outlive it, be it weaker and for the same site."""
        program = world.client(mint(world, "owner", role=Role.MANAGER, site=site).secret or "")
        wanted = TokenIn(label="next", role=Role.READER, site=site)

        with pytest.raises(SignInNeeded, match="found an API token"):
            program.mint_token(program.me().id, wanted)

    def test_takes_who_has_just_signed_in(self, world: World) -> None:
        """A screen left open comes by no token."""
        owner = world.person("owner")
        own = owner.me().id

        world.served.clock.advance(15 * 60 + 1)

        with pytest.raises(SignInNeeded, match="older than 15 minutes"):
            owner.mint_token(own, TokenIn(label="mine"))

    def test_is_for_oneself(self, world: World) -> None:
        """Nobody mints a token of somebody else, not even an administrator; a stranger's id is not found."""
        owner = world.person("owner")
        wanted = TokenIn(label="theirs")

        with pytest.raises(Forbidden, match="mints their own tokens"):
            world.admin.mint_token(owner.me().id, wanted)
        with pytest.raises(NotFound, match="found no user"):
            owner.mint_token(world.admin.me().id, wanted)

    def test_is_for_a_limited_time(self, world: World) -> None:
        """A token lives for 30 days unless it says otherwise, and for no longer than 400."""
        own, now = world.admin.me().id, world.served.clock.now

        usual, longest = mint(world, "admin"), mint(world, "admin", ttl_s=LONGEST_TTL_S)

        assert usual.expires_at - now == timedelta(days=30)
        assert longest.expires_at - now == timedelta(days=400)
        for ttl_s in (0, -1, LONGEST_TTL_S + 1):
            wanted = TokenIn.model_construct(label="odd", ttl_s=ttl_s)
            with pytest.raises(InvalidInput, match="ttl_s"):
                world.admin.mint_token(own, wanted)


class TestOthers:
    def test_are_nobody_s_to_see_or_to_end(self, world: World) -> None:
        """One's tokens are one's own to list and to revoke; an administrator sees and ends everybody's."""
        token = mint(world, "owner")
        stranger = world.person("stranger")

        with pytest.raises(NotFound, match=f"found no token {token.id}"):
            stranger.revoke_token(token.id)

        assert {found.user_id for found in stranger.tokens()} == {stranger.me().id}
        assert token.id in {found.id for found in world.admin.tokens(kind=TokenKind.API)}
        assert world.admin.revoke_token(token.id).revoked_at is not None
