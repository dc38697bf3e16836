"""A Monte Carlo tree search in plain Python, by textbook."""

import math
from dataclasses import dataclass, field

import numpy as np

from games.arrays import Float64s
from games.splitmix import splitmix64
from policies.api import Task
from policies.search.halving import visits_due


@dataclass
class Node:
    """A position in the twin's tree, and for each of its moves the tries, the sum of their results and the node behind."""

    state: int
    tries: list[int] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)
    behind: list["Node | None"] = field(default_factory=list)


@dataclass
class Twin:
    """The same search by textbook, with the same random numbers. `leaves`: values of new positions; None: playouts."""

    task: Task
    selection: str
    prior: Float64s
    leaves: Float64s | None
    key: int
    simulations: int
    n_drawn: int = 0

    def draw(self, n: int) -> int:
        number = int(splitmix64(np.array([(self.key + self.n_drawn) % (1 << 64)], dtype=np.uint64))[0])
        self.n_drawn += 1
        return (number >> 32) * n >> 32

    def edges(self, state: int) -> range:
        return range(self.task.graph.edge_start[state], self.task.graph.edge_start[state + 1])

    def node(self, state: int) -> Node:
        n = len(self.edges(state))
        return Node(state, [0] * n, [0.0] * n, [None] * n)

    def search(self, state: int) -> list[int]:
        """How often each move is tried."""
        return self.root(state).tries

    def root(self, state: int) -> Node:
        """The root of the tree that the search leaves."""
        graph, root = self.task.graph, self.node(state)
        prior = [float(self.prior[edge]) for edge in self.edges(state)]
        gumbel = [-math.log(-math.log((self.draw(1 << 31) + 0.5) / (1 << 31))) for _ in prior] if self.selection == "gumbel" else []
        due = visits_due(min(16, len(prior)), self.simulations)
        for simulation in range(self.simulations):
            node, path = root, []
            while True:
                if node is root and gumbel:
                    found = [i for i, n in enumerate(root.tries) if n == due[simulation]]
                    move = max(found, key=lambda i: gumbel[i] + math.log(prior[i]) + self.sigma(root, i))
                else:
                    move = self.select(node)
                path.append((node, move))
                child = int(graph.edge_child[self.edges(node.state)[move]])
                behind = node.behind[move]
                if behind is None or graph.terminal[child]:
                    node.behind[move] = behind or self.node(child)
                    value = self.value(child)
                    break
                node = behind
            for node, move in reversed(path):
                value = -value
                node.tries[move] += 1
                node.sums[move] += value
        return root

    def select(self, node: Node) -> int:
        total, bounds = sum(node.tries), []
        for edge, n, won in zip(self.edges(node.state), node.tries, node.sums, strict=True):
            if self.selection == "uct":
                bounds.append(won / n + math.sqrt(math.log(total + 1) / n) if n else math.inf)
            else:
                bounds.append((won / n if n else 0.0) + float(self.prior[edge]) * math.sqrt(total + 1) / (1 + n))
        best = [move for move, bound in enumerate(bounds) if bound == max(bounds) or bound > max(bounds) - 1e-12]
        return best[self.draw(len(best))] if len(best) > 1 else best[0]

    def sigma(self, root: Node, move: int) -> float:
        mean = root.sums[move] / root.tries[move] if root.tries[move] else sum(root.sums) / max(1, sum(root.tries))
        return (50 + max(root.tries)) * (mean + 1) / 2

    def value(self, state: int) -> float:
        graph, scale, sign = self.task.graph, self.task.game.max_payoff, 1
        if self.leaves is not None and not graph.terminal[state]:
            return float(self.leaves[state]) / scale
        while not graph.terminal[state]:
            edges = self.edges(state)
            state, sign = int(graph.edge_child[edges[self.draw(len(edges))]]), -sign
        return sign * float(graph.payoff[state]) / scale
