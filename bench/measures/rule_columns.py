"""The columns of a table of rules: their numbers, and the texts of rules in one line."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from games.arrays import Float64s
from policies.api import Scores, Task, action_probabilities
from policies.language.atoms import Atoms, Literal, Rule


class Columns(NamedTuple):
    """The numbers of the rules, and of the rest where they are not zero."""

    gain: Float64s
    bits: Float64s
    coverage: Float64s
    wrong: Float64s  # weight of the positions at which a rule errs
    rest: tuple[float, float, float]  # gain, coverage and weight of errors without any rule


def in_a_line(atoms: Atoms, literal: Literal) -> str:
    """A literal in one line, a picture as its rows with ` / ` between them."""
    said = atoms.describe(literal)
    return f"{said.beside} ({' / '.join(said.board)})" if said.board else said.beside


def rule_in_a_line(atoms: Atoms, rule: Rule) -> str:
    """A conjunction in one line."""
    return " and ".join(in_a_line(atoms, literal) for literal in rule)


def columns_by_adding(task: Task, steps: Iterable[Scores], bits: Float64s) -> Columns:
    """The numbers of rules that are added one by one; `steps` are the scores without any, then after each."""
    graph = task.graph
    first = graph.edge_start[graph.positions]
    weights, unit = task.weights[graph.positions], task.uniform_regret or 1.0
    regrets: list[float] = []
    gain, coverage, wrong = [], [], []
    was: Float64s | None = None
    never = np.ones(len(first), dtype=np.bool_)
    errs = np.zeros(len(first), dtype=np.bool_)
    for scores in steps:
        chances = action_probabilities(graph, scores)
        regrets.append(task.regret(chances))
        errs = np.logical_or.reduceat((chances > 0) & (task.solution.regret > 0), first)
        if was is not None:
            changed = np.logical_or.reduceat((chances > 0) != (was > 0), first)
            never &= ~changed
            gain.append((regrets[-2] - regrets[-1]) / unit)
            coverage.append(float(weights[changed].sum()))
            wrong.append(float(weights[changed & errs].sum()))
        was = chances
    at_first = (task.uniform_regret - regrets[0]) / unit
    rest = at_first, float(weights[never].sum()), float(weights[never & errs].sum())
    return Columns(np.array(gain), bits, np.array(coverage), np.array(wrong), rest)
