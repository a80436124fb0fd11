"""An exported audit log is whole, or what is wrong with it is said with its place."""

import json
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from pydantic import JsonValue

from rounds.audit import GENESIS, LONGEST_LINE, Verified, export_lines, link, verify_lines
from rounds.digests import sha256_bytes, sha256_json
from rounds.errors import IntegrityError
from tests.unit.audit_log import LOGS, chain_of, edit, export, make_entry, make_log, relink

FIELDS = ("position", "previous", "entry", "sha256")


def peak_of(n_entries: int) -> int:
    """The most memory that an export and its check hold at once, in bytes."""
    entries = (make_entry(number) for number in range(n_entries))
    tracemalloc.start()
    verify_lines(export_lines(chain_of(entries)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


class TestLink:
    def test_begins_at_a_known_place(self) -> None:
        """The first link follows the sha256 of the log's own name."""
        assert sha256_bytes(b"rounds audit v1") == GENESIS

    def test_covers_place_predecessor_and_entry(self) -> None:
        """Anybody can work out a link's sha256 from the canonical JSON of its three parts."""
        made = link(7, "b" * 64, {"action": "dataset.update"})

        parts = {"position": 7, "previous": "b" * 64, "entry": {"action": "dataset.update"}}
        assert made.sha256 == sha256_json(parts)
        assert (made.position, made.previous, made.entry) == (7, "b" * 64, parts["entry"])


class TestExport:
    def test_is_a_line_a_link_and_the_head(self) -> None:
        """The lines hold position, previous, entry and sha256; the last one how many and the last sha256."""
        log = make_log(2)

        documents = [json.loads(line) for line in log]
        assert [document.get("position") for document in documents] == [1, 2, None]
        assert [set(document) for document in documents[:2]] == [set(FIELDS)] * 2
        assert documents[1]["previous"] == documents[0]["sha256"]
        assert documents[2] == {"head": {"entries": 2, "sha256": documents[1]["sha256"]}}

    def test_of_nothing_is_a_head(self) -> None:
        """A log without entries has the genesis as its head."""
        log = export([])

        assert json.loads(log[0]) == {"head": {"entries": 0, "sha256": GENESIS}}
        assert verify_lines(log) == Verified(entries=0, sha256=GENESIS)

    @given(LOGS)
    @settings(max_examples=40)
    def test_is_split_into_its_lines_by_any_reader(
        self, entries: list[dict[str, JsonValue]]
    ) -> None:
        """Whatever the entries hold, no line has anything in it that some reader takes for its end."""
        log = export(entries)

        assert "\n".join(log).splitlines() == log
        assert all(line.isascii() for line in log)


class TestVerify:
    @given(LOGS)
    @settings(max_examples=40)
    def test_finds_a_chain_whole(self, entries: list[dict[str, JsonValue]]) -> None:
        """What was exported is whole, whatever it holds, with its lines' ends or without."""
        log = export(entries)

        found = verify_lines(line + "\n" for line in log)

        last = json.loads(log[-2])["sha256"]
        assert found == verify_lines(log) == Verified(entries=len(entries), sha256=last)

    def test_takes_a_line_as_long_as_may_be(self) -> None:
        """A line of just the longest length is read."""
        short = export([make_entry(1, note="")])[0]
        note = "x" * (LONGEST_LINE - len(short))

        log = export([make_entry(1, note=note)])

        assert len(log[0]) == LONGEST_LINE
        assert verify_lines(line + "\n" for line in log).entries == 1

    def test_holds_one_line_at_a_time(self) -> None:
        """Ten times the entries take no more memory."""
        peaks = [peak_of(n_entries) for n_entries in (200, 2000)]

        assert peaks[1] < peaks[0] + 50_000


class TestVerdict:
    @pytest.mark.parametrize(
        ("spoil", "says"),
        [
            (lambda log: log.pop(2), "a later entry at position 3 .* taken out or moved here"),
            (
                lambda log: log.insert(2, log[0]),
                "an earlier entry at position 3 .* put in or moved",
            ),
            (lambda log: log.pop(), "no entry and no head at position 6 .* cut short here"),
            (
                lambda log: log.pop(4),
                "a head that is not that of the entries before it at position 5",
            ),
            (
                lambda log: log.append(log.pop().replace(":", ": ")),
                "a head that is not that of the entries before it at position 6",
            ),
            (
                lambda log: log.__setitem__(2, '{"entry":{},"position":3}'),
                "a malformed line at position 3",
            ),
            (lambda log: log.append(""), "text behind the head at position 6"),
            (lambda log: log.append(log[-1]), "text behind the head at position 6"),
            (lambda log: log.__setitem__(2, ""), "a malformed line at position 3"),
            (lambda log: log.__setitem__(2, "[" * 100_000), "a malformed line at position 3"),
            (lambda log: log.__setitem__(2, "9" * 10_000), "a malformed line at position 3"),
            (
                lambda log: log.__setitem__(2, edit(log[2], position="3")),
                "a malformed line at position 3",
            ),
            (
                lambda log: log.__setitem__(0, edit(log[0], position=True)),
                "malformed line at position 1",
            ),
            (
                lambda log: log.__setitem__(2, edit(log[2], entry=[])),
                "a malformed line at position 3",
            ),
            (
                lambda log: log.__setitem__(2, edit(log[2], entry={"n": float("nan")})),
                "a malformed line at position 3",
            ),
            (
                lambda log: log.__setitem__(2, edit(log[2], more=1)),
                "a malformed line at position 3",
            ),
            (
                lambda log: log.__setitem__(2, log[2].replace('"id":3', '"id":1,"id":3')),
                "a malformed line at position 3",
            ),
            (
                lambda log: log.__setitem__(2, "x" * (LONGEST_LINE + 1)),
                "a line of more than 1 MiB at position 3",
            ),
        ],
    )
    def test_says_where_and_what(self, spoil: Callable[[list[str]], object], says: str) -> None:
        """The position and what is wrong there are named."""
        log = make_log(5)

        spoil(log)

        with pytest.raises(IntegrityError, match=says):
            verify_lines(log)

    def test_names_a_link_that_was_replaced(self) -> None:
        """Who edits an entry and works out its sha256 anew breaks the next one."""
        log = make_log(5)

        log[2] = edit(log[2], entry=make_entry(3, action="dataset.delete"))
        relink(log, 2)

        with pytest.raises(IntegrityError, match="not follow the one before at position 4"):
            verify_lines(log)

    def test_never_repeats_what_it_read(self) -> None:
        """A file that is no log may be anything, so none of it is said."""
        with pytest.raises(IntegrityError, match="a malformed line at position 1") as caught:
            verify_lines(["mueller, born in spring"])

        assert "mueller" not in caught.value.summary + caught.value.detail


class TestHead:
    @pytest.mark.parametrize("position", [1, 3, 5])
    def test_noted_at_any_time_is_in_the_chain(self, position: int) -> None:
        """A chain only grows, so a head that was noted once is in every later export."""
        log = make_log(5)
        noted = json.loads(log[position - 1])["sha256"]

        found = verify_lines(log, head=noted)

        assert found.entries == 5

    @pytest.mark.parametrize("log", [make_log(0), make_log(2)])
    def test_of_the_empty_log_is_in_every_chain(self, log: list[str]) -> None:
        """What was noted before the first entry is where each chain begins."""
        found = verify_lines(log, head=GENESIS)

        assert found.entries == len(log) - 1

    def test_finds_a_chain_made_anew(self) -> None:
        """A chain that is whole but was made over other entries does not hold the noted head."""
        noted = json.loads(make_log(5)[2])["sha256"]
        remade = export([make_entry(number, action="none") for number in range(1, 6)])

        assert verify_lines(remade).entries == 5
        with pytest.raises(IntegrityError, match="a whole chain without the head that was given"):
            verify_lines(remade, head=noted)

    def test_finds_an_end_cut_off(self) -> None:
        """A chain with a head of its own that ends before the noted head is cut."""
        noted = json.loads(make_log(5)[4])["sha256"]
        cut = make_log(4)

        assert verify_lines(cut).entries == 4
        with pytest.raises(IntegrityError, match="made anew, or ends before it"):
            verify_lines(cut, head=noted)
