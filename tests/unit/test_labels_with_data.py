"""Preparators of the time before labels had a folder of their own: the labels stay with the data."""

from dataclasses import replace
from pathlib import Path

import pytest

from cube_specs.models import ContainerConfig, CubeKind
from rounds import catalogue, stages
from rounds.artifacts import PreparedDataset
from rounds.calls import RunContext
from rounds.cubes import Cube
from rounds.errors import RunnerError
from rounds.runners.base import Invocation
from rounds.runners.fake import FakeRunner
from tests.unit.builders import make_contract
from tests.unit.little_site import GOOD_CUBES, make_context, make_cube, make_raw, mount_paths


def make_preparator() -> Cube:
    """A preparator that has one output only."""
    cube = make_cube(CubeKind.PREPARATOR)
    document = cube.config.model_dump(mode="json", exclude_none=True)
    del document["tasks"]["prepare"]["output_volumes"]["output_labels_path"]
    return replace(cube, config=ContainerConfig.model_validate(document))


def play_together(call: Invocation) -> None:
    """Prepare the cases, with their labels in the same folder."""
    output = mount_paths(call)["output_path"]
    (output / "cases.csv").write_text("p1,7\n")
    (output / "labels.csv").write_text("p1,1\n")


def prepare(context: RunContext, root: Path, cube: Cube) -> PreparedDataset:
    """Dataset 4, prepared by `cube`."""
    make_raw(root, context.workspace)
    return stages.prepare(catalogue.find_raw(context.workspace, 4), cube, context)


class TestLabels:
    def test_are_read_where_the_data_are(self, tmp_path: Path) -> None:
        """The metrics cube gets the prepared data's folder for the labels'."""
        context = make_context(tmp_path, {**GOOD_CUBES, "preparator": play_together})

        prepared = prepare(context, tmp_path, make_preparator())
        said = stages.infer(prepared, make_cube(CubeKind.MODEL), context, model_id=5)
        judge = make_cube(CubeKind.METRICS)
        stages.evaluate(said, prepared, judge, context, contract=make_contract())

        assert isinstance(context.runner, FakeRunner)
        labels = mount_paths(context.runner.calls[-1])["labels"]
        assert (labels / "labels.csv").read_text() == "p1,1\n"
        assert labels == context.workspace.files("prepare", prepared) / "data"

    def test_are_needed_where_they_have_a_folder(self, tmp_path: Path) -> None:
        """A preparator that declares a folder for the labels must fill it."""
        context = make_context(tmp_path, {"preparator": play_together})

        with pytest.raises(
            RunnerError, match="ended prepare well but wrote nothing, needed at least"
        ):
            prepare(context, tmp_path, make_cube(CubeKind.PREPARATOR))
