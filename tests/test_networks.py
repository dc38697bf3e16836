"""Networks: forward passes against a plain-Python twin, convolutions against torch, symmetries, exact sums, files, refusals."""

import functools
import itertools
import subprocess
import sys
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from games.contract import Game
from games.errors import UsageError
from games.registry import make_game
from games.rules.board import rectangle
from policies.api import Task, action_probabilities
from policies.codec.integer_arrays import METHODS
from policies.networks import coding, forward
from policies.networks.architectures import FAMILIES, Design, inputs_of, layers_of, n_inputs
from policies.networks.coding import FLOAT_GRID, KINDS, Written, as_float, decode_network, encode_network, is_exact, round_step
from policies.networks.forward import MAX_ACTIVATION, PLAY, bits_needed, matrices_of
from policies.networks.layers import grouped, move_symmetries, n_planes, spatial
from policies.networks.network import NetworkLearner
from policies.networks.policy import NetworkPolicy
from policies.networks.training import TRAINING, Assembly
from policies.task import make_task
from tests.twins.network import twin_logits

LEARNER = NetworkLearner()
DESIGNS = [
    ("tictactoe", Design("linear", 3)),
    ("nim-3-4-5", Design("linear", 99)),
    ("go-3x3", Design("linear", 1, equivariant=True)),
    ("go-2x3", Design("mlp", 5)),
    ("kalah-2-2", Design("mlp", 4, depth=3)),
    ("go-2x3", Design("mlp", 4, depth=2, ranks=(2, 0, 1))),
    ("tictactoe", Design("mlp", 2, depth=2, equivariant=True)),
    ("go-2x3", Design("deep", 3, width=4)),
    ("connect_four-4x4", Design("deep", 2, width=2, equivariant=True)),
    ("go-2x3", Design("conv", 2, depth=2)),
    ("tictactoe", Design("conv", 3, equivariant=True)),
    ("hex-3", Design("conv", 2, equivariant=True)),
    ("go-2x3", Design("separable", 3, depth=2)),
    ("connect_four-4x4", Design("separable", 2, equivariant=True)),
    ("go-2x3", Design("fire", 5, depth=2)),
    ("hex-3", Design("fire", 3, equivariant=True)),
    ("tictactoe", Design("softtree", 3)),
    ("nim-3-4-5", Design("softtree", 1)),
]
EQUIVARIANT = [
    Design("linear", 1), Design("mlp", 3), Design("mlp", 2, depth=2), Design("deep", 3, width=2),
    Design("conv", 3, depth=2), Design("separable", 3), Design("fire", 8),
]  # fmt: skip
BOARDS = ["tictactoe", "go-3x3", "go-2x3", "connect_four-4x4", "hex-3", "domineering-4x4"]


def name_of(value: object) -> str:
    if not isinstance(value, Design):
        return str(value)
    return "-".join([value.family, str(value.size), str(value.depth), *["equivariant"] * value.equivariant, *["ranks"] * any(value.ranks)])


def draw_layer(rng: np.random.Generator, n: int, kind: str, spread: float, sparse: bool = False) -> Written:
    """Parameters of about this spread, a third of them zero where the layer is sparse."""
    on = rng.random(n) > (1 / 3 if sparse else 0)
    if kind == "uniform":
        return Written(kind, on * np.round(rng.normal(0, 5, n)).astype(np.int64), np.array([round_step(spread / 5)]), sparse)
    if kind == "codebook":
        book = np.round(rng.uniform(-min(spread, 4), min(spread, 4), 7) * 4096) / 4096
        return Written(kind, on * rng.integers(1, 8, n), book, sparse)
    return as_float(on * rng.normal(0, spread, n))._replace(sparse=sparse)


def draw_network(
    design: Design, game: Game, kind: str, spread: float = 1.0, sparse: bool = False, method: str = "adaptive", seed: int = 0
) -> NetworkPolicy:
    rng = np.random.default_rng(seed)
    layers = tuple(draw_layer(rng, layer.n_parameters, kind, spread, sparse) for layer in layers_of(design, game))
    return NetworkPolicy(design, layers, method)


