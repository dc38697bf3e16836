"""Diagnostics of networks: units taken away by brute force, planted networks whose answer is known, and a log that changes nothing."""

from pathlib import Path

import numpy as np
import pytest

from policies.api import action_probabilities
from policies.networks.architectures import Design, layers_of
from policies.networks.coding import Written
from policies.networks.diagnostics import N_BINS, Probe, activity, filters, losses_without, removal_order, sensitivity
from policies.networks.forward import matrices_of
from policies.networks.network import NetworkLearner, fit
from policies.networks.policy import NetworkPolicy
from policies.networks.training_log import Log
from policies.task import make_task
from tests.support.shell import Shell

N_CELLS = 9  # of tic-tac-toe, each with two inputs: own, the other's


def drawn(design: Design, game_id: str, seed: int = 0) -> Probe:
    """A network of random whole weights."""
    task, rng = make_task(game_id), np.random.default_rng(seed)
    parts = [rng.integers(-3, 4, layer.n_parameters) for layer in layers_of(design, task.game)]
    return Probe(NetworkPolicy(design, tuple(Written("uniform", part, np.array([0.25])) for part in parts)), task)


def planted(hidden: np.ndarray, biases: list[int], out: np.ndarray, game_id: str = "tictactoe") -> Probe:
    """A perceptron with the given whole weights [n_units, n_inputs], biases, and output weights [n_actions, n_units]."""
    first = np.concatenate([hidden.ravel(), biases]).astype(np.int64)
    second = np.concatenate([out.ravel(), np.zeros(len(out))]).astype(np.int64)
    layers = tuple(Written("uniform", part, np.ones(1)) for part in (first, second))
    return Probe(NetworkPolicy(Design("mlp", len(hidden)), layers), make_task(game_id))


@pytest.mark.parametrize(
    ("design", "game_id"),
    [
        (Design("mlp", 5, depth=2), "tictactoe"),
        (Design("mlp", 2, equivariant=True), "go-2x3"),
        (Design("conv", 2), "go-2x3"),
        (Design("softtree", 2), "tictactoe"),
        (Design("linear", 3), "nim-1-2-3"),
    ],
)
def test_a_probe_plays_as_the_network_does(design: Design, game_id: str) -> None:
    probe = drawn(design, game_id)
    assert np.array_equal(probe.scores(), probe.policy.scores(probe.task))


def test_taking_a_unit_away_is_writing_zeros_over_its_weights() -> None:
    probe = drawn(Design("mlp", 5, depth=2), "tictactoe")
    layers, graph = probe.layers, probe.task.graph
    assert [unit.name for unit in probe.units] == [f"{layer}.{unit}" for layer in (1, 2) for unit in range(1, 6)]
    whole, found = probe.gain(), losses_without(probe)
    for unit, lost in zip(probe.units, found.tolist(), strict=True):
        parts = [part.symbols.copy() for part in probe.policy.layers]
        (row,) = unit.rows
        parts[unit.layer][[*layers[unit.layer].weights[row], layers[unit.layer].biases[row]]] = 0
        parts[unit.layer + 1][layers[unit.layer + 1].weights[:, row]] = 0
        silent = NetworkPolicy(probe.policy.design, tuple(Written("uniform", part, np.array([0.25])) for part in parts))
        assert lost == whole - probe.task.gain(action_probabilities(graph, silent.scores(probe.task)))
    assert np.ptp(found) > 0.01


def test_all_copies_of_a_unit_go_together() -> None:
    """A channel of a residual network, its copies at all cells: its way round the layers is cut as well."""
    probe = drawn(Design("conv", 3), "go-2x3")
    assert [len(unit.rows) for unit in probe.units] == [6] * 9
    seen = [np.zeros(0)] * 3
    probe.scores(probe.units[:3], see=lambda layer, activations: seen.__setitem__(layer, np.abs(activations).max(axis=1)))
    assert not seen[0].any()
    assert seen[1].any()
    equivariant = drawn(Design("mlp", 2, equivariant=True), "go-2x3")
    assert [len(unit.rows) for unit in equivariant.units] == [4, 4]  # an oblong has four symmetries


def test_the_greedy_order_starts_with_the_unit_that_matters_least_and_ends_with_none() -> None:
    probe = drawn(Design("mlp", 4), "tictactoe")
    order = removal_order(probe)
    losses = losses_without(probe)
    assert order[0][0] == probe.units[int(np.argmin(losses))]
    assert order[0][1] == pytest.approx(probe.gain() - losses.min())
    assert sorted(unit for unit, _ in order) == sorted(probe.units)
    assert order[-1][1] == probe.gain(probe.units)
    for n, (_, gain) in enumerate(order[1:], start=1):
        assert gain == max(probe.gain([*(unit for unit, _ in order[:n]), each]) for each in probe.units if each not in dict(order[:n]))


