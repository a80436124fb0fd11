"""A site's shelf of images holds what its digests name, taken in by hand or fetched."""

from pathlib import Path

import pytest

from rounds.digests import sha256_bytes
from rounds.errors import IntegrityError, RunnerError, SpecError
from rounds.fetching.fetcher import Fetcher
from rounds.images.archives import verify
from rounds.images.store import ImageStore, Kind
from site_profiles.fetching import Fetching
from tests.images import Layout, make_tiny, pack, saved_files, write_layout, write_saved

TINY = make_tiny("one", "two")
SIF = b"#!/usr/bin/env run-singularity\n\0SIF_MAGIC\0" + bytes(100)
ANOTHER = "under the name of another"


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    """A site's shelf, empty."""
    return ImageStore(mirror=tmp_path / "mirror", cache=tmp_path / "cache")


def shelf(store: ImageStore) -> list[str]:
    """The names of all files in the mirror."""
    return sorted(path.name for path in store.mirror.iterdir())


class TestTakeIn:
    def test_takes_a_docker_archive(self, store: ImageStore, tmp_path: Path) -> None:
        """The archive lies in the mirror under the image's id, and is found there."""
        digest = store.take_in(write_saved(tmp_path / "saved.tar", TINY, tags=["a:b"]))

        assert digest == TINY.digest
        assert shelf(store) == [f"{TINY.digest}.tar"]
        found = store.archive(f"sha256:{digest}")
        assert found is not None
        assert verify(found).digest == digest

    @pytest.mark.parametrize("as_folder", [True, False])
    def test_takes_an_oci_layout(self, as_folder: bool, store: ImageStore, tmp_path: Path) -> None:  # noqa: FBT001
        """A layout is kept as an archive too, be it a folder or a tar."""
        layout, file = Layout(), tmp_path / "oci"
        files = layout.finished(layout.image(TINY))
        if as_folder:
            write_layout(file, files)
        else:
            file.write_bytes(pack(files))

        digest = store.take_in(file)

        assert digest == TINY.digest
        assert store.archive(digest) == store.mirror / f"{digest}.tar"

    def test_takes_a_sif(self, store: ImageStore, tmp_path: Path) -> None:
        """A SIF is known by its magic number, and kept under its own sha256."""
        (tmp_path / "cube").write_bytes(SIF)

        digest = store.take_in(tmp_path / "cube")

        assert digest == sha256_bytes(SIF)
        assert store.sif(digest) == store.mirror / f"{digest}.sif"
        assert store.archive(digest) is None

    def test_takes_the_named_one_of_several(self, store: ImageStore, tmp_path: Path) -> None:
        """Of an archive with several images the named one is kept, alone."""
        other = make_tiny("other")
        file = write_saved(tmp_path / "two.tar", TINY, other, tags=["a:1", "b:1"])

        digest = store.take_in(file, name="b:1")

        assert verify(store.mirror / f"{digest}.tar").digest == other.digest

    def test_overwrites_nothing(self, store: ImageStore, tmp_path: Path) -> None:
        """What lies under the digest stays as it is: right, or named as wrong."""
        file = write_saved(tmp_path / "saved.tar", TINY)
        kept = store.mirror / f"{store.take_in(file)}.tar"
        first = kept.stat()

        store.take_in(file)

        assert kept.stat() == first
        kept.write_bytes(b"")
        with pytest.raises(IntegrityError, match="archive cannot be read"):
            store.take_in(file)
        assert kept.read_bytes() == b""

    def test_keeps_nothing_wrong(self, store: ImageStore, tmp_path: Path) -> None:
        """An archive with a damaged layer leaves nothing behind."""
        files = saved_files(TINY)
        files["01/layer.tar"] = b"evil"
        (tmp_path / "saved.tar").write_bytes(pack(files))

        with pytest.raises(IntegrityError, match="a part of an image's archive has sha256"):
            store.take_in(tmp_path / "saved.tar")

        assert shelf(store) == []

    def test_says_what_is_missing(self, store: ImageStore, tmp_path: Path) -> None:
        """No file, or no mirror to write to, is told in a word that names no path."""
        file = write_saved(tmp_path / "saved.tar", TINY)
        store.mirror.write_text("no folder")

        with pytest.raises(RunnerError, match="did not take an image"):
            store.take_in(file)
        with pytest.raises(SpecError, match="found no image to take in") as caught:
            store.take_in(tmp_path / "none.tar")
        assert str(tmp_path) not in caught.value.summary


class TestFind:
    def test_nothing_on_an_empty_shelf(self, store: ImageStore) -> None:
        """What is not there is not there; that is no error."""
        found = (store.archive(TINY.digest), store.sif(TINY.digest))

        assert found == (None, None)

    def test_another_image_under_the_name(self, store: ImageStore) -> None:
        """An archive of another image under this digest is refused before it is used."""
        store.mirror.mkdir()
        write_saved(store.mirror / f"{TINY.digest}.tar", make_tiny("other"))

        with pytest.raises(IntegrityError, match=ANOTHER):
            store.archive(TINY.digest)

    def test_another_sif_under_the_name(self, store: ImageStore, tmp_path: Path) -> None:
        """A SIF that changed after it was taken in is refused at its next use."""
        (tmp_path / "cube.sif").write_bytes(SIF)
        digest = store.take_in(tmp_path / "cube.sif")
        (store.mirror / f"{digest}.sif").write_bytes(SIF + b"x")

        with pytest.raises(IntegrityError, match=ANOTHER):
            store.sif(digest)

    @pytest.mark.parametrize("digest", ["../../etc/passwd", "latest", "A" * 64, f"{'a' * 64}\n"])
    def test_only_by_a_digest(self, digest: str, store: ImageStore) -> None:
        """A name that is no digest leads nowhere."""
        with pytest.raises(SpecError, match="something else than a digest"):
            store.archive(digest)


class TestFetch:
    def test_asks_nothing_for_what_is_there(self, store: ImageStore, tmp_path: Path) -> None:
        """An image on the shelf is fetched from nowhere, whatever its address."""
        digest = store.take_in(write_saved(tmp_path / "saved.tar", TINY))

        found = store.fetch("https://files.example/", digest, Fetcher(rules=Fetching()))

        assert found == store.mirror / f"{digest}.tar"

    @pytest.mark.parametrize("kind", list(Kind))
    def test_keeps_to_the_rules(self, kind: Kind, store: ImageStore) -> None:
        """A site that lists no host fetches no image."""
        with pytest.raises(SpecError, match="not on the site's list"):
            store.fetch("https://files.example/", TINY.digest, Fetcher(rules=Fetching()), kind=kind)
