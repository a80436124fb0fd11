"""People's work on a preparation at a terminal: what is left and where, and saying that it is done."""

import json
from dataclasses import replace

import pytest

from rounds import stages
from rounds.artifacts import Outstanding, PreparedDataset, RawDataset
from rounds.calls import RunContext
from rounds.preparation import desk
from rounds.workspace import Workspace
from tests.contract.command_line.terminal import NOWHERE, Terminal
from tests.unit.workflows import (
    labels,
    make_workflow_context,
    make_workflow_cube,
    register,
)

ROWS = "Anna Mueller,hard one\np2,two\np3,hard three\n"


def at_site(terminal: Terminal) -> RunContext:
    """A context in the terminal's workspace."""
    context = make_workflow_context(terminal.home)
    return replace(context, workspace=Workspace(terminal.workspace))


@pytest.fixture
def raw(terminal: Terminal) -> RawDataset:
    """A terminal at a site where two of three cases wait for a person."""
    terminal.stand_at_site()
    terminal.variables["PREFECT_API_URL"] = f"{NOWHERE}/api"
    context = at_site(terminal)
    raw = register(terminal.home, context.workspace, ROWS)
    assert isinstance(stages.advance(raw, make_workflow_cube(), context), Outstanding)
    return raw


@pytest.mark.usefixtures("raw")
class TestProgress:
    def test_counts_by_step(self, terminal: Terminal) -> None:
        """Each step is a line; what is asked for, and what to do next, follows; no case is named."""
        ended = terminal.run("dataset", "progress", "4")

        lines = [line.split("\t") for line in ended.said.splitlines()]
        assert ["outline", "100", "0"] in lines
        assert ["correct", "33", "2"] in lines
        assert "correct: Correct the outline in mask.txt." in ended.complained
        assert "rounds dataset done 4" in ended.complained
        assert "Anna" not in ended.said + ended.complained

    def test_names_cases_when_asked(self, terminal: Terminal) -> None:
        """With --cases each has its step, how it stands, and the folder where a person works on it."""
        ended = terminal.run("dataset", "progress", "4", "--cases", "--json")

        found = {row["case"]: row for row in json.loads(ended.said)}
        assert (found["p2"]["step"], found["p2"]["stands"]) == ("outline", "through")
        assert found["Anna Mueller"]["folder"].endswith("manual/4/correct/Anna Mueller")

    def test_says_that_nothing_was_begun(self, terminal: Terminal) -> None:
        """A dataset that was never prepared has no lines."""
        ended = terminal.run("dataset", "progress", "5")

        assert (ended.status, "nothing was begun yet" in ended.complained) == (0, True)


class TestDone:
    def test_takes_what_was_done(self, terminal: Terminal, raw: RawDataset) -> None:
        """Said done for all: the next run prepares, with what the people made."""
        workspace = Workspace(terminal.workspace)
        for note in desk.waiting(workspace, 4):
            (note.folder / "mask" / "mask.txt").write_text("by hand")

        ended = terminal.run("dataset", "done", "4", "--yes")

        context = at_site(terminal)
        prepared = stages.advance(raw, make_workflow_cube(), context)
        assert ended.said.startswith("2 taken; the site's next sync lets the preparation go on")
        assert isinstance(prepared, PreparedDataset)
        assert labels(context, prepared)["Anna Mueller"] == "by hand"

    @pytest.mark.usefixtures("raw")
    def test_asks_first(self, terminal: Terminal) -> None:
        """Nothing is taken of somebody who does not say yes."""
        ended = terminal.run("dataset", "done", "4", "--case", "p3")

        assert ended.status == 1
        assert len(desk.waiting(Workspace(terminal.workspace), 4)) == 2

    @pytest.mark.usefixtures("raw")
    def test_refuses_a_case_that_does_not_wait(self, terminal: Terminal) -> None:
        """A wrong name is said, and nothing is taken."""
        ended = terminal.run("dataset", "done", "4", "--case", "p2", "--yes")

        assert ended.status != 0
        assert "needed a case that waits for people" in ended.line
