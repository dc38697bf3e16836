"""docs/controls.md: games whose textbook is changed on purpose: Go with an evaluation handed to it, Nim without its theorem."""

from collections.abc import Sequence
from typing import NamedTuple

from bench.harness.path import FittedPath
from bench.scaling.power_law import LEVEL_OF_BAND, Sample, fit_power
from bench.studies.page import Page, Part
from bench.studies.result_tables import table
from bench.wording import count_units
from policies.api import action_probabilities, budget_ladder
from policies.registry import make_learner, parse_learner
from policies.task import make_task

LEVELS = (0.5, 0.9, 0.99)
SIZES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, *budget_ladder(23_170)[11:])  # from 64 up in half-octaves
WIDTHS = (1, 2, 4, 8, 16, 32, 64)
KINDS = ("weighted", "rulelist", "tree")
BOARDS = ("3x3", "2x5", "2x6", "3x4")
EVALUATED = "games.concepts.go_evaluation:go_"
TOO_SLOW = ("3x4", "rulelist")
LANGUAGES = {  # the family of games, the language, and which learners are fitted in it
    "evaluation": (EVALUATED, "concepts", KINDS),
    "its own concepts": ("go-", "concepts", KINDS),
    "evaluation and patterns": (EVALUATED, "concepts+patterns", KINDS[:1]),
    "its own concepts and patterns": ("go-", "concepts+patterns", KINDS[:1]),
    "mechanical": ("go-", "mechanical", KINDS[:1]),
}
HEAPS = ("1-3-5", "1-3-5-7", "1-3-5-7-9", "1-3-5-7-9-11", "1-3-5-7-9-11-13")
BEGINNER = "empties+one_heap+twins+takes_one+even_left"  # all concepts of Nim but xor_zero
WITHOUT = f"{BEGINNER}+cells+positions"
NIM_KINDS = {  # what is fitted, and in what language
    "rules, with the theorem": "rulelist:language=concepts+cells+positions",
    "weights, with the theorem": "weighted:language=concepts+cells",
    "trees, with the theorem": "tree:language=concepts+cells",
    "rules": f"rulelist:language={WITHOUT}",
    "rules, mechanical": "rulelist:language=mechanical+positions",
    "weights": f"weighted:language={BEGINNER}+cells",
    "weights, mechanical": "weighted:language=mechanical",
    "trees": f"tree:language={BEGINNER}+cells",
    "trees, mechanical": "tree:language=mechanical",
    "networks": "network",
    "tables": "table",
}
NOT_ON_LAST = ("trees, mechanical",)  # too slow on the last heaps
GO_HEAD = "game | positions | language | " + " | ".join(f"bits to {level:g} | as" for level in LEVELS) + " | greatest gain | in bits | as"
NIM_HEAD = "game | positions | learner | " + " | ".join(f"bits to {level:g} | as" for level in LEVELS[1:]) + " | greatest gain"
BAND_HEAD = "learner | gain | games | kappa | band | holds 1"


class Reached(NamedTuple):
    """What one learner reaches on a game: the fewest bits at each of LEVELS, with its units, and its greatest gain."""

    bits: tuple[int | None, ...]
    units: tuple[str | None, ...]
    greatest: float
    greatest_bits: int
    greatest_units: str


class Found(NamedTuple):
    """A learner on a game."""

    game: str
    n_positions: int
    learner: str
    reached: Reached


def reach(game: str, text: str) -> Found:
    """Fit a learner at growing budgets until its files reach the last of LEVELS, or no more is gained; every file is read back."""
    task, learner = make_task(game), make_learner(*parse_learner(text))
    files: list[tuple[int, float, str]] = []
    for _, policy in FittedPath(learner, task, WIDTHS if learner.name == "network" else SIZES, 0):
        data = learner.encode(policy, task)
        gain = task.gain(action_probabilities(task.graph, learner.decode(data, task).scores(task)))
        files.append((8 * len(data), gain, count_units(policy.size, learner.unit)))
        if gain >= LEVELS[-1]:
            break
    first = [min((file for file in files if file[1] >= level), default=None) for level in LEVELS]
    greatest = max(files, key=lambda file: (file[1], -file[0]))
    bits, units = (tuple(file and file[place] for file in first) for place in (0, 2))
    return Found(game, len(task.graph.positions), text, Reached(bits, units, greatest[1], greatest[0], greatest[2]))  # type: ignore[arg-type]


