"""All records of a run as one tidy table: a row for every measured policy, and one for every cell that has none.

docs/export.md says how to read it. A value that was not measured is None: an empty field of a CSV file, a null of a Parquet file.
"""

import csv
import functools
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import cell_status, read_suite
from bench.measures.transfer import Transfer, transfer
from bench.suites.grid import Cell, cells
from games.errors import UsageError, WorkError
from games.solving.store import write_atomically

Value = str | int | float | bool | None
Row = dict[str, Value]
FORMATS = (".csv", ".parquet")


class Source(NamedTuple):
    """What a row is read from."""

    run: str
    cell: Cell
    status: str  # one of `measured`, `failed`, `missing`, `damaged`
    error: str = ""
    record: Record | None = None
    point: Point | None = None


class Column(NamedTuple):
    """A column of the table: its name, the type of its values, what they mean, and where they are found."""

    name: str
    kind: type[str | int | float | bool]
    about: str
    read: Callable[[Source], Any]

    def value(self, source: Source) -> Value:
        found = self.read(source)
        return None if found is None or found == "" else self.kind(found)


def _look_up(source: Source, path: str) -> Any:
    """What stands at a dotted path of attributes and keys; None where a part of it is not there."""
    found: Any = source
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else getattr(found, name, None)
        if found is None:
            return None
    return found


def _json(source: Source, path: str) -> str | None:
    found = _look_up(source, path)
    return None if found is None else json.dumps(found, sort_keys=True, ensure_ascii=False)


def _carried(source: Source) -> Transfer | None:
    """T at the budget of a point (bench/measures/transfer.py); None where nothing was held out or too little is gained behind it."""
    return None if source.record is None or source.point is None else transfer(source.record.splits, source.point.budget)


def _ends(read: Callable[[Transfer], float]) -> Callable[[Source], float | None]:
    return lambda source: None if (found := _carried(source)) is None else read(found)


def _column(name: str, kind: type[str | int | float | bool], path: str, about: str, as_json: bool = False) -> Column:
    return Column(name, kind, about, functools.partial(_json if as_json else _look_up, path=path))


GRADES = {
    "never_loses": "no line of play that it allows loses, whatever the opponent does",
    "keeps_value": "on its own lines of play every move that it may choose is optimal",
    "stalls": "play that keeps its value may go on for ever",
}
SEATS = {"": "both seats", "_first": "first player", "_second": "second player"}

