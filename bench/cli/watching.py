"""The progress of a run on stderr: a live table in a terminal; elsewhere a line for each cell and one every half minute."""

import contextlib
import sys
import time
from collections.abc import Iterator

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bench.harness.progress import Clock, Progress
from bench.terminal import LINE_SECONDS, repeating
from bench.wording import count, duration

SHOWN = 12  # workers that a terminal shows


class Board:
    """The lines of a run on stderr."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._console = Console(file=sys.stderr)
        self._clock: Clock | None = None

    def say(self, line: str) -> None:
        """One line that stays."""
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def follow(self, clock: Clock) -> None:
        """Show the progress that a clock keeps from now on."""
        self._clock = clock

    @contextlib.contextmanager
    def shown(self) -> Iterator[None]:
        """Show the progress in the block, until it is left in whatever way."""
        if self._console.is_terminal:
            with Live(get_renderable=self._table, console=self._console, transient=True, redirect_stdout=False, redirect_stderr=False):
                yield
            return
        with repeating(self._say_progress, LINE_SECONDS):
            yield

    def _say_progress(self) -> None:
        if self._clock:
            self.say(f"{self._name}: {in_words(self._clock.progress())}")

    def _table(self) -> Group | Text:
        return table(self._clock.progress(), time.time()) if self._clock else Text(f"{self._name}: looking at what is there")


def in_words(progress: Progress) -> str:
    """Done, running, failed and time left, in one line."""
    n_done = progress.n_measured + progress.n_failed
    left = "" if progress.seconds_left is None else f", about {duration(progress.seconds_left)} left"
    stopping = ", stopping after the running cells" if progress.is_stopping else ""
    return (
        f"{n_done:,} of {count(progress.n_todo, 'cell')} done, {len(progress.running)} running, {progress.n_failed} failed{left}{stopping}"
    )


def table(progress: Progress, now: float) -> Group:
    """The progress and, worker by worker, what each is at and for how long."""
    rows = Table(box=None, pad_edge=False, show_header=False)
    for one in progress.running[:SHOWN]:
        rows.add_row(Text(one.worker, style="dim"), Text(one.cell_id), Text(duration(now - one.began), justify="right"))
    more = len(progress.running) - SHOWN
    tail = [Text(f"and {count(more, 'other')}", style="dim")] if more > 0 else []
    return Group(Text(in_words(progress)), rows, *tail)
