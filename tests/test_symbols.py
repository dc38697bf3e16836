"""Arrays of symbols as bytes: what goes in comes out, hostile bytes are refused, and lengths are what theory says."""

import contextlib
import heapq
import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games.errors import UsageError
from policies.codec import histogram, huffman
from policies.codec.adaptive_coder import Encoder, code_count
from policies.codec.histogram import EMPTY, TOTAL, best_histogram, code_histogram, frequencies
from policies.codec.huffman import MAX_LENGTH, code_lengths, code_words
from policies.codec.integer_arrays import LEARNED, LIMIT, MAX_DIGITS, METHODS, SymbolReader, SymbolWriter, read_symbols, write_symbols
from policies.codec.static_coder import model_of

few_values = st.lists(st.integers(-2, 3), max_size=200)
skewed = st.lists(st.sampled_from([0] * 30 + [1, 1, 1, -1, 7]), max_size=400)
in_runs = st.lists(st.tuples(st.integers(-5, 40), st.integers(1, 60)), max_size=8).map(
    lambda runs: [value for value, n in runs for _ in range(n)]
)
any_values = st.lists(st.integers(-LIMIT, LIMIT), max_size=40)
arrays = st.one_of(few_values, skewed, in_runs, any_values)

RAW = "01d621cad19a139865251a9422c368a219"
HUFFMAN = "04de8c72be23b9a6fc1ec4b6e6ee9462d29100"
RANGE = "05d9a31caf5825ba6afc69216972f915feb0f857"
ADAPTIVE = "bd1c9529a9baf5ad5dee72b66574f051"


def gaussian(n, deviation, seed=0):
    return np.round(np.random.default_rng(seed).normal(0, deviation, n)).astype(np.int64)


def sparse(n, share, seed=0):
    return gaussian(n, 3, seed) * (np.random.default_rng(seed + 1).random(n) < share)


def entropy_bits(symbols):
    _, counts = np.unique(symbols, return_counts=True)
    return float(-(counts * np.log2(counts / counts.sum())).sum())


def header_bits(symbols):
    values, counts = np.unique(symbols, return_counts=True)
    header = Encoder()
    code_histogram(header, best_histogram(values, counts), len(symbols), is_huffman=False)
    return 8 * len(header.finish())


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.lists(st.tuples(arrays, st.sampled_from("ab"), st.integers(0, 1000)), max_size=4))
def test_arrays_and_the_numbers_between_them_come_back(method, parts):
    writer = SymbolWriter(method)
    for symbols, context, number in parts:
        code_count(writer.coder, "number", number)
        assert writer.code(symbols, context).tolist() == symbols
    reader = SymbolReader(writer.finish(), method)
    for symbols, context, number in parts:
        assert code_count(reader.coder, "number", 0) == number
        assert reader.code(np.zeros(len(symbols)), context).tolist() == symbols


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=60), st.integers(0, 50), st.integers(-3, 0), st.integers(0, 300))
def test_foreign_bytes_are_symbols_in_range_or_refused(method, data, n, lowest, highest):
    with contextlib.suppress(UsageError):
        reader = SymbolReader(data, method)
        for _ in range(2):
            symbols = reader.code(np.zeros(n), lowest=lowest, highest=highest)
            assert len(symbols) == n
            assert np.all((symbols >= lowest) & (symbols <= highest))


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(arrays.filter(len), st.integers(0, 400), st.integers(0, 255))
def test_changed_and_cut_files_are_some_symbols_or_refused(method, symbols, place, byte):
    data = bytearray(write_symbols(symbols, method))
    cut = bytes(data[: place % (len(data) + 1)])
    place %= max(1, len(data))
    data[place : place + 1] = bytes([byte])
    for damaged in (bytes(data), cut):
        with contextlib.suppress(UsageError):
            read = read_symbols(damaged, method, len(symbols))
            assert len(read) == len(symbols)
            assert np.abs(read).max() <= LIMIT


@settings(max_examples=250, deadline=None, derandomize=True)
@given(arrays)
def test_range_coding_is_never_longer_than_huffman_by_more_than_stated(symbols):
    range_bytes, huffman_bytes = (len(write_symbols(symbols, method)) for method in ("range", "huffman"))
    assert range_bytes <= huffman_bytes + 2 + 0.006 * len(symbols) / 8


@pytest.mark.parametrize("share", [1e-4, 0.01, 0.1, 0.5])
def test_range_coding_beats_huffman_on_sparse_weights(share):
    symbols = sparse(200_000, share)
    range_bytes, huffman_bytes = (len(write_symbols(symbols, method)) for method in ("range", "huffman"))
    assert huffman_bytes > len(symbols) / 8  # no code word is shorter than one digit
    assert range_bytes < huffman_bytes
    assert range_bytes <= (entropy_bits(symbols) * 1.003 + header_bits(symbols)) / 8 + 2


