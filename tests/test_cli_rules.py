"""The verbs about rule lists: explain and score."""

import json
from pathlib import Path

import pytest

from games.concepts.concept import concepts_of
from games.registry import make_game
from policies.rules.format.file import rule_parts
from policies.rules.human import FOLDER, list_names
from policies.task import make_task
from tests.support.shell import Shell


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


@pytest.fixture
def written(shell: Shell, tmp_path: Path) -> str:
    """A list of all words and moves of a small board, 28 rules, as a policy file."""
    moves = [{"move": move} for move in ("pass", "A1", "B1", "C1", "A2", "B2", "C2")]
    names = [word.name for word in concepts_of(make_game("go-2x3"))]
    (tmp_path / "all.json").write_text(json.dumps({"game": "go-2x3", "rules": [*names, *moves]}))
    assert shell("score", "all.json", "--out", "all.policy")[0] == 0
    return "all.policy"


def test_a_list_is_explained_rule_by_rule(shell: Shell, written: str) -> None:
    answer = shell.json("explain", written)
    assert [row["number"] for row in answer["rules"]] == list(range(1, 29))
    assert answer["rules"][-1]["gain_so_far"] == pytest.approx(answer["gain"])
    head = sum(rule_parts("first-match", (), make_task("go-2x3")).values())
    assert head + sum(row["bits"] for row in answer["rules"]) == pytest.approx(answer["bits"], abs=16)  # the file is whole bytes
    for row in answer["rules"]:
        assert (row["wrong"] is None) == (row["n_errors"] == 0)
        assert row["right"] is None or not any(row["right"]["moves"].values())
        assert row["wrong"] is None or any(row["wrong"]["moves"].values())
    assert "ablation" not in answer
    text = answer["explanation"]
    assert all(f"{number:>3}. " in text for number in range(1, 29))
    assert shell("explain", written, "--all")[1] == text + "\n"


def test_of_a_long_list_the_first_rules_are_shown_or_those_asked_for(shell: Shell, written: str) -> None:
    first = shell("explain", written)[1]
    assert " 20. Else play" in first
    assert " 21. Else play" not in first
    assert "8 rules more; see them with --rules A-B or --all" in first
    some = shell("explain", written, "--rules", "7-9")[1]
    assert [number for number in range(1, 29) if f"{number:>3}. Else play" in some] == [7, 8, 9]
    assert [row["number"] for row in shell.json("explain", written, "--rules", "28")["rules"]] == [28]


def test_ablation_is_shown_beside_the_gain_in_order(shell: Shell, written: str) -> None:
    answer = shell.json("explain", written, "--ablate")
    assert sum(row["shapley"] for row in answer["rules"]) == pytest.approx(answer["gain"])
    assert answer["ablation"]["n_samples"] == 0
    assert len(answer["ablation"]["kendall"]) == 6
    assert all(row["standard_error"] == 0 for row in answer["rules"])
    assert "Shapley values are exact" in answer["explanation"]
    moves = [{"move": f"take {n} from heap {heap}"} for heap in (1, 2, 3) for n in (1, 2, 3, 4, 5)]
    Path("long.json").write_text(json.dumps({"game": "nim-3-4-5", "semantics": "lexicographic", "rules": moves}))
    shell("score", "long.json", "--out", "long.policy")
    estimated = shell.json("explain", "long.policy", "--ablate", "--samples", "20", "--seed", "5")
    assert (estimated["ablation"]["n_samples"], estimated["ablation"]["seed"]) == (20, 5)
    assert any(row["standard_error"] > 0 for row in estimated["rules"])
    assert "estimated from 20 random orders a position, seed 5" in estimated["explanation"]
    assert " ± " in estimated["explanation"]
    assert "Keep a move" in estimated["explanation"]


def test_a_list_written_out_is_scored_as_it_was_fitted(shell: Shell, tmp_path: Path) -> None:
    for learner in ("rulelist", "rulelist:semantics=lexicographic,language=concepts+patterns"):
        fitted = shell.json("fit", learner, "--game", "go-2x3", "--budget", "30", "--out", "30.policy")
        assert shell.json("explain", "30.policy", "--list", "30.json")["file"] == "30.json"
        scored = shell.json("score", "30.json", "--out", "again.policy")
        for key in ("game", "unit", "size", "gain", "residual", "regret", "bits", "operations", "grades", "results"):
            assert scored[key] == fitted[key], key
        before, after = ((tmp_path / name).read_bytes().partition(b"\n")[2] for name in ("30.policy", "again.policy"))
        assert before == after
        assert shell("explain", "again.policy")[0] == 0


