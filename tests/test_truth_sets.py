"""Truth sets and the cache behind them: what is in a file, what a kill or damage costs, what a verification notices."""

import dataclasses
import itertools
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bench.measures.residual_bounds import residual_bounds
from games.arrays import Float64s
from games.contract import States
from games.errors import UsageError, WorkError
from games.proof import moves as moves_module
from games.proof.cache import HEAD, ProofCache
from games.proof.moves import prove_moves
from games.proof.oracle import KnownValues, ProofOracle
from games.proof.prover import Bounds, Prover
from games.proof.truth_set import TruthSet, chosen_positions, make_set, read_set, verify_set, write_set
from games.rules.go import Go
from games.solving.graph import GameGraph
from policies.api import action_probabilities, uniform_probabilities
from policies.proved_task import ProvedTask, proved_task
from policies.sampled_task import table_of
from tests.support.shell import Shell

ROOT = Path(__file__).parents[1]
NODES = 100_000
GAME = Go(3, 3)


def quiet(n: int, of: int) -> None:
    pass


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No proof is cached yet."""
    path = tmp_path / "proofs.blocks"
    monkeypatch.setattr(moves_module, "cache_path", lambda game: path)
    return path


@pytest.fixture
def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    class Refuses:
        def prove(self, states: States, nodes: int) -> Bounds:
            raise AssertionError("this is proved already")

    def refuse(game: object) -> Prover:
        return Refuses()

    monkeypatch.setattr(moves_module, "make_prover", refuse)


def damage(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_moves_of_4x4_have_the_values_of_the_table(fresh: Path) -> None:
    game = Go(4, 4)
    found = make_set(game, 12, 3, 500_000, None, quiet)
    expansion = game.expand(found.positions)
    value = -table_of(game).look_up(expansion.edge_child)[2]
    assert (found.moves.lower <= value).all()
    assert (value <= found.moves.upper).all()
    assert found.is_exact.mean() > 0.8
    assert verify_set(found, 0.5, 1, quiet).n_positions == 6


def test_what_is_proved_is_read_again(fresh: Path, request: pytest.FixtureRequest) -> None:
    positions = GAME.draw_states(40, 1)
    first = prove_moves(GAME, positions, NODES)
    request.getfixturevalue("no_search")
    again = prove_moves(GAME, positions, NODES)
    assert [column.tolist() for column in first] == [column.tolist() for column in again]
    with pytest.raises(AssertionError, match="proved already"):
        prove_moves(GAME, GAME.draw_states(41, 1), NODES)


def test_a_block_that_is_cut_short_or_damaged_is_named_and_proved_again(fresh: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prove_moves(GAME, GAME.draw_states(10, 1), NODES)
    first = fresh.stat().st_size
    expected = prove_moves(GAME, GAME.draw_states(20, 1), NODES)
    whole = fresh.read_bytes()
    n_rows = len(ProofCache(fresh).known)
    assert capsys.readouterr().err == ""
    for spoil, named in (
        (lambda: fresh.write_bytes(whole[:-7]), f"bytes {first:,} to {len(whole) - 7:,}"),
        (lambda: damage(fresh, first + HEAD.size + 3), f"bytes {first:,} to {len(whole):,}"),
        (lambda: damage(fresh, 5), f"bytes 0 to {first:,}"),
        (lambda: damage(fresh, 9), f"bytes 0 to {first:,}"),
    ):
        fresh.write_bytes(whole)
        spoil()
        assert 0 < len(ProofCache(fresh).known) < n_rows
        assert f"{fresh}: {named} are damaged" in capsys.readouterr().err
        again = prove_moves(GAME, GAME.draw_states(20, 1), NODES)
        assert [column.tolist() for column in again] == [column.tolist() for column in expected]
        assert len(ProofCache(fresh).known) == n_rows


def test_what_fewer_nodes_prove_does_not_depend_on_what_more_nodes_have_proved(fresh: Path) -> None:
    """Else a set could hold bounds that its own number of nodes does not prove again."""
    positions = GAME.draw_states(60, 2)
    alone = prove_moves(GAME, positions, 20)
    fresh.unlink()
    more, few = prove_moves(GAME, positions, NODES), prove_moves(GAME, positions, 20)
    assert [column.tolist() for column in few] == [column.tolist() for column in alone]
    assert (few.lower <= more.lower).all()
    assert (more.upper <= few.upper).all()
    assert (few.lower < few.upper).any()
    assert (more.lower == more.upper).all()


def test_moves_that_a_symmetry_exchanges_have_the_same_bounds_though_the_search_forgets(fresh: Path) -> None:
    """On the empty board of 3x3 the nine points are three moves."""
    found = prove_moves(GAME, np.zeros(1, dtype=np.uint64), 300)
    children = GAME.expand(np.zeros(1, dtype=np.uint64)).edge_child
    assert len(children) == 10
    assert len(set(zip(children.tolist(), found.lower.tolist(), found.upper.tolist(), found.nodes.tolist(), strict=True))) == 4


def test_a_killed_process_loses_little(tmp_path: Path) -> None:
    """It is killed as soon as a block is on disk; what it had written is sound, and the next one goes on from there."""
    file = tmp_path / "proofs.blocks"
    program = f"""
