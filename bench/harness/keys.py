"""The key of a cell: a hash of all that decides its result, and of nothing else.

That is what was asked for (game, weights, splits, learner with its options, budgets, seed, where results are computed); the code of
the game, its concepts, the learner and the measures, with all that they import, but for docstrings and lines of comment in modules of
this project; data files that the learner reads; the checksum of the truth set, where the cell is measured on one; and the versions of
Python, whose syntax trees language bits are counted on, and of the libraries that those sources import.
"""

import hashlib
import platform
from typing import Any

import msgspec

from bench.harness.tasks import kept_set
from bench.suites.grid import LIMITS, Cell
from games.concepts.concept import concept_modules, concepts_of
from games.keys.identity import Identity, game_identity, identify
from games.keys.modules import PACKAGES, closure, libraries
from games.keys.sources import source_hash
from games.proof.truth_set import checksum
from games.registry import make_game
from policies.registry import learner_module, make_learner

MEASURED_BY = ("bench.harness.measure", "policies.task")
SAMPLED_BY = ("policies.sampled_task",)  # beside these, of a cell that is fitted to a sample of the positions
PROVED_BY = ("policies.proved_task", "bench.measures.residual_bounds")  # beside these, of a cell on a truth set
# Tables that say where a name is found. What was found is in the key, so a new line in one makes no record out of date; but where a
# game or learner itself imports one, it counts, since the bits of its recipe count it.
TABLES = ("games.registry", "policies.registry", "games.proof.registry")
WITHOUT_EFFECT = ("msgspec",)  # libraries that only hold what was measured


def cell_key(cell: Cell) -> str:
    """24 hex digits that change with whatever decides the result of a cell, and with nothing else.

    Raises WorkError where what decides the game or the learner cannot be told (`games.keys.identity.identify`).
    """
    game = _game(cell.game)
    learner = identify(make_learner(cell.learner, cell.options), f"learner {cell.learner}", [learner_module(cell.learner)])
    asked = {name: value for name, value in msgspec.to_builtins(cell).items() if name not in (*LIMITS, "label", "options")}
    if cell.positions is None:  # nothing that decides a cell of all positions has changed since there are samples
        del asked["positions"]
    sampled: tuple[str, ...] = () if cell.positions is None else SAMPLED_BY
    if cell.positions is not None and (path := kept_set(cell.game)):
        asked["truth_set"] = checksum(path)
        sampled = PROVED_BY
    content = [cell.id, asked, game.content, learner.content, *_sources((*game.modules, *learner.modules), (*MEASURED_BY, *sampled))]
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()[:24]


_GAMES: dict[str, tuple[list[str], Identity]] = {}


def _game(game_id: str) -> Identity:
    """What decides a game, as it was found first, until its modules or data files change: a game may remember what it worked out."""
    known = _GAMES.get(game_id)
    if known is None or known[0] != _state(known[1]):
        identity = _identify_game(game_id)
        _GAMES[game_id] = known = (_state(identity), identity)
    return known[1]


def _state(identity: Identity) -> list[str]:
    data = [hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "" for path in identity.files]
    return [source_hash(*identity.modules), *data]


def _identify_game(game_id: str) -> Identity:
    """What decides the rules and the concepts of a game; those of a game of this project follow from its modules."""
    game = make_game(game_id)
    rules, concepts = game_identity(game), concept_modules(game)
    if type(game).__module__.partition(".")[0] in PACKAGES:
        return rules._replace(modules=(*rules.modules, *concepts))
    carried = identify(concepts_of(game), f"the concepts of {game_id}", [])
    return rules._replace(modules=(*rules.modules, *concepts, *carried.modules), content=f"{rules.content} {carried.content}")


def _sources(modules: tuple[str, ...], measured_by: tuple[str, ...]) -> list[Any]:
    """A hash of the sources that decide a result, and the version of each library that they import."""
    measuring = {name: module for name, module in closure(measured_by).items() if name not in TABLES}
    sources = {**measuring, **closure(modules)}
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(name.encode() + b"\0" + sources[name].code_digest)
    made_with = {library: version for library, version in libraries(sources.values()).items() if library not in WITHOUT_EFFECT}
    return [digest.hexdigest(), ".".join(platform.python_version_tuple()[:2]), made_with]
