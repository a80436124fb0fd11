"""Documents that people and cubes wrote, read within bounds and held against a model.

A `SpecError` or `RunnerError` from here names the file, the field, what was found and what was needed. It
never repeats a value: a document may hold what must not leave the site.
"""

import difflib
import stat
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeGuard, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from rounds.bounded_yaml import Unreadable, parse_yaml
from rounds.errors import Code, RunnerError, SpecError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
Model = TypeVar("Model", bound=BaseModel)
_KINDS = {
    "dict": "a mapping",
    "list": "a list",
    "str": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "NoneType": "nothing",
}
_NEEDED = dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "needed a mapping")


def load_yaml(
    source: Path | bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> JsonValue:
    """The one YAML (or JSON) document of a file as JSON values; None if the file is empty.

    Raises:
        SpecError: The file is missing or too large, is no YAML, or holds what `rounds.bounded_yaml`
            refuses: an alias, a tag, a key twice, deep nesting, NaN or an infinity.
    """
    name = source.name if isinstance(source, Path) else "the document"
    try:
        content = _read(source, max_bytes=max_bytes) if isinstance(source, Path) else source
        if len(content) > max_bytes:
            raise Unreadable(f"more than {max_bytes} bytes")
        return parse_yaml(content, max_depth=max_depth, finite=True)
    except Unreadable as error:
        message = f"{name}: found {error.found}, needed one plain YAML document"
        raise SpecError(message, detail=error.detail) from error


def read_document(model: type[Model], path: Path) -> Model:
    """The file's document as a `model`.

    Raises:
        SpecError: `load_yaml` refuses the file, or a field is missing, unknown or wrong.
    """
    return parse_document(model, load_yaml(path), name=path.name)


def parse_document(model: type[Model], document: JsonValue, *, name: str) -> Model:
    """`document` as a `model`; `name` is what an error calls it.

    Raises:
        SpecError: A field is missing, unknown (the nearest known one is named) or wrong.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        lines = [_describe(model, problem) for problem in problems]
        more = f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""
        message = f"{name}: {lines[0]}{more}"
        raise SpecError(message, detail="; ".join(lines)) from None


def read_output(
    path: Path, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH, finite: bool = False
) -> dict[str, JsonValue]:
    """The non-empty YAML mapping that a cube wrote.

    Numbers that are not finite come out as they are, since the contract's reader names the metric which
    holds one; `finite` refuses them here, wherever they are.

    Raises:
        RunnerError: There is no file or nothing in it (`Code.OUTPUT_MISSING`), it is no bounded YAML
            mapping (`OUTPUT_INVALID`), or it holds NaN or an infinity (`METRIC_INVALID`).
    """
    try:
        content = _read(path, max_bytes=max_bytes)
        document = parse_yaml(content, max_depth=max_depth, finite=finite)
    except Unreadable as error:
        code = Code.METRIC_INVALID if error.not_finite else Code.OUTPUT_INVALID
        raise _broken(path, error.found, code, detail=error.detail) from error
    except SpecError as error:
        raise _broken(path, "no such file", Code.OUTPUT_MISSING) from error
    if document is None or document == {}:
        raise _broken(path, "nothing in it", Code.OUTPUT_MISSING)
    if not isinstance(document, dict):
        raise _broken(path, _kind(document), Code.OUTPUT_INVALID)
    return document


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint `; did you mean 'x'?` with the known word nearest to `word`, or all the known ones."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1)
    return f"; did you mean '{close[0]}'?" if close else f": {', '.join(words)}"


def _read(path: Path, *, max_bytes: int) -> bytes:
    if not path.exists():
        raise SpecError(f"found no file {path.name}, needed it", detail=str(path))
    if not stat.S_ISREG(path.stat().st_mode):
        raise Unreadable("something else than a file", detail=str(path))
    with path.open("rb") as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise Unreadable(f"more than {max_bytes} bytes")
    return content


def _broken(path: Path, found: str, code: Code, *, detail: str = "") -> RunnerError:
    message = f"the cube's {path.name}: found {found}, needed a non-empty YAML mapping"
    return RunnerError(message, detail=detail, code=code)


def _describe(model: type[BaseModel], problem: ErrorDetails) -> str:
    loc = problem["loc"]
    where = ".".join(str(part) for part in loc[:-1]) or "the document"
    if problem["type"] == "extra_forbidden":
        known = _known_keys(model, loc[:-1])
        return f"found the unknown key '{loc[-1]}' in {where}, needed a known one{nearest(str(loc[-1]), known)}"
    if problem["type"] == "missing":
        return f"found no '{loc[-1]}' in {where}, needed it"
    field = ".".join(str(part) for part in loc) or "the document"
    needed = _NEEDED.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    return f"found {_kind(problem['input'])} in {field}, but {needed[:1].lower()}{needed[1:]}"


def _kind(value: object) -> str:
    return _KINDS.get(type(value).__name__, "something else")


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    place: object = model
    for part in loc:
        place = _inside(place, part)
    return list(place.model_fields) if _is_model(place) else []


def _inside(place: object, part: int | str) -> object:
    if _is_model(place):
        field = place.model_fields.get(str(part))
        return _bare(field.annotation) if field else None
    arguments = [argument for argument in get_args(place) if argument is not Ellipsis]
    return _bare(arguments[-1]) if arguments else None


def _bare(annotation: object) -> object:
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return next(
            (a for a in get_args(annotation) if _is_model(a)), _bare(get_args(annotation)[0])
        )
    return annotation


def _is_model(place: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(place, type) and issubclass(place, BaseModel)
