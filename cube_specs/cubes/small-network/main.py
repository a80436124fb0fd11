"""A small neural network: one hidden layer of rectifiers on all 30 features.

Called as `main.py infer`; standard library only. `model.json` holds means, scales and layers.
"""

import csv
import json
import math
import os
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
    """The logistic of the network's last layer; every layer before it ends in a rectifier."""
    signal = [
        (value - mean) / scale
        for value, mean, scale in zip(values, model["mean"], model["scale"], strict=True)
    ]
    *hidden, last = model["layers"]
    for layer in hidden:
        signal = [max(0.0, x) for x in apply_layer(layer, signal)]
    return sigmoid(apply_layer(last, signal)[0])


def apply_layer(layer: dict, signal: list[float]) -> list[float]:
    """One number for each unit: its bias and its weighted inputs."""
    return [
        bias + math.fsum(weight * x for weight, x in zip(weights, signal, strict=True))
        for weights, bias in zip(layer["weights"], layer["biases"], strict=True)
    ]


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
