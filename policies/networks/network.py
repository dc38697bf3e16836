"""A small network with integer weights, distilled from the exact sets of optimal moves.

One hidden layer: the cells of a position, one-hot with the lowest level left out, go through integer weights into rectified
units, these through integer weights into one number an action; the legal action with the largest is played. All sums are
whole numbers below 2**53, so float64 holds them exactly and every machine plays the same moves.
"""

import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from games.errors import UsageError, WorkError
from policies.api import Scores, Task, check_budgets, edge_weights
from policies.entropy import Coder, Decoder, Encoder, code_count

Integers = npt.NDArray[np.int64]

MAX_WIDTH = 1 << 12
MAX_WEIGHT = 1 << 15  # 2**12 units of 64 cells of 2**15, times 2**15, stay below 2**53
MOST_MISSING = 16  # bytes that a whole file may lack at its end because they are zero
CHUNK = 1 << 14
MOST_LARGER = 8  # from 16 units on a network still improves with more samples; larger batches serve it better than more steps
MAX_STARTS = 32  # narrow networks get stuck in poor minima: the best of several starts is kept; they are trained together,
START_WORK = 40_000  # as many as cost little more than one, in units times samples a step,
START_POSITIONS = 1_000_000  # and are soon scored


@dataclass(frozen=True, eq=False)
class NetworkPolicy:
    """The weights; the last row of `into` and the last column of `out` are biases, the latter counted in `unit`s."""

    into: Integers  # [n_inputs + 1, width]
    out: Integers  # [n_actions, width + 1]
    unit: int

    @property
    def size(self) -> int:
        return int(self.into.shape[1])

    def scores(self, task: Task) -> Scores:
        graph = task.graph
        logits = np.zeros((graph.n_states, len(self.out)))
        for first in range(0, len(graph.positions), CHUNK):
            positions = graph.positions[first : first + CHUNK]
            logits[positions] = forward(self, active_inputs(task, positions))
        return np.ascontiguousarray(logits[graph.edge_parent, graph.edge_action])

    def operations(self, task: Task) -> float:
        """Multiply-adds of the dense network, the same for every position."""
        return float(self.into.size + self.out.size)


