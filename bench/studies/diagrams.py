"""Decision diagrams of solved games as files: a part of docs/compression.md.

A reduced ordered diagram with several terminals (MTBDD; Bryant 1986, Fujita et al. 1997) asks for one bit of the position after another,
in a fixed order, and ends in a move or in a value. Only positions need an answer: where one answer to a question leads to no position,
the question is left out. It is built from the sorted table of positions, level by level from the last bit, so no library's operations on
diagrams are needed, and the file is written and read here, since a library's count of nodes is not yet a file.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.measures.references import TableBits, compress_moves, compress_values
from games.arrays import Bools, Int64s, UInt64s
from games.contract import Game
from games.errors import WorkError
from games.solving.graph import GameGraph
from policies.api import Task
from policies.codec.integer_arrays import METHODS, SymbolCoder, SymbolReader, SymbolWriter
from policies.task import make_task

GAMES = ("tictactoe", "mnk-3x4x3", "connect_four-4x4", "hex-3", "nogo-3x3", "go-3x3", "go-3x4", "breakthrough-4x4")
HEAD = """\
| game | table | xz | zstd | coder | diagram | nodes | bits a node | order of bits |
|---|---|--:|--:|--:|--:|--:|--:|---|"""
NEW, KNOWN, LEAF = range(3)  # what an answer leads to: a node not met before, one met before, or LEAF + the number of a terminal


class Diagram(NamedTuple):
    """Nodes below `n_leaves` are terminals; node `n_leaves + i` asks for `variable[i]` and goes to `low[i]` or `high[i]`."""

    n_leaves: int
    variable: Int64s  # [n_nodes]
    low: Int64s  # [n_nodes]
    high: Int64s  # [n_nodes]
    root: int


class File(NamedTuple):
    """The shortest file of some orders of the bits."""

    data: bytes
    n_nodes: int
    order: str


def build(bits: Bools, leaf: Int64s, n_leaves: int) -> Diagram:
    """The reduced diagram that takes each row of bits, asked for from the first to the last, to its terminal; rows are distinct.

    Where the rows go one way only, no bit is asked for. `bits` [n_rows, n_variables], at most 64 variables; `leaf` [n_rows].
    """
    keys: UInt64s = np.zeros(len(bits), dtype=np.uint64)
    for column in bits.T:
        keys = keys << np.uint64(1) | column.astype(np.uint64)
    order = np.argsort(keys)
    keys, node = keys[order], leaf[order]
    levels: list[tuple[Int64s, Int64s, Int64s]] = []
    n_nodes = n_leaves
    for variable in range(bits.shape[1] - 1, -1, -1):
        prefix = keys >> np.uint64(1)
        first = np.flatnonzero(np.concatenate([[True], prefix[1:] != prefix[:-1]]))
        last = np.concatenate([first[1:], [len(keys)]]) - 1
        low, high = node[first], node[last]  # the same row where the rows go one way only
        asks = np.flatnonzero(low != high)
        pairs, which = np.unique(np.stack([low[asks], high[asks]], axis=1), axis=0, return_inverse=True)
        keys, node = prefix[first], low.copy()
        node[asks] = n_nodes + which.reshape(-1)
        levels.append((np.full(len(pairs), variable), pairs[:, 0], pairs[:, 1]))
        n_nodes += len(pairs)
    variables, lows, highs = (np.concatenate(parts).astype(np.int64) for parts in zip(*levels, strict=True))
    return Diagram(n_leaves, variables, lows, highs, int(node[0]))


def follow(diagram: Diagram, bits: Bools) -> Int64s:
    """The terminal to which a diagram takes each row of bits. [n_rows]"""
    node = np.full(len(bits), diagram.root, dtype=np.int64)
    while (rows := np.flatnonzero(node >= diagram.n_leaves)).size:
        asked = node[rows] - diagram.n_leaves
        node[rows] = np.where(bits[rows, diagram.variable[asked]], diagram.high[asked], diagram.low[asked])
    return node


def write_diagram(diagram: Diagram) -> bytes:
    """The diagram as a file: from the root, low before high, what each answer leads to; the shortest of the codec's methods.

    A new node is named by how many bits its parent's question is skipped by, one met before by how many nodes were met since.
    """
    kinds, skips, backs = _walk(diagram)
    files = []
    for method in METHODS:
        writer = SymbolWriter(method)
        _code_count(writer, len(skips))
        for name, symbols in (("kind", kinds), ("skip", skips), ("back", backs)):
            writer.code(symbols, name, 0)
        files.append(bytes([METHODS.index(method)]) + writer.finish())
    return min(files, key=len)


def read_diagram(data: bytes, n_leaves: int) -> Diagram:
    """The diagram of a file; its nodes are numbered as they were met. Raises UsageError for damaged bytes."""
    reader = SymbolReader(data[1:], METHODS[data[0]])
    n_nodes = _code_count(reader, 0)
    kinds = reader.code(np.zeros(2 * n_nodes + 1, dtype=np.int64), "kind", 0)
    skips = reader.code(np.zeros(n_nodes, dtype=np.int64), "skip", 0)
    backs = reader.code(np.zeros(int((kinds == KNOWN).sum()), dtype=np.int64), "back", 0)
    variable, low, high = (np.zeros(n_nodes, dtype=np.int64) for _ in range(3))
    root, met = -1, 0
    next_back = iter(backs.tolist())
    waiting: list[tuple[int, bool]] = [(-1, False)]  # whose answer is read next, and whether it is the high one
    for kind in kinds.tolist():
        parent, is_high = waiting.pop()
        if kind == NEW:
            node = met
            variable[node] = skips[node] + (variable[parent] + 1 if parent >= 0 else 0)
            waiting += [(node, True), (node, False)]
            met += 1
            target = n_leaves + node
        else:
            target = n_leaves + met - 1 - next(next_back) if kind == KNOWN else kind - LEAF
        if parent < 0:
            root = target
        else:
            (high if is_high else low)[parent] = target
    return Diagram(n_leaves, variable, low, high, root)


def _walk(diagram: Diagram) -> tuple[list[int], list[int], list[int]]:
    """What each answer leads to, depth first from the root; the bits skipped before each new node; the way back to each known one."""
    kinds: list[int] = []
    skips: list[int] = []
    backs: list[int] = []
    met: dict[int, int] = {}
    variable, low, high = (part.tolist() for part in (diagram.variable, diagram.low, diagram.high))
    waiting = [(diagram.root, 0)]
    while waiting:
        node, level = waiting.pop()
        if node < diagram.n_leaves:
            kinds.append(LEAF + node)
        elif node in met:
            kinds.append(KNOWN)
            backs.append(len(met) - 1 - met[node])
        else:
            kinds.append(NEW)
            met[node] = len(met)
            asked = node - diagram.n_leaves
            skips.append(variable[asked] - level)
            waiting += [(high[asked], variable[asked] + 1), (low[asked], variable[asked] + 1)]
    return kinds, skips, backs


def _code_count(end: SymbolCoder, n_nodes: int) -> int:
    return int(end.code(np.array([n_nodes]), "nodes", 0)[0])


def orders(game: Game) -> Iterator[tuple[str, list[int]]]:
    """Orders of the entries of a position: those of the board, with what lies beside it (a ko, passes) before or after them."""
    n_entries, board = len(game.cell_levels()), game.board
    if board is None:
        yield "as they stand", list(range(n_entries))
        return
    beside = list(range(board.n_cells, n_entries))
    row, column = np.arange(board.n_cells) // board.columns, np.arange(board.n_cells) % board.columns
    away = np.abs(2 * row - board.rows + 1) + np.abs(2 * column - board.columns + 1)
    found = {
        "row by row": np.arange(board.n_cells),
        "column by column": np.argsort(column, kind="stable"),
        "from the middle": np.argsort(away, kind="stable"),
        "to the middle": np.argsort(-away, kind="stable"),
    }
    for (name, cells), is_first in itertools.product(found.items(), (False, True) if beside else (False,)):
        entries = [*beside, *cells.tolist()] if is_first else [*cells.tolist(), *beside]
        yield f"{name}{', beside it first' if is_first else ''}", entries


def entry_bits(game: Game, graph: GameGraph, entries: list[int]) -> Bools:
    """The bits of every position, entry by entry, the highest first. [n_positions, n_variables]"""
    cells, levels = game.cells(graph.states[graph.positions]), game.cell_levels()
    columns = [cells[:, entry] >> bit & 1 for entry in entries for bit in range((levels[entry] - 1).bit_length() - 1, -1, -1)]
    bits: Bools = np.stack(columns, axis=1).astype(np.bool_)
    return bits


def covering_moves(task: Task) -> Int64s:
    """An optimal move of every position, few different ones: the action that is optimal in most positions still open, again and again."""
    graph = task.graph
    place = np.full(graph.n_states, -1, dtype=np.int64)
    place[graph.positions] = np.arange(len(graph.positions))
    edges = np.flatnonzero(task.solution.optimal)
    row, action = place[graph.edge_parent[edges]], graph.edge_action[edges].astype(np.int64)
    chosen = np.full(len(graph.positions), -1, dtype=np.int64)
    while len(row):
        most = int(np.bincount(action).argmax())
        chosen[row[action == most]] = most
        is_open = chosen[row] < 0
        row, action = row[is_open], action[is_open]
    return chosen


def shortest_file(task: Task, leaf: Int64s, n_leaves: int) -> File:
    """The shortest file of a diagram with these terminals. Raises WorkError if it does not read back to them."""
    files = []
    for name, entries in orders(task.game):
        bits = entry_bits(task.game, task.graph, entries)
        diagram = build(bits, leaf, n_leaves)
        data = write_diagram(diagram)
        if not np.array_equal(follow(read_diagram(data, n_leaves), bits), leaf):
            raise WorkError(f"the diagram of {task.game.id} does not read back to what it was written from; please report this")
        files.append(File(data, len(diagram.variable), name))
    return min(files, key=lambda file: len(file.data))


def moves_file(task: Task) -> File:
    """The shortest file that gives an optimal move in every position."""
    return shortest_file(task, covering_moves(task), task.game.n_actions)


def values_file(task: Task) -> File:
    """The shortest file that gives the value of every position."""
    values, leaf = np.unique(task.solution.value[task.graph.positions], return_inverse=True)
    return shortest_file(task, leaf.reshape(-1).astype(np.int64), len(values))


def row(game: str, name: str, tables: TableBits, file: File) -> str:
    """A row of the table."""
    bits = 8 * len(file.data)
    numbers = " | ".join(f"{number:,}" for number in (tables.xz, tables.zstd, tables.coder, bits, file.n_nodes))
    each = f"{bits / file.n_nodes:.1f}" if file.n_nodes else "-"
    return f"| {game} | {name} | {numbers} | {each} | {file.order} |"


def measured() -> dict[str, str]:
    """The table of diagrams beside the compressed tables."""
    rows = []
    for game in GAMES:
        task = make_task(game)
        rows.append(row(game, "moves", compress_moves(task), moves_file(task)))
        rows.append(row(game, "values", compress_values(task), values_file(task)))
    return {"diagrams": "\n".join([HEAD, *rows])}
