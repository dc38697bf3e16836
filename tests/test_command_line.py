"""What all verbs have in common: help, completion, options, hints that run, and what is said of long work."""

import ast
import dataclasses
import html
import json
import re
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import msgspec
import pytest

from bench import terminal
from bench.__main__ import PANELS, VERBS
from bench.harness import expected
from bench.harness.expected import expect_solving
from bench.harness.store import read_record
from bench.suites.load import parse_suite
from bench.tails.curves import curve_of_record, pool
from bench.terminal import progress, repeating
from bench.wording import count_units
from games.conformance.check import check_game
from games.errors import UsageError, WorkError, nearest
from games.registry import make_game
from policies.rules.human import FOLDER
from tests.support.shell import Shell
from tests.test_new_game import TEMPLATE, Workplace
from tests.test_store import seal

ROOT = Path(__file__).parents[1]
CLI = sorted((ROOT / "bench" / "cli").glob("*.py"))
REFERENCE = ROOT / "reports" / "reference" / "records"


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Workplace]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = {*sys.modules}
    yield Workplace(tmp_path, monkeypatch, capfd)
    for name in {*sys.modules} - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def test_every_verb_stands_in_a_panel_of_the_help_and_both_words_ask_for_it(shell: Shell) -> None:
    status, long, _ = shell("--help")
    assert (status, shell("-h")[1]) == (0, long)
    places = [long.index(f"─ {title} ─") for title in PANELS]
    assert places == sorted(places)
    assert sum(map(len, PANELS.values())) == len(VERBS)
    for verb in VERBS:
        assert re.search(rf"^│ {verb} ", long, re.MULTILINE), verb
    assert shell("solve", "-h") == shell("solve", "--help")


