"""Readers of soft trees, the exact score of a quiz, perceptrons of signs: plain twins, planted trees, and the numbers of the page."""

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg

import gaincurve
from bench.measures.reader import comparable_language_bits
from bench.measures.simulatability import asked, quiz
from bench.measures.soft_tree import SoftTree
from bench.report.plots.soft_tree import MAX_LEVELS, draw_soft_tree
from bench.studies.binarised_units import KINDS, perceptrons, verdict
from bench.studies.page import blocks_of
from bench.studies.soft_trees import GAMES, PAGE, RIVALS, literals_read, read_row, rival, said, table
from games.errors import UsageError, WorkError
from policies.api import action_probabilities
from policies.conformance import check_learner
from policies.networks.architectures import Design, inputs_of, layers_of
from policies.networks.binarised import BinarisedLearner, BinarisedPolicy
from policies.networks.binarised_training import Sign
from policies.networks.coding import Written
from policies.networks.diagnostics import Probe
from policies.networks.policy import NetworkPolicy
from policies.registry import make_learner
from policies.rules.rulelist import RuleList
from policies.task import make_task
from tests.support.shell import Shell

GRID = Fraction(1, 1024)  # of activations, as docs/networks.md says


def drawn(design: Design, game: str, seed: int = 0, step: float = 0.25) -> NetworkPolicy:
    """A network of random whole multiples of a step."""
    rng = np.random.default_rng(seed)
    layers = layers_of(design, make_task(game).game)
    return NetworkPolicy(design, tuple(Written("uniform", rng.integers(-3, 4, layer.n_parameters), np.array([step])) for layer in layers))


def sums_at(policy: NetworkPolicy, game: str, position: int) -> tuple[list[Fraction], list[list[Fraction]], list[int]]:
    """By hand: the sums of the gates at a position, the scores of each leaf, and the numbers that each gate adds."""
    task = make_task(game)
    states = task.graph.states[task.graph.positions[position : position + 1]]
    on = np.flatnonzero(inputs_of(policy.design, task.game, states)[:, 0]).tolist()
    first, second = ([Fraction(value) for value in part.tolist()] for part in policy.parameters)
    n_gates = (1 << policy.design.size) - 1
    n_inputs = (len(first) - n_gates) // n_gates
    sums, counts = [], []
    for gate in range(n_gates):
        added = [*(first[gate * n_inputs + place] for place in on), first[n_gates * n_inputs + gate]]
        sums.append(sum(added, Fraction(0)))
        counts.append(sum(number != 0 for number in added))
    leaves = [[second[action * (n_gates + 1) + leaf] for action in range(task.game.n_actions)] for leaf in range(n_gates + 1)]
    return sums, leaves, counts


@pytest.mark.parametrize(("game", "depth"), [("tictactoe", 3), ("go-2x3", 2), ("nim-1-2-3", 1)])
@pytest.mark.parametrize("n_levels", [0, 1, None])
def test_a_reading_goes_down_one_path_as_by_hand(game: str, depth: int, n_levels: int | None) -> None:
    task, policy = make_task(game), drawn(Design("softtree", depth), game)
    tree, known = SoftTree(policy, task), depth if n_levels is None else n_levels
    scores, numbers = tree.reading(n_levels), tree.numbers_read(n_levels)
    for position in range(0, len(task.graph.positions), 7):
        sums, leaves, counts = sums_at(policy, game, position)
        node = read = 0
        for _ in range(known):
            read += counts[node]
            node = 2 * node + (2 if sums[node] > 0 else 1)
        width = 1 << (depth - known)
        first = (node - ((1 << known) - 1)) * width
        state = task.graph.positions[position]
        edges = range(task.graph.edge_start[state], task.graph.edge_start[state + 1])
        for edge in edges:
            below = [leaves[leaf][task.graph.edge_action[edge]] for leaf in range(first, first + width)]
            assert scores[edge] == sum(below) / width
        assert numbers[position] == read + len(edges)


def test_the_share_of_a_leaf_is_the_product_along_its_path() -> None:
    """Rounded to the grid at each gate but the first, whose share is a multiple of a quarter, so that each step errs by half of GRID."""
    task, policy = make_task("tictactoe"), drawn(Design("softtree", 3), "tictactoe")
    tree = SoftTree(policy, task)
    for position, found in enumerate(tree.share_read()[:200].tolist()):
        sums, _, _ = sums_at(policy, "tictactoe", position)
        share, node = Fraction(1), 0
        for _ in range(3):
            right = min(Fraction(1), max(Fraction(0), sums[node] + Fraction(1, 2)))
            share *= max(right, 1 - right)
            node = 2 * node + (2 if sums[node] > 0 else 1)
        assert abs(Fraction(found) - share) <= 2 * GRID


