"""The shipped models' additional files, trained on the development part: `python -m deployments.demo.train`.

Each cube's additional_files.tar.gz holds one model.json, never a pickle. Training is seeded and the
archive carries no time, user or order of its own, so running it again writes the same bytes.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from deployments.demo.hospitals import FEATURES, SEED, Cases, split

CUBES = Path(__file__).parents[2] / "cube_specs" / "cubes"
TARBALL = "additional_files.tar.gz"
WEAK_FEATURE = "mean_symmetry"

Model = Mapping[str, object]


def train_all(folder: Path) -> None:
    """Train every model and write `folder`/<cube>/additional_files.tar.gz."""
    development = split()["development"]
    for cube, train in MODELS.items():
        target = folder / cube / TARBALL
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(pack(train(development)))


def train_logistic(cases: Cases) -> Model:
    """A logistic regression on all features, standardised."""
    return _linear(cases, FEATURES)


def train_baseline(cases: Cases) -> Model:
    """A logistic regression on one weak feature."""
    return _linear(cases, (WEAK_FEATURE,))


def fit_trees(cases: Cases) -> GradientBoostingClassifier:
    """The boosted trees as scikit-learn holds them."""
    boosted = GradientBoostingClassifier(
        n_estimators=60, max_depth=3, learning_rate=0.1, subsample=0.7, random_state=SEED
    )
    return boosted.fit(cases.features, cases.labels)


def fit_network(cases: Cases) -> tuple[StandardScaler, MLPClassifier]:
    """The network as scikit-learn holds it, and what standardises its features."""
    scaler, standardised = _standardise(cases.features)
    network = MLPClassifier(
        hidden_layer_sizes=(6,), solver="lbfgs", alpha=1.0, max_iter=2000, random_state=SEED
    )
    return scaler, network.fit(standardised, cases.labels)


def train_trees(cases: Cases) -> Model:
    """Gradient-boosted trees as parallel lists of nodes; a leaf's `left` is -1."""
    boosted = fit_trees(cases)
    prevalence = float(cases.labels.mean())
    return {
        "features": FEATURES,
        "initial": float(np.log(prevalence / (1 - prevalence))),
        "learning_rate": boosted.learning_rate,
        "trees": [
            {
                "left": tree.tree_.children_left.tolist(),
                "right": tree.tree_.children_right.tolist(),
                "feature": tree.tree_.feature.tolist(),
                "threshold": tree.tree_.threshold.tolist(),
                "value": tree.tree_.value[:, 0, 0].tolist(),
            }
            for tree in boosted.estimators_[:, 0]
        ],
    }


def train_network(cases: Cases) -> Model:
    """One hidden layer of six rectifiers; `weights` hold a row a unit, the last layer is the log-odds."""
    scaler, network = fit_network(cases)
    layers = zip(network.coefs_, network.intercepts_, strict=True)
    return {
        **_scaling(scaler, FEATURES),
        "layers": [
            {"weights": weights.T.tolist(), "biases": biases.tolist()} for weights, biases in layers
        ],
    }


MODELS: dict[str, Callable[[Cases], Model]] = {
    "logistic-regression": train_logistic,
    "boosted-trees": train_trees,
    "one-feature-baseline": train_baseline,
    "small-network": train_network,
}


def pack(model: Model) -> bytes:
    """A gzipped tar with `model` as model.json, the same bytes for the same model."""
    content = json.dumps(model, separators=(",", ":"), allow_nan=False).encode()
    member = tarfile.TarInfo("model.json")
    member.size, member.mode = len(content), 0o644
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def _linear(cases: Cases, names: tuple[str, ...]) -> Model:
    columns = [FEATURES.index(name) for name in names]
    scaler, standardised = _standardise(cases.features[:, columns])
    regression = LogisticRegression(C=0.1, tol=1e-8, max_iter=1000)
    regression.fit(standardised, cases.labels)
    return {
        **_scaling(scaler, names),
        "weights": regression.coef_[0].tolist(),
        "intercept": float(regression.intercept_[0]),
    }


def _standardise(features: NDArray[np.float64]) -> tuple[StandardScaler, NDArray[np.float64]]:
    scaler = StandardScaler()
    return scaler, np.asarray(scaler.fit_transform(features), dtype=np.float64)


def _scaling(scaler: StandardScaler, names: tuple[str, ...]) -> dict[str, object]:
    return {"features": names, "mean": scaler.mean_.tolist(), "scale": scaler.scale_.tolist()}


if __name__ == "__main__":
    train_all(CUBES)
