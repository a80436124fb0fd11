"""Images that a site fetches by its rules."""

from pathlib import Path

import pytest

from rounds.digests import sha256_bytes
from rounds.errors import IntegrityError
from rounds.images.store import ImageStore, Kind
from tests.contract.fetching_hosts import NAME as HOST
from tests.contract.fetching_hosts import host, make_fetcher, offer
from tests.images import make_new, pack, saved_files, write_saved


@pytest.fixture
def store(tmp_path: Path) -> ImageStore:
    """A site's shelf, empty."""
    return ImageStore(mirror=tmp_path / "mirror", cache=tmp_path / "cache")


class TestFetchedImages:
    @pytest.mark.parametrize("kind", list(Kind))
    def test_lie_in_the_cache(self, kind: Kind, store: ImageStore, tmp_path: Path) -> None:
        """An image that is fetched is verified whole, and found on the shelf from then on."""
        image = make_new()
        content = write_saved(tmp_path / "saved.tar", image).read_bytes()
        digest = image.digest if kind is Kind.ARCHIVE else sha256_bytes(content)
        with host(offer(content)) as server:
            url, fetcher = f"http://{HOST}:{server.server_port}/", make_fetcher(server.server_port)

            paths = {store.fetch(url, digest, fetcher, kind=kind) for _ in range(2)}

        assert paths == {store.cache / f"{digest}.{kind}"}
        assert len(server.seen) == 1

    def test_are_the_wanted_ones(self, store: ImageStore, tmp_path: Path) -> None:
        """Another image, or one with a damaged layer, is not kept."""
        image = make_new()
        damaged = pack({**saved_files(image), "00/layer.tar": b"evil"})
        other = write_saved(tmp_path / "saved.tar", make_new()).read_bytes()

        for content, match in ((damaged, "has sha256"), (other, "under the name of another")):
            with host(offer(content)) as server, pytest.raises(IntegrityError, match=match):
                store.fetch(
                    f"http://{HOST}:{server.server_port}/",
                    image.digest,
                    make_fetcher(server.server_port),
                )

        assert [path.suffix for path in store.cache.iterdir()] == [".lock"]
