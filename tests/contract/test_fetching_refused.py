"""No address leads a site's worker into the hospital's own network, however it is written or answered."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rounds.digests import sha256_bytes
from rounds.errors import SpecError, Unreachable
from rounds.fetching.fetcher import Fetcher
from site_profiles.fetching import Fetching
from tests.contract.fetching_hosts import (
    CONTENT,
    HERE,
    NAME,
    Host,
    Names,
    host,
    make_fetcher,
    offer,
    redirect,
)

SHA256 = sha256_bytes(CONTENT)
METADATA = "169.254.169.254"
NOT_PUBLIC = "private, local or otherwise not public address"
INSIDE = [
    HERE,
    METADATA,
    "10.0.0.7",
    "100.64.0.1",
    "::1",
    "fe80::1",
    "::ffff:10.0.0.7",
    "fd00:ec2::254",
]


def public_fetcher(server: Host, *answers: Sequence[str]) -> tuple[Fetcher, Names]:
    """A fetcher whose site lists `files.example` as a public host, with what its name stands for."""
    names, listed = Names({NAME: answers}), (f"{NAME}:{server.server_port}",)
    return Fetcher(rules=Fetching(hosts=listed, unsafe_http_hosts=listed), resolve=names), names


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where the file would lie."""
    return tmp_path / "mirror" / "file"


class TestPointing:
    @pytest.mark.parametrize(
        "authority",
        [
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "127.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
            "localhost",
            "LOCALHOST",
            "files.example.",
            "files.example@127.0.0.1",
            "127.0.0.1#@files.example",
            "127.0.0.1\\@files.example",
            "①27.0.0.1",
            "127。0。0。1",
        ],
    )
    def test_at_the_machine_itself_is_refused(self, authority: str, target: Path) -> None:
        """A host listens, and hears nothing, by whatever spelling it is named."""
        with host(offer()) as server:
            listed = (f"{NAME}:{server.server_port}", NAME)
            rules = Fetching(hosts=listed, unsafe_http_hosts=listed)

            with pytest.raises(SpecError, match=r"found (a|an|characters|something)"):
                Fetcher(rules=rules).fetch(
                    f"http://{authority}:{server.server_port}/", target, sha256=SHA256
                )

        assert server.seen == []


class TestResolving:
    @pytest.mark.parametrize("address", INSIDE)
    def test_to_the_inside_is_refused(self, address: str, target: Path) -> None:
        """A listed name that stands for a private, loopback or metadata address is not connected to."""
        with host(offer()) as server:
            fetcher, _ = public_fetcher(server, [address])

            with pytest.raises(SpecError, match=NOT_PUBLIC):
                fetcher.fetch(f"http://{NAME}:{server.server_port}/", target, sha256=SHA256)

        assert server.seen == []

    @pytest.mark.parametrize(
        "answer", [["8.8.8.8", HERE], [HERE, "8.8.8.8"], ["2606:4700::1", "::1"]]
    )
    def test_to_the_inside_among_others_is_refused(
        self, answer: Sequence[str], target: Path
    ) -> None:
        """One private address among a name's several refuses them all, before any is connected to."""
        with host(offer()) as server:
            fetcher, _ = public_fetcher(server, answer)

            with pytest.raises(SpecError, match=NOT_PUBLIC):
                fetcher.fetch(f"http://{NAME}:{server.server_port}/", target, sha256=SHA256)

        assert server.seen == []

    def test_to_a_metadata_address_is_refused_to_a_private_host(self, target: Path) -> None:
        """A host that may be private may still not be the cloud's metadata service."""
        fetcher = make_fetcher(80, names=Names({NAME: [[METADATA]]}))

        with pytest.raises(SpecError, match=NOT_PUBLIC):
            fetcher.fetch(f"http://{NAME}:80/", target, sha256=SHA256)

    def test_to_nothing_is_told(self, target: Path) -> None:
        """A name without an address may have one later."""
        fetcher = make_fetcher(80, names=Names({NAME: [[]]}))

        with pytest.raises(Unreachable, match="has no address"):
            fetcher.fetch(f"http://{NAME}:80/", target, sha256=SHA256)

    def test_by_the_machine_itself_is_checked(self, target: Path) -> None:
        """The resolver of the machine is held to the same rules."""
        rules = Fetching(hosts=("localhost",))

        with pytest.raises(SpecError, match=NOT_PUBLIC):
            Fetcher(rules=rules).fetch("https://localhost/", target, sha256=SHA256)


