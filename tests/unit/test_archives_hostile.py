"""Archives that a stranger packed to harm: nothing is followed, unpacked or read without bounds."""

import json
import os
import tarfile
from pathlib import Path

import pytest

from rounds.errors import IntegrityError
from rounds.images import blobs
from rounds.images.archives import read_image, verify
from rounds.images.blobs import MAX_DOCUMENT
from tests.images import (
    INDEX,
    Layout,
    digest_of,
    link,
    make_tiny,
    pack,
    saved_files,
    write_layout,
)

TINY = make_tiny("one", "two")
LACKS = "lacks a part of it"
UNREADABLE = "archive cannot be read"
NO_DOCUMENT = "found a document in an image's archive that is none"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the archive lies."""
    return tmp_path / "image.tar"


class TestTar:
    @pytest.mark.parametrize(
        "content",
        [b"", b"no tar", b"\x1f\x8b" + bytes(2000), bytes(10240)],
        ids=["empty", "text", "gzip", "zeros"],
    )
    def test_that_is_none_is_refused(self, content: bytes, path: Path) -> None:
        """Something else than a tar with an image is told in one line."""
        path.write_bytes(content)

        with pytest.raises(IntegrityError, match=rf"{UNREADABLE}|found neither a docker save"):
            read_image(path)

    def test_that_is_cut_is_refused(self, path: Path) -> None:
        """A tar that ends in the midst of a layer does not verify."""
        content = pack(saved_files(TINY))
        path.write_bytes(content[:1536])

        with pytest.raises(IntegrityError, match=r"archive|found neither|has sha256"):
            verify(path)

    @pytest.mark.parametrize("name", ["manifest.json", f"{TINY.digest}.json", "00/layer.tar"])
    def test_links_are_not_followed(self, name: str, path: Path) -> None:
        """A link in place of a document or a layer is as though it were not there."""
        files = saved_files(TINY)
        target = path.with_name("outside")
        target.write_bytes(files.pop(name))
        path.write_bytes(pack(files, link(name, str(target))))

        with pytest.raises(IntegrityError, match=rf"{LACKS}|found neither"):
            verify(path)

    def test_members_are_counted(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A tar with more members than an image needs is refused."""
        monkeypatch.setattr(blobs, "MAX_MEMBERS", 10)
        path.write_bytes(pack({}, *[tarfile.TarInfo(f"a/{number}") for number in range(11)]))

        with pytest.raises(IntegrityError, match=UNREADABLE):
            read_image(path)

    def test_one_name_twice_is_refused(self, path: Path) -> None:
        """Two files of one name would be read differently by different readers."""
        files = saved_files(TINY)
        more = tarfile.TarInfo("manifest.json")
        path.write_bytes(pack(files, more))

        with pytest.raises(IntegrityError, match=UNREADABLE):
            read_image(path)

    @pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
    def test_long_headers_are_not_read(self, kind: bytes, path: Path) -> None:
        """A header that claims more than a mebibyte is refused before it is read."""
        info = tarfile.TarInfo("name")
        info.type, info.size = kind, 8 * 1024**2
        with path.open("wb") as file:
            file.write(info.tobuf(tarfile.GNU_FORMAT))
            file.truncate(9 * 1024**2)

        with pytest.raises(IntegrityError, match=UNREADABLE) as caught:
            read_image(path)

        assert caught.value.detail == "a header longer than 1 MiB"

    def test_chained_headers_end(self, path: Path) -> None:
        """Thousands of headers before one file are refused, not a crash."""
        info = tarfile.TarInfo("name")
        info.type, info.size = b"L", 1
        path.write_bytes((info.tobuf(tarfile.GNU_FORMAT) + b"a" + bytes(511)) * 3000)

        with pytest.raises(IntegrityError, match=rf"{UNREADABLE}|found neither"):
            read_image(path)

    def test_large_documents_are_not_read(self, path: Path) -> None:
        """A manifest beyond 4 MiB is refused."""
        path.write_bytes(pack({"manifest.json": b"[" + b" " * MAX_DOCUMENT + b"]"}))

        with pytest.raises(IntegrityError, match=LACKS):
            read_image(path)


