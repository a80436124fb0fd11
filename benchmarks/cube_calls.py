"""What a call of a cube takes beyond the same container started bare, and how twenty of them share four places.

For orientation: in MedPerf each further model that does nothing (two containers, 0.9 s bare) cost 2.0 s, and
eight that sleep for 5 s took 69.5 s, one after another.
"""

import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count, islice
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure, beside, figure, runs
from rounds.runners.apptainer_images import find_sif
from rounds.runners.apptainer_options import (
    Held,
    apptainer_environment,
    apptainer_options,
    write_settings,
)
from rounds.runners.base import Invocation, scratch_folder
from rounds.runners.docker_options import DockerOptions, docker_options
from rounds.runners.loopback import write_hosts
from rounds.runners.owner import CUBE_UID, give_outputs, hand_over
from tests.engines import PROBE, make_call, make_runner, supplies_of

CUBES, NAP_S, PLACES = 20, 5, 4
GOOD = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


def measure_calls(root: Path) -> list[Figure]:
    """Seconds of a call beyond those of the bare container, and the time of twenty over the ideal."""
    docker = _overhead("docker", root / "docker", _bare_docker)
    apptainer = _overhead("apptainer", root / "apptainer", _bare_apptainer)
    return [docker, apptainer, _twenty(root / "twenty")]


def _overhead(engine: str, root: Path, bare: Callable[[Invocation], None]) -> Figure:
    runner, image = make_runner(engine)
    calls = (make_call(root / str(number), "copy", image=image) for number in count())
    runner.run(next(calls))
    pairs = [_pair(runner.run, bare, next(calls), next(calls)) for _ in range(runs(9))]
    overheads = [own - plain for own, plain in pairs]
    plain = beside(f"{engine} run of the same image with the same flags", [p for _, p in pairs])
    return figure(f"{engine}_overhead_s", "s", overheads, beside=plain)


def _pair(
    own: Callable[[Invocation], object],
    bare: Callable[[Invocation], None],
    first: Invocation,
    second: Invocation,
) -> tuple[float, float]:
    begin = perf_counter()
    own(first)
    middle = perf_counter()
    bare(second)
    return middle - begin, perf_counter() - middle


def _bare_docker(call: Invocation, *, said: bytes = b"copied\n") -> None:
    give_outputs(call)
    write_hosts(call)
    argv = _docker_argv(docker_options(call, user=f"{CUBE_UID}:{CUBE_UID}"))
    _run(argv, Path.cwd(), {}, said=said)


def _docker_argv(options: DockerOptions) -> list[str]:
    """The command line that says what these options say."""
    mounts = [
        f"type=bind,source={mount['Source']},target={mount['Target']}"
        + (",readonly" if mount["ReadOnly"] else "")
        for mount in options["mounts"]
    ]
    tmpfs = [f"{place}:{how}" for place, how in options["tmpfs"].items()]
    named = {
        "--mount": mounts,
        "--tmpfs": tmpfs,
        "--env": [f"{name}={value}" for name, value in options["environment"].items()],
        "--label": [f"{name}={value}" for name, value in options["labels"].items()],
        "--cap-drop": options["cap_drop"],
        "--security-opt": options["security_opt"],
        "--network": [options["network_mode"]],
        "--user": [options["user"]],
        "--shm-size": [options["shm_size"]],
        "--pids-limit": [str(options["pids_limit"])],
        "--memory": [str(options["mem_limit"])],
        "--memory-swap": [str(options["memswap_limit"])],
        "--cpus": [str(options["nano_cpus"] / 1e9)],
        "--log-driver": ["none"],
    }
    told = [word for name, values in named.items() for value in values for word in (name, value)]
    command = options["command"] or []
    return ["docker", "run", "--rm", "--read-only", "--init", *told, options["image"], *command]


def _bare_apptainer(call: Invocation) -> None:
    sif = find_sif(call.cube, supplies_of(PROBE).images)
    held = Held(uid=CUBE_UID, gid=CUBE_UID, is_root=True, has_groups=True)
    give_outputs(call)
    write_settings(call)
    hand_over(scratch_folder(call))
    argv = ["apptainer", *apptainer_options(call, sif, held)]
    environment = {**GOOD, "HOME": str(call.scratch), **apptainer_environment(call)}
    _run(argv, call.scratch, environment, said=b"copied\n")


def _run(argv: list[str], folder: Path, environment: dict[str, str], *, said: bytes) -> None:
    done = subprocess.run(
        argv, cwd=folder, env=environment or None, capture_output=True, check=True
    )
    assert done.stdout == said  # noqa: S101  or it is another call that is timed


def _twenty(root: Path) -> Figure:
    runner, image = make_runner("docker")
    bare = partial(_bare_docker, said=b"")
    naps = (make_call(root / str(number), "nap", image=image) for number in count())
    pairs = [(_take(runner.run, naps), _take(bare, naps)) for _ in range(runs(5))]
    plain = beside("docker run of the same, at as many places", [plain for _, plain in pairs])
    own = [own / (NAP_S * CUBES / PLACES) for own, _ in pairs]
    return figure("twenty_cubes_p4_over_ideal", "times the ideal", own, beside=plain)


def _take(run: Callable[[Invocation], object], naps: Iterator[Invocation]) -> float:
    """The seconds of the next twenty naps."""
    calls = list(islice(naps, CUBES))
    begin = perf_counter()
    with ThreadPoolExecutor(PLACES) as pool:
        list(pool.map(run, calls))
    return perf_counter() - begin
