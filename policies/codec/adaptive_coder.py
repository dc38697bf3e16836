"""An adaptive binary range coder: the one way in which policies and exceptions become bytes.

Every decision is coded with the Krichevsky-Trofimov estimate (ones + 1/2) / (seen + 1) of its context, so that no table of
probabilities is stored; or with a fixed probability. Only integers are used: every machine writes and reads the same bytes.
The file ends as soon as it is unambiguous, and missing bytes count as zeros, so a short message costs no padding.

Encoder and Decoder share one interface, `code(context, bit)`: the encoder writes the bit and returns it, the decoder ignores
its argument and returns the bit that was written. A format is therefore one function, used in both directions.
"""

from collections.abc import Hashable
from typing import Protocol

import numpy as np

from games.arrays import Float64s, Int32s, Int64s, UInt8s, UInt64s
from games.jit import njit

PROBABILITY_BITS = 16
WINDOW_BITS = 48
ONE = 1 << PROBABILITY_BITS
FINE_BITS = 24
FINE_ONE = 1 << FINE_BITS


class Coder(Protocol):
    """Either end of the wire."""

    def code(self, context: Hashable, bit: int) -> int:
        """Code one decision whose probability is learned per context."""

    def code_fixed(self, p_zero: int, bit: int) -> int:
        """Code one decision that is 0 with probability `p_zero` / 65,536."""


class Encoder:
    """Collects decisions; `finish` turns them into bytes."""

    def __init__(self) -> None:
        self._contexts: list[int] = []
        self._bits: list[int] = []
        self._ids: dict[Hashable, int] = {}
        self._blocks: list[tuple[Int32s, UInt8s]] = []

    def code(self, context: Hashable, bit: int) -> int:
        self._contexts.append(self._ids.setdefault(context, len(self._ids)))
        self._bits.append(bit)
        return bit

    def code_fixed(self, p_zero: int, bit: int) -> int:
        self._contexts.append(-p_zero)
        self._bits.append(bit)
        return bit

    def extend(self, contexts: Int32s, bits: UInt8s) -> None:
        """Take up decisions that a kernel made, all with given probabilities: contexts as `encode_bits` wants them, below 0."""
        self._blocks.append((np.array(self._contexts, dtype=np.int32), np.array(self._bits, dtype=np.uint8)))
        self._blocks.append((contexts, bits))
        self._contexts, self._bits = [], []

    @property
    def n_decisions(self) -> int:
        return len(self._bits) + sum(len(bits) for _, bits in self._blocks)

    def decisions(self) -> tuple[Int32s, UInt8s]:
        """All contexts and bits so far."""
        none = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.uint8)
        self.extend(*none)
        contexts, bits = zip(*self._blocks, strict=True)
        return np.concatenate(contexts), np.concatenate(bits)

    def finish(self) -> bytes:
        return encode_bits(*self.decisions())


