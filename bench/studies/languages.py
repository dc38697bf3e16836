"""Six definitions of how long a policy is that gains 0.9, on six games: what changes when its words, its work and its language count.

Each policy is a weighted list, fitted at growing budgets until one gains LEVEL. The definitions differ in the language, in a limit of
operations a decision, and in whether the language is counted.
"""

from collections.abc import Iterator
from typing import NamedTuple

from bench.curves.figure1 import LEVEL
from bench.harness.path import FittedPath
from bench.measures.reader import comparable_language_bits
from bench.wording import show
from policies.api import Task, action_probabilities, budget_ladder, mean_and_worst
from policies.rules.weighted import WeightedLearner
from policies.task import make_task

GAMES = {  # and the most policy bits that the mechanical language may take at LIMIT; None: printed
    "nogo-3x4": 32,
    "hex-3x4": 16,
    "domineering-4x5": 16,
    "connect_four-4x4": 152,
    "go-2x5": None,
    "kalah-3-3": None,
}
LIMIT = 10_000  # operations a decision, mean over positions: a child alone is written down in ten to thirty
MOST = 64  # weights
OWN, WORDLESS, AHEAD, MECHANICAL = "concepts", "cells", "lookahead+cells", "mechanical"
LANGUAGES = {OWN: "its own concepts", WORDLESS: "patterns and cells", AHEAD: "and lookahead", MECHANICAL: "mechanical"}
HEADS = ("game", *LANGUAGES.values(), f"mechanical, at most {LIMIT:,} operations", "and its language")
HEAD = f"| {' | '.join(HEADS)} |\n|---|{'--:|' * (len(HEADS) - 1)}"


class Reached(NamedTuple):
    """The policies of a path up to the first that gains LEVEL, shortest first."""

    policy_bits: int
    language_bits: int
    gain: float
    operations: float


def path(task: Task, language: str) -> list[Reached]:
    """Weighted lists of growing budgets, up to the first that gains LEVEL, or to MOST weights."""
    windows = "+patterns" if task.game.board is not None and language != MECHANICAL else ""
    learner = WeightedLearner(language + windows)
    budgets = sorted({*range(1, 17), *budget_ladder(MOST)})
    found = []
    for _, policy in FittedPath(learner, task, budgets, 0):
        gain = task.gain(action_probabilities(task.graph, policy.scores(task)))
        bits, language_bits = 8 * len(learner.encode(policy, task)), comparable_language_bits(learner, policy, task) or 0
        found.append(Reached(bits, language_bits, gain, mean_and_worst(policy, task)[0]))
        if gain >= LEVEL:
            break
    return found


def in_bits(found: list[Reached], limit: float | None = None, with_language: bool = False) -> str:
    """The fewest bits that gain LEVEL within a limit, or more than the longest that was measured."""
    reaching = [each for each in found if each.gain >= LEVEL and (limit is None or each.operations <= limit)]
    if reaching:
        best = min(reaching, key=lambda each: each.policy_bits)
        return show(best.policy_bits + best.language_bits * with_language)
    longest = max(found, key=lambda each: each.policy_bits)
    return f"> {show(longest.policy_bits + longest.language_bits * with_language)}"


def rows() -> Iterator[str]:
    """A line a game."""
    for game in GAMES:
        task = make_task(game)
        paths = {language: path(task, language) for language in LANGUAGES}
        bare = [in_bits(paths[language]) for language in LANGUAGES]
        mechanical = paths[MECHANICAL]
        yield f"| {' | '.join([game, *bare, in_bits(mechanical, LIMIT), in_bits(mechanical, LIMIT, True)])} |"


def measure() -> dict[str, str]:
    """The block of docs/axis.md."""
    return {"languages": "\n".join([HEAD, *rows()])}
