"""Rule lists against networks at equal bits: who leads from which length to which, over all seeds, and where that is undecided.

The rule is that of bench/curves/front.py: a kind of policy leads where the whole of its band over seeds lies above all that the others
reach with budgets between those measured. Every kind of list is held against every kind of network, pair by pair.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from bench.curves.crossing import COSTS, Crossing, crossings
from bench.curves.curve import bits_to
from bench.curves.ending import has_ended
from bench.curves.figure1 import LEVEL
from bench.curves.front import Leader, Run, Span, in_words, last_compared, spans, standings
from bench.harness.records import Record
from bench.report.blocks import Block, Column, Drawing, Section, Sentence, Series, Table, TableRow, words
from bench.report.plots.comparison import draw_crossings
from bench.report.run_data import Evidence, ids_of
from bench.wording import count, show

LISTS = ("rulelist", "weighted")
NETWORKS = ("network",)


class Pair(NamedTuple):
    """One kind of list against one kind of network on a game, each with its seeds."""

    game: str
    a_list: str  # labels
    network: str
    records: tuple[Record, ...]
    last: float  # bits up to which both are compared
    standings: list[Leader]

    @property
    def spans(self) -> list[Span]:
        return spans(self.standings)


class SizedCrossing(NamedTuple):
    """A crossing on a game, and how many positions that has."""

    game: str
    n_positions: int
    crossing: Crossing


SIDES = ("the lists", "the networks")


def pairs_of(records: Sequence[Record]) -> list[Pair]:
    """Every pair that can be compared, game by game, in the order of the records."""
    found = []
    for game in dict.fromkeys(record.cell.game for record in records):
        kinds: dict[str, list[Record]] = {}
        for record in records:
            if record.cell.game == game and record.points:
                kinds.setdefault(record.cell.label, []).append(record)
        for a_list, ones in kinds.items():
            for network, others in kinds.items():
                if ones[0].cell.learner in LISTS and others[0].cell.learner in NETWORKS:
                    runs = {a_list: _runs(ones), network: _runs(others)}
                    found.append(Pair(game, a_list, network, (*ones, *others), last_compared(runs), standings(runs)))
    return found


def rivals_of_game(evidence: Evidence, game: str) -> Section:
    """What stands of each pair on one game, span by span, in sentences."""
    anchor, title = f"rivals-{game}", "Rule list against network, at equal bits"
    pairs = pairs_of(evidence.of_game(game))
    if not pairs:
        kinds = [
            name
            for name, learners in (("rule list", LISTS), ("network", NETWORKS))
            if not any(record.cell.learner in learners for record in evidence.of_game(game))
        ]
        return Section(anchor, title, (words(f"Nothing to compare on {game}: no {' and no '.join(kinds) or 'pair'} was measured."),))
    blocks: list[Block] = []
    for pair in pairs:
        cells = ids_of(pair.records)
        said = in_words(pair.spans, pair.last)
        lead = Sentence(f"{pair.a_list} against {pair.network}:", cells)
        blocks.append(words(lead, *(said or ["no length is covered by both, so nothing can be said."]), command=_command(pair)))
    return Section(anchor, title, tuple(blocks))


def rivals_section(evidence: Evidence) -> Section:
    """All pairs of a run in one table, and how often which side leads."""
    anchor, title = "rivals", "Rule lists against networks"
    pairs = [pair for pair in pairs_of(evidence.records) if pair.standings]
    if not pairs:
        text = "No game of this run has both a rule list and a network, so nothing can be said of one against the other."
        return Section(anchor, title, (words(text),), short="Rivals")
    columns = (
        Column("game", "game", is_text=True),
        Column("list", "list", is_text=True),
        Column("network", "network", is_text=True),
        Column("from_bits", "compared from", "policy_bits"),
        Column("to_bits", "to", "policy_bits"),
        Column("list_leads", "list leads at", "equal_bits", ".0%"),
        Column("network_leads", "network leads at", "equal_bits", ".0%"),
        Column("open", "undecided or level at", "equal_bits", ".0%"),
        Column("list_bits", f"list to {LEVEL:.0%}, bits", "bits_to"),
        Column("network_bits", f"network to {LEVEL:.0%}, bits", "bits_to"),
        Column("shorter", f"shorter to {LEVEL:.0%}", "equal_bits", is_text=True),
    )
    note = (
        "Shares are of the lengths compared, on a logarithmic axis; below its first file a kind stands for random play. Bits to a gain: "
        "the least over seeds. Which is shorter is undecided where ranges over seeds overlap, or budgets ended before it is reached."
    )
    table = Table("rivals", "Every list against every network", columns, tuple(_row(pair) for pair in pairs), note)
    crossed = crossings_of(evidence.records)
    said = words(*about_crossings(crossed), *about_rivals(pairs), is_list=True)
    return Section(anchor, title, (said, *_drawing(evidence, crossed), table), short="Rivals")


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
            made = crossings(SIDES, [best], _runs(networks))
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
        text = (
            f"{cost[:1].upper()}{cost[1:]}, of {count(len(of_cost), 'game')}: lists are ahead below and networks above on {len(turned):,}"
        )
        if turned:
            least, most = (pick(turned, key=lambda each: each.crossing.at or 0.0) for pick in (min, max))
            low, high = (f"{show(round(each.crossing.at or 0))} {each.crossing.unit} on {each.game}" for each in (least, most))
            text += f" (from {low} to {high})"
        text += "".join(f", {name} wherever that is known on {n:,}" for name, n in throughout.items())
        said.append(Sentence(f"{text}, undecided on {len(of_cost) - len(known):,}."))
    return said


def _drawing(evidence: Evidence, found: Sequence[SizedCrossing]) -> tuple[Drawing, ...]:
    drawn = [each for each in found if each.crossing.at is not None]
    if not drawn:
        return ()
    series = tuple(
        Series(cost, *map(tuple, zip(*((each.n_positions, each.crossing.at, each.game) for each in of_cost), strict=True)))
        for cost in COSTS
        if (of_cost := [each for each in drawn if each.crossing.cost == cost])
    )
    caption = Sentence("Where the best of all lists and the networks change places, game by game; games where they do not have no dot.")
    games = {each.game for each in drawn}
    cells = ids_of([record for record in evidence.records if record.cell.game in games and record.cell.learner in (*LISTS, *NETWORKS)])
    title = "Where lists and networks change places, by the size of the game"
    return (Drawing("rivals-crossings", title, draw_crossings(series), series, (caption,), cells),)


def about_rivals(pairs: Sequence[Pair]) -> list[Sentence]:
    """Which of the pairs is shorter to LEVEL."""
    shorter: dict[str, list[str]] = {}
    for pair in pairs:
        shorter.setdefault(_shorter(pair), []).append(pair.game)
    told = ", ".join(f"{name} in {len(games):,}" for name, games in shorter.items())
    cells = tuple(dict.fromkeys(cell for pair in pairs for cell in ids_of(pair.records)))
    return [Sentence(f"The shorter way to a gain of {LEVEL:.0%} is, of {count(len(pairs), 'pair')}: {told}.", cells)]


def _command(pair: Pair) -> str:
    """The command that measures a pair anew, at the learners' own budgets."""
    kinds = {record.cell.label: record.cell for record in reversed(pair.records)}
    learners = []
    for cell in (kinds[pair.a_list], kinds[pair.network]):
        options = ",".join(f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in cell.options.items())
        learners.append(f"{cell.learner}:{options}" if options else cell.learner)
    return f"gaincurve compare {' '.join(learners)} --game {pair.game}"


