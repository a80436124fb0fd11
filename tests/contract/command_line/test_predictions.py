"""A model's worst and best cases at a terminal."""

from pathlib import Path

from rounds.workspace import Workspace
from tests.contract.command_line.terminal import Terminal
from tests.unit.test_case_pages import SHIPPED, evaluate


class TestOpen:
    def test_writes_a_page_and_says_where(self, terminal: Terminal) -> None:
        """Without a browser the path is all that is printed; nothing of a case is."""
        terminal.stand_at_site()
        evaluate(Workspace(terminal.workspace), SHIPPED)

        ended = terminal.run("predictions", "open", "31", "--cases", "1", "--no-browser")

        page = Path(ended.said.strip())
        assert (ended.status, ended.complained) == (0, "")
        assert page.is_relative_to(terminal.workspace)
        assert "p2" in page.read_text()

    def test_says_what_is_not_here(self, terminal: Terminal) -> None:
        """An execution of another site ends with 7, in one line."""
        terminal.stand_at_site()

        ended = terminal.run("predictions", "open", "32", "--no-browser")

        assert ended.status == 7
        assert "execution 32 has no draft at this site" in ended.complained
