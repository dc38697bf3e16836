"""Where the best of all lists and the networks of a game change places: without the language, with it, and at equal operations."""

from collections.abc import Sequence
from typing import NamedTuple

from bench.curves.crossing import COSTS, Crossing, crossings
from bench.curves.ending import has_ended
from bench.curves.front import Run
from bench.harness.records import Record
from bench.report.blocks import Drawing, Sentence, Series
from bench.report.plots.comparison import draw_crossings
from bench.report.run_data import ids_of
from bench.wording import count, show

LISTS = ("rulelist", "weighted")
NETWORKS = ("network",)
SIDES = ("the lists", "the networks")


class SizedCrossing(NamedTuple):
    """A crossing on a game, and how many positions that has."""

    game: str
    n_positions: int
    crossing: Crossing


def runs_of(records: Sequence[Record]) -> list[Run]:
    """A run for each record, which is a seed."""
    return [Run(record.cell.seed, record.points, has_ended(record)) for record in records]


def crossings_of(records: Sequence[Record]) -> list[SizedCrossing]:
    """Of each game with lists and networks where the best of all lists and the networks change places, games by number of positions."""
    found = []
    for game in dict.fromkeys(record.cell.game for record in records):
        having = [record for record in records if record.cell.game == game and record.points]
        lists = [record for record in having if record.cell.learner in LISTS]
        networks = [record for record in having if record.cell.learner in NETWORKS]
        if lists and networks:
            points = [point for record in lists for point in record.points]
            best = Run(0, points, all(map(has_ended, lists)))
            made = crossings(SIDES, [best], runs_of(networks))
            found += [SizedCrossing(game, lists[0].n_positions, each) for each in made]
    return sorted(found, key=lambda each: each.n_positions)


def about_crossings(found: Sequence[SizedCrossing]) -> list[Sentence]:
    """By each cost on how many games lists are ahead below and networks above, and at which least and greatest cost they change places."""
    said = []
    for cost in COSTS:
        of_cost = [each for each in found if each.crossing.cost == cost]
        known = [each for each in of_cost if each.crossing.stretches]
        turned = [each for each in known if each.crossing.stretches[-1].name == SIDES[1] and each.crossing.at is not None]
        throughout = {name: sum(each.crossing.at is None and each.crossing.stretches[0].name == name for each in known) for name in SIDES}
        parts = [f"{name} are ahead at every cost compared on {n:,}" for name, n in throughout.items() if n]
        if turned:
            least, most = (pick(turned, key=lambda each: each.crossing.at or 0.0) for pick in (min, max))
            low, high = (f"{show(round(each.crossing.at or 0))} {each.crossing.unit} on {each.game}" for each in (least, most))
            where = f"from {low} to {high}" if most is not least else f"from {low}"
            parts.insert(0, f"lists are ahead below and networks above on {len(turned):,} ({where})")
        n_back = len(known) - len(turned) - sum(throughout.values())
        parts += [f"networks are ahead below and lists above on {n_back:,}"] * (n_back > 0)
        parts += [f"undecided on {len(of_cost) - len(known):,}"] * (len(known) < len(of_cost))
        said.append(Sentence(f"{cost[:1].upper()}{cost[1:]}, of {count(len(of_cost), 'game')}: {', '.join(parts)}."))
    return said


def crossings_drawing(records: Sequence[Record], found: Sequence[SizedCrossing]) -> tuple[Drawing, ...]:
    """A dot for each game and cost; no figure where lists and networks change places on no game."""
    drawn = [each for each in found if each.crossing.at is not None]
    if not drawn:
        return ()
    series = tuple(
        Series(cost, *map(tuple, zip(*((each.n_positions, each.crossing.at, each.game) for each in of_cost), strict=True)))
        for cost in COSTS
        if (of_cost := [each for each in drawn if each.crossing.cost == cost])
    )
    caption = Sentence("Where the best of all lists and the networks change places, game by game. A game without a dot has no crossing.")
    games = {each.game for each in drawn}
    cells = ids_of([record for record in records if record.cell.game in games and record.cell.learner in (*LISTS, *NETWORKS)])
    title = "Where lists and networks change places, by the size of the game"
    return (Drawing("rivals-crossings", title, draw_crossings(series), series, (caption,), cells),)
