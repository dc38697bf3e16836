"""The cost of evaluating atoms, in operations (defined in games/concepts/work.py).

Of an atom something is computed once in each position where it is asked for, such as the lines of play that are tried out: its work.
Then a look at each move tells for which of them the atom holds. Atoms of the same work share it.
"""

import functools
from collections.abc import Iterable

import numpy as np

from games.arrays import Bools, Float64s, Int64s
from games.concepts.work import Work, a_move
from games.contract import Game
from games.solving.graph import GameGraph
from policies.language import effects
from policies.language.atoms import CONCEPT_KINDS, LEVELS, Atoms, Predicate
from policies.language.patterns import WINDOWS


def work_of(atoms: Atoms, atom: Predicate) -> Work:
    """The work that is done once in a position, before one look at each move finds the moves for which the atom holds."""
    kind, value = atom
    if kind in CONCEPT_KINDS:
        return atoms.concept(atom).shared_work
    if kind == "after":
        return effects.work(value // LEVELS)
    if kind == "position":
        return reading
    return a_window(kind, len(atoms.window_symmetries)) if kind in WINDOWS else a_move(0)


def a_window(kind: str, n_images: int) -> Work:
    """To find the pattern round each move: each cell is read and written into each image, and the least of the images found."""
    return a_move(WINDOWS[kind].n_cells * (1 + n_images) + n_images)


def reading(game: Game, graph: GameGraph) -> Float64s:
    """To read a position, entry by entry, where there is a move to choose. [n_states]"""
    found: Float64s = len(game.cell_levels()) * (graph.n_moves > 0).astype(np.float64)
    return found


def looks(atoms: Atoms, atom: Predicate) -> int:
    """The operations of a look at a move: one; two where other moves are looked at; and for wildcards two for each image."""
    kind, value = atom
    if kind in WINDOWS and value >> 2 * WINDOWS[kind].n_cells:
        return 2 * len(atoms.window_symmetries)
    return 2 if kind.startswith("only-") else 1


@functools.lru_cache(maxsize=16)
def operations_of(work: Work, game: Game, graph: GameGraph) -> Float64s:
    """The operations of a work in each state; those of the last few are kept. [n_states]"""
    return work(game, graph)


class Count:
    """The operations of a decision in each state, as a policy asks for one atom after another."""

    def __init__(self, atoms: Atoms) -> None:
        self.atoms = atoms
        self.total: Float64s = np.zeros(atoms.graph.n_states)
        self._known: dict[Work, Bools] = {}

    def work(self, atom: Predicate, asked: Bools) -> None:
        """Count what an atom's work takes in the states where it is asked for, once each. [n_states]"""
        work = work_of(self.atoms, atom)
        known = self._known.setdefault(work, np.zeros(len(asked), dtype=np.bool_))
        new = asked & ~known
        self.total[new] += operations_of(work, self.atoms.game, self.atoms.graph)[new]
        known |= asked

    def ask(self, atom: Predicate, edges: Int64s) -> None:
        """Count what it takes to ask for an atom on some moves."""
        n_asked = np.bincount(self.atoms.graph.edge_parent[edges], minlength=len(self.total))
        self.work(atom, n_asked > 0)
        self.total += looks(self.atoms, atom) * n_asked

    def ask_all(self, asked: Iterable[Predicate]) -> None:
        """Count what it takes to ask for atoms on all moves of all positions."""
        graph = self.atoms.graph
        for atom in asked:
            self.work(atom, graph.n_moves > 0)
            self.total += looks(self.atoms, atom) * graph.n_moves
