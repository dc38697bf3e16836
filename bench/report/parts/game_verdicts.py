"""The verdicts on games: on each the held-out verdict on its best learner, and the verdicts on its envelope in units and in bits.

Verdicts on single curves, which name their learners, are in bench/report/parts/tails.py and bench/report/parts/held_out.py.
"""

from collections.abc import Sequence

from bench.curves.envelope import BITS, UNITS
from bench.curves.families import WRAPPERS
from bench.report.blocks import Column, Sentence, Table, TableRow
from bench.tails.curves import NoCurve
from bench.tails.games import GameVerdict
from bench.tails.verdict import UNDECIDED, VERDICTS
from bench.wording import no_curve

MAX_NAMED = 12  # games whose held-out verdicts a sentence gives
NONE_HELD_OUT = f"{UNDECIDED}, since no boards were held out"
COLUMNS = (
    Column("game", "game", is_text=True),
    Column("measure", "size in", "envelope", is_text=True),
    Column("held_out", "held-out verdict", "transfer", is_text=True),
    Column("learner", "of", is_text=True),
    Column("held_out_gain", "held-out gain", "gain", ".3f"),
    Column("verdict", "verdict on the fitted curve", "tail", is_text=True),
    Column("left", "left", "gain", ".2%"),
    Column("judged_to", "judged to", "tail", ",.0f"),
    Column("decades", "decades", "tail", ".1f"),
    Column("holders", "held by", "envelope", is_text=True),
)


def held_out_in_words(verdict: GameVerdict) -> str:
    """The held-out verdict on a game with its learner: `knowledge to about the 724-th rule, memory after (single-atom-list)`."""
    found = verdict.held_out
    if found is None:
        return NONE_HELD_OUT
    why = f": {found.verdict.reason}" if found.verdict.k is None else ""
    return f"{found.verdict.words}{why} ({found.learner})"


def fitted_in_words(verdicts: Sequence[GameVerdict]) -> str:
    """The verdicts on the envelopes of one game: `heavier than exponential in units, undecided in bits`; `ends in units and bits`."""
    measures: dict[str, list[str]] = {}
    for verdict in verdicts:
        measures.setdefault(verdict.tail.words if verdict.tail else "no curve", []).append(verdict.measure)
    return ", ".join(f"{said} in {' and '.join(names)}" for said, names in measures.items())


def about_game(verdicts: Sequence[GameVerdict]) -> list[Sentence]:
    """The verdicts on one game in its measures, a sentence each."""
    return [Sentence(f"{verdicts[0].game}: {text}.", cells) for text, cells in told(verdicts)]


def told(verdicts: Sequence[GameVerdict]) -> list[tuple[str, tuple[str, ...]]]:
    """The verdicts on one game in words, the held-out one first, each with its cells; none without an envelope.

    The held-out verdict is that of the best learner whose units count. Where a learner of another kind is better, its verdict follows.
    """
    if not verdicts:
        return []
    first, *others = verdicts
    found = [(f"on held-out boards {held_out_in_words(first)}", first.held_out.cells)] if first.held_out else []
    found += [
        (f"of all learners on held-out boards {held_out_in_words(verdict)}", verdict.held_out.cells)
        for verdict in others
        if verdict.held_out and (first.held_out is None or verdict.held_out.learner != first.held_out.learner)
    ]
    cells = tuple(dict.fromkeys(cell for verdict in verdicts for cell in verdict.cells))
    return [*found, (f"verdict on the fitted curve of the best policies: {fitted_in_words(verdicts)}", cells)]


def about_games(verdicts: Sequence[GameVerdict]) -> list[Sentence]:
    """The held-out verdicts on games, then which games have which verdict on the fitted curve; planted and random games are left out."""
    shown = [verdict for verdict in verdicts if not verdict.game.startswith(WRAPPERS)]
    if not shown:
        return []
    known = [verdict for verdict in shown if verdict.measure == UNITS and verdict.held_out]
    said = [Sentence("No boards were held out, so no verdict here separates knowledge from memory.")]
    if known:
        named = "; ".join(f"{verdict.game}: {held_out_in_words(verdict)}" for verdict in known[:MAX_NAMED])
        more = f"; {len(known) - MAX_NAMED:,} more games in the table" if len(known) > MAX_NAMED else ""
        cells = tuple(cell for verdict in known[:MAX_NAMED] if verdict.held_out for cell in verdict.held_out.cells)
        said = [Sentence(f"Held-out verdicts on games, each from its best learner on held-out boards: {named}{more}.", cells)]
    for measure in (UNITS, BITS):
        of_measure = [verdict for verdict in shown if verdict.measure == measure]
        groups = {kind: [verdict.game for verdict in of_measure if verdict.tail and verdict.tail.verdict == kind] for kind in VERDICTS}
        told = "; ".join(f"{kind}: {', '.join(games)}" for kind, games in groups.items() if games)
        if told:
            said.append(Sentence(f"Verdicts on the fitted curves of the best policies of each size in {measure}: {told}."))
    return said


def games_table(verdicts: Sequence[GameVerdict], command: str) -> Table:
    """A row for each game and measure."""
    note = (
        "The envelope of a game is the best gain of any measured policy of at most a size: in rules, weights and leaves, or in bits of any "
        "policy. Judged to: in units, or in bytes. The held-out verdict is that of the learner with the highest held-out gain."
    )
    return Table("game-verdicts", "Verdicts on the best policies of each size", COLUMNS, tuple(map(_row, verdicts)), note, command)


def _row(verdict: GameVerdict) -> TableRow:
    held_out, tail = verdict.held_out, verdict.tail
    before = (
        *(verdict.game, verdict.measure),
        *((held_out.verdict.words, held_out.learner, held_out.gain) if held_out else (None, None, None)),
    )
    if tail is None:
        return TableRow(before, verdict.cells[0], no_curve(verdict.curve.reason) if isinstance(verdict.curve, NoCurve) else "")
    numbers = (tail.words, tail.left_at_end, tail.judged_to, tail.decades, ", ".join(verdict.envelope.holders))
    return TableRow((*before, *numbers), verdict.cells[0])
