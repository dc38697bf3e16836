"""What the committed results say of each claim of the paper: a function a claim, from records to a verdict and its number.

The rule of each function stands beside its claim in bench/studies/paper_claims.py. A rule about a game takes the best policy known of
all learners and seeds; a rule about a family takes several of its boards.
"""

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bench.curves.curve import steps
from bench.curves.envelope import BITS, UNITS, Envelope, envelope_of, is_counted
from bench.curves.families import family_of
from bench.curves.proved import is_in_band, summary_of
from bench.harness.records import Record
from bench.harness.store import CellStatus
from bench.measures.split_curve import SplitCurve
from bench.measures.transfer import Transfer, transfer
from bench.scaling.axis import axis_rows
from bench.scaling.exponents import CONSTANT, Exponent, exponents
from bench.scaling.levels import BEST_KIND
from bench.studies.bounds import proof
from bench.studies.page import DOCS, blocks_of
from bench.tails.games import GameVerdict, judge_games
from bench.tails.verdict import ENDS, HEAVIER, POWER, UNDECIDED

SUPPORTED, NOT_SUPPORTED, OPEN, NOT_HERE = VERDICTS = ("supported", "not supported", "undecided", "not measurable here")
FEW = 3  # rules, as the paper says of tic-tac-toe
IN_MIND = 30  # units of a list that a person can hold in mind, as in docs/tails.md
SMALL_TAIL, BEHIND = 16, 64  # "a small number of rules", and the units behind which it is asked what carries over
LEFT = 0.1  # of random play's regret: more is "a lot"
MANY, LARGE, LARGEST = 1_000, 10_000, 100_000  # positions of the boards that a rule is about
NULLS = ("random-hex-2x5",)  # games of random values: what is heavy there is no knowledge


class Finding(NamedTuple):
    """The verdict on a claim and the number that it follows from."""

    verdict: str
    number: str


@dataclass(frozen=True, eq=False)
class Evidence:
    """The records of a run, and what several claims derive from them."""

    records: Sequence[Record]

    @functools.cached_property
    def games(self) -> dict[str, list[Record]]:
        """The records of each game."""
        found: dict[str, list[Record]] = {}
        for record in self.records:
            found.setdefault(record.cell.game, []).append(record)
        return found

    @functools.cached_property
    def exponents(self) -> dict[tuple[str, str, object], Exponent]:
        """Kappa by family, kind of policy and level."""
        rows = axis_rows([(one.cell, CellStatus("measured", "", one)) for one in self.records], {one.cell_id: "" for one in self.records})
        return {(each.family, each.kind, each.level): each for each in exponents(rows)}

    def go(self, n_positions: int) -> list[str]:
        """The Go boards with at least `n_positions` positions, by positions."""
        boards = [(ones[0].n_positions, game) for game, ones in self.games.items() if family_of(game) == "go"]
        return [game for n, game in sorted(boards) if n >= n_positions]

    @functools.cache  # noqa: B019 - one object lives as long as the study
    def envelope(self, game: str, measure: str) -> Envelope:
        """The best policies known of a game."""
        found = envelope_of(self.games[game], measure)
        assert found is not None
        return found

    @functools.cache  # noqa: B019
    def verdicts(self, game: str) -> dict[str, GameVerdict]:
        """The verdicts on a game by measure."""
        return {one.measure: one for one in judge_games(self.games[game])}

    def digits(self, game: str) -> float:
        """The decimal logarithm of the number of possible games."""
        (uniform,) = (one for one in self.games[game] if one.cell.learner == "uniform")
        digits = uniform.points[-1].digits_left
        assert digits is not None
        return digits


def decide(yes: bool, no: bool) -> str:
    """The verdict of a rule with two sides; OPEN where neither holds."""
    return SUPPORTED if yes else NOT_SUPPORTED if no else OPEN


def open_until(what: str) -> Callable[[Evidence], Finding]:
    """The judge of a claim that could be measured here, and was not."""
    return lambda _: Finding(OPEN, f"Not measured yet. It takes {what}.")


def not_here(why: str) -> Callable[[Evidence], Finding]:
    """The judge of a claim that no measurement on games can reach."""
    return lambda _: Finding(NOT_HERE, why)


def table_of(page: str, block: str) -> list[list[str]]:
    """The rows of the tables in a measured block of another page."""
    lines = [line for line in blocks_of((DOCS / page).read_text())[block].text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not set(line) <= set("|-: ")]


# Tic-tac-toe


def n_games(found: Evidence) -> Finding:
    """The number of possible games of tic-tac-toe."""
    count = round(10 ** found.digits("tictactoe"))
    return Finding(decide(count == 255_168, count != 255_168), f"{count:,} sequences of moves.")


