"""What a file is worth on another game: whether it reads there and says the same, and its gain beside that of a fit made there."""

from typing import Any

from games.errors import UsageError
from policies.api import Learner, Policy, Task, action_probabilities
from policies.networks.policy import NetworkPolicy


def carried(learner: Learner[Any], data: bytes, own: Task, other: Task) -> Policy | None:
    """The policy that the bytes of a file for `own` are on `other`; None where they do not read there, or say something else.

    A network says the same if each layer has as many parameters. Any other policy does if it reads the same in words, with the same
    pictures, and windows are the same under the same symmetries: a name of a cell is another one on another board.
    """
    here: Policy = learner.decode(data, own)
    try:
        there: Policy = learner.decode(data, other)
    except UsageError:
        return None
    if isinstance(here, NetworkPolicy) and isinstance(there, NetworkPolicy):
        return there if [len(part.symbols) for part in here.layers] == [len(part.symbols) for part in there.layers] else None
    says_the_same = here == there and learner.explain(here, own).entries == learner.explain(there, other).entries
    return there if says_the_same and _windows(own) == _windows(other) else None


def gain_of(policy: Policy, task: Task) -> float:
    """The gain of a policy on a task: 0 for random play, 1 for perfect play."""
    return task.gain(action_probabilities(task.graph, policy.scores(task)))


def _windows(task: Task) -> tuple[int, ...] | None:
    return task.game.board.window_symmetries if task.game.board else None
