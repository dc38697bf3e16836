"""Concepts of Go as predicates on moves: those of a beginner's book."""

import functools
from collections.abc import Callable

import numpy as np

from games.arrays import Bools, Float64s, Int8s, Int16s, Int64s
from games.concepts.concept import Concept
from games.concepts.work import FLOOD, a_move
from games.contract import States
from games.jit import njit
from games.rules.board import count_bits
from games.rules.go import MAX_CELLS, PASS_SHIFT, STONES, Go
from games.rules.go_stones import area_margin, captured_by, flood, neighbours
from games.solving.graph import GameGraph

TAKEN, LIBERTIES, SAVED, ATARI, EYE, THEIR_EYE, JOINED, CONTACT, LINE, KO, IS_PASS, PASSED, MARGIN, SIZE = range(14)
NEAR = (EYE, THEIR_EYE, CONTACT, LINE, IS_PASS)  # facts that take no flood
FAR = 9  # the line number of a pass: no line


@njit
def move_facts(states: States, edge_start: Int64s, edge_action: Int16s, rows: int, columns: int) -> Int8s:
    """What each move does, as small numbers, one column a fact in the order of the constants above: [n_edges, 14]."""
    n_cells, one = rows * columns, np.uint64(1)
    facts = np.zeros((edge_action.shape[0], 14), dtype=np.int8)
    for i in range(states.shape[0]):
        own, other = states[i] & np.uint64(STONES), (states[i] >> np.uint64(MAX_CELLS)) & np.uint64(STONES)
        for edge in range(edge_start[i], edge_start[i + 1]):
            point = int(edge_action[edge])
            fact = facts[edge]
            fact[PASSED] = states[i] >> np.uint64(PASS_SHIFT)
            fact[MARGIN] = area_margin(own, other, rows, columns)
            fact[LINE] = FAR
            if point == n_cells:
                fact[IS_PASS] = 1
                continue
            stone = one << np.uint64(point)
            around = neighbours(stone, rows, columns)
            taken = captured_by(stone, own | stone, other, rows, columns)
            left = other & ~taken
            group = flood(stone, own | stone, rows, columns)
            liberties = count_bits(neighbours(group, rows, columns) & ~(own | left | stone))
            fact[TAKEN], fact[LIBERTIES], fact[SIZE] = count_bits(taken), liberties, count_bits(group)
            fact[EYE], fact[THEIR_EYE] = around & own == around, around & other == around
            fact[CONTACT] = around & other != 0
            touched = around & own
            while touched:
                friend = flood(touched & (~touched + one), own, rows, columns)
                fact[JOINED] += 1
                in_atari = count_bits(neighbours(friend, rows, columns) & ~(own | other)) == 1
                fact[SAVED] |= in_atari and liberties > 1
                touched &= ~friend
            threatened = around & left
            while threatened:
                foe = flood(threatened & (~threatened + one), left, rows, columns)
                fact[ATARI] |= count_bits(neighbours(foe, rows, columns) & ~(own | left | stone)) == 1
                threatened &= ~foe
            row, column = point // columns, point % columns
            fact[LINE] = min(row, rows - 1 - row, column, columns - 1 - column) + 1
            fact[KO] = count_bits(taken) == 1 and group == stone and liberties == 1
    return facts


@functools.lru_cache(maxsize=1)
def facts_of(game: Go, graph: GameGraph) -> Int8s:
    """The facts of every edge: [n_edges, 14]."""
    return move_facts(graph.states, graph.edge_start, graph.edge_action, game.rows, game.columns)


@njit
def operations_of(states: States, edge_start: Int64s, edge_action: Int16s, rows: int, columns: int) -> Int64s:
    """What `move_facts` takes, the area counted once, since it is the same for all moves. [n_states]"""
    n_cells = rows * columns
    found = np.zeros(states.shape[0], dtype=np.int64)
    for i in range(states.shape[0]):
        own, other = states[i] & np.uint64(STONES), (states[i] >> np.uint64(MAX_CELLS)) & np.uint64(STONES)
        found[i] = n_cells + FLOOD * (n_cells - count_bits(own | other))
        for edge in range(edge_start[i], edge_start[i + 1]):
            found[i] += SIZE + 1
            if edge_action[edge] == n_cells:
                continue
            stone = np.uint64(1) << np.uint64(edge_action[edge])
            around = neighbours(stone, rows, columns)
            left = other & ~captured_by(stone, own | stone, other, rows, columns)
            n_flooded = count_bits(flood(stone, own | stone, rows, columns)) + count_bits(flood(around & own, own, rows, columns))
            n_flooded += count_bits(flood(around & other, other, rows, columns)) + count_bits(flood(around & left, left, rows, columns))
            found[i] += 4 + FLOOD * n_flooded
    return found


