"""docs/search.md: what Monte Carlo search leaves at growing numbers of simulations, how that grows with the board, and over which priors.

Go 4x4 is a random sample of the positions of its table; the others are random parts of solved graphs, or all positions where there are few.
"""

import functools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bench.tails.curves import PathRegrets, curve_of_regrets, position_regrets, regrets_of_path
from bench.tails.slopes import band
from bench.tails.verdict import Tail, tail_of
from games.arrays import Float64s, Int64s
from policies.api import Task, action_probabilities, uniform_probabilities
from policies.registry import make_learner
from policies.sampled_task import sampled_task
from policies.search.base import ranked
from policies.search.mcts import MctsLearner, Settings, search
from policies.search.positions import drawn_positions
from policies.task import make_task

SEED = 0
PART = 1000  # positions of a game that has more
RUNGS = (1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128, 181, 256, 362, 512, 724, 1024)
SIMULATIONS = {"tictactoe": RUNGS, "go-3x3": RUNGS, "go-3x4": (*RUNGS, 4096), "go-4x4": (16, 64, 256)}
FIRST, SHOWN = 16, (16, 64, 256, 1024, 4096)  # simulations from which an exponent is fitted, and those in the table
SAMPLED = {"go-4x4": 300}
FALLS = ("tictactoe", "go-3x3", "go-3x4")
POWERS = ("go-3x3", "go-3x4")  # not tictactoe, of which nothing is left
GROWN = ("go-3x3", "go-3x4", "go-4x4")
LEVELS = (0.7, 0.5, 0.4)  # residuals at which boards are compared
MINIMAX = {"tictactoe": 8, "go-3x3": 8, "go-3x4": 8}
PRIORS = ("go-3x3",)
BELOW = ("", "rulelist:language=concepts;atoms=single;polish=false@8", "weighted@16", "minimax@2")
SELECTIONS = ("uct", "puct", "gumbel")
GIVEN = (16, 64, 256, 1024)  # simulations over a prior
TABLE_HEAD = "| game | simulations | positions | residual, % | band | moves a decision |\n|---|--:|--:|--:|--:|--:|"
TAILS_HEAD = "| search | game | positions | verdict | why |\n|---|---|--:|---|---|"
GROWTH_HEAD = f"| residual, % | {' | '.join(GROWN)} | 3x4 over 3x3 | 4x4 over 3x4 |\n|--:|--:|--:|--:|--:|--:|"
PRIORS_HEAD = (
    f"| game | below | alone, % | bits | selection | {' | '.join(f'{n:,} simulations' for n in GIVEN)} |"
    f"\n|---|---|--:|--:|---|{'--:|' * len(GIVEN)}"
)


class Residual(NamedTuple):
    """What a policy leaves of the regret of random play on a random part of the positions."""

    share: float
    band: float  # 1.96 standard errors; 0 where all positions are measured

    def __str__(self) -> str:
        return f"{100 * self.share:.1f}" + (f" +- {100 * self.band:.1f}" if self.band else "")


@dataclass(frozen=True, eq=False)
class Part:
    """Some positions of a game."""

    task: Task
    at: Int64s  # places in the task's graph
    is_whole: bool

    @property
    def uniform(self) -> Float64s:
        """What uniform choice loses in each: [n]."""
        return position_regrets(self.task, uniform_probabilities(self.task.graph))[self.at]

    def losses(self, scores: Float64s) -> Float64s:
        """What the best moves by these scores lose in each: [n]."""
        return position_regrets(self.task, action_probabilities(self.task.graph, scores))[self.at]

    def residual(self, lost: Float64s) -> Residual:
        """The share of what uniform choice loses, with the error of the ratio of two means (Cochran 1977, section 2.11). lost: [n]"""
        even = self.uniform
        share, n = float(lost.sum() / even.sum()), len(lost)
        error = 0.0 if self.is_whole else float(np.sqrt(n / (n - 1) * ((lost - share * even) ** 2).sum()) / even.sum())
        return Residual(share, 1.96 * error)


def part_of(game_id: str, n: int) -> Part:
    """At most `n` positions of a game, or the sample of its table."""
    if game_id in SAMPLED:
        task = sampled_task(game_id, SAMPLED[game_id], SEED)
        return Part(task, task.graph.positions, is_whole=False)
    task = make_task(game_id)
    at = drawn_positions(task, n)
    return Part(task, at, is_whole=len(at) == len(task.graph.positions))


def settings(simulations: int, selection: str = "uct") -> Settings:
    """Those of the learner's defaults."""
    return Settings(simulations, SEED, selection, 1.0, "search_first", "uniform")


@dataclass(frozen=True, eq=False)
class Ladder:
    """Searches of one game at growing numbers of simulations."""

    part: Part
    path: PathRegrets
    moves: tuple[float, ...]  # that each makes a decision


@functools.cache
def ladder(game_id: str) -> Ladder:
    """UCT at each of SIMULATIONS."""
    part = part_of(game_id, PART)
    lost, moves = [], []
    for n in SIMULATIONS[game_id]:
        scores, made = search(part.task, settings(n), None, part.at)
        lost.append(part.losses(scores))
        moves.append(float(made.mean()))
        print(game_id, n, part.residual(lost[-1]), file=sys.stderr, flush=True)
    weights = np.full(len(part.at), 1.0 / len(part.at))
    return Ladder(part, PathRegrets(list(SIMULATIONS[game_id]), np.array(lost), part.uniform, weights, is_finished=False), tuple(moves))


