"""Go in plain Python: which moves are legal, and its concepts."""

from policies.program.runtime import Position, near, swapped, with_stone


def pack(here: Position) -> int:
    stones = sum({0: 0, 1: 1 << i, 2: 1 << (25 + i)}[owner] for i, owner in enumerate(here.cells))
    return stones + ((here.ko + 1) << 50) + (here.passes << 55)


def legal_moves(here: Position) -> list[int]:
    """Empty points but for the ko point and for suicide, then the pass."""
    empty = (point for point, owner in enumerate(here.cells) if owner == 0 and point != here.ko)
    return [*(point for point in empty if has_liberty(here, after(here, here.cells, point), point)), len(here.cells)]


def entries(here: Position) -> tuple[int, ...]:
    return (*here.cells, here.ko + 1, here.passes)


def group(here: Position, cells: tuple[int, ...], point: int) -> set[int]:
    """The points of one content that are connected to a point."""
    found, pending = {point}, [point]
    while pending:
        for other in near(here.board, pending.pop()):
            if cells[other] == cells[point] and other not in found:
                found.add(other)
                pending.append(other)
    return found


def liberties(here: Position, cells: tuple[int, ...], point: int) -> int:
    """How many empty points touch the group of a stone."""
    return len({other for stone in group(here, cells, point) for other in near(here.board, stone) if cells[other] == 0})


def has_liberty(here: Position, cells: tuple[int, ...], point: int) -> bool:
    return liberties(here, cells, point) > 0


def after(here: Position, cells: tuple[int, ...], point: int) -> tuple[int, ...]:
    """The board after a stone of yours on a point."""
    filled = with_stone(cells, 1, point)
    beside = [other for other in near(here.board, point) if filled[other] == 2 and not has_liberty(here, filled, other)]
    taken = {stone for other in beside for stone in group(here, filled, other)}
    return tuple(0 if i in taken else owner for i, owner in enumerate(filled))


def is_stone(here: Position, move: int) -> bool:
    return move < len(here.cells)


def n_taken(here: Position, move: int) -> int:
    return here.cells.count(2) - after(here, here.cells, move).count(2) if is_stone(here, move) else 0


def own_liberties(here: Position, move: int) -> int:
    """The liberties of the new stone's group, 0 for a pass."""
    return liberties(here, after(here, here.cells, move), move) if is_stone(here, move) else 0


def touched(here: Position, cells: tuple[int, ...], move: int, player: int) -> set[frozenset[int]]:
    """The groups of a player beside a move."""
    beside = near(here.board, move) if is_stone(here, move) else []
    return {frozenset(group(here, cells, other)) for other in beside if cells[other] == player}


def around(here: Position, move: int) -> set[int]:
    """What lies beside a move, empty for a pass."""
    return {here.cells[other] for other in near(here.board, move)} if is_stone(here, move) else set()


def line(here: Position, move: int) -> int:
    """On which line from the edge a move lies, 1 at the edge, 0 for a pass."""
    row, column = divmod(move, here.board.columns)
    return min(row, here.board.rows - 1 - row, column, here.board.columns - 1 - column) + 1 if is_stone(here, move) else 0


def captures(here: Position, move: int) -> bool:
    return n_taken(here, move) >= 1


def captures_2(here: Position, move: int) -> bool:
    return n_taken(here, move) >= 2


def captures_3(here: Position, move: int) -> bool:
    return n_taken(here, move) >= 3


def saves(here: Position, move: int) -> bool:
    mine = touched(here, here.cells, move, 1)
    return own_liberties(here, move) > 1 and any(liberties(here, here.cells, min(each)) == 1 for each in mine)


def atari(here: Position, move: int) -> bool:
    if not is_stone(here, move):
        return False
    left = after(here, here.cells, move)
    return any(liberties(here, left, min(each)) == 1 for each in touched(here, left, move, 2))


def self_atari(here: Position, move: int) -> bool:
    return own_liberties(here, move) == 1


def liberties_2(here: Position, move: int) -> bool:
    return own_liberties(here, move) >= 2


def liberties_3(here: Position, move: int) -> bool:
    return own_liberties(here, move) >= 3


def liberties_4(here: Position, move: int) -> bool:
    return own_liberties(here, move) >= 4


def own_eye(here: Position, move: int) -> bool:
    return around(here, move) == {1}


def their_eye(here: Position, move: int) -> bool:
    return around(here, move) == {2}


def connects(here: Position, move: int) -> bool:
    return len(touched(here, here.cells, move, 1)) >= 2


def extends(here: Position, move: int) -> bool:
    return 1 in around(here, move)


def contact(here: Position, move: int) -> bool:
    return 2 in around(here, move)


def first_line(here: Position, move: int) -> bool:
    return line(here, move) == 1


def second_line(here: Position, move: int) -> bool:
    return line(here, move) >= 2


def takes_ko(here: Position, move: int) -> bool:
    """Whether retaking at once would bring the old board back."""
    if n_taken(here, move) != 1:
        return False
    left = after(here, here.cells, move)
    (taken,) = (point for point, owner in enumerate(here.cells) if owner == 2 and left[point] == 0)
    return after(here, swapped(left), taken) == swapped(here.cells)


def margin(here: Position) -> int:
    """Your area less theirs."""
    empty = [point for point, owner in enumerate(here.cells) if owner == 0]
    owners = [{here.cells[other] for stone in group(here, here.cells, point) for other in near(here.board, stone)} - {0} for point in empty]
    return here.cells.count(1) - here.cells.count(2) + owners.count({1}) - owners.count({2})


def pass_(here: Position, move: int) -> bool:
    return not is_stone(here, move)


def pass_ahead(here: Position, move: int) -> bool:
    return pass_answer(here, move) and margin(here) > 0


def pass_answer(here: Position, move: int) -> bool:
    return not is_stone(here, move) and here.passes == 1


def plays_safely(here: Position, move: int) -> bool:
    return is_stone(here, move) and not own_eye(here, move) and own_liberties(here, move) >= 2
