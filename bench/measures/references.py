"""The bits of optimal moves without a policy: the tables of a solved game, compressed by general compressors and by our own coder.

A codelength is held against these: who can read a rule list or a network can also unpack a table.
"""

import lzma
from dataclasses import dataclass

import numpy as np
import zstandard

from bench.measures.coding import encode_exceptions
from bench.measures.exception_coding import Moves, encode_choices
from games.arrays import Bools, Int64s
from games.solving.graph import GameGraph
from games.solving.solve import Solution
from policies.api import Task

ZSTD_LEVEL = 22  # the strongest


@dataclass(frozen=True)
class TableBits:
    """One table in bits: as it is, and compressed; of several ways to lay it out the one that comes out shortest."""

    raw: int
    xz: int
    zstd: int
    coder: int  # that of the exceptions (bench/measures/exception_coding.py), which knows the rules of the game and nothing else

    def ratio(self, codelength: int) -> float | None:
        """A codelength in units of the shortest of these files: below 1 a policy has paid. None where that file is empty."""
        best = min(self.xz, self.zstd, self.coder)
        return codelength / best if best else None


def compress_moves(task: Task) -> TableBits:
    """One optimal move of every position, the lowest action for the general compressors: a byte or two each.

    They get the positions both in the graph's order and by packed state. `coder` is the exceptions of no policy at all.
    """
    graph, optimal = task.graph, task.solution.optimal
    starts = graph.edge_start[graph.positions]
    actions = np.where(optimal, graph.edge_action, task.game.n_actions)
    lowest = np.minimum.reduceat(actions, starts).astype(np.uint8 if task.game.n_actions <= 256 else np.dtype("<u2"))
    layouts = [lowest[order].tobytes() for order in _orders(graph)]
    exceptions = encode_exceptions(graph, np.zeros(graph.n_edges), optimal)
    return TableBits(8 * len(layouts[0]), *_general(layouts), 8 * len(exceptions))


def compress_values(task: Task) -> TableBits:
    """The value of every position: with these values, the optimal moves follow from looking one move ahead.

    Final states are left out, since the rules tell what they are worth. The general compressors get a byte or two a value,
    and a bit each where there are only two values; `raw` is the smaller. `coder` tries, position by position, the values as if
    they were moves: it knows what the positions with one bit less are worth, and not what a move leads to. Who looks at that
    needs no bits: it is the solver.
    """
    graph = task.graph
    values = task.solution.value[graph.positions]
    distinct, index = np.unique(values, return_inverse=True)
    plain = index.astype(np.uint8 if len(distinct) <= 256 else np.dtype("<u2"))
    layouts = [plain[order].tobytes() for order in _orders(graph)]
    if len(distinct) == 2:
        layouts += [np.packbits(index[order].astype(bool)).tobytes() for order in _orders(graph)]
    return TableBits(8 * min(map(len, layouts)), *_general(layouts), 8 * len(encode_choices(*value_choices(graph, task.solution))))


def value_choices(graph: GameGraph, solution: Solution) -> tuple[Moves, Bools]:
    """The values that a position may have as its moves, all equally good to a policy; and which of them it has."""
    order = graph.positions[np.argsort(graph.states[graph.positions], kind="stable")]
    distinct, index = np.unique(solution.value[order], return_inverse=True)
    n, n_values = len(order), len(distinct)
    starts = np.arange(n + 1, dtype=np.int64) * n_values
    actions = np.tile(np.arange(n_values, dtype=np.int16), n)
    equal = np.zeros(n * n_values, dtype=np.int32)
    return Moves(graph.states[order], np.arange(n), starts, actions, equal, equal), actions == np.repeat(index, n_values)


def _orders(graph: GameGraph) -> tuple[Int64s, Int64s]:
    """The positions as they were found, breadth first, and by packed state."""
    return np.arange(len(graph.positions)), np.argsort(graph.states[graph.positions], kind="stable")


def _general(layouts: list[bytes]) -> tuple[int, int]:
    """The shortest file in bits that xz and that zstd make of any of the layouts, both at their strongest."""
    zstd = zstandard.ZstdCompressor(level=ZSTD_LEVEL)
    xz = min(len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)) for data in layouts)
    return 8 * xz, 8 * min(len(zstd.compress(data)) for data in layouts)