class Decoder:
    """Reads back what an Encoder wrote, asked in the same order. Never fails: foreign bytes decode to some decisions."""

    def __init__(self, data: bytes) -> None:
        self.state, self.data = start_decoding(data)
        self._counts = np.zeros((16, 2), dtype=np.int64)
        self._ids: dict[Hashable, int] = {}

    @property
    def n_missing(self) -> int:
        """How many bytes were read beyond the end of the file; more than a few dozen only when it is not a whole file."""
        return max(0, int(self.state[2]) - len(self.data) - WINDOW_BITS // 8)

    def code(self, context: Hashable, bit: int = 0) -> int:
        index = self._ids.setdefault(context, len(self._ids))
        if index == len(self._counts):
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
        return decode_bit(self.state, self.data, self._counts, index)

    def code_fixed(self, p_zero: int, bit: int = 0) -> int:
        return decode_bit(self.state, self.data, self._counts, -p_zero)


def code_uniform(coder: Coder, value: int, n: int) -> int:
    """Code a number in 0..n-1, all equally likely, n up to 2**30."""
    low, size = 0, n
    while size > 1:
        half = size // 2
        bit = coder.code_fixed(min(ONE - 1, max(1, round(half * ONE / size))), int(value >= low + half))
        low, size = (low + half, size - half) if bit else (low, half)
    return low


def code_symbol(coder: Coder, context: Hashable, value: int, n: int) -> int:
    """Code a symbol in 0..n-1 whose frequencies are learned per context; a binary decision a level."""
    low, size = 0, n
    while size > 1:
        half = size // 2
        bit = coder.code((context, low, size), int(value >= low + half))
        low, size = (low + half, size - half) if bit else (low, half)
    return low


def code_count(coder: Coder, context: Hashable, value: int) -> int:
    """Code a number from 0 up, below 2**30: its length in a learned unary code, then its digits, the first of them learned.

    A decoder fed foreign bytes stops at 30 digits.
    """
    n_digits = 0
    target = (value + 1).bit_length() - 1
    while n_digits < 30 and coder.code((context, "length", n_digits), int(target > n_digits)):
        n_digits += 1
    number = 1
    for position in range(n_digits):
        digit = ((value + 1) >> (n_digits - 1 - position)) & 1
        digit = coder.code((context, n_digits, number), digit) if position < 2 else coder.code_fixed(ONE // 2, digit)
        number = number << 1 | digit
    return number - 1


def encode_bits(contexts: Int32s, bits: UInt8s) -> bytes:
    """Code decisions in order. [n_decisions] each

    Context -p stands for the given probability p / 65,536 of a zero, and -(65,536 + q) for q / 2**24.
    """
    n_contexts = int(contexts.max(initial=-1)) + 1
    return _encode(contexts, bits, np.zeros((n_contexts, 2), dtype=np.int64)).tobytes()


def start_decoding(data: bytes) -> tuple[UInt64s, UInt8s]:
    """The decoder's state (value, range, bytes read) and the bytes as an array."""
    array = np.frombuffer(data, dtype=np.uint8)
    head = int.from_bytes(data[: WINDOW_BITS // 8].ljust(WINDOW_BITS // 8, b"\0"), "big")
    return np.array([head, 1 << WINDOW_BITS, WINDOW_BITS // 8], dtype=np.uint64), array


@njit
def fine(p_one: int) -> int:
    """The context of a decision that is 1 with probability `p_one` / 2**24; values that leave no room for 0 or 1 are moved inside."""
    return -ONE - FINE_ONE + max(1, min(FINE_ONE - 1, p_one))


@njit
def _bound(span: np.uint64, counts: Int64s, context: int) -> np.uint64:
    if context < -ONE:
        return (span >> np.uint64(FINE_BITS)) * np.uint64(-context - ONE)
    return (span >> np.uint64(PROBABILITY_BITS)) * _p_zero(counts, context)


@njit
def _p_zero(counts: Int64s, context: int) -> np.uint64:
    if context < 0:
        return np.uint64(-context)
    zeros, ones = counts[context, 0], counts[context, 1]
    return np.uint64(max(1, min(65535, ((2 * zeros + 1) << 16) // (2 * (zeros + ones) + 2))))


@njit
def _carry(out: UInt8s, n_out: int) -> None:
    i = n_out - 1
    while out[i] == 255:
        out[i] = 0
        i -= 1
    out[i] += 1


@njit
def _encode(contexts: Int32s, bits: UInt8s, counts: Int64s) -> UInt8s:
    top, floor = np.uint64(1) << np.uint64(48), np.uint64(1) << np.uint64(40)
    eight, forty = np.uint64(8), np.uint64(40)
    out = np.zeros(2 * contexts.shape[0] + 16, dtype=np.uint8)
    n_out = 0
    low, span = np.uint64(0), top
    for i in range(contexts.shape[0]):
        bound = _bound(span, counts, contexts[i])
        if bits[i]:
            low += bound
            span -= bound
        else:
            span = bound
        if contexts[i] >= 0:
            counts[contexts[i], bits[i]] += 1
        if low >= top:
            low -= top
            _carry(out, n_out)
        while span < floor:
            out[n_out] = low >> forty
            n_out += 1
            low = (low << eight) & (top - np.uint64(1))
            span <<= eight
    for n_bytes in range(7):
        unused = (top >> np.uint64(8 * n_bytes)) - np.uint64(1)
        value = (low + unused) & ~unused
        if value < low + span:
            if value >= top:
                value -= top
                _carry(out, n_out)
            for k in range(n_bytes):
                out[n_out] = (value >> np.uint64(40 - 8 * k)) & np.uint64(255)
                n_out += 1
            break
    while n_out > 0 and out[n_out - 1] == 0:
        n_out -= 1
    return out[:n_out].copy()


@njit
def decode_bit(state: UInt64s, data: UInt8s, counts: Int64s, context: int) -> int:
    """Read one decision and update the state and the context's counts in place; see `encode_bits` for contexts below 0."""
    floor, eight = np.uint64(1) << np.uint64(40), np.uint64(8)
    bound = _bound(state[1], counts, context)
    bit = int(state[0] >= bound)
    if bit:
        state[0] -= bound
        state[1] -= bound
    else:
        state[1] = bound
    if context >= 0:
        counts[context, bit] += 1
    while state[1] < floor:
        state[0] <<= eight
        if state[2] < np.uint64(data.shape[0]):
            state[0] |= np.uint64(data[state[2]])
        state[2] += np.uint64(1)
        state[1] <<= eight
    return bit


@njit
def ideal_bits(contexts: Int32s, bits: UInt8s) -> Float64s:
    """Minus the logarithm to base 2 of the probability under which each decision is coded; see `encode_bits`. [n_decisions]"""
    counts = np.zeros((max(0, contexts.max()) + 1 if contexts.shape[0] else 1, 2), dtype=np.int64)
    lengths = np.empty(contexts.shape[0], dtype=np.float64)
    for i in range(contexts.shape[0]):
        whole = np.uint64(1) << np.uint64(WINDOW_BITS)
        zero = float(_bound(whole, counts, contexts[i])) / float(whole)
        lengths[i] = -np.log2(1.0 - zero if bits[i] else zero)
        if contexts[i] >= 0:
            counts[contexts[i], bits[i]] += 1
    return lengths
