"""Images that Docker pulls from a listed registry, by digest or tag."""

import json
from collections.abc import Iterator

import pytest
from docker.client import DockerClient

from rounds.errors import IntegrityError, RunnerError, SpecError
from rounds.images.docker_images import pull
from tests.contract.fetching_hosts import Answer, Handler, host
from tests.engines import need_docker
from tests.images import Layout, clean_daemon, holds, make_new

MANIFESTS = "/manifests/"


@pytest.fixture
def client() -> Iterator[DockerClient]:
    """The daemon."""
    need_docker()
    with clean_daemon() as daemon:
        yield daemon


def registry_of(layout: Layout, *, latest: str = "") -> Answer:
    """The answer of a registry that holds the layout's blobs, for whoever reads them; every tag names `latest`."""

    def answer(ask: Handler) -> None:
        named = ask.path.rpartition("/")[2]
        digest = named if ":" in named else latest
        content = layout.files.get(f"blobs/sha256/{digest.rpartition(':')[2]}")
        if ask.path == "/v2/":
            ask.say(200)
        elif content is None:
            ask.say(404)
        elif MANIFESTS in ask.path:
            ask.say(200, content, content_type=json.loads(content)["mediaType"])
        else:
            ask.say(200, content)

    return answer


@pytest.mark.docker
class TestPull:
    def test_takes_an_image_by_digest(self, client: DockerClient) -> None:
        """From a listed registry the daemon pulls by digest, once."""
        image, layout = make_new("two"), Layout()
        manifest = layout.image(image)
        with host(registry_of(layout)) as registry:
            place = f"127.0.0.1:{registry.server_port}"
            reference = f"{place}/tiny@{manifest['digest']}"
            pull(client, reference, image.digest, [place])
            asked = len(registry.seen)

            pull(client, reference, image.digest, [place])

        assert holds(client, image)
        assert asked > 0
        assert len(registry.seen) == asked

    def test_removes_another_image(self, client: DockerClient) -> None:
        """A manifest that leads to another image than the registered one leaves nothing."""
        image, needed, layout = make_new(), make_new(), Layout()
        manifest = layout.image(image)
        with host(registry_of(layout)) as registry:
            place = f"127.0.0.1:{registry.server_port}"

            with pytest.raises(IntegrityError, match=f"needed sha256:{needed.digest}"):
                pull(client, f"{place}/tiny@{manifest['digest']}", needed.digest, [place])

        assert not holds(client, image)

    def test_says_that_the_registry_lacks_it(self, client: DockerClient) -> None:
        """Docker's refusal is translated, its words stay at the site."""
        with host(registry_of(Layout())) as registry:
            place = f"127.0.0.1:{registry.server_port}"
            reference = f"{place}/none@sha256:{'0' * 64}"

            with pytest.raises(RunnerError, match="Docker could not take an image") as caught:
                pull(client, reference, make_new().digest, [place])

        assert place not in caught.value.summary

    @pytest.mark.parametrize("allowed", [[], ["127.0.0.1"], ["127.0.0.1:80"], ["docker.io"]])
    def test_asks_no_other_registry(self, allowed: list[str], client: DockerClient) -> None:
        """A registry that is not on the list is never asked; an empty list allows none."""
        with host(registry_of(Layout())) as registry:
            reference = f"127.0.0.1:{registry.server_port}/tiny@sha256:{'0' * 64}"

            with pytest.raises(SpecError, match="registry that is not on the site's list"):
                pull(client, reference, "0" * 64, allowed)

        assert registry.seen == []

    def test_takes_an_image_by_tag(self, client: DockerClient) -> None:
        """A tag is asked for its digest, by which the image is pulled: none of the site's own tags moves."""
        image, layout = make_new("two"), Layout()
        manifest = layout.image(image)
        with host(registry_of(layout, latest=str(manifest["digest"]))) as registry:
            place = f"127.0.0.1:{registry.server_port}"

            pull(client, f"{place}/tiny:1.0", image.digest, [place])

        assert client.images.get(f"sha256:{image.digest}").tags == []

    def test_removes_what_a_moved_tag_leads_to(self, client: DockerClient) -> None:
        """A tag that was moved since the registration leads to another image, which is not kept."""
        image, needed, layout = make_new(), make_new(), Layout()
        manifest = layout.image(image)
        with host(registry_of(layout, latest=str(manifest["digest"]))) as registry:
            place = f"127.0.0.1:{registry.server_port}"

            with pytest.raises(IntegrityError, match=f"needed sha256:{needed.digest}"):
                pull(client, f"{place}/tiny:1.0", needed.digest, [place])

        assert not holds(client, image)

    @pytest.mark.parametrize(
        "reference", ["", "a b", f"a.example/b@sha256:{'0' * 63}", f"b@md5:{'0' * 64}", "b:1:2"]
    )
    def test_takes_no_other_word(self, reference: str, client: DockerClient) -> None:
        """What is no reference is never handed to the daemon."""
        with pytest.raises(SpecError, match="found no reference of an image"):
            pull(client, reference, "0" * 64, ["docker.io", "a.example"])
