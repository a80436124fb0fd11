"""A consortium in which every rule matters, made once and copied for each run of the state machine."""

import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rounds.client.registry import RegistryClient
from rounds.records.benchmarks import AutoApproval, AutoApprovalMode, Benchmark, TwoPeople
from rounds.records.people import MemberIn, Role
from tests.contract.registry.builders import make_cube
from tests.contract.registry.rule_book import Rules
from tests.contract.registry.rules import Bench, Component, Person
from tests.contract.registry.scenes import ALWAYS, another_benchmark, prepared
from tests.contract.registry.serving import serve_registry
from tests.contract.registry.world import World, email_of


@dataclass(frozen=True)
class Scene:
    """A database, and what the rules have to know of it."""

    database: Path
    now: datetime
    people: dict[str, Person]
    benches: list[Bench]
    components: list[Component]
    first_request: int

    def rules(self) -> Rules:
        """The rules at the beginning."""
        return Rules(
            now=self.now,
            people=self.people,
            benches=self.benches,
            components=[Component(**vars(each)) for each in self.components],
            first_request=self.first_request,
        )

    def copy(self, path: Path) -> str:
        """The address of a copy of the database."""
        with closing(sqlite3.connect(self.database)) as old, closing(sqlite3.connect(path)) as new:
            old.backup(new)
        return str(path)


def make_scene(folder: Path) -> Scene:
    """The committee, its three benchmarks, a data owner with two datasets, a model maker, a friend."""
    with serve_registry(folder) as served, ExitStack() as stack:
        world = World(served=served, stack=stack)
        board = world.organisation("board", "committee", "second")
        add_clerk(world, board)
        owner = world.person("owner").me().organisation_id
        benchmarks = three_benchmarks(world, board, owner)
        data = [
            world.operational(benchmarks[0], site="site-b").id,
            prepared(world, benchmarks[0], site="site-a").id,
        ]
        maker = world.person("maker").me().organisation_id
        tree = world.person("maker").register_cube(make_cube("tree"))
        house = make_cube("house").model_copy(update={"organisation_id": board})
        own = world.person("committee").register_cube(house)
        names = ("admin", "committee", "second", "clerk", "owner", "maker", "friend")
        people = {name: person_of(world.person(name), name, board) for name in names}
        return Scene(
            database=Path(served.database),
            now=served.clock.now,
            people=people,
            benches=[bench_of(each, owner) for each in benchmarks],
            components=[
                Component("dataset", data[0], owner),
                Component("dataset", data[1], owner, releases=True),
                Component("model", tree.id, maker),
                Component("model", own.id, board),
            ],
            first_request=max(each.id for each in world.admin.approvals()) + 1,
        )


def add_clerk(world: World, board: int) -> None:
    """Somebody who works for the committee and decides nothing."""
    world.person("clerk")
    offered = MemberIn(email=email_of("clerk"), role=Role.MEMBER)
    world.person("committee").offer_place(board, offered)
    world.person("clerk").join(board)


def three_benchmarks(world: World, board: int, owner: int) -> list[Benchmark]:
    """One that lets nobody in by itself, one of two people with open doors, one with lists."""
    listed = AutoApproval(mode=AutoApprovalMode.ALLOWLIST, allow=(owner,))
    nobody = AutoApproval(mode=AutoApprovalMode.ALLOWLIST)
    first = world.approved_benchmark(organisation_id=board)
    return [
        first,
        another_benchmark(
            world,
            first,
            "open",
            organisation_id=board,
            two_people=TwoPeople(required=True),
            datasets=ALWAYS,
            models=ALWAYS,
        ),
        another_benchmark(
            world, first, "listed", organisation_id=board, datasets=listed, models=nobody
        ),
    ]


def bench_of(benchmark: Benchmark, owner: int) -> Bench:
    """A benchmark as the rules see it."""
    lets_in = {"lumps": frozenset[int](), "open": None, "listed": frozenset({owner})}
    return Bench(
        id=benchmark.id,
        organisation=benchmark.organisation_id,
        reference=benchmark.reference_model_id,
        two_people=benchmark.two_people.required,
        datasets=lets_in[benchmark.name],
        models=None if benchmark.name == "open" else frozenset(),
    )


def person_of(client: RegistryClient, name: str, board: int) -> Person:
    """Somebody as the rules see them."""
    me = client.me()
    home = frozenset({me.organisation_id})
    decides = home | {board} if name in {"committee", "second"} else home
    works = home | {board} if name in {"committee", "second", "clerk"} else home
    return Person(user_id=me.id, decides=decides, works=works, is_admin=name == "admin")
