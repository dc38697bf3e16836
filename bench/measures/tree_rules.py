"""The rules of a decision tree: its leaves, each with the answers on the path that leads to it."""

from typing import NamedTuple

import numpy as np

from bench.measures.rule_columns import Columns, rule_in_a_line
from games.arrays import Int64s
from games.errors import WorkError
from policies.api import Task, action_probabilities
from policies.language.atoms import Literal, atoms_of
from policies.trees.coding import branch_bits
from policies.trees.tree import TreePolicy

MAX_LEAVES = 1 << 14  # when nothing is shared


class Leaf(NamedTuple):
    """A leaf of the tree when nothing is shared."""

    path: tuple[tuple[int, bool], ...]  # (branch, whether its answer is yes), the root first
    score: int
    edges: Int64s  # the moves that come to it


def tree_columns(policy: TreePolicy, task: Task, code: str) -> tuple[list[str], Columns]:
    """The texts and the numbers of the leaves, the best-scored first.

    Raises WorkError for a tree of more than MAX_LEAVES leaves.
    """
    graph = task.graph
    leaves = sorted(leaves_of(policy, task), key=lambda leaf: -leaf.score)
    leaf_of, scores = np.zeros(graph.n_edges, dtype=np.int64), np.zeros(graph.n_edges)
    for number, leaf in enumerate(leaves):
        leaf_of[leaf.edges], scores[leaf.edges] = number, leaf.score
    chances = action_probabilities(graph, scores)
    mass = task.weights[graph.edge_parent] * chances
    regret = task.solution.regret.astype(np.float64)
    random = np.bincount(graph.edge_parent, regret, graph.n_states) / np.maximum(1, graph.n_moves)
    saved = mass * (random[graph.edge_parent] - regret)
    place = graph.edge_parent.astype(np.int64) * len(leaves) + leaf_of  # a position and a leaf
    erring = np.isin(place, np.unique(place[(chances > 0) & (regret > 0)]))
    atoms = atoms_of(task.game, graph)
    literals = [tuple(Literal(*policy.branches[branch].atom, holds) for branch, holds in leaf.path) for leaf in leaves]
    columns = Columns(
        np.bincount(leaf_of, saved, len(leaves)) / (task.uniform_regret or 1.0),
        np.array(leaf_bits(policy, leaves, task, code)),
        np.bincount(leaf_of, mass, len(leaves)).astype(np.float64),
        np.bincount(leaf_of, np.where(erring, mass, 0.0), len(leaves)).astype(np.float64),
        (0.0, 0.0, 0.0),
    )
    return [rule_in_a_line(atoms, rule) or "any legal move" for rule in literals], columns


def leaves_of(policy: TreePolicy, task: Task) -> list[Leaf]:
    """The leaves in the order of the questions, yes before no. Raises WorkError for a tree of more than MAX_LEAVES."""
    if policy.size > MAX_LEAVES:
        raise WorkError(f"a tree of {policy.size:,} leaves has more rules than a table holds: at most {MAX_LEAVES:,}; fit a smaller one")
    atoms = atoms_of(task.game, task.graph)
    holds = np.zeros(task.graph.n_edges, dtype=np.bool_)
    everything: Int64s = np.arange(task.graph.n_edges)
    pending: list[tuple[int, tuple[tuple[int, bool], ...], Int64s]] = [(len(policy.branches) - 1, (), everything)]
    if not policy.branches:
        return [Leaf((), 0, everything)]
    found = []
    while pending:
        node, path, edges = pending.pop()
        if node < 0:
            found.append(Leaf(path, ~node, edges))
            continue
        branch = policy.branches[node]
        held = atoms.edges(branch.atom)
        holds[held] = True
        on = holds[edges]
        holds[held] = False
        pending += [(branch.no, (*path, (node, False)), edges[~on]), (branch.yes, (*path, (node, True)), edges[on])]
    return found


def leaf_bits(policy: TreePolicy, leaves: list[Leaf], task: Task, code: str) -> list[float]:
    """Of the bits of each question in the file an equal part for every leaf below it. [n_leaves]"""
    bits = branch_bits(policy.branches, task, code)
    below = np.zeros(len(bits))
    for leaf in leaves:
        for branch, _ in leaf.path:
            below[branch] += 1
    return [float(sum(bits[branch] / below[branch] for branch, _ in leaf.path)) for leaf in leaves]
