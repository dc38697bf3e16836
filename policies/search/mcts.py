"""mcts: Monte Carlo tree search, alone or over another policy."""

import functools
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np

from games.arrays import Float64s, Int64s
from games.concepts.work import a_child
from games.contract import Game
from games.errors import UsageError
from games.solving.graph import GameGraph
from games.splitmix import splitmix64
from policies.api import OneOf, Policy, Range, Scores, Task, check_budgets, mean_and_worst
from policies.explanation import Explanation
from policies.search import closed, go_playouts, halving, opened, tree
from policies.search.base import (
    LIST_FIRST,
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
from policies.search.guides import PLAYOUTS, asking, guide_of, playing, scaled_moves
from policies.search.positions import COUNTED, drawn_positions, spread, sub_task

MAX_SIMULATIONS, MAX_SEED = 10_000, (1 << 63) - 1
CHUNK = 256  # positions whose trees are held at a time


@dataclass(frozen=True)
class Settings:
    """How a search goes on, apart from what it is laid over."""

    simulations: int
    seed: int
    selection: str
    exploration: float
    order: str
    playouts: str

    @property
    def rules(self) -> tree.Rules:
        """The settings as compiled code takes them."""
        return tree.rules_of(self.selection, self.simulations, self.exploration)


@dataclass(frozen=True, eq=False)
class Mcts:
    """Settings, and the policy below, if any.

    With `uct` playouts choose among its best moves. With `puct` and `gumbel` it is the prior, and a new position has the value that the
    policy gives it, else the game's own evaluation, else the result of a playout.
    """

    settings: Settings
    over: Policy | None = None

    @property
    def size(self) -> int:
        return self.settings.simulations

    def scores(self, task: Task) -> Scores:
        graph = task.graph
        if self.over is None:
            return _alone(task.game, graph, self.settings)
        listed = self.over.scores(task)
        found = search(task, self.settings, self.over, np.flatnonzero(graph.n_moves > 0))[0]
        return ranked(task, found, listed) if self.settings.order == SEARCH_FIRST else ranked(task, listed, found)

    def operations(self, task: Task) -> Float64s:
        """Moves made in the tree and in playouts, each a child with its moves, and what the policy below computes there.

        Counted at COUNTED positions, drawn among those with weight, or at all where there are fewer; elsewhere their mean. [n_states]
        """
        counted = drawn_positions(task, COUNTED)
        if task.graph.is_closed:
            made = search(task, self.settings, self.over, counted)[1]
        else:
            made = search(sub_task(task, counted), self.settings, self.over, np.arange(len(counted)))[1]
        a_node = a_child(task.game) + (0.0 if self.over is None else mean_and_worst(self.over, task)[0])
        return spread(task, counted, made, a_node)


@functools.lru_cache(maxsize=4)
def _alone(game: Game, graph: GameGraph, settings: Settings) -> Scores:
    """The scores of a search that is laid over nothing; kept, as one policy is asked for them more than once."""
    nobody = Task(game, graph, None, np.zeros(graph.n_states))
    return search(nobody, settings, None, np.flatnonzero(graph.n_moves > 0))[0]


def search(task: Task, settings: Settings, over: Policy | None, roots: Int64s) -> tuple[Scores, Int64s]:
    """How often each move of some positions is tried, [n_edges] and 0 elsewhere, and the moves made for each, [n_roots].

    On a closed graph the search walks the graph, on a sample the rules of the game; both find the same.
    """
    game, graph, rules = task.game, task.graph, settings.rules
    keys = splitmix64(graph.states[roots] ^ splitmix64(np.array([settings.seed], dtype=np.uint64)))
    guide = guide_of(task, over, settings.selection, settings.playouts, settings.order == LIST_FIRST)
    if graph.is_closed:
        return closed.search_all(scaled_moves(task), guide, rules, roots, keys, int(graph.n_moves.max()))
    scores, made = np.zeros(graph.n_edges), [np.empty(0, dtype=np.int64)]
    ask, play_out = asking(game, over, settings.selection), playing(game, over if settings.selection == "uct" else None, settings.playouts)
    for part in np.split(np.arange(len(roots)), range(CHUNK, len(roots), CHUNK)):
        edges = [slice(*graph.edge_start[root : root + 2]) for root in roots[part]]
        allowed = [guide.allowed[span] for span in edges]
        found, n_made = opened.search_each(game, ask, play_out, rules, graph.states[roots[part]], keys[part], allowed)
        made.append(n_made)
        for span, root_scores in zip(edges, found, strict=True):
            scores[span] = root_scores
    return scores, np.concatenate(made)


@dataclass(frozen=True)
class MctsLearner:
    """Fits nothing but the policy below; the budget is the number of simulations."""

    over: Over = ""
    selection: Annotated[str, OneOf(tree.SELECTIONS), "how moves are chosen: by UCT, by PUCT, or by PUCT under sequential halving"] = "uct"
    order: Order = SEARCH_FIRST
    exploration: Annotated[float, Range(0.0, 1000.0), "the constant c of UCT or PUCT, for payoffs over the largest payoff"] = 1.0
    playouts: Annotated[
        str, OneOf(PLAYOUTS), "moves of a playout: any, or on Go any that fills no own eye, and a pass only without one"
    ] = "uniform"

    name = "mcts"
    unit = "simulations"
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
        return [1, 4, 16, 64, 256, 1024]

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[Mcts]:
        chosen = check_budgets(budgets)
        if chosen[-1] > MAX_SIMULATIONS:
            raise UsageError(f"mcts makes at most {MAX_SIMULATIONS:,} simulations, not {chosen[-1]:,}")
        below = None if self.base is None else self.base.fit(task, seed)
        for budget in chosen:
            yield self._policy(budget, seed, below)

    def _policy(self, simulations: int, seed: int, below: Policy | None) -> Mcts:
        return Mcts(Settings(simulations, seed, self.selection, self.exploration, self.order, self.playouts), below)

    def encode(self, policy: Mcts, task: Task) -> bytes:
        return write_numbers(policy.size, policy.settings.seed) + encode_below(self.base, policy.over, task)

    def decode(self, data: bytes, task: Task) -> Mcts:
        simulations, rest = read_number(data, MAX_SIMULATIONS)
        seed, rest = read_number(rest, MAX_SEED)
        if not simulations:
            raise UsageError("this is no file of mcts: it makes no simulation")
        return self._policy(simulations, seed, decode_below(self.base, rest, task))

    def source(self, policy: Mcts, task: Task) -> str:
        own = "\n".join(
            inspect.getsource(module)
            for module in (tree, closed, *[halving] * (self.selection == "gumbel"), *[go_playouts] * (self.playouts == "eyes"))
        )
        return own + source_below(self.base, policy.over, task)

    def explain(self, policy: Mcts, task: Task) -> Explanation:
        how = {"uct": "UCT", "puct": "PUCT", "gumbel": "PUCT under sequential halving"}[self.selection]
        own = f"Search by {policy.size:,} simulation{'s' * (policy.size > 1)} of {how}, and play a move that was tried most often."
        return explain_below(self.base, policy.over, task, own, self.order)
