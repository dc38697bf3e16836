"""What every learner must do, as code: run `check_learner` on a new one before trusting any number about it."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from games.errors import UsageError, WorkError
from games.solving.oracle import GraphOracle, solve_sample
from games.solving.sample import sample_graph
from games.solving.solve import Solution
from policies.api import HasValues, Learner, Policy, Task
from policies.explanation import Explanation
from policies.position_weights import position_weights

Check = Callable[[Learner[Any], Task, Sequence[Policy]], None]

N_FOREIGN = 200
N_SAMPLED, SAMPLED_PLIES = 50, 4  # positions, and how far lookahead goes unless a language says otherwise
READS_THE_SOLUTION = ("perfect",)  # the end of every curve is the solved game itself


def check_learner(learner: Learner[Any], task: Task, n_budgets: int = 4, seed: int = 0) -> list[str]:
    """Fit the learner at its first few default budgets and check its contract; the names of the checks that were run.

    Raises WorkError with one line that says what the learner does wrong. Choose a small game: everything is fitted twice.
    """
    budgets = list(learner.default_budgets(task))[:n_budgets]
    sound = bool(budgets) and budgets[0] >= 1 and _ascends(budgets)
    _demand(learner, "default_budgets", sound, f"gives {budgets}, not ascending numbers from 1 up")
    policies = list(learner.fit_path(task, budgets, seed))
    checks: list[Check] = [_check_scores, _check_round_trip, _check_words, _check_operations, _check_local, _check_values]
    if learner.name not in READS_THE_SOLUTION:
        checks.append(_check_blind)
    _check_sizes(learner, budgets, policies)
    _check_repeats(learner, task, budgets, policies, seed)
    _check_nested(learner, task, budgets, policies, seed)
    for check in checks:
        check(learner, task, policies)
    _check_foreign(learner, task, policies[-1])
    names = [check.__name__ for check in (_check_sizes, _check_repeats, _check_nested, *checks, _check_foreign)]
    return ["default_budgets", *(name.removeprefix("_check_") for name in names)]


def _demand(learner: Learner[Any], what: str, holds: bool, otherwise: str) -> None:
    if not holds:
        raise WorkError(f"learner {learner.name} breaks its contract: {what} {otherwise}")


def _ascends(numbers: Sequence[int]) -> bool:
    return all(before < after for before, after in itertools.pairwise(numbers))


def _check_sizes(learner: Learner[Any], budgets: Sequence[int], policies: Sequence[Policy]) -> None:
    sizes = [policy.size for policy in policies]
    _demand(learner, "fit_path", 1 <= len(sizes) <= len(budgets), f"yields {len(sizes)} policies for {len(budgets)} budgets")
    _demand(learner, "fit_path", _ascends(sizes), f"yields sizes {sizes}, which do not ascend")
    fits = all(0 <= size <= budget for size, budget in zip(sizes, budgets, strict=False))
    _demand(learner, "fit_path", fits, f"yields sizes {sizes} for budgets {list(budgets)}: larger than asked for")


def _check_repeats(learner: Learner[Any], task: Task, budgets: Sequence[int], policies: Sequence[Policy], seed: int) -> None:
    again = [learner.encode(policy, task) for policy in learner.fit_path(task, budgets, seed)]
    same = again == [learner.encode(policy, task) for policy in policies]
    _demand(learner, "fit_path", same, f"gives other files when it is run again with seed {seed}")


def _check_nested(learner: Learner[Any], task: Task, budgets: Sequence[int], policies: Sequence[Policy], seed: int) -> None:
    """A learner that says it is nested fits at a smaller budget what its path to a larger one has there."""
    if learner.is_nested:
        n = (len(policies) + 1) // 2
        alone = list(learner.fit_path(task, budgets[:n], seed))[-1]
        same = learner.encode(alone, task) == learner.encode(policies[n - 1], task)
        _demand(learner, "is_nested", same, f"is true, but budget {budgets[n - 1]} alone gives another policy than on the path")


def _check_local(learner: Learner[Any], task: Task, policies: Sequence[Policy]) -> None:
    """On a sample of the positions a move has the score that it has on the whole graph, unless the policy says that it needs the whole."""
    if not task.graph.is_closed:
        return
    places = np.random.default_rng(0).permutation(task.graph.positions)[:N_SAMPLED]
    graph = sample_graph(task.game, task.graph.states[places], SAMPLED_PLIES)
    part = Task(task.game, graph, solve_sample(graph, GraphOracle(task.graph, task.solution)), position_weights(graph, None))
    n_edges = int(graph.edge_start[len(places)])
    whole = np.concatenate([np.arange(task.graph.edge_start[place], task.graph.edge_start[place + 1]) for place in places])
    for policy in policies:
        try:
            scores = policy.scores(part)[:n_edges]
        except UsageError:
            continue
        same = np.array_equal(scores, policy.scores(task)[whole])
        _demand(learner, "scores", same, "of a move depend on which other positions the graph holds")


def _check_values(learner: Learner[Any], task: Task, policies: Sequence[Policy]) -> None:
    for policy in policies:
        if isinstance(policy, HasValues):
            values = policy.values(task)
            right = values.shape == (task.graph.n_states,) and bool(np.isfinite(values).all())
            _demand(learner, "values", right, f"must be finite float64 of shape [n_states], got {values.dtype} of shape {values.shape}")


def _check_scores(learner: Learner[Any], task: Task, policies: Sequence[Policy]) -> None:
    for policy in policies:
        scores = policy.scores(task)
        right = scores.shape == (task.graph.n_edges,) and scores.dtype == np.float64 and bool(np.isfinite(scores).all())
        _demand(learner, "scores", right, f"must be finite float64 of shape [n_edges], got {scores.dtype} of shape {scores.shape}")


def _check_round_trip(learner: Learner[Any], task: Task, policies: Sequence[Policy]) -> None:
    for policy in policies:
        data = learner.encode(policy, task)
        decoded = learner.decode(data, task)
        same = np.array_equal(decoded.scores(task), policy.scores(task)) and decoded.size == policy.size
        _demand(learner, "decode", same, f"gives another policy than the one of size {policy.size} that was encoded")
        _demand(learner, "encode", learner.encode(decoded, task) == data, f"writes a decoded policy of size {policy.size} differently")


def _check_blind(learner: Learner[Any], task: Task, policies: Sequence[Policy]) -> None:
    """A policy is its file and the rules: with a scrambled solution and other weights it must be read, and play, the same."""
    rng = np.random.default_rng(0)
    states, edges = rng.permutation(task.graph.n_states), rng.permutation(task.graph.n_edges)
    true = task.solution
    scrambled = Solution(true.value[states], true.lower[states], true.upper[states], true.edge_value[edges], true.regret[edges])
    weights = np.where(task.graph.terminal, 0.0, rng.random(task.graph.n_states))
    blind = dataclasses.replace(task, truth=scrambled, weights=weights / weights.sum())
    for policy in policies:
        decoded = learner.decode(learner.encode(policy, task), blind)
        same = np.array_equal(decoded.scores(blind), policy.scores(task))
        _demand(learner, "scores", same, "changes with the solution or the weights: a policy may know the rules only")


def _check_words(learner: Learner[Any], task: Task, policies: Sequence[Policy]) -> None:
    named = all(isinstance(text, str) and bool(text.strip()) for text in (learner.name, learner.unit))
    _demand(learner, "name or unit", named, "is empty")
    for policy in policies:
        _demand(learner, "source", isinstance(learner.source(policy, task), str), "is not text")
        said: object = learner.explain(policy, task)
        _demand(learner, "explain", isinstance(said, Explanation), f"gives {type(said).__name__}: want policies.explanation.Explanation")
        _demand(learner, "explain", bool(str(said).strip()), "says nothing")


def _check_operations(learner: Learner[Any], task: Task, policies: Sequence[Policy]) -> None:
    for policy in policies:
        count = np.asarray(policy.operations(task))
        right = count.shape in ((), (task.graph.n_states,)) and bool(np.isfinite(count).all()) and bool((count >= 0).all())
        _demand(learner, "operations", right, f"gives {count}: want numbers from 0 up, one for each state or one for all")


def _check_foreign(learner: Learner[Any], task: Task, policy: Policy) -> None:
    """Bytes that the learner never wrote are refused with UsageError, or are some policy; nothing else may happen."""
    rng = np.random.default_rng(0)
    whole = learner.encode(policy, task)
    files = [whole[: len(whole) * part // 4] for part in range(4)]
    files += [rng.bytes(int(n)) for n in rng.integers(0, 2 * len(whole) + 8, N_FOREIGN)]
    for data in files:
        try:
            scores = learner.decode(data, task).scores(task)
        except UsageError:
            continue
        except Exception as error:
            raise WorkError(f"learner {learner.name} breaks its contract: decode of foreign bytes raises {error!r}") from error
        right = scores.shape == (task.graph.n_edges,) and bool(np.isfinite(scores).all())
        _demand(learner, "decode", right, f"makes a policy without a score for every edge from the foreign bytes {data[:16].hex()}...")