from pathlib import Path
import games.proof.moves as moves
from games.rules.go import Go
moves.SAVE_SECONDS = 0.0
moves.cache_path = lambda game: Path({str(file)!r})
game = Go(3, 4)
moves.prove_moves(game, game.draw_states(3000, 0), 100_000)
"""
    process = subprocess.Popen([sys.executable, "-c", program])
    deadline = time.monotonic() + 300
    while not file.exists() or file.stat().st_size < 20_000:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    known = ProofCache(file).known
    assert len(known) > 100
    groups = {question.group for question in known}
    states = np.array(sorted(groups), dtype=np.uint64)
    expansion = Go(3, 4).expand(states)
    parents = np.repeat(states, np.diff(expansion.edge_start)).tolist()
    proved = set(zip(parents, expansion.edge_child.tolist(), strict=True))
    assert proved == {(question.group, question.state) for question in known}  # whole positions only
    value = table_of(Go(3, 4)).look_up(np.array([question.state for question in known], dtype=np.uint64))[2]
    assert all(bounds.lower <= worth <= bounds.upper for bounds, worth in zip(known.values(), value.tolist(), strict=True))


def test_a_larger_set_of_the_same_seed_takes_over_the_smaller_one(fresh: Path, tmp_path: Path) -> None:
    small = make_set(GAME, 15, 4, NODES, None, quiet)
    write_set(tmp_path / "set", small)
    read = read_set(tmp_path / "set")
    assert (read.game_id, read.draw, read.seed, read.nodes, read.sources) == (small.game_id, small.draw, 4, NODES, small.sources)
    fresh.unlink()
    grown = make_set(GAME, 25, 4, NODES, read, quiet)
    assert len(ProofCache(fresh).known) < len(grown.moves.lower)  # the others are not proved again
    fresh.unlink()
    whole = make_set(GAME, 25, 4, NODES, None, quiet)
    assert grown.positions.tolist() == whole.positions.tolist()
    assert [column.tolist() for column in grown.moves] == [column.tolist() for column in whole.moves]
    for n, seed, nodes, problem in ((14, 4, NODES, "15 positions"), (25, 5, NODES, "seed"), (25, 4, 7, "nodes")):
        with pytest.raises(UsageError, match=problem):
            make_set(GAME, n, seed, nodes, read, quiet)


def test_a_verification_notices_what_is_wrong(fresh: Path) -> None:
    found = make_set(GAME, 20, 6, NODES, None, quiet)
    moves = found.moves
    assert verify_set(found, 1.0, 0, quiet) == (20, len(moves.lower), 0)
    wider = dataclasses.replace(found, moves=moves._replace(lower=np.maximum(moves.lower - 1, np.int16(-9))))
    assert verify_set(wider, 1.0, 0, quiet).n_tighter == np.count_nonzero(moves.lower > -9)  # true, though not all that is proved
    raised = moves.lower.copy()
    raised[0] = moves.upper[0] = raised[0] - 1 if raised[0] > 0 else raised[0] + 1
    for part, problem in (
        ({"positions": found.positions[::-1].copy()}, "not those that seed 6 draws"),
        ({"moves": moves._replace(edge_action=np.roll(moves.edge_action, 1))}, "not the legal moves"),
        ({"moves": moves._replace(upper=np.full_like(moves.upper, 10))}, "no bound"),
        ({"moves": moves._replace(lower=raised, upper=np.maximum(raised, moves.upper))}, "proved now"),
    ):
        with pytest.raises(WorkError, match=problem):
            verify_set(dataclasses.replace(found, **part), 1.0, 0, quiet)


@pytest.mark.parametrize("path", sorted((ROOT / "reports" / "truth").glob("*.truth")), ids=lambda path: path.stem)
def test_the_committed_sets_are_sound(path: Path) -> None:
    """One position is proved again, chosen so that the search takes seconds; `gaincurve truth --check FILE --share 1` takes them all."""
    found = read_set(path)
    assert path.stem == found.game_id
    assert path.stat().st_size < 5_000_000
    per_position = np.add.reduceat(found.moves.nodes, found.moves.edge_start[:-1])
    seed = next(seed for seed in range(1000) if per_position[chosen_positions(found.positions, 1, seed)[0]] < 1_000_000)
    assert verify_set(found, 1 / len(found.positions), seed, quiet).n_positions == 1


def test_a_damaged_file_is_refused(fresh: Path, tmp_path: Path) -> None:
    path = tmp_path / "set"
    write_set(path, make_set(GAME, 5, 0, NODES, None, quiet))
    damage(path, path.stat().st_size - 1)
    with pytest.raises(WorkError, match="damaged"):
        read_set(path)
    path.write_text("no set")
    with pytest.raises(UsageError, match="no truth set"):
        read_set(path)


def test_an_oracle_of_proofs_says_where_a_value_is_open(fresh: Path) -> None:
    states = GAME.draw_states(30, 3)
    expected = table_of(GAME).look_up(states)[2]
    assert ProofOracle(GAME, NODES).look_up(states)[2].tolist() == expected.tolist()
    fresh.unlink()
    open_ones = ProofOracle(GAME, 5).bound(states)
    n_open = np.count_nonzero(open_ones.lower < open_ones.upper)
    with pytest.raises(WorkError, match=f"{n_open} of 30 states of go-3x3 stay open after 5 nodes"):
        ProofOracle(GAME, 5).look_up(states)
    known = KnownValues(states, expected.astype(np.int16))
    assert known.look_up(states[::-1])[2].tolist() == expected[::-1].tolist()
    with pytest.raises(WorkError, match="1 of 1 states have no proved value"):
        known.look_up(np.array([1], dtype=np.uint64))


def half_open(nodes: int = 12) -> tuple[TruthSet, ProvedTask]:
    found = make_set(GAME, 60, 9, nodes, None, quiet)
    return found, proved_task(found)


def test_every_position_is_in_one_part_of_the_task(fresh: Path) -> None:
    found, task = half_open()
    assert task.rest is not None
    parts = [part.graph.states[: part.graph.n_roots].tolist() for part in (task.exact, task.rest.task)]
    assert sorted(parts[0] + parts[1]) == sorted(found.positions.tolist())
    assert task.open_share == len(parts[1]) / 60
    assert 0.1 < task.open_share < 0.9
    value = table_of(GAME).look_up(task.exact.graph.states)[2]
    assert task.exact.solution.value.tolist() == value.tolist()
    edge_value = -table_of(GAME).look_up(task.rest.task.graph.states)[2][task.rest.task.graph.edge_child]
    assert (task.rest.lower <= edge_value).all()
    assert (edge_value <= task.rest.upper).all()


def drawn_policy(graph: GameGraph, rng: np.random.Generator) -> Float64s:
    """Some moves tie, so that probabilities are not only 0 and 1."""
    return action_probabilities(graph, np.floor(rng.random(graph.n_edges) * 3))


def residual(task: ProvedTask, exact: Float64s, rest: Float64s, values: list[int]) -> float:
    """What is left if the open positions' moves have these values."""
    assert task.rest is not None
    graph = task.rest.task.graph
    sums = np.array([task.exact.regret(exact), task.exact.uniform_regret]) * (1 - task.open_share)
    for position in range(graph.n_roots or 0):
        edges = slice(graph.edge_start[position], graph.edge_start[position + 1])
        worth = np.array(values[edges])
        regrets = [worth.max() - rest[edges] @ worth, worth.max() - worth.mean()]
        sums += np.array(regrets) * task.open_share / (graph.n_roots or 1)
    return float(sums[0] / sums[1])


