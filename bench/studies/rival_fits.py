"""Fit policies with a library that has an environment of its own: python rival_fits.py LIBRARY PROBLEM ANSWER SECONDS.

bench/studies/rivals.py runs this file with the Python of that environment, so it imports nothing but numpy and the library. It
writes a line of JSON for each policy as soon as it is fitted, and ends when SECONDS of processor time are used up. A tree is a
leaf, a number, or `[feature, tree where it holds, tree where not]`; a rule `[[[feature, holds], ...], value]`.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

A_FIT = 4  # seconds of one fit of STreeD, which then yields the best tree that it has met
UNITS = (7, 8, 32, 128, 256)  # branches of a tree of STreeD; seven are a whole tree of depth 3
LEAF_COSTS = [2.0**-k for k in range(5, 18)]  # of LicketySPLIT: shares of the variance that a leaf must save
DEPTHS = (8, 5)
N_RULES = 256
SHRINKAGES = (1.0, 0.3)  # of BOOMER: few rules, and its default


def lickety(library: Any, problem: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Regression trees, from small to large for each limit of depth."""
    features, target = np.ascontiguousarray(problem["features"]), problem["target"]
    for depth in DEPTHS:
        for cost in LEAF_COSTS:
            model = library.LicketySPLITRegressor(lambda_leaf=cost, depth_budget=depth).fit(features, target)
            paths, values = model.get_tree_paths()
            if len(paths) > UNITS[-1] + 1:
                break
            tree = from_paths([*zip(paths, values, strict=True)], 0)
            yield {"tree": checked(tree, features, model.predict(features))}


def from_paths(leaves: list[tuple[list[int], float]], depth: int) -> Any:
    """The tree with these leaves, all below one node of a depth. A path holds `feature + 1`, negated where the feature does not hold."""
    if len(leaves) == 1:
        return float(leaves[0][1])
    sides = [[(path, value) for path, value in leaves if (path[depth] > 0) == holds] for holds in (True, False)]
    return [abs(leaves[0][0][depth]) - 1, *(from_paths(side, depth + 1) for side in sides)]


def streed(library: Any, problem: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Trees of least cost whose leaves are labels, each of the least depth that allows its number of branches."""
    features, cost = problem["features"].astype(np.int32), problem["cost"]
    began = time.perf_counter()
    for n in UNITS:
        load = max(1.0, (time.perf_counter() - began) / max(time.process_time(), 1.0))  # STreeD looks at the clock on the wall
        model = library.STreeDInstanceCostSensitiveClassifier(max_depth=n.bit_length(), max_num_nodes=n, time_limit=load * A_FIT)
        model.fit(features, cost)
        yield {"tree": checked(from_nodes(model.tree_), features, model.predict(features)), "optimal": model.fit_result.is_optimal()}


def from_nodes(node: Any) -> Any:
    """The tree below a node of STreeD, whose right child is where the feature holds."""
    if node.is_leaf_node():
        return int(node.label)
    return [int(node.feature), from_nodes(node.right_child), from_nodes(node.left_child)]


def boomer(library: Any, problem: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Rules whose values add up, in their order; the value of every move alike, the first of BOOMER's rules, is left out."""
    features = problem["features"].astype(np.float32)
    alone = dict.fromkeys(("parallel_rule_refinement", "parallel_statistic_update", "parallel_prediction"), "false")
    base = importlib.import_module("mlrl.common.cython.rule_model").RuleModelVisitor
    for shrinkage in SHRINKAGES:
        model = library.BoomerRegressor(random_state=1, max_rules=N_RULES + 1, shrinkage=shrinkage, **alone)
        model.fit(features, problem["target"].astype(np.float32)[:, None])
        seen = type("Seen", (Visitor, base), {})()
        model.model_.visit(seen)
        summed = np.zeros(len(features))
        for literals, value in seen.rules:
            held = np.ones(len(features), dtype=np.bool_)
            for feature, holds in literals:
                held &= (features[:, feature] > 0) == holds
            summed[held] += value
        if not np.allclose(summed, np.asarray(model.predict(features)).ravel(), atol=1e-4):
            sys.exit("these rules do not add up to what BOOMER predicts")
        yield {"rules": [rule for rule in seen.rules if rule[0]]}


class Visitor:
    """Collects the rules of a model of BOOMER, in the methods that it calls."""

    def __init__(self) -> None:
        self.rules: list[tuple[list[tuple[int, bool]], float]] = []
        self.literals: list[tuple[int, bool]] = []

    def visit_empty_body(self, _: Any) -> None:
        """Begin a rule that holds everywhere."""
        self.literals = []

    def visit_conjunctive_body(self, body: Any) -> None:
        """Begin a rule. Features are 0 or 1: above a threshold they hold."""
        sides = (body.numerical_gr_indices, True), (body.numerical_leq_indices, False)
        self.literals = [(int(feature), holds) for found, holds in sides if found is not None for feature in found]

    def visit_complete_head(self, head: Any) -> None:
        """End a rule."""
        self.rules.append((self.literals, float(head.scores[0])))

    visit_partial_head = visit_complete_head


def checked(tree: Any, features: Any, predicted: Any) -> Any:
    """The tree, if on all rows it comes to what the library predicts; otherwise the program ends."""
    if not np.allclose(values_of(tree, features), predicted):
        sys.exit("this tree does not come to what its library predicts")
    return tree


def values_of(tree: Any, features: Any) -> Any:
    """The leaf that each row comes to. [n_rows]"""
    if not isinstance(tree, list):
        return np.full(len(features), float(tree))
    feature, yes, no = tree
    return np.where(features[:, feature] > 0, values_of(yes, features), values_of(no, features))


FITS = {"licketysplit": lickety, "pystreed": streed, "mlrl.boosting.learners": boomer}


def main(name: str, problem: str, answer: str, seconds: str) -> None:
    """Write the answer to a problem."""
    library = importlib.import_module(name)
    with np.load(problem) as arrays:
        given = dict(arrays)
    began = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(began) + int(seconds), int(began) + int(seconds) + 5))
    with Path(answer).open("w") as file:
        for policy in FITS[name](library, given):
            print(json.dumps({"seconds": time.process_time() - began, **policy}), file=file, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
