"""The bag of heuristics: conjunctions against brute force and planted units, and the rules of a network's play against planted teachers."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gaincurve
from bench.measures.heuristics import (
    LEVELS,
    MIN_SHARE,
    Facts,
    activations,
    best_conjunction,
    explain_play,
    facts_of,
    match_units,
    sizes_up_to,
)
from bench.studies.heuristics import GAINS, GAMES, HEAD, PAGES, PLAIN, SEEDS, SLACK, STEPS, Found, ladder, verdict
from bench.studies.page import blocks_of
from games.errors import WorkError
from policies.api import Task, action_probabilities
from policies.networks.architectures import Design, layers_of
from policies.networks.coding import Written
from policies.networks.diagnostics import Probe
from policies.networks.policy import NetworkPolicy
from policies.registry import make_learner
from policies.task import make_task
from policies.teacher import taught
from tests.support.shell import Shell
from tests.test_concepts import TICTACTOE


def f1_of(active: list[bool], claimed: list[bool], weights: list[float]) -> float:
    """Twice the true positives over all positives claimed and real."""
    right = sum(w for a, c, w in zip(active, claimed, weights, strict=True) if a and c)
    total = sum(w for a, w in zip(active, weights, strict=True) if a) + sum(w for c, w in zip(claimed, weights, strict=True) if c)
    return 2 * right / total if total else 0.0


@given(st.integers(0, 2**32 - 1), st.integers(2, 8), st.integers(5, 30))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_best_conjunction_is_that_of_brute_force(seed: int, n_facts: int, n_positions: int) -> None:
    """Of at most eight facts there are at most 28 pairs, fewer than the beam, so that the search leaves none out."""
    random = np.random.default_rng(seed)
    holds, active = random.random((n_facts, n_positions)) < 0.6, random.random(n_positions) < 0.4
    weights = random.random(n_positions)
    if not active.any() or active.all():
        return
    facts = Facts([f"fact {i}" for i in range(n_facts)], holds)
    chosen, f1 = best_conjunction(active, weights, facts)
    every = [each for size in (1, 2, 3) for each in itertools.combinations(range(n_facts), size)]
    scores = {each: f1_of(active.tolist(), holds[list(each)].all(axis=0).tolist(), weights.tolist()) for each in every}
    assert f1 == pytest.approx(max(scores.values()), abs=1e-12)
    assert scores[tuple(sorted(chosen))] == pytest.approx(f1, abs=1e-12)
    assert len(chosen) == min(len(each) for each, score in scores.items() if score > f1 - 1e-12)


def test_a_constant_unit_has_no_conjunction() -> None:
    facts = Facts(["one"], np.array([[True, False, True]]))
    assert best_conjunction(np.ones(3, dtype=bool), np.full(3, 1 / 3), facts) == ([], 0.0)
    assert best_conjunction(np.zeros(3, dtype=bool), np.full(3, 1 / 3), facts) == ([], 0.0)


def planted(*conditions: tuple[int, int]) -> NetworkPolicy:
    """A perceptron of one unit: its activation is above zero where all (cell, content) hold, content 1 own or 2 theirs, in tic-tac-toe."""
    design = Design("mlp", 1)
    first, second = layers_of(design, make_task("tictactoe").game)
    weights = np.zeros(first.n_parameters, dtype=np.int64)
    for cell, content in conditions:
        weights[2 * cell + content - 1] = 1  # a cell has an input for each content but the lowest
    weights[18] = 1 - len(conditions)
    out = np.ones(second.n_parameters, dtype=np.int64)
    return NetworkPolicy(design, (Written("uniform", weights, np.ones(1)), Written("uniform", out, np.ones(1))))


@pytest.mark.parametrize("conditions", [((8, 1),), ((6, 1), (4, 2)), ((2, 2), (3, 2), (8, 1))])
def test_a_planted_unit_is_found(conditions: tuple[tuple[int, int], ...]) -> None:
    task = make_task("tictactoe")
    (match,) = match_units(Probe(planted(*conditions), task))
    expected = {f"{task.game.action_name(cell)} is {('', 'yours', 'theirs')[content]}" for cell, content in conditions}
    cells = task.game.cells(task.graph.states[task.graph.positions])
    active = np.all([cells[:, cell] == content for cell, content in conditions], axis=0)
    share = float(task.weights[task.graph.positions][active].sum())
    assert (match.unit, match.f1, match.precision, match.recall) == ("1.1", pytest.approx(1), pytest.approx(1), pytest.approx(1))
    assert match.active == pytest.approx(share)
    assert match.always == pytest.approx(2 * share / (1 + share))  # precision is the share, recall 1
    assert match.n_facts <= len(conditions)
    assert set(match.text.split(" and ")) == expected


def test_facts_about_positions_are_what_they_say() -> None:
    """Concepts by their definitions in plain Python, cells by the board; and what is left out is rare, or said already."""
    task = make_task("tictactoe")
    facts, weights = facts_of(task), task.weights[task.graph.positions]
    boards = task.game.cells(task.graph.states[task.graph.positions]).tolist()
    named = dict(zip(facts.texts, facts.holds.tolist(), strict=True))
    n_checked = 0
    for name, holds in TICTACTOE.items():
        for text in (text for text in named if f"[{name}]" in text):
            some = [any(holds(board, cell) for cell in range(9) if board[cell] == 0) for board in boards]
            assert named[text] == (some if text.startswith("some move ") else [not each for each in some])
            n_checked += 1
    for cell in range(9):
        where = task.game.action_name(cell)
        for content, said in enumerate(("empty", "yours", "theirs")):
            expected = [board[cell] == content for board in boards]
            assert named.get(f"{where} is {said}", expected) == expected
            share = float(np.dot(weights, expected))
            assert (expected in named.values()) == (MIN_SHARE <= share <= 1 - MIN_SHARE)  # perhaps under the name of a concept
            assert named.get(f"not: {where} is {said}", [not each for each in expected]) == [not each for each in expected]
            n_checked += f"{where} is {said}" in named
    assert n_checked >= 14 + 20
    assert len({row.tobytes() for row in facts.holds}) == len(facts.texts)
    shares = facts.holds @ weights
    assert shares.min() >= MIN_SHARE - 1e-12
    assert shares.max() <= 1 - MIN_SHARE + 1e-12


@pytest.mark.parametrize(
    "options", ["", "depth=2,", "depth=2,equivariant=true,", "architecture=conv,", "architecture=linear,", "architecture=softtree,"]
)
def test_activations_are_those_that_the_network_plays_by(options: str) -> None:
    fitted = gaincurve.fit("tictactoe", f"network:{options}steps=30", 3)
    assert isinstance(fitted.policy, NetworkPolicy)
    probe, seen = Probe(fitted.policy, fitted.task), []
    probe.scores(see=lambda layer, values: seen.append((layer, values.copy())))
    units, found = activations(probe)
    assert found.shape == (len(units), len(fitted.task.graph.positions))
    for unit, values in zip(units, found, strict=True):
        if probe.units:
            assert np.array_equal(values, dict(seen)[unit.layer][list(unit.rows)].max(axis=0))
        else:
            graph, (row,) = fitted.task.graph, unit.rows
            edges = np.flatnonzero(graph.edge_action == row)
            place = np.searchsorted(graph.positions, graph.edge_parent[edges])
            assert np.array_equal(values[place], fitted.scores()[edges])


def test_a_list_explains_the_play_of_a_list_by_its_own_rules() -> None:
    """A list of k rules of the language makes its own choices in k rules; each prefix is scored here position by position."""
    task = make_task("tictactoe")
    teacher = next(make_learner("human", {"list": "never_loses"}).fit_path(task, [5], 0)).scores(task)
    play = explain_play(task, teacher, make_learner("rulelist", {"language": "concepts"}))
    assert play.n_rules(0.99) is not None
    assert play.fidelities[-1] <= 1.0
    check_play(task, teacher, play, {"language": "concepts"})


def check_play(task: Task, teacher: np.ndarray[Any, Any], play: Any, options: dict[str, Any]) -> None:
    graph, learner = task.graph, make_learner("rulelist", options)
    lists = {policy.size: policy for policy in learner.fit_path(taught(task, teacher), sizes_up_to(graph.n_edges), 0)}
    shares = {}
    for size, policy in lists.items():
        scores, share = policy.scores(task), 0.0
        for state in graph.positions.tolist():
            edges = range(graph.edge_start[state], graph.edge_start[state + 1])
            chosen = {edge for edge in edges if scores[edge] == max(scores[e] for e in edges)}
            right = {edge for edge in edges if teacher[edge] == max(teacher[e] for e in edges)}
            share += task.weights[state] * (chosen <= right)
        shares[size] = share
    for size, share, gain in zip(play.sizes[1:], play.fidelities[1:], play.gains[1:], strict=True):
        assert share == pytest.approx(shares[size], abs=1e-12)
        assert gain == pytest.approx(task.gain(action_probabilities(graph, lists[size].scores(task))), abs=1e-12)
    for level in LEVELS:
        first = next((size for size, share in sorted(shares.items()) if share >= level), None)
        assert play.n_rules(level) == first


def test_how_many_rules_explain_a_network_is_counted_on_the_sizes_that_are_measured() -> None:
    fitted = gaincurve.fit("tictactoe", "network:steps=60", 4)
    play = explain_play(fitted.task, fitted.scores(), make_learner("rulelist"))
    check_play(fitted.task, fitted.scores(), play, {})
    assert play.sizes[0] == 0
    assert play.fidelities[-1] == pytest.approx(1)  # the language has single positions, so the list learns all by heart
    assert play.gains[0] == pytest.approx(0)
    assert play.gains[-1] >= fitted.gain - 0.05  # within the teacher's best moves the list may choose better or worse than all of them


def test_sizes_are_all_small_ones_and_then_at_most_a_sixteenth_of_an_octave_apart() -> None:
    for largest in (1, 5, 64, 65, 1000, 12345):
        sizes = sizes_up_to(largest)
        assert sizes[: min(64, largest)] == [*range(1, min(64, largest) + 1)]
        assert (sizes[0], sizes[-1]) == (1, largest)
        assert all(after <= before * 2 ** (1 / 16) + 1 for before, after in itertools.pairwise(sizes))
        assert len(sizes) <= 64 + 16 * max(0, np.log2(largest / 64)) + 2


def test_a_teacher_without_a_preference_is_refused() -> None:
    task = make_task("tictactoe")
    with pytest.raises(WorkError, match="prefers no move"):
        explain_play(task, np.zeros(task.graph.n_edges), make_learner("rulelist"))


# The command line


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def test_units_are_shown_and_counted(shell: Shell) -> None:
    fitted = gaincurve.fit("tictactoe", "network:steps=60", 4)
    fitted.save("four.policy")
    answer = shell.json("explain", "four.policy", "--units")
    assert isinstance(fitted.policy, NetworkPolicy)
    matches = match_units(Probe(fitted.policy, fitted.task))
    assert answer["units"] == json.loads(json.dumps([match._asdict() for match in matches]))
    play = explain_play(fitted.task, fitted.scores(), make_learner("rulelist"))
    assert answer["play"]["rules"] == {"0.5": play.n_rules(0.5), "0.9": play.n_rules(0.9), "0.99": play.n_rules(0.99)}
    assert answer["play"]["sizes"] == list(play.sizes)
    text = shell("explain", "four.policy", "--units")[1]
    assert f"90% with {play.n_rules(0.9)}" in text
    assert all(match.text in text for match in matches)


def test_a_network_in_a_subspace_has_units_too(shell: Shell) -> None:
    gaincurve.fit("tictactoe", "subspace:steps=60", 20).save("twenty.policy")
    assert shell.json("explain", "twenty.policy", "--units")["units"]


def test_units_of_a_list_are_refused(shell: Shell) -> None:
    gaincurve.fit("tictactoe", "rulelist", 3).save("three.policy")
    status, _, err = shell("explain", "three.policy", "--units")
    assert (status, err) == (2, "error: --units is about networks; three.policy holds a policy of the learner rulelist\n")


# The study


def measured(rules: float, excess: float = 0.5) -> Found:
    return Found(0.8, 0.7, excess, (1.0, rules, 2 * rules), 0.8)


@pytest.mark.parametrize(
    ("ours", "plain", "expected"),
    [
        ((10, 12, 14), (15, 20, 16), "fewer"),
        ((30, 40, 50), (15, 20, 16), "more"),
        ((10, 12, 15), (15, 20, 16), "undecided"),  # the bands touch
        ((300, 420, 448), (449, 449, 450), "undecided"),  # sizes that neighbour one another among those that are measured
        ((300, 420, 428), (449, 449, 450), "fewer"),  # 428 times 1.044 is 447
        ((10, 12), (15, 20, 16), "not reached"),  # a seed is missing
        ((10, 12, 14), (15, 20), "not reached"),
    ],
)
def test_a_verdict_is_undecided_where_bands_overlap(ours: tuple[float, ...], plain: tuple[float, ...], expected: str) -> None:
    games = {(0.8, "wide"): [measured(n) for n in ours], (0.8, PLAIN): [measured(n) for n in plain]}
    assert verdict("wide", 0.8, games, "rules", 3) == expected


def test_a_verdict_on_units_is_about_what_is_above_always() -> None:
    games = {(0.8, "wide"): [measured(1, 0.3), measured(1, 0.4)], (0.8, PLAIN): [measured(1, 0.5), measured(1, 0.6)]}
    assert verdict("wide", 0.8, games, "units", 2) == "lower"


def test_networks_are_trained_up_the_ladder_until_they_are_beyond_the_levels() -> None:
    task = make_task("go-2x3")
    found = ladder(task, "plain", 0)
    rungs = [found[steps][0] for steps in STEPS if steps in found]
    assert all(gain <= GAINS[-1] + SLACK for gain in rungs[:-1])
    assert rungs[-1] > GAINS[-1] + SLACK or len(rungs) == len(STEPS)
    for level in GAINS:
        assert min(abs(gain - level) for gain, _ in found.values()) <= SLACK
    for gain, policy in found.values():
        assert gain == task.gain(action_probabilities(task.graph, policy.scores(task)))


def cells_of(block: str) -> dict[str, list[str]]:
    """The rows of the first table of a block by their first cell."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines() if line.startswith("| ")]
    return {row[0]: row[1:] for row in rows[1:]}


