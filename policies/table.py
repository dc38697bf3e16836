"""Memorised positions: the policy that knows some positions by heart and plays at random elsewhere.

The table's file is what a policy costs that has found no rule at all: which positions it holds, then one move for each.
"""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.api import Bools
from games.errors import UsageError
from games.jit import njit
from policies.api import Scores, Task, budget_ladder, check_budgets
from policies.entropy import ONE, decode_bit, encode_bits, start_decoding

Indices = npt.NDArray[np.int64]

SHOWN = 5  # positions that `explain` draws
MOST_MOVES = 15  # positions with more legal moves than this share their contexts
N_MEMBER_CONTEXTS = (MOST_MOVES + 1) * 2 * 4


@dataclass(frozen=True, eq=False)
class TablePolicy:
    """The memorised moves as edges of the graph, ascending, at most one a position. [n_entries]"""

    edges: Indices

    @property
    def size(self) -> int:
        return len(self.edges)

    def scores(self, task: Task) -> Scores:
        scores = np.zeros(task.graph.n_edges)
        scores[self.edges] = 1.0
        return scores

    def operations(self, task: Task) -> float:
        """One look-up a decision."""
        return 1.0


@dataclass(frozen=True)
class TableLearner:
    """Memorises the positions in order of the regret that random play costs there, each with one of its optimal moves."""

    name = "table"
    unit = "entries"

    def default_budgets(self, task: Task) -> Sequence[int]:
        return budget_ladder(max(1, len(contested_by_regret(task))))

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[TablePolicy]:
        ranked = contested_by_regret(task)
        for budget in check_budgets(budgets):
            yield TablePolicy(_common_optimal_moves(task, ranked[:budget]))
            if budget >= len(ranked):
                return

    def encode(self, policy: TablePolicy, task: Task) -> bytes:
        return min((_write(policy.edges, task, in_context) for in_context in (False, True)), key=len)

    def decode(self, data: bytes, task: Task) -> TablePolicy:
        policy = TablePolicy(_read(data, task))
        if self.encode(policy, task) != data:
            raise UsageError(f"these {len(data)} bytes are no table for {task.game.id}: the file is damaged or another learner wrote it")
        return policy

    def source(self, policy: TablePolicy, task: Task) -> str:
        """The format: which positions and moves the file's bits speak of."""
        return "\n".join(inspect.getsource(part) for part in (_code_table, _code_uniform))

    def explain(self, policy: TablePolicy, task: Task) -> str:
        """How many positions are known, and the first of them in the graph's order, with their moves."""
        graph = task.graph
        shown = [
            f"{task.game.render(int(graph.states[graph.edge_parent[edge]]))}\n  play {task.game.action_name(int(graph.edge_action[edge]))}"
            for edge in policy.edges[:SHOWN].tolist()
        ]
        head = f"{policy.size} of {len(graph.positions)} positions are known by heart; elsewhere any legal move."
        return "\n\n".join([head, *shown])


def contested_by_regret(task: Task) -> Indices:
    """The positions where the choice of move matters, those first where choosing at random costs most; ties by index.

    The cost is the position's weight times its mean regret over the legal moves.
    """
    graph = task.graph
    total = np.bincount(graph.edge_parent, task.solution.regret, minlength=graph.n_states)
    removed = task.weights * total / np.maximum(graph.n_moves, 1)
    ranked = np.argsort(-removed, kind="stable")
    return ranked[: np.count_nonzero(removed > 0)]


def _common_optimal_moves(task: Task, positions: Indices) -> Indices:
    """One optimal edge for each position, so chosen that few actions serve many positions: short to write down.

    The action that is optimal in most positions serves all of these, the next most of the rest, and so on (greedy set cover).
    """
    graph = task.graph
    waiting = np.zeros(graph.n_states, dtype=np.bool_)
    waiting[positions] = True
    candidates = np.flatnonzero(task.solution.optimal & waiting[graph.edge_parent])
    chosen: list[Indices] = []
    while len(candidates):
        actions = graph.edge_action[candidates]
        served = candidates[actions == np.bincount(actions).argmax()]
        chosen.append(served)
        waiting[graph.edge_parent[served]] = False
        candidates = candidates[waiting[graph.edge_parent[candidates]]]
    return np.sort(np.concatenate([np.empty(0, dtype=np.int64), *chosen]))


class Tape(NamedTuple):
    """Either end of the wire for compiled formats: a list of decisions being written, or the state of a decoder."""

    reading: bool
    contexts: npt.NDArray[np.int32]  # writing: the decisions so far, see `encode_bits`
    bits: npt.NDArray[np.uint8]
    n_written: Indices  # [1]
    state: npt.NDArray[np.uint64]  # reading: see `start_decoding`
    data: npt.NDArray[np.uint8]
    counts: npt.NDArray[np.int64]  # [n_contexts, 2]


