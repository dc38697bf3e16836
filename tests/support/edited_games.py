"""Games whose worth stands in another place each: V, which is 1 before an edit and 7 after it."""

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
