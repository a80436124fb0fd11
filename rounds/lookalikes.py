"""Names that look alike share one key, and a name that hides what it is made of is none.

1. A key forgets case, width, accents' encoding, what cannot be seen, and how words are held apart.
2. A letter of another script that looks like a Latin one counts as that one; so do digits that look
   like letters. The look-alikes are those of Unicode's confusables (UTS 39).
3. A key is for comparing, never for showing: `Model I`, `model-1` and `model l` are one.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from rounds.errors import InvalidInput

# What Unicode calls ignorable beside the format characters, and the Braille blank.
_BLANK = {
    "\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180c", "\u180d", "\u180f",
    "\u2800", "\u3164", "\uffa0",
    *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0)),
}  # fmt: skip
_BETWEEN = {"Zs", "Zl", "Zp", "Pd", "Pc"}
_DASHES = set("\u02d7\u2043\u2212\u2796")  # look like dashes, are filed as symbols
_UNUSABLE = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
_ALIKE = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"})
_WORD = re.compile(r"[^\W_]+")


def name_key(name: str) -> str:
    """What `name` must differ in from every other name; the key of a key is itself."""
    key, narrower = name, _narrow(name)
    while narrower != key:
        key, narrower = narrower, _narrow(narrower)
    return key


def check_name(name: str) -> None:
    """Pass if a reader can see what `name` is made of.

    Raises:
        InvalidInput: It holds a character that cannot be seen or has no meaning, begins or ends with a
            blank, has nothing but blanks and dashes, or has a word that mixes look-alike scripts.
    """
    if any(unicodedata.category(sign) in _UNUSABLE or is_invisible(sign) for sign in name):
        raise InvalidInput(
            "found a character in a name that cannot be seen or has no meaning, "
            "needed letters, digits, signs and blanks; type the name rather than paste it"
        )
    if name != name.strip():
        raise InvalidInput("found a blank before or after a name, needed the name alone")
    if not name_key(name):
        raise InvalidInput("found only dashes as a name, needed at least a letter or a digit")
    if any(_mixes_scripts(word) for word in _words(name)):
        raise InvalidInput(
            "found letters of several scripts that look alike in one word of a name, needed each word "
            "in one script; write the word anew, or put a dash between the scripts"
        )


def is_invisible(sign: str) -> bool:
    """Whether a character leaves no mark of its own, and is no space either."""
    return sign in _BLANK or unicodedata.category(sign) == "Cf"


def _narrow(text: str) -> str:
    seen = "".join(sign for sign in text if not is_invisible(sign))
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    spread = "".join(_spell(sign) for sign in folded)
    return re.sub("-+", "-", spread).strip("-").translate(_ALIKE).replace("rn", "m")


def _spell(sign: str) -> str:
    if sign.isspace() or sign in _DASHES or unicodedata.category(sign) in _BETWEEN:
        return "-"
    if sign.isascii() or sign == "\N{GREEK SMALL LETTER MU}":  # sections of 5 µm are not of 5 mm
        return sign
    twins = _latin_twins()
    # The small letter first, whatever was typed: a name in capitals has the key of the name in small.
    return (twins.get(sign) or twins.get(sign.upper()) or sign).lower()


def _words(name: str) -> Iterator[str]:
    apart = unicodedata.normalize("NFKC", name)
    bare = "".join(sign for sign in apart if not unicodedata.category(sign).startswith("M"))
    return (found[0] for found in _WORD.finditer(bare))


def _mixes_scripts(word: str) -> bool:
    letters = [sign for sign in word if sign.isalpha()]
    scripts = {_script(letter) for letter in letters} - {"COMMON"}
    return len(scripts) > 1 and any(letter in _latin_twins() for letter in letters)


def _script(letter: str) -> str:
    from confusable_homoglyphs.categories import alias  # type: ignore[import-untyped]

    script: str = alias(letter)
    return script


@cache
def _latin_twins() -> Mapping[str, str]:
    # Read late and cut down: importing the library's table costs every process 50 ms and 17 MB.
    text = files("confusable_homoglyphs").joinpath("confusables.json").read_text(encoding="utf-8")
    table: dict[str, list[dict[str, str]]] = json.loads(text)
    return {
        sign: twin["c"]
        for sign, twins in table.items()
        for twin in twins
        if len(sign) == len(twin["c"]) == 1
        and not sign.isascii()
        and twin["c"].isascii()
        and twin["c"].isalnum()
    }
