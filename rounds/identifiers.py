"""What looks like a person's identifier in text that somebody typed into a registration.

1. The gate errs on the safe side: what it cannot tell from an identifier is refused, with a way to write it
   otherwise. It reads shapes and not meanings, so a name in plain words passes.
2. Text is read as it is seen: digits of every script and width are digits, every blank is a blank, every
   dash a dash, accents do not count, and what cannot be seen is not there.
3. Every pattern is bounded, so that the longest text of a record is read in milliseconds.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from enum import StrEnum

from rounds.errors import InvalidInput
from rounds.lookalikes import is_invisible


class Identifier(StrEnum):
    """A kind of identifier, in the words of a refusal; of several, the one that comes first here is named."""

    DATE = "a date"
    CREDENTIALS = "a URL with a user's name or password"
    EMAIL = "an e-mail address"
    PERSON_NAME = "a DICOM person name"
    UID = "a DICOM UID"
    PATH = "a file path"
    PHONE = "a phone number"
    NUMBER = "a person's or a hospital's number"


_WAYS_OUT: Mapping[Identifier, str] = {
    Identifier.DATE: "write only the year",
    Identifier.CREDENTIALS: "write the URL without what stands before its @",
    Identifier.EMAIL: "accounts say how people are reached",
    Identifier.PERSON_NAME: "write nobody's name",
    Identifier.UID: "write what it stands for",
    Identifier.PATH: "write what lies there",
    Identifier.PHONE: "accounts say how people are reached",
    Identifier.NUMBER: "write a count as 1,234,567 and a range as 1000 to 5000",
}

# English, German, French, Dutch, Spanish, Italian, Portuguese; without accents, as the text is read.
_MONTHS = (
    "january jan januar janvier janv januari enero ene gennaio gen janeiro "
    "february feb februar fevrier fevr fev februari febrero febbraio fevereiro "
    "march mar marz maerz mrz mars maart mrt marzo marco april apr avril avr abril abr aprile "
    "may mai mei mayo maggio mag maio june jun juni juin junio giugno giu junho "
    "july jul juli juillet juil julio luglio lug julho august aug aout augustus agosto ago "
    "september sept sep septembre septiembre settembre set setembro "
    "october oct oktober okt octobre octubre ottobre ott outubro out november nov novembre "
    "noviembre novembro december dec dezember dez decembre diciembre dic dicembre dezembro"
)
_NAME = rf"(?<![^\W\d_])(?:{'|'.join(sorted(_MONTHS.split(), key=len, reverse=True))})(?![^\W\d_])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_FULL_DAY, _FULL_MONTH = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])"
_YEAR = r"(?:1[89]|2[01])\d\d"
_BY = r" ?([-./_ ]) ?"
_TO_NAME = r"(?:st|nd|rd|th|er|[ao])?[-./_, ]{0,3}(?:(?:of|de) )?"
_FROM_NAME = r"[-./_, ]{0,3}(?:del? )?"
_DATES = (
    rf"(?<!\d){_YEAR}( ?[-/] ?|[._ ]){_MONTH}\1{_DAY}(?!\d)",
    rf"(?<!\d){_DAY}{_BY}{_MONTH} ?\1 ?{_YEAR}(?!\d)",
    rf"(?<!\d){_MONTH}{_BY}{_DAY} ?\1 ?{_YEAR}(?!\d)",
    rf"(?<![\d/])(?:{_DAY}/{_MONTH}|{_MONTH}/{_DAY})/\d\d(?![\d/])",
    rf"(?<!\d)(?<!\d[-.]){_FULL_DAY}([-.]){_FULL_MONTH}\1\d\d(?![-.]?\d)",
    rf"(?<!\d){_YEAR}{_FULL_MONTH}{_FULL_DAY}(?!\d)",
    rf"(?<!\d){_YEAR}-?w[0-5]\d-?[1-7](?!\d)",
    rf"(?<!\d){_DAY}{_TO_NAME}{_NAME}{_FROM_NAME}{_YEAR}(?!\d)",
    rf"(?<!\d){_DAY}[-./ ]?{_NAME}[-./ ]?'?\d\d(?!\d)",
    rf"{_NAME}[-./_ ]{{0,2}}{_DAY}(?:st|nd|rd|th)?[-/_, ]{{1,3}}(?:{_YEAR}|'\d\d)(?!\d)",
    rf"(?<!\d){_YEAR}[-./_, ]{{0,2}}{_NAME}[-./_ ]{{0,2}}{_DAY}(?!\d)",
)
_DATA_FILE = (
    r"(?:dcm|dicom|nii|mh[ad]|nrrd|nhdr|csv|tsv|txt|json|xml|xlsx?|docx?|pdf|png|jpe?g|tiff?|bmp|svs|ndpi"
    r"|mrxs|h5|hdf5?|np[yz]|parquet|feather|db|sqlite|dta|sav|sas7bdat|rds|zip|t?gz|tar|7z)"
)
_PART = r"[^\s/\\:*?\"<>|]{1,255}"
_PATHS = (
    rf"(?<![\w/.)\]-])(?:~\w{{0,32}}|\.\.?)?/{{1,3}}{_PART}/{_PART}",
    rf"(?<![\w/.)\]-])(?:~\w{{0,32}}|\.\.?)?/{_PART}\.[a-z]\w{{0,9}}(?!\w)",
    r"(?<!\w)file:/",
    r"(?<!\w)[a-z]:[\\/]{1,2}[^\s\\/]",
    rf"\\\\{_PART}[\\/]\S",
    r"\w\\[\w.-]{1,255}\\\w",
    rf"[\w-][/\\][^\s/\\]{{1,255}}\.{_DATA_FILE}(?!\w)",
)
_PHONES = (
    r"(?<!\w)\+\(?\d(?:[ ./()-]{0,3}\d){6,14}",
    r"\(0\d{0,5}\)[ ./-]{0,2}\d(?:[ ./-]?\d){3,10}",
    r"\(\d{3}\)[ ./-]{0,2}\d(?:[ ./-]?\d){6}",
    r"(?<![\w.,])0(?=(?:[-./ ]{0,3}\d){6})\d{1,4}(?: ?[-./ ] ?\d{2,4}){2,5}",
    r"(?<!\w)(?:tel|phone|telephone|telefon|telefoon|fax|pager)\b[.:]{0,2} ?\d(?:[ ./-]?\d){4,14}",
)
_SHAPES: Mapping[Identifier, tuple[str, ...]] = {
    Identifier.DATE: _DATES,
    Identifier.CREDENTIALS: (r"://[^\s/?#@]{1,255}@",),
    Identifier.EMAIL: (r"[^\s@] ?@ ?(?:[^\W_][\w-]{0,62}\.){1,8}[^\W\d_]{2}",),
    Identifier.PERSON_NAME: (r"(?:[^\W\d_]{2}|[^\W\d_a-z])[-.' ]?\^{1,4} ?[^\W\d_]",),
    Identifier.UID: (r"(?<!\d)(?<!\d\.)\d{1,64}(?:\.\d{1,64}){4}",),
    Identifier.PHONE: _PHONES,
    Identifier.NUMBER: (r"(?<!\d)\d{3}([ -])\d{2,3}\1\d{4}(?!\d)",),
}
_PATTERNS = {kind: tuple(re.compile(shape) for shape in shapes) for kind, shapes in _SHAPES.items()}
_PATH_PATTERNS = tuple(re.compile(shape) for shape in _PATHS)
_WEB_ADDRESS = re.compile(r"https?://[^\s,;\"'<>()]*")

_MOST_DIGITS = 6
_JOINED = re.compile(r"\d+(?:[-./_]\d+)*")
_SPACED = re.compile(r"(?<!\d)(?<!\d[-.,/_])\d+(?:-\d+)*(?: (?:- )?\d+(?:-\d+)*)+")
_YEARS = re.compile(rf"{_YEAR}(?:[-/]{_YEAR})*")
_DECIMAL = r"(?:0\.\d{1,6}|\d{1,2}\.\d{1,4}|100\.0{1,4})"
_DECIMALS = re.compile(rf"{_DECIMAL}(?:-{_DECIMAL})?")


def check_text(text: str, *, field: str) -> None:
    """Pass if nothing in `text` looks like a person's identifier.

    Raises:
        InvalidInput: Something does; names the kind and `field`, never the text.
    """
    kinds = kinds_in(text)
    for kind in Identifier:
        if kind in kinds:
            raise InvalidInput(
                f"found what looks like {kind} in {field}, needed text without it; {_WAYS_OUT[kind]}"
            )


def kinds_in(text: str) -> frozenset[Identifier]:
    """The kinds of identifiers that something in `text` looks like."""
    seen = _as_seen(text)
    found = {
        kind
        for kind, patterns in _PATTERNS.items()
        if any(pattern.search(seen) for pattern in patterns)
    }
    off_the_web = _WEB_ADDRESS.sub(" ", seen)
    if any(pattern.search(off_the_web) for pattern in _PATH_PATTERNS):
        found.add(Identifier.PATH)
    if any(_count_digits(run) > _MOST_DIGITS for run in _runs(seen)):
        found.add(Identifier.NUMBER)
    return frozenset(found)


def _runs(seen: str) -> Iterator[str]:
    """The digits that belong together, but for years, ranges of years, decimals and ranges of those."""
    for word in _JOINED.findall(seen):
        if not (_YEARS.fullmatch(word) or _DECIMALS.fullmatch(word)):
            yield word
    for words in _SPACED.findall(seen):
        yield " ".join(word for word in words.split() if not _YEARS.fullmatch(word))


def _count_digits(run: str) -> int:
    return sum(sign.isdigit() for sign in run)


def _as_seen(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text)
    plain = "".join(_plain(sign) for sign in spread).casefold()
    return re.sub(r"([ _-])\1+", r"\1", plain)


def _plain(sign: str) -> str:
    if sign.isspace() or unicodedata.category(sign) == "Cc":
        return " "
    if sign.isascii():
        return sign
    category = unicodedata.category(sign)
    if category in {"Mn", "Me"} or is_invisible(sign):
        return ""
    if category == "Nd":
        return str(unicodedata.digit(sign))
    if category == "Pd" or sign == "\N{MINUS SIGN}":
        return "-"
    return "/" if sign in "\N{FRACTION SLASH}\N{DIVISION SLASH}" else sign
