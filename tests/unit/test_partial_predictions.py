"""What a model wrote before it failed is taken where the benchmark says so, marked, and for one attempt only."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from cube_specs.models import CubeKind
from rounds import catalogue, departure, stages
from rounds.artifacts import Predictions
from rounds.calls import RunContext
from rounds.errors import Code, RunnerError
from rounds.records.executions import Claim
from rounds.runners.base import Invocation
from rounds.runners.fake import FakeRunner, Play
from site_profiles.models import Limits
from tests.unit.builders import make_benchmark, make_contract
from tests.unit.little_site import (
    GOOD_CUBES,
    LittleRegistry,
    make_context,
    make_cube,
    make_raw,
    make_site,
    mount_paths,
    play_model,
)

MODEL = make_cube(CubeKind.MODEL)


def write_half(call: Invocation) -> int:
    """A model that fails after its first case."""
    (mount_paths(call)["output_path"] / "predictions.csv").write_text("p1,0.5\n")
    return 1


def write_nothing(_: Invocation) -> int:
    """A model that fails before its first case."""
    return 1


def write_empty(call: Invocation) -> int:
    """A model that fails when it has opened its output."""
    (mount_paths(call)["output_path"] / "predictions.csv").touch()
    return 1


def write_link(call: Invocation) -> int:
    """A model that fails and leaves what the gate refuses."""
    (mount_paths(call)["output_path"] / "linked").symlink_to("/etc/passwd")
    return write_half(call)


def write_many(call: Invocation) -> int:
    """A model that fails and leaves more than a small site takes."""
    for number in range(10):
        (mount_paths(call)["output_path"] / f"{number}.csv").write_text("p1,0.5\n")
    return 1


def refuse_engine(_: Invocation) -> int:
    """An engine that gives up after the model wrote something."""
    message = "the call broke a limit, needed it to keep it"
    raise RunnerError(message, code=Code.OUTPUT_TOO_LARGE)


def context_of(root: Path, model: Play, **changes: object) -> RunContext:
    """A context whose model is `model`."""
    context = make_context(root, {**GOOD_CUBES, "model": model})
    fields = {name: getattr(context, name) for name in RunContext.__dataclass_fields__}
    return RunContext(**{**fields, **changes})


def infer(context: RunContext, root: Path, *, partial_for: int | None = 7) -> Predictions:
    """What the model says of dataset 4 for execution 7, in a benchmark that takes partial predictions."""
    if not (root / "raw").exists():
        make_raw(root, context.workspace)
    raw = catalogue.find_raw(context.workspace, 4)
    prepared = stages.prepare(raw, make_cube(CubeKind.PREPARATOR), context)
    return stages.infer(prepared, MODEL, context, model_id=5, partial_for=partial_for)


def n_infers(context: RunContext) -> int:
    """How often the model was run."""
    assert isinstance(context.runner, FakeRunner)
    return [call.task for call in context.runner.calls].count("infer")


class TestPartialPredictions:
    def test_are_what_the_model_wrote_before_it_failed(self, tmp_path: Path) -> None:
        """They are published, and marked."""
        context = context_of(tmp_path, write_half)

        said = infer(context, tmp_path)

        files = context.workspace.files("infer", said) / "predictions"
        assert said.partial
        assert (files / "predictions.csv").read_text() == "p1,0.5\n"

    def test_are_not_taken_unasked(self, tmp_path: Path) -> None:
        """A benchmark that does not say so has the cell fail."""
        context = context_of(tmp_path, write_half)

        with pytest.raises(RunnerError, match="with exit status 1"):
            infer(context, tmp_path, partial_for=None)

        assert not (context.workspace.root / "published" / "infer").exists()

    @pytest.mark.parametrize("model", [write_nothing, write_empty, write_link])
    def test_hold_something_that_the_gate_lets_pass(self, model: Play, tmp_path: Path) -> None:
        """Nothing, an empty file, or a link beside a good file: the cell fails as the model did."""
        context = context_of(tmp_path, model)

        with pytest.raises(RunnerError, match="with exit status 1") as caught:
            infer(context, tmp_path)

        assert caught.value.code is Code.CUBE_FAILED
        assert not (context.workspace.root / "published" / "infer").exists()

    def test_are_held_to_the_limits_of_output(self, tmp_path: Path) -> None:
        """Too many files are none."""
        context = context_of(tmp_path, write_many, limits=Limits(output_files=6))

        with pytest.raises(RunnerError, match="with exit status 1"):
            infer(context, tmp_path)

    def test_are_not_taken_of_what_did_not_end_by_itself(self, tmp_path: Path) -> None:
        """A call that its runner stopped at a limit keeps nothing, whatever it wrote."""

        def stopped(call: Invocation) -> int:
            write_half(call)
            return refuse_engine(call)

        context = context_of(tmp_path, stopped)

        with pytest.raises(RunnerError, match="broke a limit"):
            infer(context, tmp_path)

    def test_are_not_taken_of_a_cancelled_run(self, tmp_path: Path) -> None:
        """A cube that a person ended did not fail, whatever its status says."""
        context = context_of(tmp_path, write_half, is_cancelled=lambda: True)

        with pytest.raises(RunnerError, match="with exit status 1"):
            infer(context, tmp_path)

    def test_never_pass_for_whole_ones(self, tmp_path: Path) -> None:
        """Under the key of whole predictions nothing is published: the next attempt runs the model again."""
        failing = context_of(tmp_path, write_half)
        partial = infer(failing, tmp_path)
        again = infer(failing, tmp_path, partial_for=8)

        whole = infer(context_of(tmp_path, play_model), tmp_path, partial_for=9)

        assert n_infers(failing) == 2
        assert len({partial.key, again.key, whole.key}) == 3
        assert (partial.partial, again.partial, whole.partial) == (True, True, False)

    def test_of_one_execution_stay_what_they_were(self, tmp_path: Path) -> None:
        """A run that begins again under the same claim is judged by what was kept first."""
        context = context_of(tmp_path, write_half)

        said = [infer(context, tmp_path) for _ in "12"]

        assert said[0] == said[1]


class TestPartialScores:
    @pytest.mark.parametrize(
        ("model", "marked"), [(write_half, {"partial": True}), (play_model, {})]
    )
    def test_say_so_in_the_bytes_that_leave(
        self, model: Play, marked: Mapping[str, bool], tmp_path: Path
    ) -> None:
        """What a person is shown, and what is released, has the mark; whole scores are as ever."""
        site = make_site(tmp_path, LittleRegistry({}))
        context = context_of(tmp_path, model)
        raw = make_raw(tmp_path, context.workspace)
        prepared = stages.prepare(raw, make_cube(CubeKind.PREPARATOR), context)
        said = stages.infer(prepared, MODEL, context, model_id=5, partial_for=7)
        judge = make_cube(CubeKind.METRICS)
        scores = stages.evaluate(said, prepared, judge, context, contract=make_contract())
        claim = Claim(execution_id=7, fencing_token=11, lease_s=60, attempt=1)

        made = departure.draft(scores, claim, make_benchmark(), site)

        document = json.loads(site.workspace.kept(made.sha256))
        assert {name: document[name] for name in document if name == "partial"} == marked
