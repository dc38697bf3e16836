"""The names of games in headings and sentences, and the addresses of their pages."""

from urllib.parse import quote

from bench.harness.store import file_stem

GAMES = "games"  # folder of the pages of games
NAMES = {
    "tictactoe": "tic-tac-toe",
    "go": "Go",
    "nogo": "NoGo",
    "hex": "Hex",
    "nim": "Nim",
    "misere_nim": "misère Nim",
    "connect_four": "Connect Four",
    "breakthrough": "Breakthrough",
    "domineering": "Domineering",
    "kalah": "Kalah",
}


def title_of(game: str) -> str:
    """The name of a game as a heading has it: `Go 3×3`."""
    family, _, size = game.partition("-")
    if family == "random":
        return f"{title_of(size)} with random optimal moves"
    return f"{NAMES.get(family, family)} {size.replace('x', '×')}".strip() if family in NAMES else game


def page_of(game: str) -> str:
    """The address of the page of a game, from the folder of the report."""
    return quote(f"{GAMES}/{file_stem(game)}.html")