def test_a_tree_whose_gates_are_shut_or_open_plays_what_its_reader_answers() -> None:
    """Even weights and odd biases: no sum is 0, so each gate sends all of a position one way."""
    task, policy = make_task("tictactoe"), drawn(Design("softtree", 4), "tictactoe", step=1.0)
    gates, leaves = policy.layers
    odd = np.where(np.arange(len(gates.symbols)) < len(gates.symbols) - 15, 2 * gates.symbols, 2 * gates.symbols + 1)
    hard = NetworkPolicy(policy.design, (gates._replace(symbols=odd), leaves))
    tree = SoftTree(hard, task)
    assert np.array_equal(tree.reading(), hard.scores(task))
    assert (tree.share_read() == 1).all()
    assert quiz(task, hard.scores(task), tree.reading()).right == 1


def test_only_soft_trees_are_read_so() -> None:
    with pytest.raises(UsageError, match="architecture mlp has no gates"):
        SoftTree(drawn(Design("mlp", 2), "tictactoe"), make_task("tictactoe"))


def test_a_quiz_is_scored_as_by_hand() -> None:
    task = make_task("nim-1-2-3")
    graph, rng = task.graph, np.random.default_rng(1)
    policy, reading = rng.integers(0, 3, (2, graph.n_edges)).astype(np.float64)
    right, chance, n_asked = Fraction(0), Fraction(0), []
    for state in graph.positions.tolist():
        edges = range(graph.edge_start[state], graph.edge_start[state + 1])
        allowed, answers = ([edge for edge in edges if scores[edge] == max(scores[list(edges)])] for scores in (policy, reading))
        n_asked.append(len(allowed) < len(edges))
        if n_asked[-1]:
            right += Fraction(len(set(allowed) & set(answers)), len(answers))
            chance += Fraction(len(allowed), len(edges))
    assert asked(task, policy).tolist() == n_asked
    found = quiz(task, policy, reading)
    assert found == pytest.approx((float(right / sum(n_asked)), float(chance / sum(n_asked))))
    assert quiz(task, policy, policy).right == 1
    assert quiz(task, policy, np.zeros(graph.n_edges)).right == found.chance
    with pytest.raises(WorkError, match="nothing to guess"):
        quiz(task, np.zeros(graph.n_edges), reading)


def test_a_reader_of_a_list_reads_down_to_the_rule_that_decides() -> None:
    """Rule by rule: it decides where some legal move satisfies it and none before did."""
    task = make_task("tictactoe")
    *_, policy = make_learner("rulelist").fit_path(task, [4], 0)
    assert isinstance(policy, RuleList)
    left, expected = np.ones(task.graph.n_states, dtype=bool), np.zeros(task.graph.n_states)
    for rule in policy.rules:
        expected[left] += len(rule)
        scores = RuleList(policy.semantics, (rule,)).scores(task)
        left[task.graph.edge_parent[scores > 0]] = False
    assert literals_read(policy, task).tolist() == expected[task.graph.positions].tolist()


@pytest.mark.parametrize(("game", "depth"), [("tictactoe", 1), ("tictactoe", 3), ("go-3x3", 3), ("go-2x3", 5)])
def test_the_drawing_stays_on_its_page_and_no_texts_overlap(game: str, depth: int) -> None:
    figure = draw_soft_tree(Probe(drawn(Design("softtree", depth), game), make_task(game)))
    renderer = FigureCanvasAgg(figure).get_renderer()
    (axes,) = figure.axes
    boxes = {text: text.get_window_extent(renderer) for text in axes.texts if text.get_text()}
    width, height = figure.canvas.get_width_height()
    for text, box in boxes.items():
        assert 0 <= box.x0 <= box.x1 <= width, text
        assert 0 <= box.y0 <= box.y1 <= height, text
    found = list(boxes.items())
    overlaps = [(a.get_text(), b.get_text()) for n, (a, one) in enumerate(found) for b, other in found[:n] if one.overlaps(other)]
    assert overlaps == []
    gates = [text for text in boxes if text.get_text().startswith("gate ")]
    assert len(gates) == (1 << min(depth, MAX_LEVELS)) - 1


