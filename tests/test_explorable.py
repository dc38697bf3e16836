"""The data of a game's page: random games replayed through it beside the rules, and its decisions beside those of the policies."""

import random
import re
from collections.abc import Sequence
from importlib.resources import files
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import gaincurve
from bench.curves.proved import summary_of
from bench.harness.point import Point
from bench.harness.records import Record
from bench.measures.grades import Grades
from bench.report.explorable.boards import PIECES, STICK, ground, position
from bench.report.explorable.explorable import about_grades, rules_of
from bench.report.explorable.pack import graph_arrays, pack, path_arrays, unpack
from bench.report.explorable.played_path import NO_RULE, play_lists, play_policies
from bench.report.explorable.refit import refit, shown_records, stops
from bench.report.explorable.scene import make_scene
from bench.report.explorable.seats import Position, find_seats
from bench.report.names import title_of
from bench.suites.grid import Cell
from games.contract import Folds, unfolded
from games.errors import WorkError
from games.registry import make_game
from games.solving.store import load_truth
from policies.api import Task, action_probabilities
from policies.language.atoms import atoms_of
from policies.registry import make_learner
from policies.task import make_task
from tests.support.page_reader import START, PageReader

GAMES = (
    *("tictactoe", "mnk-2x4x3", "connect_four-3x4", "hex-3", "hex-2x3", "domineering-3x4", "domineering-4x4", "nogo-2x3"),
    *("breakthrough-3x3", "kalah-2-3", "nim-1-2-3", "go-2x2", "go-2x3", "go-3x3", "random-hex-2x3", "planted-zipf-12"),
)
BOARDS = [game for game in GAMES if make_game(game).board is not None]


def packed(task: Task, *paths: Any) -> PageReader:
    seats = find_seats(task.game, task.graph)
    scene = make_scene(seats)
    arrays = graph_arrays(task, seats, scene)
    for number, path in enumerate(paths):
        arrays |= path_arrays(path, number)
    header = {
        "nActions": task.game.n_actions,
        "places": list(zip(scene.places, scene.xs, scene.ys, strict=True)),
        "names": scene.names,
        "targets": scene.targets,
        "paths": [{"steps": [{"size": step.size} for step in path.steps]} for path in paths],
    }
    return PageReader(pack(header, arrays))


def lists(task: Task, sizes: Sequence[int], **options: Any) -> Any:
    learner = make_learner("rulelist", options)
    return play_lists("a list", learner, task, learner.fit_path(task, sizes, 0)), list(learner.fit_path(task, sizes, 0))


def seen_by_rules(game: Any, state: int) -> tuple[int, int]:
    """The number of the canonical state, and the symmetry that leads there."""
    graph, _ = load_truth(game)
    states = np.array([state], dtype=np.uint64)
    canonical, which = game.fold(states) if isinstance(game, Folds) else (states, np.zeros(1, dtype=np.int64))
    return int(np.flatnonzero(graph.states == canonical[0])[0]), int(which[0])


@pytest.mark.parametrize("game_id", GAMES)
def test_random_games_through_the_data_are_those_of_the_rules(game_id: str) -> None:
    """Beside each position of the page goes the packed state that the rules reach from the start, never made canonical."""
    task = make_task(game_id)
    game, truth = task.game, task.solution
    reader, draw = packed(task), random.Random(game_id)
    for _ in range(12):
        shown, real = START, int(game.start())
        for _ in range(40):
            expansion = unfolded(game, np.array([real], dtype=np.uint64))
            number, _ = seen_by_rules(game, real)
            assert shown.state == number
            actions = {reader.action(shown, edge): edge for edge in reader.edges(shown.state)}
            assert sorted(actions) == expansion.edge_action.tolist()
            if not actions:
                assert expansion.terminal[0]
                assert reader.arrays["value"][shown.state] == expansion.payoff[0]
                break
            assert reader.arrays["value"][shown.state] == truth.value[number]
            chosen = draw.randrange(len(expansion.edge_action))
            edge, child = actions[int(expansion.edge_action[chosen])], int(expansion.edge_child[chosen])
            after, _ = seen_by_rules(game, child)
            lost = truth.value[number] + (load_truth(game)[0].payoff[after] or truth.value[after])  # the other's value, of the other sign
            assert reader.arrays["regret"][edge] == lost
            shown, real = reader.after(shown, edge), child


