"""Truth sets: random positions of a game with proved bounds of all their moves, in one file (docs/truth-sets.md)."""

import json
import math
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from games.arrays import Bools, Int16s, Int64s
from games.contract import Game, States
from games.errors import UsageError, WorkError
from games.keys.sources import source_hash
from games.proof.moves import MoveBounds, Report, moves_of, prove_anew, prove_moves
from games.proof.registry import draw_positions, family_of
from games.registry import make_game
from games.solving.store import read_arrays, write_arrays
from games.splitmix import splitmix64

KIND = "truth set 1"
LICENCE = "MIT"


@dataclass(frozen=True, eq=False)
class TruthSet:
    """Positions that were drawn at random, each with all its moves and what is proved of their values."""

    game_id: str
    draw: str  # the name of the draw
    seed: int
    nodes: int  # positions that the search could expand for a move
    sources: tuple[str, ...]  # hashes of the sources that proved
    positions: States  # [n] canonical
    moves: MoveBounds
    sha256: str = ""  # of its file; empty where it was not read from one

    @property
    def command(self) -> str:
        """The command that makes it; it needs `--out`."""
        return f"gaincurve truth {self.game_id} --positions {len(self.positions)} --seed {self.seed} --nodes {self.nodes}"

    @cached_property
    def is_exact(self) -> Bools:
        """Where the value of every move is known. [n]"""
        exact: Bools = np.logical_and.reduceat(self.moves.lower == self.moves.upper, self.moves.edge_start[:-1])
        return exact

    @property
    def open_share(self) -> float:
        """The share of the positions with a move whose value is not known."""
        return float(np.mean(~self.is_exact))

    def first(self, n: int) -> "TruthSet":
        """The set of its first `n` positions, at most all of them."""
        moves, end = self.moves, int(self.moves.edge_start[n])
        lower, upper = moves.lower[:end], moves.upper[:end]
        moves = MoveBounds(moves.edge_start[: n + 1], moves.edge_action[:end], lower, upper, moves.nodes[:end])
        return replace(self, positions=self.positions[:n], moves=moves)


class Replay(NamedTuple):
    """What a verification has proved again."""

    n_positions: int
    n_moves: int
    n_tighter: int  # moves of which it proved more than the set says


def make_set(game: Game, n: int, seed: int, nodes: int, before: TruthSet | None, report: Report) -> TruthSet:
    """The truth set of `n` positions; those of the set `before` are taken over.

    Raises UsageError unless `before` has the same game, draw, seed and nodes and at most `n` positions.
    """
    family, positions = family_of(game), draw_positions(game, n, seed)
    sources: tuple[str, ...] = (source_hash(family.prover),)
    n_before = 0
    if before is not None:
        n_before, sources = len(before.positions), tuple(dict.fromkeys((*before.sources, *sources)))
        for name, old, new in (
            ("game", before.game_id, game.id),
            ("draw", before.draw, family.draw),
            ("seed", before.seed, seed),
            ("nodes", before.nodes, nodes),
        ):
            if old != new:
                raise UsageError(f"the file that is there has the {name} {old}, not {new}: name another file, or ask for the same")
        if n_before > n:
            raise UsageError(f"the file that is there has {n_before:,} positions, more than {n:,}: name another file, or ask for more")
    moves = prove_moves(game, positions[n_before:], nodes, report)
    return TruthSet(game.id, family.draw, seed, nodes, sources, positions, _joined(before.moves, moves) if before else moves)


def verify_set(found: TruthSet, share: float, seed: int, report: Report) -> Replay:
    """Draw the positions again and compare all moves with the rules; prove a random share of the positions again, without the cache.

    Raises WorkError with the first position that is wrong, or whose bounds the search does not prove again.
    """
    game = make_game(found.game_id)
    n, moves = len(found.positions), found.moves
    draw, positions = family_of(game).draw, draw_positions(game, n, found.seed)
    if draw != found.draw or not np.array_equal(positions, found.positions):
        raise WorkError(f"the positions are not those that seed {found.seed} draws ({draw})")
    expansion = game.expand(positions)
    if not (np.array_equal(expansion.edge_start, moves.edge_start) and np.array_equal(expansion.edge_action, moves.edge_action)):
        raise WorkError(f"the moves are not the legal moves of {game.id}")
    if not (-game.max_payoff <= moves.lower).all() or not (moves.lower <= moves.upper).all() or not (moves.upper <= game.max_payoff).all():
        raise WorkError(f"a bound is no bound of {game.id}")
    chosen = chosen_positions(positions, math.ceil(share * n), seed)
    groups = moves_of(expansion)
    n_moves = n_tighter = 0
    for n_done, (place, bounds) in enumerate(prove_anew(game, [groups[i] for i in chosen], found.nodes), 1):
        edges = slice(moves.edge_start[chosen[place]], moves.edge_start[chosen[place] + 1])
        wider = (moves.lower[edges] > -bounds.upper) | (moves.upper[edges] < -bounds.lower)
        if wider.any():
            edge = edges.start + int(np.flatnonzero(wider)[0])
            name = game.action_name(int(moves.edge_action[edge]))
            claimed, proved = f"{moves.lower[edge]} to {moves.upper[edge]}", f"{-bounds.upper[wider][0]} to {-bounds.lower[wider][0]}"
            raise WorkError(
                f"position {chosen[place]} ({int(positions[chosen[place]]):#x}), {name}: {claimed} in the file, {proved} proved now"
            )
        n_moves += len(wider)
        n_tighter += int(np.count_nonzero((moves.lower[edges] < -bounds.upper) | (moves.upper[edges] > -bounds.lower)))
        report(n_done, len(chosen))
    return Replay(len(chosen), n_moves, n_tighter)


