"""What is decided is shown as it is, and checked to be what the approval's sha256 names."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from rounds.digests import sha256_json
from rounds.records.approvals import ApprovalStatus
from tests.contract.command_line.desk import sit_down
from tests.contract.command_line.terminal import Terminal
from tests.contract.registry.builders import sha
from tests.contract.registry.world import World

CHANGED = "what is shown is not what shown_sha256 names"


def ask(world: World, kind: str) -> tuple[int, str, str]:
    """An approval of a kind, who decides it, and a word of what it is about."""
    if kind == "benchmark":
        return world.propose().approval_id, "admin", '"name": "lumps"'
    benchmark = world.approved_benchmark(sharing={"pooled": {"public": True}})
    if kind == "publication":
        asked = world.person("committee").request_publication(benchmark.id)
        return asked.id, "committee", '"primary_metric": "auroc"'
    dataset = world.operational(benchmark)
    wish = world.wish(benchmark, dataset_id=dataset.id)
    association = world.person("owner").associate(wish)
    return association.approval_id, "committee", f'"dataset_id": {dataset.id}'


def name_another(world: World, approval_id: int) -> None:
    """Make the registry hold another sha256 than that of what it shows."""
    with closing(sqlite3.connect(world.served.database, timeout=30)) as database, database:
        wanted = (sha("something else"), approval_id)
        database.execute("UPDATE approval SET shown_sha256 = ? WHERE id = ?", wanted)


@pytest.mark.parametrize("kind", ["benchmark", "association", "publication"])
class TestDocument:
    def test_is_what_the_sha256_names(self, world: World, tmp_path: Path, kind: str) -> None:
        """Benchmark, request with its terms, or leaderboard: the document's own sha256 is the approval's."""
        approval, decider, word = ask(world, kind)
        terminal = sit_down(world, tmp_path / "home", decider)

        known = json.loads(terminal.run("approval", "show", str(approval), "--json").said)
        shown = terminal.run("approval", "show", str(approval))
        decided = terminal.run("approval", "approve", str(approval), typed="y\n")

        (document,) = known["shown"]
        assert sha256_json(document) == known["approval"]["shown_sha256"]
        assert (known["matches"], shown.complained) == (True, "")
        assert word in shown.said
        assert word in decided.complained.partition("Grant approval")[0]
        assert decided.said == f"approval {approval} is GRANTED\n"

    def test_that_is_another_is_not_approved(self, world: World, tmp_path: Path, kind: str) -> None:
        """A registry that shows one thing and holds the sha256 of another is told apart: 4, nothing granted."""
        approval, decider, _ = ask(world, kind)
        name_another(world, approval)
        terminal = sit_down(world, tmp_path / "home", decider)

        shown = terminal.run("approval", "show", str(approval))
        ended = terminal.run("approval", "approve", str(approval), "--yes")

        assert (shown.status, shown.complained.startswith(CHANGED)) == (0, True)
        assert ended.status == 4
        assert "is not what its sha256 names" in ended.complained
        assert world.admin.approval(approval).status is ApprovalStatus.PENDING


class TestRefusing:
    def test_needs_no_match(self, world: World, tmp_path: Path) -> None:
        """What does not match can still be refused."""
        approval, decider, _ = ask(world, "benchmark")
        name_another(world, approval)
        terminal: Terminal = sit_down(world, tmp_path / "home", decider)

        ended = terminal.run("approval", "reject", str(approval), "--yes")

        assert ended.said == f"approval {approval} is REFUSED\n"
