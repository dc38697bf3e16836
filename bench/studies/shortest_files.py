"""The shortest files with which one never loses at tic-tac-toe: tables, lists, and a program, in bits with their language."""

import tomllib
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from bench.measures.coding import compressed_source
from bench.measures.grades import grades
from bench.studies.minimax import PROGRAM
from bench.studies.page import ROOT
from policies.api import Task, action_probabilities
from policies.codec.adaptive_coder import Coder, Decoder, Encoder, code_uniform
from policies.exact.problem import make_problem
from policies.exact.search import SEATS, Search
from policies.language.atoms import SEMANTICS, atoms_of
from policies.rules.json_lists import read_list, read_rules
from policies.rules.rulelist import RuleList, RuleListLearner
from policies.rules.shortest import Candidate, candidates
from policies.tables.smallest import smallest_never_losing_table

LISTS = ROOT / "tests" / "lists"
FACTS = ROOT / "tests" / "facts.toml"


@dataclass(frozen=True)
class Size:
    """A file that never loses, in bits: what it presupposes beside the rules of the game is its language."""

    what: str
    seat: str
    n_rules: int | None
    policy_bits: int
    language_bits: int

    @property
    def total(self) -> int:
        return self.policy_bits + self.language_bits


def reaches(task: Task, policy: RuleList, grade: str, seat: str) -> bool:
    """Whether a list has a grade for a seat, by walking every line of play."""
    found = grades(task.graph, task.solution, action_probabilities(task.graph, policy.scores(task)))
    return bool(getattr(found, grade if seat == "both" or grade == "optimal_everywhere" else f"{grade}_{seat}"))


def size_of(task: Task, what: str, seat: str, policy: RuleList) -> Size:
    """The file of a list with its language. Raises AssertionError for a list that loses."""
    if not reaches(task, policy, "never_loses", seat):
        raise AssertionError(f"{what} loses as {seat}")
    learner = RuleListLearner()
    data = learner.encode(policy, task)
    language = compressed_source(learner.source(learner.decode(data, task), task))
    return Size(what, seat, policy.size, 8 * len(data), 8 * len(language))


def published_program() -> Size:
    """The shortest program that was known before."""
    n_bytes = tomllib.loads(FACTS.read_text())["tictactoe"]["minimax_program"]["bytes"]
    return Size("minimax program, shortest known before", "both", None, 8 * n_bytes, 0)


def program_size() -> Size:
    """A program is policy and language in one, deflated as the sources of languages are."""
    return Size("minimax program (bench/studies/minimax.py)", "both", None, 8 * len(zlib.compress(PROGRAM.encode(), 9)), 0)


def table_size(task: Task, seat: str) -> Size:
    """The table with the fewest bits as a file: the moves, in the order in which play meets their positions."""
    moves: dict[int, int] = {}
    for each in (0, 1):
        if seat in ("both", SEATS[each]):
            moves |= smallest_never_losing_table(task.graph, task.solution, each, cost="bits").moves
    encoder = Encoder()
    written = code_table(encoder, task, seat, moves)
    data = encoder.finish()
    if code_table(Decoder(data), task, seat, None) != written:
        raise AssertionError("the table is not what was written")
    return Size(f"table of {len(moves)} positions", seat, None, 8 * len(data), 0)


def code_table(coder: Coder, task: Task, seat: str, moves: Mapping[int, int] | None) -> dict[int, int]:
    """A table's moves in both directions: the encoder is given them, the decoder None."""
    graph, found = task.graph, dict[int, int]()
    pending = [(0, ours) for ours in (True, False) if seat in ("both", "first" if ours else "second")]
    seen = set(pending)
    while pending:
        state, ours = pending.pop()
        first, last = graph.edge_start[state : state + 2].tolist()
        edges = list(range(first, last))
        if ours and edges:
            found[state] = first + code_uniform(coder, moves[state] - first if moves is not None else 0, last - first)
            edges = [found[state]]
        for follower in [(int(graph.edge_child[edge]), not ours) for edge in edges]:
            if follower not in seen:
                seen.add(follower)
                pending.append(follower)
    return found


