"""How far a preparation's cases have come: a snapshot for the site, percentages for who is told.

A snapshot names cases, so it stays in the workspace; what `on_progress` is told counts them.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from rounds.artifacts import Progress
from rounds.calls import RunContext
from rounds.documents import read_document, read_output
from rounds.errors import RoundsError
from rounds.preparation.sources import Stand
from rounds.workspace import Workspace, write_whole

_PAUSE_S = 0.5
_MAX_BYTES = 16 * 1024**2
_MAX_STATUS = 99
_TEXT = 200


class CaseStand(BaseModel):
    """Where one case stands: its step or stage, how it fares there, and what was said of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step: str
    stand: str
    comment: str = Field(default="", repr=False)


class Snapshot(BaseModel):
    """Where all cases stand: `through` maps each step to the percentage of cases that is through it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    n_cases: int = 0
    through: dict[str, int] = Field(default_factory=dict)
    cases: dict[str, CaseStand] = Field(default_factory=dict, repr=False)


def read_snapshot(workspace: Workspace, dataset_id: int) -> Snapshot:
    """Where a dataset's cases stood when it was last written; an empty one if it never was.

    Raises:
        SpecError: The file is not what is written there.
    """
    file = _file(workspace, dataset_id)
    return read_document(Snapshot, file) if file.exists() else Snapshot()


class Board:
    """A workflow's cases, step by step; several threads write on it."""

    def __init__(self, context: RunContext, dataset_id: int, steps: Sequence[str]) -> None:
        """Args: steps: the workflow's, in order."""
        self._context = context
        self._dataset_id = dataset_id
        self._through: dict[str, set[str]] = {step: set() for step in steps}
        self._of: dict[str, int] = {}
        self._cases: dict[str, CaseStand] = {}
        self._lock = threading.Lock()
        self._told_at = 0.0

    def begin(self, steps: Iterable[str], cases: Sequence[str]) -> None:
        """The cases of these steps are known."""
        with self._lock:
            self._of.update(dict.fromkeys(steps, len(cases)))

    def set(self, case: str, step: str, stand: Stand, comment: str = "") -> None:
        """A case stands so at a step."""
        with self._lock:
            if case:
                self._cases[case] = CaseStand(step=step, stand=stand, comment=comment)
            if stand is Stand.THROUGH:
                self._through[step].add(case)
            if time.monotonic() - self._told_at >= _PAUSE_S:
                self._tell()

    def pass_by(self, case: str, step: str) -> None:
        """A case's way does not lead through a step."""
        with self._lock:
            self._through[step].add(case)

    def tell(self) -> None:
        """Tell where all stand, however short ago it was told."""
        with self._lock:
            self._tell()

    def _tell(self) -> None:
        self._told_at = time.monotonic()
        through = {
            step: 100 * len(self._through[step]) // n_cases for step, n_cases in self._of.items()
        }
        n_cases = max(self._of.values(), default=0)
        snapshot = Snapshot(n_cases=n_cases, through=through, cases=dict(self._cases))
        _publish(snapshot, self._context, self._dataset_id)


class ReportFollower:
    """A preparator's report.yaml, read when it changes; one that is half written is read the next time."""

    def __init__(self, report: Path, context: RunContext, dataset_id: int) -> None:
        """Args: report: where the cube writes it."""
        self._report = report
        self._context = context
        self._dataset_id = dataset_id
        self._seen = 0

    def look(self) -> None:
        """Tell where the cases stand, if the report changed."""
        try:
            changed = self._report.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed == self._seen:
            return
        try:
            document = read_output(self._report, max_bytes=_MAX_BYTES)
        except RoundsError:
            return
        self._seen = changed
        _publish(read_report(document), self._context, self._dataset_id)


def read_report(document: dict[str, JsonValue]) -> Snapshot:
    """Where cases stand by a report, columns by name, each a mapping from case to value.

    Of each whole number from 0 to 99 among `status` the percentage of cases that has come so far is under
    `status_<number>`: what the cube calls a status stays at the site.
    """
    statuses, names, comments = (
        column if isinstance(column := document.get(name), dict) else {}
        for name in ("status", "status_name", "comment")
    )
    numbers = {
        case: status
        for case, status in statuses.items()
        if isinstance(status, int) and not isinstance(status, bool)
    }
    reached = {
        f"status_{stage}": 100 * sum(n >= stage for n in numbers.values()) // len(numbers)
        for stage in sorted({n for n in numbers.values() if 0 <= n <= _MAX_STATUS})
    }
    cases = {
        case: CaseStand(
            step=str(number),
            stand=str(names.get(case, ""))[:_TEXT],
            comment=str(comments.get(case, ""))[:_TEXT],
        )
        for case, number in numbers.items()
    }
    return Snapshot(n_cases=len(numbers), through=reached, cases=cases)


def _publish(snapshot: Snapshot, context: RunContext, dataset_id: int) -> None:
    write_whole(_file(context.workspace, dataset_id), snapshot.model_dump_json().encode())
    context.on_progress(Progress(n_cases=snapshot.n_cases, percentages=snapshot.through))


def _file(workspace: Workspace, dataset_id: int) -> Path:
    return workspace.folder("progress") / f"{dataset_id}.json"
