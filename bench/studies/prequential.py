"""docs/prequential.md: the prequential code beside policies with their exceptions.

Nothing is timed, so other work makes no difference.
"""

import sys

from bench.measures.coding import describe, encode_exceptions
from bench.measures.prequential import Plan, default_blocks, encode, no_scores
from bench.studies.page import Page, Part
from bench.wording import count_units
from policies.api import Task
from policies.registry import make_learner, parse_learner
from policies.task import make_task

LIST = "rulelist:atoms=single,polish=false"
LEARNERS = ("uniform", LIST, "tree", "weighted", "network:steps=300", "table")
GAMES = {"tictactoe": LEARNERS, "go-2x3": LEARNERS, "go-3x3": LEARNERS, "go-3x4": ("uniform", LIST, "weighted", "table")}
LARGEST = 1024  # budget of the policies that are written down
HEAD = """\
| game | learner | random order | ascending order | policy and exceptions | policy |
|---|---|--:|--:|--:|--:|"""


def row(task: Task, text: str) -> str:
    """A line of the table."""
    name, options = parse_learner(text)
    learner = make_learner(name, options)
    n_blocks = default_blocks(task.graph)
    files = [8 * len(encode(task, learner, Plan(n_blocks, 0, ascending)).data) for ascending in (False, True)]
    if name == "uniform":
        best, size = 8 * len(encode_exceptions(task.graph, no_scores(task.graph), task.solution.optimal)), "none"
    else:
        most = min(LARGEST, max(learner.default_budgets(task)))
        policies = learner.fit_path(task, [2**i for i in range(most.bit_length())], 0)
        best, n_units = min((describe(task, learner, policy).codelength, policy.size) for policy in policies)
        size = count_units(n_units, learner.unit)
    return f"| {task.game.id} | {text} | {files[0]:,} | {files[1]:,} | {best:,} | {size} |"


def measured() -> dict[str, str]:
    """The table, measured."""
    rows = []
    for game, learners in GAMES.items():
        for text in learners:
            rows.append(row(make_task(game), text))
            print(rows[-1], file=sys.stderr, flush=True)
    return {"files": "\n".join([HEAD, *rows])}


PAGES = (Page("prequential.md", {"files": Part(measured, "some minutes")}, phrases=(f"sizes doubling up to {LARGEST} units",)),)
