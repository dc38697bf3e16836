"""Principles and data (Lillicrap & Kording 2019, Figure 2): each learned policy beside the recipe that it was learned by.

Recipe: bits of the compressed source of teacher and learner, and of the seed (bench/measures/recipe.py); an upper bound. Product: policy
bits of the shortest measured policy that has the best gain of its curve. Between them lies the time that fitting took, on the machine
that the record names, from the start of the curve to that policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from bench.curves.curve import PERFECT
from bench.curves.families import family_of, is_control
from bench.curves.figure1 import UNSIZED
from bench.harness.records import Record
from bench.measures.recipe import Recipe
from bench.report.blocks import Block, Column, Drawing, Filed, Section, Sentence, Series, Table, TableRow, words
from bench.report.plots.style import LOOKS, STYLE
from bench.report.run_data import Evidence, ids_of
from bench.suites.grid import cells as cells_of
from bench.wording import count

MAX_DRAWN = 4  # games of the figure, where the run has more
TITLE = "Principles and data: recipe and product"


def principles_section(evidence: Evidence) -> Section:
    """The learned policies beside their recipes, in sentences and a figure, and every recipe in a file; empty where none was learned."""
    learned = [record for record in evidence.records if record.cell.learner not in UNLEARNED]
    if not learned:
        return Section("principles", TITLE)
    blocks: list[Block] = [words(*about_principles(learned), is_list=True)]
    grown = growths(learned)
    if grown:
        grown_rows = tuple(TableRow((family_of(each.small.game), *each.cells()), each.large.cell_id) for each in grown)
        title = "How recipe and product grow from a family's smallest game to its largest"
        blocks.append(Filed(Table("growth", title, (Column("family", "family", is_text=True), *GROWTH_COLUMNS), grown_rows)))
    drawn = _drawn(learned)
    figure = draw_principles(drawn)
    if figure is not None:
        which = "" if len(drawn) == len(learned) else f" of the largest games, {MAX_DRAWN} families (all are in the table)"
        caption = Sentence(f"Recipe and product of learned policies{which}, in bits; of several seeds the one with the middle product.")
        blocks.append(Drawing("principles", "Recipe and product of learned policies", figure, _series(drawn), (caption,), ids_of(drawn)))
    columns = (
        Column("game", "game", is_text=True),
        Column("curve", "curve", is_text=True),
        Column("seed", "seed"),
        Column("recipe_bits", "recipe", "recipe"),
        Column("engine_bits", "of it the engine", "recipe"),
        Column("learner_bits", "of it the learner", "recipe"),
        Column("seed_bits", "of it the seed", "recipe"),
        Column("product_bits", "product", "recipe"),
        Column("share", "product / recipe", "recipe", ".1%"),
        Column("fit_seconds", "time to learn, s", "seconds", ".2f"),
        Column("operations", "operations a decision", "operations", ",.0f"),
        Column("gain", "gain", "gain", ".4f"),
        Column("size", "size", "unit"),
        Column("unit", "unit", "unit", is_text=True),
    )
    rows = []
    for policy in learned_policies(learned):
        recipe = policy.recipe
        parts = (recipe.bits, recipe.engine, recipe.learner, recipe.seed) if recipe else (None,) * 4
        values = (
            policy.game,
            policy.label,
            policy.seed,
            *parts,
            policy.product_bits,
            policy.share,
            policy.fit_seconds,
            policy.operations,
            policy.gain,
        )
        rows.append(TableRow((*values, policy.size, policy.unit), policy.cell_id))
    note = (
        "A dash: the record is older than recipes. Time to learn runs from the start of the curve to this policy, on the record's machine."
    )
    blocks.append(Filed(Table("principles", "Recipe and product of learned policies", columns, tuple(rows), note)))
    planned = (cell.id for cell in cells_of(evidence.suite) if cell.learner not in UNLEARNED)
    holes = tuple(f"{cell_id}: {evidence.holes[cell_id]}" for cell_id in planned if cell_id in evidence.holes)
    return Section("principles", TITLE, tuple(blocks), holes=holes, short="Principles")


def _series(records: Sequence[Record]) -> tuple[Series, ...]:
    """Bits of recipe and product; y is the number of the policy, from 0 up."""
    products, recipes = [], []
    for row, policy in enumerate(_middle_seeds(learned_policies(records))):
        label = f"{policy.label} on {policy.game}"
        products.append((policy.product_bits, row, label))
        recipes += [(policy.recipe.bits, row, label)] if policy.recipe else []
    named = (("recipe", recipes), ("product", products))
    return tuple(Series(name, *map(tuple, zip(*found, strict=True))) for name, found in named if found)


def _drawn(learned: Sequence[Record]) -> list[Record]:
    """Those on games that the figure shows: all, or, where these are many, the largest games of the families with the largest."""
    games = {record.cell.game: record.n_positions for record in learned}
    if len(games) > MAX_DRAWN:
        by_size = sorted((game for game in games if not is_control(game)), key=lambda game: games[game])
        largest = {family_of(game): game for game in by_size}  # the last of a family is its largest
        games = {game: games[game] for game in sorted(largest.values(), key=lambda game: -games[game])[:MAX_DRAWN]} or games
    return [record for record in learned if record.cell.game in games]


UNLEARNED = (*UNSIZED, "human")  # given, searched for a grade, thinking without having learned, or written by people
BAR = 0.36  # height of a bar, in rows
RECIPE_LOOK: Any = {"facecolor": LOOKS[1][0], "hatch": "////", "label": "recipe: source of teacher and learner, seed"}
PRODUCT_LOOK: Any = {"facecolor": LOOKS[0][0], "label": "product: the policy learned"}


@dataclass(frozen=True)
class LearnedPolicy:
    """The best policy of one curve: what it takes to learn it, what it is, and what it does."""

    game: str
    label: str
    seed: int
    n_positions: int
    recipe: Recipe | None  # None where the record is older than recipes
    product_bits: int
    gain: float
    size: int
    unit: str
    fit_seconds: float  # from the start of the curve to this policy
    operations: float  # mean a decision

    @property
    def cell_id(self) -> str:
        """The id of the cell that it was measured in."""
        return f"{self.game}/{self.label}/seed={self.seed}"

    @property
    def share(self) -> float | None:
        """Product / recipe."""
        return self.product_bits / self.recipe.bits if self.recipe else None


def learned_policies(records: Sequence[Record]) -> list[LearnedPolicy]:
    """One row for each curve that was learned, in the order of the records; those that failed have none."""
    found = []
    for record in records:
        if record.cell.learner in UNLEARNED or not record.points:
            continue
        best = max(point.gain for point in record.points)
        point = min((point for point in record.points if point.gain >= best - PERFECT), key=lambda point: point.policy_bits)
        found.append(
            LearnedPolicy(
                game=record.cell.game,
                label=record.cell.label,
                seed=record.cell.seed,
                n_positions=record.n_positions,
                recipe=Recipe(**record.recipe_bits) if record.recipe_bits else None,
                product_bits=point.policy_bits,
                gain=point.gain,
                size=point.size,
                unit=record.unit,
                fit_seconds=point.fit_seconds,
                operations=point.operations,
            )
        )
    return found


def about_principles(records: Sequence[Record]) -> list[Sentence]:
    """How long products are beside their recipes, over all curves. Of several seeds the middle product speaks (the lower of two)."""
    policies = _middle_seeds(learned_policies(records))
    shares = [(policy.share, policy) for policy in policies if policy.share is not None]
    found = []
    if shares:
        n_shorter = sum(share < 1 for share, _ in shares)
        share, longest = max(shares, key=lambda entry: entry[0])
        found.append(
            f"The best policy takes fewer bits than the recipe that it was learned by on {n_shorter:,} of {count(len(shares), 'curve')}; "
            f"most, against its recipe, as {longest.label} on {longest.game}: {_ratio(share)} of it, at a gain of {longest.gain:.3f}."
        )
    if len(shares) < len(policies):
        without = count(len(policies) - len(shares), "curve")
        found.append(f"Of {without} the recipe was not recorded: run the suite again to measure it.")
    failed = [record.cell_id for record in records if record.error and record.cell.learner not in UNLEARNED]
    found += [f"Without a policy, because measuring failed: {', '.join(failed)}."] if failed else []
    return [Sentence(text, ids_of(records)) for text in found]


@dataclass(frozen=True)
class Growth:
    """A learner's policies on the smallest and the largest game of a family."""

    small: LearnedPolicy
    large: LearnedPolicy
    ratios: tuple[float, float, float]  # of positions, recipes and products
    shares: tuple[float, float]  # product / recipe

    def cells(self) -> tuple[str | float, ...]:
        """The values under GROWTH_COLUMNS."""
        games = (self.small.label, self.small.game, self.large.game)
        return (*games, *self.ratios, *self.shares, self.small.gain, self.large.gain)


