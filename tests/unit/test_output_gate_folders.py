"""The gate looks into no folder that is too deep, closed, on another disk, or not the one it saw."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from rounds import output_gate
from rounds.errors import RunnerError
from rounds.plain_names import MAX_DEPTH
from tests.unit.builders import write_tree
from tests.unit.test_listed_files import not_as_root
from tests.unit.test_output_gate import LIMITS, refused

IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
SWAPPED = "a folder that changed while it was checked"
ON_ANOTHER_DISK = """
import sys
from pathlib import Path
from rounds.errors import RunnerError
from rounds.output_gate import check_output
from site_profiles.models import Limits
try:
    check_output(Path(sys.argv[1]), Limits())
except RunnerError as error:
    print(error.summary)
"""


def dig(folder: Path, levels: int) -> int:
    """The descriptor of a folder so many levels below `folder`, which no path may be long enough for."""
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=descriptor)
        below = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    return descriptor


def fill_in(descriptor: int, levels: int) -> None:
    """Remove what `dig` made, from the bottom up."""
    for _ in range(levels):
        above = os.open("..", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        os.rmdir("d", dir_fd=above)
        descriptor = above
    os.close(descriptor)


class TestFolders:
    @pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 10_000])
    def test_deep_folders(self, levels: int) -> None:
        """Folders in one another cost neither stack nor descriptors, nor a path that is too long."""
        with TemporaryDirectory(dir=IN_MEMORY) as folder:
            bottom = dig(Path(folder), levels)

            error = refused(Path(folder))

            fill_in(bottom, levels)
        assert f"more than {MAX_DEPTH} folders in one another" in error.summary

    def test_long_paths(self, tmp_path: Path) -> None:
        """Names that are too long together are refused before a reader fails on them."""
        folder = tmp_path
        for _ in range(5):
            folder /= "d" * 250
            folder.mkdir()

        error = refused(tmp_path)

        assert "1024 with its folders" in error.summary

    def test_folder_that_cannot_be_listed(self) -> None:
        """A folder which the site's user may not list could hold anything."""
        with TemporaryDirectory() as name, not_as_root(Path(name)) as root:
            (root / "closed").mkdir(mode=0o000)

            error = refused(root)

        assert "a folder that cannot be listed" in error.summary

    def test_folder_whose_files_cannot_be_looked_at(self) -> None:
        """A folder that tells names and nothing else is refused like one that tells nothing."""
        with TemporaryDirectory() as name, not_as_root(Path(name)) as root:
            write_tree(root, {"closed/a": b""})
            (root / "closed").chmod(0o400)

            error = refused(root)
            (root / "closed").chmod(0o700)

        assert "a folder that cannot be listed" in error.summary

    def test_another_disk_below_the_folder(self, tmp_path: Path) -> None:
        """What is mounted below the folder is not the cube's output."""
        (tmp_path / "disk").mkdir()
        mount = 'mount -t tmpfs none "$0/disk" || exit 77; exec "$@"'
        apart = ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, str(tmp_path)]

        ended = subprocess.run(
            [*apart, sys.executable, "-c", ON_ANOTHER_DISK, str(tmp_path)],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(output_gate.__file__).parent.parent)},
        )

        if ended.returncode == 77 or ended.stderr.startswith("unshare:"):
            pytest.skip(f"this machine lets nobody mount in a namespace: {ended.stderr.strip()}")
        assert "something on another disk" in ended.stdout

    def test_what_is_on_another_device(self, tmp_path: Path) -> None:
        """A file or folder of another device than the first folder's is refused, whatever it is."""
        root = os.open(tmp_path, os.O_RDONLY)
        gate = output_gate._Gate(LIMITS, root)

        with (
            os.scandir("/proc") as entries,
            pytest.raises(RunnerError, match="a cube left something on another disk"),
        ):
            gate._check("disk", next(entries))

        os.close(root)

    @pytest.mark.parametrize("instead", ["folder", "link", "file", "nothing"])
    def test_folder_that_is_swapped(self, tmp_path: Path, instead: str) -> None:
        """A folder must be the one that was seen when it is opened; nothing else is followed."""
        write_tree(tmp_path, {"out/inner/a": b"1", "elsewhere/secret": b"2"})
        root = os.open(tmp_path / "out", os.O_RDONLY)
        gate = output_gate._Gate(LIMITS, root)
        gate.check_folder(*gate.unseen.pop())
        inner = tmp_path / "out" / "inner"
        inner.rename(tmp_path / "kept")
        make: dict[str, Callable[[], object]] = {
            "folder": inner.mkdir,
            "link": lambda: inner.symlink_to("../elsewhere"),
            "file": inner.touch,
            "nothing": lambda: None,
        }
        make[instead]()

        with pytest.raises(RunnerError, match=SWAPPED):
            gate.check_folder(*gate.unseen.pop())

        os.close(root)
