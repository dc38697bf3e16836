"""Expected worth of a Markov chain with exits, by elimination without subtraction.

Grassmann, Taksar & Heyman ("Regenerative analysis and steady state distributions for Markov chains", 1985) remove one node after
another and send what came to it where it would have gone next. Its chance of ever moving on is the sum of the chances of where it
goes, not one less the chance of staying. So only non-negative numbers are added, multiplied and divided, and each result is right
to a few units in its last places, however rarely play leaves the chain.

The rows are treated in the order given. Children first is a good order: on the component of Go 3x3, of 6,864 nodes and 24,162
edges, 538,161 entries arise, and on that of Go 2x4 no more than a minimum-degree order leaves.

Chances can be too small for a float64: uniform play climbs 500 rungs of 300 moves with probability 300^-500. So a number here is a
mantissa and an exponent, `mantissa * 2^(512 * exponent)`; zero has mantissa 0 and exponent ZERO.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from games.arrays import Float64s, Int32s, Int64s
from games.jit import njit

UP, DOWN = 2.0**512, 2.0**-512  # a step of the exponent
SMALL, LARGE = 2.0**-256, 2.0**256  # a mantissa outside of these moves its exponent
ZERO = -(2**30)


@njit
def _normal(mantissa: float, exponent: int) -> tuple[float, int]:
    if mantissa < SMALL:
        return mantissa * UP, exponent - 1
    if mantissa >= LARGE:
        return mantissa * DOWN, exponent + 1
    return mantissa, exponent


@njit
def _plus(mantissa: float, exponent: int, more: float, its_exponent: int) -> tuple[float, int]:
    if exponent == its_exponent:
        return mantissa + more, exponent
    if exponent < its_exponent:
        mantissa, exponent, more, its_exponent = more, its_exponent, mantissa, exponent
    return (mantissa + more * DOWN if exponent - its_exponent == 1 else mantissa), exponent


@njit
def eliminate(
    start: Int64s,
    child: Int32s,
    probability: Float64s,
    leaves: Float64s,
    worth: Float64s,
) -> Float64s:
    """What is expected at the exit of a chain, from each of its n nodes: [n, n_kinds].

    start [n + 1], child and probability [n_edges]: the edges within the chain. leaves [n]: the probability of leaving it in one
    step. worth [n, n_kinds]: the sum over the exits of a node of their probabilities times what they are worth, not negative. A
    node from which no exit can be reached is worth 0.
    """
    n, n_kinds = worth.shape
    n_columns = n + 1 + n_kinds  # the nodes, leaving, and what leaving is worth
    row, row_exponent = np.zeros(n_columns), np.full(n_columns, ZERO, dtype=np.int32)
    touched = np.zeros(n_columns // 64 + 1, dtype=np.bool_)  # which 64 columns may hold anything: most hold nothing
    begin = np.zeros(n + 1, dtype=np.int64)
    column, value, exponent = np.empty(1024, dtype=np.int32), np.empty(1024), np.empty(1024, dtype=np.int32)
    for i in range(n):
        first = i
        for edge in range(start[i], start[i + 1]):
            j = child[edge]
            row[j], row_exponent[j] = _plus(row[j], row_exponent[j], *_normal(probability[edge], 0))
            touched[j >> 6] = True
            first = min(first, j)
        for j in range(n, n_columns):
            chance = leaves[i] if j == n else worth[i, j - n - 1]
            if chance > 0.0:
                row[j], row_exponent[j] = _normal(chance, 0)
                touched[j >> 6] = True
        for block in range(first >> 6, (i >> 6) + 1):
            if not touched[block]:
                continue
            for k in range(max(first, block << 6), min(i, (block + 1) << 6)):
                if row[k] == 0.0:
                    continue
                passed, its_exponent = _normal(row[k], row_exponent[k])
                row[k], row_exponent[k] = 0.0, ZERO
                for entry in range(begin[k], begin[k + 1]):
                    j = column[entry]
                    product = passed * value[entry]
                    power = its_exponent + exponent[entry]
                    if product < SMALL or product >= LARGE:
                        product, power = _normal(product, power)
                    row[j], row_exponent[j] = _plus(row[j], row_exponent[j], product, power)
                    touched[j >> 6] = True
        row[i], row_exponent[i] = 0.0, ZERO
        moves, its_exponent = 0.0, ZERO
        for block in range((i + 1) >> 6, (n >> 6) + 1):
            if touched[block]:
                for j in range(max(i + 1, block << 6), min(n + 1, (block + 1) << 6)):
                    if row[j] > 0.0:
                        moves, its_exponent = _plus(moves, its_exponent, row[j], row_exponent[j])
        if moves == 0.0:  # it stays here for ever, which is worth 0
            row[n], row_exponent[n], moves, its_exponent = 1.0, 0, 1.0, 0
            touched[n >> 6] = True
        if begin[i] + n_columns - i > column.shape[0]:
            room = max(2 * column.shape[0], begin[i] + n_columns - i)
            column, value, exponent = _longer(column, room), _longer(value, room), _longer(exponent, room)
        entry = begin[i]
        for block in range((i + 1) >> 6, touched.shape[0]):
            if not touched[block]:
                continue
            for j in range(max(i + 1, block << 6), min(n_columns, (block + 1) << 6)):
                if row[j] > 0.0:
                    column[entry] = j
                    value[entry], exponent[entry] = _normal(row[j] / moves, row_exponent[j] - its_exponent)
                    row[j], row_exponent[j] = 0.0, ZERO
                    entry += 1
        touched[:] = False
        begin[i + 1] = entry
    return _back(n, n_kinds, begin, column, value, exponent)


@njit
def _longer(array: npt.NDArray[Any], room: int) -> npt.NDArray[Any]:
    longer = np.empty(room, dtype=array.dtype)
    longer[: array.shape[0]] = array
    return longer


@njit
def _back(
    n: int,
    n_kinds: int,
    begin: Int64s,
    column: Int32s,
    value: Float64s,
    exponent: Int32s,
) -> Float64s:
    """What each node expects, from the last to the first: what its exits are worth, and what the nodes after it expect."""
    found = np.zeros((n, n_kinds))
    for i in range(n - 1, -1, -1):
        for entry in range(begin[i], begin[i + 1]):
            j = column[entry]
            chance = value[entry] if exponent[entry] == 0 else value[entry] * DOWN if exponent[entry] == -1 else 0.0
            if j > n:
                found[i, j - n - 1] += chance
            elif j < n:
                for kind in range(n_kinds):
                    found[i, kind] += chance * found[j, kind]
    return found
