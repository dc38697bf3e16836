"""The shared part of every written program, in plain Python: positions, pictures round a move, symmetries, rules, the command line.

The source of this module is a part of each program, so it imports from the standard library alone.
"""

import argparse
import random
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Board(NamedTuple):
    """A board, cell `row * columns + column`, row 0 at the top; its actions are the cells in order, and then a pass in some games."""

    rows: int
    columns: int
    names: tuple[str, ...]  # of the actions


class Position(NamedTuple):
    """A position as the player to move sees it."""

    board: Board
    cells: tuple[int, ...]  # 0 empty, 1 yours, 2 theirs
    ko: int  # the cell that no stone may be put on, -1 for none
    passes: int  # how many passes have just been played
    legal: tuple[int, ...] = ()  # the actions that are legal, ascending


Predicate = Callable[[Position, int], bool]  # of a position and a move
SQUARE: tuple[Callable[[int, int], tuple[int, int]], ...] = (  # the symmetries of a square, of an offset from its middle
    lambda row, column: (row, column),
    lambda row, column: (-row, column),
    lambda row, column: (row, -column),
    lambda row, column: (-row, -column),
    lambda row, column: (column, row),
    lambda row, column: (-column, row),
    lambda row, column: (column, -row),
    lambda row, column: (-column, -row),
)


def near(board: Board, cell: int) -> list[int]:
    """The cells beside a cell."""
    row, column = divmod(cell, board.columns)
    beside = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
    return [r * board.columns + c for r, c in beside if 0 <= r < board.rows and 0 <= c < board.columns]


def with_stone(cells: Sequence[int], player: int, cell: int) -> tuple[int, ...]:
    """The cells after a stone is put on one of them."""
    return tuple(player if i == cell else owner for i, owner in enumerate(cells))


def swapped(cells: Sequence[int]) -> tuple[int, ...]:
    """The cells as the other player sees them."""
    return tuple((0, 2, 1)[owner] for owner in cells)


def fits(here: Position, move: int, *picture: str) -> bool:
    """Whether the board round a move looks like a picture under any symmetry of the square.

    In the picture X is yours, O theirs, . empty, # off the board, ? anything, and * the move.
    """
    board = here.board
    if move >= len(here.cells):
        return False
    row, column = divmod(move, board.columns)
    middle = len(picture) // 2
    wanted = {(r - middle, c - middle): symbol for r, line in enumerate(picture) for c, symbol in enumerate(line.split())}
    del wanted[0, 0]

    def seen(down: int, right: int) -> str:
        r, c = row + down, column + right
        return ".XO"[here.cells[r * board.columns + c]] if 0 <= r < board.rows and 0 <= c < board.columns else "#"

    return any(all(symbol in ("?", seen(*symmetry(*at))) for at, symbol in wanted.items()) for symmetry in SQUARE)


def only(holds: Predicate, here: Position, move: int) -> bool:
    """Whether a predicate holds for a move and for no other legal one."""
    return holds(here, move) and not any(holds(here, other) for other in here.legal if other != move)


def symmetries(board: Board) -> list[tuple[int, ...]]:
    """Where each rotation and reflection of the board takes each of its cells."""
    grid = [[row * board.columns + column for column in range(board.columns)] for row in range(board.rows)]
    upright = [grid, grid[::-1], [line[::-1] for line in grid], [line[::-1] for line in grid[::-1]]]
    laid = upright + [[list(line) for line in zip(*each, strict=True)] for each in upright] * (board.rows == board.columns)
    return list(dict.fromkeys(tuple(cell for line in each for cell in line) for each in laid))


def image_of(here: Position, image: Sequence[int]) -> Position:
    """The position under a symmetry, with its legal moves."""
    cells = [0] * len(here.cells)
    for cell, owner in enumerate(here.cells):
        cells[image[cell]] = owner
    legal = sorted(image[action] if action < len(image) else action for action in here.legal)
    return Position(here.board, tuple(cells), image[here.ko] if here.ko >= 0 else -1, here.passes, tuple(legal))


def first_match(here: Position, rules: Sequence[Predicate]) -> list[int]:
    """The moves that the first rule allows that any legal move satisfies; all legal ones where none does."""
    for rule in rules:
        chosen = [move for move in here.legal if rule(here, move)]
        if chosen:
            return chosen
    return list(here.legal)


