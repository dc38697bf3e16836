"""Several games as one task, for lists, weights and trees that are fitted to all of them at once.

The graphs stand one behind the other, and so do the atoms: one of the joined task holds on the moves on which that of the same name
holds in each game. So only languages serve whose atoms name nothing of a single board: concepts that the games share, lookahead, and
patterns; or any, where the games have the same cells and moves. Each game counts the same: by the regret of random play in it.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from games.arrays import UInt8s
from games.contract import Game
from games.errors import UsageError
from games.solving.graph import GameGraph
from games.solving.solve import Solution
from policies.api import Policy, Task
from policies.fitting.conjunction_lists import MAX_POSITIONS, fit_stages
from policies.fitting.weighted import fit_weights
from policies.language.atoms import Atoms, Column, Predicate, atoms_of
from policies.language.features import make_features
from policies.language.language import Language, make_language
from policies.rules.format.canonical_order import tidy_rules
from policies.rules.rulelist import RuleList, RuleListLearner, in_order
from policies.rules.weighted import WeightedLearner, WeightedList
from policies.trees.growth import grow
from policies.trees.tree import TreeLearner, grown

Fitter = RuleListLearner | WeightedLearner | TreeLearner


class JoinedAtoms(Atoms):
    """The atoms of several games on their joined graph, each found out in its own game. The first game stands for all."""

    def __init__(self, parts: Sequence[Atoms], graph: GameGraph) -> None:
        super().__init__(parts[0].game, graph)
        self.parts = parts

    def _found(self, atom: Predicate) -> UInt8s:
        if atom not in self._bits:
            self._bits[atom] = np.packbits(np.concatenate([part.holds(atom) for part in self.parts]))
        return self._bits[atom]

    def column(self, name: str) -> Column:
        if name not in self._columns:
            own = [part.column(name) for part in self.parts]
            values = np.unique(np.concatenate([column.values for column in own]))
            places = [np.append(np.searchsorted(values, column.values), -1) for column in own]  # the last stands for none
            which = [place[column.which] for place, column in zip(places, own, strict=True)]
            self._columns[name] = Column(values, np.concatenate(which).astype(np.int32))
        return self._columns[name]


def joined_task(tasks: Sequence[Task]) -> Task:
    """The tasks as one, whose positions weigh the same in sum of weight times regret of random play. Its `game` is the first one.

    Raises UsageError for a sample of positions, or a game in which every move is optimal.
    """
    for task in tasks:
        task.graph.require(None, "a joined task")
        if not task.uniform_regret:
            raise UsageError(f"on {task.game.id} every move is optimal, so it has no part in a joined task: leave it out")
    graphs, solutions = [task.graph for task in tasks], [task.solution for task in tasks]
    first_state = np.cumsum([0, *(graph.n_states for graph in graphs[:-1])])
    graph = GameGraph(
        game_id="+".join(graph.game_id for graph in graphs),
        states=np.concatenate([graph.states for graph in graphs]),
        edge_start=np.concatenate([[0], np.cumsum(np.concatenate([graph.n_moves for graph in graphs]))]).astype(np.int64),
        edge_action=np.concatenate([graph.edge_action for graph in graphs]),
        edge_child=np.concatenate([graph.edge_child + first for graph, first in zip(graphs, first_state, strict=True)]).astype(np.int32),
        terminal=np.concatenate([graph.terminal for graph in graphs]),
        payoff=np.concatenate([graph.payoff for graph in graphs]),
        multiplicity=np.concatenate([graph.multiplicity for graph in graphs]),
    )
    truth = Solution(
        value=np.concatenate([solution.value for solution in solutions]),
        lower=np.concatenate([solution.lower for solution in solutions]),
        upper=np.concatenate([solution.upper for solution in solutions]),
        edge_value=np.concatenate([solution.edge_value for solution in solutions]),
        regret=np.concatenate([solution.regret for solution in solutions]),
    )
    weights = np.concatenate([task.weights / task.uniform_regret for task in tasks])
    return Task(tasks[0].game, graph, truth, weights / weights.sum())


def joined_language(name: str, tasks: Sequence[Task], joined: Task) -> Language:
    """The language of this name on a joined task. Raises UsageError where its atoms are not the same in all games."""
    languages = [make_language(name, task.game, task.graph) for task in tasks]
    first = languages[0]
    for task, other in zip(tasks, languages, strict=True):
        boards = [each.game.board for each in (tasks[0], task)]
        same = {board.window_symmetries if board else None for board in boards}
        is_local = any(_is_local(each) for each in first.columns) and not _has_places_of(tasks[0].game, task.game)
        if len(same) > 1 or _names(first) != _names(other) or first.has_positions or is_local:
            raise UsageError(f"language {name!r} does not say the same in {tasks[0].game.id} and {task.game.id}: give lookahead+patterns")
    atoms = JoinedAtoms([atoms_of(task.game, task.graph) for task in tasks], joined.graph)
    return dataclasses.replace(first, atoms=atoms)


def fit_joined(learner: Fitter, tasks: Sequence[Task], budget: int) -> Policy:
    """A policy of at most `budget` units, fitted to all positions of several games at once, as the learner fits one game.

    Raises UsageError where the learner's language does not say the same in all of them, or a list has more positions than are searched.
    """
    joined = joined_task(tasks)
    language = joined_language(learner.language, tasks, joined)
    if isinstance(learner, WeightedLearner):
        path, weights = fit_weights(joined, language, budget, learner.support), dict[int, int]()
        for number, step in zip(path.number.tolist(), path.step.tolist(), strict=True):
            weights[number] = weights.get(number, 0) + step
        kept = {number: weight for number, weight in weights.items() if weight}
        return WeightedList(tuple(map(language.predicate, kept)), tuple(kept.values()))
    if isinstance(learner, TreeLearner):
        splits = grow(joined, make_features(joined, language, learner.features), budget)
        return grown(splits[: budget - 1], {split.atom: language.predicate(split.atom) for split in splits})
    if not learner.has_stages or learner.best:
        raise UsageError("a joined list is a first-match list for regret: leave best, semantics, objective and place out")
    if np.count_nonzero(joined.weights) > MAX_POSITIONS:
        raise UsageError(f"a joined list is fitted to at most {MAX_POSITIONS:,} positions: choose smaller boards")
    rules, labels = fit_stages(joined, language, budget, learner.support, learner.atoms == "conjunctions", learner.polish)
    return RuleList("first-match", tidy_rules(in_order(rules, labels, min(budget, len(rules))), language.atoms))


def _names(language: Language) -> tuple[object, ...]:
    return language.columns, language.concept_predicates, tuple(concept.name for concept in language.concepts)


def _has_places_of(one: Game, other: Game) -> bool:
    """Whether cells and moves have the same numbers in both games."""
    return one.cell_levels() == other.cell_levels() and one.n_actions == other.n_actions and one.board == other.board


def _is_local(column: str) -> bool:
    """Whether a column is about a cell, a move or a number by its place, which is another one on another board."""
    return column.partition("-")[0] in ("cell", "move", "after")
