"""A decision takes a fresh sign-in: made there and then at a terminal, asked for by name in a script."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp

from cube_specs.models import CubeKind
from rounds.records.approvals import ApprovalStatus
from rounds.records.people import OrganisationChange, Role
from rounds.secret_files import write_secret
from tests.contract.command_line.desk import sit_down, sit_down_with_token
from tests.contract.command_line.screen import Screen, before_screen
from tests.contract.command_line.terminal import ROUNDS, Terminal
from tests.contract.registry.builders import make_cube
from tests.contract.registry.world import PASSWORD, World, email_of

LATER_S = 16 * 60


@contextmanager
def before(terminal: Terminal, *arguments: str) -> Iterator[Screen]:
    """The same person before a real terminal, at which `rounds <arguments>` was started."""
    variables = {"HOME": str(terminal.home), **terminal.variables}
    with before_screen(str(ROUNDS), *arguments, variables=variables) as screen:
        yield screen


def ask_administrator(world: World) -> int:
    """The id of an approval that waits for the administrator."""
    return world.propose().approval_id


def code_of(world: World, secret: str) -> str:
    """What an authenticator with this secret shows by the registry's clock."""
    return pyotp.TOTP(secret).at(world.served.clock.now)


class TestAtTerminal:
    def test_is_made_there_and_then(self, world: World, tmp_path: Path) -> None:
        """Whoever signed in too long ago types the password, and the decision goes on; the session is kept."""
        admin = sit_down(world, tmp_path / "admin", "admin")
        approval = ask_administrator(world)
        old = admin.token_file.read_text()
        world.advance(LATER_S)

        with before(admin, "approval", "approve", str(approval), "--yes") as screen:
            screen.wait_for("the sign-in is older than 15 minutes, needed a fresh one")
            screen.wait_for("Password: ")
            screen.write(f"{PASSWORD}\n")
            status = screen.end()

        assert status == 0
        assert screen.shown.endswith(f"approval {approval} is GRANTED\n")
        assert PASSWORD not in screen.shown
        assert admin.token_file.read_text() != old
        assert world.client(admin.token_file.read_text()).me().email == email_of("admin")

    def test_is_made_for_what_decides_by_another_road(self, world: World, tmp_path: Path) -> None:
        """A rule in place of a person, another metrics cube, a new administrator: each asks, and then is done."""
        admin = sit_down(world, tmp_path / "admin", "admin")
        owner = sit_down(world, tmp_path / "owner", "owner")
        committee = sit_down(world, tmp_path / "committee", "committee")
        benchmark, dataset = world.ready()
        judge = world.person("committee").register_cube(make_cube("judge", CubeKind.METRICS))
        asked = [
            (owner, ("dataset", "set", str(dataset.id), "--results", "always")),
            (committee, ("benchmark", "metrics", str(benchmark.id), str(judge.id))),
            (admin, ("user", "invite", "2", str(tmp_path / "again"))),
            (admin, ("user", "set", "2", "--administrator")),
        ]

        statuses = []
        for terminal, arguments in asked:
            world.advance(LATER_S)
            with before(terminal, *arguments, "--yes") as screen:
                screen.wait_for("Password: ")
                screen.write(f"{PASSWORD}\n")
                statuses.append(screen.end())

        assert statuses == [0] * len(asked)
        assert world.admin.user(2).is_admin

    def test_can_be_given_up(self, world: World, tmp_path: Path) -> None:
        """Ctrl-C at the password decides nothing and ends with 1; a wrong password with 8."""
        admin = sit_down(world, tmp_path / "admin", "admin")
        approval = ask_administrator(world)
        world.advance(LATER_S)
        ended = []

        for given_up in (True, False):
            with before(admin, "approval", "approve", str(approval), "--yes") as screen:
                screen.wait_for("Password: ")
                if given_up:
                    screen.interrupt()
                else:
                    screen.write("a wrong one entirely\n")
                ended.append(screen.end())

        assert ended == [1, 8]
        assert world.admin.approval(approval).status is ApprovalStatus.PENDING

    def test_asks_for_the_code_of_a_second_factor(self, world: World, tmp_path: Path) -> None:
        """Who has a second factor types its code after the password; it is not shown."""
        admin = sit_down(world, tmp_path / "admin", "admin")
        offered = admin.run("second-factor", "offer")
        secret = dict(line.split("\t") for line in offered.said.splitlines())["secret"]
        confirmed = admin.run("second-factor", "confirm", code_of(world, secret))
        world.served.clock.advance(30)

        with before(admin, "sign-in", email_of("admin")) as screen:
            screen.wait_for("Password: ")
            screen.write(f"{PASSWORD}\n")
            screen.wait_for("One-time code: ")
            screen.write(f"{code_of(world, secret)}\n")
            status = screen.end()

        assert confirmed.said.endswith("in force; next: rounds sign-in admin@example.org\n")
        assert status == 0
        assert screen.shown.endswith("signed in as admin@example.org, user 1\n")
        assert code_of(world, secret) not in screen.shown


