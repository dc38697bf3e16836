"""What is said of tails, on curves whose law was planted: the verdict of each, the games it holds for, and what is missing."""

import math
from collections.abc import Callable, Sequence

import pytest
from matplotlib.axes import Axes

from bench.harness.records import Record
from bench.report.parts.tails import tails_of_game, tails_section
from bench.report.tail_verdicts import judge, spokesmen, verdicts
from bench.tails.games import judge_games
from policies.api import budget_ladder
from tests.support.report_planted import drawings, evidence, point, record, sentences, table

SIZES = sorted({*range(1, 17), *budget_ladder(3000)})


def falling(game: str, label: str, residual: Callable[[int], float], sizes: Sequence[int] = SIZES, **others: object) -> Record:
    return record(game, label, [point(size, 1.0 - residual(size)) for size in sizes], n_positions=50_000, **others)


def zipf(size: int) -> float:
    """Gains as 1 / k, 3,000 of them."""
    whole = math.log(3000) + 0.5772
    return max(0.0, 1.0 - (math.log(size) + 0.5772 + 0.5 / size) / whole)


SHORT = record("tictactoe", "rulelist", [point(size, size / 12) for size in range(1, 13)])
GEOMETRIC = falling("hex-3", "rulelist", lambda size: 0.95**size, [size for size in SIZES if size < 300])
HEAVY = falling("go-3x4", "rulelist", zipf)
TABLE = record("tictactoe", "table", [point(8, 0.5), point(16, 1.0)], unit="entries")
ONE = record("nim-3", "tree", [point(3, 0.5)])


def test_the_verdicts_on_games_are_named_and_those_on_curves_counted() -> None:
    run = evidence([SHORT, TABLE, GEOMETRIC, HEAVY, ONE])
    said = sentences(tails_section(run, judge(run), judge_games(run.records)))
    assert "Of 3 fitted curves, each of one learner on one game, 1 ends, 1 is exponential, 1 is power-law-like." in said
    in_units = "Verdicts on the fitted curves of the best policies of each size in units: "
    assert f"{in_units}ends: tictactoe; exponential: hex-3; power-law-like: go-3x4." in said  # one size of nim-3 is no curve
    assert said.startswith("No boards were held out, so no verdict here separates knowledge from memory.")


def test_searches_are_judged_but_not_counted_among_rules() -> None:
    """The same curve with simulations for its units: a verdict in the table, no place in the sentences and figures about rules."""
    searched = falling("go-3x4", "mcts", zipf, unit="simulations")
    run = evidence([SHORT, searched])
    section = tails_section(run, judge(run), judge_games(run.records))
    assert "Of 1 fitted curve, each of one learner on one game" in sentences(section)
    assert "a ply or a simulation is no rule" in sentences(section)
    assert "go-3x4" not in sentences(section)
    rows = {row["curve"]: row for row in table(section, "tails")}
    assert rows["mcts"]["verdict"].startswith("power-law-like")
    assert tails_of_game(judge(run), "go-3x4").blocks == ()


def test_the_sentences_change_with_the_records() -> None:
    lighter = falling("go-3x4", "rulelist", lambda size: 0.95**size, [size for size in SIZES if size < 300])
    run = evidence([SHORT, lighter])
    said = sentences(tails_section(run, judge(run), judge_games(run.records)))
    assert "Of 2 fitted curves, each of one learner on one game, 1 ends, 1 is exponential." in said
    assert "exponential: go-3x4." in said
    assert "heavy" not in said


def test_the_table_has_every_curve_and_every_hole() -> None:
    run = evidence([SHORT, HEAVY, ONE], {"go-3x3/rulelist/seed=0": "failed: too wide", "go-3x3/uniform/seed=0": "missing"})
    rows = table(tails_section(run, judge(run)), "tails")
    assert [(row["game"], row["curve"], row.get("hole")) for row in rows] == [
        ("tictactoe", "rulelist", None),
        ("go-3x4", "rulelist", None),
        ("nim-3", "tree", "no curve: 1 size only"),
        ("go-3x3", "rulelist, seed 0", "failed: too wide"),  # uniform choice is no curve, so it is no hole here
    ]
    assert (rows[0]["verdict"], rows[0]["ends_after"], rows[0]["left"]) == ("ends", 12, 0.0)
    assert rows[1]["shape"] is not None
    assert rows[1]["decades"] >= 2


