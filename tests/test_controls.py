"""Controls: planted rules are found with the gains that were planted, and nothing compresses moves drawn at random."""

from fractions import Fraction
from itertools import pairwise
from math import floor, log2

import numpy as np
import pytest
from scipy.stats import chisquare

from bench.measures.coding import Description, describe
from games.concepts.concept import concepts_of
from games.errors import UsageError, WorkError
from games.registry import make_game
from games.rules.planted import most_rules
from games.rules.random_moves import SALT
from games.solving.graph import enumerate_graph
from games.splitmix import splitmix64
from policies.api import Task, action_probabilities
from policies.endpoints import AnchorLearner
from policies.exact.search import shortest_list, verify_certificate
from policies.language.lookahead import CONCEPTS as LOOKAHEAD
from policies.rules.rulelist import RuleListLearner
from policies.rules.shortest import candidates
from policies.tables.table import TableLearner
from policies.task import make_task

PLANTED = [*(f"planted-{shape}-{n_rules}" for shape in ("geometric", "zipf") for n_rules in range(1, 13))]
LONGER = ["planted-geometric-60", "planted-zipf-300"]
RANDOM = ["random-tictactoe", "random-nim-3-4-5", "random-nim-5-6-7"]


def planted_gains(game_id: str) -> list[Fraction]:
    """The marginal gain of each rule, from the law that the game's id names."""
    _, shape, n_rules = game_id.split("-")
    exact = [Fraction(30_000 * 9**k, 10**k) if shape == "geometric" else Fraction(27_720, k + 1) for k in range(int(n_rules))]
    points = [floor(stake + Fraction(1, 2)) for stake in exact]
    return [Fraction(stake, sum(points)) for stake in points]


def fitted(task: Task, language: str, budgets: list[int]) -> list[tuple[int, float]]:
    """Rules and gain of the greedy list at each budget."""
    path = RuleListLearner(language).fit_path(task, budgets, seed=0)
    return [(policy.size, task.gain(action_probabilities(task.graph, policy.scores(task)))) for policy in path]


@pytest.mark.parametrize("game_id", [*PLANTED, *LONGER])
def test_the_greedy_list_finds_the_planted_rules_with_the_planted_gains(game_id: str) -> None:
    task, planted = make_task(game_id), planted_gains(game_id)
    n_rules = len(planted)
    budgets = list(range(1, n_rules + 3)) if n_rules <= 60 else [1, 2, 30, n_rules - 1, n_rules, n_rules + 1]
    curve = fitted(task, "concepts", budgets)
    assert [size for size, _ in curve] == sorted({min(n, n_rules) for n in budgets})
    for size, gain in curve:
        assert gain == pytest.approx(float(sum(planted[:size])), abs=1e-9)
    assert curve[-1] == (n_rules, pytest.approx(1.0, abs=1e-12))
    (policy,) = RuleListLearner("concepts").fit_path(task, [n_rules], seed=0)
    ties = sorted(policy.rules, key=lambda rule: (-planted[rule[0].value], rule[0].value))  # late stakes of Zipf may round to the same
    assert [planted[index] for ((_, index, _),) in policy.rules] == [planted[index] for ((_, index, _),) in ties]
    assert {concepts_of(task.game)[index].name for ((_, index, _),) in policy.rules} == {f"rule_{k}" for k in range(1, n_rules + 1)}


@pytest.mark.parametrize("game_id", LONGER)
def test_planted_gains_fall_off_as_the_name_says(game_id: str) -> None:
    """Up to the rounding of the stakes, of which the smallest is about 60 points."""
    gains = np.array(planted_gains(game_id), dtype=float)
    if "geometric" in game_id:
        assert gains[1:] / gains[:-1] == pytest.approx(np.full(len(gains) - 1, 0.9), rel=0.015)
    else:
        assert gains * np.arange(1, len(gains) + 1) == pytest.approx(np.full(len(gains), gains[0]), rel=0.006)


@pytest.mark.parametrize("game_id", ["planted-zipf-1", "planted-zipf-2", "planted-geometric-3", "planted-zipf-4"])
def test_no_list_shorter_than_the_planted_one_is_optimal_everywhere(game_id: str) -> None:
    task = make_task(game_id)
    rules, n_rules = candidates(task, "concepts", 1), int(game_id[-1])
    result = shortest_list(task.graph, task.solution, rules, "first-match", "optimal_everywhere", "both")
    assert result.found is not None
    assert sorted(rules[index].name for index in result.found) == [f"rule_{k}" for k in range(1, n_rules + 1)]
    assert verify_certificate(result.certificate, task.graph, task.solution, rules) >= 1


