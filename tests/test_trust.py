"""A file names a game whose code would run: nothing of it runs unless the user names that game too."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import gaincurve
from bench.harness.cell import measure_cell
from bench.harness.policyfile import load_policy, pack, save_policy
from bench.harness.store import policy_path, write_record, write_suite
from bench.harness.untrusted_ids import check_named, runs_code
from bench.suites.grid import Cell
from bench.suites.load import parse_suite
from games.errors import UsageError
from tests.support.shell import Shell

TRAP = "trap_in_a_file"
CODE = "from pathlib import Path\nfrom games.rules.nim import Nim\nPath(__file__).with_name('sprung').touch()\nGAME = Nim((1, 2))\n"


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module that leaves the file `sprung` when it is imported; the folder that it lies in, which is the present one."""
    (tmp_path / f"{TRAP}.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop(TRAP, None)


def test_only_ids_with_a_module_run_code() -> None:
    assert runs_code("os:abort")
    assert runs_code("random-os:abort")
    assert runs_code("openspiel:os:abort")
    assert not runs_code("go-3x4")
    assert not runs_code("openspiel:breakthrough(columns=3,rows=3)")
    assert check_named("os:abort", "a file", "os:abort") == "os:abort"


@pytest.mark.parametrize("parameters", ["breakthrough(columns=999,rows=999)", "efg_game(filename=x.efg)", "efg_game(x=a/b)"])
def test_a_file_gives_openspiel_no_great_sizes_and_no_files(parameters: str) -> None:
    with pytest.raises(UsageError, match="may take any memory or open a file"):
        check_named(f"openspiel:{parameters}", "a file")
    assert check_named(f"openspiel:{parameters}", "a file", f"openspiel:{parameters}") == f"openspiel:{parameters}"
    assert check_named("openspiel:breakthrough(columns=3,rows=3)", "a file")


def test_a_policy_file_runs_no_code_unless_its_game_is_asked_for(trap: Path) -> None:
    save_policy(trap / "sent.policy", pack(f"{TRAP}:GAME", "table", {}, 1, b"\0"))
    with pytest.raises(UsageError, match=f"names the game {TRAP}:GAME, whose code would run"):
        load_policy(trap / "sent.policy")
    assert not (trap / "sprung").exists()
    with pytest.raises(UsageError, match=r"sent\.policy"):  # the bytes are no table, but the game was made
        load_policy(trap / "sent.policy", f"{TRAP}:GAME")
    assert (trap / "sprung").exists()


def test_a_list_runs_no_code(trap: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    (trap / "sent.json").write_text(json.dumps({"game": f"{TRAP}:GAME", "rules": [[]]}))
    status, _, err = Shell(monkeypatch, capfd)("score", "sent.json")
    assert status == 2
    assert f"names the game {TRAP}:GAME, whose code would run" in err
    assert not (trap / "sprung").exists()


def test_the_records_of_a_folder_run_no_code(trap: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    folder = trap / "sent"
    suite = parse_suite(f'name = "sent"\ngames = ["{TRAP}:GAME"]\n[[learners]]\nname = "rulelist"\nbudgets = [1, 2]\n', "sent")
    sys.modules.pop(TRAP)
    (trap / "sprung").unlink()
    cell = Cell(f"{TRAP}:GAME", "rulelist", "rulelist", budgets=[1, 2])
    write_suite(folder, suite)
    measured, _ = measure_cell(Cell("nim-1-2", "rulelist", "rulelist", budgets=[1, 2]), "0" * 24)
    write_record(folder, msgspec.structs.replace(measured, cell=cell, cell_id=cell.id))
    save_policy(policy_path(folder, cell.id), pack(cell.game, "table", {}, 1, b"\0"))
    for verb in (["report"], ["tails", "--refit"], ["axis"], ["export", "--out", "out.csv"], ["status"]):
        Shell(monkeypatch, capfd)(verb[0], "sent", *verb[1:], "--runs", str(trap))
        assert not (trap / "sprung").exists(), verb
    with pytest.raises(UsageError, match="whose code would run"):
        gaincurve.load(folder).policy(cell.id)
    assert not (trap / "sprung").exists()
