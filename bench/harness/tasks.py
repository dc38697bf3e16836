"""The task of a game by its name: over all positions, a sample of them, or those of its truth set.

A game that is too large to enumerate is measured on its truth set, GAME.truth in the first of FOLDERS that has it. The positions are then
the first ones of the set; a seed draws only which of them are held out.
"""

import functools
from pathlib import Path

from games.errors import UsageError, WorkError
from games.proof.registry import FAMILIES
from games.proof.truth_set import checksum, is_set, read_set
from games.registry import make_game
from games.solving.graph import MAX_STATES
from policies import sampled_task
from policies.api import Task
from policies.position_weights import UNIFORM, read_kind
from policies.proved_task import ProvedTask, proved_task
from policies.sampled_task import n_drawn

SETS = Path("reports") / "truth"
FOLDERS = (SETS, Path(__file__).parents[2] / SETS)  # of the folder that one works in, and of this project


def task_of_game(
    game_id: str, weights: str = UNIFORM, positions: int | None = None, seed: int = 0, held_out: float | None = None, splits: int = 0
) -> Task:
    """The task over all positions of a game; with `positions` over a sample, from which `held_out` and `splits` are to be held out.

    Of a truth set it is the task over the positions whose moves all have a proved value. Raises UsageError and WorkError as
    `policies.sampled_task.sampled_task` and `proved_of_game` do.
    """
    proved = proved_of_game(game_id, weights, positions, held_out, splits)
    if proved is not None:
        return proved.exact
    try:
        return sampled_task.task_of_game(game_id, weights, positions, seed, held_out, splits)
    except WorkError as error:
        raise WorkError(f"{error}{_about_sets(game_id)}") from None


def proved_of_game(
    game_id: str, weights: str = UNIFORM, positions: int | None = None, held_out: float | None = None, splits: int = 0
) -> ProvedTask | None:
    """The tasks over the first positions of a game's truth set; None where it is measured in another way.

    Raises UsageError for a wrong number and for weights that are not uniform, WorkError where the set is damaged or has fewer positions.
    """
    path = None if positions is None else kept_set(game_id)
    if positions is None or path is None:
        return None
    if positions < 1:
        raise UsageError(f"positions {positions}: give the number of positions to draw, a whole number from 1 up")
    if read_kind(weights) != UNIFORM:
        raise UsageError(f"weights {weights}: the positions of the truth set of {game_id} count equally: leave the weights out")
    return _proved(game_id, path, checksum(path), n_drawn(positions, held_out, splits))


def kept_set(game_id: str) -> Path | None:
    """The file of the truth set of a game; None where there is none, or the game is small enough to be enumerated."""
    if not _is_large(game_id):
        return None
    return next((path for folder in FOLDERS if is_set(path := folder / f"{game_id}.truth")), None)


@functools.lru_cache(maxsize=1)
def _proved(game_id: str, path: Path, sha256: str, n: int) -> ProvedTask:
    """The tasks over the first `n` positions of a set with this checksum."""
    found = read_set(path)
    if found.game_id != game_id:
        raise WorkError(f"{path} is a truth set of {found.game_id}, not of {game_id}: give it the name of its game")
    if n > len(found.positions):
        command = f"gaincurve truth {game_id} --positions {n} --seed {found.seed} --nodes {found.nodes} --out {path}"
        raise WorkError(f"{path} has {len(found.positions):,} positions, not {n:,}: ask for fewer, or extend it with `{command}`")
    return proved_task(found.first(n))


def _is_large(game_id: str) -> bool:
    return make_game(game_id).estimate_states() > MAX_STATES


def _about_sets(game_id: str) -> str:
    """What a truth set would help where a game is too large; empty where it is not, or nothing proves its positions."""
    if not _is_large(game_id) or game_id.partition("-")[0] not in FAMILIES:
        return ""
    if kept_set(game_id):
        return f"; or give --positions: {game_id} has a truth set"
    return f"; or prove some positions with `gaincurve truth {game_id} --positions N --out {SETS / game_id}.truth`, then give --positions"
