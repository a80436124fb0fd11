"""Claims: one holder a cell, fenced, and never for ever."""

import pytest

from rounds.client.registry import RegistryClient
from rounds.errors import Code, Conflict, NotFound, RoundsError
from rounds.records.approvals import Decision
from rounds.records.executions import ExecutionStatus
from tests.contract.registry.scenes import claim_cell, joined, submit_scores
from tests.contract.registry.wishes import claim_of, decision_on
from tests.contract.registry.world import World


def _heard(client: RegistryClient, execution_id: int, token: int) -> type[RoundsError] | None:
    """What somebody hears who beats for an execution; None if the beat is taken."""
    try:
        client.heartbeat(execution_id, fencing_token=token)
    except RoundsError as error:
        return type(error)
    return None


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
        world.advance(first.lease_s)

        second = world.claim(dataset, benchmark, key="run-2-cell")

        assert (second.attempt, second.fencing_token) == (2, first.fencing_token + 1)

    def test_stale_token_is_not_heard(self, world: World) -> None:
        """Who lost the cell cannot end it any more."""
        benchmark, dataset = world.ready()
        first = world.claim(dataset, benchmark)
        world.advance(first.lease_s)
        world.claim(dataset, benchmark, key="run-2-cell")

        with pytest.raises(Conflict, match="another claim holds it now"):
            world.person("owner").heartbeat(first.execution_id, fencing_token=first.fencing_token)

    def test_heartbeat_keeps_the_cell(self, world: World) -> None:
        """A lease that is renewed does not run out."""
        benchmark, dataset = world.ready()
        claim = world.claim(dataset, benchmark)
        world.advance(claim.lease_s / 2)
        world.person("owner").heartbeat(claim.execution_id, fencing_token=claim.fencing_token)
        world.advance(claim.lease_s / 2)

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
            world.advance(claim.lease_s)

        cell = world.person("owner").cells()[0]

        assert (cell.status, cell.outstanding) == (ExecutionStatus.FAILED, False)
        assert cell.reason == "failed: unexpected"

    def test_deadline_fails_the_cell_however_lively(self, world: World) -> None:
        """A run that beats and never ends is failed at the committee's deadline, and not heard after it."""
        benchmark, dataset, tree = joined(world, cell_deadline_s=300)
        claim = claim_cell(world, benchmark, dataset, tree.id)
        token = claim.fencing_token
        for _ in range(2):
            world.advance(100)
            beaten = world.person("owner").heartbeat(claim.execution_id, fencing_token=token)
        assert beaten.lease_until == beaten.deadline
        world.advance(100)

        cell = world.person("owner").cells(model_id=tree.id)[0]

        assert (cell.status, cell.reason) == (ExecutionStatus.FAILED, "failed: deadline")
        assert (cell.outstanding, cell.runnable) == (False, True)
        late = world.person("owner").heartbeat(claim.execution_id, fencing_token=token)
        assert (late.status, late.lease_until) == (ExecutionStatus.FAILED, beaten.lease_until)
        with pytest.raises(Conflict, match="found FAILED, which may become nothing"):
            submit_scores(world, dataset, claim)

    def test_worker_of_another_site_does_not_find_the_dataset(self, world: World) -> None:
        """A worker's token reaches its own site's datasets only."""
        benchmark, dataset = world.ready()
        worker = world.worker("owner", "site-b")

        with pytest.raises(NotFound, match=f"found no dataset {dataset.id}"):
            worker.claim(claim_of(dataset, benchmark))

    def test_is_found_by_those_who_may_read_it(self, world: World) -> None:
        """Whom the lists show an execution is refused its work as somebody else's; others find none."""
        benchmark, dataset = world.ready()
        claim = world.claim(dataset, benchmark)
        key, token = claim.execution_id, claim.fencing_token
        readers = {name: world.person(name) for name in ("owner", "committee", "admin", "stranger")}
        readers |= {site: world.worker("owner", site) for site in ("site-a", "site-b")}
        readers["limited committee"] = world.worker("committee", "site-a")

        listed = {name for name, reader in readers.items() if reader.executions()}
        heard = {name: _heard(reader, key, token) for name, reader in readers.items()}

        assert {name for name, error in heard.items() if error is not NotFound} == listed
        assert {name for name, error in heard.items() if error is None} == {"owner", "site-a"}
        assert listed == {"owner", "site-a", "committee", "admin"}

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
