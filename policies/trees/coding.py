"""How decision trees are written: branch by branch, children first, so that a branch names its atom and what is already known."""

import bisect
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from games.errors import UsageError
from policies.api import Task
from policies.codec.adaptive_coder import ONE, Coder, Encoder, code_count, code_symbol, code_uniform, ideal_bits
from policies.language.atoms import Predicate
from policies.rules.format.literals import CLOSED, Literals, check_whole, code_kinds, is_open

Node = tuple[Predicate, int, int]  # atom, yes, no: an earlier branch, or ~score
LEAF, NEXT, SHARED = range(3)
MAX_OPEN = 1 << 16  # branches of an open file: no number of moves bounds them, and a few bytes can stand for millions


class Children:
    """Either end of the wire for what the branches lead to, branch after branch."""

    def __init__(self, coder: Coder, n_levels: int) -> None:
        self.coder, self.n_levels = coder, n_levels  # 0 levels: the scores are the numbers from 0 up, each once
        self.places: list[int] = []  # for each leaf so far its place among those before it
        self.ranked: list[int] = []  # the scores so far, ascending
        self.open: list[int] = []  # branches to which nothing leads so far

    def code(self, side: str, given: int, branch: int) -> int:
        """A leaf, the last branch that nothing leads to yet, or any earlier one."""
        is_next = bool(self.open) and given == self.open[-1]
        how = LEAF if given < 0 else NEXT if is_next else SHARED
        how = code_symbol(self.coder, ("child", side, bool(self.open)), how, 3)
        if how == LEAF:
            return ~self.leaf(max(0, ~given))
        if how == NEXT and self.open:
            return self.open.pop()
        if not branch:
            raise UsageError("this is no whole tree: its first question leads to another; fit it again")
        child = code_uniform(self.coder, max(0, given), branch)
        self.open = [other for other in self.open if other != child]
        return child

    def leaf(self, score: int) -> int:
        """A leaf's score; where all are different, its number, until all are known."""
        if self.n_levels:
            return code_symbol(self.coder, "level", score, self.n_levels)
        place = bisect.bisect(self.ranked, score)
        self.ranked.insert(place, score)
        self.places.append(code_uniform(self.coder, place, len(self.places) + 1))
        return len(self.places) - 1

    def scores(self) -> list[int]:
        """The score of each leaf by its number: where it stands in the end when each goes in at its place."""
        ranked: list[int] = []
        for leaf, place in enumerate(self.places):
            ranked.insert(place, leaf)
        return [score for _, score in sorted((leaf, score) for score, leaf in enumerate(ranked))]


def branch_bits(branches: Sequence[Node], task: Task, code: str = CLOSED) -> list[float]:
    """The ideal length in bits of what the file of a tree says of each branch; what it says before them is left out. [n_branches]"""
    encoder, ends = Encoder(), []
    code_tree(encoder, branches, task, code, lambda: ends.append(encoder.n_decisions))
    bits = np.append(0.0, np.cumsum(ideal_bits(*encoder.decisions())))
    return [float(bits[end] - bits[begin]) for begin, end in pairwise(ends)]


def code_tree(
    coder: Coder, given: Sequence[Node] | None, task: Task, code: str = CLOSED, note: Callable[[], None] = lambda: None
) -> list[Node]:
    """The branches of a tree or DAG, in both directions: the encoder is given them, the decoder None.

    `note` is called where the branches begin, and at the end of each.

    The number of branches, which kinds of atoms occur, and whether the scores are the numbers from 0 up, each once; then for each
    branch its atom and, no before yes, its children: a leaf, the last branch that nothing leads to yet, or any earlier one.
    Scores that are all different are written as the place among those before, others with learned frequencies.
    """
    nodes = list(given or ())
    scores = [~child for _, yes, no in nodes for child in (no, yes) if child < 0]
    n_branches = code_count(coder, "branches", len(nodes))
    if is_open(code) and n_branches > MAX_OPEN:
        raise UsageError(f"this is no tree for {task.game.id}: {n_branches} branches, and with code=open at most {MAX_OPEN:,} are written")
    if not is_open(code) and n_branches >= max(1, task.graph.n_edges):  # a branch that tells nothing apart is never made
        raise UsageError(f"this is no tree for {task.game.id}: {n_branches} branches for {task.graph.n_edges} moves; fit it again")
    kinds = code_kinds(coder, {atom[0] for atom, _, _ in nodes}, task, code) if n_branches else []
    if n_branches and not kinds:
        raise UsageError(f"this is no tree for {task.game.id}: it asks about nothing")
    ordered = bool(coder.code_fixed(ONE // 2, int(sorted(scores) == list(range(len(scores))))))
    n_levels = 0 if ordered else 1 + code_count(coder, "levels", max(scores, default=0))
    literals, children = Literals(coder, kinds, task, code), Children(coder, n_levels)
    found: list[Node] = []
    edge = 0
    note()
    for i in range(n_branches):
        check_whole(coder, i, n_branches)
        (kind, value), yes, no = nodes[i] if given is not None else ((kinds[0], 0), -1, -1)
        kind = kinds[code_symbol(coder, "kind", kinds.index(kind), len(kinds))]
        value = literals.value(kind, value, edge)
        edge = value if kind == "position" else edge
        no = children.code("no", no, i)
        yes = children.code("yes", yes, i)
        found.append(((kind, value), yes, no))
        children.open.append(i)
        note()
    if len(children.open) > 1:
        raise UsageError(f"this is no whole tree: nothing leads to {len(children.open) - 1} of its {n_branches} questions; fit it again")
    if not ordered:
        return found
    final = children.scores()
    return [(atom, yes if yes >= 0 else ~final[~yes], no if no >= 0 else ~final[~no]) for atom, yes, no in found]
