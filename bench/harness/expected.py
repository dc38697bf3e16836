"""How many states a game has, and how much memory and time solving it takes, before it is done.

A game that is solved in the cache gives its own numbers. Else time grows with the number of states as a power that is fitted to the
solved games in the cache: those of the same family, or where there are none, all of them.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.harness.estimate import Estimate, Estimator, power_at, read_known
from bench.suites.grid import Cell
from bench.wording import duration
from games.contract import Game
from games.go_large.solve import MAX_MEMORY, estimate_bytes, estimate_kept_bytes
from games.go_large.table import table_path
from games.keys.sources import cache_root
from games.rules.go import Go
from games.solving.graph import MAX_STATES
from games.solving.store import truth_path

STATE_BYTES = 100  # while a Go board is enumerated, as games/solving/graph.py says
BASE_BYTES = 160e6  # that Python and Numba hold without any game
SECONDS = ((244_716, 0.5), (4_693_575, 7.0))  # states and seconds of go-3x4 and hex-4 on an AMD EPYC: for an empty cache
LARGE_SECONDS = ((5.9e6, 3.0), (8.9e6, 5.0), (1.6e8, 104.0), (1.4e9, 1106.0))  # 3x5, 4x4, 3x6 and 4x5, as games/go_large/solve.py says
MIN_STATES = 10_000  # of a game on which fits are announced: records are not read for a smaller one
LONG = 60.0  # seconds; what takes longer is announced


class Expected(NamedTuple):
    """What solving a game is expected to take. `source` says what the time is judged by."""

    states: float
    is_exact: bool  # the states were counted
    memory_bytes: float
    disk_bytes: float
    seconds: float
    source: str
    problem: str = ""  # why it would be refused; empty where it would not
    kept_bytes: float = 0.0  # of the disk, afterwards

    def __str__(self) -> str:
        states = f"{self.states:,.0f} states" if self.is_exact else f"about {self.states:.2g} states"
        size = f"{_size(self.memory_bytes)} of memory, {_size(self.disk_bytes)} of disk"
        size += f" of which {_size(self.kept_bytes)} stay" if self.kept_bytes else ""
        return f"{states}, {size}, {duration(self.seconds)} ({self.source})"


def expect_solving(game: Game, without_graph: bool = False, rebuild: bool = False, keep: bool = False) -> Expected:
    """What it takes to solve a game; from the cache if it is there. `keep`: the table that is made without a graph stays.

    Raises WorkError as `truth_path` does.
    """
    if without_graph and isinstance(game, Go):
        return _expect_large(game, rebuild, keep)
    path = truth_path(game)
    if not rebuild and path.exists() and (counted := _read_header(path)):
        memory = BASE_BYTES + path.stat().st_size
        return Expected(counted[1], True, memory, 0.0, 0.0, "in the cache, only to be read")
    states = game.estimate_states()
    fastest: dict[str, tuple[int, float]] = {}  # by game; slower ones compiled their kernels, or shared the processor
    for game_id, n_states, seconds in filter(None, map(_read_header, (cache_root() / "truth").glob("*.bin"))):
        fastest[game_id] = (n_states, min(seconds, fastest.get(game_id, (0, seconds))[1]))
    family = game.id.partition("-")[0]
    pairs = [pair for game_id, pair in fastest.items() if game_id.partition("-")[0] == family] or list(fastest.values())
    n_games = len(pairs)
    source = f"judged by {n_games} solved game{'s' * (n_games != 1)}" if pairs else "judged by go-3x4 and hex-4 on another machine"
    problem = f"at most {MAX_STATES:.0e} states are held" if states > MAX_STATES else ""
    return Expected(
        states, False, BASE_BYTES + STATE_BYTES * states, STATE_BYTES * states, power_at(states, pairs or SECONDS), source, problem
    )


def expect_fitting(game: Game, learner: str, options: Mapping[str, Any], budget: int | None, runs: Path) -> Estimate:
    """What fitting and measuring a learner is expected to take, without solving the game.

    It is judged by the records of the runs in `runs`, and of `reference` beside them. Each is of a curve at several budgets.
    """
    folders = [path.parent for path in sorted(runs.glob("*/records"))]
    cell = Cell(game.id, learner, "", dict(options), None if budget is None else [budget])
    return Estimator(read_known([*folders, runs.parent / "reference"])).estimate(cell)


def _expect_large(game: Go, rebuild: bool, keep: bool) -> Expected:
    path = table_path(game)
    if path.exists() and not rebuild:
        size = path.stat().st_size
        return Expected(game.estimate_states(), False, BASE_BYTES + size, 0.0, 0.0, "its table is kept, only to be read", "", size)
    memory, disk = estimate_bytes(game)
    kept = estimate_kept_bytes(game) if keep else 0.0
    disk += kept
    states = game.estimate_states()
    free = shutil.disk_usage(cache_root()).free
    problem = f"at most {_size(MAX_MEMORY)} of memory and {_size(free)} of disk are used" if memory > MAX_MEMORY or disk > free else ""
    seconds = power_at(states, LARGE_SECONDS)
    return Expected(states, False, memory, disk, seconds, "processor time, judged by 3x5 to 4x5 on another machine", problem, kept)


def _read_header(path: Path) -> tuple[str, int, float] | None:
    """The id, states and seconds of a solved game, from the first line of its file; None where that cannot be read."""
    try:
        with path.open("rb") as file:
            header = json.loads(file.readline())
        n_states = next(array["shape"][0] for array in header["arrays"] if array["name"] == "graph.states")
        return str(header["game"]), int(n_states), float(sum(header["seconds"]))
    except (OSError, ValueError, KeyError, TypeError, StopIteration):
        return None


def _size(n_bytes: float) -> str:
    return f"{n_bytes / 1e9:,.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:,.0f} MB"
