"""Principles and data (Lillicrap & Kording 2019, Figure 2): recipe, product, compute to learn and to play, gain of each learned policy."""

from collections.abc import Sequence

from bench.harness.records import Record
from bench.report.blocks import Block, Column, Drawing, Fold, Section, Sentence, Table, TableRow, words
from bench.report.parts.recipes import UNLEARNED, about_principles, draw_principles, learned_policies
from bench.report.run_data import Evidence, ids_of
from bench.scaling.axis import family_of, is_control
from bench.suites.grid import cells as cells_of

GROWN = "the positions grow"  # what bench/report/parts/recipes.py says of a family
MAX_DRAWN = 4  # games of the figure, where the run has more
MAX_OPEN = 8  # sentences on families that are told without being asked
TITLE = "Principles and data: recipe and product"


def principles_section(evidence: Evidence) -> Section:
    """The learned policies beside their recipes, in sentences, a figure, and a table with the parts of each recipe."""
    learned = [record for record in evidence.records if record.cell.learner not in UNLEARNED]
    if not learned:
        return Section(
            "principles",
            TITLE,
            (words("No policy of this run was learned, so there is no recipe to hold it against."),),
            short="Principles",
        )
    said = [Sentence(text, _of_label(text, learned)) for text in about_principles(learned)]
    growth = [sentence for sentence in said if GROWN in sentence.text]
    is_long = len(growth) > MAX_OPEN
    blocks: list[Block] = [words(*(sentence for sentence in said if not (is_long and sentence in growth)), is_list=True)]
    if is_long:
        blocks.append(Fold("How recipe and product grow, family by family", (words(*growth, is_list=True),)))
    drawn = _drawn(learned)
    figure = draw_principles(drawn)
    if figure is not None:
        which = "" if len(drawn) == len(learned) else f" of the largest games, {MAX_DRAWN} families (all are in the table)"
        caption = Sentence(f"Recipe and product of learned policies{which}, in bits; of several seeds the one with the middle product.")
        blocks.append(Drawing("principles", "Recipe and product of learned policies", figure, (caption,), ids_of(drawn)))
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
        rows.append(TableRow((*values, policy.size, policy.unit), f"{policy.game}/{policy.label}/seed={policy.seed}"))
    note = (
        "A dash: the record is older than recipes. Time to learn runs from the start of the curve to this policy, on the record's machine."
    )
    title = "Recipe and product of every learned policy"
    blocks.append(Fold(title, (Table("principles", title, columns, tuple(rows), note),)))
    planned = (cell.id for cell in cells_of(evidence.suite) if cell.learner not in UNLEARNED)
    holes = tuple(f"{cell_id}: {evidence.holes[cell_id]}" for cell_id in planned if cell_id in evidence.holes)
    return Section("principles", TITLE, tuple(blocks), holes=holes, short="Principles")


def _drawn(learned: Sequence[Record]) -> list[Record]:
    """Those on games that the figure shows: all, or, where these are many, the largest games of the families with the largest."""
    games = {record.cell.game: record.n_positions for record in learned}
    if len(games) > MAX_DRAWN:
        by_size = sorted((game for game in games if not is_control(game)), key=lambda game: games[game])
        largest = {family_of(game): game for game in by_size}  # the last of a family is its largest
        games = {game: games[game] for game in sorted(largest.values(), key=lambda game: -games[game])[:MAX_DRAWN]} or games
    return [record for record in learned if record.cell.game in games]


def _of_label(text: str, records: Sequence[Record]) -> tuple[str, ...]:
    """The cells that a sentence rests on: those of the label that it begins with, else all."""
    label, colon, _ = text.partition(":")
    named = [record for record in records if colon and record.cell.label == label]
    return ids_of(named or records)
