"""docs/soft-trees.md: what a reader of a drawn soft tree predicts of its play, and what perceptrons of signs play and mean."""

import functools
import statistics
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from bench.measures.simulatability import asked, quiz
from bench.measures.soft_tree import SoftTree
from bench.studies.binarised_units import EQUAL, FEW, SEEDS, STEPS, UNDECIDED, UNITS, Values, band, gain_of, measure_signs, measured
from bench.studies.page import Page, Part, blocks_of
from games.arrays import Float64s
from policies.api import Policy, Scores, Task, budget_ladder
from policies.networks.policy import NetworkPolicy
from policies.registry import make_learner
from policies.rules.rulelist import RuleList
from policies.task import make_task
from policies.trees.tree import TreePolicy

GAMES = ("tictactoe", "go-2x3", "go-3x3")
DEPTHS = (2, 3, 4, 5)  # levels of a soft tree
PARTS = (1, 2, 4)  # a reader knows all of a description, a half of its units, a quarter
LARGEST = 256  # rules or leaves of what soft trees are compared with
RIVALS: dict[str, tuple[str, dict[str, Any]]] = {  # the lists and trees, in one language
    "list": ("rulelist", {"language": "concepts+patterns", "atoms": "single", "polish": False}),
    "tree": ("tree", {"language": "concepts+patterns"}),
}


class Read(NamedTuple):
    """What is known of one description and of its reader."""

    units: int
    bits: int
    gain: float
    read_gain: float
    right: tuple[float, ...]  # answers of a reader who knows each of PARTS
    chance: float
    numbers: float  # that are read for an answer


def at_questions(task: Task, policy: Scores, numbers: Float64s) -> float:
    """The mean over the positions that a quiz asks. numbers: [n_positions]."""
    return float(numbers[asked(task, policy)].mean())


def told(task: Task, units: int, bits: int, policy: Scores, readings: Sequence[Scores], numbers: Float64s) -> Read:
    """A description judged by what its reader answers; `readings` are those of PARTS."""
    scored = [quiz(task, policy, reading) for reading in readings]
    right = tuple(each.right for each in scored)
    found = at_questions(task, policy, numbers)
    return Read(units, bits, gain_of(task, policy), gain_of(task, readings[0]), right, scored[0].chance, found)


@functools.cache
def soft_trees(game: str, depth: int) -> list[Read]:
    """Soft trees of some levels, seed by seed."""
    task, learner = make_task(game), make_learner("network", {"architecture": "softtree", "steps": STEPS})
    found = []
    for seed in SEEDS:
        (fitted,) = learner.fit_path(task, [depth], seed)
        bits, policy = measured(learner, task, fitted)
        assert isinstance(policy, NetworkPolicy)
        tree = SoftTree(policy, task)
        readings = [tree.reading(depth - part.bit_length() + 1) for part in PARTS]
        found.append(told(task, 1 << depth, bits, policy.scores(task), readings, tree.numbers_read()))
    return found


def literals_read(policy: RuleList, task: Task) -> Float64s:
    """The literals of the rules down to the one that decides: [n_positions]."""
    graph, sizes = task.graph, np.cumsum([0, *(len(rule) for rule in policy.rules)])
    best = np.maximum.reduceat(policy.scores(task), graph.edge_start[graph.positions]).astype(np.int64)
    found: Float64s = sizes[np.minimum(len(policy.rules) - best + 1, len(policy.rules))].astype(np.float64)
    return found


def branches_read(policy: TreePolicy, task: Task) -> Float64s:
    """The branches at which some legal move is asked: [n_positions]."""
    count = np.zeros(task.graph.n_states)
    for _, yes, no in policy.visits(task):
        count[np.unique(task.graph.edge_parent[np.concatenate([yes, no])])] += 1
    return count[task.graph.positions]


