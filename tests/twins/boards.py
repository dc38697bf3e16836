"""Plain-Python twins of the games, written from the rules alone: no bit masks, no tables, no shared code with the kernels.

Only the packing of a state into 64 bits is taken over from the docstrings of the games, so that states can be compared.
"""

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import NamedTuple, Protocol, TypeVar

State = TypeVar("State")
Cells = tuple[int, ...]  # 0 empty, 1 the mover's, 2 the other's
Grid = list[list[int]]

# The eight ways to lay a sheet of cells on the table; on an oblong only those that keep its shape count.
LAYINGS: tuple[Callable[[Grid], Grid], ...] = (
    lambda g: g,
    lambda g: g[::-1],
    lambda g: [row[::-1] for row in g],
    lambda g: [row[::-1] for row in g[::-1]],
    lambda g: [list(column) for column in zip(*g, strict=True)],
    lambda g: [list(column) for column in zip(*g[::-1], strict=True)],
    lambda g: [list(column) for column in zip(*g, strict=True)][::-1],
    lambda g: [list(column)[::-1] for column in zip(*g, strict=True)][::-1],
)


class Twin(Protocol[State]):
    """A game in plain Python."""

    def start(self) -> State: ...

    def moves(self, state: State) -> list[tuple[int, State]]:
        """Every legal action, ascending, with the state it leads to; none when the game is over."""

    def payoff(self, state: State) -> int:
        """The result for the player to move once the game is over, else 0."""

    def images(self, state: State) -> list[State]:
        """The state under every symmetry, with repeats."""

    def pack(self, state: State) -> int:
        """The state in the 64 bits that the game's docstring describes."""

    def canonical(self, state: State) -> State:
        """The one image that stands for all: for a board the one whose packed form is smallest."""


def turn_overs(rows: int, columns: int) -> list[Cells]:
    """For every symmetry of the board, the cell whose content each cell gets."""
    grid = [[row * columns + column for column in range(columns)] for row in range(rows)]
    laid = [lay(grid) for lay in LAYINGS]
    return [tuple(cell for row in g for cell in row) for g in laid if len(g) == rows]


def swap_sides(cells: Cells) -> Cells:
    return tuple({0: 0, 1: 2, 2: 1}[cell] for cell in cells)


class TicTacToeTwin:
    """Cells seen from the mover."""

    def start(self) -> Cells:
        return (0,) * 9

    def moves(self, state: Cells) -> list[tuple[int, Cells]]:
        if self.payoff(state):
            return []
        return [(i, swap_sides((*state[:i], 1, *state[i + 1 :]))) for i in range(9) if state[i] == 0]

    def payoff(self, state: Cells) -> int:
        rows = [state[0:3], state[3:6], state[6:9]]
        diagonals = [tuple(rows[i][i] for i in range(3)), tuple(rows[i][2 - i] for i in range(3))]
        return -1 if (2, 2, 2) in [*rows, *zip(*rows, strict=True), *diagonals] else 0

    def images(self, state: Cells) -> list[Cells]:
        return [tuple(state[i] for i in turn) for turn in turn_overs(3, 3)]

    def pack(self, state: Cells) -> int:
        return sum(1 << i for i in range(9) if state[i] == 1) + sum(1 << (9 + i) for i in range(9) if state[i] == 2)

    def canonical(self, state: Cells) -> Cells:
        return min(self.images(state), key=self.pack)


class NimTwin:
    """Heaps in ascending order."""

    def __init__(self, heaps: Cells) -> None:
        self.heaps = heaps

    def start(self) -> Cells:
        return tuple(sorted(self.heaps))

    def moves(self, state: Cells) -> list[tuple[int, Cells]]:
        largest = max(self.heaps)
        return [
            (heap * largest + taken - 1, tuple(sorted((*state[:heap], size - taken, *state[heap + 1 :]))))
            for heap, size in enumerate(state)
            for taken in range(1, size + 1)
        ]

    def payoff(self, state: Cells) -> int:
        return 0 if any(state) else -1

    def images(self, state: Cells) -> list[Cells]:
        """The ways to lay the heaps in the order in which the game named them, none larger than it was."""
        return [order for order in permutations(state) if all(h <= limit for h, limit in zip(order, self.heaps, strict=True))]

    def pack(self, state: Cells) -> int:
        return sum(size * 256**heap for heap, size in enumerate(state))

    def canonical(self, state: Cells) -> Cells:
        return tuple(sorted(state))


