"""What every atom would do at every position, as the fitters of rule lists need it: which moves it leaves, and what these cost.

Under first-match play this never changes: a rule that decides a position always leaves the moves for which it holds.
"""

from typing import Annotated, NamedTuple

import numpy as np

from games.arrays import Bools, Float32s, Float64s, Int16s, Int32s, Int64s
from games.errors import UsageError, nearest
from games.jit import njit
from policies.api import OneOf, Range, Task
from policies.language.language import Language

OBJECTIVES = ("regret", "worst", "codelength")
Objective = Annotated[str, OneOf(OBJECTIVES), "the cost that fitting lowers: mean regret, regret of the worst move left, or bits"]
Support = Annotated[int, Range(1, (1 << 31) - 1), "moves for which a pattern, or the content of a cell, must hold to be offered"]
MISS = 1 / 32  # the share of a rule's decisions that are taken to need an exception, where bits are counted


class Pairs(NamedTuple):
    """Every (contested position, atom that holds for some of its moves), position by position and once more atom by atom."""

    positions: Int64s  # [n_positions] states
    weight: Float64s  # [n_positions]
    bare: Float64s  # [n_positions] what choosing among all legal moves costs
    number: Int64s  # [n_atoms] the language's number of each atom that is offered
    start: Int64s  # [n_positions + 1]
    atom: Int32s  # [n_pairs]
    cost: Float32s  # [n_pairs] what choosing among the moves for which the atom holds costs
    atom_start: Int64s  # [n_atoms + 1]
    atom_position: Int32s  # [n_pairs]
    atom_cost: Float32s  # [n_pairs]


def collect_pairs(task: Task, language: Language, objective: str, support: int) -> Pairs:
    """The pairs of a task. Atoms that hold for fewer than `support` moves of contested positions are not offered.

    Of the atoms "this position, this move" only that of the first optimal move is. Costs are, by objective:
      regret      mean regret of the moves left, weighted as the task's positions
      worst       regret of the worst of them, weighted alike
      codelength  bits to name an optimal move, when every position is coded: log2(left / optimal among them) where some are,
                  else log2(others / optimal ones), and the bits that tell these two cases apart
    """
    if objective not in OBJECTIVES:
        raise UsageError(f"unknown objective {objective!r}; {nearest(objective, list(OBJECTIVES))}")
    graph, regret = task.graph, task.solution.regret
    contested = np.zeros(graph.n_states, dtype=bool)
    contested[graph.edge_parent[regret > 0]] = True
    counts_all = objective == "codelength"
    positions = np.flatnonzero(contested if counts_all else contested & (task.weights > 0))
    first_column = len(language.concept_predicates)
    holds = np.stack(language.holds) if language.holds else np.empty((0, graph.n_edges), dtype=np.bool_)
    columns = language.number_edges()
    n_held = _count_moves(positions, graph.edge_start, holds, columns, int(language.column_start[-1]))
    offered = np.flatnonzero(n_held >= np.where(np.arange(len(n_held)) < first_column, 1, support))
    local = np.full(len(n_held), -1, dtype=np.int32)
    local[offered] = np.arange(len(offered), dtype=np.int32)
    room = int(n_held[offered].sum()) + len(positions)
    code = OBJECTIVES.index(objective)
    start, atom, cost, bare, exact = _collect(
        positions, graph.edge_start, regret, holds, columns, local, len(offered), room, language.has_positions, code
    )
    number = np.concatenate([offered, language.column_start[-1] + exact]) if language.has_positions else offered
    atom_start, atom_position, atom_cost = _by_atom(start, atom, cost, len(number))
    weight = np.ones(len(positions)) if counts_all else task.weights[positions]
    return Pairs(positions, weight, bare, number.astype(np.int64), start, atom, cost, atom_start, atom_position, atom_cost)


@njit
def _count_moves(positions: Int64s, edge_start: Int64s, holds: Bools, columns: Int32s, n: int) -> Int64s:
    """For how many moves of the positions each atom holds. [n]"""
    count = np.zeros(n, dtype=np.int64)
    for position in positions:
        first, last = edge_start[position], edge_start[position + 1]
        for concept in range(holds.shape[0]):
            for edge in range(first, last):
                count[concept] += int(holds[concept, edge])
        for column in range(columns.shape[0]):
            for edge in range(first, last):
                if columns[column, edge] >= 0:
                    count[columns[column, edge]] += 1
    return count


