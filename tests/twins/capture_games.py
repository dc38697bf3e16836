"""Plain-Python twins of NoGo, Breakthrough and Kalah, written from the rules alone; see tests/twins/boards.py for what a twin is."""

from functools import cache
from typing import NamedTuple

from tests.twins.boards import Cells, GoTwin, swap_sides, turn_overs


class NoGoTwin:
    """Cells seen from the mover. A move is legal if afterwards every stone on the board belongs to a group with a liberty."""

    def __init__(self, rows: int, columns: int) -> None:
        self.n = rows * columns
        self.turns = turn_overs(rows, columns)
        self.groups = GoTwin(rows, columns)

    def start(self) -> Cells:
        return (0,) * self.n

    def moves(self, state: Cells) -> list[tuple[int, Cells]]:
        played = [(i, [*state[:i], 1, *state[i + 1 :]]) for i in range(self.n) if state[i] == 0]
        return [(i, swap_sides(tuple(board))) for i, board in played if self.all_breathe(board)]

    def all_breathe(self, board: list[int]) -> bool:
        return all(self.groups.breathes(board, point) for point in range(self.n) if board[point])

    def payoff(self, state: Cells) -> int:
        return 0 if self.moves(state) else -1

    def images(self, state: Cells) -> list[Cells]:
        return [tuple(state[i] for i in turn) for turn in self.turns]

    def pack(self, state: Cells) -> int:
        return sum({0: 0, 1: 1 << i, 2: 1 << (25 + i)}[cell] for i, cell in enumerate(state))

    def canonical(self, state: Cells) -> Cells:
        return min(self.images(state), key=self.pack)


Rows = tuple[str, ...]  # "X" the mover's pawns, "O" the other's; the mover goes towards the first row


class BreakthroughTwin:
    """The board as lines of text."""

    def __init__(self, rows: int, columns: int, pawn_rows: int) -> None:
        self.rows, self.columns, self.pawn_rows = rows, columns, pawn_rows

    def start(self) -> Rows:
        full, free = self.pawn_rows, self.rows - 2 * self.pawn_rows
        return ("O" * self.columns,) * full + ("." * self.columns,) * free + ("X" * self.columns,) * full

    def moves(self, state: Rows) -> list[tuple[int, Rows]]:
        if self.payoff(state):
            return []
        found = []
        for row in range(1, self.rows):
            for column in (i for i in range(self.columns) if state[row][i] == "X"):
                for direction, to in enumerate((column - 1, column, column + 1)):
                    onto = state[row - 1][to] if 0 <= to < self.columns else "X"
                    if onto == "." or (onto == "O" and to != column):
                        found.append((3 * (row * self.columns + column) + direction, self.after(state, row, column, to)))
        return found

    def after(self, state: Rows, row: int, column: int, to: int) -> Rows:
        board = [list(line) for line in state]
        board[row][column] = "."
        board[row - 1][to] = "X"
        return tuple("".join({"X": "O", "O": "X", ".": "."}[mark] for mark in line) for line in reversed(board))

    def payoff(self, state: Rows) -> int:
        return -1 if "O" in state[-1] or not any("X" in line for line in state) else 0

    def images(self, state: Rows) -> list[Rows]:
        return [state, tuple(line[::-1] for line in state)]

    def pack(self, state: Rows) -> int:
        marks = "".join(state)
        return sum(1 << i for i, mark in enumerate(marks) if mark == "X") + sum(
            1 << (32 + i) for i, mark in enumerate(marks) if mark == "O"
        )

    def canonical(self, state: Rows) -> Rows:
        return min(self.images(state), key=self.pack)


class KalahState(NamedTuple):
    """A position seen from the mover; each side's pits in the order in which that side sows."""

    own: Cells
    other: Cells
    own_store: int
    other_store: int
    must_pass: bool


class KalahTwin:
    """Sowing seed by seed along the names of the places."""

    def __init__(self, n_pits: int, n_seeds: int) -> None:
        self.n_pits, self.n_seeds = n_pits, n_seeds

    def start(self) -> KalahState:
        return KalahState((self.n_seeds,) * self.n_pits, (self.n_seeds,) * self.n_pits, 0, 0, False)

    def moves(self, state: KalahState) -> list[tuple[int, KalahState]]:
        if self.over(state):
            return []
        if state.must_pass:
            return [(self.n_pits, KalahState(state.other, state.own, state.other_store, state.own_store, False))]
        reached = [(pit, self.sow(state, pit)) for pit in range(self.n_pits) if state.own[pit]]
        return [(pit, KalahState(s.other, s.own, s.other_store, s.own_store, again and not self.over(s))) for pit, (s, again) in reached]

    def sow(self, state: KalahState, pit: int) -> tuple[KalahState, bool]:
        """The position afterwards, still seen by who sowed, and whether that player moves again."""
        own, other, store = list(state.own), list(state.other), state.own_store
        round_trip = [*(("own", i) for i in range(self.n_pits)), ("store", 0), *(("other", i) for i in range(self.n_pits))]
        hand, own[pit] = own[pit], 0
        at = pit
        while hand:
            at = at + 1 if at + 1 < len(round_trip) else 0
            side, i = round_trip[at]
            hand -= 1
            if side == "store":
                store += 1
            elif side == "own":
                own[i] += 1
            else:
                other[i] += 1
        side, i = round_trip[at]
        if side == "own" and own[i] == 1:
            store += own[i] + other[-1 - i]
            own[i] = other[-1 - i] = 0
        return KalahState(tuple(own), tuple(other), store, state.other_store, False), side == "store"

    def over(self, state: KalahState) -> bool:
        return not any(state.own) or not any(state.other)

    def payoff(self, state: KalahState) -> int:
        return state.own_store + sum(state.own) - state.other_store - sum(state.other) if self.over(state) else 0

    def images(self, state: KalahState) -> list[KalahState]:
        return [state]

    def pack(self, state: KalahState) -> int:
        width = 2 ** (2 * self.n_pits * self.n_seeds).bit_length()
        return sum(seeds * width**i for i, seeds in enumerate((*state.own, *state.other, state.own_store, int(state.must_pass))))

    def canonical(self, state: KalahState) -> KalahState:
        return state

    def margin(self) -> int:
        """What perfect play is worth to the first player when nobody ever passes: the same player just moves again."""

        @cache
        def gain(own: Cells, other: Cells) -> int:
            """The mover's margin among the seeds that are still in the pits."""
            state = KalahState(own, other, 0, 0, False)
            if self.over(state):
                return sum(own) - sum(other)
            results = [self.sow(state, pit) for pit in range(self.n_pits) if own[pit]]
            return max(s.own_store + (gain(s.own, s.other) if again else -gain(s.other, s.own)) for s, again in results)

        first = self.start()
        return gain(first.own, first.other)