def test_a_network_that_looks_at_one_cell_is_sensitive_to_that_cell_only() -> None:
    """It speaks for one move where the centre is its own, and for another, legal or not, where it is the other's."""
    hidden = np.zeros((2, 2 * N_CELLS))
    hidden[0, 8], hidden[1, 9] = 1, 1
    out = np.zeros((9, 2))
    out[:, 0], out[:, 1] = np.arange(9), -np.arange(9)
    found = sensitivity(planted(hidden, [0, 0], out))
    assert found[4] > 0.9  # all positions but those with one move
    assert not np.delete(found, 4).any()


def test_sensitivity_is_the_share_of_positions_in_which_a_changed_cell_changes_the_choice() -> None:
    """Against changing one position at a time, in plain Python."""
    probe = drawn(Design("mlp", 3), "go-2x3", seed=1)
    task, graph = probe.task, probe.task.graph
    cells = task.game.cells(graph.states[graph.positions])
    levels = task.game.cell_levels()
    (first, first_biases), (second, second_biases) = matrices_of(probe.layers, probe.policy.parameters)

    def choice(position: int, contents: list[int]) -> set[int]:
        on = [float(contents[cell] == content) for cell, n in enumerate(levels) for content in range(1, n)]
        hidden = np.maximum(first @ np.array(on)[:, None] + first_biases, 0)
        logits = (second @ hidden + second_biases)[:, 0]
        edges = range(graph.edge_start[position], graph.edge_start[position + 1])
        actions = [int(graph.edge_action[edge]) for edge in edges]
        return {action for action in actions if logits[action] == max(logits[each] for each in actions)}

    found = sensitivity(probe)
    for cell in (0, 4, 6, 7):  # two of the board, the ko point, the passes
        occurring = sorted(set(cells[:, cell].tolist()))
        n_flips = 0
        for row, position in enumerate(graph.positions.tolist()):
            contents = cells[row].tolist()
            before = choice(position, contents)
            for other in occurring:
                n_flips += choice(position, [*contents[:cell], other, *contents[cell + 1 :]]) != before
        assert found[cell] == pytest.approx(n_flips / len(cells) / (len(occurring) - 1))


def test_a_cell_of_a_network_on_planes_is_changed_in_the_planes_that_show_it() -> None:
    """Of Go: own and other's stones at that cell; the ko point and the passes, as far as planes show them, are cells of their own."""
    probe = drawn(Design("conv", 2), "go-2x3", seed=2)
    task, graph = probe.task, probe.task.graph
    contents = task.game.cells(graph.states[graph.positions])
    first = graph.edge_start[graph.positions]
    found, chosen = sensitivity(probe), action_probabilities(graph, probe.scores()) > 0
    for cell in range(6):
        n_flips = 0
        for content in (0, 1, 2):
            changed = probe.inputs.copy()
            changed[cell], changed[6 + cell] = content == 1, content == 2
            flips = np.logical_or.reduceat((action_probabilities(graph, probe.scores(inputs=changed)) > 0) != chosen, first)
            n_flips += int((flips & (contents[:, cell] != content)).sum())
        assert found[cell] == pytest.approx(n_flips / 2 / len(contents))
    assert found[:6].min() > 0


def test_a_dead_unit_is_found_and_the_activity_of_a_live_one_counted() -> None:
    hidden = np.zeros((2, 2 * N_CELLS))
    hidden[0, 8] = 3  # 3 where the centre is the mover's own
    probe = planted(hidden, [0, -1], np.ones((9, 2)))
    found = activity(probe)
    states = probe.task.graph.states[probe.task.graph.positions]
    share = float((probe.task.game.cells(states)[:, 4] == 1).mean())
    assert found.most.tolist() == [3.0, 0.0]
    assert found.active.tolist() == pytest.approx([share, 0.0])
    assert found.mean.tolist() == pytest.approx([3 * share, 0.0])
    assert found.histogram.shape == (1, N_BINS)
    expected = np.zeros(N_BINS)
    expected[0], expected[12] = 1 - share / 2, share / 2  # 3 lies between 2**(11 - 10) and 2**(12 - 10)
    np.testing.assert_allclose(found.histogram[0], expected)
    assert losses_without(probe)[1] == 0


