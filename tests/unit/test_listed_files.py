"""Only files and folders count as content: a link, a FIFO or a socket is refused unread."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from rounds.digests import list_files
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
