"""A network as a file: its design, and for each layer how its parameters are written, and the parameters.

Three ways of writing parameters: whole multiples of a step (`uniform`), places in a book of values (`codebook`), and 32-bit
floating point (`float`). In all of them the symbol 0 is the number zero, and where the zeros are many, a `sparse` layer says how
far it is from one survivor to the next instead of saying zero each time. How symbols become bits is the file's `method`
(policies/codec/integer_arrays.py).
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from games.arrays import Bools, Float64s, Int64s
from games.contract import Game
from games.errors import UsageError
from policies.codec.adaptive_coder import Coder, code_count, code_uniform
from policies.codec.integer_arrays import METHODS, SymbolCoder, SymbolReader, SymbolWriter
from policies.networks.architectures import FAMILIES, Design, layers_of, uses_planes
from policies.networks.forward import EXACT_BITS, bits_needed
from policies.networks.layers import Layer

KINDS = ("uniform", "codebook", "float")
STEP_BITS = 2  # a step is a whole number of this many bits and a leading one, times a power of two
FINEST = 40  # that power is 2**-FINEST at least
BOOK_GRID = 2.0**-12  # of the values in a book, which take 16 bits each
MAX_BOOK = 1 << 15
FLOAT_GRID = 2.0**-16  # floating-point parameters are multiples of it, so that sums are exact
MAX_FLOAT = 16.0
MAX_SYMBOL = 1 << 15
NAMES: list[str] = list(METHODS)
OTHERWISE = 250  # the first byte of a file in another method than `adaptive` is this or more, that of an adaptive file less
USUAL = (15 << 16) // 16  # chance, in 65,536ths, that a layer is uniform and not sparse
MAX_MISSING = 16  # bytes that a whole file may lack at its end because they are zero


class Written(NamedTuple):
    """The parameters of a layer as they are written. `book` is the step of a uniform one, the values of a code book, else empty."""

    kind: str
    symbols: Int64s  # [n_parameters] multiples of the step; places in the book, 0 for the number zero; or bits of float32
    book: Float64s
    sparse: bool = False

    @property
    def values(self) -> Float64s:
        """The parameters themselves. [n_parameters]"""
        if self.kind == "uniform":
            return np.asarray(self.symbols * self.book[0], dtype=np.float64)
        if self.kind == "codebook":
            return np.asarray(np.append(0.0, self.book)[self.symbols], dtype=np.float64)
        return self.symbols.astype(np.uint32).view(np.float32).astype(np.float64)

    @property
    def grid(self) -> float:
        """What all parameters are multiples of."""
        if self.kind == "uniform":
            return math.ldexp(1.0, mantissa(self.book[0])[1])
        return BOOK_GRID if self.kind == "codebook" else FLOAT_GRID


def mantissa(step: float) -> tuple[int, int]:
    """A step as a whole number of STEP_BITS + 1 bits and an exponent: step = number * 2**exponent, rounded."""
    fraction, exponent = math.frexp(step)
    number, exponent = round(fraction * (2 << STEP_BITS)), exponent - STEP_BITS - 1
    return (number // 2, exponent + 1) if number == 2 << STEP_BITS else (number, exponent)


def round_step(step: float) -> float:
    """The nearest step that a file can hold."""
    number, exponent = mantissa(step)
    return math.ldexp(number, max(exponent, -FINEST))


def as_float(values: npt.NDArray[np.floating]) -> Written:
    """Parameters in 32-bit floating point, cut off at MAX_FLOAT."""
    on_grid = np.clip(np.round(np.asarray(values, np.float64) / FLOAT_GRID) * FLOAT_GRID, -MAX_FLOAT, MAX_FLOAT) + 0.0
    return Written("float", on_grid.astype(np.float32).view(np.uint32).astype(np.int64), np.empty(0))


def encode_network(game: Game, design: Design, layers: tuple[Written, ...], method: str) -> bytes:
    """The file of a network."""
    wire = start_writing(method)
    code_design(wire.coder, design)
    for number, (layer, written) in enumerate(zip(layers_of(design, game), layers, strict=True)):
        code_layer(wire, written, layer, groups_of(layer, number, design, game))
    return finish_writing(wire, method)


def start_writing(method: str) -> SymbolWriter:
    """A writer of symbols whose file names the method of coding; the method `adaptive` costs almost no bits to name."""
    wire = SymbolWriter(method)
    if method == "adaptive":
        wire.coder.code_fixed(OTHERWISE << 8, 0)  # this keeps the first byte below OTHERWISE
    return wire


def finish_writing(wire: SymbolWriter, method: str) -> bytes:
    """The file that `start_reading` reads."""
    return wire.finish() if method == "adaptive" else bytes([OTHERWISE + NAMES.index(method)]) + wire.finish()


def start_reading(data: bytes) -> tuple[SymbolReader, str]:
    """A reader of the file of such a writer, and its method. Raises UsageError for an unknown method."""
    if not data or data[0] < OTHERWISE:
        wire = SymbolReader(data, "adaptive")
        wire.coder.code_fixed(OTHERWISE << 8, 0)
        return wire, "adaptive"
    if data[0] - OTHERWISE >= len(NAMES):
        raise UsageError("the file is damaged: its symbols are written in no known way")
    return SymbolReader(data[1:], NAMES[data[0] - OTHERWISE]), NAMES[data[0] - OTHERWISE]


def decode_network(data: bytes, game: Game) -> tuple[Design, tuple[Written, ...], str]:
    """What `encode_network` wrote. Raises UsageError for bytes that it did not write."""
    wire, method = start_reading(data)
    design = code_design(wire.coder, Design("linear", 0))
    found: list[Written] = []
    for number, layer in enumerate(layers_of(design, game)):
        blank = Written("uniform", np.zeros(layer.n_parameters, dtype=np.int64), np.empty(0))
        found.append(code_layer(wire, blank, layer, groups_of(layer, number, design, game)))
        if wire.coder.n_missing > MAX_MISSING:
            raise UsageError(f"these {len(data)} bytes are no whole network")
    if not is_exact(layers_of(design, game), found):
        raise UsageError("the weights of this network are too large for exact sums")
    return design, tuple(found), method


def is_exact(layers: list[Layer], written: list[Written] | tuple[Written, ...]) -> bool:
    """Whether all sums of a network are exact in float64."""
    return bits_needed(layers, [part.values for part in written], [part.grid for part in written]) <= EXACT_BITS


def groups_of(layer: Layer, number: int, design: Design, game: Game) -> list[Int64s]:
    """The parameters of a layer in groups of one distribution: biases apart, and those from each kind of cell of the game."""
    biases = np.unique(layer.biases[layer.biases >= 0]).astype(np.int64)
    weights = np.setdiff1d(np.arange(layer.n_parameters), biases)
    if number == 0 and not uses_planes(design):
        levels = np.repeat(game.cell_levels(), np.array(game.cell_levels()) - 1)
        kind = levels[weights % layer.weights.shape[1]]
        return [*(weights[kind == level] for level in np.unique(levels)), biases]
    return [weights, biases]


def code_design(coder: Coder, design: Design) -> Design:
    """Write a design, or read one and ignore what is given. Raises UsageError for a damaged file."""
    family = list(FAMILIES)[code_uniform(coder, list(FAMILIES).index(design.family), len(FAMILIES))]
    size = code_count(coder, "size", design.size)
    depth = code_count(coder, "depth", design.depth - 1) + 1 if FAMILIES[family].has_depth else 1
    width = code_count(coder, "width", design.width) if family == "deep" else Design("deep", 1).width
    equivariant = bool(coder.code("equivariant", int(design.equivariant)))
    n_ranks = code_count(coder, "ranks", len(design.ranks)) if coder.code_fixed(USUAL, int(bool(design.ranks))) else 0
    if n_ranks > 64:
        raise UsageError("a network of more than 64 factored layers: the file is damaged")
    ranks = tuple(code_count(coder, "rank", design.ranks[i] if design.ranks else 0) for i in range(n_ranks))
    return Design(family, size, depth, width, equivariant, ranks)


def code_layer(wire: SymbolCoder, written: Written, layer: Layer, groups: list[Int64s]) -> Written:
    """Write the parameters of a layer group by group, or read the same number of them. Raises UsageError for a damaged file."""
    coder = wire.coder
    kind, sparse = "uniform", False
    if coder.code_fixed(USUAL, int(written.kind != kind or written.sparse)):
        kind = KINDS[code_uniform(coder, KINDS.index(written.kind), len(KINDS))]
        sparse = bool(coder.code("sparse", int(written.sparse)))
    book = _code_book(coder, kind, written.book)
    highest = len(book) if kind == "codebook" else MAX_SYMBOL
    symbols = written.symbols.copy()
    for number, places in enumerate(groups):
        context = (layer.weights.shape, number)
        kept = _code_gaps(wire, symbols[places], context) if sparse else np.ones(len(places), dtype=np.bool_)
        group = places[kept]
        if kind == "float":
            high = wire.code(symbols[group] >> 16, (context, "high"), 0, (1 << 16) - 1)
            symbols[group] = high << 16 | wire.code(symbols[group] & ((1 << 16) - 1), (context, "low"), 0, (1 << 16) - 1)
        else:
            lowest = -MAX_SYMBOL if kind == "uniform" else 0
            symbols[group] = wire.code(symbols[group], context, lowest, highest)
    if kind == "float" and not _is_on_grid(symbols):
        raise UsageError("the file is damaged: its floating-point weights are not those of a network")
    return Written(kind, symbols, book, sparse)


def _code_gaps(wire: SymbolCoder, symbols: Int64s, context: object) -> Bools:
    """Which symbols are not zero, as the number of zeros before each of them. [n_symbols]"""
    places = np.flatnonzero(symbols)
    n_kept = code_count(wire.coder, "kept", len(places))
    if n_kept > len(symbols):
        raise UsageError("the file is damaged: more weights are left than there were")
    gaps = np.diff(places, prepend=-1) - 1 if len(places) == n_kept else np.zeros(n_kept, dtype=np.int64)
    places = np.cumsum(wire.code(gaps, (context, "gap"), 0, len(symbols)) + 1) - 1
    kept = np.zeros(len(symbols), dtype=np.bool_)
    if n_kept and places[-1] >= len(symbols):
        raise UsageError("the file is damaged: a weight lies beyond the last")
    kept[places] = True
    return kept


def _code_book(coder: Coder, kind: str, book: Float64s) -> Float64s:
    if kind == "float":
        return np.empty(0)
    if kind == "uniform":
        number, exponent = mantissa(float(book[0])) if len(book) else (1 << STEP_BITS, 0)
        number = (1 << STEP_BITS) + code_uniform(coder, number - (1 << STEP_BITS), 1 << STEP_BITS)
        exponent = -code_uniform(coder, -exponent, FINEST + 1)
        return np.array([math.ldexp(number, exponent)])
    n_values = code_count(coder, "book", len(book))
    if n_values > MAX_BOOK:
        raise UsageError(f"the file is damaged: a code book of {n_values} values")
    whole = np.round(book / BOOK_GRID).astype(np.int64) if len(book) else np.zeros(n_values, dtype=np.int64)
    found = [code_uniform(coder, int(value) + MAX_BOOK, 2 * MAX_BOOK) - MAX_BOOK for value in whole]
    return np.array(found, dtype=np.float64) * BOOK_GRID


def _is_on_grid(bits: Int64s) -> bool:
    with np.errstate(invalid="ignore"):  # a damaged file may hold anything
        values = bits.astype(np.uint32).view(np.float32).astype(np.float64)
        whole = values / FLOAT_GRID
    return bool(np.isfinite(values).all() and (np.abs(values) <= MAX_FLOAT).all() and (whole == np.round(whole)).all())
