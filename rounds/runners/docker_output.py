"""A container's stdout and stderr as they come, straight from the daemon: nothing of them lies with Docker.

The SDK's own `attach` takes over the connection's socket and never closes it; here the daemon's answer is
an ordinary streamed response, whose body is the frames that Docker's API documents for "attach": eight
bytes (the stream, three zeros, the size in big-endian order), then the data.
"""

import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from docker.api.client import APIClient

from rounds.runners.call_log import CallLog

_HEADER = struct.Struct(">BxxxI")
_DRAIN_S = 10


@contextmanager
def copied_output(api: APIClient, container_id: str, log: CallLog) -> Iterator[None]:
    """Copy what a container prints to `log` while the context lasts, then what is left of it.

    Enter before the container is started, leave when it has ended.

    Raises:
        requests.exceptions.RequestException: The daemon does not let itself be asked.
    """
    url = f"{api.base_url}/v{api.api_version}/containers/{container_id}/attach"
    wanted = {"stdout": 1, "stderr": 1, "stream": 1}
    with api.post(url, params=wanted, stream=True, timeout=None) as response:
        response.raise_for_status()
        copier = threading.Thread(target=_copy, args=(response, log), daemon=True)
        copier.start()
        try:
            yield
        finally:
            copier.join(_DRAIN_S)


def _copy(response: requests.Response, log: CallLog) -> None:
    while len(header := response.raw.read(_HEADER.size)) == _HEADER.size:
        _, size = _HEADER.unpack(header)
        log.write(response.raw.read(size))