def test_a_misleading_word_gains_nothing_alone_and_spoils_the_list_behind_it() -> None:
    task = make_task("planted-zipf-5")
    names = [concept.name for concept in concepts_of(task.game)]
    assert names[5:] == ["plays_a", "plays_b", "plays_c", "plays_d"]
    for index in range(5, 9):
        holds = concepts_of(task.game)[index].holds(task.game, task.graph)
        assert task.gain(action_probabilities(task.graph, holds.astype(float))) == pytest.approx(0.0, abs=1e-12)
        rules = np.any([concept.holds(task.game, task.graph) for concept in concepts_of(task.game)[:5]], axis=0)
        assert task.gain(action_probabilities(task.graph, rules.astype(float))) == pytest.approx(1.0, abs=1e-12)
        assert task.gain(action_probabilities(task.graph, 2.0 * holds + rules)) == pytest.approx(0.0, abs=1e-12)


def test_planted_questions_are_contested_once_each_and_nothing_else_is() -> None:
    task = make_task("planted-geometric-7")
    assert not task.solution.value[task.graph.positions].any()
    assert len(contested(task)) == 4 * 7
    assert (task.graph.n_moves[contested(task)] == 4).all()
    n_right = np.bincount(task.graph.edge_parent, weights=task.solution.optimal)
    assert (n_right[contested(task)] == 1).all()
    assert task.uniform_regret * len(task.graph.positions) == pytest.approx(
        4 * 0.75 * sum(floor(30_000 * Fraction(9, 10) ** k + Fraction(1, 2)) for k in range(7))
    )


def test_a_table_needs_four_entries_where_the_list_needs_a_rule() -> None:
    task = make_task("planted-zipf-12")
    *_, table = TableLearner().fit_path(task, [1000], seed=0)
    assert task.gain(action_probabilities(task.graph, table.scores(task))) == pytest.approx(1.0, abs=1e-12)
    assert table.size == 4 * 12


def contested(task: Task) -> np.ndarray:
    return np.unique(task.graph.edge_parent[task.solution.regret > 0])


def splitmix_in_plain_python(key: int) -> int:
    word = (1 << 64) - 1
    z = key + 0x9E3779B97F4A7C15 & word
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & word
    z = (z ^ z >> 27) * 0x94D049BB133111EB & word
    return z ^ z >> 31


def test_splitmix_gives_the_published_sequence() -> None:
    """From the seed 1234567, the test vector of Rosetta Code, "Pseudo-random numbers/Splitmix64"."""
    step = 0x9E3779B97F4A7C15
    keys = np.array([(1234567 + i * step) % 2**64 for i in range(5)], dtype=np.uint64)
    published = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    assert splitmix64(keys).tolist() == published
    assert [splitmix_in_plain_python(int(key)) for key in keys] == published


@pytest.mark.parametrize("game_id", RANDOM)
def test_the_right_moves_are_those_drawn_and_every_error_costs_a_point(game_id: str) -> None:
    """Against plain Python on the states of the other game, walked from its own engine."""
    task, other = make_task(game_id), make_game(game_id.removeprefix("random-"))
    graph, states = task.graph, task.graph.states.tolist()
    leads = [(state >> 57) - 64 for state in states]
    assert task.solution.value.tolist() == leads
    assert set(task.solution.regret.tolist()) == {0, 1}
    there = other.expand(graph.states & np.uint64(2**57 - 1))
    assert there.edge_action.tolist() == graph.edge_action.tolist()
    starts, children, optimal = there.edge_start.tolist(), there.edge_child.tolist(), task.solution.optimal.tolist()
    for position in graph.positions.tolist():
        first, last = starts[position : position + 2]
        drawn = children[first + splitmix_in_plain_python(states[position] ^ int(SALT)) % (last - first)]
        assert optimal[first:last] == [child == drawn for child in children[first:last]]


@pytest.mark.parametrize("game_id", RANDOM)
def test_every_position_with_a_choice_is_contested_and_every_state_of_the_other_game_comes_up(game_id: str) -> None:
    task = make_task(game_id)
    there = enumerate_graph(make_game(game_id.removeprefix("random-")))
    assert set((task.graph.states & np.uint64(2**57 - 1)).tolist()) == set(there.states.tolist())
    children = (task.graph.states[task.graph.edge_child] & np.uint64(2**57 - 1)).tolist()
    starts = task.graph.edge_start.tolist()
    choice = [i for i in task.graph.positions.tolist() if len(set(children[starts[i] : starts[i + 1]])) > 1]
    assert contested(task).tolist() == choice


def test_drawn_moves_are_spread_evenly_and_do_not_depend_on_one_another() -> None:
    """Chi-square tests at one in a thousand, on draws that never change."""
    task = make_task("random-tictactoe")
    graph = task.graph
    positions = graph.positions
    drawn = splitmix64(graph.states[positions] ^ SALT) % graph.n_moves[positions].astype(np.uint64)
    for n_moves in range(2, 8):
        same = drawn[graph.n_moves[positions] == n_moves].astype(np.int64)
        assert chisquare(np.bincount(same, minlength=n_moves)).pvalue > 1e-3
    board, lead = graph.states[positions] & np.uint64(2**57 - 1), graph.states[positions] >> np.uint64(57)
    order = np.lexsort((lead, board))
    pairs = [(i, j) for i, j in pairwise(order) if board[i] == board[j] and graph.n_moves[positions[i]] == 3]
    agreeing = sum(drawn[i] == drawn[j] for i, j in pairs)
    assert len(pairs) > 300
    assert chisquare([agreeing, len(pairs) - agreeing], [len(pairs) / 3, len(pairs) * 2 / 3]).pvalue > 1e-3


