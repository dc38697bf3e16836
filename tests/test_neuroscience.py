"""Methods of neuroscience on planted rules: planted answers where recovery is full or none, and a plain twin for each measure."""

import dataclasses
import functools
import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

import gaincurve
from bench.measures.connections import N_ORDERS, N_STARTS, connection_weights, drives, null_weights, significant
from bench.measures.planted_rules import MIN_SHARE, applies_at, cell_rules, concept_rules, deciding, lessons, plant, plant_concepts
from bench.measures.recordings import (
    Circuit,
    circuit_of,
    contents,
    elsewhere,
    groups_of,
    lesions,
    losses,
    moves_played,
    participation_ratio,
)
from bench.measures.recovery import N_FOLDS, READINGS, RIDGE, recovery, standardised, support_of_all, support_of_one
from bench.studies import neuroscience, neuroscience_tables
from bench.studies.neuroscience_subjects import (
    CONNECTIONS,
    METHODS,
    N_RULES,
    OUTSIDE,
    SHAM,
    Subject,
    best_list,
    board_task,
    built,
    in_list,
    judged,
    learner_of,
    measure,
    planted,
    shuffled,
    trained,
    untrained,
)
from bench.studies.page import DOCS
from games.concepts.concept import concepts_of
from games.errors import UsageError
from policies.api import action_probabilities
from policies.language.atoms import LEVELS, Literal
from policies.networks.diagnostics import Probe, flips, sensitivity
from policies.networks.forward import matrices_of
from policies.networks.policy import NetworkPolicy
from policies.rules.rulelist import RuleList
from policies.task import make_task
from tests.support.pages import block, rows, tables

BOARD = board_task("tictactoe")
WEIGHTS = BOARD.weights[BOARD.graph.positions]
CELLS = BOARD.game.cells(BOARD.graph.states[BOARD.graph.positions]).tolist()


@functools.cache
def probe_of(seed: int) -> Probe:
    """A network trained on a planted list."""
    task = lessons(BOARD, planted(seed).policy)
    return Probe(trained(learner_of(), task, 6, seed), task)


