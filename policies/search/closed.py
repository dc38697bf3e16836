"""Monte Carlo search on the arrays of a closed graph: the driver of policies/search/tree.py that is compiled whole."""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int64s, UInt64s
from games.jit import njit
from policies.search.ahead import Moves
from policies.search.go_playouts import play_out_go
from policies.search.tree import (
    DEPTH,
    GUMBEL,
    Rules,
    Tree,
    add_node,
    add_noise,
    back_up,
    clear,
    descend,
    draw,
    new_tree,
    next_number,
    root_scores,
    signed,
)

MAX_PLAYOUT = 200  # moves of a playout; one that goes on longer is worth 0


class Guide(NamedTuple):
    """The values and priors of the base policy on a graph, or their defaults without one."""

    prior: Float64s  # [n_edges] the probability of each move in the tree
    allowed: Bools  # [n_edges] the moves of a root that are searched
    played: Bools  # [n_edges] the moves that playouts choose among; empty: all
    leaves: Float64s  # [n_states] the value of a new node; empty: a playout tells it
    states: UInt64s  # [n_states] packed, where playouts are those of Go that fill no eye; else empty
    rows: int  # of the board of Go
    columns: int


@njit
def search_all(moves: Moves, guide: Guide, rules: Rules, roots: Int64s, keys: UInt64s, most_moves: int) -> tuple[Float64s, Int64s]:
    """Search each root by itself: the scores of its moves, [n_edges] and 0 elsewhere, and the moves that were made, [n_roots].

    moves: payoffs over the largest one; keys: [n_roots] of the random numbers; most_moves: at least those of any state.
    """
    scores, made = np.zeros(moves.edge_child.shape[0]), np.zeros(roots.shape[0], dtype=np.int64)
    tree = new_tree(np.uint64(0), rules.simulations, most_moves)
    for i in range(roots.shape[0]):
        clear(tree, keys[i])
        _add_state(tree, -1, int(roots[i]), moves, guide)
        if rules.selection == GUMBEL:
            add_noise(tree)
        first, last = moves.edge_start[roots[i]], moves.edge_start[roots[i] + 1]
        for simulation in range(rules.simulations):
            edge = descend(tree, rules, simulation, guide.allowed[first:last])
            made[i] += tree.counts[DEPTH]
            value = 0.0
            if edge >= 0 and tree.node[edge] >= 0:
                value = tree.end[tree.node[edge]]
            elif edge >= 0:
                state = signed(tree.child[edge])
                _add_state(tree, edge, state, moves, guide)
                if moves.terminal[state]:
                    value = moves.ends[state]
                elif guide.leaves.shape[0]:
                    value = guide.leaves[state]
                elif guide.states.shape[0]:
                    margin, n_played = play_out_go(guide.states[state], next_number(tree), guide.rows, guide.columns)
                    value, made[i] = margin / (guide.rows * guide.columns), made[i] + n_played
                else:
                    value, n_played = _play_out(tree, state, moves, guide.played)
                    made[i] += n_played
            back_up(tree, value)
        scores[first:last] = root_scores(tree, rules)
    return scores, made


@njit
def _add_state(tree: Tree, edge: int, state: int, moves: Moves, guide: Guide) -> None:
    first, last = moves.edge_start[state], moves.edge_start[state + 1]
    children = moves.edge_child[first:last].astype(np.uint64)
    add_node(tree, edge, children, guide.prior[first:last], moves.ends[state])


@njit
def _play_out(tree: Tree, state: int, moves: Moves, played: Bools) -> tuple[float, int]:
    """The payoff of random play among the moves that may be played, to the mover of the first state, and how many were made."""
    sign = 1.0
    for n_made in range(MAX_PLAYOUT):
        if moves.terminal[state]:
            return float(sign * moves.ends[state]), n_made
        edge = moves.edge_start[state]
        if played.shape[0]:
            n_choices = 0
            for other in range(edge, moves.edge_start[state + 1]):
                n_choices += int(played[other])
            left = draw(tree, n_choices)
            while left > 0 or not played[edge]:
                left -= int(played[edge])
                edge += 1
        else:
            edge += draw(tree, moves.edge_start[state + 1] - edge)
        state, sign = moves.edge_child[edge], -sign
    return 0.0, MAX_PLAYOUT
