"""A run keeps what it has measured and measures what is missing, out of date, damaged or asked for."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.harness.cell import measure_cell
from bench.harness.plan import plan
from bench.harness.policyfile import load_policy, pack, save_policy
from bench.harness.run import Tally, Watcher, run_suite
from bench.harness.store import log_path, policy_path, read_record, record_path, write_record
from bench.report.run_data import read_evidence
from bench.suites.grid import Cell
from bench.suites.load import parse_suite
from games.errors import UsageError, WorkError

SUITE = parse_suite(
    """
    name = "small"
    games = ["tictactoe"]
    [[learners]]
    name = "uniform"
    [[learners]]
    name = "table"
    budgets = [1, 4, 400]
    """,
    "small.toml",
)
TABLE, UNIFORM = "tictactoe/table/seed=0", "tictactoe/uniform/seed=0"


def run(folder: Path, **options: Any) -> tuple[Tally, list[str]]:
    lines: list[str] = []
    watcher = Watcher(planned=lambda todo, kept: None, finished=lambda record: None, warned=lines.append)
    return run_suite(SUITE, folder, watcher, **options), lines


QUIET = Watcher(planned=lambda todo, kept: None, finished=lambda record: None, warned=lambda line: None)


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Tally]:
    """The folder of a run of the suite, for tests to copy, and what became of its cells."""
    folder = tmp_path_factory.mktemp("measured") / "small"
    return folder, run(folder, jobs=1)[0]


@pytest.fixture
def done(tmp_path: Path, measured: tuple[Path, Tally]) -> Path:
    """A folder of one's own in which the suite has been run."""
    return Path(shutil.copytree(measured[0], tmp_path / "small"))


def test_a_second_run_keeps_every_record_and_force_measures_again(done: Path, measured: tuple[Path, Tally]) -> None:
    assert sorted(measured[1].measured) == [TABLE, UNIFORM]
    before = record_path(done, TABLE).read_bytes()
    again, _ = run(done, jobs=1)
    assert (again.measured, sorted(again.kept)) == ([], [TABLE, UNIFORM])
    assert record_path(done, TABLE).read_bytes() == before
    forced, _ = run(done, jobs=1, force=True, only="*/uniform/*")
    assert forced.measured == [UNIFORM]


LARGER = parse_suite(
    """
    name = "larger"
    games = ["tictactoe"]
    time_limit = 1000
    [[learners]]
    name = "uniform"
    [[learners]]
    name = "table"
    budgets = [1, 4, 400]
    [[learners]]
    name = "perfect"
    """,
    "larger.toml",
)
PERFECT = "tictactoe/perfect/seed=0"


def test_what_another_run_beside_it_has_measured_is_copied(done: Path) -> None:
    larger = done.with_name("larger")
    log_path(done, TABLE).write_text("said once\n")
    tally = run_suite(LARGER, larger, QUIET, executor="serial")
    assert (tally.measured, sorted(tally.kept)) == ([PERFECT], [TABLE, UNIFORM])
    assert tally.taken == {UNIFORM: str(done), TABLE: str(done)}
    assert policy_path(larger, TABLE).read_bytes() == policy_path(done, TABLE).read_bytes()
    assert log_path(larger, TABLE).read_text() == "said once\n"
    before, after = (read_record(record_path(folder, TABLE)) for folder in (done, larger))
    assert after == msgspec.structs.replace(before, cell=msgspec.structs.replace(before.cell, time_limit=1000))
    assert not read_evidence(larger).stale
    again = run_suite(LARGER, larger, QUIET, executor="serial")
    assert (again.measured, again.taken, len(again.kept)) == ([], {}, 3)
    forced = run_suite(LARGER, larger, QUIET, executor="serial", force=True, only="*/table/*")
    assert (forced.measured, forced.taken) == ([TABLE], {})


