"""Search as a policy: minimax against a recursion in plain Python and exact solutions, Monte Carlo search by its two drivers."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.harness.policyfile import pack, save_policy
from bench.measures.grades import grades
from bench.play.board import Line
from bench.tails.curves import position_regrets
from games.arrays import Float64s
from games.contract import HasEvaluation
from games.errors import UsageError
from games.rules.go import Go
from games.solving.sample import sample_graph
from games.splitmix import splitmix64
from policies.api import Task, action_probabilities, mean_and_worst, uniform_probabilities
from policies.registry import make_learner
from policies.search import ahead
from policies.search.base import ranked, read_number, write_numbers
from policies.search.go_playouts import MAX_ROUNDS, play_out_go
from policies.search.halving import visits_due
from policies.search.mcts import search
from policies.search.positions import drawn_positions
from policies.task import make_task

ENDING = ["tictactoe", "nim-3-4-5", "misere_nim-3-4-5", "domineering-3x3", "hex-3", "nogo-3x3", "kalah-3-2", "breakthrough-4x3"]
MINIMAX_3X4 = [48.6, 31.6, 28.5, 13.6, 10.4, 5.1, 2.8, 1.5]  # of a prototype: residual in % at depth 1 to 8, of a random part
UCT_3X4 = {64: 39.0, 256: 20.0, 1024: 9.5}  # the same, by number of simulations; 4,096 stands in docs/search.md


def policy_of(name: str, task: Task, budget: int, seed: int = 0, **options: Any) -> Any:
    """What is read back from the file of the learner's policy."""
    learner = make_learner(name, options)
    (fitted,) = learner.fit_path(task, [budget], seed)
    return learner.decode(learner.encode(fitted, task), task)


def plain_value(task: Task, leaves: Float64s, state: int, plies: int) -> float:
    """Minimax as a textbook has it."""
    graph = task.graph
    if graph.terminal[state]:
        return float(graph.payoff[state])
    if plies == 0:
        return float(leaves[state])
    edges = range(graph.edge_start[state], graph.edge_start[state + 1])
    return max(-plain_value(task, leaves, int(graph.edge_child[edge]), plies - 1) for edge in edges)


@pytest.mark.parametrize(("game_id", "plies"), [("tictactoe", 1), ("tictactoe", 3), ("nim-3-4-5", 2), ("go-2x3", 1), ("go-2x3", 3)])
def test_minimax_scores_moves_as_a_plain_recursion_does(game_id: str, plies: int) -> None:
    task = make_task(game_id)
    leaves = task.game.evaluate(task.graph.states) if isinstance(task.game, HasEvaluation) else np.zeros(task.graph.n_states)
    scores = policy_of("minimax", task, plies).scores(task)
    for edge in range(0, task.graph.n_edges, 7):
        assert scores[edge] == -plain_value(task, leaves, int(task.graph.edge_child[edge]), plies - 1)


@pytest.mark.parametrize("game_id", ENDING)
def test_minimax_to_the_end_is_the_solution_of_every_game_that_ends(game_id: str) -> None:
    task = make_task(game_id)
    assert np.array_equal(policy_of("minimax", task, 100).scores(task), task.solution.edge_value)


def test_minimax_on_a_sample_looks_beyond_it() -> None:
    """Positions of a sample with one ply are valued as on the whole graph, four plies deep."""
    task = make_task("go-2x3")
    at = task.graph.positions[::5]
    part = sample_graph(task.game, task.graph.states[at], 1)
    seen = Task(task.game, part, None, np.where(np.arange(part.n_states) < len(at), 1 / len(at), 0.0))
    whole = np.concatenate([np.arange(*task.graph.edge_start[place : place + 2]) for place in at])
    policy = policy_of("minimax", task, 4)
    assert np.array_equal(policy.scores(seen)[: len(whole)], policy.scores(task)[whole])
    assert mean_and_worst(policy, seen) > mean_and_worst(policy_of("minimax", task, 3), seen)


