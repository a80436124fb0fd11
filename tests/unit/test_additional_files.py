"""A cube's additional files are what their sha256 names, and stay below their folder."""

import gzip
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from cube_specs.models import CubeKind
from rounds import additional_files
from rounds.additional_files import MAX_BYTES, MAX_FILES, find_additional_files
from rounds.digests import sha256_bytes
from rounds.errors import IntegrityError
from rounds.workspace import Workspace
from tests.unit.little_site import little_supplies, make_cube

LEAVES = "hold a link, a device or a path that leaves the folder"
TWICE = "name one file twice"
UNSOUND = "could not be unpacked"


def make_member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """A member of a tarball, with one byte of content if it is a file."""
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    member.size = 1 if kind == tarfile.REGTYPE else 0
    return member


def put_tarball(mirror: Path, *members: tarfile.TarInfo) -> str:
    """The sha256 of a tarball in the mirror that holds these members."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for member in members:
            archive.addfile(member, io.BytesIO(b"w"))
    return put(mirror, file.getvalue())


def put(mirror: Path, content: bytes) -> str:
    """The sha256 of what now lies in the mirror as a tarball."""
    digest = sha256_bytes(content)
    mirror.mkdir(exist_ok=True)
    (mirror / f"{digest}.tar.gz").write_bytes(content)
    return digest


@pytest.fixture
def find(workspace: Workspace, tmp_path: Path) -> Callable[[str], Path]:
    """The function under test, for a site whose mirror is `tmp_path`/mirror."""
    supplies = little_supplies(tmp_path)
    return lambda sha256: find_additional_files(
        make_cube(CubeKind.MODEL, additional_files_sha256=sha256),
        supplies=supplies,
        workspace=workspace,
    )


Find = Callable[[str], Path]


class TestFind:
    def test_unpacks_files_and_folders(self, find: Find, tmp_path: Path) -> None:
        """Plain members come out where they say, folders of their own or not."""
        digest = put_tarball(
            tmp_path / "mirror",
            make_member("empty", tarfile.DIRTYPE),
            make_member("weights.json"),
            make_member("./deep/er/weights.json"),
        )

        folder = find(digest)

        assert (folder / "empty").is_dir()
        assert (folder / "weights.json").read_bytes() == b"w"
        assert (folder / "deep" / "er" / "weights.json").read_bytes() == b"w"

    def test_unpacks_once(self, find: Find, tmp_path: Path) -> None:
        """What is unpacked is found again, even if the mirror has lost it."""
        digest = put_tarball(tmp_path / "mirror", make_member("weights.json"))
        first = find(digest)
        (tmp_path / "mirror" / f"{digest}.tar.gz").unlink()

        second = find(digest)

        assert second == first

    def test_refuses_unpacked_files_that_were_changed(self, find: Find, tmp_path: Path) -> None:
        """Weights that were altered on the site's disk are never mounted."""
        digest = put_tarball(tmp_path / "mirror", make_member("weights.json"))
        (find(digest) / "weights.json").write_text("other weights")

        with pytest.raises(IntegrityError, match="differ from their manifest"):
            find(digest)

    def test_says_what_the_mirror_lacks(self, find: Find, tmp_path: Path) -> None:
        """A missing tarball says what to put where; the path stays in the detail."""
        with pytest.raises(IntegrityError, match="the site's mirror lacks") as caught:
            find("a" * 64)

        assert str(tmp_path) not in caught.value.summary

    def test_refuses_another_tarball(
        self, find: Find, tmp_path: Path, workspace: Workspace
    ) -> None:
        """Bytes under the wrong name are not unpacked."""
        digest = put_tarball(tmp_path / "mirror", make_member("weights.json"))
        (tmp_path / "mirror" / f"{digest}.tar.gz").rename(
            tmp_path / "mirror" / f"{'a' * 64}.tar.gz"
        )

        with pytest.raises(IntegrityError, match=f"have sha256 {digest}, needed {'a' * 64}"):
            find("a" * 64)

        assert not (workspace.root / "published").exists()


