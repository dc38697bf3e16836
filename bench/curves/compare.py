"""Fitting and measuring several learners side by side, for several seeds; one that fails does not stop the others."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.curves.crossing import Crossing, crossings
from bench.curves.curve import bits
from bench.curves.front import Run, in_words, last_compared, pareto_front, spans, standings
from bench.harness.measure import measure_policy
from bench.harness.path import FittedPath
from bench.harness.point import Point
from bench.harness.versions import missing_library
from games.errors import GaincurveError
from policies.api import Learner, Policy, Task


@dataclass
class Comparison:
    """What was measured: for each learner and seed its points; learners without any are not in `runs`."""

    runs: dict[str, list[Run]] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)  # why, in a line
    best: dict[str, tuple[Point, Policy]] = field(default_factory=dict)  # of each learner the shortest policy of the greatest gain

    def __repr__(self) -> str:
        return f"<{', '.join(self.runs) or 'no learner'} compared{', failed: ' * bool(self.failed)}{', '.join(self.failed)}>"

    def keep(self, name: str, point: Point, policy: Policy) -> None:
        """Keep a policy if no better one of its learner is held."""
        held = self.best.get(name)
        if held is None or (-point.gain, point.policy_bits) < (-held[0].gain, held[0].policy_bits):
            self.best[name] = point, policy

    def crossings(self) -> list[list[Crossing]]:
        """Of each pair of learners, in their order, where they change places by each cost."""
        return [crossings((one, other), self.runs[one], self.runs[other]) for one, other in itertools.combinations(self.runs, 2)]

    def entries(self) -> list[tuple[str, int, Point]]:
        """Every measured policy once, though several budgets or seeds gave it: learner, first seed, point."""
        listed: dict[tuple[str, int], tuple[str, int, Point]] = {}
        for name, runs in self.runs.items():
            for run in runs:
                for point in run.points:
                    listed.setdefault((name, id(point)), (name, run.seed, point))
        return list(listed.values())

    def in_words(self, with_language: bool = False) -> list[str]:
        """Who leads at how many bits, a sentence for each stretch of bits; with the bits of the language or without."""
        return in_words(spans(standings(self.runs, with_language)), last_compared(self.runs, with_language))

    def front(self, with_language: bool = False) -> list[tuple[str, int, Point]]:
        """The policies that no other beats in bits, operations and gain together, shortest first."""
        entries = self.entries()
        kept = pareto_front([(bits(point, with_language), point.operations, -point.gain) for _, _, point in entries])
        return sorted((entries[i] for i in kept), key=lambda entry: bits(entry[2], with_language))


def measure_all(
    task: Task,
    learners: Mapping[str, Learner[Any]],
    budgets: Mapping[str, Sequence[int]],
    seeds: Sequence[int],
    began: Callable[[str], None],
) -> Comparison:
    """Fit and measure every learner at its budgets, or its own where none are given, for every seed.

    `began` is told which learner and seed is next.

    A learner whose first two seeds give the same files, byte for byte, is taken not to depend on the seed, and fitted for no third.
    """
    found = Comparison()
    for name, learner in learners.items():
        chosen = budgets.get(name) or list(learner.default_budgets(task))
        known: dict[bytes, Point] = {}
        for seed in seeds:
            began(f"{name}, seed {seed}")
            points: list[Point] = []
            path = FittedPath(learner, task, chosen, seed)
            try:
                for budget, policy in path:
                    data = learner.encode(policy, task)
                    if data not in known:
                        known[data] = measure_policy(task, learner, policy, budget, 0.0, with_results=False)[0]
                        found.keep(name, known[data], policy)
                    points.append(known[data])
            except (GaincurveError, ModuleNotFoundError) as error:
                missing = missing_library(error)
                if not missing and isinstance(error, ModuleNotFoundError):
                    raise
                found.failed[name] = f"seed {seed}: {missing or error}"
            runs = found.runs.setdefault(name, [])
            if len(runs) == 1 and list(map(id, runs[0].points)) == list(map(id, points)):
                break
            if points:
                runs.append(Run(seed, points, path.is_finished))
            if name in found.failed:
                break
    found.runs = {name: runs for name, runs in found.runs.items() if runs}
    return found
