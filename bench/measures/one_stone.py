"""Fooled by one stone: pairs of positions that differ in one stone and share an optimal move, right in one and wrong in the other.

Policies of networks that play far above people lose in such positions (Wang et al., "Adversarial policies beat superhuman Go AIs", 2023).
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Float64s, Int64s
from games.contract import Folds, Game
from games.errors import UsageError
from policies.api import Task


class OneStone(NamedTuple):
    """Pairs one stone apart that share an optimal move, counted once for each stone that may be taken off a canonical position.

    Counted are positions in which some move loses something, without a ko and without a pass.
    """

    pairs: int
    fooled: int  # right in one, wrong in the other
    at_random: float  # the pairs expected, if as many errors fell on positions at random
    right: int | None  # of the dearest such pair the state that is played right, None where no pair is
    wrong: int | None  # and the one that is played wrong
    regret: float  # lost there, in the game's units

    @property
    def rate(self) -> float:
        """The share of the pairs in which the policy is fooled."""
        return self.fooled / self.pairs if self.pairs else 0.0


class _Pairs(NamedTuple):
    """Pairs of places among some positions: a board, the same with a stone less, and how the latter was turned. Each [n_pairs]."""

    more: Int64s
    less: Int64s
    symmetry: Int64s


def one_stone(task: Task, chosen: Float64s) -> OneStone:
    """How often a policy, given as a probability on every edge, [n_edges], is fooled by one stone.

    Raises UsageError for a game without a board.
    """
    game, graph, regret = task.game, task.graph, task.solution.regret
    if game.board is None:
        raise UsageError(f"{game.id} has no board, and so no stones")
    contested = np.zeros(graph.n_states, dtype=np.bool_)
    contested[graph.edge_parent[regret > 0]] = True
    cells = game.cells(graph.states)
    at = np.flatnonzero(contested & (cells[:, game.board.n_cells :] == 0).all(axis=1))
    pairs = _pairs(game, cells[at, : game.board.n_cells].astype(np.int64))
    optimal = np.zeros((graph.n_states, game.n_actions), dtype=np.bool_)
    best = np.flatnonzero(regret == 0)
    optimal[graph.edge_parent[best], graph.edge_action[best]] = True
    pairs = _sharing(game, optimal[at], pairs)
    lost = np.bincount(graph.edge_parent, chosen * regret, graph.n_states)[at]
    is_wrong = lost > 0
    ends = np.concatenate([pairs.more, pairs.less])
    error = float(is_wrong[ends].mean()) if len(ends) else 0.0
    fooled = np.flatnonzero(is_wrong[pairs.more] != is_wrong[pairs.less])
    expected = 2.0 * error * (1.0 - error) * len(pairs.more)
    if not len(fooled):
        return OneStone(len(pairs.more), 0, expected, None, None, 0.0)
    dearest = fooled[np.argmax(lost[pairs.more[fooled]] + lost[pairs.less[fooled]])]
    right, wrong = sorted((int(pairs.more[dearest]), int(pairs.less[dearest])), key=lambda place: bool(is_wrong[place]))
    states = graph.states[at]
    return OneStone(len(pairs.more), len(fooled), expected, int(states[right]), int(states[wrong]), float(lost[wrong]))


def _pairs(game: Game, boards: Int64s) -> _Pairs:
    """All pairs among some boards, [n, n_cells], of which one is another, turned, with a stone less."""
    assert game.board is not None
    symmetries = game.board.symmetries if isinstance(game, Folds) else game.board.symmetries[:1]
    power = int(boards.max(initial=1) + 1) ** np.arange(boards.shape[1])
    codes = np.stack([boards @ power[images] for images in symmetries])  # [n_symmetries, n]
    order = np.argsort(codes, axis=None, kind="stable")
    known = codes.ravel()[order]
    more, cell = np.nonzero(boards)
    wanted = codes[0, more] - boards[more, cell] * power[cell]
    place = np.minimum(np.searchsorted(known, wanted), max(0, len(known) - 1))
    is_there = known[place] == wanted if len(known) else np.zeros(0, dtype=np.bool_)
    symmetry, less = np.divmod(order[place[is_there]], len(boards))
    return _Pairs(more[is_there], less, symmetry)


def _sharing(game: Game, optimal: Bools, pairs: _Pairs) -> _Pairs:
    """The pairs with an optimal move in common; optimal: [n, n_actions] of each board as it lies."""
    shares = np.zeros(len(pairs.more), dtype=np.bool_)
    for symmetry in np.unique(pairs.symmetry):
        back = np.argsort(game.action_symmetries[symmetry]) if isinstance(game, Folds) else np.arange(game.n_actions)
        these = pairs.symmetry == symmetry
        shares[these] = (optimal[pairs.more[these]] & optimal[pairs.less[these]][:, back]).any(axis=1)
    return _Pairs(*(part[shares] for part in pairs))