@njit
def cost_of(objective: int, total: int, worst: int, n_held: int, n_good: int, n_moves: int, n_optimal: int) -> float:
    """What choosing among `n_held` moves costs, by the number of the objective; see `collect_pairs`."""
    if objective == 0:
        return total / n_held
    if objective == 1:
        return float(worst)
    if n_held == n_moves:
        return float(np.log2(n_moves / n_optimal))
    if n_good > 0:
        return float(np.log2(n_held / n_good) - np.log2(1.0 - MISS))
    return float(np.log2((n_moves - n_held) / n_optimal) - np.log2(MISS))


@njit
def _collect(
    positions: Int64s,
    edge_start: Int64s,
    regret: Int16s,
    holds: Bools,
    columns: Int32s,
    local: Int32s,
    n_offered: int,
    room: int,
    has_positions: bool,
    objective: int,
) -> tuple[Int64s, Int32s, Float32s, Float64s, Int64s]:
    """Start, atom, cost and bare of Pairs, and for each position its first optimal edge."""
    n_concepts = holds.shape[0]
    start = np.zeros(positions.shape[0] + 1, dtype=np.int64)
    atom, cost = np.empty(room, dtype=np.int32), np.empty(room, dtype=np.float32)
    bare, exact = np.zeros(positions.shape[0]), np.zeros(positions.shape[0], dtype=np.int64)
    seen = np.full(n_offered, -1, dtype=np.int64)  # the last pair of each atom
    most = 0
    for position in positions:
        most = max(most, edge_start[position + 1] - edge_start[position])
    sums = np.zeros((most * (n_concepts + columns.shape[0]) + 1, 4), dtype=np.int64)  # total, worst, held, good
    n = 0
    for i in range(positions.shape[0]):
        first, last = edge_start[positions[i]], edge_start[positions[i] + 1]
        total, worst, n_optimal = 0, 0, 0
        for edge in range(first, last):
            total += regret[edge]
            worst = max(worst, regret[edge])
            if regret[edge] == 0:
                if n_optimal == 0:
                    exact[i] = edge
                n_optimal += 1
        bare[i] = cost_of(objective, total, worst, last - first, n_optimal, last - first, n_optimal)
        begin = n
        for column in range(n_concepts + columns.shape[0]):
            for edge in range(first, last):
                is_concept = column < n_concepts
                if is_concept and not holds[column, edge]:
                    continue
                number = column if is_concept else columns[column - n_concepts, edge]
                if number < 0 or local[number] < 0:
                    continue
                number = local[number]
                pair = seen[number]
                if pair < begin:
                    pair = n
                    seen[number] = pair
                    atom[pair] = number
                    sums[pair - begin] = 0
                    n += 1
                sums[pair - begin, 0] += regret[edge]
                sums[pair - begin, 1] = max(sums[pair - begin, 1], regret[edge])
                sums[pair - begin, 2] += 1
                sums[pair - begin, 3] += int(regret[edge] == 0)
        for pair in range(begin, n):
            held = sums[pair - begin]
            cost[pair] = cost_of(objective, held[0], held[1], held[2], held[3], last - first, n_optimal)
        if has_positions:
            atom[n], cost[n] = n_offered + i, cost_of(objective, 0, 0, 1, 1, last - first, n_optimal)
            n += 1
        start[i + 1] = n
    return start, atom[:n], cost[:n], bare, exact


@njit
def _by_atom(start: Int64s, atom: Int32s, cost: Float32s, n_atoms: int) -> tuple[Int64s, Int32s, Float32s]:
    """The pairs once more, atom by atom: where those of each begin, their positions, their costs."""
    atom_start = np.zeros(n_atoms + 1, dtype=np.int64)
    for number in atom:
        atom_start[number + 1] += 1
    atom_start[1:] = np.cumsum(atom_start[1:])
    position, held = np.empty(atom.shape[0], dtype=np.int32), np.empty(atom.shape[0], dtype=np.float32)
    fill = atom_start[:-1].copy()
    for i in range(start.shape[0] - 1):
        for pair in range(start[i], start[i + 1]):
            place = fill[atom[pair]]
            fill[atom[pair]] += 1
            position[place], held[place] = i, cost[pair]
    return atom_start, position, held
