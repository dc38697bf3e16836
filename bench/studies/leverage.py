"""docs/leverage.md: files on other boards and under changed rules beside fits made there, and one file for several games."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from bench.harness.fitted import FittedPolicy, fit_policy
from bench.measures.joined import Fitter, fit_joined
from bench.measures.leverage import carried, gain_of
from bench.studies.page import DOCS, Page, Part, blocks_of
from games.errors import WorkError
from policies.api import Learner, Policy, Task
from policies.networks.network import NetworkLearner
from policies.rules.rulelist import RuleListLearner
from policies.rules.weighted import WeightedLearner
from policies.task import make_task
from policies.trees.tree import TreeLearner

UNITS = 16  # rules, weights, leaves and hidden units of every file
CHANNELS = 8  # of convolutions
SEEDS = (0, 1, 2)  # of networks; the other fits are not random
SAMPLED, DRAWN = ("go-3x4", "go-4x4"), 5_000  # boards of which a sample is fitted and measured, and its positions
ROUNDING = 1e-9  # of gains, which are sums in another order
SHOWN = 0.0005  # half a unit of the last digit of a gain
OPEN = {"code": "open"}
OTHER_BOARD, CHANGED_RULES, OTHER_GAME = KINDS = ("another board", "changed rules", "another game")
NOT_READ, NOT_YET = "no", "Not measured yet."


class Group(NamedTuple):
    """Games among which files are carried, in what language lists, weights and trees are written, and which networks are trained."""

    kind: str  # what changes from game to game
    games: tuple[str, ...]
    language: str
    networks: tuple[str, ...]


FLAT, ALL = ("mlp", "linear"), ("conv", "mlp", "linear")  # heaps have no board for filters
GROUPS = {
    "nim": Group(CHANGED_RULES, ("nim-5-6-7", "misere_nim-5-6-7"), "mechanical", FLAT),
    "go": Group(OTHER_BOARD, ("go-2x3", "go-2x4", "go-3x3"), "concepts+patterns", ALL),
    "mnk": Group(OTHER_BOARD, ("mnk-2x4x3", "mnk-3x3x3", "mnk-2x5x3"), "concepts+patterns", ALL),
    "row": Group(CHANGED_RULES, ("mnk-2x5x3", "mnk-2x5x4"), "concepts+patterns", ALL),
    "across": Group(OTHER_GAME, ("tictactoe", "nogo-3x3", "go-2x3"), "lookahead+patterns", ALL),
    "large": Group(OTHER_BOARD, ("go-3x3", *SAMPLED), "concepts+patterns", ALL),
}
NAMES = {"list": "rulelist", "weights": "weighted", "tree": "tree"}  # of learners of atoms, by what the tables call them


class Sought(NamedTuple):
    """A fit: what the tables call it, its learner, options and budget, and its seeds."""

    name: str
    learner: str
    options: Mapping[str, object]
    budget: int
    seeds: tuple[int, ...]


def recipes(group: Group) -> list[Sought]:
    """The fits that are made on each game of a group."""
    atoms = [Sought(name, learner, {"language": group.language, **OPEN}, UNITS, SEEDS[:1]) for name, learner in NAMES.items()]
    sizes = {"conv": CHANNELS}
    return [*atoms, *(Sought(each, "network", {"architecture": each}, sizes.get(each, UNITS), SEEDS) for each in group.networks)]


def fitted(game: str, sought: Sought) -> list[FittedPolicy]:
    """A fit by each seed, of large boards to a sample drawn by it."""
    positions = DRAWN if game in SAMPLED else None
    return [fit_policy(game, sought.learner, sought.options, sought.budget, seed, positions=positions) for seed in sought.seeds]


def measure_group(name: str) -> dict[str, str]:
    """The table of a group: each file on each game, as a share of the gain of the same recipe fitted there."""
    group = GROUPS[name]
    rows = [f"| file | fitted on | bits | {' | '.join(group.games)} |\n|---|---|--:|{'--:|' * len(group.games)}"]
    fits = {game: [fitted(game, sought) for sought in recipes(group)] for game in group.games}
    for place, sought in enumerate(recipes(group)):
        for own in group.games:
            files = fits[own][place]
            cells = [told(files, fits[other][place], own == other) for other in group.games]
            bits = statistics.mean(each.policy_bits for each in files)
            rows.append(f"| {sought.name} | {own} | {bits:,.0f} | {' | '.join(cells)} |")
    return {name: "\n".join(rows)}


def told(files: Sequence[FittedPolicy], anew: Sequence[FittedPolicy], is_own: bool) -> str:
    """A cell: the gain of files on their own game, else the share of the gain of the fits made there; mean and range of seeds."""
    if is_own:
        return f"**{statistics.mean(each.gain for each in anew):.3f}**"
    shares = [share(one, anew) for one in files]
    known = [each for each in shares if each is not None]
    if len(known) < len(shares):
        return NOT_READ
    spread = f" ({100 * min(known):.0f} to {100 * max(known):.0f})" if len(known) > 1 else ""
    return f"{100 * statistics.mean(known):.0f} %{spread}"


def share(file: FittedPolicy, anew: Sequence[FittedPolicy]) -> float | None:
    """The gain of a file on another game as a share of the mean gain of the fits made there; None where it does not read."""
    task = anew[0].task
    policy = carried(file.learner, file.data, file.task, task)
    return None if policy is None else gain_of(policy, task) / statistics.mean(each.gain for each in anew)


# One file for several games

SIZES, MOST = (16, 64), 128  # units of a file for several games, and of files for one
CHANNELS_JOINED, CHANNELS_SINGLE = (4, 8, 16), (1, 2, 4, 6, 8, 12, 16)
BROAD_HEAD = "| games | file | units | gain on each | bits | longest single | sum | of the sum |\n|---|---|--:|---|--:|--:|--:|--:|"


class Joined(NamedTuple):
    """Games that one file serves, the language of its lists, weights and trees, and whether convolutions serve them as well."""

    games: tuple[str, ...]
    language: str
    has_filters: bool = False


JOINED = {
    "go": Joined(("go-2x3", "go-2x4", "go-3x3"), "concepts+patterns", True),
    "mnk": Joined(("mnk-2x4x3", "mnk-3x3x3", "mnk-2x5x3"), "concepts+patterns", True),
    "across": Joined(("tictactoe", "nogo-3x3", "go-2x3"), "lookahead+patterns"),
    "nim": Joined(("nim-5-6-7", "misere_nim-5-6-7"), "mechanical"),
    "row": Joined(("mnk-2x5x3", "mnk-2x5x4"), "mechanical"),
}


class Broad(NamedTuple):
    """A file for several games: its learner's name in the tables, its units, bits, and its gain on each game."""

    name: str
    size: int
    bits: int
    gains: Sequence[float]


