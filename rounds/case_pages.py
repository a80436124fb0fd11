"""A page of the cases that a model judged worst and best, for the site's own eyes: it never leaves its workspace.

What it shows comes from `cases.csv` among the metrics cube's local outputs: one row a case, `case_id` (or `case`) first.
"""

import csv
import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rounds.errors import Code, NotFound, RunnerError
from rounds.pending import recall
from rounds.workspace import Workspace, write_whole

CASES = "local/cases.csv"
MAX_BYTES = 200_000_000
_NAMES = ("case_id", "case")
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer"><title>{title}</title>
<style>body {{ font: 15px sans-serif; margin: 2em; }} table {{ border-collapse: collapse; }}
td, th {{ border: 1px solid #bbb; padding: .3em .8em; text-align: left; }}</style></head><body>
"""


@dataclass(frozen=True, slots=True)
class Cases:
    """Rows from worst to best, each as the cube wrote it; `by` says what they are ordered by."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)
    by: str


def write_page(workspace: Workspace, execution_id: int, *, n_cases: int) -> Path:
    """The page of an execution's worst and best cases, so many of each, which only this user can read.

    Raises:
        NotFound: Nothing of the execution is at this site.
        IntegrityError: What was evaluated is no longer what it was.
        RunnerError: The metrics cube wrote no such file, or one that cannot be read.
    """
    key = recall(workspace, execution_id).metrics_key
    found = workspace.find("evaluate", key) if key else None
    if found is None:
        message = f"what execution {execution_id} was evaluated to is no longer at this site"
        raise NotFound(f"{message}; evaluate it again")
    cases = read_cases(workspace.files("evaluate", found) / CASES)
    folder = workspace.folder("pages")
    folder.chmod(0o700)
    target = folder / f"execution-{execution_id}.html"
    write_whole(target, page_of(cases, execution_id, n_cases=n_cases).encode())
    return target.absolute()


def read_cases(path: Path) -> Cases:
    """The cases of a metrics cube's file, worst first.

    They are ordered by `error`, greatest first; where there is none by how far `score` is from `label`; and
    where there is no label by `score`, smallest first.

    Raises:
        RunnerError: There is no file, or one without these columns, or with something else than numbers there.
    """
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise _unusable("no cases.csv, or one of more than 200 MB,")
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        try:
            table = list(csv.reader(file))
        except csv.Error as error:
            raise _unusable("no table in cases.csv") from error
    columns = tuple(table[0]) if table else ()
    rows = [tuple(row) for row in table[1:]]
    if not columns or columns[0] not in _NAMES or any(len(row) != len(columns) for row in rows):
        raise _unusable("no rows of one length, the case first,")
    measure, by = _measure(columns)
    ranked = sorted(rows, key=lambda row: _number(measure, row), reverse=True)
    return Cases(columns=columns, rows=tuple(ranked), by=by)


def page_of(cases: Cases, execution_id: int, *, n_cases: int) -> str:
    """The page as HTML, without a script or an address; every word of the cube's is text."""
    title = f"Execution {execution_id}"
    worst, best = cases.rows[:n_cases], cases.rows[n_cases:][-n_cases:][::-1]
    parts = [
        _HEAD.format(title=title),
        f"<h1>{title}</h1><p>{len(cases.rows):,} cases, by {html.escape(cases.by)}.",
        " This page is about patients: it stays at this site.</p>",
        _table("Worst", cases.columns, worst),
        _table("Best", cases.columns, best),
        "</body></html>\n",
    ]
    return "".join(parts)


def _measure(columns: Sequence[str]) -> tuple[tuple[int, ...], str]:
    """The places of the one or two columns that order the cases, and their words."""
    if "error" in columns:
        return (columns.index("error"),), "error"
    if {"score", "label"} <= {*columns}:
        both = (columns.index("score"), columns.index("label"))
        return both, "distance of score from label"
    if "score" in columns:
        # The distance from infinity would tell nothing: a score alone is turned around.
        return (columns.index("score"), -1), "score"
    raise _unusable("no column error or score")


def _number(measure: tuple[int, ...], row: Sequence[str]) -> float:
    try:
        numbers = [float(row[place]) for place in measure if place >= 0]
    except ValueError as error:
        raise _unusable(
            "something else than numbers in the columns that order the cases"
        ) from error
    if any(math.isnan(number) for number in numbers):
        return math.inf
    if -1 in measure:
        return -numbers[0]
    return abs(numbers[0] - numbers[1]) if len(numbers) > 1 else numbers[0]


def _table(title: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{html.escape(column)}</th>" for column in columns)
    lines = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>\n" for line in lines)
    return f"<h2>{title}</h2>\n<table><tr>{head}</tr>\n{body}</table>\n"


def _unusable(found: str) -> RunnerError:
    message = (
        f"found {found} among the metrics cube's local outputs, needed case_id, and error or score"
    )
    return RunnerError(f"{message}; ask its author", code=Code.OUTPUT_INVALID)
