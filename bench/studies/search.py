"""docs/search.md: search as a policy, by its depth, its simulations, its bits and its operations.

Only playouts are timed, in processor seconds.
"""

import functools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from bench.harness.fitted import fit_policy
from bench.harness.store import read_record
from bench.measures.one_stone import one_stone
from bench.studies import simulations
from bench.studies.page import REFERENCE, ROOT, Page, Part
from bench.studies.speed import fastest
from bench.wording import count_units
from games.registry import make_game
from games.rules.go import Go
from policies.api import mean_and_worst
from policies.registry import make_learner, parse_learner
from policies.sampled_task import sampled_task
from policies.search.go_playouts import play_out_many
from policies.task import make_task

DEPTHS = {"tictactoe": 8, "go-3x3": 8, "go-3x4": 8, "connect_four-4x4": 8}  # plies up to which minimax is measured
FRONTS = ("tictactoe", "connect_four-4x4", "go-3x3", "go-3x4")
SAMPLED, SAMPLED_PLIES = "go-4x4", 8  # a front by held-out positions of the committed suite of boards, and searches on others
BOARDS_RUN = ROOT / "reports" / "boards"
LEVELS = (0.2, 0.05)  # residuals
STEP = 1.5  # by which operations fall from line to line
STONES = "go-3x3"
FOOLED = ("rulelist:atoms=single,polish=false@64", "tree@64", "weighted@64", "network:steps=2000@8", "minimax@3", "mcts@64")
BOARDS = ("go-5x5",)
PLAYOUTS, SEED = 100_000, 0
DEPTHS_HEAD = "| game | plies | residual, % | operations a decision |\n|---|--:|--:|--:|"
FRONT_HEAD = "| game | residual at most, % | policy | residual, % | bits | operations |\n|---|--:|---|--:|--:|--:|"
STONES_HEAD = "| policy | residual, % | pairs | fooled, % | at random, % | dearest |\n|---|--:|--:|--:|--:|--:|"
PLAYOUTS_HEAD = "| board | here, a second | moves each | OpenSpiel, a second | ratio |\n|---|--:|--:|--:|--:|"


class Place(NamedTuple):
    """A policy by its residual, its file and its work."""

    name: str
    residual: float
    bits: int
    operations: float
    band: float = 0.0  # 1.96 standard errors of the residual


def depths(game_id: str) -> Iterator[Place]:
    """Policies of minimax at each depth: exactly, or on drawn positions of a game that is sampled."""
    if game_id == SAMPLED:
        task = sampled_task(game_id, simulations.PART, SEED)
        part = simulations.Part(task, task.graph.positions, is_whole=False)
    else:
        task = make_task(game_id)
        part = simulations.Part(task, task.graph.positions, is_whole=True)
    learner = make_learner("minimax")
    for policy in learner.fit_path(task, range(1, DEPTHS.get(game_id, SAMPLED_PLIES) + 1), SEED):
        name, bits = f"minimax, {count_units(policy.size, 'plies')}", 8 * len(learner.encode(policy, task))
        left = part.residual(part.losses(policy.scores(task)))
        yield Place(name, left.share, bits, mean_and_worst(policy, task)[0], left.band)


def measure_depths() -> dict[str, str]:
    """The table of minimax."""
    rows = [
        f"| {game} | {plies} | {100 * each.residual:.1f} | {each.operations:,.0f} |"
        for game in DEPTHS
        for plies, each in enumerate(depths(game), 1)
    ]
    return {"depths": "\n".join([DEPTHS_HEAD, *rows])}


def simulated(game_id: str) -> Iterator[Place]:
    """Policies of mcts at the numbers of simulations that the page shows, on drawn positions; none where it shows none."""
    task, learner = simulations.part_of(game_id, simulations.PART).task, make_learner("mcts")
    for each in simulations.shown(game_id) if game_id in simulations.SIMULATIONS else ():
        (policy,) = learner.fit_path(task, [each.simulations], SEED)
        name = f"mcts, {count_units(each.simulations, 'simulations')}"
        yield Place(name, each.residual.share, 8 * len(learner.encode(policy, task)), each.moves, each.residual.band)


def reference_places(game_id: str) -> Iterator[Place]:
    """Every policy of the committed records of a game."""
    for path in sorted((ROOT / REFERENCE / "records").glob(f"{game_id}__*.json")):
        record = read_record(path)
        if record.cell.learner not in ("uniform", "perfect"):
            for point in record.points:
                name = f"{record.cell.label}, {count_units(point.size, record.unit)}"
                yield Place(name, 1.0 - point.gain, point.policy_bits, point.operations)


def held_out_places(game_id: str) -> Iterator[Place]:
    """Every policy of the committed suite of boards, by what it leaves on boards that it was not fitted to; of one seed."""
    for path in sorted((BOARDS_RUN / "records").glob(f"{game_id}__*-boards__seed={SEED}.json")):
        record = read_record(path)
        for point in record.points:
            if point.held_out is not None:
                name, left = f"{record.cell.label.removesuffix('-boards')}, {count_units(point.size, record.unit)}", point.held_out
                yield Place(name, left["residual"], point.policy_bits, point.operations, 1.96 * left["error"])


def front(game_id: str, places: list[Place]) -> Iterator[str]:
    """Lines of the table: at each level, from the shortest file on, the policies that compute less by STEP than all before them."""
    for level in LEVELS:
        least = np.inf
        for each in sorted((each for each in places if each.residual <= level), key=lambda each: (each.bits, each.operations)):
            if each.operations * STEP <= least:
                least = each.operations
                left = str(simulations.Residual(each.residual, each.band))
                yield f"| {game_id} | {100 * level:g} | {each.name} | {left} | {each.bits:,} | {each.operations:,.0f} |"


def measure_front() -> dict[str, str]:
    """The table of all kinds."""
    rows: list[str] = []
    for game in FRONTS:
        rows += front(game, [*reference_places(game), *depths(game), *simulated(game)])
    rows += front(SAMPLED, [*held_out_places(SAMPLED), *depths(SAMPLED), *simulated(SAMPLED)])
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
            "simulations": Part(simulations.measure_table, "some minutes"),
            "tails": Part(simulations.measure_tails, "a minute"),
            "growth": Part(simulations.measure_growth, "some minutes"),
            "priors": Part(simulations.measure_priors, "some minutes"),
            "front": Part(measure_front, "some minutes"),
            "stones": Part(measure_stones, "a minute"),
            "playouts": Part(measure_playouts, "a minute"),
        },
        phrases=(f"{simulations.PART:,} drawn positions",),
    ),
)
