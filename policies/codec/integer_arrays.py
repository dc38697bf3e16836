"""Arrays of whole numbers as bytes: the levels of a network's weights, indexes into a code book, gaps between what is left.

Four ways of writing them, each with all that the reader needs:

- `raw`: the lowest value, and every symbol as its distance from that, in as many bits as the largest distance needs;
- `huffman`: the values that occur with their code lengths, and a canonical Huffman code of at most 24 digits (Huffman 1952;
  Han, Mao & Dally, "Deep Compression", 2016);
- `range`: the same with finer probabilities where these pay, and a range coder (the library `constriction`);
- `adaptive`: frequencies are learned on the way (policies/codec/adaptive_coder.py), with nothing sent ahead.

A file of the first three is the length of its head (seven bits a byte), the head, and the bits of all arrays without a gap;
the head is written by the adaptive coder. A file of the last is a head alone. Between the arrays callers may write numbers of
their own to the head, by way of `coder`. Writer and reader share one interface, so that a format is one function for both.

Range coding an array never takes more than two bytes and 0.006 bits a symbol beyond Huffman coding it: its header may hold
the Huffman lengths, at three decisions more, and then the ideal lengths are equal; and of the library's range at least 32
bits are in use, from which 24 are cut, so a symbol costs at most -log2(1 - 2**-8) bits beyond its ideal length.
"""

from collections.abc import Hashable
from typing import Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from games.arrays import Int64s, UInt8s
from games.errors import UsageError
from games.jit import njit
from policies.codec.adaptive_coder import Coder, Decoder, Encoder, code_count, fine
from policies.codec.histogram import (
    EMPTY,
    MAX_VALUES,
    best_histogram,
    code_histogram,
    fold,
    frequencies,
    huffman_histogram,
    unfold,
)
from policies.codec.huffman import MAX_LENGTH, code_words, put_words, take_words
from policies.codec.kernel_stream import Tape, close_tape, code_bit, open_tape
from policies.codec.static_coder import RangeReader, RangeWriter

Method = Literal["raw", "huffman", "range", "adaptive"]

METHODS: tuple[Method, ...] = get_args(Method)
LIMIT = (1 << 28) - 1  # no symbol is further from 0
MAX_SYMBOLS = 1 << 26  # in one array
LEARNED = 5  # digits of a number, from the first, whose frequencies are learned
MAX_DIGITS = 28  # of a size + 1, after the first
SIGN = MAX_DIGITS + ((MAX_DIGITS + 1) << LEARNED)  # context of the sign
HALF = 1 << 23


class SymbolCoder(Protocol):
    """Either end of a file of arrays."""

    @property
    def coder(self) -> Coder:
        """For single numbers between the arrays."""

    def code(self, symbols: npt.ArrayLike, context: Hashable = "", lowest: int = -LIMIT, highest: int = LIMIT) -> Int64s:
        """Write an array of symbols from `lowest` to `highest`, or read one of the same length, and return it. [n_symbols]

        Arrays of one `context` share what the method `adaptive` learns. Raises UsageError for other symbols, or a damaged file.
        """


