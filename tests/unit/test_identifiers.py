"""What a person typed into a registration holds no person's identifier, and ordinary words pass."""

import time

import pytest

from rounds.errors import InvalidInput
from rounds.identifiers import Identifier, check_text, kinds_in
from tests.unit.typed_texts import DISGUISED, ORDINARY, PLANTED

HOSTILE = (
    *(
        "a",
        "1",
        "1.",
        "1-",
        "1 ",
        "/",
        "/a",
        "a/",
        "\\",
        "a\\",
        "@",
        "a@",
        "a.",
        "a@a.",
        "^",
        "a^",
        "://",
    ),
    *(
        "://a",
        "+1",
        "+",
        "(0",
        "0 ",
        "01 ",
        "1 may ",
        "may ",
        "1th,,,",
        "tel 1 ",
        "2024-12-",
        "~a",
        "./",
    ),
    *("'/", "1_", "- ", "1 - ", "https://", "a/.d", "a-", "\ufdfa", "\u0301", "\u200b"),
)
LONGEST = 2000


class TestKinds:
    @pytest.mark.parametrize(
        ("text", "kind"), [(text, kind) for kind, texts in PLANTED.items() for text in texts]
    )
    def test_are_told(self, text: str, kind: Identifier) -> None:
        """Each shape of an identifier is known for what it is."""
        kinds = kinds_in(text)

        assert kind in kinds

    @pytest.mark.parametrize(("text", "kind"), DISGUISED.items())
    def test_are_told_in_disguise(self, text: str, kind: Identifier) -> None:
        """Other digits, blanks and dashes, and what cannot be seen, hide nothing."""
        kinds = kinds_in(text)

        assert kind in kinds

    @pytest.mark.parametrize("text", ORDINARY)
    def test_of_ordinary_text_are_none(self, text: str) -> None:
        """Versions, years, counts, ranges, scores, names and addresses of pages are no identifiers."""
        kinds = kinds_in(text)

        assert kinds == frozenset()

    @pytest.mark.parametrize(
        "text", ["13.13.2024", "32/1/2024", "20241301", "20240132", "2024-00-10", "1.2.0024"]
    )
    def test_of_no_day_are_no_date(self, text: str) -> None:
        """Digits that name no day of a calendar are not taken for one."""
        kinds = kinds_in(text)

        assert Identifier.DATE not in kinds

    @pytest.mark.parametrize("piece", HOSTILE)
    def test_are_told_in_time(self, piece: str) -> None:
        """The longest text there may be is read at once, however it was made to be slow."""
        text = (piece * LONGEST)[:LONGEST]
        began = time.process_time()

        kinds_in(text)
        kinds_in(f"a/{text}")

        assert time.process_time() - began < 0.5


class TestCheck:
    def test_names_the_kind_and_the_field(self) -> None:
        """The refusal says what was found, where, and how to write it instead."""
        says = (
            "^found what looks like a date in description, "
            "needed text without it; write only the year$"
        )

        with pytest.raises(InvalidInput, match=says):
            check_text("scanned on 1 March 2024", field="description")

    @pytest.mark.parametrize("kind", Identifier)
    def test_never_repeats_the_text(self, kind: Identifier) -> None:
        """Neither what was typed nor what stands beside it comes back, in any form."""
        text = f"zebra {PLANTED[kind][0]} zebra"

        with pytest.raises(InvalidInput, match=r"found what looks like .+ in reason") as caught:
            check_text(text, field="reason")

        told = caught.value.summary + caught.value.detail
        assert "zebra" not in told
        assert PLANTED[kind][0] not in told

    @pytest.mark.parametrize("kind", Identifier)
    def test_names_the_first_kind(self, kind: Identifier) -> None:
        """What looks like several kinds is told as the one that comes first."""
        order = list(Identifier)
        text = "; ".join(PLANTED[other][0] for other in reversed(order[order.index(kind) :]))

        with pytest.raises(InvalidInput, match=f"^found what looks like {kind} in name, "):
            check_text(text, field="name")

    def test_passes_ordinary_text(self) -> None:
        """All that is ordinary passes, a line each."""
        text = ".\n".join(ORDINARY)

        check_text(text, field="description")

        assert kinds_in(text) == frozenset()