def _write(edges: Indices, task: Task, in_context: bool) -> bytes:
    graph = task.graph
    chosen = np.full(graph.n_states, -1, dtype=np.int64)
    chosen[graph.edge_parent[edges]] = edges
    uses = np.bincount(graph.edge_action[edges], minlength=task.game.n_actions)
    order = np.argsort(-uses, kind="stable")
    room = graph.n_states + graph.n_edges + 64 * (task.game.n_actions + 2)
    state, data = start_decoding(b"")
    counts = np.zeros((1, 2), dtype=np.int64)
    tape = Tape(False, np.empty(room, np.int32), np.empty(room, np.uint8), np.zeros(1, np.int64), state, data, counts)
    n_used = int(np.count_nonzero(uses))
    _code_table(tape, in_context, order, n_used, graph.edge_start, graph.edge_action, graph.edge_child, graph.terminal, chosen)
    n = int(tape.n_written[0])
    return encode_bits(tape.contexts[:n], tape.bits[:n])


def _read(data: bytes, task: Task) -> Indices:
    graph = task.graph
    n_actions = task.game.n_actions
    state, array = start_decoding(data)
    counts = np.zeros((N_MEMBER_CONTEXTS + n_actions, 2), dtype=np.int64)
    tape = Tape(True, np.empty(0, np.int32), np.empty(0, np.uint8), np.zeros(1, np.int64), state, array, counts)
    chosen = np.full(graph.n_states, -1, dtype=np.int64)
    order = np.arange(n_actions)
    _code_table(tape, False, order, 0, graph.edge_start, graph.edge_action, graph.edge_child, graph.terminal, chosen)
    return chosen[chosen >= 0]


@njit
def _step(tape: Tape, context: int, bit: int) -> int:
    if tape.reading:
        return decode_bit(tape.state, tape.data, tape.counts, context)
    tape.contexts[tape.n_written[0]] = context
    tape.bits[tape.n_written[0]] = bit
    tape.n_written[0] += 1
    return bit


@njit
def _code_uniform(tape: Tape, value: int, n: int) -> int:
    """A number in 0..n-1, all equally likely; the twin of `policies.entropy.code_uniform`."""
    low, size = 0, n
    while size > 1:
        half = size // 2
        if _step(tape, -((half * ONE + size // 2) // size), int(value >= low + half)):
            low, size = low + half, size - half
        else:
            size = half
    return low


@njit
def _code_table(
    tape: Tape,
    in_context: bool,
    order: Indices,
    n_used: int,
    edge_start: Indices,
    edge_action: npt.NDArray[np.int16],
    edge_child: npt.NDArray[np.int32],
    terminal: Bools,
    chosen: Indices,
) -> None:
    """Write, or read into `chosen` (an edge for each state, -1 for none), a table.

    First the actions in use, most used first. Then for every position with a choice among these whether it is an entry, either
    with one frequency for all or by number of moves, whether a move ends the game, and whether the last two were entries. For each
    entry, the actions in order of use are accepted or refused one by one; the last one open needs no bit.
    """
    in_context = _code_uniform(tape, int(in_context), 2) == 1
    n_actions = order.shape[0]
    n_used = _code_uniform(tape, n_used, n_actions + 1)
    rank = np.full(n_actions, -1, dtype=np.int64)
    for i in range(n_used):
        index = 0
        for action in range(order[i]):
            index += int(rank[action] < 0)
        index = _code_uniform(tape, index, n_actions - i)
        action = 0
        while rank[action] >= 0 or index > 0:
            index -= int(rank[action] < 0)
            action += 1
        rank[action] = i
    edge_at = np.empty(n_used, dtype=np.int64)
    recent = 0
    for state in range(edge_start.shape[0] - 1):
        n_moves = edge_start[state + 1] - edge_start[state]
        edge_at[:] = -1
        n_open = 0
        ends = 0
        for edge in range(edge_start[state], edge_start[state + 1]):
            ends |= int(terminal[edge_child[edge]])
            if rank[edge_action[edge]] >= 0:
                edge_at[rank[edge_action[edge]]] = edge
                n_open += 1
        if n_moves < 2 or n_open == 0:
            continue
        context = (min(n_moves, MOST_MOVES) * 2 + ends) * 4 + recent if in_context else 0
        is_entry = _step(tape, context, int(chosen[state] >= 0))
        recent = (recent * 2 + is_entry) & 3
        for i in range(n_used if is_entry else 0):
            if edge_at[i] >= 0:
                n_open -= 1
                if n_open == 0 or _step(tape, N_MEMBER_CONTEXTS + i, int(chosen[state] == edge_at[i])):
                    chosen[state] = edge_at[i]
                    break
