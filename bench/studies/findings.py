"""README.md: the findings, every number computed from the committed results."""

from bench.curves.envelope import UNITS
from bench.curves.figure1 import LEVEL, shortest_at_level
from bench.report.parts.game_verdicts import held_out_in_words
from bench.scaling.axis import best_to_value, family_of, is_control
from bench.scaling.exponents import CONSTANT, Exponent, best_of_games, exponents
from bench.scaling.power_law import SLOWER
from bench.studies.committed import Committed, committed
from bench.studies.page import Page, Part
from bench.studies.result_tables import carried_over, floor, table
from bench.wording import show

SIZES = (16, 256, 1024)  # rules, weights or leaves
BEHIND = 64  # units behind which it is told what carries over
BOARDS = ("go-3x3", "go-2x5", "go-2x6", "go-3x4", "nogo-3x4", "connect_four-4x4")


def findings() -> dict[str, str]:
    """The blocks of the README."""
    found = committed()
    return {"findings.tictactoe": tictactoe(found), "findings.boards": boards(found), "findings.bits": bits(found)}


def tictactoe(found: Committed) -> str:
    """How many rules the shortest lists that never lose have, by language and seat, as exhaustive search proved."""
    lengths = {
        (record.cell.options.get("language", "concepts"), record.cell.options["seat"]): record.points[-1].size
        for record in found.records
        if record.cell.learner == "shortest" and record.cell.game == "tictactoe" and record.points
    }
    languages = dict.fromkeys(language for language, _ in lengths)
    rows = []
    for language in languages:
        name = "the twelve concepts of the textbook" if language == "concepts" else language.replace("+", ", ")
        rows.append((name, *(lengths.get((language, seat)) for seat in ("first", "second", "both"))))
    return table("rules may use | rules as first player | as second | from both seats", rows)


def boards(found: Committed) -> str:
    """What the best policies of some sizes leave of random play's regret, what is proved, and how far knowledge reaches."""
    verdicts = {one.game: one for one in found.verdicts if one.measure == UNITS}
    rows = []
    for game in BOARDS:
        envelope = verdicts[game].envelope
        left = [f"{1.0 - (best.gain if (best := envelope.at(size)) else 0.0):.1%}" for size in SIZES]
        rows.append(
            (
                *(game, envelope.best[0].record.n_positions, *left, floor(game)),
                *(carried_over(verdicts[game], BEHIND), held_out_in_words(verdicts[game])),
            )
        )
    sizes = " | ".join(f"{size:,} units leave" for size in SIZES)
    return table(f"board | positions | {sizes} | 32 single atoms leave at least | T({BEHIND}) | on boards held out (best learner)", rows)


def bits(found: Committed) -> str:
    """Of the largest game of each family: bits to a gain of LEVEL and to keep the value, how bits grow, and what forms they buy best."""
    from bench.report.parts.headline import about_forms

    shortest, kept = shortest_at_level(found.records), best_to_value(found.rows)
    kappas = {family: {each.level: each for each in levels} for family, levels in best_of_games(exponents(found.rows)).items()}
    largest = {family_of(game): game for game in shortest if not is_control(game)}
    rows = []
    for family, game in largest.items():
        grows = [_kappa(kappas.get(family, {}).get(level)) for level in (LEVEL, 1.0)]
        rows.append((game, show(shortest[game][0]), show(kept.get(game)), *grows))
    shown = table(f"largest game of its family | bits to a gain of {LEVEL:g} | to keep the value | kappa at {LEVEL:g} | at 1", rows)
    return "\n\n".join([shown, *about_forms(found.records)])


def _kappa(exponent: Exponent | None) -> str | None:
    """Kappa, with a question mark where it is undecided whether it is below 1."""
    if exponent is None or exponent.law is None:
        return None
    return f"{exponent.law.kappa:z.2f}{' ?' * (exponent.versus_one not in (SLOWER, CONSTANT))}"


PAGES = (Page("../README.md", {"findings": Part(findings)}),)
