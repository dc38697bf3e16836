"""Concepts of Breakthrough: what a pawn takes, where it arrives, and what it leaves behind."""

import numpy as np

from games.arrays import Bools, Float64s, Int8s, Int64s
from games.concepts.concept import Concept
from games.rules.breakthrough import Breakthrough
from games.solving.graph import GameGraph


def moves(game: Breakthrough, graph: GameGraph) -> tuple[Int8s, Int64s, Int64s]:
    """For every edge: the board before, with an empty border of one cell, and the cells on it that the pawn leaves and reaches."""
    boards = np.pad(game.cells(graph.states).reshape(-1, game.rows, game.columns), ((0, 0), (1, 1), (1, 1)))
    row, column = np.divmod(graph.edge_action // 3, game.columns)
    width = game.columns + 2
    start = (row + 1) * width + column + 1
    return boards.reshape(len(boards), -1), start.astype(np.int64), (start - width + graph.edge_action % 3 - 1).astype(np.int64)


def width(game: Breakthrough) -> int:
    return game.columns + 2


def captures(game: Breakthrough, graph: GameGraph) -> Bools:
    boards, _, target = moves(game, graph)
    holds: Bools = boards[graph.edge_parent, target] == 2
    return holds


def attackers(game: Breakthrough, graph: GameGraph) -> Int64s:
    """How many of their pawns could take the pawn where it arrives: [n_edges]"""
    boards, _, target = moves(game, graph)
    ahead = target - width(game)
    n: Int64s = sum((boards[graph.edge_parent, cell] == 2).astype(np.int64) for cell in (ahead - 1, ahead + 1))
    return n


def guards(game: Breakthrough, graph: GameGraph) -> Int64s:
    """How many of the mover's other pawns could take back there: [n_edges]"""
    boards, start, target = moves(game, graph)
    behind = target + width(game)
    n: Int64s = sum(((boards[graph.edge_parent, cell] == 1) & (cell != start)).astype(np.int64) for cell in (behind - 1, behind + 1))
    return n


def unseen(game: Breakthrough, graph: GameGraph) -> Bools:
    holds: Bools = attackers(game, graph) == 0
    return holds


def guarded(game: Breakthrough, graph: GameGraph) -> Bools:
    holds: Bools = guards(game, graph) >= attackers(game, graph)
    return holds


def foremost(game: Breakthrough, graph: GameGraph) -> Bools:
    boards, start, _ = moves(game, graph)
    first = np.argmax(boards == 1, axis=1) // width(game)
    holds: Bools = start // width(game) == first[graph.edge_parent]
    return holds


def takes_foremost(game: Breakthrough, graph: GameGraph) -> Bools:
    boards, _, target = moves(game, graph)
    last = (boards.shape[1] - 1 - np.argmax(boards[:, ::-1] == 2, axis=1)) // width(game)
    holds: Bools = captures(game, graph) & (target // width(game) == last[graph.edge_parent])
    return holds


def leaves_home(game: Breakthrough, graph: GameGraph) -> Bools:
    boards, start, _ = moves(game, graph)
    holds: Bools = start >= boards.shape[1] - 2 * width(game)
    return holds


def straight(game: Breakthrough, graph: GameGraph) -> Bools:
    holds: Bools = graph.edge_action % 3 == 1
    return holds


def work(game: Breakthrough, graph: GameGraph) -> Float64s:
    """To find all but straight moves: both foremost pawns on the whole board, and eight for each move. [n_states]

    These are the cell it goes to, the four from where that can be taken, and whether it leaves or reaches the row of one of the foremost,
    or leaves the first.
    """
    found: Float64s = 8.0 * graph.n_moves + 2 * game.rows * game.columns * (graph.n_moves > 0)
    return found


CONCEPTS = (
    Concept("captures", "takes a pawn", captures, sources=(captures, moves), work=work),
    Concept(
        "takes_foremost",
        "takes their foremost pawn, or one of them",
        takes_foremost,
        sources=(takes_foremost, captures, moves, width),
        work=work,
    ),
    Concept("unseen", "arrives where no pawn of theirs can take", unseen, sources=(unseen, attackers, moves, width), work=work),
    Concept(
        "guarded",
        "arrives where you can take back as often as they can take",
        guarded,
        sources=(guarded, guards, attackers, moves, width),
        work=work,
    ),
    Concept("foremost", "moves your foremost pawn, or one of them", foremost, sources=(foremost, moves, width), work=work),
    Concept("leaves_home", "moves a pawn off your first row", leaves_home, sources=(leaves_home, moves, width), work=work),
    Concept("straight", "moves a pawn straight ahead", straight, sources=(straight,)),
)
