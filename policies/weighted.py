"""Weighted lists: each atom has a small whole-number weight, and the moves whose atoms weigh most may be played; and their learner.

Where in a rule list one rule decides, here all atoms that hold for a move speak for it or against it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from games.errors import UsageError
from policies.api import Scores, Task, budget_ladder, check_budgets
from policies.atoms import Literal, Rule, atoms_of
from policies.entropy import ONE, Coder, Decoder, Encoder, code_count
from policies.language import Language, make_language
from policies.lookahead import n_sequences
from policies.patterns import WINDOWS
from policies.rule_coding import code_rules
from policies.shortest import SEMANTICS
from policies.weighted_fit import fit_weights


@dataclass(frozen=True)
class WeightedList:
    """Rules (of one literal each, when fitted here) and their weights, the largest first."""

    rules: tuple[Rule, ...]
    weights: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.rules)

    def scores(self, task: Task) -> Scores:
        """The sum of the weights of the rules that hold for each move."""
        atoms = atoms_of(task.game, task.graph)
        scores = np.zeros(task.graph.n_edges)
        for rule, weight in zip(self.rules, self.weights, strict=True):
            scores[atoms.rule_edges(rule)] += weight
        return scores

    def operations(self, task: Task) -> float:
        """Mean number of operations: one for each literal and move (for lookahead every line tried out), one for each weight added."""
        graph, atoms = task.graph, atoms_of(task.game, task.graph)
        total = np.zeros(graph.n_states)
        for rule in self.rules:
            for plies in atoms.depths(rule):
                total += n_sequences(graph, plies) if plies else graph.n_moves
            total += np.bincount(graph.edge_parent[atoms.rule_edges(rule)], minlength=graph.n_states)
        return float(np.dot(task.weights, total))


@dataclass(frozen=True)
class WeightedLearner:
    """Fits weighted lists (policies/weighted_fit.py); the states of one fit are the policies of all budgets."""

    language: str = "words+patterns"
    support: int = 2  # atoms of patterns and cells that hold for fewer moves are not offered

    name = "weighted"
    unit = "weights"

    def __post_init__(self) -> None:
        if self.support < 1:
            raise UsageError(f"support {self.support} is below 1: give the least number of moves for which a pattern must hold")

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Each of the first 16 numbers, then half-octave steps; the path ends by itself where no change of a weight gains any more."""
        return sorted({*range(1, 17), *budget_ladder(max(16, task.graph.n_edges))})

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[WeightedList]:
        chosen = check_budgets(budgets)
        language = make_language(self.language, task.game, task.graph)
        if language.has_positions:
            raise UsageError(f"language {self.language!r}: a weight for a single position says nothing elsewhere; leave out positions")
        path = fit_weights(task, language, chosen[-1], self.support)
        weights: dict[int, int] = {}
        ready = iter(chosen)
        budget = next(ready)
        last = 0
        for number, step, size in zip(path.number.tolist(), path.step.tolist(), path.size.tolist(), strict=True):
            if size > budget:
                yield self._policy(weights, language)
                last, budget = budget, next(ready)
            weights[number] = weights.get(number, 0) + step
            if not weights[number]:
                del weights[number]
        if len(weights) > last or not last:
            yield self._policy(weights, language)

    def encode(self, policy: WeightedList, task: Task) -> bytes:
        encoder = Encoder()
        _code(encoder, policy, task)
        return encoder.finish()

    def decode(self, data: bytes, task: Task) -> WeightedList:
        return _code(Decoder(data), None, task)

    def source(self, policy: WeightedList, task: Task) -> str:
        return atoms_of(task.game, task.graph).source({literal.atom for rule in policy.rules for literal in rule})

    def explain(self, policy: WeightedList, task: Task) -> str:
        atoms = atoms_of(task.game, task.graph)
        lines = ["Give each legal move the points of all that holds for it; play a move with the most points."]
        if any(literal.kind in WINDOWS for rule in policy.rules for literal in rule):
            lines.append("In the pictures: * the move, X yours, O theirs, . empty, # off the board, nothing or ?: anything.")
        for rule, weight in zip(policy.rules, policy.weights, strict=True):
            for k, literal in enumerate(rule):
                head, *picture = atoms.describe(literal).splitlines()
                lines += [
                    f"{weight:>+5}  a move that {head}" if k == 0 else f"       and {head}",
                    *("          " + line for line in picture),
                ]
        return "\n".join(lines)

    def _policy(self, weights: dict[int, int], language: Language) -> WeightedList:
        ordered = sorted(weights.items(), key=lambda entry: (-entry[1], entry[0]))
        rules = tuple((Literal(*language.predicate(number)),) for number, _ in ordered)
        return WeightedList(rules, tuple(weight for _, weight in ordered))


def _code(coder: Coder, given: WeightedList | None, task: Task) -> WeightedList:
    """A weighted list as a file, in both directions: the rules as those of a rule list, the first weight, how far each next one falls."""
    _, rules = code_rules(coder, SEMANTICS[0], given.rules if given else None, task)
    weights: list[int] = []
    for i in range(len(rules)):
        weight = given.weights[i] if given else 0
        if i == 0:
            is_negative = coder.code_fixed(ONE // 2, int(weight < 0))
            weight = code_count(coder, "first", abs(weight)) * (-1 if is_negative else 1)
        else:
            weight = weights[-1] - code_count(coder, "fall", weights[-1] - weight)
        weights.append(weight)
    return WeightedList(rules, tuple(weights))
