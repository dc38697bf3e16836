"""The exact measures against OpenSpiel, linear algebra, exhaustive search over responses, and walks in plain Python."""

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import pyspiel
import pytest

from bench.measures.expected_scores import results
from bench.measures.grades import GradeName, grades, witness
from games.arrays import Float64s
from games.contract import Game
from games.errors import UsageError, WorkError
from games.solving.graph import GameGraph
from games.solving.solve import Solution, solve
from policies.api import action_probabilities, uniform_probabilities
from policies.position_weights import position_weights

Solved = tuple[Game, GameGraph, Solution]
Node = tuple[int, bool]  # a state, and whether the policy is to move


def graph_of(children: dict[int, list[int]], payoff: dict[int, int]) -> GameGraph:
    """A graph written down by hand; states without children are the ends, and a child may be any state."""
    n = 1 + max(*children, *payoff)
    moves = [children.get(state, []) for state in range(n)]
    return GameGraph(
        game_id="written-down",
        states=np.arange(n, dtype=np.uint64),
        edge_start=np.cumsum([0, *map(len, moves)]),
        edge_action=np.array([action for row in moves for action in range(len(row))], dtype=np.int16),
        edge_child=np.array([child for row in moves for child in row], dtype=np.int32),
        terminal=np.array([not row for row in moves]),
        payoff=np.array([payoff.get(state, 0) for state in range(n)], dtype=np.int16),
        multiplicity=np.ones(n, dtype=np.int32),
    )


def random_graph(seed: int, n_positions: int = 5, n_ends: int = 3) -> GameGraph:
    """Positions with one to three moves to anywhere, so that nearly every graph has cycles; ends worth -2 to 2."""
    rng = np.random.default_rng(seed)
    n = n_positions + n_ends
    children = {state: [int(c) for c in rng.integers(0, n, rng.integers(1, 4)) if c != state] or [n - 1] for state in range(n_positions)}
    return graph_of(children, {n_positions + i: int(rng.integers(-2, 3)) for i in range(n_ends)})


def random_weights(graph: GameGraph, seed: int) -> Float64s:
    """Any distribution over the moves of each position; about half of the moves are never chosen."""
    rng = np.random.default_rng([seed, 1])
    weights = rng.random(graph.n_edges) * (rng.random(graph.n_edges) < 0.5)
    weights += 1e-9 * (np.bincount(graph.edge_parent, weights, graph.n_states) == 0)[graph.edge_parent]
    return weights / np.bincount(graph.edge_parent, weights, graph.n_states)[graph.edge_parent]


def policies_of(graph: GameGraph, solution: Solution) -> Iterator[Float64s]:
    rng = np.random.default_rng(7)
    yield uniform_probabilities(graph)
    yield action_probabilities(graph, -solution.regret.astype(np.float64))
    yield action_probabilities(graph, rng.random(graph.n_edges))
    yield action_probabilities(graph, -solution.regret + rng.random(graph.n_edges) / 2)
    yield random_weights(graph, 3)


def chain_by_algebra(graph: GameGraph, policy: Float64s, opponent: Float64s, worth: Callable[[float], float]) -> dict[Node, float]:
    """Expected worth of the end of play to the policy, from every node: a linear system over the nodes from which play can end."""
    moves: dict[Node, list[tuple[Node, float]]] = {(state, own): [] for state in range(graph.n_states) for own in (True, False)}
    for (state, own), row in moves.items():
        chance = policy if own else opponent
        for edge in range(graph.edge_start[state], graph.edge_start[state + 1]):
            if chance[edge] > 0:
                row.append(((int(graph.edge_child[edge]), not own), float(chance[edge])))
    ending = {node for node in moves if graph.terminal[node[0]]}
    while more := {node for node in moves if node not in ending and any(child in ending for child, _ in moves[node])}:
        ending |= more
    index = {node: i for i, node in enumerate(sorted(ending))}
    matrix, right = np.eye(len(index)), np.zeros(len(index))
    for node, i in index.items():
        if graph.terminal[node[0]]:
            right[i] = worth(float(graph.payoff[node[0]]) * (1 if node[1] else -1))
        for child, p in moves[node]:
            if child in index:
                matrix[i, index[child]] -= p
    solved = np.linalg.solve(matrix, right)
    return {node: float(solved[index[node]]) if node in index else 0.0 for node in moves}


def payoff_itself(payoff: float) -> float:
    return payoff


def is_win(payoff: float) -> float:
    return float(payoff > 0)


