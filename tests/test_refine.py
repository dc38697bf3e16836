"""Refined rules: every change of a draft is weighed as a whole new rule would be, and planted conjunctions are found."""

import numpy as np
import pytest

from policies.api import action_probabilities
from policies.fitting.column_generation import DROP, MAX_LITERALS, N_CELLS, N_CHANGES, Draft, Search, fit_refined
from policies.fitting.decision_costs import OBJECTIVES
from policies.fitting.greedy import fit_greedy
from policies.fitting.insertion import enter
from policies.language.atoms import Literal, atoms_of
from policies.language.language import make_language
from policies.language.patterns import ANYTHING
from policies.rules.rulelist import RuleList, RuleListLearner, in_order
from policies.task import make_task
from tests.test_greedy import with_regret


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(
    ("game_id", "name"), [("tictactoe", "concepts+patterns"), ("go-2x3", "lookahead+patterns+priority"), ("go-2x3", "cells")]
)
def test_a_change_saves_what_the_changed_rule_saves(game_id: str, name: str, objective: str) -> None:
    """Against the plain way: make the changed rule, ask where it holds, and add up position by position."""
    task, rng = make_task(game_id), np.random.default_rng(1)
    search = Search(task, make_language(name, task.game, task.graph), objective, 1, 3)
    for _ in range(2):
        best = search.best_rule(1e-12)
        assert best is not None
        enter(search.state, search.pairs, -1, best.positions, best.costs, best.before, best.after)
    for before in (np.inf, float(search.state.label[1])):
        draft = Draft((ANYTHING,) * N_CELLS)
        for _ in range(4):
            savings = search.weigh_changes(draft, before)
            possible = np.flatnonzero(savings > -np.inf)
            for change in rng.choice(possible, min(30, len(possible)), replace=False).tolist():
                changed = draft.changed(change)
                rule = search.rule(changed)
                placed = search.placed(rule, 0.0)
                total = -changed.bits() if objective == "codelength" else 0.0
                for i, cost in zip(placed.positions, placed.costs, strict=True):
                    owner, present, weight, _ = search.state.hand[i]
                    if owner < 0 or search.state.label[int(owner)] >= before:
                        total += weight * (present - cost)
                assert savings[change] == pytest.approx(total, rel=1e-6, abs=1e-6)
            draft = draft.changed(int(rng.choice(possible)))


def test_changes_have_their_numbers() -> None:
    draft = Draft((ANYTHING,) * N_CELLS).changed(5 * 3 + 2)
    assert draft.cells[3] == 2
    assert draft.changed(5 * 3 + ANYTHING) == Draft((ANYTHING,) * N_CELLS)
    required = draft.changed(N_CHANGES + 7)
    both = required.changed(N_CHANGES + MAX_LITERALS + 9)
    assert (both.required, both.excluded) == (1 << 7, 1 << 9)
    assert both.changed(N_CHANGES + DROP * MAX_LITERALS + 9) == required
    assert both.changed(N_CHANGES + DROP * MAX_LITERALS + 7).changed(N_CHANGES + DROP * MAX_LITERALS + 9) == draft


@pytest.mark.parametrize(("game_id", "name"), [("tictactoe", "concepts+patterns"), ("go-3x3", "patterns"), ("nim-3-4-5", "cells")])
def test_refined_lists_gain_what_they_say_and_no_less_than_plain_ones_at_first(game_id: str, name: str) -> None:
    task = make_task(game_id)
    language = make_language(name, task.game, task.graph)
    fit, plain = fit_refined(task, language, 6, "regret", 1), fit_greedy(task, language, "first-match", 6)
    assert np.all(np.diff([0.0, *fit.gains]) > 0)
    assert not plain.gains or fit.gains[0] >= plain.gains[0] - 1e-6
    for n_rules in range(1, len(fit.rules) + 1):
        policy = RuleList("first-match", in_order(fit.rules, fit.labels, n_rules))
        assert task.gain(action_probabilities(task.graph, policy.scores(task))) == pytest.approx(fit.gains[n_rules - 1], abs=1e-6)
        learner = RuleListLearner(refined=True)
        assert learner.decode(learner.encode(policy, task), task) == policy


@pytest.mark.parametrize("name", ["concepts", "concepts+lookahead"])
def test_a_planted_conjunction_is_found(name: str) -> None:
    """Every list of one rule, of two words of which one may be negated, comes back as one rule that plays the same."""
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
        fit = fit_refined(task, language, 3, "regret", 1)
        assert fit.gains[-1] == pytest.approx(1, abs=1e-6)
        n_found += len(fit.rules) == 1
    assert n_found >= 8
