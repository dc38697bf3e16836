import hashlib
import json
import re
from pathlib import Path

import pytest

from bench.harness.cell import measure_cell
from bench.harness.store import file_stem
from bench.harness.tasks import kept_set, proved_of_game
from bench.suites.grid import Cell, cells
from bench.suites.load import built_in_suites, load_suite, parse_suite
from games.errors import UsageError

ROOT = Path(__file__).parents[1]
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


def test_the_suite_of_boards_asks_the_same_of_every_board() -> None:
    """Each kind of policy with the same budgets and files that any sample can read, three seeds, boards apart and positions apart."""
    found = cells(load_suite("boards"))
    games = ["go-3x3", "go-2x6", "go-3x4", "go-2x7", "go-3x5", "go-4x4"]
    assert [*dict.fromkeys(cell.game for cell in found)] == games
    kinds: dict[str, set[str]] = {}
    for cell in found:
        kinds.setdefault(cell.label, set()).add(repr((cell.learner, sorted(cell.options.items()), cell.budgets, cell.split)))
        assert (cell.positions is None) == (cell.game in games[:3])
        assert cell.is_part
        assert cell.time_limit == 1200
        assert cell.options.get("code", "open") == "open"
    assert {label: len(asked) for label, asked in kinds.items()} == dict.fromkeys(kinds, 1)
    assert [*kinds] == [
        f"{kind}-{split}"
        for kind in ("single-atom-list", "rulelist", "weighted-list", "tree", "equivariant-network")
        for split in ("boards", "positions")
    ]
    assert len(found) == len(games) * len(kinds) * 3


def test_the_suite_of_large_boards_asks_the_same_of_every_board_of_a_family() -> None:
    """The largest of each family from its truth set, whose positions suffice; budgets are the same, and so is what is fitted to, nearly.

    Positions with an open move are left out: 247 of the 2,000 of Go 5x5, which leaves 1,353 of 1,600 beside those held out.
    """
    found = cells(load_suite("large"))
    assert {cell.game for cell in found if kept_set(cell.game)} == {"go-5x5", "hex-5", "nogo-5x5", "domineering-6x6", "connect_four-6x7"}
    kinds: dict[tuple[str, str], set[str]] = {}
    fitted: dict[tuple[str, str], list[int]] = {}
    for cell in found:
        kind = (cell.game.partition("-")[0], cell.label)
        assert cell.positions is not None
        assert cell.is_part
        assert (cell.time_limit, cell.memory_limit) == (1200, 6)
        kinds.setdefault(kind, set()).add(repr((cell.learner, sorted(cell.options.items()), cell.budgets, cell.split)))
        loaded = proved_of_game(cell.game, cell.weights, cell.positions, cell.held_out, cell.splits)
        n_open = 0 if loaded is None or loaded.rest is None else loaded.rest.task.graph.n_roots or 0
        fitted.setdefault(kind, []).append(cell.positions - n_open)
    assert set(map(len, kinds.values())) == {1}
    assert min(min(numbers) for (_, label), numbers in fitted.items() if label.endswith("-boards")) == 1_600 - 247


