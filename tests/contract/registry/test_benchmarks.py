"""Benchmarks: proposed whole, decided on by somebody else, one at a time."""

import pytest
from pydantic import JsonValue

from cube_specs.models import CubeKind
from rounds.digests import sha256_json
from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound
from rounds.records.approvals import ApprovalStatus, Decision
from rounds.records.benchmarks import (
    AutoApproval,
    AutoApprovalMode,
    BenchmarkChange,
    BenchmarkStatus,
    MetricContract,
)
from rounds.records.cubes import CubeChange, State
from rounds.records.people import UserChange
from rounds.rehearsals import as_rehearsal
from tests.contract.registry.builders import CONTRACT, make_benchmark, make_cube
from tests.contract.registry.editing import replace_metrics
from tests.contract.registry.wishes import decision_on
from tests.contract.registry.world import World

TEST = {"auroc": 0.8, "n_cases": 12}


class TestProposal:
    def test_is_of_the_right_parts(self, world: World) -> None:
        """Kinds are checked, a contract names each metric once, a report has its own sha256 (A6)."""
        committee = world.person("committee")
        model = committee.register_cube(make_cube("tree")).id
        prep = committee.register_cube(make_cube("prep", CubeKind.PREPARATOR)).id
        judge = committee.register_cube(make_cube("judge", CubeKind.METRICS)).id
        twice = MetricContract(metrics=CONTRACT.metrics[:1] * 2)

        with pytest.raises(InvalidInput, match="is a model, needed a preparator"):
            committee.propose_benchmark(make_benchmark(model, model, judge))
        with pytest.raises(InvalidInput, match="needed each name once"):
            committee.propose_benchmark(make_benchmark(prep, model, judge, contract=twice))
        with pytest.raises(InvalidInput, match="not that of the compatibility report"):
            committee.propose_benchmark(make_benchmark(prep, model, judge, compatibility=TEST))
        tested = {"compatibility": TEST, "compatibility_sha256": sha256_json(TEST)}
        stored = committee.propose_benchmark(make_benchmark(prep, model, judge, **tested))
        assert committee.benchmark(stored.id).compatibility == TEST

    def test_is_one_at_a_time(self, world: World) -> None:
        """A second benchmark has a name of its own, and waits until the first is decided on (A7)."""
        first, committee = world.propose(), world.person("committee")
        cubes = (first.preparator_id, first.reference_model_id, first.metrics_id)
        second = make_benchmark(*cubes, name="second")
        with pytest.raises(Conflict, match=f"your benchmark {first.id} is still pending"):
            committee.propose_benchmark(second)

        world.grant(world.admin, first.approval_id)
        with pytest.raises(Conflict, match="or one that looks the same, is there already"):
            committee.propose_benchmark(make_benchmark(*cubes, name="Lumps"))
        proposed = committee.propose_benchmark(second)
        refuse(world, proposed.approval_id)

        third = committee.propose_benchmark(make_benchmark(*cubes, name="third"))
        assert third.status is BenchmarkStatus.PENDING

    def test_is_unknown_to_others_until_it_is_approved(self, world: World) -> None:
        """Nobody else learns of a benchmark that may yet be refused."""
        benchmark, owner = world.propose(), world.person("owner")

        with pytest.raises(NotFound, match="that you may know of"):
            owner.benchmark(benchmark.id)
        assert owner.benchmarks() == []
        world.grant(world.admin, benchmark.approval_id)
        assert owner.benchmark(benchmark.id).status is BenchmarkStatus.APPROVED

    def test_shows_no_person_in_its_report(self, world: World) -> None:
        """The report of its compatibility test, which everyone may read, is read first, however deep."""
        report: dict[str, JsonValue] = {"cases": [{"worst": "Doe^Jane"}]}
        digest = sha256_json(report)

        with pytest.raises(InvalidInput, match="a DICOM person name in compatibility"):
            world.propose(compatibility=report, compatibility_sha256=digest)

    def test_is_not_proposed_with_a_rehearsal(self, world: World) -> None:
        """A report that says that local cubes stood in proves nothing, whoever sends it."""
        report = as_rehearsal({"scores": {"auroc": 0.9}}, ["model"])

        with pytest.raises(InvalidInput, match="found the report of a rehearsal"):
            world.propose(compatibility=report, compatibility_sha256=sha256_json(report))

    def test_unanswered_is_rejected(self, world: World) -> None:
        """A benchmark that nobody decides on does not stay pending for ever."""
        benchmark = world.propose(approval_deadline_s=60)

        world.advance(61)

        assert world.admin.benchmark(benchmark.id).status is BenchmarkStatus.REJECTED


