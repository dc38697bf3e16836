"""The range coder of the library `constriction`, with frequencies that are whole numbers: the same bytes on every machine."""

from typing import Any

import numpy as np

from games.arrays import Int64s
from games.errors import UsageError


class RangeWriter:
    """Collects symbols; `finish` turns them into bytes."""

    def __init__(self) -> None:
        self._encoder: Any = None

    def put(self, symbols: Int64s, frequencies: Int64s) -> None:
        """Add symbols from 0 up, each with its frequency in 2**24. [n_symbols], [n_values] with two values or more"""
        self._encoder = self._encoder or _library().queue.RangeEncoder()
        self._encoder.encode(symbols.astype(np.int32), model_of(frequencies))

    def finish(self) -> bytes:
        """The fewest bytes that decode to what was put in when zeros follow; the library would end with one or two whole words."""
        if self._encoder is None:
            return b""
        n_words, (low, span) = self._encoder.pos()
        sealed = self._encoder.get_compressed()
        point = int.from_bytes(sealed.astype(">u4").tobytes(), "big") << 32 * (n_words + 2 - len(sealed))
        first = point - ((point - low) & (1 << 64) - 1)
        for n_bytes in range(9):
            unused = (1 << 64 - 8 * n_bytes) - 1
            value = (first + unused) & ~unused
            if value < first + span:
                break
        return int(value >> 64 - 8 * n_bytes).to_bytes(4 * n_words + n_bytes, "big")


class RangeReader:
    """Reads back what a RangeWriter wrote."""

    def __init__(self, data: bytes) -> None:
        words = np.frombuffer(data + bytes(-len(data) % 4 + 8), dtype=">u4").astype(np.uint32)
        self._decoder = _library().queue.RangeDecoder(words)

    def take(self, n_symbols: int, frequencies: Int64s) -> Int64s:
        """The next symbols. [n_symbols] Raises UsageError for bits that no message has; other foreign bits are some symbols."""
        try:
            return np.asarray(self._decoder.decode(model_of(frequencies), n_symbols), dtype=np.int64)
        except AssertionError:  # the library's own
            raise UsageError("the file is damaged: its symbols cannot be decoded") from None


def model_of(frequencies: Int64s) -> Any:
    """The library's model of these frequencies, exactly: it scales weights to a total of 2**24 minus one each, and adds the ones again."""
    return _library().model.Categorical((frequencies - 1).astype(np.float64), perfect=False)


def _library() -> Any:
    import constriction

    return constriction.stream