def plain_alpha_beta(graph: Any, state: int, plies: int, alpha: float, beta: float) -> tuple[float, int]:
    """The value of a state without evaluation, and the nodes visited."""
    if graph.terminal[state]:
        return float(graph.payoff[state]), 1
    if plies == 0:
        return 0.0, 1
    best, count = -np.inf, 1
    for edge in range(graph.edge_start[state], graph.edge_start[state + 1]):
        value, n_below = plain_alpha_beta(graph, int(graph.edge_child[edge]), plies - 1, -beta, -max(alpha, best))
        best, count = max(best, -value), count + n_below
        if best >= beta:
            break
    return best, count


def test_nodes_are_those_of_alpha_beta_in_plain_python_or_of_all_pairs() -> None:
    graph = make_task("tictactoe").graph
    leaves = np.zeros(graph.n_states)
    for plies, root in itertools.product((1, 2, 3, 5), graph.positions[::60].tolist()):
        edges = range(graph.edge_start[root], graph.edge_start[root + 1])
        full = [plain_alpha_beta(graph, int(graph.edge_child[edge]), plies - 1, -np.inf, np.inf)[1] for edge in edges]
        level, pairs = {root}, 0
        for _ in range(plies):
            level = {int(child) for state in level for child in graph.edge_child[graph.edge_start[state] : graph.edge_start[state + 1]]}
            pairs += len(level)
        assert ahead.count_nodes(ahead.moves_of(graph), leaves, plies, np.array([root]))[0] == min(sum(full), pairs)


@pytest.mark.slow
def test_minimax_on_go_3x4_leaves_what_a_prototype_measured_on_its_draws() -> None:
    """The prototype drew contested positions by numpy's generator of seed 0: 1,000 up to depth 5, 600 beyond.

    On these draws all eight numbers are the same, to the decimal. On all positions they are others, within the bands of such draws.
    """
    task = make_task("go-3x4")
    even = position_regrets(task, uniform_probabilities(task.graph))
    contested = np.flatnonzero(np.bincount(task.graph.edge_parent, task.solution.regret, task.graph.n_states))
    bands = [4.4, 3.9, 3.7, 2.8, 2.4, 1.8, 1.5, 1.3]
    for plies, (residual, band) in enumerate(zip(MINIMAX_3X4, bands, strict=True), 1):
        lost = position_regrets(task, action_probabilities(task.graph, policy_of("minimax", task, plies).scores(task)))
        drawn = np.random.default_rng(0).choice(contested, 1000 if plies <= 5 else 600, replace=False)
        assert round(100 * lost[drawn].sum() / even[drawn].sum(), 1) == residual
        assert 100 * lost.sum() / even.sum() == pytest.approx(residual, abs=band)


@pytest.mark.slow
@pytest.mark.parametrize("simulations", UCT_3X4)
def test_uct_on_go_3x4_leaves_at_most_what_a_prototype_measured(simulations: int) -> None:
    """On 1,000 random positions, with the band of the ratio of two means."""
    task = make_task("go-3x4")
    graph, regret, n_drawn = task.graph, task.solution.regret.astype(np.float64), 1000
    at = drawn_positions(task, n_drawn)
    scores, _ = search(task, policy_of("mcts", task, simulations).settings, None, at)
    sums = [
        np.bincount(graph.edge_parent, p * regret, graph.n_states)[at]
        for p in (action_probabilities(graph, scores), 1 / graph.n_moves[graph.edge_parent])
    ]
    left = sums[0].mean() / sums[1].mean()
    band = 1.96 * np.std(sums[0] - left * sums[1]) / sums[1].mean() / np.sqrt(n_drawn)
    assert 100 * left <= UCT_3X4[simulations] + 100 * band


def test_mcts_at_1024_simulations_never_loses_tictactoe() -> None:
    task = make_task("tictactoe")
    proved = grades(task.graph, task.solution, action_probabilities(task.graph, policy_of("mcts", task, 1024).scores(task)))
    assert proved.never_loses


LISTED = "rulelist:language=concepts@2"
SEARCHES: list[dict[str, Any]] = [{}, {"selection": "puct"}, {"selection": "gumbel"}, {"over": LISTED}]
SEARCHES += [{"over": LISTED, "selection": "puct", "order": order} for order in ("search_first", "list_first")]
SEARCHES += [{"over": "minimax@2", "selection": "puct"}]  # whose values are those of two plies


