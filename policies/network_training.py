"""Training of the small integer network: one compiled loop, single-threaded, so that a seed gives the same network each time.

A framework's fixed cost per operation is most of the time for networks of this size; the loop below adds up only the rows of
the inputs that are on and looks only at legal moves.

The loss of a position is its expected regret under the softmax over its legal moves, plus 0.3 times its mean regret times the
cross-entropy -log P(optimal moves). Regrets are in units of the mean regret of random play. Adam (Kingma & Ba 2015). After
70 % of the steps the weights are rounded to multiples of a step, gradients passing straight through (Bengio et al. 2013), so
that the rest of the training learns to live with the rounding.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.jit import njit
from policies.api import Task

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

CROSS_ENTROPY = 0.3  # measured on go-3x4: 0 gives 2 % less gain, anything from 0.1 to 1 about the same
WARM_UP = 100  # steps until the full learning rate
HOLD = 0.2  # part of the training before the learning rate starts to fall, along a cosine, to zero
ROUND_FROM = 0.7  # part of the training after which weights are rounded


class Samples(NamedTuple):
    """The contested positions, the moves of each and what they cost."""

    inputs: npt.NDArray[np.int32]  # [n_samples, n_cells] rows of the first weight matrix that are on, -1 for none
    edge_start: Indices  # [n_samples + 1]
    action: npt.NDArray[np.int16]  # [n_edges]
    regret: Floats  # [n_edges] in units of the mean regret of random play
    weight: npt.NDArray[np.float64]  # [n_samples] how often a sample is drawn, relative to the others


class Layer(NamedTuple):
    """One weight matrix and what its training needs; all of one shape."""

    weights: Floats
    used: Floats  # the weights as the forward pass sees them, rounded in the second part
    slope: Floats
    mean: Floats  # of the slope, for Adam
    square: Floats


class Rounding(NamedTuple):
    """How real weights become integers: multiples of a step each; the constant hidden unit holds `unit` steps."""

    into_step: float
    out_step: float
    unit: int


def contested_samples(task: Task, inputs: npt.NDArray[np.int32]) -> Samples:
    """The positions where moves differ in value; `inputs` holds a row for every position: [n_positions, n_cells]."""
    graph = task.graph
    total = np.bincount(graph.edge_parent, task.solution.regret, minlength=graph.n_states)
    contested = (total > 0) & (task.weights > 0)
    edges = np.flatnonzero(contested[graph.edge_parent])
    return Samples(
        inputs=inputs[contested[graph.positions]],
        edge_start=np.concatenate([[0], np.cumsum(graph.n_moves[contested])]).astype(np.int64),
        action=graph.edge_action[edges],
        regret=(task.solution.regret[edges] / task.uniform_regret).astype(np.float32) if len(edges) else np.empty(0, np.float32),
        weight=task.weights[contested],
    )


def draw_order(weight: npt.NDArray[np.float64], n_draws: int, rng: np.random.Generator) -> Indices:
    """Samples to visit, in shuffled rounds; each round draws every sample in proportion to its weight, by systematic sampling.

    With equal weights a round visits every sample exactly once. [n_draws]
    """
    n = len(weight)
    ends = np.cumsum(weight) / weight.sum() * n
    rounds = []
    for _ in range(-(-n_draws // n)):
        ticks = np.arange(n) + rng.random()
        rounds.append(rng.permutation(np.minimum(np.searchsorted(ends, ticks), n - 1)))
    return np.concatenate(rounds)[:n_draws]


def train(samples: Samples, order: Indices, batch: int, into: Floats, out: Floats, learning_rate: float, coarseness: float) -> Rounding:
    """Train `into` [n_inputs + 1, width] and `out` [n_actions, width + 1] in place; the last row and column are biases.

    A rounding step is `coarseness` times the root mean square of the weights that it rounds.
    """
    layers = [Layer(weights, *(np.zeros_like(weights) for _ in range(4))) for weights in (into, out)]
    n_steps = len(order) // batch
    turn = int(ROUND_FROM * n_steps)
    _run_steps(samples, order, batch, 0, turn, layers[0], layers[1], learning_rate, Rounding(0.0, 0.0, 1))
    into_step, out_step = (max(1e-12, coarseness * float(np.sqrt(np.mean(np.square(w, dtype=np.float64))))) for w in (into, out[:, :-1]))
    rounding = Rounding(into_step, out_step, max(1, round(1 / into_step)) if math.isfinite(into_step) else 1)
    _run_steps(samples, order, batch, turn, n_steps, layers[0], layers[1], learning_rate, rounding)
    return rounding


@njit
def _run_steps(
    samples: Samples, order: Indices, batch: int, first: int, last: int, into: Layer, out: Layer, learning_rate: float, rounding: Rounding
) -> None:
    """The steps from `first` up to `last`; with rounding steps of zero the weights are used as they are."""
    n_steps = order.shape[0] // batch
    hidden = np.ones(into.weights.shape[1] + 1, dtype=np.float32)
    if rounding.into_step > 0:
        hidden[-1] = rounding.unit * rounding.into_step
    for step in range(first, last):
        _prepare(into, rounding.into_step)
        _prepare(out, rounding.out_step)
        _add_slopes(samples, order[step * batch : (step + 1) * batch], into, out, hidden)
        rate = learning_rate * min(1.0, (step + 1) / WARM_UP)
        if step > HOLD * n_steps:
            rate *= 0.5 + 0.5 * math.cos(math.pi * (step / n_steps - HOLD) / (1 - HOLD))
        _adam(into, batch, rate, step + 1)
        _adam(out, batch, rate, step + 1)


@njit
def _prepare(layer: Layer, step: float) -> None:
    """Set the weights in use to the nearest multiples of the step, and the slopes to zero."""
    size = np.float32(step)
    for i in range(layer.weights.shape[0]):
        for j in range(layer.weights.shape[1]):
            layer.used[i, j] = np.rint(layer.weights[i, j] / size) * size if step > 0 else layer.weights[i, j]
            layer.slope[i, j] = 0


@njit
def _add_slopes(samples: Samples, batch: Indices, into: Layer, out: Layer, hidden: Floats) -> None:
    """Add the gradient of the summed loss of a batch to the slopes; `hidden` is scratch, but for its last, constant unit.

    The loops over `j` run along rows, which the compiler turns into vector instructions.
    """
    n_actions, width = out.used.shape[0], into.used.shape[1]
    bias = into.used.shape[0] - 1
    by_unit = np.ascontiguousarray(out.used.T)
    logits = np.zeros(n_actions, dtype=np.float32)
    chance = np.zeros(n_actions, dtype=np.float32)
    back = np.zeros(width, dtype=np.float32)
    for sample in batch:
        for j in range(width):
            hidden[j] = into.used[bias, j]
        for c in range(samples.inputs.shape[1]):
            row = samples.inputs[sample, c]
            if row >= 0:
                for j in range(width):
                    hidden[j] += into.used[row, j]
        for j in range(width):
            hidden[j] = max(hidden[j], np.float32(0))
        logits[:] = 0
        for unit in range(width + 1):
            if hidden[unit] > 0:
                for a in range(n_actions):
                    logits[a] += hidden[unit] * by_unit[unit, a]
        first, last = samples.edge_start[sample], samples.edge_start[sample + 1]
        expected, on_optimal, mean = _softmax(samples, first, last, logits, chance)
        back[:] = 0
        for edge in range(first, last):
            a = samples.action[edge]
            is_optimal = samples.regret[edge] == 0
            towards = np.float32(1) - np.float32(1) / on_optimal if is_optimal else np.float32(1)
            slope = chance[a] * (samples.regret[edge] - expected + np.float32(CROSS_ENTROPY) * mean * towards)
            for j in range(width + 1):
                out.slope[a, j] += slope * hidden[j]
            for j in range(width):
                back[j] += slope * out.used[a, j]
        for j in range(width):
            back[j] = back[j] if hidden[j] > 0 else np.float32(0)
            into.slope[bias, j] += back[j]
        for c in range(samples.inputs.shape[1]):
            row = samples.inputs[sample, c]
            if row >= 0:
                for j in range(width):
                    into.slope[row, j] += back[j]


@njit
def _softmax(samples: Samples, first: int, last: int, logits: Floats, chance: Floats) -> tuple[np.float32, np.float32, np.float32]:
    """Fill the chances of the legal actions; the expected regret, the chance of an optimal move (at least 1e-9), the mean regret."""
    top = logits[samples.action[first]]
    for edge in range(first + 1, last):
        top = max(top, logits[samples.action[edge]])
    total = np.float32(0)
    for edge in range(first, last):
        a = samples.action[edge]
        chance[a] = np.float32(math.exp(logits[a] - top))
        total += chance[a]
    expected = on_optimal = mean = np.float32(0)
    for edge in range(first, last):
        a = samples.action[edge]
        chance[a] /= total
        expected += chance[a] * samples.regret[edge]
        mean += samples.regret[edge] / np.float32(last - first)
        if samples.regret[edge] == 0:
            on_optimal += chance[a]
    return expected, max(on_optimal, np.float32(1e-9)), mean


@njit
def _adam(layer: Layer, batch: int, rate: float, step: int) -> None:
    """One step of Adam with its usual constants; the slope is a sum over the batch."""
    corrected = np.float32(rate * math.sqrt(1 - 0.999**step) / (1 - 0.9**step))
    share = np.float32(1 / batch)
    for i in range(layer.weights.shape[0]):
        for j in range(layer.weights.shape[1]):
            slope = layer.slope[i, j] * share
            layer.mean[i, j] += np.float32(0.1) * (slope - layer.mean[i, j])
            layer.square[i, j] += np.float32(0.001) * (slope * slope - layer.square[i, j])
            layer.weights[i, j] -= corrected * layer.mean[i, j] / (math.sqrt(layer.square[i, j]) + np.float32(1e-8))
