"""Planted curves whose knowledge is known: rules that hold on both sides of a split, and rules that are luck where they were fitted.

Every position of either side belongs to one rule and loses 1 to 10 points without it. A *true* rule brings the loss to 0 wherever it
applies. A *lucky* rule brings it to 0 or doubles it, with equal odds in each position, so what it gains is chance; the list keeps those
that gain where fitted. An *entry* solves one fitted position and applies nowhere else. The list is sorted by what its rules gain where
fitted, as a greedy fit would, so lucky rules stand between true ones.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.measures.split_curve import SplitCurve
from games.arrays import Float64s, Int64s
from policies.api import budget_ladder

MAX_POINTS = 10
N_SPLITS = 2
REACHED = 0.95  # of the true gain: where a list is said to have it

Law = Callable[[Float64s], Float64s]


@dataclass(frozen=True)
class Control:
    """A planted curve. Laws give how often each rule applies, of 1, 2 ... ; `true` is the share of positions that true rules have."""

    name: str
    n_positions: int  # of each side
    true: float
    n_true: int = 0
    true_law: Law | None = None
    n_lucky: int = 0
    lucky_law: Law | None = None  # None: the other positions are entries


def power(exponent: float) -> Law:
    """Rule k applies in proportion to k to minus this."""
    return lambda k: k**-exponent


def geometric(ratio: float) -> Law:
    """Rule k applies in proportion to the ratio to the k-th."""
    return lambda k: ratio**k


def classes(*sizes: int) -> Law:
    """Classes of equal rules of these sizes, each class with half of the positions of the one before."""
    shares = np.concatenate([np.full(size, 0.5**i / size) for i, size in enumerate(sizes)])
    return lambda k: shares[: len(k)]


def stages(k: Float64s) -> Float64s:
    """Two geometric stages of ratios .7 and .98."""
    stage: Float64s = 0.7**k + 0.03 * 0.98**k
    return stage


WITHOUT = (
    Control("entries", 5_000, 0.0),
    Control("lucky rules, 1/k of 2,000", 10_000, 0.0, 0, None, 2_000, power(1.0)),
    Control("lucky rules, 1/k of 300", 5_000, 0.0, 0, None, 300, power(1.0)),
    Control("lucky rules, k^-1.5 of 1,000", 20_000, 0.0, 0, None, 1_000, power(1.5)),
    Control("lucky rules, 1,000 alike", 10_000, 0.0, 0, None, 1_000, power(0.0)),
    Control("lucky rules, 1/k of 10,000", 75_000, 0.0, 0, None, 10_000, power(1.0)),
)
THEN_MEMORY = (
    Control("1/k to 30, then lucky 1/k of 1,000", 10_000, 0.7, 30, power(1.0), 1_000, power(1.0)),
    Control("1/k to 100, then entries", 10_000, 0.7, 100, power(1.0)),
    Control("1/k to 100, then 1,000 lucky alike", 20_000, 0.8, 100, power(1.0), 1_000, power(0.0)),
    Control("1/k to 300, then lucky 1/k of 3,000", 50_000, 0.8, 300, power(1.0), 3_000, power(1.0)),
    Control("k^-1.5 to 100, then entries", 50_000, 0.8, 100, power(1.5)),
    Control("ratio 0.9 to 60, then 1,000 lucky alike", 10_000, 0.7, 60, geometric(0.9), 1_000, power(0.0)),
    Control("classes of 10, 40 and 160, then entries", 10_000, 0.8, 210, classes(10, 40, 160)),
)
TO_THE_END = (
    Control("1/k to 300", 10_000, 1.0, 300, power(1.0)),
    Control("ratio 0.9 to 60", 5_000, 1.0, 60, geometric(0.9)),
    Control("classes of 10, 40 and 160", 5_000, 1.0, 210, classes(10, 40, 160)),
    Control("two stages, ratios 0.7 and 0.98", 2_500, 1.0, 200, stages),
)
CONTROLS = (*WITHOUT, *THEN_MEMORY, *TO_THE_END)


def planted_splits(control: Control, seed: int) -> tuple[list[SplitCurve], float]:
    """Splits of a planted list, and how many of its rules hold REACHED of what true rules gain where held out: mean over the splits."""
    rng = np.random.default_rng([seed, zlib.crc32(control.name.encode())])
    drawn = [_split(control, rng) for _ in range(N_SPLITS)]
    return [split for split, _ in drawn], float(np.mean([k for _, k in drawn]))


def _split(control: Control, rng: np.random.Generator) -> tuple[SplitCurve, int]:
    n, n_lucky = control.n_positions, control.n_lucky or control.n_positions
    n_rules = control.n_true + n_lucky
    points = rng.integers(1, MAX_POINTS + 1, (2, n)).astype(np.float64)  # fitted, held out
    rule = np.stack([_rules(control, n_lucky, rng) for _ in range(2)])
    if control.lucky_law is None:  # entries: each has one fitted position of its own, and none that is held out
        own = rule[0] >= control.n_true
        rule[0, own] = control.n_true + np.arange(own.sum())
    is_true = rule < control.n_true
    gained = np.where(is_true, points, points * rng.choice([-1.0, 1.0], (2, n)))
    if control.lucky_law is None:
        gained = np.where(is_true, points, np.array([[1.0], [0.0]]) * points)
    by_rule = np.bincount(rule[0], gained[0], n_rules)
    order = np.argsort(-by_rule, kind="stable")
    n_kept = int((by_rule > 0).sum())
    rank = np.full(n_rules, n_rules + 1)
    rank[order[:n_kept]] = np.arange(1, n_kept + 1)
    ranks: Int64s = rank[rule]
    true_at = np.sort(ranks[1][is_true[1]])
    reached = int(true_at[int(REACHED * (len(true_at) - 1))]) if len(true_at) else 0
    budgets = [size for size in sorted({*range(1, 17), *budget_ladder(n_kept)}) if size <= n_kept]
    gains, errors, steps, before = [], [], [], np.zeros(n)
    for budget in budgets:
        now = np.where(ranks[1] <= budget, gained[1], 0.0)
        gains.append(float(now.sum() / points[1].sum()))
        errors.append(_error(now, points[1]))
        steps.append(_error(now - before, points[1]))
        before = now
    fitted = [float(gained[0][ranks[0] <= budget].sum() / points[0].sum()) for budget in budgets]
    return SplitCurve(0, n, n, float(n), budgets, [*fitted], [*gains], [*errors], [*steps]), reached


def _rules(control: Control, n_lucky: int, rng: np.random.Generator) -> Int64s:
    """The rule of each position of one side: true ones first, by their numbers."""
    true = rng.choice(control.n_true, control.n_positions, p=_shares(control.true_law, control.n_true)) if control.n_true else 0
    lucky = control.n_true + rng.choice(n_lucky, control.n_positions, p=_shares(control.lucky_law, n_lucky))
    chosen: Int64s = np.where(rng.random(control.n_positions) < control.true, true, lucky).astype(np.int64)
    return chosen


def _shares(law: Law | None, n: int) -> Float64s:
    shares = np.ones(n) if law is None else law(np.arange(1.0, n + 1.0))
    normed: Float64s = shares / shares.sum()
    return normed


def _error(x: Float64s, y: Float64s) -> float:
    """The standard error of sum(x) / sum(y), as in bench/measures/heldout.py."""
    n, total = len(y), float(y.sum())
    apart = x - float(x.sum()) / total * y
    return float(np.sqrt(n / (n - 1) * np.dot(apart, apart)) / total)
