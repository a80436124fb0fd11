"""Deciding at a terminal: what is shown, what is asked, and who is refused."""

from pathlib import Path

import pytest

from rounds.digests import canonical_json
from rounds.records.approvals import Approval, ApprovalStatus
from rounds.records.releases import results_document
from rounds.workspace import Workspace
from tests.contract.command_line.desk import sit_down
from tests.contract.command_line.terminal import Terminal
from tests.contract.registry.builders import SCORES
from tests.contract.registry.wishes import N_CASES, SALT
from tests.contract.registry.world import World


def await_release(world: World, owner: Terminal) -> tuple[Approval, bytes]:
    """A release that waits for its owner, who stands at the site, and the bytes that would leave."""
    benchmark, dataset = world.ready()
    claim, approval = world.scored(dataset, benchmark)
    content = canonical_json(results_document(claim.execution_id, SCORES, N_CASES, salt=SALT))
    owner.stand_at_site(release={"min_cases": 5, "benchmarks": [benchmark.id]})
    Workspace(owner.workspace).keep(content)
    return approval, content


@pytest.fixture
def owner(world: World, tmp_path: Path) -> Terminal:
    """The data owner's terminal."""
    return sit_down(world, tmp_path / "owner")


class TestShow:
    def test_prints_the_very_bytes(self, world: World, owner: Terminal) -> None:
        """At the site what would leave is shown as it would leave, byte for byte, on a line of its own."""
        approval, content = await_release(world, owner)

        ended = owner.run("approval", "show", str(approval.id))

        assert (ended.status, ended.complained) == (0, "")
        assert f"shown_sha256\t{approval.shown_sha256}" in ended.said.splitlines()
        assert content.decode() in ended.said.splitlines()

    def test_tells_from_elsewhere_where_the_bytes_lie(self, world: World, owner: Terminal) -> None:
        """Away from the site, or at another one, there is the name of the site that has the bytes."""
        approval, content = await_release(world, owner)
        owner.stand_at_site(name="site-b")

        there = owner.run("approval", "show", str(approval.id))
        del owner.variables["ROUNDS_SITE_PROFILE"]
        nowhere = owner.run("approval", "show", str(approval.id))

        for ended in (there, nowhere):
            assert ended.status == 0
            assert "the bytes lie at site-a; the same command shows them there" in ended.said
            assert content.decode() not in ended.said

    def test_changed_bytes_are_refused(self, world: World, owner: Terminal) -> None:
        """Bytes that are not those of the approval are shown to nobody: 4, and nothing to decide on."""
        approval, content = await_release(world, owner)
        (draft,) = (owner.workspace / "drafts").iterdir()
        draft.write_bytes(content.replace(b"0.9", b"0.8"))

        ended = owner.run("approval", "approve", str(approval.id), "--yes")

        assert ended.status == 4
        assert "the draft is gone or was changed" in ended.line
        assert world.person("owner").approval(approval.id).status is ApprovalStatus.PENDING


class TestApprove:
    def test_takes_no_answer_for_no(self, world: World, owner: Terminal) -> None:
        """Enter alone, no, or nobody there to answer: nothing is decided, and the exit status says so."""
        approval, _ = await_release(world, owner)
        number = str(approval.id)

        ended = [owner.run("approval", "approve", number, typed=text) for text in ("\n", "n\n", "")]

        said = f"nothing is decided; approval {number} is PENDING\n"
        assert [(end.status, end.said) for end in ended] == [(1, "")] * 3
        assert all(end.complained.endswith(said) for end in ended)
        assert world.person("owner").approval(approval.id).status is ApprovalStatus.PENDING

    def test_shows_before_it_asks(self, world: World, owner: Terminal) -> None:
        """The bytes come first, then the question; what came out stands alone on stdout."""
        approval, content = await_release(world, owner)

        ended = owner.run("approval", "approve", str(approval.id), typed="y\n")

        shown, question, _ = ended.complained.partition(f"Grant approval {approval.id}? [y/N]")
        assert question
        assert content.decode() in shown.splitlines()
        assert ended.said == f"approval {approval.id} is GRANTED\n"

    def test_says_that_the_bytes_were_not_seen(self, world: World, owner: Terminal) -> None:
        """Who decides away from the site is asked whether they mean it unseen."""
        approval, _ = await_release(world, owner)
        del owner.variables["ROUNDS_SITE_PROFILE"]

        ended = owner.run("approval", "approve", str(approval.id), typed="n\n")

        assert f"Grant approval {approval.id}, unseen? [y/N]" in ended.complained

    def test_asks_nobody_when_told_yes(self, world: World, owner: Terminal) -> None:
        """`--yes` decides without a question, as scripts need, and a decision is made once."""
        approval, _ = await_release(world, owner)

        ended = owner.run("approval", "reject", str(approval.id), "--yes", "--reason", "too few")
        again = owner.run("approval", "approve", str(approval.id), "--yes")

        decided = world.person("owner").approval(approval.id)
        assert ended.status == 0
        assert "[y/N]" not in ended.complained
        assert (decided.status, decided.reason) == (ApprovalStatus.REFUSED, "too few")
        assert again.status == 7
        assert f"approval {approval.id} is REFUSED, needed PENDING" in again.complained

    def test_holds_one_back(self, world: World, owner: Terminal) -> None:
        """What is named with `--hold-back` stays home while the rest is granted."""
        approval, _ = await_release(world, owner)
        held = approval.items[0].subject_id

        ended = owner.run(
            "approval", "approve", str(approval.id), "--hold-back", str(held), typed="y\n"
        )

        assert f"Grant approval {approval.id} but for {held}? [y/N]" in ended.complained
        assert world.person("owner").approval(approval.id).held_back == (held,)


class TestCode:
    def test_carries_the_decision(self, world: World, owner: Terminal) -> None:
        """A code decides nothing until it is redeemed, and then as its maker wished."""
        approval, content = await_release(world, owner)

        ended = owner.run("approval", "code", str(approval.id), "--refuse", typed="y\n")

        code, _, until = ended.said.partition("\t")
        person = world.person("owner")
        assert content.decode() in ended.complained.splitlines()
        assert until.startswith("good until ")
        assert person.approval(approval.id).status is ApprovalStatus.PENDING
        assert person.redeem(approval.id, code).status is ApprovalStatus.REFUSED


class TestSomebodyElse:
    def test_cannot_decide(self, world: World, owner: Terminal, tmp_path: Path) -> None:
        """What is another's to decide ends with 7, whether one may know of it or not."""
        approval, _ = await_release(world, owner)

        ended = {
            name: sit_down(world, tmp_path / name, name).run(
                "approval", "reject", str(approval.id), "--yes"
            )
            for name in ("maker", "admin")
        }

        assert {name: end.status for name, end in ended.items()} == {"maker": 7, "admin": 7}
        assert "rounds: [not_found] found no approval" in ended["maker"].complained
        assert "rounds: [forbidden] approval" in ended["admin"].complained
        assert world.person("owner").approval(approval.id).status is ApprovalStatus.PENDING

    def test_cannot_be_the_one_who_asked(self, world: World, tmp_path: Path) -> None:
        """Who proposed a benchmark does not approve it."""
        benchmark = world.propose()
        committee = sit_down(world, tmp_path / "committee", "committee")

        ended = committee.run("approval", "approve", str(benchmark.approval_id), "--yes")

        assert ended.status == 7
        assert "was asked for by you, needed a second person" in ended.complained
