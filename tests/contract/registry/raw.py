"""Requests as any program could send them, beside what our client would."""

from contextlib import ExitStack

import httpx

from rounds.client.connection import trusted
from rounds.client.registry import RegistryClient

# Shorter than the served registry keeps a connection, so that none is used while it is being closed.
KEPT_S = 0.5


def raw_client(stack: ExitStack, client: RegistryClient) -> httpx.Client:
    """An HTTP client with the token of `client`; its addresses begin at the registry's root."""
    given = client._http
    headers = {name: given.headers[name] for name in ("Authorization",) if name in given.headers}
    limits = httpx.Limits(keepalive_expiry=KEPT_S)
    return stack.enter_context(
        httpx.Client(
            base_url=given.base_url, headers=headers, limits=limits, timeout=20, verify=trusted()
        )
    )
