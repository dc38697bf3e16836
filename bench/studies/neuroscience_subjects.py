"""The networks of docs/neuroscience.md, and what each method records of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from bench.measures.connections import drives, null_weights
from bench.measures.heuristics import Facts, facts_of
from bench.measures.planted_rules import Hypotheses, PlantedList, cell_rules, concept_rules, lessons, plant, plant_concepts
from bench.measures.recordings import (
    circuit_of,
    conjunctions,
    contents,
    elsewhere,
    lesions,
    moves_played,
)
from bench.measures.recovery import READINGS, Recovery, recovery
from games.arrays import Float64s, Int64s
from policies.api import Task
from policies.language.atoms import LEVELS
from policies.networks.architectures import Design, layers_of
from policies.networks.coding import Written
from policies.networks.diagnostics import Probe, flips
from policies.networks.network import NetworkLearner, written_float
from policies.networks.policy import NetworkPolicy
from policies.registry import make_learner
from policies.rules.rulelist import RuleList
from policies.task import make_task

N_SUBJECTS = 10  # lists, or networks of a game
N_RULES = 8
SIZE = 16  # hidden units
STEPS = 200
BOARD = "tictactoe"  # on whose positions lists are planted
SHAM = {"lesions": "sham lesions", "lesions of pairs": "sham lesions of pairs"}
CONNECTIONS = "connection weights"  # whose test trains other networks, so that it is left out where there are many
METHODS = ("tuning", "lesions", "lesions of pairs", "sensitivity", CONNECTIONS, "conjunctions")
DRAWN, SOLVED = "drawn list", "solved game"  # teachers of concepts
OUTSIDE = (*SHAM.values(), "moves played", "cells alone")  # rows that are held against the methods
Measured = dict[tuple[str, str], Recovery]  # by row and reading


class Subject(NamedTuple):
    """A network with the rules among which, and those that, a method has to find."""

    probe: Probe
    hypotheses: Hypotheses
    truth: Int64s
    nulls: Float64s | None = None  # [n_nulls, n_actions, n_inputs]; None leaves the test of connection weights out


def learner_of(steps: int = STEPS, depth: int = 1) -> NetworkLearner:
    """The network that is trained."""
    return NetworkLearner(steps=steps, depth=depth)


def trained(learner: NetworkLearner, task: Task, size: int, seed: int) -> NetworkPolicy:
    """A network of a task."""
    (policy,) = learner.fit_path(task, [size], seed)
    return policy


def untrained(learner: NetworkLearner, task: Task, size: int, seed: int) -> NetworkPolicy:
    """A network of the same design as it starts."""
    from policies.networks.training import start

    design = learner.design(size)
    layers = layers_of(design, task.game)
    n_active = float(Probe(NetworkPolicy(design, ()), task).inputs.sum(axis=0).mean())
    parts = written_float(layers, start(layers, 1, n_active, seed)[0])
    assert parts is not None
    return NetworkPolicy(design, parts)


def built(task: Task, planted: PlantedList) -> NetworkPolicy:
    """A network built by hand that plays a planted list: one unit a rule, active at 1 where the rule's literals hold, else silent."""
    rules = [planted.hypotheses.rules[i] for i in planted.drawn]
    design = Design("mlp", len(rules))
    first, second = layers_of(design, task.game)
    into, bias = np.zeros(first.weights.shape, dtype=np.int64), np.full(len(rules), -1)
    out, habit = np.zeros(second.weights.shape, dtype=np.int64), np.zeros(task.game.n_actions, dtype=np.int64)
    habit[planted.habit] = np.arange(len(habit))[::-1]
    above = len(habit)  # one rule speaks louder than the habit, and than all later rules together
    for unit, (one, other, move) in enumerate(rules):
        for cell, content in (divmod(one.value, LEVELS), divmod(other.value, LEVELS)):
            into[unit, 2 * cell + content - 1] = 1  # a cell has an input for each content but the lowest
        into[unit, [2 * move.value, 2 * move.value + 1]] = -1
        out[move.value, unit] = above << (len(rules) - 1 - unit)
    parts = (np.concatenate([into.ravel(), bias]), np.concatenate([out.ravel(), habit]))
    return NetworkPolicy(design, tuple(Written("uniform", part, np.ones(1)) for part in parts))


@cache
def board_task(game: str) -> Task:
    """The task of a game, kept."""
    return make_task(game)


@cache
def facts(game: str) -> Facts:
    """The facts that conjunctions are made of."""
    return facts_of(board_task(game))


@cache
def planted(seed: int) -> PlantedList:
    """The list of a number."""
    return plant(board_task(BOARD), _cell_rules(), N_RULES, seed)


