"""The OpenAPI document, completed by what holds whatever the route: who may ask, how is refused, an example."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from registry_api.examples import EXAMPLES
from registry_api.manners.handshake import REGISTRY_VERSION
from registry_api.manners.refusals import MEDIA_TYPE
from rounds.records.service import Problem

Document = dict[str, Any]

DESCRIPTION = """\
What a consortium has registered, what it decided, and what came out.

* A list is a page, `limit` and `offset` of `total`, ordered by `order`: a field, or `-field` downwards.
* A POST with an `Idempotency-Key` is done once; asked again it gets the same answer for two days.
* A PATCH starts from the ETag that was read, in `If-Match`.
* Whoever may not know of a thing is told that there is none.
"""
OPEN = frozenset(
    {
        "/health",
        "/ready",
        "/version",
        "/api/v1/sign-in",
        "/api/v1/sign-in/invitation",
        "/api/v1/publications",
        "/api/v1/publications/{publication_id}",
    }
)
TOKEN = "token"  # noqa: S105  a scheme's name
REFUSED = {"$ref": "#/components/responses/Refused"}
ETAG_READ = {
    "name": "if-match",
    "in": "header",
    "required": True,
    "description": "The ETag that was read.",
    "schema": {"type": "string", "pattern": r'^"[0-9]{1,9}"$'},
    "example": '"1"',
}
KEY_OF_ONES_OWN = {
    "name": "idempotency-key",
    "in": "header",
    "required": False,
    "description": "Asked again with it, the same request is answered as the first time.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 100, "pattern": "^[!-~]+$"},
}
HEADERS = {each["name"]: each for each in (ETAG_READ, KEY_OF_ONES_OWN)}


class DescribedApi(FastAPI):
    """A FastAPI application with a complete OpenAPI document."""

    def openapi(self) -> Document:
        """The document, made when it is first asked for."""
        document = super().openapi()
        if "securitySchemes" not in document["components"]:
            _complete(document)
        return document


def _complete(document: Document) -> None:
    document["info"] |= {"version": REGISTRY_VERSION, "description": DESCRIPTION}
    components = document["components"]
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["schemas"]["Problem"] = Problem.model_json_schema()
    components["responses"] = {"Refused": _refused()}
    components["securitySchemes"] = {TOKEN: {"type": "http", "scheme": "bearer"}}
    document["security"] = [{TOKEN: []}]
    for path, operation in _operations(document):
        _complete_operation(operation, is_open=path in OPEN)


def _complete_operation(operation: Document, *, is_open: bool) -> None:
    if is_open:
        operation["security"] = []
    operation["responses"].pop("422", None)
    operation["responses"] |= {"4XX": REFUSED, "5XX": REFUSED}
    parameters = operation.get("parameters", [])
    operation["parameters"] = [
        HEADERS.get(each["name"]) or _never_null(each) for each in parameters
    ]
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        content["example"] = _example_of(content["schema"]["$ref"])


def _never_null(parameter: Document) -> Document:
    """The parameter as an address can have it: left out, but never null."""
    schema = dict(parameter["schema"])
    kinds = [kind for kind in schema.pop("anyOf", []) if kind != {"type": "null"}]
    return {**parameter, "schema": {**schema, **(kinds[0] if len(kinds) == 1 else {})}}


def _operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def _example_of(reference: str) -> Document:
    named = {record.__name__: example for record, example in EXAMPLES.items()}
    return dict(named[reference.rpartition("/")[2]])


def _refused() -> Document:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": "What was found, what was needed, and a code for programs (RFC 9457).",
        "content": {MEDIA_TYPE.decode(): {"schema": schema}},
    }
