"""Concepts of Hex: the stones that a chain still needs, bridges, and the middle of the board.

Two stones of one colour form a bridge when they do not touch, but two cells touch both: while those are empty, whichever of
them the other takes, the second cell joins the stones. A player's way is the least number of stones that would join the sides. The
cells beyond an oblong board, which prolong one player's side, hold stones like any others.
"""

import functools

import numpy as np

from games.arrays import Bools, Float64s, Int8s, Int16s, Int64s
from games.concepts.concept import Concept
from games.concepts.facts import best
from games.concepts.work import a_move
from games.contract import States
from games.jit import njit
from games.rules.board import count_bits
from games.rules.hex import Hex, left_column, touching
from games.rules.placement import split
from games.solving.graph import GameGraph

SPREAD = 7  # of a cell that a shortest chain's search comes to: it is marked, and its six neighbours are read
WAY, THEIR_WAY, BRIDGES, RESCUES, TOUCHES, CENTRAL = range(6)


@njit
def way(own: np.uint64, other: np.uint64, first: np.uint64, last: np.uint64, size: int) -> int:
    """The fewest stones that `own` must add to connect two sides, given by their cells; `size * size + 1` if it cannot."""
    empty = ~(own | other) & ((np.uint64(1) << np.uint64(size * size)) - np.uint64(1))
    reached = np.uint64(0)
    grown = own & first
    for n_stones in range(size * size + 1):
        while grown != reached:
            reached = grown
            grown |= touching(grown, size) & own
        if reached & last:
            return n_stones
        grown |= (touching(reached, size) | first) & empty
    return size * size + 1


@njit
def move_facts(own: States, other: States, edge_start: Int64s, edge_action: Int16s, size: int, n_beyond: int) -> Int8s:
    """What each move does, one column a fact in the order of the constants above: [n_edges, 6].

    `n_beyond` lines of the square, on top or on the right, are beyond the board.
    """
    facts = np.zeros((edge_action.shape[0], 6), dtype=np.int8)
    left = left_column(size)
    right = left << np.uint64(size - 1)
    top = (np.uint64(1) << np.uint64(size)) - np.uint64(1)
    bottom = top << np.uint64(size * (size - 1))
    for i in range(own.shape[0]):
        on_top = n_beyond if own[i] >> np.uint64(size - 1) & np.uint64(1) else 0
        on_right = n_beyond - on_top
        for edge in range(edge_start[i], edge_start[i + 1]):
            cell = np.uint64(edge_action[edge])
            stone = np.uint64(1) << cell
            mine = own[i] | stone
            around = touching(stone, size)
            fact = facts[edge]
            fact[WAY] = way(mine, other[i], top, bottom, size)
            fact[THEIR_WAY] = way(other[i], mine, left, right, size)
            for far in range(size * size):
                distant = np.uint64(1) << np.uint64(far)
                shared = around & touching(distant, size)
                if distant & own[i] & ~around and count_bits(shared) == 2 and not shared & (own[i] | other[i]):
                    fact[BRIDGES] += 1
            # Around the new stone: two own stones that touch an intruder between them, who has taken the bridge's other cell.
            for near in range(size * size):
                intruder = np.uint64(1) << np.uint64(near)
                ends = around & touching(intruder, size) & own[i]
                fact[RESCUES] |= intruder & around & other[i] != 0 and count_bits(ends) == 2
            fact[TOUCHES] = around & own[i] != 0
            row, column = int(cell) // size, int(cell) % size
            fact[CENTRAL] = -abs(2 * row - size + 1 - on_top) - abs(2 * column - size + 1 + on_right)
    return facts


@functools.lru_cache(maxsize=1)
def facts_of(game: Hex, graph: GameGraph) -> Int8s:
    """The facts of every edge: [n_edges, 6]."""
    own, other = split(graph.states, game.n_actions)
    return move_facts(own, other, graph.edge_start, graph.edge_action, game.size, abs(game.rows - game.columns))