def lexicographic(here: Position, rules: Sequence[Predicate]) -> list[int]:
    """The moves that are left when each rule keeps those that satisfy it, unless none of those left does."""
    left = list(here.legal)
    for rule in rules:
        left = [move for move in left if rule(here, move)] or left
    return left


def most_points(here: Position, weighted: Sequence[tuple[int, Predicate]]) -> list[int]:
    """The moves for which the weights of all that holds add up to most."""
    points = {move: sum(weight for weight, holds in weighted if holds(here, move)) for move in here.legal}
    return [move for move in here.legal if points[move] == max(points.values())]


class Program(NamedTuple):
    """How a program plays: its board, the order of symmetric positions, the rules of the game as far as needed, and its choice."""

    board: Board
    pack: Callable[[Position], int]  # of symmetric positions the one with the smallest number is looked at
    legal_moves: Callable[[Position], list[int]]
    chosen: Callable[[Position], list[int]]


def choices_of(
    program: Program,
    board: str | Sequence[int],
    to_play: str = "X",
    legal: Sequence[str] | None = None,
    ko: str | None = None,
    passes: int = 0,
) -> list[str]:
    """The names of all moves that the program may choose.

    `board` is text, rows separated by `/` or new lines, or numbers: 0 empty, 1 X, 2 O. `to_play` is X or O. `legal` names the legal
    moves; without it they follow from the rules of the game. In Go `ko` names the point where retaking is forbidden, and `passes` is 1
    after a pass. Raises ValueError that says what is wrong.
    """
    names = program.board.names
    cells = read_board(program.board, board) if isinstance(board, str) else tuple(board)
    if to_play not in ("X", "O"):
        raise ValueError(f"to_play is X or O, not {to_play!r}")
    numbers = {name: action for action, name in enumerate(names)}
    for name in [*(legal or ()), *([ko] if ko else [])]:
        if name not in numbers:
            raise ValueError(f"there is no move {name!r}; the moves are {' '.join(names)}")
    here = Position(program.board, cells if to_play == "X" else swapped(cells), numbers[ko] if ko else -1, passes)
    allowed = program.legal_moves(here) if legal is None else sorted(numbers[name] for name in legal)
    if not allowed:
        raise ValueError("there is no legal move")
    here = here._replace(legal=tuple(allowed))
    image = min(symmetries(program.board), key=lambda each: program.pack(image_of(here, each)))
    back = {image[cell]: cell for cell in range(len(image))}
    return [names[move] for move in sorted(back.get(move, move) for move in program.chosen(image_of(here, image)))]


def read_board(board: Board, text: str) -> tuple[int, ...]:
    """The cells of a board in text: rows from the top, X, O and `.` for empty; names of rows and columns may stand beside it."""
    rows = [line.split() for line in text.replace("/", "\n").splitlines()]
    rows = [row[1:] if row and row[0].isdigit() else row for row in rows]
    found = ["".join(row) for row in rows if row and set("".join(row)) <= set(".XO*")]
    if [len(row) for row in found] != [board.columns] * board.rows:
        raise ValueError(f"want {board.rows} rows of {board.columns} of the symbols X O . with / between them, got {text!r}")
    return tuple(".XO".find(symbol.replace("*", ".")) for row in found for symbol in row)


def play(program: Program, words: Sequence[str]) -> int:
    """The command line: read a position, print a move."""
    parser = argparse.ArgumentParser(description="Print a move.")
    parser.add_argument("board", nargs="?", help="rows from the top with / between them, for example X.O/.X./...; else read from stdin")
    parser.add_argument("--to-play", default="X", choices=("X", "O"), help="who is to move")
    parser.add_argument("--legal", help="the legal moves, for example a1,b2; without it they follow from the rules of the game")
    parser.add_argument("--ko", help="in Go: the point where retaking is forbidden")
    parser.add_argument("--passes", type=int, default=0, choices=(0, 1), help="in Go: 1 after a pass")
    parser.add_argument("--all", action="store_true", help="print all moves that may be chosen")
    given = parser.parse_args(words)
    board = sys.stdin.read() if given.board is None else given.board
    try:
        found = choices_of(program, board, given.to_play, given.legal.split(",") if given.legal else None, given.ko, given.passes)
    except ValueError as error:
        parser.error(str(error))
    print(*(found if given.all else [random.choice(found)]))
    return 0
