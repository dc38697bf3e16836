"""What stands in the part of one game as numbers: its curves, who leads at equal bits, and every measured point."""

from bench.curves.curve import LEVELS, bits_to, bits_to_value, compare_all, units_to, units_to_value
from bench.curves.figure1 import RIVALS, UNDRAWN
from bench.harness.point import Point, in_words, shortest_file
from bench.harness.records import Record
from bench.harness.store import policy_path
from bench.harness.untrusted_ids import explain_command
from bench.report.blocks import Block, Column, Drawing, Fold, Listing, Table, TableRow, Value
from bench.report.run_data import Evidence, ids_of
from bench.report.series import gains_by_bits

MAX_SHOWN = 12  # rows of the points of a curve, and of gains at equal bits; their files have all
MAX_TEXT = 1000  # characters of a policy in words

CURVE_COLUMNS = (
    Column("policy", "policy", is_text=True),
    Column("unit", "unit", is_text=True, is_below=True),
    *(
        column
        for level in LEVELS
        for column in (
            Column(f"bits_to_{level:g}", f"bits to {level:.0%}", "bits_to"),
            Column(f"units_to_{level:g}", "units", is_below=True),
        )
    ),
    Column("bits_to_value", "bits to the value", "grades"),
    Column("units_to_value", "units", is_below=True),
    Column("best_gain", "best gain", "gain", ".4f"),
    Column("language_bits", "language bits", "language_bits"),
    Column("codelength", "shortest codelength", "codelength"),
    Column("codelength_units", "units", is_below=True),
    Column("operations", "operations a decision", "operations", ",.0f"),
    Column("proved", "proved of the last", "grades", is_text=True),
)
POINT_COLUMNS = (
    Column("budget", "budget", "unit"),
    Column("size", "size", "unit"),
    Column("gain", "gain", "gain", ".5f"),
    Column("residual", "residual", "gain", ".2g"),
    Column("policy_bits", "policy bits", "policy_bits"),
    Column("exception_bits", "exception bits", "exception_bits"),
    Column("codelength", "codelength", "codelength"),
    Column("weak_codelength", "on its own lines", "weak"),
    Column("weak_positions", "positions", is_below=True),
    Column("language_bits", "language bits", "language_bits", is_hidden=True),
    Column("operations", "operations", "operations", ",.1f"),
    Column("error_rate", "error rate", "error_rate", ".2%"),
    Column("missing_bits", "missing bits a position", "missing_bits", ".4f"),
    Column("games_left_first", "games left, log10, 1st", "games_left", ".2f"),
    Column("games_left_second", "2nd", "games_left", ".2f", is_below=True),
    Column("proved", "proved", "grades", is_text=True),
    Column("never_loses_first", "never loses, 1st", "grades", is_hidden=True),
    Column("never_loses_second", "2nd", "grades", is_hidden=True),
    Column("keeps_value_first", "keeps value, 1st", "grades", is_hidden=True),
    Column("keeps_value_second", "2nd", "grades", is_hidden=True),
    Column("optimal_everywhere", "optimal everywhere", "grades", is_hidden=True),
    Column("loss_rate", "loses to uniform", "results", ".2%"),
    Column("exploitability", "exploitability", "results", ".4f"),
    Column("fit_seconds", "time to fit, s", "seconds", ",.2f"),
)


def curve_drawing(evidence: Evidence, game: str) -> list[Block]:
    """Gain against bits of every curve of a game. Empty where there is no curve."""
    from bench.report.plots.comparison import draw_gain_against_bits

    shown = [record for record in evidence.of_game(game) if record.cell.learner not in UNDRAWN]
    if not shown:
        return []
    figure = draw_gain_against_bits(game, {evidence.name(record): record.points for record in shown})
    series = gains_by_bits({evidence.name(record): (record.points, record.unit) for record in shown})
    title = f"{game}: gain against description length of each kind of policy"
    return [Drawing(f"bits-{game}", title, figure, series, cells=ids_of(shown), command=evidence.command(f"{game}/*"))]


def curve_table(evidence: Evidence, game: str) -> Table:
    """A row for each cell of a game: bits and units to each of LEVELS, the shortest codelength, and what is proved of the last policy."""
    rows = [TableRow(_curve_values(evidence.name(record), record), record.cell_id) for record in evidence.of_game(game)]
    rows += [TableRow((f"{cell.label}/seed={cell.seed}",), cell.id, str(status)) for cell, status in evidence.holes_of(game)]
    return Table(f"curves-{game}", "Bits to reach a gain", CURVE_COLUMNS, tuple(rows), command=evidence.command(f"{game}/*"))