def test_the_version_is_that_of_info(shell: Shell) -> None:
    status, out, _ = shell("--version")
    assert (status, out) == (0, f"gaincurve {shell.json('info')['gaincurve']}\n")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("co", ["compare", "compress"]),
        ("fit rul", ["rulelist"]),
        ("fit rulelist --game go-", ["go-2x3", "go-3x3", "go-3x4"]),
        ("solve misere", ["misere_nim-3-4-5"]),
        ("run qu", ["quick"]),
        ("report sm", ["small"]),
        ("tails --runs else of", ["of_mine"]),
    ],
)
def test_a_shell_completes_verbs_games_learners_suites_and_runs(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: str, found: list[str]
) -> None:
    for run in ("reports/runs/small", "else/of_mine"):
        Path(run).mkdir(parents=True)
        (Path(run) / "suite.json").touch()
    monkeypatch.setenv("_GAINCURVE_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", f"gaincurve {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split())))
    assert shell()[1].split() == found


def test_an_option_that_verbs_share_is_defined_once() -> None:
    strings = [
        node.value
        for path in CLI
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert [strings.count(flag) for flag in ("--json", "--runs")] == [1, 1]
    shared = [node.targets[0].id for node in ast.parse((ROOT / "bench/cli/options.py").read_text()).body if isinstance(node, ast.Assign)]  # type: ignore[attr-defined]
    for path in CLI:
        if path.name != "options.py":
            defined = [
                node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            ]
            assert not set(defined) & {*shared}, path.name


def test_fit_needs_no_budget_where_there_is_no_choice(shell: Shell) -> None:
    n_rules = len(json.loads((FOLDER / "newell_simon.json").read_text())["rules"])
    assert shell.json("fit", "human", "--game", "tictactoe")["size"] == n_rules
    assert shell.json("fit", "uniform", "--game", "tictactoe")["gain"] == 0
    assert shell.json("fit", "perfect", "--game", "tictactoe")["gain"] == 1
    assert shell.json("fit", "shortest", "--game", "tictactoe")["size"] == 5  # exhaustive search: tests/facts.toml
    status, _, err = shell("fit", "rulelist", "--game", "tictactoe")
    assert (status, err) == (2, "error: rulelist needs a budget: how many rules may it use? give --budget N\n")


def test_a_list_that_ends_before_its_budget_says_why(shell: Shell) -> None:
    words = ("fit", "rulelist", "--game", "nim-3-4-5", "--language", "concepts")
    why = "it has fewer than 5 rules because no further rule gains\n"  # Bouton (1901): one rule, leave the sum of the heaps zero, wins
    assert why in shell(*words, "--budget", "5")[1]
    assert "because" not in shell(*words, "--budget", "1")[1]
    answer = shell.json(*words, "--budget", "5")
    assert (answer["size"], answer["is_finished"]) == (1, True)


def test_one_learner_is_compared_with_nobody(shell: Shell) -> None:
    status, out, err = shell("compare", "table", "--game", "nim-1-2", "--budgets", "1,2")
    assert (status, err) == (0, "")
    assert "table on nim-1-2" in out
    assert "leader" not in out
    assert "One seed only" not in out
    assert shell.json("compare", "table", "--game", "nim-1-2", "--budgets", "1,2")["leads"] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 3", "name: give a text, not 3"),
        ("games = []", "the key 'name' is missing"),
        ('name = "a"\n[[learners]]\nname = "table"\nbudgets = [1, "x"]', "learners 1, budgets 2: give a whole number, not 'x'"),
        ('name = "a"\ntime_limit = "long"', "time_limit: give a number or nothing, not 'long'"),
        ('name = "a"\n[[learners]]\nname = "table"\nvary = { b = [1], a = 3 }', "learners 1, vary, a: give a list, not 3"),
        ('name = "a"\n[[learners]]\nlabel = "table"', "learners 1: the key 'name' is missing"),
        ('name = "a"\nlearners = ["table"]', "learners 1: give a table of keys, not 'table'"),
        ('name = "a"\nseeds = [1.5]', "seeds 1: give a whole number, not 1.5"),
    ],
)
def test_a_suite_is_refused_in_the_words_of_its_keys(text: str, said: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_suite(text, "mine.toml")
    assert str(error.value) == f"mine.toml: {said}"


def test_a_record_is_refused_in_the_words_of_its_keys(tmp_path: Path) -> None:
    content = json.loads((REFERENCE / "nim-3-4-5__uniform__seed=0.json").read_text())["record"]
    path = tmp_path / "one.json"
    for change, said in (
        ({"cell": {**content["cell"], "seed": "x"}}, "cell, seed: give a whole number, not 'x'"),
        ({"seconds": {"fit": 1.0, "total": "long"}}, "seconds, total: give a number, not 'long'"),
        ({"points": [{**content["points"][0], "gain": None}]}, "points 1, gain: give a number, not None"),
    ):
        path.write_bytes(seal({**content, **change}))
        with pytest.raises(WorkError) as error:
            read_record(path)
        assert str(error.value) == f"the record {path} is damaged: {said}"
    path.write_text("[1, 2")
    with pytest.raises(WorkError, match="is damaged: it is not JSON in UTF-8"):
        read_record(path)


def test_only_what_is_near_is_suggested() -> None:
    assert nearest("nosuch", ["euchre", "chess"]) == "known: chess, euchre"  # three letters of six in common
    assert nearest("sovle", ["score", "solve"]) == "did you mean solve or score?"


def test_a_game_that_openspiel_lacks_is_no_card_game(shell: Shell) -> None:
    pytest.importorskip("pyspiel")
    status, _, err = shell("solve", "openspiel:nosuch")
    assert (status, "did you mean" in err) == (2, False)
    assert "did you mean tic_tac_toe" in shell("solve", "openspiel:tictactoe")[2]


@pytest.mark.parametrize(
    ("n", "unit", "said"),
    [
        (1, "leaves", "1 leaf"),
        (2, "leaves", "2 leaves"),
        (1, "entries", "1 entry"),
        (1, "hidden units", "1 hidden unit"),
        (1, "policies", "1 policy"),
        (0, "rules", "0 rules"),
    ],
)
def test_one_of_many_is_called_by_its_name(n: int, unit: str, said: str) -> None:
    assert count_units(n, unit) == said


def test_solve_says_which_time_is_which(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path / "cache"))
    assert re.search(r"^enumerated and solved in \S+ s, ready after \S+ s$", shell("solve", "nim-1-2")[1], re.MULTILINE)
    assert re.search(r"^solved in \S+ s when it was made; read in \S+ s now$", shell("solve", "nim-1-2")[1], re.MULTILINE)
    assert shell.json("solve", "nim-1-2")["is_cached"]
    assert not shell.json("solve", "nim-1-2", "--rebuild")["is_cached"]


def test_patterns_are_refused_on_a_game_without_a_board(shell: Shell) -> None:
    status, _, err = shell("fit", "rulelist", "--game", "nim-3-4-5", "--language", "patterns", "--budget", "2")
    assert status == 2
    assert err == "error: nim-3-4-5 has no board, so language 'patterns' is empty: give concepts, cells or positions\n"
    assert shell("fit", "rulelist", "--game", "nim-3-4-5", "--language", "concepts+patterns", "--budget", "2")[0] == 0


