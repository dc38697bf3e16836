"""One fitted policy with all its measures: fitted to the truth, a part of it or a teacher, or read from its file."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.harness.measure import explained, measure_policy
from bench.harness.path import FittedPath
from bench.harness.point import Point
from bench.harness.policyfile import load_policy, pack, read_policy, save_policy
from bench.harness.tasks import proved_of_game, task_of_game
from bench.harness.versions import naming_missing_libraries
from bench.measures.coding import Description, describe
from bench.measures.heldout import check_learner, sides_of
from bench.measures.reader import comparable_language_bits
from bench.measures.residual_bounds import left_unseen
from bench.measures.rule_table import RuleTable, rule_table
from bench.wording import count_units
from games.arrays import Float64s
from games.errors import UsageError, WorkError
from policies.adapters.choose_move import ChooseMove, as_scores, chosen_edges
from policies.api import Learner, Policy, Scores, Task, action_probabilities, check_budgets, check_seeds
from policies.explanation import Explanation
from policies.proved_task import ProvedTask
from policies.registry import make_learner, read_options
from policies.rules.format.literals import code_of
from policies.rules.human import HumanLearner
from policies.rules.rulelist import RuleListLearner
from policies.rules.shortest import MAX_LENGTH, ShortestPolicy, shortest_policy
from policies.sampled_task import sample_options
from policies.task import BOARDS, check_split, fitted_part
from policies.teacher import fidelity, taught

if TYPE_CHECKING:
    from policies.adapters.openspiel_bot import PolicyBot

During = Callable[[str], AbstractContextManager[Any]]


class Goal(NamedTuple):
    """The grade that the shortest rule list has to reach, and the seat."""

    grade: str
    seat: str


@dataclass(frozen=True, eq=False)
class FittedPolicy:
    """A policy as it came back from its bytes, the task that it is measured on, and the learner that reads it.

    Gain and regret are over all positions by the task's weights; bits are those of docs/definitions.md.
    """

    task: Task
    learner: Learner[Any]
    policy: Policy
    data: bytes  # what the policy was decoded from: the learner's own bytes
    learner_name: str  # by which `policies.registry` has it
    options: Mapping[str, Any]  # of the learner, those that were given
    budget: int | None = None  # None where it was not fitted here
    seconds: float = 0.0  # that fitting took
    part: Task | None = None  # the part of the task that it was fitted to, where that is not all of it
    split: str = BOARDS  # what was drawn to make that part
    lessons: Scores | None = None  # the teacher's scores, where there was one: [n_edges]
    shortest: ShortestPolicy | None = None  # the search that proved it shortest, where there was one
    is_finished: bool | None = None  # the fit ended by itself, and no further unit gains; None where it was not fitted here
    proved: ProvedTask | None = None  # the truth set that the task is of, if it is

    def __repr__(self) -> str:
        what = f"{self.learner_name} on {self.task.game.id}: {count_units(self.policy.size, self.learner.unit)}"
        gain = f"gain {self.gain:.4f}, " if self.task.uniform_regret > 0 else ""  # on some games every move is optimal
        return f"<{what}, {gain}{self.policy_bits:,} policy bits>"

    def scores(self) -> Scores:
        """A score for every move; the best-scored moves of a position are chosen, ties at random. [n_edges]"""
        return self._scores

    @cached_property
    def _scores(self) -> Scores:
        return self.policy.scores(self.task)

    @property
    def action_probabilities(self) -> Float64s:
        """The probability of every move: equal among the best-scored moves of a position, else zero. [n_edges]"""
        return action_probabilities(self.task.graph, self._scores)

    @cached_property
    def gain(self) -> float:
        """1 - regret / regret of random play: 0 for random play, 1 for perfect play."""
        return self.task.gain(self.action_probabilities)

    @property
    def policy_bits(self) -> int:
        """Eight times the length of the bytes that decode to the policy."""
        return 8 * len(self.data)

    @property
    def language_bits(self) -> int:
        """The compressed source of what these bytes presuppose; no other length counts it in."""
        return self._description.language_bits

    @property
    def comparable_language_bits(self) -> int | None:
        """The compressed source of all that reads and plays a file of this learner, given the rules; None for one from outside."""
        return comparable_language_bits(self.learner, self.policy, self.task)

    @property
    def exception_bits(self) -> int | None:
        """The corrections that turn the policy into perfect play at every position; None on a sample of them."""
        return self._description.exception_bits

    @property
    def bits(self) -> int:
        """Bits of policy and exceptions together: the length of a file that decodes to perfect play."""
        return self._description.codelength

    @cached_property
    def _description(self) -> Description:
        return describe(self.task, self.learner, self.policy)

    @cached_property
    def point(self) -> Point:
        """All that a record holds of a policy but the games left: grades, expected results, operations, missing bits and the rest."""
        budget = self.policy.size if self.budget is None else self.budget
        sides = None if self.part is None else sides_of(self.task, self.part, self.split)
        return measure_policy(
            self.task, self.learner, self.policy, budget, self.seconds, with_results=True, sides=sides, with_games_left=False
        )[0]

    @cached_property
    def left(self) -> tuple[float, float] | None:
        """On a truth set the least and the greatest residual at the positions that it was not fitted to; else None."""
        return None if self.proved is None else left_unseen(self.proved, self.part, self.policy)

    @property
    def fidelity(self) -> float | None:
        """The share of positions in which it chooses among its teacher's best moves only; None without a teacher."""
        return None if self.lessons is None else fidelity(self.task, self._scores, self.lessons)

    def explain(self) -> Explanation:
        """The policy in words."""
        return explained(self.learner, self.policy, self.task)

    def table(self) -> RuleTable:
        """One row a rule, leaf, weighted atom or hidden unit: what it gains, costs, decides and gets wrong (docs/explain.md).

        Raises UsageError for a policy that is no list, tree, weighted list or network.
        """
        return rule_table(self.learner, self.policy, self.task, self.policy_bits, code_of(self.options))

    def bot(self, seed: int = 0) -> "PolicyBot":
        """A bot of OpenSpiel, for `pyspiel.evaluate_bots`, that draws among the best-scored moves by the seed.

        It plays an `openspiel:` game, tic-tac-toe, and Go on a square board. Raises UsageError for a policy of another game.
        """
        from policies.adapters.openspiel_bot import PolicyBot

        return PolicyBot(self.task, self._scores, seed)

    def save(self, path: str | Path) -> None:
        """Write the policy to a file, which `gaincurve.load` and `gaincurve explain` read."""
        save_policy(Path(path), pack(self.task.game.id, self.learner_name, dict(self.options), self.policy.size, self.data))


