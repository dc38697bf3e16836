"""Concepts of the planted games: the rules that optimal play consists of, and a misleading concept for each answer."""

from functools import partial

import numpy as np

from games.arrays import Bools
from games.concepts.concept import Concept
from games.concepts.work import a_move
from games.rules.planted import ANSWERS, N_DETAILS, Planted, right_answers
from games.solving.graph import GameGraph
from games.splitmix import splitmix64


def follows_rule(game: Planted, graph: GameGraph, situation: int) -> Bools:
    question = graph.states[graph.edge_parent].astype(np.int64) - (N_DETAILS * game.n_rules - 1)
    right = right_answers(np.array([situation]))[0, question % N_DETAILS]
    holds: Bools = (question // N_DETAILS == situation) & (right == graph.edge_action)
    return holds


def plays(game: Planted, graph: GameGraph, action: int) -> Bools:
    holds: Bools = graph.edge_action == action
    return holds


def concepts(game: Planted) -> tuple[Concept, ...]:
    """The planted rules, largest stake first, then the misleading concepts."""
    n_rules = game.n_rules
    rules = [
        Concept(
            f"rule_{situation + 1}",
            f"in situation {situation + 1} answers the details 1, 2, 3, 4 with {', '.join(ANSWERS[i] for i in answers)}",
            partial(follows_rule, situation=situation),
            sources=(follows_rule, right_answers, splitmix64),
            constants=(n_rules, situation),
            work=a_move(4),
        )
        for situation, answers in enumerate(right_answers(np.arange(n_rules)))
    ]
    misleading = [
        Concept(f"plays_{name}", f"is {name}", partial(plays, action=action), sources=(plays,), constants=(action,))
        for action, name in enumerate(ANSWERS)
    ]
    return (*rules, *misleading)
