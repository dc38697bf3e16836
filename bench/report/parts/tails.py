"""The tails of a run's curves: each verdict with its reason, its figures, and the prediction errors of each model."""

from collections.abc import Sequence

from bench.curves.curve import PERFECT
from bench.curves.envelope import UNITS
from bench.curves.families import WRAPPERS
from bench.curves.figure1 import UNDRAWN
from bench.curves.proved import band_of, is_in_band
from bench.harness.records import Record
from bench.report.blocks import Block, Column, Drawing, Filed, Fold, Section, Sentence, Table, TableRow, words
from bench.report.parts.game_verdicts import about_game, about_games, games_table
from bench.report.plots.tails import draw_tails
from bench.report.run_data import Evidence
from bench.report.series import residuals
from bench.report.tail_verdicts import Judged, spokesmen
from bench.suites.grid import cells
from bench.tails.curves import Curve, NoCurve
from bench.tails.games import GameVerdict
from bench.tails.judged import TABLE
from bench.tails.verdict import ENDS, HEAVIER, POWER, SHORT, VERDICTS
from bench.wording import count, count_units, no_curve

MAX_NAMED = 12  # curves that a sentence names
SHADED = "Shaded: from what is proved of all lists of single atoms to the best one found; a ring: no list is better."


def tails_section(evidence: Evidence, judged: Sequence[Judged], verdicts: Sequence[GameVerdict] = ()) -> Section:
    """The verdicts on all games of a run, then those on all curves: counted in sentences, and one by one in tables."""
    title = "Tails: do the rules run out?"
    if not any(one.tail for one in judged):
        return Section("tails", title, (words("No curve in this run has two sizes or more: there is no tail to judge."),), short="Tails")
    command = f"gaincurve tails {evidence.run_in_words}"
    note = (
        f"Ends: within {SHORT} units. Judged to: where units gain less than {TABLE:g} average positions each, which is what a table does. "
        "Shape: of the stretched exponential, 95 % band; 1 is an exponential, towards 0 a power law; later: of the later half of the bins "
        "alone. k^-: the exponent of the gains along the straight part, where the verdict is heavy."
    )
    return Section(
        "tails",
        title,
        (
            words(*about_games(verdicts), *about_verdicts(judged), is_list=True, command=command),
            Filed(games_table(verdicts, command)),
            Filed(
                Table(
                    "tails",
                    "Verdicts on fitted curves",
                    VERDICT_COLUMNS,
                    (*map(_verdict_row, judged), *_hole_rows(evidence)),
                    note,
                    command,
                )
            ),
        ),
        short="Tails",
    )


def tails_of_game(judged: Sequence[Judged], game: str, records: Sequence[Record] = (), verdicts: Sequence[GameVerdict] = ()) -> Section:
    """The tails of one game: verdicts on it and on its curves, the figure they rest on, and the errors of each model folded away.

    Empty where no curve has rules whose gains could fall off.

    The envelope in units of `verdicts` is drawn first. Of `records` the lists of single atoms tell how far the best list found is from
    what is proved of all lists.
    """
    here = [one for one in judged if one.game == game]
    title, anchor = "Do the rules run out?", f"tails-{game}"
    shown = spokesmen(here)
    if not shown:
        return Section(anchor, title)
    of_game = [verdict for verdict in verdicts if verdict.game == game]
    blocks: list[Block] = [words(*about_game(of_game), *(about_tail(one) for one in shown), is_list=True)]
    drawn = [
        ("best policies known", "rules, weights or leaves", verdict.curve, verdict.tail)
        for verdict in of_game
        if verdict.measure == UNITS and isinstance(verdict.curve, Curve) and verdict.tail
    ]
    drawn += [(one.name, one.unit, one.curve, one.tail) for one in shown if isinstance(one.curve, Curve) and one.tail]
    series = residuals([(name, curve) for name, _, curve, _ in drawn])
    caption = Sentence(
        "Top: what is left on log-log axes, on which a power law is straight; below on semi-log ones, on which an exponential is. "
        "Where there is enough to judge, also how fast the gains fall on log-log axes around each number of units, with the band of 95 %: "
        "level for a power law, rising in proportion for an exponential."
    )
    band = band_of(game, records)
    in_band = [record.cell_id for record in records if is_in_band(record)]
    lists = next((one.name for one in shown if set(one.cells) & set(in_band)), None)
    bands = {lists: band} if band is not None and lists is not None else {}
    about = [Sentence(text, tuple(in_band)) for text in ([band.sentence(), SHADED] if band is not None and lists is not None else [])]
    cells = tuple(cell for one in shown for cell in one.cells)
    blocks.append(
        Drawing(
            f"tails-{game}",
            f"What is left on {game}, and how fast the gains fall",
            draw_tails(drawn, bands),
            series,
            (caption, *about),
            cells,
        )
    )
    scored = [one for one in here if one.tail and one.tail.models]
    if scored:
        rows = [row for one in scored for row in _model_rows(one)]
        note = (
            "Error: by how many decades the gains of bins that a fit has not seen are off, mean over three splits. Best in: the share of "
            "replicates in which no other model predicts better. Parameters: fitted to all that is judged."
        )
        table = Table(f"models-{game}", f"How well each model predicts what it has not seen: {game}", MODEL_COLUMNS, tuple(rows), note)
        blocks.append(Fold("How well each model predicts what it has not seen", (table,)))
    return Section(anchor, title, tuple(blocks), short="Tail")


