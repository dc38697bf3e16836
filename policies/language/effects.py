"""Effects: what one move does, as whole numbers that the rules of any game give. No game has a line of its own here.

For each move the numbers of `NUMBERS`, and then what the other player finds in each entry of the position. Each number gives concepts
(the move has the most, or the least, of all legal moves) and a column (the number itself). The child of a move is made once: one ply.
Its moves are a second ply, and the moves after each of these a third.
"""

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from games.arrays import Bools, Int8s, Int32s, Int64s
from games.concepts.concept import Concept
from games.concepts.work import Work, trying
from games.contract import Game, States, unfolded
from games.solving.graph import GameGraph

NUMBERS: dict[str, tuple[str, int]] = {  # what it counts, and how many plies it looks ahead
    "margin": ("moves left to you after the reply that leaves you fewest, less those left to them", 3),
    "replies": ("moves left to them", 2),
    "returns": ("moves left to you after the reply that leaves you fewest", 3),
    "result": ("points for you if the game ends", 1),
    "over": ("ends of the game", 1),
    "taken": ("cells that were theirs and are no longer", 1),
}
MIDDLE = 64  # held in place of 0, as numbers are held from 0 to 127; beyond that they are cut
BATCH = 1 << 16


@functools.lru_cache(maxsize=2)
def effects_of(game: Game, graph: GameGraph) -> Int8s:
    """The numbers of every move, those of `NUMBERS` with MIDDLE added, then the entries of the child's `cells`. [n_numbers, n_edges]"""
    cells, taken = children(game, graph.states[graph.n_moves > 0], graph.n_edges)
    child = graph.edge_child
    fewest = least_of_state(graph, graph.n_moves[child])
    over = graph.terminal[child]
    result = np.where(over, -graph.payoff[child].astype(np.int64), 0)
    numbers = fewest[child] - graph.n_moves[child], graph.n_moves[child], fewest[child], result, over, taken
    held = [np.clip(number.astype(np.int64) + MIDDLE, 0, 2 * MIDDLE - 1) for number in numbers]
    return np.concatenate([np.array(held, dtype=np.int8), cells.T])


def children(game: Game, states: States, n_edges: int) -> tuple[Int8s, Int64s]:
    """The cells that the other player sees after each move, and how many of that player's cells are gone: [n_edges, n_cells], [n_edges]."""
    found = np.empty((n_edges, len(game.cell_levels())), dtype=np.int8)
    taken = np.zeros(n_edges, dtype=np.int64)
    n_cells, done = game.board.n_cells if game.board else 0, 0
    for first in range(0, len(states), BATCH):
        expansion = unfolded(game, states[first : first + BATCH])
        theirs = (game.cells(states[first : first + BATCH])[:, :n_cells] == 2).sum(axis=1)
        here = slice(done, done + len(expansion.edge_child))
        found[here] = game.cells(expansion.edge_child)
        taken[here] = np.repeat(theirs, np.diff(expansion.edge_start)) - (found[here, :n_cells] == 1).sum(axis=1)
        done = here.stop
    return found, taken


def least_of_state(graph: GameGraph, number: npt.NDArray[np.integer]) -> Int64s:
    """The least that a move of each state has, 0 in states without moves. [n_states]"""
    least = np.where(graph.n_moves > 0, np.iinfo(np.int64).max, 0)
    np.minimum.at(least, graph.edge_parent, number)
    return least


def extreme(game: Game, graph: GameGraph, number: int, sign: int) -> Bools:
    """Where a move has as much of a number as any move of its position (sign 1), or as little (-1). [n_edges]"""
    signed = -sign * effects_of(game, graph)[number].astype(np.int32)
    holds: Bools = signed == least_of_state(graph, signed)[graph.edge_parent]
    return holds


def values(game: Game, graph: GameGraph, number: int) -> Int32s:
    """The number of every move, as it is held. [n_edges]"""
    held: Int32s = effects_of(game, graph)[number].astype(np.int32)
    return held


SOURCES = (effects_of, children, least_of_state, extreme, values)


def depth(number: int) -> int:
    """How many plies a number looks ahead."""
    return [plies for _, plies in NUMBERS.values()][number] if number < len(NUMBERS) else 1


def work(number: int) -> Work:
    """What is computed once in a position: children a ply less deep than the number looks, one at least, and for counts their moves."""
    plies = depth(number)
    return trying(max(1, plies - 1), plies - 1)


def levels(game: Game) -> tuple[int, ...]:
    """For each number of a move how many values it can be held as."""
    return (2 * MIDDLE,) * len(NUMBERS) + game.cell_levels()


def names(game: Game) -> tuple[str, ...]:
    """The names of the numbers; an entry is named by where it stands in `cells`."""
    return (*NUMBERS, *(f"entry_{entry}" for entry in range(len(game.cell_levels()))))


def meaning(name: str) -> str:
    """What a number is, in words."""
    return NUMBERS[name][0] if name in NUMBERS else f"in entry {name.partition('_')[2]} of the position that they find"


def describe(number: int, held: int, game: Game) -> str:
    """A number of a move and how large it is, in words."""
    name = names(game)[number]
    return f"has {held - offset(name)} {meaning(name)}"


def offset(name: str) -> int:
    """What is added to a number where it is held."""
    return MIDDLE if name in NUMBERS else 0


def constants() -> str:
    """The names and depths of the numbers, as a reader of the source needs them."""
    return str([(name, plies) for name, (_, plies) in NUMBERS.items()])


@functools.lru_cache(maxsize=8)
def concepts(game: Game) -> tuple[Concept, ...]:
    """For each number the concept that a move has the most of all legal moves, and the one that it has the least."""
    return tuple(
        Concept(
            f"{word}_{name}",
            f"has the {word} {meaning(name)}",
            functools.partial(_extreme, number=number, sign=sign),
            depth(number),
            SOURCES,
            work=work(number),
        )
        for number, name in enumerate(names(game))
        for word, sign in (("most", 1), ("least", -1))
    )


def _extreme(game: Any, graph: GameGraph, number: int, sign: int) -> Bools:
    return extreme(game, graph, number, sign)
