"""A rehearsal with local cubes is no compatibility test."""

import pytest
from pydantic import JsonValue

from rounds.digests import sha256_json
from rounds.errors import SpecError
from rounds.rehearsals import as_rehearsal, need_test

REPORT: dict[str, JsonValue] = {"demo_dataset": "0" * 64, "scores": {"auroc": 0.9}, "n_cases": 9}


class TestRehearsal:
    def test_has_another_sha256_than_the_test(self) -> None:
        """Even where the same cubes gave the same scores, its report is another document."""
        rehearsed = as_rehearsal(REPORT, ["model", "metrics"])

        assert rehearsed == {**REPORT, "rehearsal": ["metrics", "model"]}
        assert sha256_json(rehearsed) != sha256_json(REPORT)

    def test_is_refused_where_a_test_is_needed(self) -> None:
        """Its report says what it is, and is not taken for a test's."""
        need_test(REPORT)

        with pytest.raises(SpecError, match="found the report of a rehearsal"):
            need_test(as_rehearsal(REPORT, ["model"]))
