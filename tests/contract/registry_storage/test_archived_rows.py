"""A backup whose files are whole is still refused if what is in them is no registry's."""

import json
from pathlib import Path

import pytest

from rounds.errors import Conflict, IntegrityError
from tests.contract.registry_storage.packing import (
    NOT_WHOLE,
    changed,
    rows_in,
    try_restore,
    user,
)


class TestRows:
    @pytest.mark.parametrize(
        "line",
        [
            b"[]\n",
            b"{}",
            b"not json\n",
            b"[" * 100_000 + b"\n",
            b"\xff\n",
        ],
    )
    def test_that_are_none_are_refused(self, good: bytes, tmp_path: Path, line: bytes) -> None:
        """A line that is no JSON object is refused, however right the manifest is about it."""
        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, changed(good, "user_account", line))

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("id", "1"),
            ("id", True),
            ("id", 2**64),
            ("is_admin", 1),
            ("name", None),
            ("name", ["Ada"]),
            ("revision", 1.5),
        ],
    )
    def test_of_another_kind_are_refused(
        self, good: bytes, tmp_path: Path, column: str, value: object
    ) -> None:
        """A value of another kind than its column's is refused: SQLite would take it."""
        with pytest.raises(
            IntegrityError, match=rf"another kind of value in user_account\.{column}"
        ):
            try_restore(tmp_path, user(good, **{column: value}))

    @pytest.mark.parametrize("moment", ["yesterday", "2026-03-02T09:00:00", 5])
    def test_without_a_moment_are_refused(
        self, good: bytes, tmp_path: Path, moment: object
    ) -> None:
        """A moment has a date, a time and a zone."""
        row = {"sha256": "0", "count": 1, "last": moment}
        content = json.dumps(row).encode() + b"\n"

        with pytest.raises(IntegrityError, match=r"another kind of value in sign_in_failure\.last"):
            try_restore(tmp_path, changed(good, "sign_in_failure", content))

    def test_with_other_columns_are_refused(self, good: bytes, tmp_path: Path) -> None:
        """A row has its table's columns and no other."""
        with pytest.raises(IntegrityError, match="a row of user_account with other columns"):
            try_restore(tmp_path, user(good, password="secret"))

    def test_that_break_a_rule_are_refused(self, good: bytes, tmp_path: Path) -> None:
        """A row that refers to none is refused, and nothing of the backup stays."""
        with pytest.raises(IntegrityError, match="found rows of user_account that break its rules"):
            try_restore(tmp_path, user(good, organisation_id=7))

        assert rows_in(tmp_path) == {}

    def test_with_nan_are_refused(self, good: bytes, tmp_path: Path) -> None:
        """NaN and infinity are no JSON."""
        line = b'{"id":1,"kind":"a","subject":"b","body":{"score":NaN}}\n'

        with pytest.raises(IntegrityError, match=NOT_WHOLE):
            try_restore(tmp_path, changed(good, "outbox", line))


class TestRevisions:
    def test_that_are_unknown_are_refused(self, good: bytes, tmp_path: Path) -> None:
        """A newer version's backup is refused, with what to do."""
        newer = changed(good, "answer", b"", revision="9999", rounds="7.0")

        with pytest.raises(
            Conflict, match=r"tables at 9999.*install the version that wrote it, 7\.0"
        ):
            try_restore(tmp_path, newer)

    def test_with_other_tables_are_refused(self, good: bytes, tmp_path: Path) -> None:
        """A backup that says it is older than it is does not fit the older tables."""
        with pytest.raises(IntegrityError, match="other tables than its revision has"):
            try_restore(tmp_path, changed(good, "answer", b"", revision="0001"))