class TestInScript:
    def test_is_asked_for_by_name(self, world: World, tmp_path: Path) -> None:
        """Without a terminal nothing is decided: 8, and the command that helps; after it, it goes."""
        admin = sit_down(world, tmp_path / "admin", "admin")
        approval = str(ask_administrator(world))
        world.advance(LATER_S)
        write_secret(admin.home / "password", PASSWORD)

        stale = admin.run("approval", "approve", approval, "--yes")
        admin.run("sign-in", email_of("admin"), "--password-file", "password")
        fresh = admin.run("approval", "approve", approval, "--yes")

        assert stale.status == 8
        assert "[stale_sign_in] the sign-in is older than 15 minutes" in stale.complained
        assert stale.complained.endswith("(rounds sign-in EMAIL)\n")
        assert fresh.said == f"approval {approval} is GRANTED\n"

    def test_is_never_a_token(self, world: World, tmp_path: Path) -> None:
        """An API token decides nothing, whatever its role."""
        approval = str(ask_administrator(world))
        script = sit_down_with_token(world, tmp_path / "script", "admin", Role.ADMINISTRATOR)

        ended = script.run("approval", "approve", approval, "--yes")

        assert ended.status == 8
        assert "needed a person's own sign-in" in ended.complained


class TestSecondFactor:
    def test_that_is_missing_is_told_how_to_get(self, world: World, tmp_path: Path) -> None:
        """Where the organisation asks for codes and the person has none, signing in again is no help."""
        club = world.organisation("Club", "committee")
        committee = world.person("committee")
        benchmark = world.approved_benchmark(organisation_id=club)
        dataset = world.operational(benchmark)
        asked = world.person("owner").associate(world.wish(benchmark, dataset_id=dataset.id))
        change = OrganisationChange(second_factor=True)
        committee.change_organisation(club, change, revision=committee.organisation(club).revision)
        member = sit_down(world, tmp_path / "committee", "committee")

        with before(member, "association", "approve", str(asked.id), "--yes") as screen:
            status = screen.end()

        assert status == 8
        assert "found no second factor, needed one, as the organisation asks" in screen.shown
        assert "run rounds second-factor offer" in screen.shown

    def test_that_was_lost_is_dropped_by_an_administrator(
        self, world: World, tmp_path: Path
    ) -> None:
        """Somebody without their authenticator signs in by password alone again."""
        owner = sit_down(world, tmp_path / "owner")
        admin = sit_down(world, tmp_path / "admin", "admin")
        secret = owner.run("second-factor", "offer").said.split()[1]
        owner.run("second-factor", "confirm", code_of(world, secret))

        ended = admin.run("second-factor", "drop", "2", typed="y\n")

        assert ended.said == "user 2 signs in by password alone\n"
        assert not world.admin.user(2).has_second_factor
        assert not owner.token_file.exists()
