"""Images in archives are read without an engine, within bounds, and known by their digests."""

import gzip
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from rounds.digests import sha256_bytes
from rounds.errors import IntegrityError
from rounds.images.archives import find_image, read_image, verify
from rounds.images.blobs import open_blobs
from rounds.images.streams import docker_archive
from tests.images import (
    INDEX,
    Layout,
    Tiny,
    link,
    make_tiny,
    pack,
    platform,
    saved_files,
    write_layout,
    write_saved,
)

TINY = make_tiny("one", "two")
LACKS = "lacks a part of it"
UNREADABLE = "archive cannot be read"


def oci_files(image: Tiny = TINY, *, packed: bool = True) -> dict[str, bytes]:
    """The files of an OCI layout of one image."""
    layout = Layout()
    return layout.finished(layout.image(image, packed=packed))


def put(path: Path, files: Mapping[str, bytes], *more: tarfile.TarInfo) -> Path:
    """A tar of these files at `path`."""
    path.write_bytes(pack(files, *more))
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the archive lies."""
    return tmp_path / "image.tar"


class TestReadImage:
    def test_reads_a_docker_save(self, path: Path) -> None:
        """The digest is Docker's own id, the sha256 of the config."""
        image = read_image(write_saved(path, TINY))

        assert image.digest == TINY.digest
        assert [layer.diff_id for layer in image.layers] == [
            sha256_bytes(layer) for layer in TINY.layers
        ]

    @pytest.mark.parametrize("packed", [True, False])
    def test_reads_an_oci_layout(self, packed: bool, path: Path, tmp_path: Path) -> None:  # noqa: FBT001
        """The same image has the same digest in an OCI layout, as a folder and as a tar."""
        files = oci_files(packed=packed)

        digests = {
            verify(write_layout(tmp_path / "layout", files)).digest,
            verify(put(path, files)).digest,
            verify(put(path, {f"./{name}": content for name, content in files.items()})).digest,
        }

        assert digests == {TINY.digest}

    def test_reads_what_docker_writes_today(self, path: Path) -> None:
        """Docker 25 and later save an OCI layout with a manifest.json beside it."""
        files = oci_files(packed=False)
        layers = [f"blobs/sha256/{sha256_bytes(layer)}" for layer in TINY.layers]
        saved = [{"Config": f"blobs/sha256/{TINY.digest}", "RepoTags": ["a:b"], "Layers": layers}]

        image = verify(put(path, {**files, "manifest.json": json.dumps(saved).encode()}))

        assert image.digest == TINY.digest

    def test_finds_a_layer_that_occurs_twice(self, path: Path) -> None:
        """Docker saves the second as a link; the bytes are taken from the first, the link is not followed."""
        twice = make_tiny("same", "same")
        files = saved_files(twice)
        del files["01/layer.tar"]

        image = verify(put(path, files, link("01/layer.tar", "../../../etc/passwd")))

        assert [layer.member for layer in image.layers] == ["00/layer.tar"] * 2

    def test_takes_the_one_that_is_named(self, path: Path) -> None:
        """Of several images the caller names one; unnamed they are refused."""
        other = make_tiny("other")
        write_saved(path, TINY, other, tags=["a:1", "b:1"])

        image = read_image(path, name="b:1")

        assert image.digest == other.digest
        for name, found in ((None, 2), ("c:1", 0)):
            with pytest.raises(IntegrityError, match=f"found {found} images"):
                read_image(path, name=name)

    def test_takes_the_one_that_is_named_in_a_layout(self, path: Path) -> None:
        """A layout's images are named by annotations."""
        layout, other = Layout(), make_tiny("other")
        key = "org.opencontainers.image.ref.name"
        listed = [
            layout.image(image, annotations={key: name})
            for image, name in ((TINY, "a"), (other, "b"))
        ]
        put(path, layout.finished(*listed))

        image = read_image(path, name="b")

        assert image.digest == other.digest
        with pytest.raises(IntegrityError, match="found 2 images"):
            read_image(path)

    def test_takes_the_one_for_this_platform(self, path: Path) -> None:
        """Of an image for several platforms it takes linux/amd64, and no attestation beside it."""
        layout = Layout()
        attested: dict[str, str] = {"vnd.docker.reference.type": "attestation-manifest"}
        inner = layout.index(
            layout.image(make_tiny("arm", architecture="arm64"), platform=platform("arm64")),
            layout.image(TINY, platform=platform("amd64")),
            layout.image(make_tiny("note"), annotations={**attested}),
        )
        put(path, layout.finished(layout.blob(inner, INDEX)))

        image = read_image(path)

        assert image.digest == TINY.digest

    @pytest.mark.parametrize(
        ("architectures", "found"), [(["arm64"], 0), (["amd64", "amd64"], 2), ([], 0)]
    )
    def test_refuses_none_or_two(self, architectures: list[str], found: int, path: Path) -> None:
        """No image for this platform, or two of them, is no image."""
        layout = Layout()
        listed = [
            layout.image(make_tiny(str(number), architecture=name), platform=platform(name))
            for number, name in enumerate(architectures)
        ]

        with pytest.raises(IntegrityError, match=f"found {found} images for linux/amd64"):
            read_image(put(path, layout.finished(*listed)))

    @pytest.mark.parametrize("stated", [platform("amd64"), None])
    def test_believes_the_config_about_the_platform(self, stated: object, path: Path) -> None:
        """An image for another platform is refused whatever its index says, or if that says nothing."""
        layout, arm = Layout(), make_tiny("arm", architecture="arm64")
        listed = layout.image(arm, platform=platform("amd64")) if stated else layout.image(arm)

        with pytest.raises(IntegrityError, match="found 0 images for linux/amd64"):
            read_image(put(path, layout.finished(listed)))


