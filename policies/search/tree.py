"""The tree of a Monte Carlo search: which move is tried next, and what is learned from how play went on.

Values are payoffs over the largest payoff. With Q the mean of the n results of a move, N the tries of all moves of its position and P
its prior, the move with the highest bound is tried next:

    uct     Q + c sqrt(ln(N + 1) / n), and every move once before (Kocsis & Szepesvari, "Bandit based Monte-Carlo planning", 2006)
    puct    Q + c P sqrt(N + 1) / (1 + n), where Q is 0 before the first try (Silver et al., "Mastering the game of Go without human
            knowledge", 2017, whose root is of N, so that the first try of all ignores the prior)
    gumbel  puct below the root. At the root MAX_CONSIDERED moves with the highest ln P + g are tried, g a number from the Gumbel
            distribution; sequential halving drops those with the lowest ln P + g + (VISIT_OFFSET + max n) (Q + 1) / 2, where a move
            without a try has the mean of all as its Q (Danihelka et al., "Policy improvement by planning with Gumbel", 2022)

All random numbers of a search follow from its key: the n-th is a hash of key and n (Steele, Lea & Flood, 2014). So a position has the
same search wherever it stands in a graph, and whichever of the two drivers walks it (closed.py, opened.py).
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int64s, UInt64s
from games.jit import njit
from policies.search.halving import visits_due

UCT, PUCT, GUMBEL = range(3)
SELECTIONS = ("uct", "puct", "gumbel")
MAX_DEPTH = 400  # moves from the root in the tree; play that goes on longer counts as endless
UNTRIED = np.inf  # above the bound of every move that was tried
TIED = 1e-12  # bounds closer than this count as equal
MAX_CONSIDERED = 16  # moves of the root that sequential halving begins with
VISIT_OFFSET = 50.0  # c_visit of Danihelka et al.; their c_scale is 1 for values between 0 and 1
UNLIKELY = 1e-12  # the least probability of a move, for its logarithm

NODES, EDGES, DRAWN, DEPTH = range(4)  # entries of `counts`


class Rules(NamedTuple):
    """How moves are chosen in the tree."""

    selection: int
    simulations: int
    exploration: float
    logs: Float64s  # [simulations + 2] natural logarithms of whole numbers, 0 for 0
    due: Int64s  # [MAX_CONSIDERED + 1, simulations] how often a move was tried that sequential halving tries next


def rules_of(selection: str, simulations: int, exploration: float) -> Rules:
    """The rules of a search by one of SELECTIONS."""
    due = np.zeros((MAX_CONSIDERED + 1, simulations), dtype=np.int64)
    if SELECTIONS.index(selection) == GUMBEL:
        due = np.stack([visits_due(n_moves, simulations) for n_moves in range(MAX_CONSIDERED + 1)])
    logs = np.log(np.maximum(1, np.arange(simulations + 2)))
    return Rules(SELECTIONS.index(selection), simulations, exploration, logs, due)


class Tree(NamedTuple):
    """A tree that grows by a node a simulation. Edges `first[node]:first[node] + n_moves[node]` leave a node."""

    key: UInt64s  # [1] of the random numbers
    counts: Int64s  # [4] nodes, edges, numbers drawn, depth of the path
    first: Int64s  # [n_nodes]
    n_moves: Int64s  # [n_nodes] 0 where the game is over
    end: Float64s  # [n_nodes] the payoff to the mover where the game is over
    child: UInt64s  # [n_edges] the state, or its place in a graph
    node: Int64s  # [n_edges] -1 until there is one
    visits: Float64s  # [n_edges]
    total: Float64s  # [n_edges] sum of the values to the mover
    prior: Float64s  # [n_edges]
    noise: Float64s  # [n_moves of the root] Gumbel noise and logarithm of the prior, for sequential halving
    path: Int64s  # [MAX_DEPTH] edges


@njit
def new_tree(key: np.uint64, simulations: int, most_moves: int) -> Tree:
    """An empty tree with room for some simulations, where no position has more than `most_moves` moves."""
    n_nodes = simulations + 2
    n_edges = n_nodes * most_moves
    return Tree(
        np.full(1, key, dtype=np.uint64),
        np.zeros(4, dtype=np.int64),
        np.empty(n_nodes, dtype=np.int64),
        np.empty(n_nodes, dtype=np.int64),
        np.empty(n_nodes),
        np.empty(n_edges, dtype=np.uint64),
        np.empty(n_edges, dtype=np.int64),
        np.empty(n_edges),
        np.empty(n_edges),
        np.empty(n_edges),
        np.empty(most_moves),
        np.empty(MAX_DEPTH, dtype=np.int64),
    )


@njit
def clear(tree: Tree, key: np.uint64) -> None:
    """Empty a tree, for the search of another position."""
    tree.key[0] = key
    tree.counts[:] = 0


@njit
def mixed(number: np.uint64) -> np.uint64:
    """The hash of games/splitmix.py, of one number."""
    z = number + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit
def below(number: np.uint64, n: int) -> int:
    """A whole number from 0 and below n, from the upper 32 bits of a random one."""
    return signed(((number >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))


@njit
def signed(number: np.uint64) -> int:
    """A number below 2**63 as one with a sign: compiled code makes a float of the sum of one with and one without."""
    return np.int64(number)  # type: ignore[return-value]  # `int` keeps a compiled number without a sign as it is


@njit
def draw(tree: Tree, n: int) -> int:
    """The next random whole number from 0 and below n."""
    return below(next_number(tree), n)


@njit
def next_number(tree: Tree) -> np.uint64:
    """The next random number of 64 bits."""
    number = mixed(tree.key[0] + np.uint64(tree.counts[DRAWN]))
    tree.counts[DRAWN] += 1
    return number


@njit
def add_node(tree: Tree, edge: int, children: UInt64s, prior: Float64s, end: float) -> None:
    """Append a node at an edge, -1 for the root, with the states that its moves lead to and their prior; `end` if it has none."""
    node, first = tree.counts[NODES], tree.counts[EDGES]
    if edge >= 0:
        tree.node[edge] = node
    tree.first[node], tree.n_moves[node], tree.end[node] = first, children.shape[0], end
    for i in range(children.shape[0]):
        tree.child[first + i], tree.node[first + i] = children[i], -1
        tree.visits[first + i] = tree.total[first + i] = 0.0
        tree.prior[first + i] = prior[i]
    tree.counts[NODES] += 1
    tree.counts[EDGES] += children.shape[0]


@njit
def add_noise(tree: Tree) -> None:
    """Draw the noise of the root's moves and add the logarithms of their prior."""
    for i in range(tree.n_moves[0]):
        share = (float(draw(tree, 1 << 31)) + 0.5) / float(1 << 31)
        tree.noise[i] = np.log(max(tree.prior[i], UNLIKELY)) - np.log(-np.log(share))


