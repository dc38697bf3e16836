"""The head of a report: Figure 1 as it was measured, with what each panel shows in sentences computed from the records."""

from collections.abc import Callable, Sequence

from bench.curves.companions import companions
from bench.curves.curve import PERFECT, Step, bits_to, gain_at, steps, units_to
from bench.curves.ending import has_ended
from bench.curves.figure1 import BEST, LEVEL, PAPER_MARKS, RIVALS, one_by_one, rule_lists, shortest_at_level, tictactoe_in_concepts
from bench.curves.proved import band_of
from bench.harness.point import Point, in_words
from bench.harness.records import Record
from bench.report.blocks import Drawing, Section, Sentence, words
from bench.report.parts.value import about_value
from bench.report.run_data import Evidence, ids_of
from bench.report.series import PANELS
from bench.scaling.axis import family_of
from bench.wording import count, show

FEW_RULES = 16  # of which the best list is told, board by board


def about_tictactoe(records: Sequence[Record]) -> list[str]:
    """Panel A: how fast the gain comes, what is left, and whether such a list can be beaten."""
    record = tictactoe_in_concepts(records)
    if record is None:
        return ["No rule list on tic-tac-toe has been measured."]
    points = one_by_one(record)
    last, three = points[-1], points[min(3, len(points)) - 1]
    if last.gain >= 1 - PERFECT:
        whole = "play perfectly" if last.plays_perfectly else "have a gain of 1"
        found = [f"{count(len(points), 'rule')} of tic-tac-toe {whole}; the first three reach a gain of {three.gain:.3f}."]
    else:
        ended = "and no further single rule recovers any of it" if has_ended(record) else "which more rules might recover"
        reached = f"{count(len(points), 'rule')} of tic-tac-toe reach a gain of {last.gain:.3f}, the first three {three.gain:.3f}"
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
    for record in records:
        if record.cell.game == "tictactoe" and record.cell.learner == "shortest" and record.points:
            asked = {"language": "concepts", "semantics": "first-match", "grade": "never_loses", "seat": "both"} | record.cell.options
            seat = {"first": "as first player", "second": "as second player", "both": "for both seats"}[asked["seat"]]
            kind = (asked["language"].replace("+", ", "), asked["semantics"], asked["grade"].replace("_", " "))
            found.setdefault(kind, []).append(f"{count(record.points[-1].size, 'rule')} {seat}")
    return [
        f"The shortest {semantics} list of {language} that {grade}, proved by exhaustive search: {', '.join(lengths)}."
        for (language, semantics, grade), lengths in found.items()
    ]


def about_go(records: Sequence[Record]) -> list[str]:
    """Panel B: rules to half the gain, and what is left after many, board by board."""
    found = []
    curves = [record for record in rule_lists(records) if record.cell.game.startswith("go-")]
    best = {record.cell.game: record.points for record in records if record.cell.label == BEST and record.points}
    for record in curves:
        half, last = units_to(record.points, 0.5), record.points[-1]
        text = f"{record.cell.game}: half of the gain " + (f"within {count(half, 'rule')}" if half else "not reached")
        checkpoints = [_step_within(record, n_rules) for n_rules in (100, 1000) if n_rules < last.size]
        for step in dict.fromkeys(step for step in checkpoints if step):
            text += f"; after {count(step.last_unit, 'rule')} {_share(step.residual)} is left"
        text += f"; {_ending(last)} is left after {count(last.size, 'rule')}."
        if record.cell.game in best:
            point = max((point for point in best[record.cell.game] if point.size <= FEW_RULES), key=lambda point: point.gain)
            text += f" The best list found of {count(point.size, 'rule')} leaves {_ending(point)}."
        band = band_of(record.cell.game, records)
        found.append(text if band is None else f"{text} {band.sentence()}")
    if len(curves) > 1:
        small, large = curves[0], curves[-1]
        ratio = large.n_positions / small.n_positions
        rules = large.points[-1].size / max(1, small.points[-1].size)
        is_whole = all(record.points[-1].gain >= 1 - PERFECT or has_ended(record) for record in (small, large))
        length = "whole list" if is_whole else "longest list measured"
        grown = f"the positions grow {ratio:,.0f}-fold and the length of the {length} {rules:,.0f}-fold"
        found.append(f"From {small.cell.game} to {large.cell.game} {grown}.")
    return found or ["No rule list on a Go board has been measured."]


