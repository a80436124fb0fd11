"""A model as hospitals get them, with a framework from PyPI in its image, held as any other cube."""

import json
from pathlib import Path

import numpy as np
import pytest

from rounds import stages
from rounds.artifacts import PreparedDataset
from rounds.attempts import Attempt
from rounds.calls import RunContext
from rounds.workspace import Workspace
from site_profiles.models import Limits
from tests.engines import CONTAINERS, contained
from tests.onnx_bytes import Floats, chest_reference
from tests.onnx_cube import chest_cube, chest_weights

CASES = ("case-1", "case-2", "case-3")


def make_image(case: str) -> Floats:
    """The greys of one made-up X-ray, 0 to 255."""
    dice = np.random.default_rng(seed=CASES.index(case))
    return dice.integers(0, 256, (64, 48)).astype(np.float32)


def prepare(workspace: Workspace) -> PreparedDataset:
    """Three X-rays, published as a preparator would have."""

    def make(attempt: Attempt) -> None:
        (attempt.files / "data").mkdir()
        for case in CASES:
            np.save(attempt.files / "data" / f"{case}.npy", make_image(case).astype(np.uint8))

    published = workspace.publish("prepare", {"cube": "none"}, make)
    return PreparedDataset(key=published.key, output=published.output, dataset_id=1)


@pytest.mark.parametrize(
    "engine",
    CONTAINERS,
)
class TestOnnxModel:
    def test_says_what_numpy_says(self, engine: str, tmp_path: Path) -> None:
        """Under the profile's own limits onnxruntime runs, its weights being additional files, and says what it must.

        It is no root, the image cannot be changed, and every folder where frameworks keep things can be written.
        """
        runner = contained(engine, lambda: chest_cube()[1])
        cube, supplies = chest_cube()
        context = RunContext(
            workspace=Workspace(tmp_path / "site"),
            runner=runner,
            limits=Limits(),
            supplies=supplies,
        )
        prepared = prepare(context.workspace)

        said = stages.infer(prepared, cube, context, model_id=1)

        found = context.workspace.files("infer", said) / "predictions"
        predictions = json.loads((found / "predictions.json").read_text())
        assert sorted(predictions) == list(CASES)
        for case in CASES:
            expected = chest_reference(chest_weights(), make_image(case) / np.float32(255))
            assert list(predictions[case].values()) == pytest.approx(expected.tolist(), abs=1e-5)
        held = json.loads((found / "held.json").read_text())
        assert held["uid"] != 0
        assert held["root"] == "Read-only file system"
        caches = ["HOME", "TMPDIR", "XDG_CACHE_HOME", "MPLCONFIGDIR"]
        assert held["caches"] == [*caches, "TORCH_HOME", "NUMBA_CACHE_DIR"]
