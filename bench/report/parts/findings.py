"""The first screen of a report: what was asked, at most three findings, the figure that they rest on, and the words that they need.

A finding is a sentence with its numbers, computed from the records of the run. One that the records do not support is left out, so a run of
any games and learners has those that it can show. Controls, whose answers are known beforehand, are counted only if there is nothing else;
otherwise the question names them.
"""

import math
from collections.abc import Sequence

from bench.curves.curve import PERFECT
from bench.curves.envelope import UNITS, Envelope
from bench.curves.families import family_of, is_control
from bench.curves.figure1 import LEVEL, UNSIZED, shortest_at_level
from bench.harness.records import Record
from bench.report.blocks import Drawing, Sentence
from bench.report.names import title_of
from bench.report.parts.lists_vs_networks import LIST, NETWORK, UNDECIDED, best_pairs, shorter
from bench.report.plots.left_over import draw_left_over
from bench.report.run_data import Evidence, ids_of
from bench.report.series import left_by_units
from bench.scaling.axis import AxisRow, best_to_value
from bench.scaling.levels import TABLES, kind_of
from bench.tails.games import GameVerdict
from bench.wording import best_percent, count, count_units

MAX_FINDINGS = 3
MAX_CURVES = 6  # of the figure
MAX_NAMED = 3  # games that a sentence names
QUESTION = (
    "For each game, whose perfect play is known at every position: how few rules, and how few bits of any description, play it well, and "
    "how much do they leave out?"
)
OWN_GAME = Sentence("To play against a list, open the page of its game. `gaincurve new-game my_game` begins a game of your own.")


def meanings(records: Sequence[Record]) -> Sentence:
    """What gain, bits, proved and undecided mean, and over which positions gains are computed."""
    exact = "computed over all positions of a solved game"
    if any(record.cell.positions is not None for record in records):
        exact = "computed over all positions, unless a sample of a larger game was drawn: then it has a standard error"
    return Sentence(
        "Gain is 0 for random play and 1 for play without a mistake; what is left is 1 - gain, the share of what random moves lose that a "
        "policy still loses. Bits are 8 times the length of the file that the measured policy was read back from. Every gain is exact, "
        f"{exact}. Lengths are upper bounds, since shorter policies may exist. Proved means by "
        "exhaustive search, or by a bound that a program checks; undecided, that the seeds or budgets measured leave both answers open."
    )


def question(games: Sequence[str]) -> str:
    """What the report asks, and which of these games are controls that the findings do not count."""
    controls = [title_of(game) for game in games if is_control(game)]
    if not controls or len(controls) == len(games):
        return QUESTION
    named = f" ({', '.join(controls)})" if len(controls) <= MAX_NAMED else ""
    which = f"{count(len(controls), 'control')}, {'a game' if len(controls) == 1 else 'games'} whose answer is known beforehand"
    return f"{QUESTION} The findings do not count {which}{named}."


def findings(evidence: Evidence, rows: Sequence[AxisRow], verdicts: Sequence[GameVerdict]) -> tuple[Sentence, ...]:
    """The first MAX_FINDINGS that the run supports."""
    judged = [verdict for verdict in told_of(verdicts) if verdict.measure == UNITS]
    games = {record.cell.game for record in evidence.records}
    shown = {game for game in games if not is_control(game)} or games
    records = [record for record in evidence.records if record.cell.game in shown]
    found = [
        *about_ends([verdict.envelope for verdict in judged]),
        *about_bits(records),
        *about_rivals(records),
        *about_knowledge(judged),
        *about_value([row for row in rows if row.game in shown]),
        *about_shortest(records),
    ]
    return tuple(found[:MAX_FINDINGS])


def told_of(verdicts: Sequence[GameVerdict]) -> list[GameVerdict]:
    """The verdicts on games that are no controls; on all where there are no others."""
    return [verdict for verdict in verdicts if not is_control(verdict.game)] or list(verdicts)


