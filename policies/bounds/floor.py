"""A lower bound on the regret of all policies that score a move by the concepts of a game alone, of any kind and any size."""

from fractions import Fraction

import numpy as np

from policies.api import Task
from policies.language.language import make_language


def floor_of_concepts(task: Task, language: str = "concepts") -> Fraction:
    """The least share of uniform play's regret that is left if a policy's scores depend only on the concepts that a move satisfies.

    Moves that satisfy the same concepts, of one *kind*, share their score. So positions with the same numbers of moves of the same kinds
    are played alike: by the moves of some of their kinds. Of these choices one kind alone is among the best. The sum of the best kind's
    regret over such a class of positions is a floor of its regret. The kinds may rank differently in different classes, which no policy
    can do, so the floor may be out of reach. Positions count alike.
    """
    graph, regret = task.graph, task.solution.regret.astype(np.int64)
    graph.require(None, "the floor of concepts")
    concepts = make_language(language, task.game, graph)
    columns = [*concepts.holds, np.zeros(graph.n_edges, dtype=np.bool_)]
    kind_of = np.unique(np.packbits(np.stack(columns), axis=0), axis=1, return_inverse=True)[1].ravel()
    n_kinds = int(kind_of.max()) + 1
    pair, of_edge, count = np.unique(graph.edge_parent * np.int64(n_kinds) + kind_of, return_inverse=True, return_counts=True)
    total = np.zeros(len(pair), dtype=np.int64)
    np.add.at(total, of_edge, regret)
    state, kind = np.divmod(pair, n_kinds)
    starts = np.flatnonzero(np.diff(state, prepend=-1))
    scale = int(np.lcm.reduce(np.arange(1, int(graph.n_moves.max()) + 1)))
    best: dict[tuple[bytes, bytes], list[int]] = {}
    mean = total * (scale // count)
    for first, last in zip(starts.tolist(), [*starts[1:].tolist(), len(state)], strict=True):
        sums = best.setdefault((kind[first:last].tobytes(), count[first:last].tobytes()), [0] * (last - first))
        for i, value in enumerate(mean[first:last].tolist()):
            sums[i] += value
    sums_of_states = np.bincount(graph.edge_parent, regret, graph.n_states)
    uniform = sum((sums_of_states.astype(np.int64) * (scale // np.maximum(1, graph.n_moves))).tolist())
    return Fraction(sum(min(sums) for sums in best.values()), uniform)
