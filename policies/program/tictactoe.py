"""Tic-tac-toe in plain Python: which moves are legal, and its concepts."""

from policies.program.runtime import Position, with_stone

LINES = ((0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6))
OPPOSITE = {0: 8, 2: 6, 6: 2, 8: 0}
BESIDE = {0: (1, 3), 2: (1, 5), 6: (3, 7), 8: (5, 7)}


def pack(here: Position) -> int:
    return sum({0: 0, 1: 1 << i, 2: 1 << (9 + i)}[owner] for i, owner in enumerate(here.cells))


def legal_moves(here: Position) -> list[int]:
    return [cell for cell, owner in enumerate(here.cells) if owner == 0]


def entries(here: Position) -> tuple[int, ...]:
    return here.cells


def completes(cells: tuple[int, ...], player: int, cell: int) -> bool:
    """Whether a stone on a cell completes a line of the player's."""
    filled = with_stone(cells, player, cell)
    return any(cell in line and all(filled[i] == player for i in line) for line in LINES)


def threats(cells: tuple[int, ...], player: int) -> list[int]:
    """The cells where a player would complete a line."""
    return [cell for cell in range(9) if cells[cell] == 0 and completes(cells, player, cell)]


def win(here: Position, move: int) -> bool:
    return completes(here.cells, 1, move)


def block(here: Position, move: int) -> bool:
    return completes(here.cells, 2, move)


def fork(here: Position, move: int) -> bool:
    return len(threats(with_stone(here.cells, 1, move), 1)) >= 2


def block_fork(here: Position, move: int) -> bool:
    return len(threats(with_stone(here.cells, 2, move), 2)) >= 2


def is_good_threat(here: Position, move: int) -> bool:
    """Whether a move threatens, and the answer that it forces makes no fork."""
    mine = with_stone(here.cells, 1, move)
    answers = threats(mine, 1)
    return bool(answers) and all(len(threats(with_stone(mine, 2, answer), 2)) < 2 for answer in answers)


def block_fork_2(here: Position, move: int) -> bool:
    empty = legal_moves(here)
    if not any(block_fork(here, cell) for cell in empty):
        return False
    return is_good_threat(here, move) if any(is_good_threat(here, cell) for cell in empty) else block_fork(here, move)


def centre(here: Position, move: int) -> bool:
    return move == 4


def corner(here: Position, move: int) -> bool:
    return move in OPPOSITE


def side(here: Position, move: int) -> bool:
    return move in (1, 3, 5, 7)


def opposite_theirs(here: Position, move: int) -> bool:
    return move in OPPOSITE and here.cells[OPPOSITE[move]] == 2


def opposite_ours(here: Position, move: int) -> bool:
    return move in OPPOSITE and here.cells[OPPOSITE[move]] == 1


def make_threat(here: Position, move: int) -> bool:
    return bool(threats(with_stone(here.cells, 1, move), 1))


def corner_by_side(here: Position, move: int) -> bool:
    return any(here.cells[cell] == 2 for cell in BESIDE.get(move, ()))
