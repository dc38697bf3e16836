"""Grades of a policy, each proved by walking every line of play that it allows, and the line that breaks one.

Any move with a positive weight may be chosen, so ties are broken by an adversary; the opponent may play anything. The same
folded state can occur with either side to move, so the walk is over nodes `2 * state + role`: role 0 when the policy is to
move, 1 when the opponent is. Node 0 is the start for a policy that plays first, node 1 for one that plays second.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int32s, Int64s
from games.jit import njit
from games.solving.graph import GameGraph
from games.solving.solve import Solution

GradeName = Literal["never_loses", "keeps_value"]


@dataclass(frozen=True)
class Grades:
    """What holds on every line of play that the policy allows, whatever the opponent does.

    never_loses: no line ends in a negative payoff (endless play is worth 0, so it is no loss). keeps_value: every move that
    may be chosen in a position the play can reach has regret 0. optimal_everywhere: the same in all positions. stalls:
    play can go on for ever among positions worth more than 0 to the policy, so that a value kept move by move need never
    be paid out; always false without cycles.
    """

    never_loses_first: bool
    never_loses_second: bool
    keeps_value_first: bool
    keeps_value_second: bool
    stalls_first: bool
    stalls_second: bool
    optimal_everywhere: bool

    @property
    def never_loses(self) -> bool:
        return self.never_loses_first and self.never_loses_second

    @property
    def keeps_value(self) -> bool:
        return self.keeps_value_first and self.keeps_value_second

    @property
    def stalls(self) -> bool:
        return self.stalls_first or self.stalls_second

    @property
    def plays_perfectly(self) -> bool:
        """Whether it keeps its value from both seats and cannot stall; its exploitability is then 0.

        On a line of such a policy the value never falls, so play that ends pays at least the value of the game. Play without an end pays
        0 and is less only among positions worth more than 0, which is to stall. The converse fails twice: who has lost anyway, or meets
        a mistake and gives it back, pays nothing for it.
        """
        return self.keeps_value and not self.stalls


def grades(graph: GameGraph, solution: Solution, weights: Float64s) -> Grades:
    """Prove or refute every grade of a policy given as a probability on every edge: [n_edges]."""
    careless = _careless_edges(graph, solution, weights)
    seats = []
    for first in (True, False):
        walk = _walk(graph, weights, first)
        seats.append(
            (
                not _lost(graph, walk).any(),
                not ((careless[walk.states] >= 0) & walk.own).any(),
                _stalls(graph, solution, weights, walk),
            )
        )
    (never_loses_first, keeps_first, stalls_first), (never_loses_second, keeps_second, stalls_second) = seats
    return Grades(
        never_loses_first=never_loses_first,
        never_loses_second=never_loses_second,
        keeps_value_first=keeps_first,
        keeps_value_second=keeps_second,
        stalls_first=stalls_first,
        stalls_second=stalls_second,
        optimal_everywhere=not (careless >= 0).any(),
    )


def witness(graph: GameGraph, solution: Solution, weights: Float64s, grade: GradeName, *, first: bool) -> list[tuple[int, int]] | None:
    """A shortest line of play that breaks a grade for one seat, or None when the grade holds.

    The line is a list of (state index, action) from the start; its last move ends the game in a loss (never_loses) or is
    the policy's first move with regret (keeps_value).
    """
    walk = _walk(graph, weights, first)
    if grade == "never_loses":
        broken = np.flatnonzero(_lost(graph, walk))
        last_edge = -1
    else:
        careless = _careless_edges(graph, solution, weights)
        broken = np.flatnonzero((careless[walk.states] >= 0) & walk.own)
        last_edge = int(careless[walk.states[broken[0]]]) if len(broken) else -1
    if not len(broken):
        return None
    edges = [last_edge] if last_edge >= 0 else []
    at = int(broken[0])
    while walk.came_from[at] >= 0:
        edges.append(int(walk.came_by[at]))
        at = int(walk.came_from[at])
    return [(int(graph.edge_parent[edge]), int(graph.edge_action[edge])) for edge in reversed(edges)]


class _Walk(NamedTuple):
    """Every node that play can reach, breadth first, and how each was first reached."""

    nodes: Int32s  # [n_reached] 2 * state + role
    came_from: Int32s  # [n_reached] index into `nodes`, -1 for the start
    came_by: Int64s  # [n_reached] edge

    @property
    def states(self) -> Int32s:
        return self.nodes >> 1

    @property
    def own(self) -> Bools:
        own: Bools = self.nodes & 1 == 0
        return own


def _walk(graph: GameGraph, weights: Float64s, first: bool) -> _Walk:
    graph.require(None, "a grade")
    return _Walk(*_breadth_first(graph.edge_start, graph.edge_child, weights, 0 if first else 1))


def _lost(graph: GameGraph, walk: _Walk) -> Bools:
    """Which reached nodes end the game in a loss for the policy: [n_reached]."""
    payoff = graph.payoff[walk.states]
    lost: Bools = (payoff < 0) & walk.own | (payoff > 0) & ~walk.own
    return lost


def _careless_edges(graph: GameGraph, solution: Solution, weights: Float64s) -> Int64s:
    """The first edge of each state that may be chosen and has regret, -1 where there is none: [n_states]."""
    careless = np.flatnonzero((weights > 0) & (solution.regret > 0))[::-1]
    first = np.full(graph.n_states, -1, dtype=np.int64)
    first[graph.edge_parent[careless]] = careless
    return first


def _stalls(graph: GameGraph, solution: Solution, weights: Float64s, walk: _Walk) -> bool:
    value = solution.value[walk.states]
    winning = walk.nodes[np.where(walk.own, value > 0, value < 0)]
    inside = np.zeros(2 * graph.n_states, dtype=np.bool_)
    inside[winning] = True
    return _has_cycle(graph.edge_start, graph.edge_child, weights, winning, inside)


@njit
def _breadth_first(edge_start: Int64s, edge_child: Int32s, weights: Float64s, start_node: int) -> tuple[Int32s, Int32s, Int64s]:
    n_nodes = 2 * (edge_start.shape[0] - 1)
    seen = np.zeros(n_nodes, dtype=np.bool_)
    nodes = np.empty(n_nodes, dtype=np.int32)
    came_from = np.empty(n_nodes, dtype=np.int32)
    came_by = np.empty(n_nodes, dtype=np.int64)
    nodes[0], came_from[0], came_by[0] = start_node, -1, -1
    seen[start_node] = True
    n_reached, i = 1, 0
    while i < n_reached:
        state, role = nodes[i] >> 1, nodes[i] & 1
        for edge in range(edge_start[state], edge_start[state + 1]):
            if role == 0 and not weights[edge] > 0.0:
                continue
            node = 2 * edge_child[edge] + 1 - role
            if not seen[node]:
                seen[node] = True
                nodes[n_reached], came_from[n_reached], came_by[n_reached] = node, i, edge
                n_reached += 1
        i += 1
    return nodes[:n_reached].copy(), came_from[:n_reached].copy(), came_by[:n_reached].copy()


@njit
def _has_cycle(
    edge_start: Int64s,
    edge_child: Int32s,
    weights: Float64s,
    nodes: Int32s,
    inside: Bools,
) -> bool:
    """Whether play can go round in a cycle without leaving the given nodes; `inside` marks them among all nodes."""
    n_parents = np.zeros(inside.shape[0], dtype=np.int32)
    ready = np.empty(nodes.shape[0], dtype=np.int32)
    n_ready = 0
    # The first pass counts the parents inside, the second takes away nodes that have none left: what stays is on or behind a cycle.
    for counting in (True, False):
        n_nodes = nodes.shape[0]
        i = 0
        while i < (n_nodes if counting else n_ready):
            node = nodes[i] if counting else ready[i]
            state, role = node >> 1, node & 1
            for edge in range(edge_start[state], edge_start[state + 1]):
                child = 2 * edge_child[edge] + 1 - role
                if (role == 0 and not weights[edge] > 0.0) or not inside[child]:
                    continue
                if counting:
                    n_parents[child] += 1
                else:
                    n_parents[child] -= 1
                    if n_parents[child] == 0:
                        ready[n_ready] = child
                        n_ready += 1
            i += 1
        if counting:
            for node in nodes:
                if n_parents[node] == 0:
                    ready[n_ready] = node
                    n_ready += 1
    return bool(n_ready < nodes.shape[0])
