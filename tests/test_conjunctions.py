"""Lists of conjunctions: changes of a rule, exchanges, orders and best lists against plain enumeration, and planted rules found again."""

import dataclasses
import hashlib
import itertools

import numpy as np
import pytest

from games.errors import UsageError
from games.solving.oracle import GraphOracle
from policies.api import Task, action_probabilities
from policies.fitting import conjunction_lists
from policies.fitting.conjunction_lists import best_lists, fit_stages
from policies.fitting.conjunctions import DROP, FREE, MAX_LITERALS, N_CHANGES, Draft
from policies.fitting.exchange import best_order, entering_order, join, list_cost, renumber, take_back
from policies.fitting.growing_list import GrowingList
from policies.fitting.insertion import OWNER, PRESENT, weigh
from policies.fitting.part import part_of
from policies.language.atoms import Literal, Rule, atoms_of
from policies.language.language import make_language
from policies.language.patterns import ANYTHING
from policies.registry import make_learner
from policies.rules.rulelist import RuleList, RuleListLearner, in_order
from policies.sampled_task import task_over
from policies.task import make_task
from tests.test_greedy import with_regret

ALL = "concepts+patterns+positions"
GREEDY = {"atoms": "single", "polish": False}


def left(task: Task, rules: tuple[Rule, ...]) -> float:
    """The share of random play's regret that a list leaves, measured as any policy is."""
    return 1.0 - task.gain(action_probabilities(task.graph, RuleList("first-match", rules).scores(task)))


def grown(game_id: str, name: str, n_rules: int) -> GrowingList:
    task = make_task(game_id)
    growing = GrowingList(task, make_language(name, task.game, task.graph), 1, climbs=True)
    growing.begin(n_rules)
    growing.grow(n_rules)
    return growing


def cost_of_list(growing: GrowingList, labels: list[float]) -> float:
    """What a list costs by its definition: at each position the first rule that holds there decides."""
    present = growing.pairs.bare.copy()
    for i in np.argsort(labels)[::-1]:
        present[growing.entries[i].positions] = growing.entries[i].costs
    return float(np.dot(growing.pairs.weight, present))


@pytest.mark.parametrize(
    ("game_id", "name"), [("tictactoe", "concepts+patterns"), ("go-2x3", "lookahead+patterns+priority"), ("go-2x3", "cells")]
)
def test_a_change_saves_what_the_changed_rule_saves(game_id: str, name: str) -> None:
    """Against the plain way: say the changed draft as a rule, ask where that holds, and try every place of the list."""
    rng, growing = np.random.default_rng(1), grown(game_id, name, 3)
    graph, state, regret = growing.moves.graph, growing.state, growing.moves.regret
    place_of = {int(position): i for i, position in enumerate(growing.pairs.positions)}
    draft = Draft()
    for _ in range(5):
        savings = growing.moves.weigh_changes(draft, state)
        possible = np.flatnonzero(savings > -np.inf)
        for change in rng.choice(possible, min(30, len(possible)), replace=False).tolist():
            edges = growing.moves.atoms.rule_edges(growing.moves.rule(draft.changed(change)))
            saved_behind = np.zeros(len(growing.entries) + 1)  # by the place of the rule that decides now
            met = np.zeros(len(saved_behind), dtype=bool)
            for position in np.unique(graph.edge_parent[edges]).tolist():
                if position not in place_of:
                    continue
                i = place_of[position]
                cost = regret[edges[graph.edge_parent[edges] == position]].mean()
                owner = int(state.hand[i, OWNER])
                place = int(state.label[owner]) if owner >= 0 else len(growing.entries)
                saved_behind[place] += growing.pairs.weight[i] * (state.hand[i, PRESENT] - cost)
                met[place] = True
            sums = np.cumsum(saved_behind[::-1])[met[::-1]]
            assert savings[change] == pytest.approx(sums.max(), rel=1e-6, abs=1e-9)
        draft = draft.changed(int(rng.choice(possible)))


def test_changes_have_their_numbers() -> None:
    draft = Draft().changed(5 * 3 + 2)
    assert draft.cells[3] == 2
    assert draft.changed(5 * 3 + ANYTHING) == Draft(FREE)
    required = draft.changed(N_CHANGES + 7)
    both = required.changed(N_CHANGES + MAX_LITERALS + 9)
    assert (both.required, both.excluded) == (1 << 7, 1 << 9)
    assert both.changed(N_CHANGES + DROP * MAX_LITERALS + 9) == required
    assert both.changed(N_CHANGES + DROP * MAX_LITERALS + 7).changed(N_CHANGES + DROP * MAX_LITERALS + 9) == draft


