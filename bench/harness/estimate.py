"""How long a cell will take and how much memory, judged from records that were made before, on whatever machine.

Of the same cell, whatever its sources were then, the last record is taken, else one with another seed. Else those of the same learner,
with the same options where there are any, on other games: seconds as a power of the number of states, memory as a line in it.
"""

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from bench.harness.records import Record
from bench.harness.store import read_record
from bench.suites.grid import Cell
from bench.wording import duration
from games.errors import GaincurveError
from games.registry import make_game
from games.solving.store import read_arrays, truth_path
from policies.sampled_task import n_drawn

SLOPES = (0.5, 2.0)  # powers of the number of states between which seconds are taken to grow
SIZES = 3  # games of this number of different sizes settle the power; with fewer it is 1


class Estimate(NamedTuple):
    """What a cell is expected to take; None where nothing is known. `source` says from what."""

    seconds: float | None
    memory_mib: float | None
    source: str

    def __str__(self) -> str:
        memory = "" if self.memory_mib is None else f", {self.memory_mib:,.0f} MiB"
        return self.source if self.seconds is None else f"about {duration(self.seconds)}{memory} ({self.source})"


class Known(NamedTuple):
    """What one record says of its cost."""

    cell: Cell
    size: int  # states of its graph, or positions of its sample
    seconds: float
    memory_mib: float | None
    made: str


def known_of(record: Record) -> Known | None:
    """What a record says of its cost; None where it failed, so that it may have been given up half-way."""
    if record.error or not record.points or "total" not in record.seconds:
        return None
    made = str(record.provenance.get("made", ""))
    size = record.n_states if record.cell.positions is None else record.n_positions
    return Known(record.cell, size, record.seconds["total"], record.memory_mib, made)


def read_known(folders: Iterable[Path]) -> list[Known]:
    """What the sound records of these runs say of their cost."""
    found = []
    for path in (path for folder in folders for path in sorted((folder / "records").glob("*.json"))):
        try:
            known = known_of(read_record(path))
        except GaincurveError:
            continue
        if known:
            found.append(known)
    return found


class Estimator:
    """Estimates from what is known."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._last: dict[str, Known] = {}  # by id
        self._by_learner: dict[str, list[Known]] = {}
        self._sizes: dict[str, float | None] = {}  # states, by game
        self._judged: dict[bytes, Estimate] = {}  # by what is the same of cells that differ in their seeds
        for one in known:
            before = self._last.get(one.cell.id)
            self._last[one.cell.id] = one if before is None else max(before, one, key=lambda known: known.made)
            self._by_learner.setdefault(one.cell.learner, []).append(one)
            if one.cell.positions is None:
                self._sizes[one.cell.game] = one.size
        for one in self._last.values():
            self._judged[_but_for_seed(one.cell)] = Estimate(one.seconds, one.memory_mib, "as long as with another seed")

    def estimate(self, cell: Cell) -> Estimate:
        """What the cell is expected to take, without the time to enumerate and solve its game."""
        if cell.id in self._last:
            last = self._last[cell.id]
            return Estimate(last.seconds, last.memory_mib, "as long as last time")
        kind = _but_for_seed(cell)
        if kind not in self._judged:
            self._judged[kind] = self._judge(cell)
        return self._judged[kind]

    def _judge(self, cell: Cell) -> Estimate:
        is_sample = cell.positions is not None
        alike = [known for known in self._by_learner.get(cell.learner, []) if (known.cell.positions is not None) == is_sample]
        alike = [known for known in alike if known.cell.options == cell.options] or alike
        size = self._n_states(cell.game) if cell.positions is None else n_drawn(cell.positions, cell.held_out, cell.splits)
        if not alike or size is None:
            return Estimate(None, None, "no estimate: nothing like it has been measured")
        seconds = power_at(size, [(known.size, known.seconds) for known in alike])
        memory = line_at(size, [(known.size, known.memory_mib) for known in alike if known.memory_mib is not None])
        n_games = len({known.cell.game for known in alike})
        return Estimate(seconds, memory, f"judged by {cell.learner} on {n_games} game{'s' * (n_games != 1)}")

    def _n_states(self, game_id: str) -> float | None:
        """From a record, else from the solved game in the cache, else the game's own rough estimate."""
        if game_id not in self._sizes:
            try:
                game = make_game(game_id)
                path = truth_path(game)
                self._sizes[game_id] = len(read_arrays(path, check=False)[1]["graph.states"]) if path.exists() else game.estimate_states()
            except (GaincurveError, OSError, KeyError):
                self._sizes[game_id] = None
        return self._sizes[game_id]


def _but_for_seed(cell: Cell) -> bytes:
    return msgspec.json.encode(
        [cell.game, cell.learner, cell.options, cell.budgets, cell.held_out, cell.splits, cell.nulls, cell.split, cell.positions],
        order="deterministic",
    )


def power_at(size: float, pairs: Sequence[tuple[float, float]]) -> float:
    """The value at a size of the power law through (size, value), by least squares of logarithms, those of near sizes above all.

    What is k times as large or small counts 1 / k^2: how small games grow, which cost little but the start, says nothing of large ones.
    The power is kept within SLOPES, and is 1 where there are fewer than SIZES different sizes.
    """
    x = np.log([max(1.0, pair[0]) for pair in pairs]) - math.log(max(1.0, size))
    y = np.log([max(1e-6, pair[1]) for pair in pairs])
    nearness = np.exp(np.abs(x).min() - np.abs(x))
    slope = 1.0
    if len(np.unique(x)) >= SIZES:
        slope = float(np.clip(np.polyfit(x, y, 1, w=nearness)[0], *SLOPES))  # w multiplies residuals, so it counts squared
    return math.exp(float(np.average(y - slope * x, weights=nearness**2)))


def line_at(size: float, pairs: Sequence[tuple[float, float]]) -> float | None:
    """The value at a size of the rising line through (size, value), by least squares; None beyond what one size alone can tell."""
    if not pairs:
        return None
    x, y = np.array(pairs, dtype=np.float64).T
    if len(np.unique(x)) == 1:
        return float(y.max()) if size <= x[0] else None
    slope = max(0.0, float(np.polyfit(x, y, 1)[0]))
    return float(y.mean()) + slope * (size - float(x.mean()))
