"""docs/fitters.md: our fitters of rule lists beside those of others, on the same games.

Each round fits every learner once, one after the other, with a seed of its own and from empty caches of languages. Of processor
seconds the least of the rounds counts; residuals are means over them.
"""

import importlib.metadata
import itertools
import os
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from bench.studies.page import Page, Part
from bench.studies.rivals import ELSEWHERE, Fits, fit_rival
from bench.studies.speed import three
from bench.suites.load import load_suite
from policies.api import Policy, Task, action_probabilities
from policies.language.language import clear_caches
from policies.registry import make_learner
from policies.task import make_task

GAMES = {"tictactoe": "a minute", "go-3x3": "a minute", "go-3x4": "a few minutes"}  # and how long each takes
SEEDS = (0, 1, 2)
RULES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
LIBRARIES = ("numpy", "numba", "scikit-learn", "wittgenstein", "gplearn")

SECTION = """\
{residuals}

Have our lists at most half of their residual?

{verdicts}

The largest of each, and the time that the fit took:

{costs}

With {machine}."""


class Fitter(NamedTuple):
    """A learner with its options. It is given `more` units than there are rules; None: its units are no rules at all."""

    learner: str
    options: dict[str, Any]
    more: int | None = 0
    most: int = RULES[-1]  # rules
    is_slow: bool = False  # then it takes part in the first round only


OURS, BEST, SINGLE = "our list", "our best lists", "single atoms"
GREEDY = {"atoms": "single", "polish": False}
FITTERS = {
    OURS: Fitter("rulelist", {}),
    BEST: Fitter("rulelist", {"best": True}, is_slow=True),
    SINGLE: Fitter("rulelist", GREEDY),
    "our tree": Fitter("tree", {}, more=1, is_slow=True),
    "RIPPER": Fitter("ripper", {}),
    "CART": Fitter("cart", {}, more=1),
    "boosted stumps": Fitter("boosted", {"leaves": 2, "learning_rate": 1.0, "resolution": 256}, is_slow=True),
    "random order": Fitter("random_order", {}),
    "random, gaining": Fitter("random_order", {"only_gaining": True}),
    "formulas": Fitter("symbolic", {}, more=None, is_slow=True),
}
IN_RULES = {name: fitter.more for name, fitter in FITTERS.items() if fitter.more is not None}
RIVALS = ("RIPPER", "CART", "random order", "random, gaining")


SUITE = {  # held against each other on the games of the standard suite
    BEST: FITTERS[BEST],
    OURS: FITTERS[OURS],
    SINGLE: FITTERS[SINGLE],
    "our tree": Fitter("tree", {}),
    "weighted": Fitter("weighted", {}),
}
SUITE_RULES = (8, 32, 128, 256)
CONTROLS = ("nim", "planted", "random")  # families whose answer is known
EQUAL = 0.0005  # residuals closer than this are the same

OTHERS = ("RIPPER", "CART", "boosted stumps", "formulas")
BESIDE_RIVALS = SUITE | {name: FITTERS[name] for name in ("our tree", *OTHERS)}
RIVAL_GAMES = (
    *("tictactoe", "hex-3", "hex-2x4", "connect_four-3x4", "domineering-4x4", "breakthrough-3x3", "kalah-2-3", "nogo-2x4", "nogo-3x3"),
    *("go-2x3", "go-2x4", "go-3x3", "go-2x5"),
)


@dataclass
class Fitted:
    """What one fitter reached: a row of residuals for each round, at the numbers of rules as far as it goes."""

    residuals: list[list[float]] = field(default_factory=list)
    seconds: float = float("inf")
    largest: tuple[int, float] = (0, 1.0)  # size and residual of the largest of the first round

    def mean(self) -> dict[int, float]:
        """The mean residual over the rounds at each number of rules; a round that went less far stays at its last."""
        longest = max(map(len, self.residuals), default=0)
        padded = [row + row[-1:] * (longest - len(row)) for row in self.residuals]
        return dict(zip(RULES, np.mean(padded, axis=0).tolist(), strict=False)) if longest else {}


class Curve(NamedTuple):
    """The least residual with up to each number of SUITE_RULES, and the processor seconds of the fit."""

    left: list[float]
    seconds: float


def residual(task: Task, policy: Policy) -> float:
    """The share of random play's regret that a policy leaves."""
    return 1.0 - task.gain(action_probabilities(task.graph, policy.scores(task)))


