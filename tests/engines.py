"""Engines for tests: which are here, and calls of the probe cube on them."""

import atexit
import gc
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import docker
import docker.errors
import pytest

from deployments.images import build_image, save_image
from rounds.cubes import Cube, read_cube, source_digest
from rounds.invocations import plan_call, write_parameters
from rounds.runners.apptainer import ApptainerRunner
from rounds.runners.base import Invocation, Runner
from rounds.runners.docker import DockerRunner
from rounds.runners.docker_options import WRITER_LABEL, writer_of
from rounds.runners.fake import FakeRunner
from rounds.runners.process import ProcessRunner
from rounds.supplies import Supplies
from site_profiles.models import Limits, Unsafe

PROBE = Path(__file__).parent / "cubes" / "probe"
# The engines that contain a cube; a test takes each of them.
CONTAINERS = (
    pytest.param("docker", marks=pytest.mark.docker),
    pytest.param("apptainer", marks=pytest.mark.apptainer),
)
NOWHERE = Path("/nowhere")
EMPTY = Supplies(mirror=NOWHERE, cache=NOWHERE)
HANG_IN_A_RUNNER = """
import sys
from pathlib import Path
from tests.engines import make_call, make_runner
root, engine = Path(sys.argv[1]), sys.argv[2]
runner, image = make_runner(engine)
runner.run(make_call(root, "hang", image=image))
"""


def need_docker() -> None:
    """Skip the test without a Docker daemon; fail it where engines are required."""
    if _docker_answers():
        return
    without("needs a Docker daemon that this user can reach, found none")


def without(reason: str) -> None:
    """Skip the test for this reason; fail it where engines are required."""
    if os.environ.get("ROUNDS_REQUIRE_ENGINES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@cache
def _docker_answers() -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", ResourceWarning
        )  # the SDK leaks the socket it cannot connect
        try:
            docker.from_env().close()
        except docker.errors.DockerException:
            return False
        finally:
            gc.collect()
    return True


def need_apptainer() -> None:
    """Skip the test without Apptainer, or Docker to build its images; fail it where engines are required."""
    need_docker()
    if shutil.which("apptainer") is None:
        without("needs Apptainer, found none")


@cache
def image_of(folder: Path) -> str:
    """The id of the image of a cube's folder, built at the first call."""
    return build_image(folder)


@cache
def supplies_of(folder: Path) -> Supplies:
    """A mirror with the image of a cube's folder as an archive, kept until this process ends."""
    kept = tempfile.TemporaryDirectory(prefix="rounds-images-")
    atexit.register(kept.cleanup)
    root = Path(kept.name)
    save_image(image_of(folder), root)
    return Supplies(mirror=root, cache=root / "cache")


def contained(engine: str, supplies: Callable[[], Supplies]) -> Runner:
    """A container engine as a site has it, or the reason why the test is skipped.

    Docker has the images that were built here; Apptainer takes them from what `supplies` gives.
    """
    if engine == "docker":
        need_docker()
        return DockerRunner(EMPTY, frozenset({Unsafe.ROOT_DOCKER}))
    need_apptainer()
    return ApptainerRunner(supplies())


def make_call(
    root: Path,
    act: str,
    *,
    image: str | None = None,
    cube: Cube | None = None,
    labels: Mapping[str, str] | None = None,
    limits: Mapping[str, float] | None = None,
) -> Invocation:
    """A call of the probe that does `act` on `root/data/in.txt`, writing to `root/output`."""
    probe = replace(cube or read_cube(PROBE, image), parameters={"act": act})
    paths = {
        "data_path": root / "data",
        "output_path": root / "output",
        "parameters_file": root / "parameters.yaml",
    }
    for folder in (paths["data_path"], paths["output_path"], root / "scratch"):
        folder.mkdir(parents=True, exist_ok=True)
    (paths["data_path"] / "in.txt").write_text("a case")
    write_parameters(probe, paths["parameters_file"])
    return plan_call(
        probe,
        "infer",
        paths,
        limits=Limits.model_validate({"memory_gib": 0.5, "timeout_s": 60, **(limits or {})}),
        log=root / "logs" / "call.log",
        scratch=root / "scratch",
        labels=labels or {},
    )


def containers_writing(call: Invocation) -> list[str]:
    """The ids of all containers, running or not, that write this call's outputs."""
    client = docker.from_env()
    try:
        found = client.containers.list(
            all=True, filters={"label": f"{WRITER_LABEL}={writer_of(call)}"}
        )
        return [str(container.id) for container in found]
    finally:
        client.close()


def play_probe(call: Invocation) -> int:
    """The probe's own program, played in this process on the call's paths."""
    spec = importlib.util.spec_from_file_location("probe", PROBE / "main.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    status: int = module.ACTS[call.cube.parameters["act"]]({m.key: m.path for m in call.mounts})
    return status


def make_runner(engine: str) -> tuple[Runner, str | None]:
    """The runner of an engine and the probe's image, or the reason why the test is skipped."""
    if engine in {"docker", "apptainer"}:
        return contained(engine, lambda: supplies_of(PROBE)), image_of(PROBE)
    if engine == "process":
        return ProcessRunner({source_digest(PROBE): PROBE}), None
    return FakeRunner({"probe": play_probe}), None


def start_hanging(root: Path, engine: str) -> subprocess.Popen[bytes]:
    """A process whose runner waits for a call that hangs; returns once the call says that it does."""
    asker = subprocess.Popen([sys.executable, "-c", HANG_IN_A_RUNNER, str(root), engine])
    log = root / "logs" / "call.log"
    while asker.poll() is None and not (log.exists() and b"hanging" in log.read_bytes()):
        os.sched_yield()
    assert asker.poll() is None
    return asker


def wait_until_gone(pid: int) -> None:
    """Return once no process has this id, or it is only waiting to be reaped."""
    status = Path(f"/proc/{pid}/stat")
    while status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z":
        os.sched_yield()