Files = list[tuple[int, float]]  # for one game: the bits and the gain of each


def measure_broad(name: str) -> dict[str, str]:
    """The table of files for several games, each beside the shortest single files that gain as much."""
    group = JOINED[name]
    tasks = [make_task(game) for game in group.games]
    rows = [BROAD_HEAD]
    every = [*broad_atoms(group, tasks), *(broad_filters(tasks) if group.has_filters else ())]
    for place, (found, single) in enumerate(every):
        if any(gains_no_more(found, smaller) for smaller, _ in every[:place]):
            continue
        shortest = [cheapest(path, wanted) for path, wanted in zip(single, found.gains, strict=True)]
        gains = ", ".join(f"{gain:.3f}" for gain in found.gains)
        lead = f"| {', '.join(group.games)} | {found.name} | {found.size} | {gains} | {found.bits:,}"
        total = sum(shortest)
        rows.append(f"{lead} | {max(shortest):,} | {total:,} | {100 * found.bits / total:.0f} % |" if all(shortest) else f"{lead} | | | |")
    return {f"broad-{name}": "\n".join(rows)}


def broad_atoms(group: Joined, tasks: Sequence[Task]) -> Iterator[tuple[Broad, list[Files]]]:
    """Lists, weights and trees for several games, each with all files of its learner for each single game."""
    learners: dict[str, Fitter] = {
        "list": RuleListLearner(group.language, code="open"),
        "weights": WeightedLearner(group.language, code="open"),
        "tree": TreeLearner(group.language, code="open"),
    }
    for name, learner in learners.items():
        single = [files(learner, task, range(1, MOST + 1), SEEDS[:1]) for task in tasks]
        for size in SIZES:
            yield Broad(name, size, *read_everywhere(learner, fit_joined(learner, tasks, size), tasks)), single


