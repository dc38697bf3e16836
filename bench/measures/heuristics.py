"""The bag of heuristics in a network: what each unit stands for, and how many rules explain its play.

A unit is active at a position where its activation is above its mean over all positions, by their weight; of copies that share
weights the largest counts. It is explained by the conjunction of at most three facts about positions with the best F1 (van Rijsbergen,
"Information Retrieval", 1979), as concepts are sought for units by Bau et al., "Network dissection" (2017), and for their
conjunctions by Mu & Andreas, "Compositional explanations of neurons" (2020).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from bench.measures.rule_columns import in_a_line
from bench.measures.unit_rules import outputs_of
from games.arrays import Bools, Float64s
from policies.api import Learner, Scores, Task, action_probabilities
from policies.language.atoms import Literal
from policies.language.language import make_language
from policies.networks.diagnostics import Probe, Unit
from policies.networks.forward import PLAY, Arithmetic, forward, matrices_of, settle
from policies.networks.policy import chunk_of
from policies.teacher import fidelity, taught

MIN_SHARE = 0.01  # of the positions, by weight, in which a fact has to hold, and has to fail
MAX_FACTS = 256  # the best alone, of which all pairs are tried
BEAM = 32  # pairs that are extended by a third fact
LEVELS = (0.5, 0.9, 0.99)  # shares of a network's play
MAX_EVERY = 64  # rules: up to here every size of a list is measured,
GROWTH = 2 ** (1 / 16)  # and from there on sizes that grow by this factor


class Facts(NamedTuple):
    """Facts about positions that differ from one another, each with its negation."""

    texts: list[str]
    holds: Bools  # [n_facts, n_positions]


class Match(NamedTuple):
    """The best conjunction for a unit."""

    unit: str
    active: float  # share of the positions, by weight
    text: str
    n_facts: int
    f1: float
    precision: float
    recall: float
    always: float  # the F1 of saying that it is always active


@dataclass(frozen=True)
class Play:
    """A list of rules fitted to a network's choices: its sizes, the share of these choices that it makes, and its own gain."""

    sizes: tuple[int, ...]  # ascending from 0
    fidelities: tuple[float, ...]
    gains: tuple[float, ...]

    def n_rules(self, level: float) -> int | None:
        """The fewest rules measured with at least this fidelity; None where the list never has it."""
        return next((size for size, share in zip(self.sizes, self.fidelities, strict=True) if share >= level), None)


def activations(probe: Probe) -> tuple[list[Unit], Float64s]:
    """The units, or the outputs where there are none, and the largest activation of any copy of each: [n_units, n_positions]."""
    seen: list[Float64s] = []

    def watch(activation: Float64s) -> Float64s:
        seen.append(settle(activation))
        return seen[-1]

    units = probe.units or outputs_of(probe)
    arithmetic = Arithmetic(PLAY.stack, PLAY.gate, watch if probe.units else PLAY.settle)
    matrices = matrices_of(probe.layers, probe.policy.parameters)
    found = np.empty((len(units), probe.inputs.shape[1]))
    chunk = chunk_of(probe.layers)
    for first in range(0, found.shape[1], chunk):
        seen.clear()
        logits = forward(probe.layers, matrices, probe.inputs[:, first : first + chunk].astype(np.float64), arithmetic)
        for number, unit in enumerate(units):
            copies = seen[unit.layer] if probe.units else logits
            found[number, first : first + chunk] = copies[list(unit.rows)].max(axis=0)
    return units, found


def facts_of(task: Task) -> Facts:
    """Some legal move has a concept or fits a pattern, and a cell has a content; each also denied. Rare ones are left out."""
    graph = task.graph
    language = make_language("concepts+patterns+cells" if task.game.board else "concepts+cells", task.game, graph)
    place = np.full(graph.n_states, -1, dtype=np.int64)
    place[graph.positions] = np.arange(len(graph.positions))
    weights = task.weights[graph.positions]
    largest = float(weights.max())
    texts: list[str] = []
    rows: dict[bytes, Bools] = {}
    for number in range(language.n_predicates):
        atom = language.predicate(number)
        edges = language.edges(number)
        if atom[0] == "move" or len(edges) * largest < MIN_SHARE:
            continue
        holds = np.zeros(len(graph.positions), dtype=np.bool_)
        holds[place[graph.edge_parent[edges]]] = True
        if not MIN_SHARE <= weights[holds].sum() <= 1 - MIN_SHARE:
            continue
        if atom[0] == "cell":
            said = language.atoms.content(atom[1])
            pair = (said, f"not: {said}")
        else:
            said = in_a_line(language.atoms, Literal(*atom))
            pair = (f"some move {said}", f"no move {said}")
        for text, row in zip(pair, (holds, ~holds), strict=True):
            if rows.setdefault(row.tobytes(), row) is row:
                texts.append(text)
    return Facts(texts, np.array(list(rows.values())).reshape(len(texts), len(weights)))


