"""A run of self-play on disk: what it goes on from after it was stopped at any moment, at most an iteration behind."""

import contextlib
import dataclasses
import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from games.contract import Game
from games.errors import UsageError, WorkError
from games.keys.identity import game_identity
from games.keys.sources import cache_root, source_hash
from games.solving.store import read_arrays, write_arrays, write_atomically
from policies.selfplay import coding
from policies.selfplay.games import Lessons
from policies.selfplay.heads import SelfPlayPolicy
from policies.selfplay.loop import State, first_state, iterate, policy_of
from policies.selfplay.weights import Settings, Weights

STATE = "state.bin"


def settings_of(learner: Settings, game: Game, seed: int) -> dict[str, Any]:
    """What decides a run, apart from the sources."""
    return {"game": game.id, "seed": seed, **dataclasses.asdict(learner)}


def kept_in(game: Game, settings: dict[str, Any]) -> Path:
    """The folder of the cache in which a run with these settings is kept by the present sources."""
    identity = game_identity(game)
    key = [source_hash(__name__, *identity.modules), identity.content, settings]
    return cache_root() / "selfplay" / f"{game.id}-{hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]}"


def save_state(folder: Path, settings: dict[str, Any], state: State, log: Sequence[dict[str, Any]] = ()) -> None:
    """Write a state, with whatever was logged so far, so that it is there whole or not at all."""
    header = {"settings": settings, "iteration": state.iteration, "steps": state.steps, "lengths": state.lengths, "log": list(log)}
    arrays = {f"weights.{name}": array for name, array in state.weights._asdict().items()}
    arrays |= {f"replay.{name}": array for name, array in state.replay._asdict().items()}
    write_arrays(folder / STATE, header, arrays, sync=False)


def load_state(folder: Path, settings: dict[str, Any]) -> tuple[State, list[dict[str, Any]]] | None:
    """The state that a folder holds, and the log; None where it holds none.

    Raises UsageError for a run with other settings, WorkError for a damaged file.
    """
    path = folder / STATE
    if not path.exists():
        return None
    header, arrays = read_arrays(path)
    there = header["settings"]
    for name in {**there, **settings}:
        if there.get(name) != settings.get(name):
            raise UsageError(f"{folder} holds a run with {name}={there.get(name)!r}, not {settings.get(name)!r}: give another folder")
    weights = Weights(*(np.array(arrays[f"weights.{name}"]) for name in Weights._fields))
    replay = Lessons(*(np.array(arrays[f"replay.{name}"]) for name in Lessons._fields))
    return State(header["iteration"], header["steps"], weights, replay, tuple(header["lengths"])), header["log"]


def resumed(learner: Settings, game: Game, budgets: Sequence[int], seed: int) -> Iterator[SelfPlayPolicy]:
    """The policies after these numbers of iterations, ascending, of one run.

    The run is kept in the cache until the last one is handed out, so that a run that was stopped goes on where it was.
    """
    settings = settings_of(learner, game, seed)
    folder = kept_in(game, settings)
    kept = _read_kept(folder, settings)
    state = first_state(learner, game, seed) if kept is None else kept
    for budget in budgets:
        path = folder / f"{budget}.network"
        if path.exists():
            yield coding.decode(path.read_bytes(), game)
            continue
        if state.iteration > budget:  # of a run to other budgets
            state = first_state(learner, game, seed)
        while state.iteration < budget:
            state, _ = iterate(learner, game, seed, state)
            if state.iteration == budget:
                write_atomically(path, [coding.encode(game, policy_of(learner, game, state))], sync=False)
            save_state(folder, settings, state)
        yield policy_of(learner, game, state)
    shutil.rmtree(folder, ignore_errors=True)


def _read_kept(folder: Path, settings: dict[str, Any]) -> State | None:
    with contextlib.suppress(WorkError):  # a damaged file is as good as none
        found = load_state(folder, settings)
        return None if found is None else found[0]
    return None
