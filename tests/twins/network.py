"""The forward pass of every family of networks in plain Python, from its definition: loops over cells, offsets, nodes and turns."""

import itertools
import math
import struct
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from games.contract import Game
from policies.networks.architectures import Design
from policies.networks.coding import Written

Plane = dict[tuple[int, int], Fraction]  # by row and column
WINDOW = list(itertools.product((-1, 0, 1), repeat=2))
# What offsets share a weight under the turns that leave a game as it is: eight, the left-right mirror, the half turn.
SHARED: dict[str, Callable[[int, int], object]] = {
    "go": lambda r, c: abs(r) + abs(c),
    "tictactoe": lambda r, c: abs(r) + abs(c),
    "connect_four": lambda r, c: (r, abs(c)),
    "hex": lambda r, c: max((r, c), (-r, -c)),
}


def twin_logits(design: Design, layers: Sequence[Written], game: Game, state: int) -> list[Fraction]:
    """The number of every action."""
    takes = [iter(numbers_of(layer)) for layer in layers]
    if design.family in ("conv", "separable", "fire"):
        found = _on_planes(design, takes, game, state)
    elif design.equivariant:
        found = _with_turns(design, takes, game, state)
    else:
        found = _on_cells(design, takes, game, state)
    assert all(next(take, None) is None for take in takes), "parameters are left over"
    return found


def numbers_of(layer: Written) -> list[Fraction]:
    """The parameters as the three kinds of writing define them."""
    symbols = [int(symbol) for symbol in layer.symbols]
    if layer.kind == "uniform":
        return [symbol * Fraction(float(layer.book[0])) for symbol in symbols]
    if layer.kind == "codebook":
        return [Fraction(0) if symbol == 0 else Fraction(float(layer.book[symbol - 1])) for symbol in symbols]
    return [Fraction(struct.unpack("<f", struct.pack("<I", symbol))[0]) for symbol in symbols]


def settled(number: Fraction) -> Fraction:
    """Rounded to 1/1024, half up, and cut off at 512 on both sides."""
    return max(Fraction(-512), min(Fraction(512), Fraction(math.floor(1024 * number + Fraction(1, 2)), 1024)))


def rectified(number: Fraction) -> Fraction:
    return settled(max(number, Fraction(0)))


def _cells(game: Game, state: int) -> list[Fraction]:
    """Cell by cell, and for each cell its values from 1 up."""
    cells = game.cells(np.array([state], dtype=np.uint64))[0].tolist()
    return [Fraction(int(cell == value)) for cell, levels in zip(cells, game.cell_levels(), strict=True) for value in range(1, levels)]


def _planes(game: Game, state: int) -> list[Plane]:
    planes = game.planes(np.array([state], dtype=np.uint64))[0]
    planes = np.concatenate([planes, np.ones_like(planes[:1])])
    return [{place: Fraction(int(value)) for place, value in np.ndenumerate(plane)} for plane in planes]


def _sums(take: Iterator[Fraction], n_units: int, before: Sequence[Fraction], has_bias: bool = True) -> list[Fraction]:
    rows = [[next(take) for _ in before] for _ in range(n_units)]
    biases = [next(take) if has_bias else Fraction(0) for _ in range(n_units)]
    return [sum((w * x for w, x in zip(row, before, strict=True)), bias) for row, bias in zip(rows, biases, strict=True)]


def _on_cells(design: Design, takes: list[Iterator[Fraction]], game: Game, state: int) -> list[Fraction]:
    found = _cells(game, state)
    if design.family == "softtree":
        gates = [settled(max(Fraction(0), min(Fraction(1), x + Fraction(1, 2)))) for x in _sums(takes[0], 2**design.size - 1, found)]
        return _sums(takes[1], game.n_actions, list(_leaves(gates, 0, Fraction(1))), has_bias=False)
    if design.family == "linear":
        if design.size < min(len(found), game.n_actions):
            found = [settled(x) for x in _sums(takes.pop(0), design.size, found, has_bias=False)]
        return _sums(takes[0], game.n_actions, found)
    depth, width = (design.size, design.width) if design.family == "deep" else (design.depth, design.size)
    ranks, place = design.ranks or (0,) * (depth + 1), 0
    for number, rank in enumerate(ranks):
        if rank:
            found = [settled(x) for x in _sums(takes[place], rank, found, has_bias=False)]
        place += 2 if rank else 1
        is_last = number == depth
        sums = _sums(takes[place - 1], game.n_actions if is_last else width, found)
        found = sums if is_last else [rectified(x) for x in sums]
    return found


def _leaves(gates: list[Fraction], node: int, share: Fraction) -> Iterator[Fraction]:
    if node >= len(gates):
        yield share
    else:
        right = settled(share * gates[node])
        yield from _leaves(gates, 2 * node + 1, share - right)
        yield from _leaves(gates, 2 * node + 2, right)


