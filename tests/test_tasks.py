"""Tasks of truth sets by the name of their game: where a set is found, what is fitted, what of it is open, and the keys of such cells."""

import itertools
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bench.harness import tasks
from bench.harness.cell import load_cell, measure_cell
from bench.harness.keys import cell_key
from bench.harness.tasks import FOLDERS, kept_set, proved_of_game, task_of_game
from bench.measures.heldout import sides_of
from bench.measures.residual_bounds import left_unseen
from bench.suites.grid import Cell
from games.errors import UsageError, WorkError
from games.proof import moves as moves_module
from games.proof.truth_set import make_set, read_set, write_set
from games.registry import make_game
from games.rules.go import Go
from policies.api import action_probabilities
from policies.registry import make_learner
from policies.sampled_task import sample_options, sampled_task, table_of
from tests.support.shell import Shell

ID, N, NODES = "go-3x3", 300, 100_000
OPTIONS = sample_options("weighted", {})
CELL = Cell(ID, "weighted", "weighted", OPTIONS, budgets=[1, 2, 4], positions=N, held_out=0.3)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def quiet(n: int, of: int) -> None:
    pass


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Nothing is proved or kept yet, and 3x3 counts as too large to enumerate."""
    monkeypatch.setattr(moves_module, "cache_path", lambda game: tmp_path / "proofs.blocks")
    monkeypatch.setattr(tasks, "FOLDERS", (tmp_path / "first", tmp_path))
    monkeypatch.setattr(tasks, "MAX_STATES", 1_000)
    return tmp_path


def keep(folder: Path, n: int = N, nodes: int = NODES, seed: int = 4) -> Path:
    path = folder / f"{ID}.truth"
    write_set(path, make_set(Go(3, 3), n, seed, nodes, None, quiet))
    return path


def test_a_fit_to_a_set_is_the_fit_to_the_same_positions_of_the_table(folder: Path) -> None:
    """The set's draw with its seed is that of the sample with the same seed, whose values the table tells."""
    sampled = sampled_task(ID, N, 4)
    keep(folder)
    proved = task_of_game(ID, positions=N, held_out=0.3)
    assert proved.graph.states.tolist() == sampled.graph.states.tolist()
    assert proved.solution.regret.tolist() == sampled.solution.regret.tolist()
    assert proved.weights.tolist() == sampled.weights.tolist()
    learner = make_learner("weighted", OPTIONS)
    files = [[learner.encode(policy, task) for policy in learner.fit_path(task, [1, 2, 4], 0)] for task in (proved, sampled)]
    assert files[0] == files[1]


def test_a_record_names_its_set_and_the_share_that_is_open(folder: Path) -> None:
    keep(folder, nodes=12)
    record, _ = measure_cell(CELL, "key")
    found = record.truth_set
    assert found is not None
    assert (found.draw, found.seed, found.n_positions) == ("uniform over canonical positions, by rejection", 4, N)
    assert 0.1 < found.open_share < 0.9
    assert record.n_positions == round((1 - found.open_share) * N)
    assert len(found.residual) == len(record.points)
    assert msgspec.json.decode(msgspec.json.encode(record), type=type(record)) == record


def test_the_interval_holds_what_the_table_says_of_the_positions_that_are_not_fitted(folder: Path) -> None:
    keep(folder, nodes=12)
    loaded = load_cell(CELL)
    record, _ = measure_cell(CELL, "key")
    assert loaded.proved is not None
    assert loaded.part is not None
    assert record.truth_set is not None
    rest = loaded.proved.rest
    assert rest is not None
    (policy,) = loaded.learner.fit_path(loaded.part, [4], CELL.random_seed)
    read = loaded.learner.decode(loaded.learner.encode(policy, loaded.task), loaded.task)
    unseen = sides_of(loaded.task, loaded.part, "boards").held_out_positions
    sums = np.zeros(2)
    for task, positions, share in (
        (loaded.task, unseen, 1 - loaded.proved.open_share),
        (rest.task, np.arange(rest.task.graph.n_roots or 0), loaded.proved.open_share),
    ):
        graph = task.graph
        value = -table_of(Go(3, 3)).look_up(graph.states)[2][graph.edge_child].astype(np.int64)
        chosen = action_probabilities(graph, read.scores(task))
        for position in positions:
            edges = slice(graph.edge_start[position], graph.edge_start[position + 1])
            worth = value[edges]
            sums += share / len(positions) * np.array([worth.max() - chosen[edges] @ worth, worth.max() - worth.mean()])
    bounds = record.truth_set.residual[-1]
    assert bounds is not None
    assert bounds == left_unseen(loaded.proved, loaded.part, read)
    assert bounds[0] < bounds[1]
    assert bounds[0] <= sums[0] / sums[1] <= bounds[1]