COLUMNS = (
    _column("run", str, "run", "name of the suite"),
    _column("status", str, "status", "`measured`, `failed`, `missing` or `damaged` (the record's checksum does not match)"),
    _column("error", str, "error", "why there is no measure"),
    _column("cell_id", str, "cell.id", "game, label and seed"),
    _column("game", str, "cell.game", "id of the game"),
    _column("learner", str, "cell.learner", "kind of policy"),
    _column("label", str, "cell.label", "name of the learner with its options in this suite"),
    _column("options", str, "cell.options", "options of the learner, as JSON", as_json=True),
    _column("seed", int, "cell.seed", "seed in the suite"),
    _column("weights", str, "cell.weights", "how positions count: `uniform`, `semi_strong` or `play`"),
    _column("held_out", float, "cell.held_out", "share or number of boards or positions kept from the fit (docs/heldout.md)"),
    _column("splits", int, "cell.splits", "draws fitted beside the curve; 0 where the curve itself is fitted to what a draw leaves"),
    _column("nulls", int, "cell.nulls", "of these draws, how many were fitted once more on shuffled moves"),
    _column("split", str, "cell.split", "what a draw draws: `boards` or `positions`"),
    _column("positions", int, "cell.positions", "positions of the sample that is asked for; none: the cell is of all positions"),
    _column("asked_budgets", str, "cell.budgets", "budgets that the suite asks for, as JSON; none: the learner's own", as_json=True),
    _column("used_budgets", str, "record.budgets", "budgets that were fitted, as JSON, the learner's own too", as_json=True),
    _column("is_finished", bool, "record.is_finished", "the fit ended by itself: a larger budget would bring nothing"),
    _column("asked_results", str, "cell.results_at", "budgets at which it asks for expected results, as JSON", as_json=True),
    _column("time_limit", float, "cell.time_limit", "seconds after which the cell is given up, where the suite sets any"),
    _column("memory_limit", float, "cell.memory_limit", "GiB of its process above which it is given up"),
    _column("key", str, "record.key", "hash of all that the record depends on"),
    _column("made", str, "record.provenance.made", "when the cell was measured, UTC"),
    _column("commit", str, "record.provenance.commit", "commit that measured it, `-dirty` where sources were edited"),
    *(
        _column(f"{name}_version", str, f"record.provenance.{path}", f"version of {name}")
        for name, path in [(n, n) for n in ("gaincurve", "python")] + [(n, f"libraries.{n}") for n in ("numpy", "numba", "torch")]
    ),
    _column("system", str, "record.provenance.system", "operating system and processor"),
    _column("cores", int, "record.provenance.cores", "processor cores of the machine"),
    _column("n_positions", int, "record.n_positions", "positions of the game, up to symmetry"),
    _column("effective_positions", float, "record.effective_positions", "the same in equal weights: 1 / sum of squared weights"),
    _column("n_states", int, "record.n_states", "the same with the ends of play"),
    _column("n_edges", int, "record.n_edges", "moves in all positions"),
    _column("uniform_regret", float, "record.uniform_regret", "mean regret of random play, in the game's units"),
    _column("uniform_missing_bits", float, "record.uniform_missing_bits", "bits a position to an optimal move, without any policy"),
    *(
        _column(f"recipe_{part}_bits", int, f"record.recipe_bits.{part}", f"recipe: {about}")
        for part, about in (
            ("engine", "compressed source of the game and its solution"),
            ("learner", "compressed source of the learner beside it"),
            ("seed", "the seed"),
        )
    ),
    _column("cell_seconds", float, "record.seconds.total", "time that the whole cell took"),
    _column("cpu_seconds", float, "record.seconds.cpu", "processor time of it, all threads together"),
    _column("memory_mib", float, "record.memory_mib", "the most MiB that its process held meanwhile"),
    _column("unit", str, "record.unit", "what budget and size count"),
    _column("budget", int, "point.budget", "most units that the policy was allowed"),
    _column("size", int, "point.size", "units that it uses"),
    _column("n_parameters", int, "point.n_parameters", "numbers other than zero that a network is made of"),
    _column("gain", float, "point.gain", "1 - regret / regret of random play"),
    _column("gain_error", float, "point.gain_error", "its standard error, where the positions are a sample"),
    _column("exception_rate", float, "point.exception_rate", "bits of corrections a position, of a sample, or of what is held out of it"),
    _column("regret", float, "point.regret", "mean regret, in the game's units"),
    _column("policy_bits", int, "point.policy_bits", "8 x the length of the file that decodes to the policy"),
    _column("exception_bits", int, "point.exception_bits", "corrections that turn it into an optimal policy"),
    _column("language_bits", int, "point.language_bits", "compressed source of what the description presupposes"),
    _column(
        "comparable_language_bits",
        int,
        "point.comparable_language_bits",
        "compressed source of all that reads and plays the file, one count for all learners",
    ),
    _column("codelength", int, "point.codelength", "`policy_bits` + `exception_bits`"),
    _column("error_rate", float, "point.error_rate", "probability of a move that is not optimal, mean over positions"),
    _column("missing_bits", float, "point.missing_bits", "bits a position to an optimal move that the policy leaves unsaid"),
    _column("operations", float, "point.operations", "operations a decision, mean over positions"),
    _column("operations_worst", float, "point.operations_worst", "operations of the decision that takes most"),
    _column("fit_seconds", float, "point.fit_seconds", "from the start of fitting to this policy, smaller budgets included"),
    *(
        _column(f"{grade}{seat}", bool, f"point.grades.{grade}{seat}", f"{about}; {where}")
        for grade, about in GRADES.items()
        for seat, where in SEATS.items()
    ),
    _column("optimal_everywhere", bool, "point.grades.optimal_everywhere", "every move that it may choose in any position is optimal"),
    _column("plays_perfectly", bool, "point.plays_perfectly", "it keeps its value from both seats and cannot stall"),
    _column("exploitability", float, "point.exploitability", "what a best response wins beyond the game's value, mean of seats"),
    _column("loss_rate", float, "point.results.loss_rate", "probability of losing to a uniformly random opponent, mean of seats"),
    _column("best_loss_rate", float, "point.results.best_loss_rate", "the same, to the opponent that makes it largest"),
    _column("results_error", float, "point.results.error", "how far the expected results may be from the truth, in the game's units"),
    *(
        _column(f"{name}_{side}", float, f"point.results.{side}.{name}", f"{word} bound of `{name}`, where that is not exact")
        for name in ("exploitability", "loss_rate", "best_loss_rate")
        for side, word in (("low", "lower"), ("high", "upper"))
    ),
    _column("games_left_first", float, "point.games_left.first", "log10 of the games possible when the first player follows the policy"),
    _column("games_left_second", float, "point.games_left.second", "log10 of the games possible when the second player does"),
    _column("weak_positions", int, "point.weak.positions", "positions on the policy's own lines of play, against anything"),
    _column("weak_exception_bits", int, "point.weak.exception_bits", "corrections that it needs to be optimal on these lines"),
    _column("weak_codelength", int, "point.weak.codelength", "`policy_bits` + `weak_exception_bits`"),
    _column("games_left_plies", int, "point.games_left.plies", "games that take more plies are not counted; 0: all are"),
    _column("n_fitted", int, "point.held_out.n_fitted", "positions fitted to, where some were held out; mean over splits"),
    _column("n_held_out", int, "point.held_out.n_held_out", "positions held out, mean over splits"),
    _column("gain_fitted", float, "point.held_out.gain_fitted", "gain on the positions fitted to"),
    _column("gain_held_out", float, "point.held_out.gain", "gain on the positions held out"),
    _column("gain_held_out_error", float, "point.held_out.error", "its standard error, over the boards or positions held out"),
    Column(
        "transfer",
        float,
        "share of the fitted gain behind this budget that is gained on what is held out too",
        _ends(lambda found: found.mean),
    ),
    Column("transfer_low", float, "lower end of its band over splits", _ends(lambda found: found.low)),
    Column("transfer_high", float, "upper end of its band over splits", _ends(lambda found: found.high)),
)


