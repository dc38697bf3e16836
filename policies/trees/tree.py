"""Decision trees: yes-or-no questions about a move, whose answers give its score; their learner, and how equal parts are shared.

A branch asks whether an atom holds for the move. A leaf is a score, a whole number of which only the order matters: the moves with
the best score of their position are chosen. Where equal subtrees are shared the tree becomes a decision DAG that plays the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, NamedTuple

import numpy as np

from games.arrays import Float64s, Int64s
from policies.api import FitPath, Scores, Task, budget_ladder, check_budgets
from policies.baselines.common import NFeatures, check_options
from policies.codec.adaptive_coder import Decoder, Encoder
from policies.explanation import LEGEND, Entry, Explanation
from policies.language.atoms import Literal, Predicate, atoms_of
from policies.language.features import make_features
from policies.language.language import LanguageName, language_source, make_language
from policies.language.patterns import WINDOWS
from policies.language.work import Count
from policies.rules.format.literals import CLOSED, Code, check_open, file_code
from policies.trees.coding import code_tree
from policies.trees.growth import Split, grow

MAX_BUDGET = 512  # of the default ones


class Branch(NamedTuple):
    """A question, and where its answers lead: the number of an earlier branch, or `~score` for a leaf."""

    atom: Predicate
    yes: int
    no: int


@dataclass(frozen=True)
class TreePolicy:
    """The branches, each after those that it leads to, the root last. Without any, all moves have the same score."""

    branches: tuple[Branch, ...]

    @property
    def size(self) -> int:
        """The number of leaves when nothing is shared."""
        leaves: list[int] = []
        for branch in self.branches:
            leaves.append(sum(leaves[child] if child >= 0 else 1 for child in branch[1:]))
        return leaves[-1] if leaves else 1

    def scores(self, task: Task) -> Scores:
        scores = np.zeros(task.graph.n_edges)
        for branch, yes, no in self.visits(task):
            for child, edges in ((branch.yes, yes), (branch.no, no)):
                if child < 0:
                    scores[edges] = ~child
        return scores

    def operations(self, task: Task) -> Float64s:
        """Each move is asked the questions on its way. [n_states]"""
        count = Count(atoms_of(task.game, task.graph))
        for branch, yes, no in self.visits(task):
            count.ask(branch.atom, np.concatenate([yes, no]))
        return count.total

    def visits(self, task: Task) -> Iterator[tuple[Branch, Int64s, Int64s]]:
        """Every branch that some move comes to, from the root on, with the edges that are answered yes and those answered no."""
        atoms = atoms_of(task.game, task.graph)
        holds = np.zeros(task.graph.n_edges, dtype=np.bool_)
        coming: dict[int, list[Int64s]] = {len(self.branches) - 1: [np.arange(task.graph.n_edges)]}
        for index in range(len(self.branches) - 1, -1, -1):
            branch = self.branches[index]
            edges = np.concatenate(coming.pop(index, [np.empty(0, dtype=np.int64)]))
            held = atoms.edges(branch.atom)
            holds[held] = True
            on = holds[edges]
            holds[held] = False
            for child, part in ((branch.yes, edges[on]), (branch.no, edges[~on])):
                if child >= 0:
                    coming.setdefault(child, []).append(part)
            yield branch, edges[on], edges[~on]


@dataclass(frozen=True)
class TreeLearner:
    """Grows one tree split by split, each the one that lowers the mean regret most (policies/trees/growth.py); budgets are its prefixes.

    With `shared`, where that makes the file shorter, the scores are the fewest levels that keep every choice, and equal subtrees are one.
    """

    language: LanguageName = "concepts+patterns"
    features: NFeatures = 4096
    shared: Annotated[bool, "few scores, and equal subtrees as one, where that makes the file shorter"] = False
    code: Code = CLOSED

    unit = "leaves"
    is_nested = True

    @property
    def name(self) -> str:
        return "dag" if self.shared else "tree"

    def __post_init__(self) -> None:
        check_options(self, features=1)
        check_open(self.language, self.code)

    def default_budgets(self, task: Task) -> Sequence[int]:
        """Each of the first 16 numbers, then half-octave steps; the path ends by itself where no split gains any more."""
        return sorted({*range(1, 17), *budget_ladder(MAX_BUDGET)})

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[TreePolicy]:
        chosen = check_budgets(budgets)
        language = make_language(self.language, task.game, task.graph)
        splits = grow(task, make_features(task, language, self.features), chosen[-1])
        names = {split.atom: language.predicate(split.atom) for split in splits}
        for budget in chosen:
            policy = grown(splits[: budget - 1], names)
            same = (policy, share(with_few_levels(policy, task))) if self.shared else (policy,)
            yield min(same, key=lambda each: len(self.encode(each, task)))
            if budget > len(splits):
                break
        return len(splits) + 1 < chosen[-1]

    def encode(self, policy: TreePolicy, task: Task) -> bytes:
        encoder = Encoder()
        code_tree(encoder, policy.branches, task, file_code(self.language, self.code))
        return encoder.finish()

    def decode(self, data: bytes, task: Task) -> TreePolicy:
        return TreePolicy(tuple(Branch(*branch) for branch in code_tree(Decoder(data), None, task, file_code(self.language, self.code))))

    def source(self, policy: TreePolicy, task: Task) -> str:
        return language_source(self.language, atoms_of(task.game, task.graph), {branch.atom for branch in policy.branches})

    def explain(self, policy: TreePolicy, task: Task) -> Explanation:
        return explain(policy, task)


def grown(splits: Sequence[Split], names: dict[int, Predicate]) -> TreePolicy:
    """The tree after these splits; `names` are the atoms by number. A leaf's score is its place in the order."""
    nodes: list[list[int]] = []  # yes and no, a branch or `~leaf`
    holder = {0: (-1, 0)}
    order = [0]
    for new, split in enumerate(splits, start=1):
        parent, side = holder[split.leaf]
        if parent >= 0:
            nodes[parent][side] = len(nodes)
        holder[new], holder[split.leaf] = (len(nodes), 0), (len(nodes), 1)
        nodes.append([~new, ~split.leaf])
        order.insert(order.index(split.above) + 1 if split.above >= 0 else 0, new)
    score = {leaf: place for place, leaf in enumerate(order)}
    refer = [[child if child >= 0 else ~score[~child] for child in node] for node in nodes]
    return children_first([Branch(names[split.atom], yes, no) for split, (yes, no) in zip(splits, refer, strict=True)])


