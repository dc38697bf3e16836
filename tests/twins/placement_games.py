"""Plain-Python twins of the games in which pieces are placed and stay, written from the rules alone.

A position is told as the two players see it lie on the table: who owns which cell, and who is to move. What the games do to
show it from the mover's side (swap colours, lay the board over its diagonal) is done here only to pack a position and to
number an action, so that an agreement proves that the two descriptions are the same game.
"""

from typing import NamedTuple

from tests.twins.boards import turn_overs

Cells = tuple[int, ...]  # 0 empty, 1 the first player's, 2 the second's


class Position(NamedTuple):
    cells: Cells
    mover: int  # 1 or 2


def placed(position: Position, *cells: int) -> Position:
    """The position after the mover has filled some cells."""
    after = tuple(position.mover if i in cells else owner for i, owner in enumerate(position.cells))
    return Position(after, 3 - position.mover)


def turned(position: Position, turns: list[Cells]) -> list[Position]:
    return [Position(tuple(position.cells[i] for i in turn), position.mover) for turn in turns]


def seen_by_mover(cells: Cells, mover: int) -> Cells:
    return tuple(0 if owner == 0 else 1 if owner == mover else 2 for owner in cells)


def bits(flags: list[bool]) -> int:
    return sum(1 << i for i, flag in enumerate(flags) if flag)


class InARowTwin:
    """`length` in a row wins; `falls` says whether stones fall to the lowest empty cell of their column."""

    def __init__(self, rows: int, columns: int, length: int, falls: bool = False) -> None:
        self.rows, self.columns, self.length, self.falls = rows, columns, length, falls
        self.turns = turn_overs(rows, columns)
        if falls:
            self.turns = [self.turns[0], self.turns[2]]

    def start(self) -> Position:
        return Position((0,) * (self.rows * self.columns), 1)

    def moves(self, position: Position) -> list[tuple[int, Position]]:
        if self.payoff(position):
            return []
        empty = [i for i, owner in enumerate(position.cells) if owner == 0]
        return [(i, placed(position, i)) for i in empty if not self.falls or i + self.columns not in empty]

    def payoff(self, position: Position) -> int:
        """Only who has just moved can have won."""
        board = {divmod(i, self.columns): owner for i, owner in enumerate(position.cells)}
        theirs = 3 - position.mover
        for row, column in board:
            for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
                if all(board.get((row + i * down, column + i * right)) == theirs for i in range(self.length)):
                    return -1
        return 0

    def images(self, position: Position) -> list[Position]:
        return turned(position, self.turns)

    def seen(self, position: Position) -> Cells:
        return seen_by_mover(position.cells, position.mover)

    def pack(self, position: Position) -> int:
        own = bits([owner == 1 for owner in self.seen(position)])
        if not self.falls:
            return own + (bits([owner == 2 for owner in self.seen(position)]) << len(position.cells))
        heights = [sum(owner > 0 for owner in position.cells[column :: self.columns]) for column in range(self.columns)]
        marks = sum(1 << ((self.rows - height) * self.columns + column) for column, height in enumerate(heights))
        return (own << self.columns) + marks


class HexTwin:
    """The first player joins top and bottom, the second left and right."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns, self.side = rows, columns, max(rows, columns)
        self.turns = [turn_overs(rows, columns)[i] for i in ((0, 3) if rows == columns else (0,))]

    def start(self) -> Position:
        return Position((0,) * (self.rows * self.columns), 1)

    def moves(self, position: Position) -> list[tuple[int, Position]]:
        if self.payoff(position):
            return []
        empty = [i for i, owner in enumerate(position.cells) if owner == 0]
        return sorted((self.view(i, position.mover), placed(position, i)) for i in empty)

    def view(self, cell: int, mover: int) -> int:
        """The cell's number for the mover in the square at whose bottom left the board lies.

        The second player looks at the square laid over its short diagonal.
        """
        row, column = divmod(cell, self.columns)
        row += self.side - self.rows
        if mover == 2:
            row, column = self.side - 1 - column, self.side - 1 - row
        return row * self.side + column

    def payoff(self, position: Position) -> int:
        return -1 if self.joined(position.cells, 3 - position.mover) else 0

    def joined(self, cells: Cells, player: int) -> bool:
        stones = {divmod(i, self.columns) for i, owner in enumerate(cells) if owner == player}
        along = 0 if player == 1 else 1
        pending = [stone for stone in stones if stone[along] == 0]
        reached = set(pending)
        while pending:
            row, column = pending.pop()
            for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0), (-1, 1), (1, -1)):
                neighbour = (row + down, column + right)
                if neighbour in stones and neighbour not in reached:
                    reached.add(neighbour)
                    pending.append(neighbour)
        return any(stone[along] == (self.rows, self.columns)[along] - 1 for stone in reached)

    def images(self, position: Position) -> list[Position]:
        return turned(position, self.turns)

    def seen(self, position: Position) -> Cells:
        """What lies in the square beyond the board belongs to the player who has the shorter way to go."""
        nearer = 1 if self.rows < self.columns else 2
        shown = [1 if nearer == position.mover else 2] * self.side**2
        for cell, owner in enumerate(seen_by_mover(position.cells, position.mover)):
            shown[self.view(cell, position.mover)] = owner
        return tuple(shown)

    def pack(self, position: Position) -> int:
        seen = self.seen(position)
        return bits([owner == 1 for owner in seen]) + (bits([owner == 2 for owner in seen]) << len(seen))


class DomineeringTwin:
    """The first player lays upright dominoes, the second flat ones; who cannot move loses. A cell is taken (1) or not."""

    def __init__(self, rows: int, columns: int) -> None:
        self.rows, self.columns, self.side = rows, columns, max(rows, columns)
        self.turns = turn_overs(rows, columns)[: 4 if rows == columns else 1]

    def start(self) -> Position:
        return Position((0,) * (self.rows * self.columns), 1)

    def moves(self, position: Position) -> list[tuple[int, Position]]:
        down, right = (1, 0) if position.mover == 1 else (0, 1)
        found = []
        for row in range(self.rows - down):
            for column in range(self.columns - right):
                domino = (row * self.columns + column, (row + down) * self.columns + column + right)
                if not any(position.cells[cell] for cell in domino):
                    after = tuple(int(taken or i in domino) for i, taken in enumerate(position.cells))
                    found.append((self.view(row, column, position.mover), Position(after, 3 - position.mover)))
        return sorted(found)

    def view(self, row: int, column: int, mover: int) -> int:
        return row * self.side + column if mover == 1 else column * self.side + row

    def payoff(self, position: Position) -> int:
        return 0 if self.moves(position) else -1

    def images(self, position: Position) -> list[Position]:
        return turned(position, self.turns)

    def seen(self, position: Position) -> Cells:
        seen = [2] * self.side**2
        for row in range(self.rows):
            for column in range(self.columns):
                seen[self.view(row, column, position.mover)] = 2 * position.cells[row * self.columns + column]
        return tuple(seen)

    def pack(self, position: Position) -> int:
        return bits([owner > 0 for owner in self.seen(position)])
