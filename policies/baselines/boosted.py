"""Boosted trees: scikit-learn's gradient boosting on the atoms of a language, fitted to regret, with whole numbers in the leaves.

The score of a move is the sum of one leaf of each tree (Friedman, "Greedy function approximation: a gradient boosting machine",
2001). What is fitted is how much better a move is than the mean of its position, since only that decides between moves.
"""

import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from games.arrays import Float64s, Int64s
from games.errors import UsageError
from policies.api import Range, Scores, Task, budget_ladder, check_budgets
from policies.baselines.common import NFeatures, NPositions, check_options, needs_extra, sample_positions
from policies.codec.adaptive_coder import Coder, Decoder, Encoder, code_count, code_symbol
from policies.explanation import Entry, Explanation
from policies.language.atoms import Atoms, Literal, Predicate, atoms_of
from policies.language.features import make_features
from policies.language.language import LanguageName, language_source, make_language
from policies.language.work import Count
from policies.rules.format.literals import CLOSED, MAX_MISSING, Code, check_open, code_rules, file_code

Tree = int | tuple[Predicate, "Tree", "Tree"]  # a leaf's value; or an atom, where to go if it holds, and where if not

MAX_BUDGET = 128  # of the default ones
MIN_ROWS = 5  # of a leaf
MAX_TREES, MAX_LEAVES = 1 << 14, 256  # in a file
SHOWN = 8  # trees that `explain` writes out


@dataclass(frozen=True)
class Ensemble:
    """Trees whose leaves are summed, in the order in which they were fitted."""

    trees: tuple[Tree, ...]

    @property
    def size(self) -> int:
        return len(self.trees)

    @cached_property
    def used(self) -> tuple[Predicate, ...]:
        """The atoms in the order of their first use."""
        return tuple(dict.fromkeys(atom for tree in self.trees for atom in splits(tree)))

    def scores(self, task: Task) -> Scores:
        atoms, everywhere = atoms_of(task.game, task.graph), np.arange(task.graph.n_edges)
        scores = np.zeros(task.graph.n_edges)
        for tree in self.trees:
            for node, edges in reached(tree, everywhere, atoms):
                if isinstance(node, int):
                    scores[edges] += node
        return scores

    def operations(self, task: Task) -> Float64s:
        """Each move is asked the questions on its way down each tree, and the number at the end is added. [n_states]"""
        atoms, everywhere = atoms_of(task.game, task.graph), np.arange(task.graph.n_edges)
        count = Count(atoms)
        for tree in self.trees:
            count.total += task.graph.n_moves
            for node, edges in reached(tree, everywhere, atoms):
                if not isinstance(node, int):
                    count.ask(node[0], edges)
        return count.total


