"""Open files: rules written without the graph, so that a policy fitted to a sample of the positions is read on any graph of the game."""

import contextlib
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.harness.policyfile import load_policy, pack, read_policy, save_policy
from games.errors import UsageError
from games.solving.store import load_truth
from policies.api import Policy, Task
from policies.language.atoms import Literal
from policies.language.language import make_language
from policies.position_weights import position_weights
from policies.registry import make_learner
from policies.rules.format.literals import OPEN
from policies.rules.rulelist import RuleList
from policies.trees.coding import MAX_OPEN
from policies.trees.tree import Branch, TreePolicy
from tests.support.hostile import damaged
from tests.test_open_graphs import edges_there, open_task
from tests.test_options import attempt

BUDGET = 6
FEW: dict[str, Any] = {"positions": 200, "features": 40}
LISTS: dict[str, dict[str, Any]] = {
    "rulelist": {"language": "concepts+patterns+cells"},
    "single": {"language": "concepts+patterns", "atoms": "single", "polish": False},
    "lexicographic": {"language": "concepts+patterns+cells", "semantics": "lexicographic"},
    "local_search": {"language": "concepts+patterns", "effort": 100},
    "random_order": {"language": "patterns+cells"},
    "human": {},
    "ripper": {**FEW, "optimizations": 0},
    "weighted": {"language": "concepts+patterns+cells"},
    "tree": {"language": "concepts+patterns+cells", "features": 50},
    "dag": {"language": "patterns", "features": 50},
    "cart": FEW,
    "boosted": FEW,
}
NAMES = {"single": "rulelist", "lexicographic": "rulelist"}
N = 150  # positions of a sample


def learner_of(name: str, code: str = OPEN) -> Any:
    return make_learner(NAMES.get(name, name), {**LISTS[name], "code": code})


def closed_task(game_id: str) -> Task:
    task = open_task(game_id, 1, 1)
    graph, solution = load_truth(task.game)
    return Task(task.game, graph, solution, position_weights(graph, solution))


def fitted(name: str, task: Task) -> Policy:
    *_, policy = learner_of(name).fit_path(task, [BUDGET], 0)
    return policy


def plays(policy: Policy, task: Task) -> list[float]:
    """The scores of the moves of a sample's positions."""
    scores: list[float] = policy.scores(task)[: int(task.graph.edge_start[N])].tolist()
    return scores


@pytest.mark.parametrize("name", LISTS)
def test_what_was_fitted_to_a_sample_is_read_on_another_and_on_the_whole_graph(name: str) -> None:
    """The scores on the closed graph, at the sampled positions, are the play of the policy; the bytes are the same on every graph."""
    learner, here, there, whole = learner_of(name), open_task("go-3x3", N, 1), open_task("go-3x3", 2 * N, 2), closed_task("go-3x3")
    policy = fitted(name, here)
    data = learner.encode(policy, here)
    assert policy.size > 1
    assert {learner.encode(policy, task) for task in (there, whole)} == {data}
    expected = policy.scores(whole)
    for task in (here, there, whole):
        read = learner.decode(data, task)
        assert read == policy
        assert learner.encode(read, task) == data
        assert read.scores(whole).tolist() == expected.tolist()
    assert plays(learner.decode(data, there), here) == expected[edges_there(here, N)].tolist()


@pytest.mark.parametrize("name", LISTS)
def test_a_closed_file_is_refused_on_a_sample_in_one_line_that_names_the_open_code(name: str) -> None:
    task = open_task("go-3x3", N, 1)
    closed, policy = learner_of(name, "closed"), fitted(name, task)
    for ask in (lambda: closed.encode(policy, task), lambda: closed.decode(b"", task)):
        with pytest.raises(
            UsageError, match=r"needs every state that play can reach; this sample of go-3x3 has 1: write it with code=open$"
        ):
            ask()


@pytest.mark.parametrize("name", ["rulelist", "local_search", "random_order", "shortest", "ripper", "tree", "dag", "cart", "boosted"])
def test_single_positions_are_refused_before_anything_is_fitted(name: str) -> None:
    with pytest.raises(UsageError, match=r"^code=open: an open file names no single positions; leave positions out of language="):
        make_learner(name, {"code": "open", "language": "concepts+positions"})


