"""Prometheus counts requests by template, over all processes."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from registry_api.manners import metrics
from registry_api.manners.metrics import render_metrics
from tests.contract.registry.serving import serve
from tests.contract.registry_manners.application import SECRET, Door, make_app

REQUESTS = "rounds_registry_requests_total"
IN_FLIGHT = "rounds_registry_requests_in_flight"
THING = "/api/v1/things/{thing_id}"
WORKER = """
import os, sys
from registry_api.manners import metrics
for _ in range(3):
    metrics.request_began()
metrics.request_ended("GET", "/r", status=200, seconds=0.003)
metrics.outbox_waiting(int(sys.argv[1]))
print("counted", flush=True)
sys.stdin.readline()
os.kill(os.getpid(), 9)
"""
READER = """
import sys
from registry_api.manners.metrics import render_metrics
sys.stdout.write(render_metrics().decode())
"""


def measured(text: bytes, name: str, **labels: str) -> float:
    """The sum of a measurement's samples with these labels."""
    return sum(
        sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    )


class TestMeasurements:
    def test_count_requests(self) -> None:
        """A request counts once, by method, template and class of status, with its duration."""
        before = render_metrics()

        with serve(make_app()) as url:
            httpx.get(f"{url}/api/v1/things/1")
            httpx.get(f"{url}/api/v1/things/2")
            httpx.get(f"{url}/api/v1/things/x")
        after = render_metrics()

        def grown(name: str, **labels: str) -> float:
            return measured(after, name, **labels) - measured(before, name, **labels)

        assert grown(REQUESTS, method="GET", route=THING, status="2xx") == 2
        assert grown(REQUESTS, method="GET", route=THING, status="4xx") == 1
        assert grown("rounds_registry_request_seconds_count", method="GET", route=THING) == 3
        assert grown("rounds_registry_request_seconds_sum", method="GET", route=THING) > 0
        assert grown(IN_FLIGHT) == 0

    def test_have_as_many_series_as_there_are_routes(self) -> None:
        """Paths and methods that a caller invents make no series."""
        with serve(make_app()) as url:
            httpx.get(f"{url}/{SECRET}/1")
            httpx.get(f"{url}/{SECRET}/2")
            httpx.request(SECRET.upper(), f"{url}/{SECRET}")
            httpx.request("PROPFIND", f"{url}/{SECRET}")
        text = render_metrics()

        assert SECRET not in text.decode().lower()
        assert measured(text, REQUESTS, route="unmatched", method="GET", status="4xx") >= 2
        assert measured(text, REQUESTS, route="unmatched", method="OTHER", status="4xx") >= 1

    def test_know_what_is_in_flight(self) -> None:
        """A request that is being answered is in flight."""
        app = make_app()
        door: Door = app.state.door

        with serve(app) as url:
            asking = threading.Thread(target=httpx.get, args=(f"{url}/api/v1/things/1/wait",))
            asking.start()
            door.reached.wait(10)
            meanwhile = measured(render_metrics(), IN_FLIGHT)
            door.opened.set()
            asking.join()

        assert meanwhile == 1
        assert measured(render_metrics(), IN_FLIGHT) == 0

    def test_know_what_waits(self) -> None:
        """What the duties find is shown as it was last."""
        metrics.outbox_waiting(9)
        metrics.outbox_waiting(3)
        metrics.outbox_dead(2)
        metrics.audit_unsealed(5)

        text = render_metrics()

        assert measured(text, "rounds_registry_outbox_waiting") == 3
        assert measured(text, "rounds_registry_outbox_dead") == 2
        assert measured(text, "rounds_registry_audit_unsealed") == 5


class TestSeveralProcesses:
    def test_are_counted_together(self, tmp_path: Path) -> None:
        """Counts are kept of every process, gauges of living ones only, even if they were killed."""
        shared = os.environ | {metrics.SHARED: str(tmp_path)}
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, waiting],
                env=shared,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for waiting in ("7", "4")
        ]

        for worker in workers:
            assert worker.stdout is not None
            worker.stdout.readline()
        first, second = workers
        alive = self._read(shared)
        first.communicate(b"\n")
        half = self._read(shared)
        second.communicate(b"\n")
        over = self._read(shared)

        counts = [
            measured(text, REQUESTS, route="/r", status="2xx") for text in (alive, half, over)
        ]
        flights = [measured(text, IN_FLIGHT) for text in (alive, half, over)]
        assert counts == [2, 2, 2]
        assert flights == [4, 2, 0]
        assert measured(half, "rounds_registry_outbox_waiting") == 4
        assert first.returncode == -9

    def _read(self, environment: dict[str, str]) -> bytes:
        ended = subprocess.run(
            [sys.executable, "-c", READER], env=environment, capture_output=True, check=True
        )
        return ended.stdout
