"""The tables of README.md and docs/results.md about lists, networks, gains and values, computed from the committed results."""

from collections.abc import Sequence

from bench.curves.curve import bits_to, units_to
from bench.curves.families import family_of, is_control
from bench.curves.figure1 import LEVEL, growing, shortest_at_level, waterfall_list
from bench.harness.point import in_words
from bench.harness.records import Record
from bench.scaling.axis import best_to_value
from bench.scaling.exponents import CONSTANT, Exponent, best_of_games, exponents
from bench.scaling.power_law import SLOWER
from bench.studies.committed import Committed
from bench.studies.result_tables import table
from bench.wording import show

LISTS = ("rulelist", "weighted")
FORMS = {"list": LISTS, "network": ("network",)}  # learners of each form
MECHANICAL = "mechanical"  # lists in the language that is compiled from the rules, a form of its own
NEITHER = "undecided"


def shortest_lists(found: Committed) -> str:
    """The number of rules of the shortest lists that never lose, by language and seat, as exhaustive search proved."""
    lengths = proved_lengths(found.records)
    languages = dict.fromkeys(language for language, _ in lengths)
    seats = ("first", "second", "both")
    rows = [(_vocabulary(language), *(lengths.get((language, seat)) for seat in seats)) for language in languages]
    return table("rules may use | rules as first player | as second | from both seats", rows)


def questions(records: Sequence[Record]) -> str:
    """Four questions that are answered by a number of rules of tic-tac-toe, with their answers."""
    lengths = proved_lengths(records)
    greedy = waterfall_list(records)
    safe = next(point.size for point in growing(greedy) if point.is_proved("never_loses")) if greedy else None
    perfect = [
        units_to(record.points, 1.0)
        for record in records
        if record.cell.game == "tictactoe" and record.unit == "rules" and record.cell.learner == "rulelist"
    ]
    both = sorted((n_rules, language) for (language, seat), n_rules in lengths.items() if seat == "both")
    rows: list[tuple[str, int | None]] = [
        (f"shortest list that never loses from both seats, proved, with {_vocabulary(language)}", n_rules) for n_rules, language in both
    ]
    rows.append(("shortest greedy list of the twelve concepts that never loses from both seats", safe))
    rows.append(("shortest measured list whose moves are optimal at every position", min(filter(None, perfect), default=None)))
    return table("question | rules", rows)


def proved_lengths(records: Sequence[Record]) -> dict[tuple[str, str], int]:
    """The proved length of the shortest list that never loses tic-tac-toe, by language and seat."""
    return {
        (record.cell.options.get("language", "concepts"), record.cell.options["seat"]): record.points[-1].size
        for record in records
        if record.cell.learner == "shortest" and record.cell.game == "tictactoe" and record.points
    }


def _vocabulary(language: str) -> str:
    return "the twelve concepts of the textbook" if language == "concepts" else language.replace("+", ", ")


def rule_by_rule(records: Sequence[Record]) -> str:
    """The list that panel A shows: gain, loss to a uniform opponent and what is proved, a row for each number of rules."""
    record = waterfall_list(records)
    if record is None:
        return "No rule list on tic-tac-toe has been measured."
    rows = [
        (
            point.size,
            f"{point.gain:.3f}",
            in_words(point.results, "loss_rate", ".2%") if point.results else None,
            "yes" if point.is_proved("never_loses") else "no",
        )
        for point in growing(record)
    ]
    return table("rules | gain | loses to a uniformly random opponent, mean of the seats | never loses, proved", rows)


def lists_and_networks(found: Committed, families: Sequence[str] = ()) -> str:
    """Of the largest game of these families, or of all: bits of the shortest list and network, bits to keep the value, and kappa."""
    kept, kappas = best_to_value(found.rows), kappas_of(found)
    rows = []
    for family in families or largest(found):
        game = largest(found)[family]
        lengths = {form: shortest_of(found.records, game, form) for form in ("list", MECHANICAL, "network")}
        grows = [_kappa(kappas.get(family, {}).get(level)) for level in (LEVEL, 1.0)]
        rows.append((game, *map(show, lengths.values()), shorter(found.records, game), show(kept.get(game)), *grows))
    forms = f"list to {LEVEL:g}, bits | from the rules alone | network | shorter"
    heads = f"largest game of its family | {forms} | keeps the value | kappa at {LEVEL:g} | at 1"
    return "\n\n".join([table(heads, rows), about_shorter(found)])


def about_shorter(found: Committed) -> str:
    """On how many families each form is shorter on the largest game."""
    said = [shorter(found.records, game) for game in largest(found).values()]
    told = [f"the {form} is shorter in {said.count(form)}" for form in FORMS if form in said]
    told += [f"it is undecided in {said.count(NEITHER)}"] * (NEITHER in said)
    return f"Of the largest games of {len(said)} families, {', '.join(told)}."


def largest(found: Committed) -> dict[str, str]:
    """The largest game of each family that is no control, by family."""
    return {family_of(game): game for game in shortest_at_level(found.records) if not is_control(game)}


def shortest_of(records: Sequence[Record], game: str, form: str) -> int | None:
    """The fewest bits of a measured policy of a form with a gain of LEVEL; None where none reaches it."""
    return min((n for record in _of_form(records, game, form) if (n := bits_to(record.points, LEVEL)) is not None), default=None)


def shorter(records: Sequence[Record], game: str) -> str:
    """Which form reaches LEVEL in fewer bits with every seed.

    Undecided where the seeds of a network disagree, or where no policy of the other form is as long as the one that reaches LEVEL.
    """
    in_list = shortest_of(records, game, "list")
    networks = _of_form(records, game, "network")
    by_seed = [bits_to(record.points, LEVEL) for record in networks]
    reached = [n for n in by_seed if n is not None]
    longest = {form: max((p.policy_bits for r in _of_form(records, game, form) for p in r.points), default=0) for form in FORMS}
    if in_list is not None and all(n is None or n > in_list for n in by_seed):
        return "list" if longest["network"] >= in_list else NEITHER
    if reached and len(reached) == len(by_seed) and (in_list is None or max(reached) < in_list):
        return "network" if longest["list"] >= max(reached) else NEITHER
    return NEITHER


def kappas_of(found: Committed) -> dict[str, dict[float | str, Exponent]]:
    """By family the exponent at each level."""
    return {family: {each.level: each for each in levels} for family, levels in best_of_games(exponents(found.rows)).items()}


def is_below_one(exponent: Exponent) -> bool:
    """Whether bits surely grow more slowly than positions."""
    return exponent.versus_one in (SLOWER, CONSTANT)


def _of_form(records: Sequence[Record], game: str, form: str) -> list[Record]:
    """The curves of a form on a game, fitted to all of its positions."""
    of_game = [record for record in records if record.cell.game == game and record.cell.positions is None]
    own = [one for one in of_game if one.cell.learner in FORMS.get(form, LISTS) and one.points]
    return [one for one in own if form == "network" or (one.cell.options.get("language") == MECHANICAL) == (form == MECHANICAL)]


def _kappa(exponent: Exponent | None) -> str | None:
    """Kappa, with a question mark where it is undecided whether it is below 1."""
    if exponent is None or exponent.law is None:
        return None
    return f"{exponent.law.kappa:z.2f}{' ?' * (not is_below_one(exponent))}"
