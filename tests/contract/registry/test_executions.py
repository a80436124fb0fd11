"""Cells, claims, fencing tokens and submissions."""

from dataclasses import replace

import pytest

from cube_specs.models import CubeKind
from rounds.artifacts import ReleasedMetrics
from rounds.errors import Code, Conflict, IntegrityError, InvalidInput, NotFound
from rounds.records.approvals import Decision
from rounds.records.executions import ExecutionStatus, MetricValue
from rounds.records.leaderboards import RowStatus
from tests.contract.registry.builders import SCORES, make_cube, sha
from tests.contract.registry.world import World, claim_of, decision_on, released


class TestClaim:
    def test_same_key_gets_the_same_claim(self, world: World) -> None:
        """A lost answer loses nothing."""
        benchmark, dataset = world.ready()

        claims = [world.claim(dataset, benchmark) for _ in range(2)]

        assert claims[0] == claims[1]

    def test_held_cell_is_refused(self, world: World) -> None:
        """Two runs never hold one cell."""
        benchmark, dataset = world.ready()
        world.claim(dataset, benchmark)

        with pytest.raises(Conflict, match="found the cell under way"):
            world.claim(dataset, benchmark, key="run-2-cell")

    def test_lapsed_cell_goes_to_the_next(self, world: World) -> None:
        """After the lease another run takes over, with a higher fencing token."""
        benchmark, dataset = world.ready()
        first = world.claim(dataset, benchmark)
        world.served.clock.advance(first.lease_s)

        second = world.claim(dataset, benchmark, key="run-2-cell")

        assert (second.attempt, second.fencing_token) == (2, first.fencing_token + 1)

    def test_stale_token_is_not_heard(self, world: World) -> None:
        """Who lost the cell cannot end it any more."""
        benchmark, dataset = world.ready()
        first = world.claim(dataset, benchmark)
        world.served.clock.advance(first.lease_s)
        world.claim(dataset, benchmark, key="run-2-cell")

        with pytest.raises(Conflict, match="another claim holds it now"):
            world.person("owner").heartbeat(first.execution_id, fencing_token=first.fencing_token)

    def test_heartbeat_keeps_the_cell(self, world: World) -> None:
        """A lease that is renewed does not run out."""
        benchmark, dataset = world.ready()
        claim = world.claim(dataset, benchmark)
        world.served.clock.advance(claim.lease_s / 2)
        world.person("owner").heartbeat(claim.execution_id, fencing_token=claim.fencing_token)
        world.served.clock.advance(claim.lease_s / 2)

        with pytest.raises(Conflict, match="found the cell under way"):
            world.claim(dataset, benchmark, key="run-2-cell")

    def test_failed_cell_waits_for_a_person(self, world: World) -> None:
        """A failure is a row with its code: not outstanding, but may be run again."""
        benchmark, dataset = world.ready()
        claim = world.claim(dataset, benchmark)
        owner = world.person("owner")

        owner.fail(claim.execution_id, fencing_token=claim.fencing_token, code=Code.CUBE_TIMEOUT)

        cell = owner.cells()[0]
        assert (cell.outstanding, cell.runnable) == (False, True)
        assert cell.reason == "failed: cube_timeout"

    def test_fifth_lapse_fails_the_cell(self, world: World) -> None:
        """A cell whose runs never come back does not start for ever."""
        benchmark, dataset = world.ready()
        for attempt in range(5):
            claim = world.claim(dataset, benchmark, key=f"run-{attempt}-cell")
            world.served.clock.advance(claim.lease_s)

        cell = world.person("owner").cells()[0]

        assert (cell.status, cell.outstanding) == (ExecutionStatus.FAILED, False)
        assert cell.reason == "failed: unexpected"

    def test_unassociated_model_is_refused(self, world: World) -> None:
        """Only what the committee let in is run."""
        benchmark, dataset = world.ready()
        model = world.person("maker").register_cube(make_cube("stranger"))
        wanted = claim_of(dataset, benchmark).model_copy(update={"model_id": model.id})

        with pytest.raises(Conflict, match="has no approved association"):
            world.person("owner").claim(wanted)

    def test_worker_of_another_site_does_not_find_the_dataset(self, world: World) -> None:
        """A worker's token reaches its own site's datasets only."""
        benchmark, dataset = world.ready()
        worker = world.worker("owner", "site-b")

        with pytest.raises(NotFound, match=f"found no dataset {dataset.id}"):
            worker.claim(claim_of(dataset, benchmark))

    def test_awaited_cell_is_refused(self, world: World) -> None:
        """A cell whose release is being decided is not run again."""
        benchmark, dataset = world.ready()
        world.scored(dataset, benchmark)

        with pytest.raises(Conflict, match="found the cell awaits release"):
            world.claim(dataset, benchmark, key="run-2-cell")

    def test_held_back_cell_is_final(self, world: World) -> None:
        """What the data owner keeps home is not tried a second time."""
        benchmark, dataset = world.ready()
        _, approval = world.scored(dataset, benchmark)
        world.person("owner").decide(approval.id, decision_on(approval, Decision.REFUSE))

        with pytest.raises(Conflict, match="held back by the data owner"):
            world.claim(dataset, benchmark, key="run-2-cell")


