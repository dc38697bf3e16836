"""Lists as programs: they play, in a fresh interpreter without any package, as the policies do that they were written from."""

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

import gaincurve
from games.concepts.concept import concepts_of
from games.contract import Folds, unfolded
from policies.api import Policy, Task, action_probabilities
from policies.program.runtime import Board, Position
from policies.program.write import FAMILIES, SUFFIX, write_program
from policies.rules.rulelist import RuleList
from policies.task import make_task
from tests.support.rule_lists import rule_lists
from tests.support.shell import Shell

ISOLATED = (sys.executable, "-I", "-S")  # no site-packages, no environment, not the current folder
DRIVER = """
import json, runpy, sys
programs = [runpy.run_path(path) for path in sys.argv[1:]]
print("numpy" in sys.modules, file=sys.stderr)
for line in sys.stdin:
    number, given = json.loads(line)
    print(json.dumps(programs[number]["choices"](**given)))
"""


class Asked(NamedTuple):
    """A position as a program is given it, and the sets of moves of which any is right."""

    given: dict[str, Any]
    legal: list[str]
    right: list[list[str]]


def raw_positions(task: Task, policy: Policy, n: int | None = None) -> Iterator[Asked]:
    """Every image of every position, or a seeded sample of n, and the policy's choice in it, by the symmetries of the game."""
    graph, game = task.graph, task.game
    assert isinstance(game, Folds)
    assert game.board is not None
    chosen = action_probabilities(graph, policy.scores(task)) > 0
    places = graph.positions if n is None else np.random.default_rng(0).choice(graph.positions, n, replace=False)
    n_cells, images = game.board.n_cells, game.action_symmetries.tolist()
    for at in places.tolist():
        edges = range(graph.edge_start[at], graph.edge_start[at + 1])
        cells = game.cells(graph.states[at : at + 1])[0].tolist()
        drawn: dict[str, Asked] = {}
        for image in images:
            board = [0] * n_cells
            for cell in range(n_cells):
                board[image[cell]] = cells[cell]
            ko, passes = cells[n_cells:] if len(cells) > n_cells else (0, 0)
            given: dict[str, Any] = {"board": board}
            given |= {"ko": game.action_name(image[ko - 1])} if ko else {}
            given |= {"passes": passes} if passes else {}
            legal = sorted(image[int(graph.edge_action[edge])] for edge in edges)
            best = sorted(image[int(graph.edge_action[edge])] for edge in edges if chosen[edge])
            asked = drawn.setdefault(json.dumps(given), Asked(given, [game.action_name(move) for move in legal], []))
            asked.right.append([game.action_name(move) for move in best])
        yield from drawn.values()


def answers(programs: Sequence[Path], questions: Sequence[tuple[int, dict[str, Any]]]) -> list[list[str]]:
    text = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([*ISOLATED, "-c", DRIVER, *map(str, programs)], input=text, capture_output=True, text=True, check=False)
    assert done.stderr == "False\n"  # nothing failed, and numpy was not there
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(policies: Sequence[Policy], task: Task, folder: Path, n: int | None = None) -> None:
    programs = [folder / f"{number}.py" for number in range(len(policies))]
    questions: list[tuple[int, Asked]] = []
    for number, (path, policy) in enumerate(zip(programs, policies, strict=True)):
        path.write_text(write_program(policy, task, "a test"))
        questions += [(number, asked) for asked in raw_positions(task, policy, n)]
    found = answers(programs, [(number, asked.given) for number, asked in questions])
    assert len(found) == len(questions) > 100
    for (_, asked), moves in zip(questions, found, strict=True):
        assert moves in asked.right, asked


FITTED = [
    ("tictactoe", "rulelist", 40, None),
    ("tictactoe", "rulelist:language=cells", 20, None),
    ("tictactoe", "rulelist:language=concepts+patterns+cells", 6, None),
    ("tictactoe", "rulelist:semantics=lexicographic,language=concepts+priority+patterns", 9, None),
    ("tictactoe", "weighted:language=concepts+patterns+cells", 20, None),
    ("go-2x3", "rulelist", 200, None),
    ("go-2x3", "rulelist", 12, None),
    ("go-2x3", "rulelist:language=concepts+priority+cells", 40, None),
    ("go-2x3", "weighted", 20, None),
    ("go-3x3", "rulelist", 120, 300),
    ("go-3x3", "human:list=go_short", None, 300),
    ("nogo-2x3", "rulelist:language=concepts+patterns+cells", 30, None),
]