def _curve_values(name: str, record: Record) -> tuple[Value, ...]:
    points = record.points
    last, shortest = points[-1], shortest_file(points)
    levels = [number for level in LEVELS for number in (bits_to(points, level), units_to(points, level))]
    levels += [bits_to_value(points), units_to_value(points)]
    best = max(point.gain for point in points)
    perfect = (None, None) if shortest is None else (shortest.codelength, shortest.size)
    return name, record.unit, *levels, best, last.language_bits, *perfect, last.operations, proved(last)


def proved(point: Point) -> str | None:
    """The grades that a policy has, in words."""
    names = [name.replace("_", " ") for name in ("never_loses", "keeps_value", "optimal_everywhere") if point.is_proved(name)]
    return ", ".join([*names, *(["may stall"] if point.is_proved("keeps_value") and point.is_proved("stalls") else [])]) or None


def rivals_table(evidence: Evidence, game: str) -> list[Table]:
    """The gain of RIVALS at equal bits; empty where one of them has no record of the game. Of several seeds the first is shown."""
    among = [record for record in evidence.of_game(game) if record.cell.label in RIVALS]
    rivals = {record.cell.label: record for record in reversed(among)}
    if len(rivals) < len(RIVALS):
        return []
    columns = [Column("bits", "bits", "policy_bits"), *(Column(f"gain_{name}", name, "gain", ".4f") for name in RIVALS)]
    rows: list[TableRow] = []
    for bits, gains in compare_all({name: rivals[name].points for name in RIVALS}):
        best = max(gains, key=lambda name: gains[name])
        is_equal = len({round(gain, 9) for gain in gains.values()}) == 1
        rows.append(TableRow((bits, *(gains[name] for name in RIVALS), "neither" if is_equal else best)))
    return [
        Table(
            f"equal-bits-{game}",
            f"{', '.join(RIVALS[:-1])} and {RIVALS[-1]} at equal bits",
            (*columns, Column("ahead", "greater gain", is_text=True)),
            tuple(rows),
            note="The best gain of a measured policy with at most that many bits, its language not counted."
            + (" Only the first seed of each is compared." if len(among) > len(rivals) else ""),
            command=evidence.command(f"{game}/*"),
            most_shown=MAX_SHOWN,
        )
    ]


def points_fold(evidence: Evidence, record: Record) -> Fold:
    """Every measured point of a curve, and the policy in words."""
    name = evidence.name(record)
    table = Table(
        f"points-{record.cell.game}-{record.cell.label}-seed{record.cell.seed}".replace("/", "_").replace(" ", "_"),
        f"{name} on {record.cell.game}: every measured policy",
        POINT_COLUMNS,
        tuple(TableRow(_point_values(point)) for point in record.points),
        command=evidence.repeat(record.cell_id),
        most_shown=MAX_SHOWN,
    )
    text = record.explanation
    if len(text) > MAX_TEXT:
        command = explain_command(policy_path(evidence.folder, record.cell_id), record.cell.game)
        text = text[: text.rfind("\n", 0, MAX_TEXT) + 1] + f"... all of it: {command}"
    n_points = len(record.points)
    title = f"{name}: {n_points} point{'s' * (n_points != 1)}, {record.seconds.get('total', 0.0):.1f} s"
    return Fold(title, (table, *([Listing(text, record.cell_id)] if text else [])), record.cell_id)


def _point_values(point: Point) -> tuple[Value, ...]:
    results, games, weak = point.results or {}, point.games_left or {}, point.weak or {}
    return (
        point.budget,
        point.size,
        point.gain,
        1.0 - point.gain,
        point.policy_bits,
        point.exception_bits,
        point.codelength,
        weak.get("codelength"),
        weak.get("positions"),
        point.language_bits,
        point.operations,
        point.error_rate,
        point.missing_bits,
        games.get("first"),
        games.get("second"),
        proved(point),
        point.is_proved("never_loses_first"),
        point.is_proved("never_loses_second"),
        point.is_proved("keeps_value_first"),
        point.is_proved("keeps_value_second"),
        point.is_proved("optimal_everywhere"),
        in_words(results, "loss_rate", ".2%") if point.bounds("loss_rate") else results.get("loss_rate"),
        in_words(results, "exploitability", ".4f") if point.bounds("exploitability") else point.exploitability,
        point.fit_seconds,
    )
