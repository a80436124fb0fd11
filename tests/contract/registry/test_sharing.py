"""Sharing: who sees the scores of a site, and the pooled ones, is what everybody agreed to (A23)."""

from dataclasses import dataclass

import pytest

from rounds.client.registry import RegistryClient
from rounds.errors import NotFound, SignInNeeded
from rounds.records.benchmarks import Audience, Benchmark, SharingPolicy
from rounds.records.cubes import Cube
from rounds.records.datasets import Dataset
from rounds.records.executions import Result
from rounds.records.leaderboards import POOLED
from tests.contract.registry.scenes import (
    OPEN_DOORS,
    add_dataset,
    add_model,
    add_result,
    another_benchmark,
)
from tests.contract.registry.world import World

NOT_EVEN_THE_COMMITTEE = Audience(committee=False)
POLICIES = {
    "as it comes": SharingPolicy(),
    "nobody": SharingPolicy(per_site=NOT_EVEN_THE_COMMITTEE, pooled=NOT_EVEN_THE_COMMITTEE),
    "model owner": SharingPolicy(
        per_site=Audience(committee=False, model_owner=True),
        pooled=Audience(committee=False, model_owner=True),
    ),
    "participants": SharingPolicy(
        per_site=Audience(committee=False, participants=True),
        pooled=Audience(committee=False, participants=True),
    ),
    "public": SharingPolicy(per_site=Audience(public=True), pooled=Audience(public=True)),
}
OF_ITS_SITE = {
    "as it comes": {"owner", "committee", "admin"},
    "nobody": {"owner", "admin"},
    "model owner": {"owner", "maker", "admin"},
    "participants": {"owner", "second", "maker", "admin"},
    "public": {"owner", "committee", "admin"},
}
POOLED_ONES = {
    "as it comes": {"owner", "second", "committee", "maker", "admin"},
    "nobody": {"admin"},
    "model owner": {"maker", "admin"},
    "participants": {"owner", "second", "maker", "admin"},
    "public": {"committee", "admin"},
}
EVERYONE = ("owner", "second", "committee", "maker", "admin", "stranger")


class TestScores:
    def test_are_seen_by_whom_the_policy_names(self, world: World) -> None:
        """Results, cells and leaderboard say the same to each side: data owner, committee, model owner, others."""
        cast = play(world)

        for name, benchmark in cast.benchmarks.items():
            result = cast.results[name]
            seen = {who: channels(world.person(who), result) for who in EVERYONE}
            assert {who for who, found in seen.items() if "result" in found} == OF_ITS_SITE[name]
            assert {who for who, found in seen.items() if "leaderboard" in found} == (
                OF_ITS_SITE[name]
            )
            in_cells = {who for who, found in seen.items() if "cell" in found}
            assert in_cells == OF_ITS_SITE[name] - {"second"}, "a cell is for its own sides"
            assert {who for who in EVERYONE if sees_pooled(world.person(who), benchmark)} == (
                POOLED_ONES[name]
            )

    def test_are_nobodys_without_a_sign_in(self, world: World) -> None:
        """Who is not signed in sees no score of any route, whatever is public, before it is published."""
        cast = play(world, only="public")
        nobody, result = world.client(""), cast.results["public"]

        for ask in (
            nobody.results,
            nobody.cells,
            lambda: nobody.result(result.id),
            lambda: nobody.leaderboard(result.benchmark_id),
        ):
            with pytest.raises(SignInNeeded, match="found no token"):
                ask()
        assert nobody.publications() == []

    def test_are_a_strangers_by_publication_only(self, world: World) -> None:
        """What is public is what was published, after it was; the routes of the participants stay closed."""
        cast = play(world, only="public")
        benchmark, result = cast.benchmarks["public"], cast.results["public"]
        committee, stranger, nobody = (
            world.person("committee"),
            world.person("stranger"),
            world.client(""),
        )
        asked = committee.request_publication(benchmark.id)
        with pytest.raises(NotFound, match=f"found no publication {asked.subject_id}"):
            nobody.publication(asked.subject_id)

        world.grant(committee, asked.id)

        rows = nobody.publication(asked.subject_id).leaderboard.rows
        sites = {row.site for row in rows if row.score is not None}
        assert sites == {"site-a", POOLED}
        assert stranger.publications() == nobody.publications()
        assert channels(stranger, result) == set()
        with pytest.raises(NotFound, match="found no leaderboard"):
            stranger.leaderboard(benchmark.id)

    def test_of_a_site_stay_home_when_pooled_are_public(self, world: World) -> None:
        """A publication holds what its policy makes public and nothing more."""
        pooled_only = SharingPolicy(pooled=Audience(public=True))
        cast = play(world, only="pooled", policy=pooled_only)
        benchmark, committee = cast.benchmarks["pooled"], world.person("committee")

        asked = committee.request_publication(benchmark.id)

        rows = committee.proposed_publication(asked.subject_id).rows
        assert {row.site for row in rows} == {POOLED}

    def test_of_another_site_are_kept_from_a_sites_worker(self, world: World) -> None:
        """A worker's token sees its own site's scores, however much its owner sees as a participant."""
        cast = play(world, only="participants")
        result = cast.results["participants"]
        here, there = world.worker("owner", "site-a"), world.worker("second", "site-b")

        assert channels(here, result) == {"result", "cell", "leaderboard"}
        assert channels(there, result) == set()


