"""Self-play: its searches against a plain Python twin, runs that are killed and go on, its files, and what it learns."""

import dataclasses
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gaincurve
from bench.harness import selfplay
from bench.harness.policyfile import load_policy
from bench.harness.selfplay import BOTH_HEADS, LOG, NETWORK, Referee, self_play, won_given_away
from bench.measures.deciding import Deciding
from bench.measures.grades import grades
from bench.measures.selfplay_recipe import recipe_by_part
from bench.play.players import policy_player, start_task
from bench.report.plots.selfplay import FLOOR, draw_self_play
from games.concepts.concept import concepts_of
from games.contract import States, unfolded
from games.errors import UsageError
from games.registry import make_game
from policies.api import Task, action_probabilities
from policies.networks.policy import NetworkPolicy
from policies.registry import make_learner
from policies.search.tree import rules_of
from policies.selfplay import checkpoint, coding
from policies.selfplay.forest import ILLEGAL, begin, new_forest, read
from policies.selfplay.games import draw_moves, draw_openings, play_games, search
from policies.selfplay.heads import SelfPlayPolicy
from policies.selfplay.known import Store
from policies.selfplay.learner import SelfPlayLearner
from policies.selfplay.loop import first_state, iterate, policy_of
from policies.task import make_task
from tests.support.shell import Shell
from tests.twins.search import Twin

SMALL = SelfPlayLearner(games=8, simulations=4, units=4, equivariant=True)
LEARNED = SelfPlayLearner(units=16, equivariant=True)


class Planted:
    """Drawn numbers of actions and drawn values, the same for a state whenever it is asked about."""

    def __init__(self, task: Task) -> None:
        rng = np.random.default_rng(7)
        self.logits = rng.normal(size=(task.graph.n_states, task.game.n_actions))
        self.values = rng.uniform(-1, 1, task.graph.n_states)
        self._place = {state: i for i, state in enumerate(task.graph.states.tolist())}
        self.n_asked = 0

    def __call__(self, states: States) -> tuple[np.ndarray, np.ndarray]:
        self.n_asked += len(states)
        places = [self._place[state] for state in states.tolist()]
        return self.logits[places], self.values[places]


@pytest.mark.parametrize("selection", ["puct", "gumbel"])
@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3"])
def test_searches_side_by_side_try_moves_as_a_plain_python_twin_does(game_id: str, selection: str) -> None:
    """The improved policy is computed by hand from the twin's tries and results: equation 11 of Danihelka et al. with completed values."""
    task, n = make_task(game_id), 40
    graph, planted, rules = task.graph, Planted(task), rules_of(selection, n, 1.0)
    roots = graph.positions[:: len(graph.positions) // 12]
    store = Store(task.game, planted)
    places = store.places(graph.states[roots])
    keys = np.random.default_rng(0).integers(0, 1 << 64, len(roots), dtype=np.uint64)
    forest = new_forest(len(roots), n, task.game.n_actions)
    begin(forest, store.known, rules, places, keys, 0.0)
    search(forest, store, rules, len(roots), task.game.n_actions)
    found = read(forest, store.known, rules, places, task.game.n_actions)
    assert planted.n_asked == np.count_nonzero(store.known.first[1 : len(store) + 1] > store.known.first[: len(store)])  # each once
    chances = np.exp(planted.logits[graph.edge_parent, graph.edge_action])
    prior = chances / np.bincount(graph.edge_parent, chances)[graph.edge_parent]
    for i, root in enumerate(roots.tolist()):
        twin = Twin(task, selection, prior, planted.values * task.game.max_payoff, int(keys[i]), n)
        node = twin.root(root)
        edges = slice(graph.edge_start[root], graph.edge_start[root + 1])
        assert found.visits[i, : len(node.tries)].astype(int).tolist() == node.tries
        assert found.value[i] == pytest.approx(sum(node.sums) / n)
        expected = np.array(node.tries) / n
        if selection == "gumbel":
            tried = [move for move, tries in enumerate(node.tries) if tries]
            own = prior[edges]
            mean = sum(own[move] * node.sums[move] / node.tries[move] for move in tried) / sum(own[move] for move in tried)
            mixed = (planted.values[root] + n * mean) / (1 + n)
            completed = [node.sums[move] / tries if tries else mixed for move, tries in enumerate(node.tries)]
            numbers = [math.log(p) + (50 + max(node.tries)) * (q + 1) / 2 for p, q in zip(own, completed, strict=True)]
            expected = np.exp(np.array(numbers) - max(numbers))
            expected /= expected.sum()
        assert found.target[i, graph.edge_action[edges]] == pytest.approx(expected, abs=1e-6)
        assert (found.target[i] == ILLEGAL).sum() == task.game.n_actions - len(node.tries)


def test_results_of_games_come_back_to_the_player_who_was_to_move() -> None:
    """On Nim the mover who faces no stones has lost. With the result alone as value, a game's lessons end with the winner's."""
    game = make_game("nim-1-2")
    store = Store(game, lambda states: (np.zeros((len(states), game.n_actions)), np.zeros(len(states))))
    played = play_games(game, store, rules_of("puct", 8, 1.0), 50, 0, 0.0, np.random.default_rng(0))
    lessons = played.lessons
    last = (game.expand(lessons.states).edge_start[1:] - game.expand(lessons.states).edge_start[:-1]) == 1  # one stone is left
    assert last.any()
    assert (lessons.value[last] == 1).all()
    assert set(lessons.value.tolist()) == {-1.0, 1.0}
    assert played.n_simulations == 8 * len(lessons.states)


def test_openings_are_as_long_as_drawn_and_end_no_game() -> None:
    game = make_game("tictactoe")
    states = draw_openings(game, 3000, 6, np.random.default_rng(0))
    stones = np.array([int(state).bit_count() for state in states])
    assert not game.expand(states).terminal.any()
    assert set(stones.tolist()) == set(range(7))
    assert np.bincount(stones)[:4] / 3000 == pytest.approx(1 / 7, abs=5 * math.sqrt(6 / 49 / 3000))  # few games end before the fifth


def test_moves_are_drawn_in_proportion_to_their_tries() -> None:
    visits = np.array([[1.0, 0.0, 3.0]])
    lots = (np.arange(1000) + 0.5) / 1000
    moves = draw_moves(np.repeat(visits, 1000, axis=0), lots)
    assert np.bincount(moves).tolist() == [250, 0, 750]


def lines(log: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in line.items() if "seconds" not in name} for line in log]


