"""All that a run's records let one conclude, as sections of its report: once for the whole run, and once for each game.

Tails are judged once and handed on: they are what takes time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.report.axis_part import axis_section, rows_of
from bench.report.controls_part import controls_section
from bench.report.evidence import Evidence
from bench.report.judged import Judged, judge
from bench.report.parts import Section
from bench.report.principles_part import principles_section
from bench.report.rivals_part import rivals_of_game, rivals_section
from bench.report.rules_part import rules_of_game
from bench.report.tails_part import tails_of_game, tails_section
from bench.report.views_part import views_section
from bench.scaling.axis import AxisRow


@dataclass(frozen=True, eq=False)
class Findings:
    """A run, the tails of its curves, and where they stand on the axis."""

    evidence: Evidence
    judged: Sequence[Judged]
    rows: Sequence[AxisRow]


def findings_of(evidence: Evidence) -> Findings:
    """Judge all tails of a run, which takes about a fifth of a second for a long curve."""
    judged = judge(evidence)
    return Findings(evidence, judged, rows_of(evidence, judged))


def conclusions(found: Findings) -> list[Section]:
    """What holds of the run as a whole: axis and growth, tails, controls, other measures, lists against networks, recipes."""
    evidence = found.evidence
    return [
        axis_section(evidence, found.rows),
        tails_section(evidence, found.judged),
        controls_section(evidence, found.judged, found.rows),
        views_section(evidence),
        rivals_section(evidence),
        principles_section(evidence),
    ]


def of_game(found: Findings, game: str) -> tuple[Section, ...]:
    """What holds of one game, to stand within its section: the first rules, the tail, lists against networks."""
    return (rules_of_game(found.evidence, game), tails_of_game(found.judged, game), rivals_of_game(found.evidence, game))
