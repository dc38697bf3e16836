"""Concepts of games of lines (m,n,k-games and connect four): those of tic-tac-toe on any board, and where stones fall.

A winning cell of a player is an empty one where a stone would complete a line, whether or not it can be played yet.
"""

import functools

import numpy as np

from games.arrays import Bools, Float64s, Int8s, Int16s, Int64s, UInt64s
from games.concepts.concept import Concept
from games.concepts.facts import best
from games.concepts.work import a_move
from games.contract import States
from games.jit import njit
from games.rules.board import count_bits
from games.rules.connect_four import IN_A_ROW, ConnectFour, stones
from games.rules.mnk import Mnk
from games.rules.placement import has_line, split, straight_lines
from games.solving.graph import GameGraph

WIN, BLOCK, THREATS, THEIR_THREATS, OPEN, THEIR_OPEN, TOUCHES, GIFT, WASTE = range(9)


@njit
def winning_cells(own: np.uint64, other: np.uint64, lines: UInt64s) -> np.uint64:
    """The empty cells where a stone of `own` would complete a line."""
    cells = np.uint64(0)
    for line in lines:
        rest = line & ~own
        if not rest & other and rest and not rest & (rest - np.uint64(1)):
            cells |= rest
    return cells


@njit
def move_facts(
    own: States,
    other: States,
    edge_start: Int64s,
    edge_action: Int16s,
    lines: UInt64s,
    rows: int,
    columns: int,
) -> Int8s:
    """What each move does, one column a fact in the order of the constants above: [n_edges, 9]."""
    facts = np.zeros((edge_action.shape[0], 9), dtype=np.int8)
    for i in range(own.shape[0]):
        for edge in range(edge_start[i], edge_start[i + 1]):
            cell = edge_action[edge]
            stone = np.uint64(1) << np.uint64(cell)
            mine, theirs = own[i] | stone, other[i] | stone
            fact = facts[edge]
            fact[WIN], fact[BLOCK] = has_line(mine, lines), has_line(theirs, lines)
            fact[THREATS] = count_bits(winning_cells(mine, other[i], lines))
            fact[THEIR_THREATS] = count_bits(winning_cells(theirs, own[i], lines))
            for line in lines:
                fact[OPEN] += int(line & stone != 0 and line & other[i] == 0)
                fact[THEIR_OPEN] += int(line & stone != 0 and line & own[i] == 0)
            for row in range(max(0, cell // columns - 1), min(rows, cell // columns + 2)):
                for column in range(max(0, cell % columns - 1), min(columns, cell % columns + 2)):
                    fact[TOUCHES] |= (own[i] >> np.uint64(row * columns + column)) & np.uint64(1)
            above = stone >> np.uint64(columns)
            fact[GIFT] = winning_cells(other[i], mine, lines) & above != 0
            fact[WASTE] = winning_cells(mine, other[i], lines) & above != 0
    return facts


@functools.lru_cache(maxsize=1)
def facts_of(game: Mnk | ConnectFour, graph: GameGraph) -> Int8s:
    """The facts of every edge: [n_edges, 9]."""
    rows, columns = game.rows, game.columns
    own, other = split(graph.states, rows * columns) if isinstance(game, Mnk) else stones(graph.states, rows, columns)
    lines = straight_lines(rows, columns, game.length if isinstance(game, Mnk) else IN_A_ROW)
    return move_facts(own, other, graph.edge_start, graph.edge_action, lines, rows, columns)


def work(game: Mnk | ConnectFour, graph: GameGraph) -> Float64s:
    """To find all facts: for each move every line is read whole eight times, and the cells round the stone once. [n_states]"""
    length = game.length if isinstance(game, Mnk) else IN_A_ROW
    n_read = 8 * length * len(straight_lines(game.rows, game.columns, length)) + 9
    found: Float64s = ((n_read + WASTE + 1) * graph.n_moves).astype(np.float64)
    return found


HELPERS = (facts_of, move_facts, winning_cells, has_line, straight_lines, count_bits)


def _fact(name: str, meaning: str, column: int, least: int, most: int = 127) -> Concept:
    """The concept that a fact lies between two numbers."""

    def holds(game: Mnk | ConnectFour, graph: GameGraph) -> Bools:
        fact = facts_of(game, graph)[:, column]
        within: Bools = (fact >= least) & (fact <= most)
        return within

    return Concept(
        name, meaning, holds, sources=(holds, *HELPERS), constants=(column, least, most), work=a_move(9) if column == TOUCHES else work
    )


def _most(name: str, meaning: str, column: int) -> Concept:
    """The concept that no move of the position has more of a fact."""

    def holds(game: Mnk | ConnectFour, graph: GameGraph) -> Bools:
        return best(graph, facts_of(game, graph)[:, column])

    return Concept(name, meaning, holds, sources=(holds, best, *HELPERS), constants=(column,), work=work)


CONCEPTS = (
    _fact("win", "completes your line", WIN, 1),
    _fact("block", "takes the cell where they would complete a line", BLOCK, 1),
    _fact("fork", "leaves you two cells or more where you would complete a line", THREATS, 2),
    _fact("block_fork", "takes a cell that would leave them two cells or more where they complete a line", THEIR_THREATS, 2),
    _fact("make_threat", "leaves you a cell where you would complete a line", THREATS, 1),
    _most("open", "lies on the most lines free of their stones", OPEN),
    _most("hinders", "lies on the most lines free of your stones", THEIR_OPEN),
    _fact("touches", "touches a stone of yours", TOUCHES, 1),
)
FALLING_CONCEPTS = (
    *CONCEPTS,
    _fact("no_gift", "leaves no cell on top of it where they complete a line", GIFT, 0, 0),
    _fact("no_waste", "leaves no cell on top of it where you would complete a line", WASTE, 0, 0),
)
