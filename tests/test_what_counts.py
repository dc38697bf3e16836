"""An edit of anything that decides a result is seen: in solved games, in records and in compiled kernels.

Every game here has one move that earns V points and one that earns none. So it is worth V to the first player, and choosing uniformly
loses V / 2 on average; V is edited from 1 to 7, or comes from the environment.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from games.sources import cache_root

ROOT = Path(__file__).parents[1]

GAME = """
import numpy as np
from games.plain import expand_each


class Game:
    n_actions, max_payoff, endless, board = 2, 99, False, None

    def worth(self):
        raise NotImplementedError

    def play(self, state):
        return {0: 1, 1: 2} if state == 0 else -self.worth() * (state == 1)

    def expand(self, states):
        return expand_each(states, self.play)

    def estimate_states(self):
        return 3.0

    def start(self):
        return 0

    def multiplicity(self, states):
        return np.ones(len(states), dtype=np.int32)

    def cells(self, states):
        return states.astype(np.int8)[:, None]

    def cell_levels(self):
        return (3,)

    def planes(self, states):
        return (states[:, None] == np.arange(3, dtype=np.uint64)).astype(np.uint8)[:, :, None, None]

    def render(self, state):
        return str(state)

    def action_name(self, action):
        return "ab"[action]
"""


def game(imports: str, worth: str, path: str) -> str:
    """A module with a game that is worth what an expression says."""
    return f'''{imports}
from plain_game import Game


class Mine(Game):
    id = "{path}:GAME"

    def worth(self):
        return {worth}


GAME = Mine()
'''


TINY = """from dataclasses import dataclass
from plain_game import Game


@dataclass(frozen=True)
class Tiny(Game):
    id: str
    v: object

    def worth(self):
        v = self.v() if callable(self.v) else self.v
        return int(np.sum(v["v"] if isinstance(v, dict) else v))


import numpy as np
"""

OPENSPIEL = """import pyspiel
from {rules} import V

KIND = pyspiel.GameType(
    short_name="{name}", long_name="{name}", dynamics=pyspiel.GameType.Dynamics.SEQUENTIAL,
    chance_mode=pyspiel.GameType.ChanceMode.DETERMINISTIC, information=pyspiel.GameType.Information.PERFECT_INFORMATION,
    utility=pyspiel.GameType.Utility.ZERO_SUM, reward_model=pyspiel.GameType.RewardModel.TERMINAL, max_num_players=2, min_num_players=2,
    provides_information_state_string=False, provides_information_state_tensor=False, provides_observation_string=False,
    provides_observation_tensor=False, parameter_specification={{}},
)
INFO = pyspiel.GameInfo(num_distinct_actions=2, max_chance_outcomes=0, num_players=2, min_utility=-9.0, max_utility=9.0, utility_sum=0.0,
    max_game_length=1)


class One(pyspiel.Game):
    def __init__(self, params=None):
        super().__init__(KIND, INFO, params or {{}})
        self.v = V

    def new_initial_state(self):
        return State(self)


class State(pyspiel.State):
    def __init__(self, game):
        super().__init__(game)
        self.v, self.chosen = game.v, None

    def current_player(self):
        return pyspiel.PlayerId.TERMINAL if self.is_terminal() else 0

    def _legal_actions(self, player):
        return [0, 1]

    def _apply_action(self, action):
        self.chosen = action

    def _action_to_string(self, player, action):
        return "ab"[action]

    def is_terminal(self):
        return self.chosen is not None

    def returns(self):
        won = self.v * (self.chosen == 0)
        return [won, -won]

    def __str__(self):
        return str(self.chosen)


