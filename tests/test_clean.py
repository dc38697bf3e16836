"""Cleaning frees what nothing needs, and never a valid record, a committed file or anything behind a link."""

import fcntl
import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from bench.harness.cell import measure_cell
from bench.harness.keys import cell_key
from bench.harness.policyfile import save_policy
from bench.harness.records import Record
from bench.harness.store import policy_path, record_path, write_record, write_suite
from bench.runs.clean import Garbage, delete, find_garbage, parse_age
from bench.suites.grid import Cell, cells
from bench.suites.load import parse_suite
from games.errors import UsageError, WorkError
from games.keys.sources import code_hash, source_hash
from games.proof.cache import cache_path
from games.registry import make_game
from games.solving.store import load_truth, truth_path
from policies.selfplay.checkpoint import STATE, kept_in, save_state, settings_of
from policies.selfplay.learner import SelfPlayLearner
from policies.selfplay.loop import first_state
from tests.support.shell import Shell

SUITE = parse_suite('name = "s"\ngames = ["nim-1-2"]\nseeds = [0, 1, 2]\n[[learners]]\nname = "table"\n', "s.toml")
VALID, FAILED, STALE = cells(SUITE)
DAY = 86400.0


@pytest.fixture(scope="module")
def measured() -> dict[str, tuple[Record, bytes]]:
    """Two cells, measured before the tests have caches of their own, so that no kernel is compiled for them."""
    return {cell.id: measure_cell(cell, key) for cell, key in ((VALID, cell_key(VALID)), (STALE, "another key"))}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: dict[str, tuple[Record, bytes]]) -> tuple[Path, Path]:
    """A cache and a folder of runs with one run: a valid record, a failed one and one that is out of date."""
    cache, runs = tmp_path / "cache", tmp_path / "reports" / "runs"
    monkeypatch.setenv("GAINCURVE_CACHE", str(cache))
    run = runs / "s"
    write_suite(run, SUITE)
    for cell_id, (record, policy) in measured.items():
        write_record(run, record)
        save_policy(policy_path(run, cell_id), policy)
    write_record(run, Record(FAILED, FAILED.id, cell_key(FAILED), error="as planned"))
    return cache, runs


def put(path: Path, days: float = 0.0, content: bytes = b"12345") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - days * DAY,) * 2)
    return path


def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() or path.is_symlink()}


def test_solved_games_and_kernels_of_other_sources_go_and_those_of_these_stay(places: tuple[Path, Path]) -> None:
    cache, runs = places
    load_truth(make_game("nim-1-2"))
    kept = truth_path(make_game("nim-1-2"))
    stale = put(cache / "truth" / "nim-1-2-0000000000000000.bin", content=kept.read_bytes())
    unknown = put(cache / "truth" / "chess-0000000000000000.bin", content=b'{"game": "chess"}\n')
    put(cache / "truth" / "torn-0000000000000000.bin")
    stale_kernel = put(cache / "kernels" / "00000000deadbeef" / "games_1" / "nim.expand-12.py311.nbi").parents[1]
    foreign = put(cache / "kernels" / "00000000deadbee0" / "x_1" / "my_own_game.expand-12.py311.nbi")
    current = put(cache / "kernels" / source_hash("games.rules.nim") / "games_1" / "nim.expand-12.py311.nbi")
    begun = put(cache / "unfinished" / f"go-5x5-{code_hash('games.go_large.solve')}" / "level-1.bin")
    stale_work = put(cache / "unfinished" / "go-5x5-0000000000000000" / "level-1.bin").parent
    found = find_garbage(cache, runs)
    assert {garbage.path for garbage in found} == {stale, stale_kernel, stale_work}
    assert {garbage.kind: garbage.bytes for garbage in found} == {"solved game": kept.stat().st_size, "kernels": 5, "unfinished work": 5}
    in_use = {garbage.path for garbage in find_garbage(cache, runs, in_use=True)} - {garbage.path for garbage in found}
    assert {kept, current.parents[1], begun.parent} <= in_use
    assert not {unknown, foreign.parents[1]} & in_use


