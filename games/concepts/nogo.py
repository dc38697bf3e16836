"""Concepts of NoGo: whose points are left. A point where only you may play is a move in reserve."""

import functools

import numpy as np

from games.arrays import Bools, Float64s, Int8s, Int16s, Int64s
from games.concepts.concept import Concept
from games.concepts.work import FLOOD
from games.contract import States
from games.jit import njit
from games.rules.board import count_bits
from games.rules.go import MAX_CELLS, STONES, play
from games.rules.go_stones import flood, neighbours
from games.rules.nogo import NoGo
from games.solving.graph import GameGraph

SHARED, OWN_BEFORE, OWN_AFTER, THEIRS_BEFORE, THEIRS_AFTER, RESERVE_BEFORE, RESERVE_AFTER = range(7)


@njit
def playable(own: np.uint64, other: np.uint64, rows: int, columns: int) -> np.uint64:
    """The points where the player of `own` may play."""
    points = np.uint64(0)
    for point in range(rows * columns):
        stone = np.uint64(1) << np.uint64(point)
        if not (own | other) & stone:
            child = play(own | (other << np.uint64(MAX_CELLS)), point, rows, columns)
            if child != ~np.uint64(0) and child & np.uint64(STONES) == other:
                points |= stone
    return points


@njit
def move_facts(states: States, edge_start: Int64s, edge_action: Int16s, rows: int, columns: int) -> Int8s:
    """What each move does to the points where either may play, one column a fact in the order of the constants above: [n_edges, 7]."""
    facts = np.zeros((edge_action.shape[0], 7), dtype=np.int8)
    for i in range(states.shape[0]):
        own, other = states[i] & np.uint64(STONES), (states[i] >> np.uint64(MAX_CELLS)) & np.uint64(STONES)
        mine, theirs = playable(own, other, rows, columns), playable(other, own, rows, columns)
        for edge in range(edge_start[i], edge_start[i + 1]):
            stone = np.uint64(1) << np.uint64(edge_action[edge])
            mine_left = playable(own | stone, other, rows, columns)
            theirs_left = playable(other, own | stone, rows, columns)
            fact = facts[edge]
            fact[SHARED] = theirs & stone != 0
            fact[OWN_BEFORE], fact[OWN_AFTER] = count_bits(mine), count_bits(mine_left)
            fact[THEIRS_BEFORE], fact[THEIRS_AFTER] = count_bits(theirs), count_bits(theirs_left)
            fact[RESERVE_BEFORE], fact[RESERVE_AFTER] = count_bits(mine & ~theirs), count_bits(mine_left & ~theirs_left)
    return facts


@functools.lru_cache(maxsize=1)
def facts_of(game: NoGo, graph: GameGraph) -> Int8s:
    """The facts of every edge: [n_edges, 7]."""
    return move_facts(graph.states, graph.edge_start, graph.edge_action, game.rows, game.columns)


def shared(game: NoGo, graph: GameGraph) -> Bools:
    holds: Bools = facts_of(game, graph)[:, SHARED] == 1
    return holds


def reserves(game: NoGo, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = facts[:, RESERVE_AFTER] > facts[:, RESERVE_BEFORE]
    return holds


def denies(game: NoGo, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = facts[:, THEIRS_BEFORE] - facts[:, THEIRS_AFTER] >= 2
    return holds


def thrifty(game: NoGo, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = facts[:, OWN_BEFORE] - facts[:, OWN_AFTER] == 1
    return holds


def ahead(game: NoGo, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = facts[:, OWN_AFTER] > facts[:, THEIRS_AFTER]
    return holds


@njit
def to_play(own: np.uint64, other: np.uint64, rows: int, columns: int) -> int:
    """What `playable` takes: each point is read, and round each empty one the groups that a stone there would touch are flooded."""
    n_operations = rows * columns
    for point in range(rows * columns):
        stone = np.uint64(1) << np.uint64(point)
        if not (own | other) & stone:
            touched = flood(neighbours(stone, rows, columns) & other, other, rows, columns)
            n_operations += 4 + FLOOD * (count_bits(touched) + count_bits(flood(stone, own | stone, rows, columns)))
    return n_operations


@njit
def operations_of(states: States, edge_start: Int64s, edge_action: Int16s, rows: int, columns: int) -> Float64s:
    """What `move_facts` takes. [n_states]"""
    found = np.zeros(states.shape[0])
    for i in range(states.shape[0]):
        own, other = states[i] & np.uint64(STONES), (states[i] >> np.uint64(MAX_CELLS)) & np.uint64(STONES)
        found[i] = to_play(own, other, rows, columns) + to_play(other, own, rows, columns)
        for edge in range(edge_start[i], edge_start[i + 1]):
            mine = own | np.uint64(1) << np.uint64(edge_action[edge])
            found[i] += to_play(mine, other, rows, columns) + to_play(other, mine, rows, columns) + RESERVE_AFTER + 1
    return found


def work(game: NoGo, graph: GameGraph) -> Float64s:
    """To find all facts: where either may play, before and after each move. [n_states]"""
    return operations_of(graph.states, graph.edge_start, graph.edge_action, game.rows, game.columns)


HELPERS = (facts_of, move_facts, playable, count_bits)
CONCEPTS = (
    Concept("shared", "plays where they could have played too", shared, sources=(shared, *HELPERS), work=work),
    Concept("reserves", "gives you more points than before where only you may play", reserves, sources=(reserves, *HELPERS), work=work),
    Concept("denies", "takes two points or more from those where they could play", denies, sources=(denies, *HELPERS), work=work),
    Concept("thrifty", "costs you no other point where you could play", thrifty, sources=(thrifty, *HELPERS), work=work),
    Concept("ahead", "leaves you more points to play on than them", ahead, sources=(ahead, *HELPERS), work=work),
)