@pytest.fixture(scope="module")
def referee() -> Referee:
    return Referee("tictactoe")


def content(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in (NETWORK, BOTH_HEADS)}


def test_a_run_that_is_stopped_anywhere_goes_on_as_if_it_had_not_been(
    tmp_path: Path, referee: Referee, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(self_play(SMALL, referee, 3, 4, tmp_path / "whole"))
    assert [line["iteration"] for line in whole] == [1, 2, 3, 4]
    stopped = tmp_path / "stopped"
    run = self_play(SMALL, referee, 3, 4, stopped)
    next(run)
    run.close()
    with monkeypatch.context() as broken:  # after the state is written, before the networks are
        broken.setattr(selfplay, "_publish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            list(self_play(SMALL, referee, 3, 4, stopped))
    with monkeypatch.context() as broken:  # before the state is
        broken.setattr(selfplay, "save_state", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            list(self_play(SMALL, referee, 3, 4, stopped))
    assert lines(list(self_play(SMALL, referee, 3, 4, stopped))) == lines(whole)
    assert content(stopped) == content(tmp_path / "whole")
    assert [json.loads(line) for line in (stopped / LOG).read_text().splitlines()][-1]["iteration"] == 4
    with pytest.raises(UsageError, match="holds a run with seed=3, not 4: give another folder"):
        list(self_play(SMALL, referee, 4, 4, stopped))
    with pytest.raises(UsageError, match="has 4 iterations already: give --budget 4 or more"):
        list(self_play(SMALL, referee, 3, 2, stopped))
    with pytest.raises(UsageError, match="units=4, not 5"):
        list(self_play(dataclasses.replace(SMALL, units=5), referee, 3, 5, stopped))


@pytest.mark.slow
def test_a_process_that_is_killed_goes_on_where_it_was(tmp_path: Path, referee: Referee) -> None:
    learner = "selfplay:games=8,simulations=4,units=4,equivariant=true"
    command = [sys.executable, "-m", "gaincurve", "fit", learner, "--game", "tictactoe", "--budget", "100000", "--out", str(tmp_path / "a")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    log = tmp_path / "a" / LOG
    while process.poll() is None and not (log.exists() and len(log.read_text().splitlines()) > 2):
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    n = 3 + json.loads(log.read_text().splitlines()[-1])["iteration"]
    resumed, whole = (list(self_play(SMALL, referee, 0, n, tmp_path / name)) for name in "ab")
    assert lines(resumed) == lines(whole)
    assert content(tmp_path / "a") == content(tmp_path / "b")


def test_the_curve_of_a_cell_goes_on_from_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "cache_root", lambda: tmp_path)
    task = start_task("tictactoe")  # nobody has solved it
    path = SMALL.fit_path(task, [1, 3], 0)
    first = next(path)
    path.close()
    (folder,) = (tmp_path / "selfplay").iterdir()
    both = list(SMALL.fit_path(task, [1, 3], 0))
    assert not folder.exists()
    state = first_state(SMALL, task.game, 0)
    for _ in range(3):
        state, _ = iterate(SMALL, task.game, 0, state)
    expected = [SMALL.encode(first, task), SMALL.encode(policy_of(SMALL, task.game, state), task)]
    assert [SMALL.encode(policy, task) for policy in both] == expected
    assert [policy.size for policy in both] == [1, 3]


def test_the_network_alone_is_an_ordinary_file_and_plays_the_same(tmp_path: Path, referee: Referee) -> None:
    *_, last = self_play(SMALL, referee, 0, 2, tmp_path)
    task, learner, policy, header = load_policy(tmp_path / NETWORK)
    assert learner.name == "network"
    assert isinstance(policy, NetworkPolicy)
    _, _, both, _ = load_policy(tmp_path / BOTH_HEADS)
    assert isinstance(both, SelfPlayPolicy)
    assert both.scores(task).tolist() == policy.scores(task).tolist()
    assert last["policy_bits"] == {"network": 8 * header.bytes, "with_value": 8 * len(coding.encode(task.game, both))}
    whole = action_probabilities(task.graph, policy.scores(task))
    start = np.flatnonzero(whole[: task.graph.edge_start[1]])
    assert last["opening"] == [task.game.action_name(int(task.graph.edge_action[edge])) for edge in start]


@pytest.mark.parametrize("architecture", ["mlp", "conv", "linear"])
@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3", "connect_four-4x4"])
def test_equivariant_networks_give_all_images_of_a_position_one_value(game_id: str, architecture: str) -> None:
    """Children that are made canonical, and the same as they lie, are images of each other under symmetries that carry moves."""
    game, units = make_game(game_id), 1 if architecture == "linear" else 3
    learner = SelfPlayLearner(equivariant=True, architecture=architecture, units=units, depth=1)
    policy = policy_of(learner, game, first_state(learner, game, 0))
    policy = dataclasses.replace(policy, value=policy.value._replace(book=policy.value.book / 64))  # few values are then cut off
    states = draw_openings(game, 100, 4, np.random.default_rng(0))
    folded, lying = game.expand(states), unfolded(game, states)
    assert (folded.edge_child != lying.edge_child).any()
    assert policy.values_of(game, folded.edge_child).tolist() == policy.values_of(game, lying.edge_child).tolist()
    assert len(np.unique(policy.values_of(game, folded.edge_child))) > 3  # a linear one counts stones


def test_the_log_says_what_a_loop_of_ones_own_measures(tmp_path: Path, referee: Referee) -> None:
    """`gaincurve.optimality` asks for one move at each position; the best-scored moves of this network tie between images only."""
    *_, last = self_play(SMALL, referee, 0, 2, tmp_path)
    task, _, policy, _ = load_policy(tmp_path / NETWORK)
    graph, scores = task.graph, policy.scores(task)
    place = {state: i for i, state in enumerate(graph.states.tolist())}

    def choose(state: Any) -> int:
        edges = slice(*graph.edge_start[place[state.packed] : place[state.packed] + 2])
        return int(graph.edge_action[edges][np.argmax(scores[edges])])

    found = gaincurve.optimality(choose, "tictactoe")
    assert (found.regret, found.gain, found.error_rate) == pytest.approx((last["regret"], last["gain"], last["error_rate"]))
    assert found.exploitability == pytest.approx(last["exploitability"])


def test_the_verb_keeps_a_run_in_a_folder_and_goes_on_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    shell, folder = Shell(monkeypatch, capfd), tmp_path / "run"
    words = ("fit", "selfplay:games=8,simulations=4,units=4,equivariant=true", "--game", "tictactoe", "--out", str(folder))
    status, out, err = shell(*words, "--budget", "2")
    assert status == 0
    assert err.count("iteration ") == 2
    assert out.startswith("selfplay on tictactoe: 2 iterations, 16 games, ")
    assert {path.name for path in folder.iterdir()} == {NETWORK, BOTH_HEADS, LOG, "state.bin", "progress.svg", "progress.png"}
    answer = shell.json(*words, "--budget", "3")
    assert (answer["iteration"], answer["games"]) == (3, 24)
    assert answer["positions"] == answer["simulations"] // 4 - json.loads((folder / LOG).read_text().splitlines()[1])["simulations"] // 4
    for wrong, said in ((words, "give --budget N, in iterations"), ((*words, "--budget", "1"), "has 3 iterations already")):
        status, out, err = shell(*wrong)
        assert (status, out) == (2, "")
        assert said in err


def test_shares_where_a_concept_decides_are_those_of_a_count_by_hand() -> None:
    task = make_task("tictactoe")
    graph, chosen = task.graph, action_probabilities(task.graph, -task.graph.edge_action.astype(float))  # always the first cell
    found = Deciding(task).shares_right(chosen)
    assert set(found) <= {concept.name for concept in concepts_of(task.game)}
    assert len(found) >= 3
    for concept in concepts_of(task.game):
        holds, n_decided, n_right = concept.holds(task.game, graph), 0, 0
        for state in graph.positions.tolist():
            edges = range(graph.edge_start[state], graph.edge_start[state + 1])
            optimal = [task.solution.regret[edge] == 0 for edge in edges]
            if not all(optimal) and optimal == [bool(holds[edge]) for edge in edges]:
                n_decided += 1
                n_right += optimal[0]
        assert (concept.name in found) == (n_decided > 0)
        if n_decided:
            assert found[concept.name] == pytest.approx(n_right / n_decided)


def test_won_positions_given_away_are_those_of_a_count_by_hand() -> None:
    task = make_task("tictactoe")
    graph, chosen = task.graph, action_probabilities(task.graph, -task.graph.edge_action.astype(float))
    won = [state for state in graph.positions.tolist() if task.solution.value[state] == 1]
    kept = [task.solution.edge_value[graph.edge_start[state]] == 1 for state in won]
    assert won_given_away(task, chosen) == pytest.approx(1 - sum(kept) / len(won))
    perfect = action_probabilities(graph, -task.solution.regret.astype(float))
    assert won_given_away(task, perfect) == 0


def test_the_recipe_of_self_play_has_no_solver_in_it() -> None:
    game = make_game("tictactoe")
    found = recipe_by_part(game)
    assert list(found) == ["rules", "search", "network", "self-play", "seed"]
    assert min(found.values()) == found["seed"] == 32
    assert found["rules"] == recipe_by_part(make_game("tictactoe"))["rules"] < recipe_by_part(make_game("go-3x3"))["rules"]


def test_the_figure_has_a_line_a_measure_in_both_panels() -> None:
    log = [
        {"games": 10 * i, "seconds": float(i), "gain": 1 - 1 / i**2, "error_rate": 0.5 / i, "error_rate_won": None, "exploitability": 0.0}
        for i in (1, 2, 3)
    ]
    figure = draw_self_play("self-play on nothing", log)
    for axes, x in zip(figure.axes, ([10, 20, 30], [1, 2, 3]), strict=True):
        found = {line.get_label(): line for line in axes.get_lines()}
        assert list(found) == ["1 - gain", "error rate", "exploitability, in the game's units"]
        assert all(list(line.get_xdata()) == x for line in found.values())
        assert list(found["1 - gain"].get_ydata()) == pytest.approx([1, 1 / 4, 1 / 9])
        assert list(found["exploitability, in the game's units"].get_ydata()) == [FLOOR] * 3


def test_a_search_over_a_file_of_self_play_plays_a_board_that_nobody_solved(tmp_path: Path) -> None:
    big = SelfPlayLearner(games=2, simulations=2, units=2, equivariant=True)
    *_, last = self_play(big, Referee("go-5x5"), 0, 1, tmp_path)
    assert "gain" not in last
    assert last["opening"]
    for text in (str(tmp_path / NETWORK), f"mcts:over={tmp_path / BOTH_HEADS},selection=puct@4"):
        player = policy_player(text, "go-5x5", 0)
        action = player.choose(make_game("go-5x5").start(), True)
        assert 0 <= action < 26


@pytest.mark.slow
def test_tic_tac_toe_is_learned_and_never_lost() -> None:
    """Proved over every line of play, from both seats: by the network alone, and by 64 simulations over it."""
    task = make_task("tictactoe")
    (policy,) = LEARNED.fit_path(task, [96], 0)
    read = LEARNED.decode(LEARNED.encode(policy, task), task)
    alone = grades(task.graph, task.solution, action_probabilities(task.graph, read.scores(task)))
    assert alone.never_loses
    over = "selfplay:units=16;equivariant=true@96"
    (searched,) = make_learner("mcts", {"selection": "puct", "over": over}).fit_path(task, [64], 0)
    found = grades(task.graph, task.solution, action_probabilities(task.graph, searched.scores(task)))
    assert found.never_loses
