"""What a cube wrote is plain files and folders within bounds, or nobody reads it."""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from rounds import output_gate
from rounds.errors import Code, RunnerError
from rounds.output_gate import check_output
from rounds.plain_names import name_fault
from site_profiles.models import Limits
from tests.unit.builders import write_tree

LIMITS = Limits()
LINK = "a cube left a link or a special file"


def refused(folder: Path, limits: Limits = LIMITS) -> RunnerError:
    """What the gate says to `folder`."""
    with pytest.raises(RunnerError, match="a cube left") as caught:
        check_output(folder, limits)
    return caught.value


class TestPlain:
    def test_output_passes(self, tmp_path: Path) -> None:
        """Files and folders pass, empty ones, hidden ones and any letters of the world among them."""
        write_tree(tmp_path, {"a": b"1", "b/c/.d e": b"", "b/Ü-患者-\u202f'x'": b"2"})
        (tmp_path / "empty").mkdir()

        check_output(tmp_path, LIMITS)

        assert (tmp_path / "a").read_bytes() == b"1"

    def test_output_passes_up_to_the_limits(self, tmp_path: Path) -> None:
        """As many files, folders and bytes as the site allows are not too many."""
        write_tree(tmp_path, {"a": b"123", "b/c": b"4567"})

        check_output(tmp_path, Limits(output_files=3, output_gib=7 / 2**30))

        assert (tmp_path / "a").exists()

    def test_folder_may_have_a_groups_bit(self, tmp_path: Path) -> None:
        """A folder inherits setgid from a workspace that a group shares; that is no fault of the cube."""
        (tmp_path / "b").mkdir()
        (tmp_path / "b").chmod(0o2775)

        check_output(tmp_path, LIMITS)

        assert (tmp_path / "b").stat().st_mode & stat.S_ISGID

    def test_little_files_may_have_holes(self, tmp_path: Path) -> None:
        """An empty image on a disk that compresses takes no blocks: only a huge one is absurd."""
        with (tmp_path / "mask.nii").open("wb") as file:
            file.truncate(1 << 29)

        check_output(tmp_path, LIMITS)

        assert (tmp_path / "mask.nii").stat().st_blocks == 0


class TestRefused:
    @pytest.mark.parametrize("target", ["a", ".", "b/c", "/etc/passwd", "../outside", "missing"])
    def test_link(self, tmp_path: Path, target: str) -> None:
        """A symbolic link is refused wherever it leads: inside it would be one file under two names."""
        write_tree(tmp_path, {"a": b"1", "b/c": b"1"})
        (tmp_path / "b" / "link").symlink_to(target)

        error = refused(tmp_path)

        assert error.summary.startswith(LINK)
        assert error.detail == "b/link"

    def test_link_in_place_of_the_folder(self, tmp_path: Path) -> None:
        """The folder itself is not followed either."""
        write_tree(tmp_path / "elsewhere", {"a": b"1"})
        (tmp_path / "files").symlink_to("elsewhere")

        error = refused(tmp_path / "files")

        assert "a folder that changed" in error.summary

    def test_hard_link(self, tmp_path: Path) -> None:
        """A file that has another name, here or where nobody looks, could change after it was checked."""
        write_tree(tmp_path, {"out/a": b"1"})
        os.link(tmp_path / "out" / "a", tmp_path / "elsewhere")

        error = refused(tmp_path / "out")

        assert "a file with more than one name" in error.summary

    @pytest.mark.parametrize("kind", ["fifo", "socket"])
    def test_what_blocks_its_reader(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
    ) -> None:
        """A FIFO or a socket would hold its reader for ever."""
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as listener:
            make: dict[str, Callable[[str], None]] = {"fifo": os.mkfifo, "socket": listener.bind}
            make[kind]("it")

            error = refused(tmp_path)

        assert error.summary.startswith(LINK)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
    @pytest.mark.parametrize("kind", [stat.S_IFCHR, stat.S_IFBLK])
    def test_device(self, tmp_path: Path, kind: int) -> None:
        """A device is the machine's, not the cube's."""
        os.mknod(tmp_path / "null", kind | 0o600, os.makedev(1, 3))

        error = refused(tmp_path)

        assert error.summary.startswith(LINK)

    @pytest.mark.parametrize("bit", [0o4000, 0o2000, 0o1000])
    def test_special_bits(self, tmp_path: Path, bit: int) -> None:
        """A program that runs as somebody else has no place among outputs."""
        write_tree(tmp_path, {"a": b"1"})
        (tmp_path / "a").chmod(bit | 0o755)

        error = refused(tmp_path)

        assert "setuid, setgid or sticky bit" in error.summary

    def test_sparse_terabyte(self, tmp_path: Path) -> None:
        """A file of holes is refused by its size and its blocks, unread, however much a site allows."""
        with (tmp_path / "a").open("wb") as file:
            file.truncate(1 << 40)

        error = refused(tmp_path, Limits(output_gib=2**50 / 2**30))

        assert "a sparse file" in error.summary

    @pytest.mark.parametrize("name", [b"M\xfcller", b"a\nb", b"\x1b[2J", b"a\x7f", b"\xc2\x85"])
    def test_names_that_are_no_plain_text(self, tmp_path: Path, name: bytes) -> None:
        """A name that is no UTF-8, or forges a line of a log, is refused and not repeated."""
        (tmp_path / os.fsdecode(name)).touch()

        error = refused(tmp_path)

        assert "a control character in a name" in error.summary or "not UTF-8" in error.summary
        assert os.fsdecode(name) not in error.summary


class TestTooMuch:
    def test_stops_at_the_first_file_too_many(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A million files cost no more than the first that is too many; folders count too."""
        write_tree(tmp_path, {f"{number % 3}/{number}": b"" for number in range(60)})
        looked_at: list[str] = []

        def note(name: str) -> str | None:
            looked_at.append(name)
            return name_fault(name)

        monkeypatch.setattr(output_gate, "name_fault", note)

        error = refused(tmp_path, Limits(output_files=10))

        assert error.code is Code.OUTPUT_TOO_LARGE
        assert "more than 10 files and folders" in error.summary
        assert len(looked_at) == 11

    def test_refuses_a_million_files(self) -> None:
        """Without a word from the site, a million files are too many."""
        assert LIMITS.output_files < 1_000_000

    def test_adds_up_the_sizes(self, tmp_path: Path) -> None:
        """The sizes that the files claim are added up, whatever the disk holds of them."""
        for name in "ab":
            with (tmp_path / name).open("wb") as file:
                file.truncate(600)

        error = refused(tmp_path, Limits(output_gib=1199 / 2**30))

        assert error.code is Code.OUTPUT_TOO_LARGE
        assert "more than 1.11666e-06 GiB" in error.summary


class TestSummary:
    def test_never_names_a_file(self, tmp_path: Path) -> None:
        """Only the detail, which stays home, says where the fault is."""
        (tmp_path / "mueller-anna.csv").symlink_to("elsewhere")

        error = refused(tmp_path)

        assert error.code is Code.OUTPUT_INVALID
        assert "mueller" not in error.summary
        assert "mueller" in error.detail
