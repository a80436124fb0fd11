"""The audit log's hash chain, and the file by which an outsider checks it.

1. A link's sha256 covers its place, the sha256 before it and its entry, so it stands for all before it.
2. An export is one line of JSON a link, from position 1 on, and a last line with the chain's head.
3. A line has one form: sorted keys, no blanks, ASCII. Any other byte is an edit.
4. Who remakes a whole chain deceives the file alone, not the head that somebody noted before.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from rounds.digests import sha256_bytes, sha256_json
from rounds.errors import IntegrityError

GENESIS = sha256_bytes(b"rounds audit v1")
LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An entry at its place in the chain; `previous` is the sha256 of the link before, `GENESIS` at first."""

    position: int
    previous: str
    entry: Mapping[str, JsonValue]
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A whole chain: how many entries it has, and the last one's sha256 (`GENESIS` if it has none)."""

    entries: int
    sha256: str


def link(position: int, previous: str, entry: Mapping[str, JsonValue]) -> Link:
    """The link that binds `entry` to its place behind the link whose sha256 is `previous`."""
    digest = sha256_json({"position": position, "previous": previous, "entry": dict(entry)})
    return Link(position=position, previous=previous, entry=entry, sha256=digest)


def export_lines(links: Iterable[Link]) -> Iterator[str]:
    """The lines of an export without their ends, one a link as it comes, then the head."""
    entries, sha256 = 0, GENESIS
    for made in links:
        yield _link_line(made)
        entries, sha256 = entries + 1, made.sha256
    yield _head_line(entries, sha256)


def verify_lines(lines: Iterable[str], *, head: str | None = None) -> Verified:
    """What an export holds, once every link of it is found whole; one line is held at a time.

    Args:
        head: A sha256 of the chain that was noted earlier; it must be that of some position.

    Raises:
        IntegrityError: An entry was edited, taken out, put in or moved, the end is missing, something
            follows it, a line is malformed or over `LONGEST_LINE` characters, or `head` is not in the
            chain. The position is named, the text never.
    """
    entries, sha256 = 0, GENESIS
    known = head in {None, GENESIS}
    rest = iter(lines)
    for line in rest:
        made = _read(line, position=entries + 1, previous=sha256)
        if made is None:
            break
        entries, sha256 = entries + 1, made.sha256
        known = known or sha256 == head
    else:
        raise _broken(entries + 1, "no entry and no head", "the log was cut short here")
    if next(rest, None) is not None:
        raise _broken(entries + 1, "text behind the head", "something was added at the end")
    if not known:
        raise IntegrityError(
            "found a whole chain without the head that was given, needed the chain that it was noted "
            "from; this one was made anew, or ends before it"
        )
    return Verified(entries=entries, sha256=sha256)


def _read(line: str, *, position: int, previous: str) -> Link | None:
    """The link of a line, or None for the head."""
    text = line.removesuffix("\n")
    if len(text) > LONGEST_LINE:
        raise _broken(position, "a line of more than 1 MiB", "it is none of an export's")
    try:
        found = json.loads(text)
        if isinstance(found, dict) and found.keys() == {"head"}:
            _check_head(text, entries=position - 1, sha256=previous)
            return None
        return _check_link(text, found, position=position, previous=previous)
    except (ValueError, RecursionError) as error:
        raise _malformed(position) from error


def _check_head(text: str, *, entries: int, sha256: str) -> None:
    if text != _head_line(entries, sha256):
        raise _broken(
            entries + 1,
            "a head that is not that of the entries before it",
            "entries were taken out or put in at the end, or the head was edited",
        )


def _check_link(text: str, found: JsonValue, *, position: int, previous: str) -> Link:
    if not isinstance(found, dict) or found.keys() != {"position", "previous", "entry", "sha256"}:
        raise _malformed(position)
    entry, place = found["entry"], found["position"]
    if not isinstance(entry, dict) or not isinstance(place, int):
        raise _malformed(position)
    if place > position:
        raise _broken(position, "a later entry", "entries were taken out or moved here")
    if place < position:
        raise _broken(position, "an earlier entry", "entries were put in or moved here")
    made = link(position, previous, entry)
    if found["previous"] != previous:
        raise _broken(position, "an entry that does not follow the one before", "one was replaced")
    if found["sha256"] != made.sha256:
        raise _broken(position, "an entry that differs from its sha256", "it was edited")
    if text != _link_line(made):
        raise _malformed(position)
    return made


def _malformed(position: int) -> IntegrityError:
    return _broken(position, "a malformed line", "it is not as it was exported")


def _broken(position: int, found: str, verdict: str) -> IntegrityError:
    return IntegrityError(
        f"found {found} at position {position} of the audit log, needed the chain whole; {verdict}"
    )


def _link_line(made: Link) -> str:
    return _one_form(
        {
            "position": made.position,
            "previous": made.previous,
            "entry": dict(made.entry),
            "sha256": made.sha256,
        }
    )


def _head_line(entries: int, sha256: str) -> str:
    return _one_form({"head": {"entries": entries, "sha256": sha256}})


def _one_form(document: Mapping[str, JsonValue]) -> str:
    # ASCII: no reader splits a line at a separator that only some take for a line's end.
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
