"""Which URLs and which addresses a site's rules allow. Pure: asks no name server and opens nothing.

1. A URL is http or https, plain ASCII, without a user's name, and names its host in exactly one way.
2. The host is on a list of the site's. An address in place of a name needs to be listed by itself.
3. http needs its host on a list of its own, and https is never followed by http.
4. Each address that a name stands for is a public one, also inside the IPv6 forms that carry an IPv4.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urljoin

from rounds.errors import SpecError
from site_profiles.fetching import Fetching

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
MAX_URL = 8000
MAX_HOST = 253  # RFC 1035
PORTS = {"http": 80, "https": 443}

_PLAIN = re.compile(r"[!-~]+")
_URL = re.compile(r"(https?)://([^/?#\\]*)([/?][^#]*)?(#.*)?", re.IGNORECASE)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::([0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(
    r"[0-9]+|0x[0-9a-f]*"
)  # as the last label it makes the host an IPv4 (WHATWG URL)


def _networks(*names: str) -> Networks:
    return tuple(ip_network(name) for name in names)


# What answers there hands out a machine's credentials: AWS, Azure and Google; AWS and Google on IPv6;
# Azure's wire server; Oracle; Alibaba.
METADATA = _networks(
    "169.254.169.254",
    "fd00:ec2::254",
    "fd20:ce::254",
    "168.63.129.16",
    "192.0.0.192",
    "100.100.100.200",
)
# RFC 1918, RFC 6598 (CGNAT), RFC 4193 (ULA) and loopback: what an `unsafe_private_hosts` may lie at.
PRIVATE = _networks(
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "::1/128",
    "fc00::/7",
)
# Public by the standard library's table, and yet no host's: 6to4's relays, 6to4, Teredo, documentation.
NO_HOSTS = _networks("192.88.99.0/24", "2002::/16", "2001::/32", "3fff::/20")
GLOBAL_IPV6 = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; the local-use prefix of RFC 8215 is not global


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a URL leads. `host` is lower-case; an IPv6 stands in it without brackets."""

    scheme: str
    host: str
    port: int
    target: str
    is_literal: bool

    @property
    def origin(self) -> tuple[str, str, int]:
        """What decides who is asked: scheme, host and port."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """`host:port`, an IPv6 in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The URL without what a server never sees."""
        return f"{self.scheme}://{self.authority}{self.target}"


def read_url(url: str) -> Place:
    """The place that a URL names.

    Raises:
        SpecError: It is no plain http(s) URL: another scheme, other characters, a user's name, a port that
            is none, a host that ends with a dot or that is a number in another form than a.b.c.d.
    """
    if len(url) > MAX_URL or not _PLAIN.fullmatch(url):
        raise _refused("characters that no address has, or too many", url)
    found = _URL.fullmatch(url)
    if found is None:
        raise _refused("something else than an http or https address", url)
    scheme, authority, target = found[1].lower(), found[2], found[3] or "/"
    if "@" in authority:
        raise _refused("a user's name in an address", url)
    if (parts := _AUTHORITY.fullmatch(authority)) is None:
        raise _refused("an address without a plain host", url)
    port = int(parts[2]) if parts[2] else PORTS[scheme]
    if not 0 < port < 1 << 16:
        raise _refused("an address with a port that is none", url)
    host, is_literal = _read_host(parts[1].lower(), url)
    target = target if target.startswith("/") else f"/{target}"
    return Place(scheme=scheme, host=host, port=port, target=target, is_literal=is_literal)


def read_redirect(place: Place, location: str) -> Place:
    """The place that a redirect from `place` leads to.

    Raises:
        SpecError: It names no such place, or leaves https.
    """
    try:
        following = read_url(urljoin(place.url, location))
    except ValueError as error:
        raise _refused("a redirect to no address", location) from error
    if place.scheme == "https" and following.scheme != "https":
        raise _refused("a redirect from https to http", location)
    return following


def check_place(place: Place, rules: Fetching) -> None:
    """Refuse a place that the rules do not list.

    Raises:
        SpecError: The host is not listed, is an address that is not listed by itself, or speaks http
            without being listed for it.
    """
    if place.is_literal and not is_private_host(place, rules):
        raise _refused("a number in place of a host's name", place.authority)
    if not (_lists(rules.hosts, place) or is_private_host(place, rules)):
        message = (
            "found an address whose host is not on the site's list, needed a listed one;"
            " the site may add it to its hosts"
        )
        raise SpecError(message, detail=place.authority)
    if place.scheme == "http" and not _lists(rules.unsafe_http_hosts, place):
        raise _refused("an address without TLS", place.authority)


def is_private_host(place: Place, rules: Fetching) -> bool:
    """Whether the site names this very host and port as one that may be private."""
    return place.authority in rules.unsafe_private_hosts


def check_address(text: str, *, unsafe_private: bool = False) -> str:
    """`text` again, an IP address that may be connected to.

    Args:
        unsafe_private: Whether private and loopback addresses pass. Link-local and metadata addresses,
            multicast, and addresses of no host never do.

    Raises:
        SpecError: It may not.
    """
    try:
        address = _carried(ip_address(text))
    except ValueError as error:
        raise _refused("no address behind a host's name", text) from error
    allowed = _is_public(address) or (unsafe_private and _within(address, PRIVATE))
    if not allowed or _within(address, METADATA):
        raise _refused("a private, local or otherwise not public address", text)
    return text


def _carried(address: Address) -> Address:
    """The IPv4 that an IPv6 stands for (mapped, or behind NAT64), or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in GLOBAL_IPV6:
        return False
    no_host = address.is_multicast or address.is_reserved or _within(address, NO_HOSTS)
    return address.is_global and not no_host


def _within(address: Address, networks: Networks) -> bool:
    return any(address in network for network in networks)


def _read_host(host: str, url: str) -> tuple[str, bool]:
    labels = host.split(".")
    try:
        if host.startswith("["):
            return str(IPv6Address(host[1:-1])), True
        if _NUMBER.fullmatch(labels[-1]):
            return str(IPv4Address(host)), True
    except ValueError as error:
        raise _refused("a number in place of a host's name", url) from error
    if len(host) > MAX_HOST or not all(map(_LABEL.fullmatch, labels)):
        raise _refused("a host that is no plain name (a dot at its end is none either)", url)
    return host, False


def _lists(entries: Iterable[str], place: Place) -> bool:
    names = {place.authority}
    if place.port == PORTS[place.scheme]:
        names.add(place.host)
    return not names.isdisjoint(entries)


def _refused(found: str, detail: str) -> SpecError:
    message = f"found {found}, needed an https address of a public host; its author must correct it"
    return SpecError(message, detail=detail[:MAX_URL])
