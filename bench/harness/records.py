"""Cells and their records, and the schema in which records are kept.

SCHEMA counts the changes to a record's fields. A record of an older schema is read through the chain of MIGRATIONS, one step a
schema, so that results stay readable however old they are; docs/suites.md names the fields.
"""

import traceback
from collections.abc import Callable
from typing import Any

import msgspec

from bench.harness.point import Point
from bench.harness.proved import FromTruthSet
from bench.harness.versions import missing_library
from bench.measures.split_curve import SplitCurve
from bench.suites.grid import Cell
from games.errors import GaincurveError, WorkError
from policies.former_names import GREEDY, present_held_out, present_learner

SCHEMA = 6


class Record(msgspec.Struct, frozen=True):
    """The result of measuring one cell. `error` is empty unless it failed."""

    cell: Cell
    cell_id: str
    key: str  # a hash of all that decides the result (bench/harness/keys.py)
    unit: str = ""  # what the budgets and sizes count
    n_positions: int = 0
    n_states: int = 0
    n_edges: int = 0
    uniform_regret: float = 0.0
    points: list[Point] = []
    explanation: str = ""  # the largest policy that a person would still read, in words
    seconds: dict[str, float] = {}
    provenance: dict[str, Any] = {}
    error: str = ""  # one line
    schema: int = SCHEMA
    uniform_missing_bits: float | None = None  # bits a position to an optimal move, without any policy
    recipe_bits: dict[str, int] = {}  # compressed source of what its policies are learned by (bench/measures/recipe.py)
    memory_mib: float | None = None  # the most that its process held while it was measured
    traceback: str = ""  # of the error, where it was raised
    budgets: list[int] | None = None  # that the fit was asked for; None where they are not known
    is_finished: bool | None = None  # the fit ended by itself: a larger budget would bring nothing; None where that is not known
    effective_positions: float | None = None  # 1 / sum of squared weights; None in older records
    splits: list[SplitCurve] = []  # gains fitted and held out, of every split that was measured; none in older records
    nulls: list[SplitCurve] = []  # the same of the first of these splits with shuffled moves
    truth_set: FromTruthSet | None = None  # on which it was measured


def failure(cell: Cell, key: str, error: BaseException, seconds: dict[str, float]) -> Record:
    """The record of a cell that failed: the error in one line, and where it was raised."""
    message = missing_library(error) or (str(error) if isinstance(error, GaincurveError) else f"{type(error).__name__}: {error}")
    where = "".join(traceback.format_exception(error))
    return Record(cell=cell, cell_id=cell.id, key=key, error=" ".join(message.split()), seconds=seconds, traceback=where)


def migrate(content: dict[str, Any]) -> dict[str, Any]:
    """The content of a record, of any schema up to the present, as one of the present. Raises WorkError for a newer one."""
    schema = content["schema"]
    if type(schema) is int and schema > SCHEMA:
        raise WorkError(f"has schema {schema}, this version reads up to {SCHEMA}: install a newer gaincurve")
    while schema != SCHEMA:
        content = MIGRATIONS[schema](content)
        schema = content["schema"]
    return content


def _from_1(content: dict[str, Any]) -> dict[str, Any]:
    """Schema 2 adds the limits of a cell, the memory that it took, and the traceback of a failure."""
    cell = {**content["cell"], "time_limit": None, "memory_limit": None}
    return {**content, "cell": cell, "memory_mib": None, "traceback": "", "schema": 2}


def _from_2(content: dict[str, Any]) -> dict[str, Any]:
    """Schema 3 adds the budgets of the fit and whether it ended by itself, which is sure where budgets were left over."""
    asked = content["cell"]["budgets"]
    budgets = sorted(set(asked)) if asked else None
    is_short = budgets is not None and 0 < len(content["points"]) < len(budgets)
    return {**content, "budgets": budgets, "is_finished": True if is_short else None, "schema": 3}


def _from_3(content: dict[str, Any]) -> dict[str, Any]:
    """Schema 4 names learners, options and parts of languages as policies/former_names.py says; labels and ids stay."""
    cell = content["cell"]
    learner, options = present_learner(cell["learner"], cell["options"])
    if learner == "rulelist" and "atoms" not in options:
        options |= GREEDY
    return {**content, "cell": {**cell, "learner": learner, "options": options}, "schema": 4}


def _from_4(content: dict[str, Any]) -> dict[str, Any]:
    """Schema 5 says what is held out instead of what is fitted, of which records before had drawn positions; labels and ids stay."""
    cell = {**content["cell"]}
    sample = cell.pop("sample", None)
    if sample is not None:
        cell |= {"held_out": present_held_out(sample), "split": "positions"}
    return {**content, "cell": cell, "points": [_present_point(point) for point in content.get("points", [])], "schema": 5}


def _present_point(point: Any) -> Any:
    """A point of schema 4 with the names of schema 5 for what was held out; what is no point stays, and is refused when it is read."""
    before = point.get("held_out") if isinstance(point, dict) else None
    if before is None:
        return point
    gain, bound = before["gain_held_out"], before["bound"]
    found = {
        **{name: before[name] for name in ("n_fitted", "n_held_out", "gain_fitted")},
        "gain": gain,
        "residual": None if gain is None else 1.0 - gain,
        "error": None,
        "splits": 1,
        "pac_bayes": None if bound is None else {"n_drawn": before["n_fitted"], **bound},
    }
    return {**point, "held_out": found}


def _from_5(content: dict[str, Any]) -> dict[str, Any]:
    """Schema 6 adds the error rate and the exploitability of every point; before, expected results alone had the exploitability."""
    return {**content, "points": [_measured_point(point) for point in content.get("points", [])], "schema": 6}


def _measured_point(point: Any) -> Any:
    """A point of schema 5 with the fields of schema 6; what is no point stays, and is refused when it is read."""
    if not isinstance(point, dict):
        return point
    return {**point, "error_rate": None, "exploitability": (point.get("results") or {}).get("exploitability")}


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1, 2: _from_2, 3: _from_3, 4: _from_4, 5: _from_5}
