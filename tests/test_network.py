"""The network: whole-number play that plain Python repeats, the stated loss, files near the entropy of their weights."""

import math
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import torch

from games.errors import UsageError, WorkError
from policies.api import Task, edge_weights
from policies.networks.network import MAX_WEIGHT, NetworkLearner, NetworkPolicy, active_inputs, count_inputs, forward
from policies.networks.training import Samples, choose_rounding, draw_order, lay_out, losses, round_weights, whole_networks
from policies.task import make_task

QUICK = NetworkLearner(steps=300)


def fitted(learner: NetworkLearner, game_id: str, width: int, seed: int = 0) -> tuple[NetworkPolicy, Task]:
    task = make_task(game_id)
    return next(learner.fit_path(task, [width], seed)), task


def gain(policy: NetworkPolicy, task: Task) -> float:
    return task.gain(edge_weights(task.graph, policy.scores(task)))


def logits_in_plain_python(policy: NetworkPolicy, levels: tuple[int, ...], cells: list[int]) -> list[int]:
    """The forward pass with Python's unbounded integers, from the cells themselves."""
    into, out = policy.into.tolist(), policy.out.tolist()
    hidden = []
    for unit in range(policy.size):
        total, row = into[-1][unit], 0
        for cell, n_levels in zip(cells, levels, strict=True):
            total += sum(into[row + level - 1][unit] for level in range(1, n_levels) if cell == level)
            row += n_levels - 1
        hidden.append(max(0, total))
    return [sum(h * w for h, w in zip([*hidden, policy.unit], weights, strict=True)) for weights in out]


@pytest.mark.parametrize("game_id", ["tictactoe", "nim-3-4-5", "go-2x3"])
@pytest.mark.parametrize("largest", [3, MAX_WEIGHT])
def test_the_forward_pass_is_exact_integer_arithmetic(game_id: str, largest: int) -> None:
    task = make_task(game_id)
    rng = np.random.default_rng(largest)
    into = rng.integers(-largest, largest, (count_inputs(task) + 1, 6), endpoint=True)
    out = rng.integers(-largest, largest, (task.game.n_actions, 7), endpoint=True)
    policy = NetworkPolicy(into, out, unit=largest)
    positions = rng.choice(task.graph.positions, 40)
    cells = task.game.cells(task.graph.states[positions]).tolist()
    expected = [logits_in_plain_python(policy, task.game.cell_levels(), row) for row in cells]
    assert forward(policy, active_inputs(task, positions)).tolist() == expected
    scores = policy.scores(task)
    for position, row in zip(positions, expected, strict=True):
        edges = slice(task.graph.edge_start[position], task.graph.edge_start[position + 1])
        assert scores[edges].tolist() == [row[action] for action in task.graph.edge_action[edges]]


def test_a_planted_network_plays_its_favourite_action() -> None:
    task = make_task("tictactoe")
    out = np.zeros((9, 2), dtype=np.int64)
    out[4, 1] = 1
    centre = NetworkPolicy(np.zeros((count_inputs(task) + 1, 1), dtype=np.int64), out, unit=1)
    chosen = edge_weights(task.graph, centre.scores(task))
    has_centre = np.isin(task.graph.edge_parent, task.graph.edge_parent[task.graph.edge_action == 4])
    assert np.array_equal(chosen[has_centre], (task.graph.edge_action == 4)[has_centre].astype(float))