def best_conjunction(active: Bools, weights: Float64s, facts: Facts) -> tuple[list[int], float]:
    """The facts of the conjunction with the best F1, and that F1. active, weights: [n_positions].

    Single facts are all tried, then all pairs of the MAX_FACTS best ones, then the BEAM best pairs with each of these as a third. Of
    equal conjunctions the shortest and first wins.
    """
    whole = float(weights[active].sum())
    if not len(facts.texts) or not 0 < whole < weights.sum():
        return [], 0.0
    single = _f1(facts.holds @ (weights * active), facts.holds @ weights, whole)
    kept = np.argsort(-single, kind="stable")[:MAX_FACTS]
    holds = facts.holds[kept].astype(np.float64)
    found = [([int(kept[0])], float(single[kept[0]]))]
    pairs = _f1((holds * (weights * active)) @ holds.T, (holds * weights) @ holds.T, whole)
    pairs[np.tril_indices(len(kept))] = -1.0
    beam = [np.unravel_index(place, pairs.shape) for place in np.argsort(-pairs, axis=None, kind="stable")[:BEAM]]
    beam = [pair for pair in beam if pairs[pair] >= 0]
    if beam:
        found.append(([int(kept[place]) for place in beam[0]], float(pairs[beam[0]])))
        both = np.array([holds[i] * holds[j] for i, j in beam])
        triples = _f1((both * (weights * active)) @ holds.T, (both * weights) @ holds.T, whole)
        row, third = np.unravel_index(int(np.argmax(triples)), triples.shape)
        found.append(([int(kept[place]) for place in (*beam[int(row)], int(third))], float(triples[row, third])))
    return max(found, key=lambda each: round(each[1], 12))  # the first of equals


def _f1(right: Float64s, claimed: Float64s, whole: float) -> Float64s:
    """F1: twice the true positives over the sum of predicted and actual positives."""
    shares: Float64s = 2 * right / (claimed + whole)
    return shares


def match_units(probe: Probe, facts: Facts | None = None) -> list[Match]:
    """The best conjunction for every unit that is not constant, in the order of the file."""
    task = probe.task
    weights = task.weights[task.graph.positions]
    facts = facts_of(task) if facts is None else facts
    found = []
    for unit, values in zip(*activations(probe), strict=True):
        active = values > np.dot(weights, values) + 1e-9
        share = float(weights[active].sum())
        if not active.any() or active.all():
            continue
        chosen, f1 = best_conjunction(active, weights, facts)
        holds = np.logical_and.reduce(facts.holds[chosen])
        both = float(weights[holds & active].sum())
        name = unit.name if probe.units else "output " + task.game.action_name(unit.rows[0])
        text = " and ".join(facts.texts[i] for i in chosen)
        precision = both / float(weights[holds].sum()) if chosen else 0.0
        found.append(Match(name, share, text, len(chosen), f1, precision, both / share, 2 * share / (1 + share)))
    return found


def explain_play(task: Task, scores: Scores, learner: Learner[Any]) -> Play:
    """A list of rules fitted to a teacher's choices, size by size, until it makes all of them. scores: the teacher's, [n_edges].

    All sizes up to MAX_EVERY are measured, then sizes that grow by a sixteenth of an octave. Raises WorkError for a teacher that
    prefers no move.
    """
    lessons = taught(task, scores)
    start = np.zeros(task.graph.n_edges)
    found = {0: (fidelity(task, start, scores), task.gain(action_probabilities(task.graph, start)))}
    for policy in learner.fit_path(lessons, sizes_up_to(task.graph.n_edges), 0):
        played = policy.scores(task)
        found.setdefault(policy.size, (fidelity(task, played, scores), task.gain(action_probabilities(task.graph, played))))
        if found[policy.size][0] >= 1.0:
            break
    sizes = sorted(found)
    return Play(tuple(sizes), tuple(found[size][0] for size in sizes), tuple(found[size][1] for size in sizes))


def sizes_up_to(largest: int) -> list[int]:
    """Each size up to MAX_EVERY, then sizes that grow by a sixteenth of an octave, 4.4 %."""
    n_steps = 16 * max(0, largest // MAX_EVERY).bit_length()
    grown = (round(MAX_EVERY * GROWTH**i) for i in range(n_steps))
    return sorted({*range(1, min(largest, MAX_EVERY) + 1), *(size for size in grown if size <= largest), max(1, largest)})
