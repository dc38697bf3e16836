"""docs/search.md: search as a policy, by its depth, its simulations, its bits and its operations.

Only playouts are timed, in processor seconds.
"""

import functools
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from bench.harness.fitted import fit_policy
from bench.harness.store import read_record
from bench.measures.gain_error import gain_error
from bench.measures.one_stone import one_stone
from bench.studies.page import REFERENCE, ROOT, Page, Part
from bench.studies.speed import fastest
from bench.wording import count_units
from games.registry import make_game
from games.rules.go import Go
from games.solving.oracle import GraphOracle, solve_sample
from games.solving.sample import sample_graph
from policies.api import Scores, Task, action_probabilities, mean_and_worst
from policies.position_weights import position_weights
from policies.registry import make_learner, parse_learner
from policies.search.go_playouts import play_out_many
from policies.search.mcts import Settings, search
from policies.search.positions import drawn_positions
from policies.task import make_task

DEPTHS = {"tictactoe": 8, "go-3x3": 8, "go-3x4": 8, "connect_four-4x4": 8}  # plies up to which minimax is measured
SIMULATIONS = {"tictactoe": 1024, "go-3x3": 4096, "go-3x4": 4096}  # up to which mcts is, in steps of 4 from 16
DRAWN = 1000  # positions at which mcts is measured, or all where there are fewer
FRONTS = ("tictactoe", "go-3x4")
LEVELS = (0.2, 0.05)  # residuals
STEP = 1.5  # by which operations fall from line to line
STONES = "go-3x3"
FOOLED = ("rulelist:atoms=single,polish=false@64", "tree@64", "weighted@64", "network:steps=2000@8", "minimax@3", "mcts@64")
BOARDS = ("go-5x5",)
PLAYOUTS, SEED = 100_000, 0
DEPTHS_HEAD = "| game | plies | residual, % | nodes a decision |\n|---|--:|--:|--:|"
SIMULATIONS_HEAD = "| game | simulations | residual, % | band | moves a decision |\n|---|--:|--:|--:|--:|"
FRONT_HEAD = "| game | residual at most, % | policy | residual, % | bits | operations |\n|---|--:|---|--:|--:|--:|"
STONES_HEAD = "| policy | residual, % | pairs | fooled, % | at random, % | dearest |\n|---|--:|--:|--:|--:|--:|"
PLAYOUTS_HEAD = "| board | here, a second | moves each | OpenSpiel, a second | ratio |\n|---|--:|--:|--:|--:|"


class Place(NamedTuple):
    """A policy by its residual, its file and its work."""

    name: str
    residual: float
    bits: int
    operations: float


def depths(game_id: str) -> Iterator[Place]:
    """Policies of minimax at each depth, exactly."""
    task, learner = make_task(game_id), make_learner("minimax")
    for policy in learner.fit_path(task, range(1, DEPTHS[game_id] + 1), SEED):
        residual = 1.0 - task.gain(action_probabilities(task.graph, policy.scores(task)))
        yield Place(
            f"minimax, {count_units(policy.size, 'plies')}",
            residual,
            8 * len(learner.encode(policy, task)),
            mean_and_worst(policy, task)[0],
        )


def sampled(task: Task, n: int) -> tuple[Task, Callable[[Scores], Scores]]:
    """Some positions as a solved task of their own, and the function that takes scores on the whole graph there."""
    at = drawn_positions(task, n)
    graph = sample_graph(task.game, task.graph.states[at])
    whole = np.concatenate([np.arange(*task.graph.edge_start[place : place + 2]) for place in at])
    part = Task(task.game, graph, solve_sample(graph, GraphOracle(task.graph, task.solution)), position_weights(graph, None))
    return part, lambda scores: scores[whole]


def simulations(game_id: str) -> Iterator[tuple[Place, float, int]]:
    """Policies of mcts on DRAWN positions, each with the band of its residual and its number of simulations."""
    task = make_task(game_id)
    part, taken = sampled(task, DRAWN)
    at = drawn_positions(task, DRAWN)
    n = 16
    while n <= SIMULATIONS[game_id]:
        scores, made = search(task, Settings(n, SEED, "uct", 1.0, "search_first", "uniform"), None, at)
        chosen = action_probabilities(part.graph, taken(scores))
        error = 0.0 if len(at) == len(task.graph.positions) else gain_error(part, chosen) or 0.0
        bits = 8 * len(make_learner("mcts").encode(next(iter(make_learner("mcts").fit_path(task, [n], SEED))), task))
        yield Place(f"mcts, {n:,} simulations", 1.0 - part.gain(chosen), bits, float(made.mean())), 1.96 * error, n
        n *= 4