def test_the_loss_is_the_stated_one_for_every_position_and_network() -> None:
    moves = [{0: 0.0, 1: 1.5, 3: 0.0}, {1: 2.0, 2: 0.0}, {0: 0.5, 1: 0.0, 2: 1.0, 3: 3.0}]  # the regret of each legal action
    on = [[0, 2], [1], [3]]
    samples = Samples(
        inputs=torch.tensor([[0, 2], [1, 4], [4, 3]]),
        regret=torch.tensor([[costs.get(action, math.inf) for action in range(4)] for costs in moves]),
        weight=torch.ones(3, dtype=torch.float64),
        n_inputs=4,
    )
    generator = torch.Generator().manual_seed(0)
    into, out, bias = (torch.randn(shape, generator=generator) for shape in ((2, 3, 5), (2, 4, 3), (2, 4, 1)))
    (batch,) = lay_out(samples, torch.tensor([[2, 0, 1]]))
    found = losses(batch, into, out, bias)
    for start in range(2):
        first, second, last = into[start].tolist(), out[start].tolist(), bias[start].flatten().tolist()
        for column, sample in enumerate([2, 0, 1]):
            hidden = [max(0.0, row[4] + sum(row[i] for i in on[sample])) for row in first]
            odds = {a: math.exp(last[a] + sum(h * w for h, w in zip(hidden, second[a], strict=True))) for a in moves[sample]}
            chance = {a: odd / sum(odds.values()) for a, odd in odds.items()}
            expected = sum(chance[a] * cost for a, cost in moves[sample].items())
            mean = sum(moves[sample].values()) / len(moves[sample])
            on_optimal = sum(chance[a] for a, cost in moves[sample].items() if cost == 0)
            assert found[start, column].item() == pytest.approx(expected - 0.3 * mean * math.log(on_optimal), rel=1e-5)


def test_rounded_training_sees_what_whole_numbers_play_and_passes_gradients_through() -> None:
    generator = torch.Generator().manual_seed(0)
    weights = [torch.randn(shape, generator=generator).requires_grad_() for shape in ((2, 3, 5), (2, 4, 3), (2, 4, 1))]
    into, out, bias = weights
    rounding = choose_rounding(into, out, coarseness=0.5)
    used = round_weights(into, out, bias, rounding)
    for start, whole in enumerate(whole_networks(into, out, bias, rounding)):
        into_step, out_step = rounding.into_step[start].item(), rounding.out_step[start].item()
        assert into_step == pytest.approx(0.5 * np.sqrt(np.mean(np.square(into[start].detach().numpy()))), rel=1e-5)
        seen = [part[start].detach().numpy() for part in used]
        assert np.allclose(seen[0].T, whole.into * into_step)
        assert np.allclose(seen[1], whole.out[:, :-1] * out_step)
        assert np.allclose(seen[2][:, 0], whole.out[:, -1] * out_step * whole.unit * into_step)
    slopes = [torch.randn(part.shape, generator=generator) for part in used]
    through = torch.autograd.grad(used, weights, slopes)
    assert torch.equal(through[0], slopes[0])
    assert torch.equal(through[1], slopes[1])
    assert torch.allclose(through[2], slopes[2] * (rounding.unit * rounding.into_step)[:, None, None])


def test_a_round_visits_equal_samples_once_and_others_in_proportion() -> None:
    generator = torch.Generator().manual_seed(0)
    assert sorted(draw_order(torch.full((50,), 0.02, dtype=torch.float64), 50, generator).tolist()) == list(range(50))
    visits = Counter(draw_order(torch.tensor([3.0, 1.0, 0.0, 4.0], dtype=torch.float64), 8000, generator).tolist())
    assert set(visits) == {0, 1, 3}
    assert visits[0] / 8000 == pytest.approx(3 / 8, abs=0.02)
    assert visits[3] / 8000 == pytest.approx(4 / 8, abs=0.02)


# Measured over three seeds: tictactoe and nim-3-4-5 are perfect at 16 units, go-3x3 reaches 0.98 or more at 32.
@pytest.mark.parametrize(("game_id", "width", "least"), [("tictactoe", 16, 0.99), ("nim-3-4-5", 16, 1.0), ("go-3x3", 32, 0.95)])
def test_a_network_read_from_its_file_plays_well(game_id: str, width: int, least: float) -> None:
    learner = NetworkLearner()
    policy, task = fitted(learner, game_id, width)
    assert gain(learner.decode(learner.encode(policy, task), task), task) >= least


