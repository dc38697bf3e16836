"""The verbs for adding a game: new-game, check."""

import importlib.util
import inspect
import keyword
import re
import traceback
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from bench.cli.options import Json
from bench.terminal import emit_json, working
from games.contract import Game
from games.errors import GaincurveError, UsageError, WorkError

WHAT_IS_CHECKED = {  # the checks of games/conformance/check.py, in plain words
    "expansions": "moves come in arrays of the right types and lengths, actions ascend, and a state is over exactly when it has no moves",
    "start": "the start is the same each time, and the id has no space in it",
    "repeats": "asking twice gives the same answer",
    "batches": "a state gives the same alone, in a batch, and in a batch the other way round",
    "payoffs": "payoffs stay within max_payoff and come at the end only, and no move loses more than is held",
    "multiplicities": "multiplicity is a whole number from 1 up for every state",
    "cycles": "no line of play comes back to a state, or the game says that it is endless",
    "cells": "cells stay within cell_levels, and no two states look alike",
    "planes": "planes are zeros and ones, in the shape of the board",
    "pictures": "no two pictures are alike, and each is drawn the same again",
    "action_names": "every action has a name of its own",
    "symmetries": "the board's symmetries are permutations of its cells and a group, the identity first",
    "folding": "no state is the mirror image of another, and multiplicity counts the images",
    "estimate": "estimate_states is not far too low",
    "images": "fold and action_symmetries agree with expand, also on states that are not canonical",
    "same_board": "same_board gives a key for each state",
    "draws": "draw_states gives different positions that play can reach, and the same for the same seed",
    "evaluation": "evaluate gives a finite number for each state, and the payoff where the game is over",
    "concepts": "every concept says yes or no for each move, and the same again",
}
FILES = {"{}.py": "game.py.txt", "test_{}.py": "test.py.txt", "{}.toml": "suite.toml"}


def new_game(
    name: Annotated[str, typer.Argument(help="What the module is to be called, for example three_in_a_row.")],
    json: Json = False,
) -> None:
    """Write a small game that works at once, its test and a suite into this folder, to be changed into yours."""
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name) or keyword.iskeyword(name):
        hint = re.sub(r"\W+", "_", name.lower()).strip("_")
        hint = hint if hint.isidentifier() and not keyword.iskeyword(hint) else "my_game"
        raise UsageError(f"{name!r} cannot name a module: use small letters, digits and '_', for example {hint}")
    paths = {Path(path.format(name)): template for path, template in FILES.items()}
    for path in paths:
        if path.exists():
            raise UsageError(f"{path} is there already and is left as it is: choose another name, or another folder")
    if importlib.util.find_spec(name) is not None:
        raise UsageError(f"Python has a module {name!r} already: choose another name")
    for path, template in paths.items():
        text = (files("bench") / "cli" / "new_game" / template).read_text()
        with path.open("x") as file:
            file.write(text.replace("NAME", name))
    commands = [
        f"gaincurve check --game {name}:GAME",
        f"python -m pytest test_{name}.py",
        f"gaincurve solve {name}:GAME",
        f"gaincurve run {name}.toml",
        f"gaincurve report {name} --game {name}:GAME",
    ]
    if json:
        emit_json({"files": [str(path) for path in paths], "next": commands})
        return
    print("wrote " + ", ".join(map(str, paths)) + "; they work as they are:")
    print("\n".join(f"  {command}" for command in commands))
    print(f"Then change the rules in {name}.py, and check again after each step.")


def check(
    game: Annotated[str, typer.Option("--game", help="A game: package.module:OBJECT, openspiel:NAME, or one of `gaincurve games`.")],
    json: Json = False,
) -> None:
    """Check that a game keeps its contract, and list in plain words the checks, or the first fault."""
    from games.registry import make_game

    chosen = make_game(game)
    names: list[str] = []
    problem = ""
    try:
        with working(f"checking {game}"):
            names = _checks(chosen)
    except WorkError as error:
        if not json:
            raise
        problem = str(error)
    if json:
        emit_json({"game": chosen.id, "sound": not problem, "problem": problem or None, "checked": names})
        raise typer.Exit(1 if problem else 0)
    print(f"{chosen.id} keeps the contract of a game; {len(names)} things were checked on its states, breadth first from the start:")
    print("\n".join(f"  {WHAT_IS_CHECKED.get(name, name)}" for name in names))
    left_out = [name for name in WHAT_IS_CHECKED if name not in names]
    if left_out:
        print("not checked, since the game lacks what they are about or has more states than were looked at: " + ", ".join(left_out))


def _checks(game: Game) -> list[str]:
    """The checks that the game passed. Raises WorkError with the first thing that is wrong, also where its code fails."""
    from games.conformance.check import check_game

    try:
        return check_game(game)
    except GaincurveError:
        raise
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename == inspect.getfile(type(game))] or frames
        where = f"{Path(own[-1].filename).name}, line {own[-1].lineno}"
        raise WorkError(f"game {game.id} fails with {type(error).__name__}: {error} ({where})") from error
