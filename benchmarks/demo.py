"""The demo's wall time, from nothing to the leaderboard, beside its cubes' own time in a row."""

import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from time import perf_counter

from benchmarks.figures import Figure, beside, figure, runs
from deployments.demo.people import SITES

Times = dict[str, list[float]]


def measure() -> list[Figure]:
    """Seconds of the whole and of each chapter, and seconds a cell beyond its cubes within a flow."""
    walls: list[float] = []
    chapters: Times = {}
    cubes: list[float] = []
    overheads: list[float] = []
    for _ in range(runs(3)):
        with tempfile.TemporaryDirectory() as folder:
            began = perf_counter()
            argv = [sys.executable, "-c", "from cli.main import run; run()", "demo"]
            subprocess.run(argv, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            walls.append(perf_counter() - began)
            root = Path(folder) / ".demo"
            for name, took in json.loads((root / "timing.json").read_text()).items():
                chapters.setdefault(name, []).append(took)
            journals = [_journal(root, site) for site in SITES]
            cubes.append(sum(_own_time(journal) for journal in journals))
            overheads.extend(_overhead(journal) for journal in journals)
    plain = beside("the same cube calls' own time, one after another", cubes)
    return [
        figure("demo_wall_s", "s", walls, beside=plain),
        *(figure(f"demo_{name.replace(' ', '_')}_s", "s", took) for name, took in chapters.items()),
        figure("flow_cell_overhead_s", "s", overheads, beside=plain),
    ]


def _journal(root: Path, site: str) -> list[dict[str, str]]:
    file = root / "sites" / site / "workspace" / "logs" / "journal.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()]


def _own_time(journal: list[dict[str, str]]) -> float:
    return sum(end - start for start, end, _ in _calls(journal))


def _overhead(journal: list[dict[str, str]]) -> float:
    """Seconds between the cube calls of one evaluate flow, a cell: the first three cells that ran."""
    calls = [call for call in _calls(journal) if call[2] in ("infer", "evaluate")][2:6]
    span = calls[-1][1] - calls[0][0]
    return (span - sum(end - start for start, end, _ in calls)) / (len(calls) / 2)


def _calls(journal: list[dict[str, str]]) -> list[tuple[float, float, str]]:
    began: dict[str, float] = {}
    calls = []
    for event in journal:
        at = datetime.fromisoformat(event["at"]).timestamp()
        if event["event"] == "started":
            began[event["key"]] = at
        else:
            calls.append((began[event["key"]], at, event["task"]))
    return calls
