"""The first release's people become members of organisations, their tokens' scopes roles."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from registry_api.auth import authenticate
from registry_api.models import OrganisationRow, TokenRow, UserRow
from rounds.errors import SignInNeeded
from rounds.records.people import Role

SECRET = "rnd_a-token-of-the-first-release"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class TestPeople:
    def test_have_an_organisation_of_one(self, session: Session) -> None:
        """Each user gets a personal organisation with the user's name and number."""
        users = session.exec(select(UserRow)).all()

        homes = [session.get_one(OrganisationRow, user.organisation_id) for user in users]

        assert [(home.id, home.name) for home in homes] == [(user.id, user.name) for user in users]
        assert all(home.is_personal and home.name_key is None for home in homes)

    def test_have_no_password(self, session: Session) -> None:
        """Nobody has a password that nobody chose."""
        user = session.get_one(UserRow, 1)

        held = (user.password_hash, user.totp_secret, user.issuer, user.subject)

        assert held == (None, None, None, None)
        assert (user.is_admin, user.is_valid, user.revision) == (True, True, 1)


class TestTokens:
    def test_go_on_working(self, session: Session) -> None:
        """A secret that was handed out signs its user in as before, an administrator as one."""
        who = authenticate(session, SECRET, NOW)

        assert (who.user_id, who.is_admin, who.cap) == (1, True, Role.ADMINISTRATOR)

    @pytest.mark.parametrize(
        ("label", "role"),
        [
            ("reads", Role.READER),
            ("site", Role.DECIDER),
            ("admin without deciding", Role.MEMBER),
            ("admin at a site", Role.DECIDER),
            ("init", Role.ADMINISTRATOR),
        ],
    )
    def test_have_the_role_of_their_scopes(self, session: Session, label: str, role: Role) -> None:
        """To read is a reader's, to write a member's, to decide a decider's or an administrator's."""
        token = session.exec(select(TokenRow).where(TokenRow.label == label)).one()

        found = (token.role, token.kind, token.is_valid, token.revoked_at)

        assert found == (role, "api", True, None)

    @pytest.mark.parametrize("label", ["nothing", "revoked"])
    def test_that_could_do_nothing_are_revoked(self, session: Session, label: str) -> None:
        """Without a scope, or revoked before, a token stays good for nothing."""
        token = session.exec(select(TokenRow).where(TokenRow.label == label)).one()

        assert token.revoked_at is not None
        assert not token.is_valid

    def test_without_a_secret_do_not_sign_in(self, session: Session) -> None:
        """No token comes of the migration that was not there."""
        with pytest.raises(SignInNeeded, match="the token is unknown"):
            authenticate(session, SECRET[:-1], NOW)
