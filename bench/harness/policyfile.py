"""Policy files: one JSON header line that describes the bytes, then the bytes that the learner wrote.

Only the bytes count as the policy's description; the header repeats what the reader was told (game, learner, options).
"""

import hashlib
from pathlib import Path
from typing import Annotated, Any

import msgspec

from bench.harness.records import Record
from bench.harness.tasks import task_of_game
from bench.harness.untrusted_ids import check_named
from games.errors import UsageError
from games.solving.store import write_atomically
from policies.api import Learner, Policy, Task
from policies.former_names import present_learner
from policies.registry import make_learner

FORMAT = "gaincurve-policy-1"
MAX_ID = 1000  # characters of a game's id


class Header(msgspec.Struct, frozen=True):
    """The first line of a policy file."""

    format: str
    game: Annotated[str, msgspec.Meta(max_length=MAX_ID, pattern=r"^[^\x00-\x1f\x7f]*\Z")]
    learner: str
    options: dict[str, Any]
    size: int
    bytes: int
    sha256: str


def pack(game_id: str, learner: str, options: dict[str, Any], size: int, data: bytes) -> bytes:
    """The content of a policy file."""
    header = Header(FORMAT, game_id, learner, options, size, len(data), hashlib.sha256(data).hexdigest())
    return msgspec.json.encode(header) + b"\n" + data


def save_policy(path: Path, content: bytes) -> None:
    """Write a packed policy atomically."""
    write_atomically(path, [content])


def read_policy(path: Path) -> tuple[Header, bytes]:
    """The header and the policy's bytes. Raises UsageError for a file that is not one, or is truncated or altered."""
    try:
        line, _, data = path.read_bytes().partition(b"\n")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from None
    try:
        header = msgspec.json.decode(line, type=Header)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # also text that is not UTF-8, and lists in lists without end
        raise UsageError(f"{path} is not a policy file; write one with `gaincurve fit LEARNER --game GAME --budget N --out FILE`") from None
    if header.format != FORMAT:
        raise UsageError(f"{path} has the format {header.format!r}, this version reads {FORMAT!r}; fit the policy again")
    if len(data) != header.bytes:
        raise UsageError(f"{path} is truncated or padded: {len(data)} bytes where its header says {header.bytes}; fit the policy again")
    if hashlib.sha256(data).hexdigest() != header.sha256:
        raise UsageError(f"{path} is corrupted: its checksum does not match; fit the policy again")
    learner, options = present_learner(header.learner, header.options)
    return msgspec.structs.replace(header, learner=learner, options=options), data


def is_last_policy(record: Record, path: Path) -> bool:
    """Whether a file holds the last policy of a record. Raises UsageError for a file that is damaged."""
    header, _ = read_policy(path)
    cell, last = record.cell, record.points[-1]
    return (header.game, header.learner, header.size, 8 * header.bytes) == (cell.game, cell.learner, last.size, last.policy_bits)


def load_policy(
    path: Path, game_id: str | None = None, weights: str = "uniform", positions: int | None = None, seed: int = 0
) -> tuple[Task, Learner[Any], Policy, Header]:
    """The task, by these weights of positions, the learner and the policy of a file.

    With `positions` the task is over a random sample of N positions, drawn by the seed (policies/sampled_task.py), not the sample that the
    policy was fitted to.

    Raises UsageError when the file is damaged, names an unknown game or learner, is for another game than `game_id`, or
    names a game whose code would run and which `game_id` does not name too.
    """
    header, data = read_policy(path)
    if game_id is not None and game_id != header.game:
        raise UsageError(f"{path} is a policy for {header.game}, not for {game_id}")
    try:
        learner = make_learner(header.learner, header.options)
        game = check_named(header.game, "it", game_id)
        task = task_of_game(game, weights, positions, seed)
        policy: Policy = learner.decode(data, task)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    return task, learner, policy, header
