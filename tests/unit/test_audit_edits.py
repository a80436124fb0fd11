"""No edit of an exported audit log goes unseen, and the first place that it spoils is named."""

import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from rounds.audit import verify_lines
from rounds.digests import sha256_json
from rounds.errors import IntegrityError
from tests.unit.audit_log import ENTRIES, LOGS, VALUES, edit, export

DIGESTS = st.integers(0, 9).map(sha256_json)
FIELDS = ("position", "previous", "entry", "sha256")


class TestEdits:
    @given(LOGS, st.data())
    @settings(max_examples=40)
    def test_finds_an_edited_entry(
        self, entries: list[dict[str, JsonValue]], data: st.DataObject
    ) -> None:
        """Another entry in place of one is found there."""
        log = export(entries)
        place = data.draw(st.integers(0, len(entries) - 1))
        other = data.draw(ENTRIES)
        assume(sha256_json(other) != sha256_json(entries[place]))

        log[place] = edit(log[place], entry=other)

        with pytest.raises(
            IntegrityError, match=rf"differs from its sha256 at position {place + 1} "
        ):
            verify_lines(log)

    @given(LOGS, st.data(), st.sampled_from(FIELDS), VALUES | DIGESTS)
    @settings(max_examples=40)
    def test_finds_an_edited_field(
        self, entries: list[dict[str, JsonValue]], data: st.DataObject, field: str, value: JsonValue
    ) -> None:
        """Another value of any field is found where it was put."""
        log = export(entries)
        place = data.draw(st.integers(0, len(entries) - 1))
        edited = edit(log[place], **{field: value})
        assume(edited != log[place])

        log[place] = edited

        with pytest.raises(IntegrityError, match=rf"at position {place + 1} of the audit log"):
            verify_lines(log)

    @given(LOGS, st.sampled_from(["entries", "sha256"]), VALUES | DIGESTS)
    @settings(max_examples=40)
    def test_finds_an_edited_head(
        self, entries: list[dict[str, JsonValue]], field: str, value: JsonValue
    ) -> None:
        """The head says how many entries there are and where they end, and nothing else will do."""
        log = export(entries)
        edited = edit(log[-1], head={**json.loads(log[-1])["head"], field: value})
        assume(edited != log[-1])

        log[-1] = edited

        with pytest.raises(
            IntegrityError, match="a head that is not that of the entries before it"
        ):
            verify_lines(log)

    @given(LOGS, st.data())
    @settings(max_examples=40)
    def test_finds_a_line_taken_out(
        self, entries: list[dict[str, JsonValue]], data: st.DataObject
    ) -> None:
        """A missing line is found where it was, the head too."""
        log = export(entries)
        place = data.draw(st.integers(0, len(entries)))

        del log[place]

        with pytest.raises(IntegrityError, match=rf"at position {place + 1} of the audit log"):
            verify_lines(log)

    @given(LOGS, st.data())
    @settings(max_examples=40)
    def test_finds_a_line_put_in(
        self, entries: list[dict[str, JsonValue]], data: st.DataObject
    ) -> None:
        """A line put in, forged or a copy of another, is found."""
        log = export(entries)
        place = data.draw(st.integers(0, len(log)))
        forged = export([*entries[:place], data.draw(ENTRIES), *entries[place:]])[place]

        log.insert(place, data.draw(st.sampled_from([forged, *log])))

        with pytest.raises(IntegrityError, match="at position"):
            verify_lines(log)

    @given(LOGS, st.data())
    @settings(max_examples=40)
    def test_finds_two_lines_swapped(
        self, entries: list[dict[str, JsonValue]], data: st.DataObject
    ) -> None:
        """Two lines that change places, the head or not, are found at the first of the two."""
        log = export(entries)
        one, other = sorted(
            data.draw(st.sets(st.integers(0, len(entries)), min_size=2, max_size=2))
        )

        log[one], log[other] = log[other], log[one]

        with pytest.raises(IntegrityError, match=rf"at position {one + 1} of the audit log"):
            verify_lines(log)

    @given(LOGS, st.data())
    @settings(max_examples=40)
    def test_finds_any_other_byte(
        self, entries: list[dict[str, JsonValue]], data: st.DataObject
    ) -> None:
        """A line has one form: a blank more, or a key that is given twice, is an edit."""
        log = export(entries)
        place = data.draw(st.integers(0, len(entries)))
        line = log[place]
        at = data.draw(st.integers(0, len(line)))

        log[place] = (
            line[:at] + data.draw(st.sampled_from([" ", "\r", "0", "x", "\ufeff"])) + line[at:]
        )

        with pytest.raises(IntegrityError, match=rf"at position {place + 1} of the audit log"):
            verify_lines(log)
