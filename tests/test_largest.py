"""Boards up to 10^12 positions: the committed records of the suite `large`, and their picture."""

from bench.harness.keys import cell_key
from bench.harness.store import cell_status, read_suite
from bench.report.plots.families import draw_families
from bench.report.run_data import read_evidence
from bench.studies.largest import RESULTS, families_of, intervals_of, sets_of
from bench.suites.grid import cells
from bench.suites.load import load_suite


def test_every_cell_is_there_none_failed_and_all_are_of_the_present_sources() -> None:
    asked = cells(read_suite(RESULTS))
    assert [cell.id for cell in asked] == [cell.id for cell in cells(load_suite("large"))]
    records = [cell_status(RESULTS, cell.id).measured for cell in asked]
    assert [record.key if record else "" for record in records] == [cell_key(cell) for cell in asked]
    assert not any(record.error or record.provenance["commit"].endswith("-dirty") for record in records if record)


def test_each_family_has_a_panel_and_open_positions_widen_what_is_left() -> None:
    records = read_evidence(RESULTS).records
    families, intervals = families_of(records), intervals_of(records)
    assert list(families) == ["go", "hex", "nogo", "domineering", "connect_four"]
    kinds = {growth.kind for found in families.values() for growth in found}
    assert len(kinds) == 6
    assert {game for of_kind in intervals.values() for game in of_kind} == {"go-5x5", "connect_four-6x7"}  # all others are exact
    assert all(0 <= low < high for of_kind in intervals.values() for low, high in of_kind.values())
    panels = [axes for axes in draw_families(families, intervals).axes if axes.get_visible()]
    assert [axes.get_title(loc="left") for axes in panels] == list(families)
    for axes, found in zip(panels, families.values(), strict=True):
        n_wide = sum(board.game in intervals.get(growth.kind, {}) for growth in found for board in growth.boards)
        assert len(axes.lines) == 2 * len(found) + n_wide  # a curve, its bars, and a wide bar for each interval


def test_what_is_left_on_exact_positions_lies_within_the_band_of_the_picture() -> None:
    """The table of open positions and the curves read the same residuals."""
    rows = [row.split(" | ") for row in sets_of(read_evidence(RESULTS).records).splitlines()[2:]]
    assert {row[0].strip("| ") for row in rows} == {"go-5x5", "connect_four-6x7"}
    boards = {
        (growth.kind, board.game): board
        for found in families_of(read_evidence(RESULTS).records).values()
        for growth in found
        for board in growth.boards
    }
    for game, _, _, kind, left, _ in rows:
        found = boards[kind.partition(",")[0], game.strip("| ")].found
        assert found.low - 5e-4 <= float(left) / 100 <= found.high + 5e-4
