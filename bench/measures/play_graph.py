"""Play between a policy and an opponent as one graph: who can come where, and in which order to evaluate it.

The same folded state can occur with either side to move, so a node is `2 * state + role`: role 0 when the policy is to
move, 1 when the opponent is. Node 0 is the start for a policy that plays first, node 1 for one that plays second.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int32s, Int64s
from games.jit import njit
from games.solving.graph import GameGraph


class PlayGraph(NamedTuple):
    """The nodes that two players can reach from either start, children first, as a graph of their own."""

    graph: GameGraph
    nodes: Int32s  # [n_nodes] 2 * state + role
    first_node: Int32s  # [n_components + 1] where each strongly connected component begins
    start: Int64s  # [n_nodes + 1] where each node's edges begin
    child: Int32s  # [n_edges] index of the child among the nodes
    probability: Float64s  # [n_edges]
    starts: Int64s  # [2] the nodes where the policy plays first, second

    @property
    def opponents(self) -> Bools:
        """At which nodes the opponent is to move: [n_nodes]."""
        opponents: Bools = self.nodes & 1 == 1
        return opponents

    def ends(self) -> Float64s:
        """Payoff to the policy where play ends, 0 elsewhere: [n_nodes]."""
        payoff: Float64s = self.graph.payoff[self.nodes >> 1].astype(np.float64)
        payoff[self.opponents] *= -1.0
        return payoff


def play_graph(graph: GameGraph, policy: Float64s, opponent: Float64s) -> PlayGraph:
    """The graph of play when the policy and its opponent choose each edge with the given probabilities: [n_edges] each."""
    graph.require(None, "an expected result")
    nodes, first_node = components(graph.edge_start, graph.edge_child, policy, opponent, np.arange(2))
    start, child, probability, rank = _renumber(graph.edge_start, graph.edge_child, policy, opponent, nodes)
    return PlayGraph(graph, nodes, first_node, start, child, probability, rank[:2].astype(np.int64))


@njit
def components(edge_start: Int64s, edge_child: Int32s, policy: Float64s, opponent: Float64s, roots: Int64s) -> tuple[Int32s, Int32s]:
    """All nodes in reach of the roots, one strongly connected component after another, children first.

    A node is `2 * state + role`; it has the edges of its state to which `policy` (role 0) or `opponent` (role 1) gives a weight
    [n_edges] above 0, and they lead to nodes of the other role. Depth first in the manner of Tarjan (1972), except that a node goes on
    the stack when it is finished and not when it is found (Nuutila & Soisalon-Soininen 1994): inside a component, too, children then
    mostly stand before their parents, which is the good order for sweeps and for elimination. Returns the nodes, and where each
    component begins among them.
    """
    n = 2 * (edge_start.shape[0] - 1)
    settled = np.int32(2**31 - 1)
    found = np.zeros(n, dtype=np.int32)  # when a node was found, from 1; 0 for not yet
    low = np.zeros(n, dtype=np.int32)  # earliest found node known to be in the same component
    next_edge = np.empty(n, dtype=np.int64)
    path = np.empty(n, dtype=np.int32)
    finished = np.empty(n, dtype=np.int32)
    order = np.empty(n, dtype=np.int32)
    first_node = np.zeros(n + 1, dtype=np.int32)
    n_found = n_finished = n_ordered = n_components = 0
    for root in roots:
        if found[root]:
            continue
        path[0] = root
        n_path = 1
        while n_path:
            node = path[n_path - 1]
            state, role = node >> 1, node & 1
            if not found[node]:
                n_found += 1
                found[node] = low[node] = n_found
                next_edge[node] = edge_start[state]
            went_down = False
            while next_edge[node] < edge_start[state + 1]:
                edge = next_edge[node]
                if (policy[edge] if role == 0 else opponent[edge]) > 0.0:
                    child = 2 * edge_child[edge] + 1 - role
                    if not found[child]:
                        path[n_path] = child
                        n_path += 1
                        went_down = True
                        break
                    low[node] = min(low[node], low[child])
                next_edge[node] += 1
            if went_down:
                continue
            n_path -= 1
            if low[node] < found[node]:
                finished[n_finished] = node
                n_finished += 1
                continue
            bottom = n_finished
            while bottom > 0 and found[finished[bottom - 1]] > found[node]:
                bottom -= 1
            for i in range(bottom, n_finished):
                order[n_ordered] = finished[i]
                low[finished[i]] = settled
                n_ordered += 1
            n_finished = bottom
            order[n_ordered] = node
            low[node] = settled
            n_ordered += 1
            n_components += 1
            first_node[n_components] = n_ordered
    return order[:n_ordered].copy(), first_node[: n_components + 1].copy()


@njit
def _renumber(
    edge_start: Int64s,
    edge_child: Int32s,
    policy: Float64s,
    opponent: Float64s,
    nodes: Int32s,
) -> tuple[Int64s, Int32s, Float64s, Int32s]:
    """The edges between the given nodes in that order, so that sweeps run through memory; and each node's rank, -1 for none."""
    rank = np.full(2 * (edge_start.shape[0] - 1), -1, dtype=np.int32)
    n_edges = 0
    for i in range(nodes.shape[0]):
        rank[nodes[i]] = i
        n_edges += edge_start[(nodes[i] >> 1) + 1] - edge_start[nodes[i] >> 1]
    start = np.zeros(nodes.shape[0] + 1, dtype=np.int64)
    child = np.empty(n_edges, dtype=np.int32)
    probability = np.empty(n_edges, dtype=np.float64)
    n_kept = 0
    for i in range(nodes.shape[0]):
        state, role = nodes[i] >> 1, nodes[i] & 1
        for edge in range(edge_start[state], edge_start[state + 1]):
            weight = policy[edge] if role == 0 else opponent[edge]
            if weight > 0.0:
                child[n_kept] = rank[2 * edge_child[edge] + 1 - role]
                probability[n_kept] = weight
                n_kept += 1
        start[i + 1] = n_kept
    return start, child[:n_kept].copy(), probability[:n_kept].copy(), rank
