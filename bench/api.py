"""The functions of the command line for Python: `gaincurve` exports them (docs/python.md)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bench.curves.compare import Comparison, measure_all
from bench.harness.cell import task_of
from bench.harness.fitted import FittedPolicy, Teacher, fit_policy, load_fitted
from bench.harness.policyfile import read_policy
from bench.harness.records import Record
from bench.harness.run import Watcher, run_suite
from bench.harness.store import RUNS, cell_status, find_run, policy_path, read_suite, run_folder
from bench.harness.tasks import proved_of_game
from bench.harness.untrusted_ids import check_named
from bench.measures.optimality import Optimality, optimality_of
from bench.runs.export import COLUMNS, Column, Source
from bench.suites.grid import Suite, cells, matches
from bench.suites.load import load_suite
from bench.wording import count
from games.conformance.check import check_game
from games.contract import Game
from games.errors import UsageError, WorkError, nearest
from games.registry import make_game
from games.solving.solved import Solved, solve_game
from policies.adapters.choose_move import ChooseMove, chosen_edges
from policies.api import check_budgets
from policies.former_names import about_sample
from policies.registry import make_learner, parse_learner
from policies.task import make_task

if TYPE_CHECKING:
    from bench.tails.curves import Curve

Array = npt.NDArray[Any]
TYPES: dict[type, Any] = {str: np.str_, int: np.int64, float: np.float64, bool: np.bool_}


@dataclass(frozen=True, eq=False)
class Run:
    """The content of a run's folder when it was read."""

    folder: Path
    suite: Suite
    records: dict[str, Record]  # the measured ones by the id of their cell, in the order of the suite
    without: dict[str, str]  # the other cells, and why there is no measure: missing, failed or damaged

    def __repr__(self) -> str:
        return f"<run {self.suite.name} in {self.folder}: {count(len(self.records), 'cell')} measured, {len(self.without)} not>"

    def record(self, cell_id: str) -> Record:
        """The record of a cell: `record.points` is its curve. Raises UsageError where there is none, saying why."""
        if cell_id in self.records:
            return self.records[cell_id]
        if cell_id in self.without:
            raise UsageError(f"{cell_id} was not measured: {self.without[cell_id]}")
        raise UsageError(f"{self.suite.name} has no cell {cell_id!r}; {nearest(cell_id, [*self.records, *self.without])}")

    def columns(self, only: str = "*") -> dict[str, Array]:
        """The columns of docs/export.md as arrays, a row for each measured policy of the cells whose id matches a pattern. [n_points]

        Text that is not there is empty; numbers and truth values of which one is not there are floats, and that one is nan. Raises
        UsageError where no measured cell matches.
        """
        chosen = [record for cell_id, record in self.records.items() if matches(cell_id, [only])]
        if not chosen:
            raise UsageError(f"no measured cell of {self.suite.name} matches {only!r}; {nearest(only, list(self.records))}")
        name = self.suite.name
        rows = [Source(name, record.cell, "measured", "", record, point) for record in chosen for point in record.points]
        return {column.name: _array(column, rows) for column in COLUMNS}

    def frame(self, only: str = "*") -> Any:
        """The same as a pandas.DataFrame. Raises WorkError where pandas is missing."""
        try:
            import pandas
        except ImportError:
            raise WorkError("frame() needs pandas, which is missing: pip install 'gaincurve[export]', or use columns()") from None
        return pandas.DataFrame(self.columns(only))

    def curve(self, cell_id: str, measure: str = "regret") -> "Curve":
        """What a cell leaves at every size, for bench.tails.verdict.tail_of: of the `regret`, or of the bits of `exceptions`."""
        from bench.tails.curves import curve_of_record

        return curve_of_record(self.record(cell_id), measure)

    def policy(self, cell_id: str, game: str | None = None) -> FittedPolicy:
        """The largest policy of a cell, decoded from its file. Raises UsageError where the file is missing or damaged.

        `game` has to name a game that lies outside this project, `package.module:OBJECT`: no file alone makes its code run.
        """
        cell = self.record(cell_id).cell
        header, data = read_policy(policy_path(self.folder, cell_id))
        check_named(cell.game, cell_id, game)
        task, learner = task_of(cell), make_learner(header.learner, header.options)
        proved = proved_of_game(cell.game, cell.weights, cell.positions, cell.held_out, cell.splits)
        return FittedPolicy(task, learner, learner.decode(data, task), data, header.learner, header.options, proved=proved)