@pytest.mark.parametrize("rule", range(5))
def test_a_rule_taken_back_leaves_the_list_without_it(rule: int) -> None:
    """The state, from scratch, of the list of the other rules; and bounds that are above what each candidate can save."""
    growing = grown("go-2x3", ALL, 5)
    before = cost_of_list(growing, growing.labels.tolist())
    held = join([(entry.positions, entry.costs) for entry in growing.entries])
    gone = growing.entries[rule]
    lost = take_back(growing.state, growing.pairs, held, rule, growing.candidate(gone))
    growing.entries[rule] = growing.entries[-1]
    growing.entries.pop()
    renumber(growing.state)
    labels = growing.labels.tolist()
    assert sorted(labels) == [0, 1, 2, 3]
    assert before + lost == pytest.approx(cost_of_list(growing, labels), abs=1e-6)
    present = growing.pairs.bare.copy()
    for i in np.argsort(labels)[::-1]:
        present[growing.entries[i].positions] = growing.entries[i].costs
    assert growing.state.hand[:, PRESENT] == pytest.approx(present, abs=1e-6)
    half, listed = len(growing.state.bound) // 2, {growing.candidate(entry) for entry in growing.entries}
    for candidate in range(len(growing.price)):
        if candidate not in listed and not growing.state.rests[candidate]:
            entry = growing.offered_entry(candidate)
            saved, _, _ = weigh(growing.state, entry.positions, entry.costs)
            assert growing.state.bound[half + candidate] >= saved - 1e-6


def test_orders_of_entering_and_subsets_are_the_best_of_all() -> None:
    """Against all permutations, and all subsets, of five rules."""
    growing = grown("tictactoe", "concepts+patterns", 5)
    held = join([(entry.positions, entry.costs) for entry in growing.entries])
    labels, base = growing.labels, growing.base

    def left_with(rules: tuple[int, ...]) -> float:
        present = growing.pairs.bare.copy()
        for i in sorted(rules, key=lambda i: -labels[i]):
            present[growing.entries[i].positions] = growing.entries[i].costs
        return max(1e-9, float(np.dot(growing.pairs.weight, present)) / base)

    def mean_log(order: tuple[int, ...]) -> float:
        return sum(float(np.log(left_with(order[:n]))) for n in range(1, 6))

    found = tuple(best_order(growing.pairs, held, labels).tolist())
    assert mean_log(found) == pytest.approx(min(map(mean_log, itertools.permutations(range(5)))))
    by_place = [growing.entries[i] for i in np.argsort(labels)]
    without = [left_with(tuple(j for j in range(5) if j != np.argsort(labels)[i])) for i in range(5)]
    in_list = join([(entry.positions, entry.costs) for entry in by_place])
    assert [list_cost(growing.pairs, in_list, i) / base for i in range(5)] == pytest.approx(without, abs=1e-6)
    kept = growing.shrunk(by_place, 4)
    assert kept == [entry for i, entry in enumerate(by_place) if i != int(np.argmin(without))]
    order = entering_order(growing.pairs, held, labels, 2).tolist()
    assert order[:2] == [0, 1]
    assert left_with((0, 1, order[2])) == pytest.approx(min(left_with((0, 1, i)) for i in (2, 3, 4)))


@pytest.mark.parametrize(
    ("game_id", "name"), [("tictactoe", "win+block+fork+centre+corner"), ("go-2x3", "captures+saves+pass+liberties_2")]
)
def test_the_best_list_of_one_rule_is_the_best_of_all_conjunctions(game_id: str, name: str) -> None:
    """Against every conjunction of the concepts, each required, excluded or left out."""
    task = make_task(game_id)
    names = [concept.name for concept in atoms_of(task.game, task.graph).concepts["concept"]]
    known = "+".join(part for part in name.split("+") if part in names) or "+".join(names[:5])
    language = make_language(known, task.game, task.graph)
    atoms = language.concept_predicates
    assert len(atoms) >= 3
    best = min(
        left(task, (tuple(Literal(*atom, sign == 1) for atom, sign in zip(atoms, signs, strict=True) if sign),))
        for signs in itertools.product((0, 1, -1), repeat=len(atoms))
    )
    (rules,) = best_lists(task, language, [1], 1, climbs=True)
    assert left(task, tuple(rules)) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("name", ["concepts", "concepts+lookahead"])
