"""The tables of docs/results.md that hold boards and learners side by side."""

from collections.abc import Sequence

from bench.curves.envelope import UNITS, Envelope, drawn_in_panel_b
from bench.curves.proved import summary_of
from bench.harness.records import Record
from bench.measures.transfer import AT
from bench.tails.games import GameVerdict
from bench.wording import show

SIZES = (16, 64, 256, 1024)  # units of the best policies that are shown
PROVED_AT = 32  # rules


def boards(records: Sequence[Record], verdicts: Sequence[GameVerdict]) -> str:
    """A row for each Go board: what the best policies of some sizes leave, what is proved, and the verdicts."""
    from bench.report.parts.game_verdicts import held_out_in_words

    rows = []
    for envelope, plain in drawn_in_panel_b(records):
        judged = {one.measure: one for one in verdicts if one.game == envelope.game}
        rows.append(
            (
                envelope.game,
                envelope.best[0].record.n_positions,
                *(left_by(envelope, size) for size in SIZES),
                _left(max((point.gain for point in plain.points if point.size <= SIZES[0]), default=0.0)) if plain else None,
                floor(envelope.game),
                held_out_in_words(judged[UNITS]),
                ", ".join(one.tail.words if one.tail else "no curve" for one in judged.values()),
            )
        )
    sizes = " | ".join(f"{size:,} units leave (by)" for size in SIZES)
    atoms = "single concepts or patterns"
    heads = f"board | positions | {sizes} | {SIZES[0]} {atoms} leave | {PROVED_AT} {atoms} leave at least"
    return table(f"{heads} | on boards held out (best learner) | fitted curve in units, bits", rows)


def tails(verdicts: Sequence[GameVerdict], games: Sequence[str]) -> str:
    """A row for each of some games: how its fitted curve falls, what carries over to boards held out, and the held-out verdict."""
    from bench.report.parts.game_verdicts import held_out_in_words

    rows = []
    for game in games:
        in_units, in_bits = (one for one in verdicts if one.game == game)
        fitted = [one.tail.words if one.tail else "no curve" for one in (in_units, in_bits)]
        rows.append((game, *fitted, *(carried_over(in_units, k) for k in AT), held_out_in_words(in_units)))
    heads = "game | fitted curve, in units | in bits"
    return table(f"{heads} | {' | '.join(f'T({k})' for k in AT)} | on boards held out (best learner)", rows)


def left_by(envelope: Envelope, size: int) -> str:
    """What the best policy of at most this size leaves, and its learner: `3.6% (mechanical-list)`."""
    best = envelope.at(size)
    return f"{_left(best.gain)} ({best.record.cell.label})" if best else _left(0.0)


def carried_over(verdict: GameVerdict, k: int) -> str | None:
    """T(k) of the best learner on held-out boards, with its band; None where it is not known."""
    carried = verdict.held_out.carried[AT.index(k)] if verdict.held_out else None
    return f"{carried.mean:z.2f} ({carried.low:z.2f} to {carried.high:z.2f})" if carried else None


def floor(game: str) -> str | None:
    """What every list of PROVED_AT single atoms leaves at least, rounded down; None where nothing is proved."""
    summary = summary_of(game)
    low = summary.residual(PROVED_AT) if summary else None
    return f"{int(low * 1000) / 10:.1f}%" if low else None


def halves(records: Sequence[Record]) -> str:
    """How many units halve each measure of random play, board by board."""
    from bench.report.parts.views import views_of_games

    found = views_of_games(records)
    names = list(dict.fromkeys(view.name for _, _, views in found for view in views))
    rows = [(game, *({view.name: view.half for view in views}.get(name) for name in names)) for game, _, views in found]
    return table(" | ".join(("board", *names)), rows)


def recipes(records: Sequence[Record]) -> str:
    """How products grow beside their recipes, learner by learner."""
    from bench.report.parts.principles import growths

    rows = []
    for each in growths(records):
        ratios = [f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2f}" for ratio in each.ratios]
        shares = [f"{share:.2%}" for share in each.shares]
        gains = f"{each.small.gain:.3f}, {each.large.gain:.3f}"
        rows.append((each.small.label, f"{each.small.game}, {each.large.game}", *ratios, *shares, gains))
    return table("curve | from, to | positions, times | recipe, times | product, times | product / recipe, small | large | gains", rows)


def table(heads: str, rows: Sequence[tuple[object, ...]]) -> str:
    """A table, its numbers as people read them."""
    lines = [heads, " | ".join("---" for _ in heads.split("|")), *(" | ".join(show(cell) for cell in row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _left(gain: float) -> str:
    return f"{max(0.0, 1.0 - gain):.1%}"