def measure_depths() -> dict[str, str]:
    """The table of minimax."""
    rows = [
        f"| {game} | {plies} | {100 * each.residual:.1f} | {each.operations:,.0f} |"
        for game in DEPTHS
        for plies, each in enumerate(depths(game), 1)
    ]
    return {"depths": "\n".join([DEPTHS_HEAD, *rows])}


def measure_simulations() -> dict[str, str]:
    """The table of mcts, and the power of simulations by which its residual falls."""
    rows, powers = [], []
    for game in SIMULATIONS:
        found = list(simulations(game))
        rows += [f"| {game} | {n:,} | {100 * each.residual:.1f} | {100 * band:.1f} | {each.operations:,.0f} |" for each, band, n in found]
        left = np.log([(n, each.residual) for each, _, n in found if each.residual > 0])
        powers.append(f"{np.polyfit(left[:, 0], left[:, 1], 1)[0]:.2f} on {game}")
        print(rows[-1], file=sys.stderr, flush=True)
    return {
        "simulations.table": "\n".join([SIMULATIONS_HEAD, *rows]),
        "simulations.powers": "By least squares of logarithms, the residual falls with the simulations to the power "
        + ", ".join(powers)
        + ".",
    }


def reference_places(game_id: str) -> Iterator[Place]:
    """Every policy of the committed records of a game."""
    for path in sorted((ROOT / REFERENCE / "records").glob(f"{game_id}__*.json")):
        record = read_record(path)
        if record.cell.learner not in ("uniform", "perfect"):
            for point in record.points:
                name = f"{record.cell.label}, {count_units(point.size, record.unit)}"
                yield Place(name, 1.0 - point.gain, point.policy_bits, point.operations)


def front(game_id: str, places: list[Place]) -> Iterator[str]:
    """Lines of the table: at each level, from the shortest file on, the policies that compute less by STEP than all before them."""
    for level in LEVELS:
        least = np.inf
        for each in sorted((each for each in places if each.residual <= level), key=lambda each: (each.bits, each.operations)):
            if each.operations * STEP <= least:
                least = each.operations
                yield f"| {game_id} | {100 * level:g} | {each.name} | {100 * each.residual:.1f} | {each.bits:,} | {each.operations:,.0f} |"


def measure_front() -> dict[str, str]:
    """The table of all kinds."""
    rows: list[str] = []
    for game in FRONTS:
        searches = [*depths(game), *(each for each, _, _ in simulations(game))]
        rows += front(game, [*reference_places(game), *searches])
    return {"front": "\n".join([FRONT_HEAD, *rows])}


def measure_stones() -> dict[str, str]:
    """The table of pairs of positions one stone apart."""
    rows = []
    for text in FOOLED:
        whole, _, budget = text.rpartition("@")
        name, options = parse_learner(whole)
        fitted = fit_policy(STONES, name, options, int(budget), SEED)
        found = one_stone(fitted.task, fitted.action_probabilities)
        rates = [100 * share for share in (1 - fitted.gain, found.rate, found.at_random / max(1, found.pairs))]
        rows.append(f"| {text} | {rates[0]:.1f} | {found.pairs:,} | {rates[1]:.1f} | {rates[2]:.1f} | {found.regret:g} |")
    return {"stones": "\n".join([STONES_HEAD, *rows])}


def measure_playouts() -> dict[str, str]:
    """The table of playouts of Go, in processor seconds, beside those of OpenSpiel's MCTSBot from the same board, tree included."""
    import pyspiel

    rows = []
    for game_id in BOARDS:
        game = make_game(game_id)
        assert isinstance(game, Go)
        play = functools.partial(play_out_many, np.uint64(game.start()), PLAYOUTS, SEED, game.rows, game.columns)
        play()  # compiled, if need be
        seconds, (_, made) = fastest(play)
        theirs = pyspiel.load_game("go", {"board_size": game.rows}).new_initial_state()
        n_theirs = PLAYOUTS // 100
        evaluator = pyspiel.RandomRolloutEvaluator(1, SEED)
        bot = pyspiel.MCTSBot(theirs.get_game(), evaluator, 1.0, n_theirs, 0, solve=False, seed=SEED, verbose=False)
        their_seconds, _ = fastest(functools.partial(bot.step, theirs))
        here, there = PLAYOUTS / seconds, n_theirs / their_seconds
        rows.append(f"| {game_id} | {here:,.0f} | {made.mean():.1f} | {there:,.0f} | {here / there:,.0f} |")
    return {"playouts": "\n".join([PLAYOUTS_HEAD, *rows])}


PAGES = (
    Page(
        "search.md",
        {
            "depths": Part(measure_depths, "a minute"),
            "simulations": Part(measure_simulations, "some minutes"),
            "front": Part(measure_front, "some minutes"),
            "stones": Part(measure_stones, "a minute"),
            "playouts": Part(measure_playouts, "a minute"),
        },
        phrases=(f"{DRAWN:,} drawn positions",),
    ),
)
