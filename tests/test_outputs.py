"""Where answers go: files that are refused before the work, and a stdout that is closed, full or no longer read."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from bench.terminal import emit_json
from bench.wording import show
from games.solving.store import check_writable, write_atomically
from tests.support.limit_games import N_PLIES
from tests.support.shell import Shell

ROOT = Path(__file__).parents[1]
LONG = "a" * 250 + ".png"  # a file system takes names of 255 bytes, but a file is first written beside itself


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


VERBS = {
    "fit --out": "fit table --game frobnicate --budget 1 --out",  # the game is unknown, which is found out by work
    "compare --out": "compare table uniform --game frobnicate --out",
    "compress --out": "compress --game frobnicate --stages prune-10 --out",
    "score --out": "score frobnicate --out",
    "explain --list": "explain frobnicate --list",
    "export --out": "export frobnicate --out",
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_file_that_cannot_be_written_is_refused_before_the_work_under_the_users_own_name(shell: Shell, verb: str) -> None:
    words, option = VERBS[verb].split(), verb.split()[1]
    ending = {"compare": ".png", "export": ".csv"}.get(words[0], "")
    Path(f"folder{ending}").mkdir()
    Path("file").touch()
    for path, said in (
        (f"folder{ending}", "this is a folder"),
        (f"file/x{ending}", "file is a file, not a folder"),
        (f"/proc/nowhere/x{ending}", "cannot write there"),  # nobody may make a file there
        (f"{'a' * 250}{ending}", "cannot write there: File name too long"),
    ):
        status, out, err = shell(*words, path)
        assert (status, out) == (2, "")
        assert err.startswith(f"error: {option} {path}: {said}")
        assert err.count("\n") == 1
    assert sorted(path.name for path in Path().iterdir()) == ["file", f"folder{ending}"]


def test_a_folder_that_cannot_be_written_is_refused_before_the_work(shell: Shell) -> None:
    Path("file").touch()
    for path in ("file", "file/deep/er"):
        status, _, err = shell("diagnose", "--train", "network", "--game", "frobnicate", "--budget", "1", "--out", path)
        assert (status, err.count("\n")) == (2, 1)
        assert err.startswith(f"error: --out {path}: ")
        assert err.endswith("file is a file, not a folder; name another place\n")


def test_a_failed_write_names_the_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError) as error:
        write_atomically(tmp_path / "folder", [b"x"])
    assert error.value.filename == str(tmp_path / "folder")
    check_writable(tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def gaincurve(redirection: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The command line in a shell, with its stdout or stderr sent elsewhere."""
    line = f'"$0" -m bench "$@" {redirection}'
    command = ["bash", "-c", f"set -o pipefail; {line}", sys.executable, *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("words", [["games"], ["games", "--json"]])
def test_a_stdout_that_takes_nothing_is_told_in_one_line(words: list[str]) -> None:
    for redirection, said in ((">&-", "standard output is closed"), (">/dev/full", "No space left on device")):
        done = gaincurve(redirection, *words)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert done.stderr.startswith("error: ")
        assert said in done.stderr
    done = gaincurve("| true", *words)
    assert (done.returncode in (0, 1), done.stderr) == (True, "")  # 0 where all was written before the reader ended


def test_a_closed_stderr_sends_no_error_to_stdout() -> None:
    done = gaincurve("2>&-", "gmaes")
    assert (done.returncode, done.stdout) == (2, "")


def test_json_and_tables_hold_no_number_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    emit_json({"a": [math.inf, {"b": -math.inf}], "c": (math.nan, 1.5), "d": "NaN"})
    assert json.loads(capsys.readouterr().out, parse_constant=pytest.fail) == {"a": [None, {"b": None}], "c": [None, 1.5], "d": "NaN"}
    assert [show(value) for value in (math.inf, -math.inf, math.nan, 0.5)] == ["-", "-", "-", "0.5000"]


def test_a_report_of_more_games_than_a_double_holds_has_their_logarithm(shell: Shell) -> None:
    suite = 'name = "row"\ngames = ["tests.support.limit_games:ROW"]\n[[learners]]\nname = "uniform"\n'
    suite += '[[learners]]\nname = "table"\nbudgets = [1]\n'
    suite += '[[learners]]\nname = "rulelist"\noptions = { language = "positions" }\nbudgets = [1]\n'
    Path("row.toml").write_text(suite)
    assert shell.json("run", "row.toml", "--jobs", "1", "--executor", "serial")["failed"] == {}
    (record,) = Path("reports/runs/row/records").glob("*uniform*.json")
    (point,) = json.loads(record.read_text(), parse_constant=pytest.fail)["record"]["points"]
    digits = pytest.approx(N_PLIES * math.log10(2))  # two moves at each ply
    assert point["games_left"] == {"first": digits, "second": digits, "plies": 0}
    status, _, _ = shell("report", "row", "--figures", "none")
    assert status == 0
    page = "".join(path.read_text() for path in Path("reports/runs/row").rglob("*.html"))
    assert "308.25" in page
    assert not any(word in page for word in ("nan%", "nan ", ">nan<", "inf%", ">inf<", ">-inf<"))
