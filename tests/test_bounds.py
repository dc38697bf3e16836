"""The bound from a file's length: its parts against independent ones, and never below what is measured."""

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from bench.measures.heldout import held_out, sides_of
from bench.measures.pac_bayes import Bound, binary_kl, largest_mean, length_bits, regret_bound
from games.contract import same_board
from policies.api import Task, action_probabilities
from policies.registry import make_learner
from policies.task import BOARDS, POSITIONS, fitted_part, make_task


@pytest.mark.parametrize("q", [0.0, 1e-6, 0.01, 0.3, 0.5, 0.97, 1.0])
@pytest.mark.parametrize("at_most", [1e-5, 1e-3, 0.05, 0.7, 3.0])
def test_the_largest_mean_is_that_of_a_scan(q: float, at_most: float) -> None:
    grid = np.linspace(0.0, 1.0, 200_001)[1:-1]
    divergence = (q * np.log(q / grid) if q else 0.0) + ((1 - q) * np.log((1 - q) / (1 - grid)) if q < 1 else 0.0)
    scanned = max(grid[(grid >= q) & (divergence <= at_most)], default=q)
    found = largest_mean(q, at_most)
    assert scanned - 1e-12 <= found <= max(q, scanned) + 1.0001 / 200_000
    assert q <= found <= 1.0


def test_without_errors_the_inverse_is_known_exactly() -> None:
    """kl(0, p) = -ln(1 - p)."""
    for at_most in (1e-9, 0.01, 2.0):
        assert largest_mean(0.0, at_most) == pytest.approx(-math.expm1(-at_most), rel=1e-6)
    assert binary_kl(0.3, 0.3) == 0.0
    assert binary_kl(0.5, 0.0) == binary_kl(0.5, 1.0) == math.inf
    assert binary_kl(0.0, 0.0) == binary_kl(1.0, 1.0) == 0.0


def test_the_factor_of_the_bound_covers_every_number_of_positions() -> None:
    """What Maurer (2004) needs: the mean of exp(n kl) is at most the sum of binomial(n, k) (k/n)^k (1 - k/n)^(n-k), and that 2 sqrt(n)."""
    for n in [*range(1, 60), 400]:
        total = sum(math.comb(n, k) * Fraction(k, n) ** k * Fraction(n - k, n) ** (n - k) for k in range(n + 1))
        assert total <= 2 * math.sqrt(n)


def elias_delta(number: int) -> str:
    """Elias (1975): how many digits a number has, in gamma code (a zero for each of its digits but one, then it); its digits but one."""
    digits = f"{number:b}"
    of_digits = f"{len(digits):b}"
    return "0" * (len(of_digits) - 1) + of_digits + digits[1:]


def test_lengths_are_written_so_that_no_file_begins_another_and_priors_sum_to_one_at_most() -> None:
    words = [elias_delta(n + 1) for n in range(3000)]
    assert [length_bits(n) for n in range(3000)] == [len(word) for word in words]
    ordered = sorted(words)
    assert not any(right.startswith(left) for left, right in pairwise(ordered))
    total = sum(Fraction(256) ** n * Fraction(1, 2) ** (8 * n + length_bits(n)) for n in range(3000))
    assert Fraction(9, 10) < total < 1


def test_the_bound_is_the_published_formula() -> None:
    """1,000 positions, no error on any, 100 bytes: 1 - exp(-(B ln 2 + ln(2 sqrt(1000) / 0.05)) / 1000), with B = 800 + 11."""
    found = regret_bound(0.0, 2.0, 0.5, 800, 1000)
    assert found.bits == 811
    share = 1 - math.exp(-(811 * math.log(2) + math.log(2 * math.sqrt(1000) / 0.05)) / 1000)
    assert found.regret == pytest.approx(2.0 * share, rel=1e-9)
    assert found.gain == pytest.approx(1 - found.regret / 0.5)
    assert found.is_vacuous  # 0.87 of regret where random play has 0.5
    assert not regret_bound(0.0, 2.0, 0.5, 800, 10_000).is_vacuous


def test_a_bound_grows_with_the_file_and_the_certainty_and_falls_with_the_sample() -> None:
    base = regret_bound(0.1, 2.0, 0.5, 800, 10_000)
    assert regret_bound(0.1, 2.0, 0.5, 1600, 10_000).regret > base.regret
    assert regret_bound(0.1, 2.0, 0.5, 800, 10_000, delta=0.001).regret > base.regret
    assert regret_bound(0.1, 2.0, 0.5, 800, 20_000).regret < base.regret
    assert 0.1 < base.regret < 2.0
    assert regret_bound(0.1, 2.0, 0.5, 10**6, 100).regret == pytest.approx(2.0)


