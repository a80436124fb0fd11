"""Managers: who appoints, how freshly signed in, and what becomes of an organisation without one."""

from collections.abc import Callable

import pytest

from rounds.errors import Conflict, Forbidden, SignInNeeded
from rounds.records.people import (
    MemberIn,
    OrganisationIn,
    Role,
    UserChange,
)
from tests.contract.registry.authenticator import enrol
from tests.contract.registry.test_organisations import enter, place_of
from tests.contract.registry.world import World, email_of


def close(world: World, name: str) -> None:
    """Close somebody's account."""
    user = world.person(name).me()
    world.admin.change_user(user.id, UserChange(is_valid=False), revision=user.revision)


def leaves(world: World, ward: int, manager: int) -> None:
    """Anna gives up her place."""
    world.person("anna").remove_member(ward, manager)


def steps_down(world: World, ward: int, _: int) -> None:
    """Anna takes a lower role."""
    lower = MemberIn(email=email_of("anna"), role=Role.MEMBER)
    world.person("anna").offer_place(ward, lower)


class TestAppointing:
    @pytest.mark.parametrize("role", [Role.DECIDER, Role.MANAGER])
    def test_of_who_decides_takes_a_fresh_sign_in(self, world: World, role: Role) -> None:
        """No program, and nobody at a screen left open, makes somebody a decider or a manager."""
        anna, ward = world.person("anna"), world.organisation("Ward 7", "anna")
        program = world.client(world.token("anna", Role.MANAGER))
        wanted = MemberIn(email=email_of("bert"), role=role)

        with pytest.raises(SignInNeeded, match="found an API token"):
            program.offer_place(ward, wanted)
        world.served.clock.advance(15 * 60 + 1)
        with pytest.raises(SignInNeeded, match="older than 15 minutes"):
            anna.offer_place(ward, wanted)

        assert [member.email for member in anna.members(ward)] == [email_of("anna")]
        assert program.offer_place(ward, MemberIn(email=email_of("bert"))).role is Role.MEMBER

    def test_takes_the_code_where_it_is_asked_for(self, world: World) -> None:
        """In an organisation that asks for codes, who decides is appointed by a sign-in with one."""
        wanted = OrganisationIn(name="Ward 7", second_factor=True)
        ward = world.person("anna").found_organisation(wanted).id
        bert = MemberIn(email=email_of("bert"), role=Role.DECIDER)

        with pytest.raises(SignInNeeded, match="as the organisation asks; sign in again"):
            world.person("anna").offer_place(ward, bert)
        authenticator = enrol(world, world.person("anna"))
        certain = world.sign_in("anna", code=authenticator.next_code())

        assert certain.offer_place(ward, bert).role is Role.DECIDER


class TestLastManager:
    def test_stays(self, world: World) -> None:
        """The last manager neither leaves nor steps down; one who has not accepted yet is no other one."""
        anna, ward = world.person("anna"), world.organisation("Ward 7", "anna", "bert")
        anna.offer_place(ward, MemberIn(email=email_of("carl"), role=Role.MANAGER))
        own = place_of(world, ward, "anna")

        with pytest.raises(Conflict, match="no manager would be left"):
            anna.remove_member(ward, own.id)
        with pytest.raises(Conflict, match="no manager would be left"):
            anna.offer_place(ward, MemberIn(email=email_of("anna"), role=Role.MEMBER))

        assert place_of(world, ward, "anna") == own

    def test_leaves_once_there_is_another(self, world: World) -> None:
        """A manager appoints another one, who may send the first away."""
        ward = world.organisation("Ward 7", "anna")
        enter(world, ward, "bert", Role.MANAGER)
        own = place_of(world, ward, "anna")

        world.person("bert").remove_member(ward, own.id)

        assert [member.email for member in world.person("bert").members(ward)] == [email_of("bert")]

    @pytest.mark.parametrize("go", [leaves, steps_down])
    def test_is_who_is_left_with_an_account(
        self, world: World, go: Callable[[World, int, int], None]
    ) -> None:
        """A manager whose account was closed is no other one."""
        ward = world.organisation("Ward 7", "anna")
        enter(world, ward, "bert", Role.MANAGER)
        own = place_of(world, ward, "anna")
        close(world, "bert")

        with pytest.raises(Conflict, match="no manager would be left"):
            go(world, ward, own.id)

        assert place_of(world, ward, "anna") == own


class TestWithoutManager:
    def test_is_mended_by_an_administrator(self, world: World) -> None:
        """Where nobody manages any more an administrator offers a place, and no second one once it is taken."""
        ward = world.organisation("Ward 7", "anna", "bert")
        close(world, "anna")
        wanted = MemberIn(email=email_of("bert"), role=Role.MANAGER)

        place = world.admin.offer_place(ward, wanted)

        assert (place.role, place.user_id) == (Role.MANAGER, world.person("bert").me().id)
        with pytest.raises(Forbidden, match=f"organisation {ward} is somebody else's"):
            world.admin.offer_place(ward, MemberIn(email=email_of("eve")))

    def test_is_mended_by_nobody_else(self, world: World) -> None:
        """Neither a member nor an administrator's program or screen left open appoints a manager."""
        ward = world.organisation("Ward 7", "anna", "bert")
        program, bert = world.client(world.admin_secret), world.person("bert")
        close(world, "anna")
        wanted = MemberIn(email=email_of("bert"), role=Role.MANAGER)

        with pytest.raises(Forbidden, match="you act as decider"):
            bert.offer_place(ward, wanted)
        with pytest.raises(SignInNeeded, match="found an API token"):
            program.offer_place(ward, wanted)
        world.served.clock.advance(15 * 60 + 1)
        with pytest.raises(SignInNeeded, match="older than 15 minutes"):
            world.admin.offer_place(ward, wanted)

        assert {member.role for member in bert.members(ward)} == {Role.MANAGER, Role.DECIDER}

    def test_is_another_s_business_while_somebody_manages(self, world: World) -> None:
        """An administrator appoints nobody in an organisation that has a manager, nor in somebody's own."""
        ward = world.organisation("Ward 7", "anna")
        home = world.person("anna").me().organisation_id

        for organisation in (ward, home):
            with pytest.raises(Forbidden, match=f"organisation {organisation} is somebody else's"):
                world.admin.offer_place(organisation, MemberIn(email=email_of("eve")))

        assert len(world.person("anna").members(ward)) == 1
