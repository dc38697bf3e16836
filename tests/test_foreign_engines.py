"""Games against engines that others wrote: Fairy-Stockfish move by move, and what MCGS says about NoGo.

Fairy-Stockfish (GPL, its Python binding pyffish, the extra `foreign`) plays variants that a configuration describes. A state is
seen from the player to move, so here the mover is White, whose pawns go up.
"""

import math
import re
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

from games.solving.graph import GameGraph
from tests.support.truth import FACTS, Solved

VARIANTS = """
[rows]
immobile = p
pieceDrops = true
doubleStep = false
castling = false
stalemateValue = draw
immobilityIllegal = false
maxRank = 3
maxFile = 3
startFen = 3/3/3[PPPPPpppp] w - - 0 1
connectN = 3

[columns:rows]
maxFile = 4
startFen = 4/4/4[PPPPPPpppppp] w - - 0 1
enclosingDrop = top
connectN = 4

[pawns3:breakthrough]
maxRank = 3
maxFile = 3
startFen = ppp/3/PPP w - - 0 1
flagRegionWhite = *3
flagRegionBlack = *1

[pawns4:pawns3]
maxFile = 4
startFen = pppp/4/PPPP w - - 0 1
"""
GAMES = {"tictactoe": "rows", "connect_four-3x4": "columns", "breakthrough-3x3": "pawns3", "breakthrough-3x4": "pawns4"}
N_CHILDREN = 150  # moves of each game whose effect is compared, beside which moves there are


@pytest.fixture(scope="module")
def engine() -> Any:
    pyffish = pytest.importorskip("pyffish", reason="needs pyffish: install the extra `foreign`")
    pyffish.load_variant_config(VARIANTS)
    return pyffish


class Seen:
    """A position as both sides write it."""

    def __init__(self, game_id: str, columns: int, cells: list[int]) -> None:
        self.is_drop, self.columns, self.cells = not game_id.startswith("breakthrough"), columns, cells

    def fen(self) -> str:
        n = self.columns
        board = "/".join("".join(".Pp"[cell] for cell in self.cells[first : first + n]) for first in range(0, len(self.cells), n))
        rows = re.sub(r"\.+", lambda empty: str(len(empty[0])), board)
        left = self.cells.count(0)
        hand = f"[{'P' * math.ceil(left / 2)}{'p' * (left // 2)}]" if self.is_drop else ""
        return f"{rows}{hand} w - - 0 1"

    def square(self, cell: int) -> str:
        return f"{'abcd'[cell % self.columns]}{len(self.cells) // self.columns - cell // self.columns}"

    def move(self, action: int) -> str:
        if self.is_drop:
            return f"P@{self.square(action)}"
        cell, direction = divmod(action, 3)
        return self.square(cell) + self.square(cell - self.columns + direction - 1)

    def answer(self, fen: str) -> list[int]:
        """The cells of a position with Black to move, as Black sees them: in breakthrough upside down."""
        rows = []
        for row in fen.split(maxsplit=1)[0].partition("[")[0].split("/"):
            marks = re.sub(r"\d+", lambda empty: "." * int(empty[0]), row)
            rows.append([{".": 0, "p": 1, "P": 2}[mark] for mark in marks])
        return [cell for row in (rows if self.is_drop else rows[::-1]) for cell in row]


def n_games(graph: GameGraph) -> int:
    """Sequences of moves from the start to an end of a game in which a move leads on, never back."""

    def count(state: int) -> int:
        if state not in known:
            first, last = graph.edge_start[state : state + 2].tolist()
            known[state] = sum(count(child) for child in graph.edge_child[first:last].tolist()) if first < last else 1
        return known[state]

    known: dict[int, int] = {}
    return count(0)


@pytest.mark.parametrize("game_id", [pytest.param(name, marks=pytest.mark.slow if "x4" in name else ()) for name in GAMES])
def test_fairy_stockfish_has_the_same_moves_ends_and_results(game_id: str, engine: Any, solved: Callable[[str], Solved]) -> None:
    """Every position up to symmetry: its moves, whether and how it is over; and of some moves, drawn by lot, what they lead to."""
    game, graph, solution = solved(game_id)
    assert game.board is not None
    variant, cells = GAMES[game_id], game.cells(graph.states).tolist()
    assert Seen(game_id, game.board.columns, cells[0]).fen() == engine.start_fen(variant)
    compared = set(Random(0).sample(range(graph.n_edges), min(N_CHILDREN, graph.n_edges)))
    for state in range(graph.n_states):
        seen = Seen(game_id, game.board.columns, cells[state])
        fen, (first, last) = seen.fen(), graph.edge_start[state : state + 2].tolist()
        ours = {seen.move(int(graph.edge_action[edge])): edge for edge in range(first, last)}
        assert set(engine.legal_moves(variant, fen, [])) == ours.keys(), fen
        assert graph.terminal[state] == (not ours)
        if not ours:
            assert np.sign(engine.game_result(variant, fen, [])) == graph.payoff[state], fen
        for move, edge in ours.items():
            if edge in compared:
                after = seen.answer(engine.get_fen(variant, fen, [move]))
                turned = [[after[cell] for cell in np.argsort(turn)] for turn in game.board.symmetries]
                assert cells[graph.edge_child[edge]] in turned, (fen, move)
    facts = FACTS["pyffish"][game_id]
    assert (int(graph.multiplicity.sum()), n_games(graph)) == (facts["states"], facts["games"])
    assert int(solution.value[0]) == facts.get("value", 0)


LARGEST = {"1xn": 13, "2xn": 6, "3xn": 5, "4xn": 4}  # boards that take seconds at most


def boards() -> list[tuple[str, str]]:
    """Size and winner, N for who moves first and P for who moves second; a row of facts begins with the square board."""
    return [
        (f"{sides[0]}x{n}", winner)
        for sides, winners in FACTS["nogo"]["outcomes"].items()
        for n, winner in enumerate(winners, start=int(sides[0]))
        if n <= LARGEST[sides]
    ]


@pytest.mark.parametrize(("size", "winner"), boards())
def test_nogo_is_won_by_whom_mcgs_says(size: str, winner: str, solved: Callable[[str], Solved]) -> None:
    assert int(solved(f"nogo-{size}")[2].value[0]) == {"N": 1, "P": -1}[winner]
