"""A site's disk at a terminal: what lies there, and making room."""

import json
from pathlib import Path

import pytest

from rounds.attempts import Attempt
from rounds.workspace import Workspace
from tests.contract.command_line.terminal import Terminal
from tests.unit.housekeeping_site import age

ALL = ("workspace", "prune", "--budget", "0B")


def write(attempt: Attempt) -> None:
    """A stage's output of a thousand bytes."""
    (attempt.files / "anna-mueller.csv").write_bytes(b"1" * 1000)


@pytest.fixture
def site(terminal: Terminal) -> Terminal:
    """A terminal at a site that predicted something days ago and prepared something of unknown origin."""
    terminal.stand_at_site()
    workspace = Workspace(terminal.workspace)
    workspace.publish("infer", {"cube": "c" * 64, "prepared": "d"}, write)
    workspace.publish("prepare", {"cube": "e" * 64, "raw": "f"}, write)
    (manifest,) = workspace.root.glob("published/prepare/*/manifest.json")
    manifest.write_text('{"files": {}}')
    age(workspace.root)
    return terminal


def outputs(site: Terminal, stage: str) -> list[Path]:
    """What a stage has published."""
    return list(site.workspace.glob(f"published/{stage}/*"))


class TestShow:
    def test_says_what_each_stage_holds(self, site: Terminal) -> None:
        """Each stage is a line: how many outputs, files and bytes, and how many bytes must stay."""
        ended = site.run("workspace", "show")

        lines = [line.split("\t") for line in ended.said.splitlines()]
        assert ended.status == 0
        assert ["infer", "output", "1", "2"] in [line[:4] for line in lines]
        assert {line[0]: line[5] for line in lines}["infer"] == "0"

    def test_says_of_each_thing_why_it_stays(self, site: Terminal) -> None:
        """As JSON each thing has its stage, its cube, its size and the reason why it stays."""
        ended = site.run("workspace", "show", "--items", "--json")

        found = {thing["place"]: thing for thing in json.loads(ended.said)}
        assert (found["infer"]["cube"], found["infer"]["pinned"]) == ("c" * 16, "")
        assert found["prepare"]["pinned"] == "of unknown origin"
        assert "anna" not in ended.said

    def test_says_what_is_being_written(self, site: Terminal) -> None:
        """While a stage runs, its line says since when and by which process."""
        seen = []

        def make(attempt: Attempt) -> None:
            write(attempt)
            seen.append(site.run("workspace", "show").said)

        Workspace(site.workspace).publish("evaluate", {"cube": "1"}, make)

        (line,) = [line for line in seen[0].splitlines() if line.startswith("evaluate")]
        assert "being written since 2" in line

    def test_needs_a_site(self, terminal: Terminal) -> None:
        """Away from a site there is no workspace to show."""
        ended = terminal.run("workspace", "show")

        assert ended.status == 3
        assert "found no ROUNDS_SITE_PROFILE" in ended.line


class TestPrune:
    def test_asks_first(self, site: Terminal) -> None:
        """What would go is shown; Enter alone removes nothing."""
        ended = site.run(*ALL, typed="\n")

        assert ended.status == 1
        assert ended.said.startswith("infer ")
        assert "nothing is removed" in ended.complained
        assert len(outputs(site, "infer")) == 1

    def test_removes_what_may_go(self, site: Terminal) -> None:
        """With a yes the rest goes, what it freed is said, and that what must stay is more than asked."""
        ended = site.run(*ALL, "--yes")

        assert ended.status == 0
        assert "freed 1." in ended.said
        assert "more than 0 B" in ended.complained
        assert (len(outputs(site, "infer")), len(outputs(site, "prepare"))) == (0, 1)

    def test_takes_nothing_that_fits(self, site: Terminal) -> None:
        """Within its budget nothing is asked and nothing goes."""
        ended = site.run("workspace", "prune", "--budget", "1.5GiB")

        assert (ended.status, ended.said) == (0, "nothing to remove\n")

    @pytest.mark.parametrize("size", ["much", "-1GB", "50 XB", "1e9"])
    def test_takes_a_size(self, site: Terminal, size: str) -> None:
        """A budget that is no size ends with 2 and says what one looks like."""
        ended = site.run("workspace", "prune", f"--budget={size}")

        assert ended.status == 2
        assert "50GB" in ended.complained
