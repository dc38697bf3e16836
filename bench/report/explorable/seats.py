"""How a position looks to both players, found from the moves of a game alone: the board as the first player sees it never turns.

A state is seen from the player to move, and canonical. Some games also lay the board anew for the other player: upside down, or over
a diagonal. The right way back is the one under which a move changes the fewest cells.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Int8s, Int64s, UInt8s
from games.contract import Board, Folds, Game, States, unfolded
from games.errors import WorkError
from games.rules.kalah import Kalah
from games.rules.nim import Nim
from games.solving.graph import GameGraph

MAX_SYMMETRIES = 255
MAX_CHECKED = 200_000  # moves that are followed by another one to see whether the board stays where it is


class Position(NamedTuple):
    """A state with the board that a player sees: the symmetry from that board to the state, and the player to move."""

    state: int
    symmetry: int
    seat: int


START = Position(0, 0, 0)


@dataclass(frozen=True, eq=False)
class Seats:
    """The moves of a graph as one player makes them on a board that stays where it is.

    A *place* is a cell of the board in the eyes of the first player. Play is in a canonical state c that symmetry g leads to: the player
    to move sees at place p the content of cell `cell_images[g, views[seat, p]]` of c, and action a is action `action_images[g, a]` of c.
    After the move along edge e it is `turns[edge_turns[e], g]` that leads to the child.
    """

    game: Game
    graph: GameGraph
    cells: Int8s  # [n_states, n_cells]
    views: Int64s  # [2, n_places] the cell at each place, of the first and of the second player
    cell_images: Int64s  # [n_symmetries, n_cells]
    action_images: Int64s  # [n_symmetries, n_actions]
    edge_turns: UInt8s  # [n_edges] the symmetry that takes the state after a move, not yet canonical, to the child
    turns: UInt8s  # [n_symmetries, n_symmetries]
    reached: Bools  # [2, n_states] whether a state comes up with the first, and with the second player to move

    def usual(self, state: int) -> Position:
        """A state as it is held, with a player to move who can come to it."""
        return Position(state, 0, 0 if self.reached[0, state] else 1)

    def at_places(self, position: Position) -> Int8s:
        """The content of each place, as the player to move sees it: [n_places]"""
        found: Int8s = self.cells[position.state, self.cell_images[position.symmetry, self.views[position.seat]]]
        return found

    def moves(self, position: Position) -> dict[int, int]:
        """The edge that each legal action of the player to move takes."""
        first, last = self.graph.edge_start[position.state : position.state + 2].tolist()
        back = self.action_images[position.symmetry].argsort()
        return {int(back[self.graph.edge_action[edge]]): edge for edge in range(first, last)}

    def after(self, position: Position, edge: int) -> Position:
        """The position after a move."""
        turned = int(self.turns[self.edge_turns[edge], position.symmetry])
        return Position(int(self.graph.edge_child[edge]), turned, 1 - position.seat)


def find_seats(game: Game, graph: GameGraph) -> Seats:
    """The seats of a closed graph.

    Raises WorkError for a game whose symmetries this cannot draw: more than MAX_SYMMETRIES, or not those of a board's cells.
    """
    cells = game.cells(graph.states)
    after = unfolded(game, graph.states).edge_child  # the edges are those of the graph: actions ascend in both
    if not isinstance(game, Folds):
        actions = np.arange(game.n_actions)[None]
        turn, cell_images = np.zeros(graph.n_edges, dtype=np.uint8), np.arange(cells.shape[1])[None]
    else:
        actions = np.asarray(game.action_symmetries)
        if len(actions) > MAX_SYMMETRIES:
            raise WorkError(f"{game.id} has {len(actions):,} symmetries, a page holds {MAX_SYMMETRIES}")
        folded, which = game.fold(after)
        turn, cell_images = which.astype(np.uint8), _cell_images(game, actions, cells.shape[1])
        if not np.array_equal(folded, graph.states[graph.edge_child]):
            raise WorkError(f"game {game.id} breaks its contract: fold and expand disagree about a child")
    views = np.stack([np.arange(cells.shape[1])] * 2)
    if isinstance(game, Kalah):
        views[1] = [*range(game.n_pits, 2 * game.n_pits), *range(game.n_pits), 2 * game.n_pits + 1, 2 * game.n_pits, 2 * game.n_pits + 2]
    elif game.board is not None:
        views[1, : game.board.n_cells] = _view_of_other(game.board, cells[graph.edge_parent], game.cells(after))
    seats = Seats(game, graph, cells, views, cell_images, actions, turn, _turns(actions, cell_images, views[1]), _reached(graph))
    _check(seats, np.arange(0, graph.n_edges, 1 + graph.n_edges // MAX_CHECKED), after)
    return seats


def _reached(graph: GameGraph) -> Bools:
    """Whether play reaches each state with the first, and with the second player to move. [2, n_states]"""
    reached = np.zeros((2, graph.n_states), dtype=np.bool_)
    seat, level = 0, np.zeros(1, dtype=np.int64)
    while len(level):
        reached[seat, level] = True
        is_next = np.zeros(graph.n_states, dtype=np.bool_)
        is_here = np.zeros(graph.n_states, dtype=np.bool_)
        is_here[level] = True
        is_next[graph.edge_child[is_here[graph.edge_parent]]] = True
        seat = 1 - seat
        level = np.flatnonzero(is_next & ~reached[seat])
    return reached


def _cell_images(game: Game, actions: Int64s, n_cells: int) -> Int64s:
    """Where each symmetry takes the entries of `cells`; those beyond a board stay. [n_symmetries, n_cells]"""
    images = np.tile(np.arange(n_cells), (len(actions), 1))
    if game.board is not None and len(game.board.symmetries) == len(actions):
        images[:, : game.board.n_cells] = game.board.symmetries
    elif isinstance(game, Nim):
        largest = max(game.heaps)
        images = actions[:, ::largest] // largest
    else:
        raise WorkError(f"the symmetries of {game.id} are not those of a board")
    return images


def _view_of_other(board: Board, before: Int8s, after: Int8s) -> Int64s:
    """The cell that the other player has at each place: the symmetry of the rectangle under which the fewest cells fill or empty."""
    grid = np.arange(board.n_cells).reshape(board.rows, board.columns)
    candidates = [grid, grid[::-1], grid[:, ::-1], grid[::-1, ::-1]]
    if board.rows == board.columns:
        candidates += [grid.T, grid.T[::-1], grid.T[:, ::-1], grid.T[::-1, ::-1]]
    filled, then = before[:, : board.n_cells] != 0, after[:, : board.n_cells] != 0
    changes = [int((filled != then[:, candidate.ravel()]).sum()) for candidate in candidates]
    return candidates[int(np.argmin(changes))].ravel()


def _turns(actions: Int64s, cells: Int64s, view: Int64s) -> UInt8s:
    """Which symmetry `turns[h, g]` leads to the child, where g leads to the parent and h from the state after the move to the child.

    What g is to the mover is v^-1 g v to the other, who sees cell v(p) where the mover sees p. Then h follows.
    """
    back = view.argsort()
    numbers = {tuple(row): number for number, row in enumerate(np.column_stack([cells, actions]).tolist())}
    of_cells = {tuple(row): number for number, row in reversed([*enumerate(cells.tolist())])}
    same = np.array_equal(view, np.arange(len(view)))
    others = [g if same else of_cells.get(tuple(view[cells[g][back]].tolist()), -1) for g in range(len(cells))]
    if -1 in others:
        raise WorkError("the symmetries of one player are not those of the other")
    turns = np.zeros((len(cells), len(cells)), dtype=np.uint8)
    for h in range(len(cells)):
        for g, other in enumerate(others):
            joined = (*cells[h][cells[other]].tolist(), *actions[h][actions[other]].tolist())
            turns[h, g] = numbers.get(joined, of_cells.get(joined[: len(view)], 0))
    return turns


def _check(seats: Seats, edges: Int64s, after: States) -> None:
    """Raises WorkError unless two moves, made on the canonical states, show what the rules give.

    `edges`: the first moves that are looked at; `after`: the states after each edge as they are before they are made canonical.
    """
    game, graph = seats.game, seats.graph
    n_places = seats.cells.shape[1] if game.board is None else game.board.n_cells

    def shows(edge: Int64s, symmetry: UInt8s, states: States) -> bool:
        shown = np.take_along_axis(seats.cells[graph.edge_child[edge]], seats.cell_images[symmetry], axis=1)
        return np.array_equal(shown[:, :n_places], game.cells(states)[:, :n_places])

    again = unfolded(game, after[edges])
    first = np.repeat(edges, np.diff(again.edge_start))
    symmetry = seats.edge_turns[first]
    keys = graph.edge_parent.astype(np.int64) * game.n_actions + graph.edge_action
    wanted = graph.edge_child[first].astype(np.int64) * game.n_actions + seats.action_images[symmetry, again.edge_action]
    second = np.searchsorted(keys, wanted)
    is_sound = shows(edges, seats.edge_turns[edges], after[edges]) and bool((keys[np.minimum(second, len(keys) - 1)] == wanted).all())
    if not (is_sound and shows(second, seats.turns[seats.edge_turns[second], symmetry], again.edge_child)):
        raise WorkError(f"the symmetries of {game.id} cannot be followed move by move")