def about_ends(envelopes: Sequence[Envelope]) -> list[Sentence]:
    """On which game the fewest units leave nothing, and on which the most units leave the most."""
    if not envelopes:
        return []
    left = {envelope.game: float(envelope.residuals[-1]) for envelope in envelopes}
    ended = sorted((one for one in envelopes if left[one.game] <= PERFECT), key=lambda one: one.best[-1].size)
    going = sorted((one for one in envelopes if left[one.game] > PERFECT), key=lambda one: -left[one.game])
    if ended and going:
        few, most = ended[0], going[0]
        text = f"{_do(few, 'play')} {title_of(few.game)} without a mistake; on {title_of(most.game)}, {_do(most, 'still leave')}"
        ends = ", and there the budgets of this run end" if most.best[-1].record.is_finished is False else ""
        return [_finding(f"{text} {best_percent(left[most.game])} of what random moves lose{ends}.", few, most)]
    if ended:
        few, most = ended[0], ended[-1]
        text = f"{_do(few, 'play')} {title_of(few.game)} without a mistake"
        return [_finding(f"{text}; {title_of(most.game)} takes {_sized(most)}." if most is not few else f"{text}.", few, most)]
    most, few = going[0], going[-1]
    text = f"On {title_of(most.game)}, {_do(most, 'still leave')} {best_percent(left[most.game])} of what random moves lose"
    other = f", on {title_of(few.game)}, {_do(few, 'leave')} {best_percent(left[few.game])}" if few is not most else ""
    return [_finding(f"{text}{other}.", most, few)]


def about_bits(records: Sequence[Record]) -> list[Sentence]:
    """Between which numbers of bits a gain of LEVEL lies, and how far the best policy goes on games where none reaches it.

    Tables are not counted, unless there is nothing else: with enough entries a table reaches any gain.
    """
    sized = [record for record in records if record.cell.learner not in UNSIZED and record.points]
    counted = [record for record in sized if kind_of(record.unit) != TABLES] or sized
    best = shortest_at_level(counted)
    if not best:
        return []
    order = sorted(best, key=lambda game: best[game][0])
    first, last = order[0], order[-1]
    text = f"A gain of {LEVEL:g} takes {best[first][0]:,} bits on {title_of(first)}"
    if last != first:
        text += f" and {best[last][0]:,} bits on {title_of(last)}"
        text += (
            f"; {f'{len(order) - 2} other games lie' if len(order) > 3 else f'{title_of(order[1])} lies'} between" if len(order) > 2 else ""
        )
    never = [game for game in dict.fromkeys(record.cell.game for record in counted) if game not in best]
    cells = ids_of([best[game][1] for game in dict.fromkeys((first, last))])
    if len(never) == 1:
        open_record = max((record for record in counted if record.cell.game == never[0]), key=_largest_gain)
        return [Sentence(f"{text}. {_beyond(open_record, records)}", (*cells, open_record.cell_id))]
    text += f", and on {count(len(never), 'game')} no measured policy{_but_tables(never, records)} reaches it" if never else ""
    return [Sentence(f"{text}.", cells)]


def _largest_gain(record: Record) -> float:
    return max(point.gain for point in record.points)


def _but_tables(games: Sequence[str], records: Sequence[Record]) -> str:
    return " but a table" if set(games) & shortest_at_level(records).keys() else ""


def _beyond(record: Record, records: Sequence[Record]) -> str:
    """How far the best policy goes on a game on which none reaches LEVEL."""
    game, point = record.cell.game, max(record.points, key=lambda point: point.gain)
    gain = f"{math.floor(1000 * point.gain) / 1000:.3f}"  # not rounded up to LEVEL
    ends = "; the budgets of this run end there" if record.is_finished is False and point is record.points[-1] else ""
    found = f"the best, {record.cell.label}, has a gain of {gain} in {point.policy_bits:,} bits{ends}"
    return f"On {title_of(game)} no measured policy{_but_tables([game], records)} reaches it: {found}."


def about_rivals(records: Sequence[Record]) -> list[Sentence]:
    """On how many games the shortest list or the shortest network takes fewer bits to LEVEL."""
    pairs = best_pairs(records)
    if not pairs:
        return []
    cells = tuple(dict.fromkeys(cell for pair in pairs for cell in ids_of(pair.records)))
    verdicts = {pair.game: shorter(pair) for pair in pairs}
    if len(pairs) == 1:
        (pair,) = pairs
        return [Sentence(pair.to_level(), cells)]
    named = {side: [title_of(game) for game, verdict in verdicts.items() if verdict == side] for side in (LIST, NETWORK, UNDECIDED)}
    told = [f"a list of rules takes fewer bits than a network on {_few(named[LIST])}"] if named[LIST] else []
    told += [f"a network takes fewer bits than a list on {_few(named[NETWORK])}"] if named[NETWORK] else []
    told += [f"which is shorter is undecided on {_few(named[UNDECIDED])}"] if named[UNDECIDED] else []
    return [Sentence(f"To a gain of {LEVEL:g}, {'; '.join(told)}.", cells)] if told else []


