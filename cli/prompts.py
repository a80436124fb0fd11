"""What is asked of a person, on stderr, so that stdout holds only what came out."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rounds.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import JsonValue

    from rounds.records.base import Record

STANDARD_INPUT = Path("-")
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        help="A file of mode 0600 with the password, or - for the standard input; "
        "white space around it is no part of it. Without one you are asked."
    ),
]


def agree(question: str, *, yes: bool) -> bool:
    """Whether the answer is yes: `yes` asks nothing; Enter, Ctrl-C and the end of input are no."""
    from cli.cells import printable

    if yes:
        return True
    try:
        _say(f"{printable(question)} [y/N] ", end="")
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        answer = ""
    if not answer.endswith("\n"):
        _say("")
    return answer.strip().lower() in ("y", "yes")


def show_exactly(document: "Record | Mapping[str, JsonValue]") -> None:
    """Show what will be sent, as indented JSON with sorted keys; never call it on a secret.

    It is the very document: what a terminal would obey stands as JSON's own escape.
    """
    import json

    from cli.cells import printable
    from rounds.records.base import Record

    sent = document.model_dump(mode="json") if isinstance(document, Record) else dict(document)
    text = json.dumps(sent, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    _say("\n".join(printable(line) for line in text.split("\n")))


def secret(prompt: str, *, file: Path | None = None, again: bool = False) -> str:
    """A secret from a 0600 file, from the standard input if that is `-`, else typed unseen.

    Args:
        again: Typed twice, for a new one: a slip in it would lock its owner out.

    Raises:
        SpecError: There is no terminal to ask at, the two differ, nothing was given, or the file is
            missing, empty or readable by others.
        typer.Abort: Ctrl-C, or the end of input.
    """
    from rounds.secret_files import read_secret

    if file == STANDARD_INPUT and not sys.stdin.isatty():
        return _given(sys.stdin.readline().strip())
    if file is not None and file != STANDARD_INPUT:
        return read_secret(file)
    if not sys.stdin.isatty():
        raise SpecError("found no terminal to ask at, needed one or --password-file")
    first = _given(_unseen(prompt))
    if again and _unseen(f"{prompt}, again") != first:
        raise SpecError("found two that differ, needed the same twice; try again")
    return first


def _unseen(prompt: str) -> str:
    from getpass import getpass

    try:
        return getpass(f"{prompt}: ", stream=sys.stderr)
    except (KeyboardInterrupt, EOFError) as error:
        _say("")
        raise typer.Abort from error


def _given(text: str) -> str:
    if not text:
        raise SpecError("found nothing given, needed a secret")
    return text


def _say(text: str, *, end: str = "\n") -> None:
    sys.stderr.write(text + end)
    sys.stderr.flush()
