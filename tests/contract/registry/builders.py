"""Values that the registry's tests start from."""

from pydantic import JsonValue

from cube_specs.models import ContainerConfig, CubeKind
from rounds.cubes import Cube, to_record
from rounds.digests import sha256_bytes
from rounds.records.benchmarks import BenchmarkIn, MetricContract, MetricSpec, StatisticSpec
from rounds.records.cubes import CubeIn, State
from rounds.records.datasets import DatasetIn
from rounds.records.executions import MetricValue

CONTRACT = MetricContract(
    metrics=(
        MetricSpec(name="auroc", path="auc.value", variance_path="auc.variance", primary=True),
        MetricSpec(name="brier", path="brier"),
    ),
    statistics=(StatisticSpec(name="mean_age", path="age.mean"),),
)
SCORES = {
    "auroc": MetricValue(score=0.9, variance=0.01),
    "brier": MetricValue(score=0.2),
}
TASK_OF = {
    CubeKind.PREPARATOR: ("prepare", ("output_path", "output_labels_path")),
    CubeKind.MODEL: ("infer", ("output_path",)),
    CubeKind.METRICS: ("evaluate", ("output_path",)),
}


def sha(text: str) -> str:
    """A sha256 to stand for something."""
    return sha256_bytes(text.encode())


def make_cube(name: str, kind: CubeKind = CubeKind.MODEL, *, source: str = "") -> CubeIn:
    """A cube whose content is named by `source`, or by its name."""
    task, outputs = TASK_OF[kind]
    volumes: dict[str, JsonValue] = {
        key: {"mount_path": f"/mlcommons/volumes/{key}", "type": "directory"} for key in outputs
    }
    document = {
        "container_type": "DockerImage",
        "image": "example/cube:1",
        "tasks": {task: {"output_volumes": volumes}},
    }
    config = ContainerConfig.model_validate(document)
    artifacts = {"source": sha(source or name)}
    cube = Cube(name=name, kind=kind, config=config, artifacts=artifacts)
    return to_record(cube, state=State.OPERATION)


def make_benchmark(
    preparator_id: int, model_id: int, metrics_id: int, **fields: object
) -> BenchmarkIn:
    """A benchmark on lumps under `CONTRACT`."""
    document: dict[str, object] = {
        "name": "lumps",
        "preparator_id": preparator_id,
        "reference_model_id": model_id,
        "metrics_id": metrics_id,
        "contract": CONTRACT,
        "state": State.OPERATION,
        "demo_dataset_sha256": sha("demo"),
        "compatibility_sha256": sha("compatibility"),
    }
    return BenchmarkIn.model_validate(document | fields)


def make_dataset(benchmark_id: int, site: str = "site-a", **fields: object) -> DatasetIn:
    """A dataset of a site."""
    document: dict[str, object] = {
        "name": f"aspirates of {site}",
        "location": "Utrecht",
        "site": site,
        "benchmark_id": benchmark_id,
        "raw_digest": sha(f"raw {site}"),
    }
    return DatasetIn.model_validate(document | fields)
