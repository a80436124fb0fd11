"""A cube's log is bounded and keeps the latest words, over attempts and over files."""

from pathlib import Path

import pytest

from rounds.runners.call_log import CallLog, before, last_lines, mark_of, words_since

MOST = 1000


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of one task."""
    return tmp_path / "logs" / "0123abcd-infer.log"


def say(log: Path, *texts: str) -> None:
    """One call that prints these texts."""
    with CallLog(log, max_bytes=MOST) as opened:
        for text in texts:
            opened.write(text.encode())


class TestBound:
    def test_keeps_the_latest(self, log: Path) -> None:
        """However much is said, both files together hold no more than the limit, and the last word is there."""
        say(log, *(f"line {number}\n" for number in range(1000)), "the last word\n")

        assert log.stat().st_size + before(log).stat().st_size <= MOST
        assert log.read_text().endswith("the last word\n")

    def test_holds_over_attempts(self, log: Path) -> None:
        """A second attempt appends, and the bound is of both."""
        for number in range(20):
            say(log, f"attempt {number}: {'x' * 100}\n")

        assert log.stat().st_size + before(log).stat().st_size <= MOST
        assert "attempt 19" in log.read_text()

    def test_cuts_one_long_word(self, log: Path) -> None:
        """Text without an end fills files like any other."""
        say(log, "x" * 10 * MOST)

        assert log.stat().st_size + before(log).stat().st_size <= MOST

    def test_takes_nothing_outside_of_its_context(self, log: Path) -> None:
        """What comes when the call is over is not written."""
        with CallLog(log, max_bytes=MOST) as opened:
            opened.write(b"in time\n")
        opened.write(b"too late\n")

        assert log.read_text() == "in time\n"


class TestReading:
    def test_knows_where_a_call_began(self, log: Path) -> None:
        """The words of this call only, not of the attempt before."""
        say(log, "of the first\n")
        begins = mark_of(log)
        say(log, "of the second\n")

        assert words_since(log, begins) == "of the second\n"

    def test_knows_it_over_two_files(self, log: Path) -> None:
        """A call whose log was full on the way is read from where it began."""
        say(log, "of the first\n")
        begins = mark_of(log)
        say(log, "second begins\n", "x" * 600 + "\n", "second ends\n")

        words = words_since(log, begins)

        assert words.startswith("second begins\n")
        assert words.endswith("second ends\n")
        assert "of the first" not in words

    def test_has_the_last_lines_of_both_files(self, log: Path) -> None:
        """Just after the log went on in a new file, the lines before are still the last ones."""
        say(log, *(f"line {number} {'x' * 40}\n" for number in range(11)))

        lines = last_lines(log, 6).splitlines()

        assert lines[-1].startswith("line 10")
        assert lines[0].startswith("line 5")

    def test_reads_nothing_where_nothing_was_said(self, log: Path) -> None:
        """A call that never began has no words."""
        assert (last_lines(log), words_since(log, mark_of(log))) == ("", "")
