"""A cube with packages from PyPI in its image: built once in a process, for every engine's tests."""

import atexit
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from deployments.images import build_image, save_image
from rounds.cubes import Cube, read_cube
from rounds.digests import sha256_file
from rounds.supplies import Supplies
from tests.engines import without
from tests.onnx_bytes import Floats, chest_model

CUBE = Path(__file__).parent / "cubes" / "chest-xray-onnx"
# Where the image's base has no pip, packages come from outside: for its Python, whatever this one is.
_FOR_THE_IMAGE = (
    *("--python-version", "3.11", "--implementation", "cp", "--only-binary", ":all:"),
    *("--platform", "manylinux_2_28_x86_64", "--platform", "manylinux_2_27_x86_64"),
    *("--platform", "manylinux2014_x86_64"),
)
N_FINDINGS = 4


@cache
def chest_weights() -> dict[str, Floats]:
    """Weights that nobody trained, the same at each call."""
    dice = np.random.default_rng(seed=14)
    shapes = {
        "conv1": (8, 1, 3, 3),
        "conv2": (16, 8, 3, 3),
        "dense": (16, N_FINDINGS),
        "bias": (N_FINDINGS,),
    }
    return {name: dice.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


@cache
def chest_cube() -> tuple[Cube, Supplies]:
    """The cube, and a mirror that holds its image as an archive and its weights as additional files.

    Skips the test if the packages cannot be had; fails it where engines are required.
    """
    folder = tempfile.TemporaryDirectory(prefix="rounds-onnx-")
    atexit.register(folder.cleanup)
    root = Path(folder.name)
    here = root / CUBE.name
    shutil.copytree(CUBE, here)
    _install(here)
    image = build_image(here)
    shutil.rmtree(here / "packages")
    tarball = here / "additional_files.tar.gz"
    _pack_weights(tarball)
    mirror = root / "mirror"
    save_image(image, mirror)
    tarball_there = mirror / f"{sha256_file(tarball)}.tar.gz"
    shutil.copyfile(tarball, tarball_there)
    return read_cube(here, image), Supplies(mirror=mirror, cache=root / "cache")


def _install(folder: Path) -> None:
    """Put the packages of requirements.txt into `packages/`, from wherever this machine's pip has them."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
    wanted = ["--target", str(folder / "packages"), "-r", str(folder / "requirements.txt")]
    done = subprocess.run(
        [*pip, *_FOR_THE_IMAGE, *wanted], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        without(f"needs onnxruntime from PyPI for a cube's image: {done.stderr[-500:]}")


def _pack_weights(target: Path) -> None:
    content = chest_model(chest_weights())
    member = tarfile.TarInfo("chest.onnx")
    member.size, member.mode = len(content), 0o644
    with tarfile.open(target, "w:gz") as archive:
        archive.addfile(member, io.BytesIO(content))