def test_diagnose_draws_the_tree(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shell = Shell(monkeypatch, capfd)
    gaincurve.fit("tictactoe", "network:architecture=softtree,steps=20", 2).save(tmp_path / "two.policy")
    status, out, _ = shell("diagnose", str(tmp_path / "two.policy"), "--out", str(tmp_path / "drawn"))
    assert (status, (tmp_path / "drawn" / "tree.png").exists()) == (0, True)
    assert "tree.png" in out


@pytest.mark.parametrize(("game", "depth"), [("tictactoe", 1), ("tictactoe", 2), ("go-2x3", 1)])
def test_a_binarised_perceptron_plays_as_by_hand(game: str, depth: int) -> None:
    task, network = make_task(game), drawn(Design("mlp", 5, depth), game)
    scores = BinarisedPolicy(network).scores(task)
    layers = layers_of(network.design, task.game)
    for state in task.graph.positions[::11].tolist():
        active = [Fraction(int(number)) for number in inputs_of(network.design, task.game, task.graph.states[[state]])[:, 0]]
        for number, (layer, part) in enumerate(zip(layers, network.parameters, strict=True)):
            values = [Fraction(value) for value in part.tolist()]
            sums = [
                sum((values[place] * on for place, on in zip(row, active, strict=True)), values[bias])
                for row, bias in zip(layer.weights.tolist(), layer.biases.tolist(), strict=True)
            ]
            active = sums if number == depth else [Fraction(1 if total >= 0 else -1) for total in sums]
        for edge in range(task.graph.edge_start[state], task.graph.edge_start[state + 1]):
            assert scores[edge] == active[task.graph.edge_action[edge]]


def test_signs_pass_gradients_as_tanh_does() -> None:
    """The derivative of tanh is 1 - tanh^2; at 0 a sign is 1, as in play."""
    sums = torch.tensor([-2.0, -0.1, 0.0, 0.5], requires_grad=True)
    signs = Sign.apply(sums)
    (signs * torch.tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
    assert signs.tolist() == [-1, -1, 1, 1]
    assert sums.grad is not None
    assert sums.grad.tolist() == pytest.approx([n * (1 - np.tanh(x) ** 2) for n, x in zip((1, 2, 3, 4), (-2, -0.1, 0, 0.5), strict=True)])


def test_a_binarised_perceptron_learns_and_its_ternary_weights_are_ternary() -> None:
    task, learner = make_task("tictactoe"), BinarisedLearner(steps=200, most=1)
    (policy,) = learner.fit_path(task, [8], 0)
    assert task.gain(action_probabilities(task.graph, policy.scores(task))) > 0.5
    assert {symbol for part in policy.network.layers for symbol in part.symbols.tolist()} <= {-1, 0, 1}


@pytest.mark.parametrize("game", ["tictactoe", "nim-3-4-5", "go-2x3"])
def test_binarised_perceptrons_keep_the_contract_of_a_learner(game: str) -> None:
    task, learner = make_task(game), BinarisedLearner(steps=50)
    assert len(check_learner(learner, task, n_budgets=3)) == 12
    (policy,) = learner.fit_path(task, [2], 0)
    bits, ordinary = (comparable_language_bits(each, one, task) for each, one in ((learner, policy), (learner.perceptron, policy.network)))
    assert bits is not None
    assert ordinary is not None
    assert bits > ordinary  # its reader holds that of the ordinary one, and the signs


def test_files_of_other_networks_are_refused() -> None:
    task = make_task("go-2x3")
    for options in ({"architecture": "conv"}, {"equivariant": True}):
        learner = make_learner("network", {**options, "steps": 2})
        (policy,) = learner.fit_path(task, [1], 0)
        with pytest.raises(UsageError, match="only perceptrons are binarised"):
            BinarisedLearner().decode(learner.encode(policy, task), task)


@pytest.mark.parametrize("game", GAMES)
def test_rows_of_the_page_are_measured_again(game: str) -> None:
    """A list and a tree of each table; trained networks may differ in the last digit between versions of torch, so theirs are bounded."""
    shown = table(f"read-{game}")
    for name in RIVALS:
        lines = [row for row in shown if row[0] == f"{name}, equal units"]
        assert [cell.strip() for cell in read_row(lines[1][0], [rival(game, name, int(lines[1][1]))]).strip("|").split("|")] == lines[1]


@pytest.mark.parametrize("kind", ["ordinary", "binarised"])
def test_trained_networks_of_the_page_are_near_what_is_trained_now(kind: str) -> None:
    """Two perceptrons of each kind in small; on the machine that measured they are the same to the digit."""
    for game in GAMES[:2]:
        (row,) = (row for row in table(f"signs-{game}") if row[:2] == [kind, "4"])
        found = perceptrons(game, kind, 4)
        assert np.mean([one.gain for one in found]) == pytest.approx(float(row[3].split()[0]), abs=0.02)
        assert np.mean([one.bits for one in found]) == pytest.approx(float(row[2]), rel=0.03)


def ends(cell: str) -> tuple[float, float]:
    """The lowest and the highest of a cell."""
    numbers = [float(number.replace(",", "")) for number in re.findall(r"-?[\d,.]+", cell)]
    return (numbers[1], numbers[2]) if len(numbers) == 3 else (numbers[0], numbers[0])


def test_the_findings_follow_from_the_tables() -> None:
    """Read again from the tables, sentence by sentence."""
    lines = said()["said"].splitlines()
    assert blocks_of(PAGE.read())["said"].text.splitlines() == lines
    read, signs = ([row for game in GAMES for row in table(f"{part}-{game}")] for part in ("read", "signs"))
    soft = [row for row in read if row[0] == "soft tree"]
    means = [float(row[5].split()[0]) for row in soft]
    assert f"answers {min(means):.2f} to {max(means):.2f} of the questions" in lines[0]
    assert all(row[3] == row[4] for row in read if row[0] != "soft tree")
    assert all(row[5] == "1.00" for row in read if row[0] != "soft tree")
    lost = [float(row[3].split()[0]) - float(row[4].split()[0]) for row in soft]
    assert f"is {min(lost):.2f} to {max(lost):.2f}." in lines[1]
    for line, label in zip(lines[2:6], (f"{name}, equal {what}" for name in RIVALS for what in ("units", "bits")), strict=True):
        pairs = list(zip(soft, [row for row in read if row[0] == label], strict=True))
        told = {"gain higher in {}, lower in {}": 3, "more right answers in {}, fewer in {}": 7, "numbers read, more in {}, fewer in {}": 9}
        for words, column in told.items():
            more = sum(ends(one[column])[0] > ends(other[column])[1] for one, other in pairs)
            less = sum(ends(one[column])[1] < ends(other[column])[0] for one, other in pairs)
            assert words.format(more, less) in line
    for line, kind in zip(lines[6:8], ("binarised", "binarised, ternary"), strict=True):
        for what, column in (("units", 4), ("bits", 5)):
            verdicts = [row[column] for row in signs if row[0] == kind]
            counts = [verdicts.count(word) for word in ("higher", "lower", "undecided")]
            assert "at equal {} higher in {}, lower in {}, undecided in {}".format(what, *counts) in line
    units = [row for game in GAMES for row in table(f"signs-{game}.units")]
    for line, kind in zip(lines[8:], ("ordinary", "binarised", "binarised, ternary"), strict=True):
        own = [row for row in units if row[0] == kind]
        n, exact, few = (sum(int(row[place]) for row in own) for place in (1, 3, 4))
        assert f"Of {n} {kind} units {exact} are exactly" in line
        assert f"{few} have at most 4 inputs" in line


def test_the_plain_words_follow_from_the_tables() -> None:
    text = " ".join(PAGE.read().split())
    lead, *rest = said()["said"].splitlines()
    assert "one path predicts more than nine answers in ten" in text
    assert all(float(row[5].split()[0]) > 0.9 for game in GAMES for row in table(f"read-{game}"))
    assert float(re.findall(r"answers ([\d.]+)", lead)[0]) > 0.9
    assert "a hard tree of equal bits never gains less" in text
    assert any("tree of equal bits" in line and "gain higher in 0," in line for line in rest)
    signs = [row for game in GAMES for row in table(f"signs-{game}")]
    assert "Hidden units of 1 and -1 do not gain more than whole ones" in text
    assert "higher" not in {row[place] for row in signs if row[0] == "binarised" for place in (4, 5)}
    assert "With ternary weights most comparisons are undecided" in text
    ternary = [row[place] for row in signs if row[0] == "binarised, ternary" for place in (4, 5)]
    assert 2 * ternary.count("undecided") > len(ternary)
    assert "none of them is a rule that can be read" in text
    units = [row for game in GAMES for row in table(f"signs-{game}.units") if row[0].startswith("binarised")]
    assert {(row[3], row[4]) for row in units} == {("0", "0")}


def test_verdicts_on_the_page_agree_with_its_bands() -> None:
    """Bands are rounded to two digits, so equal ends may be apart by less."""
    for game in GAMES:
        gains = {(row[0], row[1]): ends(row[3]) for row in table(f"signs-{game}")}
        for kind, size, _, _, word, _ in table(f"signs-{game}"):
            if kind.startswith("binarised"):
                (low, high), (least, most) = gains[kind, size], gains[kind.replace("binarised", "ordinary"), size]
                assert word != "undecided" or (low <= most and high >= least)
                assert word != "higher" or low >= most
                assert word != "lower" or high <= least
    assert verdict([0.3, 0.4], [0.1, 0.2]) == "higher"
    assert verdict([0.1, 0.2], [0.3, 0.4]) == "lower"
    assert verdict([0.1, 0.3], [0.3, 0.4]) == "undecided"
    assert set(KINDS) == {row[0] for row in table(f"signs-{GAMES[0]}")}
