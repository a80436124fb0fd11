"""What the registry bears: lists and single POSTs on PostgreSQL, two API processes, on this machine's cores.

The asking side runs on the same cores. What neither asks the database nor knows anybody (`health`) tells how
fast the machine is in this run. For orientation, MedPerf's server on two cores with 10,000 results gave
50 to 80 lists a second, p95 90 to 140 ms, and 40 to 54 POSTs a second at 4 clients; its command took 6.2 s to
print its version.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import httpx

from benchmarks.figures import Figure, figure, runs
from benchmarks.http_load import Load, ask_all, request_bytes
from benchmarks.registry_population import Filled, Size, fill
from deployments.processes import Program, free_port, wait_for
from registry_api.storage.database import Database
from registry_api.storage.migrating import upgrade
from rounds.records.executions import Submission
from rounds.secret_files import write_secret
from tests.postgres import postgres_server

CONSORTIUM = Size(benchmarks=50, datasets=1000, models=200, joins=4, results=10_000)
NATION = Size(benchmarks=1, datasets=1000, models=100, joins=1, results=95_000)
CLIENTS = (1, 4, 16, 64)
LISTS = ("results", "datasets", "benchmarks", "cubes", "cells", "associations", "approvals")
PAGE = 32
ROUNDS = str(Path(sys.executable).with_name("rounds"))
REQUESTS_EACH = 300
POSTS_EACH = 200
START_S = 60
MEDPERF = {"what": "MedPerf's server, two gunicorn workers, as measured elsewhere"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A filled registry that answers."""

    port: int
    filled: Filled
    program: Program


def measure() -> list[Figure]:
    """Requests a second and ms of lists and POSTs by the number of clients, memory, and the command's start."""
    found = _command_line()
    with tempfile.TemporaryDirectory() as folder, postgres_server(durable=True) as postgres:
        for name, size, suffix in (("ten", CONSORTIUM, ""), ("hundred", NATION, "_100k")):
            address = postgres.create_database(name)
            with _serving(address, size, Path(folder) / name) as served:
                found.append(
                    figure(f"additions_s{suffix}", "s", [_additions_s() for _ in range(3)])
                )
                found += _lists(served, suffix)
                found += [_whole_list(served, Path(folder) / name)] if not suffix else []
                found += _posts(served, suffix)
                found.append(figure(f"api_rss_mb{suffix}", "MB", _memory_mb(served.program)))
    return found


def _lists(served: Served, suffix: str) -> list[Figure]:
    bare = [request_bytes("GET", "/health", token=served.filled.secret)] * REQUESTS_EACH
    rounds = [ask_all(served.port, bare, clients=4) for _ in range(runs(3))]
    found = [figure(f"health_rps_c4{suffix}", "1/s", [load.per_second for load in rounds])]
    for clients in CLIENTS:
        rounds = [_ask_lists(served, LISTS, clients) for _ in range(runs(3))]
        found += _figures("list", clients, rounds, suffix)
    for name in LISTS:
        rounds = [_ask_lists(served, (name,), 4) for _ in range(runs(3))]
        found.append(figure(f"list_{name}_p50_ms_c4{suffix}", "ms", _at(rounds, 0.5)))
        found.append(figure(f"list_{name}_p95_ms_c4{suffix}", "ms", _at(rounds, 0.95)))
    return found


def _posts(served: Served, suffix: str) -> list[Figure]:
    waiting = iter(served.filled.submissions)
    found = []
    for clients in CLIENTS if not suffix else (16,):
        rounds = []
        for _ in range(runs(3)):
            part = list(islice(waiting, POSTS_EACH))
            rounds.append(
                ask_all(served.port, [_post(served, *one) for one in part], clients=clients)
            )
        found += _figures("post_result", clients, rounds, suffix)
    return found


def _ask_lists(served: Served, names: tuple[str, ...], clients: int) -> Load:
    paths = islice(cycle(names), REQUESTS_EACH)
    wanted = [f"/api/v1/{name}?limit={PAGE}" for name in paths]
    token = served.filled.secret
    asked = [request_bytes("GET", path, token=token) for path in wanted]
    return ask_all(served.port, asked, clients=clients)


