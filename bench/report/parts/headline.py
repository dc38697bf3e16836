"""The head of a report: Figure 1 as it was measured, with what each panel shows in computed sentences."""

from collections.abc import Callable, Sequence

from bench.curves.figure1 import rule_lists, shortest_at_level, tictactoe_in_words
from bench.harness.records import Record
from bench.report.blocks import Drawing, Section, Sentence, words
from bench.report.parts.sentences import about_axis, about_go, about_tictactoe
from bench.report.run_data import Evidence, ids_of

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
        drawn = tictactoe_in_words(records)
        shortest = [record for record in records if record.cell.game == "tictactoe" and record.cell.learner == "shortest"]
        return ids_of([*([drawn] if drawn else []), *shortest])
    if letter == "B":
        return ids_of(rule_lists(records))
    return ids_of([record for _, record in shortest_at_level(records).values()])
