"""What leaves this terminal for the registry: shown exactly, agreed to, and sent."""

from typing import TYPE_CHECKING, Protocol, TypeVar

import typer

from cli.prompts import agree, show_exactly
from cli.sessions import freshly
from cli.settings import signed_in, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import JsonValue

    from rounds.client.registry import RegistryClient
    from rounds.records.base import Record, Revised

C = TypeVar("C", bound="Record")
C_contra = TypeVar("C_contra", bound="Record", contravariant=True)
E = TypeVar("E", bound="Revised")
E_co = TypeVar("E_co", bound="Revised", covariant=True)


class Change(Protocol[C_contra, E_co]):
    """A client's method that changes something from the revision that was read."""

    def __call__(self, number: int, change: C_contra, /, *, revision: int) -> E_co:
        """What it is after the change."""


def need_yes(document: "Record | Mapping[str, JsonValue]", question: str, *, yes: bool) -> None:
    """Pass if what will be sent was shown and agreed to.

    Raises:
        typer.Exit: It was not agreed to; nothing is sent.
    """
    show_exactly(document)
    ask(question, yes=yes)


def ask(question: str, *, yes: bool) -> None:
    """Pass if the answer is yes.

    Raises:
        typer.Exit: It is not; nothing is sent.
    """
    if not agree(question, yes=yes):
        typer.echo("nothing is sent", err=True)
        raise typer.Exit(1)


def change_of(record: type[C], **given: object) -> C:
    """The change that a command's options make; those that were not given change nothing.

    Raises:
        typer.BadParameter: There is none, or one that cannot be.
    """
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise typer.BadParameter("found nothing to change, needed an option that says what")
    return typed(record, **wanted)


def send_change(
    noun: str,
    number: int,
    change: C,
    *,
    read: "Callable[[RegistryClient], Callable[[int], E]]",
    write: "Callable[[RegistryClient], Change[C, E]]",
    yes: bool,
) -> E:
    """What something is after a change, which was shown and agreed to.

    Args:
        noun: What it is called.
        number: Its id.
        change: What is sent.
        read: The client's method that reads it.
        write: The client's method that changes it, freshly signed in where the registry asks for that.
        yes: Whether it was agreed to beforehand.

    Raises:
        typer.Exit: It was not agreed to.
        Conflict: It changed between reading and writing, or is frozen.
    """
    with signed_in() as registry:
        found = read(registry)(number)
    document = change.model_dump(mode="json", exclude_unset=True)
    need_yes(document, f"Change {noun} {number}, which is at revision {found.revision}?", yes=yes)
    changed = freshly(lambda registry: write(registry)(number, change, revision=found.revision))
    typer.echo(f"{noun} {number} is at revision {changed.revision}")
    return changed
