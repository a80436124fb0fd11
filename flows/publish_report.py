"""The committee's report of a benchmark: the leaderboard as CSV, as Markdown, and in the Prefect UI."""

from prefect.artifacts import create_markdown_artifact

from flows.guarded import site_flow
from flows.places import this_hub
from rounds.report import write_report


@site_flow
def publish_report(benchmark_id: int) -> None:
    """Write the benchmark's leaderboard and report below the hub's workspace. Holds aggregates only."""
    with this_hub() as hub:
        leaderboard = hub.registry.leaderboard(benchmark_id)
        folder = hub.workspace.folder("reports", f"benchmark-{benchmark_id}")
        text = write_report(leaderboard, hub.registry.benchmark(benchmark_id), folder)
        create_markdown_artifact(key=f"leaderboard-{benchmark_id}", markdown=text)