def _post(served: Served, execution_id: int, submission: Submission) -> bytes:
    return request_bytes(
        "POST",
        f"/api/v1/executions/{execution_id}/submission",
        token=served.filled.secret,
        body=submission.model_dump_json().encode(),
        key=f"bench-{execution_id}",
    )


def _figures(what: str, clients: int, rounds: list[Load], suffix: str) -> list[Figure]:
    if any(load.refused for load in rounds):
        sys.exit(
            f"{what} at {clients} clients: {sum(x.refused for x in rounds)} refused; no figure"
        )
    end = f"c{clients}{suffix}"
    rates = [load.per_second for load in rounds]
    return [
        figure(f"{what}_rps_{end}", "1/s", rates, beside=dict(MEDPERF)),
        *(
            figure(f"{what}_p{share * 100:.0f}_ms_{end}", "ms", _at(rounds, share))
            for share in (0.5, 0.95, 0.99)
        ),
    ]


def _at(rounds: list[Load], share: float) -> list[float]:
    return [load.percentile_ms(share) for load in rounds]


def _command_line() -> list[Figure]:
    found = []
    for name, argument in (("cli_version_s", "--version"), ("cli_help_s", "--help")):
        took = []
        for _ in range(runs(10)):
            began = perf_counter()
            subprocess.run([ROUNDS, argument], stdout=subprocess.DEVNULL, check=True)
            took.append(perf_counter() - began)
        found.append(figure(name, "s", took, beside={"what": "medperf --version", "median_s": 6.2}))
    return found


def _whole_list(served: Served, folder: Path) -> Figure:
    """How long the command takes to list every result, as a table."""
    write_secret(folder / "token", served.filled.secret)
    url = f"http://127.0.0.1:{served.port}"
    named = {"ROUNDS_REGISTRY": url, "ROUNDS_TOKEN_FILE": str(folder / "token")}
    took = []
    for _ in range(runs(3)):
        began = perf_counter()
        done = subprocess.run(
            [ROUNDS, "result", "list", "--all"],
            env={**os.environ, **named},
            capture_output=True,
            check=True,
        )
        took.append(perf_counter() - began)
        listed = done.stdout.count(b"\n")
        if listed < CONSORTIUM.results:
            sys.exit(f"found {listed} lines of {CONSORTIUM.results} results; no figure")
    beside: dict[str, str | float] = {"what": "medperf, 11,000 results", "median_s": 29.0}
    return figure("cli_list_all_s", "s", took, beside=beside)


def _additions_s() -> float:
    """How long ten million additions take: how fast the machine is in this run."""
    began, total = perf_counter(), 0
    for number in range(10_000_000):
        total += number
    return perf_counter() - began


@contextmanager
def _serving(address: str, size: Size, folder: Path) -> Iterator[Served]:
    database = Database(address)
    upgrade(database.engine)
    filled = fill(database, size, submissions=len(CLIENTS) * runs(3) * POSTS_EACH)
    database.close()
    port = free_port()
    argv = [sys.executable, "-m", "registry_api", "--port", str(port), "--workers", "2"]
    environment = {"ROUNDS_REGISTRY_DATABASE": address}
    program = Program(name="registry", argv=argv, log=folder / "registry.log", env=environment)
    program.start()
    try:
        wait_for(program, lambda: _answers(port), timeout_s=START_S)
        yield Served(port=port, filled=filled, program=program)
    finally:
        program.stop()


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready", timeout=2).is_success
    except httpx.HTTPError:
        return False


def _memory_mb(program: Program) -> list[float]:
    """The resident memory of each API process, in MB."""
    parent = program.process.pid if program.process else 0
    children = subprocess.run(
        ["ps", "--ppid", str(parent), "-o", "rss=,args="],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in children.stdout.splitlines() if "resource_tracker" not in line]
    return [int(line.split()[0]) / 1024 for line in lines]
