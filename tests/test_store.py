"""Records and suites on disk: read back as written, through every schema, and refused in one line when they are not sound."""

import contextlib
import json
import math
import os
import string
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.harness.policyfile import is_last_policy, pack, save_policy
from bench.harness.records import MIGRATIONS, SCHEMA, failure
from bench.harness.store import (
    CellStatus,
    _checksum,
    cell_status,
    comparable_status,
    copy_log,
    file_stem,
    find_run,
    log_path,
    policy_path,
    read_record,
    read_suite,
    record_path,
    write_record,
    write_suite,
)
from bench.suites.grid import Cell, cells
from bench.suites.load import load_suite, parse_suite
from games.errors import GaincurveError, WorkError
from tests.support.report_planted import point
from tests.support.report_planted import record as planted

OLD = Path(__file__).parent / "records" / "schema-1.json"  # written by the version that came before schema 2
QUICK = load_suite("quick")
N_FUZZED = int(os.environ.get("GAINCURVE_FUZZED", "100"))
fuzzed = settings(
    max_examples=N_FUZZED, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([10**400, -(2**63), "\ud800", "../.."])
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=8
)


def seal(content: Any) -> bytes:
    return json.dumps({"sha256": _checksum(content), "record": content}).encode()


def test_a_record_of_schema_1_reads_as_one_of_the_present() -> None:
    written = json.loads(OLD.read_text())["record"]
    assert written["schema"] == 1
    record = read_record(OLD)
    assert (record.schema, record.cell.time_limit, record.memory_mib, record.traceback) == (SCHEMA, None, None, "")
    assert record.cell_id == record.cell.id == written["cell_id"]
    assert [point.exception_bits for point in record.points] == [point["exception_bits"] for point in written["points"]]
    assert record.seconds == written["seconds"]
    assert "cpu" not in record.seconds


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = msgspec.structs.replace(read_record(OLD), memory_mib=123.5)
    write_record(tmp_path, record)
    assert read_record(record_path(tmp_path, record.cell_id)) == record
    assert not list(tmp_path.glob("*/*.partial"))


def test_there_is_a_way_from_every_schema_to_the_next() -> None:
    assert sorted(MIGRATIONS) == list(range(1, SCHEMA))


def test_a_record_of_a_later_schema_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "later.json"
    path.write_bytes(seal({"schema": SCHEMA + 1, "something": "else"}))
    with pytest.raises(WorkError) as error:
        read_record(path)
    assert str(error.value) == f"the record {path} has schema {SCHEMA + 1}, this version reads up to {SCHEMA}: install a newer gaincurve"


def test_a_record_under_the_name_of_another_cell_is_damaged(tmp_path: Path) -> None:
    record = read_record(OLD)
    write_record(tmp_path, record)
    other = record_path(tmp_path, "nim-3-4-5/table/seed=0")
    record_path(tmp_path, record.cell_id).rename(other)
    why = f"the record {other} is damaged: it says that it is of nim-3-4-5/uniform/seed=0"
    assert cell_status(tmp_path, "nim-3-4-5/table/seed=0") == ("damaged", why, None)


def test_without_a_name_the_run_that_was_worked_on_last_is_meant(tmp_path: Path) -> None:
    for name, seconds in (("b", 3000), ("c", 9000), ("a", 6000)):
        write_suite(tmp_path / name, msgspec.structs.replace(QUICK, name=name))
        os.utime(tmp_path / name / "suite.json", (seconds, seconds))
    assert find_run(None, tmp_path) == tmp_path / "c"
    os.utime(tmp_path / "a" / "suite.json", (9999, 9999))
    assert find_run(None, tmp_path) == tmp_path / "a"
    assert find_run("b", tmp_path) == find_run(str(tmp_path / "b"), tmp_path / "elsewhere") == tmp_path / "b"


def test_a_failure_stands_with_its_reason_and_is_no_measure(tmp_path: Path) -> None:
    record = msgspec.structs.replace(read_record(OLD), error="out of memory", points=[])
    write_record(tmp_path, record)
    found = cell_status(tmp_path, record.cell_id)
    assert (found.state, found.measured, found.record, str(found)) == ("failed", None, record, "failed: out of memory")
    write_record(tmp_path, msgspec.structs.replace(record, error=""))
    assert str(cell_status(tmp_path, record.cell_id)) == "failed: no policy was measured"
    write_record(tmp_path, read_record(OLD))
    assert cell_status(tmp_path, record.cell_id).measured == read_record(OLD)
    assert str(cell_status(tmp_path, "another")) == "missing: not measured yet"


