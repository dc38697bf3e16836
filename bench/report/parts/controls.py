"""The controls of a run: games whose answer is known beforehand, each known answer beside the measured one.

    nim-..., misere_nim-...   one rule plays perfectly, two where the last stone loses (Bouton 1901), if the language has concepts for it
    planted-SHAPE-K           K rules play perfectly, and the k best of them gain the sum of the k largest stakes (games/rules/planted.py)
    random-GAME               right moves are drawn at random, so no policy shortens the file of optimal moves (games/rules/random_moves.py)

The rule: a control `agrees` where what was measured is the known answer, and `disagrees` else; it is `undecided` where the run's budgets,
or the tail's verdict, leave it open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.curves.curve import PERFECT, units_to
from bench.curves.families import NIM, is_control
from bench.curves.figure1 import has_single_atoms
from bench.harness.records import Record
from bench.harness.untrusted_ids import check_named
from bench.report.blocks import Block, Column, Filed, Section, Sentence, Table, TableRow, words
from bench.report.run_data import Evidence
from bench.report.tail_verdicts import Judged
from bench.scaling.axis import AxisRow
from bench.suites.grid import cells
from bench.tails.verdict import ENDS, EXPONENTIAL, HEAVIER, POWER, SHORT, UNDECIDED
from bench.wording import count, count_units
from games.errors import GaincurveError
from games.registry import make_game
from games.rules.planted import Planted

AGREES, DISAGREES, OPEN = "agrees", "disagrees", "undecided"
LISTS = ("rulelist", "human")
MAX_TOLD = 12  # answers that did not come out as known, one by one
ROUNDING = 1e-9  # of gains that are sums of shares of stakes
LUCK = 0.02  # by so much of exceptions alone a file may be shorter through luck that a fit has picked out


@dataclass(frozen=True)
class Finding:
    """One known answer and the measured one."""

    game: str
    curve: str
    cell: str
    what: str  # is known
    known: str
    measured: str
    verdict: str  # AGREES, DISAGREES or OPEN


def findings(evidence: Evidence, judged: Sequence[Judged], rows: Sequence[AxisRow]) -> list[Finding]:
    """The known and the measured answer of each control in the run, in the order of the suite; of several seeds the first alone."""
    found: list[Finding] = []
    seen: set[tuple[str, str]] = set()
    ratios = {(row.game, row.curve, row.seed): row.ratio for row in rows}
    tails = {cell: one for one in judged for cell in one.cells if not one.is_pooled}
    for record in evidence.records:
        cell = record.cell
        family = cell.game.partition("-")[0]
        if (cell.game, cell.label) in seen or not is_control(cell.game):
            continue
        seen.add((cell.game, cell.label))
        if family in NIM and cell.learner in LISTS:
            found += _length(record, NIM[family])
        elif family == "planted" and _is_plain(record):
            found += _planted(record, tails.get(record.cell_id))
        elif family == "random" and cell.learner != "uniform":
            found += _random(record, ratios.get((cell.game, cell.label, cell.seed)))
    return found


def controls_section(evidence: Evidence, judged: Sequence[Judged], rows: Sequence[AxisRow]) -> Section:
    """Known answers beside measured ones; empty in a run without controls."""
    found = findings(evidence, judged, rows)
    blocks: list[Block] = []
    if found:
        blocks.append(words(*about_controls(found), is_list=True))
        columns = (
            Column("game", "control", "control", is_text=True),
            Column("curve", "curve", is_text=True),
            Column("what", "what is known", is_text=True),
            Column("known", "known", is_text=True),
            Column("measured", "measured", is_text=True),
            Column("verdict", "verdict", is_text=True),
        )
        table = tuple(TableRow((each.game, each.curve, each.what, each.known, each.measured, each.verdict), each.cell) for each in found)
        title = "The known answers beside the measured ones"
        blocks.append(Filed(Table("controls", title, columns, table)))
    controls = [cell.id for cell in cells(evidence.suite) if is_control(cell.game)]
    holes = tuple(f"{cell_id}: {evidence.holes[cell_id]}" for cell_id in controls if cell_id in evidence.holes)
    return Section("controls", "Controls: what is known beforehand", tuple(blocks), holes=holes, short="Controls")


def about_controls(found: Sequence[Finding]) -> list[Sentence]:
    """How many known answers were found again, and which were not."""
    counts = {verdict: [each for each in found if each.verdict == verdict] for verdict in (AGREES, DISAGREES, OPEN)}
    said = [
        Sentence(
            f"Of {count(len(found), 'known answer')} {len(counts[AGREES]):,} came out as known, {len(counts[DISAGREES]):,} did not, "
            f"and {len(counts[OPEN]):,} {'is' if len(counts[OPEN]) == 1 else 'are'} undecided.",
            tuple(dict.fromkeys(each.cell for each in found)),
        )
    ]
    other = [*counts[DISAGREES], *counts[OPEN]]
    for each in other[:MAX_TOLD]:
        lead = "Not as known" if each.verdict == DISAGREES else "Undecided"
        said.append(
            Sentence(f"{lead}: {each.game}, {each.curve}: {each.what}; known: {each.known}, measured: {each.measured}.", (each.cell,))
        )
    if len(other) > MAX_TOLD:
        said.append(Sentence(f"The table has {count(len(other) - MAX_TOLD, 'more answer')} that came out otherwise or undecided."))
    return said


def _is_plain(record: Record) -> bool:
    """Whether the gains of its list are known: one rule after the other, chosen for regret at all positions alike, in words."""
    cell = record.cell
    chosen: dict[str, Any] = {"objective": "regret", "semantics": "first-match", "language": "concepts"} | cell.options
    plain = (chosen["objective"], chosen["semantics"]) == ("regret", "first-match") and has_single_atoms(cell)
    return plain and "concepts" in chosen["language"] and (cell.learner, cell.weights, cell.is_part) == ("rulelist", "uniform", False)


def _length(record: Record, known: int) -> list[Finding]:
    """The length of the shortest list of a curve with a gain of 1."""
    language = str(record.cell.options.get("language", "concepts"))
    if record.cell.learner == "rulelist" and not ("concepts" in language and has_single_atoms(record.cell)):
        return []
    return [_finding(record, "the shortest list with a gain of 1", count_units(known, record.unit), *_shortest(record, known))]


def _shortest(record: Record, known: int) -> tuple[str, str]:
    """What was measured of the length of a list with a gain of 1, and the verdict; undecided where a shorter budget was not tried."""
    reached = units_to(record.points, 1.0)
    if reached is None:
        best = max(point.gain for point in record.points)
        most = max(point.size for point in record.points)
        return f"none of up to {count_units(most, record.unit)}; best gain {best:.4f}", OPEN if most < known else DISAGREES
    tried = {point.budget for point in record.points}
    verdict = AGREES if reached == known else OPEN if reached > known and known not in tried else DISAGREES
    return count_units(reached, record.unit), verdict


def _planted(record: Record, tail: Judged | None) -> list[Finding]:
    """Length, gains and tail of a planted list; nothing where this installation does not know the game."""
    try:
        game = make_game(check_named(record.cell.game, record.cell_id))
    except GaincurveError:
        return []
    if not isinstance(game, Planted):
        return []
    found = [
        _finding(record, "the shortest list with a gain of 1", count_units(game.n_rules, record.unit), *_shortest(record, game.n_rules))
    ]
    stakes = np.cumsum(game.stakes.astype(np.float64)) / float(game.stakes.sum())
    points = [point for point in record.points if 0 < point.size <= game.n_rules]
    if points:
        off = max(abs(point.gain - float(stakes[point.size - 1])) for point in points)
        same = "as known" if off <= ROUNDING else f"off by up to {off:.2g}"
        measured = f"{same}, at {count(len(points), 'size')}"
        what = f"the gain of the best 1 to {game.n_rules:,} rules"
        found.append(_finding(record, what, "the shares of the largest stakes", measured, AGREES if off <= ROUNDING else DISAGREES))
    if tail is not None and tail.tail is not None and max(point.gain for point in record.points) >= 1 - PERFECT:
        right = (ENDS,) if game.n_rules <= SHORT else (EXPONENTIAL,) if game.shape == "geometric" else (HEAVIER, POWER)
        verdict = tail.tail.verdict
        judgement = AGREES if verdict in right else OPEN if verdict == UNDECIDED else DISAGREES
        found.append(_finding(record, "the tail", " or ".join(right), tail.tail.words, judgement))
    return found


def _random(record: Record, ratio: float | None) -> list[Finding]:
    """Whether any policy of a curve makes the file of optimal moves shorter than exceptions alone."""
    if ratio is None:
        return []
    what = "codelength as a share of exceptions alone"
    return [
        _finding(record, what, f"1 or more, but for luck of at most {LUCK:.0%}", f"{ratio:.3f}", AGREES if ratio >= 1 - LUCK else DISAGREES)
    ]


def _finding(record: Record, what: str, known: str, measured: str, verdict: str) -> Finding:
    return Finding(record.cell.game, record.cell.label, record.cell_id, what, known, measured, verdict)
