"""NoGo in plain Python: which moves are legal, and its concepts."""

from policies.program.runtime import Position, near, swapped, with_stone


def pack(here: Position) -> int:
    return sum({0: 0, 1: 1 << i, 2: 1 << (25 + i)}[owner] for i, owner in enumerate(here.cells))


def legal_moves(here: Position) -> list[int]:
    return sorted(playable(here, here.cells))


def entries(here: Position) -> tuple[int, ...]:
    return here.cells


def all_breathe(here: Position, cells: tuple[int, ...]) -> bool:
    """Whether every stone belongs to a group with a liberty."""
    breathing = [owner > 0 and any(cells[other] == 0 for other in near(here.board, cell)) for cell, owner in enumerate(cells)]
    pending = [cell for cell, breathes in enumerate(breathing) if breathes]
    while pending:
        cell = pending.pop()
        for other in near(here.board, cell):
            if cells[other] == cells[cell] and not breathing[other]:
                breathing[other] = True
                pending.append(other)
    return all(breathes or owner == 0 for breathes, owner in zip(breathing, cells, strict=True))


def playable(here: Position, cells: tuple[int, ...]) -> set[int]:
    """The points where the player of the stones 1 may play."""
    return {point for point, owner in enumerate(cells) if owner == 0 and all_breathe(here, with_stone(cells, 1, point))}


def shared(here: Position, move: int) -> bool:
    return move in playable(here, swapped(here.cells))


def reserves(here: Position, move: int) -> bool:
    left = with_stone(here.cells, 1, move)
    before, now = (playable(here, cells) - playable(here, swapped(cells)) for cells in (here.cells, left))
    return len(now) > len(before)


def denies(here: Position, move: int) -> bool:
    before, now = (playable(here, swapped(cells)) for cells in (here.cells, with_stone(here.cells, 1, move)))
    return len(before) - len(now) >= 2


def thrifty(here: Position, move: int) -> bool:
    return playable(here, here.cells) - playable(here, with_stone(here.cells, 1, move)) == {move}


def ahead(here: Position, move: int) -> bool:
    left = with_stone(here.cells, 1, move)
    return len(playable(here, left)) > len(playable(here, swapped(left)))
