"""Tables on a terminal, drawn by rich; imported only when there is one to draw."""

import re
import sys
from collections.abc import Sequence
from enum import Enum
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.cells import text_of

GAP: Final = 2
NARROWEST: Final = 8
DIGEST: Final = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
DIGITS: Final = 12
STYLES: Final = {
    **dict.fromkeys(("APPROVED", "GRANTED", "SUBMITTED", "IN_FORCE", "DELIVERED", "OK"), "green"),
    **dict.fromkeys(("PENDING", "WAITING", "WARNING"), "yellow"),
    **dict.fromkeys(("FAILED", "REFUSED", "REJECTED", "REVOKED", "EXPIRED", "DEAD"), "red"),
}


def print_table(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Draw rows below their titles, each on one line.

    Free text gives way where the terminal is too narrow, down to a few letters a column; where that is not
    enough the lines are longer than the terminal is wide, since half an id is another id.
    """
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    columns = list(zip(*rows, strict=True))
    narrowest = GAP * (len(titles) - 1)
    for title, values in zip(titles, columns, strict=True):
        widest = max(cell_len(text) for text in (title, *map(_shown, values)))
        least = min(widest, NARROWEST) if any(map(_may_shrink, values)) else widest
        narrowest += least
        table.add_column(
            Text(title, no_wrap=True, overflow="ellipsis"),
            justify="right" if any(map(_is_number, values)) else "left",
            min_width=least,
            no_wrap=least == widest,
        )
    # One cell of many lines a column: with a cell a value, 11,000 rows take rich four times as long.
    table.add_row(*map(_cell, columns))
    console = _console()
    console.width = max(console.width, narrowest)
    console.print(table)


def print_fields(rows: Sequence[tuple[str, str]]) -> None:
    """Draw names and beside each its value, whole, on as many lines as it takes."""
    grid = Table.grid(padding=(0, GAP, 0, 0))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for name, text in rows:
        grid.add_row(Text(name), Text(text))
    _console().print(grid)


def _console() -> Console:
    return Console(file=sys.stdout, markup=False, emoji=False, highlight=False)


def _cell(values: Sequence[object]) -> Text:
    lines = [_shown(value) for value in values]
    text = Text("\n".join(lines), no_wrap=True, overflow="ellipsis")
    start = 0
    for value, line in zip(values, lines, strict=True):
        if style := _style(value):
            text.stylize(style, start, start + len(line))
        start += len(line) + 1
    return text


def _style(value: object) -> str:
    return STYLES.get(str(value.value).upper(), "") if isinstance(value, Enum) else ""


def _shown(value: object) -> str:
    text = text_of(value)
    if not DIGEST.fullmatch(text):
        return text
    return text.removeprefix("sha256:")[:DIGITS]


def _may_shrink(value: object) -> bool:
    if isinstance(value, str):
        return not isinstance(value, Enum) and not DIGEST.fullmatch(value)
    return isinstance(value, list | tuple)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
