"""What a program or a script reads in place of a table, and the options that every list has."""

import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.contract.command_line.showing import (
    DIGEST,
    MODULE,
    VARIABLES,
    Trial,
    piped,
    write_trials,
)
from tests.contract.repository import ROOT


class TestLines:
    def test_hold_whole_values(self, tmp_path: Path) -> None:
        """Into a pipe goes a line a record without a heading, its values whole and parted by tabs."""
        file = write_trials(tmp_path, Trial(id=7, score=None), Trial(id=8, name="a\tb\nc" * 90))

        ended = piped("list", file, "2")

        first, second = ended.stdout.splitlines()
        assert first == f"7\tAspirates\tPENDING\t{DIGEST}\t\tyes\t2026-03-01 12:30Z\tUtrecht"
        assert second.split("\t")[1] == r"a\tb\nc" * 90
        assert ended.stderr == ""

    def test_of_nothing_are_none(self, tmp_path: Path) -> None:
        """Who counts lines counts none; who reads the screen reads so."""
        ended = piped("list", write_trials(tmp_path), "0")

        assert (ended.stdout, ended.stderr) == ("", "none\n")

    def test_of_a_thing_are_its_fields(self, tmp_path: Path) -> None:
        """A field a line, its name first, those within a field by dotted names."""
        ended = piped("show", write_trials(tmp_path, Trial(id=7)))

        fields = dict(line.split("\t") for line in ended.stdout.splitlines())
        assert fields["digest"] == DIGEST
        assert fields["place.beds"] == "40"
        assert (fields["scores"], fields["places"]) == ("", "")

    @pytest.mark.parametrize("rows", [1, 5000])
    def test_may_be_left_unread(self, tmp_path: Path, rows: int) -> None:
        """Whoever stops reading, as `head` does, stops the command, which complains of nothing."""
        file = write_trials(tmp_path, *[Trial(id=number + 1) for number in range(rows)])

        with subprocess.Popen(
            [sys.executable, "-m", MODULE, "list", file, str(rows)],
            cwd=ROOT,
            env=VARIABLES,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as program:
            assert program.stdout is not None
            assert program.stderr is not None
            program.stdout.close()
            complained = program.stderr.read()

        assert complained == b""

    @pytest.mark.parametrize(
        ("zone", "told"),
        [(timezone(timedelta(hours=2)), "2026-02-28 23:30Z"), (None, "2026-03-01 01:30Z")],
    )
    def test_tell_times_in_utc(self, tmp_path: Path, zone: timezone | None, told: str) -> None:
        """Wherever the terminal is, a time is told in UTC to the minute; one without a zone is UTC."""
        at = datetime(2026, 3, 1, 1, 30, 59, tzinfo=zone)

        ended = piped(
            "list", write_trials(tmp_path, Trial(id=7, at=at)), "1", variables={"TZ": "EST5"}
        )

        assert ended.stdout.split("\t")[6] == told

    def test_are_written_in_any_encoding(self, tmp_path: Path) -> None:
        """Where the locale lacks a letter its escape stands; the rest is shown."""
        file = write_trials(tmp_path, Trial(id=7, name="Zoë"), Trial(id=8))

        ended = piped("list", file, "2", variables={"PYTHONIOENCODING": "ascii"})

        assert ended.returncode == 0
        assert [line.split("\t")[1] for line in ended.stdout.splitlines()] == [
            r"Zo\xeb",
            "Aspirates",
        ]


class TestJson:
    def test_of_a_list_is_an_array_of_whole_records(self, tmp_path: Path) -> None:
        """Every field of every record, exact, and nothing else on stdout."""
        trials = [Trial(id=7, score=0.1 + 0.2), Trial(id=8, name="Zoë \x1b[2J")]

        ended = piped("list", write_trials(tmp_path, *trials), "11000", "--json")

        assert json.loads(ended.stdout) == [trial.model_dump(mode="json") for trial in trials]
        assert ended.stdout.isascii()
        assert ended.stderr == "2 of 11,000; --offset 2 for more\n"

    def test_of_nothing_is_an_empty_array(self, tmp_path: Path) -> None:
        """An empty list is JSON too, and needs no remark."""
        ended = piped("list", write_trials(tmp_path), "0", "--json")

        assert (ended.stdout, ended.stderr) == ("[]\n", "")

    def test_of_a_thing_is_an_object(self, tmp_path: Path) -> None:
        """A thing is an object with every field."""
        trial = Trial(id=7, scores={"auc": 0.25})

        ended = piped("show", write_trials(tmp_path, trial), "--json")

        assert json.loads(ended.stdout) == trial.model_dump(mode="json")


class TestRemark:
    @pytest.mark.parametrize(
        ("total", "offset", "remark"),
        [
            (2, 0, ""),
            (3, 0, "2 of 3; --offset 2 for more\n"),
            (11000, 1200, "1,201 to 1,202 of 11,000; --offset 1202 for more\n"),
            (1202, 1200, ""),
        ],
    )
    def test_says_what_is_left(self, tmp_path: Path, total: int, offset: int, remark: str) -> None:
        """Only where there is more is it said, on stderr, as an option to copy."""
        file = write_trials(tmp_path, Trial(id=1), Trial(id=2))

        ended = piped("list", file, str(total), "--offset", str(offset))

        assert ended.stderr == remark

    def test_comes_after_the_lines(self, tmp_path: Path) -> None:
        """Where both go into one file, what is left is said below what is there."""
        file = write_trials(tmp_path, Trial(id=1), Trial(id=2))

        done = subprocess.run(
            [sys.executable, "-m", MODULE, "list", file, "3"],
            cwd=ROOT,
            env=VARIABLES,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=True,
        )

        assert done.stdout.endswith(b"Utrecht\n2 of 3; --offset 2 for more\n")

    def test_says_that_all_were_passed_over(self, tmp_path: Path) -> None:
        """An offset beyond the end is told apart from an empty list."""
        ended = piped("list", write_trials(tmp_path), "30", "--offset", "40")

        assert ended.stderr == "none after the first 40 of 30\n"


class TestOptions:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ((), "50 0 None False"),
            (("--limit", "1000", "--offset", "7"), "1000 7 None False"),
            (("--order", "-created_at", "--all"), "50 0 -created_at True"),
        ],
    )
    def test_are_what_lists_share(self, arguments: tuple[str, ...], said: str) -> None:
        """Fifty from the start unless said otherwise; a stroke before the field turns the order around."""
        ended = piped("options", *arguments)

        assert ended.stdout == f"{said}\n"

    @pytest.mark.parametrize(
        "arguments", [("--limit", "0"), ("--limit", "1001"), ("--offset", "-1")]
    )
    def test_have_bounds(self, arguments: tuple[str, ...]) -> None:
        """What no page can be ends with 2."""
        ended = piped("options", *arguments)

        assert ended.returncode == 2
        assert arguments[0] in ended.stderr
