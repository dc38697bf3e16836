"""Other measures and losses: shapes of published and of planted rates, and sentences that follow the records."""

import math

import pytest

from bench.harness.records import Record
from bench.report.blocks import Section
from bench.report.parts.losses import GEOMETRIC, LEVEL, NEITHER, STRAIGHT, about_losses, shape_of
from bench.report.parts.measures import all_views, longest_lists, views_of_game, views_section
from tests.support.report_planted import drawings, evidence, point, record, sentences, table

# Loss rates of lists of 0 to 5 rules of tic-tac-toe in twelve words, as found by exhaustive search for this project.
TO_UNIFORM = [0.4365, 0.0816, 0.0300, 0.0099, 0.0026, 0.0]
TO_BEST = [0.967, 0.759, 0.551, 0.500, 0.250, 0.0]


def shares(rates: list[float]) -> list[tuple[int, float]]:
    return [(size, rate / rates[0]) for size, rate in enumerate(rates)][1:]


def losing(game: str, uniform: list[float], best: list[float], label: str = "rulelist", **others: object) -> list[Record]:
    results = [{"loss_rate": one, "best_loss_rate": other} for one, other in zip(uniform, best, strict=True)]
    points = [point(size, 1 - 0.5**size, results=each) for size, each in enumerate(results)]
    return [record(game, "uniform", points[:1], unit="entries"), record(game, label, points[1:], **others)]


def test_tic_tac_toe_is_geometric_against_random_play_and_straight_then_a_cliff_against_the_best() -> None:
    uniform, best = shape_of(shares(TO_UNIFORM)), shape_of(shares(TO_BEST))
    assert uniform is not None
    assert best is not None
    assert (uniform.name, uniform.has_cliff) == (GEOMETRIC, False)
    assert (best.name, best.has_cliff, str(best)) == (STRAIGHT, True, "nearly straight, then a cliff")


@pytest.mark.parametrize(
    ("rates", "name", "has_cliff"),
    [
        ([0.5**k for k in range(8)], GEOMETRIC, False),
        ([1 - k / 8 for k in range(9)], STRAIGHT, False),
        ([1 - k / 16 for k in range(9)] + [0.0], STRAIGHT, True),
        ([1.0] * 6 + [0.0], LEVEL, True),
        ([1.0] * 6, LEVEL, False),
        ([1.0, 0.2, 0.9, 0.1, 0.8, 0.3], NEITHER, False),
    ],
)
def test_shapes_of_planted_rates(rates: list[float], name: str, has_cliff: bool) -> None:
    found = shape_of(shares(rates))
    assert found is not None
    assert (found.name, found.has_cliff) == (name, has_cliff)


def test_few_sizes_have_no_shape() -> None:
    assert shape_of([(1, 0.5), (2, 0.2)]) is None
    assert shape_of([(1, 0.0)]) is None
    assert shape_of([]) is None


def test_the_sentences_on_losses_follow_the_records() -> None:
    records = losing("tictactoe", TO_UNIFORM, TO_BEST)
    said = "\n".join(sentence.text for sentence in about_losses(records))
    assert "Of 1 list the losses to a uniform opponent are roughly geometric on 1; 0 end with a cliff." in said
    assert "Of 1 list the losses to the best opponent are nearly straight on 1; 1 end with a cliff." in said
    assert "The shape depends on the opponent for 1 of 1 list: tictactoe/rulelist." in said
    alike = "\n".join(sentence.text for sentence in about_losses(losing("tictactoe", TO_UNIFORM, TO_UNIFORM)))
    assert "The shape depends on the opponent for 0 of 1 list." in alike


def test_losses_at_some_sizes_only_are_no_curve() -> None:
    records = losing("go-2x3", TO_UNIFORM, TO_BEST)
    records[1].points[2] = point(3, 0.9)
    assert [view.name for view in all_views(records[1], records[0])] == ["regret"]
    assert "Losses were recorded at too few sizes of any list" in sentences(views_section(evidence(records)))