@pytest.mark.parametrize(
    ("game_id", "options"), [*itertools.product(["tictactoe", "go-2x3"], SEARCHES), ("go-2x3", {"playouts": "eyes"})], ids=str
)
def test_search_from_single_positions_is_search_on_the_graph(game_id: str, options: dict[str, Any]) -> None:
    """Both drivers give every move the same score: one walks arrays in compiled code, the other asks the rules for each state."""
    task = make_task(game_id)
    policy = policy_of("mcts", task, 20, seed=3, **options)
    at = task.graph.positions[::40]
    part = sample_graph(task.game, task.graph.states[at], 1)
    alone = Task(task.game, part, None, np.where(np.arange(part.n_states) < len(at), 1 / len(at), 0.0))
    whole = np.concatenate([np.arange(*task.graph.edge_start[place : place + 2]) for place in at])
    scores = policy.scores(task)
    assert np.array_equal(policy.scores(alone)[: len(whole)], scores[whole])
    assert mean_and_worst(policy, alone)[0] > 0
    if not options:
        per_position = np.add.reduceat(scores, task.graph.edge_start[task.graph.positions])
        assert (per_position == 20).all()  # every simulation tries one move


def test_a_seed_changes_the_search_and_stands_in_the_file() -> None:
    task = make_task("tictactoe")
    files = [make_learner("mcts").encode(policy_of("mcts", task, 8, seed), task) for seed in (0, 1)]
    assert files == [bytes([8, 0]), bytes([8, 1])]
    first, second = (policy_of("mcts", task, 8, seed).scores(task) for seed in (0, 1))
    assert not np.array_equal(first, second)


def test_the_file_is_that_of_the_policy_below_and_a_few_bytes(tmp_path: Path) -> None:
    task, below = make_task("go-2x3"), make_learner("rulelist", {"language": "concepts"})
    (fitted,) = below.fit_path(task, [3], 0)
    data = below.encode(fitted, task)
    path = tmp_path / "list.policy"
    save_policy(path, pack("go-2x3", "rulelist", {"language": "concepts"}, 3, data))
    for over in ("rulelist:language=concepts@3", str(path)):
        for name, head in (("minimax", [2]), ("mcts", [2, 0])):
            learner = make_learner(name, {"over": over})
            (policy,) = learner.fit_path(task, [2], 0)
            assert learner.encode(policy, task) == bytes(head) + data
            assert below.source(fitted, task) in learner.source(policy, task)
    assert learner.data_files == (path,)
    assert type(learner.built_on[0]) is type(below)


def test_the_order_says_whether_the_search_or_the_policy_below_breaks_ties() -> None:
    """Search first: the best moves are among those of the search alone. List first: among those of the list alone."""
    task, text = make_task("go-2x3"), "rulelist:language=concepts@3"
    (listed,) = make_learner("rulelist", {"language": "concepts"}).fit_path(task, [3], 0)
    by_list = action_probabilities(task.graph, listed.scores(task)) > 0
    by_search = action_probabilities(task.graph, policy_of("minimax", task, 3).scores(task)) > 0
    for order, outer in (("search_first", by_search), ("list_first", by_list)):
        best = action_probabilities(task.graph, policy_of("minimax", task, 3, over=text, order=order).scores(task)) > 0
        assert not (best & ~outer).any()
        assert best.sum() < outer.sum()  # and some tie is broken


def test_moves_are_ranked_by_the_first_score_and_then_by_the_second() -> None:
    task = make_task("nim-1-2")
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 2, (2, task.graph.n_edges)).astype(np.float64)
    rank = ranked(task, first, second)
    for one, other in itertools.product(range(task.graph.n_edges), repeat=2):
        if task.graph.edge_parent[one] == task.graph.edge_parent[other]:
            assert (rank[one] < rank[other]) == ((first[one], second[one]) < (first[other], second[other]))


def test_sequential_halving_tries_the_moves_left_equally_often() -> None:
    """16 simulations of 4 moves: two rounds of 8, so 2 tries of each of 4 moves and then 4 of each of 2."""
    assert visits_due(4, 16).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert visits_due(1, 3).tolist() == [0, 1, 2]


