"""Findings on chest X-rays by an ONNX model: one JSON file with each case's probabilities.

Every case is a `<case>.npy` of 8-bit greys. As real frameworks do, it keeps what it made of the weights in the cache
of its home, and it says what held it while it ran.
"""

import json
import os
from pathlib import Path

import numpy as np
import onnxruntime

VOLUMES = Path("/mlcommons/volumes")
CACHES = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "MPLCONFIGDIR", "TORCH_HOME", "NUMBA_CACHE_DIR")


def main() -> None:
    """Judge every case and write what is asked."""
    findings = json.loads((VOLUMES / "parameters" / "parameters.yaml").read_text())["findings"]
    session = open_model(VOLUMES / "additional_files" / "chest.onnx")
    said = {path.stem: judge(session, path) for path in sorted((VOLUMES / "data").glob("*.npy"))}
    predictions = {case: dict(zip(findings, row, strict=True)) for case, row in said.items()}
    write("predictions.json", predictions)
    write(
        "held.json", {"uid": os.getuid(), "root": root(), "caches": [c for c in CACHES if keeps(c)]}
    )


def open_model(weights: Path) -> onnxruntime.InferenceSession:
    """The model, its optimised form kept in the cache."""
    options = onnxruntime.SessionOptions()
    cache = Path(os.environ["XDG_CACHE_HOME"])
    cache.mkdir(parents=True, exist_ok=True)
    options.optimized_model_filepath = str(cache / "optimised.onnx")
    return onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])


def judge(session: onnxruntime.InferenceSession, case: Path) -> list[float]:
    """One probability for each finding."""
    image = np.load(case).astype(np.float32)[np.newaxis, np.newaxis] / 255
    return [float(value) for value in session.run(["probabilities"], {"image": image})[0][0]]


def root() -> str:
    """Whether the image's own files could be changed."""
    try:
        Path("/cube/written").write_text("x")
    except OSError as error:
        return os.strerror(error.errno or 0)
    return "writable"


def keeps(name: str) -> bool:
    """Whether a framework could keep something in the folder of this variable."""
    folder = Path(os.environ[name])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"of-{name}").write_text("kept")
    return (folder / f"of-{name}").read_text() == "kept"


def write(name: str, content: object) -> None:
    """One JSON file among the predictions."""
    (VOLUMES / "predictions" / name).write_text(json.dumps(content, sort_keys=True))


if __name__ == "__main__":
    main()
