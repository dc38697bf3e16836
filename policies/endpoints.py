"""The two ends of every curve: any legal move (gain 0), and every optimal move (gain 1, the solved game itself)."""

import inspect
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

import games.solving.graph
import games.solving.solve
from games.errors import UsageError
from policies.api import Scores, Task
from policies.explanation import Explanation


@dataclass(frozen=True)
class Anchor:
    """A policy whose file is empty. The optimal one reads the solution: it marks the end of a curve, and all of it is language."""

    is_optimal: bool
    size = 0

    def scores(self, task: Task) -> Scores:
        return -task.solution.regret.astype(np.float64) if self.is_optimal else np.zeros(task.graph.n_edges)

    def operations(self, task: Task) -> float:
        return float(task.graph.n_edges) if self.is_optimal else 0.0


@dataclass(frozen=True)
class AnchorLearner:
    """The learner of one end; its only file is the empty one."""

    is_optimal: Annotated[bool, "play any optimal move in place of any legal one"] = False
    unit = "entries"
    is_nested = True

    @property
    def name(self) -> str:
        return "perfect" if self.is_optimal else "uniform"

    def default_budgets(self, task: Task) -> Sequence[int]:
        return [1]

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[Anchor]:
        yield Anchor(self.is_optimal)

    def encode(self, policy: Anchor, task: Task) -> bytes:
        return b""

    def decode(self, data: bytes, task: Task) -> Anchor:
        if data:
            raise UsageError(f"the file of the {self.name} policy is empty; this one has {len(data)} bytes, so another learner wrote it")
        return Anchor(self.is_optimal)

    def source(self, policy: Anchor, task: Task) -> str:
        """The optimal policy presupposes the rules and the solver: the short program that plays by trying everything."""
        modules = (sys.modules[type(task.game).__module__], games.solving.graph, games.solving.solve) if self.is_optimal else ()
        return "\n".join(inspect.getsource(module) for module in modules)

    def explain(self, policy: Anchor, task: Task) -> Explanation:
        return Explanation("Play any optimal move." if self.is_optimal else "Play any legal move.")