@pytest.mark.parametrize(("game", "learner", "budget", "n"), FITTED, ids=str)
def test_a_program_chooses_among_the_best_scored_moves_everywhere(
    game: str, learner: str, budget: int | None, n: int | None, tmp_path: Path
) -> None:
    fitted = gaincurve.fit(game, learner, budget)
    check([fitted.policy], fitted.task, tmp_path, n)


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3"])
def test_lists_of_every_kind_of_rule_are_programs(game_id: str, tmp_path: Path) -> None:
    drawn: list[RuleList] = []

    @given(rule_lists(game_id, largest=8))
    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    def collect(policy: RuleList) -> None:
        if not any("lookahead" in literal.kind for rule in policy.rules for literal in rule):
            drawn.append(policy)

    collect()
    kinds = {(literal.kind, literal.holds) for policy in drawn for rule in policy.rules for literal in rule}
    assert len(kinds) >= 16  # concepts, concepts of one move, four windows, cells, moves, positions, and their negations
    check(drawn[-12:], make_task(game_id), tmp_path, None if game_id == "tictactoe" else 100)


def runtime_positions(game_id: str) -> Iterator[tuple[int, Position]]:
    """Every position of a game as programs see it, with its place in the graph."""
    task = make_task(game_id)
    game, graph = task.game, task.graph
    assert game.board is not None
    board = Board(game.board.rows, game.board.columns, tuple(game.action_name(action) for action in range(game.n_actions)))
    for at in graph.positions.tolist():
        cells = game.cells(graph.states[at : at + 1])[0].tolist()
        ko, passes = cells[game.board.n_cells :] if len(cells) > game.board.n_cells else (0, 0)
        legal = graph.edge_action[graph.edge_start[at] : graph.edge_start[at + 1]].tolist()
        yield at, Position(board, tuple(cells[: game.board.n_cells]), ko - 1, passes, tuple(legal))


@pytest.mark.parametrize("game_id", ["tictactoe", "go-2x3", "go-3x3", "nogo-2x3", "nogo-3x3"])
def test_concepts_and_rules_in_plain_python_are_those_of_the_kernels(game_id: str) -> None:
    task, family = make_task(game_id), importlib.import_module(f"policies.program.{game_id.partition('-')[0]}")
    graph = task.graph
    assert {game_id.partition("-")[0]} <= set(FAMILIES)
    held = {concept.name: concept.holds(task.game, graph).tolist() for concept in concepts_of(task.game)}
    step = max(1, len(graph.positions) // 700)
    for at, here in islice(runtime_positions(game_id), 0, None, step):
        assert family.legal_moves(here) == list(here.legal)
        assert family.pack(here) == int(graph.states[at])
        assert list(family.entries(here)) == task.game.cells(graph.states[at : at + 1])[0].tolist()
        for name, holds in held.items():
            predicate = vars(family).get(name) or vars(family)[name + SUFFIX]
            assert [predicate(here, move) for move in here.legal] == holds[graph.edge_start[at] : graph.edge_start[at + 1]], name


# The command line


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def run(*words: str, stdin: str = "") -> tuple[int, str, str]:
    done = subprocess.run([*ISOLATED, *words], input=stdin, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def play(shell: Shell) -> str:
    """A list of two concepts and a cell: win, block, else the centre if a corner is theirs, else anything."""
    rules = ["win", "block", ["centre", {"cell": "a1", "is": "theirs"}]]
    Path("three.json").write_text(json.dumps({"game": "tictactoe", "rules": rules}))
    assert shell("score", "three.json", "--out", "three.policy")[0] == 0
    status, out, _ = shell("explain", "three.policy", "--program", "play.py")
    assert status == 0
    assert out.endswith("program written to play.py; `python play.py BOARD` prints a move\n")
    return "play.py"


def test_a_program_reads_a_board_from_its_arguments_or_from_stdin(play: str) -> None:
    assert run(play, "XX./OO./...") == (0, "c3\n", "")  # X completes the upper row
    assert run(play, "XX./OO./...", "--to-play", "O") == (0, "c2\n", "")  # O the one below
    assert run(play, stdin="3 X X .\n2 O O .\n1 . . .\n  a b c\n") == (0, "c3\n", "")  # as gaincurve draws it
    assert run(play, "XX./OO./...", "--legal", "a1,b1", "--all")[1] == "a1 b1\n"  # neither completes a line, so any


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("X/O",), "want 3 rows of 3 of the symbols X O ."),
        (("XX./OO./..?",), "want 3 rows of 3"),
        (("XX./OO./...", "--legal", "d4"), "there is no move 'd4'"),
        (("XOX/OXO/OXO",), "there is no legal move"),
        (("XX./OO./...", "--to-play", "Z"), "invalid choice"),
    ],
)
def test_a_position_that_is_none_is_refused(play: str, words: tuple[str, ...], message: str) -> None:
    status, out, err = run(play, *words)
    assert (status, out) == (2, "")
    assert message in err


