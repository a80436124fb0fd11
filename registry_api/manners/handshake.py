"""Which clients the registry still answers.

`Rounds-Client: <version>` comes with each request of ours, `Rounds-Registry: <version>` goes with each answer.
A header that is no version counts as none: the handshake spares honest clients a riddle, it guards nothing.
"""

import re
from functools import lru_cache
from importlib.metadata import version

from rounds.errors import Code, RegistryError

MINIMUM_CLIENT = "0.2"
REGISTRY_VERSION = version("rounds")
CLIENT_HEADER = b"rounds-client"
REGISTRY_HEADER = b"rounds-registry"
VERSION = re.compile(rb"(\d{1,6})\.(\d{1,6})(?:[.a-z+-][0-9A-Za-z.+-]{0,40})?")


@lru_cache(maxsize=64)
def find_fault(client: bytes | None) -> RegistryError | None:
    """What is to be said to a client of that version; None to a new enough one, or one that says nothing."""
    found = VERSION.fullmatch(client) if client is not None else None
    if found is None:
        return None
    major, minor = int(found[1]), int(found[2])
    oldest = tuple(int(part) for part in MINIMUM_CLIENT.split("."))
    if (major, minor) >= oldest:
        return None
    message = f"found client {major}.{minor}, needed {MINIMUM_CLIENT} or newer; update rounds"
    return RegistryError(message, code=Code.CLIENT_TOO_OLD)
