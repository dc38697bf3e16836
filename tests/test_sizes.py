"""Sizes in the ids of games: which ones are read is counted out here by the rule that each game's page gives."""

import itertools
import re
from collections.abc import Callable

import pytest

from games.errors import UsageError
from games.registry import make_game

RULES: dict[str, tuple[str, int, Callable[..., bool]]] = {  # what joins the sizes, how many there are, and which can be played
    "go": ("x", 2, lambda rows, columns: 1 <= rows * columns <= 25),
    "nogo": ("x", 2, lambda rows, columns: 1 <= rows * columns <= 25),
    "hex": ("x", 2, lambda rows, columns: {rows, columns} <= {2, 3, 4, 5} and rows != columns),
    "connect_four": ("x", 2, lambda rows, columns: rows >= 1 and columns >= 2 and (rows + 1) * columns <= 63),
    "mnk": ("x", 3, lambda rows, columns, length: 1 <= rows * columns <= 32 and 1 <= length <= max(rows, columns)),
    "kalah": (
        "-",
        2,
        lambda pits, seeds: pits * seeds >= 1 and 2 * pits * seeds <= 127 and 1 + (2 * pits + 1) * (2 * pits * seeds).bit_length() <= 64,
    ),
    "breakthrough": ("x", 2, lambda rows, columns: rows >= 2 and columns >= 2 and rows * columns <= 32),
    "domineering": ("x", 2, lambda rows, columns: min(rows, columns) >= 1 and 2 <= max(rows, columns) <= 7),
    "nim": ("-", 2, lambda one, other: min(one, other) >= 1 and max(one, other) <= 127),
    "misere_nim": ("-", 2, lambda one, other: min(one, other) >= 1 and max(one, other) <= 127),
}
OTHER_FORMS = {"hex": ("1", "3", "6", "33"), "breakthrough": ("4x4x1", "4x4x2", "4x4x3", "4x4x0"), "nim": ("5", "128", "1-2-3-4-5-6-7-8")}
TAKEN = {"hex-3", "breakthrough-4x4x1", "breakthrough-4x4x2", "nim-5", "nim-1-2-3-4-5-6-7-8"}
WRONG = ("", "x", "3", "3x", "3y4", "-3x4", "03x4", "3x04", "3-04", "1000x1", "3x4x1x1", "٣x٤", " 3x4", "3x4\n")


def is_read(game_id: str) -> bool:
    """Whether there is such a game; where there is none, that is said in one line with examples that there are."""
    try:
        game = make_game(game_id)
    except UsageError as error:
        said = str(error)
        examples = re.fullmatch(r"([^:]*): write .*, for example (\S+)(?: or (\S+))?", said)
        assert examples is not None, said
        assert examples[1] == game_id
        for example in filter(None, examples.groups()[1:]):
            assert make_game(example).id == example
        return False
    assert make_game(game.id) == game
    return True


@pytest.mark.parametrize("family", RULES)
def test_the_sizes_that_can_be_played_are_read_and_no_others(family: str) -> None:
    separator, n_sizes, is_possible = RULES[family]
    tried = [*range(9), 12, 13, 21, 22, 25, 26, 32, 63, 127, 128][: 8 if n_sizes == 3 else None]
    for sizes in itertools.product(tried, repeat=n_sizes):
        assert is_read(f"{family}-{separator.join(map(str, sizes))}") == is_possible(*sizes), sizes
    for text in OTHER_FORMS.get(family, ()):
        assert is_read(f"{family}-{text}") == (f"{family}-{text}" in TAKEN), text


@pytest.mark.parametrize("family", RULES)
def test_other_text_is_refused(family: str) -> None:
    """A zero in front too: one game has one id."""
    for text in WRONG:
        if (family, text) not in {("hex", "3"), ("nim", "3"), ("misere_nim", "3")} and "\n" not in text:
            assert not is_read(f"{family}-{text}"), text
    with pytest.raises(UsageError):
        make_game(f"{family}-3x4\n")
