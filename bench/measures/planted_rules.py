"""Rules that are planted in a network by teaching it a list of them, among all rules that might have been planted instead.

A rule *applies* at a position where some legal moves, but not all of them, satisfy it. The planted rules are drawn at random from a set
of hypotheses. So nothing tells them from the others but what the network was taught.
"""

import itertools
from typing import NamedTuple

import numpy as np

from games.arrays import Bools, Int64s
from games.concepts.concept import concepts_of
from games.errors import UsageError
from policies.api import Task, action_probabilities
from policies.language.atoms import LEVELS, Literal, Rule, atoms_of
from policies.rules.rulelist import RuleList
from policies.teacher import taught

MIN_SHARE = 0.03  # of the positions, by weight, in which a rule about cells applies
STONES = (1, 2)  # contents of a cell: yours and theirs


class Hypotheses(NamedTuple):
    """Rules that no two of which apply at the same positions."""

    rules: list[Rule]
    applies: Bools  # [n_rules, n_positions]


def applies_at(task: Task, rule: Rule) -> Bools:
    """Where some legal moves, but not all, satisfy a rule. [n_positions]"""
    graph = task.graph
    edges = atoms_of(task.game, graph).rule_edges(rule)
    count = np.bincount(graph.edge_parent[edges], minlength=graph.n_states)[graph.positions]
    found: Bools = (count > 0) & (count < graph.n_moves[graph.positions])
    return found


def distinct(task: Task, rules: list[Rule], share: float) -> Hypotheses:
    """The rules that apply in at least `share` of the positions, by weight, and not in all; of rules that apply alike the first."""
    weights = task.weights[task.graph.positions]
    found: dict[bytes, tuple[Rule, Bools]] = {}
    for rule in rules:
        applies = applies_at(task, rule)
        if applies.any() and share <= weights[applies].sum() and not applies.all():
            found.setdefault(applies.tobytes(), (rule, applies))
    return Hypotheses([rule for rule, _ in found.values()], np.array([applies for _, applies in found.values()]))


def cell_rules(task: Task) -> Hypotheses:
    """All rules "where a stone of this side lies here and one of this side there, play this cell" that apply often enough.

    Raises UsageError for a game without a board, or whose moves are not its cells.
    """
    board = task.game.board
    if board is None or board.action_cell is not None or task.game.n_actions != board.n_cells:
        raise UsageError(f"rules about cells are planted in games whose moves are the cells of a board: {task.game.id} is none")
    rules: list[Rule] = []
    for one, other in itertools.combinations(range(board.n_cells), 2):
        for first, second in itertools.product(STONES, STONES):
            lead = (Literal("cell", one * LEVELS + first), Literal("cell", other * LEVELS + second))
            rules += [(*lead, Literal("move", move)) for move in range(board.n_cells) if move not in (one, other)]
    return distinct(task, rules, MIN_SHARE)


def concept_rules(task: Task) -> Hypotheses:
    """The rules "play a move that has this concept", for the concepts of the game."""
    return distinct(task, [(Literal("concept", number),) for number in range(len(concepts_of(task.game)))], 0.0)


class PlantedList(NamedTuple):
    """A list of `drawn` rules, by their indices among the hypotheses, and after them a habit: the first free cell of an order."""

    hypotheses: Hypotheses
    drawn: Int64s  # [n_rules]
    habit: Int64s  # [n_cells] moves; or [0]
    policy: RuleList


def plant(task: Task, hypotheses: Hypotheses, n_rules: int, seed: int) -> PlantedList:
    """A first-match list drawn at random: the order of the habit, then different rules, of those hypotheses that differ from the habit.

    A rule differs from the habit if the habit plays the rule's move in at most half of the positions at which the rule applies. Only
    such rules are left as hypotheses.
    """
    random, graph = np.random.default_rng(seed), task.graph
    habit = random.permutation(task.game.n_actions)
    ends = tuple((Literal("move", int(move)),) for move in habit)
    played = graph.edge_action[action_probabilities(graph, RuleList("first-match", ends).scores(task)) > 0]
    weights = task.weights[graph.positions]
    moves = np.array([rule[-1].value for rule in hypotheses.rules])
    shares = (hypotheses.applies & (played == moves[:, None])) @ weights
    kept = np.flatnonzero(shares <= 0.5 * (hypotheses.applies @ weights))
    left = Hypotheses([hypotheses.rules[i] for i in kept], hypotheses.applies[kept])
    drawn = random.choice(len(kept), n_rules, replace=False)
    return PlantedList(left, drawn, habit, RuleList("first-match", (*(left.rules[i] for i in drawn), *ends)))


def plant_concepts(task: Task, hypotheses: Hypotheses, n_rules: int, seed: int) -> PlantedList:
    """A lexicographic list of different concepts, drawn at random, without a habit."""
    drawn = np.random.default_rng(seed).choice(len(hypotheses.rules), n_rules, replace=False)
    return PlantedList(hypotheses, drawn, np.empty(0, dtype=np.int64), RuleList("lexicographic", tuple(hypotheses.rules[i] for i in drawn)))


def lessons(task: Task, policy: RuleList) -> Task:
    """The task as a list of rules teaches it: a move that the list does not choose loses one point."""
    return taught(task, (action_probabilities(task.graph, policy.scores(task)) > 0).astype(np.float64))


def deciding(task: Task, policy: RuleList) -> Int64s:
    """The index of the rule of a first-match list that decides at each position, -1 for none. [n_positions]"""
    graph = task.graph
    best = np.maximum.reduceat(policy.scores(task), graph.edge_start[graph.positions]).astype(np.int64)
    return np.where(best > 0, policy.size - best, -1)
