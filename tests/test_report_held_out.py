"""What a report says of boards held out: verdicts and tails from the splits of its records, with the nulls beside them."""

from bench.measures.split_curve import SplitCurve
from bench.report.parts.held_out import held_out_of_game, held_out_sections
from tests.support.report_planted import drawings, evidence, point, record, sentences, table

BUDGETS = [1, 4, 16, 64, 256]
POINTS = [point(size, gain) for size, gain in zip(BUDGETS, (0.5, 0.7, 0.8, 0.85, 0.9), strict=True)]


def split(held: list[float]) -> SplitCurve:
    """Fitted gains of .5 .7 .8 .85 .9, and these held out, known to a thousandth a step."""
    errors: list[float | None] = [0.001] * 5
    return SplitCurve(0, 5000, 5000, 5000.0, BUDGETS, [0.5, 0.7, 0.8, 0.85, 0.9], [*held], errors, errors)


KNOWS = split([0.5, 0.7, 0.75, 0.76, 0.75])
LUCK = split([0.0, 0.0, 0.0, 0.0, 0.0])
LIST = record("go-3x4", "rulelist", POINTS, splits=[KNOWS, KNOWS], nulls=[LUCK], is_finished=True)
RANDOM = record("random-hex-3", "rulelist", POINTS, splits=[LUCK], is_finished=True)
PLAIN = record("hex-3", "rulelist", POINTS)


def test_every_curve_with_splits_has_its_verdict_and_its_tails() -> None:
    """By hand: behind 16 the fitted gain grows by .1 and the held-out one by 0; behind 64 by .05 and by -.01."""
    run = evidence([LIST, RANDOM, PLAIN])
    (section,) = held_out_sections(run)
    assert sentences(section) == (
        "Fitted to some boards and measured on others, 1 of 2 curves are knowledge up to some unit, 1 is memory from the first, 0 are "
        "undecided."
    )
    said = "".join(sentences(each) for game in ("go-3x4", "random-hex-3") for each in held_out_of_game(run, game))
    assert "go-3x4/rulelist: knowledge to about the 64-th rule, memory after (T(64) is -0.20" in said
    assert "go-3x4/rulelist, moves shuffled: memory from the first rule." in said
    assert "random-hex-3/rulelist: memory from the first rule" in said
    assert "/rulelist: undecided" not in said
    rows = table(section, "held-out")
    assert [(row["game"], row["curve"]) for row in rows] == [
        ("go-3x4", "rulelist"),
        ("go-3x4", "rulelist, moves shuffled"),
        ("random-hex-3", "rulelist"),
    ]
    assert abs(rows[0]["t_16"]) < 1e-9
    assert abs(rows[0]["t_64"] + 0.2) < 1e-9
    assert rows[0]["t_256"] is None
    assert rows[0]["t_64_low"] < rows[0]["t_64"] < rows[0]["t_64_high"]


def test_the_figure_of_a_game_has_its_nulls_beside_it() -> None:
    run = evidence([LIST, RANDOM, PLAIN])
    (section,) = held_out_of_game(run, "go-3x4")
    (drawing,) = drawings(section).values()
    assert [series.name for series in drawing.series] == [
        *("rulelist: T(k)", "rulelist, moves shuffled: T(k)", "rulelist on random-hex-3: T(k)"),
    ]
    assert drawing.series[0].x == (1.0, 4.0, 16.0, 64.0)  # nothing is gained behind the last
    assert set(drawing.series[1].y) == {0.0}
    above, below = drawing.figure.axes
    assert len(above.lines) == 2  # one curve, fitted and held out
    assert len(below.collections) == 3  # the bands of a curve and two nulls


def test_without_splits_nothing_is_said() -> None:
    run = evidence([PLAIN])
    assert held_out_sections(run) == []
    assert held_out_of_game(run, "hex-3") == []
