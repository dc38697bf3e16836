"""All games of a run in one table, a row each, that leads to their pages."""

from collections.abc import Sequence

from bench.curves.envelope import UNITS, Envelope
from bench.curves.figure1 import LEVEL
from bench.report.blocks import Column, Section, Table, TableRow
from bench.report.names import page_of
from bench.report.run_data import Evidence
from bench.scaling.axis import AxisRow, best_to_value
from bench.tails.games import GameVerdict

SIZES = (16, 256)  # at which the best policies are told
COLUMNS = (
    Column("game", "game", is_text=True),
    Column("n_positions", "positions", "position"),
    *(Column(f"left_{size}", f"{size} units leave", "gain", ".1%") for size in SIZES),
    Column("left", "the most measured leave", "gain", ".1%"),
    Column("bits_to_level", f"bits to a gain of {LEVEL:g}", "bits_to"),
    Column("bits_to_value", "bits to the value", "grades"),
    Column("tail", "rules run out", "tail", is_text=True),
    Column("held_out", "on boards held out", "transfer", is_text=True),
)


def games_section(evidence: Evidence, rows: Sequence[AxisRow], verdicts: Sequence[GameVerdict]) -> Section:
    """A row for each game: its size, what is left, what two gains take, and the verdicts on it."""
    kept = best_to_value(rows)
    to_level = {
        game: min((bits for row in rows if row.game == game and row.is_drawn and (bits := row.bits_to_level) is not None), default=None)
        for game in evidence.suite.games
    }
    of_game = {verdict.game: verdict for verdict in verdicts if verdict.measure == UNITS}
    found = []
    for game in evidence.suite.games:
        records = evidence.of_game(game)
        if not records:
            found.append(TableRow((game,), hole="no record", link=page_of(game)))
            continue
        verdict = of_game.get(game)
        envelope = verdict.envelope if verdict else None
        left = [_left(envelope, size) for size in (*SIZES, None)]
        tail = verdict.tail.words if verdict and verdict.tail else None
        held_out = verdict.held_out.verdict.words if verdict and verdict.held_out else None
        numbers = (records[0].n_positions, *left, to_level[game], kept.get(game))
        found.append(TableRow((game, *numbers, tail, held_out), link=page_of(game)))
    columns = tuple(
        column
        for number, column in enumerate(COLUMNS)
        if number == 0 or any(row.values[number : number + 1] != (None,) for row in found if not row.hole)
    )
    note = (
        "What the best policies of at most a number of rules, weights or leaves leave of random play's losses, whichever learner they are "
        "from. A dash: not reached, or not measured."
    )
    return Section("all-games", "All games", (Table("games", "All games of this run", columns, _of(found, columns), note),), short="Games")


def _of(rows: Sequence[TableRow], columns: Sequence[Column]) -> tuple[TableRow, ...]:
    """The rows with the values of some of COLUMNS."""
    kept = [COLUMNS.index(column) for column in columns]
    return tuple(row if row.hole else TableRow(tuple(row.values[number] for number in kept), link=row.link) for row in rows)


def _left(envelope: Envelope | None, size: int | None) -> float | None:
    """What the best policy of at most `size` units leaves, of any size where that is None; None where the measured sizes end before."""
    if envelope is None or (size is not None and size > envelope.best[-1].size and not envelope.is_finished and envelope.residuals[-1] > 0):
        return None
    best = envelope.best[-1] if size is None else envelope.at(size)
    return 1.0 if best is None else max(0.0, 1.0 - best.gain)