def plain_move(cells: list[int], seed: int) -> tuple[int, int]:
    """What a planted list plays, and the number of the rule that decides, -1 for the habit."""
    free = [cell for cell in range(9) if cells[cell] == 0]
    found = planted(seed)
    for number, rule in enumerate(found.hypotheses.rules[i] for i in found.drawn):
        *conditions, move = rule
        if move.value in free and all(cells[c.value // LEVELS] == c.value % LEVELS for c in conditions):
            return move.value, number
    return next(int(move) for move in found.habit if move in free), -1


# What is planted


def test_rules_about_cells_apply_where_their_words_say() -> None:
    """All 1,008 rules of two stones and a free cell, in plain Python; where one move alone is legal, no rule has anything to decide."""
    expected: dict[tuple[bool, ...], None] = {}
    for one, other in itertools.combinations(range(9), 2):
        for a, b in itertools.product((1, 2), (1, 2)):
            for move in set(range(9)) - {one, other}:
                applies = tuple(c[one] == a and c[other] == b and c[move] == 0 and c.count(0) > 1 for c in CELLS)
                if np.dot(WEIGHTS, applies) >= MIN_SHARE:
                    expected[applies] = None
    found = cell_rules(BOARD)
    assert {tuple(row) for row in found.applies.tolist()} == expected.keys()
    assert len(found.rules) == len(expected) > 400
    for rule, applies in zip(found.rules, found.applies, strict=True):
        assert np.array_equal(applies_at(BOARD, rule), applies)


def test_a_concept_applies_where_it_tells_moves_apart() -> None:
    """The concept's own predicate, counted position by position."""
    task = make_task("go-2x3")
    found = concept_rules(task)
    assert len(found.rules) > 15
    for (literal,), applies in zip(found.rules, found.applies, strict=True):
        holds = concepts_of(task.game)[literal.value].holds(task.game, task.graph).tolist()
        for state, here in zip(task.graph.positions.tolist(), applies.tolist(), strict=True):
            moves = holds[task.graph.edge_start[state] : task.graph.edge_start[state + 1]]
            assert here == (0 < sum(moves) < len(moves))


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_list_plays_its_rules_and_then_its_habit(seed: int) -> None:
    found, task = planted(seed), lessons(BOARD, planted(seed).policy)
    moves, numbers = zip(*(plain_move(cells, seed) for cells in CELLS), strict=True)
    graph = task.graph
    right = task.solution.regret == 0
    assert graph.edge_action[right].tolist() == [*moves]  # one move a position, in the order of the positions
    assert set(task.solution.regret[~right].tolist()) == {1}
    decided = deciding(BOARD, found.policy)
    assert np.where(decided < N_RULES, decided, -1).tolist() == [*numbers]


def test_rules_that_the_habit_plays_already_are_no_hypotheses() -> None:
    every, found = cell_rules(BOARD), planted(0)
    kept = {applies.tobytes() for applies in found.hypotheses.applies}
    habits = [next(int(move) for move in found.habit if cells[move] == 0) for cells in CELLS]
    for rule, applies in zip(every.rules, every.applies, strict=True):
        played = np.array([habit == rule[-1].value for habit in habits])
        assert (applies.tobytes() in kept) == (played[applies].mean() <= 0.5)  # all positions weigh alike
    assert len(set(found.drawn.tolist())) == N_RULES


def test_lists_are_drawn_evenly() -> None:
    """Of 2,000 draws of 8 of n rules each is expected 2,000 * 8 / n times; a chi-square of n - 1 degrees lies within six deviations."""
    task = make_task("tictactoe")
    few = concept_rules(task)
    n = len(few.rules)
    counts = np.bincount(np.concatenate([plant_concepts(task, few, 4, seed).drawn for seed in range(2000)]), minlength=n)
    expected = 2000 * 4 / n
    assert abs(((counts - expected) ** 2).sum() / expected - (n - 1)) < 6 * math.sqrt(2 * (n - 1))


def test_rules_about_cells_are_refused_where_moves_are_no_cells() -> None:
    for game in ("nim-1-2-3", "go-2x2"):
        with pytest.raises(UsageError, match="rules about cells"):
            cell_rules(make_task(game))


# Recordings


def scored(probe: Probe, state: int, units: tuple[int, ...]) -> set[int]:
    """The best moves of a position without some units, from the inputs on, in plain Python."""
    graph = probe.task.graph
    (into, bias), (out, base) = matrices_of(probe.layers, probe.policy.parameters)
    inputs = probe.inputs[:, graph.positions.tolist().index(state)].tolist()
    hidden = []
    for row, first in zip(into.tolist(), bias[:, 0].tolist(), strict=True):
        value = max(0.0, first + sum(w * x for w, x in zip(row, inputs, strict=True)))
        hidden.append(0.0 if len(hidden) in units else math.floor(value * 1024 + 0.5) / 1024)
    edges = range(graph.edge_start[state], graph.edge_start[state + 1])
    actions = [int(graph.edge_action[edge]) for edge in edges]
    scores = [float(base[action, 0]) + sum(w * h for w, h in zip(out[action].tolist(), hidden, strict=True)) for action in actions]
    return {action for action, score in zip(actions, scores, strict=True) if score == max(scores)}


def test_lesions_show_where_the_choice_changes() -> None:
    """Each unit and pair, against play in plain Python at every ninth position, and against the probe's own removal at all."""
    probe = probe_of(0)
    circuit, graph = circuit_of(probe), probe.task.graph
    first = graph.edge_start[graph.positions]
    whole = action_probabilities(graph, probe.scores()) > 0
    for size in (1, 2):
        found = lesions(circuit, size)
        assert len(found) == math.comb(6, size)
        for units, row in zip(groups_of(circuit, size), found, strict=True):
            after = action_probabilities(graph, probe.scores([probe.units[unit] for unit in units])) > 0
            assert np.array_equal(row, np.logical_or.reduceat(after != whole, first))
            for place in range(0, len(graph.positions), 9):
                state = int(graph.positions[place])
                assert bool(row[place]) == (scored(probe, state, ()) != scored(probe, state, units))


def test_a_sham_lesion_takes_what_the_unit_does_elsewhere() -> None:
    circuit = circuit_of(probe_of(0))
    sham = elsewhere(circuit, 0)
    assert np.array_equal(np.sort(sham, axis=1), np.sort(circuit.active, axis=1))
    assert not np.array_equal(sham, circuit.active)
    assert not lesions(circuit, 1, np.zeros_like(sham)).any()
    assert np.array_equal(lesions(circuit, 1, circuit.active), lesions(circuit, 1))
    assert not np.array_equal(lesions(circuit, 1, sham), lesions(circuit, 1))


def test_losses_are_those_of_a_task_in_which_only_these_positions_have_weight() -> None:
    probe = probe_of(1)
    circuit, task = circuit_of(probe), probe.task
    decided = deciding(BOARD, planted(1).policy)
    parts = np.array([decided == 0, decided >= N_RULES, decided >= 0])
    for size in (1, 2):
        found = losses(circuit, size, parts)
        for part, column in zip(parts, found.T, strict=True):
            weights = np.zeros_like(task.weights)
            weights[task.graph.positions[part]] = 1 / part.sum()
            there = dataclasses.replace(probe, task=dataclasses.replace(task, weights=weights))
            for units, lost in zip(groups_of(circuit, size), column, strict=True):
                assert lost == pytest.approx(there.gain() - there.gain([probe.units[unit] for unit in units]), abs=1e-12)


def test_moves_and_cells_are_those_of_the_board() -> None:
    found, seen = moves_played(circuit_of(probe_of(2))), contents(BOARD)
    for place, state in enumerate(BOARD.graph.positions.tolist()):
        assert {*np.flatnonzero(found[:, place])} == scored(probe_of(2), state, ())
        assert seen[:, place].tolist() == [float(CELLS[place][cell] == content) for cell in range(9) for content in range(3)]


def test_sensitivity_is_the_mean_of_where_the_choice_hangs() -> None:
    found = flips(probe_of(0))
    assert np.allclose(found @ WEIGHTS, sensitivity(probe_of(0)))
    assert set(np.unique(found)) <= {0.0, 0.5, 1.0}  # of two other contents


def test_networks_whose_units_have_copies_are_refused() -> None:
    for options in ("equivariant=true,", "architecture=softtree,"):
        fitted = gaincurve.fit("tictactoe", f"network:{options}steps=2", 1)
        assert isinstance(fitted.policy, NetworkPolicy)
        with pytest.raises(UsageError, match="share no weights"):
            circuit_of(Probe(fitted.policy, fitted.task))


# Connection weights


def test_connection_weights_are_sums_over_ways() -> None:
    probe = probe_of(0)
    (into, _), (out, _) = matrices_of(probe.layers, probe.policy.parameters)
    found = connection_weights(probe)
    for action, cell in itertools.product(range(9), range(18)):
        assert found[action, cell] == pytest.approx(sum(into[unit, cell] * out[action, unit] for unit in range(6)))
    nothing = np.zeros((39, 9, 18))
    inputs = probe.inputs.astype(np.float64)
    assert np.allclose(drives(probe, nothing), np.where(found != 0, found, 0.0) @ inputs)
    assert not drives(probe, np.full((39, 9, 18), 1e9)).any()


def test_a_weight_counts_if_at_most_a_twentieth_of_itself_and_its_nulls_are_as_large() -> None:
    nulls = np.arange(1.0, 40.0)[:, None, None]  # 39 of them: 1 to 39
    for weight, counts in ((39.5, True), (-38.5, True), (37.5, False), (38.0, False), (0.0, False)):
        assert significant(np.array([[weight]]), nulls)[0, 0] == counts
    assert not significant(np.array([[1e9]]), nulls[:18])[0, 0]  # of 19 the largest is no twentieth


def test_nulls_are_networks_trained_on_answers_in_which_nothing_is_to_be_learned() -> None:
    """The same seed gives the same nulls; and where the answers are right, the weights that the list uses most are larger than theirs."""
    task = lessons(BOARD, planted(0).policy)
    learner = learner_of(60)
    found = null_weights(learner, task, learner.design(6), 0)
    assert found.shape == (N_ORDERS * N_STARTS, 9, 18)
    assert len({each.tobytes() for each in found}) == N_ORDERS * N_STARTS
    assert np.array_equal(found, null_weights(learner, task, learner.design(6), 0))
    weights = connection_weights(Probe(trained(learner, task, 6, 0), task))
    assert np.abs(weights).max() > np.abs(found).max(axis=(1, 2)).mean()
    assert 0.05 < significant(weights, found).mean() < 1  # by chance it would be a twentieth


# The score


def arrays(seed: int, n_signals: int, n_rules: int, n_positions: int) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(seed)
    weights = random.integers(1, 4, n_positions).astype(np.float64)
    return random.normal(size=(n_signals, n_positions)), random.random((n_rules, n_positions)) < 0.3, weights


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_support_of_one_part_is_the_largest_correlation(seed: int) -> None:
    """numpy's correlation, each position repeated as often as it weighs."""
    signals, applies, weights = arrays(seed, 3, 4, 40)
    times = weights.astype(np.int64)
    found = support_of_one(signals, applies, weights / weights.sum())
    for rule, support in zip(applies, found, strict=True):
        each = [abs(np.corrcoef(np.repeat(signal, times), np.repeat(rule, times))[0, 1]) for signal in signals]
        assert support == pytest.approx(max(each), abs=1e-9)


def test_support_of_all_parts_is_that_of_least_squares_on_what_is_held_out() -> None:
    """numpy's solver on rows times the roots of their weights, with a row more for each penalty."""
    signals, applies, weights = arrays(5, 6, 3, 120)
    weights /= weights.sum()
    found = support_of_all(signals, applies, weights)
    given, fold = standardised(signals, weights), np.random.default_rng(0).permutation(120) % N_FOLDS
    for rule, support in zip(applies.astype(np.float64), found, strict=True):
        error = variance = 0.0
        for number in range(N_FOLDS):
            fitted, held = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            share = weights[fitted] / weights[fitted].sum()
            mean, centre = share @ rule[fitted], given[:, fitted] @ share
            root = np.sqrt(share)
            table = np.vstack([(given[:, fitted].T - centre) * root[:, None], math.sqrt(RIDGE) * np.eye(6)])
            wanted = np.concatenate([(rule[fitted] - mean) * root, np.zeros(6)])
            best = np.linalg.lstsq(table, wanted, rcond=None)[0]
            error += weights[held] @ (rule[held] - mean - (given[:, held].T - centre) @ best) ** 2
            variance += weights[held] @ (rule[held] - mean) ** 2
        assert support == pytest.approx(1 - error / variance, abs=1e-9)


def test_a_rule_that_is_a_sum_of_signals_is_supported_and_noise_is_not() -> None:
    random = np.random.default_rng(0)
    parts = random.random((2, 4000)) < 0.2
    both = parts[0] ^ (parts[1] & ~parts[0])  # one part or the other
    applies = np.array([both, random.random(4000) < 0.3])
    disjoint = np.array([parts[0], parts[1] & ~parts[0]], dtype=np.float64)
    weights = np.full(4000, 1 / 4000)
    whole, noise = support_of_all(disjoint, applies, weights)
    assert whole > 0.999
    assert abs(noise) < 0.01
    assert support_of_one(np.zeros((3, 4000)), applies, weights).tolist() == [0.0, 0.0]  # a constant signal supports nothing


@given(st.lists(st.integers(0, 6), min_size=6, max_size=30), st.integers(1, 5))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_recovery_is_the_statistic_of_mann_and_whitney(values: list[int], n_planted: int) -> None:
    support, truth = np.array(values, dtype=np.float64), np.arange(n_planted)
    found = recovery(support, truth)
    inside, outside = support[:n_planted], support[n_planted:]
    assert found.auc == pytest.approx(mannwhitneyu(inside, outside).statistic / (len(inside) * len(outside)))
    ranks = [1 + sum(o > i for o in outside) + 0.5 * sum(o == i for o in outside) for i in inside]
    assert found.bits == pytest.approx(sum(math.log2((len(outside) + 1) / rank) for rank in ranks) / n_planted)
    assert found.named == pytest.approx(sum(rank == 1 for rank in ranks) / n_planted)


def test_a_ranking_without_knowledge_saves_what_the_page_says() -> None:
    """The mean of log2(N / rank) over ranks 1 to N; at N = 350 it is 1.43."""
    assert np.mean([math.log2(350 / rank) for rank in range(1, 351)]) == pytest.approx(1.4, abs=0.05)
    random = np.random.default_rng(0)
    found = [recovery(random.random(350), random.choice(350, 8, replace=False)) for _ in range(400)]
    assert np.mean([each.auc for each in found]) == pytest.approx(0.5, abs=0.02)  # four standard errors
    assert np.mean([each.bits for each in found]) == pytest.approx(1.4, abs=0.12)


def test_the_participation_ratio_counts_dimensions() -> None:
    """Signals that are orthogonal and of one size: their number. Copies of one: 1. Else by the eigenvalues of the covariance."""
    signs = np.array([*itertools.product((-1.0, 1.0), repeat=5)]).T
    weights = np.full(32, 1 / 32)
    assert participation_ratio(signs, weights) == pytest.approx(5)
    assert participation_ratio(np.vstack([signs[0], 3 * signs[0], signs[0] + 7]), weights) == pytest.approx(1)
    assert participation_ratio(np.ones((4, 32)), weights) == 0
    random = np.random.default_rng(0)
    signals, weights = random.normal(size=(4, 4)) @ random.normal(size=(4, 50)), random.random(50)
    weights /= weights.sum()
    eigenvalues = np.linalg.eigvalsh(np.cov(signals, aweights=weights))
    assert participation_ratio(signals, weights) == pytest.approx(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())


# Planted answers: full recovery, and none


@pytest.mark.parametrize("seed", range(3))
def test_a_network_built_by_hand_plays_its_list_and_its_units_are_its_rules(seed: int) -> None:
    found, task = planted(seed), lessons(BOARD, planted(seed).policy)
    probe = Probe(built(task, found), task)
    assert probe.gain() == 1.0
    circuit = circuit_of(probe)
    for rule, active in zip(found.policy.rules, circuit.active, strict=False):
        one, other, move = (literal.value for literal in rule)
        holds = [cells[one // LEVELS] == one % LEVELS and cells[other // LEVELS] == other % LEVELS and cells[move] == 0 for cells in CELLS]
        assert active.tolist() == [float(each) for each in holds]
    measured = measure(Subject(probe, found.hypotheses, found.drawn), seed)
    n_others = len(found.hypotheses.rules) - N_RULES
    for row, reading in itertools.product(("tuning", "conjunctions"), READINGS):
        assert (measured[row, reading].auc, measured[row, reading].named) == (1.0, 1.0)
        assert measured[row, reading].bits == pytest.approx(math.log2(n_others + 1))
    for reading in READINGS:
        assert measured["lesions", reading].auc > 0.99  # a rule behind another shows only where that one does not decide
        assert measured["cells alone", reading].auc < 0.8


def test_lesions_of_rules_that_never_meet_recover_all_of_them() -> None:
    """Eight rules of which no two apply at one position, over a habit that plays none of their moves first."""
    hypotheses = cell_rules(BOARD)
    found = plant(BOARD, hypotheses, N_RULES, 0)
    last = {int(move) for move in found.habit[5:]}
    drawn: list[int] = []
    for number, (rule, applies) in enumerate(zip(found.hypotheses.rules, found.hypotheses.applies, strict=True)):
        if rule[-1].value in last and not any((applies & found.hypotheses.applies[i]).any() for i in drawn):
            drawn.append(number)
    chosen = np.array(drawn)
    habit = tuple((Literal("move", int(move)),) for move in found.habit)
    policy = RuleList("first-match", (*(found.hypotheses.rules[i] for i in chosen), *habit))
    apart = found._replace(drawn=chosen, policy=policy)
    task = lessons(BOARD, policy)
    probe = Probe(built(task, apart), task)
    assert probe.gain() == 1.0
    assert len(chosen) >= 4
    measured = measure(Subject(probe, apart.hypotheses, chosen), 0)
    for reading in READINGS:
        assert (measured["lesions", reading].auc, measured["lesions", reading].named) == (1.0, 1.0)


def test_untrained_networks_are_at_chance() -> None:
    """Planted rules are drawn evenly, and an untrained network knows nothing of the draw.

    So the mean of 10 areas of 8 rules among about 350 has a standard error of 0.1 / sqrt(10); four of them are allowed.
    """
    found: dict[tuple[str, str], list[float]] = {}
    for seed in range(10):
        task = lessons(BOARD, planted(seed).policy)
        probe = Probe(untrained(learner_of(), task, 16, seed), task)
        for key, each in measure(Subject(probe, planted(seed).hypotheses, planted(seed).drawn), seed).items():
            found.setdefault(key, []).append(each.auc)
    for key, each in found.items():
        assert np.mean(each) == pytest.approx(0.5, abs=0.13), key
    assert {row for row, _ in found} == {*METHODS, *OUTSIDE} - {CONNECTIONS}


def test_shuffled_signals_are_at_chance_even_where_units_are_the_rules() -> None:
    found = []
    for seed in range(10):
        task = lessons(BOARD, planted(seed).policy)
        subject = Subject(Probe(built(task, planted(seed)), task), planted(seed).hypotheses, planted(seed).drawn)
        signals = {"tuning": circuit_of(subject.probe).active}
        assert judged(subject, signals)["tuning", "one part"].auc == 1.0
        found.append(judged(subject, shuffled(signals, seed))["tuning", "one part"].auc)
    assert np.mean(found) == pytest.approx(0.5, abs=0.13)


def test_the_best_list_is_what_is_to_be_found_in_a_solved_game() -> None:
    hypotheses = concept_rules(board_task("go-2x3"))
    assert [hypotheses.rules[i] for i in in_list("go-2x3")] == [rule for rule in hypotheses.rules if rule in best_list("go-2x3").rules]
    assert len(in_list("go-2x3")) == best_list("go-2x3").size == 8


def test_a_circuit_is_the_last_hidden_layer() -> None:
    """The scores of its units and weights are those of the network, of two hidden layers too."""
    task = lessons(BOARD, planted(0).policy)
    probe = Probe(trained(learner_of(20, 2), task, 5, 0), task)
    circuit: Circuit = circuit_of(probe)
    column = np.searchsorted(task.graph.positions, task.graph.edge_parent)
    scores = (circuit.out @ circuit.active + circuit.bias)[task.graph.edge_action, column]
    assert np.array_equal(scores, probe.scores())


# The page


def middle(cell: str) -> tuple[float, float]:
    """A mean and the half width of its band, as `0.51 ±0.04`."""
    mean, half = cell.split(" ±")
    return float(mean), float(half)


def test_the_tables_of_the_page_have_the_columns_of_the_study() -> None:
    heads = {
        "planted.one": neuroscience_tables.HEAD,
        "planted.all": neuroscience_tables.HEAD,
        "planted.controls": neuroscience_tables.CONTROLS_HEAD,
        "planted.lesions": neuroscience_tables.LESIONS_HEAD,
        "widths": neuroscience.WIDTHS_HEAD,
        "dimension": neuroscience.DIMENSION_HEAD,
    }
    for name, head in heads.items():
        assert block("neuroscience.md", name).startswith(head + "\n"), name


def test_verdicts_and_differences_follow_from_the_tables() -> None:
    """Means differ by what the table of differences says; a method is above where no band of a difference reaches 0."""
    of = {"one part": rows("neuroscience.md", "planted.one"), "all parts": rows("neuroscience.md", "planted.all")}
    means = {(row[0], reading): [middle(cell)[0] for cell in row[1:5]] for reading, each in of.items() for row in each}
    assert {row for row, _ in means} == {*METHODS, *OUTSIDE}
    for row, reading, *cells, against, moves in rows("neuroscience.md", "planted.controls"):
        ours, _, untrained_mean, shuffled_mean = means[row, reading]
        theirs = [untrained_mean, shuffled_mean, *([means[SHAM[row], reading][0]] if row in SHAM else [])]
        shown = [middle(cell) for cell in cells if cell]
        for (difference, _), other in zip([*shown, middle(moves)], [*theirs, means["moves played", reading][0]], strict=True):
            assert difference == pytest.approx(ours - other, abs=0.0151)
        clear = [(mean > half + 0.011, mean < half - 0.011) for mean, half in shown]
        if against == "above":
            assert not any(below for _, below in clear)
        else:
            assert not all(above for above, _ in clear)


def test_the_answer_says_what_the_tables_say() -> None:
    said = block("neuroscience.md", "planted.said").splitlines()
    assert len(said) == 5
    one, every = ({row[0]: row[1:] for row in rows("neuroscience.md", f"planted.{name}")} for name in ("one", "all"))
    names = "|".join(sorted((*METHODS, *OUTSIDE), key=len, reverse=True))
    for line, table, column in ((said[0], one, 1), (said[1], one, 0), (said[2], every, 0)):
        for name, value in re.findall(rf"({names}) (\d\.\d+)", line):
            assert float(value) == pytest.approx(middle(table[name][column])[0], abs=0.0051)
    controls = rows("neuroscience.md", "planted.controls")
    both = [row for row in METHODS if all(each[-2] == "above" for each in controls if each[0] == row)]
    neither = [row for row in METHODS if not any(each[-2] == "above" for each in controls if each[0] == row)]
    assert said[3].endswith(f"readings: {', '.join(both) or 'none'}; in neither: {', '.join(neither) or 'none'}.")


def test_the_prose_of_the_answer_follows_from_the_tables() -> None:
    """Each method above chance and short of full; the moves above each; tuning full where units are rules, and below 0.75 else."""
    text = " ".join((DOCS / "neuroscience.md").read_text().split())
    assert "From trained networks each method tells more than chance, and none tells all." in text
    for name in ("planted.one", "planted.all"):
        found = {row[0]: [middle(cell) for cell in row[1:5]] for row in rows("neuroscience.md", name)}
        for row in METHODS:
            mean, half = found[row][0]
            assert mean - half > 0.5
            assert mean + half < 1
            assert mean < found["moves played"][0][0]
        assert found["tuning"][1][0] == 1.0
        assert found["tuning"][0][0] < 0.75


def test_the_prose_on_go_follows_from_the_tables() -> None:
    found = {
        game: {row[0]: [float(cell.split(",")[0]) for cell in row[1:]] for row in rows("neuroscience.md", game)}
        for game in ("go-2x4", "go-3x3")
    }
    assert max(mean for table in found.values() for row, each in table.items() if row in METHODS for mean in each[:2]) == 0.65
    assert rows("neuroscience.md", "go-3x3")[1][3].startswith("0.78, +0.25")
    assert max(found["go-3x3"]["cells alone"]) >= 0.78
    assert "no method recovers more than 0.65" in (DOCS / "neuroscience.md").read_text()


def test_controls_of_the_page_are_where_they_must_be() -> None:
    """Full recovery by hand; chance within four standard errors of 10 lists for the untrained and the shuffled."""
    for name in ("planted.one", "planted.all"):
        found = {row[0]: [middle(cell)[0] for cell in row[1:5]] for row in rows("neuroscience.md", name)}
        assert found["tuning"][1] == found["conjunctions"][1] == 1.0
        assert found["lesions"][1] >= 0.99
        for row in (*METHODS, *OUTSIDE):
            assert found[row][2] == pytest.approx(0.5, abs=0.13)
            assert found[row][3] == pytest.approx(0.5, abs=0.13)
        assert found["cells alone"][0] == found["cells alone"][2]
    for game in neuroscience.GAMES:
        (found_in_game,) = tables(block("neuroscience.md", game))
        assert [row[0] for row in found_in_game] == neuroscience.WITHOUT_NULLS