@dataclass(frozen=True)
class BoostedLearner:
    """Fits one ensemble, on a sample of the positions; budgets are its first trees."""

    language: LanguageName = "concepts+patterns"
    positions: NPositions = 20_000
    features: NFeatures = 300
    leaves: Annotated[int, Range(2, MAX_LEAVES), "the most leaves of a tree (2: one atom a tree)"] = 8
    learning_rate: Annotated[float, Range(0, 1, is_open=True), "how much of what is left a tree takes away"] = 0.3
    resolution: Annotated[
        int, Range(1, 1 << 24), "a leaf is rounded to this part of the standard deviation of what is fitted: larger makes longer files"
    ] = 32
    code: Code = CLOSED

    name = "boosted"
    unit = "trees"
    is_nested = False

    def __post_init__(self) -> None:
        check_options(self, positions=1, features=1, leaves=2, resolution=1)
        if self.leaves > MAX_LEAVES:
            raise UsageError(f"boosted option leaves={self.leaves}: at most {MAX_LEAVES}")
        if not (isinstance(self.learning_rate, int | float) and 0 < self.learning_rate <= 1):
            raise UsageError(f"boosted option learning_rate={self.learning_rate!r}: give a number above 0, up to 1")
        check_open(self.language, self.code)

    def default_budgets(self, task: Task) -> Sequence[int]:
        return budget_ladder(MAX_BUDGET)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[Ensemble]:
        chosen = check_budgets(budgets)
        trees = self._fit(task, min(chosen[-1], MAX_TREES), seed)
        for budget in chosen:
            yield Ensemble(trees[:budget])
            if budget >= len(trees):
                return

    def _fit(self, task: Task, n_trees: int, seed: int) -> tuple[Tree, ...]:
        """The trees, without those that do not split once their leaves are rounded: these add the same to every move."""
        with needs_extra(self.name):
            from sklearn.ensemble import HistGradientBoostingRegressor
            from threadpoolctl import threadpool_limits
        graph = task.graph
        language = make_language(self.language, task.game, graph)
        sample = sample_positions(task, self.positions, seed)
        features = make_features(task, language, self.features, sample.edges)
        if not len(features.numbers):
            return ()
        parent = graph.edge_parent[features.edges]
        regret = task.solution.regret[features.edges].astype(np.float64)
        mean = (np.bincount(parent, regret, graph.n_states) / np.maximum(graph.n_moves, 1))[parent]
        weights = sample.counts[np.searchsorted(sample.positions, parent)] / graph.n_moves[parent]
        unit = math.sqrt(float(np.average((mean - regret) ** 2, weights=weights))) / self.resolution
        model = HistGradientBoostingRegressor(
            max_iter=n_trees,
            max_leaf_nodes=self.leaves,
            learning_rate=self.learning_rate,
            min_samples_leaf=MIN_ROWS,
            max_bins=2,
            early_stopping=False,
            random_state=seed % 2**32,
        )
        with threadpool_limits(1, "openmp"):  # two threads that share a core with other work take longer than one
            model.fit(features.dense(), mean - regret, sample_weight=weights)
        names = [language.predicate(number) for number in features.numbers.tolist()]
        trees = (_as_tree(nodes, 0, names, unit) for nodes in _nodes(model))
        return tuple(tree for tree in trees if not isinstance(tree, int))

    def encode(self, policy: Ensemble, task: Task) -> bytes:
        coder = Encoder()
        code_ensemble(coder, policy, task, file_code(self.language, self.code))
        return coder.finish()

    def decode(self, data: bytes, task: Task) -> Ensemble:
        policy = code_ensemble(Decoder(data), None, task, file_code(self.language, self.code))
        if self.encode(policy, task) != data:
            raise UsageError(f"these {len(data)} bytes are no boosted trees for {task.game.id}: the file is damaged, or not one of theirs")
        return policy

    def source(self, policy: Ensemble, task: Task) -> str:
        """The atoms, how trees are read and summed, and the format."""
        parts = "\n".join(inspect.getsource(part) for part in (reached, code_tree))
        return "\n".join([parts, language_source(self.language, atoms_of(task.game, task.graph), policy.used)])

    def explain(self, policy: Ensemble, task: Task) -> Explanation:
        """The first trees as nested questions, with the points that each answer gives."""
        atoms = atoms_of(task.game, task.graph)
        entries = []
        for i, tree in enumerate(policy.trees[:SHOWN], start=1):
            boards = tuple(found.board for atom in splits(tree) if (found := atoms.describe(Literal(*atom))).board)
            entries.append(Entry(f"tree {i}", boards, lines=(f"tree {i}", *_in_words(tree, atoms, "  "))))
        lead = f"Play the move with the most points; each of {policy.size} trees gives it some."
        return Explanation(lead, tuple(entries), "..." if policy.size > SHOWN else "")


def splits(tree: Tree) -> Iterator[Predicate]:
    """The atoms of a tree from the root down, those where the atom above holds first."""
    if not isinstance(tree, int):
        yield tree[0]
        yield from splits(tree[1])
        yield from splits(tree[2])