@dataclass(frozen=True)
class NetworkLearner:
    """Trains one network for each width by `steps` steps of Adam from `learning_rate` down; wide ones see larger batches.

    `coarseness` is the rounding step in units of the weights' root mean square: larger makes shorter files and worse play.
    """

    steps: int = 1500
    learning_rate: float = 0.06
    coarseness: float = 0.5

    name = "network"
    unit = "hidden units"

    def __post_init__(self) -> None:
        for option in ("steps", "learning_rate", "coarseness"):
            value = getattr(self, option)
            if not (isinstance(value, int | float) and math.isfinite(value) and value > 0):
                raise UsageError(f"network option {option}={value!r}: give a number above 0")
        if self.steps != int(self.steps):
            raise UsageError(f"network option steps={self.steps!r}: give a whole number from 1 up")

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Doubling widths up to 64, and on while there are 256 positions or more for each unit, to 256 at most."""
        n_positions = len(task.graph.positions)
        return [width for width in (1, 2, 4, 8, 16, 32, 64, 128, 256) if width <= max(64, n_positions // 256)]

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[NetworkPolicy]:
        from policies.networks.training import Schedule, contested_samples, train

        n_inputs, n_actions = count_inputs(task), task.game.n_actions
        samples = contested_samples(task, active_inputs(task, task.graph.positions), n_inputs)
        for width in check_budgets(budgets):
            if width > MAX_WIDTH:
                raise UsageError(f"budget {width}: a network has at most {MAX_WIDTH} hidden units")
            if len(samples.weight) == 0:
                yield NetworkPolicy(np.zeros((n_inputs + 1, width), np.int64), np.zeros((n_actions, width + 1), np.int64), 1)
                continue
            batch = max(32, min(128, len(samples.weight) // 32) * max(1, min(MOST_LARGER, width // 8)))
            n_starts = max(1, min(MAX_STARTS, START_WORK // (batch * (width + 8)), START_POSITIONS // len(task.graph.positions)))
            own_seed = int(np.random.SeedSequence([seed, width]).generate_state(1, np.uint64)[0]) >> 1
            trained = train(samples, width, Schedule(n_starts, batch, int(self.steps), self.learning_rate, self.coarseness), own_seed)
            if not all(np.all(np.abs(part) <= MAX_WEIGHT) for whole in trained for part in whole):  # NaN is not
                place = f"a network of width {width} on {task.game.id}"
                raise WorkError(f"training {place} diverged: lower learning_rate ({self.learning_rate})")
            starts = [NetworkPolicy(into.astype(np.int64), out.astype(np.int64), int(unit)) for into, out, unit in trained]
            yield starts[0] if n_starts == 1 else max(starts, key=lambda start: task.gain(edge_weights(task.graph, start.scores(task))))

    def encode(self, policy: NetworkPolicy, task: Task) -> bytes:
        coder = Encoder()
        code_count(coder, "width", policy.size - 1)
        code_network(coder, task, policy.into.copy(), policy.out.copy(), policy.unit)
        return coder.finish()

    def decode(self, data: bytes, task: Task) -> NetworkPolicy:
        coder = Decoder(data)
        width = code_count(coder, "width", 0) + 1
        if width <= MAX_WIDTH:
            into = np.zeros((count_inputs(task) + 1, width), dtype=np.int64)
            out = np.zeros((task.game.n_actions, width + 1), dtype=np.int64)
            unit = code_network(coder, task, into, out, 0)
            policy = NetworkPolicy(into, out, unit)
            is_sound = coder.n_missing <= MOST_MISSING and max(unit, np.abs(into).max(), np.abs(out).max()) <= MAX_WEIGHT
            if is_sound and self.encode(policy, task) == data:
                return policy
        raise UsageError(f"these {len(data)} bytes are no network for {task.game.id}: the file is damaged or another learner wrote it")

    def source(self, policy: NetworkPolicy, task: Task) -> str:
        """The architecture and the format."""
        return "\n".join(inspect.getsource(part) for part in (forward, active_inputs, code_network, code_weights))

    def explain(self, policy: NetworkPolicy, task: Task) -> str:
        """What goes in and out, and the moves that each of the first eight units speaks for and against."""
        sizes = f"{count_inputs(task)} inputs, {policy.size} hidden units, {task.game.n_actions} outputs"
        least, most = min(policy.into.min(), policy.out.min()), max(policy.into.max(), policy.out.max())
        lines = [f"{sizes}; whole weights from {least} to {most}."]
        for j in range(min(8, policy.size)):
            best, worst = (task.game.action_name(int(pick(policy.out[:, j]))) for pick in (np.argmax, np.argmin))
            lines.append(f"unit {j + 1} speaks for {best}, against {worst}")
        return "\n".join(lines)


def count_inputs(task: Task) -> int:
    """One input for each value of each cell but its lowest."""
    return sum(task.game.cell_levels()) - len(task.game.cell_levels())


def active_inputs(task: Task, positions: Integers) -> npt.NDArray[np.int32]:
    """The inputs that are on, one for each cell that is not at its lowest level, else -1. [n_positions, n_cells]"""
    levels = np.array(task.game.cell_levels())
    first = np.cumsum(levels - 1) - (levels - 1)
    cells = task.game.cells(task.graph.states[positions]).astype(np.int32)
    return np.where(cells > 0, cells - 1 + first, -1).astype(np.int32)


def forward(policy: NetworkPolicy, inputs: npt.NDArray[np.int32]) -> Scores:
    """The number of each action for each row of active inputs. [n_rows, n_actions]"""
    on = np.zeros((len(inputs), len(policy.into)))
    np.put_along_axis(on, np.where(inputs < 0, len(policy.into) - 1, inputs), 1.0, axis=1)
    on[:, -1] = 1.0
    hidden = np.maximum(on @ policy.into.astype(np.float64), 0.0)
    logits: Scores = hidden @ policy.out[:, :-1].T.astype(np.float64) + policy.unit * policy.out[:, -1]
    return logits


def code_network(coder: Coder, task: Task, into: Integers, out: Integers, unit: int) -> int:
    """Write, or read in place, the weights; each kind of cell and each bias has its own frequencies. Returns the unit."""
    unit = code_count(coder, "unit", unit)
    row = 0
    for levels in task.game.cell_levels():
        for _ in range(levels - 1):
            code_weights(coder, ("into", levels), into[row])
            row += 1
    code_weights(coder, "into bias", into[-1])
    for weights in out:
        code_weights(coder, "out", weights[:-1])
    code_weights(coder, "out bias", out[:, -1])
    return unit


def code_weights(coder: Coder, context: object, weights: Integers) -> None:
    """Write, or read in place, a row of weights: size, then sign. [n_weights]"""
    for i, weight in enumerate(weights.tolist()):
        size = code_count(coder, (context, "size"), abs(weight))
        weights[i] = -size if size and coder.code((context, "sign"), int(weight < 0)) else size
