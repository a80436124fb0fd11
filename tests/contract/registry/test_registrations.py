"""Cubes, benchmarks and datasets."""

import httpx
import pytest

from cube_specs.models import CubeKind
from rounds.errors import Conflict, Forbidden, IntegrityError, InvalidInput, NotFound
from rounds.records.benchmarks import (
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
