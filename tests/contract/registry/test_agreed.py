"""What people agreed to stays what it was, and who could not decide does not decide by another road."""

from collections.abc import Callable

import pytest

from cube_specs.models import CubeKind
from rounds.client.registry import RegistryClient
from rounds.errors import Conflict, Forbidden, SignInNeeded
from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import (
    AssociationStatus,
    Audience,
    Benchmark,
    BenchmarkChange,
    BenchmarkStatus,
    SharingPolicy,
    TwoPeople,
)
from rounds.records.cubes import Cube, CubeChange, State
from rounds.records.datasets import Dataset, DatasetChange, ReleaseRule
from rounds.records.people import Role, UserChange
from tests.contract.registry.builders import make_benchmark, make_cube, make_dataset, sha
from tests.contract.registry.editing import replace_metrics, replace_preparator
from tests.contract.registry.scenes import ALWAYS, OPEN_DOORS, claim_cell, joined
from tests.contract.registry.world import World

PUBLIC = SharingPolicy(pooled=Audience(public=True))
MAY_NOT = "found an API token|limited to site-a|acts as|act as"
BUILT = State.DEVELOPMENT

End = Callable[[World, Benchmark, Dataset, Cube], object]


def set_benchmark(client: RegistryClient, benchmark: Benchmark, **fields: object) -> Benchmark:
    """The benchmark, changed as it is now."""
    now = client.benchmark(benchmark.id)
    change = BenchmarkChange.model_validate(fields)
    return client.change_benchmark(benchmark.id, change, revision=now.revision)


def leave(world: World, _: Benchmark, dataset: Dataset, __: Cube) -> object:
    """The dataset's association ends."""
    owner = world.person("owner")
    (mine,) = [found for found in owner.associations() if found.dataset_id == dataset.id]
    return owner.revoke_association(mine.id, "over")


def withdraw_dataset(world: World, _: Benchmark, dataset: Dataset, __: Cube) -> object:
    """The dataset is withdrawn."""
    owner = world.person("owner")
    now = owner.dataset(dataset.id)
    return owner.change_dataset(now.id, DatasetChange(is_valid=False), revision=now.revision)


def withdraw_model(world: World, _: Benchmark, __: Dataset, model: Cube) -> object:
    """The model is withdrawn."""
    maker = world.person("maker")
    now = maker.cube(model.id)
    return maker.change_cube(now.id, CubeChange(is_valid=False), revision=now.revision)


def judge_anew(world: World, benchmark: Benchmark, _: Dataset, __: Cube) -> object:
    """The metrics cube is another one."""
    committee = world.person("committee")
    cube = committee.register_cube(make_cube("metrics of today", CubeKind.METRICS))
    return replace_metrics(committee, benchmark.id, cube.id)


def stop(world: World, benchmark: Benchmark, _: Dataset, __: Cube) -> object:
    """The benchmark is put to rest."""
    return set_benchmark(world.person("committee"), benchmark, is_active=False)


class TestApprovedBenchmark:
    def test_is_asked_for_again_when_it_changes(self, world: World) -> None:
        """What an administrator approved is what is judged with: a change waits for them, and all with it."""
        benchmark, dataset, tree = joined(world, state=BUILT)
        committee = world.person("committee")

        after = set_benchmark(committee, benchmark, demo_dataset_sha256=sha("another demo"))
        with pytest.raises(Conflict, match="has no approved association"):
            claim_cell(world, benchmark, dataset, tree.id)
        cells = world.person("owner").cells()
        world.grant(world.admin, after.approval_id)

        assert (after.status, cells) == (BenchmarkStatus.PENDING, [])
        assert after.approval_id != benchmark.approval_id
        assert committee.benchmark(benchmark.id).status is BenchmarkStatus.APPROVED
        assert {cell.model_id for cell in world.person("owner").cells()} >= {tree.id}

    def test_goes_into_operation_as_it_was_approved(self, world: World) -> None:
        """The move to OPERATION alone changes nothing that was approved."""
        benchmark = world.approved_benchmark(state=BUILT)

        after = set_benchmark(world.person("committee"), benchmark, state=State.OPERATION)

        assert (after.status, after.approval_id) == (
            BenchmarkStatus.APPROVED,
            benchmark.approval_id,
        )


class TestCube:
    def test_in_use_keeps_its_content(self, world: World) -> None:
        """A cube that a benchmark names is what its people agreed to; its name may still change."""
        first, committee = world.approved_benchmark(), world.person("committee")
        unfinished = make_cube("draft", CubeKind.METRICS).model_copy(update={"state": BUILT})
        sharper = make_cube("draft", CubeKind.METRICS, source="sharper")
        change = CubeChange(artifacts=sharper.artifacts, digest=sharper.digest)
        free = committee.register_cube(unfinished)
        used = committee.change_cube(free.id, change, revision=free.revision)
        wanted = make_benchmark(
            first.preparator_id, first.reference_model_id, used.id, name="two", state=BUILT
        )
        committee.propose_benchmark(wanted)
        back = CubeChange(artifacts=free.artifacts, digest=free.digest)

        with pytest.raises(Conflict, match="whose people agreed to its content"):
            committee.change_cube(used.id, back, revision=used.revision)
        renamed = committee.change_cube(used.id, CubeChange(name="oak"), revision=used.revision)

        assert (renamed.name, renamed.digest) == ("oak", sharper.digest)


