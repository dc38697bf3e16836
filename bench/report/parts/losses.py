"""How often lists of growing length lose, to a uniformly random opponent and to the one that beats them most, and what shape that has.

Losses are shares of what uniform choice loses. The rule of the shape, for the sizes up to the first that never loses: `roughly geometric`
where a straight line through the logarithms of the shares explains CLEARLY of their variance, and more than a straight line through the
shares themselves does of theirs; `nearly straight` the other way round; `level` where they do not fall; else neither. A `cliff` is a last
step to nothing that is larger, a unit, than the average step before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.curves.families import WRAPPERS
from bench.curves.figure1 import UNDRAWN
from bench.harness.point import Point
from bench.harness.records import Record
from bench.report.blocks import Column, Sentence, Table, TableRow
from bench.report.parts.views import View
from bench.wording import count
from games.arrays import Float64s

LOSSES = {"loss_rate": "losses to a uniform opponent", "best_loss_rate": "losses to the best opponent"}
GEOMETRIC, STRAIGHT, LEVEL, NEITHER = SHAPES = ("roughly geometric", "nearly straight", "level", "neither geometric nor straight")
CLEARLY = 0.9
MIN_POINTS = 4  # with a share above nothing, the one without rules among them
NOTHING = 1e-9  # of a share, which is a quotient of probabilities
SAME = 1e-6  # of shares that do not fall
MAX_TOLD = 12  # names or shares that a sentence lists


@dataclass(frozen=True)
class Shape:
    """What a curve of shares looks like."""

    name: str  # one of SHAPES
    geometric: float | None  # of the variance of the logarithms, what a straight line explains
    straight: float | None  # of the variance of the shares, what a straight line explains
    has_cliff: bool
    n_points: int

    def __str__(self) -> str:
        return self.name + (", then a cliff" if self.has_cliff else "")


@dataclass(frozen=True)
class Losses:
    """One list against one opponent."""

    record: Record
    view: View
    whole: float  # the rate at which uniform choice loses
    shape: Shape | None


def loss_view(record: Record, uniform: Record | None, key: str) -> View | None:
    """How often policies of growing size lose, as a share of what uniform choice loses; None where not every size was played."""
    whole = loss_rate(uniform.points[-1], key) if uniform and uniform.points else None
    points = sorted(record.points, key=lambda point: point.size)
    left = [(point.size, rate / whole) for point in points if whole and (rate := loss_rate(point, key)) is not None]
    return View(LOSSES[key], left) if left and len(left) == len(points) else None


def loss_rate(point: Point, key: str) -> float | None:
    """The rate that a point recorded, mean of the seats; None where it is known within bounds only."""
    return float(point.results[key]) if point.results and key in point.results and point.bounds(key) is None else None


def losses_of(records: Sequence[Record]) -> list[Losses]:
    """Every list of rules whose losses were recorded at every size, against both opponents; of seeds the first alone."""
    uniform = {record.cell.game: record for record in records if record.cell.learner == "uniform"}
    lists: dict[tuple[str, str], Record] = {}
    for record in records:
        cell = record.cell
        if record.unit == "rules" and cell.learner not in UNDRAWN and not cell.game.startswith(WRAPPERS):
            lists.setdefault((cell.game, cell.label), record)
    found = []
    for record in lists.values():
        for key in LOSSES:
            random = uniform.get(record.cell.game)
            view = loss_view(record, random, key)
            if view and random:
                found.append(Losses(record, view, loss_rate(random.points[-1], key) or 0.0, shape_of(view.left)))
    return found


def shape_of(left: Sequence[tuple[int, float]]) -> Shape | None:
    """The shape of a curve of shares from 1 without units to the first that is nothing; None where too few lie above nothing."""
    pairs = [(0, 1.0), *((size, share) for size, share in left if size > 0)]
    end = next((i for i, (_, share) in enumerate(pairs) if share <= NOTHING), None)
    above = pairs[:end]
    if len(above) < MIN_POINTS:
        return None
    x, y = (np.array(column, dtype=np.float64) for column in zip(*above, strict=True))
    fallen = float(y[0] - y[-1]) / float(x[-1] - x[0])
    has_cliff = end is not None and float(y[-1]) / (pairs[end][0] - pairs[end - 1][0]) > fallen
    if float(np.ptp(y)) <= SAME:
        return Shape(LEVEL, None, None, has_cliff, len(above))
    geometric, straight = _explained(x, np.log(y)), _explained(x, y)
    name = GEOMETRIC if geometric > straight else STRAIGHT
    return Shape(name if max(geometric, straight) >= CLEARLY else NEITHER, geometric, straight, has_cliff, len(above))


def about_losses(records: Sequence[Record]) -> list[Sentence]:
    """The shapes counted for each opponent, and the lists whose shape depends on the opponent."""
    found = losses_of(records)
    judged = [losses for losses in found if losses.shape]
    if not judged:
        return [
            Sentence("Losses were recorded at too few sizes of any list to see a shape: the suite's `results_at` asks for more."),
        ]
    said = []
    for name in LOSSES.values():
        shapes = [losses for losses in judged if losses.view.name == name]
        kinds = {kind: [losses for losses in shapes if losses.shape and losses.shape.name == kind] for kind in SHAPES}
        told = ", ".join(f"{kind} on {len(having):,}" for kind, having in kinds.items() if having)
        n_cliffs = sum(1 for losses in shapes if losses.shape and losses.shape.has_cliff)
        if shapes:
            cells = tuple(losses.record.cell_id for losses in shapes)
            said.append(Sentence(f"Of {count(len(shapes), 'list')} the {name} are {told}; {n_cliffs:,} end with a cliff.", cells))
    by_list: dict[str, list[Losses]] = {}
    for losses in judged:
        by_list.setdefault(losses.record.cell_id, []).append(losses)
    both = [pair for pair in by_list.values() if len(pair) == len(LOSSES)]
    differing = [pair for pair in both if len({losses.shape.name for losses in pair if losses.shape}) > 1]
    if both:
        end = f": {listed([f'{pair[0].record.cell.game}/{pair[0].record.cell.label}' for pair in differing])}." if differing else "."
        said.append(Sentence(f"The shape depends on the opponent for {len(differing):,} of {count(len(both), 'list')}{end}"))
    return said


def listed(names: Sequence[str]) -> str:
    """The first MAX_TOLD names, and how many more there are."""
    more = f" and {len(names) - MAX_TOLD:,} more" if len(names) > MAX_TOLD else ""
    return ", ".join(names[:MAX_TOLD]) + more


def losses_table(records: Sequence[Record]) -> Table:
    """Every list against both opponents, with what each fit explains."""
    columns = (
        Column("game", "game", is_text=True),
        Column("curve", "curve", is_text=True),
        Column("opponent", "measure", "results", is_text=True),
        Column("without", "without rules", "results", ".2%"),
        Column("last", "at the last size", "results", ".2%"),
        Column("shape", "shape", "shape_of_losses", is_text=True),
        Column("geometric", "geometric explains", "shape_of_losses", ".0%"),
        Column("straight", "straight explains", "shape_of_losses", ".0%"),
        Column("n_points", "sizes above nothing", "shape_of_losses"),
    )
    rows = []
    for losses in losses_of(records):
        cell, shape = losses.record.cell, losses.shape
        told = (str(shape), shape.geometric, shape.straight, shape.n_points) if shape else ("too few sizes", None, None, None)
        last = losses.view.left[-1][1] * losses.whole
        rows.append(TableRow((cell.game, cell.label, losses.view.name, losses.whole, last, *told), losses.record.cell_id))
    return Table(
        "losses",
        "How often lists lose, and the shape of that",
        columns,
        tuple(rows),
        "Shares of games, mean of the seats, of which one may be lost from the start.",
    )


def about_list(losses: Losses) -> Sentence:
    """The rates of one list, rule by rule, and their shape."""
    rates = [f"{losses.whole:.2%}", *(f"{share * losses.whole:.2%}" for _, share in losses.view.left[:MAX_TOLD])]
    sizes = [size for size, _ in losses.view.left[:MAX_TOLD]]
    cell = losses.record.cell
    text = f"{cell.game}, {cell.label}: {losses.view.name} with 0, {', '.join(map(str, sizes))} rules are {', '.join(rates)} of games: "
    return Sentence(text + (f"{losses.shape}." if losses.shape else "too few to see a shape."), (losses.record.cell_id,))


def _explained(x: Float64s, y: Float64s) -> float:
    """The share of the variance of y that a straight line over x explains."""
    off = y - np.polyval(np.polyfit(x, y, 1), x)
    return float(1.0 - off.var() / y.var())