class GoState(NamedTuple):
    """A position seen from the mover, with the board before the other's last move, which no move may bring back."""

    cells: Cells
    before: Cells | None
    passes: int


class GoTwin:
    """Area scoring, no suicide; a move may not recreate the board of two plies ago; two passes end the game."""

    def __init__(self, rows: int, columns: int) -> None:
        self.n = rows * columns
        self.turns = turn_overs(rows, columns)
        self.next_to = [
            [r * columns + c for r, c in around(*divmod(i, columns)) if 0 <= r < rows and 0 <= c < columns] for i in range(self.n)
        ]

    def start(self) -> GoState:
        return GoState((0,) * self.n, None, 0)

    def moves(self, state: GoState) -> list[tuple[int, GoState]]:
        if state.passes == 2:
            return []
        reached = [(point, self.after(state, point)) for point in range(self.n) if state.cells[point] == 0]
        legal = [(point, board) for point, board in reached if board is not None and board != state.before]
        seen_by_other = swap_sides(state.cells)
        played = [(point, GoState(swap_sides(board), seen_by_other, 0)) for point, board in legal]
        return [*played, (self.n, GoState(seen_by_other, seen_by_other, state.passes + 1))]

    def after(self, state: GoState, point: int) -> Cells | None:
        """The board after a stone on the point, seen by who played it, ko left aside; None where it is suicide."""
        board = list(state.cells)
        board[point] = 1
        for neighbour in self.next_to[point]:
            if board[neighbour] == 2 and not self.breathes(board, neighbour):
                for stone in self.region(board, neighbour):
                    board[stone] = 0
        return tuple(board) if self.breathes(board, point) else None

    def region(self, board: list[int], point: int, found: set[int] | None = None) -> set[int]:
        """The points of the same kind that are connected to this one."""
        found = set() if found is None else found
        found.add(point)
        for neighbour in self.next_to[point]:
            if board[neighbour] == board[point] and neighbour not in found:
                self.region(board, neighbour, found)
        return found

    def breathes(self, board: list[int], point: int) -> bool:
        return any(board[neighbour] == 0 for stone in self.region(board, point) for neighbour in self.next_to[stone])

    def payoff(self, state: GoState) -> int:
        if state.passes < 2:
            return 0
        board = list(state.cells)
        area = {1: board.count(1), 2: board.count(2)}
        for point in range(self.n):
            if board[point] == 0:
                owners = {board[n] for p in self.region(board, point) for n in self.next_to[p]} - {0}
                if len(owners) == 1:
                    area[owners.pop()] += 1
        return area[1] - area[2]

    def images(self, state: GoState) -> list[GoState]:
        def turned(cells: Cells | None, turn: Cells) -> Cells | None:
            return cells and tuple(cells[i] for i in turn)

        return [GoState(turned(state.cells, turn) or (), turned(state.before, turn), state.passes) for turn in self.turns]

    def ko_point(self, state: GoState) -> int:
        """The point where a stone would recreate the forbidden board, -1 for none."""
        back = [point for point in range(self.n) if state.before and state.cells[point] == 0 and state.before[point] == 1]
        return next((point for point in back if self.after(state, point) == state.before), -1)

    def pack(self, state: GoState) -> int:
        own = sum(1 << i for i in range(self.n) if state.cells[i] == 1)
        other = sum(1 << (25 + i) for i in range(self.n) if state.cells[i] == 2)
        return own + other + ((self.ko_point(state) + 1) << 50) + (state.passes << 55)

    def canonical(self, state: GoState) -> GoState:
        return min(self.images(state), key=self.pack)


def around(row: int, column: int) -> Iterator[tuple[int, int]]:
    yield from ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))


def reachable(twin: Twin[State]) -> dict[int, State]:
    """Every state reachable from the start, one per symmetry class, by its packed form."""
    first = twin.canonical(twin.start())
    found, pending = {twin.pack(first): first}, [first]
    while pending:
        for _, child in twin.moves(pending.pop()):
            state = twin.canonical(child)
            if twin.pack(state) not in found:
                found[twin.pack(state)] = state
                pending.append(state)
    return found
