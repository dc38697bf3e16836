"""How the command line talks: answers on stdout, progress on stderr, and nothing else on stdout with --json."""

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from bench.wording import duration, show

PLAIN_WIDTH = 160  # columns of a table that goes to a file or a pipe
FIRST_SECONDS = 10.0  # until the first line of progress that goes to a file or a pipe
LINE_SECONDS = 30.0  # between two such lines


def emit_json(answer: dict[str, Any]) -> None:
    """Print one JSON object."""
    print(json.dumps(finite(answer), indent=1, ensure_ascii=False, allow_nan=False))


def finite(value: Any) -> Any:
    """A value as JSON holds it: null stands for a number that is infinite or none, for which JSON has no word."""
    return json.loads(json.dumps(value), parse_constant=lambda _: None)


def emit_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; columns whose cells are all numbers are aligned right."""
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)
    table = Table(title=escape(title) or None, title_justify="left", box=None, pad_edge=False, show_header=any(columns))
    for number, column in enumerate(columns):
        numeric = all(isinstance(row[number], int | float | None) for row in rows)
        table.add_column(escape(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(escape(show(cell)) for cell in row))
    console.print(table)


@contextlib.contextmanager
def progress(total: int | None = None) -> Iterator[Progress]:
    """A progress display on stderr that disappears when the work is done; with no total it only shows that time passes.

    A file or a pipe gets a line after FIRST_SECONDS, then every LINE_SECONDS.
    """
    columns = [SpinnerColumn(), TextColumn("{task.description}")]
    if total is not None:
        columns += [BarColumn(), MofNCompleteColumn()]
    console = Console(stderr=True)
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal) as bars:
        if console.is_terminal:
            yield bars
            return
        with repeating(lambda: _say_progress(bars), LINE_SECONDS, FIRST_SECONDS):
            yield bars


def _say_progress(bars: Progress) -> None:
    for task in bars.tasks:
        done = f", {task.completed:,.0f} of {task.total:,.0f} done" if task.total else ""
        print(f"{task.description}: {duration(task.elapsed or 0.0)} so far{done}", file=sys.stderr)


@contextlib.contextmanager
def repeating(say: Callable[[], None], seconds: float, first: float | None = None) -> Iterator[None]:
    """Call `say` after `first` seconds and then every `seconds` seconds, in a thread, until the block is left in whatever way."""
    ended = threading.Event()

    def repeat() -> None:
        wait = seconds if first is None else first
        while not ended.wait(wait):
            say()
            wait = seconds

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@contextlib.contextmanager
def working(description: str) -> Iterator[None]:
    """Show on stderr that something is being worked on, and for how long."""
    with progress() as bars:
        bars.add_task(description, total=None)
        yield


@contextlib.contextmanager
def stages(description: str) -> Iterator[Callable[[str, float], None]]:
    """Show on stderr what a call of the yielded function says: the stage of long work and its share done, 0 to 1; and the time left.

    A terminal shows a bar; a file or a pipe gets a line every LINE_SECONDS.
    """
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    said = ("", 0.0, 0.0)  # the stage, share and time of the last line, or of the stage's beginning

    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task(description, total=1.0)

        def report(stage: str, share: float) -> None:
            nonlocal said
            now = time.monotonic()
            if stage != said[0]:
                said = (stage, share, now)
                bars.reset(task, description=f"{description}: {stage}")
            bars.update(task, completed=share)
            _, before, then = said
            if now - then >= LINE_SECONDS and not console.is_terminal:
                left = "" if share == before else f", about {duration((now - then) * (1 - share) / (share - before))} left"
                print(f"{description}: {stage} {share:.0%}{left}", file=sys.stderr)
                said = (stage, share, now)

        yield report
