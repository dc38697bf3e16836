"""The drawing of a game: where its places lie, the pieces on them, the names of moves and the place to click for each.

Coordinates are in cells, x to the right and y down, at the middle of a place. A drawing knows no rules: it shows the numbers of
`Game.cells`, 1 for a piece of the player to move and 2 for one of the other's.
"""

from dataclasses import dataclass

import numpy as np

from bench.report.explorable.seats import Seats
from games.arrays import Int64s
from games.contract import Board
from games.rules.board import cell_name
from games.rules.breakthrough import Breakthrough
from games.rules.connect_four import ConnectFour
from games.rules.domineering import Domineering
from games.rules.go import Go
from games.rules.hex import Hex
from games.rules.kalah import Kalah
from games.rules.mnk import Mnk
from games.rules.nim import Nim
from games.rules.nogo import NoGo
from games.rules.random_moves import RandomMoves
from games.rules.tictactoe import TicTacToe

KINDS = ("stones", "marks", "discs", "hexagons", "pawns", "dominoes", "cells", "pits", "heaps", "text")
STONES, MARKS, DISCS, HEXAGONS, PAWNS, DOMINOES, CELLS, PITS, HEAPS, TEXT = KINDS
LOOKS: dict[type, str] = {
    Go: STONES,
    NoGo: STONES,
    TicTacToe: MARKS,
    Mnk: MARKS,
    ConnectFour: DISCS,
    Hex: HEXAGONS,
    Breakthrough: PAWNS,
    Domineering: DOMINOES,
    Kalah: PITS,
    Nim: HEAPS,
}
PLAYERS: dict[str, tuple[str, str]] = {  # as the pieces are called
    STONES: ("Black", "White"),
    MARKS: ("X", "O"),
    DISCS: ("Red", "Yellow"),
    DOMINOES: ("Vertical", "Horizontal"),
    HEXAGONS: ("Blue", "Orange"),
    PAWNS: ("Blue", "Orange"),
    CELLS: ("Blue", "Orange"),
    PITS: ("South", "North"),
}
ROW = 0.866  # the distance of two rows of hexagons one apart


@dataclass(frozen=True)
class Scene:
    """A drawing of a game: `kind` is one of KINDS; a place has its number in the views of the seats."""

    kind: str
    places: tuple[int, ...]  # those that are drawn
    xs: tuple[float, ...]  # [n_places drawn]
    ys: tuple[float, ...]
    width: float
    height: float
    players: tuple[str, str]
    names: tuple[tuple[str, ...], tuple[str, ...]]  # of every action, by seat
    targets: tuple[tuple[int, ...], tuple[int, ...]]  # by seat, for every action, the place where it is clicked; -1 for none
    labels: tuple[str, ...]  # the name of each place drawn, for those who do not see it
    ko: int = -1  # the entry of `cells` that holds the point at which retaking is forbidden, plus one


def make_scene(seats: Seats) -> Scene:
    """The drawing of a game."""
    game = seats.game
    rules = game.game if isinstance(game, RandomMoves) else game
    kind = LOOKS.get(type(rules), CELLS if rules.board is not None else TEXT)
    players = PLAYERS.get(kind, ("First", "Second"))
    if kind == PITS and isinstance(rules, Kalah):
        return _pits(rules, players)
    if kind == HEAPS and isinstance(rules, Nim):
        return _heaps(rules, players)
    if rules.board is None:
        names = tuple(game.action_name(action) for action in range(game.n_actions))
        nowhere = (-1,) * game.n_actions
        return Scene(TEXT, (), (), (), 0, 0, players, (names, names), (nowhere, nowhere), ())
    return _board(seats, rules.board, kind, players)