def drawn_bound(task: Task, share: float, seed: int, regret: np.ndarray, delta: float) -> tuple[Bound, float]:
    """The bound for a fixed policy of no bits, given the regret of each position, and its true mean regret."""
    kept = fitted_part(task, 1.0 - share, POSITIONS, seed).weights > 0
    found = regret_bound(regret[kept].mean(), 2.0 * task.game.max_payoff, task.uniform_regret, 0, int(kept.sum()), delta)
    return found, float(regret[task.graph.positions].mean())


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3"])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_for_a_policy_chosen_before_the_draw_it_fails_no_more_often_than_it_says(game_id: str, share: float) -> None:
    """Random play, by far the shortest file: over 200 draws, at delta 0.5, fewer than half fail; nor is the bound an empty one."""
    task = make_task(game_id)
    mean = np.bincount(task.graph.edge_parent, task.solution.regret, task.graph.n_states) / np.maximum(task.graph.n_moves, 1)
    drawn = [drawn_bound(task, share, seed, mean, 0.5) for seed in range(200)]
    assert sum(found.regret < true for found, true in drawn) < 100
    assert np.mean([found.regret for found, _ in drawn]) < 2.5 * drawn[0][1]


CASES = [  # learner, its options, budget
    ("rulelist", {"language": "concepts"}, 4),
    ("rulelist", {}, 30),
    ("weighted", {"language": "concepts"}, 4),
    ("tree", {"language": "concepts"}, 8),
    ("table", {}, 40),
]
HUMAN = ("human", {}, 6)
GAMES = ["tictactoe", "nim-3-4-5", "go-2x3", "planted-zipf-12"]


@pytest.mark.parametrize(("game_id", "case"), [(game_id, case) for game_id in GAMES for case in CASES] + [("tictactoe", HUMAN)])
def test_no_measured_regret_lies_above_its_bound(game_id: str, case: tuple[str, dict[str, str], int]) -> None:
    name, options, budget = case
    task, learner = make_task(game_id), make_learner(name, options)
    for share in (0.1, 0.5, 0.9):
        for seed in range(3):
            part = fitted_part(task, 1.0 - share, POSITIONS, seed)
            for policy in learner.fit_path(part, [max(1, budget // 2), budget], seed):
                data = learner.encode(policy, task)
                chosen = action_probabilities(task.graph, learner.decode(data, task).scores(task))
                bound = held_out(sides_of(task, part, POSITIONS), chosen, 8 * len(data))["pac_bayes"]
                assert bound["regret"] >= task.regret(chosen)
                assert bound["gain"] <= task.gain(chosen)
                assert bound["is_vacuous"] == (bound["gain"] <= 0)


def test_a_short_list_on_a_large_game_has_a_bound_that_says_something() -> None:
    """Two concepts of Go 3x3, fitted to half of its positions: a gain that random play has not, promised by length alone."""
    task, learner = make_task("go-3x3"), make_learner("rulelist", {"language": "concepts"})
    part = fitted_part(task, 0.5, POSITIONS, 0)
    (policy,) = learner.fit_path(part, [2], 0)
    data = learner.encode(policy, task)
    chosen = action_probabilities(task.graph, learner.decode(data, task).scores(task))
    bound = held_out(sides_of(task, part, POSITIONS), chosen, 8 * len(data))["pac_bayes"]
    assert 0.0 < bound["gain"] < task.gain(chosen)


def test_positions_of_unequal_weight_have_no_bound() -> None:
    task = make_task("tictactoe", "play")
    part = fitted_part(task, 0.5, BOARDS, 0)
    chosen = action_probabilities(task.graph, np.zeros(task.graph.n_edges))
    assert held_out(sides_of(task, part, BOARDS), chosen, 8)["pac_bayes"] is None


def test_a_bound_counts_boards_and_not_positions() -> None:
    """In plain Python: the boards of Go 2x3 by their stones, what a list loses in each in the mean of its positions, and the formula."""
    task, learner = make_task("go-2x3"), make_learner("rulelist", {"language": "concepts"})
    graph, part = task.graph, fitted_part(task, 0.5, BOARDS, 0)
    (policy,) = learner.fit_path(part, [2], 0)
    chosen = action_probabilities(graph, policy.scores(task))
    losses: dict[int, list[float]] = {}
    fitted = set()
    keys = same_board(task.game, graph.states)
    for position in graph.positions.tolist():
        edges = range(graph.edge_start[position], graph.edge_start[position + 1])
        lost = sum(float(chosen[edge]) * int(task.solution.regret[edge]) for edge in edges)
        losses.setdefault(int(keys[position]), []).append(lost)
        if part.weights[position] > 0:
            fitted.add(int(keys[position]))
    assert len(losses) < len(graph.positions)
    means = {key: sum(values) / len(values) for key, values in losses.items()}
    seen = [means[key] for key in fitted]
    found = held_out(sides_of(task, part, BOARDS), chosen, 8 * 3)["pac_bayes"]
    assert found["n_drawn"] == len(seen) == round(0.5 * len(losses))
    most = 2 * task.game.max_payoff
    n_bits = 24 + len(elias_delta(4))
    assert found["bits"] == n_bits
    at_most = (n_bits * math.log(2) + math.log(2 * math.sqrt(len(seen)) / 0.05)) / len(seen)
    assert binary_kl(sum(seen) / len(seen) / most, found["regret"] / most) == pytest.approx(at_most, rel=1e-6)
    assert found["regret"] >= sum(means.values()) / len(means)
