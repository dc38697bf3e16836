"""What every atom would do at every position, as the fitters of rule lists need it: which moves it leaves, and what these cost.

Under first-match play this never changes: a rule that decides a position always leaves the moves for which it holds.
"""

from collections.abc import Iterator
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
BLOCK = 1 << 16  # positions that are looked at together
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
    n_held = np.zeros(int(language.column_start[-1]), dtype=np.int64)
    for block in _blocks(task, language, positions):
        _count_moves(block.holds, block.columns, n_held)
    offered = np.flatnonzero(n_held >= np.where(np.arange(len(n_held)) < len(language.concept_predicates), 1, support))
    local = np.full(len(n_held), -1, dtype=np.int32)
    local[offered] = np.arange(len(offered), dtype=np.int32)
    room = int(n_held[offered].sum()) + len(positions)
    start, atom, cost = np.zeros(len(positions) + 1, dtype=np.int64), np.empty(room, dtype=np.int32), np.empty(room, dtype=np.float32)
    bare, exact = np.empty(len(positions)), np.empty(len(positions), dtype=np.int64)
    exact_atom, code, n = len(offered) if language.has_positions else -1, OBJECTIVES.index(objective), 0
    for block in _blocks(task, language, positions):
        here = block.here
        found = _collect(
            block.edge_start, regret[block.edges], block.holds, block.columns, local, len(offered), atom[n:], cost[n:], exact_atom, code
        )
        start[here.start + 1 : here.stop + 1], bare[here], exact[here] = n + found[0], found[1], block.edges[found[2]]
        n = int(start[here.stop])
        exact_atom += (here.stop - here.start) * language.has_positions
    atom, cost = atom[:n], cost[:n]
    number = np.concatenate([offered, language.column_start[-1] + exact]) if language.has_positions else offered
    atom_start, atom_position, atom_cost = _by_atom(start, atom, cost, len(number))
    weight = np.ones(len(positions)) if counts_all else task.weights[positions]
    return Pairs(positions, weight, bare, number.astype(np.int64), start, atom, cost, atom_start, atom_position, atom_cost)


class Block(NamedTuple):
    """Some of the positions, and what holds for their moves."""

    here: slice  # their places among all positions
    edges: Int64s  # [n_edges] their moves, position by position
    edge_start: Int64s  # [n_positions + 1] where the moves of each begin among these
    holds: Bools  # [n_concepts, n_edges]
    columns: Int32s  # [n_columns, n_edges] the number of the atom that holds, -1 for none


def _blocks(task: Task, language: Language, positions: Int64s) -> Iterator[Block]:
    """The positions in blocks, since what holds for all moves of a large game at once takes gigabytes."""
    graph = task.graph
    for first in range(0, len(positions), BLOCK):
        part = positions[first : first + BLOCK]
        n_moves = graph.n_moves[part]
        edge_start = np.append(0, np.cumsum(n_moves))
        edges = np.repeat(graph.edge_start[part] - edge_start[:-1], n_moves) + np.arange(edge_start[-1])
        yield Block(slice(first, first + len(part)), edges, edge_start, language.holds_on(edges), language.number_edges(edges))


@njit
def _count_moves(holds: Bools, columns: Int32s, count: Int64s) -> None:
    """Add to the count of each atom the moves for which it holds. count: [n]"""
    for concept in range(holds.shape[0]):
        for edge in range(holds.shape[1]):
            count[concept] += int(holds[concept, edge])
    for column in range(columns.shape[0]):
        for edge in range(columns.shape[1]):
            if columns[column, edge] >= 0:
                count[columns[column, edge]] += 1


@njit
def cost_of(objective: int, total: int, worst: int, n_held: int, n_good: int, n_moves: int, n_optimal: int) -> float:
    """The cost of choosing among `n_held` moves, by the number of the objective; see `collect_pairs`."""
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
    edge_start: Int64s,
    regret: Int16s,
    holds: Bools,
    columns: Int32s,
    local: Int32s,
    n_offered: int,
    atom: Int32s,
    cost: Float32s,
    exact_atom: int,
    objective: int,
) -> tuple[Int64s, Float64s, Int64s]:
    """Fill in atom and cost of the pairs of a block; where those of each position end, bare of Pairs, and its first optimal edge.

    exact_atom: the number of the atom "this move" of the first position, -1 where there are none.
    """
    n_concepts, n_positions = holds.shape[0], edge_start.shape[0] - 1
    end, bare, exact = np.zeros(n_positions, dtype=np.int64), np.zeros(n_positions), np.zeros(n_positions, dtype=np.int64)
    seen = np.full(n_offered, -1, dtype=np.int64)  # the last pair of each atom
    most = 0
    for i in range(n_positions):
        most = max(most, edge_start[i + 1] - edge_start[i])
    sums = np.zeros((most * (n_concepts + columns.shape[0]) + 1, 4), dtype=np.int64)  # total, worst, held, good
    n = 0
    for i in range(n_positions):
        first, last = edge_start[i], edge_start[i + 1]
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
        if exact_atom >= 0:
            atom[n], cost[n] = exact_atom + i, cost_of(objective, 0, 0, 1, 1, last - first, n_optimal)
            n += 1
        end[i] = n
    return end, bare, exact


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