def test_a_sample_is_asked_for_by_its_size_and_fitted_with_files_that_any_sample_reads() -> None:
    text = SMALL.replace('name = "table"\nbudgets = [1, 2]', 'name = "rulelist"\npositions = 50\nheld_out = 9\nbudgets = [1, 2]')
    first, *_ = cells(parse_suite(text, "small.toml"))
    assert (first.id, first.positions) == ("tictactoe/rulelist,positions=50,held_out=9/seed=0", 50)
    assert first.options == {"code": "open", "language": "concepts+patterns"}
    with pytest.raises(UsageError, match="positions 0: give the number of positions to draw, a whole number from 1 up"):
        parse_suite(text.replace("positions = 50", "positions = 0"), "small.toml")
    record, content = measure_cell(first, "key")
    assert (record.n_positions, record.points[-1].grades, record.points[-1].exception_bits) == (59, None, None)
    assert record.points[-1].gain_error
    assert record.points[-1].exception_rate is not None
    assert (record.splits[0].n_fitted, record.splits[0].n_held_out) == (50, 9)
    assert json.loads(content.partition(b"\n")[0])["options"] == first.options


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "small"', 'name = "small"\nseed = [1]', "unknown key 'seed'; did you mean seeds?"),
        ("budgets =", "budget =", "small.toml, learner 1: unknown key 'budget'; did you mean budgets?"),
        ('name = "small"', 'name = "small"\nheld_out = 0.2', "small.toml: held_out is a key of a learner: put it below [[learners]]"),
        ('"tictactoe"', '"tictactow"', "unknown game 'tictactow'; did you mean tictactoe?"),
        ('name = "table"', 'name = "tabel"', "unknown learner 'tabel'; did you mean table"),
        ("budgets = [1, 2]", "options = { x = 1 }", "learner table has no option 'x'"),
        ("[1, 2]", "[0, 2]", "budget 0 is below 1"),
        ("[1, 2]", '["1"]', "learners 1, budgets 1: give a whole number, not '1'"),
        ('games = ["nim-1-2"]', 'games = ["nim-1-3"]', "'nim-1-3' is not among the suite's games; did you mean nim-1-2?"),
        ('name = "uniform"', 'name = "table"', "cell nim-1-2/table/seed=0 is listed twice"),
        ('name = "small"', 'name = "../small"', "it names a folder"),
        ('name = "small"', 'name = "small"\nweights = "unifrom"', "unknown weights 'unifrom'; did you mean uniform?"),
        ('name = "small"', 'name = "small"\nseeds = []', "the suite has no cells"),
        ('name = "small"', "name = small", "not valid TOML"),
        ('name = "small"', 'name = "small"\ntime_limit = 0', "time_limit 0: give a number of seconds above 0"),
        ("budgets =", "memory_limit = nan\nbudgets =", "memory_limit nan: give a number of GiB above 0"),
        ("budgets =", 'weights = "pla"\nbudgets =', "unknown weights 'pla'; did you mean play?"),
        ("budgets =", 'except_games = ["go-*"]\nbudgets =', "'go-*' is not among the suite's games; known: nim-1-2, tictactoe"),
        ("budgets =", "vary = { x = [1] }\nbudgets =", "learner table has no option 'x'"),
        ('name = "table"', 'name = "rulelist"\nvary = { language = [] }', "vary has no values for 'language'"),
        ('name = "table"', 'name = "rulelist"\noptions = { support = "x" }', "rulelist option support='x': give a whole number from 1"),
        ('name = "table"', 'name = "network"\noptions = { architecture = 5 }', "network option architecture=5: give one of linear, mlp"),
        ('name = "table"', 'name = "network"\noptions = { steps = true }', "network option steps=True: give a whole number from 1"),
        ('name = "table"', 'name = "table"\nlabel = "a/b"', "label 'a/b' is part of ids"),
        (
            'name = "small"',
            'name = "small"\nexclude = ["*/tabel/*"]',
            "no cell matches '*/tabel/*': patterns are of ids like tictactoe/table/seed=0",
        ),
        ('name = "small"', 'name = "small"\nextends = "quikc"', "unknown suite 'quikc'; did you mean quick?"),
        ('name = "small"', 'name = "small"\nextends = ["quick"]', "extends is the name or path of one suite"),
        ('name = "table"', f'name = "table"\nvary = {{ x = {[*range(900)]}, y = {[*range(900)]} }}', "more than 1,000,000 cells"),
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


def test_a_learner_may_differ_from_its_suite_in_seeds_weights_and_limits() -> None:
    text = SMALL.replace('name = "small"', 'name = "small"\nseeds = [1, 2]\ntime_limit = 60\nmemory_limit = 4', 1)
    text += 'seeds = [5]\nweights = "play"\ntime_limit = 2.5\nmemory_limit = 0.5\n'
    found = [(c.id, c.weights, c.time_limit, c.memory_limit) for c in cells(parse_suite(text, "small.toml")) if c.game == "nim-1-2"]
    assert found == [
        ("nim-1-2/table/seed=1", "uniform", 60.0, 4.0),
        ("nim-1-2/table/seed=2", "uniform", 60.0, 4.0),
        ("nim-1-2/uniform/seed=5", "play", 2.5, 0.5),
    ]


def test_games_of_a_learner_are_names_or_patterns_and_some_may_be_left_out() -> None:
    text = 'name = "small"\ngames = ["nim-1-2", "nim-2-3", "tictactoe"]\n[[learners]]\nname = "table"\n'
    of_nim, but_one = text + 'games = ["nim-*"]\n', text + 'except_games = ["nim-2-*", "tictactoe"]\n'
    assert [cell.game for cell in cells(parse_suite(of_nim, "small.toml"))] == ["nim-1-2", "nim-2-3"]
    assert [cell.game for cell in cells(parse_suite(but_one, "small.toml"))] == ["nim-1-2"]


