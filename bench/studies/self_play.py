"""docs/self-play.md: what networks learn by self-play; the recipe and the product; where the time goes.

Curves and comparisons are computed from the committed records of the suite `selfplay`. Concepts and work are logged by runs of their own,
which are kept in build/self-play under a hash of the sources, so a measurement that was stopped goes on.
"""

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from bench.harness.point import Point
from bench.harness.records import Record
from bench.harness.selfplay import Referee, self_play
from bench.harness.store import cell_status, read_suite
from bench.measures.selfplay_recipe import recipe_by_part
from bench.studies.page import ROOT, Page, Part
from bench.suites.grid import cells
from bench.wording import show
from games.keys.sources import source_hash
from games.registry import make_game
from policies.networks.architectures import layers_of
from policies.selfplay.heads import with_value
from policies.selfplay.learner import SelfPlayLearner
from policies.selfplay.loop import first_state, iterate

RESULTS = ROOT / "reports" / "selfplay"
SHOWN = (1, 4, 16, 64)  # iterations, beside the last
SIMULATIONS = 64
KINDS = {"network": ("network",), "list": ("rulelist",), "search": ("mcts", "minimax")}  # learners beside self-play
SMALL, HEAPS = SelfPlayLearner(equivariant=True, units=16), SelfPlayLearner()
LOGGED = {  # learner and iterations
    "tictactoe": (SMALL, 64),
    "hex-3": (SMALL, 32),
    "go-3x3": (SMALL, 32),
    "nim-1-3-5": (HEAPS, 24),
    "nim-1-3-5-7": (HEAPS, 24),
}
SEED = 0
ORDERED = ("tictactoe", "hex-3", "go-3x3")
LEARNED = 0.95  # share right from which on a concept counts as learned
TIMED, TIMED_GAMES = "go-5x5", 32
CURVES_HEAD = f"| game | positions | {' | '.join(map(str, SHOWN))} | last | at iteration | processor seconds |\n|---|" + "--:|" * (
    len(SHOWN) + 4
)
SEEDS_HEAD = (
    "| game | residual, % | exploitability | never loses | residual with the search, % | exploitability | never loses |\n"
    "|---|--:|--:|---|--:|--:|---|"
)
BESIDE_HEAD = (
    "| game | self-play leaves, % | bits | operations | network, its bits | list, its bits | search, its bits "
    "| network, its operations | list, its operations | search, its operations |\n|---|" + "--:|" * 9
)
CONCEPTS_HEAD = (
    "| game | concepts, each with the iteration from which on it counts as learned | not learned, with the share right, % |\n|---|---|---|"
)
RECIPE_HEAD = "| game | rules | search | network | self-play | seed | sum | file, network | file, with value |\n" + "|---|" + "--:|" * 8
WORK_HEAD = "| game | multiplications to learn | multiplications to play a move |\n|---|--:|--:|"
SPEED_HEAD = "| board | simulations | games | games a second | network, % | tree, % | rules, % | looked at, % |\n|---|" + "--:|" * 7


@functools.cache
def records() -> tuple[Record, ...]:
    """The committed records of the suite, in its order, of the cells that were measured."""
    found = [cell_status(RESULTS, cell.id).measured for cell in cells(read_suite(RESULTS))]
    return tuple(record for record in found if record is not None)


def curves(learner: str, label: str = "") -> dict[str, list[Record]]:
    """For each game the records of a learner, one a seed; with a label only those of that label."""
    found: dict[str, list[Record]] = {}
    for record in records():
        if record.cell.learner == learner and label in ("", record.cell.label):
            found.setdefault(record.cell.game, []).append(record)
    return found


def listed(numbers: Iterable[str]) -> str:
    """Numbers of several seeds."""
    return ", ".join(numbers)


def residual(point: Point) -> str:
    """What a policy leaves, in percent, with its band where positions were drawn."""
    band = f" +- {196 * point.gain_error:.1f}" if point.gain_error else ""
    return f"{100 * (1 - point.gain):.1f}{band}"


def seats(point: Point) -> str:
    """The seats from which a policy is proved never to lose."""
    grades: dict[str, bool] = point.grades or {}
    named = [seat for seat in ("first", "second") if grades.get(f"never_loses_{seat}")]
    return "both" if len(named) == 2 else named[0] if named else "none"


def measure_results() -> dict[str, str]:
    """What self-play reaches, on every seed, and what other policies of the same bits or operations leave."""
    learned = curves("selfplay")
    return {
        "results.curves": "\n".join([CURVES_HEAD, *(_curve(game, found) for game, found in learned.items())]),
        "results.seeds": "\n".join(
            [SEEDS_HEAD, *(_seeds(game, found) for game, found in learned.items() if found[0].cell.positions is None)]
        ),
        "results.beside": "\n".join([BESIDE_HEAD, *(_beside(found[0]) for found in learned.values())]),
    }


def _curve(game: str, found: Sequence[Record]) -> str:
    """Mean residuals over the seeds, in percent, at some iterations."""
    last = max(point.budget for point in found[0].points)
    at = [[100 * (1 - point.gain) for record in found for point in record.points if point.budget == budget] for budget in (*SHOWN, last)]
    seconds = np.mean([record.seconds["cpu"] for record in found])
    shares = " | ".join(f"{np.mean(numbers):.1f}" if numbers else "-" for numbers in at)
    return f"| {game} | {found[0].n_positions:,} | {shares} | {last} | {seconds:.0f} |"


