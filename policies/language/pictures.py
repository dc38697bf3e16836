"""Pictures and drawn positions in hand-written rules: from rows of text to patterns and edges, and back."""

import functools
from collections.abc import Sequence

import numpy as np

from games.arrays import Int8s, Int64s, UInt64s
from games.contract import Game
from games.errors import UsageError, nearest
from games.rules.board import cell_name
from games.solving.graph import GameGraph
from policies.explanation import BoardRows
from policies.language.patterns import ANYTHING, WINDOWS, canonical, contents, pattern

SYMBOLS = ".XO#?"  # empty, yours, theirs, off the board, anything: in the order of the contents of a pattern


def draw_window(kind: str, code: int) -> list[str]:
    """A pattern as rows of a square, `*` the move; what lies outside its window is `?`, anything."""
    window = WINDOWS[kind]
    symbols = {(0, 0): "*"} | dict(zip(window.offsets, (SYMBOLS[content] for content in contents(window, code)), strict=True))
    span = range(-window.reach, window.reach + 1)
    return [" ".join(symbols.get((row, column), "?") for column in span) for row in span]


def read_window(rows: Sequence[str], kind: str | None, game: Game) -> tuple[str, int]:
    """The window and the code of a drawn pattern, turned as it is looked up; the smallest window that sees all of it unless one is named.

    Raises UsageError for a picture that is not 3 x 3 or 5 x 5 with the move in the middle, or that its window does not hold.
    """
    if game.board is None:
        raise UsageError(f"{game.id} has no board, so nothing fits a picture")
    if kind is not None and kind not in WINDOWS:
        raise UsageError(f"unknown window {kind!r}; {nearest(kind, list(WINDOWS))}")
    cells = ["".join(row.split()) for row in rows]
    size = len(cells)
    if size not in (3, 5) or any(len(row) != size for row in cells):
        shape = " ".join(str(len(row)) for row in cells)
        raise UsageError(f"a picture is 3 rows of 3 symbols, or 5 of 5; this one has {size} rows of {shape or 'no'} symbols")
    reach = size // 2
    for symbol in "".join(cells):
        if symbol not in SYMBOLS + "*":
            raise UsageError(
                f"unknown symbol {symbol!r} in a picture; known: * the move, X yours, O theirs, . empty, # off the board, ? anything"
            )
    if cells[reach][reach] != "*" or "".join(cells).count("*") != 1:
        raise UsageError("the middle of a picture, and nothing else in it, is *, the move")
    drawn = {(r - reach, c - reach): SYMBOLS.index(cells[r][c]) for r in range(size) for c in range(size) if (r, c) != (reach, reach)}
    seen = {offset for offset, content in drawn.items() if SYMBOLS[content] != "?"}
    for name in [*WINDOWS] if kind is None else [kind]:
        window = WINDOWS[name]
        if seen <= set(window.offsets):
            code = pattern(window, [drawn.get(offset, ANYTHING) for offset in window.offsets])
            return name, canonical(window, game.board.window_symmetries, code)
    outside = len(seen - set(WINDOWS[kind or "5x5"].offsets))
    raise UsageError(f"the window {kind} does not hold this picture: {outside} of its cells lie outside, where only ? may stand")


@functools.lru_cache(maxsize=4)
def cell_names(game: Game) -> tuple[str, ...]:
    """The names of the board's cells, as the game names the moves on them where it does."""
    board = game.board
    if board is None:
        return ()
    named = board.action_cell is None and game.n_actions >= board.n_cells
    return tuple(game.action_name(cell) if named else cell_name(board, cell) for cell in range(board.n_cells))


def draw_position(game: Game, graph: GameGraph, edge: int) -> tuple[list[str], str]:
    """The position that an edge leaves, as rows of text, and the name of its move."""
    drawn = game.render(int(graph.states[graph.edge_parent[edge]])).splitlines()
    return drawn, game.action_name(int(graph.edge_action[edge]))


def draw_board(game: Game, graph: GameGraph, edge: int) -> tuple[BoardRows, list[str]]:
    """The position that an edge leaves as rows of its board, `*` the move, and what else is said of it, a text a line.

    No rows where the game has no board of stones: all is said then.
    """
    drawn, move = draw_position(game, graph, edge)
    board = game.board
    contents = game.cells(graph.states[graph.edge_parent[edge]][None])[0][: board.n_cells] if board else np.empty(0, dtype=np.int8)
    if board is None or int(contents.max(initial=0)) > 2:
        return (), [line.strip() for line in drawn]
    symbols = ["*" if name == move else SYMBOLS[content] for name, content in zip(cell_names(game), contents.tolist(), strict=True)]
    rows = (symbols[first : first + board.columns] for first in range(0, board.n_cells, board.columns))
    return tuple(map(" ".join, rows)), _notes(drawn, board.rows, board.columns)


