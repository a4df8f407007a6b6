"""What the command line shows: progress while something runs, and a table of how it went.

In a terminal with bars and colours; elsewhere plain lines that a log can hold.
"""

import contextlib
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from app.pipeline import Progress, Report, Watch

_COLOURS = {"ok": "green", "partial": "yellow", "paused": "yellow", "failed": "red"}


class _Rate(ProgressColumn):
    """Things done in a second, lately."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


@contextlib.contextmanager
def watched(console: Console) -> Iterator[Watch]:
    """Show progress while the context lasts; a line per thing, no more, where nobody looks."""
    if not console.is_terminal:
        yield lambda _: None
        return
    tasks: dict[tuple[str, str], TaskID] = {}
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        _Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, transient=True) as bars:

        def watch(progress: Progress) -> None:
            key = (progress.stage, progress.about)
            if key not in tasks:
                tasks[key] = bars.add_task(f"{progress.stage}: {progress.about}", total=None)
            bars.update(tasks[key], completed=progress.done, total=progress.total)

        yield watch


def reports_table(reports: Sequence[Report]) -> Table:
    """How each stage went."""
    table = Table(box=None, pad_edge=False)
    table.add_column("stage")
    table.add_column("connection")
    table.add_column("result")
    table.add_column("what", overflow="fold")
    table.add_column("seconds", justify="right")
    for report in reports:
        colour = _COLOURS.get(report.status, "default")
        what = report.reason or ", ".join(f"{n:,} {k}" for k, n in report.counts.items())
        table.add_row(
            report.stage,
            report.title,
            f"[{colour}]{report.status}[/]",
            what,
            f"{report.seconds:.1f}",
        )
    return table