Teacher = FittedPolicy | str | Path | ChooseMove


def fit_policy(
    game: str,
    name: str,
    options: Mapping[str, Any],
    budget: int | None,
    seed: int = 0,
    weights: str = "uniform",
    held_out: float | None = None,
    teacher: Teacher | None = None,
    goal: Goal | None = None,
    during: During = nullcontext,
    split: str = BOARDS,
    positions: int | None = None,
) -> FittedPolicy:
    """Fit a policy of at most `budget` units, write it down, and return what its bytes decode to.

    The policy is fitted to the truth, or to what a teacher prefers. `held_out` keeps a share of the boards (below 1) or a number of them
    (from 1 up) from the fit, drawn by the seed; with `split = positions` single positions are drawn. With `positions` the task is a random
    sample of N positions, drawn by the seed, and a number that is held out comes on top (policies/sampled_task.py). With a goal it
    is the shortest rule list that reaches the goal, and the budget is the longest list to try. Only a written list and a
    learner with a single budget need neither. `during(text)` makes the context of each stretch of work.

    Raises UsageError for unknown names and values out of range, WorkError where there is nothing to learn or no list reaches the goal.
    """
    options = read_options(name, options if positions is None else sample_options(name, options))
    learner = make_learner(name, options)
    check_seeds([seed])
    if goal is not None and not isinstance(learner, RuleListLearner):
        raise UsageError(f"--shortest searches lists of rules: write rulelist, not {name}")
    if held_out is not None or teacher is not None:
        check_learner(name if goal is None else "shortest")
    if held_out is None and split != BOARDS:
        raise UsageError("split says what is held out: give held_out, for example 0.5")
    budgets = [] if budget is None else check_budgets([budget])
    if held_out is not None:
        check_split(held_out, split)
    with during(f"solving {game}" if positions is None else f"drawing {positions:,} positions of {game}"):
        task = seen = task_of_game(game, weights, positions, seed, held_out)
        proved = proved_of_game(game, weights, positions, held_out)
    lessons = part = search = is_finished = None
    if teacher is not None:
        with during("asking the teacher"):
            lessons = teacher_scores(teacher, task)
            seen = taught(task, lessons)
    if held_out is not None:
        seen = part = fitted_part(seen, held_out, split, seed)
    with during(f"fitting {name}"), naming_missing_libraries():
        began = time.perf_counter()
        if goal is None or not isinstance(learner, RuleListLearner):
            path = FittedPath(learner, seen, budgets or _only_budget(learner, seen), seed)
            policies = [policy for _, policy in path]
            if not policies:
                why = "the fit ended without any" if path.is_finished else "give a larger budget"
                raise WorkError(f"{name} found no policy of up to {count_units(path.budgets[-1], learner.unit)} on {game}: {why}")
            policy, is_finished = policies[-1], path.is_finished
        else:
            search = shortest_policy(task, learner, *goal, *budgets or [MAX_LENGTH])
            policy = _found(search, goal, task)
        seconds = time.perf_counter() - began
        data = learner.encode(policy, task)
        read = learner.decode(data, task)
    return FittedPolicy(task, learner, read, data, name, dict(options), budget, seconds, part, split, lessons, search, is_finished, proved)


