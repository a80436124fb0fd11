"""The fields of a cube's document whose form is more than a type: each is checked where it is read.

A message here says what was needed; whoever parses the document says where and what was found.
"""

import re
import shlex
from pathlib import PurePosixPath
from typing import Annotated, TypeGuard

from pydantic import AfterValidator, BeforeValidator

_HOST = r"(?:[A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9A-Fa-f:]+\])(?::[0-9]{1,5})?/"
_NAME = r"[a-z0-9]+(?:(?:[._/]|__|-+)[a-z0-9]+)*"
_TAG = r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_REFERENCE = re.compile(rf"(?:{_HOST})?{_NAME}(?:{_TAG})?(?:@sha256:[0-9a-f]{{64}})?\Z")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHM_SIZE = re.compile(r"[0-9]{1,15}(\.[0-9]{1,3})?\s?([kmgt]i?)?b?\Z", re.IGNORECASE)
_GPUS = re.compile(r"(all|[0-9]{0,3}|device=[A-Za-z0-9-]+(,[A-Za-z0-9-]+)*)\Z")
_VARIABLE = re.compile(r"[^\s=\x00-\x1f\x7f]+\Z")
_SYSTEM = ("proc", "sys", "dev", "etc", "bin", "sbin", "lib", "lib64")
_WHOLE = frozenset({"/", "/usr", "/var", "/tmp"})  # noqa: S108  # inside the container
_MAX_IMAGE = 500


def check_reference(image: str) -> str:
    """`image` if it is a reference that a container registry takes.

    Raises:
        ValueError: It is not.
    """
    if len(image) > _MAX_IMAGE or not _REFERENCE.match(image):
        message = (
            "needed a reference such as registry/name:tag or name@sha256:..., in small letters"
        )
        raise ValueError(message)
    return image


def check_location(image: str) -> str:
    """`image` if it is one word that can be the URL or the path of an archive.

    Raises:
        ValueError: It is not.
    """
    if not image or len(image) > _MAX_IMAGE or _BLANK.search(image):
        message = "needed the URL or the path of an archive or .sif, without spaces"
        raise ValueError(message)
    return image


def _plain(path: str) -> str:
    if not path or _CONTROL.search(path) or ":" in path:
        raise ValueError("needed a path without control characters and colons")
    return path


def _place(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not path.startswith("/") or ".." in parts:
        raise ValueError("needed an absolute path inside the container, without '..'")
    _plain(path)
    place = "/" + "/".join(parts[1:])
    if place in _WHOLE or parts[1] in _SYSTEM:
        message = (
            "needed a path outside the container's system folders, such as /mlcommons/volumes/data"
        )
        raise ValueError(message)
    return place


def _spoken(value: object) -> object:
    if value is None or _is_text(value):
        _check_quotes(value)
        return value
    if isinstance(value, list | tuple) and all(_is_text(word) for word in value):
        return value
    raise ValueError("needed one text or a list of texts, none of them with a NUL")


def _check_quotes(value: str | None) -> None:
    try:
        shlex.split(value or "")
    except ValueError as error:
        raise ValueError("needed every quotation mark closed") from error


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and "\x00" not in value


def _environment(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {_check_variable(name): _told(told) for name, told in value.items()}


def _check_variable(name: object) -> object:
    if isinstance(name, str) and not _VARIABLE.match(name):
        raise ValueError("needed names of variables without spaces and '='")
    return name


def _told(value: object) -> object:
    if isinstance(value, bool | int | float):
        return str(value)
    if not _is_text(value):
        raise ValueError("needed text, a number, true or false for each variable")
    return value


def _gpus(value: object) -> object:
    number = not isinstance(value, bool) and isinstance(value, int)
    if value is None or ((number or isinstance(value, str)) and _GPUS.match(str(value))):
        return value
    raise ValueError("needed a whole number, 'all' or 'device=' and ids with commas between")


def _shm_size(value: object) -> object:
    if value is None:
        return None
    if not isinstance(value, str) or not _SHM_SIZE.match(value):
        raise ValueError("needed a size such as 512m or 2g, as text")
    return re.sub(r"[\si]", "", value, flags=re.IGNORECASE)


PlainPath = Annotated[str, AfterValidator(_plain)]
MountPath = Annotated[str, AfterValidator(_place)]
Words = Annotated[str | tuple[str, ...] | None, BeforeValidator(_spoken)]
Environment = Annotated[dict[str, str], BeforeValidator(_environment)]
Gpus = Annotated[str | int | None, BeforeValidator(_gpus)]
ShmSize = Annotated[str | None, BeforeValidator(_shm_size)]
