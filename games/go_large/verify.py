"""A check of a table against the rules themselves: nothing of the solver is used, neither its list of moves nor its numbers of boards."""

import numpy as np

from games.errors import WorkError
from games.go_large.table import Table
from games.rules.go import Go
from games.solving.graph import explore
from games.splitmix import splitmix64

MAX_CHECKED = 100_000  # states


def verify_table(game: Go, table: Table, n: int = MAX_CHECKED) -> int:
    """Check that both bounds of `n` random states follow from those of the states after their moves; returns how many were checked.

    Raises WorkError, with one line, where a bound does not. That all bounds follow so does not yet prove them: endless play could hold up
    a wrong one. `games.solving.verify.verify_solution` checks the proofs of a graph.
    """
    places = np.unique(splitmix64(np.arange(n, dtype=np.uint64)) % np.uint64(len(table.bounds))).astype(np.int64)
    states = np.unique(game.fold(table.states_at(places))[0])
    graph = explore(game, states, 1)
    lower, upper, _ = table.look_up(graph.states)
    first = graph.edge_start[: len(states)]
    for name, bound, others in (("lower", lower, upper), ("upper", upper, lower)):
        wrong = np.flatnonzero(np.maximum.reduceat(-others[graph.edge_child], first) != bound[: len(states)])
        if len(wrong):
            where = f"state {int(states[wrong[0]]):#x} is the first of {len(wrong):,}"
            raise WorkError(f"the table of {game.id} is wrong: a {name} bound is not that of the best move: {where}; solve it again")
    return len(states)