def _on_planes(design: Design, takes: list[Iterator[Fraction]], game: Game, state: int) -> list[Fraction]:
    c, turns = design.size, iter(takes)
    shared = SHARED[game.id.split("-")[0]] if design.equivariant else lambda r, c: (r, c)

    def convolved(before: list[Plane], after: int, n_wide: int, is_depthwise: bool = False) -> list[Plane]:
        return _convolved(next(turns), before, after, n_wide, shared, is_depthwise)

    def of(planes: list[Plane], change: Callable[[Fraction], Fraction]) -> list[Plane]:
        return [{place: change(x) for place, x in plane.items()} for plane in planes]

    found = of(convolved(_planes(game, state), c, c), rectified)
    for _ in range(design.depth):
        if design.family == "conv":
            inner = convolved(of(convolved(found, c, c), rectified), c, c)
            found = of([{p: x + way[p] for p, x in plane.items()} for plane, way in zip(inner, found, strict=True)], rectified)
        elif design.family == "separable":
            found = of(convolved(of(convolved(found, c, c, is_depthwise=True), rectified), c, 0), rectified)
        else:
            found = of(convolved(of(convolved(found, max(1, c // 4), 0), rectified), c, math.ceil(c / 2)), rectified)
    return _head(next(turns), found, game)


def _convolved(
    take: Iterator[Fraction], before: list[Plane], after: int, n_wide: int, shared: Callable[[int, int], object], is_depthwise: bool
) -> list[Plane]:
    filters = []
    for channel in range(after):
        window = WINDOW if channel >= after - n_wide else [(0, 0)]
        own = []
        for source in [channel] if is_depthwise else range(len(before)):
            weights: dict[object, Fraction] = {}
            for offset in window:
                if shared(*offset) not in weights:
                    weights[shared(*offset)] = next(take)
            own += [(source, *offset, weights[shared(*offset)]) for offset in window]
        filters.append(own)
    found = []
    for own in filters:
        bias = next(take)
        found.append(
            {(r, c): bias + sum(w * before[source].get((r + down, c + right), 0) for source, down, right, w in own) for r, c in before[0]}
        )
    return found


def _head(take: Iterator[Fraction], planes: list[Plane], game: Game) -> list[Fraction]:
    """Moves on cells share one row of weights; every other move has its own, of the sums over the board."""
    places = list(planes[0])
    n_others = game.n_actions - len(places)
    rows = [[next(take) for _ in planes] for _ in range(1 + n_others)]
    biases = [next(take) for _ in range(1 + n_others)]
    on_cells = [biases[0] + sum(w * plane[place] for w, plane in zip(rows[0], planes, strict=True)) for place in places]
    sums = [sum(plane.values()) for plane in planes]
    others = zip(biases[1:], rows[1:], strict=True)
    return [*on_cells, *(bias + sum(w * x for w, x in zip(row, sums, strict=True)) for bias, row in others)]


def _with_turns(design: Design, takes: list[Iterator[Fraction]], game: Game, state: int) -> list[Fraction]:
    """Every unit in all turns of the board; one parameter for all pairs that a symmetry carries into each other."""
    assert game.board is not None
    images = [tuple(image) for image in game.board.symmetries.tolist()]
    depth, width = (design.size, design.width) if design.family == "deep" else (design.depth, design.size)
    if design.family == "linear":
        depth = 0
    planes = _planes(game, state)
    points: list[tuple[str, int, int]] = [("cell", p, cell) for p in range(len(planes)) for cell in range(len(images[0]))]
    units = [("unit", j, t) for j in range(width) for t in range(len(images))]
    actions = [("cell" if a < len(images[0]) else "pass", -1, a) for a in range(game.n_actions)]

    def turned(g: tuple[int, ...], thing: tuple[str, int, int]) -> tuple[str, int, int]:
        what, owner, place = thing
        if what == "unit":
            return what, owner, images.index(tuple(g[cell] for cell in images[place]))
        return what, owner, g[place] if what == "cell" else place

    found, before = [x for plane in planes for x in plane.values()], points
    for take, after in zip(takes, [units] * depth + [actions], strict=True):
        weights: dict[object, Fraction] = {}
        rows = []
        for row in after:
            orbits = [frozenset((turned(g, row), turned(g, column)) for g in images) for column in before]
            for orbit in orbits:
                if orbit not in weights:
                    weights[orbit] = next(take)
            rows.append([weights[orbit] for orbit in orbits])
        biases: dict[object, Fraction] = {}
        own = [frozenset(turned(g, row) for g in images) for row in after]
        for orbit in own:
            if orbit not in biases:
                biases[orbit] = next(take)
        pairs = zip(rows, own, strict=True)
        sums = [sum((w * x for w, x in zip(weighted, found, strict=True)), biases[orbit]) for weighted, orbit in pairs]
        found, before = sums if after is actions else [rectified(x) for x in sums], after
    return found