def fit(game: str, names: Iterable[str] = FITTERS, seeds: Iterable[int] = SEEDS) -> dict[str, Fitted]:
    """The named fitters on one game, round by round."""
    task = make_task(game)
    found = {name: Fitted() for name in names}
    for i, seed in enumerate(seeds):
        for name, fitted in found.items():
            fitter = FITTERS[name]
            if i and fitter.is_slow:
                continue
            learner = make_learner(fitter.learner, fitter.options)
            budgets = learner.default_budgets(task) if fitter.more is None else [n + fitter.more for n in RULES if n <= fitter.most]
            clear_caches()
            began = time.process_time()
            policies = list(learner.fit_path(task, budgets, seed))
            fitted.seconds = min(fitted.seconds, time.process_time() - began)
            if fitter.more is not None:
                sizes = [policy.size - fitter.more for policy in policies]
                reached = [policy for n, size, policy in zip(RULES, sizes, policies, strict=False) if 2 * size > n]
                fitted.residuals.append(np.minimum.accumulate([residual(task, policy) for policy in reached]).tolist())
            if i == 0:
                read_back = learner.decode(learner.encode(policies[-1], task), task)
                fitted.largest = read_back.size, residual(task, read_back)
    return found


def shown(share: float) -> str:
    """A residual as on the page."""
    return f"{max(share, 0.0):.3f}"


def residual_rows(found: dict[str, Fitted]) -> list[str]:
    """The table of residuals: a row for each number of rules that our list reaches."""
    means = {name: fitted.mean() for name, fitted in found.items() if name in IN_RULES}
    rows = [[str(n), *(shown(mean[n]) if n in mean else "" for mean in means.values())] for n in means[OURS]]
    return [f"| rules | {' | '.join(means)} |", "|--:|" + "--:|" * len(means), *(f"| {' | '.join(row)} |" for row in rows)]


def verdicts(found: dict[str, Fitted]) -> list[str]:
    """For each rival, where our lists have at most half of its residual, and where not."""
    lines = []
    for ours, rival in itertools.product((OURS, BEST), RIVALS):
        own, theirs = found[ours].mean(), found[rival].mean()
        ratios = {n: own[n] / theirs[n] if theirs[n] else 1.0 for n in RULES if n in own and n in theirs}
        halved = [n for n, ratio in ratios.items() if ratio <= 0.5]
        others = [f"{n} ({ratio:.2f} of it)" for n, ratio in ratios.items() if ratio > 0.5]
        parts = [f"{word} with {in_words(numbers)}" for word, numbers in (("yes", halved), ("no", others)) if numbers]
        lines.append(f"- {ours} against {rival}: {'; '.join(parts)}")
    return lines


def in_words(items: Sequence[object]) -> str:
    """1, 2 and 4"""
    texts = [*map(str, items)]
    return " and ".join([*[", ".join(texts[:-1])] * (len(texts) > 1), texts[-1]])


def cost_rows(found: dict[str, Fitted]) -> list[str]:
    """The table of the largest policies: size, residual, and the processor seconds of the fit."""
    ours = number(three(found[OURS].seconds))
    rows = []
    for name, fitted in found.items():
        size, left = fitted.largest
        unit, seconds = make_learner(FITTERS[name].learner).unit, three(fitted.seconds)
        rows.append(f"| {name} | {size} {unit} | {shown(left)} | {seconds} | {three(number(seconds) / ours)} |")
    return ["| fitter | largest | residual | seconds | times ours |", "|---|--:|--:|--:|--:|", *rows]


def number(text: str) -> float:
    """A number with commas between its thousands."""
    return float(text.replace(",", ""))


