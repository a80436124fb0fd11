"""What the end-to-end tests read from a played story: its journal, its databases, its predictions."""

import csv
import json
from collections import Counter
from pathlib import Path

from deployments.demo import benchmark as plan
from deployments.demo.cast import Cast
from deployments.demo.people import SITES
from rounds.artifacts import PreparedDataset, Published
from rounds.digests import sha256_json
from rounds.workspace import Workspace


def leaderboard(cast: Cast) -> list[dict[str, str]]:
    """The rows of `.demo/leaderboard.csv`."""
    with (cast.place.root / "leaderboard.csv").open() as file:
        return list(csv.DictReader(file))


def journal(cast: Cast, site: str) -> list[dict[str, object]]:
    """Every cube call of a site, as it was noted."""
    file = cast.place.site(site) / "workspace" / "logs" / "journal.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()]


def most_at_once(cast: Cast, site: str, task: str) -> int:
    """The most calls of a task that were under way at the same time."""
    running = most = 0
    for event in journal(cast, site):
        if event["task"] == task:
            running += 1 if event["event"] == "started" else -1
            most = max(most, running)
    return most


def calls_after_success(cast: Cast) -> list[dict[str, object]]:
    """Cube calls that were started although the same call had ended well before."""
    found = []
    for site in SITES:
        done: set[object] = set()
        for event in journal(cast, site):
            call = (event["task"], event["key"])
            if event["event"] == "started" and call in done:
                found.append(event)
            if event["event"] == "ended" and event["exit_code"] == 0:
                done.add(call)
    return found


def count_calls(cast: Cast, task: str) -> Counter[str]:
    """How often each site started a task."""
    return Counter(
        site
        for site in SITES
        for event in journal(cast, site)
        if event["event"] == "started" and event["task"] == task
    )


def outside_files(cast: Cast) -> list[Path]:
    """Every file that is not a site's own: both databases, the hub, the reports, all servers' logs."""
    sites = cast.place.root / "sites"
    return [
        path
        for path in cast.place.root.rglob("*")
        if path.is_file() and not path.is_relative_to(sites)
    ]


def find_outside(cast: Cast, words: set[bytes]) -> set[tuple[str, bytes]]:
    """Which of the words stand in which file outside the sites."""
    return {
        (path.name, word)
        for path in outside_files(cast)
        for content in [path.read_bytes()]
        for word in words
        if word in content
    }


def scores_and_labels(cast: Cast, site: str, model: str) -> tuple[list[float], list[int]]:
    """A model's predictions and the labels at a site, from the site's own workspace, in one order."""
    workspace = Workspace(cast.place.site(site) / "workspace")
    prepared = _only(workspace, "prepare")
    predictions = _predictions(workspace, cast.committee.cube(cast.cubes[model]).digest)
    scores = _column(
        workspace.files("infer", predictions) / "predictions" / "predictions.csv", "score"
    )
    labels = _column(workspace.files("prepare", prepared) / "labels" / "labels.csv", "label")
    cases = sorted(labels)
    return [scores[case] for case in cases], [int(labels[case]) for case in cases]


def computed_auroc(cast: Cast, site: str, model: str) -> float:
    """The AUROC as the metrics cube wrote it at a site, before any rounding."""
    workspace = Workspace(cast.place.site(site) / "workspace")
    predictions = _predictions(workspace, cast.committee.cube(cast.cubes[model]).digest)
    key = sha256_json(
        {
            "cube": cast.committee.cube(cast.cubes[plan.METRICS]).digest,
            "predictions": predictions.output,
            "labels": _only(workspace, "prepare").output,
            "contract": plan.CONTRACT.model_dump(mode="json"),
        }
    )
    found = workspace.find("evaluate", key)
    assert found is not None
    document = json.loads((workspace.files("evaluate", found) / "results.yaml").read_text())
    return float(document["discrimination"]["auroc"])


def _predictions(workspace: Workspace, cube: str) -> Published:
    key = sha256_json({"cube": cube, "prepared": _only(workspace, "prepare").output})
    found = workspace.find("infer", key)
    assert found is not None
    return found


def _only(workspace: Workspace, stage: str) -> PreparedDataset:
    (folder,) = (workspace.root / "published" / stage).iterdir()
    found = workspace.find(stage, folder.name)
    assert found is not None
    return PreparedDataset(key=found.key, output=found.output, dataset_id=0)


def _column(path: Path, name: str) -> dict[str, float]:
    with path.open() as file:
        return {row["case_id"]: float(row[name]) for row in csv.DictReader(file)}
