"""Planted rules: a control in which optimal play is a list of K rules whose gains fall off as named.

The players in turn choose a branch of a binary tree until one of them stands before a question and must answer it a, b, c or
d, which ends the game: the right answer is worth nothing, a wrong one loses the stake. A question is a situation
(1 ... K) and a detail (1 ... 4), each once; the stake depends on the situation alone:

    planted-geometric-K   30,000 * 0.9^(k - 1) points in situation k: each rule gains 0.9 of what the one before gains
    planted-zipf-K        27,720 / k points in situation k: gains are as 1/k (27,720 is divisible by 1 ... 12)

both rounded to whole points. In every situation the details are matched with the answers one to one, by a permutation drawn
for it by hash, so that no situation tells anything about another. Concept k plays the right answer in situation k, and holds of
no other move; a concept for each answer is there to mislead.

What follows. A right answer always exists and is worth 0, so every choice of a branch is worth 0: only questions are
contested, and choosing uniformly costs 3/4 of the stake at each. Each situation has four questions, so rule k lowers the mean
regret by a share stake(k) / (sum of all stakes) of the uniform one: that is its marginal gain, in whatever order the rules
are added. The K rules together gain 1. A list over the concepts that lacks rule k gains less: in situation k either a misleading
concept decides, the same in all four questions and right in only one of them, or none does and any answer may be played. So the
shortest lists that are optimal everywhere are those of the K rules, in any order. A list that begins with a misleading concept
gains exactly 0.

A state in 64 bits, Q = 4 K questions: the forks 0 ... Q - 2 (fork i leads to 2 i + 1 and 2 i + 2), the questions
Q - 1 ... 2 Q - 2, then the end after a right answer, and after a wrong one in situation 1 ... K.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np

from games.arrays import Int8s, Int16s, Int32s, Int64s, UInt8s
from games.contract import Board, Expansion, States
from games.errors import UsageError
from games.splitmix import splitmix64

ANSWERS = "abcd"
N_DETAILS = 4
PERMUTATIONS = np.array(list(permutations(range(N_DETAILS))))
MIN_STAKE = 50  # smaller ones would differ by more than a hundredth from the law they stand for
SHAPES = ("geometric", "zipf")
DIGITS = (8, 4, 0)  # numbers are shown to learners as hexadecimal digits, by their shifts
FORK, QUESTION, OVER = range(3)


@dataclass(frozen=True)
class Planted:
    """The game of `n_rules` planted rules; `shape` names the law of their gains."""

    shape: str
    n_rules: int

    n_actions = len(ANSWERS)
    endless = False

    @property
    def id(self) -> str:
        return f"planted-{self.shape}-{self.n_rules}"

    @property
    def max_payoff(self) -> int:
        return int(self.stakes[0])

    @property
    def board(self) -> Board | None:
        return None

    @cached_property
    def stakes(self) -> Int16s:
        """The points at stake in each situation, largest first; the marginal gain of a rule is its share of their sum. [n_rules]"""
        return np.array(stakes(self.shape, self.n_rules), dtype=np.int16)

    @property
    def n_questions(self) -> int:
        return N_DETAILS * self.n_rules

    def estimate_states(self) -> float:
        return 2.0 * self.n_questions + self.n_rules

    def start(self) -> int:
        return 0

    def expand(self, states: States) -> Expansion:
        stage, number, detail = self._read(states)
        n_moves = np.choose(stage, [2, len(ANSWERS), 0])
        edge_start = np.concatenate([[0], np.cumsum(n_moves)]).astype(np.int64)
        parent = np.repeat(np.arange(len(states)), n_moves)
        action = np.arange(len(parent)) - edge_start[parent]
        situation = np.where(stage == QUESTION, number, 0)[parent]
        is_right = right_answers(situation)[np.arange(len(parent)), detail[parent]] == action
        after_answer = 2 * self.n_questions - 1 + np.where(is_right, 0, situation + 1)
        child = np.where(stage[parent] == FORK, 2 * number[parent] + 1 + action, after_answer)
        lost = np.where((stage == OVER) & (number > 0), self.stakes[np.where(stage == OVER, number - 1, 0)], 0)
        return Expansion(edge_start, action.astype(np.int16), child.astype(np.uint64), stage == OVER, lost.astype(np.int16))

    def multiplicity(self, states: States) -> Int32s:
        return np.ones(len(states), dtype=np.int32)

    def cells(self, states: States) -> Int8s:
        """Fork, question or over; the fork, situation (after a wrong answer: from 1 on) in three hexadecimal digits; the detail."""
        stage, number, detail = self._read(states)
        return np.stack([stage, *(number >> shift & 15 for shift in DIGITS), detail], axis=1).astype(np.int8)

    def cell_levels(self) -> tuple[int, ...]:
        return (3, *(16 for _ in DIGITS), N_DETAILS)

    def planes(self, states: States) -> UInt8s:
        one_hot = self.cells(states)[:, None, None, :] == np.arange(max(self.cell_levels()))[None, :, None, None]
        planes: UInt8s = one_hot.astype(np.uint8)
        return planes

    def render(self, state: int) -> str:
        stage, number, detail = (int(part[0]) for part in self._read(np.array([state], dtype=np.uint64)))
        if stage == FORK:
            return f"fork {number}: a or b"
        if stage == QUESTION:
            return f"situation {number + 1}, detail {detail + 1}: {self.stakes[number]} points at stake"
        return f"wrong in situation {number}" if number else "right"

    def action_name(self, action: int) -> str:
        return ANSWERS[action]

    def _read(self, states: States) -> tuple[Int64s, Int64s, Int64s]:
        """Of each state the stage; the fork, situation from 0 on, or 0 and after a wrong answer situation from 1 on; the detail."""
        number = states.astype(np.int64)
        first, end = self.n_questions - 1, 2 * self.n_questions - 1
        stage = (number >= first).astype(np.int64) + (number >= end)
        return (
            stage,
            np.choose(stage, [number, (number - first) // N_DETAILS, number - end]),
            np.where(stage == QUESTION, (number - first) % N_DETAILS, 0),
        )


def make(text: str) -> Planted:
    """The game for `geometric-K` or `zipf-K`; raises UsageError for another shape, or more rules than whole points can tell apart."""
    match = re.fullmatch(r"([a-z]+)-([1-9]\d{0,5})", text)
    if not match or match[1] not in SHAPES:
        raise UsageError(f"planted-{text}: write planted-geometric-K or planted-zipf-K, for example planted-geometric-12")
    shape, n_rules = match[1], int(match[2])
    if n_rules > most_rules(shape):
        raise UsageError(f"planted-{text}: too many rules for whole points, choose at most planted-{shape}-{most_rules(shape)}")
    return Planted(shape, n_rules)


def stakes(shape: str, n_rules: int) -> list[int]:
    """The stake of each situation: the named law, rounded half up to whole points. Exact arithmetic. [n_rules]"""
    if shape == "geometric":
        return [(2 * 30_000 * 9**k + 10**k) // (2 * 10**k) for k in range(n_rules)]
    return [(2 * 27_720 + k) // (2 * k) for k in range(1, n_rules + 1)]


def most_rules(shape: str) -> int:
    """The most rules with which the smallest stake is still large enough to be rounded."""
    return sum(stake >= MIN_STAKE for stake in stakes(shape, 1000))


def right_answers(situations: Int64s) -> Int64s:
    """The right answer to each detail of each situation: [n, 4]."""
    drawn = splitmix64(situations.astype(np.uint64)) % len(PERMUTATIONS)
    return PERMUTATIONS[drawn]