class Place(NamedTuple):
    """A search by its residual and its work."""

    simulations: int
    positions: int
    residual: Residual
    moves: float  # a decision


def shown(game_id: str) -> list[Place]:
    """Searches of a game at SHOWN."""
    found = ladder(game_id)
    return [
        Place(n, len(found.part.at), found.part.residual(lost), moves)
        for n, lost, moves in zip(found.path.sizes, found.path.regrets, found.moves, strict=True)
        if n in SHOWN
    ]


def exponent(path: PathRegrets) -> tuple[float, tuple[float, float]]:
    """The power of simulations by which the residual falls, from FIRST on, with its band over positions: least squares of logarithms."""
    curve = curve_of_regrets(path)
    kept = curve.sizes >= FIRST
    logs = np.log(np.maximum(1e-9, np.concatenate([curve.residuals[None, :], curve.replicates])[:, kept]))
    slopes = np.polyfit(np.log(curve.sizes[kept]), logs.T, 1)[0]
    return float(slopes[0]), band(slopes)


def simulations_at(path: PathRegrets, level: float) -> Float64s:
    """The simulations that leave `level`, between rungs on log-log axes, as measured and in each replicate; nan where none do."""
    curve = curve_of_regrets(path)
    sizes = np.log(curve.sizes[1:])
    rows = np.minimum.accumulate(np.concatenate([curve.residuals[None, :], curve.replicates])[:, 1:], axis=1)
    found = [np.exp(np.interp(-np.log(level), -np.log(np.maximum(row, 1e-9)), sizes, right=np.nan)) for row in rows]
    return np.array(found)


def in_band(values: Float64s) -> str:
    """A measured number with the band of its replicates: `[measured, *replicates]`; a dash where it is beyond what was measured."""
    if not np.isfinite(values[0]):
        return "-"
    low, high = np.nanpercentile(values[1:], [2.5, 97.5])
    digits = 0 if values[0] >= 20 else 1
    return f"{values[0]:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def measure_table() -> dict[str, str]:
    """The table of mcts, and the power of simulations by which its residual falls."""
    rows = [
        f"| {game} | {each.simulations:,} | {each.positions:,} | {100 * each.residual.share:.1f} | {100 * each.residual.band:.1f} "
        f"| {each.moves:,.0f} |"
        for game in SIMULATIONS
        for each in shown(game)
    ]
    return {"simulations": "\n".join([TABLE_HEAD, *rows])}


def measure_tails() -> dict[str, str]:
    """The powers of simulations by which residuals fall, and the verdicts on the curves of both searches, by the rule for lists."""
    said = []
    for game in POWERS:
        power, (low, high) = exponent(ladder(game).path)
        said.append(f"{power:.2f} ({low:.2f} to {high:.2f}) on {game}")
    powers = f"By least squares of logarithms, from {FIRST} simulations on, the residual falls with the simulations to the power "

    def row(name: str, game: str, path: PathRegrets) -> str:
        tail: Tail = tail_of(curve_of_regrets(path))
        return f"| {name} | {game} | {len(path.uniform):,} | {tail.words} | {tail.reason} |"

    rows = [
        row("minimax", game, regrets_of_path(make_task(game), make_learner("minimax"), range(1, last + 1)))
        for game, last in MINIMAX.items()
    ]
    rows += [row("mcts", game, ladder(game).path) for game in FALLS]
    return {"tails.table": "\n".join([TAILS_HEAD, *rows]), "tails.powers": f"{powers}{', '.join(said)}."}


def measure_growth() -> dict[str, str]:
    """The simulations that boards of growing size take for one residual."""
    paths = [ladder(game).path for game in GROWN]
    rows = []
    for level in LEVELS:
        taken = [simulations_at(path, level) for path in paths]
        cells = [in_band(each) for each in (*taken, taken[1] / taken[0], taken[2] / taken[1])]
        rows.append(f"| {100 * level:g} | {' | '.join(cells)} |")
    return {"growth": "\n".join([GROWTH_HEAD, *rows])}


def measure_priors() -> dict[str, str]:
    """The three selections at equal simulations, over nothing and over policies as priors."""
    rows: list[str] = []
    for game in PRIORS:
        part = part_of(game, PART)
        for text in BELOW:
            rows += prior_rows(part, text)
    return {"priors": "\n".join([PRIORS_HEAD, *rows])}


def prior_rows(part: Part, text: str) -> Sequence[str]:
    """The rows of one policy below."""
    task, base = part.task, MctsLearner(over=text).base
    below = None if base is None else base.fit(task, SEED)
    rows, alone = [], " - | -"
    if base is not None and below is not None:
        alone = f" {100 * part.residual(part.losses(below.scores(task))).share:.1f} | {8 * len(base.learner.encode(below, task)):,}"
    for selection in SELECTIONS:
        cells = []
        for n in GIVEN:
            scores, _ = search(task, settings(n, selection), below, part.at)
            cells.append(str(part.residual(part.losses(scores if below is None else ranked(task, scores, below.scores(task))))))
        rows.append(f"| {task.game.id} | {text or 'nothing'} |{alone} | {selection} | {' | '.join(cells)} |")
        print(rows[-1], file=sys.stderr, flush=True)
    return rows