@njit
def descend(tree: Tree, rules: Rules, simulation: int, allowed: Bools) -> int:
    """Walk down to an edge without a node, or to one where the game is over, and keep the path; -1 where play seems endless.

    simulation: the number of those before; allowed: [n_moves of the root] the moves that are searched at all.
    """
    node, depth = 0, 0
    while depth < MAX_DEPTH:
        is_halved = node == 0 and rules.selection == GUMBEL
        edge = _halved(tree, rules, simulation, allowed) if is_halved else _best(tree, rules, node, allowed)
        tree.path[depth] = edge
        depth += 1
        node = tree.node[edge]
        if node < 0 or tree.n_moves[node] == 0:
            tree.counts[DEPTH] = depth
            return int(edge)
    tree.counts[DEPTH] = depth
    return -1


@njit
def _best(tree: Tree, rules: Rules, node: int, allowed: Bools) -> int:
    """The edge of a node with the highest bound, one of equal ones at random."""
    first, last = tree.first[node], tree.first[node] + tree.n_moves[node]
    visits = 0
    for edge in range(first, last):
        visits += int(tree.visits[edge])
    best, n_best, chosen = -np.inf, 0, first
    for edge in range(first, last):
        if node > 0 or allowed[edge - first]:
            bound = _bound(tree, rules, edge, visits)
            if bound > best + TIED:
                best, n_best, chosen = bound, 1, edge
            elif bound >= best - TIED:
                n_best += 1
    left = draw(tree, n_best) if n_best > 1 else 0
    edge = chosen
    while left > 0:
        edge += 1
        if (node > 0 or allowed[edge - first]) and _bound(tree, rules, edge, visits) >= best - TIED:
            left -= 1
    return int(edge)


@njit
def _bound(tree: Tree, rules: Rules, edge: int, visits: int) -> float:
    """What a move may be worth: the mean of its results and more, the less it was tried among the `visits` of its position."""
    tried = tree.visits[edge]
    if rules.selection == UCT:
        return UNTRIED if tried == 0.0 else float(tree.total[edge] / tried + rules.exploration * np.sqrt(rules.logs[visits + 1] / tried))
    mean = float(tree.total[edge] / tried) if tried > 0.0 else 0.0
    return float(mean + rules.exploration * tree.prior[edge] * np.sqrt(visits + 1.0) / (1.0 + tried))


@njit
def _halved(tree: Tree, rules: Rules, simulation: int, allowed: Bools) -> int:
    """The root's move that sequential halving tries next: the best of those that were tried as often as is due."""
    n_moves, n_allowed = tree.n_moves[0], 0
    for i in range(n_moves):
        n_allowed += int(allowed[i])
    due = rules.due[min(n_allowed, MAX_CONSIDERED), simulation]
    chosen = -1
    for i in range(n_moves):
        if allowed[i] and tree.visits[i] == due and (chosen < 0 or improved(tree, i) > improved(tree, chosen)):
            chosen = i
    return chosen


@njit
def improved(tree: Tree, edge: int) -> float:
    """Noise and prior of a move of the root and, weighted by how often moves were tried, the mean of its results."""
    visits, total, most = 0.0, 0.0, 0.0
    for i in range(tree.n_moves[0]):
        visits, total, most = visits + tree.visits[i], total + tree.total[i], max(most, tree.visits[i])
    known = tree.visits[edge] > 0.0
    mean = tree.total[edge] / tree.visits[edge] if known else total / max(1.0, visits)
    return float(tree.noise[edge] + (VISIT_OFFSET + most) * (mean + 1.0) / 2.0)


@njit
def back_up(tree: Tree, value: float) -> None:
    """Add a result to every move of the path; `value` is for the player to move behind it."""
    for depth in range(tree.counts[DEPTH] - 1, -1, -1):
        value = -value
        tree.visits[tree.path[depth]] += 1.0
        tree.total[tree.path[depth]] += value


@njit
def root_scores(tree: Tree, rules: Rules) -> Float64s:
    """How often each move of the root was tried; with sequential halving equal ones are parted by `improved`. [n_moves of the root]"""
    scores = np.empty(tree.n_moves[0])
    for i in range(scores.shape[0]):
        scores[i] = tree.visits[i]
        if rules.selection == GUMBEL:
            found = improved(tree, i) / 1000.0
            scores[i] += 0.25 * found / (1.0 + abs(found))
    return scores
