"""What a suite is made of, and the cells that follow from it: every learner on each of its games, once per seed."""

import hashlib
import itertools
import math
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec

from policies.former_names import present_held_out, present_learner
from policies.position_weights import KINDS, OTHER_NAMES
from policies.registry import LEARNERS
from policies.sampled_task import sample_options
from policies.task import BOARDS, POSITIONS, SPLITS

WEIGHTS = [*KINDS]
LIMITS = ("time_limit", "memory_limit")  # of a cell: they decide whether it ends, not with what
NAME = "^[A-Za-z0-9][A-Za-z0-9._-]*$"


def _in_order(entry: "LearnerEntry | Cell") -> None:
    """Sort the budgets of an entry or a cell, without repeats, so that all ways of writing them ask for the same records."""
    _in_one_name(entry)
    if entry.budgets is not None:
        msgspec.structs.force_setattr(entry, "budgets", sorted(set(entry.budgets)))
    msgspec.structs.force_setattr(entry, "results_at", sorted(set(entry.results_at)))


def _in_one_name(asked: "Suite | LearnerEntry | Cell") -> None:
    """Call weights of two names by the one that records hold."""
    if asked.weights in OTHER_NAMES:
        msgspec.structs.force_setattr(asked, "weights", OTHER_NAMES[asked.weights])


def _about(text: str, **schema: Any) -> Any:
    """What the schema for editors says of a key (bench/suites/schema.py)."""
    return msgspec.Meta(description=text, extra_json_schema=schema)


class LearnerEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way of writing policies down, with its options, and the games it is tried on."""

    name: Annotated[str, _about("kind of policy, as `gaincurve learners` lists them", examples=sorted(LEARNERS))]
    label: Annotated[str, _about("names its curves in ids and legends; its name unless given")] = ""
    games: Annotated[list[str] | None, _about("names or patterns (`go-*`) of the suite's games; all unless given")] = None
    except_games: Annotated[list[str], _about("names or patterns of games to leave out")] = []
    options: Annotated[dict[str, Any], _about("options of the learner, as `gaincurve learners NAME` lists them")] = {}
    vary: Annotated[dict[str, list[Any]], _about("values of options, each combination of which makes a curve of its own")] = {}
    budgets: Annotated[list[int] | None, _about("sizes to fit, in any order; the learner's own unless given")] = None
    results_at: Annotated[list[int], _about("budgets at which expected results are computed, beside the first and the last")] = []
    held_out: Annotated[
        float | None,
        _about("what is kept from the fit: a share below 1, or a number of boards (or positions) from 1 up", exclusiveMinimum=0),
    ] = None
    splits: Annotated[
        int,
        _about(
            "draws that are fitted beside the curve, which is then of all positions; 0: the curve itself keeps held_out",
            exclusiveMinimum=-1,
        ),
    ] = 0
    positions: Annotated[
        int | None,
        _about("fit to a random sample of N positions, drawn by the seed; a number that is held out comes on top", exclusiveMinimum=0),
    ] = None
    nulls: Annotated[
        int, _about("of these draws, how many are fitted once more with the moves of every position shuffled", exclusiveMinimum=-1)
    ] = 0
    split: Annotated[str, _about("what a draw keeps together or apart: boards, or positions", enum=[*SPLITS])] = BOARDS
    seeds: Annotated[list[int] | None, _about("in place of the suite's")] = None
    weights: Annotated[
        str | None, _about("in place of the suite's; the report then compares such a cell with no other", enum=[*WEIGHTS, None])
    ] = None
    time_limit: Annotated[float | None, _about("seconds a cell, in place of the suite's", exclusiveMinimum=0)] = None
    memory_limit: Annotated[float | None, _about("GiB a cell, in place of the suite's", exclusiveMinimum=0)] = None

    def __post_init__(self) -> None:
        _in_order(self)


class Suite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A set of cells: every learner on each of its games, once per seed."""

    name: Annotated[str, _about("names the folder of the run: letters, digits, `.`, `_` and `-`", pattern=NAME)]
    games: Annotated[list[str], _about("ids of games, as `gaincurve games` lists them")] = []
    learners: Annotated[list[LearnerEntry], _about("the ways of writing policies down")] = []
    description: Annotated[str, _about("one line about the suite")] = ""
    weights: Annotated[
        str,
        _about(
            "how positions count; `strong` and `uniform` are one",
            enum=WEIGHTS,
        ),
    ] = "uniform"
    seeds: Annotated[list[int], _about("every curve is measured once for each; 0 alone unless given")] = msgspec.field(
        default_factory=lambda: [0]
    )
    time_limit: Annotated[float | None, _about("seconds after which a cell is given up", exclusiveMinimum=0)] = None
    memory_limit: Annotated[float | None, _about("GiB of its process above which a cell is given up", exclusiveMinimum=0)] = None
    include: Annotated[list[str], _about("patterns of the ids of cells to keep (`go-*`, `*/table/*`); all unless given")] = []
    exclude: Annotated[list[str], _about("patterns of the ids of cells to leave out")] = []
    extends: Annotated[str, _about("name or path of the suite that this one starts from; once read, its cells stand here too")] = ""

    def __post_init__(self) -> None:
        _in_one_name(self)


