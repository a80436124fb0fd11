"""An import that is killed has imported nothing, and the same command then does it whole."""

import multiprocessing
import os
import signal
import sys
from pathlib import Path

import pytest

from rounds import catalogue, stages
from rounds.records.cubes import State
from rounds.sites import Site
from rounds.transfer.exporting import export_dataset
from rounds.transfer.importing import import_dataset
from tests.unit.little_site import LittleRegistry, make_context, make_site
from tests.unit.transfer_sites import PREPARATOR, know, old_site

SPAWN = multiprocessing.get_context("spawn")
DEVELOPMENT, OPERATION = State.DEVELOPMENT, State.OPERATION


def site_of(root: Path, raw: str, prepared: str, state: State) -> Site:
    """The new site, its registry knowing the dataset."""
    return know(make_site(root / "new", LittleRegistry({})), raw, prepared, state)


def restore(site: Site, root: Path, state: State) -> None:
    """The import, as it is typed."""
    folders = {} if state is OPERATION else {"data": root / "d", "labels": root / "l"}
    import_dataset(site, root / "four.tar", **folders)


def restore_and_die(root: Path, raw: str, prepared: str, state: State, number: int) -> None:
    """What a child process does: import, and be killed when it is about to rename for the n-th time."""
    site = site_of(root, raw, prepared, state)
    seen: list[str] = []

    def count(event: str, _: object) -> None:
        if event == "os.rename":
            seen.append(event)
            if len(seen) == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    restore(site, root, state)


class TestKilled:
    @pytest.mark.parametrize(
        ("state", "number"),
        [(DEVELOPMENT, 1), (DEVELOPMENT, 2), (DEVELOPMENT, 3), (OPERATION, 1), (OPERATION, 7)],
    )
    def test_is_not_in_the_catalogue_and_begins_anew(
        self, tmp_path: Path, state: State, number: int
    ) -> None:
        """Killed before any of its renames, the last of which enters the dataset, it is done by a second call."""
        old, prepared = old_site(tmp_path / "old", state)
        export_dataset(old, 4, tmp_path / "four.tar")
        raw = catalogue.find_entry(old.workspace, 4).digest
        known = (raw, prepared.output, state)
        child = SPAWN.Process(target=restore_and_die, args=(tmp_path, *known, number))
        child.start()
        child.join(timeout=60)
        new = site_of(tmp_path, *known)

        before = catalogue.entries(new.workspace)
        restore(new, tmp_path, state)

        found = catalogue.find_raw(new.workspace, 4)
        plays = make_context(tmp_path / "new", {} if state is OPERATION else None)
        assert (child.exitcode, before) == (-signal.SIGKILL, [])
        assert found.digest == raw
        assert stages.prepare(found, PREPARATOR, plays) == prepared
        assert not list(tmp_path.glob(".*"))
