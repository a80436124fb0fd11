"""How lists and things are shown at a terminal, and what no way of showing does."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.cells import printable, text_of
from rounds.records.approvals import ApprovalStatus
from tests.contract.command_line.screen import before_screen
from tests.contract.command_line.showing import MODULE, Trial, write_trials
from tests.contract.command_line.terminal import Terminal

NASTY = "[red]x[/red] :boom: \x1b[2J\x9b2J\a\tb\nc\u202ed\u200be\x7f\u2028f"
SHOWN = r"[red]x[/red] :boom: \u001b[2J\u009b2J\u0007\tb\nc\u202ed\u200be\u007f\u2028f"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
LARGE = 9_007_199_254_740_993


def coloured(
    *arguments: str, width: int = 120, variables: Mapping[str, str] | None = None
) -> list[str]:
    """The lines that a command shows on a terminal of this width."""
    with before_screen("-m", MODULE, *arguments, width=width, variables=variables) as screen:
        assert screen.end() == 0, screen.shown
    return screen.shown.splitlines()


def plain(*arguments: str, width: int = 120) -> list[str]:
    """Those lines without colours, and without blanks at their ends."""
    lines = coloured(*arguments, width=width)
    return [COLOUR.sub("", line).rstrip() for line in lines]


class TestTable:
    def test_has_a_line_a_record_below_its_headings(self, tmp_path: Path) -> None:
        """Headings, then records: numbers at the right, digests by their first digits, times in UTC."""
        file = write_trials(tmp_path, Trial(id=7), Trial(id=1234, score=12.25, is_open=False))

        first, *lines = plain("list", file, "2")

        assert first.split() == ["id", "name", "status", "digest", "score", "open", "at", "city"]
        assert lines == [
            "   7  Aspirates  PENDING  0123456789ab    0.5  yes   2026-03-01 12:30Z  Utrecht",
            "1234  Aspirates  PENDING  0123456789ab  12.25  no    2026-03-01 12:30Z  Utrecht",
        ]

    @pytest.mark.parametrize("width", [100, 140])
    def test_fits_the_terminal(self, tmp_path: Path, width: int) -> None:
        """Free text gives way; ids, digests and times do not."""
        file = write_trials(tmp_path, Trial(id=LARGE, name="Aspirates of the left lung " * 8))

        heading, line = plain("list", file, "1", width=width)

        assert max(len(heading), len(line)) <= width
        assert line.startswith(f"{LARGE}  Aspirates")
        assert "…  PENDING  0123456789ab  " in line
        assert "2026-03-01 12:30Z" in line

    def test_counts_wide_letters_twice(self, tmp_path: Path) -> None:
        """A name in letters of double width takes the room that it takes."""
        file = write_trials(tmp_path, Trial(id=1, name="吸引" * 30), Trial(id=2))

        _, wide, narrow = plain("list", file, "2", width=100)

        room = wide.partition("PENDING")[0]
        assert len(room) + room.count("吸") + room.count("引") == narrow.index("PENDING")

    def test_leaves_a_short_name_in_wide_letters_whole(self, tmp_path: Path) -> None:
        """A name of four letters that take eight places is no longer than the shortest column."""
        file = write_trials(tmp_path, Trial(id=1, name="吸引吸引"))

        _, line = plain("list", file, "1", width=20)

        assert line.startswith(" 1  吸引吸引  PENDING")

    def test_never_cuts_an_id(self, tmp_path: Path) -> None:
        """On a terminal that is too narrow for all, the line is too long, since half an id is another."""
        file = write_trials(tmp_path, Trial(id=LARGE, name="Aspirates of the left lung"))

        _, line = plain("list", file, "1", width=20)

        assert line == (
            f"{LARGE}  Aspirat…  PENDING  0123456789ab    0.5  yes   2026-03-01 12:30Z  Utrecht"
        )

    @pytest.mark.parametrize(
        ("status", "colour"),
        [
            (ApprovalStatus.PENDING, "\x1b[33m"),
            (ApprovalStatus.GRANTED, "\x1b[32m"),
            (ApprovalStatus.REFUSED, "\x1b[31m"),
        ],
    )
    def test_colours_a_status(self, tmp_path: Path, status: ApprovalStatus, colour: str) -> None:
        """What waits, went well or ended badly is coloured, and nothing else of the line."""
        _, line = coloured("list", write_trials(tmp_path, Trial(id=1, status=status)), "1")

        assert COLOUR.findall(line) == [colour, "\x1b[0m"]
        assert f"{colour}{status}\x1b[0m" in line

    def test_colours_no_name(self, tmp_path: Path) -> None:
        """A name that is the word of a status is a name; a status with no colour has none."""
        trial = Trial(id=1, name="FAILED", status=ApprovalStatus.VOID)

        _, line = coloured("list", write_trials(tmp_path, trial), "1")

        assert COLOUR.findall(line) == []

    def test_heeds_who_wants_no_colours(self, tmp_path: Path) -> None:
        """With NO_COLOR in the environment there are none."""
        file = write_trials(tmp_path, Trial(id=1))

        _, line = coloured("list", file, "1", variables={"NO_COLOR": "1"})

        assert COLOUR.findall(line) == []

    def test_obeys_no_value(self, tmp_path: Path) -> None:
        """Markup and emoji codes stand as they are, what a terminal would obey as an escape."""
        _, line = plain("list", write_trials(tmp_path, Trial(id=1, name=NASTY)), "1", width=250)

        assert line.startswith(f" 1  {SHOWN}  PENDING")

    def test_says_how_to_see_more(self, tmp_path: Path) -> None:
        """Below the table stands how much of how many it was."""
        file = write_trials(tmp_path, Trial(id=1), Trial(id=2))

        lines = plain("list", file, "11000")

        assert lines[-1] == "2 of 11,000; --offset 2 for more"

    def test_of_nothing_is_no_table(self, tmp_path: Path) -> None:
        """No headings above nothing."""
        lines = plain("list", write_trials(tmp_path), "0")

        assert lines == ["none"]


class TestThing:
    def test_has_a_line_a_field(self, tmp_path: Path) -> None:
        """Every field, whole, a name beside each; text that is too long goes on below itself."""
        trial = Trial(id=1, name="Aspirates of the left lung", scores={"auc": 0.9})

        lines = plain("show", write_trials(tmp_path, trial), width=40)

        assert lines[:4] == [
            "id          1",
            "name        Aspirates of the left lung",
            "status      PENDING",
            "digest      0123456789abcccccccccccccccc",
        ]
        assert "place.city  Utrecht" in lines
        assert "scores.auc  0.9" in lines

    def test_obeys_no_value(self, tmp_path: Path) -> None:
        """Neither a value nor a name within a field is obeyed."""
        trial = Trial(id=1, name=NASTY, scores={NASTY: 0.5})

        lines = plain("show", write_trials(tmp_path, trial), width=250)

        assert any(line.startswith("name ") and line.endswith(SHOWN) for line in lines)
        assert f"scores.{SHOWN}  0.5" in lines


class TestText:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (None, ""),
            (True, "yes"),
            (False, "no"),
            (0.1 + 0.2, "0.3"),
            (LARGE, "9007199254740993"),
            (ApprovalStatus.PENDING, "PENDING"),
            (("a", "b\n"), r"a, b\n"),
            ("\U000e0041", r"\udb40\udc41"),
            ("Zoë \N{GREEK SMALL LETTER MU} 吸引 👩", "Zoë \N{GREEK SMALL LETTER MU} 吸引 👩"),
        ],
    )
    def test_of_a_value_is_one_line(self, value: object, text: str) -> None:
        """A value is the text that a person expects."""
        shown = text_of(value)

        assert shown == text

    def test_holds_nothing_that_a_terminal_obeys(self) -> None:
        """Of all there is in Unicode, only what can be printed is."""
        every = "".join(map(chr, range(0x110000)))

        shown = printable(every)

        assert shown.isprintable()
        assert "\x1b" not in shown


class TestStart:
    @pytest.mark.parametrize("arguments", [("--version",), ("profile", "list", "--json")])
    def test_loads_no_rich_where_there_is_no_table(
        self, terminal: Terminal, arguments: tuple[str, ...]
    ) -> None:
        """What draws tables is loaded to draw one; what reads profiles, to read them."""
        terminal.variables["PYTHONPROFILEIMPORTTIME"] = "1"

        ended = terminal.run(*arguments)

        loaded = {line.rpartition("|")[2].strip() for line in ended.complained.splitlines()}
        assert ended.status == 0
        assert "cli.late" in loaded
        assert "rich.table" not in loaded
        assert ("pydantic" in loaded) == ("profile" in arguments)