class TestSubmission:
    def test_submitted_twice_is_stored_once(self, world: World) -> None:
        """The same bytes again get the same receipt."""
        token, scores = granted(world)

        receipts = [world.person("owner").submit(scores, fencing_token=token) for _ in range(2)]

        assert receipts[0] == receipts[1]

    def test_ungranted_release_is_refused(self, world: World) -> None:
        """Nothing comes in before a person, or a rule, has released it."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        scores = released(claim.execution_id, approval.id)

        with pytest.raises(Conflict, match="is PENDING, needed GRANTED"):
            world.person("owner").submit(scores, fencing_token=claim.fencing_token)

    def test_statistics_approval_releases_no_scores(self, world: World) -> None:
        """An approval covers what it is about."""
        token, scores = granted(world)
        other = replace(scores, approval_id=2)

        with pytest.raises(Conflict, match="found no such approval of results"):
            world.person("owner").submit(other, fencing_token=token)

    def test_held_back_item_stays_home(self, world: World) -> None:
        """A grant that holds a cell back does not let it out."""
        benchmark, dataset = world.ready()
        claim, approval = world.scored(dataset, benchmark)
        owner = world.person("owner")
        owner.decide(approval.id, decision_on(approval, Decision.GRANT, claim.execution_id))

        with pytest.raises(Conflict, match="is HELD_BACK, needed it SCORED"):
            owner.submit(
                released(claim.execution_id, approval.id), fencing_token=claim.fencing_token
            )

    def test_wrong_token_is_refused(self, world: World) -> None:
        """Nothing is submitted without the cell's fencing token."""
        token, scores = granted(world)

        with pytest.raises(Conflict, match="needed the cell's current one"):
            world.person("owner").submit(scores, fencing_token=token + 1)

    @pytest.mark.parametrize(
        ("metrics", "said"),
        [
            ({"auroc": SCORES["auroc"]}, "needed exactly: auroc, brier"),
            ({**SCORES, "smuggled": MetricValue(score=0.5)}, "needed exactly: auroc, brier"),
            ({**SCORES, "brier": MetricValue(score=1.5)}, "brier is out of the contract's range"),
            (
                {**SCORES, "brier": MetricValue(score=0.2, variance=0.1)},
                "found a variance of brier, needed none",
            ),
        ],
    )
    def test_contract_is_kept(
        self, world: World, metrics: dict[str, MetricValue], said: str
    ) -> None:
        """What the contract does not name, or not allow, is not taken in."""
        token, scores = granted(world)

        with pytest.raises(InvalidInput, match=said):
            world.person("owner").submit(replace(scores, metrics=metrics), fencing_token=token)

    def test_values_must_be_the_approved_bytes(self, world: World) -> None:
        """Other values under an approved sha256 are refused."""
        token, scores = granted(world)
        better = {**SCORES, "auroc": MetricValue(score=0.99, variance=0.01)}

        with pytest.raises(IntegrityError, match="do not have the sha256"):
            world.person("owner").submit(replace(scores, metrics=better), fencing_token=token)

    def test_revoked_dataset_submits_nothing(self, world: World) -> None:
        """Work that was outstanding when an association was revoked stops."""
        token, scores = granted(world)
        committee = world.person("committee")
        committee.revoke_association(committee.associations()[0].id)

        with pytest.raises(Conflict, match="has no approved association"):
            world.person("owner").submit(scores, fencing_token=token)

    def test_new_metrics_cube_makes_it_outstanding_and_supersedes(self, world: World) -> None:
        """A new metrics cube scores again; the new result takes the place of the old."""
        first = submitted(world)
        committee, owner = world.person("committee"), world.person("owner")
        benchmark, dataset = owner.benchmarks()[0], owner.datasets()[0]
        judge = committee.register_cube(make_cube("judge2", CubeKind.METRICS))
        committee.change_metrics(benchmark.id, judge.id)
        assert owner.cells()[0].outstanding

        claim = world.claim(dataset, benchmark, key="run-2-cell")
        approval = world.score(dataset, claim)
        world.grant(owner, approval.id)
        scores = released(claim.execution_id, approval.id)
        owner.submit(scores, fencing_token=claim.fencing_token)

        cell = owner.cells()[0]
        assert (cell.execution_id, cell.outstanding) == (claim.execution_id, False)
        assert cell.execution_id != first


class TestLeaderboard:
    def test_has_a_row_for_each_cell_and_metric(self, world: World) -> None:
        """A score or a reason for each site, model and metric, and the pooled rows."""
        submitted(world)

        board = world.person("owner").leaderboard(1)

        found = [(row.site, row.metric, row.status, row.rank) for row in board.rows]
        assert found == [
            ("site-a", "auroc", RowStatus.SCORED, None),
            ("site-a", "brier", RowStatus.SCORED, None),
            ("pooled", "auroc", RowStatus.SCORED, 1),
            ("pooled", "brier", RowStatus.SCORED, None),
        ]

    def test_is_for_those_who_take_part(self, world: World) -> None:
        """A stranger finds no leaderboard."""
        world.ready()

        with pytest.raises(NotFound, match="found no leaderboard"):
            world.person("stranger").leaderboard(1)

    def test_cells_are_seen_by_their_own(self, world: World) -> None:
        """The committee sees all cells, a data owner the own ones, a stranger none."""
        benchmark, _ = world.ready()
        other = world.operational(benchmark, "second", "site-b", raw_digest=sha("second"))
        world.join(world.person("second"), benchmark, dataset_id=other.id)

        seen = {
            name: [cell.site for cell in world.person(name).cells()]
            for name in ("committee", "owner", "second", "stranger")
        }

        assert seen == {
            "committee": ["site-a", "site-b"],
            "owner": ["site-a"],
            "second": ["site-b"],
            "stranger": [],
        }


def granted(world: World) -> tuple[int, ReleasedMetrics]:
    """A fencing token, and scores whose release was granted."""
    benchmark, dataset = world.ready()
    claim, approval = world.scored(dataset, benchmark)
    world.grant(world.person("owner"), approval.id)
    return claim.fencing_token, released(claim.execution_id, approval.id)


def submitted(world: World) -> int:
    """The id of an execution that was submitted."""
    token, scores = granted(world)
    return world.person("owner").submit(scores, fencing_token=token).execution_id
