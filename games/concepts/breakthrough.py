"""Words of Breakthrough: what a pawn takes, where it arrives, and what it leaves behind."""

import numpy as np

from games.arrays import Bools, Int8s, Int64s
from games.concepts.concept import Word
from games.rules.breakthrough import make
from games.solving.graph import GameGraph


def moves(graph: GameGraph) -> tuple[Int8s, Int64s, Int64s]:
    """For every edge: the board before, with an empty border of one cell, and the cells on it that the pawn leaves and reaches."""
    game = make(graph.game_id.removeprefix("breakthrough-"))
    boards = np.pad(game.cells(graph.states).reshape(-1, game.rows, game.columns), ((0, 0), (1, 1), (1, 1)))
    row, column = np.divmod(graph.edge_action // 3, game.columns)
    width = game.columns + 2
    start = (row + 1) * width + column + 1
    return boards.reshape(len(boards), -1), start.astype(np.int64), (start - width + graph.edge_action % 3 - 1).astype(np.int64)


def width(graph: GameGraph) -> int:
    return make(graph.game_id.removeprefix("breakthrough-")).columns + 2


def captures(graph: GameGraph) -> Bools:
    boards, _, target = moves(graph)
    holds: Bools = boards[graph.edge_parent, target] == 2
    return holds


def attackers(graph: GameGraph) -> Int64s:
    """How many of their pawns could take the pawn where it arrives: [n_edges]"""
    boards, _, target = moves(graph)
    ahead = target - width(graph)
    n: Int64s = sum((boards[graph.edge_parent, cell] == 2).astype(np.int64) for cell in (ahead - 1, ahead + 1))
    return n


def guards(graph: GameGraph) -> Int64s:
    """How many of the mover's other pawns could take back there: [n_edges]"""
    boards, start, target = moves(graph)
    behind = target + width(graph)
    n: Int64s = sum(((boards[graph.edge_parent, cell] == 1) & (cell != start)).astype(np.int64) for cell in (behind - 1, behind + 1))
    return n


def unseen(graph: GameGraph) -> Bools:
    holds: Bools = attackers(graph) == 0
    return holds


def guarded(graph: GameGraph) -> Bools:
    holds: Bools = guards(graph) >= attackers(graph)
    return holds


def foremost(graph: GameGraph) -> Bools:
    boards, start, _ = moves(graph)
    first = np.argmax(boards == 1, axis=1) // width(graph)
    holds: Bools = start // width(graph) == first[graph.edge_parent]
    return holds


def takes_foremost(graph: GameGraph) -> Bools:
    boards, _, target = moves(graph)
    last = (boards.shape[1] - 1 - np.argmax(boards[:, ::-1] == 2, axis=1)) // width(graph)
    holds: Bools = captures(graph) & (target // width(graph) == last[graph.edge_parent])
    return holds


def leaves_home(graph: GameGraph) -> Bools:
    boards, start, _ = moves(graph)
    holds: Bools = start >= boards.shape[1] - 2 * width(graph)
    return holds


def straight(graph: GameGraph) -> Bools:
    holds: Bools = graph.edge_action % 3 == 1
    return holds


WORDS = (
    Word("captures", "takes a pawn", captures, sources=(captures, moves)),
    Word("takes_foremost", "takes their foremost pawn, or one of them", takes_foremost, sources=(takes_foremost, captures, moves, width)),
    Word("unseen", "arrives where no pawn of theirs can take", unseen, sources=(unseen, attackers, moves, width)),
    Word(
        "guarded",
        "arrives where you can take back as often as they can take",
        guarded,
        sources=(guarded, guards, attackers, moves, width),
    ),
    Word("foremost", "moves your foremost pawn, or one of them", foremost, sources=(foremost, moves, width)),
    Word("leaves_home", "moves a pawn off your first row", leaves_home, sources=(leaves_home, moves, width)),
    Word("straight", "moves a pawn straight ahead", straight, sources=(straight,)),
)