class TestLeftBehind:
    def test_is_nothing_of_a_refused_tarball(
        self, find: Find, tmp_path: Path, workspace: Workspace
    ) -> None:
        """What was unpacked before the fault was seen takes no room afterwards."""
        digest = put_tarball(
            tmp_path / "mirror", make_member("weights.json"), make_member("../outside")
        )

        with pytest.raises(IntegrityError, match=LEAVES):
            find(digest)

        assert [path for path in workspace.root.rglob("*") if path.name == "weights.json"] == []


class TestRefused:
    @pytest.mark.parametrize(
        ("member", "message"),
        [
            (make_member("../outside"), LEAVES),
            (make_member("deep/../../outside"), LEAVES),
            (make_member("deep/.."), LEAVES),
            (make_member("/tmp/outside"), LEAVES),  # noqa: S108
            (make_member("link", tarfile.SYMTYPE, "/etc/passwd"), LEAVES),
            (make_member("link", tarfile.SYMTYPE, "first"), LEAVES),
            (make_member("link", tarfile.LNKTYPE, "first"), LEAVES),
            (make_member("pipe", tarfile.FIFOTYPE), LEAVES),
            (make_member("disk", tarfile.BLKTYPE), LEAVES),
            (make_member("tty", tarfile.CHRTYPE), LEAVES),
            (make_member("first"), TWICE),
            (make_member("./first"), TWICE),
            (make_member("."), TWICE),
            (make_member("first/inner"), UNSOUND),
            (make_member("first", tarfile.DIRTYPE), UNSOUND),
        ],
        ids=lambda value: value.name if isinstance(value, tarfile.TarInfo) else "",
    )
    def test_members_that_are_not_plain(
        self, find: Find, workspace: Workspace, member: tarfile.TarInfo, message: str
    ) -> None:
        """A member that leaves the folder, is no file, or comes twice stops the whole tarball."""
        digest = put_tarball(workspace.root / "mirror", make_member("first"), member)

        with pytest.raises(IntegrityError, match=message) as caught:
            find(digest)

        assert str(workspace.root) not in caught.value.summary
        assert not (workspace.root / "published").exists()
        assert not (workspace.root.parent / "outside").exists()

    @pytest.mark.parametrize("cut", ["no gzip", "no tar", "half", "garbled"])
    def test_tarballs_that_are_none(self, find: Find, tmp_path: Path, cut: str) -> None:
        """Bytes that match their sha256 but cannot be unpacked are the author's fault, and say so."""
        whole = gzip.compress(make_member("weights.json").tobuf() + b"w" * 40_000)
        contents = {
            "no gzip": b"weights",
            "no tar": gzip.compress(b"weights"),
            "half": whole[: len(whole) // 2],
            "garbled": whole[:12] + b"\xff" * 20 + whole[32:],
        }
        digest = put(tmp_path / "mirror", contents[cut])

        with pytest.raises(IntegrityError, match=UNSOUND):
            find(digest)

    def test_more_bytes_than_a_site_takes(self, find: Find, tmp_path: Path) -> None:
        """The sizes that the members declare are added up before a byte is written."""
        member = make_member("weights.bin")
        member.size = MAX_BYTES + 1
        digest = put(tmp_path / "mirror", gzip.compress(member.tobuf()))

        with pytest.raises(IntegrityError, match=f"exceed {MAX_FILES} files or {MAX_BYTES} bytes"):
            find(digest)

    def test_more_files_than_a_site_takes(
        self, find: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Folders count too, so that their number is bounded as well."""
        monkeypatch.setattr(additional_files, "MAX_FILES", 3)
        members = [make_member(str(number), tarfile.DIRTYPE) for number in range(4)]
        digest = put_tarball(tmp_path / "mirror", *members)

        with pytest.raises(IntegrityError, match=f"exceed 3 files or {MAX_BYTES} bytes"):
            find(digest)
