"""What a site fetches, from where, and by which way: empty lists allow nothing."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = rf"({_LABEL}\.)*[a-z]([a-z0-9-]{{0,61}}[a-z0-9])?"  # its last label begins with a letter: no IPv4
_PORT = "[1-9][0-9]{0,4}"
_LITERAL = r"[0-9]{1,3}(\.[0-9]{1,3}){3}|\[[0-9a-f:]+\]"

HostName = Annotated[str, StringConstraints(pattern=rf"^{_NAME}(:{_PORT})?$", max_length=259)]
PrivateHost = Annotated[
    str, StringConstraints(pattern=rf"^({_NAME}|{_LITERAL}):{_PORT}$", max_length=259)
]
Registry = Annotated[
    str, StringConstraints(pattern=rf"^({_NAME}|{_LITERAL})(:{_PORT})?$", max_length=259)
]
ProxyUrl = Annotated[
    str, StringConstraints(pattern=rf"^http://({_NAME}|{_LITERAL}):{_PORT}/?$", max_length=267)
]


class Fetching(BaseModel):
    """Where a site's workers may fetch additional files and images from. The default allows nothing.

    `hosts` are exact names, of which `name` allows the scheme's own port and `name:port` that port.
    `unsafe_private_hosts` (`name:port` or `address:port`) are allowed too, may lie at private and loopback
    addresses, and are reached past the proxy: the hospital's own mirror. `unsafe_http_hosts` are those of
    the allowed ones that may be asked without TLS. `registries` are the image registries, `host` or
    `host:port`, from which Docker may be told to pull.

    `proxy` is an http:// proxy, `proxy_login_file` the 0600 file with its `user:password`, `ca_bundle` the
    only authorities then believed. `connect_s` bounds one connecting, `silence_s` the wait for the next
    byte, `timeout_s` the whole of one fetch.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hosts: tuple[HostName, ...] = ()
    unsafe_private_hosts: tuple[PrivateHost, ...] = ()
    unsafe_http_hosts: tuple[HostName | PrivateHost, ...] = ()
    registries: tuple[Registry, ...] = ()
    proxy: ProxyUrl | None = None
    proxy_login_file: Path | None = None
    ca_bundle: Path | None = None
    max_gib: float = Field(default=20, gt=0)
    connect_s: float = Field(default=10, gt=0)
    silence_s: float = Field(default=30, gt=0)
    timeout_s: float = Field(default=6 * 3600, gt=0)
