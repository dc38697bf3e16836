"""The data of the search for multipliers (policies/bounds/dual.py): what atoms save, and the atoms that its inner problem holds."""

import dataclasses
import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from games.arrays import Float32s, Float64s, Int32s, Int64s
from games.errors import UsageError
from policies.api import Task
from policies.bounds.program import MAX_RULES, masks_of
from policies.fitting.decision_costs import collect_pairs
from policies.language.language import Language

MAX_SETS = 12  # candidate sets of one atom


class Problem(NamedTuple):
    """What every atom saves, as a share of the regret of uniform play; exact atoms are numbered first."""

    total: float  # regret of uniform play over all contested positions, in points
    scale: int  # the least common multiple of 1 to the largest number of legal moves
    number: Int64s  # [n_atoms] of the language
    n_exact: int
    bare: Float64s  # [n_positions]
    masks: Int64s  # [n_positions] the exact atoms that match
    start: Int64s  # [n_atoms + 1]
    position: Int32s  # [n_pairs]
    value: Float32s  # [n_pairs]


class Multipliers(NamedTuple):
    """u, and pi where it is above 0, both as shares of the regret of uniform play."""

    u: Float64s  # [n_positions]
    atom: Int64s  # [n] the language's number
    position: Int64s  # [n] the place among the contested positions
    pi: Float64s  # [n]


def make_problem(task: Task, language: Language) -> Problem:
    """The problem of a task in which all positions count alike. The atoms of single positions are left out: the search always adds them.

    Raises UsageError for other weights, for an open graph, and where nothing can be gained.
    """
    task.graph.require(None, "a proved bound")
    pairs = collect_pairs(task, dataclasses.replace(language, has_positions=False), "regret", 1)
    if len(np.unique(pairs.weight)) > 1:
        raise UsageError("a proved bound counts positions alike: leave --weights out")
    if not len(pairs.positions):
        raise UsageError(f"on {task.game.id} every move is optimal: there is nothing to prove; choose a larger size")
    n_exact = min(MAX_RULES, int(np.searchsorted(pairs.number, len(language.concept_predicates))))
    total = float(pairs.bare.sum())
    value = (pairs.bare[pairs.atom_position] - pairs.atom_cost) / total
    masks = masks_of(len(pairs.positions), pairs.atom_start[: n_exact + 1], pairs.atom_position.astype(np.int64))
    scale = math.lcm(*range(1, int(task.graph.n_moves.max()) + 1))
    start, position = pairs.atom_start, pairs.atom_position
    return Problem(total, scale, pairs.number, n_exact, pairs.bare / total, masks, start, position, value.astype(np.float32))


@dataclass
class Active:
    """The free atoms of the inner problem, with their pairs, pi and candidate sets."""

    atoms: Int64s
    start: Int64s
    position: Int32s
    value: Float32s
    pi: Float32s
    momentum: Float32s
    sets: dict[int, list[int]] = field(default_factory=dict)  # by atom, beside the empty set

    @classmethod
    def of(cls, problem: Problem, atoms: Int64s, before: "Active | None" = None) -> "Active":
        """These atoms, ascending; pi and sets as they were before."""
        sizes = problem.start[atoms + 1] - problem.start[atoms]
        start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        pick = np.repeat(problem.start[atoms] - start[:-1], sizes) + np.arange(start[-1])
        made = cls(atoms, start, problem.position[pick], problem.value[pick], *np.zeros((2, len(pick)), dtype=np.float32))
        if before is not None:
            rows = np.searchsorted(atoms, before.atoms)
            for old, new in enumerate(rows.tolist()):
                if new < len(atoms) and atoms[new] == before.atoms[old]:
                    source, goal = slice(*before.start[old : old + 2]), slice(*start[new : new + 2])
                    made.pi[goal], made.momentum[goal] = before.pi[source], before.momentum[source]
            made.sets = {atom: sets for atom, sets in before.sets.items() if atom in set(atoms.tolist())}
        return made

    def set_lists(self) -> tuple[Int64s, Int64s]:
        """The candidate sets of every atom, the empty set first."""
        lists = [[0, *self.sets.get(atom, [])] for atom in self.atoms.tolist()]
        flat = np.array([each for sets in lists for each in sets], dtype=np.int64)
        return np.cumsum([0, *map(len, lists)]).astype(np.int64), flat