@pytest.mark.parametrize("other", [{"game": "nim-1-3"}, {"learner": "tree"}, {"size": 3}, {"data": b"123456789"}])
def test_a_policy_file_is_that_of_a_record_only_if_all_of_it_fits(tmp_path: Path, other: dict[str, Any]) -> None:
    record = read_record(OLD)
    last = msgspec.structs.replace(record.points[-1], size=2, policy_bits=64)
    cell = msgspec.structs.replace(record.cell, game="nim-1-2", learner="table")
    record = msgspec.structs.replace(record, points=[*record.points[:-1], last], cell=cell)
    path, fits = tmp_path / "any.policy", {"game": "nim-1-2", "learner": "table", "size": 2, "data": b"12345678"}
    for told, answer in ((fits, True), ({**fits, **other}, False)):
        save_policy(path, pack(told["game"], told["learner"], {}, told["size"], told["data"]))
        assert is_last_policy(record, path) == answer


def test_a_record_under_weights_of_its_own_is_held_against_no_other(tmp_path: Path) -> None:
    record = read_record(OLD)
    write_record(tmp_path, record)
    for weights, other in (("uniform", "play"), ("play", "uniform")):
        cell = msgspec.structs.replace(record.cell, weights=weights)
        write_record(tmp_path, msgspec.structs.replace(record, cell=cell))
        same = msgspec.structs.replace(QUICK, weights=weights)
        assert comparable_status(tmp_path, same, cell).measured == read_record(record_path(tmp_path, cell.id))
        found = comparable_status(tmp_path, msgspec.structs.replace(QUICK, weights=other), cell)
        assert found == CellStatus("not compared", found.reason, found.record)
        assert str(found) == f"not compared: measured with weights = {weights!r}, where the suite has {other!r}"
    missing = msgspec.structs.replace(record.cell, seed=99)
    assert str(comparable_status(tmp_path, QUICK, missing)) == "missing: not measured yet"


def test_a_log_that_cannot_be_read_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    log = log_path(tmp_path / "a", "x")
    log.parent.mkdir(parents=True)
    log.write_text("said\n")
    copy_log(tmp_path / "a", tmp_path / "b", "x")
    assert log_path(tmp_path / "b", "x").read_text() == "said\n"
    monkeypatch.setattr(Path, "read_bytes", refuse)
    copy_log(tmp_path / "a", tmp_path / "c", "x")
    assert not (tmp_path / "c").exists()


def test_a_failure_keeps_where_it_was_raised_and_says_what_in_one_line(tmp_path: Path) -> None:
    def raise_planted() -> None:
        raise RuntimeError("as planned,\nin two lines")

    cell = Cell("tictactoe", "table", "table")
    try:
        raise_planted()
    except RuntimeError as error:
        write_record(tmp_path, failure(cell, "key", error, {"total": 1.0}))
    record = read_record(record_path(tmp_path, cell.id))
    assert record.error == "RuntimeError: as planned, in two lines"
    assert "in raise_planted" in record.traceback
    assert record.traceback.startswith("Traceback (most recent call last):\n")
    assert failure(cell, "key", WorkError("too large"), {}).error == "too large"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"sha256": 1}', b"\xff\xfe", b'{"sha256": "", "record": {}}', seal([]), seal({})],
)
def test_what_is_no_record_or_suite_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "suite.json"
    path.write_bytes(content)
    with pytest.raises(WorkError, match="is damaged") as error:
        read_record(path)
    assert "\n" not in str(error.value)
    with pytest.raises(WorkError, match="is damaged or missing"):
        read_suite(tmp_path)


def test_what_is_no_file_or_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkError, match="is damaged"):
        read_record(tmp_path)
    with pytest.raises(WorkError, match="cannot be read: No such file"):
        read_record(tmp_path / "none.json")
    monkeypatch.setattr("bench.harness.store.MAX_BYTES", OLD.stat().st_size - 1)
    with pytest.raises(WorkError, match="is damaged: it is no file of at most"):
        read_record(OLD)


@fuzzed
@given(cut=st.integers(0, OLD.stat().st_size - 1), junk=st.binary(max_size=40))
def test_a_cut_or_overwritten_record_is_damaged(tmp_path: Path, cut: int, junk: bytes) -> None:
    sound = OLD.read_bytes()
    changed = sound[:cut] + junk + sound[cut + len(junk) :] if junk else sound[:cut]
    path = tmp_path / "record.json"
    path.write_bytes(changed)
    with contextlib.suppress(WorkError):
        assert read_record(path) == read_record(OLD)  # white space, or a number written otherwise


