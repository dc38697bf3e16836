"""Stages that make networks smaller: what each does to the weights, against brute force, planted answers and other libraries."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.cluster.vq import kmeans2
from scipy.stats import spearmanr

from bench.cli.compress import measure_file
from games.arrays import Float64s
from games.errors import UsageError
from policies.api import Task
from policies.codec.integer_arrays import METHODS
from policies.conformance import check_learner
from policies.networks.architectures import inputs_of, layers_of
from policies.networks.coding import as_float
from policies.networks.forward import forward, matrices_of
from policies.networks.hessian import MAX_EXACT, hessian_diagonal
from policies.networks.layers import Layer, dense
from policies.networks.network import NetworkLearner
from policies.networks.policy import NetworkPolicy
from policies.networks.pruning import heard, keep_largest, magnitudes, saliencies
from policies.networks.retraining import Lessons
from policies.networks.rounding import best_step
from policies.networks.samples import Goal, Samples, contested_samples, lay_out, losses
from policies.networks.sharing import cluster, tied
from policies.networks.stages import KINDS, Stage, compress, index_bits, parse_pipeline, written
from policies.networks.training import TRAINING, Assembly, Rounding, Schedule, round_parts, start, train
from policies.task import make_task
from tests.support.shell import Shell

LEARNER = NetworkLearner(steps=60, stages="tune")
WIDTH = 10


@pytest.fixture(scope="module")
def task() -> Task:
    return make_task("tictactoe")


@pytest.fixture(scope="module")
def lessons(task: Task) -> Lessons:
    inputs = inputs_of(LEARNER.design(WIDTH), task.game, task.graph.states[task.graph.positions])
    return Lessons(task, contested_samples(task, inputs), Goal(), 64, 60, 0.1, 0)


@pytest.fixture(scope="module")
def trained(task: Task, lessons: Lessons) -> NetworkPolicy:
    design = LEARNER.design(WIDTH)
    layers = layers_of(design, task.game)
    found = train(layers, lessons.samples, start(layers, 1, 4.0, 0), Schedule(64, 200, 0.1), lessons.goal, None, 0).values[0]
    parts = np.split(found.astype(np.float64), np.cumsum([layer.n_parameters for layer in layers])[:-1])
    return NetworkPolicy(design, tuple(as_float(part) for part in parts), "raw")


def after(policy: NetworkPolicy, lessons: Lessons, text: str) -> NetworkPolicy:
    *_, last = compress(policy, parse_pipeline(text)[0], lessons)
    return last


@pytest.mark.parametrize(("name", "percent"), [("prune", 50), ("prune", 97.5), ("obd", 80)])
def test_pruning_takes_the_share_of_weights_that_it_says(trained: NetworkPolicy, lessons: Lessons, name: str, percent: float) -> None:
    pruned = after(trained, lessons, f"{name}-{percent}")
    n_all = sum(len(part.symbols) for part in trained.layers)
    assert n_all == 18 * WIDTH + WIDTH + 9 * WIDTH + 9
    left = round(n_all * (1 - percent / 100))
    # weights that nobody hears any more go too, so a few less may be left; retraining brings none back
    assert 0.5 * left <= pruned.n_parameters <= left
    assert all(part.kind == "float" for part in pruned.layers)


def test_sharing_leaves_a_layer_with_so_many_values(trained: NetworkPolicy, lessons: Lessons) -> None:
    for n_values in (1, 2, 6):
        shared = after(trained, lessons, f"share-{n_values}")
        assert [1 <= len(np.unique(part)) <= n_values for part in shared.parameters] == [True, True]
        assert shared.n_parameters == trained.n_parameters
    pruned = after(trained, lessons, "prune-70")
    shared = after(pruned, lessons, "share-4")
    assert [np.array_equal(old == 0, new == 0) for old, new in zip(pruned.parameters, shared.parameters, strict=True)] == [True, True]


@pytest.mark.parametrize("bits", [8, 4, 2])
def test_uniform_rounding_has_symmetric_levels_of_so_many_bits(trained: NetworkPolicy, lessons: Lessons, bits: int) -> None:
    rounded = after(trained, lessons, f"uniform-{bits}")
    most = 2 ** (bits - 1) - 1
    for part, values in zip(rounded.layers, rounded.parameters, strict=True):
        assert np.abs(part.symbols).max() <= most
        assert np.array_equal(values / part.book[0], np.round(values / part.book[0]))
    assert max(np.abs(part.symbols).max() for part in rounded.layers) > most // 2  # one bit less would not do


def test_ternary_weights_are_a_step_up_or_down_or_zero_and_binary_ones_never_zero(trained: NetworkPolicy, lessons: Lessons) -> None:
    levels = [set(part.symbols.tolist()) for part in after(trained, lessons, "ternary").layers]
    assert levels == [{-1, 0, 1}] * 2
    levels = [set(part.symbols.tolist()) for part in after(trained, lessons, "binary").layers]
    assert levels == [{-1, 1}] * 2
    pruned = after(trained, lessons, "prune-60")
    both = after(pruned, lessons, "binary")
    assert both.n_parameters == pruned.n_parameters
    assert [set(part.symbols.tolist()) for part in both.layers] == [{-1, 0, 1}] * 2


def test_factored_layers_have_the_rank_and_start_as_the_nearest_product(trained: NetworkPolicy, lessons: Lessons, task: Task) -> None:
    """Without retraining to speak of: what is left out of a matrix is exactly its smaller singular values (Eckart & Young 1936)."""
    still = lessons._replace(n_steps=1, learning_rate=1e-9)
    whole = matrices_of(layers_of(trained.design, task.game), trained.parameters)
    factored = after(trained, still, "lowrank-3")
    products = matrices_of(layers_of(factored.design, task.game), factored.parameters)
    assert factored.design.ranks == (3, 3)
    for number, (matrix, biases) in enumerate(whole):
        (right, _), (left, kept_biases) = products[2 * number : 2 * number + 2]
        assert np.linalg.matrix_rank(left @ right, tol=1e-3) == 3
        lost = np.linalg.svd(matrix, compute_uv=False)[3:]
        assert np.linalg.norm(matrix - left @ right) == pytest.approx(np.linalg.norm(lost), rel=1e-3)
        assert kept_biases == pytest.approx(biases, abs=1e-4)
    trained_on = after(trained, lessons, "lowrank-3")
    assert np.linalg.matrix_rank(trained_on.parameters[1][:30].reshape(10, 3) @ trained_on.parameters[0].reshape(3, 18)) == 3


def small(lessons: Lessons, activation: str = "relu") -> tuple[list[Layer], Samples, Float64s]:
    """A network of 3 hidden units on 60 positions, trained for a while: small enough for brute force."""
    few = dataclasses.replace(
        lessons.samples, inputs=lessons.samples.inputs[:, :60], regret=lessons.samples.regret[:, :60], weight=lessons.samples.weight[:60]
    )
    layers = [dense(3, 18, activation), dense(9, 3, "none")]
    values = train(layers, few, start(layers, 1, 4.0, 1), Schedule(60, 400, 0.05), Goal("optimal"), None, 0).values[0]
    return layers, few, values.astype(np.float64)


def mean_loss(layers: list[Layer], samples: Samples, values: Float64s) -> float:
    """In double precision, by the forward pass of training."""
    (batch,) = lay_out(samples, torch.arange(samples.inputs.shape[1])[None])
    batch = batch._replace(**{name: getattr(batch, name).double() for name in batch._fields})
    assembly = Assembly(layers, torch.device("cpu"))
    matrices = assembly.matrices(assembly.parts(torch.from_numpy(values)[None]))
    each = losses(batch, forward(layers, matrices, batch.inputs, TRAINING), Goal("optimal"))[0]
    return float((each * samples.weight).sum() / samples.weight.sum())


def test_the_diagonal_is_that_of_finite_differences(lessons: Lessons) -> None:
    """Without rectifiers, whose kinks no Hessian sees; their networks are linear in every weight nearly everywhere just as well."""
    layers, samples, values = small(lessons, "none")
    diagonal = hessian_diagonal(layers, samples, values, Goal("optimal"), 0)
    assert diagonal.is_exact
    here, h = mean_loss(layers, samples, values), 1e-3
    for place in range(0, len(values), 5):
        beside = [mean_loss(layers, samples, values + sign * h * np.eye(len(values))[place]) for sign in (-1, 1)]
        assert diagonal.values[place] == pytest.approx((beside[0] - 2 * here + beside[1]) / h**2, rel=0.01, abs=1e-4)


def test_probes_estimate_the_diagonal(lessons: Lessons, monkeypatch: pytest.MonkeyPatch) -> None:
    layers, samples, values = small(lessons)
    exact = hessian_diagonal(layers, samples, values, Goal("optimal"), 0).values
    assert len(values) <= MAX_EXACT
    monkeypatch.setattr("policies.networks.hessian.MAX_EXACT", 0)
    monkeypatch.setattr("policies.networks.hessian.N_PROBES", 300)
    estimate = hessian_diagonal(layers, samples, values, Goal("optimal"), 0)
    assert not estimate.is_exact
    assert np.corrcoef(exact, estimate.values)[0, 1] > 0.9


def test_saliencies_rank_weights_as_taking_each_away_does(lessons: Lessons) -> None:
    """Optimal Brain Damage is second order only, so the ranks agree but not entirely; magnitudes agree less."""
    layers, samples, values = small(lessons)
    parts = np.split(values, [layers[0].n_parameters])
    rise = [
        mean_loss(layers, samples, values * (np.arange(len(values)) != place)) - mean_loss(layers, samples, values)
        for place in range(len(values))
    ]
    diagonal = hessian_diagonal(layers, samples, values, Goal("optimal"), 0).values
    by_saliency = spearmanr(saliencies(parts, diagonal), rise).statistic
    assert by_saliency > 0.6
    assert by_saliency > spearmanr(magnitudes(parts), rise).statistic


@pytest.mark.parametrize("n_values", [2, 3, 4])
def test_clusters_in_one_dimension_are_no_worse_than_brute_force_from_the_same_start(n_values: int) -> None:
    """Every cut of 12 sorted numbers into runs: k-means stops at one that no shift of a number betters, seldom far from the best."""
    rng = np.random.default_rng(n_values)
    gaps = []
    for _ in range(20):
        weights = np.sort(rng.normal(size=12))
        centres, labels = cluster(weights, n_values)
        spent = float(np.square(weights - centres[labels]).sum())
        assert np.array_equal(labels, np.abs(weights[:, None] - centres).argmin(axis=1))
        assert centres == pytest.approx([weights[labels == label].mean() for label in range(len(centres))])
        cuts = itertools.combinations(range(1, 12), n_values - 1)
        best = min(sum(float(np.square(run - run.mean()).sum()) for run in np.split(weights, cut)) for cut in cuts)
        assert spent >= best - 1e-12
        gaps.append(spent - best)
    assert np.median(gaps) < 0.2


def test_clusters_are_those_of_scipy() -> None:
    weights = np.random.default_rng(0).laplace(size=500)
    centres, _ = cluster(weights, 8)
    theirs, _ = kmeans2(weights[:, None], np.linspace(weights.min(), weights.max(), 8)[:, None], iter=500, minit="matrix")
    assert centres == pytest.approx(np.sort(theirs[:, 0]), abs=1e-6)


def test_shared_values_get_the_sum_of_the_gradients(task: Task, lessons: Lessons) -> None:
    layer = dense(9, 18, "none")
    labels = np.random.default_rng(0).integers(-1, 4, layer.n_parameters).astype(np.int32)
    (batch,) = lay_out(lessons.samples, torch.arange(50)[None])

    def gradient(layers: list[Layer], values: Float64s) -> Float64s:
        assembly, point = Assembly(layers, torch.device("cpu")), torch.from_numpy(values.astype(np.float32))[None].requires_grad_()
        torch.autograd.backward(
            losses(batch, forward(layers, assembly.matrices(assembly.parts(point)), batch.inputs, TRAINING), Goal()).sum()
        )
        assert point.grad is not None
        return point.grad[0].double().numpy()

    book = np.array([-0.5, -0.1, 0.2, 0.7])
    each = gradient([layer], np.append(book, 0.0)[labels])
    summed = np.bincount(labels[labels >= 0], each[labels >= 0], minlength=4)
    assert gradient([tied(layer, labels)], book) == pytest.approx(summed, rel=1e-3, abs=1e-4)


def padded(policy: NetworkPolicy, task: Task, incoming: Float64s, outgoing: float, bias: float) -> NetworkPolicy:
    """The same network with three units more: [n_inputs] weights in, `outgoing` to every action."""
    (first, biases), (second, last) = matrices_of(layers_of(policy.design, task.game), policy.parameters)
    first = np.vstack([first, np.tile(incoming, (3, 1))])
    biases = np.append(biases, np.full(3, bias))
    second = np.hstack([second, np.full((9, 3), outgoing)])
    layers = (as_float(np.append(first.ravel(), biases)), as_float(np.append(second.ravel(), last)))
    return dataclasses.replace(policy, design=policy.design._replace(size=WIDTH + 3), layers=layers)


def added(task: Task) -> np.ndarray:
    """Which parameters of the padded network belong to the three units. [n_parameters]"""
    first, second = layers_of(LEARNER.design(WIDTH + 3), task.game)
    marks = [np.zeros(layer.n_parameters, dtype=bool) for layer in (first, second)]
    marks[0][first.weights[-3:]] = True
    marks[0][first.biases[-3:]] = True
    marks[1][second.weights[:, -3:]] = True
    return np.concatenate(marks)


def test_units_that_never_fire_are_the_first_to_go_by_saliency(trained: NetworkPolicy, task: Task, lessons: Lessons) -> None:
    """Their weights are large, but nothing depends on them: the curvature is exactly zero."""
    large = padded(trained, task, np.full(18, -2.0), 3.0, -1.0)
    assert np.array_equal(large.scores(task), trained.scores(task))
    layers = layers_of(large.design, task.game)
    diagonal = hessian_diagonal(layers, lessons.samples, np.concatenate(large.parameters), lessons.goal, 0).values
    mark = added(task)
    n_real = int((np.concatenate(large.parameters)[~mark] != 0).sum())
    kept = keep_largest(large.parameters, [saliencies(large.parameters, diagonal), magnitudes(large.parameters)], n_real)
    by_size = keep_largest(large.parameters, [magnitudes(large.parameters)], n_real)
    assert (kept & mark).sum() <= (diagonal[~mark] <= 0).sum()
    assert (by_size & mark).sum() > 50


def test_units_of_tiny_weights_are_the_first_to_go_by_size(trained: NetworkPolicy, task: Task) -> None:
    tiny = padded(trained, task, np.full(18, 2.0**-16), 2.0**-16, 2.0**-16)
    mark, weights = added(task), np.concatenate(tiny.parameters)
    assert np.array_equal(keep_largest(tiny.parameters, [magnitudes(tiny.parameters)], int((~mark).sum())), ~mark & (weights != 0))


def test_units_that_nobody_hears_or_that_are_always_silent_go_at_no_loss(trained: NetworkPolicy, task: Task) -> None:
    mark = added(task)
    for large in (padded(trained, task, np.full(18, 1.5), 0.0, 0.5), padded(trained, task, np.zeros(18), 1.0, -0.5)):
        kept = heard(layers_of(large.design, task.game), large.parameters)
        assert np.array_equal(np.concatenate(kept), ~mark & (np.concatenate(large.parameters) != 0))
        left = [part * mask for part, mask in zip(large.parameters, kept, strict=True)]
        assert np.array_equal(dataclasses.replace(large, layers=tuple(map(as_float, left))).scores(task), trained.scores(task))


@pytest.mark.parametrize(
    "text",
    [
        "tune,prune-50,share-4,huffman",
        "lowrank-4,prune-30,uniform-4,range",
        "obd-40,prune-70,ternary,adaptive",
        "prune-50,lowrank-3,share-2",
    ],
)
def test_a_pipeline_decodes_to_what_was_measured(trained: NetworkPolicy, lessons: Lessons, task: Task, text: str) -> None:
    if "prune-50,lowrank" in text:
        with pytest.raises(UsageError, match="put lowrank first"):
            after(trained, lessons, text)
        return
    stages, method = parse_pipeline(text)
    for stage, policy in zip(stages, compress(trained, stages, lessons), strict=True):
        found = written(policy, task, "raw")
        row, data = measure_file(LEARNER, task, found, str(stage), 1000)
        assert row.file_bits == 8 * len(data)
        assert row.n_left * (row.weight_bits + row.index_bits) == pytest.approx(row.file_bits)
        assert np.array_equal(LEARNER.decode(data, task).scores(task), policy.scores(task))
    found = written(policy, task, method or "raw")
    data = LEARNER.encode(found, task)
    assert np.array_equal(LEARNER.decode(data, task).scores(task), policy.scores(task))
    for flags in itertools.product((False, True), repeat=len(found.layers)):  # of all ways to write the layers this is the shortest
        other = dataclasses.replace(found, layers=tuple(part._replace(sparse=flag) for part, flag in zip(found.layers, flags, strict=True)))
        assert len(LEARNER.encode(other, task)) >= len(data) - 1  # layers are chosen one by one, and files end in whole bytes


def test_range_coding_is_never_longer_than_huffman_by_more_than_its_header(trained: NetworkPolicy, lessons: Lessons, task: Task) -> None:
    for text in ("share-8", "prune-80,share-16", "uniform-4", "prune-90,ternary", "binary"):
        policy = after(trained, lessons, text)
        lengths = {method: len(LEARNER.encode(written(policy, task, method), task)) for method in METHODS}
        n_arrays = 2 * 3 * len(policy.layers)  # weights and gaps of two kinds of cells, or one, and of biases
        n_symbols = sum(len(part.symbols) for part in policy.layers)
        assert lengths["range"] <= lengths["huffman"] + 2 * n_arrays + 0.006 * n_symbols / 8  # policies/codec/integer_arrays.py says why


def test_the_learner_compresses_as_its_option_says_and_keeps_the_contract(task: Task) -> None:
    learner = NetworkLearner(steps=20, stages="prune-50+share-4+huffman")
    assert "decode" not in check_learner(learner, task, n_budgets=1)[:1]
    policy = next(learner.fit_path(task, [4], 3))
    assert policy.method == "huffman"
    assert learner.encode(policy, task) == learner.encode(next(learner.fit_path(task, [4], 3)), task)
    assert policy.n_parameters <= round((18 * 4 + 4 + 36 + 9) / 2)
    assert all(part.kind == "codebook" and len(part.book) <= 4 for part in policy.layers)
    floating = next(NetworkLearner(steps=20, stages="raw").fit_path(task, [4], 3))
    assert {part.kind for part in floating.layers} == {"float"}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("prun-50", "unknown stage 'prun-50'; did you mean prune-N"),
        ("prune", "write prune-N"),
        ("prune-100", "from 0 to 99.99"),
        ("share-0", "whole number from 1"),
        ("uniform-1", "from 2 to 8"),
        ("ternary-3", "ternary takes no number"),
        ("share-4,prune-50", "after that only a coder can follow"),
        ("range,prune-50", "unknown stage 'range'"),
        ("", "unknown stage ''"),
    ],
)
def test_pipelines_that_cannot_be_are_refused_in_a_line(text: str, match: str) -> None:
    with pytest.raises(UsageError, match=match) as refusal:
        parse_pipeline(text)
    assert "\n" not in str(refusal.value)


def test_pipelines_read_back_as_they_were_written() -> None:
    stages, method = parse_pipeline("lowrank-8+prune-92.5, ternary+range")
    assert (stages, method) == ([Stage("lowrank", 8), Stage("prune", 92.5), Stage("ternary")], "range")
    assert parse_pipeline(",".join(map(str, stages))) == (stages, None)


def test_stages_refuse_networks_that_do_not_suit_them(trained: NetworkPolicy, lessons: Lessons, task: Task) -> None:
    conv = NetworkLearner(architecture="conv", steps=2, stages="lowrank-1")
    with pytest.raises(UsageError, match="choose linear, mlp"):
        next(conv.fit_path(task, [2], 0))
    with pytest.raises(UsageError, match="leaves none of 37 weights"):
        next(NetworkLearner(steps=2, stages="prune-99").fit_path(task, [1], 0))
    with pytest.raises(UsageError, match="makes none of the layers smaller"):
        after(trained, lessons, "lowrank-9")
    with pytest.raises(UsageError, match="factored already"):
        after(trained, lessons, "lowrank-3,lowrank-2")


def test_binary_rounding_passes_gradients_as_far_as_two_steps_out() -> None:
    part = torch.tensor([[-3.0, -0.7, 0.0, 0.2, 1.4, 9.0]], requires_grad=True)
    (rounded,) = round_parts([part], torch.tensor([[0.5]]), Rounding(1.0, 1, (0.5,), True))
    assert rounded.tolist() == [[-0.5, -0.5, 0.0, 0.5, 0.5, 0.5]]
    torch.autograd.backward(rounded.sum())
    assert part.grad is not None
    assert part.grad.tolist() == [[0, 1, 0, 1, 0, 0]]  # 1.4 lies beyond twice the step


def test_the_best_step_is_no_worse_than_any_other() -> None:
    values = np.random.default_rng(0).normal(size=300)
    error = [np.square(np.clip(np.round(values / step), -3, 3) * step - values).sum() for step in np.linspace(0.05, 2, 100)]
    step = best_step(values, 3)
    assert (
        np.square(np.clip(np.round(values / step), -3, 3) * step - values).sum() <= min(error) * 1.05
    )  # it is rounded to what a file holds


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def test_the_verb_measures_every_stage_and_writes_the_shortest_file(shell: Shell, task: Task) -> None:
    words = ["compress", "--game", "tictactoe", "--width", "6", "--steps", "30", "--stages", "prune-50,share-4"]
    answer = shell.json(*words, "--coders", "huffman,adaptive", "--out", "small.policy")
    rows = answer["rows"]
    assert [(row["stage"], row["coder"]) for row in rows] == [
        ("float", "raw"), ("prune-50", "raw"), ("share-4", "raw"), ("share-4", "huffman"), ("share-4", "adaptive"),
    ]  # fmt: skip
    assert rows[0]["ratio"] == 1
    assert rows[0]["n_left"] == 18 * 6 + 6 + 54 + 9
    data = Path("small.policy").read_bytes().partition(b"\n")[2]
    assert 8 * len(data) == min(row["file_bits"] for row in rows[3:])
    assert shell(*words[:-2], "--stages", "prune-50,foo")[0] == 2
    status, _, error = shell(*words, "--coders", "zip")
    assert (status, error.count("\n")) == (2, 1)


def test_every_stage_is_in_the_help_of_a_wrong_word() -> None:
    with pytest.raises(UsageError) as refusal:
        parse_pipeline("zzzzzz")
    assert all(name in str(refusal.value) for name in KINDS)


def test_dense_layers_need_no_index(trained: NetworkPolicy, task: Task) -> None:
    assert index_bits(trained, task) == 0


@pytest.mark.parametrize("stages", ["", "prune-50+share-2"])
def test_where_there_is_nothing_to_learn_a_blank_network_is_written(stages: str) -> None:
    task, learner = make_task("nim-1"), NetworkLearner(steps=5, stages=stages)
    policy = next(learner.fit_path(task, [2], 0))
    assert policy.n_parameters == 0
    assert learner.decode(learner.encode(policy, task), task).size == 2
