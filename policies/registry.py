"""Every learner by name. A learner is one line here; its module is imported only when it is asked for."""

import importlib
from collections.abc import Mapping
from dataclasses import fields
from importlib.metadata import entry_points
from typing import Any

from games.errors import UsageError, nearest
from policies.api import Learner

LEARNERS: dict[str, tuple[str, str]] = {  # name: (module:class, what it is)
    "uniform": ("policies.endpoints:AnchorLearner", "any legal move: gain 0"),
    "optimal": ("policies.endpoints:AnchorLearner", "every optimal move: gain 1"),
    "human": ("policies.rules.human:HumanLearner", "rule lists from the literature"),
    "rulelist": ("policies.rules.rulelist:RuleListLearner", "ordered rules, fitted greedily, exceptions first"),
    "search": ("policies.rules.local_search:SearchLearner", "rule lists found by a beam, or by local search from the greedy list"),
    "shortest": ("policies.rules.shortest:ShortestLearner", "the shortest list of words that reaches a grade, searched exhaustively"),
    "weighted": ("policies.rules.weighted:WeightedLearner", "atoms with small whole weights that add up, fitted by exact line search"),
    "tree": ("policies.trees.tree:TreeLearner", "a decision tree, each split the one that lowers regret most"),
    "dag": ("policies.trees.tree:TreeLearner", "the same with few scores and with equal subtrees shared"),
    "cart": ("policies.trees.cart:CartLearner", "scikit-learn's decision tree, fitted to regret"),
    "table": ("policies.tables.table:TableLearner", "memorised positions, best first"),
    "random_order": ("policies.rules.random_order:RandomOrderLearner", "rules in random order: what fitting is held against"),
    "ripper": ("policies.baselines.ripper:RipperLearner", "wittgenstein's RIPPER, played as an ordered list"),
    "boosted": ("policies.baselines.boosted:BoostedLearner", "scikit-learn's boosted trees, with integer leaves"),
    "symbolic": ("policies.baselines.symbolic:SymbolicLearner", "gplearn's formulas over the atoms of a language"),
    "network": ("policies.networks.network:NetworkLearner", "a small network with integer weights, distilled from the optimal moves"),
    "subspace": ("policies.networks.subspace:SubspaceLearner", "a network held by a seed and coordinates in a random subspace"),
}

PRESETS: dict[str, dict[str, Any]] = {"optimal": {"is_optimal": True}, "dag": {"shared": True}}


def learners() -> dict[str, tuple[str, str]]:
    """The built-in learners and those that installed packages register under the entry point group `gaincurve.learners`."""
    outside = {point.name: (point.value, point.value) for point in entry_points(group="gaincurve.learners")}
    return {**outside, **LEARNERS}


def make_learner(name: str, options: Mapping[str, Any] | None = None) -> Learner[Any]:
    """The learner with its options set; raises UsageError for an unknown learner or option, naming the nearest."""
    known = LEARNERS if name in LEARNERS else learners()  # to look through what is installed takes milliseconds
    if name not in known:
        raise UsageError(f"unknown learner {name!r}; " + nearest(name, list(known)))
    module, _, class_name = known[name][0].partition(":")
    learner_class = getattr(importlib.import_module(module), class_name)
    allowed = [field.name for field in fields(learner_class) if field.name not in PRESETS.get(name, {})]
    for option in options or {}:
        if option not in allowed:
            hint = nearest(option, allowed) if allowed else "it takes none"
            raise UsageError(f"learner {name} has no option {option!r}; {hint}")
    learner: Learner[Any] = learner_class(**PRESETS.get(name, {}), **(options or {}))
    return learner


def parse_learner(text: str) -> tuple[str, dict[str, Any]]:
    """A learner's name and options from `name` or `name:option=value,option=value`; numbers, true and false are read as such."""
    name, _, rest = text.partition(":")
    options: dict[str, Any] = {}
    for part in rest.split(",") if rest else []:
        key, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"{text!r}: write options as NAME=VALUE, for example rulelist:language=words")
        options[key] = _read_value(value)
    return name, options


def _read_value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