def test_a_fit_depends_on_seed_and_width_only() -> None:
    task = make_task("go-2x3")
    alone = next(QUICK.fit_path(task, [4], seed=1))
    *_, after_others = QUICK.fit_path(task, [1, 2, 4], seed=1)
    assert QUICK.encode(alone, task) == QUICK.encode(after_others, task)
    assert QUICK.encode(next(QUICK.fit_path(task, [4], seed=2)), task) != QUICK.encode(alone, task)


def test_a_fit_is_the_same_in_every_process() -> None:
    code = (
        "from policies.networks.network import NetworkLearner; from policies.task import make_task; task = make_task('go-2x3');"
        "learner = NetworkLearner(steps=100); print([learner.encode(policy, task).hex() for policy in learner.fit_path(task, [4, 32], 1)])"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate()[0] for process in running]
    learner, task = NetworkLearner(steps=100), make_task("go-2x3")
    here = [learner.encode(policy, task).hex() for policy in learner.fit_path(task, [4, 32], 1)]
    assert outputs == [f"{here}\n", f"{here}\n"]


@pytest.mark.parametrize("width", [4, 64])
def test_a_file_is_near_the_entropy_of_its_weights(width: int) -> None:
    policy, task = fitted(QUICK, "go-3x3", width)
    bound = 0.0  # bits of a code that knows the frequencies of each matrix beforehand
    for weights in (policy.into, policy.out):
        counts = np.unique(weights, return_counts=True)[1]
        bound -= float(np.sum(counts * np.log2(counts / weights.size)))
    bits = 8 * len(QUICK.encode(policy, task))
    assert 0.8 * bound < bits < 1.1 * bound + 100


def test_coarser_rounding_makes_shorter_files() -> None:
    lengths = []
    for coarseness in (0.125, 0.5, 2.0):
        learner = NetworkLearner(steps=300, coarseness=coarseness)
        policy, task = fitted(learner, "go-2x3", 32)
        lengths.append(len(learner.encode(policy, task)))
    assert lengths[0] > lengths[1] > lengths[2]


def test_a_cut_file_is_refused() -> None:
    policy, task = fitted(QUICK, "go-2x3", 8)
    data = QUICK.encode(policy, task)
    for damaged in (data[: len(data) // 2], data + b"\1"):
        with pytest.raises(UsageError, match="no network for go-2x3"):
            QUICK.decode(damaged, task)


def test_a_game_without_a_choice_gets_an_empty_network() -> None:
    policy, task = fitted(QUICK, "nim-1", 2)  # one stone: one legal move
    assert not policy.into.any()
    assert not policy.out.any()
    assert QUICK.decode(QUICK.encode(policy, task), task).size == 2


def test_divergence_is_reported_in_one_line() -> None:
    with pytest.raises(WorkError, match=r"diverged: lower learning_rate \(1e\+30\)"):
        fitted(NetworkLearner(steps=50, learning_rate=1e30), "go-2x3", 4)


@pytest.mark.parametrize(
    "options", [{"steps": 0}, {"steps": 1.5}, {"learning_rate": float("nan")}, {"coarseness": -1.0}, {"steps": "many"}]
)
def test_options_out_of_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="network option"):
        NetworkLearner(**options)  # type: ignore[arg-type]


@pytest.mark.parametrize("budget", [0, 1 << 20])
def test_widths_out_of_range_are_refused(budget: int) -> None:
    with pytest.raises(UsageError, match="budget"):
        next(QUICK.fit_path(make_task("go-2x3"), [budget], seed=0))


def test_reading_and_playing_a_network_does_not_import_torch() -> None:
    policy, task = fitted(QUICK, "go-2x3", 4)
    code = (
        "import sys; from policies.networks.network import NetworkLearner; from policies.task import make_task; task = make_task('go-2x3');"
        f"policy = NetworkLearner().decode({QUICK.encode(policy, task)!r}, task); print(policy.scores(task).sum(), 'torch' in sys.modules)"
    )
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert output == f"{policy.scores(task).sum()} False\n"