def test_the_tail_of_a_game_has_its_reason_its_figure_and_the_errors_of_the_models() -> None:
    run = evidence([SHORT, HEAVY])
    judged = judge(run)
    section = tails_of_game(judged, "go-3x4")
    assert "heavy models predict better" in sentences(section)
    (drawing,) = drawings(section).values()
    panels: list[Axes] = drawing.figure.axes
    assert [panel.get_xscale() for panel in panels] == ["log", "linear", "log"]
    assert len(panels[2].collections) == 1  # the band of the slope
    names = [row["model"] for row in table(section, "models-go-3x4")]
    assert len(names) == 7
    errors = [row["error"] for row in table(section, "models-go-3x4")]
    assert errors == sorted(errors)
    assert sentences(tails_of_game(judged, "tictactoe")) == "rulelist: ends; nothing is left after 12 rules."
    assert len(drawings(tails_of_game(judged, "tictactoe"))["tails-tictactoe"].figure.axes) == 2  # too short for slopes


def test_what_is_left_is_said_with_and_without_an_end() -> None:
    stuck = record("tictactoe", "rulelist", [point(1, 0.5), point(2, 0.9)], budgets=[1, 2, 3])
    run = evidence([stuck])
    assert (
        sentences(tails_of_game(judge(run), "tictactoe"))
        == "rulelist: ends, 10.0% out of reach; 10.00% is left after 2 rules, and no further one gains."
    )
    cut = record("tictactoe", "rulelist", [point(1, 0.5), point(2, 0.9)], budgets=[1, 2])
    assert sentences(tails_of_game(judge(evidence([cut])), "tictactoe")).endswith("10.00% is left at its last size, and more might gain.")


def test_seeds_alike_are_judged_once_and_others_pooled() -> None:
    alike = [falling("hex-3", "rulelist", zipf, seed=seed) for seed in (0, 1)]
    differing = [
        record("hex-3", "network", [point(size, 1 - 0.5 * 0.9 ** (size + seed)) for size in (1, 2, 4)], unit="hidden units", seed=seed)
        for seed in (0, 1)
    ]
    judged = judge(evidence([*alike, *differing]))
    assert [(one.name, one.is_pooled) for one in judged] == [
        *(("rulelist, 2 seeds alike", False), ("network, seed 0", False), ("network, seed 1", False), ("network, 2 seeds", True)),
    ]
    assert [one.id for one in spokesmen(judged)] == ["hex-3/rulelist", "hex-3/network"]
    assert set(verdicts(judged)) == {f"hex-3/{label}/seed={seed}" for label in ("rulelist", "network") for seed in (0, 1)}
    said = sentences(tails_section(evidence([*alike, *differing]), judged))
    assert "Of 1 curve that differ from seed to seed, 1 get one verdict from every seed." in said


def test_nothing_to_judge_is_said() -> None:
    run = evidence([ONE, TABLE])
    assert tails_of_game(judge(run), "tictactoe").blocks == ()
    empty = evidence([ONE])
    assert sentences(tails_section(empty, judge(empty))) == "No curve in this run has two sizes or more: there is no tail to judge."


@pytest.mark.parametrize("seeds", [1, 2])
def test_planted_and_random_games_are_in_the_table_only(seeds: int) -> None:
    records = [
        falling(game, "rulelist", lambda size: 0.9**size, range(1, 30), seed=seed)
        for game in ("planted-zipf-300", "random-nim-3")
        for seed in range(seeds)
    ]
    run = evidence([SHORT, *records])
    section = tails_section(run, judge(run))
    assert "Of 1 fitted curve, each of one learner on one game, 1 ends." in sentences(section)
    assert {row["game"] for row in table(section, "tails")} == {"tictactoe", "planted-zipf-300", "random-nim-3"}
