"""Who is doing what, drawn while the story goes on; plain lines where there is no terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

ACTORS = (
    "administrator",
    "committee",
    "owner-1",
    "owner-2",
    "hub",
    "site-a",
    "site-b",
    "site-c",
)
EARLIER = 8


@dataclass
class Display:
    """One row an actor, and below it what happened last. `took` keeps each chapter's seconds."""

    console: Console
    started: float = field(default_factory=monotonic)
    doing: dict[str, str] = field(default_factory=dict)
    earlier: list[str] = field(default_factory=list)
    chapter: str = ""
    took: dict[str, float] = field(default_factory=dict)
    live: Live | None = None

    def say(self, actor: str, words: str) -> None:
        """Show what an actor does now."""
        if self.doing.get(actor) == words:
            return
        self.doing[actor] = words
        line = f"{monotonic() - self.started:5.0f} s  {actor:<14} {words}"
        self.earlier.append(line)
        if self.live is None:
            self.console.print(line, highlight=False)
        else:
            self.live.update(self._draw())

    @contextmanager
    def part(self, title: str) -> Iterator[None]:
        """A chapter of the story; its wall time goes into `took`."""
        self.chapter, began = title, monotonic()
        if self.live is None:
            self.console.print(f"[bold]{title}[/bold]")
        yield
        self.took[title] = round(monotonic() - began, 2)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Draw in place while the block runs, if the console is a terminal."""
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, refresh_per_second=4, transient=True) as self.live:
            yield
        self.live = None

    def _draw(self) -> Group:
        table = Table(box=None, show_header=False, padding=(0, 2))
        for actor in ACTORS:
            table.add_row(Text(actor, style="bold cyan"), Text(self.doing.get(actor, "")))
        lines = Text("\n".join(self.earlier[-EARLIER:]), style="dim")
        head = Text(f"{monotonic() - self.started:5.0f} s  {self.chapter}", style="bold")
        return Group(head, table, Text(), lines)