def test_an_edited_list_is_scored(shell: Shell, tmp_path: Path) -> None:
    mine = {"game": "tictactoe", "about": "mine", "rules": ["win", "block", {"move": "b2"}]}
    (tmp_path / "mine.json").write_text(json.dumps(mine))
    three = shell.json("score", "mine.json", "--game", "tictactoe")
    assert (three["list"], three["about"], three["size"]) == ("mine.json", "mine", 3)
    (tmp_path / "mine.json").write_text(json.dumps({**mine, "rules": [*mine["rules"], "fork"]}))
    assert shell.json("score", "mine.json")["size"] == 4
    status, out, _ = shell("score", "mine.json")
    assert status == 0
    assert out.startswith("mine.json on tictactoe: 4 rules, gain ")


@pytest.mark.parametrize("name", list_names())
def test_our_lists_are_scored_by_name(shell: Shell, name: str) -> None:
    game = json.loads((FOLDER / f"{name}.json").read_text())["game"]
    game = {"go": "go-2x3", "nim": "nim-1-2-3", "misere_nim": "misere_nim-1-2-3"}.get(game, game)
    assert shell.json("score", name, "--game", game)["gain"] > 0


def test_the_explanation_of_a_human_list_begins_with_its_source(shell: Shell) -> None:
    shell("fit", "human", "--game", "tictactoe", "--budget", "3", "--out", "human.policy")
    lines = shell("explain", "human.policy")[1].splitlines()
    assert lines[0] == "Newell & Simon, Human Problem Solving (1972): the eight rules."
    assert lines[1].startswith("human on tictactoe, first-match: 3 rules, ")
    assert lines[2].startswith("Go down the list; at the first rule")


def test_a_policy_that_is_no_list_is_told_by_its_learner(shell: Shell) -> None:
    shell("fit", "table", "--game", "nim-1-2", "--budget", "2", "--out", "table.policy")
    answer = shell.json("explain", "table.policy")
    assert answer.keys() == {"game", "learner", "options", "size", "bits", "explanation"}
    assert answer["explanation"].startswith("2 of 4 positions are known by heart")
    assert shell("explain", "table.policy")[1] == answer["explanation"] + "\n"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("score nothing.json", 2, "there is no file nothing.json, and no list of ours of that name"),
        ("score newell_simn", 2, "did you mean newell_simon?"),
        ("score newell_simon --game nim-1-2", 2, "newell_simon.json: this list is for tictactoe, not for nim-1-2"),
        ("score go_beginner", 2, "write the board as ROWSxCOLUMNS"),
        ("score wrong.json", 2, "wrong.json: rule 2: unknown concept 'blokc'; did you mean block"),
        ("score latin.json", 2, "latin.json: this is not text in UTF-8"),
        ("score broken.json", 2, "broken.json: this is not JSON: Expecting value in line 1, column 34"),
        ("score bouton --game nim-1-2 --weights pay", 2, "unknown weights 'pay'"),
        ("explain two.policy --rules 3", 2, "--rules 3: the list has rules 1 to 2"),
        ("explain two.policy --rules x", 2, "--rules x: write one number or two, for example 7 or 5-12"),
        ("explain two.policy --rules 1 --all", 2, "give --rules or --all, not both"),
        ("explain two.policy --ablate --samples 1", 2, "--samples 1: give at least 2"),
        ("explain table.policy --ablate", 2, "--ablate is about rule lists; table.policy holds a policy of the learner table"),
        ("explain table.policy --rules 1", 2, "--rules is about rule lists"),
        ("explain table.policy --list out.json", 2, "--list is about rule lists"),
    ],
)
def test_bad_input_gives_one_line_and_the_right_status(shell: Shell, tmp_path: Path, words: str, status: int, said: str) -> None:
    (tmp_path / "wrong.json").write_text('{"game": "tictactoe", "rules": ["win", "blokc"]}')
    (tmp_path / "broken.json").write_text('{"game": "tictactoe", "rules": [ }')
    (tmp_path / "latin.json").write_bytes('{"game": "tictactoe", "about": "Bäcker"}'.encode("latin-1"))
    if "policy" in words:
        learner = "table" if "table" in words else "rulelist:language=concepts"
        shell("fit", learner, "--game", "tictactoe", "--budget", "2", "--out", words.split()[1])
    found, out, err = shell(*words.split())
    assert (found, out) == (status, "")
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out.json").exists()
