import hashlib

import pytest

from bench.harness.suite import cells, load_suite, parse_suite
from games.errors import UsageError

SMALL = """
name = "small"
games = ["tictactoe", "nim-1-2"]
[[learners]]
name = "table"
budgets = [1, 2]
[[learners]]
name = "uniform"
games = ["nim-1-2"]
"""


def test_a_suite_is_every_learner_on_its_games() -> None:
    assert [cell.id for cell in cells(parse_suite(SMALL, "small.toml"))] == [
        "tictactoe/table/seed=0",
        "nim-1-2/table/seed=0",
        "nim-1-2/uniform/seed=0",
    ]


def test_seeds_multiply_the_cells_and_each_is_seeded_by_its_own_id() -> None:
    suite = parse_suite(SMALL.replace('name = "small"', 'name = "small"\nseeds = [0, 7]', 1), "small.toml")
    by_id = {cell.id: cell for cell in cells(suite)}
    assert len(by_id) == 6
    assert len({cell.random_seed for cell in by_id.values()}) == 6
    alone = next(cell for cell in cells(parse_suite(SMALL, "small.toml")) if cell.id == "nim-1-2/table/seed=0")
    digest = hashlib.sha256(b"nim-1-2/table/seed=0").hexdigest()
    assert alone.random_seed == by_id["nim-1-2/table/seed=0"].random_seed == int(digest[:8], 16)


def test_the_quick_suite_covers_the_games_and_kinds_of_figure_1() -> None:
    suite = load_suite("quick")
    found = {(cell.game, cell.learner) for cell in cells(suite)}
    games = ["tictactoe", "nim-3-4-5", "go-2x3", "go-3x3", "go-3x4"]
    assert found >= {(game, learner) for game in games for learner in ("rulelist", "table", "network", "human")}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "small"', 'name = "small"\nseed = [1]', "unknown key 'seed'; did you mean seeds?"),
        ("budgets =", "budget =", "small.toml, learner 1: unknown key 'budget'; did you mean budgets?"),
        ('"tictactoe"', '"tictactow"', "unknown game 'tictactow'; did you mean tictactoe?"),
        ('name = "table"', 'name = "tabel"', "unknown learner 'tabel'; did you mean table"),
        ("budgets = [1, 2]", "options = { x = 1 }", "learner table has no option 'x'"),
        ("[1, 2]", "[0, 2]", "budget 0 is below 1"),
        ("[1, 2]", '["1"]', "Expected `int`"),
        ('games = ["nim-1-2"]', 'games = ["nim-1-3"]', "'nim-1-3' is not among the suite's games; did you mean nim-1-2?"),
        ('name = "uniform"', 'name = "table"', "cell nim-1-2/table/seed=0 is listed twice"),
        ('name = "small"', 'name = "../small"', "it names a folder"),
        ('name = "small"', 'name = "small"\nweights = "unifrom"', "unknown weights 'unifrom'; did you mean uniform?"),
        ('name = "small"', 'name = "small"\nseeds = []', "the suite has no cells"),
        ('name = "small"', "name = small", "not valid TOML"),
    ],
)
def test_a_wrong_word_is_named_in_one_line_with_the_nearest_right_one(old: str, new: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_suite(SMALL.replace(old, new, 1), "small.toml")
    assert str(error.value).startswith("small.toml")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_suite_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"unknown suite 'quikc'; did you mean quick\?"):
        load_suite("quikc")
