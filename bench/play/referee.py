"""Matches: games between two players under the rules of this project, from drawn openings, each played with both colours."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bench.play.board import Line
from bench.play.players import Player
from games.contract import Game
from games.errors import UsageError, WorkError

BAND = 1.96  # standard errors
UNSEEN = 3.0  # over n: the most, at 95 %, of the probability of what happened in none of n openings
ATTEMPTS = 1000  # draws of an opening before giving up


@dataclass(frozen=True)
class Played:
    """One game: the moves with those of the opening, whether A played first, and how it ended."""

    moves: tuple[int, ...]
    a_is_first: bool
    result: float  # to the first player: the payoff, at the move limit the evaluation, and 1 or -1 after a resignation or a fault
    end: str  # "over", "move limit", "resigned" or "illegal move"

    @property
    def score(self) -> float:
        """1 where A won, 0.5 for a draw, else 0."""
        own = self.result if self.a_is_first else -self.result
        return (1.0 + (own > 0) - (own < 0)) / 2.0


class Standing(NamedTuple):
    """A's mean score, its band, and the same in Elo, None where it is beyond all bounds.

    The band is from the spread between openings; it is no narrower than UNSEEN over their number, since a few may all end alike.
    """

    score: float
    band: float
    elo: float | None
    elo_low: float | None
    elo_high: float | None


def draw_openings(game: Game, n: int, plies: int, seed: int) -> list[tuple[int, ...]]:
    """`n` openings of random moves, different while there are enough; none ends the game.

    Raises WorkError where the game ends within `plies` plies.
    """
    rng = np.random.default_rng(seed)
    found: dict[tuple[int, ...], None] = {}
    drawn: list[tuple[int, ...]] = []
    for _ in range(ATTEMPTS + n):
        line = Line(game)
        while len(line.moves) < plies and (legal := list(line.children())):
            line.play(legal[int(rng.integers(len(legal)))])
        if len(line.moves) == plies and line.children():
            drawn.append(tuple(line.moves))
            found[drawn[-1]] = None
        if len(found) == n:
            return list(found)
    if not drawn:
        raise WorkError(f"{game.id} ends within {plies} plies: give a shorter --opening")
    return (list(found) + drawn)[:n]


def play_match(game: Game, a: Player, b: Player, openings: list[tuple[int, ...]], max_moves: int) -> list[Played]:
    """Two games from each opening: A first, then B first."""
    return [play_game(game, (a, b) if a_is_first else (b, a), opening, max_moves, a_is_first)
            for opening in openings for a_is_first in (True, False)]  # fmt: skip


def play_game(game: Game, players: tuple[Player, Player], opening: tuple[int, ...], max_moves: int, a_is_first: bool) -> Played:
    """One game of a first and a second player; a player who makes an illegal move has lost."""
    line = Line(game)
    for player in players:
        player.start()
    for action in opening:
        for player in players:
            player.told(action, line.first_to_move)
        line.play(action)
    end, result = "over", None
    while line.children():
        if len(line.moves) >= max_moves:
            end, result = "move limit", line.evaluation()
            break
        mover, other = players if line.first_to_move else players[::-1]
        action_or_none = mover.choose(line.state, line.first_to_move)
        lost = -1.0 if line.first_to_move else 1.0
        if action_or_none is None:
            end, result = "resigned", lost
            break
        try:
            other_is_told = line.first_to_move
            line.play(action_or_none)
        except UsageError:
            end, result = "illegal move", lost
            break
        other.told(action_or_none, other_is_told)
    return Played(tuple(line.moves), a_is_first, float(line.payoff()) if result is None else result, end)


def standing(games: list[Played]) -> Standing:
    """The score of a match, two games of one opening after each other."""
    pairs = np.array([game.score for game in games]).reshape(-1, 2).mean(axis=1)
    score = float(pairs.mean())
    spread = BAND * float(pairs.std(ddof=1)) / math.sqrt(len(pairs)) if len(pairs) > 1 else 1.0
    band = min(1.0, max(spread, UNSEEN / len(pairs)))
    return Standing(score, band, *(elo(share) for share in (score, score - band, score + band)))


def elo(score: float) -> float | None:
    """The difference of ratings at which a score is expected (Elo 1978); None for scores that no difference gives."""
    return 400.0 * math.log10(score / (1.0 - score)) if 0.0 < score < 1.0 else None
