"""Whether a suite can be measured: names that are known, values in range, ids that are told apart."""

import dataclasses
import math
import re
from collections import Counter
from typing import Any

import msgspec

from bench.measures.heldout import check_learner
from bench.suites.grid import NAME, WEIGHTS, LearnerEntry, Suite, cells, count_cells, label_of, matches, variations
from games.errors import UsageError, nearest
from games.registry import make_game
from policies.api import Learner, check_budgets
from policies.registry import make_learner
from policies.task import check_share

MAX_CELLS = 1_000_000


def check_suite(suite: Suite) -> None:
    """Raises UsageError for what cannot be measured: unknown names, values out of range, two cells of one id, no cell at all."""
    if not re.fullmatch(NAME, suite.name):
        raise UsageError(f"name {suite.name!r}: it names a folder, so use letters, digits, '.', '_' and '-' only")
    check_size(suite)
    _check_settings(suite.weights, suite.time_limit, suite.memory_limit)
    for game in suite.games:
        make_game(game)
    for entry in suite.learners:
        _check_entry(entry, suite)
    everything = msgspec.structs.replace(suite, include=[], exclude=[])
    ids = Counter(cell.id for cell in cells(everything))
    twice = next((cell_id for cell_id, number in ids.items() if number > 1), None)
    if twice:
        raise UsageError(f"cell {twice} is listed twice: give the learner entries different labels")
    for pattern in (*suite.include, *suite.exclude):
        if not any(matches(cell_id, [pattern]) for cell_id in ids):
            raise UsageError(f"no cell matches {pattern!r}: patterns are of ids like {next(iter(ids), 'game/label/seed=0')}")
    if not cells(suite):
        raise UsageError("the suite has no cells: list at least one game, one learner and one seed")


def check_size(suite: Suite) -> None:
    """Raises UsageError for a suite of more cells than can be listed."""
    if count_cells(suite) > MAX_CELLS:
        raise UsageError(f"the suite has more than {MAX_CELLS:,} cells: split it")


def _check_entry(entry: LearnerEntry, suite: Suite) -> None:
    _check_settings(entry.weights or suite.weights, entry.time_limit, entry.memory_limit)
    for option, values in entry.vary.items():
        if option in entry.options:
            raise UsageError(f"learner {entry.name}: option {option!r} is both given and varied: keep it in one place")
        if not values:
            raise UsageError(f"learner {entry.name}: vary has no values for {option!r}: list at least one, or leave it out")
    for varied in variations(entry):
        check_options(entry.name, {**entry.options, **varied})
        label = label_of(entry, varied)
        if "/" in label or not label.isprintable():
            raise UsageError(f"learner {entry.name}: label {label!r} is part of ids: use no '/' and no unprintable characters")
    if entry.budgets is not None:
        check_budgets(entry.budgets)
    if entry.results_at:
        check_budgets(entry.results_at)
    if entry.sample is not None:
        check_learner(entry.name)
        check_share(entry.sample)
    for pattern in [*(entry.games or []), *entry.except_games]:
        if not any(matches(game, [pattern]) for game in suite.games):
            raise UsageError(f"learner {entry.name}: {pattern!r} is not among the suite's games; {nearest(pattern, suite.games)}")


def check_options(name: str, options: dict[str, Any]) -> Learner[Any]:
    """The learner with these options. Raises UsageError where there is none, or where a value is not of its option's type."""
    try:
        learner = make_learner(name, options)
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:  # what a value of the wrong type may lead to
        raise UsageError(f"learner {name}: an option has a wrong value: {error}") from None
    for field in dataclasses.fields(learner):  # type: ignore[arg-type]
        usual, value = field.default, options.get(field.name, field.default)
        like = (int, float) if isinstance(usual, float) else type(usual)
        is_plain = isinstance(usual, bool | int | float | str)
        if is_plain and (not isinstance(value, like) or isinstance(value, bool) != isinstance(usual, bool)):
            raise UsageError(f"learner {name}: option {field.name}={value!r}: give a value like {usual!r}")
    return learner


def _check_settings(weights: str, time_limit: float | None, memory_limit: float | None) -> None:
    if weights not in WEIGHTS:
        raise UsageError(f"unknown weights {weights!r}; {nearest(weights, WEIGHTS)}")
    for name, value, unit in (("time_limit", time_limit, "seconds"), ("memory_limit", memory_limit, "GiB")):
        if value is not None and not 0 < value < math.inf:
            raise UsageError(f"{name} {value:g}: give a number of {unit} above 0")
