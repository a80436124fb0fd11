"""A measured figure, as `.bench/<name>.json` holds it."""

import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One quantity over `n` runs, and what it is compared with in the same run."""

    name: str
    unit: str
    n: int
    min: float
    median: float
    max: float
    beside: dict[str, str | float] | None = None

    def as_json(self) -> dict[str, object]:
        """The figure as a JSON object."""
        return asdict(self)


def figure(
    name: str, unit: str, values: Sequence[float], *, beside: dict[str, str | float] | None = None
) -> Figure:
    """The figure of some values, rounded to a tenth of a millisecond or its like."""
    return Figure(
        name=name,
        unit=unit,
        n=len(values),
        min=round(min(values), 4),
        median=round(statistics.median(values), 4),
        max=round(max(values), 4),
        beside=beside,
    )


def beside(what: str, values: Sequence[float]) -> dict[str, str | float]:
    """What a figure is compared with: its name, and the median, minimum and maximum of its seconds."""
    plain = figure(what, "s", values)
    return {
        "what": what,
        "median_s": plain.median,
        "min_s": plain.min,
        "max_s": plain.max,
    }


def runs(default: int) -> int:
    """How often to repeat: ROUNDS_BENCH_RUNS, or the benchmark's own default."""
    return int(os.environ.get("ROUNDS_BENCH_RUNS", default))
