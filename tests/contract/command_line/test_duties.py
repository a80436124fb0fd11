"""What can be done with an approval beside deciding it, and what waits in an inbox."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rounds import stages
from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import AssociationStatus
from rounds.records.people import MemberIn
from rounds.workspace import Workspace
from tests.contract.command_line.desk import sit_down
from tests.contract.command_line.terminal import Terminal
from tests.contract.registry.world import World, email_of
from tests.unit.workflows import make_workflow_context, make_workflow_cube, register


@pytest.fixture
def committee(world: World, tmp_path: Path) -> Terminal:
    """The committee's terminal."""
    return sit_down(world, tmp_path / "committee", "committee")


def ask_to_join(world: World) -> int:
    """The id of an association that waits for the committee."""
    benchmark = world.approved_benchmark()
    dataset = world.operational(benchmark)
    wish = world.wish(benchmark, dataset_id=dataset.id)
    return world.person("owner").associate(wish).id


class TestInbox:
    def test_lists_what_waits(self, world: World, committee: Terminal) -> None:
        """A line for each decision that is one's own to make, and the places that were offered."""
        association = ask_to_join(world)
        club = world.organisation("Club", "maker")
        world.person("maker").offer_place(club, MemberIn(email=email_of("committee")))

        ended = committee.run("inbox")
        known = json.loads(committee.run("inbox", "--json").said)

        number, kind, subject, _, site, role, _ = ended.said.rstrip("\n").split("\t")
        (approval,) = known["approvals"]
        assert (kind, subject, site, role) == ("association", str(association), "", "committee")
        assert (approval["id"], known["places"][0]["name"]) == (int(number), "Club")
        assert ended.complained == (
            f"organisation {club} (Club) offers you a place; rounds org join {club}\n"
        )

    def test_tells_of_peoples_work_at_a_site(self, committee: Terminal) -> None:
        """At a site, a dataset whose cases wait for people is a line, with how many and at which step."""
        committee.stand_at_site()
        context = replace(
            make_workflow_context(committee.home), workspace=Workspace(committee.workspace)
        )
        raw = register(committee.home, context.workspace, "p1,hard one\np2,two\n")
        stages.advance(raw, make_workflow_cube(), context)

        ended = committee.run("inbox")
        known = json.loads(committee.run("inbox", "--json").said)

        assert ended.complained == (
            "dataset 4 waits for people: correct 1; rounds dataset progress 4\n"
        )
        assert known["work"] == [{"dataset_id": 4, "n_cases": {"correct": 1}}]

    def test_says_when_nothing_waits(self, committee: Terminal) -> None:
        """An empty inbox is an answer, too; a list for scripts is empty then."""
        ended = committee.run("inbox")

        assert (ended.status, ended.said) == (0, "")
        assert ended.complained == "nothing waits for you\n"


class TestAssociation:
    def test_is_decided_by_its_own_number(self, world: World, committee: Terminal) -> None:
        """Whoever thinks of associations needs not look for the approval; one is ended as simply."""
        number = str(ask_to_join(world))

        approved = committee.run("association", "approve", number, "--yes")
        revoked = committee.run("association", "revoke", number, "--reason", "moved", "--yes")
        rejected = committee.run("association", "reject", number, "--yes")

        assert approved.said.endswith(" is GRANTED\n")
        assert revoked.said == f"association {number} is REVOKED\n"
        assert '"reason": "moved"' in revoked.complained
        assert rejected.status == 7

    def test_of_a_model_has_a_priority(self, world: World, committee: Terminal) -> None:
        """The committee says which model runs first, after it was asked."""
        benchmark = world.approved_benchmark()
        wish = world.wish(benchmark, model_id=benchmark.reference_model_id)
        joined = world.person("committee").associate(wish).id

        refused = committee.run("association", "set-priority", str(joined), "7", typed="\n")
        ended = committee.run("association", "set-priority", str(joined), "7", typed="y\n")

        assert (refused.status, refused.said) == (1, "")
        assert ended.said.startswith(f"association {joined} is at revision ")
        assert world.person("committee").association(joined).priority == 7


class TestApproval:
    def test_is_extended_and_delegated(self, world: World, committee: Terminal) -> None:
        """A later deadline, and somebody else who may see and decide."""
        approval = world.person("committee").association(ask_to_join(world)).approval_id
        maker = world.person("maker").me().id

        extended = committee.run("approval", "extend", str(approval), "30", "--yes")
        delegated = committee.run("approval", "delegate", str(approval), str(maker), "--yes")

        assert extended.said.startswith(f"approval {approval} is PENDING, until ")
        assert delegated.said == f"user {maker} may decide approval {approval}\n"
        assert world.person("maker").approval(approval).status is ApprovalStatus.PENDING

    def test_is_withdrawn_and_revoked(self, world: World, tmp_path: Path) -> None:
        """Who asked takes it back while it waits; who granted, while it is not used."""
        association = ask_to_join(world)
        owner = sit_down(world, tmp_path / "owner")
        approval = str(world.person("owner").association(association).approval_id)

        ended = owner.run("approval", "withdraw", approval, "--reason", "a slip", typed="y\n")

        assert ended.said == f"approval {approval} is WITHDRAWN\n"
        found = world.person("owner").association(association)
        assert found.status is AssociationStatus.WITHDRAWN

    def test_takes_two_people_where_the_benchmark_asks(
        self, world: World, committee: Terminal
    ) -> None:
        """The first of two is told that their vote is one of two."""
        benchmark = world.approved_benchmark(two_people={"required": True})
        dataset = world.operational(benchmark)
        wish = world.wish(benchmark, dataset_id=dataset.id)
        approval = str(world.person("owner").associate(wish).approval_id)

        ended = committee.run("approval", "approve", approval, "--yes")

        assert ended.said == f"approval {approval} is PENDING; 1 of 2 votes\n"
