"""The verbs `gtp` and `match`: policies that play against other programs, and against each other."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import GameName, Json, Seed
from bench.cli.outputs import check_folder
from bench.terminal import emit_json, working
from games.errors import UsageError

if TYPE_CHECKING:
    from bench.play.players import Player

POLICY_HELP = "A policy file, or a learner with its budget: mcts@200, rulelist:language=concepts@16."
PLAYER_HELP = POLICY_HELP + " Or gtp:COMMAND, another program that plays Go over GTP."
MOVES_A_CELL, MOVES = 4, 200  # the limit on moves, for a game with a board and for one without


def gtp(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help=POLICY_HELP)],
    game: GameName,
    seed: Seed = 0,
) -> None:
    """Play Go over GTP, for Sabaki, GoGui or a tournament manager: read commands from standard input and answer them."""
    from bench.play.engine import Engine
    from bench.play.players import policy_player
    from bench.play.vertices import square_go
    from games.keys.modules import versions
    from policies.api import check_seeds

    check_seeds([seed])
    engine = Engine(square_go(game), policy_player(policy, game, seed), versions(["gaincurve"])["gaincurve"])
    while engine.is_running and (line := sys.stdin.readline()):
        print(engine.answer(line), end="", flush=True)


def match(
    a: Annotated[str, typer.Argument(metavar="A", help=PLAYER_HELP)],
    b: Annotated[str, typer.Argument(metavar="B", help="Its opponent, in the same form.")],
    game: GameName,
    games: Annotated[int, typer.Option(help="How many games: an even number, since each opening is played with both colours.")] = 20,
    opening: Annotated[int, typer.Option(help="Random plies with which a game begins.")] = 4,
    moves: Annotated[
        int | None, typer.Option(help="Moves after which a game ends and the board is valued as it lies; by default 4 a cell.")
    ] = None,
    seed: Seed = 0,
    sgf: Annotated[Path | None, typer.Option("--sgf", help="Write every game to this folder, Go as SGF and others as text.")] = None,
    json: Json = False,
) -> None:
    """Play two players against each other under the rules of this project: score with its band, and Elo."""
    from bench.play.referee import draw_openings, play_match, standing
    from bench.play.sgf import record_of
    from games.registry import make_game
    from games.rules.go import Go
    from games.solving.store import write_atomically
    from policies.api import check_seeds

    check_seeds([seed])
    if games < 2 or games % 2:
        raise UsageError(f"--games {games}: give an even number from 2 up, since each opening is played with both colours")
    if opening < 0:
        raise UsageError(f"--opening {opening}: give 0 or more plies")
    if moves is not None and moves <= opening:
        raise UsageError(f"--moves {moves}: give more than the {opening} plies of the opening")
    if sgf is not None:
        check_folder("--sgf", sgf)
    rules = make_game(game)
    limit = moves or opening + (MOVES_A_CELL * rules.board.n_cells if rules.board else MOVES)
    players: list[Player] = []
    try:
        with working("preparing the players"):
            players += [_player(a, game, seed)]
            players += [_player(b, game, seed + 1)]
        with working(f"playing {games:,} games of {game}"):
            played = play_match(rules, players[0], players[1], draw_openings(rules, games // 2, opening, seed), limit)
    finally:
        for player in players:
            player.close()
    if sgf is not None:
        for number, one in enumerate(played, 1):
            names = (a, b) if one.a_is_first else (b, a)
            path = sgf / f"game-{number:0{len(str(games))}}.{'sgf' if isinstance(rules, Go) else 'txt'}"
            write_atomically(path, [record_of(rules, one, *names).encode()])
    found = standing(played)
    ends = {end: sum(one.end == end for one in played) for end in ("over", "move limit", "resigned", "illegal move")}
    answer: dict[str, Any] = {"game": game, "a": a, "b": b, "games": games, "opening": opening, "moves": limit, "seed": seed}
    answer |= found._asdict() | {"ends": ends, "wins": sum(one.score == 1 for one in played)}
    answer |= {"draws": sum(one.score == 0.5 for one in played), "sgf": None if sgf is None else str(sgf)}
    for seat in ("first", "second"):
        answer[f"score_as_{seat}"] = _mean([one.score for one in played if one.a_is_first == (seat == "first")])
    if json:
        emit_json(answer)
    else:
        _print_match(answer)


def _player(text: str, game: str, seed: int) -> "Player":
    from bench.play.players import policy_player
    from bench.play.remote import GtpPlayer, check_command

    if text.startswith("gtp:"):
        command = text.removeprefix("gtp:")
        check_command(command)
        return GtpPlayer(command, game)
    return policy_player(text, game, seed)


def _mean(numbers: list[float]) -> float:
    return sum(numbers) / len(numbers)


def _print_match(answer: dict[str, Any]) -> None:
    losses = answer["games"] - answer["wins"] - answer["draws"]
    print(f"{answer['a']} against {answer['b']} on {answer['game']}: {answer['games']:,} games,", end=" ")
    print(f"each opening of {answer['opening']} random plies with both colours")
    print(f"A wins {answer['wins']:,}, draws {answer['draws']:,}, loses {losses:,}:", end=" ")
    print(f"score {answer['score']:.3f} +- {answer['band']:.3f}", end=" ")
    print(f"({answer['score_as_first']:.3f} as first player, {answer['score_as_second']:.3f} as second)")
    bounds = [_signed(answer[key]) for key in ("elo", "elo_low", "elo_high")]
    print(f"Elo of A over B: {bounds[0]}, from {bounds[1]} to {bounds[2]}")
    print("ends: " + ", ".join(f"{n:,} {end}" for end, n in answer["ends"].items() if n))
    if answer["sgf"]:
        print(f"games written to {answer['sgf']}")


def _signed(elo: float | None) -> str:
    return "beyond all bounds" if elo is None else f"{elo:+.0f}"
