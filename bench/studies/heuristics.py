"""docs/heuristics.md: which networks are easier to explain by rules, at equal gain.

Each network is trained for longer and longer, up a ladder of steps, and then for steps between the two rungs around each level of
gain. At a level the network counts whose gain comes closest.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench.measures.heuristics import GROWTH, LEVELS, MAX_FACTS, MIN_SHARE, Facts, explain_play, facts_of, match_units
from bench.studies.page import Page, Part
from policies.api import Task, action_probabilities
from policies.networks.diagnostics import Probe
from policies.networks.policy import NetworkPolicy
from policies.registry import make_learner, parse_learner
from policies.task import make_task

KINDS: dict[str, tuple[str, int]] = {  # what is compared: the learner and its budget, and in PLAIN what it is compared with
    "plain": ("network:depth=2", 16),
    "linear": ("network:architecture=linear", 64),
    "modular": ("network:depth=2,groups=4", 16),
    "noisy": ("network:depth=2,noise=0.3", 16),
    "pruned": ("network:depth=2,stages=prune-80", 32),
    "wide": ("network:depth=2", 64),
}
PLAIN = "plain"
GAMES = ("tictactoe", "go-2x3", "go-3x3")
SEEDS = (0, 1, 2, 3, 4)
GAINS = (0.8, 0.9)  # levels at which networks are compared
SLACK = 0.02  # a network counts at a level if its gain is at most this far from it
STEPS = tuple(round(20 * 2 ** (i / 3)) for i in range(17))  # 20 to 806
BETWEEN = 6  # trainings between two of them
VERDICTS = ("fewer", "more", "lower", "higher", "undecided", "not reached")


class Found(NamedTuple):
    """What is known of one network at one level."""

    gain: float
    f1: float  # mean over its units
    excess: float  # of that over the F1 of saying that a unit is always active, as a share of what is possible above it
    rules: tuple[float, ...]  # that make LEVELS of its choices
    list_gain: float  # of the list that makes the second of LEVELS


class Band(NamedTuple):
    """The mean over seeds, and the lowest and highest."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        digits = 2 if self.high < 2 else 0
        return f"{self.mean:.{digits}f} ({self.low:.{digits}f} to {self.high:.{digits}f})"


def band(values: Sequence[float]) -> Band:
    """The band of some numbers."""
    return Band(sum(values) / len(values), min(values), max(values))


def train(task: Task, kind: str, seed: int, steps: int) -> tuple[float, NetworkPolicy]:
    """A network of a kind, and its gain."""
    text, budget = KINDS[kind]
    name, options = parse_learner(text)
    (policy,) = make_learner(name, {**options, "steps": steps}).fit_path(task, [budget], seed)
    return task.gain(action_probabilities(task.graph, policy.scores(task))), policy


def ladder(task: Task, kind: str, seed: int) -> dict[int, tuple[float, NetworkPolicy]]:
    """Networks of a kind and their gains by the steps that they were trained for, until one is beyond the highest level."""
    found: dict[int, tuple[float, NetworkPolicy]] = {}
    for steps in STEPS:
        found[steps] = train(task, kind, seed, steps)
        if found[steps][0] > GAINS[-1] + SLACK:
            break
    for level in GAINS:
        rungs = [steps for steps in STEPS if steps in found]
        above = next((i for i, steps in enumerate(rungs) if found[steps][0] >= level), 0)
        if above and min(abs(gain - level) for gain, _ in found.values()) > SLACK / 4:
            low, high = rungs[above - 1], rungs[above]
            for i in range(1, BETWEEN + 1):
                steps = round(low * (high / low) ** (i / (BETWEEN + 1)))
                found[steps] = train(task, kind, seed, steps)
    return found


def measure(task: Task, policy: NetworkPolicy, gain: float, facts: Facts) -> Found:
    """What is known of one network."""
    matches = match_units(Probe(policy, task), facts)
    play = explain_play(task, policy.scores(task), make_learner("rulelist"))
    counts = [play.n_rules(level) or play.sizes[-1] for level in LEVELS]
    mean = sum(match.f1 for match in matches) / len(matches)
    excess = sum((match.f1 - match.always) / (1 - match.always) for match in matches) / len(matches)
    return Found(gain, mean, excess, tuple(map(float, counts)), play.gains[play.sizes.index(counts[1])])