@dataclass(frozen=True)
class Cast:
    """A benchmark for each policy, and in each the result of `owner`'s dataset and `maker`'s model."""

    benchmarks: dict[str, Benchmark]
    results: dict[str, Result]


def play(world: World, *, only: str = "", policy: SharingPolicy | None = None) -> Cast:
    """The cast, with every policy or only one: two hospitals and one maker take part in each benchmark."""
    policies = {only: policy or POLICIES[only]} if only else POLICIES
    (first, terms), *others = policies.items()
    benchmark = world.approved_benchmark(name=first, sharing=terms, **OPEN_DOORS)
    tree = add_model(world, benchmark)
    here = add_dataset(world, benchmark)
    there = add_dataset(world, benchmark, owner="second", site="site-b")
    benchmarks = {first: benchmark}
    for name, sharing in others:
        made = another_benchmark(world, benchmark, name, sharing=sharing, **OPEN_DOORS)
        join_all(world, made, tree, {"owner": here, "second": there})
        benchmarks[name] = made
    results = {name: add_result(world, found, here, tree.id) for name, found in benchmarks.items()}
    return Cast(benchmarks=benchmarks, results=results)


def join_all(world: World, benchmark: Benchmark, tree: Cube, datasets: dict[str, Dataset]) -> None:
    """Have a model and datasets join one more benchmark that lets everyone in."""
    world.person("maker").associate(world.wish(benchmark, model_id=tree.id))
    for name, dataset in datasets.items():
        world.person(name).associate(world.wish(benchmark, dataset_id=dataset.id))


def channels(who: RegistryClient, result: Result) -> set[str]:
    """By which of its routes somebody sees a result's scores."""
    found = set()
    if result.id in {seen.id for seen in who.results(benchmark_id=result.benchmark_id)}:
        found.add("result")
    cells = who.cells(benchmark_id=result.benchmark_id, dataset_id=result.dataset_id)
    if any(cell.model_id == result.model_id and cell.metrics for cell in cells):
        found.add("cell")
    if any(key == (result.dataset_id, result.model_id) for key in scored_rows(who, result)):
        found.add("leaderboard")
    return found


def scored_rows(who: RegistryClient, result: Result) -> set[tuple[int | None, int]]:
    """Dataset and model of the rows with a score that somebody finds in a leaderboard."""
    try:
        rows = who.leaderboard(result.benchmark_id).rows
    except NotFound:
        return set()
    return {(row.dataset_id, row.model_id) for row in rows if row.score is not None}


def sees_pooled(who: RegistryClient, benchmark: Benchmark) -> bool:
    """Whether somebody finds a pooled score in a leaderboard."""
    try:
        rows = who.leaderboard(benchmark.id).rows
    except NotFound:
        return False
    return any(row.site == POOLED and row.score is not None for row in rows)
