import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from games.errors import UsageError
from policies.registry import parse_learner
from tests.support.shell import Shell

ROOT = Path(__file__).parents[1]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def test_listing_the_games_is_quick_and_imports_neither_numba_nor_torch() -> None:
    script = (
        "import sys; sys.argv = ['gaincurve', 'games', '--json']\nfrom bench.__main__ import main\n"
        "try: main()\nexcept SystemExit as done: assert not done.code\n"
        "print(sorted({'numba', 'torch', 'matplotlib', 'scipy', 'pyspiel'} & set(sys.modules)), file=sys.stderr)"
    )
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
    assert set(json.loads(done.stdout)["games"]) >= {"tictactoe", "go", "nim"}
    assert time.perf_counter() - began < 5  # a second on an idle machine; this one is seldom idle


def test_solve_prints_the_published_facts_of_tictactoe(shell: Shell) -> None:
    answer = shell.json("solve", "tictactoe")
    assert (answer["states"], answer["terminal"], answer["positions"]) == (765, 138, 765 - 138)
    assert answer["states_unfolded"] == 5478
    assert (answer["value"], answer["cycles"]) == (0, 0.0)
    assert answer["openings"] == dict.fromkeys(["a1", "a2", "a3", "b1", "b2", "b3", "c1", "c2", "c3"], 0)  # every opening draws
    assert isinstance(answer["seconds"], float)


def test_solve_shows_that_go_2x3_has_cycles(shell: Shell) -> None:
    answer = shell.json("solve", "go-2x3")
    assert answer["value"] == 0  # van der Werf's thesis, table 5.1
    assert 0 < answer["cycles"] < 1
    assert "pass" in answer["openings"]


def test_solve_says_what_it_verified(shell: Shell) -> None:
    verified = shell.json("solve", "tictactoe", "--verify")["verified"]
    assert verified["n_states"] == 765
    assert verified["longest_proof"] == 9  # a drawn game fills the board
    status, out, _ = shell("solve", "go-2x3", "--verify")
    assert status == 0
    assert "verified for every state and move" in out
    assert "every bound that beats endless play has a proof that ends" in out
    assert "verified" not in shell("solve", "go-2x3")[1]


def test_fit_writes_a_policy_that_explain_reads(shell: Shell, tmp_path: Path) -> None:
    answer = shell.json("fit", "rulelist:language=concepts", "--game", "tictactoe", "--budget", "2", "--out", "two.policy")
    assert answer["size"] == 2
    assert answer["gain"] + answer["residual"] == pytest.approx(1)
    header, _, data = (tmp_path / "two.policy").read_bytes().partition(b"\n")
    assert json.loads(header)["learner"] == "rulelist"
    assert answer["bits"]["policy"] == 8 * len(data)
    assert answer["bits"]["codelength"] == answer["bits"]["policy"] + answer["bits"]["exceptions"]
    explained = shell.json("explain", "two.policy")
    assert explained["bits"] == answer["bits"]["policy"]
    assert "1. Play a move that completes your line" in explained["explanation"]
    status, out, _ = shell("explain", "two.policy")
    assert (status, out) == (0, explained["explanation"] + "\n")


@pytest.mark.parametrize(("seat", "length"), [("first", 3), ("second", 5), ("both", 5)])  # exhaustive search, see facts.toml
def test_the_shortest_list_that_never_loses_comes_with_its_certificate(shell: Shell, seat: str, length: int) -> None:
    answer = shell.json("fit", "rulelist", "--game", "tictactoe", "--language", "concepts", "--shortest", "--seat", seat)
    assert answer["size"] == answer["shortest"]["length"] == length
    assert answer["grades"]["never_loses_first"] or seat == "second"
    assert answer["grades"]["never_loses_second"] or seat == "first"
    assert answer["shortest"]["beginnings"]