def test_what_grows_with_the_board_is_said_family_by_family() -> None:
    def curve(game: str, n: int, missing: list[float]) -> Record:
        points = [point(size, 1 - 0.4**size, missing_bits=left) for size, left in enumerate(missing, start=1)]
        return record(game, "rulelist", points, n, uniform_missing_bits=1.0)

    small, large = curve("hex-2", 10, [0.4, 0.2, 0.1]), curve("hex-3", 700, [0.9, 0.8, 0.3])
    said = sentences(views_section(evidence([large, small])))
    along = "Along the longest rule list of each game, half of the missing bits takes more units than half of the regret on "
    assert f"{along}1 of 2 games (hex-3)." in said
    grows = "the number of units that halve a measure grows from hex-2 to hex-3 in missing bits only: regret 1 and 1, missing bits 1 and 3."
    assert f"hex, along the longest rule lists: {grows}" in said
    same = sentences(views_section(evidence([large, curve("hex-2", 10, [0.9, 0.8, 0.3])])))
    assert "in no measure" in same


def test_the_verdict_on_tails_is_held_against_that_on_exceptions() -> None:
    same = record("hex-2", "rulelist", [point(size, size / 5, exceptions=100 - 20 * size) for size in range(1, 6)])
    said = sentences(views_section(evidence([same])))
    assert (
        "The verdict on the fitted tail of the longest rule list is the same for regret and for bits of exceptions on 1 of 1 game." in said
    )
    endless = record("hex-3", "rulelist", [point(size, 1.0 if size == 5 else size / 6, exceptions=1000 - size) for size in range(1, 6)])
    assert "on 1 of 2 games; it is not on hex-3 (ends in regret, undecided in exceptions)." in sentences(
        views_section(evidence([same, endless]))
    )


def test_one_list_of_each_game_is_seen_the_plain_one_that_goes_furthest() -> None:
    records = [
        record("hex-2", "human", [point(9, 0.5)], 10),
        record("hex-2", "rulelist", [point(3, 0.5)], 10),
        record("hex-2", "long", [point(5, 0.5)], 10, learner="rulelist"),
        record("go-2x2", "human", [point(2, 0.5)], 50),
        record("random-nim-3", "rulelist", [point(2, 0.5)], 50),
        record("nim-3", "table", [point(2, 0.5)], unit="entries"),
    ]
    assert [each.cell_id for each in longest_lists(records)] == ["go-2x2/human/seed=0", "hex-2/long/seed=0"]


def test_no_list_at_all_is_said() -> None:
    assert "No list of rules has been measured" in sentences(views_section(evidence([], {"hex-2/rulelist/seed=0": "missing"})))


def test_a_game_has_a_figure_with_a_line_for_each_measure_and_its_losses_rule_by_rule() -> None:
    run = evidence([*losing("tictactoe", TO_UNIFORM, TO_BEST), *losing("hex-2", TO_BEST, TO_BEST)])
    section = views_section(run)
    of_game = Section("measures", "Measures", tuple(views_of_game(run, "tictactoe")))
    said = sentences(of_game)
    assert "losses to a uniform opponent with 0, 1, 2, 3, 4, 5 rules are 43.65%, 8.16%, 3.00%, 0.99%, 0.26%, 0.00% of games" in said
    (panel,) = drawings(of_game)["measures-tictactoe"].figure.axes
    assert panel.get_title(loc="left") == "tictactoe"
    lines = [line for line in panel.lines if line.get_marker() != "x"]
    assert len(lines) == 3  # regret, and losses to both opponents
    assert math.isclose(lines[1].get_ydata()[0], TO_UNIFORM[1] / TO_UNIFORM[0])
    row = table(section, "measures")[1]
    assert (row["game"], row["largest"], row["half_regret"], row["left_regret"]) == ("tictactoe", 5, 1, 0.5**5)
    assert (row["half_losses_to_a_uniform_opponent"], row["half_losses_to_the_best_opponent"]) == (1, 4)  # 0.250 of 0.967
    assert [each["shape"] for each in table(section, "losses")][:2] == ["roughly geometric", "nearly straight, then a cliff"]
