"""Cubes, benchmarks, datasets and associations."""

import httpx
import pytest

from cube_specs.models import CubeKind
from rounds.errors import Conflict, Forbidden, IntegrityError, InvalidInput, NotFound
from rounds.records.benchmarks import (
    AssociationIn,
    AssociationStatus,
    AutoApproval,
    AutoApprovalMode,
    BenchmarkStatus,
)
from rounds.records.datasets import DatasetState
from tests.contract.registry.builders import make_benchmark, make_cube, make_dataset, sha
from tests.contract.registry.world import World

ALWAYS = AutoApproval(mode=AutoApprovalMode.ALWAYS)


class TestCubes:
    def test_name_is_taken_once(self, world: World) -> None:
        """Two cubes cannot share a name."""
        world.admin.register_cube(make_cube("tree"))

        with pytest.raises(Conflict, match="a cube named tree is registered"):
            world.admin.register_cube(make_cube("tree", source="other"))

    def test_same_content_names_its_twin(self, world: World) -> None:
        """The same content under another name is refused with the name it has."""
        twin = world.admin.register_cube(make_cube("tree"))

        with pytest.raises(Conflict, match=f"as cube {twin.id}, tree"):
            world.admin.register_cube(make_cube("oak", source="tree"))

    def test_wrong_digest_is_refused(self, world: World) -> None:
        """A cube is named by its content and nothing else."""
        cube = make_cube("tree").model_copy(update={"digest": sha("other")})

        with pytest.raises(IntegrityError, match="needed the registered"):
            world.admin.register_cube(cube)

    @pytest.mark.parametrize(
        "half", [{"additional_files_url": "https://x/y.tgz"}, {"additional_files_sha256": sha("y")}]
    )
    def test_url_and_hash_come_together(self, world: World, half: dict[str, str]) -> None:
        """Additional files have an address and a sha256, or neither."""
        cube = make_cube("tree").model_copy(update=half)

        with pytest.raises(InvalidInput, match="needed both or none"):
            world.admin.register_cube(cube)

    def test_unknown_key_is_refused_without_being_repeated(self, world: World) -> None:
        """What a caller sends by mistake is not in the answer."""
        document = make_cube("tree").model_dump(mode="json") | {"Jane Doe": "secret"}
        headers = {"Authorization": f"Bearer {world.served.admin_secret}"}

        url = f"{world.served.url}/api/v1/cubes"
        answer = httpx.post(url, json=document, headers=headers)

        assert answer.status_code == 422
        assert "Extra inputs" in answer.json()["detail"]
        assert "Jane" not in answer.text

    def test_list_is_filtered(self, world: World) -> None:
        """Cubes are found by kind and by name."""
        world.admin.register_cube(make_cube("tree"))
        world.admin.register_cube(make_cube("judge", CubeKind.METRICS))

        found = world.admin.cubes(kind=CubeKind.METRICS)

        assert [cube.name for cube in found] == ["judge"]


class TestBenchmarks:
    def test_kinds_are_checked(self, world: World) -> None:
        """A model cannot stand in for a preparator."""
        model = world.admin.register_cube(make_cube("tree"))

        with pytest.raises(InvalidInput, match="is a model, needed a preparator"):
            world.admin.propose_benchmark(make_benchmark(model.id, model.id, model.id))

    def test_second_pending_one_is_refused(self, world: World) -> None:
        """An owner has at most one benchmark awaiting a decision."""
        first = world.propose()
        cubes = (first.preparator_id, first.reference_model_id, first.metrics_id)

        with pytest.raises(Conflict, match=f"your benchmark {first.id} is still pending"):
            world.person("committee").propose_benchmark(make_benchmark(*cubes, name="other"))

    def test_approval_moves_it(self, world: World) -> None:
        """A benchmark is approved in the transaction of its approval."""
        benchmark = world.propose()

        world.grant(world.admin, benchmark.approval_id)

        assert world.admin.benchmark(benchmark.id).status is BenchmarkStatus.APPROVED

    def test_pending_one_is_unknown_to_others(self, world: World) -> None:
        """Nobody else learns of a benchmark before it is approved."""
        benchmark = world.propose()

        with pytest.raises(NotFound, match="that you may know of"):
            world.person("owner").benchmark(benchmark.id)

    def test_metrics_cube_is_the_owners_to_change(self, world: World) -> None:
        """Nobody but the benchmark's owner changes how it is judged."""
        benchmark = world.approved_benchmark()

        with pytest.raises(Forbidden, match="somebody else's"):
            world.person("owner").change_metrics(benchmark.id, benchmark.metrics_id)


class TestDatasets:
    def test_needs_an_approved_benchmark(self, world: World) -> None:
        """No dataset is registered for a benchmark that may yet be refused."""
        benchmark = world.propose()

        with pytest.raises(Conflict, match="is PENDING, needed APPROVED"):
            world.person("committee").register_dataset(make_dataset(benchmark.id))

    def test_preparation_sets_it_to_operation(self, world: World) -> None:
        """Released statistics make a dataset operational."""
        dataset = world.operational(world.approved_benchmark())

        assert dataset.state is DatasetState.OPERATION
        assert dataset.statistics == {"mean_age": 54.5}

    def test_preparation_twice_changes_nothing(self, world: World) -> None:
        """The same released statistics again get the same answer."""
        owner = world.person("owner")
        dataset = owner.register_dataset(make_dataset(world.approved_benchmark().id))
        released = world.ask_statistics(owner, dataset)
        world.grant(owner, released.approval_id)

        answers = [owner.submit_statistics(released) for _ in range(2)]

        assert answers[0] == answers[1]

    def test_preparation_needs_its_approval(self, world: World) -> None:
        """Statistics do not come in while nobody has looked at them."""
        owner = world.person("owner")
        dataset = owner.register_dataset(make_dataset(world.approved_benchmark().id))
        released = world.ask_statistics(owner, dataset)

        with pytest.raises(Conflict, match="is PENDING, needed GRANTED"):
            owner.submit_statistics(released)

    def test_site_token_registers_for_its_site_only(self, world: World) -> None:
        """A worker's token of one site registers nothing for another."""
        benchmark = world.approved_benchmark()
        worker = world.worker("owner", "site-b")

        with pytest.raises(Forbidden, match="for site site-b"):
            worker.register_dataset(make_dataset(benchmark.id, "site-a"))

    def test_same_raw_data_names_its_twin(self, world: World) -> None:
        """One owner's same raw data is registered once for a benchmark."""
        benchmark = world.approved_benchmark()
        dataset = world.person("owner").register_dataset(make_dataset(benchmark.id))

        with pytest.raises(Conflict, match=f"as dataset {dataset.id}"):
            world.person("owner").register_dataset(make_dataset(benchmark.id))


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