pyspiel.register_game(KIND, One)
"""

ONE, SEVEN = "V = 1\n", "V = 7\n"
FROM_ENVIRONMENT = 'int(__import__("os").environ["V"])'

# case: the game's id, the files, and which of them is edited (none: what the environment says changes)
CASES: dict[str, tuple[str, dict[str, str], str]] = {
    "from .rules import": (
        "c1.game:GAME",
        {"c1/__init__.py": "", "c1/game.py": game("from .rules import V", "V", "c1.game"), "c1/rules.py": ONE},
        "c1/rules.py",
    ),
    "from . import": (
        "c2.game:GAME",
        {"c2/__init__.py": "", "c2/game.py": game("from . import rules", "rules.V", "c2.game"), "c2/rules.py": ONE},
        "c2/rules.py",
    ),
    "from ..": (
        "c3.sub.game:GAME",
        {
            "c3/__init__.py": "",
            "c3/sub/__init__.py": "",
            "c3/sub/game.py": game("from ..rules import V", "V", "c3.sub.game"),
            "c3/rules.py": ONE,
        },
        "c3/rules.py",
    ),
    "a star": (
        "c4.game:GAME",
        {"c4/__init__.py": "from .rules import *", "c4/game.py": game("from c4 import *", "V", "c4.game"), "c4/rules.py": ONE},
        "c4/rules.py",
    ),
    "a star with submodules": (
        "c5:GAME",
        {"c5lib/__init__.py": "__all__ = ['rules']", "c5.py": game("from c5lib import *", "rules.V", "c5"), "c5lib/rules.py": ONE},
        "c5lib/rules.py",
    ),
    "the package around it": (
        "c6.game:GAME",
        {"c6/__init__.py": "V = 1\n", "c6/game.py": game("import sys", "sys.modules['c6'].V", "c6.game")},
        "c6/__init__.py",
    ),
    "import package.module": (
        "c7:GAME",
        {"c7lib/__init__.py": "", "c7.py": game("import c7lib.rules", "c7lib.rules.V", "c7"), "c7lib/rules.py": ONE},
        "c7lib/rules.py",
    ),
    "a package without __init__": (
        "c8.part.game:GAME",
        {"c8/part/game.py": game("from ..other.rules import V", "V", "c8.part.game"), "c8/other/rules.py": ONE},
        "c8/other/rules.py",
    ),
    "an import inside a function": (
        "c9.game:GAME",
        {
            "c9/__init__.py": "",
            "c9/game.py": game("", "__import__('importlib').import_module('.rules', 'c9').V", "c9.game"),
            "c9/rules.py": ONE,
        },
        "c9/rules.py",
    ),
    "a package beside it": (
        "c10:GAME",
        {"c10.py": game("from c10lib import V", "V", "c10"), "c10lib/__init__.py": ONE},
        "c10lib/__init__.py",
    ),
    "a module from another folder": (
        "c11:GAME",
        {"c11.py": game("import c11rules", "c11rules.V", "c11"), "elsewhere/c11rules.py": ONE},
        "elsewhere/c11rules.py",
    ),
    "an instance in another module than its class": (
        "c12:GAME",
        {"c12.py": "from tiny import Tiny\nV = 1\nGAME = Tiny('c12:GAME', V)\n"},
        "c12.py",
    ),
    "what the module of the instance imports": (
        "c13.mine:GAME",
        {
            "c13/__init__.py": "",
            "c13/mine.py": "from tiny import Tiny\nfrom .size import V\nGAME = Tiny('c13.mine:GAME', V)\n",
            "c13/size.py": ONE,
        },
        "c13/size.py",
    ),
    "a data file": (
        "c14:GAME",
        {
            "c14.py": game(
                "from pathlib import Path\nFILE = Path(__file__).with_name('c14.txt')", "int(FILE.read_text()[4:])", "c14"
            ).replace("    id =", "    data_files = (FILE,)\n    id ="),
            "c14.txt": ONE,
        },
        "c14.txt",
    ),
    "a field": ("c15:GAME", {"c15.py": f"from tiny import Tiny\nGAME = Tiny('c15:GAME', {FROM_ENVIRONMENT})\n"}, ""),
    "an array": (
        "c16:GAME",
        {"c16.py": f"import numpy\nfrom tiny import Tiny\nGAME = Tiny('c16:GAME', numpy.array([{FROM_ENVIRONMENT}]))\n"},
        "",
    ),
    "a dictionary": ("c17:GAME", {"c17.py": f"from tiny import Tiny\nGAME = Tiny('c17:GAME', {{'v': {FROM_ENVIRONMENT}}})\n"}, ""),
    "a function in a field": (
        "c18:GAME",
        {"c18.py": f"from tiny import Tiny\ndef fix(v):\n    return lambda: v\nGAME = Tiny('c18:GAME', fix({FROM_ENVIRONMENT}))\n"},
        "",
    ),
    "an attribute of a plain object": (
        "c19:GAME",
        {"c19.py": game("", "self.v", "c19") + f"GAME.v = {FROM_ENVIRONMENT}\n"},
        "",
    ),
    "an attribute of the class": ("c20:GAME", {"c20.py": game("", "self.v", "c20") + f"Mine.v = {FROM_ENVIRONMENT}\n"}, ""),
    "a game of OpenSpiel in Python": (
        "openspiel:c21_game",
        {"c21_games.py": OPENSPIEL.format(rules="c21_rules", name="c21_game"), "c21_rules.py": ONE},
        "c21_rules.py",
    ),
    "a value of a game of OpenSpiel in Python": (
        "openspiel:c22_game",
        {"c22_games.py": OPENSPIEL.format(rules="c22_rules", name="c22_game"), "c22_rules.py": f"V = {FROM_ENVIRONMENT}"},
        "",
    ),
    "a game of OpenSpiel within another": (
        "openspiel:misere(game=c23_game())",
        {"c23_games.py": OPENSPIEL.format(rules="c23_rules", name="c23_game"), "c23_rules.py": "V = -1\n"},
        "c23_rules.py",
    ),
}

VALUES = """
import json, sys
from games.registry import make_game
from games.truth import load_truth
from policies.task import make_task
import c21_games, c22_games, c23_games
found = {}
for name, game_id in json.loads(sys.argv[1]).items():
    graph, solution = load_truth(make_game(game_id))
    task = make_task(game_id)
    found[name] = [int(solution.value[0]), int(max(solution.edge_value)), task.uniform_regret]
