"""The parts of a report in their order."""

from collections.abc import Sequence
from dataclasses import replace

from bench.curves.figure1 import UNDRAWN
from bench.report.blocks import Image, Section, Sentence, words
from bench.report.parts.axis import axis_section, rows_of
from bench.report.parts.boards import boards_sections
from bench.report.parts.controls import controls_section
from bench.report.parts.game_tables import curve_drawing, curve_table, points_fold, rivals_table
from bench.report.parts.headline import headline
from bench.report.parts.held_out import held_out_of_game, held_out_sections
from bench.report.parts.lists_vs_networks import rivals_of_game, rivals_section
from bench.report.parts.measures import views_section
from bench.report.parts.principles import principles_section
from bench.report.parts.provenance import limits, methods, provenance
from bench.report.parts.rules import rules_of_game
from bench.report.parts.tails import tails_of_game, tails_section
from bench.report.run_data import Evidence, ids_of
from bench.report.tail_verdicts import Judged, judge
from bench.tails.games import GameVerdict, judge_games

DIAGNOSTICS = "diagnostics"  # folder of a run


def sections_of(evidence: Evidence) -> list[Section]:
    """All that is reported: first what holds of the whole run, then game by game, then what it rests on."""
    judged = judge(evidence)
    verdicts = judge_games(evidence.records)
    rows = rows_of(evidence, judged)
    kinds = list(dict.fromkeys(evidence.name(record) for record in evidence.records if record.cell.learner not in UNDRAWN))
    return [
        headline(evidence, verdicts),
        views_section(evidence, judged),
        axis_section(evidence, rows),
        tails_section(evidence, judged, verdicts),
        *held_out_sections(evidence),
        *boards_sections(evidence),
        rivals_section(evidence),
        Section(
            "games",
            "Game by game",
            sections=tuple(game_section(evidence, judged, verdicts, game, kinds) for game in evidence.suite.games),
            short="Games",
        ),
        controls_section(evidence, judged, rows),
        principles_section(evidence),
        *diagnostics(evidence),
        methods(evidence),
        provenance(evidence),
        limits(evidence),
    ]


def game_section(evidence: Evidence, judged: Sequence[Judged], verdicts: Sequence[GameVerdict], game: str, kinds: Sequence[str]) -> Section:
    """One game: facts, curves, tail, first rules, lists against networks, and every point; `kinds` fixes the look of each curve."""
    records = evidence.of_game(game)
    holes = tuple(f"{cell.id}: {status}" for cell, status in evidence.holes_of(game))
    if not records:
        return Section(game, game, holes=holes)
    first = records[0]
    facts = Sentence(
        f"{first.n_positions:,} positions up to symmetry ({first.n_states:,} states with the final ones), {first.n_edges:,} moves. "
        f"Random play gives away {first.uniform_regret:.3f} per move, in the game's units; that is gain 0.",
        ids_of(records[:1]),
    )
    rivals = rivals_of_game(evidence, game)
    parts = (
        tails_of_game(judged, game, evidence.records, verdicts),
        *held_out_of_game(evidence, game),
        rules_of_game(evidence, game),
        replace(rivals, blocks=(*rivals.blocks, *rivals_table(evidence, game))),
        Section(f"points-{game}", "Every point", tuple(points_fold(evidence, record) for record in records)),
    )
    return Section(game, game, (words(facts), *curve_drawing(evidence, game, kinds), curve_table(evidence, game)), parts, holes)


def diagnostics(evidence: Evidence) -> list[Section]:
    """The pictures that `gaincurve diagnose --out RUN/diagnostics/NAME` left in a run's folder."""
    sections = []
    for number, place in enumerate(sorted(path for path in (evidence.folder / DIAGNOSTICS).glob("*") if path.is_dir())):
        pictures = tuple(Image(f"{place.name}: {path.stem}", path.read_bytes()) for path in sorted(place.glob("*.png")))
        sections += [Section(f"diagnostics-{number}", place.name, pictures)] if pictures else []
    return [Section("diagnostics", "Diagnostics of networks", sections=tuple(sections), short="Diagnostics")] if sections else []
