"""A tournament tree: the largest of many numbers, kept under changes of single ones in the logarithm of their number.

An array of twice a power of two: node i stands above 2i and 2i + 1, the second half are the leaves, node 1 is the largest.
"""

import numpy as np

from games.arrays import Float64s
from games.jit import njit


@njit
def raise_all(tree: Float64s) -> None:
    """Make every node right again after leaves were changed in bulk."""
    for node in range(tree.shape[0] // 2 - 1, 0, -1):
        tree[node] = max(tree[2 * node], tree[2 * node + 1])


@njit
def change_leaf(tree: Float64s, leaf: int, change: float, in_bulk: bool) -> None:
    """Change a leaf and, unless `raise_all` will follow, all above it."""
    node = leaf + tree.shape[0] // 2
    tree[node] += change
    node = 0 if in_bulk else node // 2
    while node:
        best = max(tree[2 * node], tree[2 * node + 1])
        if best == tree[node]:
            break
        tree[node] = best
        node //= 2


@njit
def best_leaf(tree: Float64s) -> int:
    """The leaf with the largest value; the first of them, so that ties go to the simpler predicate."""
    half = tree.shape[0] // 2
    node = 1
    while node < half:
        node = 2 * node if tree[2 * node] == tree[node] else 2 * node + 1
    return int(node - half)


@njit
def new_tree(n_leaves: int) -> Float64s:
    """A tree of zeros; the leaves beyond `n_leaves` never win."""
    half = 1
    while half < n_leaves:
        half *= 2
    tree = np.full(2 * half, -np.inf)
    tree[half : half + n_leaves] = 0.0
    return tree