print(json.dumps(found))
"""


class Folder:
    """A folder of modules, with a cache of its own for solved games; kernels of the project are shared."""

    def __init__(self, path: Path) -> None:
        self.path, self.v = path, "1"
        (path / "cache").mkdir()
        (cache_root() / "kernels").mkdir(exist_ok=True)
        (path / "cache" / "kernels").symlink_to(cache_root() / "kernels")
        self.write("plain_game.py", GAME)
        self.write("tiny.py", TINY)

    def write(self, file: str, text: str) -> None:
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, file: str) -> None:
        """Let V be 7 instead of 1."""
        text, n_edits = re.subn("1$", "7", (self.path / file).read_text(), flags=re.MULTILINE)
        assert n_edits == 1
        self.write(file, text)

    def run(self, *words: str, compiled: bool = False) -> str:
        done = self._run(words, compiled)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fail(self, *words: str) -> tuple[int, str]:
        done = self._run(words)
        return done.returncode, done.stderr

    def _run(self, words: tuple[str, ...], compiled: bool = False) -> subprocess.CompletedProcess[str]:
        paths = os.pathsep.join(map(str, (self.path, self.path / "elsewhere", ROOT)))
        # Python's own cache of bytes tells an edit from its original by seconds and size, which is too coarse for a test
        own = {
            "GAINCURVE_CACHE": str(self.path / "cache"),
            "PYTHONPATH": paths,
            "V": self.v,
            "PYTHONDONTWRITEBYTECODE": "" if compiled else "1",
        }
        return subprocess.run(
            [sys.executable, *words], cwd=self.path, env={**os.environ, **own}, capture_output=True, text=True, check=False
        )

    def gaincurve(self, *words: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.run("-m", "bench", *words, "--json"))
        return answer


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
from policies.anchors import AnchorLearner
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
from games.truth import load_truth
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
from games.truth import load_truth
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
        script = "import json\nfrom games.truth import truth_path\nfrom games.registry import make_game\n"
        script += "ids = ('c1.game:GAME', 'c14:GAME', 'c16:GAME', 'c18:GAME')\n"
        script += "print(json.dumps([truth_path(make_game(name)).name for name in ids]))"
        names.append(json.loads(folder.run("-c", script)))
    assert names[0] == names[1]
    assert [one == other for one, other in zip(names[0], names[2], strict=True)] == [False, False, True, True]
