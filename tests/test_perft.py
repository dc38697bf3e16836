"""Perft: sequences of moves from the start, counted ply by ply, against published numbers.

Each file tests/perft/GAME.perft names its sources and has lines `KIND DEPTH NUMBER`:
- perft: sequences of so many moves; those that ended earlier are not continued;
- positions: different positions after so many moves; classes: the same up to symmetry; ended: classes that are final;
- games: sequences of at most so many moves at the end of which the game is over;
- placements: sets of at most so many dominoes that can lie on the board together, those of one direction no more than one more
  than those of the other. Dominoes that can lie together can be laid in any order, so the sequences of d moves are the sets
  times the orders of those of each direction; the side that begins has one more or as many, and a square board can be turned.

Sequences are counted over states folded by symmetry: each state carries the number of sequences that lead to it.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from games.registry import make_game

FILES = sorted(Path(__file__).with_name("perft").glob("*.perft"))
Line = tuple[str, int, int]


def lines_of(path: Path) -> list[Line]:
    lines = [line.split() for line in path.read_text().splitlines() if not line.startswith("#")]
    return [(kind, int(depth), int(number)) for kind, depth, number in lines]


@dataclass(frozen=True)
class Ply:
    """All that is counted after one number of moves."""

    perft: int
    positions: int
    classes: int
    ended: int
    games: int  # ended after exactly so many moves


def walk(game_id: str, depth: int) -> list[Ply]:
    """The counts after 0, 1, ... moves, up to `depth` or to the end of the longest game."""
    game, plies = make_game(game_id), []
    states, n_sequences = np.array([game.start()], dtype=np.uint64), np.ones(1, dtype=np.int64)
    while len(states) and len(plies) <= depth:
        expansion = game.expand(states)
        over = expansion.terminal
        n_positions = int(game.multiplicity(states).sum(dtype=np.int64))
        plies.append(Ply(int(n_sequences.sum()), n_positions, len(states), int(over.sum()), int(n_sequences[over].sum())))
        by_edge = np.repeat(n_sequences, np.diff(expansion.edge_start))
        states, child = np.unique(expansion.edge_child, return_inverse=True)
        n_sequences = np.zeros(len(states), dtype=np.int64)
        np.add.at(n_sequences, child, by_edge)
    return plies


def n_placements(plies: list[Ply]) -> int:
    """Sets of dominoes that make up these sequences; those with one more of the side that begins also turned by a quarter."""
    counts = [ply.perft // (math.factorial((d + 1) // 2) * math.factorial(d // 2)) for d, ply in enumerate(plies)]
    return sum(counts[0::2]) + 2 * sum(counts[1::2])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_sequences_of_moves_are_as_many_as_published(path: Path) -> None:
    lines = lines_of(path)
    plies = walk(path.stem, max(depth for _, depth, _ in lines))
    found: list[Line] = []
    for kind, depth, _ in lines:
        if kind == "games":
            number = sum(ply.games for ply in plies[: depth + 1])
        elif kind == "placements":
            number = n_placements(plies[: depth + 1])
        else:
            number = getattr(plies[depth], kind)
        found.append((kind, depth, number))
    assert found == lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_names_a_source(path: Path) -> None:
    kinds = {kind for kind, _, _ in lines_of(path)}
    comments = "".join(line for line in path.read_text().splitlines() if line.startswith("#"))
    assert all(f"{kind}: " in comments for kind in kinds)
    assert len(FILES) == 8
