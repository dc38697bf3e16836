"""An edit of anything that decides a result is seen: in solved games, in records and in compiled kernels.

Every game here has one move that earns V points and one that earns none. So it is worth V to the first player, and choosing uniformly
loses V / 2 on average; V is edited from 1 to 7, or comes from the environment.
"""

import json
from pathlib import Path

import pytest

from tests.support.edited_folder import Folder
from tests.support.edited_games import CASES, ONE, SEVEN

VALUES = """
import json, sys
from games.registry import make_game
from games.solving.store import load_truth
from policies.task import make_task
import c21_games, c22_games, c23_games
found = {}
for name, game_id in json.loads(sys.argv[1]).items():
    graph, solution = load_truth(make_game(game_id))
    task = make_task(game_id)
    found[name] = [int(solution.value[0]), int(max(solution.edge_value)), task.uniform_regret]
print(json.dumps(found))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, list[float]]]:
    """What every case is worth before the edit, again, and after it; each in a process of its own."""
    folder = Folder(tmp_path_factory.mktemp("cases"))
    for _, files, _ in CASES.values():
        for file, text in files.items():
            folder.write(file, text)
    ids = json.dumps({name: game_id for name, (game_id, _, _) in CASES.items()})
    found = [json.loads(folder.run("-c", VALUES, ids))]
    stored = {path.name for path in (folder.path / "cache" / "truth").iterdir()}
    found.append(json.loads(folder.run("-c", VALUES, ids)))
    assert {path.name for path in (folder.path / "cache" / "truth").iterdir()} == stored  # nothing was solved twice
    assert len(stored) == len(CASES)
    for _, _, edited in CASES.values():
        if edited:
            folder.edit(edited)
    folder.v = "7"
    return [*found, json.loads(folder.run("-c", VALUES, ids))]


@pytest.mark.parametrize("name", CASES)
def test_an_edit_changes_what_a_game_is_worth(values: list[dict[str, list[float]]], name: str) -> None:
    assert [found[name] for found in values] == [[1, 1, 0.5], [1, 1, 0.5], [7, 7, 3.5]]


def package(folder: Folder) -> None:
    """The package c1 alone, with a suite."""
    for file, text in CASES["from .rules import"][1].items():
        folder.write(file, text)
    folder.write("mine.toml", 'name = "mine"\ngames = ["c1.game:GAME"]\n[[learners]]\nname = "uniform"\n')


def test_the_command_line_solves_verifies_and_measures_the_edited_game(folder: Folder) -> None:
    package(folder)
    assert folder.gaincurve("solve", "c1.game:GAME", "--verify")["value"] == 1
    assert folder.gaincurve("run", "mine.toml")["measured"] == ["c1.game:GAME/uniform/seed=0"]
    assert folder.gaincurve("run", "mine.toml")["measured"] == []
    folder.edit("c1/rules.py")
    answer = folder.gaincurve("solve", "c1.game:GAME", "--verify")
    assert (answer["value"], answer["verified"]["n_states"]) == (7, 3)
    assert folder.gaincurve("run", "mine.toml")["measured"] == ["c1.game:GAME/uniform/seed=0"]
    [record] = (folder.path / "reports" / "runs" / "mine" / "records").iterdir()
    assert json.loads(record.read_text())["record"]["uniform_regret"] == 3.5


LEARNER = """
import os
import numpy
from dataclasses import dataclass, field
from policies.endpoints import AnchorLearner
from .order import V

@dataclass(frozen=True)
class Mine(AnchorLearner):
    name = "mine"
    table: object = field(default_factory=lambda: numpy.repeat([0, int(os.environ["V"]), 0], 5000))

    def explain(self, policy, task):
        return str(V)
"""
KEY = "from bench.harness.keys import cell_key\nfrom bench.suites.grid import Cell\nprint(cell_key(Cell('tictactoe', 'mine', 'mine')))"


@pytest.mark.parametrize(
    ("files", "target", "edited"),
    [
        ({"own/__init__.py": "", "own/learner.py": LEARNER, "own/order.py": ONE}, "own.learner:Mine", "own/order.py"),
        (
            {
                "own/__init__.py": "",
                "own/learner.py": LEARNER,
                "own/order.py": "V = 1 - 0\n",
                "named.py": "from own.learner import Mine\nV = 1\n",
            },
            "named:Mine",
            "named.py",
        ),
        ({"own/__init__.py": "", "own/learner.py": LEARNER, "own/order.py": ONE}, "own.learner:Mine", ""),
    ],
)
def test_an_edit_changes_the_key_of_a_learners_cells(folder: Folder, files: dict[str, str], target: str, edited: str) -> None:
    for file, text in files.items():
        folder.write(file, text)
    folder.write("own-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: own\nVersion: 1\n")
    folder.write("own-1.dist-info/entry_points.txt", f"[gaincurve.learners]\nmine = {target}\n")
    before = folder.run("-c", KEY)
    assert folder.run("-c", KEY) == before
    if edited:
        folder.edit(edited)
    else:
        folder.v = "7"  # among thousands of numbers, which no text of them shows
    assert folder.run("-c", KEY) != before


def test_a_kernel_is_compiled_anew_when_what_it_imports_is_edited(folder: Folder) -> None:
    (folder.path / "cache" / "kernels").unlink()
    folder.write("own/__init__.py", "")
    folder.write("own/numbers.py", ONE)
    folder.write("own/kernel.py", "from games.jit import njit\nfrom .numbers import V\n\n@njit\ndef worth():\n    return V\n")
    worth = "from own.kernel import worth\nprint(worth())"
    assert folder.run("-c", worth) == folder.run("-c", worth) == "1\n"
    folder.edit("own/numbers.py")
    assert folder.run("-c", worth) == "7\n"


def test_a_kernel_is_compiled_anew_when_a_value_that_it_froze_is_another(folder: Folder) -> None:
    """A number that comes from a file, in the kernel's module and behind a helper in another one."""
    (folder.path / "cache" / "kernels").unlink()
    folder.write("helper.py", "from games.jit import njit\nV = int(open('v.txt').read()[4:])\n\n@njit\ndef twice():\n    return 2 * V\n")
    folder.write("kernel.py", "from games.jit import njit\nimport helper\n\n@njit\ndef worth():\n    return helper.V + helper.twice()\n")
    folder.write("v.txt", ONE)
    worth = "from kernel import worth\nprint(worth())"
    assert folder.run("-c", worth) == folder.run("-c", worth) == "3\n"
    folder.edit("v.txt")
    assert folder.run("-c", worth) == "21\n"


