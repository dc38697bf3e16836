"""The facts about each rule of a list: its gain, its bits, where it decides, and positions at which it is right and wrong."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from games.arrays import Bools, Float64s, Int64s
from policies.api import Scores, Task
from policies.rules.format.file import rule_parts
from policies.rules.format.literals import CLOSED
from policies.rules.rulelist import RuleList

MAX_FILES = 64  # that are measured to see what each rule adds; of more rules, neighbours share what they add together


@dataclass(frozen=True)
class Case:
    """A position at which a rule decides: as it is drawn, the moves that are left after the rule with what each loses, and the best."""

    position: list[str]
    moves: dict[str, int]
    best: list[str]


@dataclass(frozen=True, eq=False)
class RuleFacts:
    """One number a rule: [n_rules] each; under first-match a rule *decides* where it is the first to apply, else where it narrows.

    A rule *errs* where it decides and, under first-match, leaves a move that is not optimal; under lexicographic, throws away
    the last optimal move that was left.
    """

    gain: Float64s  # what it adds to the gain of the rules before it
    bits: Float64s  # what it adds to the ideal length of the file; only of those shown: [n_shown]
    coverage: Float64s  # weight of the positions at which it decides
    n_decided: Int64s
    n_errors: Int64s
    right: list[Case | None]  # where it saves most without erring
    wrong: list[Case | None]  # where it errs and costs most


@dataclass(frozen=True, eq=False)
class Decisions:
    """Every (position, rule that decides there), position by position: [n_decisions] each."""

    state: Int64s
    rule: Int64s
    before: Float64s  # mean regret of the moves that the rules before it leave
    after: Float64s  # of those that it leaves
    errs: Bools


def rule_facts(policy: RuleList, task: Task, shown: range, code: str = CLOSED) -> RuleFacts:
    """The facts about each rule of a list, over the task's weights; with examples for the rules whose indices are in `shown`."""
    n_rules = policy.size
    scores = policy.scores(task)
    found = decisions(policy, task, scores)
    weights = task.weights[found.state]
    saved = found.before - found.after
    costs = found.after if policy.semantics == "first-match" else -saved
    right, wrong = (
        [_case(policy, task, scores, found, i) if i >= 0 and rule in shown else None for rule, i in enumerate(picked.tolist())]
        for picked in (_largest(found, saved, ~found.errs, n_rules), _largest(found, costs, found.errs, n_rules))
    )
    return RuleFacts(
        gain=np.bincount(found.rule, weights * saved, n_rules) / (task.uniform_regret or 1.0),
        bits=file_shares(policy, task, shown, code),
        coverage=np.bincount(found.rule, weights, n_rules).astype(np.float64),
        n_decided=np.bincount(found.rule, minlength=n_rules),
        n_errors=np.bincount(found.rule[found.errs], minlength=n_rules),
        right=right,
        wrong=wrong,
    )


def file_shares(policy: RuleList, task: Task, shown: range, code: str = CLOSED) -> Float64s:
    """How many bits each rule adds to the ideal length of the file of those before it. [n_shown]"""
    return prefix_shares(lambda n: sum(rule_parts(policy.semantics, policy.rules[:n], task, code).values()), shown)


def prefix_shares(length: Callable[[int], float], shown: range) -> Float64s:
    """What each of the shown rules adds to a length, given that of the first `n`; of more than MAX_FILES neighbours share. [n_shown]"""
    ends = np.unique(np.linspace(shown.start, shown.stop, min(len(shown), MAX_FILES) + 1).round().astype(np.int64))
    added = np.diff([length(n) for n in ends.tolist()])
    return np.repeat(added / np.diff(ends), np.diff(ends))


def decisions(policy: RuleList, task: Task, scores: Scores) -> Decisions:
    """Which rules decide at which positions, read off the scores of the moves.

    Sorted by score, the moves of a position fall into groups. Under lexicographic those of score s were thrown away by rule
    s + 1, and all groups above are what it left. Under first-match the last group is what the deciding rule leaves.
    """
    graph, n_rules = task.graph, policy.size
    regret = task.solution.regret.astype(np.int64)
    group_of = graph.edge_parent.astype(np.int64) * (n_rules + 1) + scores.astype(np.int64)
    order = np.argsort(group_of, kind="stable")
    begin = np.flatnonzero(np.diff(group_of[order], prepend=-1))
    state, score = np.divmod(group_of[order][begin], n_rules + 1)
    total, n_optimal = (np.append(0, np.cumsum(values[order])) for values in (regret, regret == 0))
    end = graph.edge_start[state + 1]
    mean = (total[end] - total[begin]) / (end - begin)  # of this group and those above it
    has_optimal = n_optimal[end] > n_optimal[begin]
    last = np.append(state[1:] != state[:-1], True)[: len(state)]
    if policy.semantics == "first-match":
        decided = np.flatnonzero(last & (score > 0))
        whole = mean[np.flatnonzero(np.diff(state, prepend=-1))]  # of all moves of each position, in the order of the positions
        before = whole[np.cumsum(last)[decided] - 1]
        return Decisions(state[decided], n_rules - score[decided], before, mean[decided], mean[decided] > 0)
    narrowed = np.flatnonzero(~last)
    errs = has_optimal[narrowed] & ~has_optimal[narrowed + 1]
    return Decisions(state[narrowed], score[narrowed], mean[narrowed], mean[narrowed + 1], errs)


def _largest(found: Decisions, values: Float64s, among: Bools, n_rules: int) -> Int64s:
    """For each rule the decision with the largest value, the first of equal ones; -1 for none. [n_rules]"""
    chosen = np.flatnonzero(among)
    order = chosen[np.lexsort((chosen, -values[chosen], found.rule[chosen]))]
    rules, first = np.unique(found.rule[order], return_index=True)
    picked = np.full(n_rules, -1)
    picked[rules] = order[first]
    return picked


def _case(policy: RuleList, task: Task, scores: Scores, found: Decisions, decision: int) -> Case:
    graph, game = task.graph, task.game
    state, rule = int(found.state[decision]), int(found.rule[decision])
    edges = np.arange(graph.edge_start[state], graph.edge_start[state + 1])
    least = policy.size - rule if policy.semantics == "first-match" else rule + 1
    regret = task.solution.regret
    moves = {game.action_name(int(graph.edge_action[edge])): int(regret[edge]) for edge in edges if scores[edge] >= least}
    best = [game.action_name(int(graph.edge_action[edge])) for edge in edges if regret[edge] == 0]
    return Case(game.render(int(graph.states[state])).splitlines(), moves, best)