@pytest.mark.parametrize("seed", range(4))
def test_bounds_of_what_is_left_are_those_of_all_values_within_the_bounds(fresh: Path, seed: int) -> None:
    """All combinations are tried: three moves have four values each, two of one position six, the others their true value."""
    _, task = half_open()
    assert task.rest is not None
    rng = np.random.default_rng(seed)
    graph = task.rest.task.graph
    true = -table_of(GAME).look_up(graph.states)[2][graph.edge_child]
    lower, upper = true.copy(), true.copy()
    for edge in rng.permutation(len(true))[:3]:
        lower[edge], upper[edge] = max(-9, true[edge] - 2), min(9, true[edge] + 1)
    first = graph.edge_start[1]  # and two moves of one position, which compete for the best value
    lower[[0, first - 1]], upper[[0, first - 1]] = -3, 2
    narrow = task._replace(rest=task.rest._replace(lower=lower, upper=upper))
    exact, rest = (drawn_policy(part, rng) for part in (task.exact.graph, graph))
    ranges = [range(low, high + 1) for low, high in zip(lower.tolist(), upper.tolist(), strict=True)]
    every = [residual(narrow, exact, rest, list(values)) for values in itertools.product(*ranges)]
    assert residual_bounds(narrow, exact, rest) == pytest.approx((min(every), max(every)))
    wide = residual_bounds(task, exact, rest)
    assert wide[0] <= residual(task, exact, rest, true.tolist()) <= wide[1]