def test_without_open_positions_what_is_left_is_one_number(folder: Path) -> None:
    keep(folder)
    record, _ = measure_cell(CELL, "key")
    assert record.truth_set is not None
    loaded = load_cell(CELL)
    assert loaded.proved is not None
    (policy,) = loaded.learner.fit_path(loaded.seen, [4], CELL.random_seed)
    found = left_unseen(loaded.proved, loaded.part, policy)
    assert record.truth_set.residual[-1] == pytest.approx(found)
    whole, _ = measure_cell(msgspec.structs.replace(CELL, held_out=None), "key")
    assert whole.truth_set is not None
    assert whole.truth_set.residual == [(1 - point.gain, 1 - point.gain) for point in whole.points]


def test_the_key_of_a_cell_moves_with_its_set_and_no_other_does(folder: Path) -> None:
    others = [msgspec.structs.replace(CELL, positions=None)]
    others.append(msgspec.structs.replace(CELL, game="go-2x3"))  # small enough to be enumerated
    before = [cell_key(cell) for cell in others]
    without = cell_key(CELL)
    path = keep(folder, n=20)
    write_set(folder / "go-2x3.truth", make_set(Go(2, 3), 5, 0, NODES, None, quiet))
    first = cell_key(CELL)
    assert first != without
    keep(folder, n=21)
    assert len({without, first, cell_key(CELL)}) == 3
    assert [cell_key(cell) for cell in others] == before
    path.unlink()
    assert cell_key(CELL) == without


def test_what_cannot_be_measured_on_a_set_is_said_in_one_line(folder: Path) -> None:
    keep(folder, n=20)
    with pytest.raises(WorkError, match="has 20 positions, not 300: ask for fewer, or extend it with `gaincurve truth go-3x3 "):
        load_cell(CELL)
    with pytest.raises(UsageError, match="positions 0"):
        proved_of_game(ID, positions=0)
    with pytest.raises(UsageError, match="leave the weights out"):
        proved_of_game(ID, "play", positions=10)
    (folder / "first").mkdir()
    (folder / f"{ID}.truth").rename(folder / "first" / f"{ID}.truth")
    assert kept_set(ID) == folder / "first" / f"{ID}.truth"
    write_set(folder / "first" / f"{ID}.truth", make_set(Go(2, 3), 5, 0, NODES, None, quiet))
    with pytest.raises(WorkError, match="is a truth set of go-2x3, not of go-3x3"):
        proved_of_game(ID, positions=5)


def test_of_a_game_that_is_too_large_it_is_said_how_a_set_is_made() -> None:
    with pytest.raises(WorkError, match="prove some positions with `gaincurve truth nogo-4x5 --positions N"):
        task_of_game("nogo-4x5", positions=10)
    with pytest.raises(WorkError, match="give --positions: hex-5 has a truth set"):
        task_of_game("hex-5")


@pytest.mark.parametrize("game_id", ["hex-5", "domineering-6x6", "nogo-5x5", "connect_four-6x7", "go-5x5"])
def test_the_sets_of_this_project_are_found(game_id: str) -> None:
    assert kept_set(game_id) == FOLDERS[1] / f"{game_id}.truth" or kept_set(game_id) == FOLDERS[0] / f"{game_id}.truth"
    task = task_of_game(game_id, positions=20)
    assert task.game == make_game(game_id)
    assert 0 < np.count_nonzero(task.weights) <= 20


def test_a_list_that_always_passes_leaves_what_the_set_itself_says_of_passing(shell: Shell) -> None:
    """Read from the file of the set alone: the best move's value less that of passing, over the same less the mean value of the moves."""
    n = 300
    Path("pass.json").write_text('{"game": "go", "semantics": "first-match", "rules": ["pass"]}')
    answer = shell.json("score", "pass.json", "--game", "go-5x5", "--positions", str(n))
    kept = kept_set("go-5x5")
    assert kept is not None
    moves, lost, random_lost, bounds = read_set(kept).first(n).moves, [], [], []
    for start, end in itertools.pairwise(moves.edge_start.tolist()):
        lower, upper, action = (column[start:end] for column in (moves.lower, moves.upper, moves.edge_action))
        bounds += [(lower, upper, action == 25)]
        if (lower == upper).all():
            lost.append(lower.max() - lower[action == 25][0])
            random_lost.append(lower.max() - lower.mean())
    assert answer["gain"] == pytest.approx(1 - sum(lost) / sum(random_lost))
    assert answer["truth_set"]["open_share"] == pytest.approx(1 - len(lost) / n)
    low, high = answer["truth_set"]["residual"]
    for place in (0, 1):  # all open values at their lower bounds, or at their upper ones
        values = [(each[place].astype(float), is_pass) for *each, is_pass in bounds]
        left = sum(v.max() - v[p][0] for v, p in values) / sum(v.max() - v.mean() for v, _ in values)
        assert low <= left <= high
    assert low < high