def logits_of(policy: NetworkPolicy, game: Game, inputs: np.ndarray) -> np.ndarray:
    layers = layers_of(policy.design, game)
    return forward.forward(layers, matrices_of(layers, policy.parameters), inputs.astype(np.float64), PLAY)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("game_id", "design"), DESIGNS, ids=name_of)
@pytest.mark.parametrize("spread", [0.4, 12.0])  # with the larger one activations are cut off
def test_play_is_what_plain_python_makes_of_the_definition(game_id: str, design: Design, kind: str, spread: float) -> None:
    task = make_task(game_id)
    policy = draw_network(design, task.game, kind, spread)
    assert is_exact(layers_of(design, task.game), policy.layers)
    states = np.random.default_rng(1).choice(task.graph.states[task.graph.positions], 2)
    logits = logits_of(policy, task.game, inputs_of(design, task.game, states))
    for column, state in enumerate(states.tolist()):
        assert logits[:, column].tolist() == twin_logits(design, policy.layers, task.game, state)


@pytest.mark.parametrize(("game_id", "design"), DESIGNS, ids=name_of)
def test_training_sees_what_is_played_where_nothing_is_rounded(game_id: str, design: Design) -> None:
    """With whole weights, quarters at the gates of a tree, no activation needs rounding: float64 agrees to the last bit."""
    task, rng = make_task(game_id), np.random.default_rng(2)
    layers, step = layers_of(design, task.game), 0.25 if design.family == "softtree" else 1.0
    stack = rng.integers(-1, 2, (3, sum(layer.n_parameters for layer in layers))) * step
    inputs = inputs_of(design, task.game, task.graph.states[task.graph.positions[:50]])
    assembly = Assembly(layers, torch.device("cpu"))
    found = {}
    for dtype in (torch.float64, torch.float32):
        matrices = assembly.matrices(assembly.parts(torch.tensor(stack, dtype=dtype)))
        found[dtype] = forward.forward(layers, matrices, torch.tensor(inputs, dtype=dtype), TRAINING).numpy()
    n_compared = 0
    for number, values in enumerate(stack):
        parts = np.split(values, np.cumsum([layer.n_parameters for layer in layers])[:-1])
        played = forward.forward(layers, matrices_of(layers, parts), inputs.astype(np.float64), PLAY)
        is_whole = np.abs(found[torch.float64][number]).max(axis=0) < MAX_ACTIVATION  # no activation behind it was cut off then
        assert np.array_equal(found[torch.float64][number][:, is_whole], played[:, is_whole])
        assert np.allclose(found[torch.float32][number][:, is_whole], played[:, is_whole], rtol=1e-5, atol=1e-4)
        n_compared += int(is_whole.sum())
    assert n_compared >= 50


@pytest.mark.parametrize("is_depthwise", [False, True])
@pytest.mark.parametrize("game_id", ["go-2x3", "connect_four-4x4"])
def test_a_convolution_is_that_of_torch(game_id: str, is_depthwise: bool) -> None:
    game, rng = make_game(game_id), np.random.default_rng(0)
    board = game.board
    assert board is not None
    before, after = (4, 4) if is_depthwise else (3, 4)
    layer = spatial(before, after, game, equivariant=False, is_depthwise=is_depthwise)
    filters, biases = rng.normal(size=(after, 1 if is_depthwise else before, 3, 3)), rng.normal(size=after)
    inputs = rng.normal(size=(5, before, board.rows, board.columns))
    ((weights, bias),) = matrices_of([layer], [np.concatenate([filters.ravel(), biases])])
    expected = torch.nn.functional.conv2d(*map(torch.tensor, (inputs, filters, biases)), padding=1, groups=after if is_depthwise else 1)
    found = (weights @ inputs.reshape(5, -1).T + bias).T.reshape(expected.shape)
    assert np.allclose(found, expected.numpy(), rtol=1e-12, atol=1e-12)


