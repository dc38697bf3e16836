"""README.md: the findings, every number computed from the committed results, and the size of what is installed."""

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path

from bench.curves.envelope import UNITS
from bench.report.parts.game_verdicts import held_out_in_words
from bench.studies.committed import Committed, committed
from bench.studies.forms import NEITHER, is_below_one, kappas_of, largest, lists_and_networks, shorter, shortest_lists
from bench.studies.page import ROOT, Page, Part
from bench.studies.result_tables import carried_over, floor, left_by, table
from bench.tails.transfer import UNDECIDED

SIZES = (16, 1024)  # rules, weights or leaves
BEHIND = 64  # units behind which it is told what carries over
BOARDS = ("go-3x3", "go-2x5", "go-2x6", "go-3x4", "nogo-3x4", "connect_four-4x4")
FAMILIES = ("tictactoe", "hex", "connect_four", "kalah", "nogo", "go")  # the others are in docs/results.md
ENVIRONMENTS = {  # constraints, what an environment of these releases is enough for
    "constraints-light.txt": "lists, trees, tables, suites, reports, play",
    "constraints.txt": "all of it, with the tests and the documents (`make venv`)",
}


def findings() -> dict[str, str]:
    """The blocks of the README."""
    found = committed()
    return {
        "findings.tictactoe": shortest_lists(found),
        "findings.boards": boards(found),
        "findings.bits": lists_and_networks(found, FAMILIES),
        "findings.open": undecided(found),
    }


def boards(found: Committed) -> str:
    """What the best policies of some sizes leave of random play's regret, what is proved, and how far knowledge reaches."""
    verdicts = {one.game: one for one in found.verdicts if one.measure == UNITS}
    rows = []
    for game in BOARDS:
        envelope = verdicts[game].envelope
        left = [left_by(envelope, size) for size in SIZES]
        rows.append(
            (
                *(game, envelope.best[0].record.n_positions, *left, floor(game)),
                *(carried_over(verdicts[game], BEHIND), held_out_in_words(verdicts[game])),
            )
        )
    sizes = " | ".join(f"{size:,} units leave (by)" for size in SIZES)
    proved = "32 single concepts or patterns leave at least"
    return table(f"board | positions | {sizes} | {proved} | T({BEHIND}), best learner | on boards held out (best learner)", rows)


def undecided(found: Committed) -> str:
    """What the measurements leave open, in a sentence."""
    verdicts = {one.game: one for one in found.verdicts if one.measure == UNITS}
    held_out = [game for game in BOARDS if (one := verdicts[game].held_out) and one.verdict.words == UNDECIDED]
    forms = [game for game in largest(found).values() if shorter(found.records, game) == NEITHER]
    kappas = [family for family, levels in kappas_of(found).items() if (each := levels.get(1.0)) and each.law and not is_below_one(each)]
    parts = [f"how far knowledge reaches on {', '.join(held_out)}"] * bool(held_out)
    parts += [f"whether a list or a network is shorter on {', '.join(forms)}, where no network of that length was measured"] * bool(forms)
    parts += [f"whether kappa is below 1 at a gain of 1 for {', '.join(kappas)}"] * bool(kappas)
    return f"**Undecided**: {'; '.join([*parts, 'whether [tails](docs/tails.md) are power laws'])}."


def install() -> dict[str, str]:
    """How much disk the installed releases of each list of constraints take."""
    rows = [(f"`{file}`", use, f"{megabytes(names_in(file)):,.0f} MB") for file, use in ENVIRONMENTS.items()]
    return {"install": table("releases | enough for | installed", rows)}


def names_in(file: str) -> list[str]:
    """The distributions that a list of constraints names."""
    return [line.partition("==")[0] for line in (ROOT / file).read_text().splitlines() if "==" in line]


def megabytes(names: Sequence[str]) -> float:
    """The size of the files of installed distributions, in 10^6 bytes; one that is not installed here takes none."""
    total = 0
    for name in names:
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        paths = (Path(str(distribution.locate_file(file))) for file in distribution.files or [])
        total += sum(path.stat().st_size for path in paths if path.is_file())
    return total / 1e6


PAGES = (Page("../README.md", {"install": Part(install, takes="some seconds: the sizes on this machine"), "findings": Part(findings)}),)
