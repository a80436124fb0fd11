"""People, their organisations and their tokens: made, shown, changed and ended at a terminal."""

import stat
from pathlib import Path

import pytest

from rounds.errors import SignInNeeded
from rounds.records.people import Role, TokenKind
from rounds.secret_files import write_secret
from tests.contract.command_line.desk import sit_down
from tests.contract.command_line.terminal import Terminal
from tests.contract.registry.world import PASSWORD, World, email_of


@pytest.fixture
def admin(world: World, tmp_path: Path) -> Terminal:
    """The administrator's terminal."""
    return sit_down(world, tmp_path / "admin", "admin")


class TestUser:
    def test_is_added_and_invited(self, world: World, admin: Terminal) -> None:
        """What is sent is shown first; the invitation is in a 0600 file, opens the door, and is shown nowhere."""
        made = admin.run(
            "user", "add", "Eve", "eve@example.org", "--invitation-file", "new/eve", typed="y\n"
        )
        ended = admin.run("user", "invite", "2", "again", typed="y\n")

        file = admin.home / "again"
        write_secret(admin.home / "password", PASSWORD)
        eve = Terminal(admin.home / "eve", url=world.served.url)
        asked = ("--invitation", str(file), "--password-file", str(admin.home / "password"))
        assert made.complained.startswith('{\n  "email": "eve@example.org",\n  "name": "Eve"\n}\n')
        assert made.said.startswith("user 2\ninvitation of user 2, until ")
        assert (admin.home / "new" / "eve").exists()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text() not in ended.said + ended.complained
        assert eve.run("sign-in", *asked).said == "signed in as eve@example.org, user 2\n"

    def test_is_changed_and_closed(self, world: World, admin: Terminal) -> None:
        """A change says from which revision; a closed account's sessions end at once."""
        owner = world.person("owner")

        named = admin.run("user", "set", "2", "--name", "Olivia", typed="y\n")
        closed = admin.run("user", "close", "2", "--yes")

        assert "Change user 2, which is at revision " in named.complained
        assert closed.status == 0
        with pytest.raises(SignInNeeded, match=r"was (revoked|closed)"):
            owner.me()
        assert "2\tOlivia\t" in admin.run("user", "list", "--not-valid").said

    def test_is_not_added_by_somebody_else(self, world: World, tmp_path: Path) -> None:
        """Only administrators add people: 7."""
        owner = sit_down(world, tmp_path / "owner")

        ended = owner.run("user", "add", "Eve", "eve@example.org", "--yes")

        assert ended.status == 7
        assert "[forbidden]" in ended.complained


class TestOrganisation:
    def test_takes_people_in_and_lets_them_go(self, world: World, tmp_path: Path) -> None:
        """Found it, offer a place, join it, show who belongs, and remove one."""
        founder = sit_down(world, tmp_path / "founder", "founder")
        guest = sit_down(world, tmp_path / "guest", "guest")

        founded = founder.run("org", "found", "Club", typed="y\n")
        number = founded.said.split()[-1]
        offered = founder.run(
            "org", "offer", number, email_of("guest"), "--role", "decider", typed="y\n"
        )
        joined = guest.run("org", "join", number, typed="y\n")
        members = [
            line.split("\t") for line in guest.run("org", "members", number).said.splitlines()
        ]
        removed = founder.run("org", "remove", number, members[1][0], typed="y\n")

        assert '"role": "decider"' in offered.complained
        assert joined.said == f"you are a decider of organisation {number}\n"
        assert [row[1:3] for row in members] == [
            [email_of("founder"), "manager"],
            [email_of("guest"), "decider"],
        ]
        assert removed.said == f"member {members[1][0]} has left organisation {number}\n"

    def test_is_changed_by_its_manager(self, world: World, tmp_path: Path) -> None:
        """What changes is shown, and only that."""
        founder = sit_down(world, tmp_path / "founder", "founder")
        number = str(world.organisation("Club", "founder"))

        ended = founder.run("org", "set", number, "--second-factor", typed="y\n")

        assert ended.complained.startswith('{\n  "second_factor": true\n}\n')
        assert "second_factor\tyes" in founder.run("org", "show", number).said.splitlines()


class TestToken:
    def test_goes_into_a_file_of_ones_own(self, world: World, tmp_path: Path) -> None:
        """A minted secret is in a 0600 file, acts as it was capped, and was shown nowhere."""
        owner = sit_down(world, tmp_path / "owner")
        file = tmp_path / "tokens" / "worker"
        asked = ("--role", "reader", "--site", "site-a", "--days", "7")

        ended = owner.run("token", "mint", str(file), *asked, typed="y\n")

        secret = file.read_text()
        (token,) = world.person("owner").tokens(kind=TokenKind.API)
        assert (token.label, token.role, token.site) == ("worker", Role.READER, "site-a")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert world.client(secret).me().email == email_of("owner")
        assert '"ttl_s": 604800' in ended.complained
        assert secret not in ended.said + ended.complained

    def test_is_not_minted_without_a_place(self, world: World, tmp_path: Path) -> None:
        """A file that cannot be written ends with 1 in one line and its path below, before any minting."""
        owner = sit_down(world, tmp_path / "owner")

        ended = owner.run("token", "mint", str(owner.token_file / "worker"), "--yes")

        assert ended.status == 1
        assert "rounds: [unexpected] found 'File exists' on the disk" in ended.complained
        assert ended.complained.splitlines()[-1] == str(owner.token_file)
        assert world.person("owner").tokens(kind=TokenKind.API) == []

    def test_is_revoked(self, world: World, tmp_path: Path) -> None:
        """A revoked token opens nothing, and says so in the list."""
        secret = world.token("owner")
        owner = sit_down(world, tmp_path / "owner")
        (token,) = world.person("owner").tokens(kind=TokenKind.API)

        ended = owner.run("token", "revoke", str(token.id), typed="y\n")

        assert ended.said == f"token {token.id} is good for nothing any more\n"
        assert owner.run("token", "list", "--kind", "api", "--valid").said == ""
        with pytest.raises(SignInNeeded, match="was revoked"):
            world.client(secret).me()
