"""Suites: which games are measured with which learners, written in TOML, and the cells that follow from them.

    name = "small"
    games = ["tictactoe", "go-2x3"]

    [[learners]]
    name = "rulelist"
    label = "rulelist-words"        # names the cells; the learner's name unless two entries share it
    games = ["tictactoe"]           # all of the suite's games unless given
    options = { language = "words" }
    budgets = [1, 2, 3]             # the learner's own unless given

Beside these a suite may have a `description`, position `weights` and `seeds`; and a learner the budgets `results_at` which its
expected results are computed, and the `sample` of the positions that it is fitted to (docs/heldout.md), the same for all of a seed.
"""

import hashlib
import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from bench.measures.heldout import check_learner
from games.errors import UsageError
from games.registry import make_game, nearest
from policies.api import check_budgets
from policies.registry import make_learner
from policies.task import check_share

WEIGHTS = ["uniform", "play"]


class LearnerEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way of writing policies down, with its options, and the games it is tried on."""

    name: str
    label: str = ""
    games: list[str] | None = None
    options: dict[str, Any] = {}
    budgets: list[int] | None = None
    results_at: list[int] = []  # budgets at which the expected results are computed, beside the first and the last
    sample: float | None = None  # the share of the positions that it is fitted to, all unless given


class Suite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A set of cells: every learner on each of its games, once per seed."""

    name: str
    games: list[str]
    learners: list[LearnerEntry]
    description: str = ""
    weights: str = "uniform"
    seeds: list[int] = msgspec.field(default_factory=lambda: [0])


class Cell(msgspec.Struct, frozen=True):
    """One curve to measure: a game, a learner with its options, a seed."""

    game: str
    learner: str
    label: str
    options: dict[str, Any] = {}
    budgets: list[int] | None = None
    weights: str = "uniform"
    seed: int = 0
    results_at: list[int] = []
    sample: float | None = None

    @property
    def id(self) -> str:
        """Readable and stable: `game/label/seed=n`."""
        return f"{self.game}/{self.label}/seed={self.seed}"

    @property
    def random_seed(self) -> int:
        """What the learner is seeded with: 32 bits of the id's hash, so that adding a cell shifts no other's."""
        return int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:4], "big")


def load_suite(name_or_path: str) -> Suite:
    """A built-in suite by name, or one from a TOML file.

    Raises UsageError, naming the nearest known word, when there is no such suite or when a key, game, learner, option or
    budget in it is wrong.
    """
    listed = (files("bench") / "harness" / "suites").iterdir()
    built_in = {path.name.removesuffix(".toml"): path for path in listed if path.name.endswith(".toml")}
    if name_or_path in built_in:
        text = built_in[name_or_path].read_text()
    elif Path(name_or_path).is_file():
        text = Path(name_or_path).read_text()
    else:
        hint = nearest(name_or_path, list(built_in))
        raise UsageError(f"unknown suite {name_or_path!r}; {hint}; or give the path of a .toml file")
    return parse_suite(text, name_or_path)


def parse_suite(text: str, source: str) -> Suite:
    """The suite that a TOML text states; `source` names it in errors."""
    try:
        raw = tomllib.loads(text)
        _check_keys(raw, Suite, source)
        for number, entry in enumerate(raw.get("learners", []), start=1):
            _check_keys(entry, LearnerEntry, f"{source}, learner {number}")
        suite = msgspec.convert(raw, Suite)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source}: not valid TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise UsageError(f"{source}: {error}") from None
    try:
        _check_names(suite)
    except UsageError as error:
        raise UsageError(f"{source}: {error}") from None
    return suite


def cells(suite: Suite) -> list[Cell]:
    """Every cell of a suite, in the order of the file: game by game."""
    return [
        Cell(game, entry.name, _label(entry), entry.options, entry.budgets, suite.weights, seed, entry.results_at, entry.sample)
        for game in suite.games
        for entry in suite.learners
        if entry.games is None or game in entry.games
        for seed in suite.seeds
    ]


def _label(entry: LearnerEntry) -> str:
    return (entry.label or entry.name) + ("" if entry.sample is None else f",sample={entry.sample:g}")


def _check_keys(raw: object, kind: type[msgspec.Struct], where: str) -> None:
    if isinstance(raw, dict):
        known = list(kind.__struct_fields__)
        for key in raw:
            if key not in known:
                raise UsageError(f"{where}: unknown key {key!r}; {nearest(key, known)}")


def _check_names(suite: Suite) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", suite.name):
        raise UsageError(f"name {suite.name!r}: it names a folder, so use letters, digits, '.', '_' and '-' only")
    if suite.weights not in WEIGHTS:
        raise UsageError(f"unknown weights {suite.weights!r}; {nearest(suite.weights, WEIGHTS)}")
    for game in suite.games:
        make_game(game)
    for entry in suite.learners:
        make_learner(entry.name, entry.options)
        if entry.budgets is not None:
            check_budgets(entry.budgets)
        if entry.results_at:
            check_budgets(entry.results_at)
        if entry.sample is not None:
            check_learner(entry.name)
            check_share(entry.sample)
        for game in entry.games or []:
            if game not in suite.games:
                raise UsageError(f"learner {entry.name}: {game!r} is not among the suite's games; {nearest(game, suite.games)}")
    ids = [cell.id for cell in cells(suite)]
    twice = next((cell_id for cell_id in ids if ids.count(cell_id) > 1), None)
    if twice:
        raise UsageError(f"cell {twice} is listed twice: give the learner entries different labels")
    if not ids:
        raise UsageError("the suite has no cells: list at least one game, one learner and one seed")