RELOAD = """
import importlib, json, pathlib, sys
from games.registry import make_game
from games.solving.store import load_truth
from policies.task import make_task
from bench.harness.keys import cell_key
from bench.suites.grid import Cell

def look():
    worth = int(load_truth(make_game("c1.game:GAME"))[1].value[0])
    return [worth, make_task("c1.game:GAME").uniform_regret, cell_key(Cell("c1.game:GAME", "uniform", "uniform"))]

found = [look()]
path = pathlib.Path("c1/rules.py")
path.write_text("V = 7 \\n")
found.append(look())
for name in sys.argv[1:]:
    importlib.reload(sys.modules[name])
    found.append(look())
print(json.dumps(found))
"""


def test_a_reload_is_seen_and_nothing_wrong_is_stored(folder: Folder) -> None:
    """The package holds `V` by its name, so it plays by the old value until it is loaded anew itself."""
    package(folder)
    before, edited, half, whole = json.loads(folder.run("-c", RELOAD, "c1.rules", "c1.game"))
    assert before[:2] == edited[:2] == half[:2] == [1, 0.5]
    assert whole[:2] == [7, 3.5]
    assert before[2] == edited[2] != whole[2]
    assert folder.gaincurve("solve", "c1.game:GAME")["value"] == 7  # in a new process


@pytest.mark.parametrize("name", ["c1.game", "c24"])
def test_what_was_edited_before_it_was_first_solved_is_not_stored_under_the_edit(folder: Folder, name: str) -> None:
    package(folder)
    folder.write("c24.py", "from c1.game import Mine\nV = 1\nMine.id = 'c24:GAME'\nGAME = Mine()\nGAME.worth = lambda: V\n")
    edited = "c1/rules.py" if name == "c1.game" else "c24.py"
    script = f"""
import pathlib, {name}
from games.solving.store import load_truth
path = pathlib.Path("{edited}")
path.write_text(path.read_text().replace("V = 1", "V = 7 "))
print(load_truth({name}.GAME)[1].value[0])
"""
    assert folder.run("-c", script, compiled=True) == "1\n"
    assert folder.gaincurve("solve", f"{name}:GAME")["value"] == 7


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (
            "from threading import Lock\nfrom tiny import Tiny\nGAME = Tiny('c25:GAME', Lock())\n",
            "c25:GAME: v is a lock, whose content cannot be",
        ),
        (
            "from tiny import Tiny\nTiny.data_files = ('none.txt',)\nGAME = Tiny('c25:GAME', 1)\n",
            "c25:GAME: cannot read its data file none.txt",
        ),
        ("from tiny import Tiny\nTiny.data_files = 'none.txt'\nGAME = Tiny('c25:GAME', 1)\n", "c25:GAME: data_files of Tiny is 'none.txt'"),
    ],
)
def test_what_has_no_content_is_refused_in_one_line(folder: Folder, module: str, said: str) -> None:
    folder.write("c25.py", module)
    status, err = folder.fail("-m", "bench", "solve", "c25:GAME")
    assert (status, err.count("\n")) == (1, 1)
    assert err.startswith(f"error: {said}")


def test_a_key_holds_no_folder_and_no_address(tmp_path: Path) -> None:
    """Two folders with the same modules share their keys; one with another module of the same name does not."""
    names = []
    for place, worth in (("one", ONE), ("two", ONE), ("three", SEVEN)):
        (tmp_path / place).mkdir()
        folder = Folder(tmp_path / place)
        for case in ("from .rules import", "a data file", "a function in a field", "an array"):
            for file, text in CASES[case][1].items():
                folder.write(file, text if text != ONE else worth)
        script = "import json\nfrom games.solving.store import truth_path\nfrom games.registry import make_game\n"
        script += "ids = ('c1.game:GAME', 'c14:GAME', 'c16:GAME', 'c18:GAME')\n"
        script += "print(json.dumps([truth_path(make_game(name)).name for name in ids]))"
        names.append(json.loads(folder.run("-c", script)))
    assert names[0] == names[1]
    assert [one == other for one, other in zip(names[0], names[2], strict=True)] == [False, False, True, True]
