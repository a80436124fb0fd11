"""kill -9 of flow processes, a worker and the registry during one run of the story."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep
from uuid import uuid4

import httpx
import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from rich.console import Console

from deployments.demo.cast import Cast
from deployments.demo.display import Display
from deployments.demo.run import leave_report, play_story
from deployments.stack import Stack
from flows.runs import ensure_run
from site_profiles.models import Engine
from tests.e2e.reading import calls_after_success, leaderboard

LEASE_S = 5
PULSE_S = 15

pytestmark = pytest.mark.e2e


@dataclass(eq=False)
class Killer(threading.Thread):
    """Kills at its moments, starts again what it killed, and notes what it hit and where."""

    stack: Stack
    hit: list[str] = field(default_factory=list)
    places: set[str] = field(default_factory=set)
    failed: list[BaseException] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def run(self) -> None:
        """Go through the moments in the order in which the story comes to them."""
        try:
            self.kill_flow("site-a", "prepare")
            self.kill_worker_and_flow("site-b", "infer")
            self.kill_registry("evaluate")
            self.kill_worker("site-a", "infer")
            self.kill_flow("site-c", "infer")
        except BaseException as error:  # noqa: BLE001  handed to the test's own thread
            self.failed.append(error)

    def kill_flow(self, site: str, task: str) -> None:
        """Kill the flow process whose cube runs this task at this site."""
        os.kill(parent_of(self.await_cube(site, task)), signal.SIGKILL)
        self.note("flow process", site)

    def kill_worker(self, site: str, task: str) -> None:
        """Kill a worker while a cube of its runs, and start it again."""
        self.await_cube(site, task)
        worker = self.stack.programs[f"worker-{site}"]
        worker.kill()
        self.note("worker", site)
        worker.start()

    def kill_worker_and_flow(self, site: str, task: str) -> None:
        """Kill both at once, so that nobody is left to tell Prefect; start the worker again."""
        flow = parent_of(self.await_cube(site, task))
        worker = self.stack.programs[f"worker-{site}"]
        worker.kill()
        os.kill(flow, signal.SIGKILL)
        self.note("worker and flow process", site)
        worker.start()

    def kill_registry(self, task: str) -> None:
        """Kill the registry while any site runs this task, and start it again."""
        self.await_cube("", task)
        self.stack.programs["registry"].kill()
        self.hit.append("registry")
        self.stack.start_registry()

    def note(self, what: str, site: str) -> None:
        """Remember what was hit, and that this site's pulse is wanted."""
        self.hit.append(f"{what} of {site}")
        self.places.add(site)

    def pulse(self) -> None:
        """Run the sync of every site that was hit again and again, as a short schedule would."""
        with temporary_settings({PREFECT_API_URL: f"{self.stack.prefect_url}/api"}):
            while not self.over.wait(PULSE_S):
                for site in sorted(self.places):
                    with suppress(httpx.HTTPError):  # a server that is busy misses a beat
                        ensure_run(f"sync/{site}", {}, key=f"pulse-{uuid4()}")

    def await_cube(self, site: str, task: str) -> int:
        """The process id of a cube that runs this task below this site's folder."""
        found: list[int] = []

        def look() -> bool:
            found.extend(cubes(self.stack.root / "sites" / site, task))
            return bool(found)

        self.await_that(look)
        return found[0]

    def await_that(self, done: Callable[[], bool]) -> None:
        """Return as soon as `done()`; the story's own patience ends a wait for ever."""
        while not done():
            if self.over.is_set():
                message = "the story was over before the moment came"
                raise TimeoutError(message)
            sleep(0.002)


def cubes(home: Path, task: str) -> Iterator[int]:
    """Cube processes of the process engine that run a task with files below `home`."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            mounts = (folder / "environ").read_bytes()
        except (OSError, ValueError):
            continue
        runs = len(words) > 2 and words[-3].endswith(b"main.py") and words[-2] == task.encode()
        if runs and str(home).encode() in mounts:
            yield int(folder.name)


def parent_of(process: int) -> int:
    """The id of the process that started it."""
    return int(Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])


@contextmanager
def killed_story(root: Path) -> Iterator[tuple[Cast, Killer]]:
    """The story, played with a killer at work."""
    stack = Stack(root, lease_s=LEASE_S)
    killer = Killer(stack)
    killer.start()
    pulse = threading.Thread(target=killer.pulse, daemon=True)
    pulse.start()
    try:
        with temporary_settings({PREFECT_API_URL: f"{stack.prefect_url}/api"}):
            display = Display(Console(force_terminal=False))
            cast = play_story(root, stack, display, Engine.PROCESS)
            leave_report(root, cast)
            yield cast, killer
            cast.leave()
    finally:
        killer.over.set()
        pulse.join()  # it asks the server that is stopped next
        stack.stop()


def test_ends_in_the_same_leaderboard(
    story: Cast, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Killed at several moments and started again: nothing lost, nothing twice, the same scores."""
    root = tmp_path_factory.mktemp("killed")

    with killed_story(root) as (cast, killer):
        killed = {(r["site"], r["model"], r["metric"]): r["score"] for r in leaderboard(cast)}
        again = calls_after_success(cast)

    calm = {(r["site"], r["model"], r["metric"]): r["score"] for r in leaderboard(story)}
    assert killer.failed == []
    assert len(killer.hit) == 5
    assert again == []
    assert killed == calm
