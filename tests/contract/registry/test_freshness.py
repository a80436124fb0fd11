"""Decisions take a person who has just signed in, as surely as the organisation asks for."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from rounds.client.registry import RegistryClient
from rounds.errors import Code, Forbidden, SignInNeeded
from rounds.records.approvals import ApprovalStatus
from rounds.records.people import (
    OrganisationChange,
    OrganisationIn,
    PasswordChange,
    Role,
    UserChange,
)
from tests.contract.registry.authenticator import enrol
from tests.contract.registry.committees import model_waits
from tests.contract.registry.wishes import decision_on
from tests.contract.registry.world import PASSWORD, World

QUARTER_HOUR_S = 15 * 60
CHOSEN = "nine white storks at noon"


def appoint(world: World, name: str) -> RegistryClient:
    """Somebody whom the administrator has made one too."""
    user = world.person(name).me()
    world.admin.change_user(user.id, UserChange(is_admin=True), revision=user.revision)
    world.people[name] = world.sign_in(name)
    return world.person(name)


def sign_out(world: World) -> None:
    """End the session of the second administrator."""
    world.person("second").sign_out()


def change_password(world: World) -> None:
    """End it by a new password."""
    world.person("second").change_password(PasswordChange(old=PASSWORD, new=CHOSEN))


def invite_anew(world: World) -> None:
    """End it by an invitation that is accepted."""
    user = world.person("second").me()
    world.accept(world.admin.invite(user.id).secret or "")


class TestDecision:
    def test_takes_a_sign_in_of_the_last_quarter_hour(self, world: World) -> None:
        """A sign-in is good for decisions for 15 minutes; after that one signs in again."""
        benchmark = world.propose()
        approval = world.admin.approval(benchmark.approval_id)
        decision = decision_on(approval)

        world.served.clock.advance(QUARTER_HOUR_S)
        code = world.admin.mint_code(approval.id, decision)
        world.served.clock.advance(1)
        with pytest.raises(SignInNeeded, match="the sign-in is older than 15 minutes") as caught:
            world.admin.decide(approval.id, decision)
        with pytest.raises(SignInNeeded, match="the sign-in is older than 15 minutes"):
            world.admin.mint_code(approval.id, decision)

        assert code.code
        assert caught.value.code == Code.STALE_SIGN_IN
        assert world.sign_in("admin").decide(approval.id, decision).status == ApprovalStatus.GRANTED

    @pytest.mark.parametrize("role", [Role.DECIDER, Role.MANAGER])
    def test_is_no_program_s(self, world: World, role: Role) -> None:
        """An API token decides nothing, whatever its role, and takes back no decision."""
        committee = world.organisation("Committee", "committee")
        approval = model_waits(world, committee)
        program = world.client(world.token("committee", role))

        with pytest.raises(SignInNeeded, match="found an API token") as caught:
            program.decide(approval.id, decision_on(approval))
        granted = world.grant(world.person("committee"), approval.id)
        with pytest.raises(SignInNeeded, match="found an API token"):
            program.revoke_approval(approval.id)

        assert caught.value.code == Code.STALE_SIGN_IN
        assert program.approval(approval.id) == granted

    def test_is_not_prolonged_by_work(self, world: World) -> None:
        """What one does in between makes a sign-in no fresher."""
        benchmark = world.propose()
        approval = world.admin.approval(benchmark.approval_id)

        for _ in range(2):
            world.served.clock.advance(QUARTER_HOUR_S - 60)
            world.admin.me()

        with pytest.raises(SignInNeeded, match="the sign-in is older than 15 minutes"):
            world.admin.decide(approval.id, decision_on(approval))


class TestCode:
    """A one-time code stands for a sign-in, and outlives it in no way."""

    def test_ends_with_its_sign_in(self, world: World) -> None:
        """A code that was minted late is good for what is left of the sign-in's 15 minutes."""
        benchmark = world.propose()
        approval = world.admin.approval(benchmark.approval_id)
        signed_in_at = world.served.clock.now
        world.served.clock.advance(QUARTER_HOUR_S - 60)

        minted = world.sign_in("admin"), world.admin.mint_code(approval.id, decision_on(approval))
        world.served.clock.advance(61)

        assert minted[1].expires_at <= signed_in_at + timedelta(seconds=QUARTER_HOUR_S)
        with pytest.raises(Forbidden, match="the code is unknown, used or expired"):
            minted[0].redeem(approval.id, minted[1].code)

    @pytest.mark.parametrize("end", [sign_out, change_password, invite_anew])
    def test_ends_with_its_session(self, world: World, end: Callable[[World], None]) -> None:
        """Once the session is ended, its codes decide nothing any more."""
        benchmark = world.propose()
        second = appoint(world, "second")
        approval = second.approval(benchmark.approval_id)
        code = second.mint_code(approval.id, decision_on(approval)).code

        end(world)

        with pytest.raises(Forbidden, match="who minted the code signed out since"):
            world.admin.redeem(approval.id, code)
        assert world.admin.approval(approval.id).status is ApprovalStatus.PENDING

    def test_stays_ended_with_a_closed_account(self, world: World) -> None:
        """An account that is opened again within the quarter hour has no codes from before."""
        benchmark = world.propose()
        second = appoint(world, "second")
        approval, user = second.approval(benchmark.approval_id), second.me()
        code = second.mint_code(approval.id, decision_on(approval)).code

        for change in (UserChange(is_valid=False), UserChange(is_valid=True)):
            revision = world.admin.user(user.id).revision
            world.admin.change_user(user.id, change, revision=revision)

        with pytest.raises(Forbidden, match="who minted the code signed out since"):
            world.admin.redeem(approval.id, code)


class TestOrganisation:
    def test_may_ask_for_the_second_factor(self, world: World) -> None:
        """Where an organisation asks for it, only a sign-in with a one-time code decides."""
        wanted = OrganisationIn(name="Committee", second_factor=True)
        committee = world.person("committee").found_organisation(wanted)
        approval = model_waits(world, committee.id)

        with pytest.raises(SignInNeeded, match="as the organisation asks; sign in again") as caught:
            world.grant(world.person("committee"), approval.id)
        authenticator = enrol(world, world.person("committee"))
        certain = world.sign_in("committee", code=authenticator.next_code())

        assert caught.value.code == Code.SECOND_FACTOR
        assert world.grant(certain, approval.id).status == ApprovalStatus.GRANTED

    def test_keeps_asking_until_somebody_with_the_code_says_otherwise(self, world: World) -> None:
        """Neither a program nor a sign-in without the code gives up the second factor that is asked for."""
        wanted = OrganisationIn(name="Committee", second_factor=True)
        committee = world.person("committee").found_organisation(wanted)
        program = world.client(world.token("committee", Role.MANAGER))
        change = OrganisationChange(second_factor=False)

        with pytest.raises(SignInNeeded, match="found an API token"):
            program.change_organisation(committee.id, change, revision=1)
        with pytest.raises(SignInNeeded, match="found a sign-in without a one-time code"):
            world.person("committee").change_organisation(committee.id, change, revision=1)
        authenticator = enrol(world, world.person("committee"))
        certain = world.sign_in("committee", code=authenticator.next_code())

        assert not certain.change_organisation(committee.id, change, revision=1).second_factor
