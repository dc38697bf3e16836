"""Published numbers, and the type of a solved game."""

import tomllib
from pathlib import Path
from typing import Any

from games.contract import Game
from games.solving.graph import GameGraph
from games.solving.solve import Solution

FACTS: dict[str, Any] = tomllib.loads((Path(__file__).parents[1] / "facts.toml").read_text())
Solved = tuple[Game, GameGraph, Solution]
