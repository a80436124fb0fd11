"""Who lost a second factor: an administrator drops it, and comes by nothing that is decided by codes."""

import pytest

from rounds.errors import Conflict, Forbidden, NotFound, SignInNeeded
from rounds.records.people import MemberIn, OrganisationChange, Role
from tests.contract.registry.authenticator import enrol
from tests.contract.registry.committees import model_waits
from tests.contract.registry.world import World, email_of


def wards(world: World) -> tuple[dict[str, int], int]:
    """Organisations that ask for codes, where the owner has a place or an offer, and an approval handed on.

    Another organisation asks for none. The committee's founder manages all of them, by codes from then on.
    """
    names = ("joined", "offered")
    asking = {name: world.organisation(f"With codes, {name}", "committee") for name in names}
    without = world.organisation("Without codes", "committee", "owner", role=Role.MEMBER)
    founder, owner = world.person("committee"), world.person("owner")
    for ward in asking.values():
        founder.offer_place(ward, MemberIn(email=email_of("owner"), role=Role.DECIDER))
    owner.join(asking["joined"])
    waits = model_waits(world, asking["joined"])
    founder.delegate(waits.id, owner.me().id)
    authenticator = enrol(world, founder)
    founder = world.people["committee"] = world.sign_in("committee", code=authenticator.next_code())
    for ward in asking.values():
        revision = founder.organisation(ward).revision
        founder.change_organisation(ward, OrganisationChange(second_factor=True), revision=revision)
    assert without not in asking.values()
    return asking, waits.id


class TestDrop:
    def test_lets_in_who_lost_theirs(self, world: World) -> None:
        """An administrator drops a second factor; sessions end, and the password alone signs in again."""
        owner = world.person("owner")
        user_id = owner.me().id
        authenticator = enrol(world, owner)
        session = world.sign_in("owner", code=authenticator.next_code())

        user = world.admin.drop_second_factor(user_id)

        assert not user.has_second_factor
        assert world.sign_in("owner").me() == user
        with pytest.raises(SignInNeeded, match="the token was revoked"):
            session.me()

    def test_ends_places_where_codes_are_asked_for(self, world: World) -> None:
        """An administrator who drops it and invites does not come by what is decided by codes."""
        asking, handed_on = wards(world)
        user_id = world.person("owner").me().id
        enrol(world, world.person("owner"))

        world.admin.drop_second_factor(user_id)
        impostor = world.accept(world.admin.invite(user_id).secret or "")

        assert {found.name for found in impostor.organisations()} == {"owner", "Without codes"}
        for ward in asking.values():
            with pytest.raises(NotFound, match=f"found no place for you in organisation {ward}"):
                impostor.join(ward)
        with pytest.raises(NotFound, match=f"found no approval {handed_on}"):
            impostor.approval(handed_on)
        found = {entry.action for entry in world.admin.audit()}
        assert {"member.leave", f"approval.end_delegation_to_{user_id}"} <= found

    def test_is_made_good_by_a_manager(self, world: World) -> None:
        """Who lost a place with the second factor is offered it again by who knows them."""
        asking, _ = wards(world)
        owner = world.person("owner")
        world.admin.drop_second_factor(owner.me().id)
        offered = MemberIn(email=email_of("owner"))

        world.person("committee").offer_place(asking["joined"], offered)

        assert world.sign_in("owner").join(asking["joined"]).role is Role.MEMBER

    def test_is_refused_where_one_s_own_organisation_asks_for_codes(self, world: World) -> None:
        """What somebody alone decides by codes is nobody's to decide without; the answer says what to do."""
        owner = world.person("owner")
        user = owner.me()
        asks = OrganisationChange(second_factor=True)
        owner.change_organisation(user.organisation_id, asks, revision=1)
        authenticator = enrol(world, owner)

        with pytest.raises(Conflict, match=r"own organisation asks for codes, needed .* turn that"):
            world.admin.drop_second_factor(user.id)

        assert world.sign_in("owner", code=authenticator.next_code()).me().has_second_factor

    def test_is_an_administrator_s(self, world: World) -> None:
        """Nobody else drops one, not even one's own; and the administrator has just signed in."""
        owner = world.person("owner")
        user_id = owner.me().id

        with pytest.raises(Forbidden, match="this is an administrator's"):
            owner.drop_second_factor(user_id)
        with pytest.raises(SignInNeeded, match="found an API token"):
            world.client(world.admin_secret).drop_second_factor(user_id)
        with pytest.raises(NotFound, match="found no user 999"):
            world.admin.drop_second_factor(999)
        world.served.clock.advance(15 * 60 + 1)
        with pytest.raises(SignInNeeded, match="older than 15 minutes"):
            world.admin.drop_second_factor(user_id)