class SymbolWriter:
    """Collects arrays; `finish` turns them into bytes."""

    def __init__(self, method: str) -> None:
        self.coder = Encoder()
        self._method = _known(method)
        self._learned: dict[Hashable, Int64s] = {}
        self._bits: list[UInt8s] = []
        self._range = RangeWriter()

    def code(self, symbols: npt.ArrayLike, context: Hashable = "", lowest: int = -LIMIT, highest: int = LIMIT) -> Int64s:
        array = np.array(symbols, dtype=np.int64)
        if array.ndim != 1 or len(array) > MAX_SYMBOLS:
            raise UsageError(f"symbols of shape {array.shape}: give a row of at most {MAX_SYMBOLS}")
        if len(array) == 0:
            return array
        least, most = int(array.min()), int(array.max())
        if least < max(lowest, -LIMIT) or most > min(highest, LIMIT):
            raise UsageError(f"symbols from {least} to {most}: give numbers from {max(lowest, -LIMIT)} to {min(highest, LIMIT)}")
        if self._method == "adaptive":
            n_digits = np.frexp(np.abs(array) + 1.0)[1] - 1
            tape = open_tape(self.coder, int((2 * n_digits + 2).sum()))
            _code_adaptive(tape, _counts(self._learned, context), array)
            close_tape(self.coder, tape)
        elif self._method == "raw":
            _, width = _code_span(self.coder, least, (most - least).bit_length())
            self._put(array - least, np.full(len(array), width))
        else:
            self._code_by_histogram(array)
        return array

    def finish(self) -> bytes:
        """The file; no array can be written afterwards."""
        head = self.coder.finish()
        if self._method == "adaptive":
            return head
        bits = np.concatenate([np.empty(0, dtype=np.uint8), *self._bits])
        return _length(len(head)) + head + np.packbits(bits).tobytes() + self._range.finish()

    def _code_by_histogram(self, array: Int64s) -> None:
        values, places, counts = np.unique(array, return_inverse=True, return_counts=True)
        if len(values) > MAX_VALUES:
            raise UsageError(f"{len(values)} different values: round them to at most {MAX_VALUES}, or write them raw")
        is_huffman = self._method == "huffman"
        histogram = (huffman_histogram if is_huffman else best_histogram)(values, counts)
        code_histogram(self.coder, histogram, len(array), is_huffman)
        if is_huffman:
            self._put(code_words(histogram.levels)[places], histogram.levels[places])
        elif len(values) > 1:
            self._range.put(places, frequencies(histogram))

    def _put(self, words: Int64s, widths: Int64s) -> None:
        bits = np.empty(int(widths.sum()), dtype=np.uint8)
        put_words(words, widths, bits)
        self._bits.append(bits)


class SymbolReader:
    """Reads back what a SymbolWriter wrote, asked in the same order.

    Foreign bytes raise UsageError or are some symbols in the range asked for: to know that a file is whole, write it again.
    """

    def __init__(self, data: bytes, method: str) -> None:
        self._method = _known(method)
        self._learned: dict[Hashable, Int64s] = {}
        self._range: RangeReader | None = None
        self._place = 0
        head = data
        if self._method != "adaptive":
            n_bytes, start = _read_length(data)
            head, self._tail = data[start : start + n_bytes], data[start + n_bytes :]
            if len(head) < n_bytes:
                raise UsageError(f"the file is damaged: it ends within its head of {n_bytes} bytes")
            self._bits = np.unpackbits(np.frombuffer(self._tail, dtype=np.uint8)) if self._method != "range" else np.empty(0, np.uint8)
        self.coder = Decoder(head)

    def code(self, symbols: npt.ArrayLike, context: Hashable = "", lowest: int = -LIMIT, highest: int = LIMIT) -> Int64s:
        array = np.zeros(len(np.asarray(symbols)), dtype=np.int64)
        if len(array) == 0:
            return array
        if self._method == "adaptive":
            _code_adaptive(open_tape(self.coder, 0), _counts(self._learned, context), array)
        elif self._method == "raw":
            least, width = _code_span(self.coder, 0, 0)
            words = self._take(len(array) * width).reshape(len(array), width)
            for column in words.T:
                array = array << 1 | column
            array += least
        else:
            array = self._code_by_histogram(len(array))
        if array.min() < max(lowest, -LIMIT) or array.max() > min(highest, LIMIT):
            raise UsageError(f"the file is damaged: symbols from {array.min()} to {array.max()} instead of {lowest} to {highest}")
        return array

    def _code_by_histogram(self, n_symbols: int) -> Int64s:
        is_huffman = self._method == "huffman"
        histogram = code_histogram(self.coder, EMPTY, n_symbols, is_huffman)
        if len(histogram.values) == 1:
            return np.repeat(histogram.values, n_symbols)
        if is_huffman:
            order = np.argsort(histogram.levels, kind="stable")
            per_length = np.bincount(histogram.levels, minlength=MAX_LENGTH + 1)
            places = np.empty(n_symbols, dtype=np.int64)
            n_bits = take_words(self._bits[self._place :], per_length, places)
            if n_bits < 0:
                raise UsageError(f"the file is damaged: it ends before {n_symbols} symbols are complete")
            self._place += n_bits
            return histogram.values[order[places]]
        self._range = self._range or RangeReader(self._tail)
        return histogram.values[self._range.take(n_symbols, frequencies(histogram))]

    def _take(self, n_bits: int) -> UInt8s:
        bits = self._bits[self._place : self._place + n_bits]
        if len(bits) < n_bits:
            raise UsageError(f"the file is damaged: {n_bits} bits were to follow, and {len(bits)} do")
        self._place += n_bits
        return bits


