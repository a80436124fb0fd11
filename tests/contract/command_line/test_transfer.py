"""A hospital's dataset, exported and imported at a terminal."""

from pathlib import Path

import pytest

from rounds import catalogue
from rounds.secret_files import write_secret
from rounds.workspace import Workspace
from tests.contract.command_line.desk import ASKED, sit_down, write_raw
from tests.contract.command_line.terminal import NOWHERE, Terminal
from tests.contract.registry.world import World

IMPORT = ("dataset", "import", "one.tar", "--data", "d", "--labels", "l")


@pytest.fixture
def owner(world: World, tmp_path: Path) -> Terminal:
    """The terminal of an owner who registered dataset 1 and exported it."""
    owner = sit_down(world, tmp_path / "home")
    owner.stand_at_site()
    write_secret(owner.home / "site" / "worker.token", world.token("owner"))
    raw = write_raw(owner.home, "data", "labels")
    benchmark = world.approved_benchmark()
    owner.run("dataset", "submit", str(benchmark.id), *raw, *ASKED, "--yes")
    return owner


def lose(owner: Terminal) -> None:
    """The site's disk is gone, but for the archive."""
    owner.workspace.rename(owner.home / "lost")
    (owner.home / "ward-7").rename(owner.home / "burnt")


class TestTransfer:
    def test_restores_what_was_lost(self, owner: Terminal) -> None:
        """What was exported comes back, into folders that are named, and is what was registered."""
        exported = owner.run("dataset", "export", "1", "one.tar")
        lose(owner)

        imported = owner.run(*IMPORT)

        assert exported.said == "dataset 1 in DEVELOPMENT: 2 files, each with its digest\n"
        assert "holds patients' data, mode 0600" in exported.complained
        assert imported.said == "dataset 1 is in this site's catalogue again\n"
        assert catalogue.find_raw(Workspace(owner.workspace), 1).dataset_id == 1

    def test_refuses_what_is_there(self, owner: Terminal) -> None:
        """A dataset that is in the catalogue ends with 7; a file that is there is not written over, and ends with 3."""
        owner.run("dataset", "export", "1", "one.tar")

        there = owner.run(*IMPORT)
        again = owner.run("dataset", "export", "1", "one.tar")

        assert (there.status, again.status) == (7, 3)
        assert "dataset 1 is in this site's catalogue" in there.line

    def test_refuses_another_registry(self, owner: Terminal) -> None:
        """At a site of another registry it ends with 3."""
        owner.run("dataset", "export", "1", "one.tar")
        lose(owner)
        token = str(owner.home / "site" / "worker.token")
        owner.stand_at_site(registry={"url": NOWHERE, "token_file": token})

        ended = owner.run(*IMPORT)

        assert ended.status == 3
        assert "is of another registry" in ended.line
        assert not (owner.home / "d").exists()

    def test_refuses_a_flipped_bit(self, owner: Terminal) -> None:
        """One bit flipped in the archive ends with 4 and one line, and nothing is restored."""
        owner.run("dataset", "export", "1", "one.tar")
        lose(owner)
        archive = owner.home / "one.tar"
        content = bytearray(archive.read_bytes())
        content[content.rindex(b"anna-mueller")] ^= 1
        archive.write_bytes(content)

        ended = owner.run(*IMPORT)

        assert ended.status == 4
        assert "found a file that differs from its digest" in ended.line
        assert not (owner.home / "d").exists()
        assert catalogue.entries(Workspace(owner.workspace)) == []
