"""Layers of networks: matrices in which the same parameter may stand in many places, as arrays of indices."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from games.arrays import Int32s, Int64s
from games.contract import Board, Game
from games.errors import UsageError

ABSENT = -1  # where a matrix has no parameter
MAX_ENTRIES = 1 << 24  # of a matrix, shared parameters counted wherever they stand
WINDOW = [(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1)]
SYMMETRIES: list[Callable[[int, int], tuple[int, int]]] = [  # of an offset, in the order of `games.rules.board.rectangle`
    lambda r, c: (r, c), lambda r, c: (-r, c), lambda r, c: (r, -c), lambda r, c: (-r, -c),
    lambda r, c: (c, r), lambda r, c: (-c, r), lambda r, c: (c, -r), lambda r, c: (-c, -r),
]  # fmt: skip


class Layer(NamedTuple):
    """Which parameter, counted from the layer's first, stands where; ABSENT for none."""

    weights: Int32s  # [n_units, n_inputs]
    biases: Int32s  # [n_units]
    activation: str = "relu"  # relu, none, or paths: the units are the gates of a binary tree, out come its leaves
    skip: int | None = None  # the layer whose output is added before the activation; 0 is the first

    @property
    def n_parameters(self) -> int:
        return 1 + int(max(self.weights.max(initial=ABSENT), self.biases.max(initial=ABSENT)))

    @property
    def n_outputs(self) -> int:
        return len(self.weights) + (self.activation == "paths")


def board_of(game: Game) -> Board:
    """The board of a game. Raises UsageError where it has none."""
    if game.board is None:
        hint = "choose linear, mlp, deep or softtree, not equivariant"
        raise UsageError(f"{game.id} has no board for filters or symmetries: {hint}")
    return game.board


def n_planes(game: Game) -> int:
    """The planes of a game, and one that is on everywhere: only it tells the edge of the board from an empty cell."""
    return int(game.planes(np.array([game.start()], dtype=np.uint64)).shape[1]) + 1


def check_entries(n_entries: int) -> None:
    """Refuse a matrix that is too large, before it is made. Raises UsageError."""
    if n_entries > MAX_ENTRIES:
        raise UsageError(f"a layer of {n_entries:,} places is too large, at most {MAX_ENTRIES:,}: give a smaller budget, depth or width")


def dense(n_units: int, n_before: int, activation: str = "relu", has_bias: bool = True) -> Layer:
    """Every unit sees everything, with parameters of its own."""
    check_entries(n_units * n_before)
    weights = np.arange(n_units * n_before, dtype=np.int32).reshape(n_units, n_before)
    biases = weights.size + np.arange(n_units, dtype=np.int32) if has_bias else np.full(n_units, ABSENT, dtype=np.int32)
    return Layer(weights, biases.astype(np.int32), activation)


def factored(layer: Layer, rank: int) -> list[Layer]:
    """A dense layer as the product of two of this rank, the first without bias; the layer itself for rank 0. Raises UsageError."""
    if not rank:
        return [layer]
    if layer.skip is not None or layer.weights.size != np.unique(layer.weights).size or layer.weights.min() < 0:
        raise UsageError("only layers without shared weights can be factored: choose linear, mlp, deep or softtree")
    n_units, n_before = layer.weights.shape
    return [dense(rank, n_before, "none", has_bias=False), dense(n_units, rank, layer.activation)]


def spatial(before: int, after: int, game: Game, equivariant: bool, n_wide: int | None = None, is_depthwise: bool = False) -> Layer:
    """A convolution over the board: the last `n_wide` channels, all unless given, with 3x3 filters, the others with 1x1.

    Units and inputs are numbered channel by channel, cell by cell. Equivariant filters are equal at offsets that the symmetries of
    the board carry into each other.
    """
    board, n_wide = board_of(game), after if n_wide is None else n_wide
    kind, inside = _offset_kinds(board, equivariant), _offsets(board)
    shape = (after, board.n_cells, before, board.n_cells)
    check_entries(math.prod(shape))
    tie = np.full(shape, ABSENT, dtype=np.int32)
    narrow, wide = np.split(np.arange(after), [after - n_wide])
    n_sources, n_so_far = 1 if is_depthwise else before, 0
    for channels, window, n_kinds in ((narrow, [WINDOW.index((0, 0))], 1), (wide, range(9), max(kind) + 1)):
        own = n_so_far + n_kinds * np.arange(len(channels) * n_sources).reshape(len(channels), n_sources, 1)
        sources = channels[:, None, None] if is_depthwise else np.arange(before)[:, None]
        for offset in window:
            cells, others = inside[offset]
            tie[channels[:, None, None], cells, sources, others] = own + (kind[offset] if n_kinds > 1 else 0)
        n_so_far += own.size * n_kinds
    biases = n_so_far + np.repeat(np.arange(after, dtype=np.int32), board.n_cells)
    return Layer(tie.reshape(after * board.n_cells, before * board.n_cells), biases.astype(np.int32))


def head(channels: int, game: Game, equivariant: bool) -> Layer:
    """One number an action: for one at a cell from the channels there, for any other from their sums over the board."""
    board = board_of(game)
    cell, kind = action_places(game, equivariant)
    check_entries(game.n_actions * channels * board.n_cells)
    tie = np.full((game.n_actions, channels, board.n_cells), ABSENT, dtype=np.int32)
    for action in range(game.n_actions):
        own = kind[action] * channels + np.arange(channels)
        if cell[action] < 0:
            tie[action] = own[:, None]
        else:
            tie[action, :, cell[action]] = own
    biases = (kind.max() + 1) * channels + kind
    return Layer(tie.reshape(game.n_actions, -1), biases.astype(np.int32), "none")