@cache
def _cell_rules() -> Hypotheses:
    return cell_rules(board_task(BOARD))


def planted_subjects(seed: int, size: int = SIZE, has_nulls: bool = True) -> dict[str, Subject]:
    """Networks trained on a planted list, untrained, and built by hand."""
    found, learner = planted(seed), learner_of()
    task = lessons(board_task(BOARD), found.policy)
    nulls = null_weights(learner, task, learner.design(size), seed) if has_nulls else None
    policies = {
        "trained": trained(learner, task, size, seed),
        "untrained": untrained(learner, task, size, seed),
        "built by hand": built(task, found),
    }
    return {name: Subject(Probe(policy, task), found.hypotheses, found.drawn, nulls) for name, policy in policies.items()}


@cache
def best_list(game: str) -> RuleList:
    """The best list of at most N_RULES concepts, exactly."""
    *_, policy = make_learner("optimal_list", {"language": "concepts"}).fit_path(board_task(game), [N_RULES], 0)
    assert isinstance(policy, RuleList)
    return policy


@cache
def hypotheses_of(game: str) -> Hypotheses:
    """The concepts of a game."""
    return concept_rules(board_task(game))


def in_list(game: str) -> Int64s:
    """The concepts of the best list, by their indices among the hypotheses."""
    return np.array([number for number, rule in enumerate(hypotheses_of(game).rules) if rule in best_list(game).rules])


def concept_subjects(game: str, teachers: Sequence[str], seed: int) -> dict[str, Subject]:
    """By teacher a network with the concepts that are to be found in it: those of the drawn list, or of the best list of a solved game."""
    whole, learner, found = board_task(game), learner_of(), dict[str, Subject]()
    for teacher in teachers:
        task, truth = whole, in_list(game)
        if teacher == DRAWN:
            drawn = plant_concepts(whole, hypotheses_of(game), N_RULES, seed)
            task, truth = lessons(whole, drawn.policy), drawn.drawn
        found[teacher] = Subject(Probe(trained(learner, task, SIZE, seed), task), hypotheses_of(game), truth)
    return found


def untrained_twin(subject: Subject, seed: int) -> Subject:
    """The same with a network as it starts."""
    task = subject.probe.task
    return subject._replace(probe=Probe(untrained(learner_of(), task, SIZE, seed), task))


def recordings(subject: Subject, seed: int) -> dict[str, Callable[[], Float64s]]:
    """The signals of each method, and of what methods are held against."""
    probe, task = subject.probe, subject.probe.task
    circuit = circuit_of(probe)
    sham = elsewhere(circuit, seed)
    nulls = subject.nulls
    tested = {} if nulls is None else {CONNECTIONS: lambda: drives(probe, nulls)}
    return {
        "tuning": lambda: circuit.active,
        "lesions": lambda: lesions(circuit, 1),
        "lesions of pairs": lambda: lesions(circuit, 2),
        "sensitivity": lambda: flips(probe),
        **tested,
        "conjunctions": lambda: conjunctions(circuit, facts(task.game.id)),
        "sham lesions": lambda: lesions(circuit, 1, sham),
        "sham lesions of pairs": lambda: lesions(circuit, 2, sham),
        "moves played": lambda: moves_played(circuit),
        "cells alone": lambda: contents(task),
    }


def measure(subject: Subject, seed: int) -> Measured:
    """The recovery of each row in each reading."""
    return judged(subject, recorded(subject, seed))


def recorded(subject: Subject, seed: int) -> dict[str, Float64s]:
    """The signals of each row."""
    return {name: record() for name, record in recordings(subject, seed).items()}


def judged(subject: Subject, signals: Mapping[str, Float64s]) -> Measured:
    """The same from signals that are there."""
    weights = subject.probe.task.weights[subject.probe.task.graph.positions]
    return {
        (name, reading): recovery(support(each, subject.hypotheses.applies, weights), subject.truth)
        for name, each in signals.items()
        for reading, support in READINGS.items()
    }


def shuffled(signals: Mapping[str, Float64s], seed: int) -> dict[str, Float64s]:
    """Signals whose values are dealt anew to the positions, each by itself."""
    random = np.random.default_rng(seed)
    return {name: random.permuted(each, axis=1) for name, each in signals.items()}


def measure_all(subjects: Mapping[str, Subject], seed: int) -> dict[str, Measured]:
    """The recoveries of each kind of network, and of the trained one with its signals shuffled."""
    found = {name: measure(subject, seed) for name, subject in subjects.items() if name != "trained"}
    signals = recorded(subjects["trained"], seed)
    return {**found, "trained": judged(subjects["trained"], signals), "shuffled": judged(subjects["trained"], shuffled(signals, seed))}