def machine() -> str:
    """What a section was measured with."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return f"{os.cpu_count()} virtual cores, Python {platform.python_version()}, {versions}"


def section(found: dict[str, Fitted]) -> str:
    """The part of the page about one game."""
    residuals, costs = "\n".join(residual_rows(found)), "\n".join(cost_rows(found))
    return SECTION.format(residuals=residuals, verdicts="\n".join(verdicts(found)), costs=costs, machine=machine())


def measured(game: str) -> dict[str, str]:
    """The block of a game, measured."""
    return {game: section(fit(game))}


def suite_games() -> list[str]:
    """The games of the standard suite but for the controls."""
    return [game for game in load_suite("standard").games if game.partition("-")[0] not in CONTROLS]


def fit_once(fitter: Fitter, task: Task) -> Fits:
    """The policies of a fitter at SUITE_RULES as they are read from their files, each with its rules, and the processor seconds."""
    learner = make_learner(fitter.learner, fitter.options)
    clear_caches()
    began = time.process_time()
    policies = list(learner.fit_path(task, [n + (fitter.more or 0) for n in SUITE_RULES], 0))
    seconds = time.process_time() - began
    read = [learner.decode(learner.encode(policy, task), task) for policy in policies]
    return Fits([(policy.size - (fitter.more or 0), policy) for policy in read], seconds)


def curve(fits: Fits, task: Task) -> Curve:
    """What fitted policies leave; where nothing so small was fitted, the residual is that of random play."""
    left = [(size, residual(task, policy)) for size, policy in fits.policies]
    return Curve([min((share for size, share in left if size <= n), default=1.0) for n in SUITE_RULES], fits.seconds)


def suite_row(game: str) -> dict[str, list[float]]:
    """The residuals of each fitter of SUITE at SUITE_RULES, of policies as they are read from their files."""
    task = make_task(game)
    return {name: curve(fit_once(fitter, task), task).left for name, fitter in SUITE.items()}


def suite_table(found: dict[str, dict[str, list[float]]]) -> str:
    """All games by all fitters, those rows left out in which all gain 1; and on how many games each leaves least."""
    rows, leads = [], []
    names = [*next(iter(found.values()))]
    for i, n in enumerate(SUITE_RULES):
        here = {game: {name: max(0.0, row[name][i]) for name in names} for game, row in found.items()}
        here = {game: row for game, row in here.items() if max(row.values()) > EQUAL}
        ahead = {name: sum(row[name] <= min(row.values()) + EQUAL for row in here.values()) for name in names}
        leads.append(f"| {n} | {len(here)} | {' | '.join(str(ahead[name]) for name in names)} |")
        rows += [f"| {game} | {n} | {' | '.join(shown(row[name]) for name in names)} |" for game, row in here.items()]
    rows.sort(key=lambda row: [*found].index(row.split(" | ")[0].removeprefix("| ")))
    head, rule = " | ".join(names), "--:|" * len(names)
    return "\n".join(
        [f"| rules | games | {head} |", "|--:|--:|" + rule, *leads, "", f"| game | rules | {head} |", "|---|--:|" + rule, *rows]
    )


def suite_measured() -> dict[str, str]:
    """The block about the games of the standard suite."""
    return {"suite": suite_table({game: suite_row(game) for game in suite_games()})}


def rivals_row(game: str) -> dict[str, Curve]:
    """What each fitter of BESIDE_RIVALS and each library of others makes of a game."""
    task = make_task(game)
    own = {name: curve(fit_once(fitter, task), task) for name, fitter in BESIDE_RIVALS.items()}
    return own | {name: curve(fit_rival(rival, task, SUITE_RULES), task) for name, rival in ELSEWHERE.items()}


def better_than(ours: str, found: dict[str, dict[str, Curve]]) -> list[str]:
    """For each fitter of others, where it leaves less than one of ours: a line each."""
    lines = []
    for rival in (*OTHERS, *ELSEWHERE):
        pairs = [
            (f"{game} at {n}", row[rival].left[i], row[ours].left[i]) for game, row in found.items() for i, n in enumerate(SUITE_RULES)
        ]
        places = [f"{place} ({shown(theirs)}, ours {shown(own)})" for place, theirs, own in pairs if theirs < own - EQUAL]
        lines.append(f"- {rival}: {in_words(places) if places else 'nowhere'}")
    return lines


def rivals_table(found: dict[str, dict[str, Curve]]) -> str:
    """Who leads, in what time, where others leave less than our lists, and every residual."""
    leads, rows = suite_table({game: {name: each.left for name, each in row.items()} for game, row in found.items()}).split("\n\n")
    times = {name: [row[name].seconds for row in found.values()] for name in next(iter(found.values()))}
    costs = [f"| {name} | {three(float(np.median(each)))} | {three(max(each))} | {three(sum(each))} |" for name, each in times.items()]
    parts = [
        *(leads, "", "| fitter | median seconds of a game | most | all games |", "|---|--:|--:|--:|", *costs, ""),
        *("Others leave less than our list here:", "", *better_than(OURS, found), ""),
        *("And less than our best lists here:", "", *better_than(BEST, found), "", rows),
    ]
    return "\n".join(parts)


def rivals_measured() -> dict[str, str]:
    """The block about libraries of others; the first game is fitted once before, so that compiled kernels are ready."""
    rivals_row(RIVAL_GAMES[0])
    versions = ", ".join(rival.requirement.replace("==", " ") for rival in ELSEWHERE.values())
    return {"rivals": f"{rivals_table({game: rivals_row(game) for game in RIVAL_GAMES})}\n\nWith {machine()}, {versions}."}


def large_measured() -> dict[str, str]:
    """The block about libraries of others on the largest game of GAMES, whose own section holds the fitters beside them."""
    task = make_task([*GAMES][-1])
    found = {name: curve(fit_rival(rival, task, SUITE_RULES), task) for name, rival in ELSEWHERE.items()}
    rows = [[str(n), *(shown(each.left[i]) for each in found.values())] for i, n in enumerate(SUITE_RULES)]
    rows.append(["seconds", *(three(each.seconds) for each in found.values())])
    head = [f"| rules | {' | '.join(found)} |", "|--:|" + "--:|" * len(found)]
    return {"large": "\n".join([*head, *(f"| {' | '.join(row)} |" for row in rows)])}


PAGES = (
    Page(
        "fitters.md",
        {game: Part(partial(measured, game), takes) for game, takes in GAMES.items()}
        | {"suite": Part(suite_measured, "half an hour"), "rivals": Part(rivals_measured, "ten minutes")}
        | {"large": Part(large_measured, "a few minutes")},
    ),
)