def is_loss(payoff: float) -> float:
    return float(payoff < 0)


def best_by_exhaustion(graph: GameGraph, policy: Float64s) -> tuple[list[float], list[float]]:
    """Least payoff and largest loss probability in both seats, over every deterministic response."""
    payoffs, losses = [], []
    choices = [range(graph.edge_start[s], graph.edge_start[s + 1]) for s in range(graph.n_states) if not graph.terminal[s]]
    for chosen in itertools.product(*choices):
        response = np.zeros(graph.n_edges)
        response[list(chosen)] = 1.0
        for worth, into in ((payoff_itself, payoffs), (is_loss, losses)):
            value = chain_by_algebra(graph, policy, response, worth)
            into.append([value[0, True], value[0, False]])
    return [min(column) for column in zip(*payoffs, strict=True)], [max(column) for column in zip(*losses, strict=True)]


@pytest.mark.parametrize("seed", range(25))
def test_random_cyclic_graphs_agree_with_linear_algebra_and_exhaustive_responses(seed: int) -> None:
    graph = random_graph(seed)
    solution = solve(graph)
    policy = random_weights(graph, seed)
    found = results(graph, solution, policy)
    assert found.is_exact
    optimal = action_probabilities(graph, -solution.regret.astype(np.float64))
    for name, opponent in (("uniform", uniform_probabilities(graph)), ("optimal", optimal), ("itself", policy)):
        for field, worth in (("payoff", payoff_itself), ("win", is_win), ("loss", is_loss)):
            exact = chain_by_algebra(graph, policy, opponent, worth)
            assert getattr(getattr(found.first, name), field) == pytest.approx(exact[0, True], abs=1e-8)
            assert getattr(getattr(found.second, name), field) == pytest.approx(exact[0, False], abs=1e-8)
    payoff, loss = best_by_exhaustion(graph, policy)
    assert [found.first.best, found.second.best] == pytest.approx(payoff, abs=1e-8)
    assert [found.first.best_loss, found.second.best_loss] == pytest.approx(loss, abs=1e-8)
    assert found.exploitability == pytest.approx(-sum(payoff) / 2, abs=1e-8)


def test_a_responder_cannot_gain_by_putting_off_a_loss() -> None:
    """The responder moves at 0 and 3. At 3 it may go round through 4 for ever, or toss at 5 between +1 and starting again.

    Starting again is a toss at 1 between -10 and 3. So it goes round: 0 at 3, and -5 at the start. Sweeps from 0 credit it
    with the +1 before they see what starting again costs, and then stand still at 1/2 at 3, -4.75 at the start.
    """
    graph = graph_of({0: [1], 1: [2, 3], 3: [4, 5], 4: [3], 5: [6, 0]}, {2: -10, 6: 1})  # the responder is to move at both ends
    found = results(graph, solve(graph), uniform_probabilities(graph))
    assert found.second.best == 5.0
    assert found.is_exact


Fold = Callable[["pyspiel.State"], tuple[int, dict[int, int]]]


def fold_tictactoe(game: Game) -> Fold:
    """From an OpenSpiel position to our packed state, and from its actions to ours."""
    assert game.board is not None
    symmetries = [[int(image) for image in row] for row in game.board.symmetries]

    def fold(state: pyspiel.State) -> tuple[int, dict[int, int]]:
        marks = [(i, mark) for i, mark in enumerate(str(state).replace("\n", "")) if mark != "."]
        own = "xo"[len(marks) % 2]
        packed, image = min((sum(1 << image[i] + 9 * (mark != own) for i, mark in marks), image) for image in symmetries)
        return packed, {action: image[action] for action in state.legal_actions()}

    return fold


def fold_nim(heaps: tuple[int, ...]) -> Fold:
    def fold(state: pyspiel.State) -> tuple[int, dict[int, int]]:
        sizes = [int(size) for size in str(state).partition(": ")[2].split()]
        order = sorted(range(len(sizes)), key=lambda pile: sizes[pile])
        packed = sum(sizes[pile] << 8 * i for i, pile in enumerate(order))
        actions = {}
        for action in state.legal_actions():  # OpenSpiel: (taken - 1) * piles + pile
            taken, pile = divmod(action, len(sizes))
            actions[action] = order.index(pile) * max(heaps) + taken
        return packed, actions

    return fold


