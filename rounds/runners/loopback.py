"""The one name that a cube can reach: its own. An engine's list of names would tell of the site's network."""

from rounds.runners.base import Invocation, Mount

_FILE = "hosts"
_HOSTS = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"


def hosts_mount(call: Invocation) -> Mount:
    """Where a cube finds the names that it can reach; `write_hosts` has to have written them."""
    return Mount(key=_FILE, path=call.scratch / _FILE, inside="/etc/hosts", writable=False)


def write_hosts(call: Invocation) -> None:
    """Put the names into the call's scratch, for whatever user to read."""
    file = hosts_mount(call).path
    file.write_text(_HOSTS, encoding="utf-8")
    file.chmod(0o644)