def proved_lengths(found: Evidence) -> dict[tuple[str, str], int]:
    """How many rules the shortest list that never loses has, by language and seat, as exhaustive search proved."""
    searched = [one for one in found.games["tictactoe"] if one.cell.learner == "shortest"]
    return {(str(one.cell.options.get("language", "concepts")), str(one.cell.options["seat"])): one.points[-1].size for one in searched}


def three_concepts(found: Evidence) -> Finding:
    """The shortest lists of concepts that never lose, by seat."""
    lengths = proved_lengths(found)
    first, second, both = (lengths["concepts", seat] for seat in ("first", "second", "both"))
    told = f"Proved: {first} rules as first player, {second} as second, {both} from both seats."
    return Finding(decide(both <= FEW, both > FEW), told)


def three_with_lookahead(found: Evidence) -> Finding:
    """The shortest list that never loses, in each language searched."""
    lengths = {language: n for (language, seat), n in proved_lengths(found).items() if seat == "both"}
    told = "; ".join(f"{n} rules of {language.replace('+', ', ')}" for language, n in lengths.items())
    return Finding(decide(min(lengths.values()) <= FEW, min(lengths.values()) > FEW), f"Proved, from both seats: {told}.")


def ordered_rules(found: Evidence) -> Finding:
    """The gain of each further concept, in nested lists and in the best list of each length."""
    lists = [one for one in found.games["tictactoe"] if one.cell.options.get("language", "concepts") == "concepts" and _is_nested(one)]
    gains = {one.cell.label: [step.gain_per_unit for step in steps(one.points)] for one in lists}
    falls = [all(later <= before for before, later in itertools.pairwise(each)) for each in gains.values()]
    told = "; ".join(f"{label} {', '.join(f'{gain:.3f}' for gain in each)}" for label, each in gains.items())
    return Finding(decide(all(falls), not any(falls)), f"Gain of each further rule: {told}.")


def _is_nested(record: Record) -> bool:
    """Whether a record holds lists of single concepts, one more each time."""
    return record.cell.learner == "optimal_list" or (record.cell.learner == "rulelist" and record.cell.options.get("atoms") == "single")


def tictactoe_ends(found: Evidence) -> Finding:
    """Whether the fitted curve of tic-tac-toe ends."""
    verdicts = found.verdicts("tictactoe")
    tails = [one.tail.verdict for one in verdicts.values() if one.tail]
    units, bits = (found.envelope("tictactoe", measure).size_at(1.0) for measure in (UNITS, BITS))
    told = f"Perfect with {units} units or {bits} bits; the fitted curve of the best policies {' and '.join(dict.fromkeys(tails))}."
    return Finding(decide(all(tail == ENDS for tail in tails), ENDS not in tails), told)


# Go


def many_rules(found: Evidence) -> Finding:
    """How many single atoms perfect play takes, proved and known."""
    needed = min(point.size for one in found.games["tictactoe"] if is_in_band(one) for point in one.points if point.gain > 1 - 1e-9)
    rows = [(game, k, found.envelope(game, UNITS).size_at(1.0)) for game in found.go(MANY) if (k := proved_beyond(game))]
    told = "; ".join(f"{game} more than {k}, {n:,} units known" for game, k, n in rows)
    more = [k >= needed for _, k, _ in rows]
    return Finding(
        decide(bool(more) and all(more), not any(more)), f"Single atoms to perfect play: tictactoe {needed}; proved of {told.rstrip(';')}."
    )


def proved_beyond(game: str) -> int | None:
    """The most single atoms that are proved to leave something; None where nothing is proved."""
    summary = summary_of(game)
    return max((k for k in summary.saved if summary.residual(k)), default=None) if summary else None


def fitted_tail(found: Evidence) -> Finding:
    """The verdicts on the fitted curves of the largest Go boards, beside a control."""
    boards = found.go(LARGEST)
    tails = {game: [one.tail.verdict if one.tail else UNDECIDED for one in found.verdicts(game).values()] for game in boards}
    every = [tail for each in tails.values() for tail in each]
    told = "; ".join(f"{game} {' in units, '.join(each)} in bits" for game, each in tails.items())
    nulls = "; ".join(f"{game} {' and '.join(one.tail.verdict for one in found.verdicts(game).values() if one.tail)}" for game in NULLS)
    is_light = any(tail not in (HEAVIER, POWER, UNDECIDED) for tail in every)
    verdict = decide(all(tail in (HEAVIER, POWER) for tail in every), is_light)
    return Finding(verdict, f"{told}. Control of random values: {nulls}, so the shape alone is no sign of knowledge.")


def no_exponential(found: Evidence) -> Finding:
    """The two numbers that contradict each other if the best lists fall like an exponential."""
    lines = {game: proof(game) for game in ("go-3x3", "go-3x4")}
    ends = {
        game: (float(each["R(4) - R(8) if exponential, at most"]), float(each["R(4) - R(8), at least"])) for game, each in lines.items()
    }
    told = "; ".join(f"{game} at most {most:.4f} if exponential, at least {least:.4f}" for game, (most, least) in ends.items())
    return Finding(decide(all(most < least for most, least in ends.values()), False), f"From the 4th rule to the 8th: {told}.")


