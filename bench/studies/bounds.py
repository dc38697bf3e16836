"""docs/bounds.md: what is proved of all lists beside the best lists found; and the proof on docs/tails.md that no exponential fits."""

import math
from collections.abc import Sequence
from fractions import Fraction

from bench.curves.proved import FOLDER, band_of, summary_of
from bench.harness.records import Record
from bench.harness.store import read_record
from bench.studies.page import REFERENCE, ROOT, Page, Part
from bench.wording import best_known
from bench.wording import proved as rounded_down
from policies.api import action_probabilities
from policies.bounds.certificate import read_certificates
from policies.rules.optimal_list import OptimalListLearner
from policies.task import make_task

GAMES = ("go-3x3", "go-3x4")
EXACT = ("tictactoe", "go-2x3", "go-3x3", "go-3x4")
DIGITS = 4


def no_exponential() -> dict[str, str]:
    """The proof as a table: each line is computed from the lines above it, as they are printed, and rounded to the safe side."""
    columns = [proof(game) for game in GAMES]
    rows = [" | ".join([name, *(column[name] for column in columns)]) for name in columns[0]]
    return {"exponential": "\n".join([f"| | {' | '.join(GAMES)} |", "|---|--:|--:|", *(f"| {row} |" for row in rows)])}


def proof(game: str) -> dict[str, str]:
    """The lines of the proof for one game."""
    low, high = known(game, (1, 2, 4, 8))
    first = up(high[1]) - down(low[2])  # R(1) - R(2) at most
    second = up(high[2]) - down(low[4])  # R(2) - R(4) at most
    ratio = up(second / (down(low[1]) - up(high[2])))
    rate = up(Fraction(math.sqrt(1 + 4 * ratio) - 1) / 2)
    assert rate + rate**2 >= ratio
    most = up(first * rate**3 * (1 + rate) * (1 + rate**2))
    least = down(low[4]) - up(high[8])
    assert most < least, f"the curve of {game} may be an exponential"
    return {
        "R(1)": f"{show(down(low[1]))} to {show(up(high[1]))}",
        "R(2)": f"{show(down(low[2]))} to {show(up(high[2]))}",
        "R(4), at least": show(down(low[4])),
        "R(8), at most": show(up(high[8])),
        "R(1) - R(2)": f"{show(down(low[1]) - up(high[2]))} to {show(first)}",
        "R(2) - R(4), at most": show(second),
        "r + r², their quotient, at most": show(ratio),
        "so r, at most": show(rate),
        "R(4) - R(8) if exponential, at most": show(most),
        "R(4) - R(8), at least": show(least),
    }


def known(game: str, sizes: Sequence[int]) -> tuple[dict[int, Fraction], dict[int, Fraction]]:
    """What lists of each size are proved to leave, and what the best list of the reference results leaves."""
    band = band_of(game, records_of(game))
    assert band is not None
    places = [band.sizes.index(k) for k in sizes]
    found = {k: Fraction(best_known(band.found[place], 12)) for k, place in zip(sizes, places, strict=True)}
    return {k: band.proved[place] for k, place in zip(sizes, places, strict=True)}, found


def records_of(game: str) -> list[Record]:
    """The committed records of a game."""
    return [record for path in sorted((ROOT / REFERENCE / "records").glob(f"{game}__*.json")) if (record := read_record(path)).points]


def down(value: Fraction) -> Fraction:
    """Rounded down to DIGITS decimals."""
    return Fraction(math.floor(value * 10**DIGITS), 10**DIGITS)


def up(value: Fraction) -> Fraction:
    """Rounded up to DIGITS decimals."""
    return -down(-value)


def show(value: Fraction) -> str:
    """A number of DIGITS decimals."""
    return f"{float(value):.{DIGITS}f}"


def proved_table() -> dict[str, str]:
    """For each game with certificates what is proved and what the best list of the reference results leaves."""
    rows = ["| game | rules | every list leaves at least | best list found leaves | |", "|---|--:|--:|--:|---|"]
    for path in sorted(FOLDER.glob("*.bounds")):
        summary, band = summary_of(path.stem), band_of(path.stem, records_of(path.stem))
        assert summary is not None
        found = dict(zip(band.sizes, band.found, strict=True)) if band else {}
        for k in [entry.k for entry in read_certificates(path).entries]:
            low = summary.residual(k)
            assert low is not None
            high = min((left for size, left in found.items() if size <= k), default=None)
            meets = "optimal" if band and k in band.optimal else ""
            rows.append(f"| {path.stem} | {k} | {rounded_down(low)} | {'-' if high is None else best_known(high)} | {meets} |")
    return {"proved": "\n".join(rows)}


def optima() -> dict[str, str]:
    """What the best lists of concepts leave, and every policy over concepts alone."""
    rows = ["| game | best lists of 1, 2, ... concepts leave | every policy over concepts leaves at least |", "|---|---|--:|"]
    for game in EXACT:
        task, summary = make_task(game), summary_of(game)
        assert summary is not None
        path = OptimalListLearner().fit_path(task, range(1, 25), 0)
        left = [best_known(1 - task.gain(action_probabilities(task.graph, policy.scores(task)))) for policy in path]
        rows.append(f"| {game} | {' '.join(left)} | {rounded_down(summary.floor_of_concepts)} |")
    return {"optima": "\n".join(rows)}


PAGES = (Page("bounds.md", {"proved": Part(proved_table), "optima": Part(optima)}),)
