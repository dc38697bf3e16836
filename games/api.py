"""The stable import for authors of games: `from games.api import Board, Expansion, States, cell_name, draw, ...` (docs/add-a-game.md).

Every name is defined elsewhere, and there is its meaning; what a game has to have is the Protocol `Game` of games/contract.py. This
project's own modules import from where a name is defined, so that a hash of their sources holds no more than they use.
"""

from games.arrays import Bools, Float32s, Float64s, Int8s, Int16s, Int32s, Int64s, UInt8s, UInt64s
from games.concepts.concept import Concept, HasConcepts
from games.contract import Board, Draws, Expansion, Folds, Game, GameFactory, HasEvaluation, States, TellsBoardsApart
from games.errors import UsageError, WorkError
from games.jit import njit
from games.rules.board import apply_symmetry, cell_actions, cell_name, count_bits, draw, least, rectangle, symmetry_tables, unpack_masks
from games.rules.python_rules import expand_each
from games.solving.graph import GameGraph
from games.solving.oracle import GraphOracle, Oracle, solve_sample
from games.solving.sample import draw_states, sample_graph

__all__ = [
    "Board",
    "Bools",
    "Concept",
    "Draws",
    "Expansion",
    "Float32s",
    "Float64s",
    "Folds",
    "Game",
    "GameFactory",
    "GameGraph",
    "GraphOracle",
    "HasConcepts",
    "HasEvaluation",
    "Int8s",
    "Int16s",
    "Int32s",
    "Int64s",
    "Oracle",
    "States",
    "TellsBoardsApart",
    "UInt8s",
    "UInt64s",
    "UsageError",
    "WorkError",
    "apply_symmetry",
    "cell_actions",
    "cell_name",
    "count_bits",
    "draw",
    "draw_states",
    "expand_each",
    "least",
    "njit",
    "rectangle",
    "sample_graph",
    "solve_sample",
    "symmetry_tables",
    "unpack_masks",
]
