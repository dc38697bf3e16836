"""Known answers beside measured ones: planted records that agree, that do not, and that leave it open."""

from dataclasses import replace

import msgspec
import numpy as np

from bench.harness.records import Record
from bench.report.parts.axis import rows_of
from bench.report.parts.controls import AGREES, DISAGREES, OPEN, Finding, controls_section, findings
from bench.report.run_data import Evidence
from bench.report.tail_verdicts import judge
from games.rules.planted import stakes
from policies.former_names import GREEDY
from tests.support.report_planted import evidence, point, record, sentences, table


def found_in(run: Evidence) -> list[Finding]:
    judged = judge(run)
    return findings(run, judged, rows_of(run, judged))


def said_of(run: Evidence) -> str:
    judged = judge(run)
    return sentences(controls_section(run, judged, rows_of(run, judged)))


def planted(shape: str, n_rules: int, off: float = 0.0, label: str = "rulelist", **options: object) -> Record:
    """A list that gains what the game's own stakes say, but for `off` at its third rule."""
    gains = np.cumsum(stakes(shape, n_rules)) / sum(stakes(shape, n_rules))
    points = [point(k, float(gain) + (off if k == 3 else 0.0)) for k, gain in enumerate(gains, start=1)]
    return record(f"planted-{shape}-{n_rules}", label, points, 8 * n_rules, learner="rulelist", options={**GREEDY, **options})


def test_a_planted_list_agrees_in_length_gains_and_tail() -> None:
    length, gains, tail = found_in(evidence([planted("zipf", 12)]))
    assert (length.known, length.measured, length.verdict) == ("12 rules", "12 rules", AGREES)
    assert (gains.measured, gains.verdict) == ("as known, at 12 sizes", AGREES)
    assert (tail.known, tail.measured, tail.verdict) == ("ends", "ends", AGREES)
    assert "Of 3 known answers 3 came out as known, 0 did not, and 0 are undecided." in said_of(evidence([planted("zipf", 12)]))


def test_gains_that_are_not_the_stakes_are_said_to_be_wrong() -> None:
    run = evidence([planted("geometric", 12, off=-0.01)])
    _, gains, _ = found_in(run)
    assert (gains.measured, gains.verdict) == ("off by up to 0.01, at 12 sizes", DISAGREES)
    assert "1 did not" in said_of(run)
    assert "Not as known: planted-geometric-12, rulelist: the gain of the best 1 to 12 rules" in said_of(run)


def test_longer_planted_lists_have_the_tail_that_their_law_has() -> None:
    *_, geometric = found_in(evidence([planted("geometric", 60)]))
    assert (geometric.known, geometric.verdict) == ("exponential", AGREES)
    *_, short = found_in(evidence([planted("zipf", 40)]))
    assert short.known == "heavier than exponential or power-law-like"
    assert (short.measured, short.verdict) == ("undecided", OPEN)  # too short for two decades, which is no wrong answer
    assert "Undecided: planted-zipf-40, rulelist: the tail" in said_of(evidence([planted("zipf", 40)]))


def test_a_list_that_does_not_play_perfectly_is_wrong_or_cut_short() -> None:
    whole = planted("zipf", 12)
    cut = msgspec.structs.replace(whole, points=whole.points[:8])
    length, gains = found_in(evidence([cut]))
    assert (length.measured.startswith("none of up to 8 rules"), length.verdict) == (True, OPEN)
    assert gains.verdict == AGREES
    skipped = msgspec.structs.replace(whole, points=[*whole.points[:8], point(16, 1.0)])
    assert found_in(evidence([skipped]))[0].verdict == OPEN  # 16 rules play perfectly, 12 were not tried
    stuck = msgspec.structs.replace(whole, points=[*whole.points[:11], point(12, 0.99), point(13, 1.0)])
    assert [each.verdict for each in found_in(evidence([stuck]))] == [DISAGREES, DISAGREES, AGREES]


def test_only_plain_lists_over_words_are_held_against_planted_answers() -> None:
    others = [
        planted("zipf", 12, label="conjunctions", atoms="conjunctions"),
        planted("zipf", 12, label="bare", language="patterns"),
        planted("zipf", 12, label="counted", objective="exceptions"),
        record("planted-zipf-12", "tree", [point(2, 0.5), point(4, 1.0)]),
    ]
    assert found_in(evidence(others)) == []


def test_many_wrong_answers_are_counted_and_the_first_are_told() -> None:
    wrong = [record(f"nim-{k}-{k + 1}", "rulelist", [point(1, 0.5), point(2, 1.0)], options=GREEDY) for k in range(1, 16)]
    said = said_of(evidence(wrong))
    assert "0 came out as known, 15 did not" in said
    assert said.count("Not as known: ") == 12
    assert "The table has 3 more answers that came out otherwise or undecided." in said


def test_nim_is_one_rule_and_two_where_the_last_stone_loses() -> None:
    nim = record("nim-3-4-5", "human", [point(1, 1.0)], 47)
    misere = record("misere_nim-2-3", "rulelist", [point(1, 0.8), point(2, 1.0)], 30, options=GREEDY)
    assert [(each.known, each.verdict) for each in found_in(evidence([nim, misere]))] == [("1 rule", AGREES), ("2 rules", AGREES)]
    worse = record("nim-3-4-5", "rulelist", [point(1, 0.8), point(2, 1.0)], 47, options=GREEDY)
    (found,) = found_in(evidence([worse]))
    assert (found.measured, found.verdict) == ("2 rules", DISAGREES)


def test_random_moves_save_nothing() -> None:
    def random_game(exceptions: int) -> Evidence:
        alone = record("random-tictactoe", "uniform", [point(0, 0.0, 0, exceptions=5000)], unit="entries")
        return evidence([alone, record("random-tictactoe", "rulelist", [point(1, 0.1, 8, exceptions=exceptions), point(2, 0.2, 5000)])])

    (found,) = found_in(random_game(5000))
    assert (found.measured, found.verdict) == ("1.002", AGREES)
    (found,) = found_in(random_game(2000))
    assert (found.measured, found.verdict) == ("0.402", DISAGREES)


def test_a_run_without_controls_says_nothing_of_them_and_holes_are_named() -> None:
    assert said_of(evidence([record("go-2x3", "rulelist", [point(1, 0.5)])])) == ""
    assert said_of(evidence([record("nim-3", "human", [point(1, 1.0)])])) == (
        "Of 1 known answer 1 came out as known, 0 did not, and 0 are undecided."
    )
    run = evidence([planted("zipf", 12)], {"random-nim-3/rulelist/seed=0": "failed: too long"})
    judged = judge(run)
    assert controls_section(run, judged, rows_of(run, judged)).holes == ("random-nim-3/rulelist/seed=0: failed: too long",)


def test_of_seeds_the_first_is_shown() -> None:
    second = planted("zipf", 12)
    second = msgspec.structs.replace(second, cell=msgspec.structs.replace(second.cell, seed=1), cell_id="planted-zipf-12/rulelist/seed=1")
    section_rows = found_in(evidence([planted("zipf", 12), second]))
    assert len(section_rows) == 3
    assert {replace(each, what="").cell for each in section_rows} == {"planted-zipf-12/rulelist/seed=0"}
    run = evidence([planted("zipf", 12)])
    judged = judge(run)
    assert len(table(controls_section(run, judged, rows_of(run, judged)), "controls")) == 3
