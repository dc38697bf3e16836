"""The page of tails: it says what its script would write, the targets are met, and small samples come out the same."""

import re

import pytest

from bench.tails.verdict import HEAVIER, POWER, UNDECIDED
from bench.studies.tails import (
    N_RUNS,
    PAGE,
    PLANTED,
    control_row,
    judge_control,
    planted_row,
    read_blocks,
    reference_rows,
    reference_words,
    refit_rows,
    render,
)
from bench.studies.tail_controls import CONTROLS, GEOMETRIC, OPEN

TEXT = PAGE.read_text()
BLOCKS = read_blocks(TEXT)
ROWS = {row[0]: row[1:] for row in ([cell.strip() for cell in line.strip("|").split("|")] for line in BLOCKS["CONTROLS"].splitlines())}


def counts(cell: str) -> dict[str, int]:
    return {verdict: int(n) for verdict, n in re.findall(r"([\w -]+?) (\d+)(?:, |$)", cell)}


def test_the_page_says_what_the_script_would_write() -> None:
    assert render(BLOCKS) == TEXT
    assert list(ROWS) == [control.name for control in CONTROLS]
    assert [line.split(" | ")[0].strip("| ") for line in BLOCKS["PLANTED"].splitlines()] == list(PLANTED)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_nine_of_ten_runs_get_the_right_verdict_and_hold_the_exponent_in_their_band(control) -> None:
    _, said, _, share, _, in_band, _ = ROWS[control.name]
    found = counts(said)
    assert sum(found.values()) == N_RUNS
    if control not in OPEN:
        n_right = sum(found.get(verdict, 0) for verdict in control.right)
        assert share == f"{n_right / N_RUNS:.0%}"
        assert n_right >= 0.9 * N_RUNS
    if control.exponent is not None:
        assert int(in_band.rstrip("%")) >= 90


def test_planted_games_come_out_as_planted_where_two_decades_of_them_are_judged() -> None:
    for line in BLOCKS["PLANTED"].splitlines():
        game, _, by_count, by_position = (cell.strip() for cell in line.strip("|").split("|"))
        right = {UNDECIDED} if game == "planted-zipf-300" else set(PLANTED[game])
        assert set(counts(by_count)) <= right
        assert set(counts(by_position)) <= {*PLANTED[game], UNDECIDED}


def test_at_most_one_of_twenty_geometric_curves_is_called_heavy() -> None:
    n_heavy = sum(counts(ROWS[control.name][1]).get(verdict, 0) for control in GEOMETRIC for verdict in (HEAVIER, POWER))
    assert n_heavy == int(BLOCKS["FALSE_HEAVY"])
    assert n_heavy <= 0.05 * int(BLOCKS["N_GEOMETRIC"])
    assert int(BLOCKS["N_GEOMETRIC"]) == N_RUNS * len(GEOMETRIC)


def test_the_shares_in_the_text_follow_from_the_table() -> None:
    decided = [control for control in CONTROLS if control.right]
    found = {control: counts(ROWS[control.name][1]) for control in decided}
    n = N_RUNS * len(decided)
    assert BLOCKS["N_DECIDED"] == f"{n:,}"
    n_right = sum(found[control].get(verdict, 0) for control in decided for verdict in control.right)
    n_undecided = sum(found[control].get(UNDECIDED, 0) for control in decided if UNDECIDED not in control.right)
    assert (BLOCKS["RIGHT"], BLOCKS["NOT_DECIDED"]) == (f"{n_right / n:.1%}", f"{n_undecided / n:.1%}")


def test_a_row_comes_out_the_same() -> None:
    assert control_row(CONTROLS[0], judge_control(0)) in BLOCKS["CONTROLS"].splitlines()
    assert planted_row("planted-zipf-12") in BLOCKS["PLANTED"].splitlines()


@pytest.mark.parametrize("number", [1, 7, 12, 19], ids=lambda number: CONTROLS[number].name)
def test_the_first_runs_of_a_row_get_verdicts_that_it_counts(number: int) -> None:
    found = counts(ROWS[CONTROLS[number].name][1])
    assert {tail.verdict for tail in judge_control(number, n_runs=2)} <= set(found)


def test_the_verdicts_on_the_reference_results_are_those_of_the_records() -> None:
    assert "\n".join(reference_rows()) == BLOCKS["REFERENCE"]
    assert reference_words() == BLOCKS["WORDS"]


@pytest.mark.parametrize("game", ["go-2x3", "go-3x3"])
def test_the_nulls_of_a_small_game_come_out_the_same(game: str) -> None:
    lines = BLOCKS["REFITS"].splitlines()
    assert all(row in lines for row in refit_rows(game))
