"""Description length: the bytes of a policy, the exceptions that make it optimal, and the language it presupposes.

A reader who has the rules of the game (hence the positions), the policy and the exceptions (bench/measures/exception_coding.py) can choose
an optimal move at every position; `perfect_moves` does, and `describe` checks that it does. Where play can go round in circles that is
not yet to win what is won: moves that are all optimal may stall.
"""

import ast
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.measures.exception_coding import decode_choices, encode_choices, moves_of
from games.arrays import Bools, Int64s
from games.errors import WorkError
from games.solving.graph import GameGraph
from policies.api import Learner, Policy, Scores, Task


@dataclass(frozen=True, eq=False)
class Description:
    """A policy as a file, with the lengths of its parts in bits; `policy` is the one read back from the file, `scores` are its."""

    data: bytes
    policy: Policy
    scores: Scores
    policy_bits: int
    exception_bits: int | None  # None where only a sample of the positions is there
    language_bits: int

    @property
    def codelength(self) -> int:
        """Bits of a file that decodes to an optimal move at every position, given the rules of the game and the language.

        Raises WorkError where only a sample of the positions is there.
        """
        if self.exception_bits is None:
            raise WorkError("a sample of positions has no codelength: choose a smaller board, which is solved whole")
        return self.policy_bits + self.exception_bits


def describe(task: Task, learner: Learner[Any], policy: Policy) -> Description:
    """Write a policy down, read it back, and measure both the file and what it lacks to optimal moves.

    On an open graph there are no exceptions, as they are of every position. Raises WorkError if policy and exceptions, read
    back, do not choose an optimal move in every position.
    """
    data = learner.encode(policy, task)
    decoded = learner.decode(data, task)
    scores = decoded.scores(task)
    exception_bits = None
    if task.graph.is_closed:
        exceptions = encode_exceptions(task.graph, scores, task.solution.optimal)
        exception_bits = 8 * len(exceptions)
        chosen = perfect_moves(task.graph, scores, exceptions)
        if not task.solution.optimal[chosen].all():
            raise WorkError(f"{learner.name} on {task.game.id}: policy and exceptions do not decode to optimal moves; please report this")
    language_bits = 8 * len(compressed_source(learner.source(decoded, task)))
    return Description(data, decoded, scores, 8 * len(data), exception_bits, language_bits)


def exception_rate(task: Task, scores: Scores, positions: Int64s) -> float:
    """Bits of corrections a position that make a policy perfect at some of the positions alone, given as states: what a sample can tell.

    On a sample fewer neighbours of a position are there to learn from, so it takes more bits than on the closed graph. Raises WorkError
    if the corrections, read back, do not choose an optimal move in each of the positions.
    """
    counted = np.zeros(task.graph.n_states, dtype=np.bool_)
    counted[positions] = True
    moves = moves_of(task.graph, scores)
    visits = counted[moves.position]
    moves = moves._replace(states=moves.states[visits], position=moves.position[visits])
    wanted = task.solution.optimal | ~counted[task.graph.edge_parent]  # of the other positions any move will do
    data = encode_choices(moves, wanted)
    if not wanted[decode_choices(moves, data)].all():
        raise WorkError(f"corrections of a sample of {task.game.id} do not decode to perfect play there; please report this")
    return 8 * len(data) / len(positions)


def encode_exceptions(graph: GameGraph, scores: Scores, optimal: Bools) -> bytes:
    """The extra bytes that turn a policy, given as a score on every edge, into optimal play: corrections to its ranking of the moves."""
    return encode_choices(moves_of(graph, scores), optimal)


def perfect_moves(graph: GameGraph, scores: Scores, exceptions: bytes) -> Int64s:
    """The edge that policy and exceptions together choose in every position: [n_positions], in the order of `graph.positions`."""
    return decode_choices(moves_of(graph, scores), exceptions)


def compressed_source(source: str) -> bytes:
    """Source text without comments, docstrings and layout, deflated: the cost of a language. Empty for no source."""
    return zlib.compress(bare_source(source).encode(), 9, wbits=-15) if source else b""


class _Unexplained(ast.NodeTransformer):
    """Takes the meanings of options out of annotations: `Annotated[bool, "..."]` becomes `bool`."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "Annotated" and isinstance(node.slice, ast.Tuple):
            kind, *beside = node.slice.elts
            node.slice.elts = [kind, *(part for part in beside if not (isinstance(part, ast.Constant) and isinstance(part.value, str)))]
            return node if node.slice.elts[1:] else kind
        return node


def bare_source(source: str) -> str:
    """Source text without comments, docstrings, meanings of options and layout."""
    tree = _Unexplained().visit(ast.parse(source))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)
