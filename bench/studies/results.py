"""docs/results.md: what the committed records say, every number computed from them."""

from collections.abc import Sequence

from bench.curves.curve import LEVELS
from bench.curves.envelope import BITS, UNITS
from bench.curves.families import family_of
from bench.harness.records import Record
from bench.scaling.axis import AxisRow, best_to_value
from bench.scaling.exponents import MIN_DECIDED, best_of_games, exponents
from bench.scaling.levels import LEVELS as LEVELS_OF_KAPPA
from bench.scaling.levels import level_in_words
from bench.scaling.power_law import BEST, CODELENGTH, scalings
from bench.scaling.power_law import UNDECIDED as UNDECIDED_KAPPA
from bench.studies.committed import committed
from bench.studies.forms import lists_and_networks, questions, rule_by_rule, shortest_lists
from bench.studies.page import Page, Part
from bench.studies.result_tables import boards, halves, recipes, table
from bench.tails.games import GameVerdict
from bench.tails.verdict import ENDS, UNDECIDED
from bench.wording import ONE_SIZE, show

SHOWN = (0.5, 0.9, 1.0)  # levels
PLACES = [LEVELS.index(level) for level in SHOWN[1:]]


def told() -> dict[str, str]:
    """The blocks of the page as the records make them."""
    from bench.report.parts.headline import about_forms
    from bench.report.parts.principles import about_principles

    records, rows, verdicts = found = committed()
    drawn = [row for row in rows if row.is_drawn]
    on_go = [record for record in records if family_of(record.cell.game) == "go"]
    return {
        "records.made": made(records[0]),
        "records.tictactoe": f"{rule_by_rule(records)}\n\n{shortest_lists(found)}",
        "records.questions": questions(records),
        "records.axis": "\n\n".join([lists_and_networks(found), *about_forms(records)]),
        "records.principles": "\n".join(f"- {sentence.text}" for sentence in about_principles(on_go)),
        "records.boards": boards(records, verdicts),
        "records.halves": halves(records),
        "records.recipes": recipes(on_go),
        "records.tails": tails(drawn),
        "records.growth": growth(rows),
        "records.games": games(drawn, verdicts),
    }


def made(record: Record) -> str:
    """By what the records were made."""
    by = record.provenance
    libraries = ", ".join(f"{name} {by['libraries'][name]}" for name in ("numpy", "numba", "torch"))
    return f"They were made by commit {by['commit']}, with Python {by['python']}, {libraries}."


def tails(rows: list[AxisRow]) -> str:
    """How many curves end or are undecided, and the verdicts on the others."""
    kinds = (UNDECIDED, ENDS, ONE_SIZE)
    undecided, ended, single = ([row for row in rows if row.tail.startswith(kind)] for kind in kinds)
    heavy = [row for row in rows if not row.tail.startswith(kinds) and row.seed == 0]
    listed = table("game | curve | units | verdict", [(row.game, row.curve, row.unit, row.tail) for row in heavy])
    counts = f"{len(ended)} end, {len(undecided)} are undecided and {len(single)} have one size only"
    return f"Of {len(rows)} curves {counts}. These have a tail:\n\n{listed}"


def growth(rows: Sequence[AxisRow]) -> str:
    """The exponents of codelength, then kappa at each gain, of families that were measured at three sizes or more."""
    from bench.report.parts.families import about_predictions

    found = [
        (each.family, len(each.samples), f"{each.law.kappa:.2f} ({low:.2f} to {high:.2f})", each.verdict)
        for each in scalings(rows)
        if (each.curve, each.quantity) == (BEST, CODELENGTH) and each.law and each.law.kappa_band
        for low, high in [each.law.kappa_band]
    ]
    predicted = "\n".join(f"- {sentence.text}" for sentence in about_predictions(scalings(rows), rows))
    by_gain = kappa_by_gain(rows)
    return f"{table('family | boards | kappa of codelength, with its band | kappa is', found)}\n\n{by_gain}\n\n{predicted}"


def kappa_by_gain(rows: Sequence[AxisRow]) -> str:
    """Kappa of the shortest policies at each level as a table, a row for each family with boards enough, and the count of verdicts."""
    from bench.report.parts.exponents import about_gain, about_tables

    kappas = exponents(rows)
    shown = []
    for family, of_family in best_of_games(kappas, controls=True).items():
        if of_family[0].n_boards >= MIN_DECIDED:
            numbers = [each.law and f"{each.law.kappa:z.2f}{' ?' * (each.versus_one == UNDECIDED_KAPPA)}" for each in of_family]
            shown.append((family, of_family[0].n_boards, *numbers))
    heads = " | ".join(("family", "boards", *map(level_in_words, LEVELS_OF_KAPPA)))
    judged = [each for of_family in best_of_games(kappas).values() for each in of_family if each.n_boards >= MIN_DECIDED]
    told = " ".join(sentence.text for sentence in [*about_gain(kappas, rows)[:1], *about_tables(judged, rows)])
    return f"{table(heads, shown)}\n\n?: undecided whether kappa is below 1. {told}"


def games(rows: list[AxisRow], verdicts: Sequence[GameVerdict]) -> str:
    """A row for each game: its verdicts, and what the best policies of it take."""
    from bench.report.parts.game_verdicts import held_out_in_words

    found = {(verdict.game, verdict.measure): verdict for verdict in verdicts}
    kept = best_to_value(rows)
    lines = []
    for game in dict.fromkeys(row.game for row in rows):
        here = [row for row in rows if row.game == game]
        in_units, in_bits = found[game, UNITS], found[game, BITS]
        units = ", ".join(show(in_units.envelope.size_at(level)) for level in SHOWN)
        shown = [min((n for row in here if (n := row.bits[place]) is not None), default=None) for place in PLACES]
        bits = ", ".join(show(n_bits) for n_bits in (*shown, kept.get(game)))
        tails = [verdict.tail.words if verdict.tail else ONE_SIZE for verdict in (in_units, in_bits)]
        shortest = min(here, key=lambda row: row.codelength or 0)
        ratio = None if shortest.ratio is None else f"{shortest.ratio:.2f}"
        held_out = held_out_in_words(in_units) if in_units.held_out else None
        lines.append((game, here[0].n_positions, held_out, *tails, units, bits, shortest.codelength, ratio))
    heads = "game | positions | held-out boards | tail in units | in bits | units to 50, 90, 100 %"
    return table(f"{heads} | bits to 90, 100 %, the value | codelength | ratio", lines)


PAGES = (Page("results.md", {"records": Part(told)}),)