def chances(graph: GameGraph, weights: Float64s, fold: Fold) -> Callable[["pyspiel.State"], list[tuple[int, float]]]:
    """The policy as OpenSpiel wants it: the probability of every legal action of a position that is not folded."""
    index = {int(state): i for i, state in enumerate(graph.states)}

    def of(state: pyspiel.State) -> list[tuple[int, float]]:
        packed, actions = fold(state)
        edges = range(graph.edge_start[index[packed]], graph.edge_start[index[packed] + 1])
        chance = {int(graph.edge_action[edge]): float(weights[edge]) for edge in edges}
        return [(action, chance[ours]) for action, ours in actions.items()]

    return of


def tabular_policy(name: str, of: Callable[["pyspiel.State"], list[tuple[int, float]]]) -> pyspiel.TabularPolicy:
    """The policy at every history of an OpenSpiel game."""
    table: dict[str, list[tuple[int, float]]] = {}
    by_text: dict[str, list[tuple[int, float]]] = {}
    pending = [pyspiel.load_game(name).new_initial_state()]
    while pending:
        state = pending.pop()
        if not state.is_terminal():
            text = str(state)
            by_text[text] = table[state.information_state_string()] = by_text.get(text) or of(state)
            pending.extend(state.child(action) for action in state.legal_actions())
    return pyspiel.TabularPolicy(table)


def close(value: float | tuple[float, ...]) -> object:
    return pytest.approx(value, abs=1e-13)


@pytest.mark.parametrize("heaps", [(2, 3), (1, 2, 3), (2, 2, 2), (3, 4)])
def test_nim_agrees_with_openspiel(solved: Callable[[str], Solved], heaps: tuple[int, ...]) -> None:
    _, graph, solution = solved("nim-" + "-".join(map(str, heaps)))
    name = f"nim(is_misere=False,pile_sizes={';'.join(map(str, heaps))})"
    game = pyspiel.load_game(name)
    for weights in policies_of(graph, solution):
        found = results(graph, solution, weights)
        policy = tabular_policy(name, chances(graph, weights, fold_nim(heaps)))
        assert found.exploitability == close(pyspiel.exploitability(game, policy))
        for seats, value in (
            ([policy, policy], found.first.itself.payoff),
            ([policy, pyspiel.UniformRandomPolicy(game)], found.first.uniform.payoff),
            ([pyspiel.UniformRandomPolicy(game), policy], -found.second.uniform.payoff),
        ):
            assert value == close(pyspiel.expected_returns(game.new_initial_state(), seats, -1, True)[0])


def test_tictactoe_agrees_with_recursion_over_openspiel_positions(solved: Callable[[str], Solved]) -> None:
    game, graph, solution = solved("tictactoe")
    start = pyspiel.load_game("tic_tac_toe").new_initial_state()
    for weights in policies_of(graph, solution):
        of = chances(graph, weights, fold_tictactoe(game))
        found = results(graph, solution, weights)
        for seat, ours in ((0, found.first), (1, found.second)):
            exact = seat_by_recursion(start, seat, of, {})
            assert (ours.uniform.payoff, ours.uniform.loss, ours.best, ours.best_loss) == close(exact)


def seat_by_recursion(
    state: "pyspiel.State", seat: int, of: Callable[["pyspiel.State"], list[tuple[int, float]]], known: dict[str, tuple[float, ...]]
) -> tuple[float, ...]:
    """Payoff and loss rate against a uniform opponent, then least payoff and largest loss rate, of the policy in one seat."""
    text = str(state)
    if text in known:
        return known[text]
    after = {action: seat_by_recursion(state.child(action), seat, of, known) for action in state.legal_actions()}
    if not after:
        payoff = state.returns()[seat]
        known[text] = (payoff, float(payoff < 0)) * 2
    elif state.current_player() == seat:
        known[text] = tuple(sum(p * after[action][i] for action, p in of(state)) for i in range(4))
    else:
        payoff, loss, least, largest = zip(*after.values(), strict=True)
        known[text] = (sum(payoff) / len(payoff), sum(loss) / len(loss), min(least), max(largest))
    return known[text]


@pytest.mark.slow
def test_tictactoe_agrees_with_openspiel(solved: Callable[[str], Solved]) -> None:
    game, graph, solution = solved("tictactoe")
    weights = random_weights(graph, 3)
    policy = tabular_policy("tic_tac_toe", chances(graph, weights, fold_tictactoe(game)))
    assert results(graph, solution, weights).exploitability == close(pyspiel.exploitability(pyspiel.load_game("tic_tac_toe"), policy))


