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
from tests.contract.registry.world import N_CASES, SALT, World


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


class TestInbox:
    def test_lists_what_waits(self, world: World, owner: Terminal) -> None:
        """A line for each decision that is one's own to make, with its id, its subject and its deadline."""
        approval, _ = await_release(world, owner)

        ended = owner.run("inbox")

        number, what, subject, status, due = ended.said.rstrip("\n").split("\t")
        assert (ended.status, number, what) == (0, str(approval.id), "results at site-a")
        assert (subject, status) == (f"of {approval.subject_id}", "PENDING")
        assert due.startswith("for data owner, until ")

    def test_says_when_nothing_waits(self, owner: Terminal) -> None:
        """An empty inbox is an answer, too."""
        ended = owner.run("inbox")

        assert (ended.status, ended.said) == (0, "nothing waits for you\n")


class TestShow:
    def test_prints_the_very_bytes(self, world: World, owner: Terminal) -> None:
        """At the site what would leave is shown as it would leave, byte for byte, on a line of its own."""
        approval, content = await_release(world, owner)

        ended = owner.run("approval", "show", str(approval.id))

        assert ended.status == 0
        assert approval.shown_sha256 in ended.said
        assert content.decode() in ended.said.splitlines()

    def test_tells_from_elsewhere_where_the_bytes_lie(self, world: World, owner: Terminal) -> None:
        """Away from the site there is a sha256, and the name of the site that has the bytes."""
        approval, content = await_release(world, owner)
        del owner.variables["ROUNDS_SITE_PROFILE"]

        ended = owner.run("approval", "show", str(approval.id))

        assert "the bytes lie at site-a; the same command shows them there" in ended.said
        assert content.decode() not in ended.said

    def test_another_site_has_none_of_them(self, world: World, owner: Terminal) -> None:
        """A terminal at another site says where the bytes lie, and not that they were lost."""
        approval, _ = await_release(world, owner)
        owner.stand_at_site(name="site-b")

        ended = owner.run("approval", "show", str(approval.id))

        assert ended.status == 0
        assert "the bytes lie at site-a" in ended.said

    def test_changed_bytes_are_refused(self, world: World, owner: Terminal) -> None:
        """Bytes that are not those of the approval are shown to nobody: 4, and nothing to decide on."""
        approval, content = await_release(world, owner)
        (draft,) = (owner.workspace / "drafts").iterdir()
        draft.write_bytes(content.replace(b"0.9", b"0.8"))

        ended = owner.run("approval", "decide", str(approval.id), "--yes")

        assert ended.status == 4
        assert "the draft is gone or was changed" in ended.line
        assert world.person("owner").approval(approval.id).status is ApprovalStatus.PENDING


class TestDecide:
    @pytest.mark.parametrize("typed", ["\n", "n\n", ""])
    def test_takes_no_answer_for_no(self, world: World, owner: Terminal, typed: str) -> None:
        """Enter alone, no, or nobody there to answer: nothing is decided, and the exit status says so."""
        approval, _ = await_release(world, owner)

        ended = owner.run("approval", "decide", str(approval.id), typed=typed)

        assert ended.status == 1
        assert ended.complained == f"nothing is decided; approval {approval.id} is PENDING\n"
        assert world.person("owner").approval(approval.id).status is ApprovalStatus.PENDING

    def test_shows_before_it_asks(self, world: World, owner: Terminal) -> None:
        """The bytes come first, then the question, then the decision."""
        approval, content = await_release(world, owner)

        ended = owner.run("approval", "decide", str(approval.id), typed="y\n")

        shown, _, after = ended.said.partition(f"Grant approval {approval.id}? [y/N]")
        assert content.decode() in shown
        assert after.endswith(f"approval {approval.id} is GRANTED\n")

    def test_asks_nobody_when_told_yes(self, world: World, owner: Terminal) -> None:
        """`--yes` decides without a question, as scripts need."""
        approval, _ = await_release(world, owner)

        ended = owner.run("approval", "decide", str(approval.id), "--refuse", "--yes")

        assert ended.status == 0
        assert "[y/N]" not in ended.said
        assert world.person("owner").approval(approval.id).status is ApprovalStatus.REFUSED

    def test_holds_one_back(self, world: World, owner: Terminal) -> None:
        """What is named with `--hold-back` stays home while the rest is granted."""
        approval, _ = await_release(world, owner)
        held = approval.items[0].subject_id
        options = ("--hold-back", str(held), "--yes")

        owner.run("approval", "decide", str(approval.id), *options)

        assert world.person("owner").approval(approval.id).held_back == (held,)

    def test_second_decision_is_refused(self, world: World, owner: Terminal) -> None:
        """A decision is made once: 7, and where it stands."""
        approval, _ = await_release(world, owner)
        owner.run("approval", "decide", str(approval.id), "--yes")

        ended = owner.run("approval", "decide", str(approval.id), "--refuse", "--yes")

        assert ended.status == 7
        assert f"approval {approval.id} is GRANTED, needed PENDING" in ended.line


class TestSomebodyElse:
    @pytest.mark.parametrize(
        ("name", "says"), [("maker", "[not_found] found no approval"), ("admin", "[forbidden]")]
    )
    def test_cannot_decide(
        self, world: World, owner: Terminal, tmp_path: Path, name: str, says: str
    ) -> None:
        """What is another's to decide ends with 7, whether one may know of it or not."""
        approval, _ = await_release(world, owner)
        other = sit_down(world, tmp_path / "maker", "maker")
        if name == "admin":
            other.token_file.write_text(world.served.admin_secret)

        ended = other.run("approval", "decide", str(approval.id), "--yes")

        assert ended.status == 7
        assert ended.line.startswith(f"rounds: {says}")
        assert world.person("owner").approval(approval.id).status is ApprovalStatus.PENDING

    def test_cannot_be_the_one_who_asked(self, world: World, tmp_path: Path) -> None:
        """Who proposed a benchmark does not approve it."""
        benchmark = world.propose()
        committee = sit_down(world, tmp_path / "committee", "committee")

        ended = committee.run("approval", "decide", str(benchmark.approval_id), "--yes")

        assert ended.status == 7
        assert "was asked for by you, needed a second person" in ended.line