def test_a_varied_option_makes_a_curve_of_every_value() -> None:
    text = 'name = "small"\ngames = ["tictactoe"]\n[[learners]]\nname = "rulelist"\noptions = { objective = "regret" }\n'
    found = cells(parse_suite(text + 'vary = { language = ["concepts", "patterns"], best = [true, false] }\n', "small.toml"))
    assert [cell.id for cell in found] == [
        f"tictactoe/rulelist,language={language},best={best}/seed=0" for language in ("concepts", "patterns") for best in ("true", "false")
    ]
    assert found[1].options == {"objective": "regret", "language": "concepts", "best": False}


def test_cells_are_kept_and_left_out_by_patterns_of_their_ids() -> None:
    kept = parse_suite(SMALL.replace('name = "small"', 'name = "small"\ninclude = ["nim-*"]\nexclude = ["*/uniform/*"]', 1), "small.toml")
    assert [cell.id for cell in cells(kept)] == ["nim-1-2/table/seed=0"]


def test_a_suite_goes_on_from_the_one_that_it_extends(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(SMALL.replace('name = "small"', 'name = "base"\ndescription = "first"\nseeds = [3]', 1))
    (tmp_path / "deeper").mkdir()
    middle = 'name = "middle"\nextends = "../base.toml"\ngames = ["tictactoe", "nim-2-3"]\nexclude = ["tictactoe/*"]\nweights = "play"\n'
    (tmp_path / "deeper" / "middle.toml").write_text(middle)
    last = 'name = "last"\nextends = "deeper/middle.toml"\nseeds = [4]\n[[learners]]\nname = "perfect"\nexcept_games = ["nim-1-2"]\n'
    (tmp_path / "last.toml").write_text(last)
    suite = load_suite(str(tmp_path / "last.toml"))
    assert (suite.name, suite.description, suite.games) == ("last", "", ["tictactoe", "nim-1-2", "nim-2-3"])
    assert {cell.weights for cell in cells(suite)} == {"play"}
    assert [cell.id for cell in cells(suite)] == [
        "nim-1-2/table/seed=4",
        "nim-1-2/uniform/seed=4",
        "nim-2-3/table/seed=4",
        "nim-2-3/perfect/seed=4",
    ]


def test_a_built_in_suite_is_extended_by_its_name() -> None:
    suite = parse_suite('name = "mine"\nextends = "quick"\nexclude = ["go-*", "nim-*"]\n', "mine.toml")
    assert cells(suite) == [cell for cell in cells(load_suite("quick")) if cell.game == "tictactoe"]


def test_suites_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "a"\nextends = "b.toml"\n')
    (tmp_path / "b.toml").write_text('name = "b"\nextends = "./a.toml"\n')
    with pytest.raises(UsageError, match="extends itself"):
        load_suite(str(tmp_path / "a.toml"))


def test_the_cells_of_the_quick_suite_keep_their_ids() -> None:
    """Seeds are hashed from ids: those of the committed results, and one hash worked out by sha256sum."""
    committed = [path.stem for path in (ROOT / "reports" / "reference" / "records").glob("*.json")]
    assert {file_stem(cell.id) for cell in cells(load_suite("quick"))} < set(committed)
    assert Cell("go-3x3", "network", "equivariant-network").random_seed == 0xD12ADC60


def test_the_page_says_how_large_the_suites_are_that_come_with_the_package() -> None:
    page = (ROOT / "docs" / "suites.md").read_text()
    listed = re.findall(r"^\| `([\w-]+)` \| (\d+) \| (\d+) \|", page, re.MULTILINE)
    found = {name: cells(load_suite(name)) for name in ("quick", "standard", "boards", "boards-4x5", "go-2x7", "selfplay", "large", "full")}
    assert set(found) == set(built_in_suites())
    assert listed == [(name, str(len({cell.game for cell in its})), str(len(its))) for name, its in found.items()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_suite_is_read_as_editors_write_it(tmp_path: Path, encoding: str, newline: str) -> None:
    for name, text in (("small", SMALL), ("more", 'extends = "small.toml"\nname = "more"\n')):
        (tmp_path / f"{name}.toml").write_bytes(text.replace("\n", newline).encode(encoding))
    assert cells(load_suite(str(tmp_path / "more.toml"))) == cells(parse_suite(SMALL, "small.toml"))


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_suite_in_another_encoding_is_refused_in_words(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "small.toml"
    path.write_bytes(f"# sur le goban, le chat est là\n{SMALL}".encode(encoding))
    with pytest.raises(UsageError) as error:
        load_suite(str(path))
    assert str(error.value) == f"{path} is not text in UTF-8: save it as such"