def shortens(game: Hex, graph: GameGraph) -> Bools:
    return best(graph, -facts_of(game, graph)[:, WAY])


def lengthens(game: Hex, graph: GameGraph) -> Bools:
    return best(graph, facts_of(game, graph)[:, THEIR_WAY])


def both(game: Hex, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    return best(graph, facts[:, THEIR_WAY] - facts[:, WAY])


def bridges(game: Hex, graph: GameGraph) -> Bools:
    holds: Bools = facts_of(game, graph)[:, BRIDGES] > 0
    return holds


def rescues(game: Hex, graph: GameGraph) -> Bools:
    holds: Bools = facts_of(game, graph)[:, RESCUES] > 0
    return holds


def touches(game: Hex, graph: GameGraph) -> Bools:
    holds: Bools = facts_of(game, graph)[:, TOUCHES] > 0
    return holds


def central(game: Hex, graph: GameGraph) -> Bools:
    return best(graph, facts_of(game, graph)[:, CENTRAL])


@njit
def n_reached(own: np.uint64, other: np.uint64, first: np.uint64, last: np.uint64, size: int) -> int:
    """The number of cells that `way` visits before it returns."""
    empty = ~(own | other) & ((np.uint64(1) << np.uint64(size * size)) - np.uint64(1))
    reached = np.uint64(0)
    grown = own & first
    for _ in range(size * size + 1):
        while grown != reached:
            reached = grown
            grown |= touching(grown, size) & own
        if reached & last:
            break
        grown |= (touching(reached, size) | first) & empty
    return count_bits(reached)


@njit
def n_reached_by(own: States, other: States, edge_start: Int64s, edge_action: Int16s, size: int) -> Int64s:
    """The number of cells that `way` visits for both players, summed over all moves. [n_states]"""
    found = np.zeros(own.shape[0], dtype=np.int64)
    left = left_column(size)
    right = left << np.uint64(size - 1)
    top = (np.uint64(1) << np.uint64(size)) - np.uint64(1)
    bottom = top << np.uint64(size * (size - 1))
    for i in range(own.shape[0]):
        for edge in range(edge_start[i], edge_start[i + 1]):
            mine = own[i] | np.uint64(1) << np.uint64(edge_action[edge])
            found[i] += n_reached(mine, other[i], top, bottom, size) + n_reached(other[i], mine, left, right, size)
    return found


def work(game: Hex, graph: GameGraph) -> Float64s:
    """To find all facts: two ways for each move, and for bridges and rescues what each cell of the board touches. [n_states]"""
    own, other = split(graph.states, game.n_actions)
    reached = n_reached_by(own, other, graph.edge_start, graph.edge_action, game.size)
    found: Float64s = SPREAD * reached + (2.0 * SPREAD * game.n_actions + 6 + CENTRAL + 1) * graph.n_moves
    return found


HELPERS = (facts_of, move_facts, way, touching, left_column, count_bits)
CONCEPTS = (
    Concept(
        "shortens", "leaves you the fewest stones short of joining your sides", shortens, sources=(shortens, best, *HELPERS), work=work
    ),
    Concept(
        "lengthens",
        "leaves them the most stones short of joining their sides",
        lengthens,
        sources=(lengthens, best, *HELPERS),
        work=work,
    ),
    Concept(
        "both",
        "leaves you the greatest lead in stones still needed to join sides",
        both,
        sources=(both, best, *HELPERS),
        work=work,
    ),
    Concept("bridges", "forms a bridge with a stone of yours", bridges, sources=(bridges, *HELPERS), work=work),
    Concept(
        "rescues", "joins two stones of yours whose other common cell they have taken", rescues, sources=(rescues, *HELPERS), work=work
    ),
    Concept("touches", "touches a stone of yours", touches, sources=(touches, *HELPERS), work=a_move(6)),
    Concept("central", "lies nearest the middle", central, sources=(central, best, *HELPERS), work=a_move(6)),
)