def about_knowledge(verdicts: Sequence[GameVerdict]) -> list[Sentence]:
    """Up to which unit the best learner on held-out boards carries over, on the largest game where that is decided."""
    known = [verdict for verdict in verdicts if verdict.held_out and verdict.held_out.verdict.k is not None]
    if not known:
        return []
    largest = max(known, key=lambda verdict: verdict.envelope.best[0].record.n_positions)
    assert largest.held_out  # as chosen
    text = f"On positions kept from the fit, {title_of(largest.game)} shows {largest.held_out.verdict.words} ({largest.held_out.learner})."
    return [Sentence(text, largest.held_out.cells)]


def about_value(rows: Sequence[AxisRow]) -> list[Sentence]:
    """The bits that keeping the value of the game takes, on the games that need the fewest and the most."""
    kept = best_to_value(rows)
    games = list(dict.fromkeys(row.game for row in rows if row.is_drawn and not row.hole))
    if not kept:
        named = f"{title_of(games[0])}" if len(games) == 1 else f"any of {count(len(games), 'game')}"
        return [Sentence(f"No measured policy is proved to keep the value of {named} from both seats without stalling.")] if games else []
    order = sorted(kept, key=lambda game: kept[game])
    units = {row.game: row.unit for row in rows if row.is_drawn and row.bits_to_value == kept.get(row.game)}

    def told(game: str) -> str:
        """A table is named, since other findings do not count its entries as units."""
        return f"{kept[game]:,} bits{' of a table' if kind_of(units[game]) == TABLES else ''} on {title_of(game)}"

    text = f"Keeping the value of the game from both seats, proved over all lines of play, takes {told(order[0])}"
    text += f" and {told(order[-1])}" if len(order) > 1 else ""
    text += f"; no measured policy does on {_few([title_of(game) for game in games if game not in kept])}" if len(kept) < len(games) else ""
    return [Sentence(f"{text}.")]


def about_shortest(records: Sequence[Record]) -> list[Sentence]:
    """The shortest list that exhaustive search proved, of the first game that has one for both seats."""
    for record in records:
        if record.cell.learner == "shortest" and record.points and record.cell.options.get("seat", "both") == "both":
            grade = str(record.cell.options.get("grade", "never_loses")).replace("_", " ")
            language = record.cell.options.get("language", "concepts")
            text = f"Exhaustive search proves how long the shortest list is that {grade} on {title_of(record.cell.game)}, from both seats"
            proved = f"{count_units(record.points[-1].size, record.unit)} in the language `{language}`"
            return [Sentence(f"{text}: {proved}.", (record.cell_id,))]
    return []


def first_figure(verdicts: Sequence[GameVerdict]) -> tuple[Drawing, ...]:
    """What the best policies of each size leave, game by game; empty where no policy of rules, weights or leaves gains anything."""
    envelopes = chosen([verdict.envelope for verdict in told_of(verdicts) if verdict.measure == UNITS])
    if not envelopes:
        return ()
    caption = Sentence("What the best measured policy of each size leaves, as a share of what random moves lose. Lower is better.")
    cells = tuple(dict.fromkeys(policy.record.cell_id for envelope in envelopes for policy in envelope.best))
    title = "What is left after each number of rules, game by game"
    return (Drawing("left-over", title, draw_left_over(envelopes), left_by_units(envelopes), (caption,), cells),)


def chosen(envelopes: Sequence[Envelope]) -> list[Envelope]:
    """The curves of the figure, by number of positions: all, or of many the smallest game and the largest games of different families."""
    by_size = sorted(envelopes, key=lambda envelope: envelope.best[0].record.n_positions)
    if len(by_size) <= MAX_CURVES:
        return by_size
    largest = {family_of(envelope.game): envelope for envelope in by_size}  # the last of a family is its largest
    of_families = sorted(largest.values(), key=lambda envelope: -envelope.best[0].record.n_positions)
    kept = {envelope.game for envelope in [*by_size[:1], *of_families[: MAX_CURVES - 1]]}
    return [envelope for envelope in by_size if envelope.game in kept]


def _finding(text: str, *envelopes: Envelope) -> Sentence:
    return Sentence(text, tuple(dict.fromkeys(envelope.best[-1].record.cell_id for envelope in envelopes)))


def _sized(envelope: Envelope) -> str:
    last = envelope.best[-1]
    return count_units(last.size, last.record.unit)


def _do(envelope: Envelope, verb: str) -> str:
    """What the units of the last policy do: `1 rule plays`, `5 rules play`."""
    return f"{_sized(envelope)} {verb}{'s' * (envelope.best[-1].size == 1)}"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= MAX_NAMED else count(len(names), "game")
