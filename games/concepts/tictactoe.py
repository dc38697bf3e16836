"""The usual concepts of tic-tac-toe as predicates on moves.

The strategy concepts follow Newell & Simon, "Human Problem Solving" (1972), and Crowley & Siegler, "Flexible strategy use in
young children's tic-tac-toe" (Cognitive Science 17, 1993).
"""

from collections.abc import Callable

import numpy as np

from games.arrays import Bools
from games.concepts.concept import Concept
from games.concepts.work import a_move
from games.contract import States
from games.rules.tictactoe import LINES, TicTacToe, stones
from games.solving.graph import GameGraph

CENTRE, CORNERS, SIDES = 4, (0, 2, 6, 8), (1, 3, 5, 7)


def moves(graph: GameGraph) -> tuple[States, States, States]:
    """For every edge: the mover's stones, the other's stones, the new stone, as masks."""
    own, other = stones(graph.states[graph.edge_parent])
    return own, other, np.uint64(1) << graph.edge_action.astype(np.uint64)


def has_line(stones_: States) -> Bools:
    """Whether a set of stones holds a whole line."""
    holds: Bools = np.any([stones_ & line == line for line in LINES], axis=0)
    return holds


def threats(own: States, other: States) -> States:
    """Number of empty cells at which `own` would complete a line."""
    empty = ~(own | other)
    winning = np.zeros_like(own)
    for line in LINES:
        for cell in range(9):
            stone = np.uint64(1 << cell)
            rest = line & ~stone
            if line & stone:
                winning |= np.where((own & rest == rest) & (empty & stone != 0), stone, np.uint64(0))
    return np.bitwise_count(winning).astype(np.uint64)


def win(game: TicTacToe, graph: GameGraph) -> Bools:
    own, _, stone = moves(graph)
    return has_line(own | stone)


def block(game: TicTacToe, graph: GameGraph) -> Bools:
    _, other, stone = moves(graph)
    return has_line(other | stone)


def fork(game: TicTacToe, graph: GameGraph) -> Bools:
    own, other, stone = moves(graph)
    return threats(own | stone, other) >= 2


def block_fork(game: TicTacToe, graph: GameGraph) -> Bools:
    own, other, stone = moves(graph)
    return threats(other | stone, own) >= 2


def make_threat(game: TicTacToe, graph: GameGraph) -> Bools:
    own, other, stone = moves(graph)
    return threats(own | stone, other) >= 1


def block_fork_2(game: TicTacToe, graph: GameGraph) -> Bools:
    """If the opponent could fork: make a threat whose forced answer is no fork; if there is no such threat, take the fork's cell."""
    own, other, stone = moves(graph)
    answer_forks = np.zeros(len(own), dtype=bool)
    for cell in range(9):
        answer = np.uint64(1 << cell)
        is_answer = has_line(own | stone | answer) & ((own | other | stone) & answer == 0)
        answer_forks |= is_answer & (threats(other | answer, own | stone) >= 2)
    threat = (threats(own | stone, other) >= 1) & ~answer_forks
    occupy = threats(other | stone, own) >= 2
    first = graph.edge_start[:-1][graph.n_moves > 0]
    can_fork = np.repeat(np.logical_or.reduceat(occupy, first), graph.n_moves[graph.n_moves > 0])
    has_threat = np.repeat(np.logical_or.reduceat(threat, first), graph.n_moves[graph.n_moves > 0])
    holds: Bools = can_fork & np.where(has_threat, threat, occupy)
    return holds


def centre(game: TicTacToe, graph: GameGraph) -> Bools:
    holds: Bools = graph.edge_action == CENTRE
    return holds


def corner(game: TicTacToe, graph: GameGraph) -> Bools:
    return np.isin(graph.edge_action, CORNERS)


def side(game: TicTacToe, graph: GameGraph) -> Bools:
    return np.isin(graph.edge_action, SIDES)


def opposite_theirs(game: TicTacToe, graph: GameGraph) -> Bools:
    _, other, _ = moves(graph)
    holds: Bools = corner(game, graph) & ((other >> (8 - graph.edge_action).astype(np.uint64)) & np.uint64(1) == 1)
    return holds


def opposite_ours(game: TicTacToe, graph: GameGraph) -> Bools:
    own, _, _ = moves(graph)
    holds: Bools = corner(game, graph) & ((own >> (8 - graph.edge_action).astype(np.uint64)) & np.uint64(1) == 1)
    return holds


def corner_by_side(game: TicTacToe, graph: GameGraph) -> Bools:
    _, other, _ = moves(graph)
    beside = np.array([0b1010, 0, 0b100010, 0, 0, 0, 0b10001000, 0, 0b10100000], dtype=np.uint64)
    holds: Bools = other & beside[graph.edge_action] != 0
    return holds


WORK = {  # operations a move
    has_line: 3 * len(LINES),  # each cell of each line
    threats: 3 * 3 * len(LINES),  # with each cell of a line its other two
    block_fork_2: 9 * (3 + 3 * len(LINES) + 3 * 3 * len(LINES)) + 2 * 3 * 3 * len(LINES) + 3,  # each answer, then two threats compared
    opposite_theirs: 1,
    opposite_ours: 1,
    corner_by_side: 2,
}


def _concept(name: str, meaning: str, holds: Callable[[TicTacToe, GameGraph], Bools], *helpers: Callable[..., object]) -> Concept:
    uses_lines = has_line in helpers or threats in helpers
    n = WORK[holds] if holds in WORK else sum(WORK.get(helper, 0) for helper in helpers)
    return Concept(name, meaning, holds, 0, (holds, *helpers), tuple(LINES.tolist()) if uses_lines else (), a_move(n))


CONCEPTS = (
    _concept("win", "completes your line", win, moves, has_line),
    _concept("block", "takes the cell where they would complete a line", block, moves, has_line),
    _concept("fork", "makes two threats at once", fork, moves, threats),
    _concept("block_fork", "takes a cell where they would make two threats at once", block_fork, moves, threats),
    _concept(
        "block_fork_2",
        "meets their fork: a threat whose answer makes no fork, else the forking cell",
        block_fork_2,
        moves,
        has_line,
        threats,
    ),
    _concept("centre", "takes the centre", centre),
    _concept("corner", "takes a corner", corner),
    _concept("side", "takes the middle of a side", side),
    _concept("opposite_theirs", "takes the corner opposite one of theirs", opposite_theirs, moves, corner),
    _concept("opposite_ours", "takes the corner opposite one of yours", opposite_ours, moves, corner),
    _concept("make_threat", "leaves you a cell where you would complete a line", make_threat, moves, threats),
    _concept("corner_by_side", "takes a corner next to a side cell of theirs", corner_by_side, moves),
)