def solve(game: str | Game, rebuild: bool = False) -> Solved:
    """Solve a game exactly, or read the solution from the cache: its graph, the value of every state, and of each opening.

    `game` is an id as the command line takes it, or a game that is found again by its own id. Raises UsageError for an unknown game,
    WorkError for one that is too large.

    >>> import gaincurve
    >>> solved = gaincurve.solve("nim-1-2")
    >>> solved.graph.n_states, solved.value, solved.openings
    (5, 1, {'take 1 from heap 1': -1, 'take 1 from heap 2': 1, 'take 2 from heap 2': -1})
    """
    return solve_game(make_game(_id(game)), rebuild)


def check(game: str | Game) -> list[str]:
    """Check that a game keeps its contract (games/contract.py), and return the names of the checks that it passed.

    Raises WorkError with the first fault and its place; an exception of the game itself is not caught.

    >>> import gaincurve
    >>> gaincurve.check("nim-1-2")[:3]
    ['expansions', 'start', 'repeats']
    """
    return check_game(make_game(_id(game)))


def fit(
    game: str | Game,
    learner: str,
    budget: int | None = None,
    *,
    seed: int = 0,
    weights: str = "uniform",
    held_out: float | None = None,
    split: str = "boards",
    positions: int | None = None,
    teacher: Teacher | None = None,
    **options: Any,
) -> FittedPolicy:
    """Fit one policy, write it as bytes, and return the policy that these bytes decode to, with its gain and its bits.

    - `budget`: the largest number of the learner's units (rules, entries, hidden units); None for a learner with one budget only.
    - `weights`: `strong` (also called `uniform`), `semi_strong` or `play`, the weights of positions.
    - `held_out`: the share of the boards (below 1), or their number (from 1 up), that the seed keeps from the fit; with
      `split="positions"` single positions are drawn.
    - `positions`: the size of a random sample of positions, drawn by the seed, for games too large to be measured whole. A number that
      is held out comes on top.
    - `teacher`: a fitted policy, the path of its file, or a player as `optimality` takes it; the policy is fitted to the teacher instead of
      the solution.
    - `options`: those of the learner. Its name may hold them too: `rulelist:best=true`.

    Raises UsageError for unknown names and values out of range, WorkError if there is nothing to learn or a library is missing.

    >>> import gaincurve
    >>> table = gaincurve.fit("tictactoe", "table", 100)
    >>> table
    <table on tictactoe: 100 entries, gain 0.3703, 568 policy bits>
    >>> table.exception_bits, table.bits
    (496, 1064)
    >>> student = gaincurve.fit("tictactoe", "table", 100, teacher=lambda state: state.legal_actions[0])
    >>> round(student.gain, 4), round(student.fidelity, 4)
    (-0.0179, 0.2137)
    """
    name, written = parse_learner(learner)
    if "sample" in options:
        raise UsageError(about_sample(options["sample"]))
    return fit_policy(_id(game), name, written | options, budget, seed, weights, held_out, teacher, split=split, positions=positions)


def load(
    path: str | Path | None = None, runs: str | Path = RUNS, game: str | None = None, positions: int | None = None, seed: int = 0
) -> FittedPolicy | Run:
    """Load the policy of a file, or the run of a folder or name; without a path, the run that changed last.

    A run is returned as it is on disk, also before it is finished. `game` must name the game of a policy file, `package.module:OBJECT`, if
    the game is not one of this project, because a file alone never makes code run. With `positions` a policy is measured on a random sample
    of that size, drawn by the seed.

    Raises UsageError if there is no such file or run, or if a policy file is damaged; WorkError if a run's folder does not hold its suite.

    >>> import gaincurve, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     gaincurve.fit("tictactoe", "table", 100).save(f"{folder}/hundred.policy")
    ...     gaincurve.load(f"{folder}/hundred.policy")
    <table on tictactoe: 100 entries, gain 0.3703, 568 policy bits>
    """
    if path is not None and (Path(path).is_file() or Path(path).suffix == ".policy"):
        return load_fitted(Path(path), game, positions=positions, seed=seed)
    return _load_run(path, runs)


