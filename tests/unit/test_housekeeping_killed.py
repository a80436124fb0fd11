"""A prune that is killed leaves each thing whole or gone, and a second one finishes it."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import pytest

from rounds.housekeeping import pruning
from rounds.housekeeping.survey import Kind, survey
from rounds.workspace import Workspace
from tests.unit.housekeeping_site import age
from tests.unit.test_workspace import INPUTS, KEY, write_case

SPAWN = multiprocessing.get_context("spawn")
POINTS = [("os.rename", 1), ("shutil.rmtree", 1), ("os.remove", 2)]


def prune_and_die(root: Path, event: str, number: int) -> None:
    """What a child process does: prune, and be killed when it is about to do something for the n-th time."""
    seen: list[str] = []

    def count(found: str, _: object) -> None:
        seen.append(found)
        if found == event and seen.count(event) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    prune_all(Workspace(root))


def prune_all(workspace: Workspace) -> list[str]:
    """The places of what a prune of all outputs removed."""
    cache = workspace.root / "images"
    items = survey(workspace, cache)
    wanted = [item for item in items if item.kind in (Kind.OUTPUT, Kind.TRASH)]
    return [item.place for item in pruning.prune(workspace, cache, wanted)]


class TestKilled:
    @pytest.mark.parametrize(("event", "number"), POINTS)
    def test_leaves_nothing_torn_and_the_next_finishes_it(
        self, workspace: Workspace, event: str, number: int
    ) -> None:
        """Wherever a prune is killed, an output verifies or is gone; the next one empties the trash."""
        published = workspace.publish("infer", INPUTS, write_case)
        age(workspace.root)
        child = SPAWN.Process(target=prune_and_die, args=(workspace.root, event, number))
        child.start()
        child.join(timeout=60)

        found = workspace.find("infer", KEY)
        age(workspace.root)
        gone = prune_all(workspace)

        whole = event == "os.rename"
        assert child.exitcode == -signal.SIGKILL
        assert found == (published if whole else None)
        assert gone == ["infer" if whole else "trash"]
        assert list((workspace.root / "trash").iterdir()) == []
        assert workspace.publish("infer", INPUTS, write_case) == published