GROWTH_COLUMNS = (
    Column("curve", "curve", is_text=True),
    Column("small", "from", is_text=True),
    Column("large", "to", is_text=True),
    Column("positions_ratio", "positions, times", "positions", ",.4g"),
    Column("recipe_ratio", "recipe, times", "recipe", ",.3g"),
    Column("product_ratio", "product, times", "recipe", ",.3g"),
    Column("small_share", "product / recipe, small", "recipe", ".2%"),
    Column("large_share", "product / recipe, large", "recipe", ".2%"),
    Column("small_gain", "gain, small", "gain", ".3f"),
    Column("large_gain", "gain, large", "gain", ".3f"),
)


def growths(records: Sequence[Record]) -> list[Growth]:
    """For each family and label that was measured on games of different size, its smallest and its largest game."""
    policies = [policy for policy in _middle_seeds(learned_policies(records)) if policy.share is not None]
    groups: dict[tuple[str, str], list[LearnedPolicy]] = {}
    for policy in policies:
        groups.setdefault((family_of(policy.game), policy.label), []).append(policy)
    found = []
    for members in groups.values():
        small = min(members, key=lambda policy: policy.n_positions)
        large = max(members, key=lambda policy: policy.n_positions)
        if small.n_positions == large.n_positions or not (small.recipe and large.recipe and small.share and large.share):
            continue
        ratios = (
            large.n_positions / small.n_positions,
            large.recipe.bits / small.recipe.bits,
            large.product_bits / small.product_bits,
        )
        found.append(Growth(small, large, ratios, (small.share, large.share)))
    return found


