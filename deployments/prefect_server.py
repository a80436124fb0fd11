"""Prefect's own server, with Python's garbage collected beside its event loop: `... HOST PORT`.

On SQLite the server can stand still for a minute at a time. Seen in its threads: the collector, run by
whatever the event loop does, finalizes a statement of a connection that waits for the write lock; that
waits for the connection, and the lock's holder waits for the event loop, until SQLite's busy timeout of
60 s ends it. Collected in a thread of its own, the wait holds up nobody.
"""

import gc
import sys
import threading
from time import sleep

import uvicorn
from prefect.settings import get_current_settings

EVERY_S = 20


def main(host: str, port: int) -> None:
    """Serve until ended."""
    gc.disable()
    threading.Thread(target=_collect, daemon=True).start()
    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host=host,
        port=port,
        http="h11",  # as Prefect was measured
        log_level="warning",
        timeout_keep_alive=get_current_settings().server.api.keepalive_timeout,
    )


def _collect() -> None:
    while True:
        sleep(EVERY_S)
        gc.collect()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
