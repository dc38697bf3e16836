"""The smallest table of memorised moves with which a player never loses, exactly, by integer programming.

Variables, all 0 or 1: `reached` for every position with either player to move, `entry` for every own position, `move` for
every own move that does not give the game away. Reached positions are closed under the other's moves, under memorised
moves and, where a position without an entry may play anything, under all of its moves; no reached position is lost. What
is minimised is the number of entries, or their bits. Positions are folded by symmetry.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from games.arrays import Bools
from games.errors import UsageError, WorkError
from games.solving.graph import GameGraph
from games.solving.solve import Solution


@dataclass(frozen=True)
class NeverLosingTable:
    """Positions and the moves memorised there, with what they cost."""

    moves: dict[int, int]  # state: edge
    bits: float  # the sum of log2(legal moves) over the entries: what it takes to name each move
    proved: bool  # whether no smaller one exists; else the search ran out of time

    @property
    def n_entries(self) -> int:
        return len(self.moves)


def smallest_never_losing_table(
    graph: GameGraph,
    solution: Solution,
    seat: int,
    cost: Literal["entries", "bits"] = "entries",
    elsewhere: Literal["never", "any move"] = "never",
    seconds: float = 120.0,
) -> NeverLosingTable:
    """The table with the fewest entries (or bits) with which the player in `seat` (0 moves first) never loses.

    `elsewhere` says what happens at an own position without an entry that the player's lines of play can reach: "never",
    so every such position needs one; or "any move" may be played, so all of its moves must be safe. Endless play is not
    lost. Raises UsageError for an unknown seat, WorkError where that player cannot help losing or no table was found in
    `seconds`.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    if seat not in (0, 1):
        raise UsageError(f"seat {seat}: write 0 for the player who moves first or 1 for the other")
    if solution.value[0] * (-1) ** seat < 0:
        raise WorkError(f"{graph.game_id}: the player in seat {seat} loses against best play, so no table never loses")
    nodes = _positions(graph, solution, seat)
    constraints = _Rows()
    prices = [0.0] * len(nodes)
    move_of: dict[int, tuple[int, int]] = {}  # variable: (entry, edge)
    for (state, own), reached in nodes.items():
        kids = _children(graph, state)
        safe = {child: edge for child, edge in kids.items() if (child, not own) in nodes}
        if not own:  # every move of the other must stay safe: those of a position that is not lost are
            for child in safe:
                constraints.add({nodes[child, True]: 1, reached: -1}, 0)
            continue
        if not kids:
            continue
        entry = len(prices)
        n_legal = int(graph.n_moves[state])
        prices.append(1.0 if cost == "entries" else float(np.log2(n_legal)))
        memorised = range(entry + 1, entry + 1 + len(safe))
        prices += [0.0] * len(safe)
        constraints.add({**dict.fromkeys(memorised, 1), entry: -1}, 0)
        if elsewhere == "never" or len(safe) < len(kids):
            constraints.add({entry: 1, reached: -1}, 0)
        for move, (child, edge) in zip(memorised, safe.items(), strict=True):
            move_of[move] = (entry, edge)
            constraints.add({nodes[child, False]: 1, move: -1}, 0)
            if elsewhere == "any move":
                constraints.add({nodes[child, False]: 1, reached: -1, entry: 1}, 0)
    constraints.add({0: 1}, 1)
    matrix = csr_array((constraints.values, (constraints.rows, constraints.columns)), shape=(len(constraints.least), len(prices)))
    found = milp(
        prices,
        integrality=np.ones(len(prices)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, constraints.least, np.inf),
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )
    if found.x is None:
        raise WorkError(f"{graph.game_id}: no never-losing table was found in {seconds:g} seconds; allow more or choose a smaller game")
    memorised_moves = {
        int(graph.edge_parent[edge]): edge for move, (entry, edge) in move_of.items() if found.x[move] > 0.5 and found.x[entry] > 0.5
    }
    moves = {state: memorised_moves[state] for state in _own_lines(graph, seat, memorised_moves) if state in memorised_moves}
    return NeverLosingTable(moves, float(np.log2(graph.n_moves[list(moves)]).sum()), bool(found.status == 0))


class _Rows:
    """Linear constraints `sum of coefficient * variable >= least`, collected as triplets."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.values: list[int] = []
        self.least: list[int] = []

    def add(self, terms: dict[int, int], least: int) -> None:
        self.rows += [len(self.least)] * len(terms)
        self.columns += terms.keys()
        self.values += terms.values()
        self.least.append(least)


def _children(graph: GameGraph, state: int) -> dict[int, int]:
    """The states after each move, each with the first edge that leads there."""
    edges = range(int(graph.edge_start[state]), int(graph.edge_start[state + 1]))
    return {int(graph.edge_child[edge]): edge for edge in reversed(edges)}


def _positions(graph: GameGraph, solution: Solution, seat: int) -> dict[tuple[int, bool], int]:
    """Number every (state, own turn) that can come up while the player is not lost; the start is number 0."""
    not_lost: dict[bool, Bools] = {True: solution.value >= 0, False: solution.value <= 0}
    nodes = {(0, seat == 0): 0}
    pending = list(nodes)
    while pending:
        state, own = pending.pop()
        for child in _children(graph, state):
            if not_lost[not own][child] and (child, not own) not in nodes:
                nodes[child, not own] = len(nodes)
                pending.append((child, not own))
    return nodes


def _own_lines(graph: GameGraph, seat: int, moves: dict[int, int]) -> list[int]:
    """The own positions that come up when the player follows the table; forced moves are free, so the solver may list others."""
    seen = {(0, seat == 0)}
    pending = list(seen)
    while pending:
        state, own = pending.pop()
        replies = [int(graph.edge_child[moves[state]])] if own and state in moves else _children(graph, state)
        fresh = {(child, not own) for child in replies} - seen
        seen |= fresh
        pending += fresh
    return sorted(state for state, own in seen if own)
