"""The only file that connects for fetching: to the very address that was checked, within a time.

1. The name is resolved once for each connection. One bad address among the answers refuses them all.
2. The connection goes to a checked address; the Host header, SNI and the certificate keep the name. So a
   name server that answers otherwise a moment later changes nothing.
3. Behind a proxy the proxy resolves: then the list of hosts is what protects, and numbers in place of
   names stay refused. The proxy's own address may be private.
4. Nothing is read from the environment: no proxy, no login.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore

from rounds.errors import IntegrityError, SpecError, Unreachable
from rounds.fetching.addresses import Place, check_address, is_private_host
from rounds.secret_files import read_secret
from site_profiles.fetching import Fetching

Resolve = Callable[[str, int], Sequence[str]]
SocketOptions = Iterable[
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
]
MAX_ADDRESSES = 8  # of a name, tried one after the other


def resolve_name(host: str, port: int) -> list[str]:
    """The addresses that this machine's resolver gives for a name."""
    infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response whose body has not been read; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    chunks: Iterator[bytes]


class Deadline:
    """The tick at which one fetch ends."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds

    def within(self, timeout: float | None) -> float:
        """`timeout`, or what is left if that is less.

        Raises:
            Unreachable: Nothing is left.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            message = f"a download was not done after {self._seconds:g} s; what came is kept, run again to go on"
            raise Unreachable(message)
        return left if timeout is None else min(left, timeout)


@contextmanager
def ask(
    place: Place,
    headers: Mapping[str, str],
    *,
    rules: Fetching,
    resolve: Resolve,
    deadline: Deadline,
) -> Iterator[Answer]:
    """The answer to a GET of `place`, which `addresses.check_place` has allowed. Follows no redirect.

    Raises:
        SpecError: The name stands for an address that is not allowed.
        IntegrityError: The host's certificate is not vouched for.
        Unreachable: There is no answer in time, or it ends too early.
    """
    url = httpcore.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)
    asked = [("Host", _host_header(place)), *headers.items()]
    times = {
        "connect": rules.connect_s,
        "read": rules.silence_s,
        "write": rules.silence_s,
        "pool": rules.connect_s,
    }
    with (
        _translated(),
        _pool(place, rules=rules, resolve=resolve, deadline=deadline) as pool,
        pool.stream("GET", url, headers=asked, extensions={"timeout": times}) as response,
    ):
        named = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        yield Answer(status=response.status, headers=named, chunks=response.iter_stream())


class _TimedStream(httpcore.NetworkStream):
    """A stream that never waits past the deadline, however slowly the bytes drip."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.within(timeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class _Network(httpcore.NetworkBackend):
    """Connects to one of the addresses that `find` allows for a name."""

    def __init__(self, find: Resolve, deadline: Deadline) -> None:
        self._find = find
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception | None = None
        for address in self._find(host, port):
            left = self._deadline.within(timeout)
            try:
                stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failed or Unreachable("a host to fetch from has no address; try again later")


def _pool(
    place: Place, *, rules: Fetching, resolve: Resolve, deadline: Deadline
) -> httpcore.ConnectionPool:
    context = _tls(rules) if place.scheme == "https" else None
    if rules.proxy is None or is_private_host(place, rules):
        unsafe_private = is_private_host(place, rules)
        find = _checked(resolve, unsafe_private=unsafe_private)
        return httpcore.ConnectionPool(
            ssl_context=context, network_backend=_Network(find, deadline)
        )
    return httpcore.HTTPProxy(
        proxy_url=rules.proxy,
        proxy_auth=_proxy_login(rules),
        ssl_context=context,
        network_backend=_Network(_resolved(resolve_name), deadline),
    )


def _checked(resolve: Resolve, *, unsafe_private: bool) -> Resolve:
    def find(host: str, port: int) -> Sequence[str]:
        found = _resolved(resolve)(host, port)
        return [check_address(text, unsafe_private=unsafe_private) for text in found][
            :MAX_ADDRESSES
        ]

    return find


def _resolved(resolve: Resolve) -> Resolve:
    def find(host: str, port: int) -> Sequence[str]:
        try:
            return resolve(host, port)
        except (OSError, UnicodeError) as error:
            message = "a host to fetch from has no address here; try again later"
            raise Unreachable(message, detail=f"{host}: {error}") from error

    return find


def _tls(rules: Fetching) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=rules.ca_bundle)
    except (OSError, ssl.SSLError) as error:
        message = "the site's CA bundle cannot be read, needed a file of PEM certificates"
        raise SpecError(message, detail=f"{rules.ca_bundle}: {error}") from error


def _proxy_login(rules: Fetching) -> tuple[str, str] | None:
    if rules.proxy_login_file is None:
        return None
    user, colon, password = read_secret(rules.proxy_login_file).partition(":")
    if not colon:
        raise SpecError("the file with the proxy's login holds no colon, needed user:password")
    return user, password


def _host_header(place: Place) -> str:
    default = {"http": 80, "https": 443}[place.scheme]
    return place.authority.removesuffix(f":{default}")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except httpcore.RemoteProtocolError as error:
        message = "a download was cut, or its host does not speak HTTP; what came is kept, run again to go on"
        raise Unreachable(message, detail=str(error)) from error
    except httpcore.ProxyError as error:
        message = "the site's proxy refused to connect; ask who runs it"
        raise Unreachable(message, detail=str(error)) from error
    except httpcore.TimeoutException as error:
        message = "a host to fetch from was silent for too long; run again to go on"
        raise Unreachable(message, detail=f"{type(error).__name__}: {error}") from error
    except httpcore.NetworkError as error:
        raise _away(error) from error
    except httpcore.ProtocolError as error:
        message = "an address cannot be asked for; its author must correct it"
        raise SpecError(message, detail=str(error)) from error


def _away(error: httpcore.NetworkError) -> Unreachable | IntegrityError:
    if any(isinstance(said, ssl.SSLCertVerificationError) for said in error.args):
        message = (
            "a host to fetch from showed a certificate that is not vouched for, needed one of the site's"
            " authorities; the site may add its own as ca_bundle"
        )
        return IntegrityError(message, detail=str(error))
    message = "a host to fetch from cannot be reached; try again later"
    return Unreachable(message, detail=str(error))
