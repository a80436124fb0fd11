"""`rounds audit verify`: an outsider with a file and no registry finds whether the log is whole."""

from pathlib import Path

import pytest

from rounds.audit import GENESIS, Link, export_lines, link
from rounds.digests import sha256_json
from tests.contract.command_line.terminal import Terminal


def write_log(folder: Path, n_entries: int = 3) -> list[str]:
    """The sha256 of each link of a log that lies in the folder as `log.jsonl`."""
    links: list[Link] = []
    for position in range(1, n_entries + 1):
        previous = links[-1].sha256 if links else GENESIS
        links.append(link(position, previous, {"id": position, "subject": f"dataset/{position} Ω"}))
    text = "".join(f"{line}\n" for line in export_lines(links))
    (folder / "log.jsonl").write_text(text, encoding="utf-8")
    return [made.sha256 for made in links]


class TestVerify:
    def test_says_how_many_entries_and_where_they_end(self, terminal: Terminal) -> None:
        """A whole chain ends with 0 and one line, with the registry away."""
        digests = write_log(terminal.home)

        ended = terminal.run("audit", "verify", "log.jsonl")

        assert (ended.status, ended.complained) == (0, "")
        assert ended.said == f"3 entries, chain whole, head {digests[-1]}\n"

    def test_reads_what_comes_in(self, terminal: Terminal) -> None:
        """A dash stands for the standard input."""
        digests = write_log(terminal.home)
        text = (terminal.home / "log.jsonl").read_text()

        ended = terminal.run("audit", "verify", "-", typed=text)

        assert ended.status == 0
        assert ended.said == f"3 entries, chain whole, head {digests[-1]}\n"

    def test_finds_an_edit(self, terminal: Terminal) -> None:
        """An edited log ends with 4 and the place."""
        write_log(terminal.home)
        log = terminal.home / "log.jsonl"
        log.write_text(log.read_text().replace("dataset/2", "dataset/9"))

        ended = terminal.run("audit", "verify", "log.jsonl")

        assert ended.status == 4
        assert ended.line.startswith(
            "rounds: [integrity] found an entry that differs from its sha256 at position 2"
        )
        assert "dataset" not in ended.complained

    def test_holds_the_chain_against_the_noted_head(self, terminal: Terminal) -> None:
        """`--head` passes if it is in the chain, and ends with 4 if the chain was made anew."""
        digests = write_log(terminal.home)

        held = terminal.run("audit", "verify", "log.jsonl", "--head", digests[0])
        missed = terminal.run("audit", "verify", "log.jsonl", "--head", sha256_json("another"))

        assert held.status == 0
        assert missed.status == 4
        assert "found a whole chain without the head that was given" in missed.line

    @pytest.mark.parametrize("head", ["abc", "A" * 64, "latest"])
    def test_head_that_is_no_sha256_is_a_slip(self, terminal: Terminal, head: str) -> None:
        """What cannot be a head ends with 2, before the file is read."""
        write_log(terminal.home)

        ended = terminal.run("audit", "verify", "log.jsonl", "--head", head)

        assert ended.status == 2
        assert "64 hex digits" in ended.complained

    def test_file_that_is_not_there_is_missed(self, terminal: Terminal) -> None:
        """A name that is no file ends with 2 and no traceback."""
        ended = terminal.run("audit", "verify", "log.jsonl")

        assert ended.status == 2
        assert "log.jsonl" in ended.complained
        assert "Traceback" not in ended.complained

    @pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"PNG\r\n\x1a\n", b"x" * (3 << 20)])
    def test_file_that_is_no_log_is_told(self, terminal: Terminal, content: bytes) -> None:
        """Bytes of any kind, and a line of any length, end with 4 and one line."""
        (terminal.home / "log.jsonl").write_bytes(content)

        ended = terminal.run("audit", "verify", "log.jsonl")

        assert ended.status == 4
        assert "at position 1 of the audit log" in ended.line
        assert ended.below == ""

    def test_empty_file_is_a_log_cut_short(self, terminal: Terminal) -> None:
        """Even a log without entries has its head."""
        (terminal.home / "log.jsonl").touch()

        ended = terminal.run("audit", "verify", "log.jsonl")

        assert ended.status == 4
        assert "found no entry and no head at position 1" in ended.line