def children_first(branches: Sequence[Branch]) -> TreePolicy:
    """The policy with these branches, of which the first is the root; a branch's yes side comes before its no side, then itself."""
    place: dict[int, int] = {}
    ordered: list[Branch] = []
    pending = [0] if branches else []
    while pending:
        atom, yes, no = branches[pending[-1]]
        waiting = [child for child in (no, yes) if child >= 0 and child not in place]
        if waiting:
            pending.append(waiting[-1])
            continue
        index = pending.pop()
        place[index] = len(ordered)
        ordered.append(Branch(atom, *(place[child] if child >= 0 else child for child in (yes, no))))
    return TreePolicy(tuple(ordered))


def with_few_levels(policy: TreePolicy, task: Task) -> TreePolicy:
    """The same choices everywhere with the fewest different scores that also keep the order of two leaves of one branch.

    A leaf's new score is the length of the longest chain below it of leaves that it must stay above: those beside it in a position
    that it decides. The policy's own scores must all differ.
    """
    graph, scores = task.graph, policy.scores(task).astype(np.int64)
    best = np.full(graph.n_states, -1, dtype=np.int64)
    np.maximum.at(best, graph.edge_parent, scores)
    top, other = best[graph.edge_parent], scores
    pairs = [np.stack([top, other])[:, top > other]]
    siblings = [(~branch.yes, ~branch.no) for branch in policy.branches if branch.yes < 0 and branch.no < 0]
    pairs += [np.array(siblings, dtype=np.int64).reshape(-1, 2).T] if siblings else []
    high, low = np.unique(np.sort(np.concatenate(pairs, axis=1), axis=0), axis=1)[::-1]
    level = np.zeros(policy.size, dtype=np.int64)
    for place in np.argsort(high, kind="stable").tolist():
        level[high[place]] = max(level[high[place]], level[low[place]] + 1)
    leaf = [~score for score in level.tolist()]
    levelled = (Branch(atom, *(child if child >= 0 else leaf[~child] for child in (yes, no))) for atom, yes, no in policy.branches)
    return TreePolicy(tuple(levelled))


def share(policy: TreePolicy) -> TreePolicy:
    """The decision DAG in which equal subtrees are one."""
    known: dict[Branch, int] = {}
    place: list[int] = []
    for atom, yes, no in policy.branches:
        branch = Branch(atom, *(place[child] if child >= 0 else child for child in (yes, no)))
        place.append(known.setdefault(branch, len(known)))
    return TreePolicy(tuple(known))


def explain(policy: TreePolicy, task: Task) -> Explanation:
    """The questions in order, from the root on, so that a person can play by them."""
    atoms, n_branches = atoms_of(task.game, task.graph), len(policy.branches)
    if not n_branches:
        return Explanation("Play any legal move.")
    entries = []
    for number, branch in enumerate(reversed(policy.branches), start=1):
        yes, no = (f"go to {n_branches - child}" if child >= 0 else f"{~child} point{'s' * (child != ~1)}" for child in branch[1:])
        text, beside, brief, picture, board = atoms.describe(Literal(*branch.atom))
        said, page, short = (f"If it {condition}: {yes}, else {no}." for condition in (text, beside, brief))
        lines = (f"{number:>3}. {said}", *("        " + line for line in picture))
        entries.append(Entry(page, (board,) if board else (), None, short, lines))
    lead = "Ask of each legal move the questions from 1 on; play a move with the most points, any of them if there are several."
    has_windows = any(branch.atom[0] in WINDOWS for branch in policy.branches)
    return Explanation(lead, tuple(entries), legend=LEGEND if has_windows else "")
