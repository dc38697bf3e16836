"""Playthroughs: seeded random games written out in text, so that a change of rules, names or pictures shows in a diff.

`python -m tests.support.playthrough --write` writes tests/playthroughs/*.txt anew; test_playthroughs.py compares.
"""

import sys
from pathlib import Path
from random import Random

import numpy as np

from games.registry import make_game

COMMAND = "python -m tests.support.playthrough --write"
FOLDER = Path(__file__).parents[1] / "playthroughs"
# Game: seed. Seeds of Go were chosen so that a ko comes up and the game ends.
PLAYED = {
    "tictactoe": 1,
    "go-1x5": 97,
    "go-2x3": 237,
    "go-3x3": 144,
    "go-3x4": 271,
    "nim-3-4-5": 6,
    "misere_nim-3-4-5": 5,
    "nogo-3x3": 2,
    "breakthrough-4x3": 3,
    "kalah-3-2": 38,
    "planted-geometric-12": 2,
    "random-tictactoe": 4,
    "mnk-3x4x3": 1,
    "connect_four-4x4": 1,
    "hex-3": 1,
    "hex-3x4": 2,
    "domineering-3x5": 1,
}
MAX_MOVES = 40


def playthrough(game_id: str, seed: int) -> str:
    """One random game: at every position the picture, the legal moves by name, how many states it stands for, and the move chosen."""
    game, random = make_game(game_id), Random(seed)
    lines = [f"game {game.id}", f"actions {game.n_actions}, largest payoff {game.max_payoff}, seed {seed}", ""]
    state = game.start()
    for ply in range(MAX_MOVES + 1):
        states = np.array([state], dtype=np.uint64)
        expansion = game.expand(states)
        lines += [f"ply {ply}, state {state:#x}, stands for {game.multiplicity(states)[0]}", game.render(state)]
        lines += ["cells " + " ".join(map(str, game.cells(states)[0]))]
        if expansion.terminal[0]:
            return "\n".join([*lines, f"over: {expansion.payoff[0]:+d} for the player to move", ""])
        lines.append("legal " + ", ".join(game.action_name(int(action)) for action in expansion.edge_action))
        # The last action of Go is to pass: it is kept for later, so that something happens before.
        n_choices = len(expansion.edge_action) - (game_id.startswith("go") and ply < 12)
        edge = random.randrange(max(1, n_choices))
        lines += [f"played {game.action_name(int(expansion.edge_action[edge]))}", ""]
        state = int(expansion.edge_child[edge])
    return "\n".join([*lines, "broken off", ""])


def main() -> None:
    if sys.argv[1:] != ["--write"]:
        raise SystemExit(f"usage: {COMMAND}")
    FOLDER.mkdir(exist_ok=True)
    for game_id, seed in PLAYED.items():
        (FOLDER / f"{game_id}.txt").write_text(playthrough(game_id, seed))
        print(f"wrote {FOLDER / game_id}.txt")


if __name__ == "__main__":
    main()