def measured_kinds(game: str) -> dict[tuple[float, str], list[Found]]:
    """By level and kind what was found, seed by seed; less than one a seed where a kind does not come near a level."""
    task = make_task(game)
    facts = facts_of(task)
    found: dict[tuple[float, str], list[Found]] = {(level, kind): [] for level in GAINS for kind in KINDS}
    for kind in KINDS:
        for seed in SEEDS:
            rungs = ladder(task, kind, seed).values()
            for level in GAINS:
                gain, policy = min(rungs, key=lambda rung: abs(rung[0] - level))
                if abs(gain - level) <= SLACK:
                    found[level, kind].append(measure(task, policy, gain, facts))
                    print(f"{game}, {kind}, seed {seed}, {level}: {found[level, kind][-1]}", file=sys.stderr, flush=True)
    return found


HEAD = """\
| network | seeds | gain | mean F1 of units | above `always` | rules for 50 % | for 90 % | for 99 % | gain of the list for 90 % |
|---|--:|---|---|---|---|---|---|---|"""


def table(level: float, found: Mapping[tuple[float, str], Sequence[Found]]) -> str:
    """The table of a level."""
    lines = [HEAD]
    for kind in KINDS:
        each = found[level, kind]
        if not each:
            lines.append(f"| {kind} | 0 | not reached | | | | | | |")
            continue
        cells = [band([one.gain for one in each]), band([one.f1 for one in each]), band([one.excess for one in each])]
        cells += [band([one.rules[i] for one in each]) for i in range(len(LEVELS))] + [band([one.list_gain for one in each])]
        lines.append(f"| {kind} | {len(each)} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def verdict(kind: str, level: float, found: Mapping[tuple[float, str], Sequence[Found]], value: str, n_seeds: int = len(SEEDS)) -> str:
    """Whether a kind has more or fewer of something than the plain network; undecided where bands overlap.

    Numbers of rules are known to a factor of GROWTH, by which the bands have to lie apart.
    """
    ours, plain = ([_value(one, value) for one in found[level, each]] for each in (kind, PLAIN))
    if min(len(ours), len(plain)) < n_seeds:
        return "not reached"
    apart = GROWTH if value == "rules" else 1.0
    if max(ours) * apart < min(plain):
        return "fewer" if value == "rules" else "lower"
    if min(ours) > max(plain) * apart:
        return "more" if value == "rules" else "higher"
    return "undecided"


def _value(found: Found, value: str) -> float:
    return found.rules[1] if value == "rules" else found.excess


def verdicts(games: Mapping[str, Mapping[tuple[float, str], Sequence[Found]]], value: str) -> str:
    """The table of verdicts, a row a kind, a column a game and level."""
    columns = [(game, level) for game in games for level in GAINS]
    lines = ["| network | " + " | ".join(f"{game}, gain {level:g}" for game, level in columns) + " |", "|---|" + "---|" * len(columns)]
    for kind in KINDS:
        if kind != PLAIN:
            cells = [verdict(kind, level, games[game], value) for game, level in columns]
            lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def said(games: Mapping[str, Mapping[tuple[float, str], Sequence[Found]]]) -> str:
    """For each kind how many of the comparisons came out which way."""
    lines = ["| network | rules for 90 % of its choices | F1 of its units above `always` |", "|---|---|---|"]
    for kind in (kind for kind in KINDS if kind != PLAIN):
        cells = []
        for value in ("rules", "units"):
            count = Counter(verdict(kind, level, games[game], value) for game in games for level in GAINS)
            cells.append(", ".join(f"{word} in {count[word]}" for word in VERDICTS if count[word]))
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def measured() -> dict[str, str]:
    """The blocks of the page, measured."""
    games = {game: measured_kinds(game) for game in GAMES}
    blocks = {f"networks.{game}": "\n\n".join(f"Gain {level:g}:\n\n{table(level, games[game])}" for level in GAINS) for game in GAMES}
    return {"networks.said": said(games), "networks.rules": verdicts(games, "rules"), "networks.units": verdicts(games, "units"), **blocks}


PAGES = (
    Page(
        "heuristics.md",
        {"networks": Part(measured, "five minutes of processor time")},
        phrases=(
            f"at most {SLACK:g} from the level",
            f"grow by {GROWTH - 1:.1%}",
            f"{len(SEEDS)} seeds",
            f"the {MAX_FACTS} best single facts",
            f"at least {MIN_SHARE:.0%} of the positions",
        ),
    ),
)
