"""A site, small and whole, below one folder: played cubes, a raw export, a registry of a few answers."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from pydantic import JsonValue

from cube_specs.models import ContainerConfig, CubeKind
from rounds.artifacts import RawDataset
from rounds.calls import RunContext
from rounds.catalogue import Entry, digest_raw, enter, find_raw
from rounds.client.registry import RegistryClient
from rounds.cubes import Cube
from rounds.digests import sha256_bytes
from rounds.runners.base import Invocation
from rounds.runners.fake import FakeRunner, Play
from rounds.sites import Site
from rounds.supplies import Supplies
from rounds.workspace import Workspace
from site_profiles.models import (
    Engine,
    PrefectServer,
    RegistryAccess,
    ReleasePolicy,
    SiteProfile,
)
from tests.unit.builders import KEY, make_document, make_policy

_TASKS: Mapping[CubeKind, Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    CubeKind.PREPARATOR: {
        "prepare": (("data_path", "labels_path"), ("output_path", "output_labels_path")),
        "sanity_check": (("data_path", "labels_path"), ()),
        "statistics": (("data_path", "labels_path"), ("output_path",)),
    },
    CubeKind.MODEL: {"infer": (("data_path", "parameters_file"), ("output_path",))},
    CubeKind.METRICS: {
        "evaluate": (("predictions", "labels"), ("output_path", "local_outputs_path"))
    },
}
_FILES = {("statistics", "output_path"), ("evaluate", "output_path"), ("infer", "parameters_file")}


def make_cube(
    kind: CubeKind,
    name: str | None = None,
    *,
    version: str = "1",
    additional_files_sha256: str | None = None,
) -> Cube:
    """A cube of a kind, by default called after it; its digest follows from its name and version."""
    called = name or kind.value
    tasks = {
        task: {"input_volumes": _volumes(task, ins), "output_volumes": _volumes(task, outs)}
        for task, (ins, outs) in _TASKS[kind].items()
    }
    config = {"container_type": "DockerImage", "image": called, "tasks": tasks}
    return Cube(
        name=called,
        kind=kind,
        config=ContainerConfig.model_validate(config),
        parameters={"threshold": 0.5},
        artifacts={"source": sha256_bytes(f"{called} {version}".encode())},
        additional_files_sha256=additional_files_sha256,
    )


def little_supplies(root: Path) -> Supplies:
    """A mirror and a cache below `root`; nothing may be fetched."""
    return Supplies(mirror=root / "mirror", cache=root / "cache")


def make_context(root: Path, images: Mapping[str, Play] | None = None) -> RunContext:
    """A context whose engine plays `images`, by default cubes that all do well."""
    runner = FakeRunner(dict(GOOD_CUBES if images is None else images))
    return RunContext(
        workspace=Workspace(root / "site"), runner=runner, supplies=little_supplies(root)
    )


def make_raw(root: Path, workspace: Workspace, *, dataset_id: int = 4) -> RawDataset:
    """A raw dataset of three cases below `root`/raw, entered in the catalogue."""
    for name, content in {"data": "p1,7\np2,8\np3,9\n", "labels": "p1,0\np2,1\np3,1\n"}.items():
        (root / "raw" / name).mkdir(parents=True)
        (root / "raw" / name / "export.csv").write_text(content)
    return enter_raw(workspace, root / "raw" / "data", dataset_id=dataset_id)


def enter_raw(workspace: Workspace, data: Path, *, dataset_id: int = 4) -> RawDataset:
    """The raw export of a data folder and the labels beside it, as it lies there now, entered in the catalogue."""
    labels = data.with_name("labels")
    entry = Entry(
        dataset_id=dataset_id,
        benchmark_id=3,
        digest=digest_raw(data, labels),
        data_path=data,
        labels_path=labels,
    )
    enter(workspace, entry)
    return find_raw(workspace, dataset_id)


def make_site(
    root: Path, transport: httpx.BaseTransport, *, policy: ReleasePolicy | None = None
) -> Site:
    """A site below `root` whose registry is behind `transport`."""
    context = make_context(root)
    access = RegistryAccess(url="http://registry.test", token_file=root / "token")
    profile = SiteProfile(
        name="site-a",
        engine=Engine.PROCESS,
        prefect=PrefectServer.OWN,
        workspace=root / "site",
        mirror=root / "mirror",
        key_file=root / "key",
        registry=access,
        release=policy or make_policy(),
    )
    return Site(
        profile=profile,
        workspace=context.workspace,
        context=context,
        key=KEY,
        registry=make_client(transport),
    )


def make_client(transport: httpx.BaseTransport) -> RegistryClient:
    """A client that never waits for a registry that is away."""
    return RegistryClient("http://registry.test", "a-token", patience_s=0, transport=transport)


def refuse(status: int, message: str) -> Callable[[dict[str, JsonValue]], httpx.Response]:
    """An answer that refuses whatever is asked, as the registry words it."""
    code = {409: "conflict", 503: "unreachable"}[status]
    problem = {
        "type": "about:blank",
        "title": code,
        "status": status,
        "detail": message,
        "code": code,
    }
    return lambda _: httpx.Response(status, json=problem)


@dataclass
class LittleRegistry(httpx.BaseTransport):
    """A registry of a few answers, in this process: `answers` maps the end of a path to what is said.

    `asked` holds every request's path and body in order; `wait_for` returns once so many came.
    """

    answers: Mapping[str, Callable[[dict[str, JsonValue]], httpx.Response]]
    asked: list[tuple[str, dict[str, JsonValue]]] = field(default_factory=list)
    _more: threading.Condition = field(default_factory=threading.Condition)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of the first entry whose key ends the path."""
        path = request.url.path
        body = json.loads(request.content or b"{}")
        with self._more:
            self.asked.append((path, body))
            self._more.notify_all()
        return next(say(body) for end, say in self.answers.items() if path.endswith(end))

    def wait_for(self, n_requests: int) -> bool:
        """Whether so many requests came within ten seconds."""
        with self._more:
            return self._more.wait_for(lambda: len(self.asked) >= n_requests, timeout=10)


def mount_paths(call: Invocation) -> dict[str, Path]:
    """The paths of a call's mounts by their keys."""
    return {mount.key: mount.path for mount in call.mounts}


def play_preparator(call: Invocation) -> None:
    """Prepare copies the export's text, statistics counts it, the sanity check is content."""
    paths = mount_paths(call)
    if call.task == "prepare":
        raw = (paths["data_path"] / "export.csv").read_text()
        (paths["output_path"] / "cases.csv").write_text(raw)
        labels = (paths["labels_path"] / "export.csv").read_text()
        (paths["output_labels_path"] / "labels.csv").write_text(labels)
    elif call.task == "statistics":
        paths["output_path"].write_text("age: {mean: 51.2345}\nn_cases: 25\n")


def play_model(call: Invocation) -> None:
    """Say of each case what its own digest says."""
    paths = mount_paths(call)
    cases = (paths["data_path"] / "cases.csv").read_bytes()
    (paths["output_path"] / "predictions.csv").write_text(sha256_bytes(cases))


def play_metrics(call: Invocation) -> None:
    """Write what keeps `make_contract()`."""
    mount_paths(call)["output_path"].write_text(json.dumps(make_document()))


GOOD_CUBES: Mapping[str, Play] = {
    "preparator": play_preparator,
    "model": play_model,
    "metrics": play_metrics,
}


def _volumes(task: str, keys: tuple[str, ...]) -> dict[str, dict[str, str]]:
    return {
        key: {"mount_path": f"/{key}", "type": "file" if (task, key) in _FILES else "directory"}
        for key in keys
    }
