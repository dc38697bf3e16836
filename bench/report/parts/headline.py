"""Figure 1 as it was measured, with what each panel shows in sentences computed from the records."""

from collections.abc import Sequence

from bench.curves.companions import companions
from bench.curves.curve import PERFECT, Step, bits_to, gain_at, steps
from bench.curves.ending import has_ended
from bench.curves.envelope import UNITS, Envelope, drawn_in_panel_b
from bench.curves.figure1 import (
    LEVEL,
    PAPER_MARKS,
    RIVALS,
    about_waterfall,
    growing,
    plain_lists,
    waterfall_list,
)
from bench.curves.minima import minima_of
from bench.curves.proved import band_of
from bench.harness.point import in_words
from bench.harness.records import Record
from bench.report.blocks import Drawing, Section, Sentence, words
from bench.report.parts.value import about_value
from bench.report.run_data import Evidence, ids_of
from bench.report.series import PANELS
from bench.scaling.bounded import LIMITS, largest_of_families
from bench.tails.games import GameVerdict
from bench.wording import count, show

SIZES = (16, 91, 256, 724)  # at which the best policies are told, board by board


def about_tictactoe(records: Sequence[Record]) -> list[str]:
    """Panel A: how fast the gain comes, what is left, and whether such a list can be beaten."""
    record = waterfall_list(records)
    if record is None:
        return []
    game = "tic-tac-toe" if record.cell.game == "tictactoe" else record.cell.game
    points = growing(record)
    last, three = points[-1], next((point for point in points if point.size == 3), None)
    if last.gain >= 1 - PERFECT:
        whole = "play perfectly" if last.plays_perfectly else "have a gain of 1"
        first = f"; the first three reach a gain of {three.gain:.3f}" if three else ""
        found = [f"{count(last.size, 'rule')} of {game} {whole}{first}."]
    else:
        is_whole = has_ended(record) and last.gain >= max(point.gain for point in record.points)
        ended = "and no further single rule recovers any of it" if is_whole else "which more rules might recover"
        first = f", the first three {three.gain:.3f}" if three else ""
        reached = f"{count(last.size, 'rule')} of {game} reach a gain of {last.gain:.3f}{first}"
        found = [f"With {record.cell.label}, {reached}; {_share(1 - last.gain)} is left, {ended}."]
    if beside := companions(last):
        found.append(f"The list of {count(last.size, 'rule')} {beside}.")
    unbeaten = next((point for point in points if point.is_proved("never_loses")), None)
    if unbeaten:
        found.append(f"The greedy list first never loses, in either seat and against any opponent, with {count(unbeaten.size, 'rule')}.")
    else:
        found.append("The greedy list can still be beaten: nothing in how it was fitted asks for never losing.")
    measured = [point for point in points if point.results]
    if len(measured) > 1:
        rates = ", ".join(f"{count(point.size, 'rule')} {in_words(point.results or {}, 'loss_rate', '.2%')}" for point in measured)
        found.append(f"It loses to a uniformly random opponent in this share of games, mean of the seats: {rates}.")
    return found + _about_shortest(records)


def _about_shortest(records: Sequence[Record]) -> list[str]:
    """What exhaustive search found on tic-tac-toe, a sentence for each language, semantics and grade."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for least in minima_of(records, "tictactoe"):
        kind = (least.language.replace("+", ", "), least.semantics, least.grade)
        found.setdefault(kind, []).append(f"{count(least.n_rules, 'rule')} {least.seat_in_words}")
    return [
        f"The shortest {semantics} list of {language} that {grade}, proved by exhaustive search: {', '.join(lengths)}."
        for (language, semantics, grade), lengths in found.items()
    ]


def about_game(records: Sequence[Record], verdicts: Sequence[GameVerdict]) -> list[Sentence]:
    """One game: what its best policies leave, size by size, what its plain list leaves, and what is proved of all lists.

    `records`: of the game; `verdicts`: of any games.
    """
    envelope = next((one.envelope for one in verdicts if one.measure == UNITS and records and one.game == records[0].cell.game), None)
    if envelope is None:
        return []
    said = [Sentence(about_envelope(envelope), ids_of([best.record for best in envelope.best]))]
    plain = next(iter(plain_lists(records)), None)
    if plain is not None:
        left = [f"{_ending(step.residual)} after {count(step.last_unit, 'rule')}" for step in _first_and_last(plain)]
        said.append(Sentence(f"The list {plain.cell.label} alone leaves {_listed(left)}.", ids_of([plain])))
    band = band_of(envelope.game, records)
    return [*said, *([Sentence(band.sentence())] if band else [])]


def about_sizes(records: Sequence[Record]) -> list[str]:
    """Panel B: what its lines are, and how many units a gain of LEVEL takes on its smallest and on its largest game."""
    beside = waterfall_list(records)
    drawn = [envelope for envelope, _ in drawn_in_panel_b(records)]
    envelopes = [envelope for envelope in drawn if len(drawn) == 1 or beside is None or envelope.game != beside.cell.game]
    found = ["The best policies known at each size, whichever learner they are from; the page of each game tells them one by one."]
    if len(envelopes) > 1:
        by_size = sorted(envelopes, key=lambda envelope: envelope.best[0].record.n_positions)
        small, large = by_size[0], by_size[-1]
        ratio = large.best[0].record.n_positions / small.best[0].record.n_positions
        sizes = [(one.game, one.size_at(LEVEL)) for one in (small, large)]
        unit = small.unit
        listed = [f"{f'more {unit}s than were measured' if size is None else count(size, unit)} on {game}" for game, size in sizes]
        found.append(
            f"From {small.game} to {large.game} the positions grow {ratio:,.0f}-fold; a gain of {LEVEL:g} takes {' and '.join(listed)}, "
            "by the best policies known."
        )
    return found


def about_envelope(envelope: Envelope) -> str:
    """What the best policies of some sizes, and the last, leave; each policy once."""
    last = envelope.best[-1]
    chosen = dict.fromkeys([*(best for size in SIZES if size < last.size and (best := envelope.at(size))), last])
    left = [f"{_ending(1.0 - best.gain)} after {count(best.size, envelope.unit)} ({best.record.cell.label})" for best in chosen]
    beside = companions(last.point)
    return f"The best policies known leave {_listed(left)}." + (f" The last of them: {beside}." if beside else "")


def about_axis(records: Sequence[Record]) -> list[str]:
    """Panel C: K_T of the largest game of each family, how far the paper's nearest mark is, and two comparisons without the language."""
    best = {code.game: code for code in largest_of_families(records) if code.bits is not None}  # the largest limit comes last
    if not best:
        return [f"No measured policy with a known language reaches a gain of {LEVEL:g}.", *about_value(records), *about_forms(records)]
    listed = ", ".join(f"{game} {show(code.bits)} bits ({code.learner})" for game, code in best.items())
    least = min(code.language_bits or 0 for code in best.values())
    mark = min(PAPER_MARKS, key=lambda mark: mark.bits)
    longest = max(best.values(), key=lambda code: code.bits or 0)
    reached = (
        f"Policy and language, the shortest with a gain of at least {LEVEL:g} and at most {LIMITS[-1]:,} operations a decision, of the "
        f"largest game of each family: {listed}; upper bounds all. The language alone takes at least {show(least)} bits."
    )
    marks = (
        f"The paper's {mark.short} is {mark.bits / (longest.bits or 1):,.3g} times as long as the longest of these, {longest.game}; its "
        "marks are orders of magnitude from the literature, not measurements."
    )
    return [reached, marks, *about_value(records), *about_forms(records)]


