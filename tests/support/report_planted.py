"""Runs whose numbers are planted, as a report finds them: to see what its parts conclude."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.store import CellStatus
from bench.report.blocks import Drawing, Section, ShownList, Words, blocks_of, tables_of
from bench.report.run_data import Evidence
from bench.suites.grid import Cell
from bench.suites.load import parse_suite


def point(size: int, gain: float, bits: int | None = None, exceptions: int = 100, **others: Any) -> Point:
    """A policy of so many units, each of 8 bits unless `bits` are given; `others` are further fields of a Point."""
    given: dict[str, Any] = {"language_bits": 50, "operations": 2.0, "fit_seconds": 0.5, "grades": {}, "budget": size} | others
    return Point(
        size=size, gain=gain, regret=1.0 - gain, policy_bits=8 * size if bits is None else bits, exception_bits=exceptions, **given
    )


def record(game: str, label: str, points: Sequence[Point], n_positions: int = 1000, unit: str = "rules", **others: Any) -> Record:
    """A record; of `others` those that a Cell has go to its cell."""
    in_cell = {name: others.pop(name) for name in ("learner", "options", "budgets", "seed", "weights") if name in others}
    cell = Cell(game=game, label=label, **({"learner": label.partition("-")[0]} | in_cell))
    return Record(cell=cell, cell_id=cell.id, key="key", unit=unit, n_positions=n_positions, points=list(points), **others)


def evidence(records: Sequence[Record], holes: Mapping[str, str] | None = None) -> Evidence:
    """A run of these records, whose suite also has the cells that are holes: `game/label/seed=0`."""
    missing = [cell_id.split("/") for cell_id in holes or {}]
    games = list(dict.fromkeys([*(record.cell.game for record in records), *(game for game, *_ in missing)]))
    seeds = sorted({record.cell.seed for record in records} | {0})
    learners: dict[tuple[str, str], list[str]] = {}
    for game, label, learner in [
        *((record.cell.game, record.cell.label, record.cell.learner) for record in records),
        *((game, label, label.partition("-")[0]) for game, label, _ in missing),
    ]:
        learners.setdefault((label, learner), []).append(game)
    lines = [f'[[learners]]\nname = "{learner}"\nlabel = "{label}"\ngames = {_unique(of)}' for (label, learner), of in learners.items()]
    suite = parse_suite("\n".join([f'name = "planted"\ngames = {games}\nseeds = {seeds}', *lines]).replace("'", '"'), "planted.toml")
    return Evidence(Path("nowhere"), suite, tuple(records), {cell_id: _status(why) for cell_id, why in (holes or {}).items()}, {})


def _status(why: str) -> CellStatus:
    """What `failed: too long` says of a cell, for the tests that plant it."""
    state, _, reason = why.partition(": ")
    return CellStatus(state, reason)  # type: ignore[arg-type]


def sentences(section: Section) -> str:
    """All sentences of a section, a line each."""
    return "\n".join(sentence.text for block in blocks_of(section) if isinstance(block, Words) for sentence in block.sentences)


def table(section: Section, name: str) -> list[dict[str, Any]]:
    """The rows of a table by the keys of its columns; those of a hole have its reason besides."""
    (found,) = (each for each in tables_of([section]) if each.name == name)
    keys = [column.key for column in found.columns]
    assert all(row.hole or len(row.values) == len(keys) for row in found.rows)
    return [dict(zip(keys, row.values, strict=False)) | ({"hole": row.hole} if row.hole else {}) for row in found.rows]


def drawings(section: Section) -> dict[str, Drawing]:
    """The figures of a section by name."""
    return {block.name: block for block in blocks_of(section) if isinstance(block, Drawing)}


def rule_lists(section: Section) -> list[ShownList]:
    """The rule lists of a section."""
    return [block for block in blocks_of(section) if isinstance(block, ShownList)]


def _unique(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(names))
