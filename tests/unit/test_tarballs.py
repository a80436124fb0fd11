"""A stranger's tarball gives plain files and folders, or is refused before it harms the site."""

import gzip
import io
import tarfile
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import pytest

from rounds.errors import IntegrityError
from rounds.tarballs import BLOCK, CHUNK, MAX_HEADER_BYTES, unpack
from tests.unit.test_additional_files import UNSOUND, make_member

END = bytes(2 * BLOCK)
TIB = 1 << 40


def raw(name: str, size: int, kind: bytes = tarfile.REGTYPE) -> bytes:
    """A member's header as it says of itself, true or not."""
    member = make_member(name, kind)
    member.size = size
    return member.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def padded(content: bytes) -> bytes:
    """Bytes filled up to whole blocks."""
    return content + bytes(-len(content) % BLOCK)


def extended(content: bytes, kind: bytes = tarfile.XHDTYPE) -> bytes:
    """An extended header of any content."""
    return raw("extended", len(content), kind) + padded(content)


def pax(**fields: str | bytes) -> bytes:
    """A pax header with these records."""
    records = b""
    for key, value in fields.items():
        text = value if isinstance(value, bytes) else value.encode()
        rest = b" " + key.replace("_", ".").encode() + b"=" + text + b"\n"
        length = len(rest) + 1
        while len(str(length)) + len(rest) != length:
            length += 1
        records += str(length).encode() + rest
    return extended(records)


def file(name: str, content: bytes = b"w") -> bytes:
    """A whole member."""
    return raw(name, len(content)) + padded(content)


def unpack_bytes(root: Path, archive: bytes, *, max_files: int = 100, max_bytes: int = TIB) -> Path:
    """The folder below `root` with what came out of a gzipped archive."""
    tarball, target = root / "it.tar.gz", root / "target"
    tarball.write_bytes(gzip.compress(archive, 1))
    target.mkdir()
    unpack(tarball, target, max_files=max_files, max_bytes=max_bytes)
    return target


def files_below(folder: Path) -> Mapping[str, bytes]:
    """Each file's content by its name."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


class TestUnpack:
    @pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
    def test_reads_every_form_of_tar(self, tmp_path: Path, form: int) -> None:
        """What tar's three forms say of long names, letters and sizes comes out the same."""
        contents = {
            "empty": b"",
            "weights.bin": b"w" * (BLOCK + 1),
            f"{'deep/' * 20}{'n' * 90}": b"long",
            "Gewichte/größe.json": b"{}",
        }
        written = io.BytesIO()
        with tarfile.open(fileobj=written, mode="w", format=form) as archive:
            for name, content in contents.items():
                member = make_member(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))

        target = unpack_bytes(tmp_path, written.getvalue())

        assert files_below(target) == contents

    def test_takes_a_long_name_of_either_kind(self, tmp_path: Path) -> None:
        """GNU's long name and the path and size of pax stand for what the header had no room for."""
        name = "n" * 200
        gnu = extended(name.encode() + b"\0", tarfile.GNUTYPE_LONGNAME)

        archive = gnu + file("n") + pax(path="new", size="3", mtime="1") + raw("old", 0)
        target = unpack_bytes(tmp_path, archive + padded(b"123") + file("last") + END)

        assert files_below(target) == {name: b"w", "new": b"123", "last": b"w"}

    def test_passes_over_a_comment_for_all(self, tmp_path: Path) -> None:
        """`git archive` begins with a comment that means nothing to the members."""
        comment = extended(b"19 comment=0123456\n", tarfile.XGLTYPE)

        target = unpack_bytes(tmp_path, comment + file("a") + END)

        assert files_below(target) == {"a": b"w"}

    def test_writes_with_our_own_mode(self, tmp_path: Path) -> None:
        """Setuid, setgid and execute bits of the archive are not the site's."""
        member = make_member("a")
        member.mode = 0o6777

        target = unpack_bytes(tmp_path, member.tobuf() + padded(b"w") + END)

        assert (target / "a").stat().st_mode & 0o7111 == 0

    def test_needs_little_memory(self, tmp_path: Path) -> None:
        """A large file is written in pieces, whatever its size."""
        archive = file("a", bytes(16 * CHUNK)) + END
        tracemalloc.start()
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()

        unpack_bytes(tmp_path, archive)

        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak - before < 5 * CHUNK


