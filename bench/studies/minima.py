"""docs/minima.md: the shortest rule list of tic-tac-toe for every language, semantics, grade and seat, and the shortest file."""

import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from bench.studies.page import Page, Part
from bench.studies.shortest_files import (
    Size,
    markdown,
    plain_lists,
    program_size,
    published_program,
    reaches,
    size_of,
    size_table,
    smallest_in_concepts,
    table_size,
    verdict,
)
from policies.api import Task
from policies.exact.search import GRADES, SEATS
from policies.language.atoms import SEMANTICS, Rule, atoms_of
from policies.rules.rulelist import RuleList, RuleListLearner
from policies.rules.shortest import MAX_REPLAYED, rule_name, shortest_policy
from policies.tables.smallest import smallest_never_losing_table
from policies.task import make_task

MAX_LENGTH = 40  # rules; no list of distinct concepts is as long
PLACES = "centre+corner+side"
DEPTHS = range(1, 7)  # plies; with seven and eight the minima are those with six

Row = tuple[str, int, int]  # language, most literals of a rule, most lists to evaluate
ROWS: list[Row] = [
    ("concepts", 1, 1_000_000),
    ("concepts+priority", 1, 1_000_000),
    *((f"lookahead-{depth}", 1, 1_000_000) for depth in DEPTHS),
    *((f"lookahead-{depth}+{PLACES}", 1, 1_000_000) for depth in DEPTHS),
    *((f"concepts+lookahead-{depth}", 1, 1_000_000) for depth in DEPTHS),
    ("concepts+lookahead-4+priority", 1, 1_000_000),
    ("cells", 1, 1_000_000),
    (f"lookahead-4+{PLACES}", 2, 50_000),
    ("concepts", 2, 50_000),
    ("cells", 2, 50_000),
]
ROWS_SHOWN = [("concepts", 1, 1_000_000), (f"lookahead-4+{PLACES}", 1, 1_000_000), (f"lookahead-4+{PLACES}", 2, 50_000)]
ASKED = [(grade, seat) for grade in GRADES for seat in (SEATS if grade != "optimal_everywhere" else ("both",))]


@dataclass(frozen=True)
class Minimum:
    """One cell of the page: the shortest list for a grade and a seat, or what is known where there is none."""

    row: Row
    semantics: str
    grade: str
    seat: str
    rules: tuple[Rule, ...] | None
    names: tuple[str, ...]
    length: int | None  # as in Certificate
    n_tried: int
    n_kept: int
    n_equal: int
    n_replayed: int

    @property
    def policy(self) -> RuleList:
        return RuleList(self.semantics, self.rules or ())

    @property
    def text(self) -> str:
        if self.rules is not None:
            return str(len(self.rules))
        return "none" if self.length is None else f"> {self.length - 1}"


def minimum(task: Task, row: Row, semantics: str, grade: str, seat: str) -> Minimum:
    """Search, replay the certificate, and grade the list found by walking every line of play."""
    language, literals, most_tried = row
    found = shortest_policy(task, RuleListLearner(language, semantics), grade, seat, MAX_LENGTH, literals, most_tried)
    rules = None if found.policy is None else found.policy.rules
    if found.policy is not None and not reaches(task, found.policy, grade, seat):
        raise AssertionError(f"{found.policy} does not reach {grade} ({seat})")
    atoms = atoms_of(task.game, task.graph)
    certificate = found.certificate
    return Minimum(
        row=row,
        semantics=semantics,
        grade=grade,
        seat=seat,
        rules=rules,
        names=tuple(rule_name(atoms, rule) for rule in rules or ()),
        length=certificate.length,
        n_tried=certificate.n_tried,
        n_kept=len(certificate.beginnings),
        n_equal=len(certificate.equal),
        n_replayed=found.n_replayed,
    )


def label(row: Row) -> str:
    """A row's language as its table names it."""
    return f"`{row[0]}`" + (", pairs" if row[1] == 2 else "")


FILES = """\
How many bits a file takes that never loses. The *policy* is a file that is decoded and graded; the *language* is the deflated source
of the concepts that it uses. A table, and rules about cells, moves and whole positions, presuppose only what all rows do: the rules of
the game and the order of its positions up to symmetry. The program presupposes Python alone. For {n_sets} sets of up to four concepts
the shortest list was searched, and the smallest file is shown for each seat, beside those of shortest lists above. The lists of
moves and positions were found by annealing. All lists are upper bounds; the table is the smallest of its kind.

{sizes}

{verdict}"""
POSITIONS = """\
Whole positions as rules are the entries of a table. Under either semantics never losing takes {positions} of them, as first
player, second player and both: exact, by integer programming (policies/tables/smallest.py)."""


def asked_for(grade: str, seat: str) -> str:
    """A grade and a seat as the head of a column."""
    return grade.replace("_", " ") + (f", {seat}" if grade != "optimal_everywhere" else "")