def load_fitted(path: Path, game: str | None = None, weights: str = "uniform", positions: int | None = None, seed: int = 0) -> FittedPolicy:
    """The policy of a file, measured by these weights of positions, or on a sample of them. Raises UsageError as `load_policy` does."""
    task, learner, policy, header = load_policy(path, game, weights, positions, seed)
    proved = proved_of_game(task.game.id, weights, positions)
    return FittedPolicy(task, learner, policy, read_policy(path)[1], header.learner, header.options, proved=proved)


def teacher_scores(teacher: Teacher, task: Task) -> Scores:
    """A teacher's score for every move of a task: [n_edges]. A player that only chooses moves gives 1 to those, else 0.

    Raises UsageError for a policy of another game or a move that is not legal.
    """
    if isinstance(teacher, FittedPolicy):
        if teacher.task.game != task.game:
            raise UsageError(f"the teacher is a policy for {teacher.task.game.id}, not for {task.game.id}")
        return teacher.policy.scores(task)
    if isinstance(teacher, str | Path):
        _, _, policy, _ = load_policy(Path(teacher), task.game.id)
        return policy.scores(task)
    return as_scores(chosen_edges(teacher, task), task)


def _only_budget(learner: Learner[Any], task: Task) -> list[int]:
    """The budget of a learner that needs none: its only one, or a written list as a whole. Raises UsageError where there is a choice."""
    budgets = list(learner.default_budgets(task))
    if isinstance(learner, HumanLearner):
        return budgets[-1:]
    if len(budgets) > 1:
        raise UsageError(f"{learner.name} needs a budget: how many {learner.unit} may it use? give --budget N")
    return budgets


def _found(search: ShortestPolicy, goal: Goal, task: Task) -> Policy:
    """The list of a search. Raises WorkError where it found none."""
    if search.policy is None:
        hint = "give another --language" + ("" if search.certificate.length is None else ", or a larger --budget for longer lists")
        raise WorkError(search.refusal(f"{goal.grade} ({goal.seat}) on {task.game.id} in this language") + f"; {hint}")
    return search.policy
