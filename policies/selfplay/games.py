"""Games that a network plays against itself, side by side: every move is searched for, and every search is a lesson."""

import time
from typing import NamedTuple

import numpy as np

from games.arrays import Float32s, Float64s, Int64s
from games.contract import Game, States
from games.jit import njit
from policies.search.tree import GUMBEL, Rules
from policies.selfplay.forest import Forest, advance, begin, new_forest, read
from policies.selfplay.known import TREE, Store, is_over

NOISE = 0.25  # the share of the root's prior that PUCT has drawn anew, as in AlphaGo Zero
PLIES_A_CELL, PLIES = 3, 200  # the plies after which play counts as endless: for each cell of a board, and without a board


class Lessons(NamedTuple):
    """Positions, and what the network should have said of them."""

    states: States  # [n]
    target: Float32s  # [n, n_actions] the policy; negative where an action is illegal
    value: Float32s  # [n] over the largest payoff, to the mover


class Played(NamedTuple):
    """Finished games."""

    lessons: Lessons
    n_games: int
    n_simulations: int
    seconds: dict[str, float]  # processor time, by what it went into


def play_games(game: Game, store: Store, rules: Rules, n_games: int, opening: int, blend: float, rng: np.random.Generator) -> Played:
    """Play games from drawn openings to their ends.

    opening: the largest number of random plies that a game begins with; the number is drawn for each game. With PUCT the moves of the first
    `opening` plies that are searched are drawn by their tries. blend: the share of the search's own value in the value to be learned; the
    rest is the result.
    """
    began = time.process_time()
    limit = np.iinfo(np.int64).max if not game.endless else PLIES if game.board is None else PLIES_A_CELL * game.board.n_cells
    states = draw_openings(game, n_games, opening, rng)
    playing = np.arange(len(states))
    ends, last = np.zeros(len(states)), np.zeros(len(states), dtype=np.int64)
    forest = new_forest(len(states), rules.simulations, game.n_actions)
    seen: list[tuple[States, Float32s, Float64s, Int64s, Int64s]] = []
    ply = 0
    while len(playing):
        keys = rng.integers(0, 1 << 64, len(playing), dtype=np.uint64)
        places = store.places(states)
        begin(forest, store.known, rules, places, keys, NOISE)
        search(forest, store, rules, len(playing), game.n_actions)
        found = read(forest, store.known, rules, places, game.n_actions)
        seen.append((states, found.target, found.value, playing, np.full(len(playing), ply)))
        moves = found.best if rules.selection == GUMBEL or ply >= opening else draw_moves(found.visits, rng.random(len(playing)))
        ply += 1
        states = store.known.child[store.known.first[places] + moves]
        places = store.places(states)
        over = is_over(store.known, places) | (ply >= limit)
        last[playing[over]] = ply
        ends[playing[over]] = np.where(is_over(store.known, places), store.known.value[places], 0.0)[over]
        playing, states = playing[~over], states[~over]
    all_states, target, value, which, plies = (np.concatenate(parts) for parts in zip(*seen, strict=True))
    result = ends[which] * (1 - 2 * ((last[which] - plies) % 2))
    lessons = Lessons(all_states, target, (blend * value + (1 - blend) * result).astype(np.float32))
    total = time.process_time() - began
    seconds = store.seconds | {TREE: total - sum(store.seconds.values())}
    return Played(lessons, n_games, len(all_states) * rules.simulations, seconds)


def search(forest: Forest, store: Store, rules: Rules, n: int, most_moves: int) -> None:
    """Carry the searches of the first `n` rows to their ends."""
    allowed = np.ones(most_moves, dtype=np.bool_)
    while len(wanted := advance(forest, store.known, rules, n, allowed)):
        store.learn(wanted)


def draw_openings(game: Game, n: int, most: int, rng: np.random.Generator) -> States:
    """Positions after random plies from the start: a number drawn from 0 to `most`, or fewer where the game would be over. [n]"""
    states = np.full(n, game.start(), dtype=np.uint64)
    plies = rng.integers(0, most + 1, n)
    for ply in range(most):
        going = np.flatnonzero(plies > ply)
        moves = game.expand(states[going])
        lots = rng.random(len(going))
        chosen = moves.edge_start[:-1] + (lots * np.diff(moves.edge_start)).astype(np.int64)
        can = np.flatnonzero(~moves.terminal)
        children = moves.edge_child[chosen[can]]
        goes_on = ~game.expand(children).terminal
        states[going[can[goes_on]]] = children[goes_on]
        plies[going[can[~goes_on]]] = ply
    return states


@njit
def draw_moves(visits: Float64s, lots: Float64s) -> Int64s:
    """A move a row, with a probability in proportion to its tries; `lots` are from 0 and below 1. [n]"""
    found = np.zeros(visits.shape[0], dtype=np.int64)
    for i in range(visits.shape[0]):
        left = lots[i] * visits[i].sum()
        while left >= visits[i, found[i]]:
            left -= visits[i, found[i]]
            found[i] += 1
    return found
