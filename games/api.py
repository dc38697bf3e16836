"""The stable import for authors of games: `from games.api import Board, Expansion, States, cell_name, draw, ...` (docs/add-a-game.md).

Every name is defined elsewhere, and there is its meaning; what a game has to have is the Protocol `Game` of games/contract.py. This
project's own modules import from where a name is defined, so that a hash of their sources holds no more than they use.
"""

from games.arrays import Bools, Float32s, Float64s, Int8s, Int16s, Int32s, Int64s, UInt8s, UInt64s
from games.concepts.concept import Word
from games.contract import Board, Expansion, Game, GameFactory, States
from games.errors import UsageError, WorkError
from games.jit import njit
from games.rules.board import cell_name, count_bits, draw, rectangle, turn, turn_tables, unpack_masks
from games.rules.python_rules import expand_each

__all__ = [
    "Board",
    "Bools",
    "Expansion",
    "Float32s",
    "Float64s",
    "Game",
    "GameFactory",
    "Int8s",
    "Int16s",
    "Int32s",
    "Int64s",
    "States",
    "UInt8s",
    "UInt64s",
    "UsageError",
    "Word",
    "WorkError",
    "cell_name",
    "count_bits",
    "draw",
    "expand_each",
    "njit",
    "rectangle",
    "turn",
    "turn_tables",
    "unpack_masks",
]
