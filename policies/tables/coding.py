"""How tables of memorised moves are written: which positions they hold, then one move for each."""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Int16s, Int32s, Int64s
from games.jit import njit
from policies.api import Scores, Task, action_probabilities
from policies.codec.adaptive_coder import encode_bits, start_decoding
from policies.codec.kernel_stream import Tape, blank_tape, code_bit, code_uniform, tape_of, written

MAX_MOVES = 15  # positions with more legal moves than this share their contexts
MAX_TIED = 8  # and so do those where the default chooses more
N_CONTEXTS = (MAX_MOVES + 1) * 2 * 4


class Default(NamedTuple):
    """The play where a table holds no entry, as far as it predicts which positions are entries."""

    kind: Int64s  # [n_states] by the rule that decides and the number of moves that it chooses
    n_kinds: int  # 1 where any move may be played
    chosen: Bools  # [n_edges] the moves that it chooses


def no_default(task: Task) -> Default:
    """Any legal move."""
    return Default(np.zeros(task.graph.n_states, dtype=np.int64), 1, np.zeros(task.graph.n_edges, dtype=np.bool_))


def default_of(scores: Scores, task: Task) -> Default:
    """The best-scored moves; the scores are whole numbers from 0 up."""
    graph = task.graph
    chosen = action_probabilities(graph, scores) > 0
    best = np.zeros(graph.n_states, dtype=np.int64)
    np.maximum.at(best, graph.edge_parent, scores.astype(np.int64))
    tied = np.minimum(np.bincount(graph.edge_parent[chosen], minlength=graph.n_states), MAX_TIED - 1)
    return Default(MAX_TIED * best + tied, MAX_TIED * (int(best.max(initial=0)) + 1), chosen)


def write_table(edges: Int64s, task: Task, default: Default) -> bytes:
    """The memorised moves as a file: the shortest under two schemes of contexts, three where there is a default."""
    return min((_write(edges, task, default, scheme) for scheme in range(2 + (default.n_kinds > 1))), key=len)


def _write(edges: Int64s, task: Task, default: Default, scheme: int) -> bytes:
    graph = task.graph
    chosen = np.full(graph.n_states, -1, dtype=np.int64)
    chosen[graph.edge_parent[edges]] = edges
    uses = np.bincount(graph.edge_action[edges], minlength=task.game.n_actions)
    order = np.argsort(-uses, kind="stable")
    room = graph.n_states + graph.n_edges + 64 * (task.game.n_actions + 2)
    tape = blank_tape(room)
    n_used = int(np.count_nonzero(uses))
    code_table(tape, scheme, order, n_used, *default, graph.edge_start, graph.edge_action, graph.edge_child, graph.terminal, chosen)
    return encode_bits(*written(tape))


def read_table(data: bytes, task: Task, default: Default) -> Int64s:
    """The memorised moves; foreign bytes are some table, which is written otherwise."""
    graph = task.graph
    n_actions = task.game.n_actions
    tape = tape_of(*start_decoding(data), max(N_CONTEXTS, 4 * default.n_kinds) + 2 * n_actions)
    chosen = np.full(graph.n_states, -1, dtype=np.int64)
    order = np.arange(n_actions)
    code_table(tape, 0, order, 0, *default, graph.edge_start, graph.edge_action, graph.edge_child, graph.terminal, chosen)
    return chosen[chosen >= 0]


@njit
def code_table(
    tape: Tape,
    scheme: int,
    order: Int64s,
    n_used: int,
    kind: Int64s,
    n_kinds: int,
    preferred: Bools,
    edge_start: Int64s,
    edge_action: Int16s,
    edge_child: Int32s,
    terminal: Bools,
    chosen: Int64s,
) -> None:
    """Write, or read into `chosen` (an edge for each state, -1 for none), a table.

    First the actions in use, most used first. Then for every position with a choice among these whether it is an entry, with
    one frequency for all; by number of moves, whether a move ends the game, and whether the last two were entries; or by what
    the default does there, and the last two. For each entry, the actions in order of use are accepted or refused one by one, in
    the light of whether the default would choose them; the last one open needs no bit.
    """
    scheme = code_uniform(tape, scheme, 3 if n_kinds > 1 else 2)
    first_move = max(N_CONTEXTS, 4 * n_kinds)
    n_actions = order.shape[0]
    n_used = code_uniform(tape, n_used, n_actions + 1)
    rank = np.full(n_actions, -1, dtype=np.int64)
    for i in range(n_used):
        index = 0
        for action in range(order[i]):
            index += int(rank[action] < 0)
        index = code_uniform(tape, index, n_actions - i)
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
        context = 0
        if scheme == 1:
            context = (min(n_moves, MAX_MOVES) * 2 + ends) * 4 + recent
        elif scheme == 2:
            context = kind[state] * 4 + recent
        is_entry = code_bit(tape, context, int(chosen[state] >= 0))
        recent = (recent * 2 + is_entry) & 3
        for i in range(n_used if is_entry else 0):
            if edge_at[i] >= 0:
                n_open -= 1
                context = first_move + 2 * i + int(preferred[edge_at[i]])
                if n_open == 0 or code_bit(tape, context, int(chosen[state] == edge_at[i])):
                    chosen[state] = edge_at[i]
                    break
