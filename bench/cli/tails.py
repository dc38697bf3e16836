"""The verb `tails`: the shapes of the tails of the curves of a run, or of one record."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.game_verdicts import GAME_COLUMNS, game_in_json, game_row
from bench.cli.held_out import HELD_OUT_COLUMNS, boards_in_json, curve_in_json, held_out_rows
from bench.cli.options import RUNS, Json, RunsFolder, complete_run
from bench.terminal import emit_json, emit_table, working
from games.errors import GaincurveError, UsageError, nearest

if TYPE_CHECKING:
    from bench.harness.records import Record
    from bench.tails.index import TailIndex
    from bench.tails.verdict import Tail

MEASURES = ("regret", "exceptions")
COLUMNS = ("cell", "verdict", "ends after", "left", "judged to", "decades", "shape", "later", "k^-")


def tails(
    run: Annotated[
        str | None,
        typer.Argument(metavar="RUN", help="A run by name or folder, or a record's file; else the last run.", autocompletion=complete_run),
    ] = None,
    game: Annotated[str | None, typer.Option("--game", help="Only records of this game.")] = None,
    measure: Annotated[str, typer.Option(help="What is left: `regret`, or the bits of `exceptions`.")] = "regret",
    refit: Annotated[bool, typer.Option("--refit", help="Fit anew: bands over positions, and for plain rule lists the nulls.")] = False,
    runs: RunsFolder = RUNS,
    json: Json = False,
) -> None:
    """Show for every curve whether it ends, falls off like an exponential, faster, slower, or like a power law (docs/tails.md).

    Where boards were held out, also to which rule it is knowledge (docs/heldout.md). Of a run, also the verdicts on its games, by the
    best policies of each size.
    """
    from bench.tails.games import judge_games

    if measure not in MEASURES:
        raise UsageError(f"unknown measure {measure!r}: {nearest(measure, list(MEASURES))}")
    if refit and measure != "regret":
        raise UsageError("--refit judges the regret of every position: leave --measure out")
    records = [record for record in _records(run, runs) if game in (None, record.cell.game)]
    if not records:
        raise UsageError(f"no record of {game} there: leave --game out to see them all")
    found: list[tuple[str, Tail | str]] = []
    for record in records:
        with working(record.cell_id):
            found += _judge(record, measure, refit)
    if not refit:
        found += _pooled(records, measure)
    is_run = run is None or not Path(run).is_file()
    with working("games"):
        games = judge_games(records) if is_run and measure == MEASURES[0] else []
    if json:
        curves = [curve_in_json(record, _in_words(dict(found)[record.cell_id])) for record in records]
        judged = [{"cell": name, **_plain(tail)} for name, tail in found]
        by_board = boards_in_json(records) if is_run else []
        envelopes = list(map(game_in_json, games))
        emit_json({"measure": measure, "tails": judged, "curves": curves, "envelopes": envelopes, "by_board": by_board})
        return
    emit_table("", COLUMNS, [_row(name, tail) for name, tail in found])
    if rows := held_out_rows(records):
        emit_table("held out", HELD_OUT_COLUMNS, rows)
    if games:
        emit_table("games, by their best policies", GAME_COLUMNS, list(map(game_row, games)))


def _records(run: str | None, runs: Path) -> "list[Record]":
    from bench.harness.store import find_run, read_record

    if run is not None and Path(run).is_file():
        return [read_record(Path(run))]
    return [read_record(path) for path in sorted((find_run(run, runs) / "records").glob("*.json"))]


def _judge(record: "Record", measure: str, refit: bool) -> "list[tuple[str, Tail | str]]":
    """The tail of a record, and of its nulls; in place of what cannot be judged, the reason."""
    from bench.tails.curves import curve_of_record
    from bench.tails.verdict import tail_of

    if record.error:
        return [(record.cell_id, f"failed: {record.error}")]
    try:
        if refit:
            return _refit(record)
        return [(record.cell_id, tail_of(curve_of_record(record, measure)))]
    except GaincurveError as error:
        return [(record.cell_id, str(error))]


def _pooled(records: "list[Record]", measure: str) -> "list[tuple[str, Tail | str]]":
    """One more row for every curve that several seeds have measured."""
    from bench.tails.curves import curve_of_record, pool
    from bench.tails.verdict import tail_of

    by_cell: dict[str, list[Record]] = {}
    for record in records:
        by_cell.setdefault(f"{record.cell.game}/{record.cell.label}", []).append(record)
    found: list[tuple[str, Tail | str]] = []
    for cell, seeds in by_cell.items():
        if len(seeds) > 1:
            name = f"{cell}, {len(seeds)} seeds"
            try:
                found.append((name, tail_of(pool([curve_of_record(record, measure) for record in seeds]))))
            except UsageError as error:
                found.append((name, str(error)))
    return found


def _refit(record: "Record") -> "list[tuple[str, Tail | str]]":
    from bench.harness.cell import load_cell
    from bench.harness.untrusted_ids import check_named
    from bench.tails.curves import curve_of_regrets, regrets_of_path
    from bench.tails.nulls import FrequencyNull, GainIndex, is_plain, nulls_of
    from bench.tails.verdict import tail_of
    from policies.rules.rulelist import RuleListLearner

    cell = record.cell
    check_named(cell.game, record.cell_id)
    loaded = load_cell(cell)
    task, learner, seen = loaded.task, loaded.learner, loaded.seen
    budgets = cell.budgets or list(learner.default_budgets(seen))
    path = regrets_of_path(task, learner, budgets, cell.random_seed, seen)
    found: list[tuple[str, Tail | str]] = [(record.cell_id, tail_of(curve_of_regrets(path)))]
    if isinstance(learner, RuleListLearner) and is_plain(learner) and loaded.part is None:
        nulls = nulls_of(task, learner, budgets[-1])
        said = nulls.frequency
        if isinstance(said, FrequencyNull):
            said = f"rank correlation {said.rank_correlation:.2f}; frequency^{said.slope:.2f} explains {said.explained:.0%}"
        found.append((f"{record.cell_id}: gain and frequency", said))
        index = nulls.index
        if isinstance(index, GainIndex):
            index = f"Hill {_index(index.hill)}; discrete {_index(index.discrete)}; of {index.hill.n_gains} gains"
        found.append((f"{record.cell_id}: tail index of gains", index))
        found.append((f"{record.cell_id}: gains in proportion to frequency", nulls.in_proportion))
        found.append((f"{record.cell_id}: right moves shuffled", nulls.shuffled))
    return found


def _row(name: str, tail: "Tail | str") -> list[object]:
    from bench.tails.verdict import HEAVIER, POWER

    name = name.replace("/seed=0", "")
    if isinstance(tail, str):
        return [name, tail, *[None] * (len(COLUMNS) - 2)]
    stretch = tail.stretch if tail.verdict in (HEAVIER, POWER) else None
    bands = [*(part and part.shape_band for part in (tail.whole, tail.later)), stretch and stretch.exponent_band]
    left = f"{tail.left_at_end:.1%}"
    return [name, tail.words, tail.ends_after, left, tail.judged_to, f"{tail.decades:.1f}", *(band and _band(band) for band in bands)]


def _band(band: tuple[float, float]) -> str:
    return f"{band[0]:.2f} to {band[1]:.2f}"


def _index(estimate: "TailIndex") -> str:
    return f"{estimate.index:.2f} ({_band(estimate.band)})"


def _in_words(tail: "Tail | str") -> str | None:
    return None if isinstance(tail, str) else tail.words


def _plain(tail: "Tail | str") -> dict[str, Any]:
    return {"verdict": None, "reason": tail} if isinstance(tail, str) else dataclasses.asdict(tail)
