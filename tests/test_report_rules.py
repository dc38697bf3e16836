"""The first rules and what they supply, on planted records: every number, and what is said where something is missing."""

import msgspec

from bench.harness.point import Point
from bench.report.blocks import Listing, blocks_of
from bench.report.parts.rules import lists_of, rules_of_game, supplies
from policies.explanation import Entry, Explanation
from tests.support.report_planted import evidence, point, record, rule_lists, sentences, table


def listing(*rules: str) -> Explanation:
    entries = [Entry(rule, lines=(f"  {i}. Play a move that {rule}",)) for i, rule in enumerate(rules, start=1)]
    return Explanation("Go down.", tuple(entries), "     Else play any legal move.")


def step(size: int, gain: float, missing: float, digits: float, explained: Explanation | None) -> Point:
    games = {"first": digits - 1, "second": digits + 1, "plies": 0}
    text = str(explained) if explained else ""
    return point(size, gain, missing_bits=missing, games_left=games, explanation=text, explained=explained)


POINTS = [
    step(1, 0.5, 1.2, 9.0, listing("wins [win]")),
    step(2, 0.7, 1.3, 7.0, listing("wins [win]", "blocks [block]")),
    step(4, 0.9, 0.5, 6.0, listing("forks [fork]", "wins [win]", "blocks [block]", "waits [wait]")),
    step(20, 1.0, 0.0, 2.0, None),
]
CURVE = record("tictactoe", "rulelist", POINTS, uniform_missing_bits=2.0)
RANDOM = record("tictactoe", "uniform", [step(0, 0.0, 2.0, 10.0, None)], unit="entries")


def test_each_step_supplies_the_difference_to_the_one_before() -> None:
    found = supplies(CURVE, RANDOM)
    assert [(each.size, each.n_units) for each in found] == [(1, 1), (2, 1), (4, 2), (20, 16)]
    assert [round(each.bits or 0.0, 9) for each in found] == [0.8, -0.1, 0.8, 0.5]
    assert [each.digits for each in found] == [1.0, 2.0, 1.0, 4.0]
    assert [each.digits for each in supplies(CURVE, None)] == [None, 2.0, 1.0, 4.0]


def test_rules_carry_what_the_list_gained_when_they_joined() -> None:
    (shown,) = rule_lists(rules_of_game(evidence([CURVE, RANDOM]), "tictactoe"))
    assert (shown.title, shown.lead, shown.end) == ("rulelist: 4 rules, gain 0.9000, 32 bits", "Go down.", "Else play any legal move.")
    facts = {rule.words: rule.facts for rule in shown.rules}
    assert list(facts) == ["forks [fork]", "wins [win]", "blocks [block]", "waits [wait]"]
    assert facts["wins [win]"] == ("joined at 1 rule: gain +0.5000", "+0.8000 bits a position")
    assert facts["blocks [block]"] == ("joined at 2 rules: gain +0.2000", "-0.1000 bits a position")
    assert facts["forks [fork]"] == ("joined at 4 rules, with 1 other: gain +0.2000", "+0.8000 bits a position")


def test_a_record_without_entries_shows_its_text_whole() -> None:
    old = record("tictactoe", "rulelist", [msgspec.structs.replace(each, explained=None) for each in POINTS], uniform_missing_bits=2.0)
    section = rules_of_game(evidence([old, RANDOM]), "tictactoe")
    assert rule_lists(section) == []
    (shown,) = (block for block in blocks_of(section) if isinstance(block, Listing))
    assert shown == Listing(f"rulelist: 4 rules, gain 0.9000, 32 bits\n{POINTS[2].explanation}", old.cell_id)


def test_a_weight_is_a_fact() -> None:
    weighed = Explanation("Give points.", (Entry("wins [win]", weight=16), Entry("fits this picture", (("X * ?",),), -3)))
    weighted = record("go-2x3", "weighted", [point(2, 0.5, explanation=str(weighed), explained=weighed)], unit="weights")
    (shown,) = rule_lists(rules_of_game(evidence([weighted]), "go-2x3"))
    assert [(rule.words, rule.boards, rule.facts) for rule in shown.rules] == [
        ("wins [win]", (), ("weight +16",)),
        ("fits this picture", (("X * ?",),), ("weight -3",)),
    ]


def test_the_sentences_say_what_is_supplied_and_what_remains() -> None:
    said = sentences(rules_of_game(evidence([CURVE, RANDOM]), "tictactoe"))
    assert (
        "without a policy 2.000 bits a position are missing to an optimal move. "
        "1 rule supplies 40% of them, 4 rules 75%, 20 rules 100%; 0.000 bits a position remain (0%)." in said
    )
    assert "In 1 of 4 steps of rulelist the missing bits grow" in said
    steady = msgspec.structs.replace(CURVE, points=[msgspec.structs.replace(POINTS[0], missing_bits=1.4), *POINTS[1:3]])
    said = sentences(rules_of_game(evidence([steady]), "tictactoe"))
    assert "1 rule supplies 30% of them, 4 rules 75%; 0.500 bits a position remain (25%)." in said
    assert "missing bits grow" not in said


def test_the_table_has_every_step() -> None:
    rows = table(rules_of_game(evidence([CURVE, RANDOM]), "tictactoe"), "supply-tictactoe-rulelist")
    assert [(row["units"], row["gain"], row["missing_bits"], row["games_left"]) for row in rows][2:] == [
        (4, 0.9, 0.5, 6.0),
        (20, 1.0, 0.0, 2.0),
    ]
    assert rows[3]["supplied_bits_per_unit"] == 0.5 / 16


def test_what_was_not_recorded_is_said_and_nothing_fails() -> None:
    old = record("tictactoe", "rulelist", [msgspec.structs.replace(each, missing_bits=None, games_left=None) for each in POINTS])
    assert "how much information its rules supply was not recorded" in sentences(rules_of_game(evidence([old]), "tictactoe"))
    network = record("tictactoe", "network", [point(4, 0.5, explanation="A mlp network.")], unit="hidden units")
    section = rules_of_game(evidence([network], {"tictactoe/rulelist/seed=0": "missing"}), "tictactoe")
    assert section.blocks == ()


def test_one_list_of_each_kind_is_shown_the_plain_one_first() -> None:
    kinds = [("human", "human"), ("weighted", "weighted"), ("short", "rulelist"), ("rulelist", "rulelist")]
    words = [record("go-2x3", label, POINTS, learner=learner) for label, learner in kinds]
    words.append(record("go-2x3", "rulelist", POINTS, seed=1))
    words[2] = msgspec.structs.replace(words[2], points=POINTS[:2])
    assert [(each.cell.label, each.cell.seed) for each in lists_of(words)] == [("rulelist", 0), ("short", 0), ("weighted", 0), ("human", 0)]
