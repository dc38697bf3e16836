"""The prequential code beside policies with their exceptions, measured in one run.

`python -m tests.compare_prequential --write` measures for some minutes and writes docs/prequential.md anew, which
test_prequential_page.py checks; without `--write` it prints the page. Nothing is timed, so other work makes no difference.
"""

import sys
from pathlib import Path

from bench.measures.coding import describe, encode_exceptions
from bench.measures.prequential import Plan, default_blocks, encode, no_scores
from bench.terminal import count_units
from policies.api import Task
from policies.registry import make_learner, parse_learner
from policies.task import make_task

PAGE = Path(__file__).parents[1] / "docs" / "prequential.md"
LEARNERS = ("uniform", "rulelist", "tree", "weighted", "network:steps=300", "table")
GAMES = {"tictactoe": LEARNERS, "go-2x3": LEARNERS, "go-3x3": LEARNERS, "go-3x4": ("uniform", "rulelist", "weighted", "table")}
LARGEST = 1024  # budget of the policies that are written down

TEXT = """# Prequential code

How many bits perfect play takes when no policy is sent at all. Positions are sent in blocks, each as large as all before it
together; the moves of a block are written with the help of a policy fitted to the moves of the earlier blocks, and who reads
has those too, fits the same policy, and reads on (Dawid 1984; Blier & Ollivier 2018). `bench/measures/prequential.py` says how it is done;
`gaincurve prequential LEARNER --game GAME` does it for one learner and shows what each block took.

Every number is the length in bits of a file that was read back into an optimal move for every position. *Random order* and
*ascending order* are prequential files: the order in which positions are sent, by a seed (0), or by packed state, which is
also the order of the exceptions' coder. The row `uniform` has no policy. *Policy and exceptions* is the shortest file that holds
a policy and what it lacks to perfect play (docs/codelength.md), sizes doubling up to {LARGEST} units; its last column says how large
the policy is. All sizes are upper bounds: one seed, fitters that search.

| game | learner | random order | ascending order | policy and exceptions | policy |
|---|---|--:|--:|--:|--:|
{ROWS}

{SAYS}

`python -m tests.compare_prequential --write` measures all this again and writes this page.
"""

SAYS = """What rules, leaves and weights of atoms have learned carries over to positions not seen yet: it saves bits in either
order although nothing of it is sent, but less than the same kinds of policy save when they are fitted to all positions and
written down. The weights of networks are dear in small games: on tictactoe and go-2x3 the prequential file is the shorter one, as
Blier and Ollivier found on images, and on go-3x3 the two are about equal; a table carries nothing over, and saves next to nothing."""


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


def main() -> None:
    """Measure and print, or write."""
    rows = []
    for game, learners in GAMES.items():
        for text in learners:
            rows.append(row(make_task(game), text))
            print(rows[-1], file=sys.stderr, flush=True)
    page = TEXT.format(LARGEST=LARGEST, ROWS="\n".join(rows), SAYS=SAYS)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page)
    else:
        print(page, end="")


if __name__ == "__main__":
    main()
