"""The OpenAPI document: what somebody must know who writes a client in another language."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry_api.app import create_app
from registry_api.examples import EXAMPLES
from registry_api.openapi import OPEN
from registry_api.settings import RegistrySettings
from rounds.cubes import from_record
from rounds.records.approvals import ReleaseRequest
from rounds.records.cubes import CubeIn
from rounds.records.releases import items_digest

Document = dict[str, Any]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The document of an application that nobody serves."""
    folder: Path = tmp_path_factory.mktemp("openapi")
    return create_app(RegistrySettings(database=str(folder / "registry.db"))).openapi()


class TestBodies:
    def test_have_an_example_each(self, document: Document) -> None:
        """Every body that a route takes has an example, which is one of that body."""
        records = {record.__name__: record for record in EXAMPLES}
        bodies = [
            operation["requestBody"]["content"]["application/json"]
            for _, _, operation in operations(document)
            if "requestBody" in operation
        ]

        read = {
            name_of(body): records[name_of(body)].model_validate(body["example"]) for body in bodies
        }

        assert read.keys() == records.keys()

    def test_have_examples_that_hold_together(self) -> None:
        """A digest in an example is that of what stands beside it, so that a reader can follow it."""
        cube = CubeIn.model_validate(EXAMPLES[CubeIn])
        request = ReleaseRequest.model_validate(EXAMPLES[ReleaseRequest])

        assert from_record(cube).digest == cube.digest
        assert items_digest(request.items) == request.shown_sha256


class TestOperations:
    def test_say_what_comes_out_and_how_they_refuse(self, document: Document) -> None:
        """Each has a sentence, the record it answers with, and problem+json for whatever it refuses."""
        wrong = [
            f"{method} {path}"
            for path, method, operation in operations(document)
            if not operation.get("description")
            or not {"4XX", "5XX"} < operation["responses"].keys()
            or "422" in operation["responses"]
        ]

        refused = document["components"]["responses"]["Refused"]["content"]
        assert wrong == []
        assert refused.keys() == {"application/problem+json"}

    def test_want_a_token_but_for_those_that_are_open(self, document: Document) -> None:
        """The token is said to be needed once for all, and not to be for whatever is open."""
        free = {
            path for path, _, operation in operations(document) if operation.get("security") == []
        }

        assert document["security"] == [{"token": []}]
        assert free == OPEN

    def test_name_their_headers(self, document: Document) -> None:
        """A change wants the ETag that was read, and a POST takes an idempotency key; nothing else does."""
        headers = {
            (method, each["name"], each["required"])
            for _, method, operation in operations(document)
            for each in operation["parameters"]
            if each["in"] == "header"
        }

        edits = {("patch", "if-match", True), ("put", "if-match", True)}
        assert headers == edits | {("post", "idempotency-key", False)}


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Every operation with its path and its method."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def name_of(body: Document) -> str:
    """The record that a body is."""
    return str(body["schema"]["$ref"]).rpartition("/")[2]
