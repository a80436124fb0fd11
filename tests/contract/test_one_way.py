"""Only the gate makes what may leave, and only that is sent."""

import ast
import inspect
from typing import get_type_hints

import pytest

from rounds.artifacts import ReleasedMetrics, ReleasedProgress, ReleasedStatistics
from rounds.client.registry import RegistryClient
from rounds.records.datasets import Preparation, ProgressIn
from rounds.records.executions import Submission
from tests.contract.repository import PACKAGES, called, imported, python_files, shown

SENT = (Submission, Preparation, ProgressIn)


def makers(name: str, *packages: str) -> list[str]:
    """The files of `packages` that call something called `name`, once for each call."""
    files = python_files(*packages)
    return [shown(path) for path in files for found, _ in called(path) if found == name]


class TestReleased:
    @pytest.mark.parametrize("kind", [ReleasedMetrics, ReleasedStatistics, ReleasedProgress])
    def test_is_made_by_the_gate_only(self, kind: type) -> None:
        """Of the whole repository, one line in `rounds/egress.py` makes each cleared type."""
        places = makers(kind.__name__, *PACKAGES, "benchmarks")

        assert places == ["rounds/egress.py"]

    def test_is_never_copied_with_changes(self) -> None:
        """No site code uses `dataclasses.replace` or `__new__`, which would pass the gate by."""
        files = python_files("rounds", "tasks", "flows")

        replacing = [shown(path) for path in files if "dataclasses.replace" in imported(path)]
        making = [shown(path) for path in files for found, _ in called(path) if found == "__new__"]

        assert replacing + making == []


class TestSubmit:
    def test_takes_released_metrics_and_nothing_else(self) -> None:
        """`submit` has one value to send, a `ReleasedMetrics`; the token says who sends it."""
        hints = get_type_hints(RegistryClient.submit)
        hints.pop("return")

        assert hints == {"released": ReleasedMetrics, "fencing_token": int}

    def test_takes_released_statistics_and_nothing_else(self) -> None:
        """`submit_statistics` sends a `ReleasedStatistics`."""
        hints = get_type_hints(RegistryClient.submit_statistics)
        hints.pop("return")

        assert hints == {"released": ReleasedStatistics}

    def test_takes_released_progress_and_nothing_else(self) -> None:
        """`report_progress` sends a `ReleasedProgress`."""
        hints = get_type_hints(RegistryClient.report_progress)
        hints.pop("return")

        assert hints == {"released": ReleasedProgress}

    @pytest.mark.parametrize("body", SENT)
    def test_alone_makes_the_body(self, body: type) -> None:
        """What runs at a site makes the bodies that carry values in the client, from cleared types."""
        places = makers(body.__name__, *PACKAGES)

        assert places == ["rounds/client/registry.py"]

    def test_has_no_way_round(self) -> None:
        """No public method of the client takes a body that carries values, or a bare one."""
        methods = inspect.getmembers(RegistryClient, inspect.isfunction)
        public = {name: get_type_hints(method) for name, method in methods if name[0] != "_"}

        takers = {
            name
            for name, hints in public.items()
            for argument, hint in hints.items()
            if argument != "return" and (hint in SENT or hint in (float, bytes, dict, object))
        }

        assert takers == set()


class TestNetwork:
    def test_is_spoken_to_in_one_place(self) -> None:
        """Below the flows, the client opens connections outward, fetching inward, and nothing else does."""
        clients = (
            "httpx",
            "httpcore",
            "aiohttp",
            "urllib.request",
            "http.client",
            "socket",
            "requests.get",
        )

        places = {
            shown(path)
            for path in python_files("rounds", "tasks", "cube_specs", "site_profiles")
            for name in imported(path)
            if name.startswith(clients)
        }

        assert places == {"rounds/client/connection.py", "rounds/fetching/connections.py"}

    def test_is_asked_by_fetching_and_told_nothing(self) -> None:
        """Fetching makes one kind of request, a GET without a body."""
        requests = [
            call
            for path in python_files("rounds/fetching")
            for name, call in called(path)
            if name in ("stream", "request", "post", "put")
        ]

        assert [ast.unparse(call.args[0]) for call in requests] == ["'GET'"]
        assert {keyword.arg for keyword in requests[0].keywords} == {"headers", "extensions"}
