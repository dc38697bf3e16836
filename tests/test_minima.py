"""The page of minima: it agrees with published minima, with itself, and with what is computed again here."""

import pytest

from bench.studies.minima import ASKED, PLACES, ROWS, asked_for, label, minimum
from bench.studies.shortest_files import LISTS, plain_lists, program_size, reaches, size_of, table_size
from policies.exact.search import SEATS
from policies.language.atoms import SEMANTICS
from policies.rules.rulelist import RuleList
from policies.rules.shortest import candidates
from policies.task import make_task
from tests.support.pages import block, rows, tables
from tests.support.truth import FACTS

COMMAND = "python -m bench.studies minima --write"
PUBLISHED = FACTS["tictactoe"]["shortest_never_losing_list"]
AGAIN = [("concepts", "first-match"), ("concepts", "lexicographic"), (f"lookahead-4+{PLACES}", "lexicographic"), ("cells", "lexicographic")]


@pytest.fixture(scope="module")
def task():
    return make_task("tictactoe")


MINIMA = {
    (row[0], semantics, asked): text
    for semantics in SEMANTICS
    for row in rows("minima.md", f"lists.{semantics}")
    for asked, text in zip([asked_for(grade, seat) for grade, seat in ASKED], row[1:], strict=True)
}
CERTIFICATES = {tuple(row[:3]): row[3:] for row in rows("minima.md", "lists.certificates")}
SIZES = {(row[0], row[1]): row[2:] for row in tables(block("minima.md", "files"))[0]}


def test_the_tables_list_the_languages_that_are_searched():
    assert {language for language, _, _ in MINIMA} == {label(row) for row in ROWS}


def test_the_page_has_the_published_minima():
    concepts = {
        asked: text for (language, semantics, asked), text in MINIMA.items() if (language, semantics) == ("`concepts`", "first-match")
    }
    assert concepts["never loses, first"] == str(PUBLISHED["x"])
    assert concepts["never loses, second"] == str(PUBLISHED["o"])
    assert concepts["never loses, both"] == str(PUBLISHED["both"])
    assert concepts["keeps value, both"] == str(PUBLISHED["keeps_value_both"])
    assert concepts["optimal everywhere"] == "none"


@pytest.mark.parametrize(("language", "semantics"), AGAIN)
def test_cells_computed_again_are_on_the_page(task, language, semantics):
    (row,) = [row for row in ROWS if row[:2] == (language, 1)]
    for grade, seat in ASKED:
        found = minimum(task, row, semantics, grade, seat)
        key = (label(row), semantics, asked_for(grade, seat))
        assert MINIMA[key] == found.text, f"{key}: run {COMMAND}"
        counts = [f"{number:,}" for number in (found.n_tried, found.n_kept, found.n_equal, found.n_replayed)]
        assert CERTIFICATES[key] == [found.text, *counts, ", ".join(found.names)], f"{key}: run {COMMAND}"


def test_every_cell_has_a_certificate_and_every_number_a_list_that_reaches_the_grade(task):
    assert {key: row[0] for key, row in CERTIFICATES.items()} == MINIMA
    assert all(int(row[4].replace(",", "")) >= (row[0] != "0") for row in CERTIFICATES.values())  # lists replayed
    rules = {}
    for language, literals, _ in ROWS:
        rules |= {rule.name: rule.rule for rule in candidates(task, language, literals)}
    graded = {asked_for(grade, seat): (grade, seat) for grade, seat in ASKED}
    for (_, semantics, asked), (text, *_, names) in CERTIFICATES.items():
        if text.isdecimal():
            policy = RuleList(semantics, tuple(rules[name] for name in names.split(", ")))
            assert policy.size == int(text)
            assert reaches(task, policy, *graded[asked])


def test_more_lookahead_more_words_and_pairs_never_need_more_rules():
    worth = {key: (99 if text == "none" else int(text.lstrip("> "))) for key, text in MINIMA.items()}
    for (language, semantics, asked), length in worth.items():
        for depth in range(1, 6):
            deeper = language.replace(f"lookahead-{depth}", f"lookahead-{depth + 1}")
            assert worth.get((deeper, semantics, asked), 0) <= length
        assert worth.get((f"{language}, pairs", semantics, asked), 0) <= length
    lookahead = {key[1:]: text for key, text in worth.items() if key[0] == "`lookahead-6`"}
    assert lookahead == {key[1:]: text for key, text in worth.items() if key[0] == f"`lookahead-6+{PLACES}`"}


def test_the_files_have_the_sizes_on_the_page(task):
    lists = [size_of(task, f"list of {what}", seat, policy) for what, seat, policy in plain_lists(task)]
    for size in [program_size(), *(table_size(task, seat) for seat in SEATS), *lists]:
        n_rules, *bits = SIZES[size.what, size.seat]
        assert n_rules == str(size.n_rules or "")
        # The file of a list may gain or lose two bytes with a change of its format; then the page is due, but what it says holds.
        margin = 16 if size.n_rules else 0
        expected = (size.policy_bits, size.language_bits, size.total)
        assert [int(text.replace(",", "")) for text in bits] == pytest.approx(expected, abs=margin), f"{size.what}: run {COMMAND}"
    for what, row in SIZES.items():
        policy, language, total = (int(text.replace(",", "")) for text in row[1:])
        assert policy + language == total, what
    assert len(list(LISTS.glob("*.json"))) == 3


@pytest.mark.parametrize(("seat", "names"), [("first", "x"), ("second", "o"), ("both", "xo")])
def test_the_file_of_a_table_is_as_long_as_its_published_bits(task, seat, names):
    published = sum(FACTS["tictactoe"]["never_losing_table"][f"{name}_bits"] for name in names)
    assert abs(table_size(task, seat).total - published) < 8  # whole bytes, of which a lucky end leaves one out