def smallest_in_concepts(task: Task, seat: str, max_concepts: int = 4) -> tuple[Size, int]:
    """The shortest file of a list of concepts and lookahead that never loses, over all sets of `n` concepts; and how many sets were tried.

    For each set the shortest list is searched, under both semantics; sets whose language alone is longer than the best file
    are passed over.
    """
    rules = candidates(task, "concepts+lookahead-8")
    holds = np.array([rule.holds for rule in rules])
    problems = [make_problem(task.graph, task.solution, holds, semantics, "never_loses", seat) for semantics in SEMANTICS]
    best: Size | None = None
    n_tried = 0
    for language_bits, chosen in sorted(_languages(task, rules, max_concepts)):
        if best is not None and language_bits >= best.total:
            break
        n_tried += 1
        for semantics, problem in zip(SEMANTICS, problems, strict=True):
            _, found = Search(problem._replace(match=problem.match[list(chosen)])).run(max_concepts, 1_000_000)
            if found is not None:
                policy = RuleList(semantics, tuple(rules[chosen[index]].rule for index in found))
                size = size_of(task, f"{', '.join(rules[chosen[index]].name for index in found)} ({semantics})", seat, policy)
                best = size if best is None or size.total < best.total else best
    assert best is not None
    return best, n_tried


def _languages(task: Task, rules: list[Candidate], max_concepts: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    atoms = atoms_of(task.game, task.graph)
    for n_concepts in range(1, max_concepts + 1):
        for chosen in combinations(range(len(rules)), n_concepts):
            source = atoms.source([rules[index].rule[0].atom for index in chosen])
            yield 8 * len(compressed_source(source)), chosen


def plain_lists(task: Task) -> Iterator[tuple[str, str, RuleList]]:
    """The lists of tests/lists: what each is made of, the seat for which it never loses, and the list."""
    for path in sorted(LISTS.glob("*.json")):
        written = read_list(path.read_text())
        what, _, seat = path.stem.replace("_", " ").rpartition(" ")
        yield what, seat, RuleList(written.semantics, read_rules(written, task.game, task.graph))


def markdown(head: list[str], rows: list[list[str]]) -> str:
    """A table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def size_table(sizes: list[Size]) -> str:
    """The table of files, the shortest of each seat first."""
    rows = [
        [size.what, size.seat, str(size.n_rules or ""), f"{size.policy_bits:,}", f"{size.language_bits:,}", f"{size.total:,}"]
        for size in sorted(sizes, key=lambda size: (SEATS.index(size.seat), size.total))
    ]
    return markdown(["what", "seat", "rules", "policy bits", "language bits", "total"], rows)


def verdict(sizes: list[Size]) -> str:
    """Who is shortest for each seat, and what is shortest among lists."""
    lines = []
    for seat in SEATS:
        of_seat = [size for size in sizes if size.seat == seat]
        best = min(of_seat, key=lambda size: size.total)
        lists = [size for size in of_seat if size.n_rules is not None]
        in_concepts = min((size for size in lists if size.language_bits), key=lambda size: size.total)
        shortest_list, tables = min(lists, key=lambda size: size.total), [size for size in of_seat if size.what.startswith("table")]
        who = {"first": "As first player", "second": "As second player", "both": "For both seats"}[seat]
        lines.append(
            f"- {who} the shortest file is the {best.what}: {best.total:,} bits. The shortest list takes {shortest_list.total:,} "
            f"({shortest_list.what}), the table {tables[0].total:,}, the shortest list in concepts {in_concepts.total:,}."
        )
    program = program_size()
    share = in_concepts.language_bits / in_concepts.total
    about = (
        f"The program of {program.total:,} bits plays perfectly everywhere and for both seats; it searches every line of play to its "
        f"end at each move. Of the shortest list in concepts for both seats {share:.0%} is the source of its concepts."
    )
    return "\n".join([*lines, "", about])