def work(game: Go, graph: GameGraph) -> Float64s:
    """To find all facts: for the area each point read and each empty region flooded, for each move its floods. [n_states]

    Groups of both that the stone touches are flooded before it, its own and what is left of theirs after it.
    """
    return operations_of(graph.states, graph.edge_start, graph.edge_action, game.rows, game.columns).astype(np.float64)


HELPERS: tuple[Callable[..., object], ...] = (move_facts, captured_by, flood, neighbours, area_margin, count_bits)


def _fact(name: str, meaning: str, column: int, least: int, most: int = 127, among_stones: bool = True) -> Concept:
    """The concept that a fact lies between two numbers; `among_stones`: and that the move is not a pass."""

    def holds(game: Go, graph: GameGraph) -> Bools:
        facts = facts_of(game, graph)
        within: Bools = (facts[:, column] >= least) & (facts[:, column] <= most)
        return within & (facts[:, IS_PASS] == 0) if among_stones else within

    found_by = a_move(4) if column in NEAR else work
    return Concept(name, meaning, holds, sources=(holds, *HELPERS), constants=(column, least, most), work=found_by, is_local=True)


def passes_ahead(game: Go, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = (facts[:, IS_PASS] == 1) & (facts[:, PASSED] == 1) & (facts[:, MARGIN] > 0)
    return holds


def passes_answered(game: Go, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = (facts[:, IS_PASS] == 1) & (facts[:, PASSED] == 1)
    return holds


def plays_safely(game: Go, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = (facts[:, IS_PASS] == 0) & (facts[:, EYE] == 0) & (facts[:, LIBERTIES] >= 2)
    return holds


CONCEPTS = (
    _fact("captures", "takes a stone or more", TAKEN, 1),
    _fact("captures_2", "takes two stones or more", TAKEN, 2),
    _fact("captures_3", "takes three stones or more", TAKEN, 3),
    _fact("saves", "fills the last liberty of a group of yours and leaves it two or more", SAVED, 1),
    _fact("atari", "brings a group of theirs that it touches down to a single liberty", ATARI, 1),
    _fact("self_atari", "leaves the new stone's own group a single liberty", LIBERTIES, 1, 1),
    _fact("liberties_2", "gives the new stone's group two liberties or more", LIBERTIES, 2),
    _fact("liberties_3", "gives the new stone's group three liberties or more", LIBERTIES, 3),
    _fact("liberties_4", "gives the new stone's group four liberties or more", LIBERTIES, 4),
    _fact("own_eye", "fills a point that only your stones surround", EYE, 1),
    _fact("their_eye", "plays on a point that only their stones surround", THEIR_EYE, 1),
    _fact("connects", "joins two groups of yours or more", JOINED, 2),
    _fact("extends", "touches a group of yours", JOINED, 1),
    _fact("contact", "touches a stone of theirs", CONTACT, 1),
    _fact("first_line", "plays on the edge of the board", LINE, 1, 1),
    _fact("second_line", "plays on the second line or higher", LINE, 2, FAR - 1),
    _fact("takes_ko", "takes a ko", KO, 1),
    _fact("pass", "passes", IS_PASS, 1, among_stones=False),
    Concept(
        "pass_ahead",
        "passes when they have passed and you are ahead",
        passes_ahead,
        sources=(passes_ahead, *HELPERS),
        work=work,
        is_local=True,
    ),
    Concept(
        "pass_answer", "passes when they have passed", passes_answered, sources=(passes_answered, *HELPERS), work=a_move(2), is_local=True
    ),
    Concept(
        "plays_safely",
        "plays no own eye and keeps two liberties or more",
        plays_safely,
        sources=(plays_safely, *HELPERS),
        work=work,
        is_local=True,
    ),
)