def test_nothing_open_leaves_one_number(fresh: Path) -> None:
    task = proved_task(make_set(GAME, 30, 9, NODES, None, quiet))
    assert task.rest is None
    uniform = uniform_probabilities(task.exact.graph)
    assert residual_bounds(task, uniform, None) == (1.0, 1.0)


def test_the_verb_makes_extends_shows_and_verifies(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    shell = Shell(monkeypatch, capfd)
    made = shell.json("truth", "go-3x3", "--positions", "8", "--seed", "2", "--nodes", "50000", "--out", "small.truth")
    assert (made["positions"], made["seed"], made["nodes"], made["open_moves"]) == (8, 2, 50_000, 0)
    grown = shell.json("truth", "go-3x3", "--positions", "12", "--seed", "2", "--nodes", "50000", "--out", "small.truth")
    assert grown["positions"] == 12
    shown = shell.json("truth", "--show", "small.truth")
    assert shown == grown
    assert shown["command"] == "gaincurve truth go-3x3 --positions 12 --seed 2 --nodes 50000"
    for words in (("truth", "--check", "small.truth", "--share", "1"), ("verify", "small.truth")):
        assert shell.json(*words)["verified"]["n_positions"] == {"truth": 12, "verify": 1}[words[0]]
    status, out, _ = shell("truth", "--show", "small.truth")
    assert status == 0
    assert "12 positions, uniform over canonical positions, by rejection, seed 2" in out
    assert "100.00% with a proved value" in out
    for words, problem in (
        (("truth", "go-3x3", "--positions", "12", "--out", "small.truth"), "seed 2, not 0"),
        (("truth", "go-3x3", "--out", "small.truth"), "--positions is missing"),
        (("truth", "tictactoe", "--positions", "3", "--out", "other.truth"), "no"),
        (("truth", "--show", "small.truth", "--positions", "3"), "names its game"),
        (("truth", "--check", "small.truth", "--share", "2"), "--share 2"),
    ):
        status, _, err = shell(*words)
        assert status == 2
        assert problem in err
    damage(Path("small.truth"), Path("small.truth").stat().st_size - 1)
    status, _, err = shell("verify", "small.truth")
    assert status == 1
    assert "damaged" in err
