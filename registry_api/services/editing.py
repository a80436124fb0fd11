"""Changes of what is registered: from the revision that was read, and never of what is frozen."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import JsonValue, ValidationError

from registry_api.models import Entity
from rounds.errors import Code, Conflict, InvalidInput
from rounds.records.base import Record
from rounds.records.cubes import State

R = TypeVar("R", bound=Record)


def need_revision(row: Entity, revision: int, name: str) -> None:
    """Pass if `row` has not changed since it was read.

    Raises:
        Conflict: It has.
    """
    if row.revision != revision:
        message = f"{name} is at revision {row.revision}, found a change from {revision}"
        raise Conflict(f"{message}; read it again", code=Code.CHANGED_MEANWHILE)


def changes(
    change: Record, current: Mapping[str, JsonValue], *, state: str, editable: frozenset[str]
) -> dict[str, JsonValue]:
    """The fields that `change` sets to another value than the `current` one.

    Raises:
        Conflict: Such a field is frozen in OPERATION.
    """
    wanted = change.model_dump(mode="json", exclude_unset=True)
    found = {name: value for name, value in wanted.items() if value != current.get(name)}
    frozen = sorted(found.keys() - editable) if state == State.OPERATION else []
    if frozen:
        allowed = ", ".join(sorted(editable))
        raise Conflict(f"{frozen[0]} is frozen in OPERATION, needed one of: {allowed}")
    return found


def need_values(wanted: Mapping[str, JsonValue], not_null: frozenset[str]) -> None:
    """Pass if none of the fields that must have a value is set to none.

    Raises:
        InvalidInput: One is.
    """
    empty = sorted(name for name in wanted.keys() & not_null if wanted[name] is None)
    if empty:
        raise InvalidInput(f"found null for {empty[0]}, needed a value")


def rebuilt(record: type[R], document: Mapping[str, JsonValue]) -> R:
    """The record that a changed document makes.

    Raises:
        InvalidInput: It makes none; names the field.
    """
    try:
        return record.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = str(first["loc"][0]) if first["loc"] else "the change"
        raise InvalidInput(f"{where}: {first['msg']}") from error