def test_symmetric_boards_get_symmetric_moves(shell: Shell) -> None:
    """A rule that names one corner is a rule about the canonical state, whose corner stone lies in that corner: here a3, cell 0.

    `fold` gives the smallest image, and of the bits of a stone of theirs in a corner (9, 11, 15, 17) the smallest is that of cell 0.
    """
    Path("one.json").write_text(json.dumps({"game": "tictactoe", "rules": [["centre", {"cell": "a3", "is": "theirs"}]]}))
    shell("score", "one.json", "--out", "one.policy")
    shell("explain", "one.policy", "--program", "one.py")
    for board in ("O../.../...", "..O/.../...", ".../.../O..", ".../.../..O"):
        assert run("one.py", board, "--all")[1] == "b2\n"
    assert run("one.py", ".O./.../...", "--all")[1] == "a3 c3 a2 b2 c2 a1 b1 c1\n"


def test_the_rules_are_readable_code(play: str) -> None:
    text = Path(play).read_text()
    rule = text[text.index("def rule_3") :].partition("\n\n")[0]
    assert rule == (
        'def rule_3(here, move):\n    """takes the centre and is made where a1 is theirs"""\n'
        "    return centre(here, move) and entries(here)[6] == 2"
    )
    assert not re.search(r"^(from|import) (?!argparse|random|sys|collections|typing)", text, re.MULTILINE)


REFUSED = [
    ("tictactoe", {"game": "tictactoe", "rules": ["win", ["centre", "not safe"]]}, "rule 2 uses 'safe', which no program can hold"),
    (
        "mnk-3x3x3",
        {"game": "mnk-3x3x3", "rules": ["win"]},
        "mnk-3x3x3 has no rules in plain Python; there are those of go, nogo, tictactoe",
    ),
]


@pytest.mark.parametrize(("game", "written", "message"), REFUSED)
def test_what_has_no_twin_is_refused_in_one_line(shell: Shell, game: str, written: dict[str, Any], message: str) -> None:
    Path("list.json").write_text(json.dumps(written))
    shell("score", "list.json", "--out", "list.policy")
    status, out, err = shell("explain", "list.policy", "--program", "play.py")
    assert (status, out) == (2, "")
    assert err.startswith("error: --program: ")
    assert message in err
    assert err.count("\n") == 1
    assert not Path("play.py").exists()


def test_other_names_and_models_are_refused(shell: Shell) -> None:
    gaincurve.fit("tictactoe", "tree", 3).save("tree.policy")
    Path("folder.py").mkdir()
    for name, message in (("play.txt", "end the name with .py"), ("folder.py", "this is a folder"), ("play.py", "rule lists and weighted")):
        status, _, err = shell("explain", "tree.policy", "--program", name)
        assert (status, err.count("\n")) == (2, 1)
        assert message in err


def test_the_symmetric_closure_of_the_test_is_that_of_the_game() -> None:
    """The images that the tests lay over the board lead to states that the game folds back: else no test above could fail."""
    task = make_task("go-2x3")
    assert isinstance(task.game, Folds)
    policy = gaincurve.fit("go-2x3", "rulelist", 5).policy
    for asked in islice(raw_positions(task, policy), 0, None, 40):
        own, other = (sum(1 << i for i, owner in enumerate(asked.given["board"]) if owner == player) for player in (1, 2))
        ko = [task.game.action_name(action) for action in range(7)].index(asked.given["ko"]) + 1 if "ko" in asked.given else 0
        raw = own | other << 25 | ko << 50 | asked.given.get("passes", 0) << 55
        expansion = unfolded(task.game, np.array([raw], dtype=np.uint64))
        assert [task.game.action_name(action) for action in expansion.edge_action.tolist()] == asked.legal
        assert int(task.game.fold(np.array([raw], dtype=np.uint64))[0][0]) in task.graph.states
