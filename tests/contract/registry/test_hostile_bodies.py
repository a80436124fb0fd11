"""Bodies that mean harm, through the whole registry on each database: refused, and nothing is stored."""

import json
from collections.abc import Iterator

import pytest

from tests.contract.registry.builders import make_cube
from tests.contract.registry.requests import Asker, is_problem
from tests.contract.registry.world import World

MEGABYTE = bytes(2**20)
CYRILLIC_E = "\u0435"


def cube_json(name: str = "tree", **fields: object) -> str:
    """A cube's registration with other fields."""
    document = make_cube("tree").model_dump(mode="json") | {"name": name, **fields}
    return json.dumps(document)


def hundred_megabytes() -> Iterator[bytes]:
    """A body that does not say how long it is."""
    for _ in range(100):
        yield MEGABYTE


HOSTILE: dict[str, str | bytes] = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"name": "\xff"}',
    "NaN": cube_json(parameters={"rate": float("nan")}),
    "infinity": cube_json(parameters={"rate": float("inf")}),
    "a number over 64 bits": cube_json(parameters={"rate": 2**80}),
    "a key twice": cube_json().replace("{", '{"name": "other", ', 1),
    "NUL": cube_json("tr\x00ee"),
    "NUL in a key": cube_json(parameters={"a\x00": 1}),
    "half a surrogate pair": cube_json("tr\ud800ee"),
    "half a pair in a key": cube_json(parameters={"\udfff": 1}),
    "a character that is not seen": cube_json("tr\u200bee"),
    "a text turned around": cube_json("tr\u202eee"),
    "two scripts in a word": cube_json(f"tr{CYRILLIC_E}e"),
    "deep arrays": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep parameters": cube_json(parameters=json.loads("[" * 100 + "]" * 100)),
}


class TestHostileBodies:
    def test_are_refused_and_leave_nothing(self, world: World) -> None:
        """Each is a problem of 422 that does not say what was sent, and nothing is stored."""
        asker = Asker(world.served.url, world.admin_secret)

        answers = {kind: asker.post("/cubes", body) for kind, body in HOSTILE.items()}

        assert {kind: is_problem(answer, 422) for kind, answer in answers.items()} == dict.fromkeys(
            HOSTILE, True
        )
        assert world.admin.cubes() == []

    @pytest.mark.parametrize("said", [True, False], ids=["declared", "in chunks"])
    def test_of_100_megabytes_are_refused(self, world: World, *, said: bool) -> None:
        """So large a body is a problem of 413, whether or not it says how large it is."""
        asker = Asker(world.served.url, world.admin_secret)

        answer = asker.post("/cubes", MEGABYTE * 100 if said else hundred_megabytes())

        assert is_problem(answer, 413)
        assert world.admin.cubes() == []

    def test_names_that_look_alike_are_one(self, world: World) -> None:
        """A name that looks like a registered one is taken, in whatever letters and signs it is written."""
        asker = Asker(world.served.url, world.admin_secret)
        asker.post("/cubes", cube_json("cope"))
        alike = ["COPE", "\uff43\uff4f\uff50\uff45", "\u0441\u043e\u0440\u0435"]

        answers = [
            asker.post("/cubes", make_cube(name, source=name).model_dump_json()) for name in alike
        ]

        assert [is_problem(answer, 409) for answer in answers] == [True] * len(alike)
        assert [cube.name for cube in world.admin.cubes()] == ["cope"]