def test_single_positions_are_not_written_open() -> None:
    task, said = (
        closed_task("go-2x3"),
        r"^this is no rule list for go-2x3 with code=open: it names single positions; write it with code=closed$",
    )
    with pytest.raises(UsageError, match=said):
        learner_of("human").encode(RuleList("first-match", ((Literal("position", 3),),)), task)
    with pytest.raises(UsageError, match=said):
        learner_of("tree").encode(TreePolicy((Branch(("position", 3), ~1, ~0),)), task)


@pytest.mark.parametrize("game_id", ["go-3x3", "tictactoe", "nim-3-4-5"])
@pytest.mark.parametrize("name", ["rulelist", "weighted", "tree"])
def test_every_atom_of_a_language_is_written_open(name: str, game_id: str) -> None:
    """Each atom, negated every other time where rules can be, and patterns with a wildcard in place of their first cell."""
    task, learner = closed_task(game_id), learner_of(name)
    language = make_language("concepts+lookahead-2+priority+patterns+cells", task.game, task.graph)
    atoms = [language.predicate(number) for number in range(0, language.n_predicates, max(1, language.n_predicates // 300))]
    policy: Any
    if name == "tree":
        policy = TreePolicy(tuple(Branch(atom, i - 1 if i else ~0, ~(i + 1)) for i, atom in enumerate(atoms)))
    elif name == "weighted":
        policy = learner.decode(b"", task)
        weights = np.sort(np.random.default_rng(0).integers(1, 200, len(atoms)))[::-1].tolist()
        policy = type(policy)(tuple(atoms), tuple(weights))
    else:
        policy = RuleList("lexicographic", tuple((Literal(*atom, holds=i % 2 == 0),) for i, atom in enumerate(atoms)))
    read = learner.decode(learner.encode(policy, task), task)
    if name == "weighted":  # among equal weights, atoms have an order of their own
        assert dict(zip(read.atoms, read.weights, strict=True)) == dict(zip(policy.atoms, policy.weights, strict=True))
    else:
        assert read == policy


@pytest.mark.parametrize("name", ["rulelist", "single", "human", "weighted", "tree", "dag", "boosted"])
def test_damaged_open_files_are_read_or_refused_in_one_line(name: str) -> None:
    learner, task, whole = learner_of(name), open_task("go-3x3", N, 1), closed_task("go-3x3")
    data, rng = learner.encode(fitted(name, task), task), np.random.default_rng(0)
    other = learner_of("human").encode(fitted("human", task), task) * 3
    n_read = 0
    for _ in range(200):
        policy, said = attempt(partial(learner.decode, damaged(data, other, rng), task), UsageError)
        assert "\n" not in said
        if policy is None:
            continue
        n_read += 1
        scores = policy.scores(whole)  # where lookahead sees as far as it may be asked to
        assert scores.shape == (whole.graph.n_edges,)
        assert np.isfinite(scores).all()
    assert n_read < 200
    for byte in (0, 1, 127, 128, 255):
        with contextlib.suppress(UsageError):
            learner.decode(bytes([byte]) * 2000, task)


def test_a_few_bytes_stand_for_no_more_branches_than_an_open_file_may_have() -> None:
    """A tree that asks the same question again and again takes next to no bytes, and one more question than allowed is refused unread."""
    task, tree = open_task("nim-3-4-5", 9, 1), learner_of("tree")
    chain = [Branch(("concept", 0), i - 1 if i else ~0, ~0) for i in range(MAX_OPEN + 1)]
    assert len(tree.encode(TreePolicy(tuple(chain[:2000])), task)) < 64
    with pytest.raises(UsageError, match=r"^this is no tree for nim-3-4-5: 65537 branches, and with code=open at most 65,536 are written$"):
        tree.encode(TreePolicy(tuple(chain)), task)


def test_the_header_of_a_file_says_that_it_is_open(tmp_path: Path) -> None:
    path, task = tmp_path / "open.policy", open_task("go-2x3", 60, 1)
    options = {"language": "concepts+patterns", "code": "open"}
    learner = make_learner("rulelist", options)
    *_, policy = learner.fit_path(task, [BUDGET], 0)
    save_policy(path, pack("go-2x3", "rulelist", options, policy.size, learner.encode(policy, task)))
    assert read_policy(path)[0].options == options
    assert load_policy(path)[2] == policy


def test_an_open_file_takes_more_bits_where_few_patterns_occur() -> None:
    """Why closed files stay as they are: of the patterns that occur, one is said in fewer bits than cell by cell."""
    task = closed_task("go-3x3")
    closed, opened = learner_of("single", "closed"), learner_of("single")
    policy = fitted("single", task)
    assert len(closed.encode(policy, task)) < len(opened.encode(policy, task))
