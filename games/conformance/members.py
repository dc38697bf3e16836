"""Checks of the optional members of a game: symmetries, boards, draws, an evaluation."""

import numpy as np

from games.conformance.sample import Sample, same
from games.contract import Draws, Expansion, Folds, HasEvaluation, TellsBoardsApart, unfolded
from games.solving.expansion import demand

N_FOLDED, N_DRAWN = 2_000, 20


def check_images(sample: Sample) -> None:
    """Check that `fold` and `action_symmetries` agree with `expand`, also on states that are not canonical."""
    game, start, is_over = sample.game, sample.expansion.edge_start, sample.expansion.terminal
    if not isinstance(game, Folds):
        several = game.multiplicity(sample.states) > 1
        demand(game, "multiplicity", not several.any(), f"is above 1, but the game has no `fold`, at {sample.where(several)}")
        return
    images = game.action_symmetries
    ordered = bool((np.sort(images, axis=1) == np.arange(game.n_actions)).all()) and bool((images[0] == np.arange(game.n_actions)).all())
    demand(game, "action_symmetries", ordered, "has a row that is no permutation of the actions, or does not begin with the identity")
    moved = game.fold(sample.states)[0] != sample.states
    demand(game, "fold", not moved.any(), f"changes what `expand` hands out, at {sample.where(moved)}")
    taken = np.flatnonzero(~is_over)[:N_FOLDED]
    free = unfolded(game, sample.states[taken])
    edges = np.concatenate([np.arange(0), *(np.arange(start[i], start[i + 1]) for i in taken)])
    sound = np.array_equal(free.edge_action, sample.expansion.edge_action[edges])
    sound = sound and np.array_equal(game.fold(free.edge_child)[0], sample.expansion.edge_child[edges])
    demand(game, "expand", sound, "leads elsewhere without folding than with it")
    states = np.unique(free.edge_child)[:N_FOLDED]
    canonical, which = game.fold(states)
    there, here = game.expand(canonical), unfolded(game, states)
    parent = np.repeat(np.arange(len(states)), np.diff(here.edge_start))
    action = images[which[parent], here.edge_action].astype(np.int16)
    order = np.lexsort((action, parent))
    moved_alike = Expansion(here.edge_start, action[order], game.fold(here.edge_child)[0][order], here.terminal, here.payoff)
    demand(game, "action_symmetries", same(moved_alike, there), "does not take the moves of a state to those of its canonical image")


def check_same_board(sample: Sample) -> None:
    """Check that `same_board` gives a key for each state."""
    game = sample.game
    assert isinstance(game, TellsBoardsApart)
    keys = game.same_board(sample.states)
    sound = keys.shape == sample.states.shape and keys.dtype == np.uint64
    demand(game, "same_board", sound, f"gives {keys.dtype} {keys.shape}, not one number of 64 bits for each state")


def check_draws(sample: Sample) -> None:
    """Check that `draw_states` gives different canonical positions, and the same ones for the same seed."""
    game = sample.game
    assert isinstance(game, Draws)
    n = min(N_DRAWN, int(np.count_nonzero(~sample.expansion.terminal)))
    drawn = game.draw_states(n, 0)
    demand(game, "draw_states", len(np.unique(drawn)) == n == len(drawn), f"does not give {n} different states")
    demand(game, "draw_states", np.array_equal(drawn, game.draw_states(n, 0)), "does not give the same for the same seed")
    demand(game, "draw_states", not game.expand(drawn).terminal.any(), "gives a final state")
    unknown = (
        not np.isin(drawn, sample.states).all() if sample.complete else isinstance(game, Folds) and (game.fold(drawn)[0] != drawn).any()
    )
    demand(game, "draw_states", not unknown, "gives a state that play does not hand out")


def check_evaluation(sample: Sample) -> None:
    """Check that `evaluate` gives a finite number for each state, and the payoff where the game is over."""
    game, over = sample.game, sample.expansion.terminal
    assert isinstance(game, HasEvaluation)
    values = game.evaluate(sample.states)
    sound = values.shape == sample.states.shape and bool(np.isfinite(values).all())
    demand(game, "evaluate", sound, f"gives {values.dtype} {values.shape}, not one finite number for each state")
    wrong = over & (values != sample.expansion.payoff)
    demand(game, "evaluate", not wrong.any(), f"is not the payoff at {sample.where(wrong)}, where the game is over")
