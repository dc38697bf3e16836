"""Uniform draws from all positions that can come up in NoGo, Hex and Domineering, by rejection.

In these games stones stay where they are placed, and a position can come up if and only if the numbers of both sides' stones or dominoes
fit, and

- in NoGo every chain has a liberty; it keeps one when stones are taken away, so the stones can have been placed in any order;
- in Hex no side is joined, as it was not with fewer stones;
- in Domineering the taken cells can be tiled by dominoes of both directions in equal numbers, or with one more of the first player's.

So an arrangement is drawn uniformly from those with fitting numbers, in Domineering from all sets of cells. It is rejected if it cannot
come up or is final; of those with k images under the symmetries all but one in k are rejected too. The rest is uniform over the canonical
positions.
"""

import math

import numpy as np

from games.arrays import Bools, Int8s, Int64s
from games.contract import States
from games.jit import njit
from games.proof.depth_first import count
from games.proof.draws_by_hash import BATCH, distinct, numbers
from games.rules.domineering import Domineering
from games.rules.go import MAX_CELLS
from games.rules.go_stones import is_legal
from games.rules.hex import Hex
from games.rules.nogo import NoGo
from games.splitmix import splitmix64

MAX_SETS = 1 << 20  # of cells at a time: most random ones cannot be tiled


def draw_states(game: NoGo | Hex | Domineering, n: int, seed: int) -> States:
    """`n` different canonical positions, each as likely as any other that can come up in play. [n]

    Raises WorkError where there are not `n`.
    """
    size = _batch_size(game)
    return distinct(n, lambda batch: _canonical(game, numbers(batch, seed, size)), game.id)


def estimate_positions(game: NoGo | Hex | Domineering, n_batches: int, seed: int) -> tuple[float, float]:
    """How many canonical positions there are to draw, from the share of all arrangements that a draw keeps, and its standard error.

    A batch has 16,384 random arrangements; of Domineering, 1,048,576 sets of cells or all of them.
    """
    size = _batch_size(game)
    shares = np.array([len(_canonical(game, numbers(batch, seed, size))) / size for batch in range(n_batches)])
    n_cells = game.rows * game.columns
    n_arrangements = 2**n_cells if isinstance(game, Domineering) else sum(_ways(n_cells))
    return n_arrangements * float(shares.mean()), n_arrangements * float(shares.std(ddof=1)) / math.sqrt(n_batches)


def _batch_size(game: NoGo | Hex | Domineering) -> int:
    return min(MAX_SETS, 1 << game.rows * game.columns) if isinstance(game, Domineering) else BATCH


def _canonical(game: NoGo | Hex | Domineering, drawn: States) -> States:
    """The canonical states in which somebody is to move, of those that random numbers stand for: each as likely as any other. [n_kept]"""
    if isinstance(game, NoGo):
        states, kept = _nogo(game, drawn)
    elif isinstance(game, Hex):
        states, kept = _hex(game, drawn)
    else:
        states, kept = _domineering(game, drawn)
    once = splitmix64(drawn[kept]) % game.multiplicity(states).astype(np.uint64) == 0  # a number of its own for each draw
    canonical = game.fold(states[once])[0]
    return canonical[~game.expand(canonical).terminal]


