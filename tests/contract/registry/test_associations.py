"""Associations: asked for, decided, revoked, put in order."""

import pytest

from rounds.errors import Conflict, Forbidden, InvalidInput
from rounds.records.benchmarks import (
    AssociationIn,
    AssociationStatus,
    AutoApproval,
    AutoApprovalMode,
)
from tests.contract.registry.builders import make_cube, make_dataset, sha
from tests.contract.registry.world import World

ALWAYS = AutoApproval(mode=AutoApprovalMode.ALWAYS)


class TestAssociations:
    def test_needs_exactly_one_side(self, world: World) -> None:
        """A dataset or a model joins, never both and never nothing."""
        benchmark = world.approved_benchmark()
        wanted = AssociationIn(benchmark_id=benchmark.id, test_sha256=sha("test"))

        with pytest.raises(InvalidInput, match="exactly one"):
            world.person("owner").associate(wanted)

    def test_needs_a_prepared_dataset(self, world: World) -> None:
        """A dataset in DEVELOPMENT cannot ask to join."""
        benchmark = world.approved_benchmark()
        dataset = world.person("owner").register_dataset(make_dataset(benchmark.id))

        with pytest.raises(Conflict, match="is in DEVELOPMENT, needed OPERATION"):
            world.join(world.person("owner"), benchmark, dataset_id=dataset.id)

    def test_waits_for_the_committee(self, world: World) -> None:
        """Without a rule a person decides."""
        benchmark, model = world.approved_benchmark(), world.person("maker")
        cube = model.register_cube(make_cube("tree"))

        association = model.associate(ask_for(benchmark.id, cube.id))

        assert association.status is AssociationStatus.PENDING

    def test_rule_approves_and_is_named(self, world: World) -> None:
        """Under ALWAYS a rule approves at once, and the approval names it."""
        benchmark, maker = world.approved_benchmark(models=ALWAYS), world.person("maker")
        cube = maker.register_cube(make_cube("tree"))

        association = maker.associate(ask_for(benchmark.id, cube.id))

        assert association.status is AssociationStatus.APPROVED
        assert maker.approval(association.approval_id).rule == "models=ALWAYS v1"

    @pytest.mark.parametrize(
        ("listed", "status"),
        [(True, AssociationStatus.APPROVED), (False, AssociationStatus.PENDING)],
    )
    def test_allowlist_lets_only_the_listed_in(
        self, world: World, *, listed: bool, status: AssociationStatus
    ) -> None:
        """An allow-list approves who is on it; an empty one nobody."""
        maker = world.person("maker")
        allow = (maker.me().id,) if listed else ()
        rule = AutoApproval(mode=AutoApprovalMode.ALLOWLIST, allow=allow)
        benchmark = world.approved_benchmark(models=rule)
        cube = maker.register_cube(make_cube("tree"))

        association = maker.associate(ask_for(benchmark.id, cube.id))

        assert association.status is status

    def test_committee_inviting_waits_for_the_models_owner(self, world: World) -> None:
        """Who is invited decides; no rule stands in for them."""
        benchmark, maker = world.approved_benchmark(models=ALWAYS), world.person("maker")
        cube = maker.register_cube(make_cube("tree"))
        committee = world.person("committee")

        association = committee.associate(ask_for(benchmark.id, cube.id))

        assert association.status is AssociationStatus.PENDING
        assert maker.approval(association.approval_id).role == "model owner"

    def test_open_one_bars_another(self, world: World) -> None:
        """Asking again while it is open is refused."""
        benchmark, maker = world.approved_benchmark(), world.person("maker")
        cube = maker.register_cube(make_cube("tree"))
        maker.associate(ask_for(benchmark.id, cube.id))

        with pytest.raises(Conflict, match="is PENDING; it is the one to use"):
            maker.associate(ask_for(benchmark.id, cube.id))

    def test_stranger_cannot_enter_anothers_model(self, world: World) -> None:
        """Only the model's owner or the committee asks for it."""
        benchmark = world.approved_benchmark()
        cube = world.person("maker").register_cube(make_cube("tree"))

        with pytest.raises(Forbidden, match="somebody else's"):
            world.person("owner").associate(ask_for(benchmark.id, cube.id))

    def test_revocation_ends_what_is_outstanding(self, world: World) -> None:
        """A revoked dataset has no cell left to run, and may ask again."""
        _, dataset = world.ready()
        association = world.person("owner").associations(dataset_id=dataset.id)[0]

        revoked = world.person("committee").revoke_association(association.id)

        assert revoked.status is AssociationStatus.REVOKED
        assert world.person("owner").cells(dataset_id=dataset.id) == []

    def test_priority_is_the_committees(self, world: World) -> None:
        """A model's owner cannot move it to the front."""
        benchmark, maker = world.approved_benchmark(models=ALWAYS), world.person("maker")
        cube = maker.register_cube(make_cube("tree"))
        association = maker.associate(ask_for(benchmark.id, cube.id))

        changed = world.person("committee").set_priority(association.id, 5)

        assert changed.priority == 5
        with pytest.raises(Forbidden, match="somebody else's"):
            maker.set_priority(association.id, 9)


def ask_for(benchmark_id: int, model_id: int) -> AssociationIn:
    """A model's request to join."""
    return AssociationIn(benchmark_id=benchmark_id, model_id=model_id, test_sha256=sha("test"))
