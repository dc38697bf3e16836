"""The fitter of weighted lists: the atom and the whole-number weight that lower the exact regret most, kept by incremental updates.

If an atom's weight grows by t, the best score among the moves for which it holds grows by t against the best of the others. So
at each position the regret, as a function of t, is that of the best others below a threshold, that of both together at it, and
that of the best moves that it holds for above: a sum of steps. Their sum over all positions is kept for every atom and every t
from -REACH to REACH, so that the best change of one weight, of an atom in the list or of a new one, is found exactly. The
line search over thresholds is that of minimum error rate training (Och 2003).
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Float64s, Int32s, Int64s, UInt64s
from games.jit import njit
from policies.api import Task
from policies.fitting.atom_masks import collect_sides
from policies.language.language import Language

REACH = 31  # the largest change of a weight in one step
MIN_GAIN = 1e-9  # of the uniform regret; below lies rounding
SAME = 1e-9  # gains closer than this share count as equal


class Changes(NamedTuple):
    """The path of a fit: which weight was changed by how much, how many atoms then had a weight, and the regret then."""

    number: Int64s  # [n_changes] the language's number of the atom
    step: Int64s  # [n_changes]
    size: Int64s  # [n_changes]
    regret: Float64s  # [n_changes]


def fit_weights(task: Task, language: Language, n_atoms: int, support: int) -> Changes:
    """Give weights to up to `n_atoms` atoms, fewer when no change of a single weight lowers the regret any more.

    Before a new atom enters, the weights of those in the list are changed as long as that helps. Atoms that hold for fewer
    than `support` moves of contested positions are not offered.
    """
    sides = collect_sides(task, language, support)
    states = task.graph.edge_parent[sides.first]
    regret = task.solution.regret.astype(np.float64)
    chosen, step, size, levels = _fit(
        sides.first,
        sides.n_moves,
        sides.start,
        sides.atom,
        sides.moves,
        sides.atom_start,
        sides.atom_position,
        sides.atom_moves,
        regret,
        task.weights[states],
        n_atoms,
        MIN_GAIN * task.uniform_regret,
    )
    return Changes(sides.number[chosen], step, size, levels)


@njit
def _add_steps(
    sign: float, first: int, n_moves: int, atoms: Int32s, moves: UInt64s, score: Int64s, regret: Float64s, weight: float, steps: Float64s
) -> float:
    """Add one position's steps, times `sign`, for all atoms; returns its regret under the scores, times its weight.

    steps[a, t + REACH] is how much the regret grows when the change of atom a's weight goes from t - 1 to t.
    """
    top, total, n_top = score[first], 0.0, 0
    for edge in range(first, first + n_moves):
        if score[edge] > top:
            top, total, n_top = score[edge], regret[edge], 1
        elif score[edge] == top:
            total += regret[edge]
            n_top += 1
    for pair in range(atoms.shape[0]):
        in_top, out_top, in_total, out_total, n_in, n_out = 0, 0, 0.0, 0.0, 0, 0
        left = moves[pair]
        for edge in range(first, first + n_moves):
            here = score[edge]
            if left & np.uint64(1):
                if n_in == 0 or here > in_top:
                    in_top, in_total, n_in = here, regret[edge], 1
                elif here == in_top:
                    in_total += regret[edge]
                    n_in += 1
            elif n_out == 0 or here > out_top:
                out_top, out_total, n_out = here, regret[edge], 1
            elif here == out_top:
                out_total += regret[edge]
                n_out += 1
            left >>= np.uint64(1)
        threshold = out_top - in_top + REACH
        mixed = (in_total + out_total) / (n_in + n_out)
        if 0 <= threshold <= 2 * REACH:
            steps[atoms[pair], threshold] += sign * weight * (mixed - out_total / n_out)
        if 0 <= threshold + 1 <= 2 * REACH:
            steps[atoms[pair], threshold + 1] += sign * weight * (in_total / n_in - mixed)
    return weight * total / n_top


@njit
def _roundest(low: int, high: int) -> int:
    """The number from low to high that is a multiple of the largest power of two up to 32, of several one near the middle.

    Round weights do as well as others of their range, and are cheaper to write.
    """
    power = 32
    while high // power * power < low:
        power //= 2
    number = ((low + high) // 2 + power // 2) // power * power
    if number > high:
        number -= power
    elif number < low:
        number += power
    return number


@njit
def _best_change(steps: Float64s, given: int) -> tuple[float, int]:
    """By how much a change of a weight can lower the regret, and the change that makes it roundest in the range that does, nearest to 0."""
    best, change = 0.0, 0
    for sign in (1, -1):
        saved, most, low, high = 0.0, 0.0, 0, 0
        for size in range(1, REACH + 1):
            saved += -steps[REACH + size] if sign > 0 else steps[REACH + 1 - size]
            if saved > most * (1.0 + SAME):
                most, low, high = saved, size, size
            elif high == size - 1 and saved >= most * (1.0 - SAME):
                high = size
        if most > best * (1.0 + SAME):
            ends = given + sign * low, given + sign * high
            best, change = most, _roundest(min(ends), max(ends)) - given
    return best, change


@njit
def _fit(
    first: Int64s,
    n_moves: Int64s,
    start: Int64s,
    atom: Int32s,
    moves: UInt64s,
    atom_start: Int64s,
    atom_position: Int32s,
    atom_moves: UInt64s,
    regret: Float64s,
    weight: Float64s,
    limit: int,
    least: float,
) -> tuple[Int64s, Int64s, Int64s, Float64s]:
    """Atoms, steps, sizes and regrets of Changes."""
    n_atoms = atom_start.shape[0] - 1
    score = np.zeros(regret.shape[0], dtype=np.int64)
    steps = np.zeros((n_atoms, 2 * REACH + 1))
    level = 0.0
    for i in range(weight.shape[0]):
        row = slice(start[i], start[i + 1])
        level += _add_steps(1.0, first[i], n_moves[i], atom[row], moves[row], score, regret, weight[i], steps)
    saved, change = np.zeros(n_atoms), np.zeros(n_atoms, dtype=np.int64)
    for a in range(n_atoms):
        saved[a], change[a] = _best_change(steps[a], 0)
    given, touched, stamp = np.zeros(n_atoms, dtype=np.int64), np.empty(n_atoms, dtype=np.int64), np.full(n_atoms, -1, dtype=np.int64)
    room, n, size = 2 * min(limit, n_atoms) + 2, 0, 0
    chosen, step, sizes, levels = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room)
    while True:
        best, most, listed = -1, least, False
        for a in range(n_atoms):
            if saved[a] > least and ((given[a] != 0 and not listed) or (saved[a] > most * (1.0 + SAME) and (given[a] != 0) == listed)):
                best, most, listed = a, saved[a], given[a] != 0
        if best < 0 or (not listed and size == limit):
            break
        if n == room:
            room *= 2
            chosen, step, sizes = np.append(chosen, chosen), np.append(step, step), np.append(sizes, sizes)
            levels = np.append(levels, levels)
        t = change[best]
        n_touched = 0
        for k in range(atom_start[best], atom_start[best + 1]):
            i = atom_position[k]
            row = slice(start[i], start[i + 1])
            level -= _add_steps(-1.0, first[i], n_moves[i], atom[row], moves[row], score, regret, weight[i], steps)
            for move in range(n_moves[i]):
                if (atom_moves[k] >> np.uint64(move)) & np.uint64(1):
                    score[first[i] + move] += t
            level += _add_steps(1.0, first[i], n_moves[i], atom[row], moves[row], score, regret, weight[i], steps)
            for a in atom[row]:
                if stamp[a] != n:
                    stamp[a] = n
                    touched[n_touched] = a
                    n_touched += 1
        size -= int(given[best] != 0)
        given[best] += t
        size += int(given[best] != 0)
        for a in touched[:n_touched]:
            saved[a], change[a] = _best_change(steps[a], given[a])
        chosen[n], step[n], sizes[n], levels[n] = best, t, size, level
        n += 1
    return chosen[:n], step[:n], sizes[:n], levels[:n]
