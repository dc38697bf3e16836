"""How the rules known so far play, for both ends of the file of a tidy rule list, and the order of new rules among them.

The order is written as what it does: which of the rules that apply in a state comes first. Layer by layer, the rules that come
before all others in all their open states are named; the most specific ones are asked for first, as they are likely to be those.
"""

from collections.abc import Sequence

import numpy as np

from games.arrays import Bools, Int32s, Int64s
from games.jit import njit
from policies.codec.adaptive_coder import Decoder, Encoder
from policies.codec.context_mixing import Mixer, code_mixed, new_mixer
from policies.codec.kernel_stream import Tape, close_tape, open_tape
from policies.language.atoms import Atoms, Edges, Rule, invert
from policies.rules.format.canonical_order import NONE, chain_lengths, first_deciders, states_of

ORDER_MODELS = [(0, 1), (0, 1, 2), (0, 1, 3), (1, 4), (1, 3, 4)]
HALF = 1 << 31


class Play:
    """How the rules decoded so far play in every state, and the edges for which each of them holds; rules are numbered as decoded."""

    def __init__(self, atoms: Atoms) -> None:
        graph = atoms.graph
        self.atoms = atoms
        self.rules: list[Rule] = []
        self.decider = np.full(graph.n_states, NONE, dtype=np.int32)  # the rule that plays each state
        self.is_chosen = np.ones(graph.n_edges, dtype=np.bool_)  # whether it may be played
        self.edge_rule = np.full(graph.n_edges, NONE, dtype=np.int32)  # the latest rule found that holds on each edge

    def add(self, coder: Encoder | Decoder, rules: Sequence[Rule], ranks: dict[Rule, int] | None) -> None:
        """Code the order of further rules among those found, and play by them too; the encoder gives the places in the list."""
        if not rules:
            return
        n_old, graph = len(self.rules), self.atoms.graph
        self.rules += rules
        places = None if ranks is None else np.array([ranks[rule] for rule in self.rules], dtype=np.int64)
        decider = self._decide(coder, n_old, places)
        _unchoose(graph.edge_start, decider != self.decider, self.is_chosen)
        for number, rule in enumerate(rules, start=n_old):
            _choose(number, self.atoms.rule_edges(rule), graph.edge_parent, decider, self.is_chosen, self.edge_rule)
        self.decider = decider

    def first_chosen(self) -> Int64s:
        """The first edge of each state that may be played; -1 where there is no move. [n_states]"""
        return _first_chosen(self.atoms.graph.edge_start, self.is_chosen)

    def _decide(self, coder: Encoder | Decoder, n_old: int, places: Int64s | None) -> Int32s:
        """The decider of each state. Those where a new rule and another one apply are open; there old rules stand for what they decide."""
        decider, n_applying = self.decider.copy(), np.zeros(len(self.decider), dtype=np.int32)
        applies = {}
        for number, rule in enumerate(self.rules[n_old:], start=n_old):
            applies[number] = states_of(self.atoms.rule_edges(rule), self.atoms)
            n_applying[applies[number]] += 1
        is_open = (n_applying > 0) & (n_applying + (decider >= 0) > 1)
        for number, states in applies.items():
            is_settled = ~is_open[states]
            decider[states[is_settled]] = number
            applies[number] = states[~is_settled]
        old_start, old_states = invert(np.where(is_open, decider, NONE)[None], n_old)
        applies |= {number: old_states[old_start[number] : old_start[number + 1]] for number in range(n_old)}
        sizes = {number: len(states) for number, states in applies.items() if len(states)}
        rules = np.array(sorted(sizes, key=lambda number: (sizes[number], number)), dtype=np.int64)
        start = np.cumsum([0, *(sizes[number] for number in rules.tolist())])
        local, place = np.empty(start[-1], dtype=np.int32), np.cumsum(is_open, dtype=np.int32) - np.int32(1)
        for number, first in zip(rules.tolist(), start.tolist(), strict=False):
            local[first : first + sizes[number]] = place[applies.pop(number)]
        winner = code_order(coder, start, local, rules >= n_old, None if places is None else places[rules])
        decider[is_open] = rules[winner]
        return decider