def test_there_is_no_record_without_its_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is full between the two files leaves the policy alone: a record says that there is one."""

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("bench.harness.run.save_policy", full)
    with pytest.raises(WorkError, match="No space left"):
        run(tmp_path / "small", executor="serial")
    assert not list((tmp_path / "small").rglob("records/*.json"))


def test_a_policy_is_copied_before_its_record(done: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("bench.harness.run.save_policy", full)
    with pytest.raises(WorkError, match="No space left"):
        run_suite(LARGER, done.with_name("larger"), QUIET, executor="serial", only="*/table/*")
    assert not list(done.with_name("larger").rglob("records/*.json"))


def test_what_is_out_of_date_here_is_taken_from_a_run_that_has_it(done: Path) -> None:
    shutil.copytree(done, done.with_name("other"))
    write_record(done, msgspec.structs.replace(read_record(record_path(done, TABLE)), key="0" * 24))
    tally, _ = run(done, jobs=1)
    assert (tally.measured, tally.taken) == ([], {TABLE: str(done.with_name("other"))})


def test_what_a_killed_run_was_writing_is_cleared_away(done: Path) -> None:
    left = [done / "records" / "x.json.1-2.partial", done / "policies" / "x.policy.1-2.partial"]
    for path in left:
        path.write_bytes(b"half of it")
    run(done, jobs=1)
    assert not any(path.exists() for path in left)


def other_key(run: Path) -> None:
    write_record(run, msgspec.structs.replace(read_record(record_path(run, TABLE)), key="0" * 24))


def cut_policy(run: Path) -> None:
    policy_path(run, TABLE).write_bytes(policy_path(run, TABLE).read_bytes()[:-1])


def cut_record(run: Path) -> None:
    record_path(run, TABLE).write_bytes(record_path(run, TABLE).read_bytes()[:-9])


def policy_of_another(run: Path) -> None:
    shutil.copyfile(policy_path(run, UNIFORM), policy_path(run, TABLE))


@pytest.mark.parametrize("harm", [other_key, cut_policy, cut_record, policy_of_another])
def test_what_is_out_of_date_or_damaged_in_another_run_is_measured(done: Path, harm: Callable[[Path], None]) -> None:
    harm(done)
    tally = run_suite(LARGER, done.with_name("larger"), QUIET, executor="serial", only="*/[tu]*")
    assert (tally.measured, tally.kept) == ([TABLE], [UNIFORM])


def test_a_plan_says_from_which_run_a_cell_comes(done: Path) -> None:
    planned = {one.cell.id: one for one in plan(LARGER, done.with_name("larger"), "*", done.parent)}
    assert {cell_id: one.state for cell_id, one in planned.items()} == {UNIFORM: "elsewhere", TABLE: "elsewhere", PERFECT: "missing"}
    assert planned[TABLE].why == f"measured in {done}"


def test_a_record_holds_the_curve_and_a_policy_file_that_plays_it(done: Path) -> None:
    record = read_record(record_path(done, TABLE))
    assert [point.budget for point in record.points] == [1, 4, 400]
    gains = [point.gain for point in record.points]
    assert 0 < gains[0] < gains[1] < gains[2]
    assert all(point.results for point in record.points)  # milliseconds on a small game
    assert (record.n_states, record.n_positions) == (765, 627)  # published: 765 states up to symmetry, 138 of them final
    task, _, policy, header = load_policy(policy_path(done, TABLE))
    assert policy.size == header.size == record.points[-1].size
    assert header.bytes * 8 == record.points[-1].policy_bits
    assert task.game.id == "tictactoe"


def test_a_large_game_has_results_at_the_ends_and_where_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.harness.measure.SMALL", 764)  # one below the 765 states of tic-tac-toe
    cell = Cell(game="tictactoe", learner="table", label="table", budgets=[1, 2, 4, 8], results_at=[4])
    record, _ = measure_cell(cell, "key")
    assert [point.results is not None for point in record.points] == [True, False, True, True]


@pytest.mark.parametrize("damage", [lambda text: text.replace('"gain": 0.', '"gain": 1.', 1), lambda text: text[: len(text) // 2]])
def test_a_damaged_record_is_named_and_measured_again(done: Path, damage: Callable[[str], str]) -> None:
    path = record_path(done, TABLE)
    sound = path.read_text()
    path.write_text(damage(sound))
    with pytest.raises(WorkError, match="damaged"):
        read_record(path)
    tally, lines = run(done, jobs=1)
    assert tally.measured == [TABLE]
    assert len(lines) == 1
    assert str(path) in lines[0]
    points = [json.loads(text)["record"]["points"][-1] for text in (sound, path.read_text())]
    assert points[0]["gain"] == points[1]["gain"]


@pytest.mark.parametrize("error", ["", "as planned"])
def test_a_record_of_other_sources_is_measured_again(done: Path, error: str) -> None:
    sound = read_record(record_path(done, UNIFORM))
    write_record(done, msgspec.structs.replace(sound, key="another key", error=error))
    assert run(done, jobs=1, only="*/uniform/*")[0].measured == [UNIFORM]
    assert read_record(record_path(done, UNIFORM)).key == sound.key


def test_a_pattern_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no cell of small matches"):
        run(tmp_path, only="go-*")


def test_an_earlier_failure_is_reported_and_only_measured_again_on_request(done: Path) -> None:
    sound = read_record(record_path(done, UNIFORM))
    write_record(done, msgspec.structs.replace(sound, error="as planned"))
    again, _ = run(done, jobs=1, only="*/uniform/*")
    assert (again.measured, again.kept, again.failed_before) == ([], [], {UNIFORM: "as planned"})
    retried, _ = run(done, jobs=1, only="*/uniform/*", retry_failed=True)
    assert (retried.measured, retried.failed_before) == ([UNIFORM], {})


def test_wrong_words_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown executor 'process'; did you mean processes"):
        run(tmp_path, executor="process")
    with pytest.raises(UsageError, match=r"--jobs 0 is below 1"):
        run(tmp_path, jobs=0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda content: content[:-1], "truncated"),
        (lambda content: content[:-1] + bytes([content[-1] ^ 1]), "corrupted"),
        (lambda content: content.replace(b'"tictactoe"', b'"tictactow"'), "unknown game 'tictactow'; did you mean tictactoe"),
        (lambda content: content.replace(b'"table"', b'"tabel"'), "unknown learner 'tabel'; did you mean table"),
        (lambda content: content.replace(b"gaincurve-policy-1", b"gaincurve-policy-9"), "this version reads"),
        (lambda content: b"hello", "is not a policy file"),
        (lambda content: b"", "is not a policy file"),
    ],
)
def test_a_wrong_policy_file_is_refused_in_one_line(tmp_path: Path, change: Callable[[bytes], bytes], said: str) -> None:
    from policies.registry import make_learner
    from policies.task import make_task

    task, learner = make_task("tictactoe"), make_learner("table")
    policy = next(iter(learner.fit_path(task, [40], 0)))
    path = tmp_path / "forty.policy"
    content = pack("tictactoe", "table", {}, policy.size, learner.encode(policy, task))
    save_policy(path, content)
    assert load_policy(path)[2].size == policy.size
    with pytest.raises(UsageError, match="is a policy for tictactoe, not for go-2x3"):
        load_policy(path, "go-2x3")
    path.write_bytes(change(content))
    with pytest.raises(UsageError) as error:
        load_policy(path)
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
