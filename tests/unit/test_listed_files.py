"""Only files and folders count as content: a link, a FIFO or a socket is refused unread."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from rounds import digests
from rounds.digests import file_digests, list_files, sha256_bytes
from rounds.errors import IntegrityError
from tests.unit.builders import write_tree

NOBODY = 65534


@contextmanager
def not_as_root(folder: Path) -> Iterator[Path]:
    """`folder`, owned by a user whom the kernel can refuse something, as whom the block runs."""
    user = os.geteuid() or NOBODY
    before = os.geteuid()
    os.chown(folder, user, -1)
    os.seteuid(user)
    try:
        yield folder
    finally:
        os.seteuid(before)


class TestListFiles:
    def test_sorts_by_name_below_the_root(self, tmp_path: Path) -> None:
        """Files of every depth are listed, in an order that no disk decides."""
        write_tree(tmp_path, {"b/z": b"", "a": b"", "b/a/c": b"", "c": b""})

        names = [path.relative_to(tmp_path).as_posix() for path in list_files(tmp_path)]

        assert names == ["a", "b/a/c", "b/z", "c"]

    def test_takes_a_single_file_as_root(self, tmp_path: Path) -> None:
        """A dataset may be one file: then it is the list."""
        write_tree(tmp_path, {"a": b""})

        files = list_files(tmp_path / "a")

        assert files == [tmp_path / "a"]

    def test_finds_nothing_where_nothing_is(self, tmp_path: Path) -> None:
        """A root that is missing holds no files."""
        files = list_files(tmp_path / "missing")

        assert files == []

    @pytest.mark.parametrize("target", ["a", "folder", "/etc", "missing"])
    def test_refuses_links(self, tmp_path: Path, target: str) -> None:
        """A link below the root is refused, whatever it leads to."""
        write_tree(tmp_path, {"a": b"", "folder/b": b""})
        (tmp_path / "link").symlink_to(target)

        with pytest.raises(IntegrityError, match="found a link or a special file") as caught:
            list_files(tmp_path)

        assert caught.value.detail.endswith("link")

    def test_refuses_a_link_to_a_file_as_root(self, tmp_path: Path) -> None:
        """A root that is a link to a file is refused, not taken for an empty folder."""
        write_tree(tmp_path, {"a": b""})
        (tmp_path / "link").symlink_to("a")

        with pytest.raises(IntegrityError, match="found a link or a special file"):
            list_files(tmp_path / "link")

    def test_refuses_a_fifo(self, tmp_path: Path) -> None:
        """What would block a reader for ever is refused unread."""
        os.mkfifo(tmp_path / "fifo")

        with pytest.raises(IntegrityError, match="needed only files and folders"):
            list_files(tmp_path)

    def test_refuses_a_socket(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A socket is no file, at the root as below it."""
        monkeypatch.chdir(tmp_path)

        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("socket")

            with pytest.raises(IntegrityError, match="needed only files and folders"):
                list_files(tmp_path / "socket")

    def test_never_names_a_path_in_what_may_leave(self, tmp_path: Path) -> None:
        """Only the detail, which stays home, says where the link is."""
        (tmp_path / "mueller-anna.csv").symlink_to("elsewhere")

        with pytest.raises(IntegrityError, match="found a link") as caught:
            list_files(tmp_path)

        assert "mueller" not in caught.value.summary
        assert "mueller" in caught.value.detail

    def test_refuses_a_folder_that_cannot_be_listed(self) -> None:
        """A folder which this user may not list is refused: its files would be left out in silence."""
        with TemporaryDirectory() as name, not_as_root(Path(name)) as root:
            (root / "closed").mkdir(mode=0o000)

            with pytest.raises(IntegrityError, match="found a folder that cannot be listed"):
                list_files(root)


class TestReadFiles:
    """Between listing and reading anything may happen; here the list is what is out of date."""

    @pytest.mark.parametrize(
        ("instead", "message"),
        [
            (lambda _: None, "found a file that changed while it was read"),
            (lambda path: path.symlink_to("/etc/passwd"), "found a file that changed"),
            (os.mkfifo, "found a link or a special file"),
            (Path.mkdir, "found a link or a special file"),
        ],
    )
    def test_refuses_what_is_no_file_any_more(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        instead: Callable[[Path], None],
        message: str,
    ) -> None:
        """A file that went, or that something else has replaced, is told without naming it or waiting."""
        monkeypatch.setattr(digests, "_find", lambda root: (root, ["mueller-anna.csv"]))
        instead(tmp_path / "mueller-anna.csv")

        with pytest.raises(IntegrityError, match=message) as caught:
            file_digests(tmp_path)

        assert "mueller" not in caught.value.summary
        assert "mueller" in caught.value.detail

    def test_refuses_a_folder_that_went(self, tmp_path: Path) -> None:
        """A folder that is gone when its turn comes is no empty folder."""
        write_tree(tmp_path, {"a/b": b""})
        names = digests._names(f"{tmp_path}/missing")

        with pytest.raises(IntegrityError, match="found a file that changed while it was read"):
            list(names)

    @pytest.mark.parametrize("content", [b"one", b"three"])
    def test_refuses_a_file_that_is_written_to(self, tmp_path: Path, content: bytes) -> None:
        """A file that grows, or whose bytes change, while it is read has no digest."""
        path = tmp_path / "a"
        path.write_bytes(b"two")
        os.utime(path, ns=(0, 0))

        with (
            pytest.raises(IntegrityError, match="found a file that changed while it was read"),
            digests._opened(str(path)),
        ):
            path.write_bytes(content)

    def test_refuses_a_file_that_cannot_be_read(self) -> None:
        """A file which this user may not read is told as that, and never left out."""
        with TemporaryDirectory() as name, not_as_root(Path(name)) as root:
            write_tree(root, {"closed": b""})
            (root / "closed").chmod(0o000)

            with pytest.raises(IntegrityError, match="found a file that cannot be read"):
                file_digests(root)

    def test_reads_on_where_one_read_was_not_enough(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A disk on a network may give less than was asked for; then the file is read to its end."""
        write_tree(tmp_path, {"a": b"123"})
        monkeypatch.setattr(os, "read", lambda descriptor, _: os.pread(descriptor, 1, 0))

        found = file_digests(tmp_path)

        assert found == {"a": sha256_bytes(b"123")}