def _ways(n_cells: int) -> list[int]:
    """In how many ways stones lie on a board, by their number: the colours in equal numbers, or one more of the other's."""
    return [math.comb(n_cells, n) * math.comb(n, n // 2) for n in range(n_cells + 1)]


def _arrangements(n_cells: int, drawn: States) -> Int8s:
    """Boards, uniform over those with equal numbers of own (1) and other stones (2), or one more of the other's. [n, n_cells]"""
    ways = np.cumsum(_ways(n_cells))
    n_stones = np.searchsorted(ways, drawn % np.uint64(ways[-1]), side="right")
    lots = splitmix64(drawn[:, None] ^ splitmix64(np.arange(1, n_cells + 1, dtype=np.uint64)))
    rank = lots.argsort(axis=1).argsort(axis=1)
    boards: Int8s = ((rank < n_stones[:, None]).astype(np.int8) * 2) - (rank < (n_stones // 2)[:, None])
    return boards


def _pack(boards: Int8s, other_shift: int) -> States:
    """States from boards of any shape [n, ...]: own stones in the lower bits, the other's from `other_shift`. [n]"""
    flat = boards.reshape(len(boards), -1)
    bits = np.uint64(1) << np.arange(flat.shape[1], dtype=np.uint64)
    own, other = (((flat == stone) * bits).sum(axis=1, dtype=np.uint64) for stone in (1, 2))
    packed: States = own | other << np.uint64(other_shift)
    return packed


def _nogo(game: NoGo, drawn: States) -> tuple[States, Bools]:
    """States that can come up, from those of the random numbers that are marked, as in the next functions. [n_kept], [n]"""
    states = _pack(_arrangements(game.n_actions, drawn), MAX_CELLS)
    legal = _breathing(states, game.rows, game.columns)
    return states[legal], legal


@njit
def _breathing(states: States, rows: int, columns: int) -> Bools:
    legal = np.empty(states.shape[0], dtype=np.bool_)
    shift = np.uint64(MAX_CELLS)
    for i in range(states.shape[0]):
        other = states[i] >> shift
        legal[i] = is_legal(states[i] ^ (other << shift), other, rows, columns)
    return legal


def _hex(game: Hex, drawn: States) -> tuple[States, Bools]:
    """Boards seen by their movers: after an odd number of stones colours are swapped and the board is laid over its short diagonal."""
    size = game.size
    laid = _arrangements(game.rows * game.columns, drawn)
    start = np.array([game.start()], dtype=np.uint64)
    even = game.cells(start)[0].reshape(size, size)
    odd = np.where(even > 0, 3 - even, 0).T[::-1, ::-1]
    is_odd = np.count_nonzero(laid, axis=1) % 2 == 1
    boards = np.where(is_odd[:, None, None], odd, even)
    boards[boards == 0] = laid.ravel()
    mirrored = np.where(boards > 0, 3 - boards, 0).transpose(0, 2, 1)  # so that the mover's stones are where `expand` looks for the other's
    own_joined = game.expand(_pack(mirrored.astype(np.int8), game.n_actions)).terminal
    return _pack(boards.astype(np.int8), game.n_actions)[~own_joined], ~own_joined


def _domineering(game: Domineering, drawn: States) -> tuple[States, Bools]:
    """Boards seen by their movers: after an odd number of dominoes the board is laid over its diagonal."""
    first = np.uint64(game.start())
    cells = (drawn & ~first & np.uint64((1 << game.n_actions) - 1)).astype(np.int64)
    tiled, is_odd = _tiled(cells, game.side)
    states = cells[tiled].astype(np.uint64) | first
    return np.where(is_odd[tiled], _turn(states, game.side), states), tiled


def _turn(masks: States, side: int) -> States:
    """Boards laid over their diagonal."""
    turned = np.zeros_like(masks)
    for cell in range(side * side):
        turned |= ((masks >> np.uint64(cell)) & np.uint64(1)) << np.uint64(cell % side * side + cell // side)
    return turned


@njit
def _tiled(masks: Int64s, side: int) -> tuple[Bools, Bools]:
    """Which sets dominoes can tile, upright and flat in equal numbers or one more upright; of which their number is odd. Each [n]"""
    tiled, is_odd = np.empty(masks.shape[0], dtype=np.bool_), np.empty(masks.shape[0], dtype=np.bool_)
    left = 0
    for row in range(side):
        left |= 1 << (row * side)
    ways = np.zeros((2, 1 << side), dtype=np.int64)
    for i in range(masks.shape[0]):
        cells = masks[i]
        beside = (cells << side) | (cells >> side) | ((cells & ~(left << (side - 1))) << 1) | ((cells & ~left) >> 1)
        n_cells = count(cells)
        is_odd[i] = n_cells // 2 % 2 == 1
        tiled[i] = not cells & ~beside and n_cells & 1 == 0 and _can_tile(cells, (n_cells // 2 + 1) // 2, side, ways)
    return tiled, is_odd


@njit
def _can_tile(cells: int, n_upright: int, side: int, ways: Int64s) -> bool:
    """Whether dominoes, `n_upright` of them upright, tile a set of cells.

    Cell by cell: `ways[0, p]` holds as bits the possible numbers of upright dominoes where the next `side` cells are covered as in p.
    """
    ways[0] = 0
    ways[0, 0] = 1
    for cell in range(side * side):
        ways[1] = 0
        here, right, below = cells >> cell & 1, cells >> (cell + 1) & 1 and (cell + 1) % side, cells >> (cell + side) & 1
        for covered in range(1 << side):
            numbers_of = ways[0, covered]
            if not numbers_of:
                continue
            rest = covered >> 1
            if covered & 1 or not here:
                ways[1, rest] |= numbers_of
                continue
            if right and not rest & 1:
                ways[1, rest | 1] |= numbers_of
            if below:
                ways[1, rest | (1 << (side - 1))] |= numbers_of << 1
        ways[0] = ways[1]
    return bool(ways[0, 0] >> n_upright & 1)
