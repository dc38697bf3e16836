"""The recipe: play games against itself, learn from them, and begin again with the network that has learned.

Nothing but the rules of the game goes in. An iteration depends on the state before it, the settings and the seed alone, so a run that was
interrupted goes on as if it had not been.
"""

import math
import time
from dataclasses import dataclass

import numpy as np

from games.arrays import Float64s
from games.contract import Game
from games.errors import WorkError
from policies.networks.architectures import inputs_of
from policies.networks.coding import MAX_SYMBOL, Written, is_exact, round_step
from policies.networks.policy import NetworkPolicy
from policies.search.tree import rules_of
from policies.selfplay.games import Lessons, draw_openings, play_games
from policies.selfplay.heads import SelfPlayPolicy, value_layer, with_value
from policies.selfplay.known import Store
from policies.selfplay.weights import Loss, Settings, Weights

TRAINING = "training"  # what processor time goes into, beside that of policies/selfplay/known.py
SPREAD_STATES, SPREAD_PLIES = 256, 8  # positions after few random plies, by which the spreads are chosen


@dataclass(frozen=True, eq=False)
class State:
    """All that a run goes on from."""

    iteration: int  # how many there were
    steps: int  # of training, in all
    weights: Weights
    replay: Lessons  # of the last iterations
    lengths: tuple[int, ...]  # how many lessons each of these gave


@dataclass(frozen=True)
class Report:
    """What one iteration did. `seconds` is processor time, by what it went into."""

    iteration: int
    games: int
    simulations: int
    positions: int  # in which a move was searched for
    looked_at: int  # different positions that the rules and the network were asked about
    steps: int
    loss: Loss
    seconds: dict[str, float]


def first_state(learner: Settings, game: Game, seed: int) -> State:
    """The state before the first iteration: random parameters, and no lessons."""
    from policies.selfplay.training import fresh

    n_parameters = sum(layer.n_parameters for layer in with_value(learner.design, game))
    nothing = Lessons(np.empty(0, np.uint64), np.empty((0, game.n_actions), np.float32), np.empty(0, np.float32))
    return State(0, 0, fresh(n_parameters, seed), nothing, ())


def iterate(learner: Settings, game: Game, seed: int, state: State) -> tuple[State, Report]:
    """Play games by the network of a state and learn from them and from those of the iterations before; on one thread."""
    from policies.networks.training import one_thread

    with one_thread():
        return _iterate(learner, game, seed, state)


def _iterate(learner: Settings, game: Game, seed: int, state: State) -> tuple[State, Report]:
    from policies.selfplay.training import evaluator, starting_spreads, train

    design, layers = learner.design, with_value(learner.design, game)
    scale = starting_spreads(design, game, layers, draw_openings(game, SPREAD_STATES, SPREAD_PLIES, np.random.default_rng(0)))
    rng = np.random.default_rng([seed, state.iteration])
    store = Store(game, evaluator(design, game, layers, state.weights.mean * scale))
    rules = rules_of(learner.selection, learner.simulations, learner.exploration)
    played = play_games(game, store, rules, learner.games, learner.opening, learner.blend, rng)
    began = time.process_time()
    lengths = (*state.lengths, len(played.lessons.states))[-learner.replay :]
    new, n = played.lessons, sum(lengths)
    replay = Lessons(
        np.concatenate([state.replay.states, new.states])[-n:],
        np.concatenate([state.replay.target, new.target])[-n:],
        np.concatenate([state.replay.value, new.value])[-n:],
    )
    n_steps = max(1, math.ceil(learner.passes * lengths[-1] / learner.batch))
    batches = rng.integers(0, n, (n_steps, learner.batch))
    inputs = inputs_of(design, game, replay.states)
    weights, loss = train(layers, scale, state.weights, state.steps, replay, inputs, batches, learner.learning_rate, learner.memory)
    if not np.isfinite(weights.mean).all():
        raise WorkError(f"self-play on {game.id} diverged: lower learning_rate ({learner.learning_rate})")
    seconds = played.seconds | {TRAINING: time.process_time() - began}
    after = State(state.iteration + 1, state.steps + n_steps, weights, replay, lengths)
    return after, Report(after.iteration, played.n_games, played.n_simulations, lengths[-1], len(store), n_steps, loss, seconds)


def policy_of(learner: Settings, game: Game, state: State) -> SelfPlayPolicy:
    """The network of a state with its parameters rounded to whole multiples of a step a layer.

    Raises WorkError where they are too large for that.
    """
    from policies.selfplay.training import starting_spreads

    layers = with_value(learner.design, game)
    scale = starting_spreads(learner.design, game, layers, draw_openings(game, SPREAD_STATES, SPREAD_PLIES, np.random.default_rng(0)))
    value = value_layer(learner.design, game)
    sizes = [layer.n_parameters for layer in layers]
    cuts = np.cumsum([*sizes[:-1], sizes[-1] - value.n_parameters])
    *network, of_value = (_rounded(part, learner.coarseness) for part in np.split((state.weights.mean * scale).astype(np.float64), cuts))
    if not is_exact(layers[:-1], network[:-1]) or max(np.abs(part.symbols).max() for part in (*network, of_value)) > MAX_SYMBOL:
        raise WorkError(f"the weights of self-play on {game.id} are too large to be written: lower learning_rate or raise coarseness")
    return SelfPlayPolicy(NetworkPolicy(learner.design, tuple(network), learner.method), of_value, state.iteration)


def _rounded(parameters: Float64s, coarseness: float) -> Written:
    step = round_step(max(1e-9, min(100.0, coarseness * float(np.sqrt(np.square(parameters).mean())))))
    return Written("uniform", np.round(parameters / step).astype(np.int64), np.array([step]))