def _board(seats: Seats, board: Board, kind: str, players: tuple[str, str]) -> Scene:
    game, n_cells = seats.game, board.n_cells
    view = seats.views[1, :n_cells]
    rows, columns = np.divmod(np.arange(n_cells), board.columns)
    xs, ys = (columns + rows / 2, rows * ROW) if kind == HEXAGONS else (columns.astype(float), rows.astype(float))
    cells = np.arange(game.n_actions) if board.action_cell is None else board.action_cell
    cells = np.where(cells < n_cells, cells, -1)
    back = np.append(view.argsort(), -1)
    targets = cells, back[cells]
    in_play = _in_play(seats, targets, n_cells)
    names = [game.action_name(action) for action in range(game.n_actions)]
    theirs = names if np.array_equal(view, np.arange(n_cells)) else [_name(board, names, a, int(p)) for a, p in enumerate(targets[1])]
    if kind == PAWNS:
        names, theirs = (_steps(board, view if seat else np.arange(n_cells), targets[seat]) for seat in (0, 1))
    x0, y0 = min(xs[in_play]) - 0.5, min(ys[in_play]) - 0.5
    letters = "ABCDEFGHJKLMNOPQRSTUVWXYZ" if isinstance(game, Go) else "abcdefghijklmnopqrstuvwxyz"
    return Scene(
        kind,
        tuple(in_play),
        tuple(float(xs[p] - x0) for p in in_play),
        tuple(float(ys[p] - y0) for p in in_play),
        float(max(xs[in_play]) - x0 + 0.5),
        float(max(ys[in_play]) - y0 + 0.5),
        players,
        (tuple(names), tuple(theirs)),
        (tuple(targets[0].tolist()), tuple(targets[1].tolist())),
        tuple(cell_name(board, p, letters) for p in in_play),
        n_cells if isinstance(game, Go) else -1,
    )


def _in_play(seats: Seats, targets: tuple[Int64s, Int64s], n_cells: int) -> list[int]:
    """The places that are drawn: those that are empty at the start, and those that a move leads to."""
    legal = [np.unique(seats.graph.edge_action[reached[seats.graph.edge_parent]]) for reached in seats.reached]
    reached = np.concatenate([targets[seat][seats.action_images[:, legal[seat]]].ravel() for seat in (0, 1)])
    empty = np.flatnonzero(seats.cells[0, :n_cells] == 0)
    return [int(place) for place in np.union1d(empty, reached) if place >= 0]


def _name(board: Board, names: list[str], action: int, place: int) -> str:
    """The name of a move of the second player by the place where the first one sees it."""
    return cell_name(board, place) if place >= 0 else names[action]


def _steps(board: Board, view: Int64s, target: Int64s) -> list[str]:
    """Moves of pawns by where they begin and end, `b1-c2`."""
    back = view.argsort()
    return [
        f"{cell_name(board, int(back[action // 3]))}-{cell_name(board, int(place))}" if place >= 0 else ""
        for action, place in enumerate(target)
    ]


def _pits(game: Kalah, players: tuple[str, str]) -> Scene:
    """The pits of the first player below, those of the second above, from right to left, and a store on either side.

    Places are numbered as the entries of `cells` are for the first player; `seats_of_pits` has them for both.
    """
    n = game.n_pits
    xs = (*(1.0 + i for i in range(n)), *(float(n - i) for i in range(n)), n + 1.0, 0.0)
    ys = (*[1.0] * n, *[0.0] * n, 0.5, 0.5)
    labels = (*(f"South's pit {i + 1}" for i in range(n)), *(f"North's pit {i + 1}" for i in range(n)), "South's store", "North's store")
    names = tuple(game.action_name(action) for action in range(game.n_actions))
    targets = (*range(n), -1), (*range(n, 2 * n), -1)
    places = tuple(range(2 * n + 2))
    return Scene(
        PITS, places, tuple(x + 0.5 for x in xs), tuple(y + 0.5 for y in ys), n + 2.0, 2.0, players, (names, names), targets, labels
    )


def _heaps(game: Nim, players: tuple[str, str]) -> Scene:
    """A column of sticks for each heap; a move is clicked on the lowest stick that it takes."""
    n, largest = len(game.heaps), max(game.heaps)
    names = tuple(game.action_name(action) for action in range(game.n_actions))
    targets = tuple(action // largest for action in range(game.n_actions))
    labels = tuple(f"heap {heap + 1}" for heap in range(n))
    xs = tuple(1.5 * heap + 0.75 for heap in range(n))
    height = 0.5 * largest + 0.5
    return Scene(HEAPS, tuple(range(n)), xs, (height - 0.5,) * n, 1.5 * n, height, players, (names, names), (targets, targets), labels)