def broad_filters(tasks: Sequence[Task]) -> Iterator[tuple[Broad, list[Files]]]:
    """Convolutions for several games, the seed of the largest mean gain, with all files of one for each single game."""
    from policies.networks.joined import fit_joined_network

    learner = NetworkLearner(architecture="conv")
    single = [files(learner, task, CHANNELS_SINGLE, SEEDS) for task in tasks]
    for size in CHANNELS_JOINED:
        found = [read_everywhere(learner, fit_joined_network(learner, tasks, size, seed), tasks) for seed in SEEDS]
        yield Broad("conv", size, *max(found, key=lambda each: sum(each[1]))), single


def gains_no_more(one: Broad, smaller: Broad) -> bool:
    """Whether a file of the same learner that is no longer gains as much on each game, to the digits shown."""
    enough = all(gain <= other + SHOWN for gain, other in zip(one.gains, smaller.gains, strict=True))
    return one.name == smaller.name and smaller.bits <= one.bits and enough


def read_everywhere(learner: Learner[Any], policy: Policy, tasks: Sequence[Task]) -> tuple[int, list[float]]:
    """The bits of a policy for several games, and the gain on each of what its bytes decode to there. Raises WorkError unless all read."""
    data = learner.encode(policy, tasks[0])
    read = [carried(learner, data, tasks[0], task) for task in tasks]
    if any(each is None for each in read):
        raise WorkError("a file for several games does not read in each of them")
    return 8 * len(data), [gain_of(each, task) for each, task in zip(read, tasks, strict=True) if each is not None]


def files(learner: Learner[Any], task: Task, budgets: Sequence[int], seeds: Sequence[int]) -> Files:
    """The bits and the gain of the files of a learner for one game, of each budget and seed."""
    return [(8 * len(learner.encode(each, task)), gain_of(each, task)) for seed in seeds for each in learner.fit_path(task, budgets, seed)]


def cheapest(path: Sequence[tuple[int, float]], wanted: float) -> int:
    """The bits of the shortest of files, given as bits and gain, that gains so much; 0 where none does."""
    return min((bits for bits, gain in path if gain >= wanted - ROUNDING), default=0)


# What the tables say


def shares() -> dict[tuple[str, str], list[float]]:
    """By kind of change and name of the file the shares on the page; 0 for a file that does not read."""
    found: dict[tuple[str, str], list[float]] = {}
    for name, group in GROUPS.items():
        for file, _, _, *cells in rows_of(name)[1:]:
            elsewhere = [cell for cell in cells if "**" not in cell]
            found.setdefault((group.kind, file), []).extend(0.0 if cell == NOT_READ else float(cell.split()[0]) / 100 for cell in elsewhere)
    return found


def rows_of(block: str) -> list[list[str]]:
    """The rows of a measured table of the page."""
    path = DOCS / "leverage.md"
    text = blocks_of(path.read_text() if path.exists() else START)[block].text
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def summary() -> dict[str, str]:
    """The median share by kind of change and file."""
    found = shares()
    if not found:
        return {"summary": NOT_YET}
    names = list(dict.fromkeys(file for _, file in found))
    rows = [f"| file | {' | '.join(KINDS)} |\n|---|{'---|' * len(KINDS)}"]
    for file in names:
        cells = [middle(found.get((kind, file), [])) for kind in KINDS]
        rows.append(f"| {file} | {' | '.join(cells)} |")
    return {"summary": "\n".join(rows)}


def middle(each: Sequence[float]) -> str:
    """The median of shares with their range and number."""
    if not each:
        return "not measured"
    return f"{100 * statistics.median(each):.0f} % ({100 * min(each):.0f} to {100 * max(each):.0f}, n = {len(each)})"


START = "\n".join(f"<!-- {name} -->\n<!-- end -->\n" for name in ("summary", *GROUPS, *(f"broad-{name}" for name in JOINED)))


def measuring(name: str) -> Part:
    """The part of a group."""
    return Part(lambda: measure_group(name), "a minute or two")


def measuring_broad(name: str) -> Part:
    """The part of files for several games."""
    return Part(lambda: measure_broad(name), "some minutes")


PAGES = (
    Page(
        "leverage.md",
        {
            **{name: measuring(name) for name in GROUPS},
            **{f"broad-{name}": measuring_broad(name) for name in JOINED},
            "summary": Part(summary),
        },
        phrases=(f"{DRAWN:,} drawn positions", f"{UNITS} rules, weights, leaves or hidden units", f"{CHANNELS} channels"),
        start=START,
    ),
)
