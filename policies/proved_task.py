"""Tasks over a truth set: what is fitted are the positions whose moves all have a proved value; the others are kept for intervals."""

from typing import NamedTuple

import numpy as np

from games.arrays import Int16s
from games.errors import WorkError
from games.proof.oracle import KnownValues
from games.proof.truth_set import TruthSet, values_of
from games.registry import make_game
from games.solving.sample import sample_graph
from policies.api import Task
from policies.sampled_task import task_over


class OpenPositions(NamedTuple):
    """The positions with a move whose value is only bounded."""

    task: Task  # unsolved; its positions count equally
    lower: Int16s  # [n_edges] proved bounds of the value of each move
    upper: Int16s  # [n_edges]


class ProvedTask(NamedTuple):
    """All positions of a truth set, each in one of two parts."""

    exact: Task  # to be fitted and measured; its positions count equally
    rest: OpenPositions | None  # None: there are no others
    open_share: float  # of the positions, those of `rest`
    drawn: TruthSet  # all of them


def proved_task(found: TruthSet) -> ProvedTask:
    """The task over the positions of a set; raises WorkError where no position has moves of known values alone."""
    game, positions = make_game(found.game_id), found.positions
    if not found.is_exact.any():
        raise WorkError(f"no position of this set of {game.id} has proved values of all its moves: make one with more nodes")
    exact = task_over(game, positions[found.is_exact], None, KnownValues(*values_of(found)))
    if found.is_exact.all():
        return ProvedTask(exact, None, 0.0, found)
    graph = sample_graph(game, positions[~found.is_exact])
    weights = np.where(np.arange(graph.n_states) < (graph.n_roots or 0), 1.0 / np.count_nonzero(~found.is_exact), 0.0)
    is_open = np.repeat(~found.is_exact, np.diff(found.moves.edge_start))
    rest = OpenPositions(Task(game, graph, None, weights), found.moves.lower[is_open], found.moves.upper[is_open])
    return ProvedTask(exact, rest, found.open_share, found)
