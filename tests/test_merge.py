"""Runs of several machines become one, and where they contradict each other nothing is chosen in silence."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bench.harness.cell import measure_cell
from bench.harness.keys import cell_key
from bench.harness.policyfile import load_policy, save_policy
from bench.harness.records import Record
from bench.harness.store import log_path, policy_path, read_record, read_suite, record_path, write_record, write_suite
from bench.runs.merge import merge_runs
from bench.suites.grid import cells
from bench.suites.load import load_suite
from games.errors import UsageError
from tests.support.planted_runs import NETWORKS, RULES, SUITE, plant, point
from tests.support.shell import Shell

RULE, NETWORK = RULES[0].id, NETWORKS[0].id


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_parts_of_a_run_are_put_together_byte_for_byte(tmp_path: Path) -> None:
    ids = [cell.id for cell in cells(SUITE)]
    whole = plant(tmp_path / "whole", {cell_id: [point(i / 10)] for i, cell_id in enumerate(ids)})
    parts = [plant(tmp_path / f"part{k}", {cell_id: [point(i / 10)] for i, cell_id in enumerate(ids) if i % 3 == k}) for k in range(3)]
    result = merge_runs(parts, tmp_path / "all")
    assert result.merged == ids
    assert files(tmp_path / "all") == files(whole)
    assert not result.warnings


def test_the_log_of_the_record_that_is_kept_comes_along(tmp_path: Path) -> None:
    parts = [plant(tmp_path / name, {RULE: [point(0.5)]}) for name in ("a", "b")]
    for part in parts:
        log_path(part, RULE).parent.mkdir()
        log_path(part, RULE).write_text(f"measured in {part.name}\n")
    merge_runs(parts, tmp_path / "all")
    assert log_path(tmp_path / "all", RULE).read_text() == "measured in a\n"


def test_of_a_cell_that_differs_in_timings_only_the_first_record_is_kept(tmp_path: Path) -> None:
    first = plant(tmp_path / "a", {RULE: [point(0.5, seconds=1)]}, cores=2)
    second = plant(tmp_path / "b", {RULE: [point(0.5, seconds=2)]}, cores=64)
    merge_runs([first, second], tmp_path / "all")
    assert files(tmp_path / "all") == files(first)


def test_other_numbers_are_refused_unless_a_run_is_preferred(tmp_path: Path) -> None:
    first, second = plant(tmp_path / "a", {RULE: [point(0.5)]}), plant(tmp_path / "b", {RULE: [point(0.75, bits=24)]})
    with pytest.raises(UsageError) as error:
        merge_runs([first, second], tmp_path / "all")
    for said in (RULE, str(first), str(second), "gain at budget 1 (0.5, 0.75) under the same key", "--prefer"):
        assert said in str(error.value)
    assert not (tmp_path / "all").exists()
    result = merge_runs([first, second], tmp_path / "all", prefer=second)
    assert result.preferred == {RULE: str(second)}
    assert files(tmp_path / "all") == files(second)  # with the policy of that run


def test_another_key_is_refused_too(tmp_path: Path) -> None:
    first, second = (plant(tmp_path / key, {RULE: [point(0.5)]}, {RULE: key}) for key in ("a", "b"))
    with pytest.raises(UsageError, match="other key in"):
        merge_runs([first, second], tmp_path / "all")


def test_limits_and_another_description_make_no_other_suite(tmp_path: Path) -> None:
    first, second = (plant(tmp_path / name, {RULE: [point(0.5)]}) for name in "ab")
    write_suite(second, msgspec.structs.replace(SUITE, description="on the large machine", memory_limit=64.0))
    record = read_record(record_path(second, RULE))
    write_record(second, msgspec.structs.replace(record, cell=msgspec.structs.replace(record.cell, memory_limit=64.0)))
    result = merge_runs([first, second], tmp_path / "all")
    assert (result.merged, result.preferred, result.warnings) == ([RULE], {}, [])
    assert files(tmp_path / "all") == files(first)


def test_other_suites_are_refused_with_what_differs(tmp_path: Path) -> None:
    first, second = (plant(tmp_path / name, {RULE: [point(0.5)]}) for name in "ab")
    write_suite(second, msgspec.structs.replace(SUITE, seeds=[0], description="other"))
    with pytest.raises(UsageError, match="different suites: other seeds; merge"):
        merge_runs([first, second], tmp_path / "all")


def test_as_many_cells_of_which_some_are_others_are_refused_too(tmp_path: Path) -> None:
    first, second = (plant(tmp_path / name, {RULE: [point(0.5)]}) for name in "ab")
    rules, networks = SUITE.learners
    for change in ({"games": ["nim-1-2"]}, {"learners": [rules, msgspec.structs.replace(networks, options={"steps": 7})]}):
        write_suite(second, msgspec.structs.replace(SUITE, **change))
        with pytest.raises(UsageError, match=f"different suites: other {next(iter(change))}; merge"):
            merge_runs([first, second], tmp_path / "all")


def test_a_measured_cell_stands_before_a_failed_one(tmp_path: Path) -> None:
    first, second = plant(tmp_path / "a", {}), plant(tmp_path / "b", {RULE: [point(0.5)]})
    for folder in (first, second):
        write_record(folder, Record(NETWORKS[0], NETWORK, "key", error=f"failed in {folder.name}"))
    write_record(first, Record(RULES[0], RULE, "key", error="failed"))
    result = merge_runs([first, second], tmp_path / "all")
    assert (result.merged, result.failed) == ([RULE], {NETWORK: "failed in a"})
    assert read_record(record_path(tmp_path / "all", NETWORK)).error == "failed in a"
    assert len(result.missing) == len(cells(SUITE)) - 2


@pytest.mark.parametrize("damage", [lambda data: data[:-5], lambda data: data.replace(b"0.5", b"0.6", 1), lambda data: b""])
def test_a_damaged_record_is_left_out_and_named(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    first, second = (plant(tmp_path / name, {RULE: [point(0.5)]}) for name in "ab")
    path = record_path(first, RULE)
    path.write_bytes(damage(path.read_bytes()))
    result = merge_runs([first, second], tmp_path / "all")
    assert files(tmp_path / "all") == files(second)
    assert [str(path) in line for line in result.warnings] == [True]


def test_a_record_that_is_of_another_cell_is_left_out(tmp_path: Path) -> None:
    """A sealed record whose id leads out of the folder is never written anywhere."""
    folder = plant(tmp_path / "a", {RULE: [point(0.5)]})
    outside = Record(RULES[0], "../../outside", "key", points=[point(0.5)])
    write_record(folder, outside)
    made = record_path(folder, "../../outside")
    made.replace(record_path(folder, NETWORK))
    result = merge_runs([folder], tmp_path / "all")
    assert (result.merged, len(result.warnings)) == ([RULE], 1)
    assert set(files(tmp_path)) == {f"{name}/{file}" for name in ("a", "all") for file in files(tmp_path / name)}


@pytest.mark.parametrize(
    "other",
    [{"options": {"best": True}}, {"budgets": [1, 2]}, {"weights": "play"}, {"held_out": 0.5}, {"results_at": [7]}, {"learner": "tree"}],
)
def test_a_record_of_the_same_id_that_asks_for_something_else_is_left_out(tmp_path: Path, other: dict[str, object]) -> None:
    """The id tells a cell's game, label and seed; two versions of a suite can mean different cells by it."""
    first, second = (plant(tmp_path / name, {RULE: [point(0.5)]}) for name in "ab")
    path = record_path(first, RULE)
    record = read_record(path)
    write_record(first, msgspec.structs.replace(record, cell=msgspec.structs.replace(record.cell, **other)))
    result = merge_runs([first, second], tmp_path / "all")
    assert result.warnings == [f"the record {path} is not of the cell {RULE} of this suite; left out"]
    assert files(tmp_path / "all") == files(second)