@pytest.mark.parametrize(("n", "deviation"), [(100, 1), (3000, 5), (100_000, 40)])
def test_lengths_on_gaussians(n, deviation):
    symbols = gaussian(n, deviation)
    sizes = {method: len(write_symbols(symbols, method)) for method in METHODS}
    width = int(np.ptp(symbols)).bit_length()
    assert sizes["raw"] - math.ceil(n * width / 8) in (2, 3, 4, 5)  # the length of the head, the lowest value, the width
    entropy, header = entropy_bits(symbols), header_bits(symbols)
    assert (
        entropy / 8 <= sizes["range"] <= (entropy + header + 0.02 * n) / 8 + 2
    )  # two bits coarse at worst: 0.007 bits a symbol, or Huffman
    assert entropy / 8 <= sizes["adaptive"] <= (entropy + 8 * len(np.unique(symbols))) / 8 + 0.01 * n


@pytest.mark.parametrize("method", METHODS)
def test_nothing_and_one_value_cost_no_payload(method):
    assert len(write_symbols([], method)) <= 1
    for value in (0, 5, -LIMIT, LIMIT):
        short, long = (write_symbols(np.full(n, value), method) for n in (3000, 30_000))
        assert read_symbols(long, method, 30_000).tolist() == [value] * 30_000
        if method == "adaptive":  # the digits of a large size are not all learned
            assert value not in (0, 5) or len(long) <= len(short) + 4
        else:
            assert len(long) == len(short) <= 9  # two lengths, and a value of 29 digits


def test_large_alphabets_come_back():
    symbols = np.random.default_rng(0).integers(-LIMIT, LIMIT + 1, 3000)
    for method in METHODS:
        assert np.array_equal(read_symbols(write_symbols(symbols, method), method, 3000), symbols)


def huffman_cost(counts):
    """The number of digits of Huffman's own construction: every merge adds a digit to all below it."""
    heap = list(counts)
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged
        heapq.heappush(heap, merged)
    return total


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 10**5), min_size=2, max_size=60))
def test_code_lengths_are_those_of_huffman(counts):
    lengths = code_lengths(np.array(counts))
    assert lengths.max() <= MAX_LENGTH
    assert sum(2.0**-lengths) == 1
    if huffman_depth(counts) <= MAX_LENGTH:
        assert np.array(counts) @ lengths == huffman_cost(counts)


def huffman_depth(counts):
    heap = [(count, 0) for count in counts]
    heapq.heapify(heap)
    while len(heap) > 1:
        one, other = heapq.heappop(heap), heapq.heappop(heap)
        heapq.heappush(heap, (one[0] + other[0], 1 + max(one[1], other[1])))
    return heap[0][1]


def test_limited_code_lengths_are_the_best_of_all(monkeypatch):
    monkeypatch.setattr(huffman, "MAX_LENGTH", 3)
    for counts in ((1, 1, 2, 3, 5, 8), (1, 2, 4, 8, 16), (1, 1, 1, 1, 1, 1, 1, 50), (3, 1)):
        codes = (lengths for lengths in itertools.product((1, 2, 3), repeat=len(counts)) if sum(2.0**-n for n in lengths) <= 1)
        least = min(sum(n * count for n, count in zip(lengths, counts, strict=True)) for lengths in codes)
        assert np.array(counts) @ code_lengths(np.array(counts)) == least


def test_fibonacci_counts_meet_the_limit():
    counts = [1, 1]
    while len(counts) < 32:  # whose Huffman code is one digit deeper with every value
        counts.append(counts[-1] + counts[-2])
    assert huffman_depth(counts) == 31
    lengths = code_lengths(np.array(counts))
    assert lengths.max() == MAX_LENGTH
    assert sum(2.0**-lengths) == 1
    assert np.array(counts) @ lengths >= huffman_cost(counts)


def test_code_words_are_those_of_the_deflate_standard():
    lengths = [3, 3, 3, 3, 3, 2, 4, 4]  # the example of RFC 1951, section 3.2.2
    words = [f"{word:0{length}b}" for word, length in zip(code_words(np.array(lengths)), lengths, strict=True)]
    assert words == ["010", "011", "100", "101", "110", "00", "1110", "1111"]