def test_filters_are_the_weights_in_their_places() -> None:
    hidden = np.arange(2 * 2 * N_CELLS).reshape(2, -1)
    one, other = filters(planted(hidden, [0, 0], np.zeros((9, 2))))
    assert (one.name, other.name) == ("unit 1.1", "unit 1.2")
    assert one.pictures["own"].tolist() == [[0, 2, 4], [6, 8, 10], [12, 14, 16]]
    assert other.pictures["other's"].tolist() == [[19, 21, 23], [25, 27, 29], [31, 33, 35]]
    go = filters(planted(np.arange(20)[None], [0], np.zeros((7, 1)), "go-2x3"))[0]  # 6 cells with own and other's, ko point, passes
    assert go.pictures["cell 7"].tolist() == [[12, 13, 14], [15, 16, 17]]
    assert go.rest.tolist() == [18, 19]
    conv = drawn(Design("conv", 2), "go-3x3")
    drawn_filter = filters(conv)[0].pictures["plane 1"]
    assert np.count_nonzero(drawn_filter) >= 5  # a whole 3x3 window of random weights, not the part of one at an edge
    matrix, _ = matrices_of(conv.layers[:1], conv.policy.parameters[:1])[0]
    assert np.array_equal(drawn_filter.ravel(), matrix[4, :9])  # the unit in the middle of the board
    assert [each.name for each in filters(drawn(Design("linear", 64), "nim-1-2"))] == [
        make_task("nim-1-2").game.action_name(action) for action in range(make_task("nim-1-2").game.n_actions)
    ]


def test_the_log_sees_the_loss_fall_and_changes_nothing() -> None:
    task, learner = make_task("tictactoe"), NetworkLearner(steps=120, depth=2)
    log = Log(at=(0, 119))
    watched = fit(learner, task, learner.design(6), 4, log)
    assert learner.encode(watched, task) == learner.encode(next(learner.fit_path(task, [6], 4)), task)
    loss = np.array(log.loss)
    assert loss.shape[0] == len(log.gradient) == 120
    assert (loss[-20:].mean(axis=0) < 0.7 * loss[:20].mean(axis=0)).all()  # of every start
    assert [len(row) for row in log.gradient] == [3] * 120
    assert [moment.step for moment in log.moments] == [0, 119]
    for moment, row in zip(log.moments, (log.gradient[0], log.gradient[-1]), strict=True):
        batch, n_starts = 32, loss.shape[1]
        assert [part.counts.sum() for part in moment.activations] == [n_starts * 6 * batch] * 2
        assert all(part.edges[0] == 0 for part in moment.activations)  # rectified
        for part, rms, layer in zip(moment.gradients, row, layers_of(learner.design(6), task.game), strict=True):
            assert part.counts.sum() == n_starts * layer.n_parameters
            assert 0 < rms <= max(-part.edges[0], part.edges[-1])


def test_the_verb_says_the_same_as_the_measures_and_draws_them(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shell, file = Shell(monkeypatch, capfd), tmp_path / "small.policy"
    words = ["--game", "tictactoe", "--budget", "3"]
    trained = shell.json("diagnose", "--train", "network:steps=60", *words, "--order", "--out", str(tmp_path / "drawn"))
    names = ["filters", "sensitivity", "units", "activations", "loss", "histograms"]
    assert trained["files"] == [str(tmp_path / "drawn" / f"{name}.png") for name in names]
    assert all(Path(path).read_bytes().startswith(b"\x89PNG") for path in trained["files"])
    shell("fit", "network:steps=60", *words, "--out", str(file))
    read = shell.json("diagnose", str(file), "--order")
    assert {**trained, "files": []} == read  # the same learner and seed
    assert [unit["unit"] for unit in read["units"]] == ["1.1", "1.2", "1.3"]
    status, out, _ = shell("diagnose", str(file))
    assert status == 0
    assert f"gain {read['gain']:.4f}" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("diagnose", "give either a policy file, or --train"),
        ("diagnose a.policy --train network --game tictactoe --budget 3", "give either"),
        ("diagnose --train tree --game tictactoe --budget 3", "only the training of the learner network keeps a log"),
        ("diagnose table.policy", "diagnose is about networks; table.policy holds a policy of the learner table"),
    ],
)
def test_what_cannot_be_diagnosed_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path, words: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(monkeypatch, capfd)
    shell("fit", "table", "--game", "nim-1-2", "--budget", "1", "--out", "table.policy")
    status, out, err = shell(*words.split())
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
