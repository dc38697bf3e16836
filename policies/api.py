"""The contracts of a policy and of a learner, and the task that a learner sees.

A policy is a score on every move: the best-scored moves of a position are chosen, ties at random. Scores rather than bare
probabilities, because the order of the moves behind the first is information too: it is what the exceptions of a
description (bench/measures/coding.py) start from.
"""

import math
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
import numpy.typing as npt

from games.arrays import Float64s, Int64s
from games.contract import Game
from games.errors import UsageError, WorkError
from games.jit import njit
from games.solving.graph import GameGraph
from games.solving.solve import Solution
from policies.explanation import Explanation

Scores = npt.NDArray[np.float64]
MAX_SEED = (1 << 63) - 1
MAX_BUDGET = (1 << 31) - 1


@dataclass(frozen=True, eq=False)
class Task:
    """The input of a learner: a game's graph, its solution, and the weight of each position.

    >>> from policies.task import make_task
    >>> task = make_task("tictactoe")
    >>> task.graph.n_states, task.graph.n_edges, float(task.weights.sum())
    (765, 2270, 1.0)
    >>> round(task.uniform_regret, 4), task.gain(uniform_probabilities(task.graph))
    (0.6328, 0.0)
    """

    game: Game
    graph: GameGraph
    truth: Solution | None  # None: nobody has solved it, as in self-play
    weights: Float64s  # [n_states] zero on terminal states, summing to one

    @property
    def solution(self) -> Solution:
        """The exact solution of the graph; raises WorkError if it has none."""
        if self.truth is None:
            raise WorkError(f"{self.game.id} is not solved here, and this needs its exact values: choose a smaller size")
        return self.truth

    @cached_property
    def uniform_regret(self) -> float:
        """The regret of choosing uniformly among the legal moves: what gain 0 stands for, in the game's units."""
        return self.regret(uniform_probabilities(self.graph))

    def regret(self, action_probabilities: Float64s) -> float:
        """The mean regret, in the game's units, of a policy given as a probability on every edge: [n_edges]."""
        chances = self.weights[self.graph.edge_parent]
        chances *= action_probabilities
        return float(np.dot(chances, self.solution.regret.astype(np.float64)))

    def gain(self, action_probabilities: Float64s) -> float:
        """1 - regret / regret of uniform choice: 0 for random play, 1 for perfect play.

        Raises WorkError where no move of any position is worse than another: there is nothing to gain.
        """
        if self.uniform_regret == 0:
            raise WorkError(f"on {self.game.id} every move is optimal in every position: there is nothing to learn; choose a larger size")
        return 1.0 - self.regret(action_probabilities) / self.uniform_regret


class Policy(Protocol):
    """One fitted way of playing a game.

    >>> import gaincurve
    >>> fitted = gaincurve.fit("tictactoe", "rulelist", 4)
    >>> scores = fitted.policy.scores(fitted.task)
    >>> fitted.policy.size, scores.shape, scores.dtype
    (4, (2270,), dtype('float64'))
    >>> round(fitted.task.gain(action_probabilities(fitted.task.graph, scores)), 4)
    0.972
    """

    @property
    def size(self) -> int:
        """How many units of its learner's budget it uses."""

    def scores(self, task: Task) -> Scores:
        """A score for every edge, higher is better. [n_edges]

        The score of a move depends on the game, the position and the move alone: not on the solution, nor on which other states
        the graph holds. Raises UsageError where the graph does not reach as far as the policy looks.
        """

    def operations(self, task: Task) -> Float64s | float:
        """What a decision takes in each state, in operations (games/concepts/work.py): [n_states], or one number for all of them."""


def mean_and_worst(policy: Policy, task: Task) -> tuple[float, float]:
    """The operations of a decision in the mean over the task's weights, and the most that one with weight takes."""
    found = np.broadcast_to(np.asarray(policy.operations(task), dtype=np.float64), len(task.weights))
    return float(np.dot(task.weights, found)), float(found[task.weights > 0].max(initial=0.0))


@runtime_checkable
class HasValues(Protocol):
    """A policy that also values positions, for the leaves of a search."""

    def values(self, task: Task) -> Float64s:
        """The value of each state for its mover, comparable between positions. [n_states]"""


@runtime_checkable
class CountsParameters(Protocol):
    """A policy with parameters, as networks have them."""

    @property
    def n_parameters(self) -> int:
        """How many numbers were fitted."""


PolicyT = TypeVar("PolicyT", bound=Policy)
FitPath = Generator[PolicyT, None, bool]  # policies, and in the end whether a larger budget would bring nothing