def best_description(task: Task, learner: RuleListLearner | TableLearner) -> tuple[Description, int]:
    """The shortest file that decodes to perfect play, over budgets from 1 to the end, and the rules of the perfect policy."""
    path = list(learner.fit_path(task, [2**i for i in range(14)], seed=0))
    files = [describe(task, learner, policy) for policy in path]
    return min(files, key=lambda file: file.codelength), path[-1].size


def exceptions_only(task: Task) -> int:
    learner = AnchorLearner(is_optimal=False)
    (policy,) = learner.fit_path(task, [1], seed=0)
    return describe(task, learner, policy).codelength


@pytest.mark.parametrize("game_id", RANDOM)
def test_rules_save_nothing_on_random_moves_and_most_of_it_on_the_game_itself(game_id: str) -> None:
    random, real = make_task(game_id), make_task(game_id.removeprefix("random-"))
    learner = RuleListLearner("concepts+patterns+positions", atoms="single", polish=False)
    file, n_rules = best_description(random, learner)
    table, n_entries = best_description(random, TableLearner())
    assert file.codelength >= exceptions_only(random)  # no rule pays its way
    assert file.codelength == pytest.approx(table.codelength, rel=0.05)
    assert n_rules > n_entries / 2
    real_file, real_rules = best_description(real, learner)
    assert real_file.codelength < exceptions_only(real) / 4
    assert real_rules < len(contested(real)) / 20


@pytest.mark.parametrize("game_id", RANDOM)
def test_no_file_could_be_much_shorter_than_the_one_without_a_policy(game_id: str) -> None:
    """The entropy of the draws, in bits, is no less than three quarters of what the bare exceptions take."""
    task = make_task(game_id)
    n_right = np.add.reduceat(task.solution.optimal, task.graph.edge_start[task.graph.positions])
    entropy = sum(log2(n_moves / n) for n_moves, n in zip(task.graph.n_moves[task.graph.positions], n_right, strict=True))
    assert entropy < exceptions_only(task) < entropy / 0.75


def test_the_concepts_of_the_other_game_hold_where_they_hold_there() -> None:
    random, real = make_task("random-tictactoe"), make_task("tictactoe")
    place = {state: i for i, state in enumerate(real.graph.states.tolist())}
    there = [place[state] for state in (random.graph.states & np.uint64(2**57 - 1)).tolist()]
    edges = np.concatenate([np.arange(real.graph.edge_start[i], real.graph.edge_start[i + 1]) for i in there])
    assert len(concepts_of(random.game)) == 12
    for concept, original in zip(concepts_of(random.game), concepts_of(real.game), strict=True):
        assert concept.name == original.name
        assert np.array_equal(concept.holds(random.game, random.graph), original.holds(real.game, real.graph)[edges])
    assert LOOKAHEAD[0].holds(random.game, random.graph).shape == (random.graph.n_edges,)


@pytest.mark.parametrize(
    "game_id",
    [
        "planted",
        "planted-12",
        "planted-linear-3",
        "planted-geometric-0",
        f"planted-geometric-{most_rules('geometric') + 1}",
        f"planted-zipf-{most_rules('zipf') + 1}",
        "random",
        "random-go-2x3",
        "random-random-tictactoe",
        "random-og-2x3",
        "random-nim-2-2-2-2-2-2-2-2",
    ],
)
def test_a_control_that_cannot_be_is_refused_in_one_line(game_id: str) -> None:
    with pytest.raises(UsageError) as error:
        make_game(game_id)
    assert "\n" not in str(error.value)


def test_the_longest_planted_lists_have_no_stake_below_fifty_points() -> None:
    """30,000 * 0.9^60 is 53.9 and 30,000 * 0.9^61 is 48.5; 27,720 / 560 is 49.5, rounded to 50."""
    assert (most_rules("geometric"), most_rules("zipf")) == (61, 560)
    for shape in ("geometric", "zipf"):
        assert make_game(f"planted-{shape}-{most_rules(shape)}").max_payoff < 2**15


def test_a_lead_too_large_to_be_written_down_is_named() -> None:
    game = make_game("random-nim-9")
    furthest_behind = np.array([9 | 1 << 57], dtype=np.uint64)
    assert game.render(int(furthest_behind[0])).endswith("ahead by -63")
    with pytest.raises(WorkError, match="random-nim-9 does not fit in 64 bits"):
        game.expand(furthest_behind)
