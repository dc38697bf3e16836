"""`fit --cell` repeats a cell of a suite: the same file, byte for byte, and the same numbers as its record."""

from pathlib import Path

import pytest

from bench.api import Run, run
from bench.harness.policyfile import read_policy
from bench.harness.store import policy_path
from bench.suites.grid import Cell
from tests.support.shell import Shell

SUITE = """
name = "mine"
games = ["go-2x3", "tictactoe"]
exclude = ["tictactoe/network/*", "tictactoe/random_order/*"]
[[learners]]
name = "network"
options = { steps = 100 }
budgets = [8, 2, 2]
[[learners]]
name = "random_order"
seeds = [0, 1]
[[learners]]
name = "rulelist"
label = "known"
options = { language = "concepts+patterns" }
budgets = [1, 4, 9]
held_out = 0.5
weights = "play"
"""
TIMES = ("fit_seconds", "seconds")


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("cells")
    (folder / "mine.toml").write_text(SUITE)
    return run(folder / "mine.toml", folder / "runs", jobs=1, say=lambda line: None)


def test_the_files_and_the_numbers_are_those_of_the_run(measured: Run, shell: Shell, tmp_path: Path) -> None:
    runs = str(measured.folder.parent)
    assert set(measured.records) == {
        "go-2x3/network/seed=0",
        *(f"go-2x3/random_order/seed={seed}" for seed in (0, 1)),
        *(f"{game}/known/seed=0" for game in ("go-2x3", "tictactoe")),
    }
    for cell_id, record in measured.records.items():
        answer = shell.json("fit", "--cell", cell_id, "--runs", runs, "--out", "again.policy")
        assert (tmp_path / "again.policy").read_bytes() == policy_path(measured.folder, cell_id).read_bytes()
        found = [(point["budget"], point["size"], point["gain"], point["bits"]["policy"], point["results"]) for point in answer["points"]]
        assert found == [(point.budget, point.size, point.gain, point.policy_bits, point.results) for point in record.points]
        assert (answer["random_seed"], answer["weights"], answer["held_out"]) == (
            record.cell.random_seed,
            record.cell.weights,
            record.points[-1].held_out,
        )


def test_a_budget_gives_that_point_alone(measured: Run, shell: Shell, tmp_path: Path) -> None:
    words = ("fit", "--cell", "go-2x3/network/seed=0", "--suite", str(measured.folder))
    answer = shell.json(*words, "--budget", "2", "--out", "two.policy")
    first = measured.record("go-2x3/network/seed=0").points[0]
    assert (answer["budget"], answer["gain"], answer["bits"]["policy"]) == (2, first.gain, first.policy_bits)
    assert 8 * len(read_policy(tmp_path / "two.policy")[1]) == first.policy_bits
    status, _, err = shell(*words, "--budget", "4")
    assert (status, err) == (2, "error: go-2x3/network/seed=0 is not fitted at budget 4; its budgets: 2, 8\n")
    status, _, err = shell("fit", "--cell", "go-2x3/random_order/seed=0", "--suite", str(measured.folder), "--budget", "801")
    (size,) = {point.budget for point in measured.record("go-2x3/random_order/seed=0").points[-1:]}
    assert (status, f"ends at budget {size}, before 801" in err) == (2, True)


def test_the_seed_of_a_cell_is_not_that_of_fit(measured: Run, shell: Shell, tmp_path: Path) -> None:
    """A network of each size is fitted by itself, so plain `fit` finds it too once it is given the cell's random seed."""
    cell = Cell("go-2x3", "network", "network")
    theirs = read_policy(policy_path(measured.folder, cell.id))[1]
    for seed, same in ((0, False), (cell.random_seed, True)):
        shell.json("fit", "network:steps=100", "--game", "go-2x3", "--budget", "8", "--seed", str(seed), "--out", "plain.policy")
        assert (read_policy(tmp_path / "plain.policy")[1] == theirs) == same


def test_runs_come_before_the_suites_of_the_package_which_are_told(measured: Run, shell: Shell) -> None:
    cell = "tictactoe/weighted-list/seed=0"  # quick has budgets up to 64, standard and full up to 128
    status, out, _ = shell("fit", "--cell", cell, "--budget", "4")
    assert status == 0
    assert out.startswith(f"{cell} of quick, whose random seed is {Cell('tictactoe', 'weighted', 'weighted-list').random_seed}\n")
    assert "standard has another cell of this id: --suite standard fits that one" in out
    assert "has another cell" not in shell("fit", "--cell", cell, "--budget", "4", "--suite", "standard")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rulelist", "--cell", "a/b/seed=0"], "--cell repeats a cell as its suite has it: leave LEARNER out"),
        (["--cell", "a/b/seed=0", "--game", "nim-5", "--seed", "0"], "leave --game, --seed out"),
        (["--cell", "tictactoe/tabel/seed=0"], "no run in reports/runs and no suite of this package has the cell 'tictactoe/tabel/seed=0'"),
        (["--cell", "tictactoe/tabel/seed=0", "--suite", "quick"], "quick has no cell 'tictactoe/tabel/seed=0'; did you mean"),
        (["--cell", "tictactoe/table/seed=0", "--suite", "quikc"], "unknown suite 'quikc'; did you mean quick?"),
        (["table", "--game", "nim-5", "--budget", "1", "--suite", "quick"], "give --cell, or leave them out"),
        (["table", "--budget", "1"], "--game is missing"),
        ([], "LEARNER is missing"),
    ],
)
def test_what_it_refuses_in_one_line(shell: Shell, words: list[str], said: str) -> None:
    status, out, err = shell("fit", *words)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert said in err


def test_a_report_prints_the_line_of_every_curve(measured: Run, shell: Shell) -> None:
    assert shell("report", str(measured.folder), "--figures", "none")[0] == 0
    page = "".join(path.read_text() for path in (measured.folder / "games").glob("*.html"))
    shown = [cell_id for cell_id, record in measured.records.items() if record.cell.weights == "uniform"]  # as the suite has
    assert len(shown) == 3
    for cell_id in shown:
        assert f"gaincurve fit --cell {cell_id} --suite {measured.folder}" in page
    table = (measured.folder / "tables" / "records.csv").read_text()
    assert f"gaincurve fit --cell go-2x3/network/seed=0 --suite {measured.folder}" in table