class TestRefused:
    @pytest.mark.parametrize(
        ("archive", "message"),
        [
            (raw("a", 1, tarfile.GNUTYPE_SPARSE) + padded(b"w"), "hold a sparse file"),
            (pax(GNU_sparse_major="1", GNU_sparse_realsize=str(TIB)) + file("a"), "a sparse file"),
            (raw("a", 2 * TIB), "exceed 100 files"),
            (pax(size=str(2 * TIB)) + raw("a", 0), "exceed 100 files"),
            (pax(size="9" * 30) + raw("a", 0), UNSOUND),
            (pax(size="-1") + raw("a", 0), UNSOUND),
            (raw("a", -512), UNSOUND),
            (raw("a", 512, tarfile.DIRTYPE), UNSOUND),
            (raw("a", 1 << 32, tarfile.XHDTYPE), f"a header of more than {MAX_HEADER_BYTES} bytes"),
            (raw("a", 1 << 32, tarfile.GNUTYPE_LONGNAME), "a header of more than"),
            (raw("a", -1, tarfile.XHDTYPE), "a header of more than"),
            (pax(mtime="1") * 5 + file("a"), "or 4 in a row"),
            (pax(path="../outside") + file("a"), "a path that leaves the folder"),
            (pax(path="/etc/passwd") + file("a"), "a path that leaves the folder"),
            (pax(path="a\0b") + file("a"), "a control character in a name"),
            (pax(path=b"M\xfcller") + file("a"), "a name that is not UTF-8"),
            (file("a\nb"), "a control character in a name"),
            (file("\x1b[2J"), "a control character in a name"),
            (file("M\udcfcller"), "a name that is not UTF-8"),
            (pax(path="n" * 256) + file("a"), "a name of more than 255 bytes"),
            (pax(path=("n" * 200 + "/") * 6) + file("a"), "or 1024 with its folders"),
            (pax(path="d/" * 10_000) + file("a"), "more than 32 folders in one another"),
            (extended(b"8 path=a\n"), UNSOUND),
            (extended(b"0 path=a\n"), UNSOUND),
            (extended(b"x path=a\n"), UNSOUND),
            (extended(b"99999999999999999999 path=a\n"), UNSOUND),
            (extended(b"7 path\n"), UNSOUND),
            (extended(b"9 path=a\n", tarfile.XGLTYPE), UNSOUND),
            (raw("a", 5, tarfile.GNUTYPE_LONGLINK) + padded(b"/etc/"), "hold a link"),
            (raw("a", 0, b"X"), "hold a link, a device"),
        ],
    )
    def test_members(self, tmp_path: Path, archive: bytes, message: str) -> None:
        """Sparse files, absurd sizes, headers and names stop the tarball; its first file is written."""
        with pytest.raises(IntegrityError, match=message):
            unpack_bytes(tmp_path, file("first") + archive + END)

        assert set(files_below(tmp_path)) == {"it.tar.gz", "target/first"}

    @pytest.mark.parametrize(
        ("after", "message"),
        [
            (b"", UNSOUND),
            (file("a")[:-1], UNSOUND),
            (file("a")[:-BLOCK], UNSOUND),
            (b"\1" + file("a")[1:] + END, UNSOUND),
            (END + b"garbage", "hold something after their end"),
            (END + file("hidden") + END, "hold something after their end"),
        ],
    )
    def test_ends(self, tmp_path: Path, after: bytes, message: str) -> None:
        """An archive without its end, with a broken header or with more after its end is not whole."""
        with pytest.raises(IntegrityError, match=message):
            unpack_bytes(tmp_path, file("first") + after)

    def test_bytes_after_the_gzip(self, tmp_path: Path) -> None:
        """What follows the compressed archive is nobody's."""
        tarball = tmp_path / "it.tar.gz"
        tarball.write_bytes(gzip.compress(file("a") + END) + b"garbage")

        with pytest.raises(IntegrityError, match=UNSOUND):
            unpack(tarball, tmp_path, max_files=9, max_bytes=TIB)