def about_verdicts(judged: Sequence[Judged]) -> list[Sentence]:
    """How many fitted curves get which verdict, and on how many of those that differ from seed to seed the seeds agree."""
    speaking = [one for one in spokesmen(judged) if not one.game.startswith(WRAPPERS)]
    if not speaking:
        return []
    kinds = [(verdict, sum(one.tail is not None and one.tail.verdict == verdict for one in speaking)) for verdict in VERDICTS]
    told = ", ".join(f"{n:,} {_is(verdict, n)}" for verdict, n in kinds if n)
    cells = tuple(cell for one in speaking for cell in one.cells)
    said = [Sentence(f"Of {count(len(speaking), 'fitted curve')}, each of one learner on one game, {told}.", cells)]
    seeds = [[one for one in judged if one.speaks and not one.is_pooled and _same(one, pooled)] for pooled in judged if pooled.is_pooled]
    split = [ones for ones in seeds if len({one.tail.verdict for one in ones if one.tail}) > 1]
    if seeds:
        named = "; ".join(f"{ones[0].game}/{ones[0].label}" for ones in split[:MAX_NAMED])
        agree = (
            f"Of {count(len(seeds), 'curve')} that differ from seed to seed, {len(seeds) - len(split):,} get one verdict from every seed"
        )
        said.append(Sentence(agree + (f"; seeds disagree on {named}." if named else ".")))
    if any(one.is_search and one.tail for one in judged):
        said.append(Sentence("Searches are judged by the same rule in the table, but not counted here: a ply or a simulation is no rule."))
    return said


def about_tail(one: Judged) -> Sentence:
    """The verdict on one curve with its reason."""
    assert one.tail is not None  # only curves with a verdict are told of
    tail = one.tail
    left = "nothing is left" if tail.left_at_end <= PERFECT else f"{tail.left_at_end:.2%} is left"
    if tail.ends_after is None:
        where = "at its last size, and more might gain"
    else:
        where = f"after {count_units(tail.ends_after, one.unit)}" + (", and no further one gains" if tail.left_at_end > PERFECT else "")
    reason = "" if tail.verdict == ENDS else f" ({tail.reason})"
    return Sentence(f"{one.name}: {tail.words}{reason}; {left} {where}.", one.cells)


VERDICT_COLUMNS = (
    Column("game", "game", is_text=True),
    Column("curve", "curve", is_text=True),
    Column("verdict", "verdict", "tail", is_text=True),
    Column("unit", "unit", "unit", is_text=True),
    Column("ends_after", "ends after", "tail", ",.0f"),
    Column("left", "left", "gain", ".2%"),
    Column("judged_to", "judged to", "tail", ",.0f"),
    Column("decades", "decades", "tail", ".1f"),
    Column("shape", "shape", "shape", is_text=True),
    Column("shape_later", "shape, later", "shape", is_text=True),
    Column("exponent", "k^-", "shape", is_text=True),
)
MODEL_COLUMNS = (
    Column("curve", "curve", is_text=True),
    Column("model", "model", "models", is_text=True),
    Column("error", "error, decades", "extrapolation_error", ".3f"),
    Column("error_low", "from", "extrapolation_error", ".3f"),
    Column("error_high", "to", "extrapolation_error", ".3f"),
    Column("best_share", "best in", "extrapolation_error", ".0%"),
    Column("parameters", "parameters", "models", is_text=True),
)


def _verdict_row(one: Judged) -> TableRow:
    if one.tail is None:
        return TableRow((one.game, one.name), one.cells[0], no_curve(one.curve.reason) if isinstance(one.curve, NoCurve) else "")
    tail = one.tail
    exponent = tail.stretch if tail.verdict in (HEAVIER, POWER) else None
    return TableRow(
        (
            *(one.game, one.name, tail.words, one.unit, tail.ends_after, tail.left_at_end, tail.judged_to, tail.decades),
            _band(tail.whole.shape_band) if tail.whole else None,
            _band(tail.later.shape_band) if tail.later else None,
            f"{exponent.exponent:.2f} ({_band(exponent.exponent_band)})" if exponent else None,
        ),
        one.cells[0],
    )


def _hole_rows(evidence: Evidence) -> list[TableRow]:
    """Cells without a record whose curves would have been judged."""
    planned = [cell for cell in cells(evidence.suite) if cell.learner not in UNDRAWN and cell.id in evidence.holes]
    return [TableRow((cell.game, f"{cell.label}, seed {cell.seed}"), cell.id, str(evidence.holes[cell.id])) for cell in planned]


def _model_rows(one: Judged) -> list[TableRow]:
    assert one.tail is not None  # only curves with models are asked
    return [
        TableRow(
            (
                *(one.name, model.name, model.error, *model.error_band, model.best_share),
                ", ".join(f"{name} {value:.3g}" for name, value in model.parameters.items()),
            ),
            one.cells[0],
        )
        for model in sorted(one.tail.models, key=lambda model: model.error)
    ]


def _same(one: Judged, pooled: Judged) -> bool:
    return (one.game, one.label) == (pooled.game, pooled.label)


def _is(verdict: str, n: int) -> str:
    if verdict == ENDS:
        return "ends" if n == 1 else "end"
    return f"{'is' if n == 1 else 'are'} {verdict}"


def _band(band: tuple[float, float]) -> str:
    return f"{band[0]:.2f} to {band[1]:.2f}"
