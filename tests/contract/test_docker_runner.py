"""What the docker engine promises beyond every runner's promise."""

import json
import os
import shutil
import signal
from pathlib import Path

import docker
import pytest

from rounds.errors import Code, RunnerError
from rounds.runners.base import Invocation
from rounds.runners.docker import DockerRunner
from rounds.runners.docker_options import docker_options
from rounds.runners.loopback import write_hosts
from tests.engines import EMPTY, containers_writing, make_call, make_runner, start_hanging

IMAGE = "0" * 64


class TestDockerOptions:
    def test_isolate_the_cube(self, tmp_path: Path) -> None:
        """Whatever the cube asks for: no network, no capability, a read-only root, the site's limits."""
        options = docker_options(make_call(tmp_path, "copy", image=IMAGE), user="7:7")

        assert options["image"] == f"sha256:{IMAGE}"
        assert options["network_mode"] == "none"
        assert options["network_disabled"] is True
        assert options["cap_drop"] == ["ALL"]
        assert options["security_opt"] == ["no-new-privileges"]
        assert options["read_only"] is True
        assert options["mem_limit"] == options["memswap_limit"] == 2**29
        assert options["user"] == "7:7"

    def test_leave_the_config_as_it_is(self, tmp_path: Path) -> None:
        """Asked twice, the same comes out, and the cube keeps its digest."""
        call = make_call(tmp_path, "copy", image=IMAGE)
        before = call.cube.digest

        first, second = (docker_options(call, user="7:7") for _ in range(2))

        assert first == second
        assert first["command"] == ["infer"]
        assert call.cube.digest == before

    def test_mark_the_container(self, tmp_path: Path) -> None:
        """The call's own labels are kept, and one more tells that Rounds started it."""
        call = make_call(tmp_path, "copy", image=IMAGE, labels={"rounds.flow_run": "f-1"})

        labels = docker_options(call, user="7:7")["labels"]

        assert labels["rounds"] == "1"
        assert labels["rounds.flow_run"] == "f-1"

    def test_need_an_image(self, tmp_path: Path) -> None:
        """A cube that was registered for the process engine only is refused with what to do."""
        call = make_call(tmp_path, "copy")

        with pytest.raises(RunnerError, match="registered without an image, needed one"):
            docker_options(call, user="7:7")


