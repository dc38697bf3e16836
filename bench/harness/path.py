"""Fitting a learner at a list of budgets: each policy with its budget, and whether the fit ended by itself.

Records, comparisons and refitted tails all read a path here, so that they agree on which curve has come to its end.
"""

from collections.abc import Iterable, Iterator
from typing import Generic

from policies.api import Learner, PolicyT, Task, check_budgets


class FittedPath(Generic[PolicyT]):
    """The policies that a learner fits at these budgets; iterate over it once, for pairs of a budget and its policy.

    Raises UsageError unless there are budgets and all are at least 1.
    """

    def __init__(self, learner: Learner[PolicyT], task: Task, budgets: Iterable[int], seed: int) -> None:
        self.budgets = check_budgets(budgets)
        self.is_finished = False  # known once all pairs are read: a larger budget would bring nothing
        self._policies = self._fit(learner, task, seed)
        self._n_read = 0

    def __iter__(self) -> Iterator[tuple[int, PolicyT]]:
        for pair in zip(self.budgets, self._policies, strict=False):
            self._n_read += 1
            yield pair
        next(self._policies, None)  # what a learner returns comes after its last policy

    def _fit(self, learner: Learner[PolicyT], task: Task, seed: int) -> Iterator[PolicyT]:
        policies = learner.fit_path(task, self.budgets, seed)
        while True:
            try:
                policy = next(policies)
            except StopIteration as end:
                self.is_finished = self._n_read < len(self.budgets) if end.value is None else bool(end.value)
                return
            yield policy