class TestDocuments:
    @pytest.mark.parametrize(
        "manifest",
        [
            b"",
            b"{}",
            b"[1]",
            b"[" * 100_000,
            b'[{"Config": 5}]',
            b'[{"Config": "x", "Layers": [' + b'"a",' * 600 + b'"a"]}]',
        ],
    )
    def test_that_are_none_are_refused(self, manifest: bytes, path: Path) -> None:
        """A manifest of another form, too deep or too long, is told in one line."""
        path.write_bytes(pack({"manifest.json": manifest}))

        with pytest.raises(IntegrityError, match=NO_DOCUMENT):
            read_image(path)

    @pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "blobs/../../outside"])
    def test_name_nothing_outside(self, name: str, tmp_path: Path) -> None:
        """A config that a manifest looks for outside the folder is not there."""
        (tmp_path / "outside").write_bytes(TINY.config)
        files = {"manifest.json": json.dumps([{"Config": name, "Layers": []}]).encode()}

        with pytest.raises(IntegrityError, match=LACKS):
            read_image(write_layout(tmp_path / "layout", files))

    def test_count_layers_as_the_config_does(self, path: Path) -> None:
        """A manifest with fewer layers than the config is refused."""
        files = saved_files(TINY)
        saved = json.loads(files["manifest.json"])
        del saved[0]["Layers"][1]
        path.write_bytes(pack({**files, "manifest.json": json.dumps(saved).encode()}))

        with pytest.raises(
            IntegrityError, match="found 1 layers in an image's archive, needed the 2"
        ):
            read_image(path)

    def test_that_nest_for_ever_end(self, path: Path) -> None:
        """Indexes in indexes in indexes hold no image that anybody looks for."""
        layout = Layout()
        listed = layout.image(TINY)
        for _ in range(5):
            listed = layout.blob(layout.index(listed), INDEX)
        path.write_bytes(pack(layout.finished(listed)))

        with pytest.raises(IntegrityError, match="found 0 images"):
            read_image(path)

    @pytest.mark.parametrize("digest", ["sha256:../../etc/passwd", "md5:00", f"sha512:{'0' * 64}"])
    def test_name_blobs_by_sha256_only(self, digest: str, path: Path) -> None:
        """A descriptor whose digest is no sha256 names nothing."""
        layout = Layout()
        path.write_bytes(pack(layout.finished({"mediaType": INDEX, "digest": digest, "size": 3})))

        with pytest.raises(IntegrityError, match=NO_DOCUMENT):
            read_image(path)


class TestFolder:
    def test_links_are_not_followed(self, tmp_path: Path) -> None:
        """Neither a linked blob nor a linked folder of blobs is read."""
        layout = Layout()
        folder = write_layout(tmp_path / "layout", layout.finished(layout.image(TINY)))
        (folder / "blobs").rename(tmp_path / "blobs")
        (folder / "blobs").symlink_to(tmp_path / "blobs")

        with pytest.raises(IntegrityError, match=LACKS):
            read_image(folder)

    def test_pipes_are_not_waited_for(self, tmp_path: Path) -> None:
        """A FIFO in place of a document is as though it were not there."""
        folder = write_layout(tmp_path / "layout", {"oci-layout": b"{}"})
        os.mkfifo(folder / "index.json")

        with pytest.raises(IntegrityError, match=LACKS):
            read_image(folder)

    def test_blobs_are_held_against_their_names(self, tmp_path: Path) -> None:
        """A blob with another content than its name is missed."""
        layout = Layout()
        files = layout.finished(layout.image(TINY))
        config = f"blobs/sha256/{digest_of(TINY.config).removeprefix('sha256:')}"
        folder = write_layout(tmp_path / "layout", {**files, config: b"{}"})

        with pytest.raises(IntegrityError, match=LACKS):
            read_image(folder)
