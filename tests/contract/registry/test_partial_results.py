"""Scores of partial predictions: where the terms take them, marked, until a clean rerun clears the mark (A21)."""

from dataclasses import replace

import pytest

from rounds.errors import Conflict, IntegrityError, InvalidInput
from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import AssociationStatus, BenchmarkChange
from rounds.records.cubes import State
from rounds.records.executions import ExecutionStatus, ResultStatus
from rounds.records.leaderboards import RowStatus
from tests.contract.registry.scenes import add_result, claim_cell, joined, submit_scores
from tests.contract.registry.wishes import released, scores_sha256
from tests.contract.registry.world import World

REASON = "scored from partial predictions"


class TestPartialResult:
    def test_is_refused_where_the_terms_do_not_take_it(self, world: World) -> None:
        """Unless the benchmark says otherwise, only whole predictions are judged."""
        benchmark, dataset, tree = joined(world)
        claim = claim_cell(world, benchmark, dataset, tree.id)

        with pytest.raises(InvalidInput, match="found scores of partial predictions"):
            submit_scores(world, dataset, claim, partial=True)

        assert world.person("owner").results() == []

    def test_is_marked_wherever_it_is_shown(self, world: World) -> None:
        """Result, execution, cell, and both kinds of rows of the leaderboard say so."""
        benchmark, dataset, tree = joined(world, partial_predictions=True)
        claim = claim_cell(world, benchmark, dataset, tree.id)

        result = submit_scores(world, dataset, claim, partial=True)

        owner = world.person("owner")
        cell = owner.cells(model_id=tree.id)[0]
        rows = [row for row in owner.leaderboard(benchmark.id).rows if row.model_id == tree.id]
        assert (result.partial, owner.execution(claim.execution_id).partial) == (True, True)
        assert (cell.partial, cell.reason, cell.metrics) == (True, REASON, result.metrics)
        assert {row.status for row in rows} == {RowStatus.PARTIAL}
        assert {row.reason for row in rows} == {
            REASON,
            "1 of 1 datasets scored, 1 from partial predictions",
        }

    def test_is_run_again_by_a_person_alone(self, world: World) -> None:
        """No `sync` starts it for ever; who starts it gets a claim."""
        benchmark, dataset, tree = joined(world, partial_predictions=True)
        claim = claim_cell(world, benchmark, dataset, tree.id)
        submit_scores(world, dataset, claim, partial=True)

        cell = world.person("owner").cells(model_id=tree.id)[0]

        again = claim_cell(world, benchmark, dataset, tree.id)
        assert (cell.outstanding, cell.runnable) == (False, True)
        assert again.attempt == claim.attempt + 1

    def test_gives_way_to_a_clean_rerun(self, world: World) -> None:
        """The later result counts and has no mark; the partial one is kept as it was, and the cell is final."""
        benchmark, dataset, tree = joined(world, partial_predictions=True)
        first = claim_cell(world, benchmark, dataset, tree.id)
        before = submit_scores(world, dataset, first, partial=True)

        after = add_result(world, benchmark, dataset, tree.id)

        owner = world.person("owner")
        cell = owner.cells(model_id=tree.id)[0]
        rows = [row for row in owner.leaderboard(benchmark.id).rows if row.model_id == tree.id]
        kept = owner.result(before.id)
        assert (kept.status, kept.partial) == (ResultStatus.SUPERSEDED, True)
        assert (after.status, after.partial) == (ResultStatus.IN_FORCE, False)
        assert owner.execution(first.execution_id).status is ExecutionStatus.SUPERSEDED
        assert (cell.partial, cell.runnable, cell.reason) == (False, False, "")
        assert {row.status for row in rows} == {RowStatus.SCORED}
        with pytest.raises(Conflict, match="found the cell submitted and current"):
            claim_cell(world, benchmark, dataset, tree.id)

    def test_cannot_lose_its_mark_on_the_way(self, world: World) -> None:
        """The mark is part of the bytes that were approved: without it they are others."""
        benchmark, dataset, tree = joined(world, partial_predictions=True)
        claim = claim_cell(world, benchmark, dataset, tree.id)
        owner, token = world.person("owner"), claim.fencing_token
        digest = scores_sha256(claim.execution_id, partial=True)
        owner.scored(claim.execution_id, fencing_token=token, sha256=digest, inputs={})
        marked = released(claim.execution_id, 1, partial=True)

        with pytest.raises(IntegrityError, match="do not have the sha256"):
            owner.submit(replace(marked, partial=False), fencing_token=token)


class TestTerm:
    def test_is_what_everyone_agreed_to(self, world: World) -> None:
        """Allowing partial predictions ends what was joined under the former terms, and asks again."""
        benchmark, _, _ = joined(world, state=State.DEVELOPMENT)
        committee = world.person("committee")
        change = BenchmarkChange(partial_predictions=True)

        after = committee.change_benchmark(benchmark.id, change, revision=benchmark.revision)

        again = committee.associations(status=AssociationStatus.PENDING)
        assert after.partial_predictions
        assert committee.approval(after.approval_id).status is ApprovalStatus.PENDING
        assert len(again) == 2

    def test_is_frozen_in_operation(self, world: World) -> None:
        """Once sites work under it, it stays."""
        benchmark, _, _ = joined(world)
        change = BenchmarkChange(partial_predictions=True)

        with pytest.raises(Conflict, match="partial_predictions"):
            world.person("committee").change_benchmark(
                benchmark.id, change, revision=benchmark.revision
            )
