"""Rule lists against networks at equal bits: who leads from which length to which, over all seeds, and where that is undecided.

The rule is that of bench/curves/front.py: a kind of policy leads where the whole of its band over seeds lies above all that the others
reach with budgets between those measured. Every kind of list is held against every kind of network, pair by pair.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from bench.curves.curve import bits_to
from bench.curves.figure1 import LEVEL
from bench.curves.front import Leader, Span, in_words, last_compared, spans, standings
from bench.harness.records import Record
from bench.report.blocks import Block, Column, Filed, Fold, Section, Sentence, Table, TableRow, words
from bench.report.names import page_of, title_of
from bench.report.parts.crossings import LISTS, NETWORKS, about_crossings, crossings_drawing, crossings_of, runs_of
from bench.report.run_data import Evidence, ids_of
from bench.wording import count

LIST, NETWORK, UNDECIDED, NEITHER = "the list", "the network", "undecided", "neither"  # which is shorter to LEVEL
MAX_NAMED = 6  # games of a sentence
MAX_SPANS = 3  # of bits, of a row


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

    def to_level(self) -> str:
        """Which of the two takes fewer bits to a gain of LEVEL, in a sentence with both numbers, or why that is undecided."""
        verdict = shorter(self)
        ends = " and ".join(
            f"by a {kind} ({label}) in {min(bits):,} bits"
            if (bits := _bits(self, label))
            else f"by no {kind} of up to {_longest(self, label):,} bits"
            for kind, label in (("list", self.a_list), ("network", self.network))
        )
        if verdict == NEITHER:
            return f"Neither a list nor a network that was measured on {title_of(self.game)} has a gain of {LEVEL:g}."
        lead = {LIST: "The list is shorter", NETWORK: "The network is shorter"}.get(verdict, "Undecided")
        return f"{lead}: on {title_of(self.game)}, a gain of {LEVEL:g} is reached {ends}."

    def at_equal_bits(self) -> str:
        """Up to and from which bits each kind leads, in a sentence; empty where no length is covered by both."""
        return " ".join(in_words(self.spans, self.last))


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
                    runs = {a_list: runs_of(ones), network: runs_of(others)}
                    found.append(Pair(game, a_list, network, (*ones, *others), last_compared(runs), standings(runs)))
    return found


def best_pairs(records: Sequence[Record]) -> list[Pair]:
    """Of each game the list and the network that reach LEVEL in the fewest bits, else those whose gain is largest."""
    best: dict[str, Pair] = {}
    for pair in pairs_of(records):
        if pair.standings and (pair.game not in best or _rank(pair) < _rank(best[pair.game])):
            best[pair.game] = pair
    return list(best.values())


def _rank(pair: Pair) -> tuple[float, ...]:
    """Lower for a pair that stands for its game."""
    bits = [min(_bits(pair, label), default=math.inf) for label in (pair.a_list, pair.network)]
    gains = [max(point.gain for record in pair.records if record.cell.label == label for point in record.points) for label in pair[1:3]]
    return (*bits, *(-gain for gain in gains))


def rivals_of_game(evidence: Evidence, game: str) -> list[Section]:
    """The verdict on one game in two lines, then each pair, span by span; no section where no list and network can be compared."""
    pairs = [pair for pair in pairs_of(evidence.of_game(game)) if pair.standings]
    if not pairs:
        return []
    (best,) = best_pairs(evidence.of_game(game))
    blocks: list[Block] = [words(*about_pair(best), is_list=True, command=_command(best))]
    others = [pair for pair in pairs if pair is not best and pair[:3] != best[:3]]
    each = [words(Sentence(f"{pair.a_list} against {pair.network}: {pair.at_equal_bits()}", ids_of(pair.records))) for pair in others]
    blocks += [Fold(f"{count(len(others), 'more pair')} of a list and a network, at equal bits", tuple(each))] if others else []
    return [Section(f"rivals-{game}", "Lists against networks", tuple(blocks), short="Rivals")]


def about_pair(pair: Pair) -> list[Sentence]:
    """The verdict on a pair in two lines: which is shorter to LEVEL, and which leads below and above which bits."""
    cells = ids_of(pair.records)
    return [Sentence(pair.to_level(), cells), Sentence(f"At equal bits: {pair.at_equal_bits()}", cells)]


def rivals_section(evidence: Evidence) -> list[Section]:
    """The verdict in two lines, a row for each game, and all pairs in a file; no section where no list and network can be compared."""
    best = best_pairs(evidence.records)
    if not best:
        return []
    pairs = [pair for pair in pairs_of(evidence.records) if pair.standings]
    columns = (
        Column("game", "game", is_text=True),
        Column("shorter", f"shorter to a gain of {LEVEL:g}", "equal_bits", is_text=True),
        Column("list_bits", "list, bits", "bits_to"),
        Column("network_bits", "network, bits", "bits_to"),
        Column("list", "the list", is_text=True),
        Column("network", "the network", is_text=True),
        Column("equal_bits", "who leads at equal bits", "equal_bits", is_text=True),
    )
    rows = tuple(
        TableRow(
            (
                *(pair.game, shorter(pair), *(_to_level(pair, label) for label in (pair.a_list, pair.network))),
                *(pair.a_list, pair.network, _leads(pair)),
            ),
            link=f"{page_of(pair.game)}#rivals-{quote(pair.game)}",
        )
        for pair in best
    )
    note = (
        "Of each game the list and the network that reach the gain in the fewest bits; bits are the fewest over seeds. Undecided where "
        "ranges over seeds overlap, or budgets end before the gain is reached."
    )
    table = Table("rivals-of-games", "The best list against the best network, game by game", columns, rows, note)
    crossed = crossings_of(evidence.records)
    said = words(*about_rivals(best), *about_crossings(crossed), is_list=True)
    blocks: tuple[Block, ...] = (said, *crossings_drawing(evidence.records, crossed), table, Filed(every_pair(pairs)))
    return [Section("rivals", "Lists against networks", blocks, short="Rivals")]


def every_pair(pairs: Sequence[Pair]) -> Table:
    """A row for every list against every network, with the shares of the lengths at which each leads."""
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
    return Table("rivals", "Lists against networks, pair by pair", columns, tuple(_row(pair) for pair in pairs), note)


def about_rivals(pairs: Sequence[Pair]) -> list[Sentence]:
    """On which games which kind is shorter to LEVEL; of a single pair also which leads at equal bits."""
    cells = tuple(dict.fromkeys(cell for pair in pairs for cell in ids_of(pair.records)))
    if len(pairs) == 1:
        return about_pair(pairs[0])
    shortest: dict[str, list[str]] = {LIST: [], NETWORK: [], UNDECIDED: [], NEITHER: []}
    for pair in pairs:
        shortest[shorter(pair)].append(pair.game)
    told = {LIST: "a list on", NETWORK: "a network on", UNDECIDED: "undecided on", NEITHER: "reached by neither on"}
    parts = [f"{told[side]} {len(games):,} ({_named(games)})" for side, games in shortest.items() if games]
    return [Sentence(f"Shorter to a gain of {LEVEL:g}, of {count(len(pairs), 'game')}: {'; '.join(parts)}.", cells)]


def _named(games: Sequence[str]) -> str:
    """The first games by name, and how many more there are."""
    more = f" and {len(games) - MAX_NAMED:,} more" if len(games) > MAX_NAMED else ""
    return f"{', '.join(map(title_of, games[:MAX_NAMED]))}{more}"


def _leads(pair: Pair) -> str:
    """From and to which bits each side leads: `list from 8 to 240, network from 1,200`; undecided where neither does anywhere."""
    last = int(pair.last) if math.isfinite(pair.last) else None
    found = [("list" if span.names[0] == pair.a_list else "network", span) for span in pair.spans if span.verdict == "leads"]
    told = [f"{side} {_from(span.first, span.end or last)}" for side, span in found[:MAX_SPANS]]
    return ", ".join(told) + (" ..." if len(found) > MAX_SPANS else "") or UNDECIDED


def _from(first: int, end: int | None) -> str:
    return f"from {first:,}" if end is None else f"at {first:,}" if end == first else f"from {first:,} to {end:,}"


def _to_level(pair: Pair, label: str) -> str:
    """The fewest bits to LEVEL over seeds, or the bits of the longest file where none of them reaches it."""
    bits = _bits(pair, label)
    return f"{min(bits):,}" if bits else f"none of {_longest(pair, label):,}"


def _longest(pair: Pair, label: str) -> int:
    """The bits of the longest measured file of one of the two."""
    return max(point.policy_bits for record in pair.records if record.cell.label == label for point in record.points)


def _command(pair: Pair) -> str:
    """The command that measures a pair anew, at the learners' own budgets."""
    kinds = {record.cell.label: record.cell for record in reversed(pair.records)}
    learners = []
    for cell in (kinds[pair.a_list], kinds[pair.network]):
        options = ",".join(f"{name}={str(value).lower() if isinstance(value, bool) else value}" for name, value in cell.options.items())
        learners.append(f"{cell.learner}:{options}" if options else cell.learner)
    return f"gaincurve compare {' '.join(learners)} --game {pair.game}"


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
            (run,) = runs_of([record])
            found.append((run.ends_at(with_language=False), math.inf) if bits is None else (bits, bits))
    return min(low for low, _ in found), max(high for _, high in found)


def shorter(pair: Pair) -> str:
    """Which of the two reaches LEVEL in fewer bits, for every seed."""
    (low, high), (other_low, other_high) = (_range(pair, label) for label in (pair.a_list, pair.network))
    if min(low, other_low) == math.inf:
        return NEITHER
    return LIST if high < other_low else NETWORK if other_high < low else UNDECIDED


def _row(pair: Pair) -> TableRow:
    first = pair.spans[0].first
    end = int(pair.last) if math.isfinite(pair.last) else pair.standings[-1].bits
    least = (min(_bits(pair, label), default=None) for label in (pair.a_list, pair.network))
    return TableRow((pair.game, pair.a_list, pair.network, first, end, *_shares(pair), *least, shorter(pair)), pair.records[0].cell_id)
