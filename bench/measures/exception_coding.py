"""The exceptions of a policy: the corrections that make all its moves optimal, as few bits as we know how to write.

Position by position, moves are tried until one is optimal: the move most likely to be optimal first, and each trial is one
binary decision ("is it?"), coded with the probability that it was thought to have. The move left over when all others have
failed needs none. Any optimal move ends the search, so where several are optimal the likeliest of them is what a file says.

How likely a move is, is learned on the way, from the decisions made so far; who reads has made the same ones. Five inputs
are mixed (bench/measures/mixing.py):

1. how many of the neighbours at which this action was tried have it right, and how many wrong;
2. the action, and how well the policy's best move of this position scores (of a rule list: which rule decides);
3. how this action fared the last three times that it was tried;
4. how well this move scores, and how well the best one does;
5. of the neighbours, the one that says most: which bit it lacks, which action it is, and whether it is right there.

The first four also know how many moves the policy prefers to this one, up to three. Positions are visited in ascending
order of their packed states, and the neighbours of a position are the earlier ones that differ in one bit: on a board, those
with one stone less. docs/codelength.md says what comes of it.

Nothing is known of where a move leads. Who looked at what follows could find the optimal moves by search, in no bits at all:
that is the solver, another end of the scale (`perfect` among the learners). The file without a policy is written in just the
same way, with all scores equal, so a policy is paid for what it knows beyond that.
"""

from typing import NamedTuple

import numpy as np

from bench.measures.mixing import (
    CONFIDENCE,
    FRESH,
    STRETCH,
    correct,
    fresh_corrections,
    fresh_weights,
    learn,
    learn_correction,
    learn_weights,
    mix,
)
from games.arrays import Bools, Int16s, Int32s, Int64s, UInt8s
from games.contract import States
from games.jit import njit
from games.solving.graph import GameGraph, intern_keys
from policies.api import Scores
from policies.codec.adaptive_coder import ONE, decode_bit, encode_bits, start_decoding

N_KEYED = 4  # inputs whose counter is found by hash; that of the neighbours comes last
N_INPUTS = 5
SLOT_BITS = 18  # counters an input; contexts that meet in one share it
N_TIERS = 4
N_ACTIONS = 64  # what is remembered of a position is kept for actions modulo this, one bit each
N_LEFT, N_TRIED = 8, 3  # corrections are learned by how many moves are left and how many were tried, up to these
MAX_LEVELS, N_COARSE = 4096, 64  # scores are rounded to N_COARSE levels where more than MAX_LEVELS are different
TRIED = -1 << 20  # in place of the logit of a move that is not optimal


class Moves(NamedTuple):
    """What is known before anything is read: the positions, in the order of the visits, and what the policy says of their moves."""

    states: States  # [n_visits] packed, ascending
    position: Int64s  # [n_visits] their place in `edge_start`
    edge_start: Int64s  # [n_positions + 1]
    edge_action: Int16s  # [n_edges]
    rank: Int32s  # [n_edges] how many different scores are lower
    level: Int32s  # [n_edges] the same, rounded if they are many


class Memory(NamedTuple):
    """What was learned so far."""

    counters: Int32s  # [N_INPUTS, 2**SLOT_BITS]
    weights: Int64s  # [N_INPUTS, N_CONFIDENCES]
    corrections: Int64s  # [N_LEFT * N_TRIED, N_KNOTS]
    recent: Int64s  # [N_ACTIONS] the last three results of each action, two bits each
    tried: States  # [n_visits] bit a: action a was tried there
    right: States  # [n_visits] bit a: and was optimal
    nearby: Int64s  # [64] for each bit, the first visit that may be the next neighbour without it


class Trial(NamedTuple):
    """What is predicted of the moves of the position in hand. [most moves, ...]"""

    slots: Int64s  # [..., N_KEYED] the counters used
    logits: Int64s  # [..., N_INPUTS] what they predict
    confidences: Int64s  # [..., N_INPUTS]
    mixed: Int64s  # [...] what they predict together, or TRIED
    met: Int64s  # [..., 64] the counters of the neighbours
    n_right: Int64s  # [...] of the neighbours at which the action was tried
    n_wrong: Int64s  # [...]


