"""Every learner by name. A learner is one line here; its module is imported only when it is asked for."""

import importlib
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from games.errors import UsageError, nearest
from policies import former_names
from policies.api import Learner
from policies.options import Option, options_of, read_values

LEARNERS: dict[str, tuple[str, str]] = {  # name: (module:class, what it is)
    "uniform": ("policies.endpoints:AnchorLearner", "any legal move: gain 0"),
    "perfect": ("policies.endpoints:AnchorLearner", "every optimal move: gain 1"),
    "human": ("policies.rules.human:HumanLearner", "rule lists from the literature"),
    "rulelist": (
        "policies.rules.rulelist:RuleListLearner",
        "ordered rules, each a conjunction, fitted greedily and exchanged for better ones",
    ),
    "local_search": (
        "policies.rules.local_search:LocalSearchLearner",
        "rule lists found by a beam or by local search from the greedy list",
    ),
    "optimal_list": ("policies.rules.optimal_list:OptimalListLearner", "the best list of at most 24 atoms for every budget, exactly"),
    "shortest": ("policies.rules.shortest:ShortestLearner", "the shortest list that reaches a grade, searched exhaustively"),
    "weighted": ("policies.rules.weighted:WeightedLearner", "atoms with small whole weights that add up, fitted by exact line search"),
    "tree": ("policies.trees.tree:TreeLearner", "a decision tree, each split the one that lowers regret most"),
    "dag": ("policies.trees.tree:TreeLearner", "a decision tree with few scores, and with equal subtrees shared"),
    "cart": ("policies.trees.cart:CartLearner", "scikit-learn's decision tree, fitted to regret"),
    "table": ("policies.tables.table:TableLearner", "memorised positions, best first"),
    "random_order": ("policies.rules.random_order:RandomOrderLearner", "rules in random order: what fitting is held against"),
    "ripper": ("policies.baselines.ripper:RipperLearner", "wittgenstein's RIPPER, played as an ordered list"),
    "boosted": ("policies.baselines.boosted:BoostedLearner", "scikit-learn's boosted trees, with integer leaves"),
    "symbolic": ("policies.baselines.symbolic:SymbolicLearner", "gplearn's formulas over the atoms of a language"),
    "network": ("policies.networks.network:NetworkLearner", "a small network with integer weights, distilled from the optimal moves"),
    "subspace": ("policies.networks.subspace:SubspaceLearner", "a network held by a seed and coordinates in a random subspace"),
    "selfplay": ("policies.selfplay.learner:SelfPlayLearner", "a network trained by self-play with search, without the solution"),
    "minimax": ("policies.search.minimax:MinimaxLearner", "every line of play a few plies ahead, alone or over another policy"),
    "mcts": ("policies.search.mcts:MctsLearner", "Monte Carlo tree search, alone or over another policy"),
}

PRESETS: dict[str, dict[str, Any]] = {  # what a name itself decides: no option of this learner
    "uniform": {"is_optimal": False},
    "perfect": {"is_optimal": True},
    "dag": {"shared": True},
}


def learners() -> dict[str, tuple[str, str]]:
    """The built-in learners and those that installed packages register under the entry point group `gaincurve.learners`."""
    outside = {point.name: (point.value, point.value) for point in entry_points(group="gaincurve.learners")}
    return LEARNERS | {name: told for name, told in sorted(outside.items()) if name not in LEARNERS}


def make_learner(name: str, options: Mapping[str, Any] | None = None) -> Learner[Any]:
    """The learner with its options set, each a value or its text (policies/options.py).

    Raises UsageError for an unknown learner or option, naming the nearest, and for a value that the option does not take.
    """
    given = PRESETS.get(name, {}) | read_options(name, options or {})
    made_by = learner_class(name)
    missing = [option.name for option in options_of(made_by).values() if not option.has_default and option.name not in given]
    if missing:
        raise UsageError(f"learner {name} needs its option {missing[0]!r}: write {name}:{missing[0]}=VALUE")
    learner: Learner[Any] = made_by(**given)
    return learner


def read_options(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a learner's options, or their texts, in the options' types. Raises UsageError as `make_learner` does."""
    for option in options:
        if (name, option) in former_names.GONE:
            raise UsageError(f"learner {name} has no option {option!r} any more: {former_names.GONE[name, option]}")
    return read_values(name, learner_options(name), options) if options else {}


def learner_options(name: str) -> dict[str, Option]:
    """The options of a learner by name. Raises UsageError for an unknown learner, naming the nearest."""
    return {option: about for option, about in options_of(learner_class(name)).items() if option not in PRESETS.get(name, {})}


def learner_class(name: str) -> Any:
    """The class of a learner. Raises UsageError for an unknown one, naming the nearest, and for one that cannot be loaded."""
    path = _path(name)
    module, _, class_name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), class_name)
    except (ImportError, AttributeError) as error:
        raise UsageError(f"learner {name} cannot be loaded from {path}: {error}") from None


def learner_module(name: str) -> str:
    """The module in which a learner is found by its name; its class may stand in another. Raises UsageError for an unknown one."""
    return _path(name).partition(":")[0]


def _path(name: str) -> str:
    known = LEARNERS if name in LEARNERS else learners()  # to look through what is installed takes milliseconds
    if name not in known and name in former_names.MOVED:
        raise UsageError(f"unknown learner {name!r}; {former_names.MOVED[name]}")
    if name not in known:
        raise UsageError(f"unknown learner {name!r}; " + nearest(name, list(known)))
    return known[name][0]


def parse_learner(text: str) -> tuple[str, dict[str, Any]]:
    """A learner's name and its typed options from `name` or `name:option=value,option=value`. Raises UsageError where one is wrong."""
    name, _, rest = text.partition(":")
    options: dict[str, str] = {}
    for part in rest.split(",") if rest else []:
        key, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"{text!r}: write options as NAME=VALUE, for example rulelist:language=concepts")
        if key in options:
            raise UsageError(f"{text!r}: option {key!r} is given twice: keep it in one place")
        options[key] = value
    return name, read_options(name, options)
