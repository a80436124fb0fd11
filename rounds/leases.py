"""A claim on a cell, kept alive while the work goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rounds.client.registry import RegistryClient
from rounds.errors import RegistryError, Unreachable
from rounds.records.executions import Claim, ClaimIn


@contextmanager
def hold(registry: RegistryClient, wanted: ClaimIn) -> Iterator[Claim]:
    """Claim a cell and renew its lease from a thread, every third of its length, until the block ends.

    A registry that is away is asked again at the next beat; a lease that was lost stops the beat, and
    the work is then refused by its fencing token.

    Raises:
        Conflict: Someone else holds the cell, or it is not to be run.
    """
    claim = registry.claim(wanted)
    done = threading.Event()
    beat = threading.Thread(target=_beat, args=(registry, claim, done), daemon=True)
    beat.start()
    try:
        yield claim
    finally:
        done.set()
        beat.join(claim.lease_s)


def _beat(registry: RegistryClient, claim: Claim, done: threading.Event) -> None:
    while not done.wait(claim.lease_s / 3):
        try:
            registry.heartbeat(claim.execution_id, fencing_token=claim.fencing_token)
        except Unreachable:
            continue
        except RegistryError:
            return