@pytest.mark.parametrize("game_id", BOARDS)
def test_the_board_never_turns_and_pieces_keep_their_owner(game_id: str) -> None:
    """A move fills the place where it is clicked; all other changes are captures, steps of a pawn, and the second half of a domino."""
    reader, draw = packed(make_task(game_id)), random.Random(game_id)
    family = game_id.removeprefix("random-").partition("-")[0]
    for _ in range(20):
        shown = START
        while reader.edges(shown.state):
            edge = draw.choice(reader.edges(shown.state))
            place = reader.header["targets"][shown.seat][reader.action(shown, edge)]
            before, shown = reader.board(shown), reader.after(shown, edge)
            after, mover = reader.board(shown), 1 - shown.seat
            if place < 0:
                assert before == after  # a pass
                if draw.random() < 0.5:
                    break
                continue
            if family == "domineering":  # a taken cell is the other's for whoever looks
                neighbour = place + (max(map(int, game_id.partition("-")[2].split("x"))) if mover == 0 else 1)
                assert set(after) - set(before) == {place, neighbour}
                continue
            assert after[place] == mover
            gone, kept = set(before) - set(after), set(before) & set(after)
            assert set(after) - set(before) <= {place}
            assert all(before[p] == after[p] for p in kept - {place})
            owners = {before[p] for p in gone}
            assert owners <= ({mover} if family == "breakthrough" else {1 - mover} if family == "go" else set())


def test_the_views_of_the_second_player_are_those_of_the_rules() -> None:
    """Breakthrough turns the board upside down, Hex lays it over the short diagonal, Domineering over the other; Go leaves it."""

    def view(game_id: str) -> list[int]:
        game = make_game(game_id)
        return list(find_seats(game, load_truth(game)[0]).views[1][: game.board.n_cells if game.board else None])

    grid = np.arange(9).reshape(3, 3)
    assert view("breakthrough-3x3") == grid[::-1].ravel().tolist()
    assert view("hex-3") == grid.T.ravel()[::-1].tolist()
    assert view("domineering-4x4") == np.arange(16).reshape(4, 4).T.ravel().tolist()
    assert view("go-3x3") == view("tictactoe") == list(range(9))


