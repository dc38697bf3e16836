"""Random positions of Go for truth sets: those of its own draw, which is there for all boards."""

from games.contract import States
from games.rules.go import Go


def draw_states(game: Go, n: int, seed: int) -> States:
    """`n` different canonical positions, each as likely as any other; a larger draw of the same seed begins with a smaller one. [n]"""
    return game.draw_states(n, seed)