def test_a_planted_conjunction_is_found(name: str) -> None:
    """Every list of one rule, of two concepts of which one may be negated, comes back as one rule that plays the same."""
    true = make_task("tictactoe")
    atoms, language = atoms_of(true.game, true.graph), make_language(name, true.game, true.graph)
    rng, n_found = np.random.default_rng(0), 0
    for _ in range(12):
        first, second = (language.concept_predicates[i] for i in rng.choice(len(language.concept_predicates), 2, replace=False))
        rule = (Literal(first[0], first[1]), Literal(second[0], second[1], bool(rng.random() < 0.5)))
        if len(atoms.rule_edges(rule)) == 0:
            continue
        chosen = action_probabilities(true.graph, RuleList("first-match", (rule,)).scores(true)) > 0
        task = with_regret("tictactoe", np.where(chosen, 0, 1).astype(np.int16))
        fit = fit_stages(task, language, 3, 1, climbs=True, polish=True)
        assert left(task, in_order(fit.rules, fit.labels, len(fit.rules))) == pytest.approx(0, abs=1e-6)
        n_found += len(fit.rules) == 1
    assert n_found >= 10


def test_a_planted_pattern_with_wildcards_is_found() -> None:
    """Moves are optimal where the cell to one side is the other's and a concept does not hold, whatever else lies round about."""
    true = make_task("go-2x3")
    atoms, language = atoms_of(true.game, true.graph), make_language("concepts+patterns", true.game, true.graph)
    growing = GrowingList(true, language, 1, climbs=True)
    rule = growing.moves.rule(Draft((2, *FREE[1:]), excluded=1))
    chosen = np.zeros(true.graph.n_edges, dtype=bool)
    chosen[atoms.rule_edges(rule)] = True
    decided = np.zeros(true.graph.n_states, dtype=bool)
    decided[true.graph.edge_parent[chosen]] = True
    task = with_regret("go-2x3", np.where(decided[true.graph.edge_parent] & ~chosen, 1, 0).astype(np.int16))
    fit = fit_stages(task, language, 8, 1, climbs=True, polish=True)
    assert left(task, in_order(fit.rules, fit.labels, len(fit.rules))) == pytest.approx(0, abs=1e-6)
    assert len(fit.rules) == 1


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3", "nim-3-4-5", "kalah-3-1"])
@pytest.mark.parametrize("options", [{}, {"polish": False}, {"atoms": "single"}])
def test_lists_are_prefixes_of_one_order_whatever_the_budget(game_id: str, options: dict[str, object]) -> None:
    task, learner = make_task(game_id), make_learner("rulelist", options)
    assert len(list(learner.fit_path(task, [1, 2, 3], 0))) <= 3
    path = list(learner.fit_path(task, [1, 2, 3, 4, 6, 11, 16, 40], 0))
    for budget, policy in zip([1, 2, 3, 4, 6, 11, 16, 40], path, strict=False):
        assert list(learner.fit_path(task, [budget], 0))[-1] == policy
        assert learner.decode(learner.encode(policy, task), task) == policy


GREEDY_BYTES = {  # of the default before there were conjunctions, budgets 1, 2, 4, 8, 16, 64, 512, one file after the other: sha256
    "tictactoe": "9f6b2b6d27798a33",
    "nim-3-4-5": "03e765192d1fd766",
    "go-2x3": "39599db38b2b4551",
    "go-3x3": "99fcb6275ceabba2",
    "hex-3": "78fa4e703dffdb63",
    "kalah-3-1": "102d51573e323a8e",
}


@pytest.mark.parametrize("game_id", GREEDY_BYTES)
def test_single_atoms_without_polish_are_the_greedy_lists_to_the_byte(game_id: str) -> None:
    task, learner, found = make_task(game_id), make_learner("rulelist", GREEDY), hashlib.sha256()
    for policy in learner.fit_path(task, [1, 2, 4, 8, 16, 64, 512], 0):
        found.update(learner.encode(policy, task))
    assert found.hexdigest()[:16] == GREEDY_BYTES[game_id]


def residuals(game_id: str, budgets: list[int], options: dict[str, object]) -> list[float]:
    """Of the lists as they are read from their files."""
    task, learner = make_task(game_id), make_learner("rulelist", options)
    files = [learner.encode(policy, task) for policy in learner.fit_path(task, budgets, 0)]
    return [1.0 - task.gain(action_probabilities(task.graph, learner.decode(data, task).scores(task))) for data in files]


def test_lists_of_go_3x3_leave_no_more_than_known_ones() -> None:
    """Residuals of a fitter by rounds of insertion with new candidates, measured in another program, at 1, 2, 4, ... 64 rules."""
    known = np.array([0.4131, 0.2905, 0.1790, 0.1431, 0.0951, 0.0621, 0.0411])
    budgets = [1, 2, 4, 8, 16, 32, 64]
    nested, best = residuals("go-3x3", budgets, {}), residuals("go-3x3", budgets, {"best": True})
    assert np.all(nested <= known)
    assert np.all(np.array(best) <= np.array(nested) + 1e-9)


