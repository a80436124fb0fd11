"""The contract's reading of what a cube wrote: named values by dotted paths, and nothing else."""

import math

from pydantic import JsonValue

from rounds.errors import Code, RunnerError
from rounds.records.benchmarks import MetricContract, MetricSpec
from rounds.records.executions import MetricValue


def read_metrics(document: JsonValue, contract: MetricContract) -> dict[str, MetricValue]:
    """Each metric of the contract with its score and variance, unrounded.

    Args:
        document: The metrics cube's YAML, nested as its author likes.
        contract: Which dotted path holds which metric.

    Raises:
        RunnerError: A metric is missing, not a finite number, or out of the contract's range
            (`Code.METRIC_INVALID`).
    """
    return {spec.name: _read_metric(document, spec) for spec in contract.metrics}


def read_n_cases(document: JsonValue, contract: MetricContract) -> int:
    """How many cases the cube says it scored.

    Raises:
        RunnerError: It says nothing, or no whole number of at least 0 (`Code.METRIC_INVALID`).
    """
    n_cases = _number(document, contract.n_cases_path, name="n_cases")
    if n_cases < 0 or not n_cases.is_integer():
        raise _invalid("n_cases", "a number that counts nothing", "a whole number of at least 0")
    return int(n_cases)


def read_statistics(document: JsonValue, contract: MetricContract) -> dict[str, float]:
    """Each statistic of the contract, rounded as it says.

    Raises:
        RunnerError: One is missing or not a finite number (`Code.METRIC_INVALID`).
    """
    return {
        spec.name: round(_number(document, spec.path, name=spec.name), spec.decimals)
        for spec in contract.statistics
    }


def round_metrics(
    metrics: dict[str, MetricValue], contract: MetricContract
) -> dict[str, MetricValue]:
    """The metrics as they may leave: scores to the contract's decimals, variances to four digits."""
    decimals = {spec.name: spec.decimals for spec in contract.metrics}
    return {
        name: MetricValue(
            score=round(value.score, decimals[name]),
            variance=None if value.variance is None else float(f"{value.variance:.4g}"),
        )
        for name, value in metrics.items()
    }


def _read_metric(document: JsonValue, spec: MetricSpec) -> MetricValue:
    score = _number(document, spec.path, name=spec.name)
    if not spec.minimum <= score <= spec.maximum:
        raise _invalid(spec.name, "a number out of range", f"{spec.minimum} to {spec.maximum}")
    variance = None
    if spec.variance_path is not None:
        variance = _number(document, spec.variance_path, name=f"{spec.name}'s variance")
        if variance < 0:
            raise _invalid(f"{spec.name}'s variance", "a negative number", "at least 0")
    return MetricValue(score=score, variance=variance)


def _number(document: JsonValue, path: str, *, name: str) -> float:
    value = document
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            raise _invalid(name, "nothing", f"a number at {path}")
        value = value[part]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _invalid(name, f"{type(value).__name__}", f"a number at {path}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _invalid(name, "NaN or an infinity", f"a finite number at {path}")
    return number


def _invalid(name: str, found: str, needed: str) -> RunnerError:
    message = f"the cube gave {found} for {name}, needed {needed}"
    return RunnerError(message, code=Code.METRIC_INVALID)
