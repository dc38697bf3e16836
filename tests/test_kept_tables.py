"""Tables of Go boards kept on disk: made once, read as they were written, and every state found again by its place."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bench.harness.expected import expect_solving
from bench.runs.clean import find_garbage
from games.errors import WorkError
from games.go_large import solve as solve_module
from games.go_large.solve import estimate_kept_bytes, solve_large
from games.go_large.table import read_table, table_path
from games.go_large.verify import verify_table
from games.keys.sources import cache_root
from games.rules.go import make
from policies.sampled_task import sampled_task, table_of
from tests.support.shell import Shell


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path))
    table_of.cache_clear()
    assert cache_root() == tmp_path
    yield tmp_path
    table_of.cache_clear()


@pytest.mark.parametrize("size", ["1x5", "2x2", "2x4", "3x3"])
def test_every_place_is_that_of_the_state_there(size: str) -> None:
    """All places, reachable or not; and each canonical state of the graph is found again up to symmetry."""
    game = make(size)
    table = solve_large(game).table
    places = np.arange(len(table.bounds))
    states = table.states_at(places)
    assert len(np.unique(states)) == len(places)
    assert table.place(states).tolist() == places.tolist()
    drawn = game.draw_states(15, 0)
    assert game.fold(table.states_at(table.place(drawn)))[0].tolist() == drawn.tolist()


def test_a_kept_table_is_read_as_it_was_made(cache: Path) -> None:
    game = make("3x3")
    solution = solve_large(game, keep=True)
    table, counts = read_table(table_path(game))
    assert counts == solution.counts
    states = solution.table.states_at(np.arange(len(solution.bounds)))
    for one, other in zip(table.look_up(states), solution.table.look_up(states), strict=True):
        assert one.tolist() == other.tolist()
    size = table_path(game).stat().st_size
    assert not table.bounds.flags.writeable  # it is mapped
    assert size == pytest.approx(estimate_kept_bytes(game), rel=0.3)


def test_a_table_is_made_once_and_every_sample_reads_it(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = sampled_task("go-2x4", 30, 0)
    assert [path.parent.name for path in cache.rglob("go-2x4*.bin")] == ["tables"]
    table_of.cache_clear()
    monkeypatch.delattr(solve_module, "solve_large")
    monkeypatch.setattr("policies.sampled_task.solve_large", None)
    assert sampled_task("go-2x4", 31, 0).solution.value[:30].tolist() == first.solution.value[:30].tolist()


def test_work_on_a_table_that_cannot_be_written_is_not_lost(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    game = make("2x4")

    def full(*_: object) -> None:
        raise WorkError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(solve_module, "write_table", full)
        with pytest.raises(WorkError, match="the disk is full"):
            solve_large(game, keep=True)
    assert not table_path(game).exists()
    again = solve_large(game, keep=True)
    assert "going on from what is stored" in capsys.readouterr().err
    assert read_table(table_path(game))[1].positions == again.counts.positions


@pytest.mark.parametrize("damage", ["cut", "header"])
def test_a_damaged_table_is_refused_in_a_line(cache: Path, damage: str) -> None:
    game = make("2x3")
    solve_large(game, keep=True)
    path = table_path(game)
    content = path.read_bytes()
    path.write_bytes(content[:-70] if damage == "cut" else content.replace(b'"board"', b'"bored"', 1))
    with pytest.raises(WorkError, match=r"is damaged[^\n]*$"):
        read_table(path)


def test_keep_says_what_it_takes_before_it_starts_and_what_it_left(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(monkeypatch, capfd)
    status, out, error = shell("solve", "go-2x3", "--keep")
    assert status == 0
    assert error.startswith("solving go-2x3: about")
    assert "of disk of which" in error
    assert f"its table is kept in {table_path(make('2x3'))}" in out
    answer = shell.json("solve", "go-2x3", "--keep")
    assert answer["is_cached"] is True
    n_places = len(read_table(table_path(make("2x3")))[0].bounds)
    assert shell.json("solve", "go-2x3", "--keep", "--verify")["verified"]["n_states"] == n_places
    assert f"verified for {n_places:,} random states" in shell("solve", "go-2x3", "--keep", "--verify")[1]
    whole = shell.json("solve", "go-2x3")
    for name in ("positions", "terminal", "states", "states_unfolded", "edges", "value", "openings", "cycles"):
        assert answer[name] == whole[name]
    assert expect_solving(make("2x3"), without_graph=True).seconds == 0
    assert expect_solving(make("4x5"), without_graph=True, keep=True).kept_bytes == pytest.approx(2.8e9, rel=0.05)
    status, _, error = shell("solve", "hex-3", "--keep")
    assert (status, error.count("\n")) == (2, 1)
    assert "--keep: only Go is solved without a graph, and hex-3 is not Go" in error


def test_a_wrong_bound_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """All states of a small board are drawn; a bound raised by one is not that of its moves, or not that from which another follows."""
    game = make("2x3")
    table = solve_large(game).table
    n_states = len(np.unique(game.fold(table.states_at(np.arange(len(table.bounds))))[0]))
    assert verify_table(game, table, 20_000) == n_states == len(table.bounds)
    for place in range(0, len(table.bounds), 37):
        for side in (0, 1):
            bounds = table.bounds.copy()
            bounds[place, side] += 1
            with pytest.raises(WorkError, match=r"the table of go-2x3 is wrong: a (lower|upper) bound is not that of the best move"):
                verify_table(game, dataclasses.replace(table, bounds=bounds), 20_000)


def test_tables_of_other_sources_are_garbage(cache: Path) -> None:
    solve_large(make("2x2"), keep=True)
    stale = table_path(make("2x2")).with_name("go-2x2-0123456789abcdef.bin")
    stale.write_bytes(b"old")
    assert [garbage.path for garbage in find_garbage(cache, cache / "runs") if garbage.kind == "kept table"] == [stale.resolve()]
    in_use = find_garbage(cache, cache / "runs", in_use=True)
    assert {garbage.why for garbage in in_use if garbage.kind == "kept table"} == {"other sources made it", "in use"}