class Learner(Protocol[PolicyT]):
    """A way of writing policies down, with a fitter. `unit` is what the budget counts, in the plural.

    A learner that reads files of its own names their paths in `data_files`, a tuple, so that records are made anew when these change.
    """

    @property
    def name(self) -> str: ...

    @property
    def unit(self) -> str: ...

    @property
    def is_nested(self) -> bool:
        """Whether the policies of a path are prefixes of one order, each what the path to its own budget ends with."""

    def default_budgets(self, task: Task) -> Sequence[int]:
        """The budgets to use when the user names none, ascending."""

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[PolicyT]:
        """One policy for each budget, ascending; a nested learner fits once and yields prefixes.

        May end early when a larger budget would bring nothing. A generator may return whether that is so (a FitPath), which is needed
        where it ends at the last budget, or early for another reason. The same task, budgets and seed give the same policies.

        >>> from policies.registry import make_learner
        >>> from policies.task import make_task
        >>> learner, task = make_learner("rulelist"), make_task("tictactoe")
        >>> [(policy.size, 8 * len(learner.encode(policy, task))) for policy in learner.fit_path(task, [1, 2, 4], seed=0)]
        [(1, 16), (2, 24), (4, 48)]
        """

    def encode(self, policy: PolicyT, task: Task) -> bytes:
        """The policy as a file's content; its length is the policy's description length."""

    def decode(self, data: bytes, task: Task) -> PolicyT:
        """The policy that `encode` wrote; raises UsageError for bytes that it did not write."""

    def source(self, policy: PolicyT, task: Task) -> str:
        """The source text of what the file presupposes (predicates, features, architecture): its language."""

    def explain(self, policy: PolicyT, task: Task) -> Explanation:
        """The policy in words: how it is read, and its entries, a rule or a unit each."""


class Range(NamedTuple):
    """The numbers that an option of a learner takes, both ends included; the lower one is not if the range `is_open`."""

    low: float = -math.inf
    high: float = math.inf
    is_open: bool = False


class OneOf(NamedTuple):
    """The texts that an option of a learner takes."""

    values: tuple[str, ...]


def uniform_probabilities(graph: GameGraph) -> Float64s:
    """Uniform choice among the legal moves of every position: [n_edges]."""
    return _even(graph.edge_start)


@njit
def _even(edge_start: Int64s) -> Float64s:
    even = np.empty(edge_start[-1])
    for state in range(edge_start.shape[0] - 1):
        first, last = edge_start[state], edge_start[state + 1]
        if first < last:
            even[first:last] = 1.0 / (last - first)
    return even


def action_probabilities(graph: GameGraph, scores: Scores) -> Float64s:
    """The probability of every edge under a policy: equal among the best-scored moves of a position, else zero. [n_edges]"""
    return _best_shared(graph.edge_start, np.ascontiguousarray(scores, dtype=np.float64))


@njit
def _best_shared(edge_start: Int64s, scores: Scores) -> Float64s:
    weights = np.zeros(scores.shape[0], dtype=np.float64)
    for state in range(edge_start.shape[0] - 1):
        first, last = edge_start[state], edge_start[state + 1]
        if first == last:
            continue
        best = scores[first]
        for edge in range(first + 1, last):
            best = max(best, scores[edge])
        n_best = 0
        for edge in range(first, last):
            n_best += int(scores[edge] == best)
        for edge in range(first, last):
            if scores[edge] == best:
                weights[edge] = 1.0 / n_best
    return weights


def budget_ladder(largest: int) -> list[int]:
    """Budgets 1, 2, 3, 4, 6, 8, 11, 16, 23, 32, ...: half-octave steps up to and including the largest."""
    steps = {round(2 ** (i / 2)) for i in range(2 * max(1, largest).bit_length())}
    return sorted({*(step for step in steps if step <= largest), largest})


def check_budgets(budgets: Iterable[int]) -> list[int]:
    """The budgets sorted, without repeats; raises UsageError unless all are from 1 to MAX_BUDGET, more than a game has moves."""
    chosen = sorted(set(budgets))
    if not chosen or chosen[0] < 1:
        raise UsageError(f"budget {chosen[0] if chosen else 'list'} {'is below 1' if chosen else 'is empty'}: give whole numbers from 1 up")
    if chosen[-1] > MAX_BUDGET:
        raise UsageError(f"budget {chosen[-1]} is too large: give whole numbers from 1 to {MAX_BUDGET:,}")
    return chosen


def check_seeds(seeds: Iterable[int]) -> list[int]:
    """The seeds in their order, without repeats; raises UsageError unless all are from 0 to MAX_SEED, which every generator takes."""
    chosen = list(dict.fromkeys(seeds))
    for seed in chosen:
        if not 0 <= seed <= MAX_SEED:
            raise UsageError(f"seed {seed} is {'below 0' if seed < 0 else 'too large'}: give whole numbers from 0 to {MAX_SEED:,}")
    return chosen
