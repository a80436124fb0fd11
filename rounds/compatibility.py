"""A benchmark's compatibility test: every stage once, on the public demo data, at its owner's desk."""

from pathlib import Path

from pydantic import JsonValue

from rounds import catalogue, stages
from rounds.artifacts import RawDataset
from rounds.calls import RunContext
from rounds.catalogue import Entry
from rounds.cubes import Cube
from rounds.records.benchmarks import MetricContract
from rounds.workspace import Workspace

DEMO_ID = 1


def run_compatibility_test(
    demo: Path, *, preparator: Cube, model: Cube, metrics: Cube, contract: MetricContract,
    context: RunContext,
) -> dict[str, JsonValue]:  # fmt: skip
    """The report of prepare, sanity check, statistics, infer and evaluate on the demo data.

    Args:
        demo: The demo dataset: a folder with `data/` and `labels/`.
        preparator: The benchmark's preparator.
        model: The model under test.
        metrics: The benchmark's metrics cube.
        contract: What the metrics cube must give.
        context: A workspace of the test's own, and the engine that sites will use.

    Returns:
        Digests of the demo data and the cubes, each metric's score, and `n_cases`. All of it is public.

    Raises:
        RunnerError: A cube failed, or broke the contract.
    """
    raw = enter_demo(demo, context.workspace)
    prepared = stages.prepare(raw, preparator, context)
    stages.sanity_check(prepared, preparator, context)
    stages.statistics(prepared, preparator, context)
    predictions = stages.infer(prepared, model, context, model_id=DEMO_ID)
    computed = stages.evaluate(predictions, prepared, metrics, context, contract=contract)
    scores, n_cases = stages.read_scores(computed, contract, context)
    return {
        "demo_dataset": raw.digest,
        "cubes": {cube.name: cube.digest for cube in (preparator, model, metrics)},
        "scores": {name: value.score for name, value in scores.items()},
        "n_cases": n_cases,
    }


def enter_demo(demo: Path, workspace: Workspace) -> RawDataset:
    """The demo data as a raw dataset of a workspace of the test's own.

    Raises:
        IntegrityError: There is no data, or no labels.
    """
    data, labels = (demo / name for name in ("data", "labels"))
    entry = Entry(
        dataset_id=DEMO_ID,
        benchmark_id=DEMO_ID,
        digest=catalogue.digest_raw(data, labels),
        data_path=data.resolve(),
        labels_path=labels.resolve(),
    )
    catalogue.enter(workspace, entry)
    return catalogue.find_raw(workspace, DEMO_ID)
