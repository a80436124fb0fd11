"""Cancel, at a site: in Prefect by a hook, in the terminal by a command, and the janitor for what is left."""

import os
import signal
import subprocess
from pathlib import Path
from uuid import uuid4

import docker
import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.states import Cancelling

from flows.cancelling import end_cubes
from flows.guarded import site_flow
from rounds.cancelling import is_cancelled
from rounds.runners.base import Invocation
from rounds.runners.call_log import before
from rounds.runners.docker_options import docker_options
from rounds.runners.loopback import write_hosts
from rounds.sites import label_of
from rounds.workspace import Workspace
from tests.contract.command_line.terminal import ROUNDS
from tests.engines import PROBE, containers_writing, image_of, make_call, need_docker
from tests.unit.test_sites import write_profile


@site_flow
def idle() -> None:
    """A flow that does nothing."""


def create(root: Path, workspace: Workspace, run: str) -> Invocation:
    """A container of the site's, labelled with a run, as that run's process would have made it."""
    labels = {"rounds.site": label_of(workspace), "rounds.flow_run": run}
    call = make_call(root / run, "hang", image=image_of(PROBE), labels=labels)
    write_hosts(call)
    client = docker.from_env()
    try:
        client.containers.create(**docker_options(call, user="7:7")).start()
    finally:
        client.close()
    return call


class TestHook:
    def test_is_on_every_flow(self) -> None:
        """Whoever presses Cancel in Prefect ends the cubes as well, whatever flow it is."""
        assert idle.on_cancellation_hooks == [end_cubes]

    @pytest.mark.docker
    @pytest.mark.usefixtures("site_log")
    def test_ends_the_cubes_of_its_run_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The run's container is gone and the run is marked; another run's container stays."""
        need_docker()
        workspace, runs = Workspace(tmp_path / "site"), [str(uuid4()) for _ in range(2)]
        profile = write_profile(tmp_path, engine="docker", unsafe=["root_docker"])
        monkeypatch.setenv("ROUNDS_SITE_PROFILE", str(profile))
        calls = [create(tmp_path, workspace, run) for run in runs]

        for run in runs:
            left = [len(containers_writing(call)) for call in calls]
            end_cubes(flow=idle, flow_run=FlowRun(id=run, flow_id=uuid4()), state=Cancelling())

        assert left == [0, 1]
        assert [len(containers_writing(call)) for call in calls] == [0, 0]
        assert all(is_cancelled(workspace, run) for run in runs)

    def test_has_nothing_to_do_at_the_hub(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A worker without a site's profile runs no cubes."""
        monkeypatch.delenv("ROUNDS_SITE_PROFILE", raising=False)

        end_cubes(flow=idle, flow_run=FlowRun(flow_id=uuid4()), state=Cancelling())


class TestCommand:
    def test_marks_the_run(self, tmp_path: Path) -> None:
        """`rounds run cancel` reaches the cubes even where Prefect does not answer, and says so."""
        run = str(uuid4())

        done = rounds(tmp_path, "run", "cancel", run)

        assert done.returncode == 0
        assert is_cancelled(Workspace(tmp_path / "site"), run)
        assert "does not answer" in done.stderr

    def test_shows_a_cubes_words(self, tmp_path: Path) -> None:
        """`rounds run logs` lists the logs, and shows one by how its name begins; a terminal obeys none of it."""
        logs = Workspace(tmp_path / "site").folder("logs")
        (logs / "0123abcd-infer.log").write_bytes(b"one\x1b[2Jtwo\nthree")
        os.utime(logs / "0123abcd-infer.log", (0, 0))

        listed = rounds(tmp_path, "run", "logs")
        shown = rounds(tmp_path, "run", "logs", "0123")

        assert listed.stdout == "0123abcd-infer\t0\t1970-01-01 00:00Z\n"
        assert shown.stdout == "one\\u001b[2Jtwo\nthree\n"

    def test_follows_a_cubes_words(self, tmp_path: Path) -> None:
        """`rounds run logs -f` goes on as the cube prints, also in a new file, until it is interrupted."""
        log = Workspace(tmp_path / "site").folder("logs") / "0123abcd-infer.log"
        log.write_text("first\n")
        with started(tmp_path, "run", "logs", "-f") as following:
            assert following.stdout is not None
            first = following.stdout.readline()
            with log.open("a") as file:
                file.write("second\n")

            second = following.stdout.readline()
            log.rename(before(log))
            log.write_text("third\n")
            third = following.stdout.readline()

            following.send_signal(signal.SIGINT)
        assert (first, second, third) == ("first\n", "second\n", "third\n")


def variables(root: Path) -> dict[str, str]:
    """The environment of a terminal at a site, with a Prefect that does not answer."""
    profile = write_profile(root)
    always = {"PATH": os.environ["PATH"], "HOME": str(root), "LANG": "C.UTF-8"}
    prefect = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "PREFECT_CLIENT_MAX_RETRIES": "0"}
    return {**always, **prefect, "ROUNDS_SITE_PROFILE": str(profile)}


def rounds(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """How `rounds <arguments>` ends there."""
    argv = [str(ROUNDS), *arguments]
    return subprocess.run(
        argv, env=variables(root), capture_output=True, text=True, check=False, timeout=60
    )


def started(root: Path, *arguments: str) -> subprocess.Popen[str]:
    """`rounds <arguments>` there, going on."""
    argv = [str(ROUNDS), *arguments]
    return subprocess.Popen(argv, env=variables(root), stdout=subprocess.PIPE, text=True)
