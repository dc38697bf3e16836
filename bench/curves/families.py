"""Families of games: which games differ in size only, and which are controls, by their ids."""

WRAPPERS = ("planted", "random")  # first words of ids that say what was made of which game: `random-nim-3-4-5`
NIM = {"nim": 1, "misere_nim": 2}  # rules that play these controls perfectly


def family_of(game: str) -> str:
    """The family whose members differ in size: what stands before the first `-`, and of controls also what they are made of."""
    first, _, rest = game.partition("-")
    return f"{first}-{family_of(rest)}" if first in WRAPPERS and rest else first


def is_control(game: str) -> bool:
    """Whether a game's answer is known beforehand."""
    first = game.partition("-")[0]
    return first in NIM or first in WRAPPERS
