"""Mixed predictions: both ends agree, known numbers of members cost what counting them gives, and contexts that tell are learned."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.codec.adaptive_coder import Decoder, Encoder, fine, ideal_bits
from policies.codec.context_mixing import code_members, new_mixer
from policies.codec.kernel_stream import close_tape, open_tape


def write(models, features, start, n_members, is_member):
    encoder = Encoder()
    encoder.code("before", 1)
    tape = open_tape(encoder, len(is_member))
    code_members(tape, new_mixer(models, len(is_member)), features, start, n_members, is_member)
    close_tape(encoder, tape)
    encoder.code("after", 1)
    return encoder


def read(data, models, features, start, n_members):
    decoder, is_member = Decoder(data), np.zeros(len(features), dtype=np.uint8)
    assert decoder.code("before") == 1
    tape = open_tape(decoder, 0)
    code_members(tape, new_mixer(models, len(is_member)), features, start, n_members, is_member)
    close_tape(decoder, tape)
    return is_member, decoder.code("after")


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 80), max_size=5), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_members_of_groups_come_back(sizes, seed, share):
    rng = np.random.default_rng(seed)
    start = np.cumsum([0, *sizes])
    features = rng.integers(-(2**31), 2**31, (start[-1], 3)).astype(np.int32) >> rng.integers(0, 32, 3).astype(np.int32)
    is_member = (rng.random(start[-1]) < share).astype(np.uint8)
    n_members = np.array([is_member[a:b].sum() for a, b in itertools.pairwise(start)], dtype=np.int64)
    models = [(0,), (1, 2), (0, 1, 2)]
    data = write(models, features, start, n_members, is_member).finish()
    found, after = read(data, models, features, start, n_members)
    np.testing.assert_array_equal(found, is_member)
    assert after == 1


@pytest.mark.parametrize(("n_items", "n_members"), [(1, 0), (1, 1), (1000, 1), (5454, 98), (5000, 2500), (200_000, 20)])
def test_without_contexts_a_set_costs_the_logarithm_of_how_many_there_are(n_items, n_members):
    """log2 of the binomial coefficient: what naming one of all sets of this size takes."""
    is_member = np.zeros(n_items, dtype=np.uint8)
    is_member[np.random.default_rng(0).permutation(n_items)[:n_members]] = 1
    features = np.zeros((n_items, 1), dtype=np.int32)
    encoder = write([], features, np.array([0, n_items]), np.array([n_members]), is_member)
    lower = math.log2(math.comb(n_items, n_members))
    assert lower - 1 <= ideal_bits(*encoder.decisions()).sum() - 2 <= 1.01 * lower + 1


def test_the_context_that_tells_is_found_among_others():
    """One of four features decides with probabilities 0.9 and 0.01; the ideal is the entropy given that feature."""
    rng = np.random.default_rng(0)
    n = 50_000
    features = rng.integers(0, 50, (n, 4)).astype(np.int32)
    p = np.where(features[:, 2] % 5 == 0, 0.9, 0.01)
    is_member = (rng.random(n) < p).astype(np.uint8)
    start, n_members = np.array([0, n]), np.array([is_member.sum()])
    ideal = -np.log2(np.where(is_member == 1, p, 1 - p)).sum()
    blind = math.log2(math.comb(n, int(n_members[0])))
    bits = 8 * len(write([(0,), (1,), (2,), (3,), (0, 1)], features, start, n_members, is_member).finish())
    assert ideal < bits < 1.15 * ideal < blind / 2


def test_probabilities_far_below_those_of_sixteen_bits_are_coded_at_their_length():
    """2**20 ones of probability 1 - 2**-20 each take log2(e) bits together; 16 bits could not say less than 23."""
    encoder, n = Encoder(), 1 << 20
    encoder.extend(np.full(n, fine((1 << 24) - 16), dtype=np.int32), np.ones(n, dtype=np.uint8))
    assert encoder.n_decisions == n
    assert ideal_bits(*encoder.decisions()).sum() == pytest.approx(math.log2(math.e), rel=1e-3)
    assert len(encoder.finish()) <= 1
