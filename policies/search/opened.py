"""Monte Carlo search from single positions of any game, by its rules alone: the driver of policies/search/tree.py without a graph.

The trees of all positions grow side by side, so that rules and policies are asked about many states at a time.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int64s, UInt64s
from games.contract import Expansion, Game, States
from games.splitmix import splitmix64
from policies.search.closed import MAX_PLAYOUT
from policies.search.tree import DEPTH, DRAWN, GUMBEL, Rules, Tree, add_node, add_noise, back_up, descend, new_tree, root_scores


class Known(NamedTuple):
    """The moves of a batch of states, and the base policy's prior and values for them."""

    moves: Expansion
    prior: Float64s  # [n_edges]
    leaves: Float64s  # [n] the value of each state over the largest payoff; empty: a playout tells it


Ask = Callable[[States], Known]
Choose = Callable[[States, Expansion], Bools]  # the moves that playouts choose among: [n_edges]
PlayOut = Callable[[States, list[Tree]], tuple[Float64s, Int64s]]  # values to the movers over the largest payoff, and moves made: [n]


def search_each(
    game: Game, ask: Ask, play_out: PlayOut, rules: Rules, roots: States, keys: UInt64s, allowed: list[Bools]
) -> tuple[list[Float64s], Int64s]:
    """Search each root by itself: the scores of its moves, and how many moves were made for it, [n_roots].

    keys: [n_roots] of the random numbers; allowed: for each root which of its moves are searched. The same scores as those of
    `policies.search.closed.search_all` wherever that can search.
    """
    trees = [new_tree(key, rules.simulations, game.n_actions) for key in keys]
    known = ask(roots)
    for i, tree in enumerate(trees):
        _add(tree, -1, known, i, game.max_payoff)
        if rules.selection == GUMBEL:
            add_noise(tree)
    made = np.zeros(len(roots), dtype=np.int64)
    for simulation in range(rules.simulations):
        edges = [int(descend(tree, rules, simulation, may)) for tree, may in zip(trees, allowed, strict=True)]
        made += [tree.counts[DEPTH] for tree in trees]
        values = np.array([_end(tree, edge) for tree, edge in zip(trees, edges, strict=True)])
        new = np.flatnonzero(np.isnan(values))
        if len(new):
            states = np.array([trees[i].child[edges[i]] for i in new], dtype=np.uint64)
            known = ask(states)
            for place, i in enumerate(new.tolist()):
                _add(trees[i], edges[i], known, place, game.max_payoff)
            values[new] = known.moves.payoff / game.max_payoff
            goes_on = ~known.moves.terminal
            if len(known.leaves):
                values[new[goes_on]] = known.leaves[goes_on]
            else:
                played = new[goes_on]
                values[played], n_played = play_out(states[goes_on], [trees[i] for i in played])
                made[played] += n_played
        for tree, value in zip(trees, values.tolist(), strict=True):
            back_up(tree, value)
    return [root_scores(tree, rules) for tree in trees], made


def _end(tree: Tree, edge: int) -> float:
    """The value of an edge where it is known: the game is over there, or play seems endless; else nan."""
    if edge < 0:
        return 0.0
    return float(tree.end[tree.node[edge]]) if tree.node[edge] >= 0 else np.nan


def _add(tree: Tree, edge: int, known: Known, i: int, scale: int) -> None:
    first, last = known.moves.edge_start[i], known.moves.edge_start[i + 1]
    add_node(tree, edge, known.moves.edge_child[first:last], known.prior[first:last], known.moves.payoff[i] / scale)


def play_out_by(game: Game, choose: Choose, states: States, trees: list[Tree]) -> tuple[Float64s, Int64s]:
    """The payoff of random play from each state, to its mover and over the largest, and how many moves were made: each [n].

    The random numbers are those of each state's tree.
    """
    values, made = np.zeros(len(states)), np.full(len(states), MAX_PLAYOUT, dtype=np.int64)
    keys = np.array([tree.key[0] for tree in trees], dtype=np.uint64)
    drawn = np.array([tree.counts[DRAWN] for tree in trees], dtype=np.uint64)
    left, sign = np.arange(len(states)), 1.0
    for n_made in range(MAX_PLAYOUT):
        moves = game.expand(states)
        over = moves.terminal
        values[left[over]] = sign * moves.payoff[over] / game.max_payoff
        made[left[over]] = n_made
        going, left = np.flatnonzero(~over), left[~over]
        if not len(left):
            break
        played = np.flatnonzero(choose(states, moves))
        start, end = np.searchsorted(played, moves.edge_start[going]), np.searchsorted(played, moves.edge_start[going + 1])
        numbers = splitmix64(keys[left] + drawn[left]) >> np.uint64(32)
        drawn[left] += np.uint64(1)
        which = start + ((numbers * (end - start).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)
        states, sign = moves.edge_child[played[which]], -sign
    for tree, n_drawn in zip(trees, drawn.tolist(), strict=True):
        tree.counts[DRAWN] = n_drawn
    return values, made
