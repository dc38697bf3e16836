"""Lists as programs: one file of plain Python that plays without this package.

A program is the source of policies/program/runtime.py and of the module of its game, then a function a rule.
"""

import ast
import importlib
import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from games.contract import Game
from games.errors import UsageError
from policies.api import Policy, Task
from policies.language.atoms import CONCEPT_KINDS, EFFECT_KINDS, LEVELS, Atoms, Literal, Rule, atoms_of
from policies.language.patterns import WINDOWS
from policies.language.pictures import draw_window
from policies.program import runtime
from policies.rules.rulelist import RuleList
from policies.rules.weighted import WeightedList

FAMILIES = ("go", "nogo", "tictactoe")  # each has a module here, with its legal moves and its concepts
SUFFIX = "_"  # of a concept whose name is a keyword of Python


def check_program(path: Path) -> None:
    """Raises UsageError for a name that does not end in .py."""
    if path.suffix != ".py":
        raise UsageError(f"--program {path}: a program is a file of Python; end the name with .py")


def write_program(policy: Policy, task: Task, about: str) -> str:
    """The source of a program that chooses the moves that a list or weighted list gives the best score.

    Raises UsageError for another policy or game, and for an atom that has no definition in plain Python.
    """
    game = task.game
    if not isinstance(policy, RuleList | WeightedList):
        raise UsageError("--program is about rule lists and weighted lists; this is another kind of policy")
    module, board = _module(game), game.board
    assert board is not None  # of all of FAMILIES
    atoms = atoms_of(game, task.graph)
    if isinstance(policy, RuleList):
        rules: Sequence[Rule] = policy.rules
        names = [f"rule_{number}" for number in range(1, len(rules) + 1)]
        how = "first_match" if policy.semantics == "first-match" else "lexicographic"
    else:
        rules = [(Literal(*atom),) for atom in policy.atoms]
        names = [f"({weight}, rule_{number})" for number, weight in enumerate(policy.weights, start=1)]
        how = "most_points"
    functions = "\n\n".join(_function(atoms, module, number, rule) for number, rule in enumerate(rules, start=1))
    moves = ", ".join(json.dumps(game.action_name(action)) for action in range(game.n_actions))
    given = f"Board({board.rows}, {board.columns}, ({moves},))"
    return TEXT.format(
        about=about.replace("\\", "/").replace('"', "'"),
        runtime=_source(runtime),
        family=_source(module),
        functions=functions and functions + "\n\n",
        board=given,
        rules="".join(["[\n", *(f"    {name},\n" for name in names), "]"]),
        how=how,
    )


TEXT = '''"""{about}.

    python play.py "BOARD"            print a move; BOARD is rows from the top with / between them, X to move
    python play.py < BOARD            the same, read from stdin
    choose(board), choices(board)     the same from Python; see the docstring of choices_of

Written by `gaincurve explain --program`; it needs Python 3.11 and nothing else.
"""

{runtime}

# The game


{family}

# The rules


{functions}RULES = {rules}
BOARD = {board}
PROGRAM = Program(BOARD, pack, legal_moves, lambda here: {how}(here, RULES))


def choices(board, to_play="X", legal=None, ko=None, passes=0):
    """The names of all moves that may be chosen."""
    return choices_of(PROGRAM, board, to_play, legal, ko, passes)


def choose(board, to_play="X", legal=None, ko=None, passes=0):
    """The name of one of them, drawn at random."""
    return random.choice(choices(board, to_play, legal, ko, passes))


if __name__ == "__main__":
    sys.exit(play(PROGRAM, sys.argv[1:]))
'''


def _module(game: Game) -> ModuleType:
    family = game.id.partition("-")[0]
    if family not in FAMILIES:
        raise UsageError(f"--program: {game.id} has no rules in plain Python; there are those of {', '.join(FAMILIES)}")
    return importlib.import_module(f"policies.program.{family}")


def _source(module: ModuleType) -> str:
    """The source of a module without its docstring and without what it takes from this package."""
    text = inspect.getsource(module)
    lines = text.splitlines()
    for node in reversed(ast.parse(text).body):
        is_own = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("policies.")
        if is_own or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines).strip() + "\n"


def _function(atoms: Atoms, module: ModuleType, number: int, rule: Rule) -> str:
    said = " and ".join(atoms.describe(literal).brief for literal in rule)
    body = " and ".join(_condition(atoms, module, number, literal) for literal in rule)
    return f'def rule_{number}(here, move):\n    """{said}"""\n    return {body}\n'


def _condition(atoms: Atoms, module: ModuleType, number: int, literal: Literal) -> str:
    kind, value, holds = literal
    if kind.endswith("lookahead"):
        raise _refusal(number, atoms.concept(literal.atom).name, "it looks ahead, which takes the rules of the game")
    if kind in EFFECT_KINDS:
        raise _refusal(number, atoms.describe(literal).brief, "it tries moves out, which takes the rules of the game")
    if kind in CONCEPT_KINDS:
        name = atoms.concept(literal.atom).name
        name = next((each for each in (name, name + SUFFIX) if callable(vars(module).get(each))), "")
        if not name:
            raise _refusal(number, atoms.concept(literal.atom).name, "it has no definition in plain Python")
        text = f"only({name}, here, move)" if kind.startswith("only-") else f"{name}(here, move)"
    elif kind in WINDOWS:
        text = f"fits(here, move, {', '.join(map(json.dumps, draw_window(kind, value)))})"
    elif kind == "cell":
        text = f"entries(here)[{value // LEVELS}] == {value % LEVELS}"
    elif kind == "move":
        text = f"move == {value}"
    else:
        graph = atoms.graph
        text = f"(pack(here) == {int(graph.states[graph.edge_parent[value]])} and move == {int(graph.edge_action[value])})"
    return text if holds else f"not {text}"


def _refusal(number: int, name: str, why: str) -> UsageError:
    return UsageError(f"--program: rule {number} uses {name!r}, which no program can hold: {why}; fit without it")