def minima_table(found: list[Minimum], semantics: str) -> str:
    """The table of one semantics: a row a language, a column a grade and seat."""
    text = {(each.row, each.grade, each.seat): each.text for each in found if each.semantics == semantics}
    rows = [[label(row), *(text[row, grade, seat] for grade, seat in ASKED)] for row in ROWS]
    return markdown(["language", *(asked_for(grade, seat) for grade, seat in ASKED)], rows)


def certificate_table(found: list[Minimum]) -> str:
    """The table of certificates, a row a cell of the tables of minima."""
    head = ["language", "semantics", "grade, seat", "rules", "lists evaluated", "followed up", "equal", "replayed", "list"]
    rows = [
        [
            label(each.row),
            each.semantics,
            asked_for(each.grade, each.seat),
            each.text,
            *(f"{number:,}" for number in (each.n_tried, each.n_kept, each.n_equal, each.n_replayed)),
            ", ".join(each.names),
        ]
        for each in found
    ]
    return markdown(head, rows)


def findings(found: list[Minimum]) -> str:
    """What the two tables say about the questions that they were made for."""
    short: dict[tuple[int, str, str], list[str]] = {}
    perfect: dict[tuple[int, str, str], list[str]] = {}
    for each in found:
        kind = (len(each.names), ", ".join(each.names), each.semantics)
        if each.rules is not None and (each.grade, each.seat) == ("never_loses", "both") and len(each.names) <= 3:
            short.setdefault(kind, []).append(label(each.row))
        if each.rules is not None and each.grade == "optimal_everywhere":
            perfect.setdefault(kind, []).append(label(each.row))
    impossible = [each for each in found if each.rules is None and each.length is None]
    at_once = [each for each in impossible if each.n_kept == 0]
    lines = ["Three rules or fewer that never lose, for both seats:", ""]
    lines += [f"- {n}, {semantics}: {names} (in {', '.join(rows)})" for (n, names, semantics), rows in sorted(short.items())]
    lines += ["", "Lists that are optimal everywhere:", ""]
    lines += [f"- {n}, {semantics}: {names} (in {', '.join(rows)})" for (n, names, semantics), rows in sorted(perfect.items())]
    refuted = (
        f"No list of any length fills {len(impossible)} of the cells. In {len(at_once)} of them that takes no search: even if every "
        "position had a list of its own, a wrong move would come along with the right ones at some that cannot be avoided."
    )
    return "\n".join([*lines, "", refuted])


def sizes(task: Task) -> tuple[list[Size], int]:
    """Files that never lose, for each seat, and how many sets of words were tried for the smallest in words."""
    rows, n_sets = [program_size(), published_program()], 0
    for seat in SEATS:
        rows.append(table_size(task, seat))
        in_words, tried = smallest_in_concepts(task, seat)
        rows.append(in_words)
        n_sets += tried
        shown = [minimum(task, row, semantics, "never_loses", seat) for row in ROWS_SHOWN for semantics in SEMANTICS]
        rows += [size_of(task, f"{', '.join(each.names)} ({each.semantics})", seat, each.policy) for each in shown if each.rules]
    rows += [size_of(task, f"list of {what}", seat, policy) for what, seat, policy in plain_lists(task)]
    return list({(size.what, size.seat): size for size in rows}.values()), n_sets


def lists() -> dict[str, str]:
    """The blocks about lists: two tables of minima with their certificates, and what they come to."""
    task, found = make_task("tictactoe"), all_minima()
    entries = [smallest_never_losing_table(task.graph, task.solution, seat, elsewhere="any move").n_entries for seat in (0, 1)]
    return {
        **{f"lists.{semantics}": minima_table(found, semantics) for semantics in SEMANTICS},
        "lists.positions": POSITIONS.format(positions=f"{entries[0]}, {entries[1]} and {sum(entries)}"),
        "lists.findings": findings(found),
        "lists.certificates": certificate_table(found),
    }


def files() -> dict[str, str]:
    """The block about files."""
    found, n_sets = sizes(make_task("tictactoe"))
    return {"files": FILES.format(n_sets=n_sets, sizes=size_table(found), verdict=verdict(found))}


def compute(asked: tuple[Row, str, str, str]) -> Minimum:
    """One cell, in a process of its own."""
    return minimum(make_task("tictactoe"), *asked)


def all_minima() -> list[Minimum]:
    """All cells of the tables, on two processes."""
    asked = [(row, semantics, grade, seat) for row in ROWS for semantics in SEMANTICS for grade, seat in ASKED]
    found = []
    with ProcessPoolExecutor(2) as pool:
        for each in pool.map(compute, asked):
            print(label(each.row), each.semantics, asked_for(each.grade, each.seat), each.text, file=sys.stderr)
            found.append(each)
    return found


PAGES = (
    Page(
        "minima.md",
        {"lists": Part(lists, "some minutes on two cores"), "files": Part(files, "a minute")},
        phrases=(f"it replays all of these claims, or of more than {MAX_REPLAYED:,} an even selection.",),
    ),
)
