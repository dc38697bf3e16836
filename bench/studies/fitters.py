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


def suite_row(game: str) -> dict[str, list[float]]:
    """The residuals of each fitter of SUITE at SUITE_RULES, of policies as they are read from their files."""
    task = make_task(game)
    found = {}
    for name, fitter in SUITE.items():
        learner = make_learner(fitter.learner, fitter.options)
        files = [learner.encode(policy, task) for policy in learner.fit_path(task, [n + (fitter.more or 0) for n in SUITE_RULES], 0)]
        left = np.minimum.accumulate([residual(task, learner.decode(data, task)) for data in files]).tolist()
        found[name] = left + left[-1:] * (len(SUITE_RULES) - len(left))
    return found


def suite_table(found: dict[str, dict[str, list[float]]]) -> str:
    """All games by all fitters, those rows left out in which all gain 1; and on how many games each leaves least."""
    rows, leads = [], []
    for i, n in enumerate(SUITE_RULES):
        here = {game: {name: max(0.0, row[name][i]) for name in SUITE} for game, row in found.items()}
        here = {game: row for game, row in here.items() if max(row.values()) > EQUAL}
        ahead = {name: sum(row[name] <= min(row.values()) + EQUAL for row in here.values()) for name in SUITE}
        leads.append(f"| {n} | {len(here)} | {' | '.join(str(ahead[name]) for name in SUITE)} |")
        rows += [f"| {game} | {n} | {' | '.join(shown(row[name]) for name in SUITE)} |" for game, row in here.items()]
    rows.sort(key=lambda row: [*found].index(row.split(" | ")[0].removeprefix("| ")))
    names = " | ".join(SUITE)
    counted = [f"| rules | games | {names} |", "|--:|--:|" + "--:|" * len(SUITE), *leads]
    return "\n".join([*counted, "", f"| game | rules | {names} |", "|---|--:|" + "--:|" * len(SUITE), *rows])


def suite_measured() -> dict[str, str]:
    """The block about the games of the standard suite."""
    return {"suite": suite_table({game: suite_row(game) for game in suite_games()})}


PAGES = (
    Page(
        "fitters.md",
        {game: Part(partial(measured, game), takes) for game, takes in GAMES.items()} | {"suite": Part(suite_measured, "half an hour")},
    ),
)
