"""Self-play in a folder: after every iteration its state, its networks and a line of its log, measured against the truth where known."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.harness.policyfile import pack
from bench.measures.deciding import Deciding
from bench.measures.error_rate import error_rate
from bench.measures.expected_scores import exploitability_of
from bench.measures.grades import grades
from games.arrays import Float64s
from games.contract import Game
from games.errors import UsageError
from games.registry import make_game
from games.rules.go import Go
from games.solving.sample import sample_graph
from games.solving.store import write_atomically
from policies.api import Task, action_probabilities
from policies.networks.coding import encode_network
from policies.sampled_task import MAX_POINTS, sampled_task
from policies.selfplay.checkpoint import load_state, save_state, settings_of
from policies.selfplay.coding import encode
from policies.selfplay.heads import SelfPlayPolicy, with_value
from policies.selfplay.learner import SelfPlayLearner
from policies.selfplay.loop import Report, first_state, iterate, policy_of
from policies.task import make_task

MAX_WHOLE = 500_000.0  # states of a game that is solved whole, as estimated
SAMPLE = 20_000  # positions of a larger Go board that are looked up
LOG, NETWORK, BOTH_HEADS = "log.jsonl", "network.policy", "selfplay.policy"


class Referee:
    """What is known of a game: nothing, the values of a sample, or everything."""

    def __init__(self, game_id: str, weights: str = "uniform", positions: int | None = None, seed: int = 0) -> None:
        """`positions`: how many are looked up; by default all of a small game, SAMPLE of a Go board of up to 16 points, else none."""
        self.game = make_game(game_id)
        self.task = _task(self.game, weights, positions, seed)
        self._deciding = None if self.task is None else Deciding(self.task)

    def measure(self, policy: SelfPlayPolicy) -> dict[str, Any]:
        """The opening moves of a policy and, where the truth is known, what it loses against perfect play."""
        return {"opening": self._opening(policy), **({} if self.task is None else self._measure(self.task, policy))}

    def _measure(self, task: Task, policy: SelfPlayPolicy) -> dict[str, Any]:
        chosen = action_probabilities(task.graph, policy.scores(task))
        found = {
            "gain": task.gain(chosen),
            "regret": task.regret(chosen),
            "error_rate": error_rate(task, chosen),
            "error_rate_won": won_given_away(task, chosen),
            "concepts": {} if self._deciding is None else self._deciding.shares_right(chosen),
        }
        if not task.graph.is_closed:
            return found
        proved = grades(task.graph, task.solution, chosen)
        return found | {
            "exploitability": exploitability_of(task.graph, chosen),
            "never_loses": [proved.never_loses_first, proved.never_loses_second],
            "plays_perfectly": proved.plays_perfectly,
        }

    def _opening(self, policy: SelfPlayPolicy) -> list[str]:
        graph = sample_graph(self.game, np.array([self.game.start()], dtype=np.uint64))
        scores = policy.scores(Task(self.game, graph, None, np.eye(1, graph.n_states)[0]))[: graph.edge_start[1]]
        return [self.game.action_name(int(action)) for action in graph.edge_action[np.flatnonzero(scores == scores.max())]]


def won_given_away(task: Task, chosen: Float64s) -> float | None:
    """The share of the won positions, by weight, in which a move is chosen that wins no more; None where there is no such position.

    chosen: the probability of every move [n_edges].
    """
    won = np.where(task.solution.value > 0, task.weights, 0.0)
    lost = (task.solution.edge_value <= 0) * chosen
    return float(np.dot(won[task.graph.edge_parent], lost) / won.sum()) if won.any() else None


def self_play(learner: SelfPlayLearner, referee: Referee, seed: int, n_iterations: int, folder: Path) -> Iterator[dict[str, Any]]:
    """Take a run in a folder to its `n_iterations`-th iteration; yield the lines of its log, the earlier ones first.

    Each iteration replaces the folder's state, its networks and its log, one after the other, each whole or not at all. So a run that is
    killed goes on from its last whole iteration. Raises UsageError where the folder holds another run.
    """
    game, settings = referee.game, settings_of(learner, referee.game, seed)
    kept = load_state(folder, settings)
    state, log = (first_state(learner, game, seed), []) if kept is None else kept
    if state.iteration > n_iterations:
        raise UsageError(f"{folder} has {state.iteration} iterations already: give --budget {state.iteration} or more, or another folder")
    if kept is not None:
        _publish(folder, learner, game, policy_of(learner, game, state), log)
    yield from log
    while state.iteration < n_iterations:
        state, report = iterate(learner, game, seed, state)
        policy = policy_of(learner, game, state)
        work = operations_of(learner, game, report)
        log.append(_line(report, work, log[-1] if log else None) | {"policy_bits": bits_of(game, policy)} | referee.measure(policy))
        save_state(folder, settings, state, log)
        _publish(folder, learner, game, policy, log)
        yield log[-1]


def _publish(folder: Path, learner: SelfPlayLearner, game: Game, policy: SelfPlayPolicy, log: list[dict[str, Any]]) -> None:
    """Write the networks, with one head and with both, and the log."""
    alone = encode_network(game, policy.network.design, policy.network.layers, policy.network.method)
    write_atomically(folder / NETWORK, [pack(game.id, "network", {}, policy.network.size, alone)], sync=False)
    write_atomically(folder / BOTH_HEADS, [pack(game.id, learner.name, {}, policy.size, encode(game, policy))], sync=False)
    write_atomically(folder / LOG, ["".join(json.dumps(line) + "\n" for line in log).encode()], sync=False)


def operations_of(learner: SelfPlayLearner, game: Game, report: Report) -> int:
    """The multiplications of the network in an iteration, each with its addition: an evaluation takes one for each entry of its matrices.

    A lesson counts as three evaluations: forward, and backward to the activations and to the weights.
    """
    entries = sum(int((layer.weights >= 0).sum() + (layer.biases >= 0).sum()) for layer in with_value(learner.design, game))
    return entries * (report.looked_at + 3 * report.steps * learner.batch)


def bits_of(game: Game, policy: SelfPlayPolicy) -> dict[str, int]:
    """The length of the network's file: with the head that plays alone, and with both."""
    alone = encode_network(game, policy.network.design, policy.network.layers, policy.network.method)
    return {"network": 8 * len(alone), "with_value": 8 * len(encode(game, policy))}


def _line(report: Report, operations: int, before: dict[str, Any] | None) -> dict[str, Any]:
    """What an iteration did, and the sums over all so far."""
    sums = {
        "games": report.games,
        "simulations": report.simulations,
        "seconds": sum(report.seconds.values()),
        "operations": operations,
    }
    return {
        "iteration": report.iteration,
        "loss": report.loss._asdict(),
        "positions": report.positions,
        "looked_at": report.looked_at,
        "seconds_by_part": {name: round(seconds, 6) for name, seconds in report.seconds.items()},
        **{name: value + (before[name] if before else 0) for name, value in sums.items()},
    }


def _task(game: Game, weights: str, positions: int | None, seed: int) -> Task | None:
    if positions is not None:
        return sampled_task(game.id, positions, seed, weights)
    if game.estimate_states() <= MAX_WHOLE:
        return make_task(game.id, weights)
    if isinstance(game, Go) and game.board.n_cells <= MAX_POINTS:
        return sampled_task(game.id, SAMPLE, seed, weights)
    return None