def _seeds(game: str, found: Sequence[Record]) -> str:
    """The last policy of every seed: alone, and as prior and value of a search."""
    searched = curves("mcts", "mcts-over-selfplay").get(game, [])
    alone = [record.points[-1] for record in found]
    over = [point for record in searched for point in record.points if point.budget == SIMULATIONS]
    told = [
        part
        for points in (alone, over)
        for part in (
            listed(map(residual, points)) or "-",
            listed(show(point.exploitability) for point in points) or "-",
            listed(map(seats, points)) or "-",
        )
    ]
    return f"| {game} | {' | '.join(told)} |"


def _beside(record: Record) -> str:
    """The last policy of a curve, and the least that others leave within its bits and within its operations."""
    last = record.points[-1]

    def least(kind: str, fits: Callable[[Point], bool]) -> str:
        """The residual of the best policy of a kind that fits."""
        others = [each for each in records() if each.cell.learner in KINDS[kind] and each.cell.game == record.cell.game]
        points = [point for each in others if each.cell.label != "mcts-over-selfplay" for point in each.points if fits(point)]
        return residual(max(points, key=lambda point: point.gain)) if points else "-"

    bits = [least(kind, lambda point: point.policy_bits <= last.policy_bits) for kind in KINDS]
    work = [least(kind, lambda point: point.operations <= last.operations) for kind in KINDS]
    told = " | ".join([residual(last), f"{last.policy_bits:,}", f"{last.operations:,.0f}", *bits, *work])
    return f"| {record.cell.game} | {told} |"


@functools.cache
def log_of(game_id: str) -> list[dict[str, Any]]:
    """The log of a run to its end."""
    learner, n = LOGGED[game_id]
    folder = ROOT / "build" / "self-play" / f"{game_id}-{source_hash('bench.harness.selfplay')}"
    return list(self_play(learner, Referee(game_id), SEED, n, folder))


def learned_at(log: list[dict[str, Any]], concept: str) -> int | None:
    """The first iteration from which on a concept is right in a share LEARNED of the positions that it decides; None if at no time."""
    below = [line["iteration"] for line in log if line["concepts"][concept] < LEARNED]
    last = below[-1] if below else 0
    return None if last == log[-1]["iteration"] else last + 1


def measure_concepts() -> dict[str, str]:
    """The order in which concepts are learned."""
    rows = []
    for game_id in ORDERED:
        log = log_of(game_id)
        found = {concept: learned_at(log, concept) for concept in log[-1]["concepts"]}
        known = sorted((at, concept) for concept, at in found.items() if at is not None)
        open_ = sorted((share, concept) for concept, share in log[-1]["concepts"].items() if found[concept] is None)
        told = listed(f"`{concept}` {at}" for at, concept in known), listed(f"`{concept}` {100 * share:.0f}" for share, concept in open_)
        rows.append(f"| {game_id} | {told[0] or '-'} | {told[1] or '-'} |")
    return {"concepts": "\n".join([CONCEPTS_HEAD, *rows])}


def measure_recipe() -> dict[str, str]:
    """The bits of the recipe by part, those of the product, and the work to learn and to play."""
    rows, work = [], []
    for game_id, (learner, _) in LOGGED.items():
        game, last = make_game(game_id), log_of(game_id)[-1]
        recipe = recipe_by_part(game)
        parts = " | ".join(f"{bits:,}" for bits in (*recipe.values(), sum(recipe.values()), *last["policy_bits"].values()))
        rows.append(f"| {game_id} | {parts} |")
        entries = sum(int((layer.weights >= 0).sum()) for layer in with_value(learner.design, game)[:-1])
        entries += int((layers_of(learner.design, game)[-1].weights >= 0).sum())
        work.append(f"| {game_id} | {last['operations']:.2g} | {entries:,} |")
    return {"recipe.bits": "\n".join([RECIPE_HEAD, *rows]), "recipe.work": "\n".join([WORK_HEAD, *work])}


def measure_speed() -> dict[str, str]:
    """Games a second by a fresh network, on one thread, in processor time, and what it goes into."""
    learner = SelfPlayLearner(equivariant=True, units=16, games=TIMED_GAMES, simulations=64)
    game = make_game(TIMED)
    iterate(SelfPlayLearner(equivariant=True, units=16, games=2, simulations=64), game, SEED, first_state(learner, game, SEED))  # compiles
    _, report = iterate(learner, game, SEED, first_state(learner, game, SEED))
    parts = [report.seconds[part] for part in ("network", "tree", "rules")]
    shares = " | ".join(f"{100 * seconds / sum(parts):.0f}" for seconds in parts)
    asked = f"{100 * report.looked_at / report.simulations:.0f}"
    return {"speed": f"{SPEED_HEAD}\n| {TIMED} | 64 | {report.games} | {report.games / sum(parts):.1f} | {shares} | {asked} |"}


PAGES = (
    Page(
        "self-play.md",
        {
            "results": Part(measure_results),
            "concepts": Part(measure_concepts, "a minute"),
            "recipe": Part(measure_recipe, "a minute, or seconds after the concepts"),
            "speed": Part(measure_speed, "half a minute"),
        },
    ),
)
