"""Files on other games, and files for several games, against planted answers."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from bench.harness.fitted import fit_policy
from bench.measures.joined import Fitter, fit_joined, joined_language, joined_task
from bench.measures.leverage import carried, gain_of
from bench.studies import leverage
from bench.studies.leverage import JOINED, NOT_READ, Joined, middle, read_everywhere, share, told
from games.errors import UsageError
from games.solving.solve import solve
from policies.api import Task, action_probabilities
from policies.language.language import make_language
from policies.networks.architectures import inputs_of, layers_of
from policies.networks.forward import PLAY, forward, matrices_of
from policies.networks.joined import all_samples, fit_joined_network, side_by_side
from policies.networks.network import NetworkLearner
from policies.registry import make_learner
from policies.rules.rulelist import RuleListLearner
from policies.rules.weighted import WeightedLearner, WeightedList
from policies.task import make_task
from policies.trees.tree import TreeLearner
from tests.support.pages import number, rows, tables

PORTABLE = "lookahead+patterns"
NETWORKS = ("conv", "mlp", "linear")
FITTERS: list[Fitter] = [
    RuleListLearner(PORTABLE, code="open"),
    WeightedLearner(PORTABLE, code="open"),
    TreeLearner(PORTABLE, code="open"),
]


def test_a_file_carried_to_its_own_game_has_share_one() -> None:
    fit = fit_policy("go-2x2", "weighted", {"language": "concepts+patterns", "code": "open"}, 4)
    assert share(fit, [fit]) == 1.0
    assert told([fit], [fit], is_own=True) == f"**{fit.gain:.3f}**"
    assert told([fit], [fit], is_own=False) == "100 %"


def test_a_file_with_a_planted_meaning_says_the_same_on_another_board() -> None:
    """`wins_now` alone: its gain on another board is that of playing a winning move where there is one, counted from the graph."""
    own, other = make_task("mnk-2x3x3"), make_task("mnk-2x4x3")
    learner = make_learner("weighted", {"language": "lookahead-1", "code": "open"})
    (policy,) = learner.fit_path(own, [1], 0)
    there = carried(learner, learner.encode(policy, own), own, other)
    assert there is not None
    graph = other.graph
    wins = graph.terminal[graph.edge_child] & (graph.payoff[graph.edge_child] < 0)
    assert gain_of(there, other) == pytest.approx(other.gain(action_probabilities(graph, wins.astype(float))))


@pytest.mark.parametrize(
    ("learner", "options", "own", "other", "reads"),
    [
        ("weighted", {"language": "concepts+patterns", "code": "open"}, "go-2x2", "go-2x3", True),
        ("weighted", {"language": "cells", "code": "open"}, "go-2x2", "go-2x3", False),  # a cell has another name
        ("weighted", {"language": "mechanical", "code": "open"}, "nim-1-2-3", "misere_nim-1-2-3", True),
        ("weighted", {"language": "patterns", "code": "open"}, "mnk-2x3x3", "hex-2x3", False),  # windows of other symmetries
        ("network", {"architecture": "mlp", "steps": 5}, "nim-1-2-3", "misere_nim-1-2-3", True),
        ("network", {"architecture": "mlp", "steps": 5}, "go-2x2", "go-2x3", False),
        ("network", {"architecture": "conv", "steps": 5}, "go-2x2", "go-2x3", True),
    ],
)
def test_which_files_read_elsewhere(learner: str, options: dict[str, object], own: str, other: str, reads: bool) -> None:
    """By what a file names: predicates, cells by their number, weights of each cell, filters for all cells (docs/leverage.md)."""
    fit, there = fit_policy(own, learner, options, 2), fit_policy(other, learner, options, 2)
    found = carried(fit.learner, fit.data, fit.task, there.task)
    assert (found is not None) == reads
    assert (told([fit], [there], is_own=False) == NOT_READ) == (not reads)


def test_a_joined_task_of_one_game_is_that_task() -> None:
    task = make_task("go-2x2")
    joined = joined_task([task])
    for name in ("states", "edge_start", "edge_action", "edge_child", "terminal", "payoff", "multiplicity"):
        assert np.array_equal(vars(joined.graph)[name], vars(task.graph)[name])
    assert np.array_equal(joined.solution.regret, task.solution.regret)
    assert joined.weights == pytest.approx(task.weights)


@pytest.mark.parametrize("learner", FITTERS, ids=lambda learner: learner.name)
def test_a_file_fitted_to_a_joined_task_of_one_game_is_that_of_the_game(learner: Fitter) -> None:
    task, writer = make_task("mnk-2x3x3"), make_learner(learner.name, {"language": PORTABLE, "code": "open"})
    (policy,) = writer.fit_path(task, [4], 0)
    assert writer.encode(fit_joined(learner, [task], 4), task) == writer.encode(policy, task)


def joined_pair() -> tuple[list[Task], Task]:
    tasks = [make_task("mnk-2x3x3"), make_task("nogo-2x3")]
    return tasks, joined_task(tasks)


def test_the_gain_on_a_joined_task_is_the_mean_of_the_gains() -> None:
    """Each game counts the same: of any policy, here of random scores."""
    tasks, joined = joined_pair()
    scores = [np.random.default_rng(1).random(task.graph.n_edges) for task in tasks]
    gains = [task.gain(action_probabilities(task.graph, one)) for task, one in zip(tasks, scores, strict=True)]
    assert joined.gain(action_probabilities(joined.graph, np.concatenate(scores))) == pytest.approx(np.mean(gains))


def test_atoms_of_a_joined_task_hold_where_those_of_the_games_do() -> None:
    tasks, joined = joined_pair()
    language = joined_language(PORTABLE, tasks, joined)
    own = [make_language(PORTABLE, task.game, task.graph) for task in tasks]
    first = np.cumsum([0, *(task.graph.n_edges for task in tasks)])
    for atom in map(language.predicate, range(language.n_predicates)):
        expected = [each.atoms.edges(atom) + start for each, start in zip(own, first, strict=False)]
        assert np.array_equal(language.atoms.edges(atom), np.concatenate(expected))


@pytest.mark.parametrize("learner", FITTERS, ids=lambda learner: learner.name)
def test_the_bytes_for_several_games_play_in_each_as_the_joint_fit_does(learner: Fitter) -> None:
    tasks, _ = joined_pair()
    policy = fit_joined(learner, tasks, 6)
    assert read_everywhere(learner, policy, tasks)[1] == [gain_of(policy, task) for task in tasks]


def test_the_best_weight_for_several_games_is_the_best_of_all_atoms_tried_one_by_one() -> None:
    """Brute force: the mean gain of each atom alone, for or against."""
    tasks, joined = joined_pair()
    language = joined_language(PORTABLE, tasks, joined)
    atoms = map(language.predicate, range(language.n_predicates))
    lists = [WeightedList((atom,), (sign,)) for atom, sign in itertools.product(atoms, (1, -1))]
    best = max(np.mean([gain_of(one, task) for task in tasks]) for one in lists)
    learner = WeightedLearner(PORTABLE, code="open")
    _, gains = read_everywhere(learner, fit_joined(learner, tasks, 1), tasks)
    assert np.mean(gains) == pytest.approx(best)


@pytest.mark.parametrize(
    ("language", "other"),
    [("mechanical", "mnk-2x4x3"), ("cells", "mnk-2x4x3"), ("concepts", "nogo-2x3")],
)
def test_a_language_that_says_other_things_in_another_game_is_refused(language: str, other: str) -> None:
    tasks = [make_task("mnk-2x3x3"), make_task(other)]
    with pytest.raises(UsageError, match="does not say the same"):
        joined_language(language, tasks, joined_task(tasks))


def test_games_of_the_same_cells_and_moves_share_words_about_cells() -> None:
    """The best atom for both is the best of all tried one by one in each game."""
    tasks = [make_task("nim-1-2-3"), make_task("misere_nim-1-2-3")]
    learner = WeightedLearner("mechanical", code="open")
    language = joined_language("mechanical", tasks, joined_task(tasks))
    assert any(column.startswith("cell") for column in language.columns)
    lists = [WeightedList((language.predicate(i),), (sign,)) for i in range(language.n_predicates) for sign in (1, -1)]
    best = max(np.mean([gain_of(one, task) for task in tasks]) for one in lists)
    assert np.mean(read_everywhere(learner, fit_joined(learner, tasks, 1), tasks)[1]) == pytest.approx(best)


def test_a_joint_network_is_on_each_board_the_network_of_that_board() -> None:
    """With random weights: the numbers of a board's actions are those that its own layers give, whatever stands on other boards."""
    tasks, rng = [make_task("go-2x2"), make_task("go-2x3")], np.random.default_rng(3)
    design = NetworkLearner(architecture="conv").design(3)
    boards = [layers_of(design, task.game) for task in tasks]
    layers, samples = side_by_side(boards), all_samples(tasks, design)
    values = [rng.integers(-8, 9, layer.n_parameters) / 8 for layer in layers]
    own = [inputs_of(design, task.game, task.graph.states[task.graph.positions]).astype(float) for task in tasks]
    n = min(len(each[0]) for each in own)
    both = forward(layers, matrices_of(layers, values), np.concatenate([each[:, :n] for each in own]), PLAY)
    alone = [forward(board, matrices_of(board, values), each[:, :n], PLAY) for board, each in zip(boards, own, strict=True)]
    assert np.array_equal(both, np.concatenate(alone))
    legal, n_actions = torch.isfinite(samples.regret), tasks[0].game.n_actions
    assert (legal[:n_actions].any(0) != legal[n_actions:].any(0)).all()  # a sample is of one board
    assert samples.weight.sum().item() == pytest.approx(
        sum(task.weights[np.bincount(task.graph.edge_parent, task.solution.regret, task.graph.n_states) > 0].sum() for task in tasks)
    )