def test_a_fit_that_has_ended_gets_no_advice_to_fit_more() -> None:
    record = read_record(REFERENCE / "go-3x3__rulelist__seed=0.json")
    one = record.points[:1]  # of a size of its own, far from perfect
    cut = {"points": one, "budgets": [point.budget for point in one]}
    with pytest.raises(UsageError, match="it has a single size, so give more budgets"):
        curve_of_record(msgspec.structs.replace(record, **cut, is_finished=False))
    with pytest.raises(UsageError, match="it has a single size, after which no further rule gains"):
        curve_of_record(msgspec.structs.replace(record, **cut, is_finished=True))
    curve = curve_of_record(record)
    short = dataclasses.replace(curve, sizes=curve.sizes[:2], residuals=curve.residuals[:2], replicates=curve.replicates[:, :2])
    for is_finished, end in ((False, "common: fit all seeds at the same budgets$"), (True, "common$")):
        with pytest.raises(UsageError, match=end):
            pool([dataclasses.replace(short, is_finished=is_finished)] * 2)


INNER = (  # stones on the inner cells alone: six actions on eight cells
    ("    n_actions = N\n", "    n_actions = N - 2\n"),
    ("range(N - 1, -1, -1)])", "range(N - 1, -1, -1)]), action_cell=np.arange(1, N - 1)"),
    ("if own | other == FULL:", "if own | other == FULL & ~1 & ~(1 << N - 1):"),
    ("for cell in range(N) if", "for cell in range(1, N - 1) if"),
    ("{cell: other", "{cell - 1: other"),
    ("return self.board.symmetries", "return np.array([range(N - 2), range(N - 3, -1, -1)])"),
    ("cell_name(self.board, action)", "cell_name(self.board, action + 1)"),
)


def test_a_board_may_have_more_cells_than_actions_where_their_cells_are_given(workplace: Workplace) -> None:
    text = TEMPLATE.replace("NAME", "inner")
    for old, new in INNER:
        assert old in text, old
        text = text.replace(old, new)
    workplace.write("inner", text)
    assert "symmetries" in check_game(make_game("inner:GAME"))
    for module, old, new, said in (
        (
            "nowhere",
            ", action_cell=np.arange(1, N - 1)",
            "",
            "has 8 cells but there are 6 actions: give the cell of each",
        ),
        ("beyond", "np.arange(1, N - 1))", "np.arange(3, N + 1))", "action_cell names a cell beyond"),
        ("too_few", "np.arange(1, N - 1))", "np.arange(1, N - 2))", r"action_cell is int64 \(5,\), not int64 \[6\]"),
    ):
        assert old in text
        workplace.write(module, text.replace(old, new).replace("inner:GAME", f"{module}:GAME"))
        with pytest.raises(WorkError, match=said):
            check_game(make_game(f"{module}:GAME"))


def hints(text: str) -> Iterator[list[str]]:
    """The commands in backquotes, and those in the code of a page, without those that have a place to fill."""
    for command in re.findall(r"(?:`|<code>)(gaincurve [^`<]*)", text):
        words = shlex.split(html.unescape(command))[1:]
        if not {"CELL", "RUN", "SUITE"} & {*words}:
            yield words


@pytest.mark.parametrize("game", ["openspiel:nim(pile_sizes=1;2)", "mine:GAME", "nim-1-2"])
def test_every_hint_runs_as_it_is_printed(workplace: Workplace, game: str) -> None:
    if game.startswith("openspiel:"):
        pytest.importorskip("pyspiel")
    workplace.write("mine", TEMPLATE.replace("NAME", "mine"))
    folder = Path("a folder; of mine")
    text = f'name = "own"\ngames = ["{game}"]\n[[learners]]\nname = "table"\nbudgets = [1, 2]\n'
    text += '[[learners]]\nname = "rulelist"\noptions = { language = "cells" }\n'
    folder.mkdir()
    (folder / "own.toml").write_text(text)
    said = []
    for words in (
        ["fit", "rulelist", "--language", "cells", "--game", game, "--budget", "2", "--out", f"{folder}/two.policy"],
        ["explain", f"{folder}/two.policy", "--game", game, "--list", f"{folder}/two.json"],
        ["run", f"{folder}/own.toml", "--runs", str(folder), "--jobs", "1"],
        ["run", f"{folder}/own.toml", "--jobs", "1"],
        ["report", f"{folder}/own"],
        ["report", "own"],
    ):
        status, out, err = workplace(*words)
        assert status == 0, err
        said.append(out)
    said += [page.read_text() for place in (folder, Path("reports/runs")) for page in (place / "own").rglob("*.html")]
    found = {tuple(words): None for text in said for words in hints(text)}
    assert {"explain", "score", "run", "report", "fit", "tails", "axis"} <= {words[0] for words in found}
    for words in found:
        status, _, err = workplace(*words)
        assert status == 0, (words, err)


