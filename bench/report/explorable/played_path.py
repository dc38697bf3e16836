"""The play of the policies of one path in every position: the list of k rules for each k, or a network of each size.

From one size to the next a policy changes its play in few positions. So only the changes are kept: a *run* is a range of sizes over
which the same rule decides in a position and leaves the same moves.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.measures.grades import Grades, grades
from games.arrays import Float64s, Int32s, Int64s, UInt64s
from games.errors import WorkError
from policies.api import Learner, Policy, Scores, Task, action_probabilities
from policies.explanation import Entry
from policies.language.atoms import atoms_of
from policies.rules.rulelist import RuleList

MAX_MOVES = 64  # of a position: they are held as a mask
NO_RULE = -1
N_EXAMPLES = 6  # positions of either kind at each size


@dataclass(frozen=True)
class PathStep:
    """One policy: a list of k rules, or a network."""

    size: int
    left: float  # 1 - gain
    grades: Grades
    order: tuple[int, ...] = ()  # of a list, its rules by their numbers, in the order in which they are tried
    right: tuple[int, ...] = ()  # positions that it decides right, and the policy before it did not, by what that saves
    wrong: tuple[int, ...] = ()  # positions in which it errs, by what that costs


@dataclass(frozen=True, eq=False)
class PlayedPath:
    """The policies of a path by size, ascending, and their play."""

    label: str
    unit: str
    steps: tuple[PathStep, ...]
    rules: tuple[Entry, ...]  # of lists, every rule that stands in one of them, by number; empty for other policies
    run_start: Int64s  # [n_states + 1] the runs of state s are run_start[s]:run_start[s + 1]
    run_step: Int32s  # [n_runs] the first step of each run, ascending within a state
    run_rule: Int32s  # [n_runs] the number of the rule that decides, NO_RULE for none
    run_moves: UInt64s  # [n_runs] the moves that may be played, as a mask over the edges of the state

    def run(self, state: int, step: int) -> int:
        """The run in which a step plays in a state that is not final."""
        first, last = self.run_start[state : state + 2].tolist()
        return int(first + np.searchsorted(self.run_step[first:last], step, side="right") - 1)


class _Runs:
    """Runs in the making: the play of a step after another, of which only the changes are kept."""

    def __init__(self, task: Task) -> None:
        self.graph = task.graph
        if self.graph.n_moves.max() > MAX_MOVES:
            raise WorkError(f"{task.game.id} has positions with {self.graph.n_moves.max()} moves, a page holds {MAX_MOVES}")
        self.positions = np.flatnonzero(~self.graph.terminal)
        first = self.graph.edge_start[self.positions]
        self.first = first
        self.bit = np.uint64(1) << (np.arange(self.graph.n_edges) - np.repeat(first, self.graph.n_moves[self.positions])).astype(np.uint64)
        self.rule = np.full(len(self.positions), -2)
        self.moves = np.zeros(len(self.positions), dtype=np.uint64)
        self.found: list[tuple[Int64s, int, Int64s, UInt64s]] = []

    def add(self, step: int, probabilities: Float64s, rule: Int64s) -> None:
        """The play of a step: a probability on every edge, and the rule that decides in every position."""
        moves = np.bitwise_or.reduceat(np.where(probabilities > 0, self.bit, np.uint64(0)), self.first)
        changed = np.flatnonzero((moves != self.moves) | (rule != self.rule))
        self.found.append((self.positions[changed], step, rule[changed], moves[changed]))
        self.rule, self.moves = rule, moves

    def sorted(self) -> tuple[Int64s, Int32s, Int32s, UInt64s]:
        """Starts, steps, rules and moves of all runs, state by state."""
        states = np.concatenate([states for states, *_ in self.found])
        steps = np.concatenate([np.full(len(states), step) for states, step, *_ in self.found])
        order = np.lexsort((steps, states))
        start = np.searchsorted(states[order], np.arange(self.graph.n_states + 1))
        rules, moves = (np.concatenate([each[i] for each in self.found]) for i in (2, 3))
        return start, steps[order].astype(np.int32), rules[order].astype(np.int32), moves[order]


def play_lists(label: str, learner: Learner[Any], task: Task, policies: Iterable[RuleList]) -> PlayedPath:
    """The play of first-match lists of growing size, from no rules on; the last of equally long ones is taken."""
    chosen = [RuleList("first-match", ()), *_by_size(policies)]
    graph, atoms = task.graph, atoms_of(task.game, task.graph)
    numbers = {rule: number for number, rule in enumerate(dict.fromkeys(rule for policy in chosen for rule in policy.rules))}
    entries = learner.explain(RuleList("first-match", tuple(numbers)), task).entries
    held = {rule: atoms.rule_edges(rule) for rule in numbers}
    runs, steps, before = _Runs(task), list[PathStep](), _mean_regret(task, np.ones(graph.n_edges))
    for step, policy in enumerate(chosen):
        scores = np.zeros(graph.n_edges)
        for score, rule in enumerate(reversed(policy.rules), start=1):
            scores[held[rule]] = score
        order = np.array([numbers[rule] for rule in policy.rules])
        best = np.maximum.reduceat(scores, runs.first).astype(np.int64)
        deciding = np.append(order[::-1], NO_RULE)[best - 1]
        new = {numbers[rule] for rule in policy.rules} - set(steps[-1].order if steps else ())
        made, before = _step(task, policy.size, scores, before, np.isin(deciding, [*new]))
        steps.append(dataclasses.replace(made, order=tuple(order.tolist())))
        runs.add(step, action_probabilities(graph, scores), deciding)
    return PlayedPath(label, learner.unit, tuple(steps), entries, *runs.sorted())


def play_policies(label: str, learner: Learner[Any], task: Task, policies: Iterable[Policy]) -> PlayedPath:
    """The play of policies of growing size that have no rules; the first step chooses uniformly among all moves."""
    runs, steps, before = _Runs(task), list[PathStep](), _mean_regret(task, np.ones(task.graph.n_edges))
    everywhere, no_rule = np.ones(len(runs.positions), dtype=np.bool_), np.full(len(runs.positions), NO_RULE)
    scored = [(0, np.zeros(task.graph.n_edges)), *((policy.size, policy.scores(task)) for policy in _by_size(policies))]
    for step, (size, scores) in enumerate(scored):
        made, before = _step(task, size, scores, before, everywhere)
        steps.append(made)
        runs.add(step, action_probabilities(task.graph, scores), no_rule)
    return PlayedPath(label, learner.unit, tuple(steps), (), *runs.sorted())


def _by_size(policies: Iterable[Any]) -> list[Any]:
    """The policies of growing size that have any, of equally large ones the last."""
    found: list[Any] = []
    for policy in policies:
        while found and found[-1].size >= policy.size:
            found.pop()
        found.append(policy)
    return [policy for policy in found if policy.size]


def _step(task: Task, size: int, scores: Scores, before: Float64s, is_new: Any) -> tuple[PathStep, Float64s]:
    """The step of a policy, and what it loses in every position; `before`: the same of the policy before it."""
    probabilities = action_probabilities(task.graph, scores)
    after = _mean_regret(task, probabilities)
    weights = task.weights[~task.graph.terminal]
    positions = np.flatnonzero(~task.graph.terminal)
    right = _largest(np.where((after == 0) & is_new, weights * before, 0.0))
    wrong = _largest(weights * after)
    return (
        PathStep(
            size=size,
            left=1.0 - task.gain(probabilities),
            grades=grades(task.graph, task.solution, probabilities),
            right=tuple(positions[right].tolist()),
            wrong=tuple(positions[wrong].tolist()),
        ),
        after,
    )


def _mean_regret(task: Task, weights: Float64s) -> Float64s:
    """What moves chosen with these weights lose on average in every state that is not final. [n_positions]"""
    first = task.graph.edge_start[:-1][~task.graph.terminal]
    total: Float64s = np.add.reduceat(weights * task.solution.regret, first) / np.add.reduceat(weights, first)
    return total


def _largest(values: Float64s) -> Sequence[int]:
    """The indices of the largest positive values, the first of equal ones first."""
    order = np.argsort(-values, kind="stable")[:N_EXAMPLES]
    found: list[int] = order[values[order] > 0].tolist()
    return found
