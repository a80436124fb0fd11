"""Every list of the registry at a terminal: its filters, its pages, and its records for scripts."""

import json
import re
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_group

from cli import main
from cli.lists import option_of
from registry_api.app import create_app
from registry_api.settings import RegistrySettings
from rounds.records.cubes import CubeIn
from tests.contract.command_line.desk import sit_down
from tests.contract.registry.builders import make_cube
from tests.contract.registry.world import World

COMMANDS = {
    "/users": "user list",
    "/tokens": "token list",
    "/organisations": "org list",
    "/organisations/{organisation_id}/members": "org members",
    "/cubes": "cube list",
    "/benchmarks": "benchmark list",
    "/datasets": "dataset list",
    "/associations": "association list",
    "/approvals": "approval list",
    "/cells": "cell list",
    "/executions": "execution list",
    "/results": "result list",
    "/publications": "publication list",
    "/audit": "audit list",
    "/outbox": "outbox list",
}
PAGING = {"--json", "--limit", "--offset", "--order", "--all"}
BY_CELL_LIST = "/benchmarks/{benchmark_id}/cells"


def options_of(command: str) -> set[str]:
    """The options of a command such as `cube list`, those that turn one off left out."""
    noun, verb = command.split()
    group = get_group(main.app)
    _, found, _ = group.resolve_command(typer.Context(group), [noun])
    assert isinstance(found, TyperGroup)
    return {param.opts[0] for param in found.commands[verb].params if param.opts[0][0] == "-"}


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Every list of the registry's own description: its path and its filters, and whatever else it takes."""
    database = tmp_path_factory.mktemp("described") / "registry.db"
    described = create_app(RegistrySettings(database=str(database))).openapi()
    found = {}
    for path, operations in described["paths"].items():
        asked = operations.get("get", {}).get("parameters", [])
        names = {parameter["name"] for parameter in asked if parameter["in"] == "query"}
        if "offset" in names:
            found[path.removeprefix("/api/v1")] = names - {"limit", "offset", "order"}
    return found


class TestCommands:
    def test_cover_every_list(self, lists: dict[str, set[str]]) -> None:
        """Each list of the registry has its command; a benchmark's cells are those of `cell list` filtered."""
        assert set(COMMANDS) == set(lists) - {BY_CELL_LIST}

    @pytest.mark.parametrize("path", COMMANDS)
    def test_take_every_filter(self, lists: dict[str, set[str]], path: str) -> None:
        """Whatever the route filters by is an option, and every list is paged in one way."""
        wanted = {option_of(name) for name in lists[path]}

        assert options_of(COMMANDS[path]) == wanted | PAGING


def fill(world: World, count: int) -> list[CubeIn]:
    """So many models of the owner's."""
    cubes = [make_cube(f"model-{number:02}") for number in range(count)]
    for cube in cubes:
        world.person("owner").register_cube(cube)
    return cubes


class TestPages:
    def test_are_parts_of_one_list(self, world: World, tmp_path: Path) -> None:
        """A part says what is left; all of it comes with --all, from the offset on and in the order asked for."""
        owner = sit_down(world, tmp_path / "home")
        names = [cube.name for cube in fill(world, 5)]

        part = owner.run("cube", "list", "--limit", "2", "--offset", "1", "--order", "-name")
        every = owner.run("model", "list", "--all", "--limit", "2", "--offset", "1", "--json")

        assert [line.split("\t")[2] for line in part.said.splitlines()] == [names[3], names[2]]
        assert part.complained == "2 to 3 of 5; --offset 3 for more\n"
        assert [cube["name"] for cube in json.loads(every.said)] == names[1:]
        assert every.complained == ""

    def test_are_filtered(self, world: World, tmp_path: Path) -> None:
        """A filter narrows the list; one that nothing meets leaves an empty one; an unknown order is refused."""
        benchmark, dataset = world.ready()
        owner = sit_down(world, tmp_path / "home")
        where = ("--benchmark", str(benchmark.id))

        found = owner.run("dataset", "list", "--site", "site-a", *where, "--state", "OPERATION")
        none = owner.run("dataset", "list", "--site", "site-b", "--json")
        joined = owner.run("benchmark", "associations", str(benchmark.id), "--status", "APPROVED")
        elsewhere = owner.run("benchmark", "associations", "77")
        refused = owner.run("dataset", "list", "--order", "colour")

        assert found.said.split("\t")[:3] == [str(dataset.id), dataset.name, "site-a"]
        assert (none.said, none.complained) == ("[]\n", "")
        assert joined.said.split("\t")[1:3] == [str(benchmark.id), str(dataset.id)]
        assert (elsewhere.said, elsewhere.complained) == ("", "none\n")
        assert refused.status == 7
        assert re.search(r"needed one of: id\b", refused.complained)

    def test_of_what_is_public_need_no_sign_in(self, world: World, tmp_path: Path) -> None:
        """Whoever only reads what was published has no token."""
        reader = sit_down(world, tmp_path / "home")
        reader.token_file.unlink()

        ended = [reader.run("publication", "list")]
        del reader.variables["ROUNDS_TOKEN_FILE"]
        ended.append(reader.run("publication", "list"))

        assert [(end.status, end.complained) for end in ended] == [(0, "none\n")] * 2
