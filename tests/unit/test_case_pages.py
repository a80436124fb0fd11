"""A page of single cases shows what the metrics cube wrote for the site's eyes, as text, at the site."""

from pathlib import Path

import pytest

from rounds import pending
from rounds.attempts import Attempt
from rounds.case_pages import CASES, page_of, read_cases, write_page
from rounds.errors import Code, IntegrityError, NotFound, RunnerError
from rounds.pending import Pending
from rounds.workspace import Workspace

SHIPPED = "case_id,score,label\np1,0.9,1\np2,0.8,0\np3,0.4,1\np4,0.0,0\n"


def order_of(path: Path, text: str) -> list[str]:
    """The cases of a file, worst first."""
    path.write_text(text)
    return [row[0] for row in read_cases(path).rows]


def evaluate(workspace: Workspace, text: str) -> None:
    """Execution 31, evaluated, whose metrics cube wrote these cases."""

    def make(attempt: Attempt) -> None:
        (attempt.files / "local").mkdir()
        (attempt.files / CASES).write_text(text)

    key = workspace.publish("evaluate", {"cube": "c"}, make).key
    told = Pending(
        execution_id=31, benchmark_id=1, fencing_token=1, sha256="0" * 64, metrics_key=key
    )
    pending.remember(workspace, told)


class TestCases:
    @pytest.mark.parametrize(
        ("text", "order"),
        [
            (SHIPPED, ["p2", "p3", "p1", "p4"]),
            ("case,score\na,0.9\nb,0.2\n", ["b", "a"]),
            ("case_id,score,label,error\na,0,0,1\nb,1,0,3\nc,1,1,2\n", ["b", "c", "a"]),
            ("case_id,score,label\na,0.4,0\nb,nan,0\n", ["b", "a"]),
        ],
    )
    def test_are_ordered_worst_first(self, text: str, order: list[str], tmp_path: Path) -> None:
        """By error, else by the distance of score and label, else by the lowest score; no number is worst."""
        assert order_of(tmp_path / "cases.csv", text) == order

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "score,case_id\n1,a\n",
            "case_id,label\na,1\n",
            "case_id,score\na\n",
            "case_id,score\na,x\n",
        ],
    )
    def test_are_refused_if_they_cannot_be_ordered(self, text: str, tmp_path: Path) -> None:
        """What was found and what is needed is said, and nothing of the cases."""
        with pytest.raises(RunnerError, match="needed case_id, and error or score") as caught:
            order_of(tmp_path / "cases.csv", text)

        assert caught.value.code is Code.OUTPUT_INVALID

    def test_have_to_be_there(self, tmp_path: Path) -> None:
        """A metrics cube that wrote none is told as that."""
        with pytest.raises(RunnerError, match=r"found no cases\.csv"):
            read_cases(tmp_path / "cases.csv")


class TestPage:
    def test_shows_worst_and_best_once_each(self, tmp_path: Path) -> None:
        """So many of each as were asked for; who is among the worst is not among the best."""
        (tmp_path / "cases.csv").write_text(SHIPPED)

        page = page_of(read_cases(tmp_path / "cases.csv"), 31, n_cases=3)

        worst, _, best = page.partition("<h2>Best</h2>")
        assert [name in worst for name in ("p2", "p3", "p1", "p4")] == [True, True, True, False]
        assert [name in best for name in ("p2", "p3", "p1", "p4")] == [False, False, False, True]

    def test_takes_every_word_as_text(self, tmp_path: Path) -> None:
        """What a cube wrote can be no script, no image and no link: not in a cell, and not in a column's name."""
        evil = '<script src="https://x.example">'
        quoted = evil.replace('"', '""')
        (tmp_path / "cases.csv").write_text(f'case_id,score,"{quoted}"\n"{quoted}",1,"{quoted}"\n')

        page = page_of(read_cases(tmp_path / "cases.csv"), 31, n_cases=3)

        assert "<script" not in page
        assert (
            page.count("&lt;script src=&quot;https://x.example&quot;&gt;") == 4
        )  # two heads, one row
        assert "default-src 'none'" in page

    def test_lies_in_the_workspace(self, workspace: Workspace) -> None:
        """In a folder that only this user can open."""
        evaluate(workspace, SHIPPED)

        page = write_page(workspace, 31, n_cases=2)

        assert page.is_relative_to(workspace.root.absolute())
        assert page.parent.stat().st_mode & 0o777 == 0o700
        assert "p2" in page.read_text()

    def test_is_of_what_was_evaluated(self, workspace: Workspace) -> None:
        """Cases that were changed since are not shown; nor are those of an execution that is not this site's."""
        evaluate(workspace, SHIPPED)
        (written,) = workspace.root.glob("published/evaluate/*/files/local/cases.csv")
        written.write_text(SHIPPED.replace("0.9", "0.1"))

        with pytest.raises(IntegrityError, match="differ from their manifest"):
            write_page(workspace, 31, n_cases=2)
        with pytest.raises(NotFound, match="has no draft at this site"):
            write_page(workspace, 32, n_cases=2)
