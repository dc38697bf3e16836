"""The contents of a report's index and of the pages of its games, in order."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from bench.report.blocks import Block, Drawing, Fold, Image, Section, Sentence, Table, blocks_of, excerpt, pruned, tables_of, words
from bench.report.parts.axis import axis_section, rows_of
from bench.report.parts.boards import boards_sections
from bench.report.parts.controls import controls_section
from bench.report.parts.families import family_of_game
from bench.report.parts.findings import OWN_GAME, about_shortest, findings, first_figure, meanings, question
from bench.report.parts.game_tables import curve_drawing, curve_table, points_fold, rivals_table
from bench.report.parts.games import games_section
from bench.report.parts.headline import about_game, figure_section
from bench.report.parts.held_out import held_out_of_game, held_out_sections
from bench.report.parts.lists_vs_networks import rivals_of_game, rivals_section
from bench.report.parts.measures import views_of_game, views_section
from bench.report.parts.principles import principles_section
from bench.report.parts.provenance import how_it_was_measured
from bench.report.parts.rules import rules_of_game
from bench.report.parts.tails import tails_of_game, tails_section
from bench.report.run_data import Evidence, ids_of
from bench.report.tail_verdicts import Judged, judge
from bench.scaling.axis import AxisRow
from bench.scaling.power_law import Scaling, scalings
from bench.tails.games import GameVerdict, judge_games

DIAGNOSTICS = "diagnostics"  # folder of a run


class Contents(NamedTuple):
    """A report: the first screen of its index, the sections of the index, and those of the page of each game."""

    question: str
    findings: tuple[Sentence, ...]
    first: tuple[Drawing, ...]  # the figure of the first screen, if there is one
    words: tuple[Sentence, ...]  # that the findings need
    sections: list[Section]  # of the index
    facts: dict[str, tuple[Sentence, ...]]  # of each game
    games: dict[str, list[Section]]

    @property
    def drawings(self) -> list[Drawing]:
        """The figures of all pages, each name once: a figure of a family is on the page of each of its games."""
        sections = [section for page in (self.sections, *self.games.values()) for section in page]
        blocks = [*self.first, *(block for section in sections for block in blocks_of(section))]
        return list({block.name: block for block in blocks if isinstance(block, Drawing)}.values())


class _Run(NamedTuple):
    """What was concluded about a run, and the tables that have a row for each curve."""

    judged: list[Judged]
    verdicts: list[GameVerdict]
    rows: list[AxisRow]
    laws: list[Scaling]
    tables: dict[str, Table]

    def of_game(self, name: str, game: str) -> list[Table]:
        """The rows of one game in the table called `name`; empty where there are none."""
        return excerpt(self.tables[name], game) if name in self.tables else []


def contents_of(evidence: Evidence) -> Contents:
    """The report of a run: an index about the whole run, and a page about each game."""
    judged, verdicts = judge(evidence), judge_games(evidence.records)
    rows = rows_of(evidence, judged)
    laws = scalings(rows)
    index = pruned(
        [
            *rivals_section(evidence),
            *boards_sections(evidence),
            figure_section(evidence),
            games_section(evidence, rows, verdicts),
            tails_section(evidence, judged, verdicts),
            *held_out_sections(evidence),
            axis_section(evidence, rows, laws),
            views_section(evidence, judged),
            controls_section(evidence, judged, rows),
            principles_section(evidence),
            *diagnostics(evidence),
            how_it_was_measured(evidence),
        ]
    )
    run = _Run(judged, verdicts, rows, laws, {table.name: table for table in tables_of(index)})
    games = evidence.suite.games
    found = findings(evidence, rows, verdicts)
    proved = [sentence for sentence in about_shortest(evidence.records) if sentence not in found]
    return Contents(
        question(games),
        found,
        first_figure(verdicts),
        (meanings(evidence.records), *proved, OWN_GAME),
        index,
        {game: facts_of(evidence, game) for game in games},
        {game: pruned(sections_of_game(evidence, run, game)) for game in games},
    )


def facts_of(evidence: Evidence, game: str) -> tuple[Sentence, ...]:
    """The size of a game and the regret of random play, in words; empty without a record."""
    records = evidence.of_game(game)
    if not records:
        return ()
    first = records[0]
    text = (
        f"{first.n_positions:,} positions up to symmetry ({first.n_states:,} states with the final ones), {first.n_edges:,} moves. "
        f"Random play gives away {first.uniform_regret:.3f} per move, in the game's units; that is gain 0."
    )
    return (Sentence(text, ids_of(records[:1])),)


def sections_of_game(evidence: Evidence, run: _Run, game: str) -> list[Section]:
    """One game: curves, rules, lists against networks, tail, and every point with its record."""
    records = evidence.of_game(game)
    holes = tuple(f"{cell.id}: {status}" for cell, status in evidence.holes_of(game))
    about = about_game(records, run.verdicts)
    curves: tuple[Block, ...] = (*curve_drawing(evidence, game), curve_table(evidence, game))
    tail = tails_of_game(run.judged, game, records, run.verdicts)
    growth = family_of_game(evidence, run.rows, run.laws, game)
    return [
        Section(f"curves-{game}", "What each kind of policy reaches", ((words(*about),) if about else ()) + curves, (), holes, "Curves"),
        rules_of_game(evidence, game),
        *(_with(section, [*rivals_table(evidence, game), *run.of_game("rivals", game)]) for section in rivals_of_game(evidence, game)),
        _with(tail, [*run.of_game("game-verdicts", game), *run.of_game("tails", game)]) if tail.blocks else tail,
        *(_with(section, run.of_game("held-out", game)) for section in held_out_of_game(evidence, game)),
        _other_measures(evidence, run, game),
        *growth,
        Section(f"principles-{game}", "Recipe and product", tuple(run.of_game("principles", game)), short="Principles"),
        Section(f"controls-{game}", "What is known beforehand", tuple(run.of_game("controls", game)), short="Control"),
        Section(f"points-{game}", "Every measured policy", tuple(points_fold(evidence, record) for record in records), short="Points"),
        Section(f"records-{game}", "Records", tuple(run.of_game("records", game)), short="Records"),
    ]


def _other_measures(evidence: Evidence, run: _Run, game: str) -> Section:
    blocks = (*views_of_game(evidence, game), *run.of_game("measures", game), *run.of_game("losses", game))
    return Section(f"measures-{game}", "The same in other measures", blocks, short="Measures")


def _with(section: Section, tables: Sequence[Table]) -> Section:
    """The section with some tables, folded away, after its blocks."""
    return replace(section, blocks=(*section.blocks, *(Fold(table.title, (table,)) for table in tables)))


def diagnostics(evidence: Evidence) -> list[Section]:
    """The pictures that `gaincurve diagnose --out RUN/diagnostics/NAME` left in a run's folder."""
    sections = []
    for number, place in enumerate(sorted(path for path in (evidence.folder / DIAGNOSTICS).glob("*") if path.is_dir())):
        paths = [path.relative_to(evidence.folder) for path in sorted(place.glob("*.png"))]
        pictures = tuple(Image(f"{place.name}: {path.stem}", path.as_posix()) for path in paths)
        sections += [Section(f"diagnostics-{number}", place.name, pictures)] if pictures else []
    return [Section("diagnostics", "Diagnostics of networks", sections=tuple(sections), short="Diagnostics")] if sections else []
