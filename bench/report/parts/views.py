"""The same curve in other measures: what is left of the regret, of the missing bits, and of the digits of the number of games.

The shape of a curve depends on its measure. So what is concluded from one is held against the others here.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from bench.curves.envelope import UNITS, by_game, drawn_in_panel_b, is_counted
from bench.harness.records import Record
from bench.wording import count_units

HALF = 0.5


@dataclass(frozen=True)
class View:
    """One measure along a curve: (size, what is left of it as a share of that of random play), by ascending size."""

    name: str
    left: list[tuple[int, float]]

    @property
    def half(self) -> int | None:
        """The smallest size with which half of it is gone; None where none of the measured sizes gets so far."""
        return min((size for size, share in self.left if share <= HALF), default=None)


def views_of(record: Record, uniform: Record | None) -> list[View]:
    """The measures that a record holds, games left only where they were counted at every point.

    `uniform` is the record of uniform choice on the same game.
    """
    points = sorted(record.points, key=lambda point: point.size)
    found = [View("regret", [(point.size, 1.0 - point.gain) for point in points])]
    whole = record.uniform_missing_bits
    bits = [(point.size, point.missing_bits / whole) for point in points if point.missing_bits is not None and whole]
    digits = uniform.points[-1].digits_left if uniform and uniform.points else None
    games = [(point.size, own / digits) for point in points if digits and (own := point.digits_left) is not None]
    found += [View("missing bits", bits)] if bits else []
    return [*found, View("digits of the number of games", games)] if len(games) == len(points) else found


def best_views(records: Sequence[Record], uniform: Record | None) -> list[View]:
    """The same of one game: in each measure, the least that any policy of at most a number of rules, weights or leaves leaves."""
    left: dict[str, list[tuple[int, float]]] = {}
    for record in records:
        if is_counted(record, UNITS):
            for view in views_of(record, uniform):
                left.setdefault(view.name, []).extend(view.left)
    return [
        View(name, list(itertools.accumulate(sorted(points), lambda so_far, point: (point[0], min(so_far[1], point[1])))))
        for name, points in left.items()
    ]


def about_views(game: str, views: Sequence[View], unit: str) -> str:
    """How many units halve each measure, in a sentence."""
    halved = [f"{count_units(view.half, unit)} halve{'s' * (view.half == 1)} the {view.name}" for view in views if view.half]
    whole = [f"the {view.name}" for view in views if not view.half]
    parts = [*halved, *([f"none measured halves {' or '.join(whole)}"] if whole else [])]
    return f"{game}, against random play: {', '.join(parts)}."


def about_measures(records: Sequence[Record]) -> list[str]:
    """How many units the best policies of each game take in every measure, and in which measures they grow with the board."""
    curves = views_of_games(records)
    found = [about_views(game, views, UNITS) for game, _, views in curves]
    growth = about_growth([curve for curve in curves if curve[0].startswith("go-")])
    return [*found, *([growth] if growth else [])]


def views_of_games(records: Sequence[Record]) -> list[tuple[str, int, list[View]]]:
    """The games of panel B, each with its positions and what its best policies leave in every measure."""
    uniform = {record.cell.game: record for record in records if record.cell.learner == "uniform"}
    of_game = {game: ones for game, _, ones in by_game(records)}
    return [
        (envelope.game, envelope.best[0].record.n_positions, best_views(of_game[envelope.game], uniform.get(envelope.game)))
        for envelope, _ in drawn_in_panel_b(records)
    ]


def about_growth(curves: Sequence[tuple[str, int, list[View]]]) -> str:
    """In which measures the units to half grow from the smallest to the largest game: (game, positions, views) each.

    Only measures in which both of these games reach half are spoken of; empty for fewer than two games.
    """
    if len(curves) < 2:
        return ""
    (small, _, before), *_, (large, _, after) = sorted(curves, key=lambda curve: curve[1])
    halves = {view.name: (view.half, next((other.half for other in after if other.name == view.name), None)) for view in before}
    known = {name: (first, last) for name, (first, last) in halves.items() if first and last}
    if not known:
        return f"From {small} to {large} no measure reaches half on both."
    grows = [name for name, (first, last) in known.items() if last > first]
    told = ", ".join(f"{name} {first:,} and {last:,}" for name, (first, last) in known.items())
    verdict = "in every measure" if len(grows) == len(known) else f"in {' and '.join(grows)} only" if grows else "in no measure"
    return f"The number of units that halve a measure grows from {small} to {large} {verdict}: {told}."
