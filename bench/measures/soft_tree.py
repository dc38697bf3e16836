"""A soft tree read as a person reads its drawing: one path from the root down, then the best move of the leaf.

Frosst & Hinton, "Distilling a neural network into a soft decision tree" (2017), explain a choice by one path. Play weighs all leaves
by the shares of the position that reach them; so the reading may choose other moves than the tree, and is measured apart.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from games.arrays import Float64s, Int64s
from games.errors import UsageError
from policies.api import Scores, Task
from policies.networks.architectures import inputs_of, layers_of
from policies.networks.forward import PLAY, matrices_of, paths
from policies.networks.policy import NetworkPolicy


@dataclass(frozen=True, eq=False)
class SoftTree:
    """The numbers of a soft tree on a task. Node n leads left to 2n + 1 and right to 2n + 2; the leaves come after the gates."""

    policy: NetworkPolicy
    task: Task

    def __post_init__(self) -> None:
        if self.policy.design.family != "softtree" or any(self.policy.design.ranks):
            raise UsageError(f"a network of the architecture {self.policy.design.family} has no gates: give a file of a soft tree")

    @property
    def n_levels(self) -> int:
        return self.policy.design.size

    @cached_property
    def matrices(self) -> tuple[Float64s, Float64s, Float64s]:
        """Weights [n_gates, n_inputs] and biases [n_gates] of the gates, and the scores of the leaves [n_actions, n_leaves]."""
        (weights, biases), (leaves, _) = matrices_of(layers_of(self.policy.design, self.task.game), self.policy.parameters)
        return weights, biases[:, 0], leaves

    @cached_property
    def inputs(self) -> Float64s:
        """[n_inputs, n_positions]"""
        graph = self.task.graph
        return inputs_of(self.policy.design, self.task.game, graph.states[graph.positions]).astype(np.float64)

    @cached_property
    def shares(self) -> Float64s:
        """The share of each position that goes right at each gate: [n_gates, n_positions]."""
        weights, biases, _ = self.matrices
        return PLAY.gate(weights @ self.inputs + biases[:, None])  # type: ignore[no-any-return]

    def node(self, n_levels: int) -> Int64s:
        """The node to which each position comes after some levels, right at a gate where more than half of it goes right: [n_positions]."""
        place = np.zeros(self.inputs.shape[1], dtype=np.int64)
        columns = np.arange(len(place))
        for _ in range(n_levels):
            place = 2 * place + 1 + (self.shares[place, columns] > 0.5)
        return place

    def node_scores(self, n_levels: int) -> Float64s:
        """The mean scores of the leaves below each node of a level: [n_actions, 2 ** n_levels]."""
        leaves = self.matrices[2]
        means: Float64s = leaves.reshape(len(leaves), 1 << n_levels, -1).mean(axis=2)
        return means

    def reading(self, n_levels: int | None = None) -> Scores:
        """A score for every edge by the node reached after some levels, all unless given, with the likelier side at each gate. [n_edges]"""
        depth = self.n_levels if n_levels is None else n_levels
        graph, means = self.task.graph, self.node_scores(depth)
        reached = np.zeros(graph.n_states, dtype=np.int64)
        reached[graph.positions] = self.node(depth) - ((1 << depth) - 1)
        scores: Scores = means[graph.edge_action, reached[graph.edge_parent]]
        return scores

    def share_read(self) -> Float64s:
        """The share of each position that reaches the leaf which is read: [n_positions]."""
        leaf = self.node(self.n_levels) - len(self.shares)
        found: Float64s = paths(self.shares, PLAY)[leaf, np.arange(len(leaf))]
        return found

    def numbers_read(self, n_levels: int | None = None) -> Float64s:
        """How many numbers a reader adds or compares in each position: [n_positions].

        These are at each gate of the path its bias and the weights of the inputs that are on, where they are not zero; then the scores of
        the legal moves.
        """
        depth = self.n_levels if n_levels is None else n_levels
        weights, biases, _ = self.matrices
        counts = (weights != 0) @ self.inputs + (biases != 0)[:, None]
        columns = np.arange(self.inputs.shape[1])
        found: Float64s = self.task.graph.n_moves[self.task.graph.positions].astype(np.float64)
        for level in range(depth):
            found = found + counts[self.node(level), columns]
        return found
