"""Go with concepts that judge the board after a move, as those of Hex do: stones to connect, races of liberties, changes of area.

A control: Hex is short in its concepts, which hand it an evaluation; Go's own concepts (games/concepts/go.py) look at the new stone. Here
is the same Go with an evaluation handed to it. A *gap* of a player is the number of stones that join all chains of that player, the
nearest chain first, along shortest ways of empty points; a chain that no way reaches counts as all points of the board, and no gap as more
than MAX_GAP. A point is *nearer* to a player from whose stones fewer steps over empty points lead there.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from games.arrays import Bools, Int8s, Int16s, Int64s
from games.concepts.concept import Concept
from games.concepts.facts import best
from games.contract import States
from games.jit import njit
from games.rules.board import count_bits
from games.rules.go import MAX_CELLS, PASS_SHIFT, STONES, Go
from games.rules.go_stones import area_margin, captured_by, flood, neighbours
from games.solving.graph import GameGraph

GAP, THEIR_GAP, BREATH, THEIR_BREATH, LIBERTIES, AREA, SWING, NEARER, ENDS = range(9)
MAX_GAP = 63  # so that a difference of two is held in eight bits


@njit
def gap(own: np.uint64, other: np.uint64, rows: int, columns: int) -> int:
    """How many stones join all chains of `own`, the nearest chain first."""
    full = (np.uint64(1) << np.uint64(rows * columns)) - np.uint64(1)
    joined = flood(own & (~own + np.uint64(1)), own, rows, columns)
    wanted = 0
    while joined != own:
        ball, n_steps = joined, 0
        met = np.uint64(0)
        while not met:
            grown = ball | (neighbours(ball, rows, columns) & full & ~other)
            met = grown & own & ~joined
            if grown == ball:
                n_steps, met = rows * columns, own & ~joined
            elif not met:
                n_steps += 1
            ball = grown
        wanted += n_steps
        joined |= flood(met & (~met + np.uint64(1)), own, rows, columns)
    return wanted


@njit
def breath(own: np.uint64, other: np.uint64, rows: int, columns: int) -> int:
    """The liberties of the chain that has fewest, all points of the board where there is no chain."""
    fewest, left = rows * columns, own
    while left:
        chain = flood(left & (~left + np.uint64(1)), own, rows, columns)
        fewest = min(fewest, count_bits(neighbours(chain, rows, columns) & ~(own | other)))
        left &= ~chain
    return fewest


@njit
def nearer_margin(own: np.uint64, other: np.uint64, rows: int, columns: int) -> int:
    """Points nearer to `own`, its stones among them, less those nearer to the other."""
    empty = ((np.uint64(1) << np.uint64(rows * columns)) - np.uint64(1)) & ~(own | other)
    mine, theirs, free = own, other, empty
    contested = np.uint64(0)
    before = ~empty
    while free != before:
        before = free
        my_step = neighbours(mine | contested, rows, columns) & free if mine else np.uint64(0)
        their_step = neighbours(theirs | contested, rows, columns) & free if theirs else np.uint64(0)
        contested |= my_step & their_step
        mine |= my_step & ~their_step
        theirs |= their_step & ~my_step
        free &= ~(my_step | their_step)
    return count_bits(mine) - count_bits(theirs)


@njit
def move_facts(states: States, edge_start: Int64s, edge_action: Int16s, rows: int, columns: int) -> Int8s:
    """What is left by each move, one column a fact in the order of the constants above: [n_edges, 9]."""
    n_cells, one = rows * columns, np.uint64(1)
    facts = np.zeros((edge_action.shape[0], 9), dtype=np.int8)
    for i in range(states.shape[0]):
        before, there = states[i] & np.uint64(STONES), (states[i] >> np.uint64(MAX_CELLS)) & np.uint64(STONES)
        area_before = area_margin(before, there, rows, columns)
        for edge in range(edge_start[i], edge_start[i + 1]):
            point = int(edge_action[edge])
            own, other = before, there
            if point < n_cells:
                own = before | (one << np.uint64(point))
                other = there & ~captured_by(one << np.uint64(point), own, there, rows, columns)
            empty = ~(own | other)
            fact = facts[edge]
            fact[GAP] = min(gap(own, other, rows, columns), MAX_GAP)
            fact[THEIR_GAP] = min(gap(other, own, rows, columns), MAX_GAP)
            fact[BREATH], fact[THEIR_BREATH] = breath(own, other, rows, columns), breath(other, own, rows, columns)
            fact[LIBERTIES] = count_bits(neighbours(own, rows, columns) & empty) - count_bits(neighbours(other, rows, columns) & empty)
            fact[AREA] = area_margin(own, other, rows, columns)
            fact[SWING] = fact[AREA] - area_before
            fact[NEARER] = nearer_margin(own, other, rows, columns)
            fact[ENDS] = point == n_cells and states[i] >> np.uint64(PASS_SHIFT) & one
    return facts


@functools.lru_cache(maxsize=1)
def facts_of(game: Go, graph: GameGraph) -> Int8s:
    """The facts of every edge: [n_edges, 9]."""
    return move_facts(graph.states, graph.edge_start, graph.edge_action, game.rows, game.columns)


HELPERS: tuple[Callable[..., object], ...] = (
    *(facts_of, move_facts, gap, breath, nearer_margin),
    *(captured_by, flood, neighbours, area_margin, count_bits, best),
)


def _most(name: str, meaning: str, plus: int, minus: int | None = None, sign: int = 1) -> Concept:
    """The concept that a fact, or one less another, is as large as after any move; as small with sign -1."""

    def holds(game: Go, graph: GameGraph) -> Bools:
        facts = facts_of(game, graph)
        return best(graph, sign * (facts[:, plus] if minus is None else facts[:, plus] - facts[:, minus]))

    constants = (plus, sign) if minus is None else (plus, minus, sign)
    return Concept(name, meaning, holds, sources=(holds, *HELPERS), constants=constants)


def swings(game: Go, graph: GameGraph) -> Bools:
    holds: Bools = facts_of(game, graph)[:, SWING] > 0
    return holds


def judges(game: Go, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    return best(graph, facts[:, AREA] + facts[:, NEARER] + facts[:, LIBERTIES])


def ends_ahead(game: Go, graph: GameGraph) -> Bools:
    facts = facts_of(game, graph)
    holds: Bools = (facts[:, ENDS] == 1) & (facts[:, AREA] > 0)
    return holds


def ends(game: Go, graph: GameGraph) -> Bools:
    holds: Bools = facts_of(game, graph)[:, ENDS] == 1
    return holds


CONCEPTS = (
    _most("joins", "leaves your chains the fewest stones apart", GAP, sign=-1),
    _most("parts", "leaves their chains the most stones apart", THEIR_GAP),
    _most("joins_and_parts", "leaves the largest lead of their gap over yours", THEIR_GAP, GAP),
    _most("breathes", "leaves the most liberties to your chain that has fewest", BREATH),
    _most("chokes", "leaves the fewest liberties to their chain that has fewest", THEIR_BREATH, sign=-1),
    _most("races", "leaves the largest lead in liberties of your chain that has fewest over theirs", BREATH, THEIR_BREATH),
    _most("liberties", "leaves you the largest lead in liberties", LIBERTIES),
    _most("area", "leaves you the largest lead in area", AREA),
    _most("nearer", "leaves you the largest lead in nearer points", NEARER),
    Concept("swings", "moves the area in your favour", swings, sources=(swings, *HELPERS)),
    Concept(
        "judges",
        "leaves you the largest sum of leads in area, nearer points and liberties",
        judges,
        sources=(judges, *HELPERS),
    ),
    Concept("ends", "passes when they have passed", ends, sources=(ends, *HELPERS)),
    Concept("ends_ahead", "passes when they have passed and you are ahead", ends_ahead, sources=(ends_ahead, *HELPERS)),
)


@dataclass(frozen=True)
class EvaluatedGo(Go):
    """Go in all but its name and its concepts: the same states, moves and values.

    >>> from games.registry import make_game
    >>> make_game("games.concepts.go_evaluation:go_3x4").rows
    3
    """

    concepts = CONCEPTS

    @property
    def id(self) -> str:
        return f"{__name__}:go_{self.rows}x{self.columns}"


go_2x3, go_3x3, go_2x5, go_2x6, go_3x4 = (EvaluatedGo(*sizes) for sizes in ((2, 3), (3, 3), (2, 5), (2, 6), (3, 4)))
