"""Families of networks, each with one knob, as layers whose weights may be shared.

A layer is a matrix from the units before it to its own units. Which parameter stands where is an array of indices: a
convolution is a matrix in which the same few parameters stand at every cell, a depthwise convolution one that is mostly
empty, and a network that is equivariant to the symmetries of the board one whose parameters stand at all images of a place.
On the boards that can be solved the matrices are small, so that one dense product is as fast as anything cleverer.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from games.arrays import UInt8s, UInt64s
from games.contract import Game
from games.errors import UsageError, nearest
from policies.networks.forward import gate, paths
from policies.networks.layers import (
    DENSE,
    FILTERS,
    GROUPED,
    Layer,
    board_of,
    dense,
    factored,
    grouped,
    head,
    n_planes,
    spatial,
)

MAX_PARAMETERS = 1 << 21
MAX_LAYERS = 64
MAX_PLACES = 1 << 26  # of all matrices together, shared parameters counted wherever they stand


class Design(NamedTuple):
    """A network without its weights: the content of its file before them."""

    family: str
    size: int  # the knob: width, channels, rank or depth
    depth: int = 1  # hidden layers or blocks, where the knob is something else
    width: int = 16  # units a layer, where the knob is the depth
    equivariant: bool = False
    ranks: tuple[int, ...] = ()  # for each layer of the family, the rank of its factors, 0 for a full matrix; empty: all full


class Family(NamedTuple):
    """One way of building networks. `unit` is what the knob counts."""

    build: Callable[[Design, Game], list[Layer]]
    unit: str
    budgets: tuple[int, ...]
    on_planes: bool  # whether the inputs are the planes of a board and not its cells
    parts: tuple[Callable[..., Any], ...]  # what it is built with

    @property
    def has_depth(self) -> bool:
        """Whether the number of hidden layers or blocks is to be said beside the knob."""
        return self.build in (mlp, conv, separable, fire)


def layers_of(design: Design, game: Game) -> list[Layer]:
    """The layers of a network for a game. Raises UsageError where the game or the size does not suit the family."""
    return list(_layers(design, game))


@functools.lru_cache(maxsize=8)
def _layers(design: Design, game: Game) -> tuple[Layer, ...]:
    family = family_of(design.family)
    if min(design.size, design.depth, design.width) < 1:
        raise UsageError(
            f"a {design.family} network of size {design.size}, depth {design.depth}, width {design.width}: give numbers from 1 up"
        )
    if max(design.depth, design.size if design.family == "deep" else 0) > MAX_LAYERS:
        raise UsageError(f"a {design.family} network of more than {MAX_LAYERS} layers or blocks: give a smaller budget or depth")
    layers = family.build(design, game)
    if design.ranks:
        if len(design.ranks) != len(layers):
            raise UsageError(f"{len(design.ranks)} ranks for a network of {len(layers)} layers: give one a layer")
        factors = [rank * sum(layer.weights.shape) for layer, rank in zip(layers, design.ranks, strict=True)]
        if sum(factors) > MAX_PLACES:  # before they are made
            raise UsageError(f"factors of {sum(factors):,} parameters are too large, at most {MAX_PLACES:,}: give smaller ranks")
        layers = [part for layer, rank in zip(layers, design.ranks, strict=True) for part in factored(layer, rank)]
    n_parameters, n_places = (sum(counts) for counts in zip(*((layer.n_parameters, layer.weights.size) for layer in layers), strict=True))
    if n_parameters > MAX_PARAMETERS or n_places > MAX_PLACES:
        found = f"{n_parameters:,} parameters in {n_places:,} places, at most {MAX_PARAMETERS:,} in {MAX_PLACES:,}"
        raise UsageError(f"a {design.family} network of size {design.size} on {game.id} has {found}: give a smaller budget, depth or width")
    return tuple(layers)


def family_of(name: str) -> Family:
    """A family by name; raises UsageError, naming the nearest, for an unknown one."""
    if name not in FAMILIES:
        raise UsageError(f"unknown architecture {name!r}; {nearest(name, list(FAMILIES))}")
    return FAMILIES[name]


def n_inputs(design: Design, game: Game) -> int:
    """How many inputs a network has."""
    if uses_planes(design):
        return n_planes(game) * board_of(game).n_cells
    return sum(game.cell_levels()) - len(game.cell_levels())


def uses_planes(design: Design) -> bool:
    """Whether the inputs are the planes of a board, with one that is on everywhere, and not the cells, one-hot without the lowest level."""
    return design.equivariant or family_of(design.family).on_planes


def parts_of(design: Design) -> list[Callable[..., Any]]:
    """The functions that the layers of a design are built with."""
    family = family_of(design.family)
    if design.equivariant and not family.on_planes:
        return [family.build, *GROUPED]
    return [family.build, *family.parts, *([factored] if any(design.ranks) else [])]


def inputs_of(design: Design, game: Game, states: UInt64s) -> UInt8s:
    """The inputs of a network, 0 or 1: [n_inputs, n_states]."""
    if uses_planes(design):
        planes = game.planes(states).reshape(len(states), -1)
        ones = np.ones((len(states), board_of(game).n_cells), dtype=np.uint8)
        return np.ascontiguousarray(np.concatenate([planes, ones], axis=1).T)
    cells = game.cells(states).T
    return np.concatenate([cells[i] == np.arange(1, levels)[:, None] for i, levels in enumerate(game.cell_levels())]).astype(np.uint8)


def linear(design: Design, game: Game) -> list[Layer]:
    """From the inputs to the actions, through as many sums as the rank says; from the number of actions on, directly."""
    if design.equivariant:
        if design.size > 1:
            raise UsageError(f"an equivariant linear network has one size: give budget 1, not {design.size}, or choose mlp")
        return [grouped(0, 0, game, design.equivariant)]
    if design.size >= min(n_inputs(design, game), game.n_actions):
        return [dense(game.n_actions, n_inputs(design, game), "none")]
    return [dense(design.size, n_inputs(design, game), "none", has_bias=False), dense(game.n_actions, design.size, "none")]


def mlp(design: Design, game: Game) -> list[Layer]:
    """Hidden layers of equal width, rectified. Equivariant, each unit comes once for each symmetry that leaves the game as it is."""
    if design.equivariant:
        between = [grouped(design.size, design.size, game, True)] * (design.depth - 1) if design.depth > 1 else []
        return [grouped(0, design.size, game, True), *between, grouped(design.size, 0, game, True)]
    between = [dense(design.size, design.size)] * (design.depth - 1) if design.depth > 1 else []
    return [dense(design.size, n_inputs(design, game)), *between, dense(game.n_actions, design.size, "none")]


def deep(design: Design, game: Game) -> list[Layer]:
    """The same with the number of hidden layers as the knob."""
    return mlp(design._replace(family="mlp", size=design.width, depth=design.size), game)


def conv(design: Design, game: Game) -> list[Layer]:
    """A small residual network: a 3x3 convolution, then blocks of two with a way round them, then the head."""
    c = design.size
    layers = [spatial(n_planes(game), c, game, design.equivariant)]
    inner = spatial(c, c, game, design.equivariant)
    for _ in range(design.depth):
        layers += [inner, inner._replace(skip=len(layers) - 1)]
    return [*layers, head(c, game, design.equivariant)]


def separable(design: Design, game: Game) -> list[Layer]:
    """A 3x3 convolution, then blocks of a depthwise and a pointwise one (MobileNet, Howard et al. 2017), then the head."""
    c = design.size
    block = [spatial(c, c, game, design.equivariant, is_depthwise=True), spatial(c, c, game, design.equivariant, n_wide=0)]
    return [spatial(n_planes(game), c, game, design.equivariant), *(block * design.depth), head(c, game, design.equivariant)]


def fire(design: Design, game: Game) -> list[Layer]:
    """A 3x3 convolution, then fire modules, then the head (SqueezeNet, Iandola et al. 2016).

    A module squeezes to a quarter of the channels with 1x1 filters, and expands them with 1x1 and 3x3 ones, half of each.
    """
    c, squeezed = design.size, max(1, design.size // 4)
    module = [spatial(c, squeezed, game, design.equivariant, n_wide=0), spatial(squeezed, c, game, design.equivariant, n_wide=(c + 1) // 2)]
    return [spatial(n_planes(game), c, game, design.equivariant), *(module * design.depth), head(c, game, design.equivariant)]


def softtree(design: Design, game: Game) -> list[Layer]:
    """A soft decision tree (Frosst & Hinton 2017): inner nodes send a share of the position to the right, leaves score actions.

    The share is a sum over the inputs, plus a half, cut off at 0 and 1: whole numbers give it exactly, a logistic function they do not.
    """
    if design.size > 12:
        raise UsageError(f"a soft tree of depth {design.size}: give at most 12")
    if design.equivariant:
        raise UsageError("a soft tree cannot be equivariant: choose mlp or conv")
    n_leaves = 1 << design.size
    return [dense(n_leaves - 1, n_inputs(design, game), "paths"), dense(game.n_actions, n_leaves, "none", has_bias=False)]


WIDTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
FAMILIES: dict[str, Family] = {
    "linear": Family(linear, "ranks", (1, 2, 4, 8, 16, 32), False, DENSE),
    "mlp": Family(mlp, "hidden units", WIDTHS, False, DENSE),
    "deep": Family(deep, "hidden layers", (1, 2, 3, 4, 6, 8), False, (mlp, *DENSE)),
    "conv": Family(conv, "channels", (1, 2, 4, 8, 16, 32), True, FILTERS),
    "separable": Family(separable, "channels", (1, 2, 4, 8, 16, 32), True, FILTERS),
    "fire": Family(fire, "channels", (1, 2, 4, 8, 16, 32), True, FILTERS),
    "softtree": Family(softtree, "levels", (1, 2, 3, 4, 5, 6, 7, 8), False, (*DENSE, paths, gate)),
}
