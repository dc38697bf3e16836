"""Solved games and compiled kernels on disk: found again, checked, rebuilt when damaged, and never stale."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from bench.harness.policyfile import save_policy
from bench.harness.store import write_suite
from bench.suites.load import load_suite
from games.errors import WorkError
from games.go_large.checkpoints import Checkpoints
from games.keys.sources import cache_root, source_hash
from games.registry import make_game
from games.solving.store import load_truth, truth_path, write_atomically

ROOT = Path(__file__).parents[1]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_what_is_read_is_what_was_computed(cache):
    game = make_game("go-2x3")
    fresh, solution = load_truth(game)
    read, read_solution = load_truth(game)
    assert not read.states.flags.owndata  # it is the file itself, mapped
    for name in ("states", "edge_start", "edge_action", "edge_child", "terminal", "payoff", "multiplicity"):
        assert np.array_equal(getattr(fresh, name), getattr(read, name))
    for name in ("value", "lower", "upper", "edge_value", "regret"):
        assert np.array_equal(getattr(solution, name), getattr(read_solution, name))


@pytest.mark.parametrize("place", ["header", "first", "middle", "last"])
def test_a_flipped_byte_is_named_and_mended(cache, capsys, place):
    game = make_game("go-2x2")
    load_truth(game)
    path = truth_path(game)
    sound = path.read_bytes()
    start = sound.index(b"\n") + 1
    where = {"header": 30, "first": start, "middle": (start + len(sound)) // 2, "last": len(sound) - 1}[place]
    path.write_bytes(sound[:where] + bytes([sound[where] ^ 1]) + sound[where + 1 :])
    graph, _ = load_truth(game)
    message = capsys.readouterr().err
    assert str(path) in message
    assert "damaged" in message
    assert "rebuilding" in message
    assert graph.n_states == 27
    load_truth(game)
    assert capsys.readouterr().err == ""


def test_no_flipped_bit_goes_unnoticed(cache, capsys):
    """A sample of the bits of the header, whose padding alone may change, and of those behind it."""
    game = make_game("go-1x3")
    load_truth(game)
    path = truth_path(game)
    sound = path.read_bytes()
    text = len(sound[: sound.index(b"\n")].rstrip())
    for where in [*range(0, text, 16), *range(sound.index(b"\n") + 1, len(sound), 97)]:
        path.write_bytes(sound[:where] + bytes([sound[where] ^ (1 << where % 7)]) + sound[where + 1 :])
        load_truth(game)
        assert "damaged" in capsys.readouterr().err, where


@pytest.mark.parametrize("length", [0, 10, 1000])
def test_a_truncated_file_is_mended(cache, capsys, length):
    game = make_game("tictactoe")
    load_truth(game)
    path = truth_path(game)
    path.write_bytes(path.read_bytes()[:length])
    assert load_truth(game)[0].n_states == 765  # facts.toml, positions_up_to_symmetry
    assert "damaged" in capsys.readouterr().err


def test_an_unwritable_cache_is_said_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(WorkError, match="GAINCURVE_CACHE"):
        cache_root()


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, [b"old"])
    with pytest.raises(TypeError):
        write_atomically(path, [b"new", "not bytes"])  # type: ignore[list-item]
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("sync", [True, False])
def test_a_file_is_on_the_disk_before_it_takes_the_name_and_never_half_there(tmp_path, monkeypatch, sync):
    """What a crash at each of the two moments would leave: the old content under the name, the new one beside it, waited for."""
    path, seen = tmp_path / "file", []
    path.write_bytes(b"old")
    fsync, replace = os.fsync, Path.replace

    def look(what, made):
        (partial,) = tmp_path.glob("file.*.partial")
        seen.append((what, path.read_bytes(), partial.read_bytes()))
        made()

    monkeypatch.setattr(os, "fsync", lambda number: look("fsync", lambda: fsync(number)))
    monkeypatch.setattr(Path, "replace", lambda source, target: look("replace", lambda: replace(source, target)))
    write_atomically(path, [b"new", b"er"], sync=sync)
    assert seen == [("fsync", b"old", b"newer"), ("replace", b"old", b"newer")][not sync :]
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"newer", [path])


def test_records_policies_and_solved_games_wait_for_the_disk_and_parts_of_long_work_do_not(cache, tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    save_policy(tmp_path / "a.policy", b"any")
    write_suite(tmp_path / "run", load_suite("quick"))
    load_truth(make_game("nim-1"))
    assert len(synced) == 3
    Checkpoints(tmp_path / "parts", 1, lambda name, share: None).write("one", {"any": np.zeros(1)})
    assert len(synced) == 3


def test_threads_of_one_process_that_write_the_same_file_do_not_meet(tmp_path, monkeypatch):
    """Each writes beside the name under one of its own: while the first waits for the disk, a second begins and ends."""
    path, other = tmp_path / "file", None

    def second(number):
        nonlocal other
        if other is None:
            other = threading.Thread(target=write_atomically, args=(path, [b"second"]))
            other.start()
            other.join()
            assert path.read_bytes() == b"second"

    monkeypatch.setattr(os, "fsync", second)
    write_atomically(path, [b"first"])
    assert (path.read_bytes(), list(tmp_path.iterdir())) == (b"first", [path])


def test_too_large_a_board_is_refused_at_once():
    with pytest.raises(WorkError, match="too large to enumerate"):
        load_truth(make_game("go-5x5"))


@pytest.fixture
def copy(tmp_path):
    """A copy of the sources that a test may edit, with a cache of its own."""
    for package in ("games", "policies", "bench"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))

    def run(code):
        environment = {**os.environ, "GAINCURVE_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(tmp_path)}
        command = [sys.executable, "-c", f"import json\n{code}"]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    return tmp_path, run


MARGIN = (
    "import numpy as np\nfrom games.rules.go_stones import area_margin\nprint(json.dumps(area_margin(np.uint64(1), np.uint64(0), 2, 2)))"
)


def kernels(folder):
    return {str(path): path.stat().st_mtime_ns for path in (folder / "cache" / "kernels").rglob("*.nb*")}


def test_kernels_are_compiled_once_and_an_edited_helper_in_another_module_is_noticed(copy):
    folder, run = copy
    assert run(MARGIN) == 4  # one stone owns the whole board of four points
    compiled = kernels(folder)
    assert compiled
    assert run(MARGIN) == 4
    assert kernels(folder) == compiled  # the second process compiled nothing
    board = folder / "games" / "rules" / "board.py"
    board.write_text(board.read_text().replace("count += 1", "count += 2"))  # count_bits, a helper of games/rules/go.py
    assert run(MARGIN) == 8
    assert set(kernels(folder)) > set(compiled)


def test_an_edited_rule_gives_a_new_artefact(copy):
    folder, run = copy
    openings = (
        "from games.registry import make_game\nfrom games.solving.store import load_truth, truth_path\n"
        "graph, solution = load_truth(make_game('tictactoe'))\n"
        "print(json.dumps([truth_path(make_game('tictactoe')).name, int(solution.value[0])]))"
    )
    before, value = run(openings)
    assert value == 0
    rules = folder / "games" / "rules" / "tictactoe.py"
    rules.write_text(rules.read_text().replace("[0b111, 0b111_000,", "[0b11, 0b111_000,"))  # two in a corner of a row now win
    after, value = run(openings)
    assert value == 1
    assert before != after
    assert len(list((folder / "cache" / "truth").iterdir())) == 2


def test_the_hash_covers_what_a_module_imports_and_nothing_else(copy):
    folder, run = copy
    hashes = (
        "from games.keys.sources import source_hash\nprint(json.dumps([source_hash('games.rules.go'), source_hash('games.rules.nim')]))"
    )
    before = run(hashes)
    board = folder / "games" / "rules" / "board.py"
    board.write_text(board.read_text() + "\n# an edit\n")
    after = run(hashes)
    assert before[0] != after[0]
    assert before[1] == after[1]
    assert source_hash("games.rules.go") == source_hash("games.rules.go")


def test_a_game_built_on_another_follows_its_rules(copy):
    folder, run = copy
    name = (
        "from games.registry import make_game\nfrom games.solving.store import truth_path\n"
        "print(json.dumps([truth_path(make_game(game)).name for game in ('random-tictactoe', 'random-nim-2-3')]))"
    )
    before = run(name)
    rules = folder / "games" / "rules" / "tictactoe.py"
    rules.write_text(rules.read_text() + "\nEDITED = True\n")
    after = run(name)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_a_helper_beside_an_outside_game_counts_too(copy):
    folder, run = copy
    (folder / "helper.py").write_text("SIZE = 1\n")
    (folder / "mine.py").write_text("import helper\nfrom games.rules.tictactoe import TicTacToe\n\nGAME = TicTacToe()\n")
    hashed = "import mine\nimport numpy\nfrom games.keys.sources import source_hash\nprint(json.dumps(source_hash('mine')))"
    before = run(hashed)
    assert run(hashed) == before
    (folder / "helper.py").write_text("SIZE = 2\n")
    assert run(hashed) != before
