"""The second factor: a one-time code beside the password."""

import httpx
import pytest

from rounds.errors import Code, Conflict, SignInNeeded
from rounds.records.approvals import ApprovalStatus
from rounds.records.people import PasswordChange, SignIn, TokenIn
from tests.contract.registry.authenticator import Authenticator, enrol
from tests.contract.registry.world import PASSWORD, World, email_of

WRONG = "e-mail, password or code is wrong"
NO_CODE = "needed the one-time code of your second factor too"
CHOSEN = "nine white storks at noon"


class TestEnrolment:
    def test_is_in_force_once_it_is_confirmed(self, world: World) -> None:
        """An offered second factor is asked for by no sign-in until a code of it was given back."""
        owner = world.person("owner")

        offered = owner.offer_second_factor()
        authenticator = Authenticator(offered.secret, world.served.clock)
        before = world.sign_in("owner").me()
        after = owner.confirm_second_factor(authenticator.code())

        assert offered.uri.startswith("otpauth://totp/Rounds:owner%40example.org?secret=")
        assert offered.secret in offered.uri
        assert (before.has_second_factor, after.has_second_factor) == (False, True)
        with pytest.raises(SignInNeeded, match=NO_CODE):
            world.sign_in("owner")

    def test_ends_every_session(self, world: World) -> None:
        """Sessions that were opened without the second factor end when it comes into force."""
        owner = world.person("owner")

        enrol(world, owner)

        with pytest.raises(SignInNeeded, match="the token was revoked"):
            owner.me()

    def test_takes_a_right_code(self, world: World) -> None:
        """A wrong code confirms nothing, and there is nothing to confirm that was not offered."""
        owner = world.person("owner")

        with pytest.raises(Conflict, match="found no second factor to confirm"):
            owner.confirm_second_factor("123456")
        authenticator = Authenticator(owner.offer_second_factor().secret, world.served.clock)
        with pytest.raises(SignInNeeded, match="not of the second factor that was offered"):
            owner.confirm_second_factor(authenticator.wrong_code())

        assert not owner.me().has_second_factor

    def test_is_shown_once(self, world: World) -> None:
        """Each offer is another one, and only the last can be confirmed."""
        owner = world.person("owner")
        first, last = owner.offer_second_factor(), owner.offer_second_factor()

        with pytest.raises(SignInNeeded, match="not of the second factor that was offered"):
            owner.confirm_second_factor(Authenticator(first.secret, world.served.clock).code())
        user = owner.confirm_second_factor(Authenticator(last.secret, world.served.clock).code())

        assert user.has_second_factor

    def test_takes_a_person_who_has_just_signed_in(self, world: World) -> None:
        """Neither a program nor a screen left open puts in a second factor of its own."""
        owner, program = world.person("owner"), world.client(world.token("owner"))

        with pytest.raises(SignInNeeded, match="found an API token"):
            program.offer_second_factor()
        world.served.clock.advance(15 * 60 + 1)
        with pytest.raises(SignInNeeded, match="older than 15 minutes"):
            owner.offer_second_factor()

    def test_of_a_new_one_takes_the_present_one(self, world: World) -> None:
        """Who came in without the code, by an invitation, cannot replace the second factor."""
        owner = world.person("owner")
        user_id = owner.me().id
        authenticator = enrol(world, owner)
        without = world.accept(world.admin.invite(user_id).secret or "")

        with pytest.raises(SignInNeeded, match="found a sign-in without a one-time code"):
            without.offer_second_factor()
        replacing = world.sign_in("owner", code=authenticator.next_code())

        enrol(world, replacing)


class TestSignIn:
    def test_takes_password_and_code(self, world: World) -> None:
        """With a second factor in force a sign-in takes both; what is wrong of them is not said."""
        authenticator = enrol(world, world.person("owner"))
        code = authenticator.next_code()

        with pytest.raises(SignInNeeded, match=WRONG):
            world.sign_in("owner", code=authenticator.wrong_code())
        with pytest.raises(SignInNeeded, match=WRONG):
            world.client("").sign_in(SignIn(email=email_of("owner"), password="no", code=code))
        with pytest.raises(SignInNeeded, match=NO_CODE) as missing:
            world.sign_in("owner")

        assert missing.value.code == Code.SECOND_FACTOR
        assert world.sign_in("owner", code=code).me().has_second_factor

    def test_is_asked_for_a_code_only_after_the_password(self, world: World) -> None:
        """Who does not know the password does not learn whether there is a second factor."""
        enrol(world, world.person("owner"))
        given = SignIn(email=email_of("owner"), password="a word that was guessed")

        with pytest.raises(SignInNeeded, match=WRONG) as caught:
            world.client("").sign_in(given)

        assert caught.value.code == Code.SIGN_IN

    def test_takes_each_code_once(self, world: World) -> None:
        """A code that was seen over a shoulder is worth nothing, nor is the one that was confirmed with."""
        authenticator = enrol(world, world.person("owner"))

        with pytest.raises(SignInNeeded, match=WRONG):
            world.sign_in("owner", code=authenticator.code())
        code = authenticator.next_code()
        session = world.sign_in("owner", code=code)
        with pytest.raises(SignInNeeded, match=WRONG):
            world.sign_in("owner", code=code)

        assert session.me() == world.sign_in("owner", code=authenticator.next_code()).me()

    def test_pauses_after_wrong_codes(self, world: World) -> None:
        """Codes are guessed no quicker than passwords, by who knows the password."""
        authenticator = enrol(world, world.person("owner"))
        given = SignIn(email=email_of("owner"), password=PASSWORD, code=authenticator.wrong_code())
        url = f"{world.served.url}/api/v1/sign-in"

        statuses = [
            httpx.post(url, json=given.model_dump(mode="json")).status_code for _ in range(7)
        ]

        assert statuses == [401] * 6 + [429]


class TestDecision:
    def test_of_who_has_one_takes_the_code(self, world: World) -> None:
        """Who has a second factor decides by it, whether an organisation asks for it or not."""
        authenticator = enrol(world, world.admin)
        world.people["admin"] = world.sign_in("admin", code=authenticator.next_code())
        approval_id = world.propose().approval_id
        without = world.accept(world.admin.invite(world.admin.me().id).secret or "")

        with pytest.raises(SignInNeeded, match="as you have a second factor") as caught:
            world.grant(without, approval_id)
        certain = world.sign_in("admin", code=authenticator.next_code())

        assert caught.value.code == Code.SECOND_FACTOR
        assert world.grant(certain, approval_id).status is ApprovalStatus.GRANTED

    def test_takes_the_code_again_after_a_new_password(self, world: World) -> None:
        """A changed password carries no one-time code into the new session, nor into one after that."""
        authenticator = enrol(world, world.person("owner"))
        before = world.sign_in("owner", code=authenticator.next_code())

        token = before.change_password(PasswordChange(old=PASSWORD, new=CHOSEN))
        after = world.client(token.secret or "")

        with pytest.raises(SignInNeeded, match="found a sign-in without a one-time code"):
            after.change_password(PasswordChange(old=CHOSEN, new=PASSWORD))
        with pytest.raises(SignInNeeded, match="found a sign-in without a one-time code"):
            after.mint_token(token.user_id, TokenIn(label="mine"))
