"""Which URLs and which addresses may be asked."""

import pytest

from rounds.errors import SpecError
from rounds.fetching.addresses import check_address, check_place, read_redirect, read_url
from site_profiles.fetching import Fetching

RULES = Fetching(
    hosts=("files.example", "odd.example:8443"),
    unsafe_private_hosts=("mirror.hospital:443", "10.0.0.5:8443", "[fd00::5]:443"),
    unsafe_http_hosts=("files.example", "10.0.0.5:8443"),
)
NOT_LISTED = "whose host is not on the site's list"
NUMBER = "a number in place of a host's name"


class TestReadUrl:
    def test_reads_host_port_and_target(self) -> None:
        """The host is read in lower case, a port is the scheme's own if none is named."""
        place = read_url("HTTPS://Files.Example/A?b=c#d")

        assert place.origin == ("https", "files.example", 443)
        assert place.url == "https://files.example:443/A?b=c"

    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd",
            "ftp://files.example/a",
            "gopher://files.example/a",
            "//files.example/a",
            "https:files.example",
            "https:/files.example",
            "https://",
            "https:///a",
            "https://files.example\\@127.0.0.1/",
            "https://files.example/\r\nHost: other",
            "https://files.example/a b",
            "https://files.example:0/",
            "https://files.example:65536/",
            "https://files.example:/",
            "https://files.example:443:80/",
            "https://user@files.example/",
            "https://files.example@127.0.0.1/",
            "https://files.example:443@127.0.0.1/",
            "https://files.example%2f@127.0.0.1/",
            "https://files.example./",
            "https://.files.example/",
            "https://files..example/",
            "https://-files.example/",
            "https://files_example/",
            "https://files%2eexample/",
            "https://ﬁles.example/",
            "https://files。example/",
            "https://127。0。0。1/",
            "https://①②⑦.0.0.1/",
            "https://[fe80::1%25eth0]/",
            "https://[::1/",
            f"https://{'a' * 64}.example/",
            f"https://{'a.' * 130}example/",
            f"https://files.example/{'a' * 8000}",
        ],
    )
    def test_refuses_what_readers_read_differently(self, url: str) -> None:
        """One plain spelling of a host is an address; user names, escapes and other letters are none."""
        with pytest.raises(SpecError, match=r"found .*, needed an https address"):
            read_url(url)

    @pytest.mark.parametrize(
        "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.0.0.1", "1.2.3.4.5"]
    )
    def test_refuses_an_ipv4_in_disguise(self, host: str) -> None:
        """A number as the last label makes an IPv4, which has one form only."""
        with pytest.raises(SpecError, match=NUMBER):
            read_url(f"https://{host}/")

    def test_says_nothing_of_the_url_abroad(self) -> None:
        """What may leave the site does not repeat the address; the site's log has it."""
        with pytest.raises(SpecError, match="user's name") as caught:
            read_url("https://secret@files.example/patient")

        assert "secret" not in caught.value.summary
        assert "secret" in caught.value.detail


class TestReadRedirect:
    def test_is_relative_to_where_it_comes_from(self) -> None:
        """A redirect may name a path only."""
        following = read_redirect(read_url("https://files.example/a/b"), "../c")

        assert following.url == "https://files.example:443/c"

    @pytest.mark.parametrize(
        "location",
        ["http://files.example/", "//user@files.example/", "file:///etc/passwd", "//[", "/é"],
    )
    def test_never_leaves_https(self, location: str) -> None:
        """No redirect leads from https to http, to another scheme or to no address."""
        with pytest.raises(SpecError, match="needed an https address"):
            read_redirect(read_url("https://files.example/"), location)


class TestCheckPlace:
    @pytest.mark.parametrize(
        "url",
        [
            "https://files.example/a",
            "https://FILES.example:443/a",
            "http://files.example/a",
            "https://odd.example:8443/",
            "https://mirror.hospital/",
            "http://10.0.0.5:8443/",
            "https://[FD00:0::5]/",
        ],
    )
    def test_lets_listed_hosts_pass(self, url: str) -> None:
        """A host passes by its exact name and port, an address only if it is listed itself."""
        place = read_url(url)

        check_place(place, RULES)

    @pytest.mark.parametrize(
        ("url", "match"),
        [
            ("https://files.example:8443/", NOT_LISTED),
            ("https://odd.example/", NOT_LISTED),
            ("https://a.files.example/", NOT_LISTED),
            ("https://files.example.evil/", NOT_LISTED),
            ("https://evilfiles.example/", NOT_LISTED),
            ("https://mirror.hospital:444/", NOT_LISTED),
            ("http://mirror.hospital/", NOT_LISTED),
            ("http://odd.example:8443/", "without TLS"),
            ("https://8.8.8.8/", NUMBER),
            ("https://10.0.0.5/", NUMBER),
            ("https://[::1]/", NUMBER),
            ("https://[::ffff:10.0.0.5]:8443/", NUMBER),
        ],
    )
    def test_refuses_the_rest(self, url: str, match: str) -> None:
        """Another port, a name around a listed one, and any other number are refused."""
        place = read_url(url)

        with pytest.raises(SpecError, match=match):
            check_place(place, RULES)

    def test_allows_nothing_by_default(self) -> None:
        """Empty lists allow nothing."""
        place = read_url("https://files.example/")

        with pytest.raises(SpecError, match=NOT_LISTED):
            check_place(place, Fetching())


PRIVATE = [
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.0.3",
    "::1",
    "fd12:3456::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1",
]
NEVER = [
    "169.254.169.254",
    "169.254.0.1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "::",
    "::10.0.0.1",
    "0.0.0.0",  # noqa: S104  # refused, not bound
    "0.1.2.3",
    "224.0.0.1",
    "239.1.1.1",
    "ff02::1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "203.0.113.7",
    "2001:db8::1",
    "3fff::1",
    "2002:7f00:1::",
    "2001:0:a00:1::",
    "192.88.99.1",
    "100::1",
    "localhost",
    "",
]


class TestCheckAddress:
    @pytest.mark.parametrize(
        "address",
        ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "193.0.6.139"],
    )
    def test_lets_public_ones_pass(self, address: str) -> None:
        """A public address is connected to as it was given."""
        checked = check_address(address)

        assert checked == address

    @pytest.mark.parametrize("address", [*PRIVATE, *NEVER])
    def test_refuses_private_and_local_ones(self, address: str) -> None:
        """No private, local, metadata, multicast or reserved address, in any form of IPv6 either."""
        with pytest.raises(SpecError, match=r"not public address|no address behind"):
            check_address(address)

    @pytest.mark.parametrize("address", PRIVATE)
    def test_lets_private_ones_pass_where_named(self, address: str) -> None:
        """A host that the site names as private may lie at a private or loopback address."""
        checked = check_address(address, unsafe_private=True)

        assert checked == address

    @pytest.mark.parametrize("address", NEVER)
    def test_refuses_some_always(self, address: str) -> None:
        """Link-local, metadata, multicast and reserved addresses are nobody's mirror."""
        with pytest.raises(SpecError, match=r"not public address|no address behind"):
            check_address(address, unsafe_private=True)
