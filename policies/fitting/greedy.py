"""Greedy fitting of rule lists: always the rule that helps most, wherever it may stand."""

from typing import NamedTuple

import numpy as np

from games.arrays import Float64s
from games.errors import UsageError, nearest
from policies.api import Task
from policies.fitting.decision_costs import Pairs, collect_pairs
from policies.fitting.front_and_back import add_at_ends
from policies.fitting.insertion import insert_rules
from policies.fitting.lexicographic import narrow
from policies.language.atoms import CONCEPT_KINDS
from policies.language.language import Language

PLACES = ("anywhere", "ends", "front", "end")
MIN_GAIN = 1e-12  # of the uniform regret; below lies rounding
SUPPORT = 2  # moves for which a pattern must hold to be offered
POSITION_BITS = 8.0  # what a rule for a single position takes in a file; measured on Go 3x4, at some thousands of them
KIND_BITS = 2.0  # to say of which kind a rule is


class Fit(NamedTuple):
    """Atoms, by the language's numbers, in the order in which their rules were added; the list is in order of labels.

    `gains`: the share of the uniform policy's cost that is saved after each, as the fitter saw it: under the objective regret the gain.
    """

    predicates: list[int]
    labels: list[float]
    gains: list[float]


def fit_greedy(
    task: Task,
    language: Language,
    semantics: str,
    n_rules: int,
    objective: str = "regret",
    place: str = "anywhere",
    support: int = SUPPORT,
    eager: bool = False,
) -> Fit:
    """Add up to `n_rules` rules, fewer when none helps any more.

    `first-match`: each new rule stands where it helps most, `anywhere` (policies/fitting/insertion.py), at the `ends`, in `front` or at the
    `end` (policies/fitting/front_and_back.py); if `eager`, insertion anywhere lets no rule rest. Costs are those of the objective
    (policies/fitting/decision_costs.py); under `codelength` a rule enters only if it saves more bits than it takes. `lexicographic`: each
    new rule stands after all earlier ones, and regret is what counts.
    """
    if semantics == "lexicographic":
        atoms, levels = narrow(task, language, n_rules, MIN_GAIN * task.uniform_regret)
        return Fit(atoms.tolist(), [float(i) for i in range(len(atoms))], (1.0 - levels / task.uniform_regret).tolist())
    if place not in PLACES:
        raise UsageError(f"unknown place {place!r}; {nearest(place, list(PLACES))}")
    pairs = collect_pairs(task, language, objective, support)
    level = float(np.dot(pairs.weight, pairs.bare))
    price = prices(pairs, language) if objective == "codelength" else np.zeros(len(pairs.number))
    least = MIN_GAIN * level
    if place == "anywhere":
        atoms, labels, levels, _ = insert_rules(pairs, price, n_rules, least, eager)
    else:
        atoms, labels, levels = add_at_ends(pairs, price, n_rules, least, at_front=place != "end", at_end=place != "front")
    return Fit(pairs.number[atoms].tolist(), labels.tolist(), (1.0 - levels / level).tolist())


def prices(pairs: Pairs, language: Language) -> Float64s:
    """About how many bits a rule takes in a file: which kind, and which of the atoms of that kind that occur. [n_atoms]"""
    sizes = {name.partition("-")[0]: len(language.atoms.column(name).values) for name in language.columns}
    sizes |= dict.fromkeys(CONCEPT_KINDS, max(1, len(language.concept_predicates)))
    by_kind = {kind: KIND_BITS + float(np.log2(size)) for kind, size in sizes.items()}
    bounds = [0, len(language.concept_predicates), *language.column_start[1:].tolist()]
    kinds = ["concept", *(name.partition("-")[0] for name in language.columns)]
    price = np.full(len(pairs.number), POSITION_BITS)
    for kind, low, high in zip(kinds, bounds[:-1], bounds[1:], strict=True):
        price[(pairs.number >= low) & (pairs.number < high)] = by_kind[kind]
    return price