def test_run_and_report_leave_a_page_and_figures(shell: Shell, tmp_path: Path) -> None:
    suite = 'name = "small"\ngames = ["nim-1-2"]\n[[learners]]\nname = "rulelist"\n[[learners]]\nname = "table"\n'
    (tmp_path / "small.toml").write_text(suite)
    assert shell.json("run", "small.toml", "--jobs", "1")["failed"] == {}
    answer = shell.json("report")
    assert answer["missing"] == []
    figures = {f"figure{n}{width}.{form}" for n in "12" for width in ("", "-narrow") for form in ("png", "svg", "pdf")}
    pages = {"report.html", *figures, "figure1.caption.md", "figure2.caption.md"}
    assert {Path(name).name for name in answer["files"]} > {*pages, "axis.csv", "panel-C.png", "panel-C.svg", "panel-C.pdf"}
    assert all((tmp_path / name).stat().st_size > 800 for name in answer["files"] if Path(name).name in pages)
    answer = shell.json("report", "small", "--figures", "none")
    files = {Path(name) for name in answer["files"]}
    assert {path.name for path in files if path.suffix != ".csv"} == {*pages, "nim-1-2.html"}  # a page for each game
    assert set((tmp_path / "reports/runs/small/figures").glob("*")) == set()
    status, _, err = shell("report", "small", "--figures", "gif")
    assert (status, "none" in err) == (2, True)


def test_info_names_versions_and_the_cache(shell: Shell) -> None:
    answer = shell.json("info")
    assert set(answer["libraries"]) >= {"numpy", "numba", "torch"}
    assert Path(answer["cache"]).is_dir()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("sovle tictactoe", 2, "did you mean solve or score?"),
        ("frobnicate", 2, "known: axis, bound, check, clean, compare, compress, diagnose, diff, dimension, explain, exploit, export"),
        ("solve", 2, "Missing argument"),
        ("solve tictactoo", 2, "unknown game 'tictactoo'; did you mean tictactoe?"),
        ("solve go-9x9", 2, "at most 25 points"),
        ("solve go-5x5", 1, "too large to enumerate"),
        ("solve tictactoe --jsno", 2, "--jsno"),
        ("fit tabel --game tictactoe --budget 1", 2, "unknown learner 'tabel'; did you mean table"),
        ("fit table --game tictactoe --budget -3", 2, "budget -3 is below 1"),
        ("fit table --game tictactoe --budget many", 2, "'--budget'"),
        ("fit table --game tictactoe", 2, "table needs a budget: how many entries may it use? give --budget N"),
        ("fit table --game tictactoe --budget 3 --language concepts", 2, "learner table has no option 'language'"),
        (
            "fit rulelist --game tictactoe --budget 3 --semantics first",
            2,
            "rulelist option semantics='first': give one of first-match, lexicographic",
        ),
        ("fit rulelist --game tictactoe --shortest --grade never_lose", 2, "unknown grade 'never_lose'; did you mean never_loses?"),
        ("fit rulelist --game tictactoe --shortest --seat frist", 2, "unknown seat 'frist'; did you mean first?"),
        ("fit table --game tictactoe --shortest", 2, "write rulelist, not table"),
        ("fit rulelist:language --game tictactoe --budget 3", 2, "write options as NAME=VALUE"),
        ("fit table --game tictactoe --budget 3 --weights pay", 2, "weights"),
        ("explain nothing.policy", 2, "cannot read nothing.policy"),
        ("compare table uniform --game tictactoe --out figure.bmp", 2, "figures are written as .png, .svg or .pdf"),
        ("run quikc", 2, "unknown suite 'quikc'; did you mean quick?"),
        ("run quick --jobs 0", 2, "--jobs 0 is below 1"),
        ("report", 2, "no run in reports/runs"),
        ("report nothing", 2, "no run 'nothing'"),
    ],
)
def test_bad_input_gives_one_line_and_the_right_status(shell: Shell, words: str, status: int, said: str) -> None:
    found, out, err = shell(*words.split())
    assert found == status
    assert out == ""
    assert err.startswith("error: ")
    assert said in err
    assert err.count("\n") == 1


def test_a_learner_is_written_with_its_options() -> None:
    assert parse_learner("network") == ("network", {})
    options = {"language": "concepts+patterns", "support": 12, "best": True}
    assert parse_learner("rulelist:language=concepts+patterns,support=12,best=true") == ("rulelist", options)
    with pytest.raises(UsageError, match="NAME=VALUE"):
        parse_learner("rulelist:best")
    with pytest.raises(UsageError, match="option 'best' is given twice"):
        parse_learner("rulelist:best=true,best=false")


def test_options_are_read_in_their_own_types() -> None:
    name, options = parse_learner("network:learning_rate=0.05,steps=1e3,depth=2,equivariant=true,architecture=mlp")
    assert name == "network"
    assert options == {"learning_rate": 0.05, "steps": 1000, "depth": 2, "equivariant": True, "architecture": "mlp"}
    assert [type(value) for value in options.values()] == [float, int, int, bool, str]
