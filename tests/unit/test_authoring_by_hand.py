"""One task, called by hand: sound mounts or no call, and the gate behind it."""

from pathlib import Path

import pytest

from cube_specs.models import CubeKind
from rounds.authoring.by_hand import HandCall, plan_by_hand, run_by_hand
from rounds.calls import RunContext
from rounds.errors import RunnerError, SpecError
from rounds.runners.base import Invocation
from rounds.runners.fake import FakeRunner, Play
from rounds.workspace import Workspace
from tests.unit.builders import write_tree
from tests.unit.little_site import little_supplies, make_cube, mount_paths, play_model


def make_desk(root: Path, play: Play = play_model) -> RunContext:
    """A desk below `root` with prepared data, whose engine plays the model."""
    write_tree(root / "data", {"cases.csv": b"p1,7\n"})
    return RunContext(
        workspace=Workspace(root / "desk"),
        runner=FakeRunner({"model": play}),
        supplies=little_supplies(root),
    )


def plan(root: Path, context: RunContext, **named: str) -> HandCall:
    """The call of the model's `infer` with these mounts below `root`."""
    cube = make_cube(CubeKind.MODEL)
    return plan_by_hand(cube, "infer", {key: root / path for key, path in named.items()}, context)


def link_away(call: Invocation) -> None:
    """Play a cube that leaves a link in its output."""
    (mount_paths(call)["output_path"] / "link").symlink_to("/etc/passwd")


class TestRun:
    def test_mounts_what_was_named_and_brings_the_rest(self, tmp_path: Path) -> None:
        """Inputs cannot be written, the output is made, the registered parameters come by themselves."""
        seen: list[tuple[Invocation, str]] = []

        def play(call: Invocation) -> None:
            seen.append((call, mount_paths(call)["parameters_file"].read_text()))
            play_model(call)

        context = make_desk(tmp_path, play)
        call = plan(tmp_path, context, data_path="data", output_path="deep/out")

        finished = run_by_hand(call, context)

        (invocation, parameters) = seen[0]
        assert finished.exit_code == 0
        assert {m.key: m.writable for m in invocation.mounts} == {
            "data_path": False,
            "parameters_file": False,
            "output_path": True,
        }
        assert '"threshold": 0.5' in parameters
        assert invocation.limits == context.limits
        assert (tmp_path / "deep" / "out" / "predictions.csv").is_file()
        assert not call.scratch.exists()

    def test_keeps_the_log_of_each_call(self, tmp_path: Path) -> None:
        """Two calls of a task have two logs, named as they began."""
        context = make_desk(tmp_path)

        logs = {
            plan(tmp_path, context, data_path="data", output_path=name).log for name in ("a", "b")
        }

        assert len(logs) == 2
        assert all(log.name.startswith("model-infer-") for log in logs)

    def test_passes_the_output_through_the_gate(self, tmp_path: Path) -> None:
        """What no site takes is refused here too."""
        context = make_desk(tmp_path, link_away)
        call = plan(tmp_path, context, data_path="data", output_path="out")

        with pytest.raises(RunnerError, match="a cube left a link"):
            run_by_hand(call, context)


class TestPlan:
    @pytest.mark.parametrize(
        ("named", "says"),
        [
            ({"data_path": "data", "output": "out"}, "found the mount 'output', needed one that"),
            ({"data_path": "data"}, "found no mount 'output_path', needed it"),
            ({"output_path": "out"}, "found no mount 'data_path', needed it"),
            ({"data_path": "gone", "output_path": "out"}, "found no directory for the input"),
            ({"data_path": "data/cases.csv", "output_path": "out"}, "found no directory for the"),
            ({"data_path": "data", "output_path": "data"}, "found the output 'output_path' within"),
            ({"data_path": "data", "output_path": "data/out"}, "found the output 'output_path' w"),
            ({"data_path": "data", "output_path": "."}, "found the output 'output_path' within"),
            ({"data_path": "data", "output_path": "linked/out"}, "found the output 'output_path'"),
            ({"data_path": "data", "output_path": "full"}, "found something in the output"),
            ({"data_path": "data", "output_path": "full/file"}, "found something else than a dir"),
            ({"data_path": "data", "output_path": "dangling"}, "found something else than a direc"),
        ],
    )
    def test_refuses_mounts_that_are_not_sound(
        self, named: dict[str, str], says: str, tmp_path: Path
    ) -> None:
        """A cube never writes where it reads, nor where something is; nothing is made for such a call."""
        context = make_desk(tmp_path)
        write_tree(tmp_path / "full", {"file": b"mine"})
        (tmp_path / "linked").symlink_to("data")
        (tmp_path / "dangling").symlink_to("nowhere")

        with pytest.raises(SpecError, match=says):
            plan(tmp_path, context, **named)

        assert not (tmp_path / "out").exists()
        assert [path.name for path in (tmp_path / "data").iterdir()] == ["cases.csv"]

    def test_refuses_a_task_that_the_cube_lacks(self, tmp_path: Path) -> None:
        """The nearest one is named."""
        cube = make_cube(CubeKind.MODEL)

        with pytest.raises(SpecError, match="found no task infr in cube model"):
            plan_by_hand(cube, "infr", {}, make_desk(tmp_path))

    def test_takes_additional_files_that_are_named(self, tmp_path: Path) -> None:
        """A mount that would come by itself may be named all the same."""
        context = make_desk(tmp_path)
        (tmp_path / "other.yaml").write_text("{}")
        call = plan(
            tmp_path, context, data_path="data", output_path="out", parameters_file="other.yaml"
        )

        assert run_by_hand(call, context).exit_code == 0
        assert call.paths["parameters_file"] == tmp_path / "other.yaml"