def turn_error(design: Design, game: Game, image: np.ndarray, seed: int = 0) -> float:
    """How far the numbers of turned boards are from turned numbers, for random weights and any planes, not only of positions."""
    assert game.board is not None
    n_cells, policy = game.board.n_cells, draw_network(design, game, "float", 0.5, seed=seed)
    planes = np.random.default_rng(seed).random((n_planes(game), n_cells, 20)) < 0.4
    turned, n_others = np.empty_like(planes), game.n_actions - n_cells
    turned[:, image] = planes
    here, there = (logits_of(policy, game, part.reshape(-1, 20)) for part in (planes, turned))
    moved = np.empty_like(here)
    moved[np.concatenate([image, n_cells + np.arange(n_others)])] = here
    return float(np.abs(moved - there).max())


def true_symmetries(game_id: str) -> np.ndarray:
    """Symmetries of the board that carry moves into moves; upside down, the upper cell of a domino becomes the lower."""
    board = make_game(game_id).board
    assert board is not None
    return rectangle(4, 4).symmetries[[0, 2]] if game_id == "domineering-4x4" else board.symmetries


@pytest.mark.parametrize("design", EQUIVARIANT, ids=name_of)
@pytest.mark.parametrize("game_id", BOARDS)
def test_turning_the_board_turns_the_numbers_of_an_equivariant_network(game_id: str, design: Design) -> None:
    game = make_game(game_id)
    assert len(true_symmetries(game_id)) == {"tictactoe": 8, "go-3x3": 8, "go-2x3": 4}.get(game_id, 2)
    for image in true_symmetries(game_id):
        assert turn_error(design._replace(equivariant=True), game, image) == 0
    if design.family in ("conv", "separable", "fire"):
        assert turn_error(design, game, true_symmetries(game_id)[1]) > 0.01


@pytest.mark.parametrize("game_id", [*BOARDS, "mnk-2x5x3", "hex-2x4", "nogo-2x3", "breakthrough-3x3"])
def test_positions_that_a_turn_leaves_alone_have_equal_moves_there(game_id: str) -> None:
    """The exact solution knows which symmetries carry moves: those that are used do, those that are left out do not."""
    task = make_task(game_id)
    game, graph = task.game, task.graph
    assert game.board is not None
    if game.board.action_cell is not None:
        pytest.skip("actions are not cells")
    planes = game.planes(graph.states[graph.positions]).reshape(len(graph.positions), -1, game.board.n_cells)
    used = move_symmetries(game.board).tolist()
    for image in game.board.symmetries.tolist():
        carries = True
        for position in graph.positions[(planes == planes[:, :, image]).all(axis=(1, 2))]:
            edges = slice(graph.edge_start[position], graph.edge_start[position + 1])
            values = dict(zip(graph.edge_action[edges].tolist(), task.solution.edge_value[edges].tolist(), strict=True))
            turned = {image[action] if action < game.board.n_cells else action: value for action, value in values.items()}
            carries &= values == turned
        assert carries == (image in used)


@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 3), (3, 0), (2, 3)])
@pytest.mark.parametrize("game_id", BOARDS)
def test_sharing_is_all_that_the_symmetries_allow(game_id: str, before: int, after: int) -> None:
    """As many parameters as there are orbits: the mean number of places that a symmetry leaves alone (Burnside's lemma)."""
    game, turns = make_game(game_id), true_symmetries(game_id)
    still = (turns == np.arange(turns.shape[1])).sum(axis=1)  # cells that each symmetry leaves alone
    units = np.where(np.arange(len(turns)) == 0, len(turns), 0)  # turns of a unit: only the identity leaves one alone
    inside = before * units if before else n_planes(game) * still
    outside = after * units if after else still + game.n_actions - turns.shape[1]
    expected = (inside * outside + outside).sum() / len(turns)
    assert grouped(before, after, game, equivariant=True).n_parameters == expected