def code_order(coder: Encoder | Decoder, start: Int64s, states: Int32s, is_new: Bools, places: Int64s | None) -> Int32s:
    """Which of the rules that apply comes first in each state, from the places of all in a list, given to the encoder: [n_states].

    Rule r applies in `states[start[r]:start[r + 1]]`, which is overwritten; more than one applies in every state.
    """
    n_states, n_rules = int(states.max(initial=NONE)) + 1, len(is_new)
    layer_of = np.zeros(n_rules, dtype=np.int32)
    if places is not None:
        first = np.full(n_states, np.iinfo(np.int64).max)
        first_deciders(start, states, places, first)
        by_place = np.argsort(places)
        layer_of = chain_lengths(start, states, by_place[np.searchsorted(places[by_place], first)].astype(np.int32))
    winner = np.full(n_states, NONE, dtype=np.int32)
    mark = np.full((2, n_states), NONE, dtype=np.int32)
    end, left, n_refused = start[1:].copy(), np.arange(n_rules), np.zeros(n_rules, dtype=np.int32)
    mixer = new_mixer(ORDER_MODELS, 2 * n_rules)
    layer = 0
    while len(left):
        tape = open_tape(coder, len(left))
        left = left[: _code_layer(tape, mixer, start, end, states, is_new, left, layer, layer_of, n_refused, mark, winner)]
        close_tape(coder, tape)
        layer += 1
    return winner


@njit
def _code_layer(
    tape: Tape,
    mixer: Mixer,
    start: Int64s,
    end: Int64s,
    states: Int32s,
    is_new: Bools,
    left: Int64s,
    layer: int,
    layer_of: Int32s,
    n_refused: Int32s,
    mark: Int32s,
    winner: Int32s,
) -> int:
    """Code which of the rules left stand in this layer; the number of rules that are then left, moved to the front of `left`.

    `mark` holds for each state the layer in which it was won, and the last in which a rule there was passed over. A rule is not
    asked for where one of this layer has won one of its states; one at least is in the layer.
    """
    features = np.zeros(5, dtype=np.int32)
    n_left, n_in = 0, 0
    for place in range(left.shape[0]):
        rule = left[place]
        kept, is_blocked, is_passed = start[rule], False, False
        for i in range(start[rule], end[rule]):
            state = states[i]
            if winner[state] < 0:
                states[kept] = state
                kept += 1
                is_passed |= mark[1, state] == layer
            else:
                is_blocked |= mark[0, state] == layer
        end[rule] = kept
        if kept == start[rule]:
            continue
        is_in = not is_blocked
        if is_in and (n_in or place < left.shape[0] - 1):
            features[0], features[1], features[2], features[3] = min(3, n_refused[rule]), is_passed, min(2, layer), is_new[rule]
            features[4] = np.float64(kept - start[rule]).view(np.int64) >> 52  # the exponent: how many, in powers of two
            is_in = code_mixed(tape, mixer, features, HALF, int(layer_of[rule] == layer)) == 1
            n_refused[rule] += not is_in
        n_in += is_in
        for state in states[start[rule] : kept]:
            if is_in:
                winner[state], mark[0, state] = rule, layer
            else:
                mark[1, state] = layer
        if not is_in:
            left[n_left] = rule
            n_left += 1
    return n_left


@njit
def _choose(rule: int, edges: Edges, edge_parent: Int32s, decider: Int32s, is_chosen: Bools, edge_rule: Int32s) -> None:
    """Take note of the edges on which a rule holds, and that they may be played where it decides."""
    for edge in edges:
        edge_rule[edge] = rule
        if decider[edge_parent[edge]] == rule:
            is_chosen[edge] = True


@njit
def _unchoose(edge_start: Int64s, is_changed: Bools, is_chosen: Bools) -> None:
    for state in range(is_changed.shape[0]):
        if is_changed[state]:
            is_chosen[edge_start[state] : edge_start[state + 1]] = False


@njit
def _first_chosen(edge_start: Int64s, is_chosen: Bools) -> Int64s:
    first = np.full(edge_start.shape[0] - 1, -1, dtype=np.int64)
    for state in range(first.shape[0]):
        for edge in range(edge_start[state], edge_start[state + 1]):
            if is_chosen[edge]:
                first[state] = edge
                break
    return first
