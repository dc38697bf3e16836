"""CART on the atoms of a language: scikit-learn's decision tree, fitted to regret, and played like any other tree.

Breiman, Friedman, Olshen & Stone, "Classification and Regression Trees" (1984). Grown best first, so that the tree of a smaller budget
is the larger one before its later splits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np

from games.arrays import Float64s
from games.errors import UsageError
from policies.api import FitPath, OneOf, Task, budget_ladder, check_budgets
from policies.baselines.common import NFeatures, NPositions, check_options, needs_extra, sample_positions
from policies.explanation import Explanation
from policies.language.atoms import Predicate
from policies.language.features import Features, make_features
from policies.language.language import LanguageName, make_language
from policies.rules.format.literals import CLOSED, Code, check_open
from policies.trees.tree import MAX_BUDGET, Branch, TreeLearner, TreePolicy, children_first

TARGETS = ("regret", "advantage", "optimal")


@dataclass(frozen=True)
class CartLearner:
    """Fits one tree on a sample of the positions; budgets are its first leaves.

    By classification under the target `optimal`, else by regression. The advantage leaves least regret while leaves are few.
    """

    language: LanguageName = "concepts+patterns"
    positions: NPositions = 20_000
    features: NFeatures = 500
    target: Annotated[
        str, OneOf(TARGETS), "what is predicted of a move: its regret, its advantage over the mean of its position, or if it is optimal"
    ] = "advantage"
    code: Code = CLOSED

    name = "cart"
    unit = "leaves"
    is_nested = True

    def __post_init__(self) -> None:
        check_options(self, positions=1, features=1)
        if self.target not in TARGETS:
            raise UsageError(f"cart option target={self.target!r}: one of {', '.join(TARGETS)}")
        check_open(self.language, self.code)

    def default_budgets(self, task: Task) -> Sequence[int]:
        return budget_ladder(MAX_BUDGET)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[TreePolicy]:
        chosen = check_budgets(budgets)
        language = make_language(self.language, task.game, task.graph)
        sample = sample_positions(task, self.positions, seed)
        features = make_features(task, language, self.features, sample.edges)
        if not len(features.numbers):
            yield TreePolicy(())
            return True
        counts = sample.counts[np.searchsorted(sample.positions, task.graph.edge_parent[features.edges])]
        tree = self.fit(task, features, counts.astype(np.float64), chosen[-1], seed)
        names = [language.predicate(number) for number in features.numbers.tolist()]
        for budget in chosen:
            yield prefix(tree, worth(tree, self.target), budget, names)
            if budget >= tree.n_leaves:
                break
        return bool(tree.n_leaves < chosen[-1])

    def fit(self, task: Task, features: Features, weights: Float64s, n_leaves: int, seed: int) -> Any:
        """scikit-learn's tree of up to `n_leaves` leaves; `weights` are those of the rows."""
        with needs_extra(self.name):
            from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
        kind = DecisionTreeClassifier if self.target == "optimal" else DecisionTreeRegressor
        model = kind(max_leaf_nodes=max(2, min(n_leaves, len(weights))), random_state=seed % 2**32)
        return model.fit(features.dense(), targets(task, features, self.target), sample_weight=weights).tree_

    def encode(self, policy: TreePolicy, task: Task) -> bytes:
        return TreeLearner(self.language, code=self.code).encode(policy, task)

    def decode(self, data: bytes, task: Task) -> TreePolicy:
        return TreeLearner(self.language, code=self.code).decode(data, task)

    def source(self, policy: TreePolicy, task: Task) -> str:
        return TreeLearner(self.language).source(policy, task)

    def explain(self, policy: TreePolicy, task: Task) -> Explanation:
        return TreeLearner().explain(policy, task)


def targets(task: Task, features: Features, target: str) -> Float64s:
    """The number that the tree has to predict for each row. [n_rows]"""
    graph, regret = task.graph, task.solution.regret.astype(np.float64)
    mean = np.bincount(graph.edge_parent, regret, graph.n_states) / np.maximum(graph.n_moves, 1)
    every: dict[str, Float64s] = {
        "regret": regret,
        "advantage": mean[graph.edge_parent] - regret,
        "optimal": (regret == 0).astype(np.float64),
    }
    return every[target][features.edges]


def worth(tree: Any, target: str) -> Float64s:
    """The worth of a move that ends in each node, as if the node were a leaf. [n_nodes]"""
    values: Float64s = tree.value[:, 0, -1]  # of a classifier the share of the last class, of the optimal moves
    return -values if target == "regret" else values


def prefix(tree: Any, value: Float64s, n_leaves: int, names: Sequence[Predicate]) -> TreePolicy:
    """The tree as it was when it had `n_leaves` leaves. A node's children have numbers in the order in which nodes were split."""
    split = np.flatnonzero(tree.children_left > 0)
    split = split[np.argsort(tree.children_left[split])][: n_leaves - 1].tolist()
    place = {node: index for index, node in enumerate(split)}
    ends = [child for node in split for child in (tree.children_left[node], tree.children_right[node]) if child not in place]
    score = {level: index for index, level in enumerate(np.unique(value[ends]).tolist())}
    branches = []
    for node in split:
        no, yes = (place.get(child, ~score.get(float(value[child]), 0)) for child in (tree.children_left[node], tree.children_right[node]))
        branches.append(Branch(names[tree.feature[node]], yes, no))
    return children_first(branches)
