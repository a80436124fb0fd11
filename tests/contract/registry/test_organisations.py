"""Organisations: several people who act for one owner, each by their role."""

import pytest

from rounds.client.registry import RegistryClient
from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound
from rounds.records.approvals import ApprovalStatus
from rounds.records.cubes import Cube, CubeChange, State
from rounds.records.people import Member, MemberIn, OrganisationChange, OrganisationIn, Role
from tests.contract.registry.builders import make_cube
from tests.contract.registry.committees import model_waits
from tests.contract.registry.world import World, email_of


def enter(world: World, organisation_id: int, name: str, role: Role) -> Member:
    """Somebody's place in an organisation that anna manages, offered and accepted."""
    world.person(name)
    offered = MemberIn(email=email_of(name), role=role)
    world.person("anna").offer_place(organisation_id, offered)
    return world.person(name).join(organisation_id)


def place_of(world: World, organisation_id: int, name: str) -> Member:
    """Somebody's place, as anna sees it."""
    members = world.person("anna").members(organisation_id)
    return next(member for member in members if member.email == email_of(name))


def register_for(who: RegistryClient, organisation_id: int, name: str = "segmenter") -> Cube:
    """A cube in DEVELOPMENT, registered for an organisation."""
    cube = make_cube(name).model_copy(
        update={"organisation_id": organisation_id, "state": State.DEVELOPMENT}
    )
    return who.register_cube(cube)


class TestFounding:
    def test_makes_a_manager(self, world: World) -> None:
        """Who founds an organisation is its manager, and for now its only member."""
        founded = world.person("anna").found_organisation(OrganisationIn(name="Ward 7"))

        members = world.person("anna").members(founded.id)

        assert (founded.is_personal, founded.second_factor) == (False, False)
        assert [(member.email, member.role) for member in members] == [
            (email_of("anna"), Role.MANAGER)
        ]

    def test_takes_a_name_that_looks_like_no_other(self, world: World) -> None:
        """Names that look alike are one name, also when an organisation is renamed."""
        anna = world.person("anna")
        anna.found_organisation(OrganisationIn(name="Ward 7 Oslo"))
        other = anna.found_organisation(OrganisationIn(name="Ward 8"))
        taken = "or one that looks the same, is there already"

        for alike in ("ward-7 OSLO", "Ward 7 0slo", "\uff37ard  7 Oslo"):
            with pytest.raises(Conflict, match=taken):
                world.admin.found_organisation(OrganisationIn(name=alike))
            with pytest.raises(Conflict, match=taken):
                anna.change_organisation(other.id, OrganisationChange(name=alike), revision=1)
        own = OrganisationChange(name="WARD-8")
        assert anna.change_organisation(other.id, own, revision=1).name == "WARD-8"

    def test_takes_a_name_that_can_be_read(self, world: World) -> None:
        """A name that hides what it is made of is refused."""
        hiding = {"Ward\u200b 7": "cannot be seen", "\u0412ard 7": "several scripts"}

        for name, found in hiding.items():
            with pytest.raises(InvalidInput, match=found):
                world.admin.found_organisation(OrganisationIn(name=name))


class TestPlace:
    def test_tells_nobody_who_has_an_account(self, world: World) -> None:
        """A place that is offered looks the same whether an account has the e-mail, and until it is taken."""
        anna = world.person("anna")
        ward = world.organisation("Ward 7", "anna")
        world.person("bert")

        answers = [
            anna.offer_place(ward, MemberIn(email=email)).model_dump(exclude={"id", "email"})
            for email in (email_of("BERT"), email_of("nobody"))
        ]

        expected = {"organisation_id": ward, "role": Role.MEMBER, "user_id": None}
        assert answers == [expected, expected]
        assert [member.user_id for member in anna.members(ward)[1:]] == [None, None]
        assert [user.name for user in anna.users()] == ["anna"]

    def test_is_taken_by_whom_it_was_offered_to(self, world: World) -> None:
        """An offer gives no right until the person has accepted it, and to nobody else ever."""
        ward = world.organisation("Ward 7", "anna")
        bert, stranger = world.person("bert"), world.person("stranger")
        world.person("anna").offer_place(ward, MemberIn(email=email_of("bert")))

        seen = bert.organisation(ward)
        with pytest.raises(Forbidden, match="is somebody else's"):
            bert.members(ward)
        with pytest.raises(Forbidden, match="is somebody else's"):
            register_for(bert, ward)
        with pytest.raises(NotFound, match=f"found no place for you in organisation {ward}"):
            stranger.join(ward)
        with pytest.raises(NotFound, match=f"found no organisation {ward} that you may know of"):
            stranger.organisation(ward)
        joined = bert.join(ward)

        assert (seen.name, joined.user_id) == ("Ward 7", bert.me().id)
        assert bert.join(ward) == joined
        assert register_for(bert, ward).organisation_id == ward

    def test_is_given_up_by_who_has_it(self, world: World) -> None:
        """Who leaves acts for the organisation no more, until a place is offered and accepted anew."""
        ward = world.organisation("Ward 7", "anna", "bert", "carl")
        bert, carl = world.person("bert"), place_of(world, ward, "carl")

        with pytest.raises(Forbidden, match="needed a manager of its organisation"):
            bert.remove_member(ward, carl.id)
        left = bert.remove_member(ward, place_of(world, ward, "bert").id)
        removed = world.person("anna").remove_member(ward, carl.id)

        assert (left.email, removed.id) == (email_of("bert"), carl.id)
        assert [member.email for member in world.person("anna").members(ward)] == [email_of("anna")]
        for former in (bert, world.person("carl")):
            with pytest.raises(NotFound, match=f"found no organisation {ward}"):
                former.organisation(ward)
            with pytest.raises(NotFound, match="found no place for you"):
                former.join(ward)
        assert enter(world, ward, "bert", Role.READER).id == left.id

    def test_in_a_person_s_own_organisation_is_nobody_else_s(self, world: World) -> None:
        """An organisation of one takes no members."""
        anna = world.person("anna")
        home = anna.me().organisation_id

        with pytest.raises(Conflict, match="a person's own organisation has no other members"):
            anna.offer_place(home, MemberIn(email=email_of("bert")))

        assert anna.organisation(home).is_personal


