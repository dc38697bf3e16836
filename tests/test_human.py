"""The lists that come with the project: that they can be read, and that they do what is said of them."""

import json
from pathlib import Path

import pytest

from bench.harness.keys import cell_key
from bench.measures.grades import grades
from bench.suites.grid import Cell
from games.concepts.concept import concepts_of
from games.errors import UsageError
from policies.api import action_probabilities
from policies.conformance import check_learner
from policies.rules.human import FIRST, FOLDER, HumanLearner, find_list, human_list, list_names
from policies.rules.json_lists import read_list
from policies.rules.rulelist import RuleList
from policies.task import make_task

BOARD = {"go": "go-3x3", "nim": "nim-3-4-5", "misere_nim": "misere_nim-3-4-5"}  # where a list is for all sizes of a game


def whole(game_id: str, name: str = "") -> RuleList:
    task, learner = make_task(game_id), HumanLearner(name)
    *_, policy = learner.fit_path(task, learner.default_budgets(task), seed=0)
    return policy


@pytest.mark.parametrize("name", list_names())
def test_every_list_keeps_the_contract_of_a_learner(name: str) -> None:
    game = json.loads((FOLDER / f"{name}.json").read_text())["game"]
    task = make_task(BOARD.get(game, game))
    learner = HumanLearner(name)
    assert len(check_learner(learner, task)) == 12
    assert [policy.size for policy in learner.fit_path(task, [100, 1], seed=0)] == sorted({1, len(human_list(task, name).rules)})
    assert human_list(task, name).about


@pytest.mark.parametrize(("family", "name"), FIRST.items())
def test_lists_from_the_literature_are_made_of_the_games_words(family: str, name: str) -> None:
    task = make_task(BOARD.get(family, family))
    written = human_list(task)
    assert written == read_list((FOLDER / f"{name}.json").read_text())
    assert written.game == family
    named = [concepts_of(task.game)[rule[0].value].name for rule in whole(task.game.id).rules]
    assert named == list(written.rules)
    assert HumanLearner().explain(whole(task.game.id), task).lead.startswith(written.about)


def test_the_xor_rule_plays_nim_perfectly() -> None:
    """Bouton, Nim, a game with a complete mathematical theory (1901), also for the game in which the last stone loses."""
    for game_id in ("nim-3-4-5", "misere_nim-3-4-5", "misere_nim-1-2-2-3"):
        task = make_task(game_id)
        assert task.gain(action_probabilities(task.graph, whole(game_id).scores(task))) == pytest.approx(1)


def test_the_eight_rules_of_newell_and_simon_draw_against_themselves() -> None:
    """Every line of play of the list against itself: no move gives the draw away."""
    tictactoe = make_task("tictactoe")
    chosen = action_probabilities(tictactoe.graph, whole("tictactoe").scores(tictactoe)) > 0
    reached, pending = {0}, [0]
    while pending:
        state = pending.pop()
        for edge in range(tictactoe.graph.edge_start[state], tictactoe.graph.edge_start[state + 1]):
            child = int(tictactoe.graph.edge_child[edge])
            if chosen[edge]:
                assert tictactoe.solution.regret[edge] == 0
                if child not in reached:
                    reached.add(child)
                    pending.append(child)


@pytest.mark.parametrize(
    ("name", "n_rules", "reached"),
    [  # lengths: exhaustive search, see facts.toml
        ("never_loses_first", 3, ["never_loses_first"]),
        ("never_loses", 5, ["never_loses_first", "never_loses_second"]),
        ("keeps_value", 6, ["keeps_value_first", "keeps_value_second"]),
        ("looks_ahead", 3, ["never_loses_first", "never_loses_second"]),
    ],
)
def test_our_lists_for_tictactoe_are_as_short_and_as_good_as_they_say(name: str, n_rules: int, reached: list[str]) -> None:
    task, policy = make_task("tictactoe"), whole("tictactoe", name)
    assert policy.size == n_rules
    found = grades(task.graph, task.solution, action_probabilities(task.graph, policy.scores(task)))
    assert all(getattr(found, grade) for grade in reached)


def test_a_list_is_found_by_its_name_or_its_file(tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    assert find_list("bouton") == FOLDER / "bouton.json"
    (tmp_path / "bouton").write_text("{}")
    assert find_list("bouton").resolve() == tmp_path / "bouton"
    with pytest.raises(UsageError, match=r"there is no file boutn, and no list of ours of that name; did you mean bouton"):
        find_list("boutn")
    with pytest.raises(UsageError, match="no list of ours is called 'buoton'; did you mean bouton"):
        human_list(make_task("nim-3-4-5"), "buoton")
    with pytest.raises(UsageError, match="there is no list from the literature for hex-2; there is one for tictactoe, go"):
        human_list(make_task("hex-2"))


def test_a_record_of_other_lists_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cell = Cell(game="tictactoe", learner="human", label="human")
    key, copied = cell_key(cell), tmp_path / "newell_simon.json"
    copied.write_text((FOLDER / "newell_simon.json").read_text().replace("centre", "corner"))
    monkeypatch.setattr(HumanLearner, "data_files", tuple(path if path.name != copied.name else copied for path in HumanLearner.data_files))
    assert cell_key(cell) != key