def test_uniform_play_in_tictactoe(solved: Callable[[str], Solved]) -> None:
    _, graph, solution = solved("tictactoe")
    found = results(graph, solution, uniform_probabilities(graph))
    # OpenSpiel 2.0: pyspiel.exploitability(tic_tac_toe, UniformRandomPolicy), which takes ten seconds
    assert found.exploitability == close(0.9598296957671957)
    # Loss rates of the empty rule list, by exhaustive enumeration: the first entries of the two curves over rules
    assert round(found.loss_rate, 4) == 0.4365
    assert round(found.best_loss_rate, 3) == 0.967
    assert found.error == 0


def reached(graph: GameGraph, weights: Float64s, first: bool) -> set[Node]:
    """All that play can come to: the walk in plain Python."""
    seen: set[Node] = set()
    pending = [(0, first)]
    while pending:
        state, own = pending.pop()
        if (state, own) not in seen:
            seen.add((state, own))
            pending += [(child, not own) for child in followed(graph, weights, state, own)]
    return seen


def followed(graph: GameGraph, weights: Float64s, state: int, own: bool) -> list[int]:
    edges = range(graph.edge_start[state], graph.edge_start[state + 1])
    return [int(graph.edge_child[edge]) for edge in edges if not own or weights[edge] > 0]


def check_grades(graph: GameGraph, solution: Solution, weights: Float64s) -> None:
    found = grades(graph, solution, weights)
    careless = {int(graph.edge_parent[e]) for e in range(graph.n_edges) if weights[e] > 0 and solution.regret[e] > 0}
    assert found.optimal_everywhere == (not careless)
    for first, loses_never, keeps, stalls in (
        (True, found.never_loses_first, found.keeps_value_first, found.stalls_first),
        (False, found.never_loses_second, found.keeps_value_second, found.stalls_second),
    ):
        nodes = reached(graph, weights, first)
        assert loses_never == (not any((graph.payoff[s] < 0) if own else (graph.payoff[s] > 0) for s, own in nodes))
        assert keeps == (not any(own and s in careless for s, own in nodes))
        ahead = {(s, own) for s, own in nodes if (solution.value[s] > 0 if own else solution.value[s] < 0)}
        while dead := {(s, own) for s, own in ahead if not any((c, not own) in ahead for c in followed(graph, weights, s, own))}:
            ahead -= dead
        assert stalls == bool(ahead)


@pytest.mark.parametrize("game_id", ["tictactoe", "nim-3-4-5", "go-2x3"])
def test_grades_agree_with_a_walk_in_plain_python(solved: Callable[[str], Solved], game_id: str) -> None:
    _, graph, solution = solved(game_id)
    for weights in policies_of(graph, solution):
        check_grades(graph, solution, weights)


@pytest.mark.parametrize("seed", range(60))
def test_grades_and_results_of_random_graphs_agree_with_each_other(seed: int) -> None:
    graph = random_graph(seed, n_positions=7)
    solution = solve(graph)
    keeping = action_probabilities(graph, -solution.regret.astype(np.float64))
    for weights in (random_weights(graph, seed), keeping):
        check_grades(graph, solution, weights)
        proved, found = grades(graph, solution, weights), results(graph, solution, weights)
        assert proved.never_loses_first == (found.first.best_loss == 0)
        assert proved.never_loses_second == (found.second.best_loss == 0)
        if proved.keeps_value_first and not proved.stalls_first:
            assert found.first.best >= solution.value[0] - 1e-8
        for seat in (found.first, found.second):
            assert seat.best <= min(seat.uniform.payoff, seat.optimal.payoff, seat.itself.payoff) + 1e-8


def test_grades_of_optimal_and_of_uniform_play(solved: Callable[[str], Solved]) -> None:
    # Values: tic-tac-toe and go-2x3 are drawn, nim-3-4-5 is won by the first player (Bouton 1901: 3 xor 4 xor 5 = 2).
    for game_id, holds_as_second in (("tictactoe", True), ("go-2x3", True), ("nim-3-4-5", False)):
        _, graph, solution = solved(game_id)
        optimal = grades(graph, solution, action_probabilities(graph, -solution.regret.astype(np.float64)))
        assert (optimal.never_loses_first, optimal.keeps_value, optimal.optimal_everywhere) == (True, True, True)
        assert optimal.never_loses_second == optimal.never_loses == holds_as_second
        uniform = grades(graph, solution, uniform_probabilities(graph))
        assert not any((uniform.never_loses_first, uniform.never_loses_second, uniform.keeps_value_first, uniform.optimal_everywhere))


