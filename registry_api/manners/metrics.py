"""What Prometheus may know: how many requests, how long they took, what waits.

Several processes share their numbers through the folder that PROMETHEUS_MULTIPROC_DIR names; it must be named before
this module is imported, and be empty when the first of them starts.
"""

import os
from functools import cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
OTHER = "OTHER"
BUCKETS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
SHARED = "PROMETHEUS_MULTIPROC_DIR"

_registry = CollectorRegistry()
_requests = Counter(
    "rounds_registry_requests",
    "Requests that were answered, by method, route and class of status.",
    ["method", "route", "status"],
    registry=_registry,
)
_seconds = Histogram(
    "rounds_registry_request_seconds",
    "How long requests took, by method and route.",
    ["method", "route"],
    buckets=BUCKETS_S,
    registry=_registry,
)
_in_flight = Gauge(
    "rounds_registry_requests_in_flight",
    "Requests that are being answered.",
    multiprocess_mode="livesum",
    registry=_registry,
)
_outbox_waiting = Gauge(
    "rounds_registry_outbox_waiting",
    "Notices that wait to be delivered.",
    multiprocess_mode="livemostrecent",
    registry=_registry,
)
_outbox_dead = Gauge(
    "rounds_registry_outbox_dead",
    "Notices that were refused too often and wait for an administrator.",
    multiprocess_mode="livemostrecent",
    registry=_registry,
)
_audit_unsealed = Gauge(
    "rounds_registry_audit_unsealed",
    "Audit entries that are not sealed yet.",
    multiprocess_mode="livemostrecent",
    registry=_registry,
)


def named(method: str) -> str:
    """`method` if it is one of HTTP's usual ones, else OTHER: a caller invents neither series nor log words."""
    return method if method in METHODS else OTHER


def request_began() -> None:
    """One more request is in flight."""
    _in_flight.inc()


def request_ended(method: str, route: str, *, status: int, seconds: float) -> None:
    """One request less is in flight; it was answered with `status`. `method` is as `named` has it."""
    _in_flight.dec()
    counter, histogram = _series(method, route, status // 100)
    counter.inc()
    histogram.observe(seconds)


def outbox_waiting(notices: int) -> None:
    """So many notices wait to be delivered."""
    _outbox_waiting.set(notices)


def outbox_dead(notices: int) -> None:
    """So many notices were refused too often."""
    _outbox_dead.set(notices)


def audit_unsealed(entries: int) -> None:
    """So many audit entries are not sealed yet."""
    _audit_unsealed.set(entries)


def render_metrics() -> bytes:
    """All measurements in Prometheus' text format; of all processes, where they share a folder."""
    folder = os.environ.get(SHARED)
    if folder is None:
        return generate_latest(_registry)
    _forget_the_dead(Path(folder))
    everyone = CollectorRegistry()
    MultiProcessCollector(everyone, path=folder)  # type: ignore[no-untyped-call]
    return generate_latest(everyone)


@cache
def _series(method: str, route: str, status_class: int) -> tuple[Counter, Histogram]:
    counter = _requests.labels(method, route, f"{status_class}xx")
    return counter, _seconds.labels(method, route)


def _forget_the_dead(folder: Path) -> None:
    """Drop the gauges of killed processes, whose requests would be in flight for ever."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not _is_alive(pid):
            file.unlink(missing_ok=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
