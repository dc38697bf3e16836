"""The base policy of a search: a learner that is fitted first, or an existing policy file.

The text is `NAME@BUDGET`, `NAME:OPTION=VALUE;OPTION=VALUE@BUDGET`, or the path of a policy file. A learner with a single budget needs no
`@BUDGET`, and the lists of `human` are then taken whole.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from games.errors import UsageError, WorkError
from policies.api import Learner, OneOf, Policy, Scores, Task, check_budgets
from policies.explanation import Explanation
from policies.former_names import present_learner
from policies.registry import make_learner, parse_learner

FORMAT = "gaincurve-policy-1"  # of bench/harness/policyfile.py


SEARCH_FIRST, LIST_FIRST = ORDERS = ("search_first", "list_first")


@dataclass(frozen=True)
class Base:
    """The learner of the policy below a search, and either the budget of its fit, None for its only one, or the bytes of a file."""

    learner: Learner[Any]
    budget: int | None = None
    data: bytes | None = None
    path: Path | None = None

    def fit(self, task: Task, seed: int) -> Policy:
        """The policy, fitted to a task or read from its file. Raises WorkError where the learner finds none."""
        if self.data is not None:
            read: Policy = self.learner.decode(self.data, task)
            return read
        budgets = list(self.learner.default_budgets(task)) if self.budget is None else [self.budget]
        if self.budget is None and len(budgets) > 1 and self.learner.name != "human":
            raise UsageError(f"over={self.learner.name} needs a budget: write over={self.learner.name}@N, in {self.learner.unit}")
        policies: list[Policy] = list(self.learner.fit_path(task, budgets[-1:], seed))
        if not policies:
            raise WorkError(f"{self.learner.name} found no policy of budget {budgets[-1]} on {task.game.id}: give a larger one")
        return policies[-1]


def read_base(over: str) -> Base | None:
    """The base policy of a search, from the text of its option; None for no text. Raises UsageError if the text is wrong."""
    if not over:
        return None
    if is_file(over):
        return _read_file(Path(over))
    text, at, budget = over.rpartition("@")
    if not at:
        text = over
    elif not budget.isdecimal():
        raise UsageError(f"{over!r}: after @ stands the budget, a whole number, for example rulelist@16")
    name, options = parse_learner(text.replace(";", ","))
    if name == "mcts" or options.get("over"):
        raise UsageError(f"{over!r}: a search is laid over minimax alone or over a learner that does not search: give one of these")
    if name == "perfect":
        raise UsageError("perfect play reads the solution, which a search must not: give a learner of another kind")
    return Base(make_learner(name, options), check_budgets([int(budget)])[0] if at else None)


def check_over(over: str) -> None:
    """Raises UsageError for a text that names neither a learner with a budget nor a policy file."""
    read_base(over)


Over = Annotated[str, check_over, "the policy below: NAME@BUDGET of a learner to be fitted, or a policy file; nothing by default"]
Order = Annotated[str, OneOf(ORDERS), "whether the policy below breaks the ties of the search, or the search those of the policy"]


def is_file(text: str) -> bool:
    """Whether a text is the path of a file; false for texts that are no paths, such as very long ones."""
    try:
        return Path(text).is_file()
    except OSError:
        return False


def _read_file(path: Path) -> Base:
    """The policy of a file. Raises UsageError for a file that is not one, or is truncated or altered."""
    line, _, data = path.read_bytes().partition(b"\n")
    try:
        header = json.loads(line)
        form, name, options, digest = header["format"], header["learner"], header["options"], header["sha256"]
    except (ValueError, RecursionError, TypeError, KeyError):
        raise UsageError(f"{path} is not a policy file; write one with `gaincurve fit LEARNER --game GAME --budget N --out FILE`") from None
    if form != FORMAT or hashlib.sha256(data).hexdigest() != digest:
        raise UsageError(f"{path} is damaged, or of another version: fit the policy again")
    learner, present = present_learner(name, options)
    if learner == "mcts" or present.get("over"):
        raise UsageError(f"{path}: a search is laid over minimax alone or over a policy that does not search: give the file of one")
    return Base(make_learner(learner, present), data=data, path=path)


def ranked(task: Task, first: Scores, second: Scores) -> Scores:
    """A score by which the moves of a position are ordered by `first`, and equal ones by `second`: [n_edges], whole numbers from 0."""
    graph = task.graph
    order = np.lexsort((second, first, graph.edge_parent))
    rank = np.zeros(graph.n_edges)
    if graph.n_edges > 1:
        before, after = order[:-1], order[1:]
        is_above = (first[before] != first[after]) | (second[before] != second[after])
        rank[order[1:]] = np.cumsum(is_above | (graph.edge_parent[before] != graph.edge_parent[after]))
    return rank - _lowest(task, rank)[graph.edge_parent]


def _lowest(task: Task, rank: Scores) -> Scores:
    lowest = np.full(task.graph.n_states, np.inf)
    np.minimum.at(lowest, task.graph.edge_parent, rank)
    return lowest


def write_numbers(*numbers: int) -> bytes:
    """Whole numbers from 0 up, seven bits a byte, the lowest first."""
    written = bytearray()
    for number in numbers:
        digits = [number >> shift & 127 for shift in range(0, max(1, number.bit_length()), 7)]
        written += bytes([*(digit | 128 for digit in digits[:-1]), digits[-1]])
    return bytes(written)


def read_number(data: bytes, most: int) -> tuple[int, bytes]:
    """The first number of `write_numbers` and the bytes behind it. Raises UsageError where there is none, or one above `most`."""
    number = 0
    for at, byte in enumerate(data):
        number |= (byte & 127) << 7 * at
        if number > most:
            break
        if byte < 128:
            if byte or not at:
                return number, data[at + 1 :]
            break
    raise UsageError("this is no file of a search: it does not begin with the numbers that it needs")


def without_rest(rest: bytes) -> None:
    """Raises UsageError for bytes behind the last number of a search without a base."""
    if rest:
        raise UsageError(f"the file of a search that is laid over nothing ends after its numbers; this one has {len(rest)} more bytes")


def files_of(base: Base | None) -> tuple[Path, ...]:
    """The file of the policy below a search, where it is one."""
    return () if base is None or base.path is None else (base.path,)


def encode_below(base: Base | None, policy: Policy | None, task: Task) -> bytes:
    """The policy below a search as bytes; none where there is no such policy."""
    return b"" if base is None or policy is None else base.learner.encode(policy, task)


def decode_below(base: Base | None, data: bytes, task: Task) -> Policy | None:
    """The policy below a search from its bytes. Raises UsageError for bytes that `encode_below` did not write."""
    if base is None:
        without_rest(data)
        return None
    policy: Policy = base.learner.decode(data, task)
    return policy


def source_below(base: Base | None, policy: Policy | None, task: Task) -> str:
    """The language of the policy below a search."""
    return "" if base is None or policy is None else "\n" + base.learner.source(policy, task)


def explain_below(base: Base | None, policy: Policy | None, task: Task, search: str, order: str) -> Explanation:
    """A search in words, with the policy below and which of both comes first."""
    if base is None or policy is None:
        return Explanation(search)
    said = base.learner.explain(policy, task)
    first = "Where these tie, the policy below decides" if order == SEARCH_FIRST else "But only among the best moves of the policy below"
    return dataclasses.replace(said, lead=f"{search} {first}.\n{said.lead}")