def test_a_joint_network_learns_both_boards_and_an_architecture_of_one_board_is_refused() -> None:
    tasks = [make_task("mnk-2x3x3"), make_task("mnk-2x4x3")]
    learner = NetworkLearner(architecture="conv", steps=300)
    policy = fit_joined_network(learner, tasks, 4, 0)
    assert min(read_everywhere(learner, policy, tasks)[1]) > 0.9  # random play has 0
    with pytest.raises(UsageError, match="choose conv"):
        fit_joined_network(NetworkLearner(steps=5), tasks, 4, 0)


@pytest.mark.parametrize("komi", [-3, 2, 5])
def test_a_komi_changes_no_regret_where_no_repetition_counts(komi: int) -> None:
    """The graph once for each colour to move, White given the komi at every end; solved anew, beside the table without komi."""
    task = make_task("go-2x3")
    graph, plain, n = task.graph, task.solution, task.graph.n_states
    half = np.repeat([0, n], n)
    both = dataclasses.replace(
        graph,
        states=np.concatenate([graph.states, graph.states]),
        edge_start=np.concatenate([graph.edge_start, graph.edge_start[1:] + graph.n_edges]),
        edge_action=np.concatenate([graph.edge_action] * 2),
        edge_child=np.concatenate([graph.edge_child + n, graph.edge_child]).astype(np.int32),
        terminal=np.concatenate([graph.terminal] * 2),
        payoff=np.where(half == 0, -komi, komi).astype(np.int16) * np.tile(graph.terminal, 2) + np.tile(graph.payoff, 2),
        multiplicity=np.concatenate([graph.multiplicity] * 2),
    )
    shifted = solve(both)
    forced = plain.lower == plain.upper
    children_forced = np.logical_and.reduceat(forced[graph.edge_child], graph.edge_start[graph.positions])
    is_forced = np.zeros(n, dtype=np.bool_)
    is_forced[graph.positions] = children_forced
    edges = is_forced[graph.edge_parent]
    assert 0.4 < edges.mean() < 1
    assert np.array_equal(shifted.regret[: graph.n_edges][edges], plain.regret[edges])
    assert np.array_equal(shifted.regret[graph.n_edges :][edges], plain.regret[edges])