def compare(
    game: str | Game,
    learners: Sequence[str],
    budgets: Sequence[int] | Mapping[str, Sequence[int]] | None = None,
    seeds: Sequence[int] = (0,),
    weights: str = "uniform",
    say: Callable[[str], None] | None = None,
) -> Comparison:
    """Fit several learners for each seed, and measure every policy.

    `budgets` are those of all learners, or a mapping from learners to budgets; by default each learner has its own. `say` is called with
    the learner and seed that is next. If a learner fails, the others go on; `failed` of the result has the reason.

    Raises UsageError for unknown names and values out of range.

    >>> import gaincurve
    >>> found = gaincurve.compare("tictactoe", ["tree", "table"], budgets=[10, 400])
    >>> [(point.size, round(point.gain, 3)) for point in found.runs["table"][0].points]
    [(10, 0.041), (400, 0.976)]
    >>> found.in_words()[0]
    'Up to 120 bits undecided between table and tree, up to a gain of 0.0410.'
    """
    made = {text: make_learner(*parse_learner(text)) for text in learners}
    by_learner = budgets if isinstance(budgets, Mapping) else dict.fromkeys(made, budgets or ())
    if unknown := by_learner.keys() - made.keys():
        raise UsageError(f"budgets of {min(unknown)!r}, which is not among the learners compared: {', '.join(made)}")
    chosen = {text: check_budgets(numbers) for text, numbers in by_learner.items() if numbers}
    return measure_all(make_task(_id(game), weights), made, chosen, seeds, say or (lambda line: None))


def optimality(choose_move: ChooseMove, game: str | Game, weights: str = "uniform") -> Optimality:
    """Measure a player against perfect play, exactly: regret, gain, error rate and exploitability.

    `choose_move` is a function from a `State` (cells, planes, legal_actions, text, packed) to an action. On an `openspiel:` game its
    argument is OpenSpiel's own state, and it may be a bot of OpenSpiel. It is called once for each position, and for one of symmetric
    positions only. A player with random moves is measured by one draw of each.

    Raises UsageError for an unknown game and for a move that is not legal, naming the position.

    >>> import gaincurve
    >>> found = gaincurve.optimality(lambda state: state.legal_actions[0], "tictactoe")
    >>> round(found.gain, 4), round(found.error_rate, 4), found.exploitability
    (0.022, 0.4051, 1.0)
    """
    task = make_task(_id(game), weights)
    return optimality_of(task, chosen_edges(choose_move, task))


def run(
    suite: str | Path | Suite,
    runs: str | Path = RUNS,
    only: str = "*",
    jobs: int | None = None,
    force: bool = False,
    retry_failed: bool = False,
    executor: str = "processes",
    scheduler: str | None = None,
    say: Callable[[str], None] = print,
) -> Run:
    """Measure the cells of a suite that have no valid record yet, in processes, and return the run.

    `suite` is a name, the path of a TOML file, or a Suite; `say` is called with a line for each cell; the other arguments are the options
    of `gaincurve run`. A cell that fails is in `without` of the result.

    Raises UsageError for an unknown suite, and what `run_suite` raises.

    >>> import gaincurve, tempfile
    >>> from bench.suites.grid import LearnerEntry, Suite
    >>> suite = Suite("tiny", ["tictactoe"], [LearnerEntry("table", budgets=[100])])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run = gaincurve.run(suite, folder, jobs=1, say=lambda line: None)
    >>> run.columns()["gain"].round(4)
    array([0.3703])
    """
    chosen = suite if isinstance(suite, Suite) else load_suite(str(suite))
    folder = run_folder(chosen.name, Path(runs))

    def finished(record: Record) -> None:
        say(f"{record.cell_id}: {'failed: ' + record.error if record.error else f'gain {record.points[-1].gain:.4f}'}")

    watcher = Watcher(
        planned=lambda n_todo, n_kept: say(f"{chosen.name}: {n_todo} cells to measure, {n_kept} kept, in {folder}"),
        finished=finished,
        warned=lambda line: say(f"warning: {line}"),
    )
    run_suite(chosen, folder, watcher, jobs, force, only, retry_failed, executor, scheduler)
    return _load_run(folder, runs)


def _load_run(run: str | Path | None, runs: str | Path) -> Run:
    """A run by name or folder, as it is on disk; with no name the one that was worked on last.

    Raises UsageError where there is no such run, and WorkError where its folder does not say which suite it is.
    """
    folder = find_run(None if run is None else str(run), Path(runs))
    suite = read_suite(folder)
    records: dict[str, Record] = {}
    without: dict[str, str] = {}
    for cell in cells(suite):
        found = cell_status(folder, cell.id)
        if record := found.measured:
            records[cell.id] = record
        else:
            without[cell.id] = str(found)
    return Run(folder, suite, records, without)


def _id(game: str | Game) -> str:
    return game if isinstance(game, str) else game.id


def _array(column: Column, rows: list[Source]) -> Array:
    values = [column.value(row) for row in rows]
    if column.kind is str:
        return np.array(["" if value is None else value for value in values], dtype=np.str_)
    if None in values:
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.array(values, dtype=TYPES[column.kind])