@functools.cache
def rivals(game: str, name: str) -> dict[int, tuple[int, Policy]]:
    """Lists or trees of one path by size, each with its bits."""
    task, learner = make_task(game), make_learner(*RIVALS[name])
    budgets = sorted({*range(1, 9), *budget_ladder(LARGEST)})
    return {policy.size: measured(learner, task, policy) for policy in learner.fit_path(task, budgets, 0)}


def rival(game: str, name: str, units: int) -> Read:
    """A list or tree, read with all, a half and a quarter of its units: the first rules, or the tree after the first splits."""
    task, path = make_task(game), rivals(game, name)
    bits, policy = path[units]
    scores = policy.scores(task)
    if isinstance(policy, RuleList):
        readings = [RuleList(policy.semantics, policy.rules[: units // part]).scores(task) for part in PARTS]
        return told(task, units, bits, scores, readings, literals_read(policy, task))
    assert isinstance(policy, TreePolicy)
    known = [max(size for size in path if size <= max(1, units // part)) for part in PARTS]
    return told(task, units, bits, scores, [path[size][1].scores(task) for size in known], branches_read(policy, task))


READ_HEAD = (
    "| description | units | bits | gain | gain as read | right | half known | quarter known | chance | numbers |\n"
    "|---|--:|--:|---|---|---|---|---|---|---|"
)


def rows(game: str) -> Iterator[tuple[str, list[Read]]]:
    """For each depth the soft trees, and the list and the tree of as many units, and of at most as many bits as their mean."""
    for depth in DEPTHS:
        soft = soft_trees(game, depth)
        yield "soft tree", soft
        for name in RIVALS:
            path, most = rivals(game, name), statistics.mean(each.bits for each in soft)
            units = max(size for size in path if size <= 1 << depth)
            within = max(size for size, (bits, _) in path.items() if bits <= most)
            yield f"{name}, equal units", [rival(game, name, units)]
            yield f"{name}, equal bits", [rival(game, name, within)]


def read_row(label: str, each: Sequence[Read]) -> str:
    """A row of the table of readings."""
    cells = [f"{each[0].units}", f"{statistics.mean(one.bits for one in each):,.0f}"]
    cells += [band([one.gain for one in each]), band([one.read_gain for one in each])]
    cells += [band([one.right[place] for one in each]) for place in range(len(PARTS))]
    cells += [band([one.chance for one in each]), band([one.numbers for one in each], 0)]
    return f"| {label} | {' | '.join(cells)} |"


def measure_readings(game: str) -> dict[str, str]:
    """The table of readings of a game."""
    return {f"read-{game}": "\n".join([READ_HEAD, *(read_row(*row) for row in rows(game))])}


def table(block: str) -> list[list[str]]:
    """The rows of a measured table of the page, without its head."""
    lines = [line for line in blocks_of(PAGE.read())[block].text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def mean_in(cell: str) -> float:
    """The mean of a cell."""
    return float(cell.split(maxsplit=1)[0].replace(",", ""))


def said() -> dict[str, str]:
    """The findings, computed from the measured tables."""
    if not all(blocks_of(PAGE.read())[f"{part}-{game}"].day for part in ("read", "signs") for game in GAMES):
        return {"said": "Not measured yet."}
    lines = [f"- {line}" for make in (said_of_reading, said_of_effort, said_of_signs, said_of_units) for line in make()]
    return {"said": "\n".join(lines)}


def extent(values: Values) -> str:
    """The lowest and the highest of some numbers."""
    return f"{min(values):.2f} to {max(values):.2f}"


def said_of_reading() -> list[str]:
    """What a reader of the whole drawing answers, and what the tree loses by being read so."""
    soft = [row for game in GAMES for row in table(f"read-{game}") if row[0] == "soft tree"]
    right, chance = [mean_in(row[5]) for row in soft], [mean_in(row[8]) for row in soft]
    lost = [mean_in(row[3]) - mean_in(row[4]) for row in soft]
    answers = f"A reader who follows one path answers {extent(right)} of the questions as the soft tree plays; a guess, {extent(chance)}."
    return [
        answers,
        f"The gain of a soft tree, less that of its reading, is {extent(lost)}. Lists and hard trees lose nothing by being read.",
    ]


def compared(label: str, column: int) -> tuple[int, int, int]:
    """In how many places the soft tree has more than its rival, less, and the same; a band counts from end to end."""
    more = less = 0
    n = 0
    for game in GAMES:
        soft: list[str] = []
        for row in table(f"read-{game}"):
            if row[0] == "soft tree":
                soft = row
            elif row[0] == label:
                n += 1
                ends = [float(part.replace(",", "")) for part in soft[column].replace("(", "").replace(")", "").replace("to", "").split()]
                more += min(ends) > mean_in(row[column])
                less += max(ends) < mean_in(row[column])
    return more, less, n - more - less


def said_of_effort() -> list[str]:
    """Soft trees beside lists and trees: gain, answers with a quarter known, numbers an answer takes."""
    found = []
    for label in ("list, equal units", "list, equal bits", "tree, equal units", "tree, equal bits"):
        gain, quarter, numbers = (compared(label, column) for column in (3, 7, 9))
        found.append(
            f"Beside the {label.replace(', equal', ' of equal')}, over {sum(gain)} pairs: gain higher in {gain[0]}, lower in {gain[1]}; "
            f"with a quarter known, more right answers in {quarter[0]}, fewer in {quarter[1]}; "
            f"numbers read, more in {numbers[0]}, fewer in {numbers[1]}."
        )
    return found


def said_of_signs() -> list[str]:
    """Binarised beside ordinary hidden units."""
    found = []
    for kind, weights in (("binarised", "ordinary"), ("binarised, ternary", "ternary")):
        each = [row for game in GAMES for row in table(f"signs-{game}") if row[0] == kind]
        parts = []
        for name, column in (("units", 4), ("bits", 5)):
            counts = [sum(row[column] == word for row in each) for word in ("higher", "lower", UNDECIDED, "none is as short")]
            shorter = f", {counts[3]} without an ordinary file so short" if counts[3] else ""
            parts.append(f"at equal {name} higher in {counts[0]}, lower in {counts[1]}, undecided in {counts[2]}{shorter}")
        found.append(f"Gain with hidden units of 1 and -1, {weights} weights, beside whole ones: {'; '.join(parts)}, of {len(each)}.")
    return found


def said_of_units() -> list[str]:
    """Whether a binarised unit is a rule that can be read."""
    found = []
    for kind in ("ordinary", "binarised", "binarised, ternary"):
        each = [row for game in GAMES for row in table(f"signs-{game}.units") if row[0] == kind]
        total, exact, few = (sum(int(row[place]) for row in each) for place in (1, 3, 4))
        rules = " and ".join([", ".join(f"{mean_in(row[6]):.0f}" for row in each[:-1]), f"{mean_in(each[-1][6]):.0f}"])
        found.append(
            f"Of {total} {kind} units {exact} are exactly a conjunction of up to three facts, {few} have at most {FEW} inputs; "
            f"90 % of the choices take {rules} rules on {', '.join(GAMES[:-1])} and {GAMES[-1]}."
        )
    return found


def measuring(compute: Callable[[str], dict[str, str]], game: str) -> Part:
    """The part of a game."""
    return Part(functools.partial(compute, game), "a minute or two of processor time")


START = "\n".join(f"<!-- {name} -->\n<!-- end -->\n" for game in GAMES for name in (f"read-{game}", f"signs-{game}", f"signs-{game}.units"))
PAGE = Page(
    "soft-trees.md",
    {
        **{f"read-{game}": measuring(measure_readings, game) for game in GAMES},
        **{f"signs-{game}": measuring(measure_signs, game) for game in GAMES},
        "said": Part(said),
    },
    phrases=(f"{STEPS} steps", f"{len(SEEDS)} seeds", f"{EQUAL - 1:.0%} longer", f"{UNITS} hidden units", f"at most {FEW} inputs"),
    start=f"<!-- said -->\n<!-- end -->\n\n{START}",
)
PAGES = (PAGE,)