@pytest.mark.parametrize("resolution", histogram.RESOLUTIONS)
def test_frequencies_follow_the_levels(resolution):
    counts = np.random.default_rng(0).integers(1, 1000, 50)
    exact = -np.log2(counts / counts.sum()) * resolution
    levels = code_lengths(counts) if resolution == 1 else np.rint(exact).astype(np.int64)
    found = frequencies(histogram.Histogram(np.arange(50), levels, resolution))
    assert found.sum() == TOTAL
    assert found.min() >= 1
    expected = 2.0 ** (-levels / resolution)
    assert found / TOTAL == pytest.approx(expected / expected.sum(), abs=3 / TOTAL)


def test_the_library_codes_with_exactly_these_frequencies():
    """One symbol narrows the range to its share, which `pos` tells."""
    import constriction

    given_frequencies = np.array([1, TOTAL // 2, 3, TOTAL // 4 + 5, TOTAL // 4 - 9])
    low = 0
    for place, frequency in enumerate(given_frequencies):
        encoder = constriction.stream.queue.RangeEncoder()
        encoder.encode(np.array([place], dtype=np.int32), model_of(given_frequencies))
        n_words, (begin, span) = encoder.pos()
        unit = ((1 << 64) - 1) >> MAX_LENGTH
        assert (begin, span) == (low * unit << 32 * n_words & (1 << 64) - 1, frequency * unit << 32 * n_words)
        low += int(frequency)


def test_adaptive_coding_learns_with_the_estimate_of_krichevsky_and_trofimov():
    """The same decisions by way of the Encoder's own contexts."""
    symbols = sparse(3000, 0.3)
    encoder = Encoder()
    for symbol in symbols.tolist():
        size = abs(symbol) + 1
        n_digits = size.bit_length() - 1
        for i in range(min(n_digits + 1, MAX_DIGITS)):
            encoder.code(("more", i), int(i < n_digits))
        for i in range(n_digits):
            digit = size >> (n_digits - 1 - i) & 1
            encoder.code((n_digits, size >> (n_digits - i)), digit) if i < LEARNED else encoder.code_fixed(1 << 15, digit)
        if symbol:
            encoder.code("sign", int(symbol < 0))
    assert len(write_symbols(symbols, "adaptive")) == pytest.approx(len(encoder.finish()), abs=2)


def test_contexts_share_what_is_learned():
    part = gaussian(50, 2)
    sizes = []
    for contexts in ("aaaa", "abcd"):
        writer = SymbolWriter("adaptive")
        for context in contexts:
            writer.code(part, context)
        sizes.append(len(writer.finish()))
    assert sizes[0] < sizes[1]


def test_files_of_earlier_releases_can_be_read():
    """Written by this module with constriction 0.5.0: a library that decodes them differently makes old files unreadable."""
    symbols = gaussian(40, 2, seed=5).tolist()
    files = {"raw": RAW, "huffman": HUFFMAN, "range": RANGE, "adaptive": ADAPTIVE}
    for method, data in files.items():
        assert read_symbols(bytes.fromhex(data), method, 40).tolist() == symbols
        assert write_symbols(symbols, method).hex() == data


def test_one_head_and_one_end_serve_all_arrays():
    parts = [gaussian(30, 1, seed) for seed in range(50)]
    for method in METHODS:
        writer = SymbolWriter(method)
        for part in parts:
            writer.code(part)
        assert len(writer.finish()) < sum(len(write_symbols(part, method)) for part in parts) - 49


def test_wrong_words_are_refused():
    with pytest.raises(UsageError, match="choose from raw, huffman, range, adaptive"):
        write_symbols([1], "zip")
    for method in METHODS:
        with pytest.raises(UsageError, match=f"to {LIMIT + 1}: give numbers"):
            write_symbols([0, LIMIT + 1], method)
        with pytest.raises(UsageError, match="give numbers from 0 to 3"):
            SymbolWriter(method).code([0, 4], lowest=0, highest=3)
        with pytest.raises(UsageError, match="give a row"):
            write_symbols([[1]], method)
        with pytest.raises(UsageError, match="instead of 0 to 3"):
            SymbolReader(write_symbols([1, 4], method), method).code([0, 0], lowest=0, highest=3)


def test_more_values_than_symbols_are_refused_before_they_are_read():
    head = Encoder()
    code_count(head, "values", 2**25)
    for method in ("huffman", "range"):
        with pytest.raises(UsageError, match="33554433 different values among 3 symbols"):
            read_symbols(bytes([len(head.finish())]) + head.finish(), method, 3)
    with pytest.raises(UsageError, match="impossible frequencies"):
        code_histogram(Encoder(), histogram.Histogram(np.arange(3), np.array([1, 1, 1]), 1), 3, is_huffman=True)
    assert len(EMPTY.values) == 0


def test_the_library_is_imported_only_where_it_codes():
    program = "import sys, policies.codec.integer_arrays as a; a.write_symbols([1, 2], 'huffman'); print('constriction' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "False\n"
