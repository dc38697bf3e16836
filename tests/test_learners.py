"""Every registered learner keeps the contract, and the check of the contract finds planted faults."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from games.errors import UsageError, WorkError
from policies.api import Scores, Task, budget_ladder
from policies.conformance import check_learner
from policies.endpoints import Anchor, AnchorLearner
from policies.explanation import Explanation
from policies.registry import LEARNERS, make_learner
from policies.task import make_task

GAMES = ["tictactoe", "nim-3-4-5", "go-2x3"]
OPTIONS = {
    "network": {"steps": 200},  # the contract does not depend on how well it is trained
    "subspace": {"steps": 100},
    "selfplay": {"games": 8, "simulations": 4, "units": 4},
    "ripper": {"positions": 100, "features": 30},
    "local_search": {"effort": 500},
    "symbolic": {"population": 60, "generations": 4},
    "shortest": {"language": "lookahead+centre+corner+side", "semantics": "lexicographic"},
}
# Nim has no draw, so one seat loses; on go-2x3 lists of 21 words take minutes to search through.
ONLY = {"shortest": ["tictactoe"]}


@pytest.mark.parametrize(("name", "game_id"), [(name, game_id) for name in LEARNERS for game_id in ONLY.get(name, GAMES)])
def test_every_learner_keeps_its_contract(name: str, game_id: str) -> None:
    checks = check_learner(make_learner(name, OPTIONS.get(name)), make_task(game_id))
    assert len(checks) == len(set(checks)) == (11 if name == "perfect" else 12)
    assert ("blind" in checks) == (name != "perfect")


def test_a_grade_that_nothing_reaches_is_said_at_once() -> None:
    with pytest.raises(WorkError, match="no list of up to 6 rules reaches never_loses"):
        next(make_learner("shortest").fit_path(make_task("nim-3-4-5"), [6], 0))


def test_budgets_of_a_ladder_are_the_nearest_to_half_octaves() -> None:
    """2 ** (n / 2), rounded: 1, 1.41, 2, 2.83, 4, 5.66, 8, 11.3, 16, 22.6, 32, 45.3, 64, 90.5, 128; and the largest itself."""
    ladder = [1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91, 128]
    for largest in range(1, 129):
        assert budget_ladder(largest) == sorted({*(step for step in ladder if step <= largest), largest})


@dataclass(frozen=True)
class FaultyPolicy:
    """Random play, but for one fault."""

    fault: str = ""
    size: int = 1

    def scores(self, task: Task) -> Scores:
        if self.fault == "peeks":
            return -task.solution.regret.astype(np.float64)
        scores = np.zeros(task.graph.n_edges)
        if self.fault == "counts":
            return np.arange(task.graph.n_edges, dtype=np.float64)
        if self.fault == "infinite":
            scores[0] = -np.inf
        return scores[1:] if self.fault == "short" else scores

    def operations(self, task: Task) -> float:
        return -1.0 if self.fault == "negative" else 0.0


@dataclass(frozen=True)
class FaultyLearner:
    """A learner with one planted fault; without one it keeps the contract."""

    fault: str = ""
    name = "faulty"
    unit = "entries"
    is_nested = True
    calls = itertools.count()

    def default_budgets(self, task: Task) -> Sequence[int]:
        return [2, 1] if self.fault == "budgets" else [1, 2]

    def fit_path(self, task: Task, budgets: Sequence[int], seed: int) -> Iterator[FaultyPolicy]:
        for budget in budgets:
            size = {"large": 3, "flat": 1, "restarts": budget + len(budgets) - 2}.get(self.fault, budget)
            yield FaultyPolicy(self.fault, size)

    def encode(self, policy: FaultyPolicy, task: Task) -> bytes:
        extra = [next(self.calls) % 256] if self.fault == "moody" else []
        return bytes([policy.size, *extra])

    def decode(self, data: bytes, task: Task) -> FaultyPolicy:
        if not data and self.fault != "crash":
            raise UsageError("an empty file is none of this learner's")
        return FaultyPolicy(self.fault, data[0] + (self.fault == "forgets"))

    def source(self, policy: FaultyPolicy, task: Task) -> str:
        return ""

    def explain(self, policy: FaultyPolicy, task: Task) -> Explanation:
        if self.fault == "texts":
            return "Play any legal move."  # type: ignore[return-value]
        return Explanation(" " if self.fault == "silent" else "Play any legal move.")


def test_a_sound_learner_passes() -> None:
    assert "blind" in check_learner(FaultyLearner(), make_task("nim-1-2"))


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("budgets", "default_budgets"),
        ("large", "larger than asked for|do not ascend"),
        ("flat", "do not ascend"),
        ("moody", "other files when it is run again"),
        ("restarts", "is_nested is true, but budget 1 alone gives another policy"),
        ("short", r"finite float64 of shape \[n_edges\], got float64 of shape"),
        ("infinite", r"finite float64 of shape \[n_edges\]"),
        ("counts", "scores of a move depend on which other positions the graph holds"),
        ("forgets", "gives another policy"),
        ("peeks", "changes with the solution"),
        ("silent", "explain says nothing"),
        ("texts", "explain gives str: want policies.explanation.Explanation"),
        ("negative", "operations gives -1"),
        ("crash", "decode of foreign bytes raises IndexError"),
    ],
)
def test_a_planted_fault_is_named(fault: str, message: str) -> None:
    with pytest.raises(WorkError, match=message):
        check_learner(FaultyLearner(fault), make_task("nim-1-2"))


def test_the_anchors_are_the_ends_of_the_curve() -> None:
    task = make_task("go-2x3")
    assert AnchorLearner().decode(b"", task) == Anchor(is_optimal=False)
    assert AnchorLearner(is_optimal=True).decode(b"", task) == Anchor(is_optimal=True)
    with pytest.raises(UsageError, match="empty"):
        AnchorLearner().decode(b"x", task)
    ends = {end: AnchorLearner(is_optimal=end) for end in (False, True)}
    assert [Anchor(end).operations(task) for end in ends] == [0.0, float(task.graph.n_edges)]  # perfect play looks at every move
    assert [str(learner.explain(Anchor(end), task)) for end, learner in ends.items()] == ["Play any legal move.", "Play any optimal move."]
    assert ends[False].source(Anchor(is_optimal=False), task) == ""
    assert "def solve(" in ends[True].source(Anchor(is_optimal=True), task)


def test_unknown_names_and_options_say_what_is_near() -> None:
    with pytest.raises(UsageError, match="did you mean network"):
        make_learner("netwrok")
    with pytest.raises(UsageError, match="did you mean steps"):
        make_learner("network", {"step": 3})
