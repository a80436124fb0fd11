"""The client's part for people: signing in, tokens, organisations."""

from rounds.client.connection import Connection
from rounds.records.people import (
    Acceptance,
    CodeGiven,
    Member,
    MemberIn,
    Organisation,
    OrganisationChange,
    OrganisationIn,
    PasswordChange,
    SecondFactor,
    SignIn,
    Token,
    TokenIn,
    TokenKind,
    User,
    UserChange,
    UserIn,
)


class People(Connection):
    """People, their tokens and their organisations; each method is one route."""

    def sign_in(self, given: SignIn) -> Token:
        """A session, its secret shown this once; needs no token.

        Raises:
            SignInNeeded: E-mail, password or code is wrong, or there were too many tries.
        """
        return self._post(Token, "/sign-in", given)

    def accept_invitation(self, given: Acceptance) -> Token:
        """A session of who was invited, with the password they chose; needs no token."""
        return self._post(Token, "/sign-in/invitation", given)

    def sign_out(self) -> Token:
        """The very token that asks, good for nothing from now on."""
        return self._post(Token, "/sign-out")

    def change_password(self, change: PasswordChange) -> Token:
        """A new session, the only one left."""
        return self._put(Token, "/users/me/password", change)

    def offer_second_factor(self) -> SecondFactor:
        """A second factor to put into an authenticator, shown this once."""
        return self._post(SecondFactor, "/users/me/second-factor")

    def confirm_second_factor(self, code: str) -> User:
        """Oneself, with the second factor in force; every session ends."""
        return self._put(User, "/users/me/second-factor", CodeGiven(code=code))

    def drop_second_factor(self, user_id: int) -> User:
        """The person, without a second factor; administrators only."""
        return self._delete(User, f"/users/{user_id}/second-factor")

    def add_user(self, user: UserIn) -> User:
        """A new person; administrators only."""
        return self._post(User, "/users", user)

    def invite(self, user_id: int) -> Token:
        """The secret with which a person sets a password; administrators only."""
        return self._post(Token, f"/users/{user_id}/invitation")

    def users(self, *, email: str | None = None) -> list[User]:
        """The people you may know of, by id."""
        return self._list(User, "/users", email=email)

    def user(self, user_id: int) -> User:
        """One person."""
        return self._get(User, f"/users/{user_id}")

    def me(self) -> User:
        """Whose token this is."""
        return self._get(User, "/users/me")

    def change_user(self, user_id: int, change: UserChange, *, revision: int) -> User:
        """The person, changed from the revision that was read."""
        return self._patch(User, f"/users/{user_id}", change, revision=revision)

    def mint_token(self, user_id: int, token: TokenIn) -> Token:
        """A new token of your own, its secret shown this once."""
        return self._post(Token, f"/users/{user_id}/tokens", token)

    def tokens(self, *, kind: TokenKind | None = None) -> list[Token]:
        """Your own tokens, by id and without their secrets."""
        return self._list(Token, "/tokens", kind=kind)

    def revoke_token(self, token_id: int) -> Token:
        """The token, good for nothing from now on."""
        return self._delete(Token, f"/tokens/{token_id}")

    def found_organisation(self, organisation: OrganisationIn) -> Organisation:
        """A new organisation, whose manager you are."""
        return self._post(Organisation, "/organisations", organisation)

    def organisations(self) -> list[Organisation]:
        """Your organisations, and those that offered you a place, by id."""
        return self._list(Organisation, "/organisations")

    def organisation(self, organisation_id: int) -> Organisation:
        """One organisation."""
        return self._get(Organisation, f"/organisations/{organisation_id}")

    def change_organisation(
        self, organisation_id: int, change: OrganisationChange, *, revision: int
    ) -> Organisation:
        """The organisation, changed from the revision that was read."""
        path = f"/organisations/{organisation_id}"
        return self._patch(Organisation, path, change, revision=revision)

    def members(self, organisation_id: int) -> list[Member]:
        """Who belongs to an organisation, or was offered a place, by id."""
        return self._list(Member, f"/organisations/{organisation_id}/members")

    def offer_place(self, organisation_id: int, member: MemberIn) -> Member:
        """A place for whoever has the e-mail, theirs once they accept."""
        return self._post(Member, f"/organisations/{organisation_id}/members", member)

    def join(self, organisation_id: int) -> Member:
        """The place that was offered to you, accepted."""
        return self._post(Member, f"/organisations/{organisation_id}/membership")

    def remove_member(self, organisation_id: int, member_id: int) -> Member:
        """The place, given up or taken back."""
        return self._delete(Member, f"/organisations/{organisation_id}/members/{member_id}")