def test_numbers_come_back_from_a_file_and_others_are_refused() -> None:
    for numbers in ((0,), (127, 128), (1, 1 << 40), (16384, 0)):
        data = write_numbers(*numbers)
        for number in numbers:
            found, data = read_number(data, 1 << 62)
            assert found == number
        assert data == b""
    for wrong in (b"", b"\x80", b"\x80\x00", b"\xff\xff"):  # nothing; no end; a longer way to write 0; above the limit
        with pytest.raises(UsageError, match="does not begin with the numbers"):
            read_number(wrong, 1000)


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ("rulelist@x", "after @ stands the budget"),
        ("mcts@2", "a search is laid over minimax alone or over a learner that does not search"),
        ("minimax:over=tree@4@2", "a search is laid over minimax alone or over a learner that does not search"),
        ("perfect", "perfect play reads the solution"),
        ("nothing@2", "unknown learner"),
        ("rulelist:langage=concepts@2", "has no option"),
    ],
)
def test_a_wrong_policy_below_is_refused(over: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make_learner("minimax", {"over": over})


def test_a_learner_below_needs_its_budget_and_a_file_must_be_one(tmp_path: Path) -> None:
    task = make_task("tictactoe")
    with pytest.raises(UsageError, match="over=rulelist needs a budget"):
        policy_of("minimax", task, 1, over="rulelist")
    assert policy_of("minimax", task, 1, over="human").over.size == 8  # Newell and Simon's rules, all of them
    (tmp_path / "x").write_text("{}\n")
    with pytest.raises(UsageError, match="is not a policy file"):
        make_learner("mcts", {"over": str(tmp_path / "x")})


def plain_neighbours(cell: int, rows: int, columns: int, steps: tuple[tuple[int, int], ...]) -> list[int]:
    row, column = divmod(cell, columns)
    near = [(row + down, column + right) for down, right in steps]
    return [y * columns + x for y, x in near if 0 <= y < rows and 0 <= x < columns]


def plain_is_eye(cells: list[int], cell: int, rows: int, columns: int) -> bool:
    """All neighbours are own stones, and of the diagonal points at most one is the other's, none at the edge."""
    beside = plain_neighbours(cell, rows, columns, ((0, 1), (1, 0), (0, -1), (-1, 0)))
    corners = plain_neighbours(cell, rows, columns, ((1, 1), (1, -1), (-1, 1), (-1, -1)))
    n_wrong = sum(cells[corner] == 2 for corner in corners)
    return all(cells[near] == 1 for near in beside) and n_wrong < (2 if len(corners) == 4 else 1)


def plain_play_out(game: Go, number: int) -> tuple[int, int]:
    """The same by the rules of the game, state by state: its legal moves, its cells and, at the end, its evaluation."""

    def hashed(key: int) -> int:
        return int(splitmix64(np.array([key % (1 << 64)], dtype=np.uint64))[0])

    line, n_passes = Line(game), 0
    while n_passes < 2 and len(line.moves) < MAX_ROUNDS * game.rows * game.columns:
        cells = game.cells(np.array([line.state], dtype=np.uint64))[0].tolist()
        children, move = line.children(), game.rows * game.columns
        open_points = [cell for cell in range(move) if cells[cell] == 0 and cell != cells[move] - 1]
        while open_points:
            cell = open_points.pop((hashed(number) >> 32) * len(open_points) >> 32)
            number += 1
            if cell in children and not plain_is_eye(cells, cell, game.rows, game.columns):
                move = cell
                break
        n_passes = n_passes + 1 if move == game.rows * game.columns else 0
        line.play(move)
    return round(line.evaluation()), len(line.moves)


@pytest.mark.parametrize("game", [Go(3, 3), Go(4, 5), Go(5, 5)], ids=lambda game: game.id)
def test_a_playout_of_go_is_that_of_the_rules_move_by_move(game: Go) -> None:
    for number in range(6):
        margin, n_made = play_out_go(np.uint64(game.start()), np.uint64(number), game.rows, game.columns)
        assert (margin, n_made) == plain_play_out(game, number)


def test_playouts_that_fill_no_eye_are_for_go_alone() -> None:
    task = make_task("tictactoe")
    with pytest.raises(UsageError, match="playouts=eyes is for Go, not for tictactoe"):
        policy_of("mcts", task, 2, playouts="eyes").scores(task)