class TestRebinding:
    def test_connects_to_what_was_checked(self, target: Path) -> None:
        """A name is resolved once for a connection, which goes there though the next answer differs."""
        with (
            host(offer()) as near,
            host(offer(b"evil"), None, ("127.0.0.2", near.server_port)) as far,
        ):
            names = Names({NAME: [[HERE], ["127.0.0.2"]]})
            make_fetcher(near.server_port, names=names).fetch(
                f"http://{NAME}:{near.server_port}/", target, sha256=SHA256
            )

        assert names.asked == [NAME]
        assert (len(near.seen), len(far.seen)) == (1, 0)

    @pytest.mark.parametrize("second", [METADATA, "fe80::1", "0.0.0.0"])  # noqa: S104  # refused, not bound
    def test_between_two_hops_is_refused(self, second: str, target: Path) -> None:
        """The same name is checked anew for each connection."""
        with host(redirect("/again")) as server:
            names = Names({NAME: [[HERE], [second]]})
            fetcher = make_fetcher(server.server_port, names=names)

            with pytest.raises(SpecError, match=NOT_PUBLIC):
                fetcher.fetch(f"http://{NAME}:{server.server_port}/", target, sha256=SHA256)

        assert [seen.path for seen in server.seen] == ["/"]

    def test_tries_the_next_checked_address(self, target: Path) -> None:
        """Where one address does not answer, the next one of the same answer does."""
        with host(offer()) as server:
            names = Names({NAME: [["127.0.0.3", HERE]]})
            make_fetcher(server.server_port, names=names).fetch(
                f"http://{NAME}:{server.server_port}/", target, sha256=SHA256
            )

        assert target.read_bytes() == CONTENT


class TestRedirecting:
    @pytest.mark.parametrize(
        "to",
        [
            f"http://{HERE}/",
            f"http://{METADATA}/latest/meta-data/",
            "http://2852039166/latest/meta-data/",
            "http://[::ffff:169.254.169.254]/",
            "http://localhost/",
            "http://other.example/",
            "//other.example/",
            "http://user@files.example/",
            "file:///etc/passwd",
            "gopher://files.example/",
        ],
    )
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_elsewhere_is_refused(self, to: str, status: int, target: Path) -> None:
        """A redirect is held against the same rules, whichever kind it is of."""
        with host(redirect(to, status)) as server:
            url = f"http://{NAME}:{server.server_port}/"

            with pytest.raises(SpecError, match=r"found (a|an|something)"):
                make_fetcher(server.server_port).fetch(url, target, sha256=SHA256)

        assert len(server.seen) == 1

    @pytest.mark.parametrize("address", INSIDE)
    def test_to_a_name_for_the_inside_is_refused(self, address: str, target: Path) -> None:
        """A listed name that a redirect leads to is resolved and checked as the first one."""
        with host(redirect("http://inner.example/")) as server:
            port = server.server_port
            names = Names({NAME: [[HERE]], "inner.example": [[address]]})
            http = (f"{NAME}:{port}", "inner.example")
            fetcher = make_fetcher(
                port, names=names, hosts=["inner.example"], unsafe_http_hosts=http
            )

            with pytest.raises(SpecError, match=NOT_PUBLIC):
                fetcher.fetch(f"http://{NAME}:{port}/", target, sha256=SHA256)

        assert names.asked == [NAME, "inner.example"]

    def test_in_circles_ends(self, target: Path) -> None:
        """Five redirects are followed, not six."""
        with host(redirect("/")) as server:
            url = f"http://{NAME}:{server.server_port}/"

            with pytest.raises(SpecError, match="more than 5 redirects"):
                make_fetcher(server.server_port).fetch(url, target, sha256=SHA256)

        assert len(server.seen) == 6

    def test_to_a_listed_host_is_followed(self, target: Path) -> None:
        """A redirect within the rules leads to the file."""
        with host(offer()) as far, host(redirect(f"http://{NAME}:{far.server_port}/file")) as near:
            listed = [f"{NAME}:{server.server_port}" for server in (near, far)]
            fetcher = make_fetcher(1, unsafe_private_hosts=listed, unsafe_http_hosts=listed)

            fetcher.fetch(f"http://{NAME}:{near.server_port}/", target, sha256=SHA256)

        assert target.read_bytes() == CONTENT
