"""Accounts: who may know of whom, who changes what, and how an account is closed."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rounds.errors import Code, Conflict, Forbidden, InvalidInput, NotFound, SignInNeeded
from rounds.records.people import Role, User, UserChange, UserIn
from tests.contract.registry.world import World, email_of


def close(world: World, user: User) -> User:
    """The person, whose account the administrator has closed."""
    return world.admin.change_user(
        user.id, UserChange(is_valid=False), revision=world.admin.user(user.id).revision
    )


def appoint(world: World, name: str) -> User:
    """Somebody, whom the administrator has made one too."""
    user = world.person(name).me()
    return world.admin.change_user(user.id, UserChange(is_admin=True), revision=user.revision)


class TestEmail:
    def test_is_taken_once(self, world: World) -> None:
        """An e-mail is one person's, however it is written."""
        world.person("owner")

        with pytest.raises(Conflict, match="another user's"):
            world.admin.add_user(UserIn(name="Twin", email=email_of("OWNER")))


class TestSight:
    def test_is_of_everybody_for_an_administrator(self, world: World) -> None:
        """An administrator's list is complete and in order, and finds one person by e-mail."""
        for name in ("anna", "bert", "carl"):
            world.person(name)

        users = world.admin.users()
        found = world.admin.users(email=email_of("BERT"))

        assert [user.name for user in users] == ["Ada", "anna", "bert", "carl"]
        assert [user.name for user in found] == ["bert"]

    def test_is_of_oneself_and_of_one_s_fellows(self, world: World) -> None:
        """People of no common organisation do not know of one another."""
        world.organisation("Ward 7", "anna", "bert")
        stranger = world.person("carl").me()

        seen = world.person("anna").users()

        assert [user.name for user in seen] == ["anna", "bert"]
        with pytest.raises(NotFound, match=f"found no user {stranger.id} that you may know of"):
            world.person("anna").user(stranger.id)


class TestChange:
    def test_of_one_s_name_is_one_s_own(self, world: World) -> None:
        """One changes one's own name, from the revision that was read."""
        owner = world.person("owner")
        before = owner.me()

        after = owner.change_user(before.id, UserChange(name="Olga"), revision=before.revision)

        assert (after.name, after.revision) == ("Olga", before.revision + 1)
        with pytest.raises(Conflict, match="read it again") as caught:
            owner.change_user(before.id, UserChange(name="Oleg"), revision=before.revision)
        assert caught.value.code == Code.CHANGED_MEANWHILE
        with pytest.raises(InvalidInput, match="found null for name"):
            owner.change_user(before.id, UserChange(name=None), revision=after.revision)

    def test_of_what_one_may_is_an_administrator_s(self, world: World) -> None:
        """Nobody makes oneself an administrator, or closes an account, without being one."""
        owner = world.person("owner").me()

        for change in (UserChange(is_admin=True), UserChange(is_valid=False)):
            with pytest.raises(Forbidden, match="is an administrator's to change"):
                world.person("owner").change_user(owner.id, change, revision=owner.revision)

    def test_of_who_is_administrator_takes_a_fresh_sign_in(self, world: World) -> None:
        """No program, and nobody at a screen left open, makes an administrator."""
        owner = world.person("owner").me()
        change = UserChange(is_admin=True)

        with pytest.raises(SignInNeeded, match="found an API token"):
            world.client(world.admin_secret).change_user(owner.id, change, revision=owner.revision)
        world.served.clock.advance(15 * 60 + 1)
        with pytest.raises(SignInNeeded, match="older than 15 minutes"):
            world.admin.change_user(owner.id, change, revision=owner.revision)

        assert not world.person("owner").me().is_admin

    def test_of_a_fellow_is_an_administrator_s(self, world: World) -> None:
        """A manager manages places in an organisation, not the people who have them."""
        world.organisation("Ward 7", "anna", "bert")
        bert = world.person("bert").me()
        change = UserChange(name="Bart")

        with pytest.raises(Forbidden, match="is an administrator's to change"):
            world.person("anna").change_user(bert.id, change, revision=bert.revision)

        assert world.admin.change_user(bert.id, change, revision=bert.revision).name == "Bart"


class TestClosing:
    def test_ends_every_token_at_once(self, world: World) -> None:
        """From the moment an account is closed neither its sessions nor its tokens open anything."""
        session = world.person("owner")
        worker, program = world.worker("owner", "site-a"), world.client(world.token("owner"))
        user = session.me()

        close(world, user)

        for client in (session, worker, program):
            with pytest.raises(SignInNeeded, match="the token was revoked"):
                client.me()

    def test_ends_them_for_good(self, world: World) -> None:
        """An account that is opened again wants a new sign-in: what was closed with it stays ended."""
        session, program = world.person("owner"), world.client(world.token("owner"))
        user = session.me()
        closed = close(world, user)

        world.admin.change_user(user.id, UserChange(is_valid=True), revision=closed.revision)

        assert world.sign_in("owner").me().is_valid
        for client in (session, program):
            with pytest.raises(SignInNeeded, match="the token was revoked"):
                client.me()

    def test_is_undone_by_a_fresh_sign_in(self, world: World) -> None:
        """No program, and nobody at a screen left open, opens an account again."""
        closed = close(world, world.person("owner").me())
        change, program = UserChange(is_valid=True), world.client(world.admin_secret)

        with pytest.raises(SignInNeeded, match="found an API token"):
            program.change_user(closed.id, change, revision=closed.revision)
        world.served.clock.advance(15 * 60 + 1)
        with pytest.raises(SignInNeeded, match="older than 15 minutes"):
            world.admin.change_user(closed.id, change, revision=closed.revision)

        assert not world.admin.user(closed.id).is_valid


class TestLastAdministrator:
    def test_stays(self, world: World) -> None:
        """The last administrator is neither closed nor demoted; one who was closed is no other one."""
        closed = close(world, appoint(world, "former"))
        user = world.admin.me()

        for change in (UserChange(is_admin=False), UserChange(is_valid=False)):
            with pytest.raises(Conflict, match="this is the last administrator"):
                world.admin.change_user(user.id, change, revision=user.revision)

        assert (closed.is_admin, world.admin.me()) == (True, user)

    def test_stays_when_two_close_each_other(self, world: World) -> None:
        """Of two administrators who close one another at the same time, one is left."""
        appoint(world, "second")
        both = [world.admin, world.sign_in("second")]
        users, together = [client.me() for client in both], threading.Barrier(2)

        def close_other(number: int) -> bool:
            other = users[1 - number]
            together.wait(20)
            try:
                both[number].change_user(
                    other.id, UserChange(is_valid=False), revision=other.revision
                )
            except (Conflict, SignInNeeded):
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            closed = list(pool.map(close_other, range(2)))
        left = both[closed.index(True)]

        assert sorted(closed) == [False, True]
        assert [user.is_valid for user in left.users()].count(True) == 1

    def test_goes_once_there_is_another(self, world: World) -> None:
        """A demoted administrator has no administrator's rights any more, whatever their tokens say."""
        appoint(world, "second")
        second, program = world.sign_in("second"), world.client(world.admin_secret)
        user = world.admin.me()

        second.change_user(user.id, UserChange(is_admin=False), revision=user.revision)

        assert not world.admin.me().is_admin
        for former in (world.admin, program):
            with pytest.raises(Forbidden, match="this is an administrator's"):
                former.invite(user.id)
        with pytest.raises(Forbidden, match="needed an administrator's token"):
            world.token("admin", Role.ADMINISTRATOR)
