"""Networks in a random subspace: rebuilt by plain integers, trained along the projection, and as long as their coordinates."""

from fractions import Fraction

import numpy as np
import pytest
import torch

from bench.measures.dimension import TOLERANCE, Ladder, Measured
from games.errors import UsageError
from games.registry import make_game
from policies.api import action_probabilities
from policies.networks import coding
from policies.networks.architectures import Design, inputs_of, layers_of
from policies.networks.coding import Written
from policies.networks.samples import Goal, contested_samples
from policies.networks.subspace import SubspaceLearner, SubspacePolicy, subspace
from policies.networks.subspace_training import Projection, train_subspaces
from policies.networks.training import Assembly, Rounding, Schedule
from policies.task import make_task
from policies.teacher import taught
from tests.support.shell import Shell

MASK = (1 << 64) - 1


def splitmix(key: int) -> int:
    """The generator of Steele, Lea & Flood (2014), a number at a time."""
    z = (key + 0x9E3779B97F4A7C15) & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def rebuilt(policy: SubspacePolicy, n_parameters: list[int]) -> list[list[Fraction]]:
    """The parameters of each layer, in fractions, from the seed and the coordinates alone."""
    n, step, base = sum(n_parameters), Fraction(float(policy.coordinates.book[0])), splitmix(policy.seed)
    drawn = [splitmix(base ^ i ^ 1 << 32) for i in range(n)]
    rank = {i: place for place, i in enumerate(sorted(range(n), key=drawn.__getitem__))}
    found, first = [], 0
    for n_layer, exponent in zip(n_parameters, policy.exponents, strict=True):
        layer = []
        for i in range(first, first + n_layer):
            origin = Fraction(splitmix(base ^ i).bit_count() - 32, 4)
            moved = int(policy.coordinates.symbols[rank[i] % policy.size]) * step
            layer.append((origin - moved if drawn[i] % 2 else origin + moved) / 2**exponent)
        found.append(layer)
        first += n_layer
    return found


def planted(design: Design, symbols: list[int], seed: int, exponents: tuple[int, int] = (1, 2)) -> SubspacePolicy:
    return SubspacePolicy(design, seed, exponents, Written("uniform", np.array(symbols, dtype=np.int64), np.array([0.375])))


@pytest.mark.parametrize(("design", "game_id"), [(Design("mlp", 3), "tictactoe"), (Design("mlp", 2, equivariant=True), "go-2x3")])
def test_plain_integers_rebuild_the_same_network(design: Design, game_id: str) -> None:
    game = make_game(game_id)
    policy = planted(design, [5, -3, 0, 11, -40], seed=0xDEADBEEF)
    network = policy.network(game)
    expected = rebuilt(policy, [layer.n_parameters for layer in layers_of(design, game)])
    assert [[Fraction(value) for value in values.tolist()] for values in network.parameters] == expected
    assert coding.is_exact(layers_of(design, game), network.layers)


def test_coordinates_share_the_parameters_out_evenly_and_as_many_as_there_are_span_them_all() -> None:
    _, rank, sign = subspace(457, seed=9)
    assert sorted(rank.tolist()) == list(range(457))
    assert set(np.bincount(rank % 32).tolist()) == {14, 15}  # 457 = 32 * 14 + 9
    assert set(sign.tolist()) == {-1, 1}


def test_theta0_has_the_mean_and_the_spread_of_a_standard_normal() -> None:
    origin, _, sign = subspace(100_000, seed=1)
    assert abs(origin.mean() / 4) < 4 / np.sqrt(100_000)  # four standard errors
    assert abs((origin / 4).std() - 1) < 4 / np.sqrt(200_000)
    assert abs(sign.mean()) < 4 / np.sqrt(100_000)


def test_the_slope_along_a_coordinate_is_the_sum_of_the_slopes_of_its_parameters() -> None:
    layers = layers_of(Design("mlp", 4), make_game("tictactoe"))
    n_parameters, seeds = sum(layer.n_parameters for layer in layers), [3, 4]
    generator = torch.Generator().manual_seed(0)
    scale = torch.rand(n_parameters, generator=generator) + 0.5
    chart, assembly = Projection(layers, 10, seeds, scale), Assembly(layers, torch.device("cpu"))
    drawn = [subspace(n_parameters, seed) for seed in seeds]
    still = torch.zeros(2, 10, requires_grad=True)
    origin = (torch.from_numpy(np.stack([each[0] for each in drawn])) / 4 * scale).requires_grad_()
    slopes = []
    for free, matrices in ((still, chart.matrices(chart.parts(still))), (origin, assembly.matrices(assembly.parts(origin)))):
        curved = torch.stack([torch.sin(3 * matrix).sum() for pair in matrices for matrix in pair])
        slopes.append(torch.autograd.grad(curved.sum(), free)[0].numpy())
    expected = np.zeros((2, 10))
    for row, (_, rank, sign) in enumerate(drawn):
        np.add.at(expected[row], rank % 10, slopes[1][row] * sign * scale.numpy())
    np.testing.assert_allclose(slopes[0], expected, rtol=1e-5, atol=1e-5)