def test_a_finished_game_of_hex_joins_the_sides_that_are_drawn_for_the_winner() -> None:
    """The first player's sides are top and bottom; cells touch where their middles are one apart."""
    reader, draw = packed(make_task("hex-3")), random.Random(0)
    spots = {place: (x, y) for place, x, y in reader.header["places"]}
    for _ in range(30):
        shown = START
        while reader.edges(shown.state):
            shown = reader.after(shown, draw.choice(reader.edges(shown.state)))
        winner = 1 - shown.seat  # who cannot move has lost
        stones = {place for place, owner in reader.board(shown).items() if owner == winner}
        columns = {place: place % 3 for place in stones}
        rows = {place: place // 3 for place in stones}
        along = rows if winner == 0 else columns
        reached = {place for place in stones if along[place] == 0}
        for _ in range(9):
            reached |= {p for p in stones for q in reached if np.hypot(*np.subtract(spots[p], spots[q])) < 1.01}
        assert any(along[place] == 2 for place in reached)


@pytest.mark.parametrize(
    ("game_id", "options"),
    [("tictactoe", {"language": "concepts", "atoms": "single"}), ("go-2x3", {}), ("breakthrough-3x3", {"atoms": "single"}), ("hex-3", {})],
)
def test_decisions_are_those_of_the_policies_themselves(game_id: str, options: dict[str, Any]) -> None:
    task = make_task(game_id)
    path, policies = lists(task, range(1, 9), **options)
    reader, atoms = packed(task, path), atoms_of(task.game, task.graph)
    sizes = [step.size for step in path.steps]
    assert sizes[0] == 0
    assert sizes[1:] == [policy.size for policy in policies]
    for step, policy in enumerate(policies, start=1):
        probabilities = action_probabilities(task.graph, policy.scores(task))
        held = [set(atoms.rule_edges(rule).tolist()) for rule in policy.rules]
        order = reader.order(0, step)
        for state in np.flatnonzero(~task.graph.terminal)[::7].tolist():
            edges = set(reader.edges(state))
            moves, rule = reader.decision(0, step, state)
            assert moves == {edge for edge in edges if probabilities[edge] > 0}
            first = next((i for i, each in enumerate(held) if each & edges), None)  # down the list, as a person plays it
            assert (order.index(rule) if rule != NO_RULE else None) == first
        assert path.steps[step].left == pytest.approx(1.0 - task.gain(probabilities), abs=1e-12)


def test_the_words_of_a_rule_are_those_of_the_list_that_it_stands_in() -> None:
    task = make_task("go-2x3")
    path, policies = lists(task, range(1, 9))
    learner = make_learner("rulelist")
    for step, policy in zip(path.steps[1:], policies, strict=True):
        assert [path.rules[number].text for number in step.order] == [entry.text for entry in learner.explain(policy, task).entries]


def test_without_rules_every_move_may_be_played() -> None:
    task = make_task("tictactoe")
    path, _ = lists(task, [1, 2], language="concepts", atoms="single")
    reader = packed(task, path)
    assert path.steps[0].left == 1.0
    assert all(reader.decision(0, 0, state) == (set(reader.edges(state)), NO_RULE) for state in range(50) if reader.edges(state))


def test_examples_are_right_and_wrong_by_the_solution_and_worth_most() -> None:
    task = make_task("go-2x3")
    path, _ = lists(task, range(1, 7))
    reader, regret = packed(task, path), task.solution.regret

    def mean(step: int, state: int) -> float:
        moves, _ = reader.decision(0, step, state)
        return float(np.mean([regret[edge] for edge in moves]))

    states = np.flatnonzero(~task.graph.terminal).tolist()
    for number, step in enumerate(path.steps):
        new = set(step.order) - set(path.steps[number - 1].order if number else ())
        errors = {state: mean(number, state) for state in states}
        assert [errors[state] for state in step.wrong] == sorted((e for e in errors.values() if e > 0), reverse=True)[: len(step.wrong)]
        for state in step.right:
            assert reader.decision(0, number, state)[1] in new
            assert errors[state] == 0 < mean(number - 1, state)
        assert bool(step.right) == (number > 0)


def test_networks_play_their_best_scored_moves() -> None:
    fitted = gaincurve.fit("tictactoe", "network:steps=50", 2)
    path = play_policies("a network", fitted.learner, fitted.task, [fitted.policy])
    reader = packed(fitted.task, path)
    scores = fitted.policy.scores(fitted.task)
    assert [step.size for step in path.steps] == [0, 2]
    for state in np.flatnonzero(~fitted.task.graph.terminal).tolist():
        edges = list(reader.edges(state))
        best = max(scores[edge] for edge in edges)
        assert reader.decision(0, 1, state) == ({edge for edge in edges if scores[edge] == best}, NO_RULE)


def test_what_is_packed_is_unpacked() -> None:
    given = {"a": [0, 255], "b": [-1, 127], "c": [70_000], "d": [-300, 300], "e": []}
    arrays = {name: np.array(values, dtype=np.int64) for name, values in given.items()}
    header, found = unpack(pack({"name": "näme"}, arrays))
    assert header == {"name": "näme"}
    assert {name: array.tolist() for name, array in found.items()} == given
    assert [found[name].dtype.str for name in "abcd"] == ["|u1", "|i1", "<u4", "<i2"]
    with pytest.raises(OverflowError, match="fit no type"):
        pack({}, {"a": np.array([-40_000, 40_000])})


def test_a_slider_stops_at_every_length_and_then_at_fewer() -> None:
    found = stops(256, [64, 91, 300])
    assert found[:32] == list(range(1, 33))
    assert found[-1] == 256
    assert {64, 91} <= set(found)
    assert 300 not in found
    assert all(later - earlier <= max(1, earlier // 20) for earlier, later in pairwise(found))
    assert stops(3, [1, 2, 3]) == [1, 2, 3]


def test_proved_bounds_lie_below_what_the_lists_leave() -> None:
    task = make_task("tictactoe")
    path, _ = lists(task, range(1, 7), language="concepts", atoms="single")
    summary = summary_of("tictactoe")
    assert summary is not None
    for step in path.steps[1:]:
        low = summary.residual(step.size)
        assert low is not None
        assert float(low) <= step.left + 1e-9


def record(gain: float) -> Record:
    made = Cell(
        game="tictactoe", learner="rulelist", label="rulelist", options={"language": "concepts", "atoms": "single"}, budgets=[1, 2], seed=0
    )
    point = Point(1, 1, gain, 1 - gain, 16, 100, 2000, 3.5, 0.1, None)
    return Record(made, made.id, "a key", "rules", points=[point], n_states=765)


def test_a_path_is_shown_only_where_its_gains_are_those_of_its_record() -> None:
    gain = gaincurve.fit("tictactoe", "rulelist:language=concepts,atoms=single", 1).gain
    assert [step.size for step in refit(record(gain)).steps] == [0, 1]
    with pytest.raises(WorkError, match="fitted again, it has 1 rules that gain"):
        refit(record(gain + 0.001))


def test_nested_first_match_lists_and_networks_are_shown_each_label_once() -> None:
    def cell(learner: str, label: str, seed: int = 0, **options: Any) -> Record:
        made = Cell(game="tictactoe", learner=learner, label=label, options=options, budgets=[1], seed=seed)
        return Record(made, made.id, "a key", "units", points=[Point(1, 1, 0.5, 0.5, 16, 100, 2000, 3.5, 0.1, None)])

    given = [
        cell("network", "network", 1),
        cell("network", "network", 0),
        cell("rulelist", "best", best=True),
        cell("rulelist", "narrowing", semantics="lexicographic"),
        cell("table", "table"),
        cell("rulelist", "rulelist"),
    ]
    assert [(each.cell.label, each.cell.seed) for each in shown_records(given)] == [("rulelist", 0), ("network", 1)]


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ("1111001", "Every move that it plays is optimal, in every position."),
        ("1111000", "Keeps the value of the game from either seat, whatever the other side plays."),
        (
            "1010000",
            "Keeps the value of the game as first player; can be led into an error from the other seat. Never loses as first player.",
        ),
        ("1100000", "Can be led into an error from either seat. Never loses from either seat."),
        ("0100000", "Can be led into an error from either seat. Never loses as second player."),
        ("0000000", "Can be led into an error from either seat."),
    ],
)
def test_grades_in_words(flags: str, said: str) -> None:
    assert about_grades(Grades(*(flag == "1" for flag in flags))) == said


def test_titles_and_rules_in_short() -> None:
    assert title_of("go-3x3") == "Go 3×3"
    assert title_of("random-tictactoe") == "tic-tac-toe with random optimal moves"
    assert title_of("strip:GAME") == "strip:GAME"
    assert rules_of(make_game("nim-1-2-3")).startswith("Nim: take any number of stones from one heap")


def test_a_board_is_drawn_with_a_piece_for_each_stone() -> None:
    """go-2x3 after one move has one stone; nim-1-2-3 begins with 1 + 2 + 3 sticks, the highest two above the first."""
    task = make_task("go-2x3")
    seats = find_seats(task.game, task.graph)
    scene = make_scene(seats)
    one = next(
        int(child) for child in task.graph.edge_child[: task.graph.edge_start[1]] if seats.at_places(Position(int(child), 0, 1)).any()
    )
    assert str(position(scene, seats, one, {})).count('href="#piece-') == 1
    assert str(ground(scene)).count('class="place"') == 6
    nim = make_task("nim-1-2-3")
    seats = find_seats(nim.game, nim.graph)
    scene = make_scene(seats)
    drawn = str(position(scene, seats, 0, {}))
    assert drawn.count('href="#piece-0"') == 6
    assert f'y="{scene.ys[2] - 2 * STICK:g}"' in drawn


def test_pieces_that_are_used_by_reference_have_rules_without_an_ancestor() -> None:
    """In the shadow tree of `use` a selector such as `.explorable .white` finds no `.explorable` above the piece, which would be black."""
    css = (files("bench") / "report" / "explorable" / "explorable.css").read_text()
    reaching = {name for line in css.splitlines() if line.startswith(".") for name in re.findall(r"\.([a-z]+)", line.partition("{")[0])}
    used = {
        name for shapes in PIECES.values() for shape in shapes for found in re.findall(r'class="([^"]*)"', shape) for name in found.split()
    }
    assert {"black", "white", "one", "two"} <= used | {"good"} <= reaching
