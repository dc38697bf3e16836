"""Decisions of compiled formats: written to a tape, or read from it, by one kernel that serves both directions.

A kernel takes a Tape and calls `code_bit`, which writes the bit that it is given, or ignores it and returns the one that is read.
"""

from typing import NamedTuple

import numpy as np

from games.arrays import Int32s, Int64s, UInt8s, UInt64s
from games.jit import njit
from policies.codec.adaptive_coder import ONE, Decoder, Encoder, decode_bit, start_decoding


class Tape(NamedTuple):
    """The decisions that a kernel writes, or the state of a decoder that it reads from."""

    reading: bool
    contexts: Int32s  # writing: the decisions so far, see `encode_bits`
    bits: UInt8s
    n_written: Int64s  # [1]
    state: UInt64s  # reading: see `start_decoding`
    data: UInt8s
    counts: Int64s  # [n_contexts, 2] reading: of the contexts from 0 up; none where all probabilities are given


def blank_tape(room: int) -> Tape:
    """A tape for a kernel that writes up to `room` decisions; `written` returns them."""
    unused = start_decoding(b"")  # of the same types as when reading, so that kernels are compiled once for both directions
    return Tape(False, np.empty(room, np.int32), np.empty(room, np.uint8), np.zeros(1, np.int64), *unused, np.zeros((0, 2), np.int64))


def tape_of(state: UInt64s, data: UInt8s, n_contexts: int = 0) -> Tape:
    """A tape for a kernel that reads from a decoder's state, which it moves on; with this many contexts that are learned."""
    counts = np.zeros((n_contexts, 2), dtype=np.int64)
    return Tape(True, np.empty(0, np.int32), np.empty(0, np.uint8), np.zeros(1, np.int64), state, data, counts)


def written(tape: Tape) -> tuple[Int32s, UInt8s]:
    """Contexts and bits of the decisions on a tape, as `encode_bits` takes them; none where it was read."""
    n = int(tape.n_written[0])
    return tape.contexts[:n].copy(), tape.bits[:n].copy()


def open_tape(coder: Encoder | Decoder, room: int) -> Tape:
    """A tape that goes on where the coder is, for up to `room` decisions of given probabilities; follow with `close_tape`."""
    return tape_of(coder.state, coder.data) if isinstance(coder, Decoder) else blank_tape(room)


def close_tape(coder: Encoder | Decoder, tape: Tape) -> None:
    """Hand the decisions of a kernel over to the encoder."""
    if isinstance(coder, Encoder):
        coder.extend(*written(tape))


@njit
def code_bit(tape: Tape, context: int, bit: int) -> int:
    """Code one decision in a context, which below 0 stands for a given probability: see `encode_bits`, and `fine`."""
    if tape.reading:
        return decode_bit(tape.state, tape.data, tape.counts, context)
    tape.contexts[tape.n_written[0]] = context
    tape.bits[tape.n_written[0]] = bit
    tape.n_written[0] += 1
    return bit


@njit
def code_uniform(tape: Tape, value: int, n: int) -> int:
    """A number in 0..n-1, all equally likely; the twin of `policies.codec.adaptive_coder.code_uniform`."""
    low, size = 0, n
    while size > 1:
        half = size // 2
        if code_bit(tape, -((half * ONE + size // 2) // size), int(value >= low + half)):
            low, size = low + half, size - half
        else:
            size = half
    return low
