"""Takes the pictures in docs/pictures/ from a real demo: `python -m docs.take_pictures` (needs Chromium)."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from rich.console import Console

from deployments.demo import benchmark as plan
from deployments.demo.cast import Cast
from deployments.demo.place import CUBES
from deployments.demo.run import played, show
from flows.handing_on import review_key
from flows.runs import find_run
from rounds.cubes import Cube, read_cube, to_record
from rounds.records.approvals import ApprovalStatus
from rounds.records.benchmarks import MetricsCubeChange
from rounds.records.cubes import State
from site_profiles.models import Engine

PICTURES = Path(__file__).parent / "pictures"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


def main() -> None:
    """Play the demo, let one release wait, and take a picture of each screen."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / ".demo"
        console = Console(record=True, width=110)
        with played(root, engine=Engine.PROCESS, console=Console()) as cast, sync_playwright() as p:
            show(console, cast.committee.leaderboard(cast.benchmark_id), root)
            console.save_svg(str(PICTURES / "leaderboard.svg"), title="make demo")
            browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            waiting = f"/runs/flow-run/{_let_one_wait(cast)}"
            _take(browser, cast, waiting, "suspended-review")
            _take(browser, cast, waiting, "resume-form", press="Resume")
            _take(browser, cast, f"/artifacts/artifact/{_report(cast)}", "report")
            browser.close()


def _let_one_wait(cast: Cast) -> str:
    """The id of a review that sleeps, since its data owner is away."""
    owner = cast.people.pop("site-a").client
    first = read_cube(CUBES / plan.METRICS)
    version = Cube(
        name="binary-metrics-strict",
        kind=first.kind,
        config=first.config,
        parameters={**first.parameters, "threshold": 0.6},
        artifacts=first.artifacts,
    )
    cast.people["committee"].sign_in_again()
    cube = cast.committee.register_cube(to_record(version, state=State.OPERATION))
    cast.committee.change_metrics(
        cast.benchmark_id,
        MetricsCubeChange(metrics_id=cube.id),
        revision=cast.committee.benchmark(cast.benchmark_id).revision,
    )
    cast.wait(
        "a review asleep",
        lambda: any(a.suspended for a in owner.approvals(status=ApprovalStatus.PENDING)),
    )
    (approval,) = owner.approvals(status=ApprovalStatus.PENDING)
    run = find_run(review_key(approval))
    cast.wait("the suspended state", lambda: bool(run))
    return str(run.id) if run else ""


def _report(cast: Cast) -> str:
    with get_client(sync_client=True) as client:
        (found,) = client.read_artifacts(
            artifact_filter=ArtifactFilter(
                key=ArtifactFilterKey(any_=[f"leaderboard-{cast.benchmark_id}"])
            )
        )
    return str(found.id)


def _take(browser: Browser, cast: Cast, path: str, name: str, *, press: str = "") -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    cookie = {"name": "prefect_ui_version", "value": "v1", "url": cast.stack.prefect_url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{cast.stack.prefect_url}{path}")
    page.wait_for_load_state("networkidle")
    if press:
        page.get_by_role("button", name=press).first.click()
        page.get_by_role("dialog").wait_for()
        page.wait_for_timeout(500)  # until the form has faded in
    page.screenshot(path=PICTURES / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main()
