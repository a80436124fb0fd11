"""The whole story on real data, workers, servers and cubes."""

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from sklearn.metrics import roc_auc_score

from deployments.demo import benchmark as plan
from deployments.demo import opening, play
from deployments.demo.cast import Cast
from deployments.demo.hospitals import split
from deployments.demo.people import SITES
from deployments.demo.run import MODELS
from rounds.records.executions import ExecutionStatus
from rounds.records.releases import items_digest
from tests.e2e.reading import (
    calls_after_success,
    computed_auroc,
    count_calls,
    find_outside,
    journal,
    leaderboard,
    most_at_once,
    scores_and_labels,
)

ALL_MODELS = [*MODELS, plan.LATE]
METRICS = [spec.name for spec in plan.CONTRACT.metrics]

pytestmark = pytest.mark.e2e


def count_runs() -> int:
    """How many flow runs somebody or something started, the schedule's aside."""
    with get_client(sync_client=True) as client:
        return sum(not run.auto_scheduled for run in client.read_flow_runs())


class TestLeaderboard:
    def test_has_a_row_for_every_site_model_and_metric(self, story: Cast) -> None:
        """Every dataset x model cell is a row for each metric, with a score or a named reason."""
        rows = leaderboard(story)

        found = {(row["site"], row["model"], row["metric"]) for row in rows}

        sites = [*SITES, "pooled"]
        assert found == {(s, m, k) for s in sites for m in ALL_MODELS for k in METRICS}
        assert all(row["score"] or row["reason"] for row in rows)

    def test_orders_the_models_with_the_baseline_last(self, story: Cast) -> None:
        """The pooled primary metric ranks the models; the weak baseline comes last."""
        ranked = {row["model"]: int(row["rank"]) for row in leaderboard(story) if row["rank"]}

        assert sorted(ranked.values()) == [1, 2, 3, 4]
        assert ranked["one-feature-baseline"] == 4

    def test_pools_the_real_models_above_095(self, story: Cast) -> None:
        """Logistic regression and boosted trees reach a pooled AUROC above 0.95."""
        pooled = {
            row["model"]: float(row["score"])
            for row in leaderboard(story)
            if row["site"] == "pooled" and row["metric"] == "auroc"
        }

        assert pooled["logistic-regression"] > 0.95
        assert pooled["boosted-trees"] > 0.95

    @pytest.mark.parametrize("site", SITES)
    @pytest.mark.parametrize("model", ALL_MODELS)
    def test_scores_are_those_of_scikit_learn(self, story: Cast, site: str, model: str) -> None:
        """A site's AUROC is scikit-learn's on the same predictions to 1e-9, then rounded by contract."""
        scores, labels = scores_and_labels(story, site, model)

        (row,) = [
            row
            for row in leaderboard(story)
            if (row["site"], row["model"], row["metric"]) == (site, model, "auroc")
        ]

        expected = roc_auc_score(labels, scores)
        assert computed_auroc(story, site, model) == pytest.approx(expected, abs=1e-9, rel=0)
        assert float(row["score"]) == round(expected, 4)
        assert int(row["n_cases"]) == len(labels)


class TestOneWay:
    def test_leaves_patients_at_home(self, story: Cast) -> None:
        """No patient identifier and no raw values are in a database, log or report outside the sites."""
        words = set()
        for site in SITES:
            cases = split()[site]
            words |= {str(case).encode() for case in cases.ids}
            words |= {f"{row[0]},{row[1]}".encode() for row in cases.features}

        assert find_outside(story, words) == set()

    def test_tells_the_registry_only_keyed_digests(self, story: Cast) -> None:
        """The raw data's own digest, by which anyone could test a guess, is nowhere outside the site."""
        catalogue = story.place.site("site-a") / "workspace" / "datasets"
        (entry,) = catalogue.glob("*.yaml")
        digest = next(
            line.split()[1] for line in entry.read_text().splitlines() if line.startswith("digest")
        )

        assert find_outside(story, {digest.encode()}) == set()


class TestWork:
    def test_runs_no_cube_twice(self, story: Cast) -> None:
        """A cube call that has ended well is never made again."""
        assert calls_after_success(story) == []
        assert count_calls(story, "infer") == dict.fromkeys(SITES, len(ALL_MODELS))

    def test_runs_no_more_models_at_once_than_allowed(self, story: Cast) -> None:
        """Of one evaluation no more models run at once than the profile says, which here is two."""
        most = [most_at_once(story, site, "infer") for site in SITES]

        assert max(most) <= 2

    def test_evaluates_the_late_model_without_anyone_typing(self, story: Cast) -> None:
        """A model approved late is scored at every associated site by events alone (A40)."""
        cells = [
            cell
            for cell in story.committee.benchmark_cells(story.benchmark_id)
            if cell.model_id == story.cubes[plan.LATE]
        ]

        assert {cell.site for cell in cells} == set(SITES)
        assert {cell.status for cell in cells} == {ExecutionStatus.SUBMITTED}

    def test_is_not_done_twice(self, story: Cast) -> None:
        """A second run of every chapter finds all of it done: no cube and no flow is started again."""
        journals = [journal(story, site) for site in SITES]
        runs = count_runs()
        cubes = opening.read_cubes(story.engine, story.place)

        opening.sign_everyone_in(story)
        opening.register_cubes(story, cubes, list(plan.OWNERS))
        opening.found_benchmark(story, cubes)
        opening.associate_models(story, cubes, [m for m in ALL_MODELS if m != plan.REFERENCE])
        play.prepare_datasets(story)
        play.associate_datasets(story)
        play.see_scores(story, ALL_MODELS)
        play.publish(story)

        assert [journal(story, site) for site in SITES] == journals
        assert count_runs() == runs

    @pytest.mark.usefixtures("story")
    def test_has_a_pulse_by_the_clock(self) -> None:
        """Every place's sync is scheduled, so that nothing hangs on an event that is lost."""
        scheduled = FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED]))
        )

        with get_client(sync_client=True) as client:
            runs = client.read_flow_runs(flow_run_filter=scheduled)

        assert {run.work_pool_name for run in runs if run.auto_scheduled} == {"hub", *SITES}

    def test_stores_what_was_approved_to_the_byte(self, story: Cast) -> None:
        """The sha256 an approval was bound to is that of the items that were submitted under it."""
        approvals = story.people["site-a"].client.approvals(site="site-a")

        for approval in approvals:
            assert approval.shown_sha256 == items_digest(approval.items)
            assert set(approval.used) == {item.subject_id for item in approval.items}