def draw_principles(records: Sequence[Record]) -> Figure | None:
    """Recipe and product of each learned policy as two bars on a logarithmic axis, game by game, with gain and compute beside them.

    Of several seeds the one with the middle product is drawn. None where nothing was learned.
    """
    shown: list[LearnedPolicy | str] = []  # a row each, under the heading of their game
    by_game: dict[str, list[LearnedPolicy]] = {}
    for policy in _middle_seeds(learned_policies(records)):
        by_game.setdefault(policy.game, []).append(policy)
    for game, policies in by_game.items():
        shown += [game, *policies]
    if not shown:
        return None
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(7.2, 1.2 + 0.28 * len(shown)), layout="constrained")
        bars, words = figure.subplots(1, 2, sharey=True, width_ratios=(2.2, 1))
        for row, entry in enumerate(shown):
            if isinstance(entry, LearnedPolicy):
                _draw_bars(bars, row, entry)
                _write(words, row, f"{entry.gain:.3f}", _seconds(entry.fit_seconds), f"{entry.operations:,.0f}")
        _write(words, -1, "gain", "time to\nlearn", "operations\na decision")
        bars.set_yticks(range(len(shown)), [entry if isinstance(entry, str) else entry.label for entry in shown])
        for entry, name in zip(shown, bars.get_yticklabels(), strict=True):
            name.set_fontweight("bold" if isinstance(entry, str) else "normal")
        bars.tick_params(axis="y", length=0)
        bars.set_ylim(len(shown) - 0.4, -1.7)
        bars.set_xscale("log")
        bars.set_xlim(left=1)
        bars.set_xlabel("bits")
        bars.grid(axis="x", color="0.92", linewidth=0.6)
        bars.set_axisbelow(True)
        words.set_axis_off()
        handles = [Patch(edgecolor="black", **look) for look in (RECIPE_LOOK, PRODUCT_LOOK)]
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def _draw_bars(axes: Axes, row: int, policy: LearnedPolicy) -> None:
    if policy.recipe:
        axes.barh(row - BAR / 2, policy.recipe.bits - 1, BAR, left=1, edgecolor="black", linewidth=0.5, **RECIPE_LOOK)
    else:
        axes.text(1.2, row - BAR / 2, "recipe not recorded", va="center", fontsize=7)
    axes.barh(row + BAR / 2, max(0, policy.product_bits - 1), BAR, left=1, edgecolor="black", linewidth=0.5, **PRODUCT_LOOK)


def _write(axes: Axes, row: int, *texts: str) -> None:
    """A row of the columns beside the bars, aligned right."""
    for place, text in enumerate(texts, start=1):
        axes.text(place / len(texts), row, text, ha="right", va="center", fontsize=8)


def _middle_seeds(policies: Sequence[LearnedPolicy]) -> list[LearnedPolicy]:
    """Of each game and label the policy whose product is of middle length."""
    groups: dict[tuple[str, str], list[LearnedPolicy]] = {}
    for policy in policies:
        groups.setdefault((policy.game, policy.label), []).append(policy)
    return [sorted(members, key=lambda policy: policy.product_bits)[(len(members) - 1) // 2] for members in groups.values()]


def _ratio(share: float) -> str:
    return f"{share:,.0%}" if share >= 0.1 else f"{share:.2%}"


def _seconds(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.2f} s" if seconds >= 0.01 else "< 0.01 s"