def test_a_target_in_the_subspace_is_found_there_and_not_in_another() -> None:
    task, design = make_task("tictactoe"), Design("mlp", 4)
    target = planted(design, [5, -7, 4], 1234, (1, 1))  # the scales that training chooses too
    lesson = taught(task, target.scores(task))
    samples = contested_samples(lesson, inputs_of(design, task.game, task.graph.states[task.graph.positions]))
    seeds = [target.seed, 77, 78, 79]
    schedule, goal = Schedule(64, 300, 0.12), Goal()
    exponents, trained = train_subspaces(layers_of(design, task.game), samples, 3, seeds, schedule, goal, Rounding(0.05), seed=0)
    assert exponents == target.exponents
    gains = []
    for seed, values, step in zip(seeds, trained.values, trained.steps, strict=True):
        found = Written("uniform", np.round(values / step).astype(np.int64), step.astype(np.float64))
        policy = SubspacePolicy(design, seed, exponents, found)
        gains.append(lesson.gain(action_probabilities(task.graph, policy.scores(task))))
    assert gains[0] > 0.97
    assert max(gains[1:]) < gains[0] - 0.1


def test_a_file_grows_by_the_same_number_of_bits_with_every_coordinate_whatever_the_network() -> None:
    """Levels drawn from 15 alike take log2(15) = 3.9 bits each; the adaptive coder learns them at a fraction of a bit more."""
    task, rng = make_task("tictactoe"), np.random.default_rng(0)
    bits = {}
    for size in (64, 256):
        for dimension in (0, 400, 800, 1600):
            symbols = [1, *rng.integers(-7, 8, dimension).tolist()]
            bits[size, dimension] = 8 * len(SubspaceLearner(size=size).encode(planted(Design("mlp", size), symbols, 1), task))
    for size in (64, 256):
        for dimension in (400, 800, 1600):
            assert 3.9 < (bits[size, dimension] - bits[size, 0]) / dimension < 4.4
    assert abs(bits[64, 0] - bits[256, 0]) <= 16  # the size itself is written


def test_a_file_comes_back_and_a_budget_beyond_the_network_is_cut() -> None:
    task, learner = make_task("nim-1-2"), SubspaceLearner(size=1, steps=20)
    n_parameters = learner.n_parameters(task.game)
    (policy,) = learner.fit_path(task, [n_parameters + 5, n_parameters + 50], seed=3)
    read = learner.decode(learner.encode(policy, task), task)
    assert read.size == n_parameters
    assert (read.design, read.seed, read.exponents) == (policy.design, policy.seed, policy.exponents)
    assert np.array_equal(read.coordinates.values, policy.coordinates.values)
    assert len({each.seed for seed in range(3) for each in learner.fit_path(task, [1], seed)}) == 3


@pytest.mark.parametrize(("options", "message"), [({"size": 0}, "size=0"), ({"architecture": "mpl"}, "mlp"), ({"steps": -1}, "steps")])
def test_wrong_options_are_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        SubspaceLearner(**options)  # type: ignore[arg-type]


def test_d90_and_d100_are_the_smallest_dimensions_that_reach_their_gain() -> None:
    gains = {0: {1: 0.2, 2: 0.73, 3: 0.7, 4: 0.7991}, 1: {1: 0.95, 2: 0.85}}
    rungs = [Measured(seed, dimension, gain, 8) for seed, each in gains.items() for dimension, gain in each.items()]
    ladder = Ladder(10, [Measured(0, 10, 0.8, 8), Measured(1, 10, 1.0, 8)], rungs)
    assert ladder.d90() == [2, 1]
    assert ladder.d100() == [4, None]


def test_the_ladder_ends_where_a_subspace_plays_as_well_as_the_whole_network(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(monkeypatch, capfd)
    words = ["dimension", "--game", "nim-1-2", "--size", "2", "--steps", "30", "--seed", "5"]
    answer = shell.json(*words, "--seed", "6")
    assert answer["n_parameters"] == sum(layer.n_parameters for layer in layers_of(Design("mlp", 2), make_game("nim-1-2")))
    for whole, d90, d100 in zip(answer["full"], answer["d90"], answer["d100"], strict=True):
        rungs = [rung for rung in answer["rungs"] if rung["seed"] == whole["seed"]]
        assert [rung["dimension"] for rung in rungs] == [1, 2, 3, 4, 6, 8, 11, 16][: len(rungs)]
        assert [rung["gain"] >= whole["gain"] - TOLERANCE for rung in rungs] == [False] * (len(rungs) - 1) + [True]
        assert (d90 <= d100, d100) == (True, rungs[-1]["dimension"])
    status, out, _ = shell(*words)
    assert status == 0
    assert f"d100: at most {answer['d100'][0]}" in out