def test_runs_of_self_play_go_where_no_source_would_go_on_from_them(places: tuple[Path, Path]) -> None:
    """A run that was begun, the same under a name of other sources, and two that cannot be read."""
    cache, runs = places
    learner, game = SelfPlayLearner(units=2), make_game("nim-1-2")
    settings = settings_of(learner, game, 0)
    kept = kept_in(game, settings)
    save_state(kept, settings, first_state(learner, game, 0))
    state = (kept / STATE).read_bytes()
    stale = put(cache / "selfplay" / "nim-1-2-0000000000000000" / STATE, content=state).parent
    put(cache / "selfplay" / "chess-0000000000000000" / STATE, content=state.replace(b'"nim-1-2"', b'"chess-2"'))
    put(cache / "selfplay" / "torn-0000000000000000" / STATE)
    assert {garbage.path for garbage in find_garbage(cache, runs) if garbage.kind == "unfinished work"} == {stale}
    assert {garbage.path for garbage in find_garbage(cache, runs, in_use=True) if garbage.kind == "unfinished work"} == {stale, kept}


def test_proved_values_go_where_other_sources_proved_them(places: tuple[Path, Path]) -> None:
    cache, runs = places
    kept = put(cache_path(make_game("go-2x3")))
    stale = put(cache / "proofs" / "go-2x3-0000000000000000.blocks")
    left = put(cache / "proofs" / f"go-2x3-0000000000000000.blocks.{dead()}-17.partial", 1)
    assert {garbage.path for garbage in find_garbage(cache, runs)} == {stale, left}
    assert {garbage.path for garbage in find_garbage(cache, runs, in_use=True)} == {stale, left, kept}


def test_only_what_is_older_goes(places: tuple[Path, Path]) -> None:
    cache, runs = places
    for days in (1, 10, 100):
        put(cache / "kernels" / f"{days:016d}" / "nim.expand-12.py311.nbi", days)
    counts = [len(find_garbage(cache, runs, older=days * DAY)) for days in (0, 5, 50, 500)]
    assert counts == [3, 2, 1, 0]


def test_a_folder_is_as_old_as_the_newest_file_in_it(places: tuple[Path, Path]) -> None:
    cache, runs = places
    for days in (1, 100):
        put(cache / "kernels" / "0000000000000001" / f"nim.expand-{days}.py311.nbi", days)
    assert [len(find_garbage(cache, runs, older=days * DAY)) for days in (0.5, 50)] == [1, 0]


def test_leftovers_of_a_killed_process_go_and_what_is_being_written_stays(places: tuple[Path, Path]) -> None:
    cache, runs = places
    left, mine = dead(), os.getpid()
    gone = {
        put(cache / "truth" / f"go-3x3-abc.bin.{left}-17.partial", 1),
        put(runs / "s" / "records" / f"x.json.{left}-17.partial", 1),
        put(runs / "s" / f"suite.json.{left}-17.partial", 1),
        put(runs / f"all.{left}.partial" / "suite.json", 1).parent,  # a merge that was killed
    }
    put(cache / "truth" / f"go-3x3-abc.bin.{mine}-17.partial", 1)  # its writer lives
    put(runs / "s" / "policies" / f"x.policy.{left}-17.partial")  # just now, perhaps by a machine that shares the disk
    assert {garbage.path for garbage in find_garbage(cache, runs)} == gone


def test_only_records_that_would_be_measured_anew_go_and_only_when_asked(places: tuple[Path, Path]) -> None:
    cache, runs = places
    run = runs / "s"
    assert find_garbage(cache, runs) == []
    found = find_garbage(cache, runs, records=True)
    assert {garbage.path for garbage in found} == {record_path(run, STALE.id), policy_path(run, STALE.id)}
    record_path(run, FAILED.id).write_text("{")
    assert record_path(run, FAILED.id) in {garbage.path for garbage in find_garbage(cache, runs, records=True)}
    before = record_path(run, VALID.id).read_bytes()
    for garbage in find_garbage(cache, runs, records=True, in_use=True):
        delete(garbage, cache, runs)
    assert files(run) == {
        "suite.json",
        *(f"{kind}s/nim-1-2__table__seed=0.{end}" for kind, end in (("record", "json"), ("policie", "policy"))),
    }
    assert record_path(run, VALID.id).read_bytes() == before


