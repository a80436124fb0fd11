"""Each stage is one cube call, whose checked output is published once."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path

from cube_specs.models import CubeKind, RunArgs
from rounds import catalogue, stages
from rounds.artifacts import Metrics, PreparedDataset
from rounds.calls import RunContext
from rounds.cubes import Cube
from rounds.digests import sha256_bytes
from rounds.metrics import read_metrics
from rounds.runners.apptainer_options import Held, Sif, apptainer_options
from rounds.runners.base import Invocation
from rounds.runners.docker_options import docker_options
from rounds.runners.fake import FakeRunner
from tests.unit.builders import make_contract, make_document
from tests.unit.little_site import GOOD_CUBES, make_context, make_cube, make_raw, mount_paths

PREPARATOR = make_cube(CubeKind.PREPARATOR)
MODEL = make_cube(CubeKind.MODEL)
JUDGE = make_cube(CubeKind.METRICS)
HELD = Held(uid=7, gid=7, is_root=True, has_groups=True)


def calls(context: RunContext) -> list[str]:
    """The tasks that the context's engine was asked for, in order."""
    assert isinstance(context.runner, FakeRunner)
    return [call.task for call in context.runner.calls]


def prepare(context: RunContext, root: Path) -> PreparedDataset:
    """Dataset 4, prepared; its raw data is written the first time."""
    if not (root / "raw").exists():
        make_raw(root, context.workspace)
    return stages.prepare(catalogue.find_raw(context.workspace, 4), PREPARATOR, context)


def evaluate(context: RunContext, root: Path, *, judge_version: str = "1") -> Metrics:
    """The metrics of model 5 on dataset 4, from raw data on."""
    prepared = prepare(context, root)
    said = stages.infer(prepared, MODEL, context, model_id=5)
    judge = make_cube(CubeKind.METRICS, version=judge_version)
    return stages.evaluate(said, prepared, judge, context, contract=make_contract())


def with_run_args(cube: Cube) -> Cube:
    """The cube, whose evaluate has a command and an environment of its own, and which has an image."""
    asked = RunArgs(command="evaluate --strict", environment={"THRESHOLD": "0.5"})
    task = cube.config.tasks["evaluate"].model_copy(update={"run_args": asked})
    config = cube.config.model_copy(update={"tasks": {"evaluate": task}})
    return replace(cube, config=config, artifacts={"image": "0" * 64})


def say_who_predicts(call: Invocation) -> int:
    """A model whose predictions are its own."""
    (mount_paths(call)["output_path"] / "predictions.csv").write_text(call.cube.digest)
    return 0


