"""Libraries of others that fit trees and rules, each in an environment of its own, and their policies as files of ours.

A rival is given a problem file and answers in JSON (bench/studies/rival_fits.py); both lie in the cache, so that what was fitted
once is not fitted again. Its policies become trees and sums of trees of ours, which are written, read back and measured like any
other policy.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from bench.studies import rival_fits
from games.errors import WorkError
from games.keys.sources import cache_root
from policies.api import Learner, Policy, Task
from policies.baselines.boosted import BoostedLearner, Ensemble, Tree
from policies.baselines.common import sample_positions
from policies.language.atoms import LEVELS, Predicate
from policies.language.features import make_features
from policies.language.language import make_language
from policies.trees.cart import targets
from policies.trees.tree import Branch, TreeLearner, TreePolicy, children_first

POSITIONS = 20_000
SECONDS = 60  # of the processor, for all fits of a rival on one game
RESOLUTION = 256  # a value of BOOMER is rounded to this part of the standard deviation of what is fitted


class Problem(NamedTuple):
    """What a rival is given, and the atoms that its features are."""

    arrays: dict[str, Any]
    names: list[Predicate]


class Rival(NamedTuple):
    """A library, the problem that it is given, and how its answers become policies of a learner of ours."""

    requirement: str  # the package with its version
    module: str
    problem: Callable[[Task], Problem]
    policies: Callable[[dict[str, Any], Sequence[Predicate], Sequence[int]], Iterator[tuple[int, Any]]]  # each with its units
    learner: Learner[Any]


class Fits(NamedTuple):
    """The policies of a rival as read back from their files, each with its units, and the processor seconds of all."""

    policies: list[tuple[int, Policy]]
    seconds: float


def fit_rival(rival: Rival, task: Task, units: Sequence[int]) -> Fits:
    """Everything that a rival fits to a game. Raises WorkError where its library cannot be installed or fails."""
    problem = rival.problem(task)
    answers = answers_to(rival, problem)
    found = []
    for answer in answers:
        for size, policy in rival.policies(answer, problem.names, units):
            found.append((size, rival.learner.decode(rival.learner.encode(policy, task), task)))
    return Fits(found, answers[-1]["seconds"] if answers else float(SECONDS))


def answers_to(rival: Rival, problem: Problem) -> list[dict[str, Any]]:
    """The answers of a rival to a problem, fitted unless they lie in the cache."""
    script = Path(rival_fits.__file__)
    digest = hashlib.sha256(f"{rival.requirement} {rival.module} {SECONDS}".encode() + script.read_bytes())
    for name, array in sorted(problem.arrays.items()):
        digest.update(f"{name} {array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
    folder = cache_root() / "rivals" / "answers"
    done = folder / f"{digest.hexdigest()[:32]}.jsonl"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        given, found = (folder / f"{done.stem}-{os.getpid()}.{end}" for end in ("npz", "part"))
        np.savez(given, **problem.arrays)
        try:
            run_rival(rival, python_of(rival), script, given, found)
            found.replace(done)
        finally:
            given.unlink()
            found.unlink(missing_ok=True)
    return [json.loads(line) for line in done.read_text().splitlines()]


def run_rival(rival: Rival, python: Path, script: Path, given: Path, found: Path) -> None:
    """Run the script in the rival's environment. Raises WorkError unless it ends well or uses up its processor time."""
    command = [str(python), str(script), rival.module, str(given), str(found), str(SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"})
    if done.returncode not in (0, -signal.SIGXCPU):  # the limit of processor time is no failure
        last = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
        raise WorkError(f"{rival.requirement} in {python.parents[1]} failed: {last}; delete that folder to install it again")


def python_of(rival: Rival) -> Path:
    """The Python of a rival's environment, which is made where there is none. Raises WorkError where pip cannot install the package."""
    folder = cache_root() / "rivals" / rival.requirement.replace("==", "-")
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", rival.requirement], capture_output=True, text=True, check=False
        )
        if done.returncode:
            shutil.rmtree(folder)
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise WorkError(f"pip cannot install {rival.requirement}, which this study compares with: {last}")
    return python


def moves_problem(n_features: int, task: Task) -> Problem:
    """A row is a move of a contested position, a feature an atom; the target is how much better a move is than the mean of its position."""
    sample = sample_positions(task, POSITIONS, 0)
    language = make_language("concepts+patterns", task.game, task.graph)
    features = make_features(task, language, n_features, sample.edges)
    times = sample.counts[np.searchsorted(sample.positions, task.graph.edge_parent[features.edges])]
    target = targets(task, features, "advantage")
    arrays = {"features": np.repeat(features.dense(), times, axis=0), "target": np.repeat(target / np.std(target), times)}
    return Problem(arrays, [language.predicate(number) for number in features.numbers.tolist()])


def positions_problem(task: Task) -> Problem:
    """A row is a contested position, a feature the content of an entry, a label a move; a label costs the regret of that move.

    A move that is not legal stands for any legal one and costs the mean of their regrets.
    """
    graph, regret = task.graph, task.solution.regret.astype(np.float64)
    sample = sample_positions(task, POSITIONS, 0)
    cells = task.game.cells(graph.states[sample.positions])
    names = [("cell", entry * LEVELS + int(content)) for entry in range(cells.shape[1]) for content in np.unique(cells[:, entry])]
    held = [cells[:, value // LEVELS] == value % LEVELS for _, value in names]
    kept = [i for i, column in enumerate(held) if not column.all()]
    mean = np.bincount(graph.edge_parent, regret, graph.n_states) / np.maximum(graph.n_moves, 1)
    cost = np.repeat(mean[sample.positions, None], task.game.n_actions, axis=1)
    cost[np.searchsorted(sample.positions, graph.edge_parent[sample.edges]), graph.edge_action[sample.edges]] = regret[sample.edges]
    arrays: dict[str, Any] = {"features": np.stack([held[i] for i in kept], axis=1).astype(np.uint8), "cost": cost}
    arrays = {name: np.repeat(array, sample.counts, axis=0) for name, array in arrays.items()}
    return Problem(arrays, [names[i] for i in kept])


def scored_tree(answer: dict[str, Any], names: Sequence[Predicate], _: Sequence[int]) -> Iterator[tuple[int, TreePolicy]]:
    """A tree over moves whose leaves are values: of these only the order counts."""
    ranks = {value: rank for rank, value in enumerate(sorted(set(leaves(answer["tree"]))))}
    policy = flat(named(answer["tree"], names, ranks.__getitem__))
    yield policy.size - 1, policy


def labelled_tree(answer: dict[str, Any], names: Sequence[Predicate], _: Sequence[int]) -> Iterator[tuple[int, TreePolicy]]:
    """A tree over positions whose leaves are moves: of each move a leaf asks whether it is the one."""
    yield len([*leaves(answer["tree"])]) - 1, flat(named(answer["tree"], names, lambda move: (("move", int(move)), 1, 0)))


def summed_rules(answer: dict[str, Any], names: Sequence[Predicate], units: Sequence[int]) -> Iterator[tuple[int, Ensemble]]:
    """The first rules of a sum, for each number of units: each a tree that gives its value where all of its literals hold, else nothing."""
    trees = []
    for literals, value in answer["rules"]:
        tree: Tree = round(value * RESOLUTION)
        if tree:
            for feature, holds in reversed(literals):
                tree = (names[feature], tree, 0) if holds else (names[feature], 0, tree)
            trees.append(tree)
    for n in units:
        yield len(trees[:n]), Ensemble(tuple(trees[:n]))


def leaves(tree: Any) -> Iterator[float]:
    """The leaves of a tree in JSON."""
    if isinstance(tree, list):
        yield from leaves(tree[1])
        yield from leaves(tree[2])
    else:
        yield tree


def named(tree: Any, names: Sequence[Predicate], leaf: Callable[[float], Tree]) -> Tree:
    """A tree in JSON with atoms for features and something else for each leaf."""
    if not isinstance(tree, list):
        return leaf(tree)
    return names[tree[0]], named(tree[1], names, leaf), named(tree[2], names, leaf)


def flat(tree: Tree) -> TreePolicy:
    """A nested tree whose leaves are scores as a policy."""
    branches: list[Branch] = []

    def place(node: Tree) -> int:
        if isinstance(node, int):
            return ~node
        index = len(branches)
        branches.append(Branch(node[0], 0, 0))
        branches[index] = Branch(node[0], place(node[1]), place(node[2]))
        return index

    place(tree)
    return children_first(branches)


ELSEWHERE = {  # fitted in environments of their own
    "LicketySPLIT": Rival("licketysplit==0.2.1", "licketysplit", partial(moves_problem, 100), scored_tree, TreeLearner()),
    "STreeD": Rival("pystreed==1.4.0", "pystreed", positions_problem, labelled_tree, TreeLearner()),
    "BOOMER": Rival("mlrl-boomer==0.12.3", "mlrl.boosting.learners", partial(moves_problem, 300), summed_rules, BoostedLearner()),
}
