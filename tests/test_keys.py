"""The key of a cell changes with whatever decides its result, and with nothing else."""

import dataclasses
import hashlib
import io
import tokenize
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec
import pytest

from bench.harness import keys
from bench.harness.keys import TABLES, cell_key
from bench.suites.grid import LIMITS, Cell
from games.keys.identity import identify
from games.keys.modules import PACKAGES, Module, closure, distribution_of
from games.keys.sources import module_sources
from games.keys.text import without_comments
from games.registry import GAMES
from policies.registry import LEARNERS, make_learner

UNIFORM = Cell("tictactoe", "uniform", "uniform")
RULES = Cell("tictactoe", "rulelist", "rulelist", options={"language": "concepts"})
NETWORK = Cell("tictactoe", "network", "network")
CART = Cell("tictactoe", "cart", "cart")

SETTINGS = ("game", "learner", "budgets", "weights", "seed", "results_at", "held_out", "splits", "nulls", "split")

Edit = Callable[[str], None]


@pytest.fixture
def edit(monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Makes it look as if a module had been edited."""

    def edited(name: str) -> None:
        def found(roots: Iterable[str]) -> dict[str, Module]:
            modules_found = closure(roots)
            if name in modules_found:
                modules_found[name] = dataclasses.replace(modules_found[name])
                modules_found[name].__dict__["code_digest"] = b"edited"
            return modules_found

        monkeypatch.setattr(keys, "closure", found)

    return edited


@pytest.mark.parametrize(
    "name",
    [
        "bench.harness.measure",
        "bench.harness.point",
        "bench.measures.coding",
        "bench.measures.recipe",
        "games.solving.solve",
        "games.rules.tictactoe",
        "games.concepts.tictactoe",
        "games.solving.store",
        "games.concepts.concept",
        "policies.endpoints",
        "policies.task",
        "policies.position_weights",
    ],
)
def test_an_edit_of_what_makes_or_measures_the_result_changes_it(edit: Edit, name: str) -> None:
    before = cell_key(UNIFORM)
    edit(name)
    assert cell_key(UNIFORM) != before


@pytest.mark.parametrize(
    "name",
    [
        "bench.harness.cell",
        "bench.suites.grid",
        "bench.harness.keys",
        "bench.harness.policyfile",
        "bench.harness.records",
        "bench.harness.store",
        "bench.suites.load",
        "bench.harness.versions",
        "bench.terminal",
        "games.rules.go",
        "games.registry",
        "policies.registry",
        "policies.rules.rulelist",
    ],
)
def test_an_edit_of_what_lists_runs_and_records_leaves_it(edit: Edit, name: str) -> None:
    before = cell_key(UNIFORM)
    edit(name)
    assert cell_key(UNIFORM) == before


def test_a_table_of_names_counts_where_the_recipe_of_a_game_counts_it(edit: Edit) -> None:
    assert "games.registry" in module_sources("games.rules.random_moves")  # it makes the game whose moves it draws anew
    cell = Cell("random-nim-1-2", "uniform", "uniform")
    before = cell_key(cell)
    edit("games.registry")
    assert cell_key(cell) != before


OVER_OTHERS = ("minimax", "mcts")  # their option `over` names another learner, which is looked up


@pytest.mark.parametrize("name", [name for name in LEARNERS if name not in OVER_OTHERS])
def test_no_learner_looks_into_a_table_so_a_new_game_or_learner_leaves_all_records(name: str) -> None:
    assert not module_sources(LEARNERS[name][0].partition(":")[0]).keys() & set(TABLES)


@pytest.mark.parametrize(
    "change",
    [
        {"game": "mnk-3x3x3"},
        {"learner": "table", "label": "rulelist"},
        {"label": "another"},  # seeds are hashed from it
        {"options": {"language": "patterns"}},
        {"options": {"language": "concepts", "best": True}},
        {"budgets": [1, 2]},
        {"weights": "play"},
        {"seed": 1},
        {"results_at": [2]},
        {"held_out": 0.5},
        {"positions": 100},
    ],
)
def test_every_setting_that_decides_the_result_changes_it(change: dict[str, object]) -> None:
    base = RULES if "learner" not in change else msgspec.structs.replace(RULES, options={})
    assert cell_key(msgspec.structs.replace(base, **change)) != cell_key(base)


def test_every_field_of_a_cell_is_a_setting_or_a_limit() -> None:
    assert set(Cell.__struct_fields__) == {*SETTINGS, "label", "options", "positions"} | set(LIMITS)


def test_a_cell_of_all_positions_has_the_key_that_it_had_before_there_were_samples() -> None:
    """The hash written out, of the settings that there were then."""
    learner = identify(make_learner(RULES.learner, RULES.options), "learner rulelist", ["policies.rules.rulelist"])
    game = keys._game(RULES.game)
    asked = {name: getattr(RULES, name) for name in SETTINGS}
    content = [RULES.id, asked, game.content, learner.content, *keys._sources((*game.modules, *learner.modules), keys.MEASURED_BY)]
    assert cell_key(RULES) == hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:24]


def test_how_samples_are_drawn_decides_the_cells_that_are_fitted_to_one(edit: Edit) -> None:
    sampled = msgspec.structs.replace(RULES, positions=100)
    before = cell_key(RULES), cell_key(sampled)
    edit("policies.sampled_task")
    assert cell_key(RULES) == before[0]
    assert cell_key(sampled) != before[1]


def test_limits_and_the_order_of_options_leave_it() -> None:
    limited = msgspec.structs.replace(RULES, time_limit=1.0, memory_limit=2.0)
    assert cell_key(limited) == cell_key(RULES)
    orders = [{"language": "concepts", "best": True}, {"best": True, "language": "concepts"}]
    assert len({cell_key(msgspec.structs.replace(RULES, options=options)) for options in orders}) == 1


def test_an_option_that_is_given_its_default_leaves_it() -> None:
    assert cell_key(msgspec.structs.replace(RULES, options={"language": "concepts", "best": False})) == cell_key(RULES)


@pytest.mark.parametrize(
    ("library", "changed"),
    [
        ("numpy", ["uniform", "network", "cart"]),
        ("numba", ["uniform", "network", "cart"]),
        ("torch", ["network"]),
        ("constriction", ["network"]),
        ("scikit-learn", ["cart"]),
        ("matplotlib", []),
        ("msgspec", []),
    ],
)
def test_a_library_counts_where_the_learner_uses_it(monkeypatch: pytest.MonkeyPatch, library: str, changed: list[str]) -> None:
    cells = (UNIFORM, NETWORK, CART)
    before = {cell.id: cell_key(cell) for cell in cells}
    installed = keys.libraries
    monkeypatch.setattr(
        keys, "libraries", lambda found: {name: f"{was} again" if name == library else was for name, was in installed(found).items()}
    )
    assert [cell.learner for cell in cells if cell_key(cell) != before[cell.id]] == changed


def test_a_library_is_found_by_the_distribution_that_brings_it() -> None:
    names = ("numpy", "sklearn", "pyspiel", "nowhere")
    assert [distribution_of(name) for name in names] == ["numpy", "scikit-learn", "open-spiel", "nowhere"]


@pytest.mark.parametrize("family", GAMES)
def test_every_game_has_a_key_of_its_own(family: str) -> None:
    examples = GAMES[family][1].split()
    assert len({cell_key(Cell(game, "table", "table")) for game in examples}) == len(examples)


def test_the_sources_are_read_once_for_all_cells_of_a_game_and_a_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    cell_key(Cell("tictactoe", "table", "table"))
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} is read again"))
    assert len({cell_key(Cell("tictactoe", "table", "table", seed=seed)) for seed in range(100)}) == 100


def test_words_count_only_in_modules_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def module(name: str, text: str) -> Module:
        path = tmp_path / f"{name.rpartition('.')[2]}.py"
        path.write_text(text)
        return Module(name, path, (), "", False, None, (0, 0))

    plain, told = "def f(x):\n    return x\n", '"""Tells."""\n# how\ndef f(x):\n    """Gives x."""\n    # at once\n\n    return x\n'
    assert module("games.own", plain).code_digest == module("games.own", told).code_digest
    assert module("games.own", plain).digest != module("games.own", told).digest
    assert module("mine", plain).code_digest != module("mine", told).code_digest
    edited = plain.replace("return x", "return -x")
    assert module("games.own", plain).code_digest != module("games.own", edited).code_digest


def test_nothing_but_words_is_left_out() -> None:
    """Python's tokenizer finds the same statements before and after, but for those that are one string."""

    def statements(source: bytes) -> list[list[str]]:
        found: list[list[str]] = [[]]
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            if token.type == tokenize.NEWLINE:
                found.append([])
            elif token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING):
                found[-1].append(token.string)
        return [each for each in found if not (len(each) == 1 and each[0].startswith(('"', "'", "r")))]

    paths = [path for package in PACKAGES for path in (Path(keys.__file__).parents[2] / package).rglob("*.py")]
    assert len(paths) > 300
    for path in paths[::5]:
        source = path.read_bytes()
        assert statements(without_comments(source)) == statements(source), path
        assert without_comments(b"# said\n\n" + source) == without_comments(source), path
    assert without_comments(b'a = """\n# held\n"""  # told\n') == b'a = """\n# held\n"""  # told'


def test_a_new_line_in_a_table_of_names_leaves_samples_alone(edit: Edit) -> None:
    """How samples are drawn imports the tables, as measuring and reading truth sets do: none of them counts them."""
    sampled = msgspec.structs.replace(RULES, positions=100)
    proved = msgspec.structs.replace(sampled, game="hex-5")  # of a truth set
    assert set(TABLES) <= module_sources(*keys.SAMPLED_BY).keys() | module_sources(*keys.PROVED_BY).keys()
    before = [cell_key(cell) for cell in (sampled, proved)]
    edit("policies.registry")
    edit("games.proof.registry")
    assert [cell_key(cell) for cell in (sampled, proved)] == before
