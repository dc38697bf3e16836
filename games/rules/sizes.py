"""The sizes in the id of a game, such as `3x4` in `go-3x4`."""

import re
from collections.abc import Callable, Container

from games.errors import UsageError


def read_sizes(
    game: str, n_sizes: Container[int], is_possible: Callable[..., bool], form: str, examples: str, separator: str = "x"
) -> tuple[int, ...]:
    """The whole numbers in the id of a game, after the first `-`: 3 and 4 for `go-3x4`.

    Raises UsageError, which names the `form` and `examples`, unless their number is in `n_sizes` and `is_possible(*sizes)` holds. A number
    has up to three digits and no zero in front, so that a game has one id.
    """
    parts = game.partition("-")[2].split(separator)
    sizes = tuple(int(part) for part in parts if re.fullmatch(r"[1-9][0-9]{0,2}", part))
    if len(sizes) != len(parts) or len(sizes) not in n_sizes or not is_possible(*sizes):
        raise UsageError(f"{game}: write {form}, for example {examples}")
    return sizes
