"""The trees of many games that are searched side by side: the driver of policies/search/tree.py over a store of known positions.

`advance` carries every search on to the next position that is not in the store. The caller looks at all of these at once.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float32s, Float64s, Int64s, UInt64s
from games.jit import njit
from policies.search.tree import (
    GUMBEL,
    MAX_DEPTH,
    UNLIKELY,
    VISIT_OFFSET,
    Rules,
    Tree,
    add_node,
    add_noise,
    back_up,
    clear,
    descend,
    draw,
    root_scores,
)
from policies.selfplay.known import Known, find

NOWHERE = -1
ILLEGAL = -1.0  # in targets


class Forest(NamedTuple):
    """One tree a game, as arrays with a row a game, and how far its search is."""

    trees: Tree  # every array with a row a game
    done: Int64s  # [n_games] simulations
    waiting: Int64s  # [n_games] the edge whose state is to be looked at, or NOWHERE


def new_forest(n_games: int, simulations: int, most_moves: int) -> Forest:
    """Room for searches of `n_games` positions with at most `most_moves` moves each."""
    n_nodes = simulations + 2
    n_edges = n_nodes * most_moves
    trees = Tree(
        key=np.zeros((n_games, 1), dtype=np.uint64),
        counts=np.zeros((n_games, 4), dtype=np.int64),
        first=np.zeros((n_games, n_nodes), dtype=np.int64),
        n_moves=np.zeros((n_games, n_nodes), dtype=np.int64),
        end=np.zeros((n_games, n_nodes)),
        child=np.zeros((n_games, n_edges), dtype=np.uint64),
        node=np.zeros((n_games, n_edges), dtype=np.int64),
        visits=np.zeros((n_games, n_edges)),
        total=np.zeros((n_games, n_edges)),
        prior=np.zeros((n_games, n_edges)),
        noise=np.zeros((n_games, most_moves)),
        path=np.zeros((n_games, MAX_DEPTH), dtype=np.int64),
    )
    return Forest(trees, np.zeros(n_games, dtype=np.int64), np.full(n_games, NOWHERE, dtype=np.int64))


@njit
def tree_of(trees: Tree, i: int) -> Tree:
    """The tree of a row, in the same memory."""
    return Tree(
        trees.key[i],
        trees.counts[i],
        trees.first[i],
        trees.n_moves[i],
        trees.end[i],
        trees.child[i],
        trees.node[i],
        trees.visits[i],
        trees.total[i],
        trees.prior[i],
        trees.noise[i],
        trees.path[i],
    )


@njit
def begin(forest: Forest, known: Known, rules: Rules, places: Int64s, keys: UInt64s, noise: float) -> None:
    """Begin the search of the positions at these places of the store, in the first rows. places, keys: [n]

    With PUCT a share `noise` of the prior of each root is drawn anew, uniformly from all priors (AlphaGo Zero draws from a Dirichlet
    distribution). Sequential halving draws its own noise.
    """
    for i in range(places.shape[0]):
        tree = tree_of(forest.trees, i)
        clear(tree, keys[i])
        first, last = known.first[places[i]], known.first[places[i] + 1]
        add_node(tree, -1, known.child[first:last], known.prior[first:last], known.value[places[i]])
        if rules.selection == GUMBEL:
            add_noise(tree)
        elif noise > 0.0:
            total = 0.0
            for move in range(last - first):
                tree.noise[move] = -np.log((float(draw(tree, 1 << 31)) + 0.5) / float(1 << 31))
                total += tree.noise[move]
            for move in range(last - first):
                tree.prior[move] = (1.0 - noise) * tree.prior[move] + noise * tree.noise[move] / total
        forest.done[i], forest.waiting[i] = 0, NOWHERE


@njit
def advance(forest: Forest, known: Known, rules: Rules, n_games: int, allowed: Bools) -> UInt64s:
    """Carry the searches of the first rows on; the states that they wait for, none where all are done. [n_waiting]

    allowed: all true, with room for the moves of a position.
    """
    wanted = np.empty(n_games, dtype=np.uint64)
    n_wanted = 0
    for i in range(n_games):
        tree = tree_of(forest.trees, i)
        while forest.done[i] < rules.simulations:
            edge = forest.waiting[i]
            if edge == NOWHERE:
                edge = descend(tree, rules, forest.done[i], allowed)
                if edge < 0 or tree.node[edge] >= 0:
                    back_up(tree, 0.0 if edge < 0 else tree.end[tree.node[edge]])
                    forest.done[i] += 1
                    continue
            place = find(tree.child[edge], known.states, known.table)
            if place < 0:
                forest.waiting[i] = edge
                wanted[n_wanted] = tree.child[edge]
                n_wanted += 1
                break
            first, last = known.first[place], known.first[place + 1]
            add_node(tree, edge, known.child[first:last], known.prior[first:last], known.value[place])
            back_up(tree, known.value[place])
            forest.waiting[i] = NOWHERE
            forest.done[i] += 1
    return wanted[:n_wanted]


class Found(NamedTuple):
    """What the searches found, a row a game."""

    target: Float32s  # [n_games, n_actions] the improved policy; ILLEGAL where an action is
    value: Float64s  # [n_games] the mean result to the mover, over the largest payoff
    visits: Float64s  # [n_games, most_moves] how often each move was tried, in the order of the moves
    best: Int64s  # [n_games] the move that the search prefers


@njit
def read(forest: Forest, known: Known, rules: Rules, places: Int64s, n_actions: int) -> Found:
    """What the searches of the positions at these places found.

    The improved policy is the share of the tries. With sequential halving it is the softmax of the prior's logarithm plus the weighted
    mean results, where a move without a try has the mixed value of its position (Danihelka et al. 2022, equation 11 and appendix D).
    """
    n = places.shape[0]
    target = np.full((n, n_actions), ILLEGAL, dtype=np.float32)
    value, best = np.empty(n), np.empty(n, dtype=np.int64)
    visits = np.zeros((n, forest.trees.noise.shape[1]))
    for i in range(n):
        tree, first = tree_of(forest.trees, i), known.first[places[i]]
        n_moves = tree.n_moves[0]
        scores = root_scores(tree, rules)
        best[i] = np.argmax(scores)
        tries, total, share, mean, most = 0.0, 0.0, 0.0, 0.0, 0.0
        for move in range(n_moves):
            visits[i, move] = tree.visits[move]
            tries, total, most = tries + tree.visits[move], total + tree.total[move], max(most, tree.visits[move])
            if tree.visits[move] > 0.0:
                share += tree.prior[move]
                mean += tree.prior[move] * tree.total[move] / tree.visits[move]
        value[i] = total / tries
        if rules.selection == GUMBEL:
            mixed = (known.value[places[i]] + tries * mean / max(share, UNLIKELY)) / (1.0 + tries)
            for move in range(n_moves):
                q = tree.total[move] / tree.visits[move] if tree.visits[move] > 0.0 else mixed
                scores[move] = np.log(max(tree.prior[move], UNLIKELY)) + (VISIT_OFFSET + most) * (q + 1.0) / 2.0
            scores = np.exp(scores - scores.max())
        else:
            for move in range(n_moves):
                scores[move] = tree.visits[move]
        scores /= scores.sum()
        for move in range(n_moves):
            target[i, known.action[first + move]] = scores[move]
    return Found(target, value, visits, best)
