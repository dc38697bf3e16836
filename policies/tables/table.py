"""Memorised positions: a policy that stores a move for some positions, and elsewhere plays at random or by a short rule list.

The file of a table without rules lists which positions it holds, then one move for each: the cost of a policy that has found no rule.
"""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from games.arrays import Float64s, Int64s
from games.errors import UsageError
from policies.api import FitPath, Range, Scores, Task, action_probabilities, budget_ladder, check_budgets
from policies.baselines.common import check_options
from policies.codec.kernel_stream import code_uniform
from policies.explanation import Entry, Explanation
from policies.language.language import check_name
from policies.language.pictures import draw_board, draw_position
from policies.language.work import reading
from policies.rules.rulelist import RuleList, RuleListLearner
from policies.tables.coding import code_table, default_of, no_default, read_table, write_table

SHOWN = 5  # positions that `explain` draws
MAX_RULES = 1000  # of a default


@dataclass(frozen=True, eq=False)
class TablePolicy:
    """The memorised moves as edges of the graph, ascending, at most one a position; and the rules for all others. [n_entries]"""

    edges: Int64s
    default: RuleList | None = None

    @property
    def size(self) -> int:
        return len(self.edges)

    def scores(self, task: Task) -> Scores:
        task.graph.require(None, "a table")
        scores = self.default.scores(task) if self.default else np.zeros(task.graph.n_edges)
        scores[self.edges] = scores.max(initial=0.0) + 1.0
        return scores

    def operations(self, task: Task) -> Float64s:
        """The position is read and looked up; where no entry stands there is what the rules take. [n_states]"""
        found = reading(task.game, task.graph) + (task.graph.n_moves > 0)
        if self.default:
            has_entry = np.zeros(task.graph.n_states, dtype=np.bool_)
            has_entry[task.graph.edge_parent[self.edges]] = True
            found += np.where(has_entry, 0.0, self.default.operations(task))
        return found


def check_default(language: str) -> str:
    """As `check_name`; the empty language stands for no rules."""
    return check_name(language) if language else ""


@dataclass(frozen=True)
class TableLearner:
    """Memorises the positions in order of the regret that play without the table costs there, each with one of its optimal moves."""

    default: Annotated[
        str, check_default, "language of a greedy rule list that decides elsewhere; by default any legal move may be played"
    ] = ""
    rules: Annotated[int, Range(1, MAX_RULES), "the longest such list"] = 8

    name = "table"
    unit = "entries"
    is_nested = True

    def __post_init__(self) -> None:
        check_options(self, rules=1)
        if self.rules > MAX_RULES:
            raise UsageError(f"table option rules={self.rules}: at most {MAX_RULES:,}; longer lists are the learner rulelist's")

    def default_budgets(self, task: Task) -> Sequence[int]:
        return budget_ladder(max(1, len(contested_by_regret(task))))

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> FitPath[TablePolicy]:
        default: RuleList | None = None
        if self.default:
            *_, default = self._rules.fit_path(task, [self.rules], seed)
        ranked = contested_by_regret(task, action_probabilities(task.graph, default.scores(task)) if default else None)
        for budget in check_budgets(budgets):
            yield TablePolicy(_common_optimal_moves(task, ranked[:budget]), default)
            if budget >= len(ranked):
                return True
        return False

    def encode(self, policy: TablePolicy, task: Task) -> bytes:
        """The table; before it, where there is a default, the rules' file and its length."""
        rules = policy.default
        if not rules:
            return write_table(policy.edges, task, no_default(task))
        file = self._rules.encode(rules, task)
        return write_length(len(file)) + file + write_table(policy.edges, task, default_of(rules.scores(task), task))

    def decode(self, data: bytes, task: Task) -> TablePolicy:
        task.graph.require(None, "a table")
        rules, default, table = None, no_default(task), data
        if self.default:
            length, rest = read_length(data)
            rules, table = self._rules.decode(rest[:length], task), rest[length:]
            default = default_of(rules.scores(task), task)
        policy = TablePolicy(read_table(table, task, default), rules)
        if self.encode(policy, task) != data:
            raise UsageError(f"these {len(data)} bytes are no table for {task.game.id}: the file is damaged or another learner wrote it")
        return policy

    def source(self, policy: TablePolicy, task: Task) -> str:
        """The source of the file format, which fixes the positions and moves that its bits stand for, and of the rules' language."""
        parts = [inspect.getsource(part) for part in (code_table, code_uniform)]
        return "\n".join([*parts, *([self._rules.source(policy.default, task)] if policy.default else [])])

    def explain(self, policy: TablePolicy, task: Task) -> Explanation:
        """The number of stored positions, the first of them in the graph's order with their moves, and the play elsewhere."""
        shown = []
        for edge in policy.edges[:SHOWN].tolist():
            drawn, move = draw_position(task.game, task.graph, edge)
            board, notes = draw_board(task.game, task.graph, edge)
            text = " ".join([f"play {move}", *(f"({note})" if board else note for note in notes)])
            shown.append(Entry(text, (board,) if board else (), lines=("", *drawn, f"  play {move}")))
        elsewhere = "the rules below decide" if policy.default else "any legal move"
        lead = f"{policy.size} of {len(task.graph.positions)} positions are known by heart; elsewhere {elsewhere}."
        end = f"\n{self._rules.explain(policy.default, task)}" if policy.default else ""
        return Explanation(lead, tuple(shown), end)

    @property
    def _rules(self) -> RuleListLearner:
        return RuleListLearner(language=self.default or "concepts", atoms="single", polish=False)


def write_length(n: int) -> bytes:
    """A length below 32,768: in one byte if it is below 128, else in two, the first of which is 128 or more."""
    return bytes([n]) if n < 128 else (n | 1 << 15).to_bytes(2, "big")


def read_length(data: bytes) -> tuple[int, bytes]:
    """What `write_length` wrote, and the bytes behind it."""
    n_bytes = 1 + (data[:1] >= b"\x80")
    return int.from_bytes(data[:n_bytes], "big") & (1 << 15) - 1, data[n_bytes:]


def contested_by_regret(task: Task, chosen: Scores | None = None) -> Int64s:
    """The positions where memorising helps, those first where play without it costs most; ties by index.

    The cost is the position's weight times the mean regret of what is played: with the probability `chosen` on each edge, by default
    any legal move.
    """
    graph, regret = task.graph, task.solution.regret.astype(np.float64)
    total = np.bincount(graph.edge_parent, regret if chosen is None else regret * chosen, minlength=graph.n_states)
    removed = task.weights * total / (np.maximum(graph.n_moves, 1) if chosen is None else 1)
    ranked = np.argsort(-removed, kind="stable")
    return ranked[: np.count_nonzero(removed > 0)]


def _common_optimal_moves(task: Task, positions: Int64s) -> Int64s:
    """One optimal edge for each position, so chosen that few actions serve many positions: short to write down.

    The action that is optimal in most positions serves all of these, the next most of the rest, and so on (greedy set cover).
    """
    graph = task.graph
    waiting = np.zeros(graph.n_states, dtype=np.bool_)
    waiting[positions] = True
    candidates = np.flatnonzero(task.solution.optimal & waiting[graph.edge_parent])
    chosen: list[Int64s] = []
    while len(candidates):
        actions = graph.edge_action[candidates]
        served = candidates[actions == np.bincount(actions).argmax()]
        chosen.append(served)
        waiting[graph.edge_parent[served]] = False
        candidates = candidates[waiting[graph.edge_parent[candidates]]]
    return np.sort(np.concatenate([np.empty(0, dtype=np.int64), *chosen]))
