"""The demo from start to end: put everything up, play the story, show the leaderboard, take it down."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfile
from threading import Event

from prefect.settings import PREFECT_API_URL, temporary_settings
from rich.console import Console
from rich.table import Table

from deployments.demo import benchmark as plan
from deployments.demo import opening, play
from deployments.demo.cast import Cast
from deployments.demo.display import Display
from deployments.demo.people import ADMINISTRATOR, Person, email_of, sign_in
from deployments.demo.place import Place
from deployments.stack import Stack
from rounds.errors import RunnerError
from rounds.records.leaderboards import POOLED, Leaderboard
from rounds.report import leaderboard_frame
from site_profiles.models import Engine

FIRST = [name for name in plan.OWNERS if name != plan.LATE]
MODELS = [name for name in FIRST if name not in (plan.PREPARATOR, plan.METRICS)]


def run_demo(root: Path, *, engine: Engine, keep: bool, console: Console) -> None:
    """Play the story below `root` and leave `leaderboard.csv` and `report.md` there.

    Args:
        root: The demo's folder; what an earlier run did there is not done again.
        engine: What runs the cubes.
        keep: Leave everything up until Ctrl-C or the terminal closes, and print where it is.
        console: Where to draw.

    Raises:
        RoundsError: A part did not come up, or a chapter did not end in time.
    """
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    with played(root, engine=engine, console=console) as cast:
        show(console, cast.committee.leaderboard(cast.benchmark_id), root)
        if keep:
            _keep_up(console, cast)


@contextmanager
def played(root: Path, *, engine: Engine, console: Console, lease_s: float = 30) -> Iterator[Cast]:
    """The cast after the whole story, everything still up; all of it is taken down after the block."""
    root = root.resolve()
    _check_engine(root, engine)
    stack = Stack(root, lease_s=lease_s)
    display = Display(console)
    try:
        with temporary_settings({PREFECT_API_URL: f"{stack.prefect_url}/api"}):
            with display.shown():
                cast = play_story(root, stack, display, engine)
            leave_report(root, cast)
            yield cast
            cast.leave()
    finally:
        stack.stop()
        (root / "timing.json").write_text(json.dumps(display.took, indent=1))


def play_story(root: Path, stack: Stack, display: Display, engine: Engine) -> Cast:
    """Start everything and play every chapter; what is done already is passed over."""
    with display.part("start"):
        stack.begin_prefect()
        admin = _start_registry(root, stack)
        cast = Cast(Place(root), stack, display, engine, people={ADMINISTRATOR: admin})
    with display.part("open"):
        opening.sign_everyone_in(cast)
        cubes = opening.read_cubes(engine, cast.place)
        opening.register_cubes(cast, cubes, FIRST)
        opening.found_benchmark(cast, cubes)
        opening.associate_models(cast, cubes, [name for name in MODELS if name != plan.REFERENCE])
    with display.part("deploy"):
        stack.await_prefect()
        stack.deploy()
        opening.open_hospitals(cast)
    with display.part("prepare"):
        play.prepare_datasets(cast)
    with display.part("associate"):
        play.associate_datasets(cast)
    with display.part("evaluate"):
        play.see_scores(cast, MODELS)
    with display.part("a late model"):
        cast.people["committee"].patient = True
        opening.register_cubes(cast, cubes, [plan.LATE])
        opening.associate_models(cast, cubes, [plan.LATE])
        play.see_scores(cast, [*MODELS, plan.LATE])
    with display.part("report"):
        play.publish(cast)
    return cast


def _start_registry(root: Path, stack: Stack) -> Person:
    """The administrator, once the registry answers."""
    people = root / "people"
    invitation = people / f"{ADMINISTRATOR}.invitation"
    if not (people / f"{ADMINISTRATOR}.password").exists() and not invitation.exists():
        people.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "registry_api", "init", "--database", str(stack.database)]
        argv += ["--invitation-file", str(invitation), "--email", email_of(ADMINISTRATOR)]
        stack.database.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([*argv, "--name", "Admin"], check=True)
    stack.start_registry()
    return sign_in(ADMINISTRATOR, people, stack.registry_url)


def _check_engine(root: Path, engine: Engine) -> None:
    mark = root / "engine"
    root.mkdir(parents=True, exist_ok=True)
    found = mark.read_text() if mark.exists() else engine.value
    if found != engine.value:
        raise RunnerError(
            f"found a demo of the {found} engine, needed {engine}; run make clean first"
        )
    mark.write_text(engine.value)


def leave_report(root: Path, cast: Cast) -> None:
    """Copy the hub's leaderboard and report to the top of the demo's folder."""
    for name in ("leaderboard.csv", "report.md"):
        copyfile(cast.place.reports(cast.benchmark_id) / name, root / name)


def show(console: Console, leaderboard: Leaderboard, root: Path) -> None:
    """Print the pooled leaderboard and say where the rest is."""
    frame = leaderboard_frame(leaderboard)
    pooled = [row for row in frame.to_dicts() if row["site"] == POOLED]
    metrics = list(dict.fromkeys(row["metric"] for row in pooled))
    table = Table(title=f"{plan.NAME}, pooled over three hospitals", title_style="bold")
    for column in ("rank", "model", *metrics, "cases"):
        table.add_column(column, justify="left" if column == "model" else "right")
    for row in sorted((r for r in pooled if r["rank"]), key=lambda r: r["rank"]):
        scores = {r["metric"]: r["score"] for r in pooled if r["model"] == row["model"]}
        cells = [f"{scores[name]:.4f}" for name in metrics]
        table.add_row(str(row["rank"]), row["model"], *cells, str(row["n_cases"]))
    console.print(table)
    console.print(
        f"{root.name}/leaderboard.csv and {root.name}/report.md hold every site and metric."
    )


def _keep_up(console: Console, cast: Cast) -> None:
    console.print(f"Prefect   {cast.stack.prefect_url}")
    console.print(f"registry  {cast.stack.registry_url}/api/v1/openapi.json")
    console.print("people, each with a password in a file that only you can read:")
    for file in sorted(cast.place.people.glob("*.password")):
        console.print(f"  {email_of(file.stem):<30} {file}", soft_wrap=True)
    console.print("Everything stays up until Ctrl-C.")
    with suppress(KeyboardInterrupt):
        Event().wait()
