"""The checks of an expansion, made wherever one is used: its form, and the range of its numbers.

Nothing is cast on the way. An action is held in 16 bits, and so are a payoff, a value, and a regret, which is the difference of two
values and thus up to twice as large as a payoff.
"""

import numpy as np

from games.arrays import Bools, Int64s
from games.contract import MAX_ACTIONS, MAX_HELD, Expansion, Game, States
from games.errors import WorkError

TYPES = {"edge_start": np.int64, "edge_action": np.int16, "edge_child": np.uint64, "terminal": np.bool_, "payoff": np.int16}


def demand(game: Game, what: str, holds: bool, otherwise: str) -> None:
    """Raises WorkError, which names the game, unless a condition holds."""
    if not holds:
        raise WorkError(f"game {game.id} breaks its contract: {what} {otherwise}")


def where(states: States, wrong: Bools) -> str:
    """The first of the states for which `wrong` holds, and how many there are. [n]"""
    return f"state {int(states[np.argmax(wrong)]):#x} ({np.count_nonzero(wrong):,} of {len(wrong):,} states looked at)"


def check_size(game: Game) -> None:
    """Raises WorkError for a game whose actions or payoffs do not fit into the arrays of a graph."""
    if game.n_actions > MAX_ACTIONS:
        raise WorkError(f"{game.id} has {game.n_actions:,} actions, at most {MAX_ACTIONS:,} are held: choose a smaller size")
    if game.max_payoff > MAX_HELD:
        raise too_large(game.id, f"payoffs of up to {game.max_payoff:,}")


def check_expansion(game: Game, states: States, expansion: Expansion) -> None:
    """Raises WorkError, in one line, unless one ply from these states is as `games.api.Expansion` says. Takes time linear in the moves."""
    for name, dtype in TYPES.items():
        got = np.asarray(getattr(expansion, name)).dtype
        demand(game, f"expand: {name}", got == dtype, f"has the type {got}, not {np.dtype(dtype)}")
    start, action, child, terminal, payoff = expansion
    n, n_edges = len(states), len(action)
    lengths = (len(start), len(child), len(terminal), len(payoff))
    sound = lengths == (n + 1, n_edges, n, n)
    demand(game, "expand", sound, f"gives arrays of lengths {lengths} where {(n + 1, n_edges, n, n)} belong together")
    n_moves = np.diff(start)
    sound = start[0] == 0 and start[-1] == n_edges and bool((n_moves >= 0).all())
    demand(game, "expand: edge_start", sound, f"does not rise from 0 to the number of edges, {n_edges}")
    outside = (action < 0) | (action >= game.n_actions)
    if outside.any():
        wrong = _any_edge(n_moves, outside)
        demand(game, "expand: edge_action", False, f"is not in 0..{game.n_actions - 1} at {where(states, wrong)}")
    falls = np.concatenate([action[:1] < action[:1], action[1:] <= action[:-1]])
    falls[start[:-1][n_moves > 0]] = False  # the first move of a state follows none
    if falls.any():
        demand(game, "expand: edge_action", False, f"does not ascend, or repeats, at {where(states, _any_edge(n_moves, falls))}")
    wrong = terminal != (n_moves == 0)
    demand(game, "expand: terminal", not wrong.any(), f"disagrees with whether there are moves at {where(states, wrong)}")
    wrong = (payoff > game.max_payoff) | (payoff < -game.max_payoff)
    demand(game, "payoff", not wrong.any(), f"is larger than max_payoff, {game.max_payoff}, at {where(states, wrong)}")
    wrong = (payoff != 0) & ~terminal
    demand(game, "payoff", not wrong.any(), f"is not 0 though the game goes on at {where(states, wrong)}")


def too_large(game_id: str, what: str) -> WorkError:
    """The error for a game whose payoffs or regrets do not fit into the arrays of a graph."""
    half = MAX_HELD // 2
    return WorkError(
        f"{game_id} has {what}: keep payoffs within {half:,} in size, since a regret may be twice that, and {MAX_HELD:,} at most"
    )


def _any_edge(n_moves: Int64s, wrong: Bools) -> Bools:
    """For each state whether `wrong` holds on one of its edges. [n]"""
    return np.bincount(np.repeat(np.arange(len(n_moves)), n_moves)[wrong], minlength=len(n_moves)) > 0