def moves_of(graph: GameGraph, scores: Scores) -> Moves:
    """The positions of a game that offer a choice, and how a policy scores their moves."""
    choices = np.flatnonzero(graph.n_moves > 1)
    order = choices[np.argsort(graph.states[choices], kind="stable")]
    rank, n_ranks = rank_scores(scores)
    level = rank if n_ranks <= MAX_LEVELS else (rank.astype(np.int64) * N_COARSE // n_ranks).astype(np.int32)
    return Moves(graph.states[order], order, np.asarray(graph.edge_start), np.asarray(graph.edge_action), rank, level)


def rank_scores(scores: Scores) -> tuple[Int32s, int]:
    """How many different scores are lower than each one, and how many different ones there are. [n]"""
    keys = (scores + 0.0).view(np.uint64)  # adding 0.0 makes one of the two zeros
    distinct = np.empty_like(keys)
    numbers, n_distinct = intern_keys(keys, distinct, 0, np.full(1 << (2 * len(keys)).bit_length(), -1, dtype=np.int32))
    rank = np.empty(n_distinct, dtype=np.int32)
    rank[np.argsort(distinct[:n_distinct].view(np.float64))] = np.arange(n_distinct)
    return rank[numbers], n_distinct


def encode_choices(moves: Moves, wanted: Bools) -> bytes:
    """One wanted move in every position: [n_edges], of which at least one is true in each position.

    The first decision, a fair one, is 0 where the policy's own best move is wanted everywhere: then the file is empty.
    """
    if wanted[own_choices(moves)[np.diff(moves.edge_start) > 0]].all():
        return b""
    contexts, bits, _ = encode_rest(moves, none_known(moves), wanted)
    return encode_bits(np.concatenate([[-ONE // 2], contexts]).astype(np.int32), np.concatenate([[1], bits]).astype(np.uint8))


def decode_choices(moves: Moves, data: bytes) -> Int64s:
    """The edge that was wanted in every position that has one; foreign bytes give some edge of it. [n_positions with a move]"""
    state, array = start_decoding(data)
    if decode_bit(state, array, np.zeros((0, 2), dtype=np.int64), -ONE // 2):
        chosen = decode_rest(moves, none_known(moves), state, array)
    else:
        chosen = own_choices(moves)
    return chosen[np.diff(moves.edge_start) > 0]


def encode_rest(moves: Moves, known: Int64s, wanted: Bools) -> tuple[Int32s, UInt8s, Int64s]:
    """A wanted move in every position of which none is known yet: the decisions, as `encode_bits` takes them, and all edges chosen.

    `known` has the edge to be chosen in a position, or -1: [n_positions]. The coder learns from these as from what it has written.
    """
    state, data = start_decoding(b"")
    return _code(moves, *_fresh(moves), known, wanted, True, state, data)


def decode_rest(moves: Moves, known: Int64s, state: States, data: UInt8s) -> Int64s:
    """The edges that `encode_rest` chose, from a decoder that is left at what follows: [n_positions], `state` and `data` as in Decoder."""
    _, _, chosen = _code(moves, *_fresh(moves), known, np.zeros(0, dtype=np.bool_), False, state, data)
    return chosen


def none_known(moves: Moves) -> Int64s:
    """No move is known of any position: [n_positions]."""
    return np.full(len(moves.edge_start) - 1, -1, dtype=np.int64)


def _fresh(moves: Moves) -> tuple[Memory, Trial]:
    n_visits, most = len(moves.states), int(np.diff(moves.edge_start).max(initial=1))
    memory = Memory(
        counters=np.full((N_INPUTS, 1 << SLOT_BITS), FRESH, dtype=np.int32),
        weights=fresh_weights(N_INPUTS),
        corrections=fresh_corrections(N_LEFT * N_TRIED),
        recent=np.zeros(N_ACTIONS, dtype=np.int64),
        tried=np.zeros(n_visits, dtype=np.uint64),
        right=np.zeros(n_visits, dtype=np.uint64),
        nearby=np.zeros(64, dtype=np.int64),
    )
    shapes = ((most, N_KEYED), (most, N_INPUTS), (most, N_INPUTS), most, (most, 64), most, most)
    return memory, Trial(*(np.zeros(shape, dtype=np.int64) for shape in shapes))


@njit
def own_choices(moves: Moves) -> Int64s:
    """The first of the best-scored moves of each position."""
    chosen = moves.edge_start[:-1].copy()
    for position in range(chosen.shape[0]):
        for edge in range(moves.edge_start[position] + 1, moves.edge_start[position + 1]):
            if moves.rank[edge] > moves.rank[chosen[position]]:
                chosen[position] = edge
    return chosen


@njit
def _code(
    moves: Moves, memory: Memory, trial: Trial, known: Int64s, wanted: Bools, is_writing: bool, state: States, data: UInt8s
) -> tuple[Int32s, UInt8s, Int64s]:
    """All decisions, as `encode_bits` takes them when writing, read from `data` when not; and the edge chosen in each position.

    Where the edge is known its decisions are only learned from.
    """
    n_most = moves.edge_action.shape[0] if is_writing else 0
    contexts, bits, n_bits = np.empty(n_most, dtype=np.int32), np.empty(n_most, dtype=np.uint8), 0
    no_counts = np.zeros((0, 2), dtype=np.int64)
    chosen = moves.edge_start[:-1].copy()
    for visit in range(moves.position.shape[0]):
        first = moves.edge_start[moves.position[visit]]
        n_moves = moves.edge_start[moves.position[visit] + 1] - first
        _meet_neighbours(visit, moves, memory, trial)
        _predict(visit, moves, memory, trial)
        bit, n_tried = 0, 0
        while not bit:
            move = 0
            for other in range(1, n_moves):
                if trial.mixed[other] > trial.mixed[move]:
                    move = other
            bit, n_left = 1, n_moves - n_tried
            if n_left > 1:
                correction = min(n_left - 2, N_LEFT - 1) * N_TRIED + min(n_tried, N_TRIED - 1)
                p_zero = ONE - correct(memory.corrections, correction, trial.mixed[move])
                if known[moves.position[visit]] >= 0:
                    bit = int(known[moves.position[visit]] == first + move)
                elif is_writing:
                    bit = int(wanted[first + move])
                    contexts[n_bits], bits[n_bits] = -p_zero, bit
                    n_bits += 1
                else:
                    bit = decode_bit(state, data, no_counts, -p_zero)
                learn_correction(memory.corrections, correction, trial.mixed[move], bit)
            _learn(visit, move, int(moves.edge_action[first + move]) % N_ACTIONS, bit, memory, trial)
            trial.mixed[move] = TRIED
            n_tried += 1
            chosen[moves.position[visit]] = first + move
    return contexts[:n_bits].copy(), bits[:n_bits].copy(), chosen


@njit
def _meet_neighbours(visit: int, moves: Moves, memory: Memory, trial: Trial) -> None:
    """Count, for every move, the neighbours that have it right and wrong, and let the one that says most be the last input.

    Positions come in ascending order, and so do, for each bit, their neighbours without it: each is found from the one before.
    """
    first, last = moves.edge_start[moves.position[visit]], moves.edge_start[moves.position[visit] + 1]
    for move in range(last - first):
        trial.n_right[move] = trial.n_wrong[move] = trial.logits[move, N_KEYED] = 0
    state, one = moves.states[visit], np.uint64(1)
    for place in range(64):
        bit = one << np.uint64(place)
        if bit > state:
            break
        if not state & bit:
            continue
        near = memory.nearby[place]
        while moves.states[near] < state ^ bit:
            near += 1
        memory.nearby[place] = near
        if moves.states[near] != state ^ bit:
            continue
        tried, right = memory.tried[near], memory.right[near]
        for move in range(last - first):
            action = int(moves.edge_action[first + move]) % N_ACTIONS
            if tried >> np.uint64(action) & one:
                is_right = int(right >> np.uint64(action) & one)
                slot = (place * N_ACTIONS + action) * 2 + is_right
                trial.met[move, trial.n_right[move] + trial.n_wrong[move]] = slot
                trial.n_right[move] += is_right
                trial.n_wrong[move] += 1 - is_right
                logit = STRETCH[memory.counters[N_KEYED, slot] >> 12]
                if abs(logit) > abs(trial.logits[move, N_KEYED]):
                    trial.logits[move, N_KEYED] = logit
    for move in range(last - first):
        trial.confidences[move, N_KEYED] = min(trial.n_right[move] + trial.n_wrong[move], 7)


@njit
def _predict(visit: int, moves: Moves, memory: Memory, trial: Trial) -> None:
    first, last = moves.edge_start[moves.position[visit]], moves.edge_start[moves.position[visit] + 1]
    best = first
    for edge in range(first + 1, last):
        if moves.rank[edge] > moves.rank[best]:
            best = edge
    top = int(moves.level[best])
    for edge in range(first, last):
        move, action = edge - first, int(moves.edge_action[edge])
        tier = 0
        for other in range(first, last):
            tier += moves.rank[other] > moves.rank[edge]
        tier = min(tier, N_TIERS - 1)
        for i in range(N_KEYED):
            if i == 0:
                key = trial.n_right[move] << 8 | trial.n_wrong[move]
            elif i == 1:
                key = action << 20 | top
            elif i == 2:
                key = memory.recent[action % N_ACTIONS]
            else:
                key = int(moves.level[edge]) << 20 | top
            slot = _slot(key * N_TIERS + tier)
            counter = memory.counters[i, slot]
            trial.slots[move, i] = slot
            trial.logits[move, i] = STRETCH[counter >> 12]
            trial.confidences[move, i] = CONFIDENCE[counter & 255]
        trial.mixed[move] = mix(memory.weights, trial.logits, trial.confidences, move)


@njit
def _slot(key: int) -> int:
    mixed = np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)
    return int((mixed ^ mixed >> np.uint64(32)) * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(64 - SLOT_BITS))


@njit
def _learn(visit: int, move: int, action: int, bit: int, memory: Memory, trial: Trial) -> None:
    learn_weights(memory.weights, trial.logits, trial.confidences, move, trial.mixed[move], bit)
    for i in range(N_KEYED):
        learn(memory.counters, i, trial.slots[move, i], bit)
    for k in range(trial.n_right[move] + trial.n_wrong[move]):
        learn(memory.counters, N_KEYED, trial.met[move, k], bit)
    memory.recent[action] = (memory.recent[action] << 2 | 1 + bit) % 64
    memory.tried[visit] |= np.uint64(1) << np.uint64(action)
    memory.right[visit] |= np.uint64(bit) << np.uint64(action)
