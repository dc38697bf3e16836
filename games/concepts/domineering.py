"""Concepts of Domineering: moves left, and moves in reserve, which the other can never take away.

The mover lays upright dominoes, on two cells one above the other; the other's lie flat.
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
from games.rules.domineering import Domineering
from games.solving.graph import GameGraph

OWN, THEIRS, RESERVE_BEFORE, RESERVE, THEIR_RESERVE_BEFORE, THEIR_RESERVE, EDGE = range(7)


@njit
def pairs(free: np.uint64, side: int, flat: bool) -> np.uint64:
    """The upper (for one player) or left (for the other) cells of the dominoes that fit on free cells."""
    if not flat:
        return free & (free >> np.uint64(side))
    last_column = np.uint64(0)
    for row in range(side):
        last_column |= np.uint64(1) << np.uint64(row * side + side - 1)
    return free & (free >> np.uint64(1)) & ~last_column


@njit
def reserve(free: np.uint64, side: int, flat: bool) -> int:
    """How many dominoes one player can lay on cells that no domino of the other's fits on."""
    their_step = np.uint64(side if flat else 1)
    step = np.uint64(1 if flat else side)
    theirs = pairs(free, side, not flat)
    safe = free & ~(theirs | (theirs << their_step))
    n_dominoes = 0
    fitting = pairs(safe, side, flat)
    while fitting:
        first = fitting & (~fitting + np.uint64(1))
        safe &= ~(first | (first << step))
        n_dominoes += 1
        fitting = pairs(safe, side, flat)
    return n_dominoes


@njit
def move_facts(taken: States, edge_start: Int64s, edge_action: Int16s, side: int) -> Int8s:
    """What each move does, one column a fact in the order of the constants above: [n_edges, 7]."""
    facts = np.zeros((edge_action.shape[0], 7), dtype=np.int8)
    full = (np.uint64(1) << np.uint64(side * side)) - np.uint64(1)
    domino = np.uint64(1) | (np.uint64(1) << np.uint64(side))
    for i in range(taken.shape[0]):
        free = full & ~taken[i]
        mine, theirs = reserve(free, side, False), reserve(free, side, True)
        for edge in range(edge_start[i], edge_start[i + 1]):
            left = free & ~(domino << np.uint64(edge_action[edge]))
            fact = facts[edge]
            fact[OWN], fact[THEIRS] = count_bits(pairs(left, side, False)), count_bits(pairs(left, side, True))
            fact[RESERVE_BEFORE], fact[RESERVE] = mine, reserve(left, side, False)
            fact[THEIR_RESERVE_BEFORE], fact[THEIR_RESERVE] = theirs, reserve(left, side, True)
            fact[EDGE] = edge_action[edge] % side == 0 or edge_action[edge] % side == side - 1
    return facts


@functools.lru_cache(maxsize=1)
def facts_of(game: Domineering, graph: GameGraph) -> Int8s:
    """The facts of every edge: [n_edges, 7]."""
    return move_facts(graph.states, graph.edge_start, graph.edge_action, game.side)


def denies(game: Domineering, graph: GameGraph) -> Bools:
    return best(graph, -facts_of(game, graph)[:, THEIRS])


def thrifty(game: Domineering, graph: GameGraph) -> Bools:
    return best(graph, facts_of(game, graph)[:, OWN])


def margin(game: Domineering, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    return best(graph, facts[:, OWN] - facts[:, THEIRS])


def reserves(game: Domineering, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = facts[:, RESERVE] > facts[:, RESERVE_BEFORE]
    return holds


def saves(game: Domineering, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = facts[:, RESERVE] >= facts[:, RESERVE_BEFORE]
    return holds


def concedes(game: Domineering, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = facts[:, THEIR_RESERVE] > facts[:, THEIR_RESERVE_BEFORE]
    return holds


def edge(game: Domineering, graph: GameGraph) -> Bools:
    holds: Bools = facts_of(game, graph)[:, EDGE] == 1
    return holds


def work(game: Domineering, graph: GameGraph) -> Float64s:
    """To find all facts: the pairs of cells of either player after each move, and the reserves before and after. [n_states]

    Pairs read two cells for each cell of the board. A reserve reads the other's pairs, marks the cells that are safe, and reads the
    pairs on these once more than it has dominoes.
    """
    facts, n_cells = facts_of(game, graph).astype(np.int64), game.n_actions
    after = 2 * 2 * n_cells + n_cells * (2 * 5 + 2 * facts[:, [RESERVE, THEIR_RESERVE]].sum(axis=1)) + EDGE + 1
    before = n_cells * (2 * 5 + 2 * facts[:, [RESERVE_BEFORE, THEIR_RESERVE_BEFORE]].sum(axis=1))
    found: Float64s = np.bincount(graph.edge_parent, after, graph.n_states).astype(np.float64)
    moving = graph.n_moves > 0
    found[moving] += before[graph.edge_start[:-1][moving]]
    return found


HELPERS = (facts_of, move_facts, reserve, pairs, count_bits)
CONCEPTS = (
    Concept("denies", "leaves them the fewest dominoes to choose from", denies, sources=(denies, best, *HELPERS), work=work),
    Concept("thrifty", "leaves you the most dominoes to choose from", thrifty, sources=(thrifty, best, *HELPERS), work=work),
    Concept("margin", "leaves you the greatest lead in dominoes to choose from", margin, sources=(margin, best, *HELPERS), work=work),
    Concept("reserves", "adds to the dominoes that you can lay whatever they do", reserves, sources=(reserves, *HELPERS), work=work),
    Concept("saves", "uses up none of the dominoes that you can lay whatever they do", saves, sources=(saves, *HELPERS), work=work),
    Concept("concedes", "adds to the dominoes that they can lay whatever you do", concedes, sources=(concedes, *HELPERS), work=work),
    Concept("edge", "lies on the left or the right edge", edge, sources=(edge, *HELPERS), work=a_move(2)),
)