def about_forms(records: Sequence[Record]) -> list[str]:
    """On the largest game that both were measured on: what the bits that the first of them needs buy in each form."""
    by_game: dict[str, dict[str, Record]] = {}
    for record in records:
        if record.cell.label in RIVALS and record.points:
            by_game.setdefault(record.cell.game, {}).setdefault(record.cell.label, record)  # the first seed
    both = [found for found in by_game.values() if len(found) == len(RIVALS)]
    if not both:
        return []
    largest = max(both, key=lambda found: found[RIVALS[0]].n_positions)
    needed = [n_bits for record in largest.values() if (n_bits := bits_to(record.points, LEVEL)) is not None]
    if not needed:
        return []
    bought = [f"{gain_at(largest[name].points, min(needed)):.3f} as {'an' if name[0] in 'aeiou' else 'a'} {name}" for name in RIVALS]
    gains = ", ".join(bought[:-1]) + f" and {bought[-1]}"
    return [f"On {largest[RIVALS[0]].cell.game}, {show(min(needed))} bits buy a gain of {gains}."]


def _first_and_last(record: Record) -> list[Step]:
    """The last step of a curve that ends by the first of SIZES, and its last."""
    along = steps(record.points)
    return list(dict.fromkeys([*[step for step in along if step.last_unit <= SIZES[0]][-1:], along[-1]]))


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _share(residual: float) -> str:
    return f"{residual:.1%}" if residual >= 0.001 else f"{residual:.1g} of the gain"


def _ending(residual: float) -> str:
    return "nothing" if residual <= PERFECT else _share(residual)


def figure_section(evidence: Evidence) -> Section:
    """The panels of Figure 1 that the run has anything for, each with what it shows and the records that it shows."""
    from bench.report.plots.figure1 import draw_panels, panels_of

    records = evidence.records
    cells = {letter: _shown(letter, records) for letter in PANELS}
    about = {"A": about_tictactoe, "B": about_sizes, "C": about_axis}
    panels, waterfall = panels_of(records), waterfall_list(records)
    which = {"A": (Sentence(about_waterfall(waterfall), (waterfall.cell_id,)),)} if waterfall else {}
    drawings = [
        Drawing(
            f"panel-{letter}",
            f"{letter}. {panels[letter].title}",
            figure,
            PANELS[letter](records),
            (*which.get(letter, ()), *(Sentence(text) for text in about[letter](records))),
            cells[letter],
            evidence.command("*"),
        )
        for letter, figure in draw_panels(records).items()
        if cells[letter]
    ]
    if not drawings:
        return Section("figure-1", "Figure 1, measured")
    lead = words(
        "Lillicrap & Kording (2019, figure 1) drew this by hand. Here every point is a policy that was "
        "written to bytes, read back, and measured exactly on the solved game. For print, with their captions: figure1 and figure2 beside "
        "this page, 180 mm wide and, as NAME-narrow, 90 mm."
    )
    return Section("figure-1", "Figure 1, measured", (lead, *drawings), short="Figure 1")


def _shown(letter: str, records: Sequence[Record]) -> tuple[str, ...]:
    """The records that a panel and its sentences are computed from."""
    if letter == "A":
        drawn = waterfall_list(records)
        shortest = [record for record in records if record.cell.game == "tictactoe" and record.cell.learner == "shortest"]
        return ids_of([*([drawn] if drawn else []), *shortest])
    if letter == "B":
        return tuple(dict.fromkeys(cell for envelope, plain in drawn_in_panel_b(records) for cell in _cells(envelope, plain)))
    return tuple(dict.fromkeys(code.cell for code in largest_of_families(records) if code.cell))


def _cells(envelope: Envelope, plain: Record | None) -> tuple[str, ...]:
    """The cells that hold an envelope, and that of the list beside it."""
    return ids_of([*(best.record for best in envelope.best), *([plain] if plain else [])])