def test_a_record_whose_game_cannot_be_had_here_is_not_called_damaged(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(cell: Cell) -> str:
        raise WorkError(f"calling {cell.game} fails")

    monkeypatch.setattr("bench.runs.clean.cell_key", fail)
    assert find_garbage(*places, records=True) == []


def test_a_run_that_is_worked_on_or_committed_is_left_alone(places: tuple[Path, Path]) -> None:
    cache, runs = places
    with (runs / "s" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert find_garbage(cache, runs, records=True) == []
    assert find_garbage(cache, runs, records=True) != []
    git = ["git", "-C", str(runs.parent)]
    subprocess.run([*git, "init", "-q"], check=True)
    assert find_garbage(cache, runs, records=True) != []  # in a checkout, but not in git
    subprocess.run([*git, "add", "runs/s/suite.json"], check=True)
    assert find_garbage(cache, runs, records=True) == []


def test_the_reference_results_of_this_checkout_are_never_found() -> None:
    root = Path(__file__).parents[1]
    found = find_garbage(root / "nothing", root / "reports", records=True)
    assert not [garbage for garbage in found if "reference" in garbage.path.parts]


def test_links_are_neither_followed_nor_deleted(places: tuple[Path, Path], tmp_path: Path) -> None:
    cache, runs = places
    outside = put(tmp_path / "outside" / "00000000deadbeef" / "nim.expand-12.py311.nbi", 9).parents[1]
    load_truth(make_game("nim-1-2"))
    for place in (cache / "kernels", cache / "unfinished"):
        place.symlink_to(outside)
    (cache / "truth" / "nim-1-2-0000000000000000.bin").symlink_to(truth_path(make_game("nim-1-2")))
    (runs / "linked").symlink_to(runs / "s")
    found = find_garbage(cache, runs, records=True)
    assert {garbage.path for garbage in found} == {record_path(runs / "s", STALE.id), policy_path(runs / "s", STALE.id)}
    for path in (outside / "00000000deadbeef", cache / "kernels" / "00000000deadbeef", cache / "kernels"):
        with pytest.raises(WorkError, match="left alone"):
            delete(Garbage(path, "kernels", "planted", 5, 0.0), cache, runs)
    assert (outside / "00000000deadbeef" / "nim.expand-12.py311.nbi").exists()


def test_a_kernel_folder_with_a_link_inside_is_deleted_without_following_it(places: tuple[Path, Path], tmp_path: Path) -> None:
    cache, runs = places
    precious = put(tmp_path / "precious" / "file")
    folder = put(cache / "kernels" / "00000000deadbeef" / "nim.expand-12.py311.nbi").parent
    (folder / "link").symlink_to(precious.parent)
    (garbage,) = find_garbage(cache, runs)
    assert garbage.bytes == 5
    delete(garbage, cache, runs)
    assert not folder.exists()
    assert precious.exists()


@pytest.mark.parametrize(("text", "days"), [("12h", 0.5), ("30d", 30), ("2w", 14), ("0d", 0), ("1.5d", 1.5)])
def test_ages_are_read(text: str, days: float) -> None:
    assert parse_age(text) == days * DAY


@pytest.mark.parametrize("text", ["30", "d", "-1d", "1y", "", "1 d", "\u0661d"])
def test_other_ages_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"--older {text!r}: give a number with h, d or w")):
        parse_age(text)


def test_the_verb_shows_first_and_deletes_only_when_told(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    cache, runs = places
    shell = Shell(monkeypatch, capfd)
    put(cache / "kernels" / "00000000deadbeef" / "nim.expand-12.py311.nbi", 40)
    before = files(cache) | files(runs)
    status, out, err = shell("clean", "--records", "--runs", str(runs))
    assert (status, err) == (0, "")
    assert "kernels other sources made them 1 5 B" in " ".join(out.split())
    assert str(record_path(runs / "s", STALE.id)) in out  # records are always named
    assert "deadbeef" not in out
    assert "deadbeef" in shell("clean", "--list", "--runs", str(runs))[1]
    assert "3 items" in out
    assert out.rstrip().endswith("nothing was deleted; --yes deletes them")
    assert files(cache) | files(runs) == before
    answer = shell.json("clean", "--older", "30d", "--yes", "--records", "--runs", str(runs))
    assert (answer["deleted"], answer["bytes"], [part["kind"] for part in answer["found"]]) == (True, 5, ["kernels"])
    assert before - (files(cache) | files(runs)) == {"kernels/00000000deadbeef/nim.expand-12.py311.nbi"}
    assert shell("clean", "--older", "soon")[0] == 2
