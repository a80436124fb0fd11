"""`rounds audit list`, `head` and `export`: the sealed log as a file, whole over many pages."""

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cli.lists import PAGE
from rounds.records.service import AuditHead
from tests.contract.command_line.desk import sit_down
from tests.contract.registry.world import World

LONGEST_S = 30


@contextmanager
def behind_its_back(world: World) -> Iterator[sqlite3.Connection]:
    """The registry's database, as somebody who has the disk sees it."""
    with closing(sqlite3.connect(world.served.database, timeout=LONGEST_S)) as database, database:
        yield database


def write_much(world: World, rows: int) -> AuditHead:
    """The end of the log after so many more writes, all of them sealed."""
    with behind_its_back(world) as database:
        columns = "at, token_label, action, subject"
        row = "SELECT at, 'test', 'cube.register', 'cube/1' FROM audit WHERE id = 1"
        for _ in range(rows):
            database.execute(f"INSERT INTO audit ({columns}) {row}")
    deadline = time.monotonic() + LONGEST_S
    while (head := world.admin.audit_head()).unsealed:
        assert time.monotonic() < deadline, f"not sealed in time: {head}"
        time.sleep(0.05)
    return head


class TestList:
    def test_comes_whole_over_many_pages(self, world: World, tmp_path: Path) -> None:
        """--all gives every entry once and in order, however many pages the registry takes for it."""
        head = write_much(world, PAGE + 10)
        admin = sit_down(world, tmp_path / "admin", "admin")

        ended = admin.run("audit", "list", "--all", "--json")

        ids = [entry["id"] for entry in json.loads(ended.said)]
        assert len(ids) >= head.entries > PAGE
        assert ids == sorted(set(ids))

    def test_is_for_administrators(self, world: World, tmp_path: Path) -> None:
        """Somebody else hears that it is not theirs: 7. So it is with what Prefect is to be told."""
        owner = sit_down(world, tmp_path / "owner")

        ended = [owner.run(*words) for words in (("audit", "list"), ("outbox", "list"))]

        assert [end.status for end in ended] == [7, 7]
        assert all("[forbidden]" in end.complained for end in ended)


class TestExport:
    def test_is_whole_and_verified(self, world: World, tmp_path: Path) -> None:
        """The file holds the chain up to its head, which was checked, and is checked again without a registry."""
        head = write_much(world, PAGE + 10)
        admin = sit_down(world, tmp_path / "admin", "admin")

        noted = json.loads(admin.run("audit", "head", "--json").said)
        ended = admin.run("audit", "export", "log.jsonl", "--head", head.sha256)
        verified = admin.run("audit", "verify", "log.jsonl", "--head", head.sha256)

        assert noted["entries"] >= head.entries > PAGE
        assert ended.said == verified.said
        assert ended.said.split(",")[0] == f"{noted['entries']} entries"
        assert [path.name for path in admin.home.iterdir() if "log" in path.name] == ["log.jsonl"]

    def test_tells_of_an_edit(self, world: World, tmp_path: Path) -> None:
        """An entry that was edited behind the registry's back is found and named: 4; the file is kept."""
        head = write_much(world, 5)
        admin = sit_down(world, tmp_path / "admin", "admin")
        with behind_its_back(world) as database:
            database.execute("UPDATE audit SET action = 'cube.bless' WHERE position = 3")

        ended = admin.run("audit", "export", "log.jsonl", "--head", head.sha256)

        assert ended.status == 4
        assert "at position 3 of the audit log" in ended.complained
        assert "cube.bless" in (admin.home / "log.jsonl").read_text()
