"""What a suite is made of, and the cells that follow from it: every learner on each of its games, once per seed."""

import itertools
import math
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from bench.harness.records import Cell


class LearnerEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way of writing policies down, with its options, and the games it is tried on."""

    name: str
    label: str = ""
    games: list[str] | None = None  # patterns of the suite's games, all unless given
    options: dict[str, Any] = {}
    budgets: list[int] | None = None
    results_at: list[int] = []  # budgets at which the expected results are computed, beside the first and the last
    sample: float | None = None  # the share of the positions that it is fitted to, all unless given
    vary: dict[str, list[Any]] = {}  # values of an option, each of which makes a curve of its own
    except_games: list[str] = []  # patterns of games to leave out
    seeds: list[int] | None = None  # the suite's unless given, as are the next three
    weights: str | None = None
    time_limit: float | None = None
    memory_limit: float | None = None


class Suite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A set of cells: every learner on each of its games, once per seed."""

    name: str
    games: list[str] = []
    learners: list[LearnerEntry] = []
    description: str = ""
    weights: str = "uniform"
    seeds: list[int] = msgspec.field(default_factory=lambda: [0])
    time_limit: float | None = None  # seconds a cell
    memory_limit: float | None = None  # GiB a cell
    include: list[str] = []  # patterns of the ids of cells; all unless given
    exclude: list[str] = []
    extends: str = ""  # the suite that this one starts from; once a suite is read, what that has stands here too


def cells(suite: Suite) -> list[Cell]:
    """Every cell of a suite, in the order of the file: game by game."""
    listed = [
        Cell(
            game=game,
            learner=entry.name,
            label=label_of(entry, varied),
            options={**entry.options, **varied},
            budgets=entry.budgets,
            weights=suite.weights if entry.weights is None else entry.weights,
            seed=seed,
            results_at=entry.results_at,
            sample=entry.sample,
            time_limit=suite.time_limit if entry.time_limit is None else entry.time_limit,
            memory_limit=suite.memory_limit if entry.memory_limit is None else entry.memory_limit,
        )
        for game in suite.games
        for entry in suite.learners
        if (entry.games is None or matches(game, entry.games)) and not matches(game, entry.except_games)
        for varied in variations(entry)
        for seed in (suite.seeds if entry.seeds is None else entry.seeds)
    ]
    if not suite.include and not suite.exclude:
        return listed
    return [cell for cell in listed if (not suite.include or matches(cell.id, suite.include)) and not matches(cell.id, suite.exclude)]


def matches(name: str, patterns: list[str]) -> bool:
    """Whether a name is one of these or matches one, with `*` for anything."""
    return any(name == pattern or fnmatchcase(name, pattern) for pattern in patterns)


def count_cells(suite: Suite) -> int:
    """How many cells a suite has before `include` and `exclude`, at most, without listing them."""
    a_game = (
        len(suite.seeds if entry.seeds is None else entry.seeds) * math.prod(len(values) for values in entry.vary.values())
        for entry in suite.learners
    )
    return len(suite.games) * sum(a_game)


def variations(entry: LearnerEntry) -> list[dict[str, Any]]:
    """The options of each curve that an entry makes, beside those that it gives to all."""
    return [dict(zip(entry.vary, values, strict=True)) for values in itertools.product(*entry.vary.values())]


def label_of(entry: LearnerEntry, varied: dict[str, Any]) -> str:
    """What names the curve of an entry with these of its options varied: its label, then what tells it from its others."""
    shown = [f",{name}={value if isinstance(value, str) else msgspec.json.encode(value).decode()}" for name, value in varied.items()]
    return (entry.label or entry.name) + "".join(shown) + ("" if entry.sample is None else f",sample={entry.sample:g}")
