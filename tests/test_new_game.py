"""Adding a game: what `new-game` writes works, `check` finds what is wrong with it, and docs/add-a-game.md says only what is so."""

import doctest
import functools
import importlib
import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.cli.new import WHAT_IS_CHECKED
from games import contract
from games.concepts.concept import CONCEPTS, HasConcepts
from games.conformance.check import check_game
from games.errors import UsageError, WorkError
from games.registry import GAMES, families, make_game
from games.solving.graph import enumerate_graph
from games.solving.solve import solve
from tests.support.shell import Shell

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "add-a-game.md").read_text()
BLOCKS = re.findall(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
TEMPLATE = (ROOT / "bench" / "cli" / "new_game" / "game.py.txt").read_text()
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Workplace:
    """An empty folder in which the command line is run, and whose modules are forgotten afterwards."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder, self.shell = folder, Shell(monkeypatch, capfd)

    def __call__(self, *words: str) -> tuple[int, str, str]:
        return self.shell(*words)

    def json(self, *words: str) -> dict[str, Any]:
        return self.shell.json(*words)

    def write(self, module: str, text: str) -> None:
        (self.folder / f"{module}.py").write_text(text)
        importlib.invalidate_caches()


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Workplace]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = set(sys.modules)
    yield Workplace(tmp_path, monkeypatch, capfd)
    for name, module in [*sys.modules.items()]:
        if name not in before and str(getattr(module, "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def block(file: str) -> str:
    [text] = [text for _, name, text in BLOCKS if name == file]
    return str(text)


def test_what_new_game_writes_passes_its_own_test_and_its_suite_runs(workplace: Workplace) -> None:
    answer = workplace.json("new-game", "seven_cells")
    assert answer["files"] == ["seven_cells.py", "test_seven_cells.py", "seven_cells.toml"] == [Path(file).name for file in answer["files"]]
    assert "NAME" not in "".join((workplace.folder / file).read_text() for file in answer["files"])
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_seven_cells.py"]
    done = subprocess.run(words, cwd=workplace.folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert "3 passed" in done.stdout, done.stdout
    commands = [shlex.split(command)[1:] for command in answer["next"] if command.startswith("gaincurve")]
    assert [words[0] for words in commands] == ["check", "solve", "run", "report"]
    for words in commands:
        status, out, _ = workplace(*words)
        assert status == 0, out
    assert (workplace.folder / "reports" / "runs" / "seven_cells" / "report.html").stat().st_size > 1000


def test_new_game_overwrites_nothing(workplace: Workplace) -> None:
    (workplace.folder / "mine.toml").write_text("precious")
    status, out, err = workplace("new-game", "mine")
    assert (status, out) == (2, "")
    assert err.startswith("error: mine.toml is there already")
    assert [path.name for path in workplace.folder.iterdir()] == ["mine.toml"]
    assert (workplace.folder / "mine.toml").read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Three-Stones", "for example three_stones"),
        ("class", "for example my_game"),
        ("2048", "my_game"),
        ("json", "a module 'json' already"),
    ],
)
def test_a_name_that_cannot_be_a_module_is_refused(workplace: Workplace, name: str, said: str) -> None:
    status, _, err = workplace("new-game", name)
    assert status == 2
    assert said in err
    assert not [*workplace.folder.iterdir()]


def test_check_says_in_words_what_it_checked(workplace: Workplace) -> None:
    names = check_game(make_game("tictactoe"))
    status, out, _ = workplace("check", "--game", "tictactoe")
    assert status == 0
    assert out.startswith(f"tictactoe keeps the contract of a game; {len(names)} things were checked")
    for name in WHAT_IS_CHECKED.keys() & set(names):
        assert f"  {WHAT_IS_CHECKED[name]}\n" in out
    answer = workplace.json("check", "--game", "nim-1-2")
    assert (answer["game"], answer["sound"], answer["problem"]) == ("nim-1-2", True, None)
    assert set(names) - set(answer["checked"]) == {"symmetries", "folding"}
    assert (
        "not checked, since the game lacks what they are about or has more states than were looked at: symmetries, folding, "
        in workplace("check", "--game", "nim-1-2")[1]
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("return -1\n", "return -2\n", "payoff is larger than max_payoff, 1"),
        ("other | (own | 1 << cell) << N", "other | own << N", "endless is false, yet a line of play comes back"),
        ("[states, mirrored]", "[states, states]", "folding leaves states 0x.* alike"),
        ("range(N - 1, -1, -1)", "range(N)", "names a symmetry twice"),
        ("(3,) * N", "(2,) * N", "cells goes beyond cell_levels"),
        ("return -1\n", "return len(None)\n", r"fails with TypeError: object of type 'NoneType' has no len\(\) \(broken.py, line 22\)"),
        ("return 3.0**N / 2", "return 7.0", "says 7 where there are 1,013 states"),
    ],
)
def test_check_finds_the_one_thing_that_was_broken(workplace: Workplace, old: str, new: str, said: str) -> None:
    text = TEMPLATE.replace("NAME", "broken")
    assert text.count(old) == 1
    workplace.write("broken", text.replace(old, new))
    status, out, err = workplace("check", "--game", "broken:GAME")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert re.search(said, err)
    status, out, _ = workplace("check", "--game", "broken:GAME", "--json")
    assert status == 1
    assert json.loads(out)["sound"] is False
    assert re.search(said, json.loads(out)["problem"])


def test_every_verb_takes_a_game_from_outside(workplace: Workplace) -> None:
    workplace.write("outside", TEMPLATE.replace("NAME", "outside"))
    assert workplace.json("solve", "outside:GAME")["states"] == 1_013
    answer = workplace.json("fit", "rulelist:language=lookahead", "--game", "outside:GAME", "--budget", "3", "--out", "three.policy")
    assert answer["game"] == "outside:GAME"
    assert "wins at once" in workplace.json("explain", "three.policy", "--game", "outside:GAME")["explanation"]
    assert workplace.json("compare", "uniform", "table", "--game", "outside:GAME")["game"] == "outside:GAME"
    assert workplace.json("check", "--game", "outside:GAME")["sound"]


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("nowhere_at_all:GAME", UsageError, "there is no module 'nowhere_at_all'"),
        ("elsewhere:GAM", UsageError, "elsewhere has no 'GAM'; did you mean GAME?"),
        ("elsewhere:N", UsageError, "elsewhere:N gives a int: name a Game"),
        ("elsewhere:play", WorkError, "calling elsewhere:play fails: TypeError: play.. missing 1 required"),
        ("elsewhere:Strip", WorkError, "its id is 'elsewhere:GAME', by which it is not found again: let the id be 'elsewhere:Strip'"),
        ("halfway:GAME", WorkError, "cannot import halfway: SyntaxError: .*halfway.py, line 1"),
        ("needy:GAME", WorkError, "cannot import needy: No module named 'not_installed'$"),
        ("older:GAME", WorkError, "cannot import older: No module named 'games.board'; what authors of games need is in games.api"),
    ],
)
def test_a_path_that_leads_to_no_game_is_answered_in_one_line(
    workplace: Workplace, path: str, kind: type[UsageError | WorkError], said: str
) -> None:
    workplace.write("elsewhere", TEMPLATE.replace("NAME", "elsewhere"))
    workplace.write("halfway", "GAME = (\n")
    workplace.write("needy", "import not_installed\n")
    workplace.write("older", "from games.board import draw\n")
    with pytest.raises(kind, match=said) as error:
        make_game(path)
    assert "\n" not in str(error.value)


def test_an_installed_package_registers_its_games(workplace: Workplace) -> None:
    [declared] = [tomllib.loads(text) for language, _, text in BLOCKS if language == "toml"]
    [(name, target)] = declared["project"]["entry-points"]["gaincurve.games"].items()
    module, _, function = target.partition(":")
    site = workplace.folder / "site"
    metadata = site / "strip_games-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: strip-games\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[gaincurve.games]\n{name} = {target}\n")
    game = TEMPLATE.replace("NAME:GAME", name).replace("NAME", module)
    (site / f"{module}.py").write_text(f"{game}\n\ndef {function}(text: str) -> Strip:\n    assert not text\n    return GAME\n")
    assert name not in families()
    workplace.shell.monkeypatch.syspath_prepend(site)
    assert workplace.json("games")["games"][name] == [name]
    assert make_game(name).id == name
    assert workplace.json("check", "--game", name)["sound"]
    assert workplace("solve", "strop")[2] == "error: unknown game 'strop'; did you mean strip?; `gaincurve games` lists all\n"
    assert make_game("strip:GAME") == make_game(name)  # found by its id, though not by this path


def test_the_page_shows_the_whole_module() -> None:
    shown = [text.strip("\n") for _, file, text in BLOCKS if file == "strip.py"]
    assert re.sub(r"\n+", "\n", "\n".join(shown)) == re.sub(r"\n+", "\n", TEMPLATE.replace("NAME", "strip")).strip("\n")
    assert {language for language, _, _ in BLOCKS} == {"console", "python", "toml", "pycon"}
    assert PAGE.count("```") == 2 * len(BLOCKS)


def test_the_sizes_of_modules_are_said_as_they_are() -> None:
    """Counted in the files: the template, the modules of the registry, and those of the table of concepts."""
    rules = {target.partition(":")[0] for target, _ in GAMES.values()}
    concepts = {target.partition(":")[0] for target in CONCEPTS.values()}
    counts = [[(ROOT / (module.replace(".", "/") + ".py")).read_text().count("\n") for module in modules] for modules in (rules, concepts)]
    own, extra = ((min(found), max(found)) for found in counts)
    template = TEMPLATE.count("\n")
    for page in ("docs/add-a-game.md", "README.md"):
        said = " ".join((ROOT / page).read_text().split())
        assert f"writes one of {template} lines" in said, page
        assert f"this project's own games have {own[0]} to {own[1]} lines" in said, page
    assert f"their concepts add {extra[0]} to {extra[1]} lines a module" in " ".join(PAGE.split())


def test_the_optional_members_of_the_page_are_those_of_the_contract() -> None:
    table = PAGE.split("## Optional members")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \| (?:`(\w+)`)? ?\|", table, re.MULTILINE)
    known = {**vars(contract), "HasConcepts": HasConcepts}
    protocols = {name for name, thing in known.items() if getattr(thing, "_is_runtime_protocol", False)}
    assert {name for _, name in rows if name} == protocols
    for members, name in rows:
        for member in re.findall(r"`(\w+)`", members):
            assert not name or hasattr(known[name], member) or member == "fold"


def test_the_game_of_edges_has_the_values_of_trying_everything_out(workplace: Workplace) -> None:
    """Without folding or masks: a box is the set of four edges around it, found from their places in the plane."""
    workplace.write("fence", block("fence.py"))
    game = make_game("fence:GAME")
    graph = enumerate_graph(game)
    edges = [(row, column) for row in range(3) for column in range(5) if (row + column) % 2]
    boxes = [{(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)} for row, column in ((1, 1), (1, 3))]

    @functools.cache
    def value(drawn: frozenset[tuple[int, int]]) -> int:
        if any(box <= drawn for box in boxes):
            return -1
        return max(-value(drawn | {edge}) for edge in edges if edge not in drawn)

    for state, found in zip(graph.states.tolist(), solve(graph).value.tolist(), strict=True):
        assert found == value(frozenset(edge for i, edge in enumerate(edges) if state >> i & 1))
    assert int(graph.multiplicity.sum()) == 2**7  # every set of edges can come about


@pytest.mark.parametrize(
    ("cells", "said"),
    [("EDGES[:-1]", "one cell an action"), ("[15, *EDGES[1:]]", "names a cell beyond -1"), ("EDGES", "")],
)
def test_check_takes_more_cells_than_actions_where_every_action_has_its_cell(workplace: Workplace, cells: str, said: str) -> None:
    workplace.write("fence", block("fence.py").replace("np.array(EDGES)", f"np.array({cells})"))
    answer = workplace.json("check", "--game", "fence:GAME") if not said else {}
    if said:
        with pytest.raises(WorkError, match=said):
            check_game(make_game("fence:GAME"))
    else:
        assert answer["sound"]


def test_the_commands_of_the_page_print_what_it_shows(workplace: Workplace) -> None:
    workplace.write("fence", block("fence.py"))
    n_commands = 0
    for text in [text for language, _, text in BLOCKS if language == "console"]:
        parts = re.split(r"^\$ (.*)\n", text, flags=re.MULTILINE)
        assert parts[0] == ""
        for command, shown in zip(parts[1::2], parts[2::2], strict=True):
            n_commands += 1
            status, out, err = workplace(*shlex.split(command)[1:])
            assert status == 0, err
            assert doctest.OutputChecker().check_output(shown, out, FLAGS), out
    assert n_commands == 8


def test_the_python_session_of_the_page_prints_what_it_shows() -> None:
    text = "\n".join(text for language, _, text in BLOCKS if language == "pycon")
    session = doctest.DocTestParser().get_doctest(text, {}, "add-a-game", "docs/add-a-game.md", 0)
    printed: list[str] = []
    failed, attempted = doctest.DocTestRunner(optionflags=FLAGS).run(session, out=printed.append)
    assert attempted > 5
    assert not failed, "".join(printed)


def test_the_kernel_of_the_page_is_the_plain_game_over_again(workplace: Workplace) -> None:
    plain_text = TEMPLATE.replace("NAME", "slow_strip")
    workplace.write("slow_strip", plain_text)
    text = TEMPLATE.replace("NAME", "fast_strip").replace(", expand_each,", ", njit,")
    head, method, tail = re.split(r"(    def expand\(.*?\n\n)", text, maxsplit=1, flags=re.DOTALL)
    assert "expand_each" in method
    workplace.write("fast_strip", head + block("expand") + "\n" + tail.replace("\n\nGAME =", f"\n\n{block('kernel')}\n\nGAME ="))
    slow, fast = make_game("slow_strip:GAME"), make_game("fast_strip:GAME")
    graph = enumerate_graph(slow)
    for ours, theirs in zip(slow.expand(graph.states), fast.expand(graph.states), strict=True):
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)
    assert len(check_game(fast)) == len(check_game(slow))
    assert solve(graph).value[0] == 0
