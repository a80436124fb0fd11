"""Text that a person typed into a registration, read by the gate before it is stored."""

import re

from pydantic import JsonValue

from rounds.identifiers import check_text
from rounds.lookalikes import check_name, name_key
from rounds.records.base import Record

SHA256 = re.compile(r"[0-9a-f]{64}")
FREE_TEXT = ("name", "description", "location", "label", "reason")


def check_texts(record: Record) -> None:
    """Pass if no free text of `record` looks like a person's identifier.

    Raises:
        InvalidInput: One does; names the field and the kind, never the text.
    """
    for field in FREE_TEXT:
        text = getattr(record, field, None)
        if isinstance(text, str):
            check_text(text, field=field)


def check_document(value: JsonValue, *, field: str) -> None:
    """Pass if no text of a JSON document, its keys among them, looks like a person's identifier.

    Raises:
        InvalidInput: One does; names the field and the kind, never the text.
    """
    if isinstance(value, dict):
        for key, each in value.items():
            check_document(key, field=field)
            check_document(each, field=field)
    elif isinstance(value, list):
        for each in value:
            check_document(each, field=field)
    elif isinstance(value, str) and not SHA256.fullmatch(value):
        check_text(value, field=field)


def checked_key(name: str) -> str:
    """What a name must differ in from every other, once it is found to be one that can be told apart.

    Raises:
        InvalidInput: It holds characters that cannot be seen, or mixes scripts that look alike.
    """
    check_name(name)
    return name_key(name)