def test_a_report_writes_files_whose_names_are_legal_everywhere(workplace: Workplace) -> None:
    workplace.write("mine", TEMPLATE.replace("NAME", "mine"))
    Path("own.toml").write_text('name = "own"\ngames = ["mine:GAME"]\n[[learners]]\nname = "table"\nbudgets = [1, 2, 4, 8]\n')
    assert workplace("run", "own.toml", "--jobs", "1")[0] == 0
    files = [Path(name) for name in workplace.json("report", "own")["files"]]
    assert any(path.parent.name == "figures" for path in files)
    assert all(re.fullmatch(r"[^<>:\"/\\|?*\x00-\x1f]+[^ .]", path.name) for path in files)  # Microsoft's rules, the strictest
    pages = "".join(path.read_text() for path in files if path.suffix == ".html")
    linked = {html.unescape(link) for link in re.findall(r'href="(?:../)?((?:figures|tables)/[^"]*)"', pages)}
    assert {files[0].parent / unquote(link) for link in linked} == {path for path in files if path.parent.name in ("figures", "tables")}


def test_a_dry_run_says_what_to_expect_and_solves_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path / "cache"))
    answer = shell.json("solve", "nim-3-4-5", "--dry-run")
    assert (answer["is_exact"], answer["states"]) == (False, make_game("nim-3-4-5").estimate_states())
    assert not list((tmp_path / "cache").glob("truth/*"))
    n_states = shell.json("solve", "nim-3-4-5")["states"]
    answer = shell.json("solve", "nim-3-4-5", "--dry-run")
    assert (answer["is_exact"], answer["states"], answer["seconds"]) == (True, n_states, 0.0)
    status, out, _ = shell("solve", "go-5x5", "--dry-run")
    assert status == 0
    assert "it would be refused: at most 8.0 GB of memory" in out  # games/go_large/solve.py, MAX_MEMORY


def test_time_is_judged_by_the_solved_games_of_the_family(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By hand: 10 s for 1,000,000 states and one size alone, so in proportion; the slower time of the same game is passed over."""
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path))
    (tmp_path / "truth").mkdir()
    for name, game, seconds in (("a", "hex-4", [8, 2]), ("b", "hex-4", [80, 20]), ("c", "nim-9-9-9", [1e6, 0])):
        header = {"game": game, "seconds": seconds, "arrays": [{"name": "graph.states", "shape": [1_000_000]}]}
        (tmp_path / "truth" / f"{name}.bin").write_text(json.dumps(header) + "\n")
    game = make_game("hex-3x4")
    assert expect_solving(game).seconds == pytest.approx(10 * game.estimate_states() / 1e6)
    assert expect_solving(game).source == "judged by 1 solved game"


def test_long_work_is_announced_and_short_work_is_not(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shell("fit", "table", "--game", "nim-1-2", "--budget", "1")[2] == ""
    monkeypatch.setattr(expected, "LONG", -1.0)
    monkeypatch.setattr(expected, "MIN_STATES", 0)
    (Path("reports") / "reference").mkdir(parents=True)
    (Path("reports") / "reference" / "records").symlink_to(REFERENCE)
    lines = shell("fit", "table", "--game", "nim-3-4-5", "--budget", "1")[2].splitlines()
    assert re.fullmatch(r"solving nim-3-4-5: .* states, .* of memory, .* of disk, .*", lines[0])
    assert re.fullmatch(r"fitting table on nim-3-4-5: about \d+ s, [\d,]+ MiB \(judged by table on \d+ games\)", lines[1])


def test_a_pipe_gets_a_line_soon_and_then_every_half_minute(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert (terminal.FIRST_SECONDS, terminal.LINE_SECONDS) == (10, 30)
    monkeypatch.setattr(terminal, "FIRST_SECONDS", 0.05)
    with progress() as bars:
        bars.add_task("solving", total=None)
        time.sleep(0.3)
    assert capsys.readouterr().err == "solving: 0 s so far\n"
    monkeypatch.setattr(terminal, "LINE_SECONDS", 0.02)
    with progress(8) as bars:
        bars.add_task("fitting", total=8, completed=3)
        time.sleep(0.2)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2
    assert set(lines) == {"fitting: 0 s so far, 3 of 8 done"}
    time.sleep(0.1)
    assert capsys.readouterr().err == ""  # nothing is said once the work is done


def test_what_repeats_ends_with_its_block() -> None:
    said = SimpleNamespace(times=0)

    def say() -> None:
        said.times += 1

    with repeating(say, 0.01):
        time.sleep(0.1)
    before = said.times
    time.sleep(0.05)
    assert 0 < before == said.times
