"""Images come to Docker from the site's own shelf, and are what they are called."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.client import DockerClient

from rounds.errors import Code, IntegrityError, RunnerError
from rounds.images.archives import find_image, verify
from rounds.images.blobs import open_blobs
from rounds.images.docker_images import ensure_image, load_image
from rounds.images.store import ImageStore
from rounds.images.streams import docker_archive
from tests.engines import need_docker
from tests.images import Layout, Tiny, clean_daemon, holds, make_new, pack, saved_files, write_saved


class NoStore(ImageStore):
    """A shelf that nobody may ask."""

    def archive(self, digest: str) -> Path | None:
        """Fail the test."""
        pytest.fail(f"asked for {digest}")


@pytest.fixture
def client() -> Iterator[DockerClient]:
    """The daemon."""
    need_docker()
    with clean_daemon() as daemon:
        yield daemon


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    """A site's shelf, empty."""
    return ImageStore(mirror=tmp_path / "mirror", cache=tmp_path / "cache")


@pytest.mark.docker
class TestEnsureImage:
    def test_loads_from_the_shelf(
        self, client: DockerClient, store: ImageStore, tmp_path: Path
    ) -> None:
        """An image that was taken in is loaded under its id, and its tag is not believed."""
        image, tag = make_new("same", "same"), "rounds-test/tagged:1"
        store.take_in(write_saved(tmp_path / "saved.tar", image, tags=[tag]))

        ensure_image(client, image.digest, store)

        assert holds(client, image)
        assert client.images.get(f"sha256:{image.digest}").tags == []

    def test_loads_what_docker_cannot(self, client: DockerClient, store: ImageStore) -> None:
        """An OCI archive that was laid into the mirror by hand is converted on the way."""
        image, layout = make_new("two"), Layout()
        store.mirror.mkdir()
        archive = store.mirror / f"{image.digest}.tar"
        archive.write_bytes(pack(layout.finished(layout.image(image))))

        ensure_image(client, f"sha256:{image.digest}", store)

        assert holds(client, image)

    def test_asks_nobody_for_what_is_there(
        self, client: DockerClient, store: ImageStore, tmp_path: Path
    ) -> None:
        """What the daemon has is not looked for."""
        image = make_new()
        store.take_in(write_saved(tmp_path / "saved.tar", image))
        ensure_image(client, image.digest, store)

        ensure_image(client, image.digest, NoStore(mirror=store.mirror, cache=store.cache))

        assert holds(client, image)

    def test_says_what_to_do(self, client: DockerClient, store: ImageStore) -> None:
        """An image that is nowhere is named, with what its site can do."""
        image = make_new()

        with pytest.raises(RunnerError, match="take its archive in") as caught:
            ensure_image(client, image.digest, store)

        assert caught.value.code is Code.ENGINE_REFUSED

    @pytest.mark.parametrize("at", [0, 1])
    def test_loads_no_other_layer(self, at: int, client: DockerClient, store: ImageStore) -> None:
        """A layer that was changed in the mirror ends the loading, and the daemon has nothing."""
        image = make_new("two")
        files = {**saved_files(image), f"0{at}/layer.tar": make_new().layers[0]}
        store.mirror.mkdir()
        (store.mirror / f"{image.digest}.tar").write_bytes(pack(files))
        before = {found.id for found in client.images.list(all=True)}

        with pytest.raises(IntegrityError, match="a part of an image's archive has sha256"):
            ensure_image(client, image.digest, store)

        assert {found.id for found in client.images.list(all=True)} <= before

    def test_removes_another_image(self, client: DockerClient, tmp_path: Path) -> None:
        """What the daemon makes of a stream is held against the id, and removed if it is another."""
        image, needed = make_new(), make_new()

        with pytest.raises(IntegrityError, match=f"needed sha256:{needed.digest}"):
            load_image(client, read_stream(image, tmp_path), needed.digest)

        assert not holds(client, image)

    def test_removes_nothing_that_was_there(self, client: DockerClient, tmp_path: Path) -> None:
        """An image that the site had before stays, though it came again in place of another."""
        image, needed = make_new(), make_new()
        load_image(client, read_stream(image, tmp_path), image.digest)

        with pytest.raises(IntegrityError, match=f"needed sha256:{needed.digest}"):
            load_image(client, read_stream(image, tmp_path), needed.digest)

        assert holds(client, image)

    def test_reads_what_this_docker_saves(self, client: DockerClient, tmp_path: Path) -> None:
        """A `docker save` of a real image verifies, and has Docker's own id."""
        image, saved = make_new("same", "same"), tmp_path / "saved.tar"
        load_image(client, read_stream(image, tmp_path), image.digest)
        with saved.open("wb") as file:
            file.writelines(client.images.get(f"sha256:{image.digest}").save())

        read = verify(saved)

        assert read.digest == image.digest


def read_stream(image: Tiny, folder: Path) -> Iterator[bytes]:
    """The stream of an image, as Docker is given it."""
    path = write_saved(folder / "stream.tar", image)
    with open_blobs(path) as blobs:
        yield from docker_archive(blobs, find_image(blobs))
