"""minimax: every line of play some plies ahead, and at its end the value that a policy or the game itself gives the position."""

import dataclasses
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from games.arrays import Float64s
from games.concepts.work import a_child
from games.contract import HasEvaluation
from games.errors import UsageError
from games.solving.graph import GameGraph, explore
from policies.api import HasValues, Policy, Scores, Task, check_budgets, mean_and_worst
from policies.explanation import Explanation
from policies.search import ahead
from policies.search.base import (
    SEARCH_FIRST,
    Base,
    Order,
    Over,
    decode_below,
    encode_below,
    explain_below,
    files_of,
    ranked,
    read_base,
    read_number,
    source_below,
    write_numbers,
)
from policies.search.positions import COUNTED, drawn_positions, spread, sub_task

MAX_PLIES = 1000


@dataclass(frozen=True, eq=False)
class Minimax:
    """A depth, and the policy below, if any: its values are those of the leaves where it has any, else the game's evaluation is."""

    size: int  # plies
    over: Policy | None = None
    order: str = SEARCH_FIRST

    def scores(self, task: Task) -> Scores:
        graph = ahead.reaching(task.game, task.graph, self.size)
        values = ahead.move_values(ahead.moves_of(graph), self.leaves(task, graph), self.size)[: task.graph.n_edges]
        if self.over is None:
            return values
        listed = self.over.scores(task)
        return ranked(task, values, listed) if self.order == SEARCH_FIRST else ranked(task, listed, values)

    def values(self, task: Task) -> Float64s:
        """The minimax value of each state for its mover, `size` plies ahead: [n_states]. These are the leaves of a search laid over it."""
        graph = task.graph if task.graph.is_closed else explore(task.game, task.graph.states, self.size)
        return ahead.state_values(ahead.moves_of(graph), self.leaves(task, graph), self.size)[: task.graph.n_states]

    def leaves(self, task: Task, graph: GameGraph) -> Float64s:
        """The value of each state of a graph, for its mover, where the search stops: [n_states]."""
        if self.over is not None and isinstance(self.over, HasValues):
            return self.over.values(dataclasses.replace(task, graph=graph, truth=None, weights=np.zeros(graph.n_states)))
        return ahead.leaf_values(task.game, graph)

    def operations(self, task: Task) -> Float64s:
        """Nodes, each a child with its moves and what a policy that values it computes there, and what that takes at the position itself.

        Counted at COUNTED positions, drawn among those with weight, or at all where there are fewer; elsewhere their mean. [n_states]
        """
        counted = drawn_positions(task, COUNTED)
        roots = task if task.graph.is_closed else sub_task(task, counted)
        graph = ahead.reaching(task.game, roots.graph, self.size)
        at = counted if task.graph.is_closed else np.arange(len(counted))
        nodes = ahead.count_nodes(ahead.moves_of(graph), self.leaves(task, graph), self.size, at)
        below = 0.0 if self.over is None else self.over.operations(task)
        a_node = a_child(task.game) + (mean_and_worst(self.over, task)[0] if isinstance(self.over, HasValues) else 0.0)
        return spread(task, counted, nodes, a_node) + below


@dataclass(frozen=True)
class MinimaxLearner:
    """Fits nothing but the policy below; the budget is the depth."""

    over: Over = ""
    order: Order = SEARCH_FIRST

    name = "minimax"
    unit = "plies"
    is_nested = True

    @property
    def base(self) -> Base | None:
        """What the search is laid over."""
        return read_base(self.over)

    @property
    def data_files(self) -> tuple[Path, ...]:
        """The file of the policy below, where it is one."""
        return files_of(self.base)

    @property
    def built_on(self) -> tuple[object, ...]:
        """The learner of the policy below."""
        return () if self.base is None else (self.base.learner,)

    def default_budgets(self, task: Task) -> Sequence[int]:
        return range(1, 9)

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[Minimax]:
        chosen = check_budgets(budgets)
        if chosen[-1] > MAX_PLIES:
            raise UsageError(f"minimax looks at most {MAX_PLIES:,} plies ahead, not {chosen[-1]:,}")
        below = None if self.base is None else self.base.fit(task, seed)
        for budget in chosen:
            yield Minimax(budget, below, self.order)

    def encode(self, policy: Minimax, task: Task) -> bytes:
        return write_numbers(policy.size) + encode_below(self.base, policy.over, task)

    def decode(self, data: bytes, task: Task) -> Minimax:
        plies, rest = read_number(data, MAX_PLIES)
        if not plies:
            raise UsageError("this is no file of minimax: it looks no ply ahead")
        return Minimax(plies, decode_below(self.base, rest, task), self.order)

    def source(self, policy: Minimax, task: Task) -> str:
        own = "\n".join([inspect.getsource(ahead), inspect.getsource(Minimax)])
        return own + source_below(self.base, policy.over, task)

    def explain(self, policy: Minimax, task: Task) -> Explanation:
        valued = "valued by the policy below" if isinstance(policy.over, HasValues) else "worth 0"
        if valued == "worth 0" and isinstance(task.game, HasEvaluation):
            valued = "valued by the game's own evaluation"
        plies = f"{policy.size} pl{'y' if policy.size == 1 else 'ies'} ahead"
        own = f"Look at every line of play {plies}; where the game is not over, a position is {valued}. Play a move of the best value."
        return explain_below(self.base, policy.over, task, own, self.order)