def read_position(rows: Sequence[str], move: str, game: Game, graph: GameGraph) -> int:
    """The edge of a move in a drawn position, which may be drawn turned or mirrored.

    Rows are drawn as `explain` draws them; on a board the names of rows and columns may be left out. Raises UsageError for a
    position that cannot arise, and for a move that is not legal there.
    """
    action = read_move(move, game)
    found = _find_on_board(rows, game, graph)
    if found is None:
        found = _drawn_states(game, graph).get(_plain(rows)), None
    state, turned = found
    shown = " / ".join(" ".join(row.split()) for row in rows)
    if state is None:
        raise UsageError(f"no such position arises in {game.id} with X to move; draw it as `gaincurve explain` does: {shown}")
    if turned is not None and action < len(turned):
        action = int(turned[action])
    first, last = graph.edge_start[state], graph.edge_start[state + 1]
    legal: list[int] = graph.edge_action[first:last].tolist()
    if action not in legal:
        raise UsageError(f"{move} is not legal in this position: {shown}")
    return int(first) + legal.index(action)


def read_move(name: str, game: Game) -> int:
    """The action with this name; raises UsageError for an unknown one."""
    actions = _actions(game)
    if name not in actions:
        raise UsageError(f"unknown move {name!r}; {nearest(name, list(actions))}")
    return actions[name]


@functools.lru_cache(maxsize=4)
def _actions(game: Game) -> dict[str, int]:
    return {game.action_name(action): action for action in range(game.n_actions)}


def _find_on_board(rows: Sequence[str], game: Game, graph: GameGraph) -> tuple[int | None, Sequence[int] | None] | None:
    """The state, and where a turn took the cells; None where the rows do not show cells of a board."""
    board = game.board
    if board is None or len(rows) < board.rows:
        return None
    cells = [row.split()[-board.columns :] for row in rows[: board.rows]]
    if any(len(row) != board.columns or not set(row) <= {".", "X", "O", "*"} for row in cells):
        return None
    drawn = np.array([".XO".find(symbol) for row in cells for symbol in row], dtype=np.int8).clip(0)
    notes = _notes(rows, board.rows, board.columns)
    keys, order = _states_by_cells(game, graph)
    may_turn = board.action_cell is None and not notes  # a note may name a cell, which would have to be turned too
    for turned in board.symmetries if may_turn else board.symmetries[:1]:
        image = np.empty_like(drawn)
        image[turned] = drawn
        key = _cell_keys(image[None])[0]
        for state in order[np.searchsorted(keys, key) : np.searchsorted(keys, key, side="right")].tolist():
            if _notes(game.render(int(graph.states[state])).splitlines(), board.rows, board.columns) == notes:
                return state, turned.tolist()
    return None, None


@functools.lru_cache(maxsize=2)
def _states_by_cells(game: Game, graph: GameGraph) -> tuple[UInt64s, Int64s]:
    """The keys of the boards of all positions, ascending, and the positions in that order. [n_positions] each"""
    assert game.board is not None
    keys = _cell_keys(game.cells(graph.states[graph.positions])[:, : game.board.n_cells])
    order = np.argsort(keys, kind="stable")
    return keys[order], graph.positions[order]


def _cell_keys(cells: Int8s) -> UInt64s:
    """A number for each row of contents 0, 1, 2: different for different rows of up to 40 cells. [n]"""
    key = np.zeros(len(cells), dtype=np.uint64)
    for column in cells.T:
        key = key * np.uint64(3) + column.astype(np.uint64)
    return key


def _notes(rows: Sequence[str], n_rows: int, n_columns: int) -> list[str]:
    """What stands below a board, without the names of its columns."""
    below = [" ".join(row.split()) for row in rows[n_rows:]]
    return [row for row in below if row and [len(name) for name in row.split()] != [1] * n_columns]


def _plain(rows: Sequence[str]) -> str:
    return "\n".join(row.rstrip() for row in rows).strip("\n")


@functools.lru_cache(maxsize=2)
def _drawn_states(game: Game, graph: GameGraph) -> dict[str, int]:
    """Every position as it is drawn; for games without a board, which are small."""
    return {_plain(game.render(int(graph.states[state])).splitlines()): state for state in graph.positions.tolist()}
