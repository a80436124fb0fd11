"""Documents of cubes with anything in place of anything: read whole, or refused by a `SpecError`."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from pydantic import JsonValue

from cube_specs.models import ContainerConfig
from rounds.cube_contract import check_contract
from rounds.documents import load_yaml, parse_document
from rounds.errors import SpecError
from rounds.mlcube_files import parse_mlcube
from tests.unit.cube_documents import EXAMPLES

WORDS = ("", " ", "a", "/", "..", "\x00", "\n", "'", "--gpus", "additional_files/../..", "x" * 5000)
SHAPES: list[JsonValue] = [
    None,
    True,
    -1,
    1.5,
    10**400,
    [],
    [None],
    {},
    {"": ""},
    {"default": None},
]


def places(document: JsonValue, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The way to each value in a document, from the top."""
    if before:
        yield before
    if isinstance(document, dict):
        for key, value in document.items():
            yield from places(value, (*before, key))


def put(document: JsonValue, place: tuple[str, ...], value: JsonValue) -> JsonValue:
    """The document with another value at a place."""
    changed = deepcopy(document)
    there: JsonValue = changed
    for step in place[:-1]:
        assert isinstance(there, dict)
        there = there[step]
    assert isinstance(there, dict)
    there[place[-1]] = value
    return changed


def read(name: str, document: JsonValue) -> str:
    """How a document ends: `taken`, or the error's words."""
    try:
        if name == "mlcube.yaml":
            config = parse_mlcube(document, name=name)
        else:
            config = parse_document(ContainerConfig, document, name=name)
        check_contract(config, name=name)
    except SpecError as error:
        return error.summary
    return "taken"


class TestDocuments:
    @pytest.mark.parametrize("junk", [*WORDS, *SHAPES], ids=lambda junk: repr(junk)[:12])
    @pytest.mark.parametrize(
        ("example", "name"),
        [
            ("manual_steps/data_prep", "container_config.yaml"),
            ("BraTS2023/segmentation_metrics", "mlcube.yaml"),
        ],
    )
    def test_end_in_one_of_two_ways(self, example: str, name: str, junk: JsonValue) -> None:
        """Nothing that an author can write ends in a traceback, and each refusal names the file."""
        document = load_yaml(EXAMPLES / example / name)

        ends = [read(name, put(document, place, junk)) for place in places(document)]

        assert {end for end in ends if end != "taken" and not end.startswith(f"{name}: ")} == set()
        assert len(ends) > 15
