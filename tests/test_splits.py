"""Splits that keep boards together, curves with several of them, and the former `sample` read and refused."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

import gaincurve
from bench.harness.cell import measure_cell
from bench.harness.records import SCHEMA, migrate
from bench.harness.store import read_suite
from bench.measures.heldout import sides_of
from bench.suites.grid import Cell, cells
from games.contract import TellsBoardsApart
from games.errors import UsageError
from games.rules.go import BOTH, MAX_CELLS
from policies.api import action_probabilities
from policies.registry import make_learner
from policies.task import BOARDS, POSITIONS, fitted_part, make_task

GO = ("go-2x2", "go-1x5", "go-2x3", "go-2x4", "go-3x3")
OTHERS = ("tictactoe", "hex-3", "nogo-3x3", "connect_four-3x4", "nim-3-4-5", "kalah-3-2", "domineering-3x4", "random-hex-3")


def stones(state: int, rows: int, columns: int) -> tuple[tuple[int, ...], ...]:
    """The board of a state of Go as the least of its images under the symmetries of the rectangle, in plain Python."""
    grid = [
        [(state >> (r * columns + c) & 1) + 2 * (state >> (MAX_CELLS + r * columns + c) & 1) for c in range(columns)] for r in range(rows)
    ]
    images = []
    for turned in (grid, [list(row) for row in zip(*grid, strict=True)]):
        if len(turned) != rows:
            continue
        for up in (turned, turned[::-1]):
            images += [up, [row[::-1] for row in up]]
    return min(tuple(tuple(row) for row in image) for image in images)


@pytest.mark.parametrize("game_id", GO)
@pytest.mark.parametrize("held_out", [0.5, 0.2, 3])
def test_no_held_out_position_of_go_has_a_twin_where_fitted(game_id: str, held_out: float) -> None:
    """Twins have the same stones up to symmetry, whatever ko and passes; single positions as they were drawn before do have twins."""
    task = make_task(game_id)
    rows, columns = map(int, game_id.removeprefix("go-").split("x"))
    boards = {i: stones(int(task.graph.states[i]), rows, columns) for i in task.graph.positions.tolist()}
    for seed in range(5):
        kept = fitted_part(task, held_out, BOARDS, seed).weights > 0
        fitted, unseen = ({board for i, board in boards.items() if kept[i] == side} for side in (True, False))
        assert fitted
        assert unseen
        assert not fitted & unseen
        n_boards = len(set(boards.values()))
        assert len(unseen) == (held_out if held_out >= 1 else n_boards - round((1 - held_out) * n_boards))
    alone = fitted_part(task, 0.5, POSITIONS, 0).weights > 0
    assert {boards[i] for i in boards if alone[i]} & {boards[i] for i in boards if not alone[i]}


@pytest.mark.parametrize("game_id", OTHERS)
def test_where_every_position_is_its_own_board_both_kinds_of_split_are_one(game_id: str) -> None:
    task = make_task(game_id)
    assert not isinstance(task.game, TellsBoardsApart)
    for held_out in (0.5, 2):
        by_board, by_position = (fitted_part(task, held_out, split, 1) for split in (BOARDS, POSITIONS))
        assert by_board.weights.tolist() == by_position.weights.tolist()
        if held_out == 2:
            assert np.count_nonzero(by_board.weights) == len(task.graph.positions) - 2


def test_the_mask_of_stones_is_what_the_twin_reads() -> None:
    assert int(BOTH) == ((1 << MAX_CELLS) - 1) | ((1 << MAX_CELLS) - 1) << MAX_CELLS


def test_boards_keep_their_weights_together() -> None:
    """Under `play` some positions weigh nothing: boards are those of the positions that count."""
    task = make_task("go-2x3", "semi_strong")
    part = fitted_part(task, 0.5, BOARDS, 0)
    sides = sides_of(task, part, BOARDS)
    assert sides.n_fitted + sides.n_held_out == np.count_nonzero(task.weights)
    assert sides.weight.sum() == pytest.approx(1)
    assert sides.uniform.sum() == pytest.approx(task.uniform_regret)
    assert sides.weight[sides.is_fitted].sum() == pytest.approx(task.weights[part.weights > 0].sum())


def test_the_error_of_a_held_out_gain_is_that_of_drawing_boards_anew() -> None:
    """Standard deviation of the gain over 2,000 bootstraps of the held-out boards of Go 3x3, which the delta method approximates."""
    task, learner = make_task("go-3x3"), make_learner("rulelist", {"language": "concepts"})
    part = fitted_part(task, 0.5, BOARDS, 0)
    (policy,) = learner.fit_path(part, [3], 0)
    sides = sides_of(task, part, BOARDS)
    losses = sides.losses(action_probabilities(task.graph, policy.scores(task)))
    x, y = losses[~sides.is_fitted], sides.uniform[~sides.is_fitted]
    drawn = np.random.default_rng(0).integers(0, len(x), (2000, len(x)))
    gains = 1 - x[drawn].sum(axis=1) / y[drawn].sum(axis=1)
    assert sides.error(losses) == pytest.approx(gains.std(), rel=0.1)
    assert sides.error(sides.uniform) == pytest.approx(0, abs=1e-12)


CELL = Cell("go-2x3", "rulelist", "rulelist", {"language": "concepts"}, [1, 2, 4, 64], seed=3)


def test_splits_stand_beside_a_curve_that_is_fitted_to_everything() -> None:
    plain, _ = measure_cell(CELL, "key")
    record, _ = measure_cell(msgspec.structs.replace(CELL, held_out=0.5, splits=2), "key")
    assert [point.gain for point in record.points] == [point.gain for point in plain.points]
    assert plain.splits == []
    first, second = record.splits
    assert (first.seed, second.seed) == (3, 3 + (1 << 32))
    assert first.gains != second.gains
    alone, _ = measure_cell(msgspec.structs.replace(CELL, held_out=0.5), "key")
    assert alone.splits[0].gains == first.gains  # the first draw is that of `fit --held-out` with the same seed
    for place, point in enumerate(record.points):
        assert point.held_out is not None
        both = [split.gains[min(place, len(split.gains) - 1)] for split in record.splits]
        assert point.held_out["gain"] == pytest.approx(sum(both) / 2)
        assert point.held_out["residual"] == pytest.approx(1 - sum(both) / 2)
        assert (point.held_out["splits"], point.held_out["pac_bayes"]) == (2, None)
    for place, point in enumerate(alone.points):
        assert point.held_out is not None
        assert point.held_out["gain"] == pytest.approx(alone.splits[0].gains[place])
        assert point.held_out["error"] == pytest.approx(alone.splits[0].errors[place])


def test_held_out_of_fit_has_the_keys_that_are_documented() -> None:
    found = gaincurve.fit("go-2x3", "rulelist", 4, held_out=0.5).point.held_out
    assert found is not None
    assert list(found) == ["n_fitted", "n_held_out", "gain_fitted", "gain", "residual", "error", "error_fitted", "splits", "pac_bayes"]
    boards = gaincurve.fit("go-2x3", "rulelist", 4, held_out=10).point.held_out
    positions = gaincurve.fit("go-2x3", "rulelist", 4, held_out=10, split="positions").point.held_out
    assert boards is not None
    assert positions is not None
    assert positions["n_held_out"] == 10 < boards["n_held_out"]  # ten boards of Go 2x3 have more positions than ten


def test_the_former_sample_is_refused_from_python_in_a_line() -> None:
    with pytest.raises(UsageError, match=r"^sample is now held_out, the share kept from the fit: give held_out = 0\.7, and"):
        gaincurve.fit("tictactoe", "table", 3, sample=0.3)


def test_a_record_of_schema_4_says_what_it_held_out() -> None:
    """Half of 627 positions were fitted; the names and the share are those of schema 5, the numbers, label and id stay."""
    bound = {"delta": 0.05, "bits": 30, "regret": 1.5, "gain": -1.0, "is_vacuous": True}
    before = {"n_fitted": 188, "n_held_out": 439, "gain_fitted": 0.5, "gain_held_out": 0.25, "bound": bound}
    cell = {"game": "tictactoe", "learner": "table", "label": "table,sample=0.3", "sample": 0.3}
    content = {"cell": cell, "cell_id": "tictactoe/table,sample=0.3/seed=0", "points": [{"budget": 1, "held_out": before}], "schema": 4}
    after = migrate(content)
    assert after["schema"] == SCHEMA
    read = msgspec.convert(after["cell"], Cell)
    assert (read.held_out, read.split, read.splits, read.id) == (0.7, POSITIONS, 0, content["cell_id"])
    point = after["points"][0]["held_out"]
    assert point == {
        "n_fitted": 188,
        "n_held_out": 439,
        "gain_fitted": 0.5,
        "gain": 0.25,
        "residual": 0.75,
        "error": None,
        "splits": 1,
        "pac_bayes": {"n_drawn": 188, **bound},
    }
    task = make_task("tictactoe")
    assert np.count_nonzero(fitted_part(task, read.held_out, read.split, 0).weights) == 188
    plain = migrate({**content, "cell": {"game": "tictactoe", "learner": "table", "label": "table", "sample": None}, "points": []})
    assert "sample" not in plain["cell"]
    assert "held_out" not in plain["cell"]


def test_the_suite_of_an_older_run_keeps_its_ids(tmp_path: Path) -> None:
    entry = {"name": "rulelist", "vary": {"support": [2, 3]}, "sample": 0.25, "budgets": [3]}
    suite = {"name": "old", "games": ["tictactoe"], "learners": [entry, {"name": "table", "sample": None}]}
    (tmp_path / "suite.json").write_text(json.dumps(suite))
    read = cells(read_suite(tmp_path))
    assert [cell.id for cell in read] == [
        *(f"tictactoe/rulelist,support={support},sample=0.25/seed=0" for support in (2, 3)),
        "tictactoe/table/seed=0",
    ]
    assert [(cell.held_out, cell.split, cell.options) for cell in read] == [
        *((0.75, POSITIONS, {"support": support}) for support in (2, 3)),
        (None, BOARDS, {}),
    ]
