"""One table of rules for every model: what each rule of a list, leaf of a tree, weight or unit gains, costs, decides and gets wrong.

The rows end with one for all that belongs to no rule. With it, in each of the four kinds of model, the gains add up to the gain of
the policy and the bits to the length of its file. In a first-match list and in a tree the coverages add up to 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from bench.measures.rule_columns import Columns, columns_by_adding, in_a_line, rule_in_a_line
from bench.measures.rule_facts import decisions, file_shares, prefix_shares
from bench.measures.tree_rules import tree_columns
from bench.measures.unit_rules import unit_columns
from games.errors import UsageError
from policies.api import Learner, Policy, Scores, Task
from policies.language.atoms import Literal, atoms_of
from policies.networks.policy import NetworkPolicy
from policies.networks.subspace import SubspacePolicy
from policies.rules.format.literals import CLOSED
from policies.rules.rulelist import RuleList
from policies.rules.weighted import WeightedList, ideal_length
from policies.trees.tree import TreePolicy

COLUMNS = ("number", "rule", "gain", "bits", "coverage", "errors")


class Meaning(NamedTuple):
    """The meaning of each column of a table for one kind of model, a sentence each."""

    rule: str
    gain: str
    bits: str
    coverage: str
    errors: str


ADDS_BITS = "Bits: how much longer the file gets when the rule is added to those above it"
CHANGES = "Coverage: the share of positions, by weight, at which adding the rule to those above it changes the moves that may be played."
SPOILS = "Errors: the share of these positions at which the moves that may then be played are not all optimal."
MEANINGS: dict[str, Meaning] = {
    "first-match": Meaning(
        "A rule is a rule of the list; the last row is the play where no rule applies.",
        "Gain: what the rule adds to the gain of the rules above it.",
        f"{ADDS_BITS}; the last row has the head of the file and the rounding to bytes.",
        "Coverage: the share of positions, by weight, at which the rule is the first to apply.",
        "Errors: the share of these positions at which it leaves a move that is not optimal.",
    ),
    "lexicographic": Meaning(
        "A rule is a rule of the list; the last row is the play where no rule narrows the moves.",
        "Gain: what the rule adds to the gain of the rules above it.",
        f"{ADDS_BITS}; the last row has the head of the file and the rounding to bytes.",
        "Coverage: the share of positions, by weight, at which the rule narrows the moves; several rules may narrow those of one position.",
        "Errors: the share of these positions at which it throws away the last optimal move.",
    ),
    "tree": Meaning(
        "A rule is a leaf with the answers that lead to it, the best-scored first; a leaf that several paths share counts once a path.",
        "Gain: what playing the moves of the leaf, in place of random ones, adds to the gain at the positions that it decides.",
        "Bits: of each question in the file an equal part for every leaf below it; the last row has the head and the rounding to bytes.",
        "Coverage: the share of positions, by weight, whose best-scored moves lie in the leaf; leaves of one score share a position.",
        "Errors: the share of these positions at which the moves in the leaf are not all optimal.",
    ),
    "weighted": Meaning(
        "A rule is an atom with its weight, the largest weight first; the last row is the play where no atom tells moves apart.",
        "Gain: what the atom adds to the gain of the atoms above it.",
        f"{ADDS_BITS}; the last row has the head of the file and the rounding to bytes.",
        CHANGES,
        SPOILS,
    ),
    "network": Meaning(
        "A rule is a hidden unit with all copies that share its weights, or an output where there is none, the most missed alone first.",
        "Gain: what the unit adds to the gain of the units above it, the others held at zero; the last row is the play without any.",
        "Bits: how much longer the file gets when the unit's weights are added to those above it, the others zero; a unit's weights are"
        " those into it, and in the last hidden layer also those out of it; the last row has the rest of the file.",
        CHANGES,
        SPOILS,
    ),
}
NO_SHARE = " The file of a network in a random subspace has no part for a unit: all of its bits are in the last row."


@dataclass(frozen=True)
class TableRow:
    """A rule and its numbers; `number` is None for all that belongs to no rule."""

    number: int | None
    rule: str
    gain: float
    bits: float
    coverage: float
    errors: float | None  # None where it decides nothing


@dataclass(frozen=True)
class RuleTable:
    """The rules of a policy, in their order, and last what belongs to none."""

    kind: str
    caption: str  # what a rule and the columns are
    rows: tuple[TableRow, ...]

    @property
    def gain(self) -> float:
        """That of the policy: the sum of the column."""
        return sum(row.gain for row in self.rows)


def rule_table(learner: Learner[Any], policy: Policy, task: Task, n_bits: int, code: str = CLOSED) -> RuleTable:
    """The table of a policy whose file has `n_bits` bits and names patterns by `code`.

    Raises UsageError for a policy that is no list, tree, weighted list or network.

    >>> import gaincurve
    >>> fitted = gaincurve.fit("tictactoe", "rulelist", 4)
    >>> table = fitted.table()
    >>> [row.number for row in table.rows], round(sum(row.gain for row in table.rows), 4), sum(row.bits for row in table.rows)
    ([1, 2, 3, 4, None], 0.9689, 32.0)
    """
    if isinstance(policy, RuleList):
        atoms = atoms_of(task.game, task.graph)
        texts = [rule_in_a_line(atoms, rule) for rule in policy.rules]
        return _table(policy.semantics, texts, _of_list(policy, task, code), n_bits, "any legal move")
    if isinstance(policy, WeightedList):
        atoms = atoms_of(task.game, task.graph)
        pairs = zip(policy.atoms, policy.weights, strict=True)
        texts = [f"{weight:+d}: {in_a_line(atoms, Literal(*atom))}" for atom, weight in pairs]
        return _table("weighted", texts, _of_weights(policy, task, code), n_bits, "any legal move")
    if isinstance(policy, TreePolicy):
        texts, columns = tree_columns(policy, task, code)
        return _table("tree", texts, columns, n_bits, "the head of the file")
    if isinstance(policy, NetworkPolicy | SubspacePolicy):
        is_whole = isinstance(policy, NetworkPolicy)
        network = policy if isinstance(policy, NetworkPolicy) else policy.network(task.game)
        texts, columns = unit_columns(network, task, (lambda each: learner.encode(each, task)) if is_whole else None)
        return _table("network", texts, columns, n_bits, "the network without its units", "" if is_whole else NO_SHARE)
    raise UsageError(f"--table is about lists, trees, weighted lists and networks; this is a policy of the learner {learner.name}")


def _table(kind: str, texts: Sequence[str], columns: Columns, n_bits: int, rest: str, more: str = "") -> RuleTable:
    rows = []
    for number, values in enumerate(zip(texts, *(each.tolist() for each in columns[:4]), strict=True), start=1):
        text, gain, bits, coverage, wrong = values
        rows.append(TableRow(number, text, _clean(gain), bits, coverage, _share(wrong, coverage)))
    gain, coverage, wrong = columns.rest
    rows.append(TableRow(None, rest, _clean(gain), n_bits - float(columns.bits.sum()), coverage, _share(wrong, coverage)))
    return RuleTable(kind, " ".join(MEANINGS[kind]) + more, tuple(rows))


def _clean(gain: float) -> float:
    """A gain without what is left of rounding where it is zero."""
    return round(gain, 15) + 0.0


def _share(part: float, whole: float) -> float | None:
    return min(1.0, part / whole) if whole > 0 else None


def _of_list(policy: RuleList, task: Task, code: str) -> Columns:
    graph, n_rules = task.graph, policy.size
    found = decisions(policy, task, policy.scores(task))
    weights = task.weights[found.state]
    undecided = task.weights.copy()
    undecided[found.state] = 0.0
    errs = np.zeros(graph.n_states, dtype=np.bool_)
    errs[graph.edge_parent[task.solution.regret > 0]] = True
    return Columns(
        np.bincount(found.rule, weights * (found.before - found.after), n_rules) / (task.uniform_regret or 1.0),
        file_shares(policy, task, range(n_rules), code),
        np.bincount(found.rule, weights, n_rules).astype(np.float64),
        np.bincount(found.rule[found.errs], weights[found.errs], n_rules).astype(np.float64),
        (0.0, float(undecided.sum()), float(undecided[errs].sum())),
    )


def _of_weights(policy: WeightedList, task: Task, code: str) -> Columns:
    def first(n: int) -> WeightedList:
        return WeightedList(policy.atoms[:n], policy.weights[:n])

    bits = prefix_shares(lambda n: ideal_length(first(n), task, code), range(policy.size))
    atoms = atoms_of(task.game, task.graph)

    def steps() -> Iterable[Scores]:
        scores = np.zeros(task.graph.n_edges)
        yield scores
        for atom, weight in zip(policy.atoms, policy.weights, strict=True):
            scores[atoms.edges(atom)] += weight
            yield scores

    return columns_by_adding(task, steps(), bits)