@pytest.mark.parametrize(
    ("game_id", "design", "advice"),
    [
        ("kalah-2-2", Design("conv", 2), "choose linear, mlp, deep or softtree"),
        ("nim-3-4-5", Design("mlp", 2, equivariant=True), "choose linear, mlp, deep or softtree, not equivariant"),
        ("breakthrough-3x3", Design("mlp", 2, equivariant=True), "leave equivariant out"),
        ("breakthrough-3x3", Design("conv", 2, equivariant=True), "leave equivariant out"),
        ("go-2x3", Design("softtree", 2, equivariant=True), "choose mlp or conv"),
        ("go-2x3", Design("softtree", 13), "give at most 12"),
        ("go-2x3", Design("convolution", 2), "unknown architecture 'convolution'"),
        ("go-2x3", Design("mlp", 0), "give numbers from 1 up"),
        ("go-2x3", Design("mlp", 2, depth=65), "give a smaller budget or depth"),
        ("go-2x3", Design("mlp", 2, ranks=(1,)), "give one a layer"),
        ("go-2x3", Design("conv", 2, ranks=(1, 1, 1, 1)), "choose linear, mlp, deep or softtree"),
    ],
    ids=name_of,
)
def test_what_does_not_fit_is_refused_in_a_line_that_says_what_does(game_id: str, design: Design, advice: str) -> None:
    with pytest.raises(UsageError) as refused:
        layers_of(design, make_game(game_id))
    assert advice in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("family", ["conv", "separable", "fire"])
def test_a_game_with_several_moves_a_cell_has_filters_that_are_not_equivariant(family: str) -> None:
    assert layers_of(Design(family, 2), make_game("breakthrough-3x3"))[-1].n_outputs == 27


FAMILIES_BUT_LINEAR = [family for family in FAMILIES if family != "linear"]
HUGE = [
    *(Design(family, 1 << digits, equivariant=turns) for family in FAMILIES_BUT_LINEAR for turns in (False, True) for digits in (19, 29)),
    *(Design(family, 4096, depth=64) for family in ("conv", "separable", "fire")),
    Design("mlp", 1 << 16, equivariant=True),
    Design("conv", 1 << 11),
    Design("separable", 1 << 12),
    Design("deep", 64, width=4096),
    Design("deep", 3, width=1 << 29),
    Design("mlp", 8, depth=1 << 29),
    Design("deep", 63, width=1, ranks=(*(0,), *(1 << 23,) * 62, 0)),
    Design("mlp", 8, ranks=(1 << 19, 1 << 19)),
]  # fmt: skip


@pytest.mark.parametrize("game_id", ["go-2x3", "connect_four-4x4"])
def test_a_hostile_file_that_declares_a_huge_network_takes_little_memory(game_id: str) -> None:
    """415 MiB at most, measured: places of a layer, 2**24 at most, are sorted where symmetries share them; beyond that none are made."""
    task = make_task(game_id)
    task.game.planes(task.graph.states[:1])  # compiled before memory is watched
    tracemalloc.start()
    try:
        for design in HUGE:
            wire = coding.start_writing("adaptive")
            coding.code_design(wire.coder, design)
            data = coding.finish_writing(wire, "adaptive")
            assert coding.code_design(coding.start_reading(data)[0].coder, Design("linear", 1)) == design
            with pytest.raises(UsageError):
                LEARNER.decode(data, task)
        assert tracemalloc.get_traced_memory()[1] < 512 << 20
    finally:
        tracemalloc.stop()


def wide_network(n_units: int) -> NetworkPolicy:
    """Weights between 15 and 16, all that floating point allows."""
    rng, layers = np.random.default_rng(0), layers_of(Design("mlp", n_units), make_game("go-2x3"))
    parts = (as_float(rng.integers(int(15.9 * 2**16), 16 * 2**16, layer.n_parameters) / 2**16) for layer in layers)
    return NetworkPolicy(Design("mlp", n_units), tuple(parts), "raw")


