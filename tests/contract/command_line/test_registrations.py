"""What a good command line does: registered, listed, and nothing said that should stay."""

from pathlib import Path

from tests.contract.command_line.desk import ASKED, sit_down, write_cube, write_raw
from tests.contract.registry.world import World


class TestCubes:
    def test_folder_one_stands_in_has_its_name(self, world: World, tmp_path: Path) -> None:
        """A cube is named as its folder, also when that is typed as a dot."""
        owner = sit_down(world, tmp_path / "my-model")
        write_cube(tmp_path / "made")
        (tmp_path / "made" / "container_config.yaml").rename(owner.home / "container_config.yaml")

        ended = owner.run("cube", "submit", ".")

        (cube,) = world.person("owner").cubes()
        assert ended.said == f"cube {cube.id}\tmy-model\t{cube.digest}\n"

    def test_list_has_a_line_for_each(self, world: World, tmp_path: Path) -> None:
        """A list is lines of fields between tabs, which people read and scripts cut."""
        benchmark = world.propose()
        owner = sit_down(world, tmp_path / "home")

        ended = owner.run("cube", "list")

        rows = [line.split("\t") for line in ended.said.splitlines()]
        assert [row[1:3] for row in rows] == [
            ["preparator", "prep"],
            ["model", "reference"],
            ["metrics", "metrics"],
        ]
        assert int(rows[1][0]) == benchmark.reference_model_id


class TestDatasets:
    def test_registered_without_a_word_of_where_they_lie(
        self, world: World, tmp_path: Path
    ) -> None:
        """Name and id are said and listed; the path of the data and what is in it stay unsaid."""
        benchmark = world.approved_benchmark()
        owner = sit_down(world, tmp_path / "home")
        owner.stand_at_site()
        raw = write_raw(owner.home, "data", "labels")

        ended = owner.run("dataset", "submit", str(benchmark.id), *raw, *ASKED)

        (dataset,) = world.person("owner").datasets()
        assert ended.said == (
            f"dataset {dataset.id} is in DEVELOPMENT; next: rounds dataset prepare {dataset.id}\n"
        )
        assert (dataset.name, dataset.site) == ("Aspirates", "site-a")
        assert "ward-7" not in dataset.model_dump_json()