def test_the_summary_and_the_verdicts_of_the_page_follow_from_its_tables() -> None:
    """Verdicts on numbers of rules, from the bands that the page shows, whole numbers; those on units are shown to two digits only."""
    blocks = {name: block.text for name, block in blocks_of(PAGES[0].read()).items()}
    said, columns = cells_of(blocks["networks.said"]), list(itertools.product(GAMES, range(len(GAINS))))
    for place, name in enumerate(("networks.rules", "networks.units")):
        for kind, words in cells_of(blocks[name]).items():
            counts = dict(part.rsplit(" in ", 1) for part in said[kind][place].split(", "))
            assert {word: words.count(word) for word in words} == {word: int(n) for word, n in counts.items()}
    for kind, words in cells_of(blocks["networks.rules"]).items():
        for word, (game, level) in zip(words, columns, strict=True):
            table = cells_of(blocks[f"networks.{game}"].split("Gain ")[1 + level])
            assert blocks[f"networks.{game}"].count(HEAD) == len(GAINS)
            if min(int(table[each][0]) for each in (kind, PLAIN)) < len(SEEDS):
                assert word == "not reached"
                continue
            (low, high), (plain_low, plain_high) = (
                map(int, re.findall(r"\((\d+) to (\d+)\)", table[each][5])[0]) for each in (kind, PLAIN)
            )
            expected = "fewer" if high * 2 ** (1 / 16) < plain_low else "more" if low > plain_high * 2 ** (1 / 16) else "undecided"
            assert word == expected, (kind, game, level)