def test_a_value_kept_move_by_move_may_never_be_paid_out(solved: Callable[[str], Solved]) -> None:
    """On go-3x3 the first player wins by 9, yet moves of regret 0 can be led round in a circle for ever."""
    _, graph, solution = solved("go-3x3")
    rng = np.random.default_rng(0)
    weights = action_probabilities(graph, -solution.regret + rng.random(graph.n_edges) / 2)
    proved, found = grades(graph, solution, weights), results(graph, solution, weights)
    assert (proved.optimal_everywhere, proved.keeps_value, proved.stalls_first) == (True, True, True)
    assert found.first.best == 0.0 < solution.value[0]


@pytest.mark.parametrize("game_id", ["tictactoe", "nim-3-4-5", "go-2x3"])
def test_witnesses_can_be_played_out(solved: Callable[[str], Solved], game_id: str) -> None:
    game, graph, solution = solved(game_id)
    n_lines = 0
    names: tuple[GradeName, GradeName] = ("never_loses", "keeps_value")
    for weights, name, first in itertools.product(policies_of(graph, solution), names, (True, False)):
        line = witness(graph, solution, weights, name, first=first)
        assert (line is None) == getattr(grades(graph, solution, weights), f"{name}_{'first' if first else 'second'}")
        if line is None:
            continue
        n_lines += 1
        state, own = game.start(), first
        for here, action in line:
            assert int(graph.states[here]) == state
            expansion = game.expand(np.array([state], dtype=np.uint64))
            move = int(np.flatnonzero(expansion.edge_action == action)[0])
            edge = graph.edge_start[here] + move
            assert not own or weights[edge] > 0
            careless = own and solution.regret[edge] > 0
            assert name == "never_loses" or careless == ((here, action) == line[-1])
            state, own = int(expansion.edge_child[move]), not own
        end = game.expand(np.array([state], dtype=np.uint64))
        assert name == "keeps_value" or (end.terminal[0] and (end.payoff[0] < 0) == own and end.payoff[0] != 0)
    assert n_lines >= 8


@pytest.mark.parametrize(("game_id", "epsilon"), [("tictactoe", 0.1), ("nim-3-4-5", 1.0), ("go-2x3", 0.1), ("go-2x3", 0.5)])
def test_play_weights_are_the_visits_counted_ply_by_ply(solved: Callable[[str], Solved], game_id: str, epsilon: float) -> None:
    _, graph, solution = solved(game_id)
    visits = np.zeros(graph.n_states)
    now = {0: 1.0}
    while sum(now.values()) > 1e-11:
        after: dict[int, float] = {}
        for state, mass in now.items():
            edges = range(graph.edge_start[state], graph.edge_start[state + 1])
            best = [edge for edge in edges if solution.regret[edge] == 0]
            visits[state] += mass if edges else 0.0
            for edge in edges:
                p = epsilon / len(edges) + (1 - epsilon) * (edge in best) / len(best)
                child = int(graph.edge_child[edge])
                after[child] = after.get(child, 0.0) + mass * p
        now = after
    weights = position_weights(graph, solution, "play", epsilon)
    assert weights == pytest.approx(visits / visits.sum(), abs=1e-9)


def test_uniform_position_weights_count_each_position_once(solved: Callable[[str], Solved]) -> None:
    _, graph, solution = solved("tictactoe")
    weights = position_weights(graph, solution, "uniform")
    # 765 positions up to symmetry, 138 of them over (Schaefer, "MathRec solutions", 2002, and others)
    assert sorted(set(weights)) == [0.0, pytest.approx(1 / (765 - 138))]
    assert np.count_nonzero(weights) == 765 - 138


def test_position_weights_refuse_what_they_cannot_do() -> None:
    one_move_wins = graph_of({0: [1, 2], 1: [0, 3]}, {2: -1, 3: -1})  # moving to 2 or 3 wins, so only an error goes round
    circle_is_best = graph_of({0: [1, 2], 1: [0, 3]}, {2: 1, 3: 1})  # moving to 2 or 3 loses, so optimal play goes round
    solution = solve(circle_is_best)
    with pytest.raises(UsageError, match="did you mean uniform"):
        position_weights(circle_is_best, solution, "unifrom")
    with pytest.raises(UsageError, match="0 to 1"):
        position_weights(circle_is_best, solution, "play", 1.5)
    with pytest.raises(WorkError, match="do not come to an end"):
        position_weights(circle_is_best, solution, "play", 0.0)
    assert position_weights(one_move_wins, solve(one_move_wins), "play", 0.0).tolist() == [1.0, 0.0, 0.0, 0.0]
