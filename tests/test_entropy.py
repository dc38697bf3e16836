"""The range coder: what goes in comes out, in no more bytes than the ideal code length allows."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.codec.adaptive_coder import Decoder, Encoder, code_count, code_symbol, code_uniform, encode_bits

decisions = st.lists(
    st.one_of(
        st.tuples(st.just("bit"), st.integers(0, 3), st.integers(0, 1)),
        st.tuples(st.just("fixed"), st.integers(1, 65535), st.integers(0, 1)),
        st.tuples(st.just("uniform"), st.integers(1, 5000), st.integers(0, 4999)),
        st.tuples(st.just("symbol"), st.integers(2, 9), st.integers(0, 8)),
        st.tuples(st.just("count"), st.integers(0, 1), st.integers(0, 2**30 - 2)),
    ),
    max_size=60,
)


def code_all(coder, items):
    result = []
    for kind, parameter, value in items:
        if kind == "bit":
            result.append(coder.code(parameter, value))
        elif kind == "fixed":
            result.append(coder.code_fixed(parameter, value))
        elif kind == "uniform":
            result.append(code_uniform(coder, value % parameter, parameter))
        elif kind == "symbol":
            result.append(code_symbol(coder, "s", value % parameter, parameter))
        else:
            result.append(code_count(coder, parameter, value))
    return result


@settings(max_examples=400, deadline=None)
@given(decisions)
def test_every_sequence_of_decisions_comes_back(items):
    encoder = Encoder()
    written = code_all(encoder, items)
    blank = [(kind, parameter, 0) for kind, parameter, _ in items]
    assert code_all(Decoder(encoder.finish()), blank) == written


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=64), decisions)
def test_foreign_bytes_decode_to_something_in_range(data, items):
    for (kind, parameter, _), value in zip(items, code_all(Decoder(data), items), strict=True):
        limit = {"bit": 2, "fixed": 2, "uniform": parameter, "symbol": parameter, "count": 2**31}[kind]
        assert 0 <= value < limit


def krichevsky_trofimov_bits(bits):
    """The ideal code length of a bit string under the estimate (count + 1/2) / (seen + 1), term by term."""
    counts, total = [0, 0], 0.0
    for bit in bits:
        total -= math.log2((counts[bit] + 0.5) / (sum(counts) + 1))
        counts[bit] += 1
    return total


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.97])
@pytest.mark.parametrize("n", [1, 30, 3000, 100_000])
def test_length_is_the_ideal_code_length(share, n):
    rng = np.random.default_rng(n)
    bits = (rng.random(n) < share).astype(np.uint8)
    ideal = krichevsky_trofimov_bits(bits.tolist())
    written = 8 * len(encode_bits(np.zeros(n, dtype=np.int32), bits))
    # The end may be left out where it is zeros, or cost a byte; probabilities have 16 bits and a floor of 1 / 65,536.
    assert ideal - 16 <= written <= ideal * 1.0005 + 16 + n * 2**-15


def test_uniform_numbers_cost_their_logarithm():
    rng = np.random.default_rng(0)
    for n in (3, 10, 1000, 870_384):
        encoder = Encoder()
        for value in rng.integers(n, size=500):
            code_uniform(encoder, int(value), n)
        assert 8 * len(encoder.finish()) == pytest.approx(500 * math.log2(n), rel=0.01, abs=8)


def test_carries_run_through_any_number_of_bytes():
    # Near-certain ones push the low end of the interval up to a run of 0xFF bytes; the last decisions then carry through it.
    for n in range(1, 200):
        contexts = np.full(n, -1, dtype=np.int32)
        bits = np.ones(n, dtype=np.uint8)
        bits[-1] = 0
        decoder = Decoder(encode_bits(contexts, bits))
        assert [decoder.code_fixed(1) for _ in range(n)] == bits.tolist()


def test_missing_bytes_are_counted():
    encoder = Encoder()
    for value in range(1, 400):
        code_uniform(encoder, value, 1 << 20)
    data = encoder.finish()

    def missing(data):
        decoder = Decoder(data)
        for _ in range(399):
            code_uniform(decoder, 0, 1 << 20)
        return decoder.n_missing

    assert missing(data) <= 1
    assert missing(data[:500]) >= len(data) - 501


def test_nothing_costs_nothing():
    assert Encoder().finish() == b""
