"""The verbs `play`, `watch` and `quiz`: a game against a policy, a game of two policies, and a test whether a person predicts a policy."""

import random
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from bench.cli.options import Json, Seed
from bench.terminal import emit_json
from games.errors import UsageError, nearest

if TYPE_CHECKING:
    from bench.cli.game_table import GameTable, Player

SEATS = ("first", "second")
SHOWN = 20  # rules that a quiz shows unless told otherwise
ORDERS = "a move by its name, moves, hint, undo, rules, or quit"
FILE_HELP = "A policy file, a list as JSON, or the name of one of our lists."

PolicyFile = Annotated[str, typer.Argument(metavar="FILE", help=FILE_HELP)]
GameOption = Annotated[str | None, typer.Option("--game", help="The game, where the file does not name one, or names code of your own.")]


def play(
    file: PolicyFile,
    game: GameOption = None,
    seat: Annotated[str, typer.Option(help="Whether you move first or second.")] = "first",
    seed: Seed = 0,
) -> None:
    """Play against a policy in the terminal: the board, the rule that fired, and what each move loses; with undo and hint."""
    from bench.cli.game_table import GameTable, choose, open_player
    from policies.api import check_seeds

    check_seeds([seed])
    if seat not in SEATS:
        raise UsageError(f"--seat {seat}: {nearest(seat, list(SEATS))}")
    player = open_player(file, game)
    table, you, draw = GameTable(player.task), SEATS.index(seat), random.Random(seed)
    print(f"{player.task.game.id} against {player.name}. You are {table.who(you)}, {seat}. Write {ORDERS}.")
    answers = _lines(sys.stdin)
    while not table.is_over:
        if table.position.seat != you:
            edge, why = choose(player, table.position.state, draw)
            print(table.told(edge, why))
            table.play(edge, is_policy=True)
            continue
        print(f"\n{table.board()}\n{table.who(you)} to move: ", end="", flush=True)
        answer = next(answers, "quit")
        if answer == "quit":
            break
        _obey(answer, table, player, you)
    print(f"\n{table.board()}\n{table.result()}")


def _obey(answer: str, table: "GameTable", player: "Player", you: int) -> None:
    """Do what the reader asks for: a move, or one of ORDERS."""
    legal = table.legal()
    by_lower = {name.lower(): edge for name, edge in legal.items()}
    if answer.lower() in by_lower:
        edge = by_lower[answer.lower()]
        print(f"You play {table.name(table.position, edge)}, which {table.loss(edge)}.")
        table.play(edge, is_policy=False)
    elif answer == "moves":
        print(", ".join(legal))
    elif answer == "hint":
        print("; ".join(f"{name} {table.loss(edge)}" for name, edge in legal.items()))
    elif answer == "rules":
        print(player.explanation)
    elif answer == "undo":
        if not any(move.before.seat == you for move in table.moves):
            print("There is no move to take back.")
            return
        while table.moves.pop().before.seat != you:
            pass
    else:
        print(f"{answer!r} is no move here; write {ORDERS}. The moves: {', '.join(legal)}")


def watch(
    file: PolicyFile,
    other: Annotated[str | None, typer.Argument(metavar="OTHER", help="The second player's policy; the same one unless given.")] = None,
    game: GameOption = None,
    seed: Seed = 0,
    most: Annotated[int, typer.Option("--moves", help="Moves after which a game is broken off.")] = 100,
    json: Json = False,
) -> None:
    """Watch two policies, or one against itself, play a game: the boards, the rules that fired, and what each move loses."""
    from bench.cli.game_table import GameTable, choose, open_player
    from policies.api import check_seeds

    check_seeds([seed])
    if most < 1:
        raise UsageError(f"--moves {most}: give at least 1")
    first = open_player(file, game)
    second = first if other is None else open_player(other, game or first.task.game.id)
    table, draw, rows = GameTable(first.task), random.Random(seed), list[dict[str, Any]]()
    while not table.is_over and len(table.moves) < most:
        position = table.position
        edge, why = choose((first, second)[position.seat], position.state, draw)
        rows.append({"move": table.name(position, edge), "seat": SEATS[position.seat], "why": why, "lost": table.lost(edge)})
        said = table.told(edge, why)
        table.play(edge, is_policy=True)
        if not json:
            print(f"{said}\n{table.board()}\n")
    if json:
        what = {"game": first.task.game.id, "first": first.name, "second": second.name, "moves": rows}
        emit_json({**what, "is_over": table.is_over, "payoff": table.payoff() if table.is_over else None})
        return
    print(f"{first.name} against {second.name}. {table.result()}")


