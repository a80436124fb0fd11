"""Gradient-boosted trees, walked node by node.

Called as `main.py infer`; standard library only. `model.json` holds each tree as parallel lists.
"""

import csv
import json
import math
import os
import struct
import sys
from pathlib import Path

BASE = "/mlcommons/volumes"
VOLUMES = {
    "infer": {
        "data_path": f"{BASE}/data",
        "additional_files": f"{BASE}/additional_files",
        "output_path": f"{BASE}/predictions",
    }
}


def mounts(task: str) -> dict[str, Path]:
    """Where each mount key lies: as ROUNDS_MOUNTS says, else at the contract's own paths."""
    told = os.environ.get("ROUNDS_MOUNTS")
    places = json.loads(Path(told).read_text(encoding="utf-8")) if told else VOLUMES[task]
    return {key: Path(place) for key, place in places.items()}


def infer(paths: dict[str, Path]) -> None:
    """Write predictions.csv: case_id, and score, the probability that the case is malignant."""
    model = json.loads((paths["additional_files"] / "model.json").read_text(encoding="utf-8"))
    with (paths["data_path"] / "data.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    with (paths["output_path"] / "predictions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["case_id", "score"])
        for case in cases:
            values = [float(case[name]) for name in model["features"]]
            writer.writerow([case["case_id"], repr(score(values, model))])


def score(values: list[float], model: dict) -> float:
    """The logistic of the initial log-odds and the learning rate times every tree's leaf."""
    single = [struct.unpack("f", struct.pack("f", value))[0] for value in values]
    leaves = math.fsum(find_leaf(tree, single) for tree in model["trees"])
    return sigmoid(model["initial"] + model["learning_rate"] * leaves)


def find_leaf(tree: dict, values: list[float]) -> float:
    """The value of the leaf that a case falls into.

    Thresholds were learned on single-precision features, so the case is compared in that precision.
    A leaf is a node whose `left` is -1.
    """
    node = 0
    while tree["left"][node] != -1:
        goes_left = values[tree["feature"][node]] <= tree["threshold"][node]
        node = tree["left" if goes_left else "right"][node]
    return tree["value"][node]


def sigmoid(x: float) -> float:
    """The logistic function, in the form that never overflows."""
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    return math.exp(x) / (1 + math.exp(x))


def main() -> int:
    """Run the task named on the command line; the exit status."""
    task = sys.argv[1] if len(sys.argv) > 1 else "nothing"
    if task != "infer":
        print(f"found task {task}, needed infer", file=sys.stderr)
        return 2
    infer(mounts(task))
    return 0


if __name__ == "__main__":
    sys.exit(main())