@pytest.mark.docker
class TestDocker:
    def test_keeps_inputs_read_only(self, tmp_path: Path) -> None:
        """A cube cannot add to its input."""
        runner, image = make_runner("docker")

        finished = runner.run(make_call(tmp_path, "meddle", image=image))

        assert finished.exit_code == 4
        assert [path.name for path in (tmp_path / "data").iterdir()] == ["in.txt"]

    def test_holds_the_cube(self, tmp_path: Path) -> None:
        """No capability, no new privilege, seccomp on, no network but loopback, a read-only root."""
        runner, image = make_runner("docker")

        runner.run(make_call(tmp_path, "probe", image=image))

        assert json.loads((tmp_path / "output" / "held.json").read_text()) == {
            "CapEff": "0000000000000000",
            "NoNewPrivs": "1",
            "Seccomp": "2",
            "interfaces": "lo",
            "root": "read-only",
        }

    def test_runs_in_the_images_folder_as_no_root(self, tmp_path: Path) -> None:
        """The image's WORKDIR is honoured and the user is not root, whoever the runner is."""
        runner, image = make_runner("docker")

        runner.run(make_call(tmp_path, "report", image=image))

        seen = json.loads((tmp_path / "output" / "report.json").read_text())
        assert seen["folder"] == "/cube"
        assert seen["uid"] != 0

    def test_refuses_an_absent_image(self, tmp_path: Path) -> None:
        """An image that Docker does not hold is named by its digest; nothing is pulled."""
        runner, _ = make_runner("docker")

        with pytest.raises(
            RunnerError, match=r"sha256:0{64} is neither on this machine nor in the"
        ) as caught:
            runner.run(make_call(tmp_path, "copy", image="0" * 64))

        assert caught.value.code is Code.ENGINE_REFUSED

    def test_removes_what_a_killed_runner_left(self, tmp_path: Path) -> None:
        """The container of a runner that was killed is removed before the same stage runs again."""
        runner, image = make_runner("docker")
        asker = start_hanging(tmp_path, "docker")
        asker.send_signal(signal.SIGKILL)
        asker.wait()

        finished = runner.run(make_call(tmp_path, "copy", image=image))

        assert finished.exit_code == 0
        assert containers_writing(make_call(tmp_path, "copy", image=image)) == []

    def test_removes_its_container(self, tmp_path: Path) -> None:
        """Nothing is left of a call, whether it ended or was stopped."""
        runner, image = make_runner("docker")
        call = make_call(tmp_path, "hang", image=image, limits={"timeout_s": 1})

        with pytest.raises(RunnerError, match="longer than the site's limit"):
            runner.run(call)

        assert containers_writing(call) == []

    def test_needs_a_grant_for_a_daemon_of_roots(self, tmp_path: Path) -> None:
        """A daemon that runs as root is used only where the site's profile grants that by name."""
        _, image = make_runner("docker")
        if _is_rootless():
            pytest.skip("needs a Docker daemon that runs as root, found a rootless one")

        with pytest.raises(RunnerError, match="or grant root_docker under `unsafe`") as caught:
            DockerRunner(EMPTY).run(make_call(tmp_path, "copy", image=image))

        assert caught.value.code is Code.ENGINE_REFUSED

    def test_names_a_daemon_that_is_absent(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Without a daemon the error says what to start."""
        monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:9")

        with pytest.raises(RunnerError, match="found no Docker daemon, needed one") as caught:
            DockerRunner(EMPTY).run(make_call(tmp_path, "copy", image="0" * 64))

        assert caught.value.code is Code.ENGINE_MISSING

    @pytest.mark.skipif(os.getuid() != 0, reason="only root's containers run as another user")
    def test_says_that_an_input_cannot_be_read(self, tmp_path: Path) -> None:
        """Data that only root may read is named before the cube starts, not by its crash."""
        runner, image = make_runner("docker")
        call = make_call(tmp_path, "copy", image=image)
        (tmp_path / "data" / "in.txt").chmod(0o600)

        with pytest.raises(RunnerError, match="can be read by root only") as caught:
            runner.run(call)

        assert str(tmp_path) not in caught.value.summary

    def test_says_that_a_container_cannot_start(self, tmp_path: Path) -> None:
        """What Docker refuses is an error of the call; its words, which hold paths, stay at the site."""
        runner, image = make_runner("docker")
        call = make_call(tmp_path, "copy", image=image)
        shutil.rmtree(tmp_path / "data")

        with pytest.raises(RunnerError, match="Docker could not do infer of cube probe") as caught:
            runner.run(call)

        assert caught.value.code is Code.CUBE_FAILED
        assert str(tmp_path) not in caught.value.summary
        assert str(tmp_path) in caught.value.detail

    def test_sweeps_what_dead_runs_left(self, tmp_path: Path) -> None:
        """Of this site, containers of runs without a process go; those of living runs and of other sites stay."""
        runner, image = make_runner("docker")
        marks = [("here", "dead"), ("here", "alive"), ("elsewhere", "dead"), ("here", None)]
        calls = [_mark(tmp_path, image, site=site, run=run) for site, run in marks]
        for call in calls:
            _create(call)

        removed = runner.sweep("here", lambda run: run == "alive")

        assert removed == 1
        assert [len(containers_writing(call)) for call in calls] == [0, 1, 1, 1]
        for site in ("here", "elsewhere"):
            runner.sweep(site, lambda _: False)
        _remove_all(calls)


def _is_rootless() -> bool:
    client = docker.from_env()
    try:
        return "name=rootless" in client.info()["SecurityOptions"]
    finally:
        client.close()


def _mark(root: Path, image: str | None, *, site: str, run: str | None) -> Invocation:
    labels = {"rounds.site": site, **({"rounds.flow_run": run} if run else {})}
    return make_call(root / f"{site}-{run}", "copy", image=image, labels=labels)


def _create(call: Invocation) -> None:
    """A container as a runner that was killed before it started it would leave it."""
    write_hosts(call)
    client = docker.from_env()
    try:
        client.containers.create(**docker_options(call, user="7:7"))
    finally:
        client.close()


def _remove_all(calls: list[Invocation]) -> None:
    client = docker.from_env()
    try:
        for call in calls:
            for number in containers_writing(call):
                client.containers.get(number).remove(force=True)
    finally:
        client.close()