def reached(tree: Tree, edges: Int64s, atoms: Atoms) -> Iterator[tuple[Tree, Int64s]]:
    """Every node of a tree with those of the given edges whose way leads there."""
    yield tree, edges
    if not isinstance(tree, int):
        holds = np.isin(edges, atoms.edges(tree[0]), assume_unique=True)
        yield from reached(tree[1], edges[holds], atoms)
        yield from reached(tree[2], edges[~holds], atoms)


def code_ensemble(coder: Coder, policy: Ensemble | None, task: Task, code: str) -> Ensemble:
    """The file format in both directions (the decoder is given None): the atoms as a list of rules of one literal each, the trees."""
    given = None if policy is None else tuple((Literal(*atom),) for atom in policy.used)
    _, rules = code_rules(coder, "first-match", given, task, code)
    if any(len(rule) != 1 for rule in rules):
        raise UsageError(f"these are no boosted trees for {task.game.id}: atoms stand alone in them")
    atoms = policy.used if policy else tuple(rule[0].atom for rule in rules)
    n_trees = code_count(coder, "trees", policy.size if policy else 0)
    trees: list[Tree] = []
    for i in range(n_trees):
        given_tree = policy.trees[i] if policy else 0
        n_splits = code_count(coder, "splits", sum(1 for _ in splits(given_tree)))
        if not atoms or n_trees > MAX_TREES or n_splits >= MAX_LEAVES or (isinstance(coder, Decoder) and coder.n_missing > MAX_MISSING):
            raise UsageError(f"these are no whole boosted trees for {task.game.id}: tree {i + 1} of {n_trees} is none; fit them again")
        trees.append(code_tree(coder, given_tree, atoms, (i + 1).bit_length(), n_splits)[0])
    return Ensemble(tuple(trees))


def code_tree(coder: Coder, tree: Tree, atoms: Sequence[Predicate], age: int, n_splits: int) -> tuple[Tree, int]:
    """A tree of at most `n_splits` splits, coded from its root, and the number of splits left over.

    A node is an atom and its two sides, or a leaf's value.
    """
    if n_splits and coder.code("leaf", int(isinstance(tree, int))) == 0:
        given, yes, no = tree if isinstance(tree, tuple) else (atoms[0], 0, 0)
        atom = atoms[code_symbol(coder, "atom", atoms.index(given), len(atoms))]
        yes, n_splits = code_tree(coder, yes, atoms, age, n_splits - 1)
        no, n_splits = code_tree(coder, no, atoms, age, n_splits)
        return (atom, yes, no), n_splits
    value = tree if isinstance(tree, int) else 0
    size = code_count(coder, ("value", age), abs(value))  # later trees have smaller values
    return -size if size and coder.code("sign", int(value < 0)) else size, n_splits


def _nodes(model: Any) -> list[Any]:
    """The nodes of each fitted tree, which scikit-learn shows to no one: its arrays, as in its release 1.9."""
    return [predictors[0].nodes for predictors in model._predictors]


def _as_tree(nodes: Any, index: int, names: Sequence[Predicate], unit: float) -> Tree:
    node = nodes[index]
    if node["is_leaf"]:
        return round(float(node["value"]) / unit)
    no, yes = (_as_tree(nodes, int(node[side]), names, unit) for side in ("left", "right"))  # left: 0, the atom does not hold
    return yes if yes == no else (names[node["feature_idx"]], yes, no)


def _in_words(tree: Tree, atoms: Atoms, indent: str) -> list[str]:
    if isinstance(tree, int):
        return [f"{indent}{tree:+d}"]
    found = atoms.describe(Literal(*tree[0]))
    lines = [f"{indent}if it {found.text}", *(indent + "    " + line for line in found.picture)]
    return [*lines, *_in_words(tree[1], atoms, indent + "  "), f"{indent}else", *_in_words(tree[2], atoms, indent + "  ")]