def quiz(
    file: PolicyFile,
    game: GameOption = None,
    rules: Annotated[int | None, typer.Option(help=f"Rules of a list that you see; all, up to {SHOWN}, unless given.")] = None,
    questions: Annotated[int, typer.Option(help="Positions that are asked.")] = 10,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Guess what a policy plays: positions are shown, with its rules in hand, and your guesses are scored (simulatability).

    Positions are drawn among those in which the policy does not allow every move. With --json questions go to stderr and the answers
    to stdout as one JSON object.
    """
    from bench.cli.game_table import GameTable, open_player
    from policies.api import check_seeds

    check_seeds([seed])
    if questions < 1:
        raise UsageError(f"--questions {questions}: give at least 1")
    if rules is not None and rules < 0:
        raise UsageError(f"--rules {rules}: give 0 or more")
    player = open_player(file, game)
    table, out = GameTable(player.task), sys.stderr if json else sys.stdout
    asked = _asked(player, questions, seed)
    explained = player.explanation
    n_shown = min(len(explained.entries), SHOWN if rules is None else rules)
    print(f"What does {player.name} play on {player.task.game.id}? Of its rules you see {n_shown} of {len(explained.entries)}.", file=out)
    for entry in explained.entries[:n_shown]:
        print("\n".join(entry.lines or (entry.text,)), file=out)
    answers, rows = _lines(sys.stdin), list[dict[str, Any]]()
    for number, state in enumerate(asked, start=1):
        row = _ask(number, state, player, table, answers, out)
        if row is None:
            break
        rows.append(row)
    right, chance = sum(row["is_right"] for row in rows), sum(row["chance"] for row in rows)
    print(f"\n{right} of {len(rows):,} guess{'es' * (len(rows) != 1)} right; guessing at random: {chance:.1f}.", file=out)
    if json:
        what = {"game": player.task.game.id, "policy": player.name, "size": player.policy.size, "rules_shown": n_shown, "seed": seed}
        emit_json({**what, "right": right, "asked": len(rows), "by_chance": chance, "answers": rows})


def _asked(player: "Player", n: int, seed: int) -> list[int]:
    """Different positions in which a policy does not allow every move, drawn by the seed."""
    graph = player.task.graph
    told = [state for state in graph.positions.tolist() if len(player.moves(state)) < graph.n_moves[state]]
    if not told:
        raise UsageError(f"{player.name} allows every move everywhere: there is nothing to guess")
    return random.Random(seed).sample(told, min(n, len(told)))


def _ask(number: int, state: int, player: "Player", table: "GameTable", answers: Iterator[str], out: TextIO) -> dict[str, Any] | None:
    """One question and its answer; None where the reader quits."""
    position = table.seats.usual(state)
    named, allowed = table.named(position), player.moves(state)
    print(f"\n{number}. {table.who(position.seat)} to move.\n{table.board(position)}", file=out)
    began = time.monotonic()
    while True:
        print(f"It plays ({', '.join(named)}): ", end="", file=out, flush=True)
        guess = next(answers, "quit")
        if guess == "quit":
            return None
        edge = next((edge for name, edge in named.items() if name.lower() == guess.lower()), None)
        if edge is not None:
            break
        print(f"{guess!r} is no move here.", file=out)
    rule, moves = player.rule(state), [name for name, each in named.items() if each in allowed]
    why = "" if rule is None else " (no rule applies)" if rule < 0 else f" (rule {rule + 1})"
    print(f"{'Right' if edge in allowed else 'Wrong'}: it plays {' or '.join(moves)}{why}.", file=out)
    return {
        "state": state,
        "seat": SEATS[position.seat],
        "moves": list(named),
        "policy": moves,
        "rule": None if rule is None or rule < 0 else rule + 1,
        "guess": guess,
        "is_right": edge in allowed,
        "chance": len(allowed) / len(named),
        "seconds": round(time.monotonic() - began, 3),
    }


def _lines(source: TextIO) -> Iterator[str]:
    """What the reader writes, line by line, without blank lines."""
    for line in source:
        if line.strip():
            yield line.strip()