@fuzzed
@given(data=st.data(), value=values)
def test_a_crafted_record_with_a_right_checksum_is_a_record_or_damaged(tmp_path: Path, data: st.DataObject, value: Any) -> None:
    content = json.loads(OLD.read_text())["record"]
    place: Any = content
    while True:
        key = data.draw(st.sampled_from(sorted(place))) if isinstance(place, dict) else data.draw(st.integers(0, len(place) - 1))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans()):
            place = place[key]
        else:
            break
    place[key] = value
    path = tmp_path / "record.json"
    path.write_bytes(seal(content))
    try:
        record = read_record(path)
    except WorkError:
        return
    write_record(tmp_path, record)
    assert record_path(tmp_path, record.cell_id).parent == tmp_path / "records"


@fuzzed
@given(data=st.data(), value=values)
def test_a_crafted_suite_is_a_suite_or_damaged(tmp_path: Path, data: st.DataObject, value: Any) -> None:
    content = msgspec.to_builtins(QUICK)
    content[data.draw(st.sampled_from(sorted(content)))] = value
    (tmp_path / "suite.json").write_text(json.dumps(content))
    try:
        suite = read_suite(tmp_path)
    except WorkError:
        return
    for cell in cells(suite):
        assert record_path(tmp_path, cell.id).parent == tmp_path / "records"


def test_a_suite_that_would_list_too_many_cells_is_damaged(tmp_path: Path) -> None:
    write_suite(tmp_path, msgspec.structs.replace(QUICK, seeds=list(range(10**6))))
    with pytest.raises(WorkError, match="is damaged"):
        read_suite(tmp_path)


@fuzzed
@given(text=st.text(alphabet=string.printable, max_size=200), cut=st.integers(0, 200))
def test_a_malformed_suite_file_is_refused_on_purpose(text: str, cut: int) -> None:
    sound = 'name = "small"\ngames = ["tictactoe"]\n[[learners]]\nname = "table"\nbudgets = [1, 2]\n'
    with contextlib.suppress(GaincurveError):
        assert cells(parse_suite(sound[:cut] + text + sound[cut:], "small.toml"))


ids = st.text(alphabet=string.ascii_letters + "/_._-=~:\0é ", max_size=12)


@fuzzed
@given(first=ids, second=ids)
def test_no_two_cells_share_a_file_and_none_leads_out_of_the_folder(first: str, second: str) -> None:
    folder = Path("run")
    for path in (record_path(folder, first), policy_path(folder, first)):
        assert path.parent in (folder / "records", folder / "policies")
        assert path.resolve().is_relative_to(folder.resolve())
    assert (file_stem(first) == file_stem(second)) == (first == second)


@pytest.mark.parametrize(
    ("first", "second"), [("a/b", "a__b"), ("a_/b", "a/_b"), ("a:b", "a_b"), ("a b", "a:b"), ("x" * 300, "x" * 301), ("a/b", "a\0b")]
)
def test_ids_that_look_alike_as_file_names_are_told_apart(first: str, second: str) -> None:
    assert file_stem(first) != file_stem(second)
    assert max(len(file_stem(first)), len(file_stem(second))) < 240
    assert not set(file_stem(first) + file_stem(second)) & set("/\0: ")


def test_a_number_without_end_is_null_in_a_record_written_and_read(tmp_path: Path) -> None:
    points = [point(1, 0.5, games_left={"first": math.inf, "second": -math.inf, "plies": 0}, missing_bits=math.nan)]
    written = planted("nim-1-2", "table", points)
    write_record(tmp_path, written)
    text = record_path(tmp_path, written.cell_id).read_text()
    assert json.loads(text, parse_constant=pytest.fail)["record"]["points"][0]["games_left"] == {"first": None, "second": None, "plies": 0}
    read = read_record(record_path(tmp_path, written.cell_id)).points[0]
    assert (read.games_left, read.missing_bits, read.digits_left) == ({"first": None, "second": None, "plies": 0}, None, None)
    old = tmp_path / "old.json"  # of a version that wrote Infinity, which no reader of JSON has to take
    old.write_bytes(seal(msgspec.to_builtins(written)))
    assert "Infinity" in old.read_text()
    assert read_record(old).points[0] == read