def table(folder: Path) -> list[Row]:
    """The rows of a run, in the order of its suite and of the budgets; every column of COLUMNS is in every row.

    Raises WorkError when the folder does not say which suite it is.
    """
    suite = read_suite(folder)
    return [
        {column.name: column.value(source) for column in COLUMNS} for cell in cells(suite) for source in _sources(folder, suite.name, cell)
    ]


def _sources(folder: Path, run: str, cell: Cell) -> list[Source]:
    """A source for each point of a cell, or the one that says why there is none."""
    found = cell_status(folder, cell.id)
    if record := found.measured:
        return [Source(run, record.cell, found.state, "", record, point) for point in record.points]
    return [Source(run, found.record.cell if found.record else cell, found.state, found.reason)]


def check_format(path: Path) -> None:
    """Raises UsageError for a name that does not end in one of FORMATS."""
    if path.suffix not in FORMATS:
        raise UsageError(f"{path}: tables are written as {' or '.join(FORMATS)}")


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV or Parquet, whole or not at all, by the ending of the name.

    Raises UsageError for another ending, and WorkError where Parquet is asked for and pyarrow is missing.
    """
    check_format(path)
    write_atomically(path, [_csv(rows) if path.suffix == ".csv" else _parquet(rows)])


def _csv(rows: Sequence[Row]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows([_text(row[column.name]) for column in COLUMNS] for row in rows)
    return text.getvalue().encode()


def _text(value: Value) -> str:
    """A value as the field of a CSV file, from which it can be read back exactly."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _parquet(rows: Sequence[Row]) -> bytes:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise WorkError("writing Parquet needs pyarrow, which is missing: pip install 'gaincurve[export]', or write .csv") from None
    types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([pyarrow.field(column.name, types[column.kind], metadata={"about": column.about}) for column in COLUMNS])
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema=schema), buffer)
    return buffer.getvalue()