class TestRole:
    def test_says_what_one_does(self, world: World) -> None:
        """A reader reads; a member registers too; a manager appoints too: each for the organisation only."""
        ward = world.organisation("Ward 7", "anna")
        enter(world, ward, "reader", Role.READER)
        enter(world, ward, "member", Role.MEMBER)
        reader, member = world.person("reader"), world.person("member")

        cube = register_for(member, ward)

        assert (cube.organisation_id, len(reader.members(ward))) == (ward, 3)
        with pytest.raises(Forbidden, match=r"you act as reader .*, needed a member"):
            reader.change_cube(cube.id, CubeChange(name="other"), revision=1)
        with pytest.raises(Forbidden, match=r"you act as reader .*, needed a member"):
            register_for(reader, ward, "another")
        for who, role in ((reader, "reader"), (member, "member")):
            with pytest.raises(Forbidden, match=rf"you act as {role} .*, needed a manager"):
                who.offer_place(ward, MemberIn(email=email_of("eve")))
            with pytest.raises(Forbidden, match=rf"you act as {role} .*, needed a manager"):
                who.change_organisation(ward, OrganisationChange(name="Mine"), revision=1)

    def test_of_a_decider_decides(self, world: World) -> None:
        """What an organisation is asked is decided by its deciders, and not by its members."""
        committee = world.organisation("Committee", "committee", "decider")
        anna = world.person("committee")
        world.person("member")
        anna.offer_place(committee, MemberIn(email=email_of("member"), role=Role.MEMBER))
        world.person("member").join(committee)
        approval = model_waits(world, committee)

        with pytest.raises(Forbidden, match="is for the committee to decide"):
            world.grant(world.person("member"), approval.id)
        granted = world.grant(world.person("decider"), approval.id)

        assert granted.status == ApprovalStatus.GRANTED
        assert granted.decided_by == world.person("decider").me().id

    def test_changes_at_once(self, world: World) -> None:
        """A manager gives another role, which counts from the member's next request on."""
        ward = world.organisation("Ward 7", "anna", "bert")

        lowered = MemberIn(email=email_of("bert"), role=Role.READER)
        place = world.person("anna").offer_place(ward, lowered)

        assert (place.role, place.user_id) == (Role.READER, world.person("bert").me().id)
        with pytest.raises(Forbidden, match="you act as reader"):
            register_for(world.person("bert"), ward)

    def test_of_an_administrator_is_nobody_s_to_give(self, world: World) -> None:
        """No member is an administrator of the registry."""
        ward = world.organisation("Ward 7", "anna")
        wanted = MemberIn(email=email_of("bert"), role=Role.ADMINISTRATOR)

        with pytest.raises(InvalidInput, match="needed reader, member, decider or manager"):
            world.person("anna").offer_place(ward, wanted)


class TestProperty:
    def test_is_every_member_s_to_edit(self, world: World) -> None:
        """What one member registered for the organisation another one edits; a stranger does not."""
        ward = world.organisation("Ward 7", "anna", "bert")
        cube = register_for(world.person("anna"), ward)

        edited = world.person("bert").change_cube(cube.id, CubeChange(name="newer"), revision=1)

        assert (edited.name, edited.organisation_id, edited.revision) == ("newer", ward, 2)
        with pytest.raises(Forbidden, match=f"cube {cube.id} is somebody else's"):
            world.person("eve").change_cube(cube.id, CubeChange(name="mine"), revision=2)
        with pytest.raises(NotFound, match=f"found no organisation {ward}"):
            register_for(world.person("eve"), ward, "another")

    def test_is_not_added_to_what_was_withdrawn(self, world: World) -> None:
        """Nothing new is registered for an organisation that its manager has withdrawn."""
        ward = world.organisation("Ward 7", "anna")
        anna = world.person("anna")
        anna.change_organisation(ward, OrganisationChange(is_valid=False), revision=1)

        with pytest.raises(Conflict, match=f"organisation {ward} is withdrawn"):
            register_for(anna, ward)
