"""Whether a suite can be measured: names that are known, values in range, ids that are told apart."""

import math
import re
from collections import Counter

import msgspec

from bench.measures.heldout import check_learner
from bench.suites.grid import NAME, WEIGHTS, LearnerEntry, Suite, cells, count_cells, label_of, matches, variations
from games.errors import UsageError, nearest
from games.registry import make_game
from policies.api import check_budgets, check_seeds
from policies.registry import make_learner, read_options
from policies.task import BOARDS, check_split

MAX_CELLS = 1_000_000
MAX_SPLITS = 100


def check_suite(suite: Suite) -> Suite:
    """The suite with the options of its learners in their types.

    Raises UsageError for what cannot be measured: unknown names, values out of range, two cells of one id, no cell at all.
    """
    if not re.fullmatch(NAME, suite.name):
        raise UsageError(f"name {suite.name!r}: it names a folder, so use letters, digits, '.', '_' and '-' only")
    check_size(suite)
    _check_settings(suite.weights, suite.time_limit, suite.memory_limit)
    check_seeds(suite.seeds)
    for game in suite.games:
        make_game(game)
    learners = []
    for number, entry in enumerate(suite.learners, start=1):
        try:
            learners.append(_with_options(entry))
            _check_entry(learners[-1], suite)
        except UsageError as error:
            raise UsageError(f"learner {number} ({entry.label or entry.name}): {error}") from None
    suite = msgspec.structs.replace(suite, learners=learners)
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
    return suite


def check_size(suite: Suite) -> None:
    """Raises UsageError for a suite of more cells than can be listed."""
    if count_cells(suite) > MAX_CELLS:
        raise UsageError(f"the suite has more than {MAX_CELLS:,} cells: split it")


def _with_options(entry: LearnerEntry) -> LearnerEntry:
    """The entry with its options in their types, as plain JSON like those of a record."""
    options = read_options(entry.name, entry.options)
    varied = {name: [read_options(entry.name, {name: value})[name] for value in values] for name, values in entry.vary.items()}
    return msgspec.structs.replace(entry, **msgspec.json.decode(msgspec.json.encode({"options": options, "vary": varied})))


def _check_entry(entry: LearnerEntry, suite: Suite) -> None:
    _check_settings(entry.weights or suite.weights, entry.time_limit, entry.memory_limit)
    for option, values in entry.vary.items():
        if option in entry.options:
            raise UsageError(f"option {option!r} is both given and varied: keep it in one place")
        if not values:
            raise UsageError(f"vary has no values for {option!r}: list at least one, or leave it out")
    for varied in variations(entry):
        make_learner(entry.name, {**entry.options, **varied})
        label = label_of(entry, varied)
        if "/" in label or not label.isprintable():
            raise UsageError(f"label {label!r} is part of ids: use no '/' and no unprintable characters")
    check_seeds(entry.seeds or [])
    if entry.budgets is not None:
        check_budgets(entry.budgets)
    if entry.results_at:
        check_budgets(entry.results_at)
    if entry.positions is not None and entry.positions < 1:
        raise UsageError(f"positions {entry.positions}: give the number of positions to draw, a whole number from 1 up")
    if entry.held_out is not None:
        check_learner(entry.name)
        check_split(entry.held_out, entry.split)
    elif entry.splits or entry.split != BOARDS:
        raise UsageError("splits and split say how held_out is drawn: give held_out, for example 0.5")
    if not 0 <= entry.splits <= MAX_SPLITS:
        raise UsageError(f"splits {entry.splits}: give a number of draws from 0 to {MAX_SPLITS}")
    if not 0 <= entry.nulls <= entry.splits:
        raise UsageError(f"nulls {entry.nulls}: they repeat splits on shuffled moves, so give a number from 0 to splits")
    for pattern in [*(entry.games or []), *entry.except_games]:
        if not any(matches(game, [pattern]) for game in suite.games):
            raise UsageError(f"{pattern!r} is not among the suite's games; {nearest(pattern, suite.games)}")


def _check_settings(weights: str, time_limit: float | None, memory_limit: float | None) -> None:
    if weights not in WEIGHTS:
        raise UsageError(f"unknown weights {weights!r}; {nearest(weights, WEIGHTS)}")
    for name, value, unit in (("time_limit", time_limit, "seconds"), ("memory_limit", memory_limit, "GiB")):
        if value is not None and not 0 < value < math.inf:
            raise UsageError(f"{name} {value:g}: give a number of {unit} above 0")
