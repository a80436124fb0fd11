"""Results: released once, never changed; superseded by a later one, or withdrawn with a reason."""

from dataclasses import replace

import pytest

from cube_specs.models import CubeKind
from rounds.errors import Conflict, Forbidden, InvalidInput, NotFound, RegistryError
from rounds.records.executions import Claim, ClaimIn, ExecutionStatus, ResultStatus
from rounds.records.leaderboards import RowStatus
from tests.contract.registry.builders import SCORES, make_cube, sha
from tests.contract.registry.editing import replace_metrics
from tests.contract.registry.scenes import (
    add_result,
    claim_cell,
    joined,
    prepared,
    submit_scores,
)
from tests.contract.registry.world import World


class TestResult:
    def test_is_final_for_its_bytes(self, world: World) -> None:
        """Submitted again it gets the same receipt; other bytes in its place are refused (A22)."""
        token, scores = world.granted()
        owner = world.person("owner")

        receipts = [owner.submit(scores, fencing_token=token) for _ in range(2)]
        with pytest.raises(Conflict, match="is SUBMITTED, needed it SCORED with the bytes"):
            owner.submit(replace(scores, sha256=sha("other")), fencing_token=token)

        assert receipts[0] == receipts[1]
        (result,) = owner.results()
        assert (result.metrics, result.status) == (SCORES, ResultStatus.IN_FORCE)
        assert (result.execution_id, result.sha256) == (scores.execution_id, scores.sha256)

    def test_has_no_route_that_changes_it(self, world: World) -> None:
        """Nobody edits or deletes a result, whoever they are."""
        benchmark, dataset, tree = joined(world)
        result = add_result(world, benchmark, dataset, tree.id)

        for method in ("PATCH", "PUT", "DELETE", "POST"):
            with pytest.raises(RegistryError, match=r"405|Method Not Allowed"):
                world.admin._send(method, f"/results/{result.id}")

        assert world.person("owner").result(result.id) == result

    def test_is_superseded_by_a_new_version(self, world: World) -> None:
        """A new metrics cube scores again; the old row stays as it was, and counts no more (A22)."""
        benchmark, dataset, tree = joined(world)
        first = add_result(world, benchmark, dataset, tree.id)
        committee, owner = world.person("committee"), world.person("owner")
        judge = committee.register_cube(make_cube("judge2", CubeKind.METRICS))
        replace_metrics(committee, benchmark.id, judge.id)
        assert owner.cells(model_id=tree.id)[0].outstanding

        second = submit_scores(world, dataset, claim_again(world, first.benchmark_id, tree.id))

        before = owner.result(first.id)
        cell = owner.cells(model_id=tree.id)[0]
        assert (before.status, second.status) == (ResultStatus.SUPERSEDED, ResultStatus.IN_FORCE)
        assert before.model_copy(update={"status": first.status, "revision": 1}) == first
        assert (cell.execution_id, cell.outstanding) == (second.execution_id, False)
        assert owner.execution(first.execution_id).status is ExecutionStatus.SUPERSEDED
        with pytest.raises(Conflict, match="found SUPERSEDED, which may become nothing"):
            owner.withdraw_result(first.id, "too late")

    def test_needs_an_association_of_both_sides(self, world: World) -> None:
        """A model or a dataset that does not belong to the benchmark gets no result (A24)."""
        benchmark, dataset, tree = joined(world)
        stranger = world.person("maker").register_cube(make_cube("stranger"))
        alone = prepared(world, benchmark, site="site-b")

        with pytest.raises(Conflict, match=f"model {stranger.id} has no approved association"):
            claim_cell(world, benchmark, dataset, stranger.id)
        with pytest.raises(Conflict, match=f"dataset {alone.id} has no approved association"):
            claim_cell(world, benchmark, alone, tree.id)

        assert world.person("owner").executions() == []


class TestWithdrawal:
    def test_says_why_and_is_not_run_again_by_itself(self, world: World) -> None:
        """A withdrawn result is kept with its reason; its cell has no score and says so."""
        benchmark, dataset, tree = joined(world)
        result = add_result(world, benchmark, dataset, tree.id)
        owner = world.person("owner")

        withdrawn = owner.withdraw_result(result.id, "a patient took back consent")

        cell = owner.cells(model_id=tree.id)[0]
        rows = owner.leaderboard(benchmark.id).rows
        row = next(row for row in rows if row.model_id == tree.id and row.site == "site-a")
        assert (withdrawn.status, withdrawn.reason) == (
            ResultStatus.WITHDRAWN,
            "a patient took back consent",
        )
        assert (withdrawn.metrics, withdrawn.sha256) == (result.metrics, result.sha256)
        assert (cell.status, cell.outstanding, cell.metrics) == (
            ExecutionStatus.WITHDRAWN,
            False,
            {},
        )
        assert cell.reason == "its result was withdrawn"
        assert (row.status, row.score, row.reason) == (RowStatus.MISSING, None, cell.reason)
        with pytest.raises(Conflict, match="found WITHDRAWN, which may become nothing"):
            owner.withdraw_result(result.id, "again")

    def test_is_the_data_owners(self, world: World) -> None:
        """The committee sees a result and cannot take it back; a worker may not; the model's owner finds none."""
        benchmark, dataset, tree = joined(world)
        result = add_result(world, benchmark, dataset, tree.id)

        with pytest.raises(Forbidden, match="somebody else's"):
            world.person("committee").withdraw_result(result.id, "looks odd")
        with pytest.raises(Forbidden, match="needed a decider"):
            world.worker("owner", "site-a").withdraw_result(result.id, "looks odd")
        with pytest.raises(NotFound, match="that you may know of"):
            world.person("maker").withdraw_result(result.id, "too low")
        with pytest.raises(InvalidInput, match="found what looks like an e-mail address in reason"):
            world.person("owner").withdraw_result(result.id, "see jane@example.org")
        assert world.person("owner").result(result.id).status is ResultStatus.IN_FORCE


def claim_again(world: World, benchmark_id: int, model_id: int) -> Claim:
    """The data owner's claim on a cell, by another run."""
    owner = world.person("owner")
    wanted = ClaimIn(
        benchmark_id=benchmark_id,
        dataset_id=owner.datasets()[0].id,
        model_id=model_id,
        key="run-2-cell",
    )
    return owner.claim(wanted)
