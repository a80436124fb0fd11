"""Whatever identifier is planted wherever in ordinary words, the gate finds it, and nothing but it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from rounds.identifiers import Identifier, kinds_in

PHRASES = st.sampled_from(
    [
        "aspirates of breast masses",
        "cases of 2019 to 2023",
        "10,000 slides at 0.25 \u00b5m",
        "women of 18-65 years",
        "model v2.1.0 (ResNet-50)",
        "sensitivity of 95.5%",
        "Ada Data, hospital A",
        "read by two of three readers",
        "may hold artefacts",
        "Müller's stain",
        "CT and/or MR",
    ]
)
TEXTS = st.lists(PHRASES, min_size=1, max_size=5).map(", ".join)
FORMATS = st.sampled_from(
    [
        *(
            "%Y-%m-%d",
            "%Y/%m/%d",
            "%Y.%m.%d",
            "%Y%m%d",
            "%Y_%m_%d",
            "%d.%m.%Y",
            "%d/%m/%Y",
            "%m/%d/%Y",
        ),
        *(
            "%d-%m-%Y",
            "%d.%m.%y",
            "%d/%m/%y",
            "%m/%d/%y",
            "%d %B %Y",
            "%d. %b %Y",
            "%B %d, %Y",
            "%b %d %Y",
        ),
        *("%d-%b-%Y", "%d-%b-%y", "%d%b%Y", "%d %m %Y", "%G-W%V-%u"),
    ]
)
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=8)
DIGITS = st.text("3456789", min_size=7, max_size=12)
SEPARATORS = st.sampled_from(["", " ", "-", ".", "/", "_", " - ", "\u00a0", "\u2011"])


def grouped(digits: str, size: int, separator: str) -> str:
    """The digits in groups of `size`."""
    return separator.join(digits[at : at + size] for at in range(0, len(digits), size))


NUMBERS = st.builds(grouped, DIGITS, st.integers(2, 4), SEPARATORS)
PLANTS = {
    Identifier.DATE: st.builds(date.strftime, DAYS, FORMATS),
    Identifier.CREDENTIALS: st.builds("https://{}:{}@{}".format, LETTERS, LETTERS, LETTERS),
    Identifier.EMAIL: st.builds("{}.{}@{}.org".format, LETTERS, LETTERS, LETTERS),
    Identifier.PERSON_NAME: st.builds("{}^{}".format, LETTERS, LETTERS).map(str.upper),
    Identifier.UID: st.lists(st.integers(0, 2**64), min_size=5, max_size=12).map(
        lambda arcs: ".".join(map(str, arcs))
    ),
    Identifier.PATH: st.builds("/{}/{}".format, LETTERS, LETTERS)
    | st.builds("{}/{}.dcm".format, LETTERS, LETTERS)
    | st.builds(r"D:\{}".format, LETTERS)
    | st.builds(r"\\{}\{}".format, LETTERS, LETTERS),
    Identifier.PHONE: st.builds("+{}".format, NUMBERS.filter(lambda text: "_" not in text)),
    Identifier.NUMBER: NUMBERS,
}
KINDS = st.sampled_from(list(Identifier))
HIDDEN = st.sampled_from(["\u200b", "\u00ad", "\u2060", "\ufeff", "\u202d", "\u034f", "\ufe0f"])
WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}


class TestPlanted:
    @given(TEXTS, TEXTS, KINDS, st.data())
    def test_are_found(
        self, before: str, after: str, kind: Identifier, data: st.DataObject
    ) -> None:
        """An identifier between ordinary words is found."""
        plant = data.draw(PLANTS[kind])

        kinds = kinds_in(f"{before} {plant} {after}")

        assert kind in kinds

    @given(TEXTS, KINDS, HIDDEN, st.data())
    def test_are_found_in_disguise(
        self, before: str, kind: Identifier, hidden: str, data: st.DataObject
    ) -> None:
        """Wide characters, and one that cannot be seen in the midst, hide no identifier."""
        plant = data.draw(PLANTS[kind])
        place = data.draw(st.integers(0, len(plant)))
        wide = plant.translate(WIDE)

        kinds = kinds_in(f"{before} {wide[:place]}{hidden}{wide[place:]}")

        assert kind in kinds


class TestOrdinary:
    @given(TEXTS)
    def test_passes(self, text: str) -> None:
        """Ordinary sentences hold nothing that looks like an identifier."""
        kinds = kinds_in(text)

        assert kinds == frozenset()

    @given(st.text(st.characters(exclude_categories=()), max_size=200))
    def test_or_not_it_is_read(self, text: str) -> None:
        """Whatever was typed, the gate has an answer."""
        kinds = kinds_in(text)

        assert kinds <= set(Identifier)
