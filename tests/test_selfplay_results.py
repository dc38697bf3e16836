"""The committed records of the suite `selfplay`: sound, current, and what docs/self-play.md says of them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench.harness.keys import cell_key
from bench.harness.store import cell_status, file_stem, read_suite
from bench.studies.page import DOCS, ROOT, blocks_of
from bench.studies.self_play import learned_at
from bench.suites.grid import cells
from bench.suites.load import load_suite

RESULTS = ROOT / "reports" / "selfplay"
BLOCKS = blocks_of((DOCS / "self-play.md").read_text())


def raw(pattern: str) -> list[dict[str, Any]]:
    """Records as they lie in their files."""
    return [json.loads(path.read_text())["record"] for path in sorted((RESULTS / "records").glob(pattern))]


def row(block: str, game: str) -> list[str]:
    lines = [[cell.strip() for cell in line[1:-1].split("|")] for line in BLOCKS[block].text.splitlines()]
    (found,) = (line for line in lines if line[0] == game)
    return found


def test_every_record_reads_and_its_key_is_current() -> None:
    suite = read_suite(RESULTS)
    assert cells(suite) == cells(load_suite("selfplay"))
    listed = {file_stem(cell.id): cell for cell in cells(suite)}
    paths = sorted((RESULTS / "records").glob("*.json"))
    assert {path.stem for path in paths} <= set(listed)
    for path in paths:
        cell = listed[path.stem]
        record = cell_status(RESULTS, cell.id).record
        assert record is not None
        assert not record.error
        assert record.key == cell_key(cell), f"{path.name} is out of date: run gaincurve run selfplay"
        assert re.fullmatch(r"[0-9a-f]{12}", record.provenance["commit"])  # "-dirty" marks edited sources


def test_tic_tac_toe_is_never_lost_on_any_seed_with_a_search_and_without() -> None:
    """The grades are proved over every line of play (bench/measures/grades.py)."""
    held = {}
    for label, budget in (("equivariant-selfplay", 128), ("mcts-over-selfplay", 64)):
        last = {
            one["cell"]["seed"]: point
            for one in raw(f"tictactoe__{label}__seed=*.json")
            for point in one["points"]
            if point["budget"] == budget
        }
        held[label] = [seed for seed, point in sorted(last.items()) if point["grades"]["never_loses"]]
    assert held == {"equivariant-selfplay": [0, 1, 2], "mcts-over-selfplay": [0, 1, 2]}
    assert row("results.seeds", "tictactoe")[3::3] == ["both, both, both", "both, both, both"]


@pytest.mark.parametrize("game", ["tictactoe"])
def test_what_others_leave_within_the_same_bits_and_work_is_the_least_of_the_raw_records(game: str) -> None:
    told = row("results.beside", game)
    last = raw(f"{game}__equivariant-selfplay__seed=0.json")[0]["points"][-1]
    assert told[1:4] == [f"{100 * (1 - last['gain']):.1f}", f"{last['policy_bits']:,}", f"{last['operations']:,.0f}"]
    kinds = (["equivariant-network"], ["rulelist"], ["mcts", "minimax"])
    for column, (kind, limit) in enumerate(((kind, limit) for limit in ("policy_bits", "operations") for kind in kinds), 4):
        points = [point for label in kind for one in raw(f"{game}__{label}__seed=0.json") for point in one["points"]]
        fitting = [100 * (1 - point["gain"]) for point in points if point[limit] <= last[limit]]
        assert told[column] == (f"{min(fitting):.1f}" if fitting else "-")


def test_a_concept_counts_from_where_it_is_right_for_good() -> None:
    log = [{"iteration": i, "concepts": {"win": share}} for i, share in enumerate((0.96, 0.9, 0.95, 1.0), 1)]
    assert learned_at(log, "win") == 3
    assert learned_at(log[:1], "win") == 1
    assert learned_at(log[:2], "win") is None


def test_no_file_lies_there_that_is_no_record() -> None:
    assert {path.name for path in Path(RESULTS).iterdir()} == {"records", "suite.json"}
