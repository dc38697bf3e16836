"""docs/worlds.md: the same games when all positions count, when those of careful players do, and on a policy's own lines."""

from collections.abc import Sequence

from bench.harness.measure import measure_policy
from bench.harness.path import FittedPath
from bench.harness.point import Point
from bench.studies.page import Page, Part
from bench.studies.result_tables import table
from bench.wording import count
from policies.api import Task
from policies.position_weights import SEMI_STRONG, UNIFORM
from policies.registry import make_learner, parse_learner
from policies.task import make_task

GAMES = ("go-3x3", "go-2x5", "go-2x6", "go-3x4", "nogo-3x4", "connect_four-4x4")
LEVEL = 0.9
SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 91, 128, 181, 256, 362, 512, 724, 1024, 1448, 2048)
LEARNERS = {"rulelist:atoms=single,polish=false": (*SIZES, 1 << 20), "rulelist": SIZES[:20], "weighted": SIZES[:20]}
ON_LINES = (1, 2, 4, 8, 16, 32, 64, 128, 256)  # budgets at which the corrections on a policy's own lines are counted
HEAD = "game | what counts | positions | bits to 0.9 | as | bits to err nowhere in its play | as | on its own lines | as"


def curves(task: Task) -> list[tuple[str, list[Point]]]:
    """Every learner's policies at growing budgets, measured."""
    found = []
    for text, budgets in LEARNERS.items():
        learner = make_learner(*parse_learner(text))
        path = FittedPath(learner, task, list(budgets), 0)
        points = [measure_policy(task, learner, policy, budget, 0.0, with_results=budget in ON_LINES)[0] for budget, policy in path]
        found.append((text, points))
    return found


def row(game: str, weights: str) -> tuple[object, ...]:
    """A game when positions count by these weights."""
    task = make_task(game, weights)
    policies = [(text, point) for text, points in curves(task) for point in points]
    reached = _shortest([(text, point) for text, point in policies if point.gain >= LEVEL])
    kept = _shortest([(text, point) for text, point in policies if point.is_proved("keeps_value")])
    lines = min(((point.weak["codelength"], text, point) for text, point in policies if point.weak), key=lambda each: each[0])
    counted = int((task.weights > 0).sum())
    return (
        *(game, "all" if weights == UNIFORM else "semi-strong", counted),
        *((reached[1].policy_bits, _units(*reached)) if reached else (None, None)),
        *((kept[1].policy_bits, f"{_units(*kept)}{_ending(kept[1])}") if kept else (None, None)),
        *(lines[0], _units(*lines[1:])),
    )


def measured() -> dict[str, str]:
    """The rows of all games, each in both worlds."""
    rows = [row(game, weights) for game in GAMES for weights in (UNIFORM, SEMI_STRONG)]
    return {"games": table(HEAD, rows)}


def _shortest(policies: Sequence[tuple[str, Point]]) -> tuple[str, Point] | None:
    return min(policies, key=lambda each: each[1].policy_bits, default=None)


def _units(text: str, point: Point) -> str:
    """Such as `4 weights`."""
    unit = {"rulelist": "conjunction", "weighted": "weight"}.get(text, "single atom")
    return count(point.size, unit)


def _ending(point: Point) -> str:
    return " (may stall)" if point.is_proved("stalls") else ""


PAGES = (Page("worlds.md", {"games": Part(measured, "some minutes")}),)