@pytest.mark.slow
def test_lists_of_go_3x4_leave_no_more_than_known_ones() -> None:
    """Nested ones at 8, 16, ... 256 rules, best ones at 1, 2, 4 and 8; sources as for Go 3x3."""
    assert np.all(np.array(residuals("go-3x4", [8, 16, 32, 64, 128, 256], {})) <= [0.226, 0.179, 0.160, 0.144, 0.130, 0.1206])
    assert np.all(np.array(residuals("go-3x4", [1, 2, 4, 8], {"best": True})) <= [0.506, 0.3414, 0.257, 0.219])


def test_exchanges_save() -> None:
    """At the end of the first stage, from where both ways of fitting part."""
    polished, plain = (residuals("go-3x3", [8], {"best": True} if polish else {"polish": False})[0] for polish in (True, False))
    assert polished < plain


def test_games_with_many_positions_are_fitted_on_some_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conjunction_lists, "MAX_POSITIONS", 500)
    task = make_task("go-3x3")
    language = make_language(ALL, task.game, task.graph)
    fit = fit_stages(task, language, 400, 2, climbs=True, polish=True)
    shares = [left(task, in_order(fit.rules, fit.labels, n)) for n in (8, 32, 400)]
    greedy = fit_stages(task, language, 8, 2, climbs=False, polish=False)
    assert shares[0] < left(task, in_order(greedy.rules, greedy.labels, 8))
    assert shares[0] > shares[1] > shares[2]
    assert shares[2] < 0.01
    prefix = fit_stages(task, language, 20, 2, climbs=True, polish=True)
    assert in_order(prefix.rules, prefix.labels, 8) == in_order(fit.rules, fit.labels, 8)


def test_a_part_of_a_task_has_the_moves_that_the_rules_give_it() -> None:
    """Against the open graph that is expanded anew from the rules, and solved by the closed graph."""
    task = make_task("go-2x4")
    positions = task.graph.positions[3::7]
    part = part_of(task, positions)
    n, n_edges = len(positions), int(part.graph.edge_start[len(positions)])
    other = task_over(task.game, task.graph.states[positions], None, GraphOracle(task.graph, task.solution))
    for name in ("states", "n_moves", "terminal", "payoff", "multiplicity"):
        assert getattr(part.graph, name)[:n].tolist() == getattr(other.graph, name)[:n].tolist()
    assert part.graph.positions.tolist() == list(range(n))
    assert part.graph.n_edges == other.graph.n_edges == n_edges
    assert part.graph.edge_action.tolist() == other.graph.edge_action.tolist()
    assert part.graph.states[part.graph.edge_child].tolist() == other.graph.states[other.graph.edge_child].tolist()
    assert sorted(part.graph.states.tolist()) == sorted(other.graph.states.tolist())
    assert part.solution.regret.tolist() == other.solution.regret.tolist()
    assert part.solution.edge_value.tolist() == (-part.solution.value[part.graph.edge_child]).tolist()
    assert part.weights[:n].tolist() == task.weights[positions].tolist()
    assert not part.weights[n:].any()


@pytest.mark.parametrize("game_id", ["go-2x4", "tictactoe"])
def test_stages_on_a_part_find_what_they_find_where_nothing_else_counts(monkeypatch: pytest.MonkeyPatch, game_id: str) -> None:
    """A list that looks at the whole graph, of which all but the same positions have no weight, is the same list."""
    task, n, k = make_task(game_id), 200, 6
    contested = np.unique(task.graph.edge_parent[task.solution.regret > 0])
    kept = contested[np.linspace(0, len(contested) - 1, n).astype(np.int64)]
    weights = np.zeros_like(task.weights)
    weights[kept] = task.weights[kept]
    alone = dataclasses.replace(task, weights=weights)
    language = make_language("concepts+patterns", task.game, task.graph)
    expected = fit_stages(alone, language, k, 2, climbs=True, polish=True)
    monkeypatch.setattr(conjunction_lists, "MAX_POSITIONS", n)
    found = fit_stages(task, language, k, 2, climbs=True, polish=True)
    assert len(expected.rules) >= k
    assert found.rules[:k] == expected.rules[:k]
    assert in_order(found.rules, found.labels, k) == in_order(expected.rules, expected.labels, k)


def test_what_cannot_be_had_is_refused_in_a_line() -> None:
    with pytest.raises(UsageError, match="no option 'refined' any more: rules are conjunctions with atoms=conjunctions, the default"):
        make_learner("rulelist", {"refined": True})
    for options in ({"semantics": "lexicographic"}, {"objective": "worst"}, {"place": "end"}, {"polish": False}):
        with pytest.raises(UsageError, match="best lists are first-match lists, fitted for regret"):
            RuleListLearner(best=True, **options)