def write_symbols(symbols: npt.ArrayLike, method: str) -> bytes:
    """A file of one array: [n_symbols]. Raises UsageError for an unknown method or symbols beyond ±LIMIT."""
    writer = SymbolWriter(method)
    writer.code(symbols)
    return writer.finish()


def read_symbols(data: bytes, method: str, n_symbols: int) -> Int64s:
    """The array that `write_symbols` wrote. [n_symbols] Raises UsageError for bytes that hold no such array."""
    return SymbolReader(data, method).code(np.zeros(n_symbols, dtype=np.int64))


def _known(method: str) -> Method:
    for known in METHODS:
        if known == method:
            return known
    raise UsageError(f"unknown way of writing symbols {method!r}: choose from {', '.join(METHODS)}")


def _length(n_bytes: int) -> bytes:
    parts = [n_bytes & 127]
    while n_bytes := n_bytes >> 7:
        parts.append(n_bytes & 127 | 128)
    return bytes(reversed(parts))


def _read_length(data: bytes) -> tuple[int, int]:
    """The number that starts a file, and how many bytes it takes."""
    n_bytes = 0
    for place, byte in enumerate(data[:5]):
        n_bytes = n_bytes << 7 | byte & 127
        if byte < 128:
            return n_bytes, place + 1
    raise UsageError("the file is damaged: it does not start with the length of its head")


def _counts(learned: dict[Hashable, Int64s], context: Hashable) -> Int64s:
    return learned.setdefault(context, np.zeros((SIGN + 1, 2), dtype=np.int64))


def _code_span(coder: Coder, lowest: int, width: int) -> tuple[int, int]:
    lowest, width = unfold(code_count(coder, "lowest", fold(lowest))), code_count(coder, "width", width)
    if width > MAX_DIGITS + 1 or abs(lowest) > LIMIT:
        raise UsageError(f"the file is damaged: {width} bits a symbol")
    return lowest, width


@njit
def _learn(tape: Tape, counts: Int64s, context: int, bit: int) -> int:
    zeros, ones = counts[context, 0], counts[context, 1]
    bit = code_bit(tape, fine(((2 * ones + 1) << 24) // (2 * (zeros + ones) + 2)), bit)
    counts[context, bit] += 1
    return bit


@njit
def _code_adaptive(tape: Tape, counts: Int64s, symbols: Int64s) -> None:
    """Write symbols, or read them in place: how many digits the size has, the first ones of them, the rest, and the sign."""
    for i in range(symbols.shape[0]):
        size = abs(symbols[i]) + 1
        n_digits = 0
        while n_digits < MAX_DIGITS and _learn(tape, counts, n_digits, int(size >> (n_digits + 1) > 0)):
            n_digits += 1
        number = 1
        for position in range(n_digits):
            digit = (size >> (n_digits - 1 - position)) & 1
            if position < LEARNED:
                digit = _learn(tape, counts, MAX_DIGITS + (n_digits << LEARNED) + number, digit)
            else:
                digit = code_bit(tape, fine(HALF), digit)
            number = number << 1 | digit
        size = number - 1
        symbols[i] = -size if size > 0 and _learn(tape, counts, SIGN, int(symbols[i] < 0)) else size