class TestPublication:
    @pytest.mark.parametrize("end", [leave, withdraw_dataset, withdraw_model, judge_anew, stop])
    def test_publishes_nothing_of_what_has_left(self, world: World, end: End) -> None:
        """Whatever takes scores away makes VOID what waits to be published with them."""
        benchmark, dataset, tree = joined(world, sharing=PUBLIC)
        committee = world.person("committee")
        asked = committee.request_publication(benchmark.id)

        end(world, benchmark, dataset, tree)

        assert committee.approval(asked.id).status is ApprovalStatus.VOID


class TestRules:
    @pytest.mark.parametrize("rule", ["statistics_release", "results_release"])
    def test_that_release_are_set_by_who_may_decide(self, world: World, rule: str) -> None:
        """A site's worker does not switch the release gate off, nor does a sign-in of this morning."""
        benchmark = world.approved_benchmark()
        owner, worker = world.person("owner"), world.worker("owner", "site-a")
        program = world.client(world.token("owner", Role.MANAGER))
        wanted = make_dataset(
            benchmark.id, "site-a", raw_digest=sha("more"), **{rule: ReleaseRule.ALWAYS}
        )
        change = DatasetChange.model_validate({rule: ReleaseRule.ALWAYS})
        dataset = owner.register_dataset(make_dataset(benchmark.id, "site-a"))

        for client in (worker, program):
            with pytest.raises((Forbidden, SignInNeeded), match=MAY_NOT):
                client.register_dataset(wanted)
            with pytest.raises((Forbidden, SignInNeeded), match=MAY_NOT):
                client.change_dataset(dataset.id, change, revision=dataset.revision)
        changed = owner.change_dataset(dataset.id, change, revision=dataset.revision)
        world.served.clock.advance(15 * 60 + 1)

        assert getattr(changed, rule) is ReleaseRule.ALWAYS
        with pytest.raises(SignInNeeded, match="older than 15 minutes"):
            owner.register_dataset(wanted)

    def test_of_a_committee_are_set_by_who_may_decide(self, world: World) -> None:
        """No program lets everyone in, sends the second person home, or replaces what judges."""
        benchmark = world.approved_benchmark(state=BUILT)
        committee = world.person("committee")
        program = world.client(world.token("committee", Role.MANAGER))
        cubes = {
            kind: committee.register_cube(make_cube(f"new {kind}", kind))
            for kind in (CubeKind.METRICS, CubeKind.PREPARATOR)
        }

        for fields in ({"models": ALWAYS}, {"datasets": ALWAYS}, {"two_people": TwoPeople()}):
            with pytest.raises(SignInNeeded, match="found an API token"):
                set_benchmark(program, benchmark, **fields)
        with pytest.raises(SignInNeeded, match="found an API token"):
            replace_metrics(program, benchmark.id, cubes[CubeKind.METRICS].id)
        with pytest.raises(SignInNeeded, match="found an API token"):
            replace_preparator(
                program, benchmark.id, cubes[CubeKind.PREPARATOR].id, is_compatible=True
            )

        assert committee.benchmark(benchmark.id) == benchmark


class TestInvitation:
    def test_is_the_committee_s_decision(self, world: World) -> None:
        """To ask somebody to join is to agree that they do: a fresh decider's, no program's."""
        benchmark = world.approved_benchmark(**OPEN_DOORS)
        tree = world.person("maker").register_cube(make_cube("tree"))
        wish = world.wish(benchmark, model_id=tree.id)

        with pytest.raises(Forbidden, match="needed its owner or a decider"):
            world.client(world.token("committee")).associate(wish)
        with pytest.raises(SignInNeeded, match="found an API token"):
            world.client(world.token("committee", Role.DECIDER)).associate(wish)

        asked = world.person("committee").associate(wish)
        assert asked.status is AssociationStatus.PENDING

    def test_is_no_way_round_the_second_person(self, world: World) -> None:
        """Where two of the committee decide on who joins, one of them invites nobody."""
        benchmark = world.approved_benchmark(two_people=TwoPeople(required=True))
        tree = world.person("maker").register_cube(make_cube("tree"))

        with pytest.raises(Conflict, match="two people decide who joins"):
            world.person("committee").associate(world.wish(benchmark, model_id=tree.id))


class TestDelegation:
    def test_is_not_the_author_s(self, world: World) -> None:
        """Who may not decide because they asked does not have a friend decide in their place."""
        me, friend = world.person("committee").me(), world.person("friend").me()
        world.admin.change_user(me.id, UserChange(is_admin=True), revision=me.revision)
        proposed = world.propose()

        with pytest.raises(Forbidden, match="was asked for by you"):
            world.sign_in("committee").delegate(proposed.approval_id, friend.id)
