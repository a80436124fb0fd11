"""The demo's benchmark: is a fine-needle aspirate malignant? Its contract and its cubes' names."""

from rounds.records.benchmarks import Direction, MetricContract, MetricSpec, StatisticSpec

NAME = "Malignancy of breast masses"
DESCRIPTION = (
    "Malignant or benign, from 30 measurements of the cell nuclei of a fine-needle aspirate."
)
PREPARATOR = "wdbc-preparator"
METRICS = "binary-metrics"
REFERENCE = "logistic-regression"
LATE = "small-network"
OWNERS = {
    PREPARATOR: "committee",
    METRICS: "committee",
    REFERENCE: "owner-1",
    "boosted-trees": "owner-1",
    "one-feature-baseline": "owner-1",
    LATE: "owner-2",
}
CONTRACT = MetricContract(
    metrics=(
        MetricSpec(
            name="auroc",
            path="discrimination.auroc",
            variance_path="discrimination.auroc_variance",
            primary=True,
        ),
        MetricSpec(name="sensitivity", path="discrimination.sensitivity"),
        MetricSpec(name="specificity", path="discrimination.specificity"),
        MetricSpec(name="brier", path="calibration.brier", direction=Direction.LOWER),
        MetricSpec(name="calibration_error", path="calibration.ece", direction=Direction.LOWER),
    ),
    statistics=(
        StatisticSpec(name="n_cases", path="n_cases", decimals=0),
        StatisticSpec(name="prevalence", path="prevalence"),
        StatisticSpec(name="mean_radius", path="features.mean_radius.mean", decimals=1),
    ),
)
