"""Principles and data (Lillicrap & Kording 2019, Figure 2): each learned policy beside the recipe that it was learned by.

Recipe: bits of the compressed source of teacher and learner, and of the seed (bench/measures/recipe.py); an upper bound. Product: policy
bits of the shortest measured policy that has the best gain of its curve. Between them lies the time that fitting took, on the machine
that the record names, from the start of the curve to that policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.curves.curve import PERFECT
from bench.curves.families import family_of, is_control
from bench.curves.figure1 import UNSIZED
from bench.curves.recipe_parts import DATA, recipe_parts
from bench.harness.records import Record
from bench.measures.recipe import Recipe
from bench.report.blocks import Block, Column, Drawing, Filed, Section, Sentence, Series, Table, TableRow, words
from bench.report.plots.figure2 import UNSPLIT, Row, draw_figure_2
from bench.report.plots.looks import KINDS, kind_of
from bench.report.run_data import Evidence, ids_of
from bench.suites.grid import Cell
from bench.suites.grid import cells as cells_of
from bench.wording import count

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
    drawn = drawn_in_figure_2(learned)
    if drawn and (figure := draw_figure_2(rows_of_figure_2(drawn))) is not None:
        caption = Sentence(
            f"Recipe by part, product and work of the policy of greatest gain of each kind on {drawn[0].game}; of several seeds the one "
            "with the middle product."
        )
        named = tuple(policy.cell_id for policies in by_curve(drawn) for policy in policies)
        title = "Recipe and product of learned policies"
        blocks.append(Drawing("principles", title, figure, _series(drawn), (caption,), named))
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


def _series(drawn: Sequence["LearnedPolicy"]) -> tuple[Series, ...]:
    """Bits of recipe and product; y is the number of the policy, from 0 down."""
    products, recipes = [], []
    for row, policy in enumerate(_middle_seeds(drawn)):
        label = f"{policy.label} on {policy.game}"
        products.append((policy.product_bits, row, label))
        recipes += [(policy.recipe.bits, row, label)] if policy.recipe else []
    named = (("recipe", recipes), ("product", products))
    return tuple(Series(name, *map(tuple, zip(*found, strict=True))) for name, found in named if found)


def drawn_in_figure_2(records: Sequence[Record]) -> list["LearnedPolicy"]:
    """The policies of Figure 2: on the largest game, controls last, all seeds of the curve of greatest gain of each kind of learner."""
    policies = learned_policies([record for record in records if record.cell.positions is None])
    if not policies:
        return []
    game = max(policies, key=lambda policy: (not is_control(policy.game), policy.n_positions)).game
    best: dict[str, LearnedPolicy] = {}
    for policy in _middle_seeds([policy for policy in policies if policy.game == game]):
        kind = kind_of(policy.label) or policy.label
        if kind not in best or (policy.gain, -policy.product_bits) > (best[kind].gain, -best[kind].product_bits):
            best[kind] = policy
    ordered = sorted(best, key=lambda kind: [*KINDS, kind].index(kind))
    return [policy for kind in ordered for policy in policies if (policy.game, policy.label) == (game, best[kind].label)]


def rows_of_figure_2(drawn: Sequence["LearnedPolicy"]) -> list[Row]:
    """The rows of Figure 2, one for each curve, with the recipe by part if the installed sources tell, else as it was recorded."""
    rows = []
    for policies in by_curve(drawn):
        (middle,) = _middle_seeds(policies)
        products = [policy.product_bits for policy in policies]
        parts = recipe_parts(middle.cell) if middle.recipe else {}
        whole = {DATA: middle.recipe.engine, UNSPLIT: middle.recipe.learner + middle.recipe.seed} if middle.recipe else {}
        recipe = whole if parts is None else parts
        work = middle.gain, middle.fit_seconds, middle.operations
        rows.append(Row(middle.label, recipe, middle.product_bits, (min(products), max(products)), *work))
    return rows


def by_curve(policies: Sequence["LearnedPolicy"]) -> list[list["LearnedPolicy"]]:
    """The policies of each curve, all seeds of it together."""
    groups: dict[tuple[str, str], list[LearnedPolicy]] = {}
    for policy in policies:
        groups.setdefault((policy.game, policy.label), []).append(policy)
    return list(groups.values())


UNLEARNED = (*UNSIZED, "human")  # given, searched for a grade, thinking without having learned, or written by people


@dataclass(frozen=True)
class LearnedPolicy:
    """The best policy of one curve: what it takes to learn it, what it is, and what it does."""

    cell: Cell
    n_positions: int
    recipe: Recipe | None  # None where the record is older than recipes
    product_bits: int
    gain: float
    size: int
    unit: str
    fit_seconds: float  # from the start of the curve to this policy
    operations: float  # mean a decision

    @property
    def game(self) -> str:
        """The id of the game."""
        return self.cell.game

    @property
    def label(self) -> str:
        """The label of the curve."""
        return self.cell.label

    @property
    def seed(self) -> int:
        """The seed of the curve."""
        return self.cell.seed

    @property
    def cell_id(self) -> str:
        """The id of the cell that it was measured in."""
        return self.cell.id

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
                cell=record.cell,
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


def _middle_seeds(policies: Sequence[LearnedPolicy]) -> list[LearnedPolicy]:
    """Of each game and label the policy whose product is of middle length."""
    return [sorted(members, key=lambda policy: policy.product_bits)[(len(members) - 1) // 2] for members in by_curve(policies)]


def _ratio(share: float) -> str:
    return f"{share:,.0%}" if share >= 0.1 else f"{share:.2%}"