class Cell(msgspec.Struct, frozen=True):
    """One curve to measure: a game, a learner with its options, a seed. Budgets are kept ascending, without repeats."""

    game: str
    learner: str
    label: str
    options: dict[str, Any] = {}
    budgets: list[int] | None = None
    weights: str = "uniform"
    seed: int = 0
    results_at: list[int] = []
    held_out: float | None = None  # share, or number, of boards or positions that are kept from the fit
    splits: int = 0  # draws fitted beside the curve; 0: the curve itself is fitted to what one draw leaves
    nulls: int = 0  # of these draws, how many are fitted once more where it is shuffled which move loses what
    split: str = BOARDS  # what is drawn
    positions: int | None = None  # in the sample that the curve is fitted to and measured on; None: all
    time_limit: float | None = None  # seconds, after which it is given up
    memory_limit: float | None = None  # GiB of its process, above which it is given up

    def __post_init__(self) -> None:
        _in_order(self)

    @property
    def id(self) -> str:
        """Readable and stable: `game/label/seed=n`."""
        return f"{self.game}/{self.label}/seed={self.seed}"

    @property
    def is_part(self) -> bool:
        """Whether its curve is fitted to one side of a split only."""
        return self.held_out is not None and not self.splits

    @property
    def random_seed(self) -> int:
        """What the learner is seeded with: 32 bits of the id's hash, so that adding a cell shifts no other's."""
        return int.from_bytes(hashlib.sha256(self.id.encode()).digest()[:4], "big")

    def unlike(self, other: "Cell") -> list[str]:
        """The settings in which another cell differs so that its result may; LIMITS are none of them."""
        return [name for name in self.__struct_fields__ if name not in LIMITS and getattr(self, name) != getattr(other, name)]


def cells(suite: Suite) -> list[Cell]:
    """Every cell of a suite, in the order of the file: game by game."""
    listed = [
        Cell(
            game=game,
            learner=entry.name,
            label=label_of(entry, varied),
            options=_options(entry, varied),
            budgets=entry.budgets,
            weights=suite.weights if entry.weights is None else entry.weights,
            seed=seed,
            results_at=entry.results_at,
            held_out=entry.held_out,
            splits=entry.splits,
            nulls=entry.nulls,
            split=entry.split,
            positions=entry.positions,
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


def _options(entry: LearnerEntry, varied: dict[str, Any]) -> dict[str, Any]:
    """The options of a curve; of one that is fitted to a sample also those that make its file readable on any sample."""
    given = {**entry.options, **varied}
    return given if entry.positions is None else sample_options(entry.name, given)


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
    """What names the curve of an entry with these of its options varied: its label, then what tells it from its others.

    An entry without a label whose curve is fitted to a sample, or to one side of a split only, is also told apart by that.
    """
    shown = [f",{name}={value if isinstance(value, str) else msgspec.json.encode(value).decode()}" for name, value in varied.items()]
    return (entry.label or entry.name) + "".join(shown) + ("" if entry.label else _sampled(entry) + _held_out(entry))


def _sampled(entry: LearnerEntry) -> str:
    return "" if entry.positions is None else f",positions={entry.positions}"


def _held_out(entry: LearnerEntry) -> str:
    if entry.held_out is None or entry.splits:
        return ""
    return f",held_out={entry.held_out:g}" + ("" if entry.split == BOARDS else f",split={entry.split}")


def with_present_keys(content: Any) -> Any:
    """The content of the suite of an older run in present keys: each `sample` as what it holds out, in entries of labels that keep ids."""
    if not isinstance(content, dict) or not isinstance(content.get("learners"), list):
        return content
    return {**content, "learners": [present for entry in content["learners"] for present in _present_entries(entry)]}


def _present_entries(entry: Any) -> list[Any]:
    if not isinstance(entry, dict) or "sample" not in entry:
        return [entry]
    own = {key: value for key, value in entry.items() if key != "sample"}
    sample = entry["sample"]
    if sample is None:
        return [own]
    kept = msgspec.convert(own, LearnerEntry)
    held = {"held_out": present_held_out(sample), "split": POSITIONS, "vary": {}}
    return [
        {**own, **held, "label": f"{label_of(kept, varied)},sample={sample:g}", "options": {**kept.options, **varied}}
        for varied in variations(kept)
    ]


def with_present_names(suite: Suite) -> Suite:
    """The suite of an older run, its learners and languages by their present names. Labels and varied values stay, so ids do."""
    entries = []
    for entry in suite.learners:
        name, options = present_learner(entry.name, entry.options)
        label = entry.label or (entry.name if name != entry.name else "")
        entries.append(msgspec.structs.replace(entry, name=name, label=label, options=options))
    return msgspec.structs.replace(suite, learners=entries)
