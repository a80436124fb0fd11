"""The contract reads what it names, as finite numbers in range, and nothing else leaves."""

import pytest
from pydantic import JsonValue

from rounds.bounded_yaml import parse_yaml
from rounds.errors import Code, RunnerError
from rounds.metrics import read_metrics, read_n_cases, read_statistics, round_metrics
from rounds.records.benchmarks import MetricSpec
from rounds.records.executions import MetricValue
from tests.unit.builders import make_contract, make_document

NO_NUMBERS: list[tuple[JsonValue, str]] = [
    (None, "NoneType"),
    ("0.9", "str"),
    (True, "bool"),
    ([0.9], "list"),
    ({"value": 0.9}, "dict"),
    (float("nan"), "NaN or an infinity"),
    (float("inf"), "NaN or an infinity"),
    (float("-inf"), "NaN or an infinity"),
    (10**400, "NaN or an infinity"),
]


class TestReadMetrics:
    def test_follows_the_dotted_paths(self) -> None:
        """Each metric comes from its own place, unrounded, with the variance where one is named."""
        metrics = read_metrics(make_document(), make_contract())

        assert metrics == {
            "auroc": MetricValue(score=0.91234567, variance=0.00012345678),
            "brier": MetricValue(score=0.1278, variance=None),
        }

    def test_ignores_what_no_metric_names(self) -> None:
        """Whatever else the cube wrote is not read, so it cannot leave."""
        document = make_document(cases={"p-1": 0.7}, auc={"value": 0.9, "variance": 0, "p": 1})

        metrics = read_metrics(document, make_contract())

        assert set(metrics) == {"auroc", "brier"}

    @pytest.mark.parametrize("document", [{}, {"auc": 0.9}, {"auc": {}}, {"auc": [0.9]}, None, []])
    def test_refuses_a_missing_path(self, document: JsonValue) -> None:
        """A metric that the cube did not write is named, with where it was looked for."""
        with pytest.raises(
            RunnerError, match="gave nothing for auroc, needed a number at auc"
        ) as caught:
            read_metrics(document, make_contract())

        assert caught.value.code is Code.METRIC_INVALID

    @pytest.mark.parametrize(("value", "found"), NO_NUMBERS)
    def test_refuses_what_is_no_finite_number(self, value: JsonValue, found: str) -> None:
        """Null, text, true, lists, NaN and infinities, also as whole numbers, are no scores."""
        document = make_document(brier=value)

        with pytest.raises(RunnerError, match=f"gave {found} for brier") as caught:
            read_metrics(document, make_contract())

        assert caught.value.code is Code.METRIC_INVALID

    @pytest.mark.parametrize("text", ["1e400", "-1e400", ".inf", ".nan", "NaN", "-Infinity"])
    def test_refuses_what_yaml_calls_a_number(self, text: str) -> None:
        """A number too large for a float is an infinity, however it is spelled."""
        document = parse_yaml(f"brier: {text}".encode(), max_depth=5, finite=False)
        contract = make_contract(metrics=(MetricSpec(name="brier", path="brier"),))

        with pytest.raises(RunnerError, match="gave NaN or an infinity for brier"):
            read_metrics(document, contract)

    @pytest.mark.parametrize("value", [-0.0001, 1.0001, 10**300])
    def test_refuses_what_is_out_of_range(self, value: float) -> None:
        """A score beyond the contract's bounds is refused, and only the bounds are said."""
        document = make_document(brier=value)

        with pytest.raises(
            RunnerError, match=r"a number out of range for brier, needed 0.0 to 1.0"
        ):
            read_metrics(document, make_contract())

    @pytest.mark.parametrize("value", [0, 1, 0.0, 1.0])
    def test_takes_the_bounds_themselves(self, value: float) -> None:
        """The range includes its ends; whole numbers are numbers."""
        metrics = read_metrics(make_document(brier=value), make_contract())

        assert metrics["brier"].score == value

    @pytest.mark.parametrize(("value", "found"), [(-1e-9, "a negative number"), ("a", "str")])
    def test_refuses_a_variance_that_is_none(self, value: JsonValue, found: str) -> None:
        """A variance is a number of at least 0."""
        document = make_document(auc={"value": 0.9, "variance": value})

        with pytest.raises(RunnerError, match=f"gave {found} for auroc's variance"):
            read_metrics(document, make_contract())

    def test_never_repeats_a_value(self) -> None:
        """What the cube wrote is not in the message, which leaves the site."""
        document = make_document(brier="Anna Mueller")

        with pytest.raises(RunnerError, match="gave str for brier") as caught:
            read_metrics(document, make_contract())

        assert "Anna" not in str(caught.value)


class TestReadNCases:
    @pytest.mark.parametrize("value", [0, 25, 25.0])
    def test_takes_whole_numbers(self, value: float) -> None:
        """A count may be written as a decimal that has no fraction."""
        n_cases = read_n_cases(make_document(n_cases=value), make_contract())

        assert (n_cases, type(n_cases)) == (value, int)

    def test_follows_the_contract(self) -> None:
        """The contract says where the count is."""
        n_cases = read_n_cases({"cohort": {"n": 7}}, make_contract(n_cases_path="cohort.n"))

        assert n_cases == 7

    @pytest.mark.parametrize("value", [-1, 24.5])
    def test_refuses_what_counts_nothing(self, value: float) -> None:
        """Half a case and fewer than none are no counts, and are not repeated."""
        document = make_document(n_cases=value)

        with pytest.raises(RunnerError, match="needed a whole number of at least 0") as caught:
            read_n_cases(document, make_contract())

        assert str(value) not in str(caught.value)

    @pytest.mark.parametrize(("value", "found"), NO_NUMBERS)
    def test_refuses_what_is_no_number(self, value: JsonValue, found: str) -> None:
        """A count is held to what scores are held to."""
        with pytest.raises(RunnerError, match=f"gave {found} for n_cases"):
            read_n_cases(make_document(n_cases=value), make_contract())


class TestReadStatistics:
    def test_rounds_as_the_contract_says(self) -> None:
        """Only the named statistics come out, to their decimals."""
        statistics = read_statistics({"age": {"mean": 51.26, "oldest": 97}}, make_contract())

        assert statistics == {"mean_age": 51.3}

    def test_refuses_a_missing_one(self) -> None:
        """A statistic of the contract that was not counted is an error, not a gap."""
        with pytest.raises(RunnerError, match="gave nothing for mean_age"):
            read_statistics({"age": {}}, make_contract())


class TestRoundMetrics:
    def test_keeps_no_more_digits_than_agreed(self) -> None:
        """Scores have the contract's decimals, variances four significant digits, if there is one."""
        metrics = read_metrics(make_document(), make_contract())

        rounded = round_metrics(metrics, make_contract())

        assert rounded == {
            "auroc": MetricValue(score=0.9123, variance=0.0001235),
            "brier": MetricValue(score=0.13, variance=None),
        }

    def test_changes_nothing_twice(self) -> None:
        """What is rounded stays as it is, so that a draft made again is the same draft."""
        once = round_metrics(read_metrics(make_document(), make_contract()), make_contract())

        twice = round_metrics(once, make_contract())

        assert twice == once
