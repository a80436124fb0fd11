"""How the engines hold a cube: proven from inside by a probe, and by what it takes to stop one."""

import json
from pathlib import Path

import pytest

from rounds.errors import Code, RunnerError
from rounds.runners.call_log import last_lines
from rounds.runners.verdict import failure
from tests.engines import CONTAINERS, make_call, make_runner

ENGINES = pytest.mark.parametrize(
    "engine",
    CONTAINERS,
)
# What a container has of the kernel's and the engine's own, beside what it was given.
KERNELS = ("/", "/proc", "/sys", "/dev", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf")


def code_of(engine: str, root: Path, act: str, **limits: float) -> Code:
    """The code under which a call of the probe is reported, however it was stopped."""
    runner, image = make_runner(engine)
    call = make_call(root, act, image=image, limits=limits)
    try:
        finished = runner.run(call)
    except RunnerError as error:
        return error.code
    assert finished.exit_code != 0
    return failure("probe", "infer", finished, last_words=last_lines(call.log)).code


def written(engine: str, root: Path, act: str, name: str, **limits: float) -> object:
    """What the probe wrote into the JSON file `name`."""
    runner, image = make_runner(engine)
    finished = runner.run(make_call(root, act, image=image, limits=limits))
    assert finished.exit_code == 0
    content: object = json.loads((root / "output" / name).read_text())
    return content


@ENGINES
class TestHolding:
    def test_lets_nothing_out(self, engine: str, tmp_path: Path) -> None:
        """No road leads out: TCP, UDP, DNS, IPv6, metadata, gateway, Docker's socket, abstract and raw ones."""
        assert written(engine, tmp_path, "reach", "roads.json") == []

    def test_lets_a_cube_call_itself(self, engine: str, tmp_path: Path) -> None:
        """A cube's own processes find one another at localhost, and no other name is known to it."""
        assert written(engine, tmp_path, "call_itself", "names.json") == [
            "127.0.0.1\tlocalhost",
            "::1\tlocalhost ip6-localhost ip6-loopback",
        ]

    def test_takes_every_privilege(self, engine: str, tmp_path: Path) -> None:
        """No capability, no new privilege, seccomp on, no network but loopback, a read-only root."""
        assert written(engine, tmp_path, "probe", "held.json") == {
            "CapEff": "0000000000000000",
            "NoNewPrivs": "1",
            "Seccomp": "2",
            "interfaces": "lo",
            "root": "read-only",
        }

    def test_shows_only_what_was_given(self, engine: str, tmp_path: Path) -> None:
        """Nothing of the site is mounted but the call's own mounts; only outputs and scratch can be written."""
        seen = written(engine, tmp_path, "look", "look.json")

        assert isinstance(seen, dict)
        given = {f"/mlcommons/volumes/{name}" for name in ("data", "predictions")}
        given |= {"/mlcommons/volumes/parameters/parameters.yaml"}
        others = {m for m in seen["mounts"] if not m.startswith(("/proc/", "/sys/", "/dev/"))}
        own = {"/tmp", "/var/tmp", "/.singularity.d/env/zz-rounds.sh", "/usr/sbin/docker-init"}  # noqa: S108
        assert others - set(KERNELS) - own == given
        assert not (given - {"/mlcommons/volumes/predictions"}) & set(seen["writable"])

    def test_refuses_calls_to_the_kernel(self, engine: str, tmp_path: Path) -> None:
        """Mounts, namespaces, other processes, keys and kernel programs are refused by the filter."""
        seen = written(engine, tmp_path, "look", "look.json")

        assert isinstance(seen, dict)
        assert set(seen["refused"].values()) == {True}

    def test_runs_in_the_images_folder_as_no_root(self, engine: str, tmp_path: Path) -> None:
        """The image's WORKDIR is honoured, home and caches can be written, and the user is not root."""
        seen = written(engine, tmp_path, "report", "report.json")

        assert isinstance(seen, dict)
        assert seen["folder"] == "/cube"
        assert seen["uid"] != 0
        assert seen["environment"]["HOME"] == "/tmp"  # noqa: S108

    def test_keeps_inputs_as_they_are(self, engine: str, tmp_path: Path) -> None:
        """A cube cannot add to its input."""
        runner, image = make_runner(engine)

        finished = runner.run(make_call(tmp_path, "meddle", image=image))

        assert finished.exit_code == 4
        assert [path.name for path in (tmp_path / "data").iterdir()] == ["in.txt"]

    def test_shares_the_cpus(self, engine: str, tmp_path: Path) -> None:
        """Two busy processes get no more of the CPUs than the profile gives them together."""
        share = written(engine, tmp_path, "burn", "share.json", cpus=0.5)

        assert isinstance(share, float)
        assert share < 0.75


@ENGINES
class TestLimits:
    def test_stop_a_cube_that_keeps_printing(self, engine: str, tmp_path: Path) -> None:
        """The wall clock counts, not silence."""
        assert code_of(engine, tmp_path, "chatter", timeout_s=2) is Code.CUBE_TIMEOUT

    def test_stop_a_fork_bomb(self, engine: str, tmp_path: Path) -> None:
        """A cube that has all its processes and goes on is stopped long before the wall clock does it."""
        assert code_of(engine, tmp_path, "multiply", pids=32) is Code.CUBE_PROCESSES

    def test_stop_a_cube_that_eats_memory(self, engine: str, tmp_path: Path) -> None:
        """The kernel kills it at its limit, swap included, and the error says so."""
        assert code_of(engine, tmp_path, "eat_memory", memory_gib=0.1) is Code.CUBE_MEMORY

    def test_bound_the_scratch(self, engine: str, tmp_path: Path) -> None:
        """A cube that fills its temporary folder is told apart from one that fails."""
        assert code_of(engine, tmp_path, "fill_scratch", tmp_gib=0.05) is Code.CUBE_SCRATCH

    def test_bound_the_output(self, engine: str, tmp_path: Path) -> None:
        """A cube that writes more than the profile allows is stopped while it writes."""
        assert code_of(engine, tmp_path, "fill_output", output_gib=0.05) is Code.OUTPUT_TOO_LARGE

        written_bytes = (tmp_path / "output" / "much").stat().st_size
        assert written_bytes < 2_000_000_000

    def test_bound_the_number_of_files(self, engine: str, tmp_path: Path) -> None:
        """A cube that makes more files than the profile allows is stopped while it makes them."""
        assert code_of(engine, tmp_path, "many_files", output_files=500) is Code.OUTPUT_TOO_LARGE
