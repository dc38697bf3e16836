"""First-match lists that grow in stages: greedy insertion, every rule climbed to a conjunction, and rules exchanged for better ones.

A list grows in stages, each twice as long as the one before. Candidates are all atoms of the language, the conjunctions found so far,
and at first each pair of literals. The candidate that saves most (policies/fitting/insertion.py) is changed literal by literal while
that saves more (policies/fitting/conjunctions.py), and enters where it saves most. At the end of a stage each rule that it has added
is taken out, and the best rule in its stead is put in, until no exchange saves. Then the rules of the stage are put into the order in
which they save most. So each list is part of all longer ones, and none depends on how many rules were asked for. After the last
stage, candidates are inserted as they are.

On games with more than `MAX_POSITIONS` contested positions the stages see that many of them, evenly spaced, and no single positions;
the list found is then entered, and continued, on all positions.
"""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from policies.api import Task
from policies.fitting.growing_list import STAGES, Entry, GrowingList
from policies.fitting.part import part_of
from policies.language.atoms import Atoms, Rule
from policies.language.language import Language

FEW = 32  # rules: up to here the best lists are looked for from several starts
MAX_POSITIONS = 200_000


class StagedFit(NamedTuple):
    """Rules in the order in which they entered, and their labels: the list is in order of labels."""

    rules: list[Rule]
    labels: list[float]


def fit_stages(task: Task, language: Language, n_rules: int, support: int, climbs: bool, polish: bool) -> StagedFit:
    """Up to `n_rules` rules, fewer when none helps any more; prefixes of the fit are the lists of fewer rules.

    climbs: whether rules are conjunctions, or single atoms. polish: whether rules are exchanged.
    """
    part = _sampled(task, language)
    growing = GrowingList(*part, support, climbs)
    growing.grow_stages(n_rules, polish)
    is_sampled = part[0] is not task
    if len(growing.entries) < n_rules and (n_rules > STAGES[-1] or is_sampled):
        growing = growing.on(task, language, support) if is_sampled else growing
        growing.begin(n_rules)
        growing.extend(n_rules)
    return StagedFit([growing.rule(entry) for entry in growing.entries], growing.start.tolist())


def best_lists(task: Task, language: Language, budgets: Sequence[int], support: int, climbs: bool) -> list[list[Rule]]:
    """For each budget, ascending, the best list that was found, in its order.

    Each is looked for from the best list of the budget before; and, up to FEW rules, from what the best longer list leaves when the
    rules that save least are taken out, and from the list of `fit_stages`.
    """
    growing = GrowingList(*_sampled(task, language), support, climbs)
    found: dict[int, tuple[float, list[Entry]]] = {}
    few = [budget for budget in budgets if budget <= FEW]
    steps = sorted({*budgets, *(2 * budget for budget in few[-1:])})
    shorter: list[Entry] = []
    for budget in steps:
        growing.search(shorter, budget)
        shorter = growing.in_order()
        found[budget] = growing.level, shorter
    if few:
        growing.grow_stages(few[-1], polish=True)
        nested = growing.entries, growing.start
    for budget in reversed(few):
        longer = found[next(step for step in steps if step > budget)][1]
        prefix = [nested[0][i] for i in np.argsort(nested[1][:budget])]
        for start in (growing.shrunk(longer, budget), prefix):
            growing.search(start, budget)
            found[budget] = min(found[budget], (growing.level, growing.in_order()), key=lambda each: each[0])
    return [[growing.rule(entry) for entry in found[budget][1]] for budget in budgets]


def _sampled(task: Task, language: Language) -> tuple[Task, Language]:
    """The task on at most MAX_POSITIONS contested positions, evenly spaced, and the language there, without single positions."""
    graph = task.graph
    contested = np.zeros(graph.n_states, dtype=np.bool_)
    contested[graph.edge_parent[task.solution.regret > 0]] = True
    positions = np.flatnonzero(contested & (task.weights > 0))
    if len(positions) <= MAX_POSITIONS:
        return task, language
    kept = positions[np.linspace(0, len(positions) - 1, MAX_POSITIONS).astype(np.int64)]
    if all(concept.depth <= 1 for concept in language.concepts):
        part = part_of(task, kept)
        atoms = Atoms(task.game, part.graph)
        return part, dataclasses.replace(language, atoms=atoms, has_positions=False)
    weights = np.zeros(graph.n_states)
    weights[kept] = task.weights[kept]
    return dataclasses.replace(task, weights=weights), dataclasses.replace(language, has_positions=False)
