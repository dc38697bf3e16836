"""The moves of each position for which every atom holds: the input of the fitters of weighted lists."""

from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Int32s, Int64s, UInt64s
from games.errors import WorkError
from games.jit import njit
from policies.api import Task
from policies.language.language import Language

MAX_MOVES = 64  # the moves of a position are held in a 64-bit mask


class Sides(NamedTuple):
    """Every (contested position, atom that holds for some of its moves and not for all), position by position and atom by atom."""

    number: Int64s  # [n_atoms] the language's number of each atom that is offered
    first: Int64s  # [n_positions] the first edge
    n_moves: Int64s  # [n_positions]
    start: Int64s  # [n_positions + 1]
    atom: Int32s  # [n_pairs]
    moves: UInt64s  # [n_pairs] the moves for which the atom holds
    atom_start: Int64s  # [n_atoms + 1]
    atom_position: Int32s  # [n_pairs]
    atom_moves: UInt64s  # [n_pairs]


def collect_sides(task: Task, language: Language, support: int) -> Sides:
    """The sides of a task. Patterns and cells that hold for fewer than `support` moves of contested positions are not offered.

    Raises WorkError where a position has more than 64 moves.
    """
    graph, regret = task.graph, task.solution.regret
    if graph.n_moves.max() > MAX_MOVES:
        raise WorkError(f"{graph.game_id} has positions with more than {MAX_MOVES} moves: fit it with another learner")
    contested = np.zeros(graph.n_states, dtype=bool)
    contested[graph.edge_parent[regret > 0]] = True
    counts = contested & (task.weights > 0)
    positions = np.flatnonzero(counts)
    edges = counts[graph.edge_parent]
    holds = np.stack(language.holds) if language.holds else np.empty((0, graph.n_edges), dtype=np.bool_)
    columns = language.number_edges()
    n_held = np.zeros(int(language.column_start[-1]), dtype=np.int64)
    n_held[: len(holds)] = holds[:, edges].sum(axis=1)
    for column in columns:
        n_held += np.bincount(column[edges & (column >= 0)], minlength=len(n_held))
    offered = np.flatnonzero(n_held >= np.where(np.arange(len(n_held)) < len(holds), 1, support))
    local = np.full(len(n_held), -1, dtype=np.int32)
    local[offered] = np.arange(len(offered), dtype=np.int32)
    start, atom, moves = _collect(positions, graph.edge_start, holds, columns, local, len(offered), int(n_held[offered].sum()))
    by_atom = np.argsort(atom, kind="stable")
    atom_start = np.concatenate([[0], np.cumsum(np.bincount(atom, minlength=len(offered)))]).astype(np.int64)
    owner = np.repeat(np.arange(len(positions), dtype=np.int32), np.diff(start))
    first, n_moves = graph.edge_start[positions], graph.n_moves[positions]
    return Sides(offered, first, n_moves, start, atom, moves, atom_start, owner[by_atom], moves[by_atom])


@njit
def _collect(
    positions: Int64s, edge_start: Int64s, holds: Bools, columns: Int32s, local: Int32s, n_atoms: int, room: int
) -> tuple[Int64s, Int32s, UInt64s]:
    """Start, atom and moves of Sides."""
    n_concepts = holds.shape[0]
    start = np.zeros(positions.shape[0] + 1, dtype=np.int64)
    atom, moves = np.empty(room, dtype=np.int32), np.zeros(room, dtype=np.uint64)
    seen = np.full(n_atoms, -1, dtype=np.int64)  # the last pair of each atom
    n = 0
    for i in range(positions.shape[0]):
        first, last = edge_start[positions[i]], edge_start[positions[i] + 1]
        begin = n
        for column in range(n_concepts + columns.shape[0]):
            for edge in range(first, last):
                if column < n_concepts and not holds[column, edge]:
                    continue
                number = column if column < n_concepts else columns[column - n_concepts, edge]
                number = local[number] if number >= 0 else -1
                if number < 0:
                    continue
                pair = seen[number]
                if pair < begin:
                    pair = n
                    seen[number] = pair
                    atom[pair], moves[pair] = number, 0
                    n += 1
                moves[pair] |= np.uint64(1) << np.uint64(edge - first)
        every = ~np.uint64(0) >> np.uint64(MAX_MOVES - (last - first))
        kept = begin
        for pair in range(begin, n):
            seen[atom[pair]] = -1
            if moves[pair] != every:
                atom[kept], moves[kept] = atom[pair], moves[pair]
                kept += 1
        n = kept
        start[i + 1] = n
    return start, atom[:n].copy(), moves[:n].copy()
