"""Whatever is killed, and whoever comes at once: nothing lost, nothing half, nothing twice."""

import fcntl
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from rounds.artifacts import Published
from rounds.attempts import Attempt
from rounds.digests import sha256_bytes
from rounds.workspace import Workspace
from tests.unit.test_workspace import INPUTS, KEY, never, runs, write_case

Make = Callable[[Attempt], None]
WAITS = "waits for another run of the same stage"
SPAWN = multiprocessing.get_context("spawn")


class KilledBeforeRename(Workspace):
    """A workspace whose process dies when the manifest is written and the rename is next."""

    __slots__ = ()

    def _rename(self, stage: str, key: str, attempt: Path) -> Published:  # noqa: ARG002
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def write_half_and_die(attempt: Attempt) -> None:
    """A stage that is killed in the middle of its work."""
    (attempt.files / "2.txt").write_text("mali")
    os.kill(os.getpid(), signal.SIGKILL)


def publish_in_child(root: Path, kind: type[Workspace], make: Make) -> None:
    """What a child process does: publish."""
    kind(root).publish("infer", INPUTS, make)


def publish_together(root: Path, barrier: Barrier) -> None:
    """What a child process does: publish when all are ready."""
    barrier.wait(timeout=30)
    Workspace(root).publish("infer", INPUTS, write_case)


def hold_lock_and_die(root: Path) -> None:
    """What a child process does: take a lock and be killed with it."""
    with Workspace(root).locked("evaluate-4") as free:
        assert free
        os.kill(os.getpid(), signal.SIGKILL)


def run_child(kind: type[Workspace], make: Make, root: Path) -> int | None:
    """How a child process ended that published."""
    child = SPAWN.Process(target=publish_in_child, args=(root, kind, make))
    child.start()
    child.join(timeout=60)
    return child.exitcode


class TestKilled:
    def test_after_the_manifest_is_published_without_a_rerun(self, tmp_path: Path) -> None:
        """A process killed between manifest and rename had finished: nothing runs again."""
        ended = run_child(KilledBeforeRename, write_case, tmp_path)

        published = Workspace(tmp_path).publish("infer", INPUTS, never)

        assert ended == -signal.SIGKILL
        assert (Workspace(tmp_path).files("infer", published) / "2.txt").exists()
        assert runs(tmp_path) == 1

    def test_in_the_middle_is_never_taken(self, tmp_path: Path) -> None:
        """A process killed while it wrote leaves nothing that counts; the stage runs again."""
        ended = run_child(Workspace, write_half_and_die, tmp_path)
        found = Workspace(tmp_path).find("infer", KEY)

        published = Workspace(tmp_path).publish("infer", INPUTS, write_case)

        assert (ended, found) == (-signal.SIGKILL, None)
        text = (Workspace(tmp_path).files("infer", published) / "2.txt").read_text()
        assert text == "malignant"

    def test_by_a_power_cut_is_not_taken_for_whole(self, workspace: Workspace) -> None:
        """A manifest that outlived the files it names publishes nothing; the stage runs again."""
        attempt = workspace.folder("work", "infer", KEY, "1")
        workspace.folder("work", "infer", KEY, "1", "files")
        manifest = {"files": {"2.txt": sha256_bytes(b"malignant")}}
        (attempt / "manifest.json").write_text(json.dumps(manifest))

        published = workspace.publish("infer", INPUTS, write_case)

        assert (workspace.files("infer", published) / "2.txt").read_text() == "malignant"
        assert attempt.exists()

    def test_frees_its_locks(self, workspace: Workspace) -> None:
        """A lock ends with the process that held it, however it ended."""
        child = SPAWN.Process(target=hold_lock_and_die, args=(workspace.root,))
        child.start()
        child.join(timeout=60)

        with workspace.locked("evaluate-4") as free:
            assert (child.exitcode, free) == (-signal.SIGKILL, True)


class TestTogether:
    def test_two_processes_run_a_stage_once(self, workspace: Workspace) -> None:
        """Who comes second says in the journal that it waits, and finds the output of the first."""
        barrier = SPAWN.Barrier(3)
        children = [
            SPAWN.Process(target=publish_together, args=(workspace.root, barrier)) for _ in "12"
        ]
        with (workspace.folder("locks") / f"infer-{KEY}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            for child in children:
                child.start()
            barrier.wait(timeout=60)
        for child in children:
            child.join(timeout=60)

        journal = (workspace.root / "logs" / "journal.jsonl").read_text().splitlines()
        events = [json.loads(line) for line in journal]
        assert [child.exitcode for child in children] == [0, 0]
        assert runs(workspace.root) == 1
        assert {(event["event"], event["key"]) for event in events} == {(WAITS, KEY)}

    def test_a_run_that_waits_says_so(
        self, workspace: Workspace, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The site's log names the stage that a run waits for, before it goes on."""
        second = threading.Thread(target=workspace.publish, args=("infer", INPUTS, write_case))
        with workspace.locked(f"infer-{KEY}") as free:
            second.start()
            until = time.monotonic() + 20
            while not caplog.messages and time.monotonic() < until:
                time.sleep(0.01)
        second.join(timeout=20)

        assert free
        assert caplog.messages == [f"{WAITS}: infer {KEY}"]
        assert workspace.find("infer", KEY) is not None

    def test_a_lock_has_one_holder(self, workspace: Workspace) -> None:
        """Who finds a lock taken is told so at once; once it is let go it is free."""
        with workspace.locked("sync") as first, workspace.locked("sync") as second:
            seen = [first, second]
        with workspace.locked("sync") as third:
            seen.append(third)

        assert seen == [True, False, True]
