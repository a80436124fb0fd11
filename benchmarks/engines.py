"""What a cube call costs the site beside the cube: digests, the check of its output, and the engine's call."""

import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from benchmarks.cube_calls import measure_calls
from benchmarks.figures import Figure, beside, figure, runs
from rounds.digests import file_digests
from rounds.output_gate import check_output
from site_profiles.models import Limits

CHUNK = 1 << 24
BIG_FILES, BIG_BYTES = 4, 500_000_000
SMALL_FILES, SMALL_BYTES = 20_000, 20_000
OUTPUT_FILES = 1000
CORES = str(len(os.sched_getaffinity(0)))


def measure() -> list[Figure]:
    """Ratios to sha256sum on all cores, each from pairs that alternate; seconds of the gate and of calls."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        digests = [_big(root / "big"), _small(root / "small"), _gate(root / "output")]
        return [*digests, *measure_calls(root / "calls")]


def _big(folder: Path) -> Figure:
    """How many times as many bytes a second: one file a process, so that all cores are busy."""
    _fill(folder, BIG_FILES, BIG_BYTES)
    ours, theirs = _pairs(folder, ["-n", "1"])
    ratios = [other / own for own, other in zip(ours, theirs, strict=True)]
    plain = beside(f"xargs -0 -n 1 -P {CORES} sha256sum over the same 2 GB in 4 files", theirs)
    return figure("digest_big_over_sha256sum", "throughput ratio", ratios, beside=plain)


def _small(folder: Path) -> Figure:
    """How many times as long."""
    _fill(folder, SMALL_FILES, SMALL_BYTES)
    ours, theirs = _pairs(folder, [])
    ratios = [own / other for own, other in zip(ours, theirs, strict=True)]
    plain = beside(f"xargs -0 -P {CORES} sha256sum over the same 20,000 files of 20 kB", theirs)
    return figure("digest_20k_small_over_xargs", "time ratio", ratios, beside=plain)


def _gate(folder: Path) -> Figure:
    _fill(folder, OUTPUT_FILES, 1)
    took = [_seconds(lambda: check_output(folder, Limits())) for _ in range(runs(20))]
    return figure("output_check_1000_s", "s", took)


def _pairs(folder: Path, split: list[str]) -> tuple[list[float], list[float]]:
    names = b"".join(bytes(path) + b"\0" for path in sorted(folder.rglob("*")) if path.is_file())
    argv = ["xargs", "-0", *split, "-P", CORES, "sha256sum"]

    def bare() -> None:
        subprocess.run(argv, input=names, check=True, stdout=subprocess.DEVNULL)

    def own() -> None:
        file_digests(folder)

    bare()
    pairs = [(_seconds(own), _seconds(bare)) for _ in range(runs(5))]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _fill(folder: Path, files: int, size: int) -> None:
    """Files of random bytes, twenty folders of them."""
    some = os.urandom(min(size, CHUNK))
    for number in range(files):
        path = folder / str(number % 20) / f"case-{number}.dat"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for start in range(0, size, CHUNK):
                file.write(some[: size - start])


def _seconds(do: Callable[[], object]) -> float:
    began = perf_counter()
    do()
    return perf_counter() - began