def about_axis(records: Sequence[Record]) -> list[str]:
    """Panel C: the shortest description at the level of the axis, of the largest game of each family, and how far the paper's marks are."""
    best = shortest_at_level(records)
    if not best:
        return [f"No policy measured so far reaches a gain of {LEVEL:g}."]
    largest = {family_of(game): game for game in best}  # by number of positions, so the last of a family is its largest
    listed = ", ".join(f"{game} {show(best[game][0])} bits ({best[game][1].cell.label})" for game in best if game in largest.values())
    mark = min(PAPER_MARKS, key=lambda mark: mark.bits)
    game, (n_bits, _) = list(best.items())[-1]
    reached = f"The shortest policies with a gain of at least {LEVEL:g}, of the largest game of each family: {listed}"
    marks = (
        f"On {game}, the largest game here, that is {mark.bits / max(1, n_bits):,.0f} times shorter than the paper's {mark.short}; "
        "the marks on the right are orders of magnitude from the literature, not measurements."
    )
    return [f"{reached}; upper bounds all, as far as these learners found them.", *about_value(records), *_about_rivals(records), marks]


def _about_rivals(records: Sequence[Record]) -> list[str]:
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


def _step_within(record: Record, n_rules: int) -> Step | None:
    """The last step of a curve that ends with at most `n_rules` rules."""
    return max((step for step in steps(record.points) if step.last_unit <= n_rules), key=lambda step: step.last_unit, default=None)


def _share(residual: float) -> str:
    return f"{residual:.1%}" if residual >= 0.001 else f"{residual:.1g} of the gain"


def _ending(last: Point) -> str:
    return "nothing" if last.gain >= 1 - PERFECT else _share(1 - last.gain)


ABOUT: dict[str, Callable[[Sequence[Record]], Sequence[str]]] = {"A": about_tictactoe, "B": about_go, "C": about_axis}


def headline(evidence: Evidence) -> Section:
    """The three panels, each with what it shows and the records that it shows."""
    from bench.report.plots.figure1 import TITLES, draw_panels

    records = evidence.records
    lead = words(
        "Lillicrap & Kording drew by hand how the gain from each further rule runs out in tic-tac-toe and goes on in Go, and asked where "
        "on that axis the brain lies (What does it mean to understand a neural network?, 2019, figure 1). Here every point is a policy "
        "that was written to bytes, read back, and measured exactly on the solved game."
    )
    drawings = [
        Drawing(
            f"panel-{letter}",
            f"{letter}. {TITLES[letter]}",
            figure,
            PANELS[letter](records),
            tuple(Sentence(text) for text in ABOUT[letter](records)),
            _shown(letter, records),
            evidence.command("*"),
        )
        for letter, figure in draw_panels(records).items()
    ]
    paper = words("For paper, on one page: figure1.pdf, figure1.svg and figure1.png in the folder of this page.", is_note=True)
    return Section("figure-1", "Figure 1, measured", (lead, *drawings, paper), short="Figure 1")


def _shown(letter: str, records: Sequence[Record]) -> tuple[str, ...]:
    """The records that a panel and its sentences speak of."""
    if letter == "A":
        drawn = tictactoe_in_concepts(records)
        shortest = [record for record in records if record.cell.game == "tictactoe" and record.cell.learner == "shortest"]
        return ids_of([*([drawn] if drawn else []), *shortest])
    if letter == "B":
        return ids_of(rule_lists(records))
    return ids_of([record for _, record in shortest_at_level(records).values()])