def _runs(records: Sequence[Record]) -> list[Run]:
    return [Run(record.cell.seed, record.points, has_ended(record)) for record in records]


def _shares(pair: Pair) -> tuple[float, float, float]:
    """Of the lengths compared, on a logarithmic axis: where the list leads, where the network does, and the rest."""
    first = pair.spans[0].first
    end = pair.last if math.isfinite(pair.last) else pair.standings[-1].bits
    whole = math.log(max(end, first + 1) / first)
    parts = {pair.a_list: 0.0, pair.network: 0.0}
    for span in pair.spans:
        if span.verdict == "leads":
            until = min(span.end or end, end)
            parts[span.names[0]] += math.log(max(until, span.first) / span.first) / whole
    ahead, behind = parts[pair.a_list], parts[pair.network]
    return ahead, behind, max(0.0, 1.0 - ahead - behind)


def _bits(pair: Pair, label: str) -> list[int]:
    """Bits to LEVEL of each seed that reaches it."""
    found = (bits_to(record.points, LEVEL) for record in pair.records if record.cell.label == label)
    return [bits for bits in found if bits is not None]


def _range(pair: Pair, label: str) -> tuple[float, float]:
    """From the fewest to the most bits that LEVEL may take over seeds; a seed whose budgets ended before takes at least its last file."""
    found = []
    for record in pair.records:
        if record.cell.label == label:
            bits = bits_to(record.points, LEVEL)
            (run,) = _runs([record])
            found.append((run.ends_at(with_language=False), math.inf) if bits is None else (bits, bits))
    return min(low for low, _ in found), max(high for _, high in found)


def _shorter(pair: Pair) -> str:
    """Which of the two reaches LEVEL in fewer bits, for every seed."""
    (low, high), (other_low, other_high) = (_range(pair, label) for label in (pair.a_list, pair.network))
    if min(low, other_low) == math.inf:
        return "neither"
    return "the list" if high < other_low else "the network" if other_high < low else "undecided"


def _row(pair: Pair) -> TableRow:
    first = pair.spans[0].first
    end = int(pair.last) if math.isfinite(pair.last) else pair.standings[-1].bits
    least = (min(_bits(pair, label), default=None) for label in (pair.a_list, pair.network))
    return TableRow((pair.game, pair.a_list, pair.network, first, end, *_shares(pair), *least, _shorter(pair)), pair.records[0].cell_id)