class TestStages:
    def test_hand_on_what_each_published(self, tmp_path: Path) -> None:
        """From raw data to scores, every stage reads what the one before has published."""
        context = make_context(tmp_path)

        prepared = prepare(context, tmp_path)
        stages.sanity_check(prepared, PREPARATOR, context)
        counted = stages.statistics(prepared, PREPARATOR, context)
        metrics = evaluate(context, tmp_path)

        scores, n_cases = stages.read_scores(metrics, make_contract(), context)
        assert (prepared.dataset_id, counted.dataset_id, metrics.model_id) == (4, 4, 5)
        assert (scores, n_cases) == (read_metrics(make_document(), make_contract()), 25)
        data = context.workspace.files("prepare", prepared) / "data" / "cases.csv"
        assert data.read_text() == (tmp_path / "raw" / "data" / "export.csv").read_text()

    def test_never_run_twice(self, tmp_path: Path) -> None:
        """Whoever asks again, also in another process, gets the same handles and runs nothing."""
        first = make_context(tmp_path)
        prepared, metrics = prepare(first, tmp_path), evaluate(first, tmp_path)
        stages.sanity_check(prepared, PREPARATOR, first)
        counted = stages.statistics(prepared, PREPARATOR, first)
        again = make_context(tmp_path, images={})

        seen = (prepare(again, tmp_path), evaluate(again, tmp_path))
        stages.sanity_check(prepared, PREPARATOR, again)

        assert seen == (prepared, metrics)
        assert stages.statistics(prepared, PREPARATOR, again) == counted
        assert calls(again) == []

    def test_judge_every_model_alike(self, tmp_path: Path) -> None:
        """A metrics cube's command and environment are the same for the second model as for the first (A28)."""
        context = make_context(tmp_path, {**GOOD_CUBES, "model": say_who_predicts})
        prepared, judge = prepare(context, tmp_path), with_run_args(make_cube(CubeKind.METRICS))
        for number, version in ((5, "1"), (6, "2")):
            model = make_cube(CubeKind.MODEL, version=version)
            said = stages.infer(prepared, model, context, model_id=number)
            stages.evaluate(said, prepared, judge, context, contract=make_contract())

        assert isinstance(context.runner, FakeRunner)
        judged = [call for call in context.runner.calls if call.task == "evaluate"]
        told = [docker_options(call, user="7:7") for call in judged]
        assert len(told) == 2
        assert [one["command"] for one in told] == [["evaluate", "--strict"]] * 2
        assert {one["environment"]["THRESHOLD"] for one in told} == {"0.5"}
        sif = Sif(path=tmp_path / "a.sif", workdir="/")
        argvs = [apptainer_options(call, sif, HELD)[-3:] for call in judged]
        assert argvs == [[str(sif.path), "evaluate", "--strict"]] * 2

    def test_show_inputs_read_only_and_outputs_writable(self, tmp_path: Path) -> None:
        """Only what a task declares as output can be written by it."""
        context = make_context(tmp_path)

        evaluate(context, tmp_path)

        assert isinstance(context.runner, FakeRunner)
        writable = {
            call.task: {mount.key for mount in call.mounts if mount.writable}
            for call in context.runner.calls
        }
        assert writable == {
            "prepare": {"output_path", "output_labels_path"},
            "infer": {"output_path"},
            "evaluate": {"output_path", "local_outputs_path"},
        }

    def test_label_what_runs(self, tmp_path: Path) -> None:
        """Each call carries its run's labels, its stage's key and its run's end, so that it can be found and stopped."""
        plain = make_context(tmp_path)
        context = RunContext(
            workspace=plain.workspace,
            runner=plain.runner,
            supplies=plain.supplies,
            labels={"rounds.run": "9"},
            is_cancelled=lambda: True,
        ).labelled("rounds.execution", "7")

        prepared = prepare(context, tmp_path)

        assert isinstance(plain.runner, FakeRunner)
        labels = {"rounds.run": "9", "rounds.execution": "7", "rounds.stage": prepared.key}
        assert plain.runner.calls[0].labels == labels
        assert plain.runner.calls[0].is_cancelled()

    def test_note_each_call_in_the_journal(self, tmp_path: Path) -> None:
        """The site's journal tells when a cube started and how it ended, so that runs can be counted."""
        context = make_context(tmp_path)

        evaluate(context, tmp_path)

        journal = (context.workspace.root / "logs" / "journal.jsonl").read_text()
        assert (journal.count('"started"'), journal.count('"ended"')) == (3, 3)

    def test_a_new_metrics_cube_infers_nothing(self, tmp_path: Path) -> None:
        """A41: another metrics cube reads the predictions that are there."""
        context = make_context(tmp_path)
        first = evaluate(context, tmp_path)

        second = evaluate(context, tmp_path, judge_version="2")

        assert second.key != first.key
        assert calls(context) == ["prepare", "infer", "evaluate", "evaluate"]

    def test_another_contract_is_another_evaluation(self, tmp_path: Path) -> None:
        """Metrics were checked against one contract; another one checks them anew."""
        context = make_context(tmp_path)
        first = evaluate(context, tmp_path)
        prepared = prepare(context, tmp_path)
        said = stages.infer(prepared, MODEL, context, model_id=5)
        contract = make_contract(statistics=())

        second = stages.evaluate(said, prepared, JUDGE, context, contract=contract)

        assert second.key != first.key

    def test_unpack_a_cubes_additional_files(self, tmp_path: Path) -> None:
        """A cube with additional files gets them unpacked, from the mirror, by their digest."""
        tarball = io.BytesIO()
        with tarfile.open(fileobj=tarball, mode="w:gz") as archive:
            archive.addfile(tarfile.TarInfo("weights.json"))
        digest = sha256_bytes(tarball.getvalue())
        (tmp_path / "mirror").mkdir()
        (tmp_path / "mirror" / f"{digest}.tar.gz").write_bytes(tarball.getvalue())
        context = make_context(tmp_path)
        prepared = prepare(context, tmp_path)
        model = make_cube(CubeKind.MODEL, additional_files_sha256=digest)

        stages.infer(prepared, model, context, model_id=5)

        unpacked = list((context.workspace.root / "published").rglob("weights.json"))
        assert len(unpacked) == 1