class TestApproval:
    def test_is_an_administrators_other_than_the_author(self, world: World) -> None:
        """The owner cannot approve it, whatever they are; a rejected one stays rejected (A8)."""
        benchmark, committee = world.propose(), world.person("committee")
        approval = committee.approval(benchmark.approval_id)
        with pytest.raises(Forbidden, match="needed a second person"):
            committee.decide(approval.id, decision_on(approval))
        me = committee.me()
        world.admin.change_user(me.id, UserChange(is_admin=True), revision=me.revision)
        with pytest.raises(Forbidden, match="needed a second person"):
            world.sign_in("committee").decide(approval.id, decision_on(approval))

        refuse(world, approval.id)

        assert world.admin.benchmark(benchmark.id).status is BenchmarkStatus.REJECTED
        with pytest.raises(Conflict, match="is REFUSED, needed PENDING"):
            world.grant(world.admin, approval.id)

    def test_stays(self, world: World) -> None:
        """An approved benchmark is withdrawn, not disapproved: others have built on it."""
        benchmark = world.approved_benchmark()

        with pytest.raises(Conflict, match="the approval of a benchmark stays"):
            world.admin.revoke_approval(benchmark.approval_id)


class TestOperation:
    def test_takes_parts_in_operation(self, world: World) -> None:
        """No benchmark is in OPERATION while one of its cubes is in DEVELOPMENT (A10)."""
        committee = world.person("committee")
        prep = committee.register_cube(make_cube("prep", CubeKind.PREPARATOR)).id
        judge = committee.register_cube(make_cube("judge", CubeKind.METRICS)).id
        early = make_cube("tree").model_copy(update={"state": State.DEVELOPMENT})
        model = committee.register_cube(early)
        wanted = make_benchmark(prep, model.id, judge)
        to_operation = BenchmarkChange(state=State.OPERATION)
        said = f"cube {model.id} is in DEVELOPMENT, needed OPERATION"

        with pytest.raises(Conflict, match=said):
            committee.propose_benchmark(wanted)
        early_one = wanted.model_copy(update={"state": State.DEVELOPMENT})
        found = committee.propose_benchmark(early_one)
        with pytest.raises(Conflict, match=said):
            committee.change_benchmark(found.id, to_operation, revision=found.revision)
        ready = CubeChange(state=State.OPERATION)
        committee.change_cube(model.id, ready, revision=model.revision)
        changed = committee.change_benchmark(found.id, to_operation, revision=found.revision)

        assert changed.state is State.OPERATION
        assert committee.approval(changed.approval_id).status is ApprovalStatus.PENDING


class TestVisibility:
    def test_of_allow_lists_is_the_committees(self, world: World) -> None:
        """Others see whether they are on a list, and of nobody else; so MedPerf's users know it."""
        homes = [world.person(name).me().organisation_id for name in ("owner", "maker")]
        listed = AutoApproval(mode=AutoApprovalMode.ALLOWLIST, allow=tuple(homes))
        benchmark = world.approved_benchmark(datasets=listed)

        seen = {
            name: set(world.person(name).benchmark(benchmark.id).datasets.allow)
            for name in ("committee", "owner", "stranger")
        }

        assert seen == {"committee": set(homes), "owner": {homes[0]}, "stranger": set()}
        assert world.person("stranger").benchmarks()[0].datasets.allow == ()

    def test_metrics_cube_is_the_committees_to_change(self, world: World) -> None:
        """Nobody but the benchmark's owner changes how it is judged."""
        benchmark = world.approved_benchmark()

        with pytest.raises(Forbidden, match="somebody else's"):
            replace_metrics(world.person("owner"), benchmark.id, benchmark.metrics_id)


def refuse(world: World, approval_id: int) -> None:
    """Have the administrator refuse."""
    approval = world.admin.approval(approval_id)
    world.admin.decide(approval_id, decision_on(approval, Decision.REFUSE))