def chosen_positions(positions: States, n: int, seed: int) -> Int64s:
    """Which `n` of the positions a seed chooses to be proved again, ascending. [n]"""
    hashes = splitmix64(positions ^ splitmix64(np.array([seed], dtype=np.uint64)))
    return np.sort(np.argsort(hashes)[:n])


def write_set(path: Path, found: TruthSet) -> None:
    """Write a set, all or nothing. Raises OSError."""
    header = {
        "kind": KIND,
        "game": found.game_id,
        "draw": found.draw,
        "seed": found.seed,
        "nodes": found.nodes,
        "sources": found.sources,
        "licence": LICENCE,
        "command": found.command,
    }
    moves = found.moves
    arrays: dict[str, npt.NDArray[Any]] = {
        "positions": found.positions,
        "n_moves": np.diff(moves.edge_start).astype(np.int16),
        "action": moves.edge_action,
        "lower": moves.lower,
        "upper": moves.upper,
        "nodes": moves.nodes.astype(np.int32),
    }
    write_arrays(path, header, arrays)


def is_set(path: Path) -> bool:
    """Whether a file begins as a truth set does."""
    try:
        with path.open("rb") as file:
            return file.read(64).startswith(f'{{"kind": "{KIND}"'.encode())
    except OSError:
        return False


def read_set(path: Path) -> TruthSet:
    """Read a set. Raises UsageError where the file is not there or is none, WorkError where it is damaged."""
    if not is_set(path):
        raise UsageError(f"{path} is no truth set: make one with `gaincurve truth GAME --positions N --out FILE`")
    header, arrays = read_arrays(path)
    sha256 = checksum(path)
    try:
        edge_start = np.concatenate([[0], np.cumsum(arrays["n_moves"], dtype=np.int64)])
        lower, upper, action = (arrays[name].astype(np.int16) for name in ("lower", "upper", "action"))
        moves = MoveBounds(edge_start, action, lower, upper, arrays["nodes"].astype(np.int64))
        if {len(column) for column in moves[1:]} != {int(edge_start[-1])} or not arrays["n_moves"].all():
            raise WorkError(f"{path} is damaged")
        sources = tuple(str(hashed) for hashed in header["sources"])
        return TruthSet(header["game"], header["draw"], header["seed"], header["nodes"], sources, arrays["positions"], moves, sha256)
    except (KeyError, TypeError, ValueError):
        raise WorkError(f"{path} is damaged") from None


def checksum(path: Path) -> str:
    """The checksum that the file of a set states; what it holds is compared with it by `read_set`. Raises WorkError where there is none."""
    try:
        with path.open("rb") as file:
            return str(json.loads(file.readline())["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        raise WorkError(f"{path} is damaged") from None


def _joined(first: MoveBounds, second: MoveBounds) -> MoveBounds:
    start: Int64s = np.concatenate([first.edge_start, first.edge_start[-1] + second.edge_start[1:]])
    action, lower, upper = (np.concatenate(pair) for pair in zip(first[1:4], second[1:4], strict=True))
    return MoveBounds(start, action, lower, upper, np.concatenate([first.nodes, second.nodes]))


def values_of(found: TruthSet) -> tuple[States, Int16s]:
    """The states of which a set tells the value, for their mover: the positions with exact moves, and those after their moves. Both [n]"""
    expansion = make_game(found.game_id).expand(found.positions)
    best: Int16s = np.maximum.reduceat(found.moves.lower, found.moves.edge_start[:-1])
    of_exact = np.repeat(found.is_exact, np.diff(found.moves.edge_start))
    states = np.concatenate([found.positions[found.is_exact], expansion.edge_child[of_exact]])
    return states, np.concatenate([best[found.is_exact], -found.moves.lower[of_exact]])