def knowledge_behind(found: Evidence) -> Finding:
    """What the units behind the BEHIND-th carry over to boards held out, by learner, beside shuffled moves."""
    carried = {game: carried_by_learner(found.games[game]) for game in found.go(LARGEST)}
    nulls = [one for game in found.go(LARGEST) for each in found.games[game] if (one := transfer(each.nulls, BEHIND))]
    told = "; ".join(
        f"{game} {min(t.mean for t in each.values()):.2f} to {max(t.mean for t in each.values()):.2f}" for game, each in carried.items()
    )
    lows = [one.low > 0 for each in carried.values() for one in each.values()]
    is_null = all(one.low < 0 < one.high for one in nulls)
    shuffled = f"; with shuffled moves {min(one.mean for one in nulls):z.2f} to {max(one.mean for one in nulls):z.2f}" if nulls else ""
    return Finding(decide(all(lows) and is_null, not any(lows)), f"T({BEHIND}), by learner: {told}{shuffled}.")


def carried_by_learner(records: Iterable[Record]) -> dict[str, Transfer]:
    """T(BEHIND) of each learner whose units are counted, over the splits of all its seeds."""
    splits: dict[str, list[SplitCurve]] = {}
    for record in records:
        if is_counted(record, UNITS) and record.splits:
            splits.setdefault(record.cell.label, []).extend(record.splits)
    return {label: carried for label, each in splits.items() if (carried := transfer(each, BEHIND))}


def small_number(found: Evidence) -> Finding:
    """What the best SMALL_TAIL units leave."""
    left = {game: 1 - best.gain for game in found.go(LARGE) if (best := found.envelope(game, UNITS).at(SMALL_TAIL))}
    floors = {game: summary.residual(SMALL_TAIL) for game in left if (summary := summary_of(game))}
    told = "; ".join(f"{game} {share:.1%}" for game, share in left.items())
    proved = "; ".join(f"{game} {math.floor(1000 * float(low)) / 10:.1f}%" for game, low in floors.items() if low)
    over = [share > LEFT for share in left.values()]
    return Finding(
        decide(all(over), not any(over)), f"The best {SMALL_TAIL} units leave: {told}. {SMALL_TAIL} single atoms, proved: {proved}."
    )


def books(found: Evidence) -> Finding:
    """What people's lists leave beside fitted policies of their length."""
    rows = []
    for game in found.go(MANY):
        (given,) = (one for one in found.games[game] if one.cell.learner == "human")
        book = max(given.points, key=lambda point: point.gain)
        fitted = max(
            p.gain
            for one in found.games[game]
            if is_counted(one, UNITS) and one.cell.learner != "human"
            for p in one.points
            if p.size <= book.size
        )
        rows.append((game, book.size, 1 - book.gain, 1 - fitted))
    worse = [book > 2 * fitted for *_, book, fitted in rows]
    told = "; ".join(f"{game} {n} rules leave {book:.0%}, fitted {fitted:.0%}" for game, n, book, fitted in rows)
    return Finding(decide(all(worse), not any(worse)), f"{told}. Books here are the short lists of docs/rules.md, no volumes.")


def no_formula(found: Evidence) -> Finding:
    """How the bits of perfect play grow with the Go board."""
    kappa = found.exponents["go", BEST_KIND, 1.0]
    hull = kappa.hull
    assert hull is not None
    assert kappa.law is not None
    grows = hull[0] > 0 and not kappa.unreached
    told = f"Bits of perfect play grow as positions^{kappa.law.kappa:.2f} ({hull[0]:.2f} to {hull[1]:.2f}) over {len(kappa.samples)} boards"
    return Finding(
        decide(grows, kappa.versus_one == CONSTANT), f"{told}, to {kappa.samples[-1].bits:,.0f} bits on {kappa.samples[-1].game}."
    )


def shorter_is_worse(found: Evidence) -> Finding:
    """How the best policies of a tenth of the bits of perfect play do."""
    rows = []
    for game in found.go(LARGE):
        envelope = found.envelope(game, BITS)
        whole = envelope.size_at(1.0)
        tenth = envelope.at(whole // 10) if whole else None
        if tenth:
            rows.append((game, 1 - tenth.gain, bool(tenth.point.plays_perfectly), tenth.point.exploitability))
    poor = [left > LEFT / 2 and not keeps for _, left, keeps, _ in rows]
    told = "; ".join(f"{game} {left:.0%} left, loses {lost:.0f} points to a best response" for game, left, _, lost in rows)
    return Finding(decide(bool(poor) and all(poor), not any(poor)), f"A tenth of the bits of perfect play: {told}.")
