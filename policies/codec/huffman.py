"""Huffman codes of limited length: their construction, and code words as bits."""

import numpy as np

from games.arrays import Int64s, UInt8s
from games.jit import njit

MAX_LENGTH = 24  # binary digits of the longest code word


def code_lengths(counts: Int64s) -> Int64s:
    """The lengths of an optimal prefix code in which no word is longer than MAX_LENGTH; 0 for a single value. [n_values]

    Package-merge: Larmore & Hirschberg, "A fast algorithm for optimal length-limited Huffman codes" (1990).
    """
    order = np.argsort(counts, kind="stable")
    leaves = counts[order]
    ranks = []  # of each list of packages, how many leaves are among its first 0, 1, 2, ... items
    items = leaves
    for _ in range(min(MAX_LENGTH, len(counts)) - 1):
        packages = items[: len(items) // 2 * 2].reshape(-1, 2).sum(axis=1)
        items = np.concatenate([leaves, packages])
        place = np.argsort(items, kind="stable")
        items = items[place]
        ranks.append(np.concatenate([[0], np.cumsum(place < len(leaves))]))
    lengths = np.zeros(len(counts), dtype=np.int64)
    n_taken = 2 * len(counts) - 2
    for rank in reversed(ranks):
        n_leaves = int(rank[n_taken])
        lengths[order[:n_leaves]] += 1
        n_taken = 2 * (n_taken - n_leaves)
    lengths[order[:n_taken]] += 1
    return lengths


def code_words(lengths: Int64s) -> Int64s:
    """The canonical code of given lengths: shorter words first, among equals those of lower values; as numbers. [n_values]"""
    order = np.argsort(lengths, kind="stable")
    steps = np.int64(1) << (MAX_LENGTH - lengths[order])
    words = np.empty_like(lengths)
    words[order] = (np.cumsum(steps) - steps) >> (MAX_LENGTH - lengths[order])
    return words


@njit
def put_words(words: Int64s, widths: Int64s, bits: UInt8s) -> None:
    """Write each word in as many bits as its width says, first digit first. [n_symbols], [n_symbols], [sum of widths]"""
    place = 0
    for i in range(words.shape[0]):
        for shift in range(widths[i] - 1, -1, -1):
            bits[place] = (words[i] >> shift) & 1
            place += 1


@njit
def take_words(bits: UInt8s, per_length: Int64s, places: Int64s) -> int:
    """Read canonical code words as their places in the order of the code: [n_symbols]. Returns how many bits; -1 if they run out."""
    place = 0
    for i in range(places.shape[0]):
        word, first, n_shorter, length = 0, 0, 0, 0
        while True:
            if place == bits.shape[0]:
                return -1
            word, first = word << 1 | bits[place], first << 1
            place += 1
            length += 1
            if word - first < per_length[length]:
                break
            first += per_length[length]
            n_shorter += per_length[length]
        places[i] = n_shorter + word - first
    return place