class TestVerify:
    @pytest.mark.parametrize("number", [0, 1])
    def test_refuses_another_layer(self, number: int, path: Path) -> None:
        """A layer whose bytes the config does not name is found when they are read."""
        files = saved_files(TINY)
        files[f"0{number}/layer.tar"] = make_tiny("evil").layers[0]

        with pytest.raises(IntegrityError, match="a part of an image's archive has sha256"):
            verify(put(path, files))

    @pytest.mark.parametrize("packed", [True, False])
    def test_refuses_another_blob(self, packed: bool, path: Path) -> None:  # noqa: FBT001
        """Each blob of a layout, whichever one is changed, is missed under its own digest."""
        files = oci_files(packed=packed)
        for name in [name for name in files if name.startswith("blobs/")]:
            evil = bytearray(files[name])
            evil[-1] ^= 1

            with pytest.raises(IntegrityError, match=r"lacks a part|has sha256|cannot be unpacked"):
                verify(put(path, {**files, name: bytes(evil)}))

    def test_refuses_a_config_under_another_name(self, path: Path) -> None:
        """A docker save names the config by its digest, which is checked."""
        files = saved_files(TINY)
        files[f"{TINY.digest}.json"] = make_tiny("evil", "x").config

        with pytest.raises(IntegrityError, match=f"needed {TINY.digest}"):
            read_image(put(path, files))

    def test_reads_layers_of_several_gzip_members(self, path: Path) -> None:
        """Seekable layers are several gzip streams in a row, which are one."""
        layout, plain = Layout(), TINY.layers[0]
        image = make_tiny("one")
        descriptor = layout.image(image)
        old = gzip.compress(plain)
        new = gzip.compress(plain[:700]) + gzip.compress(plain[700:])
        files = layout.finished(descriptor)
        name = f"blobs/sha256/{sha256_bytes(old)}"

        with pytest.raises(IntegrityError, match="has sha256"):
            verify(put(path, {**files, name: new}))

        saved = saved_files(image)
        assert verify(put(path, {**saved, "00/layer.tar": new})).digest == image.digest

    def test_refuses_other_packings(self, path: Path) -> None:
        """A layer packed with zstd is told apart from a damaged one."""
        files = saved_files(TINY)
        files["00/layer.tar"] = b"\x28\xb5\x2f\xfd" + bytes(100)

        with pytest.raises(IntegrityError, match="packed with zstd"):
            verify(put(path, files))


class TestStream:
    @pytest.mark.parametrize("packed", [True, False])
    def test_holds_the_image_and_nothing_else(self, packed: bool, path: Path) -> None:  # noqa: FBT001
        """What Docker is given has one image, no tag, and plain layers under their digests."""
        with open_blobs(put(path, {**oci_files(packed=packed), "evil": b"x"})) as blobs:
            content = b"".join(docker_archive(blobs, find_image(blobs)))

        path.write_bytes(content)
        assert verify(path).digest == TINY.digest
        with tarfile.open(path) as archive:
            names = archive.getnames()
        layers = [f"{sha256_bytes(layer)}.tar" for layer in TINY.layers]
        assert names == ["manifest.json", f"{TINY.digest}.json", *layers]
        with open_blobs(path) as blobs, blobs.open("manifest.json") as file:
            assert json.load(file)[0]["RepoTags"] is None

    def test_ends_in_an_error_at_another_layer(self, path: Path) -> None:
        """A stream with a layer that the config does not name never becomes a whole tar."""
        files = saved_files(TINY)
        files["01/layer.tar"] = make_tiny("evil").layers[0]
        with open_blobs(put(path, files)) as blobs:
            stream = docker_archive(blobs, find_image(blobs))

            with pytest.raises(IntegrityError, match="a part of an image's archive has sha256"):
                list(stream)