def test_a_damaged_policy_is_replaced_by_that_of_another_run(tmp_path: Path) -> None:
    first, second = (plant(tmp_path / name, {RULE: [point(0.5)], NETWORK: [point(0.5)]}) for name in "ab")
    policy_path(first, RULE).write_bytes(b"nothing")
    for folder in (first, second):
        policy_path(folder, NETWORK).unlink()
    result = merge_runs([first, second], tmp_path / "all")
    assert policy_path(tmp_path / "all", RULE).read_bytes() == policy_path(second, RULE).read_bytes()
    assert result.without_policy == [NETWORK]
    assert len(result.warnings) == 1


def test_records_of_different_versions_are_told(tmp_path: Path) -> None:
    first = plant(tmp_path / "a", {RULE: [point(0.5)]}, commit="aaa", cores=2)
    second = plant(tmp_path / "b", {NETWORK: [point(0.5)]}, commit="bbb", cores=4)
    (line,) = merge_runs([first, second], tmp_path / "all").warnings
    assert line == f"records were made with different versions of commit: aaa in {first}, bbb in {second}"


def test_a_failed_merge_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = plant(tmp_path / "a", {RULE: [point(0.5)]})

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("bench.runs.merge.write_suite", full)
    with pytest.raises(OSError, match="No space"):
        merge_runs([folder], tmp_path / "all")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_run_that_exists_is_not_written_over(tmp_path: Path) -> None:
    folder = plant(tmp_path / "a", {RULE: [point(0.5)]})
    with pytest.raises(UsageError, match="exists: give --out a new name"):
        merge_runs([folder], folder)


def test_the_verb_merges_what_was_measured_and_run_keeps_it_all(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(monkeypatch, capfd)
    Path("small.toml").write_text('name = "small"\ngames = ["nim-1-2"]\n[[learners]]\nname = "table"\n[[learners]]\nname = "uniform"\n')
    suite = load_suite("small.toml")
    for name, cell in zip(("here", "there"), cells(suite), strict=True):
        record, policy = measure_cell(cell, cell_key(cell))
        write_suite(Path(name), suite)
        write_record(Path(name), record)
        save_policy(policy_path(Path(name), cell.id), policy)
    status, out, _ = shell("merge", "here", "there", "--out", "small")
    assert (status, out) == (0, "2 cells of 2 runs in reports/runs/small\n")
    assert shell.json("run", "small.toml", "--jobs", "1")["kept"] == ["nim-1-2/table/seed=0", "nim-1-2/uniform/seed=0"]
    assert load_policy(policy_path(Path("reports/runs/small"), "nim-1-2/table/seed=0"))[2].size > 0
    assert read_suite(Path("reports/runs/small")) == read_suite(Path("here"))
    assert shell.json("merge", "here", "--out", "part")["missing"] == ["nim-1-2/uniform/seed=0"]
    assert "none of the runs to merge" in shell("merge", "here", "--out", "again", "--prefer", "small")[2]