def test_a_game_without_losses_is_not_joined() -> None:
    with pytest.raises(UsageError, match="every move is optimal"):
        joined_task([make_task("mnk-2x3x3"), make_task("nim-1-1")])


def test_the_middle_of_shares_tells_their_range_and_number() -> None:
    assert middle([0.5, 0.25, 1.0]) == "50 % (25 to 100, n = 3)"
    assert middle([]) == "not measured"


def test_the_tables_of_a_small_group_hold_what_its_files_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell again from files that are fitted, read and scored here."""
    pair = ("nim-1-2-3", "misere_nim-1-2-3")
    monkeypatch.setattr(leverage, "GROUPS", {"small": leverage.Group(leverage.CHANGED_RULES, pair, "mechanical", ())})
    monkeypatch.setattr(leverage, "NAMES", {"weights": "weighted"})
    ((rows,),) = (tables(text) for text in leverage.measure_group("small").values())
    fits = [fit_policy(game, "weighted", {"language": "mechanical", "code": "open"}, leverage.UNITS) for game in pair]
    for i, (row, fit) in enumerate(zip(rows, fits, strict=True)):
        there = fits[1 - i]
        score = there.task.gain(action_probabilities(there.task.graph, fit.learner.decode(fit.data, there.task).scores(there.task)))
        assert row[:3] == ["weights", pair[i], str(fit.policy_bits)]
        assert (row[3 + i], row[4 - i]) == (f"**{fit.gain:.3f}**", f"{100 * score / there.gain:.0f} %")


def test_the_table_of_joint_files_takes_the_shortest_single_files_that_gain_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """One game twice: the joint file is no shorter than the shortest single one that gains as much, and their sum is twice that."""
    monkeypatch.setattr(leverage, "JOINED", {"twice": Joined(("mnk-2x3x3", "mnk-2x3x3"), PORTABLE, True)})
    monkeypatch.setattr(leverage, "SIZES", (2,))
    for sizes in ("CHANNELS_JOINED", "CHANNELS_SINGLE"):
        monkeypatch.setattr(leverage, sizes, (2,))
    ((rows,),) = (tables(text) for text in leverage.measure_broad("twice").values())
    assert [row[1] for row in rows] == ["list", "weights", "tree", "conv"]
    for row in rows[:3]:
        joint, longest, total = (int(cell) for cell in row[4:7])
        assert total == 2 * longest
        assert joint >= longest
        assert row[7] == f"{100 * joint / total:.0f} %"


def test_the_answer_of_the_page_is_what_its_tables_say() -> None:
    medians = {name: [number(cell.split()[0]) for cell in cells if "%" in cell] for name, *cells in rows("leverage.md", "summary")}
    for name in ("list", "weights", "tree"):
        assert min(medians[name][:2]) > 90
        assert medians[name][2] > 0
    assert 60 < medians["conv"][0] < 70
    assert medians["conv"][1] < 50
    for name in ("mlp", "linear"):
        assert medians[name][0] == 0
        assert medians[name][1] > 50
    bits = {(file, own): number(n) for name in ("go", "mnk", "row") for file, own, n, *_ in rows("leverage.md", name)}
    ratios = [n / bits[other, own] for (file, own), n in bits.items() if file == "conv" for other in ("list", "weights", "tree")]
    assert 10 < np.median(ratios) < 40
    other_games = [cell for file, *_, a, b, c in rows("leverage.md", "across") for cell in (a, b, c) if file in NETWORKS and "%" in cell]
    assert other_games
    assert all(cell.startswith("-") for cell in other_games)
    broad = [[number(cell) for cell in row[4:7]] for name in JOINED for row in rows("leverage.md", f"broad-{name}") if row[5]]
    for few in ([joint <= longest for joint, longest, _ in broad], [joint > total for joint, _, total in broad]):
        assert 0 < np.mean(few) < 1 / 3
    assert np.mean([joint < 0.8 * total for joint, _, total in broad]) > 0.5