def logits_in_orders(policy: NetworkPolicy, values: list[np.ndarray], task: Task) -> list[np.ndarray]:
    """The numbers of all actions, the inputs and the units added up in several orders."""
    layers, rng = layers_of(policy.design, task.game), np.random.default_rng(0)
    inputs = inputs_of(policy.design, task.game, task.graph.states[task.graph.positions[:40]]).astype(np.float64)
    (into, first_bias), (out, last_bias) = matrices_of(layers, values)
    found = []
    for _ in range(4):
        columns, units = rng.permutation(len(inputs)), rng.permutation(len(into))
        matrices = [(into[units][:, columns], first_bias[units]), (out[:, units], last_bias)]
        found.append(forward.forward(layers, matrices, inputs[columns], PLAY))
    return found


def test_sums_at_the_limit_are_those_of_whole_numbers_in_any_order() -> None:
    task, policy = make_task("go-2x3"), wide_network(1 << 14)
    layers = layers_of(policy.design, task.game)
    assert 52.9 < bits_needed(layers, policy.parameters, [part.grid for part in policy.layers]) <= 53
    inputs = inputs_of(policy.design, task.game, task.graph.states[task.graph.positions[:40]]).astype(np.int64)
    whole = [(2**16 * part).astype(np.int64) for part in policy.parameters]  # exact: multiples of 2**-16
    (into, first_bias), (out, last_bias) = ([part.astype(np.int64) for part in pair] for pair in matrices_of(layers, whole))
    hidden = np.clip((into @ inputs + first_bias + 32) // 64, 0, 512 << 10)  # in steps of 2**-10, half up
    exact = out @ hidden + (last_bias << 10)  # in steps of 2**-26
    assert 2**49 < exact.max() < 2**53
    for found in logits_in_orders(policy, policy.parameters, task):
        assert np.array_equal(found, exact / 2.0**26)


def test_sums_beyond_the_limit_depend_on_their_order_and_are_refused() -> None:
    task, policy = make_task("go-2x3"), wide_network(1 << 14)
    finer = [part + np.random.default_rng(1).integers(0, 256, len(part)) / 2**24 for part in policy.parameters]
    assert bits_needed(layers_of(policy.design, task.game), finer, [2.0**-24] * 2) > 60
    first, *others = logits_in_orders(policy, finer, task)
    assert not all(np.array_equal(first, other) for other in others)
    wider = wide_network(1 << 15)
    assert not is_exact(layers_of(wider.design, task.game), wider.layers)
    with pytest.raises(UsageError, match="too large for exact sums"):
        decode_network(encode_network(task.game, wider.design, wider.layers, wider.method), task.game)


def test_activations_are_cut_off_below_as_well_as_above() -> None:
    """Else sums behind a linear layer could be larger than those that are checked."""
    assert forward.settle(np.array([-1e9, -513.0, -0.0004, 0.0005, 513.0])).tolist() == [-512.0, -512.0, 0.0, 1 / 1024, 512.0]


FILES = [(*each, "uniform", False) for each in DESIGNS] + [
    (*DESIGNS[i], *how) for i in (5, 10) for how in itertools.product(KINDS, (False, True))
]


@pytest.mark.parametrize(("game_id", "design", "kind", "sparse"), FILES, ids=name_of)
def test_a_network_comes_back_from_each_of_its_files(game_id: str, design: Design, kind: str, sparse: bool) -> None:
    task = make_task(game_id)
    expected = None
    for method in METHODS:
        policy = draw_network(design, task.game, kind, sparse=sparse, method=method, seed=3)
        data = LEARNER.encode(policy, task)
        decoded = LEARNER.decode(data, task)
        assert (decoded.design, decoded.method, decoded.size) == (design, method, design.size)
        for before, after in zip(policy.layers, decoded.layers, strict=True):
            assert (before.kind, before.sparse) == (after.kind, after.sparse)
            assert np.array_equal(before.symbols, after.symbols)
            assert np.array_equal(before.book, after.book)
        inputs = inputs_of(design, task.game, task.graph.states[task.graph.positions[:20]])
        expected = logits_of(policy, task.game, inputs) if expected is None else expected
        assert np.array_equal(logits_of(decoded, task.game, inputs), expected)


def test_methods_cost_what_they_should() -> None:
    """Range coding takes at most its two bytes and 0.006 bits a symbol more than Huffman, an array; raw takes whole bits, most of all."""
    task = make_task("go-3x3")
    for kind, sparse in itertools.product(("uniform", "codebook"), (False, True)):
        sizes = {}
        for method in METHODS:
            policy = draw_network(Design("mlp", 64), task.game, kind, sparse=sparse, method=method)
            sizes[method] = len(LEARNER.encode(policy, task))
        n_arrays = 2 * 5  # gaps and symbols of weights by kind of cell (three), biases, and the second layer's two
        n_symbols = sum(len(layer.symbols) for layer in policy.layers)
        assert sizes["range"] <= sizes["huffman"] + 2 * (n_arrays + 2) + 0.006 * n_symbols / 8
        assert max(sizes["range"], sizes["huffman"], sizes["adaptive"]) < sizes["raw"]


@pytest.mark.parametrize("n_units", [2, 64])
def test_floating_point_costs_at_most_32_bits_a_weight(n_units: int) -> None:
    task = make_task("go-3x3")
    policy = draw_network(Design("mlp", n_units), task.game, "float", 4.0, method="raw")
    n = sum(len(layer.symbols) for layer in policy.layers)
    assert 8 * len(LEARNER.encode(policy, task)) <= 32 * n + 400
    assert all(np.array_equal(layer.values, np.clip(np.round(layer.values / FLOAT_GRID) * FLOAT_GRID, -16, 16)) for layer in policy.layers)


@functools.cache
def small_file(method: str, kind: str, sparse: bool) -> bytes:
    task = make_task("go-2x3")
    return LEARNER.encode(draw_network(Design("mlp", 3), task.game, kind, sparse=sparse, method=method), task)


def refused_or_finite(data: bytes, task: Task) -> bool:
    """Whether bytes are refused; else they are a network that has finite scores."""
    try:
        policy = LEARNER.decode(data, task)
    except UsageError:
        return True
    scores = policy.scores(task)
    assert scores.shape == (task.graph.n_edges,)
    assert np.isfinite(scores).all()
    assert LEARNER.encode(policy, task) == data
    return False


@settings(max_examples=300, derandomize=True)
@given(st.sampled_from([*range(0, 256, 16), *range(coding.OTHERWISE, coding.OTHERWISE + 5)]), st.binary(max_size=40))
def test_any_bytes_are_refused_or_play(first: int, rest: bytes) -> None:
    refused_or_finite(bytes([first]) + rest, make_task("go-2x3"))


@settings(max_examples=300, derandomize=True)
@given(st.sampled_from(METHODS), st.sampled_from(KINDS), st.booleans(), st.floats(0, 1), st.binary(max_size=3), st.integers(0, 2))
def test_a_damaged_file_is_refused_or_plays(method: str, kind: str, sparse: bool, where: float, put: bytes, n_cut: int) -> None:
    whole = small_file(method, kind, sparse)
    place = int(where * len(whole))
    refused_or_finite(whole[:place] + put + whole[place + n_cut :], make_task("go-2x3"))


@pytest.mark.parametrize("method", METHODS)
def test_cut_and_lengthened_files_are_refused(method: str) -> None:
    task = make_task("go-2x3")
    for kind, sparse in itertools.product(KINDS, (False, True)):
        whole = LEARNER.encode(draw_network(Design("mlp", 32), task.game, kind, sparse=sparse, method=method), task)
        for data in (b"", whole[: len(whole) // 2], whole + b"\1", whole + b"\0"):
            with pytest.raises(UsageError, match="no network for go-2x3: the file is damaged"):
                LEARNER.decode(data, task)


@pytest.mark.parametrize("method", METHODS)
def test_a_file_for_another_game_is_refused_or_a_whole_network_of_that_game(method: str) -> None:
    tasks = [make_task("go-2x3"), make_task("nim-3-4-5")]
    n_refused = 0
    for (game_id, design), kind in itertools.product(DESIGNS, KINDS):
        if game_id in ("kalah-2-2", "tictactoe"):
            data = LEARNER.encode(draw_network(design, make_game(game_id), kind, method=method), make_task(game_id))
            n_refused += sum(refused_or_finite(data, task) for task in tasks)
    assert n_refused >= 24


def test_scores_are_those_of_the_moves_whatever_is_played_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    task = make_task("go-2x3")
    policy = draw_network(Design("conv", 2), task.game, "uniform")
    logits = logits_of(policy, task.game, inputs_of(policy.design, task.game, task.graph.states))
    expected = logits[task.graph.edge_action, task.graph.edge_parent]
    assert np.array_equal(policy.scores(task), expected)
    monkeypatch.setattr("policies.networks.policy.CHUNK", 7)
    assert np.array_equal(policy.scores(task), expected)


def planted(design: Design, task: Task, change: Callable[[list[np.ndarray]], None]) -> NetworkPolicy:
    blank = [np.zeros(layer.n_parameters, dtype=np.int64) for layer in layers_of(design, task.game)]
    change(blank)
    return NetworkPolicy(design, tuple(Written("uniform", symbols, np.ones(1)) for symbols in blank))


def test_a_planted_network_takes_the_centre() -> None:
    task = make_task("tictactoe")

    def favour(parts: list[np.ndarray]) -> None:
        parts[-1][9 * 2 + 4] = 1  # after nine rows of two weights, the bias of the middle of nine

    chosen = action_probabilities(task.graph, planted(Design("mlp", 2), task, favour).scores(task))
    has_centre = np.isin(task.graph.edge_parent, task.graph.edge_parent[task.graph.edge_action == 4])
    assert np.array_equal(chosen[has_centre], (task.graph.edge_action == 4)[has_centre].astype(float))


def test_a_planted_filter_plays_beside_its_own_stones() -> None:
    """One channel that counts own stones above, below, left and right; the head passes the count on, the block adds nothing."""
    task = make_task("tictactoe")

    def count(parts: list[np.ndarray]) -> None:
        parts[0][[1, 3, 5, 7]] = 1  # the first plane is the mover's
        parts[-1][0] = 1

    policy = planted(Design("conv", 1), task, count)
    own = np.pad(task.game.planes(task.graph.states)[:, 0].astype(int), ((0, 0), (1, 1), (1, 1)))
    beside = own[:, :-2, 1:-1] + own[:, 2:, 1:-1] + own[:, 1:-1, :-2] + own[:, 1:-1, 2:]
    expected = beside.reshape(len(own), 9)[task.graph.edge_parent, task.graph.edge_action]
    assert policy.scores(task).tolist() == expected.tolist()
    assert policy.n_parameters == 5
    assert policy.operations(task) == 24 + 9  # neighbours of nine cells, and one weight an action


def test_inputs_are_bits_and_as_many_as_are_told() -> None:
    for game_id, family in itertools.product(["random-tictactoe", "go-2x3", "domineering-3x5"], ["mlp", "conv"]):
        game = make_game(game_id)
        task = make_task(game_id) if game_id == "go-2x3" else None
        states = task.graph.states if task else np.array([game.start()], dtype=np.uint64)
        inputs = inputs_of(Design(family, 1), game, states)
        assert inputs.shape == (n_inputs(Design(family, 1), game), len(states))
        assert inputs.max() == 1


def test_reading_and_playing_a_network_does_not_import_torch() -> None:
    task = make_task("go-2x3")
    policy = draw_network(Design("conv", 2), task.game, "uniform")
    code = (
        "import sys; from policies.networks.network import NetworkLearner; from policies.task import make_task; task = make_task('go-2x3');"
        f"policy = NetworkLearner().decode({LEARNER.encode(policy, task)!r}, task);"
        "print(policy.scores(task).sum(), 'torch' in sys.modules)"
    )
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert output == f"{policy.scores(task).sum()} False\n"


def test_bits_that_are_no_numbers_are_refused_quietly() -> None:
    signalling, quiet, infinite, one = 0x7F800001, 0x7FC00000, 0xFF800000, 0x3F800000
    assert coding._is_on_grid(np.array([one, 0]))
    for bits in (signalling, quiet, infinite):
        assert not coding._is_on_grid(np.array([one, bits]))