def action_places(game: Game, equivariant: bool) -> tuple[Int32s, Int32s]:
    """The cell of each action, -1 for none, and its kind: actions of one kind differ in their cell only. Both [n_actions].

    Raises UsageError where an equivariant network is asked for and a cell has several actions, which symmetries would exchange.
    """
    board = board_of(game)
    default = np.where(np.arange(game.n_actions) < board.n_cells, np.arange(game.n_actions), -1)
    cell = (default if board.action_cell is None else np.asarray(board.action_cell)).astype(np.int32)
    seen: dict[int, int] = {}
    kind = np.zeros(game.n_actions, dtype=np.int32)
    for action, place in enumerate(cell.tolist()):
        kind[action] = seen.get(place, 0) if place >= 0 else -1
        seen[place] = seen.get(place, 0) + 1
    n_kinds = int(kind.max(initial=-1)) + 1
    if equivariant and n_kinds > 1:
        raise UsageError(f"{game.id} has several moves a cell, which symmetries of the board exchange: leave equivariant out")
    kind[kind < 0] = n_kinds + np.arange((kind < 0).sum())
    return cell, kind


def grouped(before: int, after: int, game: Game, equivariant: bool) -> Layer:
    """A layer that commutes with the symmetries of the board, from `before` units (0: the inputs) to `after` (0: the actions).

    Each unit comes once for every symmetry. Parameters are shared between all pairs of places that a symmetry carries into each
    other, which is all that equivariance asks.
    """
    images = move_symmetries(board_of(game))
    n_before = before * len(images) or n_planes(game) * images.shape[1]
    check_entries(n_before * (after * len(images) or game.n_actions) * len(images))
    inside = _images_of_inputs(images, game) if before == 0 else _images_of_units(images, before)
    outside = _images_of_actions(images, game, equivariant) if after == 0 else _images_of_units(images, after)
    pairs = outside.astype(np.int64)[:, :, None] * n_before + inside[:, None, :]
    weights = np.unique(pairs.min(axis=0), return_inverse=True)[1].reshape(-1, n_before)
    biases = np.unique(outside.min(axis=0), return_inverse=True)[1].reshape(-1) + weights.max() + 1
    return Layer(weights.astype(np.int32), biases.astype(np.int32), "none" if after == 0 else "relu")


def move_symmetries(board: Board) -> Int64s:
    """Those symmetries of a board that carry moves with their cells: [n_symmetries, n_cells].

    A symmetry that is none of the `window_symmetries` folds positions but carries the cell of a move elsewhere: in Domineering a
    domino turned upside down lies on the same two cells, and the other one is its upper.
    """
    found = []
    for symmetry in board.window_symmetries:
        turned = np.array([SYMMETRIES[symmetry](*divmod(cell, board.columns)) for cell in range(board.n_cells)])
        row, column = (turned - turned.min(axis=0)).T
        found.append((row * board.columns + column).tolist())
    return np.array([image for image in board.symmetries if image.tolist() in found])


def _images_of_inputs(images: Int64s, game: Game) -> Int32s:
    """Where each symmetry takes each input: [n_symmetries, n_inputs]."""
    n_cells = images.shape[1]
    planes = np.arange(n_planes(game))[None, :, None] * n_cells
    found: Int32s = (planes + images[:, None, :]).reshape(len(images), -1).astype(np.int32)
    return found


def _images_of_units(images: Int64s, n_units: int) -> Int32s:
    """Where each symmetry takes each copy of each unit, numbered unit by unit: [n_symmetries, n_units * n_symmetries]."""
    place = {tuple(image): g for g, image in enumerate(images.tolist())}
    # the unit's copy t looks at the board through symmetry t; applying g makes it look through g after t
    after = np.array([[place[tuple(images[g][images[t]].tolist())] for t in range(len(images))] for g in range(len(images))])
    found: Int32s = (np.arange(n_units)[None, :, None] * len(images) + after[:, None, :]).reshape(len(images), -1).astype(np.int32)
    return found


def _images_of_actions(images: Int64s, game: Game, equivariant: bool) -> Int32s:
    """Where each symmetry takes each action: [n_symmetries, n_actions]."""
    cell, _ = action_places(game, equivariant)
    at = {place: action for action, place in enumerate(cell.tolist()) if place >= 0}
    return np.array([[at[int(g[place])] if place >= 0 else a for a, place in enumerate(cell.tolist())] for g in images], dtype=np.int32)


def _offsets(board: Board) -> list[tuple[Int32s, Int32s]]:
    """For each offset of a 3x3 window the cells that have a cell there, and those cells."""
    row, column = np.divmod(np.arange(board.n_cells), board.columns)
    found = []
    for down, right in WINDOW:
        inside = (row + down >= 0) & (row + down < board.rows) & (column + right >= 0) & (column + right < board.columns)
        cells = np.flatnonzero(inside).astype(np.int32)
        found.append((cells, (cells + down * board.columns + right).astype(np.int32)))
    return found


def _offset_kinds(board: Board, equivariant: bool) -> list[int]:
    """A number for each offset of a 3x3 window, the same for those that a symmetry carries into each other."""
    if not equivariant:
        return list(range(9))
    classes = [min(WINDOW.index(SYMMETRIES[symmetry](*offset)) for symmetry in board.window_symmetries) for offset in WINDOW]
    return [sorted(set(classes)).index(found) for found in classes]


# What a reader must know of each kind of layer, for the length of the language.
DENSE = (dense,)
GROUPED = (grouped, move_symmetries, _images_of_inputs, _images_of_units, _images_of_actions, action_places)
FILTERS = (spatial, head, action_places, _offsets, _offset_kinds)
