"""Two names that a reader would take for one share a key; a name that hides something is refused."""

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rounds.errors import InvalidInput
from rounds.lookalikes import check_name, name_key

HIDDEN = ("\u200b", "\u00ad", "\u2060", "\ufeff", "\u202e", "\u034f", "\u3164", "\ufe0f")
ANYTHING = st.text(alphabet=st.characters(exclude_categories=()), max_size=20)
DRESSED = st.text(
    alphabet="iIlrnm-_ \u00e9\u0131\u017f\u0149\u00df\u0390\u03bc\u039c\u03bd\u039d\u0440\u042f"
    "\u0301\u0307\u0327\u200b\u2212\u3164",
    max_size=12,
)
ORDINARY = (
    "Lumps",
    "binary-metrics",
    "ResNet-50",
    "Malignancy of breast masses",
    "Ada Data (hospital A)",
    "Müller & Søn, Ålesund",
    "Mu\u0308ller",
    "β-catenin",
    "IFN-\u03b3",
    "sections of 5 \u00b5m",
    "5\u00b5m",
    "X線CT",
    "検査データ",
    "Городская больница 7",
    "\u041a\u0430\u043c\u02bc\u044f\u043d\u043a\u0430",
    "Νοσοκομείο",
    "नमस्ते",
    "مستشفى",
    "서울",
)


class TestNameKey:
    @pytest.mark.parametrize(
        "name",
        [
            "Lumps",
            "LUMPS",
            "lumps ",
            "\u00a0lumps\t",
            "ｌｕｍｐｓ",  # noqa: RUF001  wide letters are what is tested
            "lum\u0440s",
            "\u217cumps",
            "lump\u0455",
            "1umps",
            "Iumps",
            "lurnps",
            "-lumps_",
            *(f"lu{sign}mps" for sign in HIDDEN),
        ],
    )
    def test_is_one_for_what_looks_like_one(self, name: str) -> None:
        """Case, width, blanks, hidden characters and look-alike letters make no other name."""
        key = name_key(name)

        assert key == name_key("lumps")

    @pytest.mark.parametrize(
        "name",
        [
            "hospital a",
            "Hospital-A",
            "hospital_a",
            "hospital \u2013 a",
            "hospital\u2212a",
            "hospital\u3000a",
        ],
    )
    def test_forgets_how_words_are_held_apart(self, name: str) -> None:
        """Blanks, dashes and underscores, one or several, are one dash."""
        key = name_key(name)

        assert key == name_key("Hospital A")

    @pytest.mark.parametrize(
        ("name", "other"),
        [
            ("site-a", "site-b"),
            ("model-2", "model-3"),
            ("lumps", "lump"),
            ("Müller", "Muller"),
            ("site-a", "sitea"),
            ("patches of 5 \u00b5m", "patches of 5 mm"),
            ("第一病院", "第二病院"),
            ("больница", "больницы"),
        ],
    )
    def test_tells_apart_what_reads_apart(self, name: str, other: str) -> None:
        """Another letter, digit, accent or unit is another name."""
        keys = {name_key(name), name_key(other)}

        assert len(keys) == 2

    @pytest.mark.parametrize(
        "name", ["\u041d\u0415\u0422", "\u0420\u0410\u041a", "Straße", "Ὀδυσσεύς"]
    )
    def test_forgets_case_in_every_script(self, name: str) -> None:
        """A name in capitals is the name in small letters, whatever either looks like."""
        keys = {name_key(name), name_key(name.lower()), name_key(name.upper())}

        assert len(keys) == 1

    def test_sees_through_another_script(self) -> None:
        """A clinic's letters in Cyrillic capitals are the Latin ones that a reader sees."""
        keys = {name_key("\u0412\u041c\u0421"), name_key("BMC")}

        assert len(keys) == 1

    def test_is_one_for_both_ways_to_write_an_accent(self) -> None:
        """A letter with its accent in one character or in two is one letter."""
        keys = {name_key(unicodedata.normalize(form, "Müller")) for form in ("NFC", "NFD")}

        assert len(keys) == 1

    @given(ANYTHING | DRESSED)
    def test_of_a_key_is_itself(self, name: str) -> None:
        """A key can be made again from itself, whatever was typed."""
        key = name_key(name)

        assert name_key(key) == key

    @given(st.sampled_from(ORDINARY), st.sampled_from(HIDDEN), st.integers(0, 8))
    def test_is_not_changed_by_what_is_hidden(self, name: str, hidden: str, place: int) -> None:
        """A character that leaves no mark makes no other name, wherever it hides."""
        dressed = name[:place] + hidden + name[place:]

        assert name_key(dressed) == name_key(name)


class TestCheckName:
    @pytest.mark.parametrize("name", ORDINARY)
    def test_lets_names_of_any_language_through(self, name: str) -> None:
        """A name in one script a word is a name."""
        check_name(name)

        assert name_key(name)

    @pytest.mark.parametrize(
        "sign",
        [
            *HIDDEN,
            "\x00",
            "\n",
            "\x7f",
            "\u2028",
            "\ud800",
            "\ue000",
            "\U000f0000",
            "\uffff",
            "\u0378",
        ],
    )
    def test_refuses_what_cannot_be_seen(self, sign: str) -> None:
        """Control, format, surrogate, private and unassigned characters have no place in a name."""
        with pytest.raises(
            InvalidInput, match="a character in a name that cannot be seen or has no"
        ):
            check_name(f"lu{sign}mps")

    @pytest.mark.parametrize("name", [" lumps", "lumps ", "\u00a0lumps", "lumps\u3000"])
    def test_refuses_blanks_at_the_ends(self, name: str) -> None:
        """A blank that one cannot see beside a name is no part of one."""
        with pytest.raises(InvalidInput, match="a blank before or after a name"):
            check_name(name)

    @pytest.mark.parametrize("name", ["-", "_ -", "\u2013\u2014"])
    def test_refuses_what_has_no_key(self, name: str) -> None:
        """Dashes alone would all be one name, an empty one."""
        with pytest.raises(InvalidInput, match="only dashes as a name"):
            check_name(name)

    @pytest.mark.parametrize(
        "name",
        [
            "lum\u0440s",
            "Hospital \u0410da",
            "\u039dine",
            "TNF\u03b1",
            "lx\u0301\u0440",
            "lum1\u0440s",
            "\u03c1\u0430",
        ],
    )
    def test_refuses_words_of_mixed_look_alikes(self, name: str) -> None:
        """One Cyrillic letter in a Latin word is a trap, however it got there."""
        with pytest.raises(InvalidInput, match="letters of several scripts that look alike"):
            check_name(name)

    def test_does_not_repeat_the_name(self) -> None:
        """The refusal says what is wrong and not what was typed."""
        with pytest.raises(InvalidInput, match="needed each word in one script") as caught:
            check_name("mueller\u0440")

        assert "mueller" not in caught.value.summary


class TestImport:
    def test_reads_no_table(self) -> None:
        """Who never compares a name pays nothing for the look-alikes."""
        program = "import sys, rounds.lookalikes; sys.exit('confusable_homoglyphs' in sys.modules)"

        ended = subprocess.run([sys.executable, "-c", program], check=False)

        assert ended.returncode == 0