def best_of(found: Sequence[Found]) -> Reached:
    """At each level the shortest of several learners, and the greatest gain of any."""
    at = [
        min(((each.reached.bits[k], each.reached.units[k]) for each in found if each.reached.bits[k]), default=(None, None))
        for k in range(len(LEVELS))
    ]
    greatest = max((each.reached for each in found), key=lambda reached: (reached.greatest, -reached.greatest_bits))
    return greatest._replace(bits=tuple(bits for bits, _ in at), units=tuple(units for _, units in at))


def go_row(board: str, name: str) -> tuple[object, ...]:
    """A board in one language: the shortest of what is fitted in it."""
    family, language, kinds = LANGUAGES[name]
    found = [reach(f"{family}{board}", f"{kind}:language={language}") for kind in kinds if (board, kind) != TOO_SLOW]
    return go_cells(board, name, found)


def go_cells(board: str, name: str, found: Sequence[Found]) -> tuple[object, ...]:
    """The row of a board in one language from what was reached in it."""
    best = best_of(found)
    pairs = [cell for pair in zip(best.bits, best.units, strict=True) for cell in pair]
    return (f"go-{board}", found[0].n_positions, name, *pairs, f"{best.greatest:.3f}", best.greatest_bits, best.greatest_units)


def nim_row(found: Found, name: str) -> tuple[object, ...]:
    """A learner on one game of Nim."""
    reached = found.reached
    pairs = [cell for pair in list(zip(reached.bits, reached.units, strict=True))[1:] for cell in pair]
    return (found.game, found.n_positions, name, *pairs, f"{reached.greatest:.3f}")


def band_row(name: str, level: float, samples: Sequence[Sample]) -> tuple[object, ...]:
    """The exponent of bits against positions: kappa with its Student t band."""
    law = fit_power(samples) if len(samples) > 1 else None
    if law is None:
        return (name, f"{level:g}", len(samples), None, None, None)
    if law.kappa_band is None:
        return (name, f"{level:g}", len(samples), f"{law.kappa:z.2f}", None, None)
    low, high = law.kappa_band
    return (name, f"{level:g}", len(samples), f"{law.kappa:z.2f}", f"{low:z.2f} to {high:z.2f}", "yes" if low <= 1.0 <= high else "no")


def nim_blocks(found: dict[str, list[Found]]) -> dict[str, str]:
    """The tables of Nim: what each learner reaches, and the exponents, those of the shortest learner of each game at the end."""
    rows = [nim_row(each, name) for heaps in HEAPS for name in found for each in found[name] if each.game == f"nim-{heaps}"]
    without = {name: each for name, each in found.items() if "with the theorem" not in name}
    bands = []
    for k, level in list(enumerate(LEVELS))[1:]:
        for name, of_name in found.items():
            bands.append(band_row(name, level, samples(of_name, k)))
        bands.append(
            band_row(
                "shortest with the theorem", level, shortest([each for name in found if name not in without for each in found[name]], k)
            )
        )
        bands.append(band_row("shortest without", level, shortest([each for of_name in without.values() for each in of_name], k)))
    return {"nim.reached": table(NIM_HEAD, rows), "nim.bands": table(BAND_HEAD, bands)}


def samples(found: Sequence[Found], k: int) -> list[Sample]:
    """The games on which a learner reaches a level, with the bits that it takes."""
    return [Sample(each.game, float(each.n_positions), float(bits)) for each in found if (bits := each.reached.bits[k])]


def shortest(found: Sequence[Found], k: int) -> list[Sample]:
    """For each game the fewest bits of any learner."""
    best: dict[str, Sample] = {}
    for sample in samples(found, k):
        if sample.game not in best or sample.bits < best[sample.game].bits:
            best[sample.game] = sample
    return list(best.values())


def go_blocks() -> dict[str, str]:
    """The table of Go."""
    return {"go": table(GO_HEAD, [go_row(board, name) for board in BOARDS for name in LANGUAGES])}


def nim() -> dict[str, str]:
    """The tables of Nim, measured."""
    heaps = {name: HEAPS[:-1] if name in NOT_ON_LAST else HEAPS for name in NIM_KINDS}
    return nim_blocks({name: [reach(f"nim-{sizes}", text) for sizes in heaps[name]] for name, text in NIM_KINDS.items()})


PAGES = (
    Page(
        "controls.md",
        {"go": Part(go_blocks, "ten minutes of processor time"), "nim": Part(nim, "ten minutes of processor time")},
        phrases=(f"networks have up to {WIDTHS[-1]} hidden units", f"its {LEVEL_OF_BAND:.0%} Student t band".replace("%", " %")),
    ),
)
