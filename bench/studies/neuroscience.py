"""docs/neuroscience.md: how much of planted rules, and of the concepts of solved games, methods of neuroscience recover from networks."""

import math
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from bench.measures.planted_rules import deciding, lessons
from bench.measures.recordings import circuit_of, elsewhere, losses, participation_ratio
from bench.measures.recovery import N_FOLDS, READINGS
from bench.studies.neuroscience_subjects import (
    BOARD,
    METHODS,
    N_GAME_NULLS,
    N_NULLS,
    N_RULES,
    N_SUBJECTS,
    OUTSIDE,
    SHAM,
    SIZE,
    SOLVED,
    STEPS,
    TEACHERS,
    Measured,
    board_task,
    concept_subjects,
    hypotheses_of,
    in_list,
    learner_of,
    measure,
    measure_all,
    planted,
    planted_subjects,
    trained,
    untrained,
)
from bench.studies.page import DOCS, Page, Part
from games.arrays import Float64s
from policies.networks.diagnostics import Probe
from policies.networks.forward import matrices_of, settle

WIDTHS = (8, 16, 32)
SYSTEMS = (("tictactoe", SOLVED), *((game, teacher) for game in ("go-2x4", "go-3x3") for teacher in TEACHERS))
MOMENTS = (0, 10, 30, 100, 300, 1000)  # steps of training
DEPTH = 3  # hidden layers of the networks whose dimensions are counted
OWN, OTHERS = 0.5, 0.1  # losses of gain: a rule has a lesion of its own that costs at least OWN there, and at most OTHERS elsewhere
NOTHING = 0.01  # a smaller loss of gain
ABOVE, NOT_ABOVE = "above", "not above"
FIGURE = "neuroscience"  # in docs/, without its suffix
SHOWS = "The recovery of planted rules by each method, in trained and untrained networks"
HEAD = f"| method | trained | built by hand | untrained | shuffled | bits of a rule | named first |\n|---|---|---|---|---|--:|--:|"
CONTROLS_HEAD = (
    "| method | reading | less untrained | less shuffled | less sham | against these | less moves played |\n|---|---|---|---|---|---|---|"
)
LESIONS_HEAD = (
    "| network | taken away | ways | gain lost | that lose less than 0.01 | rules with a lesion of their own |\n|---|---|--:|---|--:|---|"
)
WIDTHS_HEAD = f"| method | reading | {' | '.join(f'{n} units' for n in WIDTHS)} |\n|---|---|{'---|' * len(WIDTHS)}"
GAMES_HEAD = "| game | taught by | gain | " + " | ".join((*METHODS, *OUTSIDE)) + " |\n|---|---|--:|" + "---|" * len((*METHODS, *OUTSIDE))
DIMENSION_HEAD = f"| task | layer | {' | '.join(f'{n:,} steps' for n in MOMENTS)} |\n|---|---|{'---|' * len(MOMENTS)}"


class Band(NamedTuple):
    """A mean with the half width of its band of 95 %, by Student's t."""

    mean: float
    half: float

    @property
    def low(self) -> float:
        return self.mean - self.half

    def __str__(self) -> str:
        return f"{self.mean:z.2f} ±{self.half:.2f}"


def band(values: Sequence[float]) -> Band:
    """The band of the mean of some numbers."""
    n = len(values)
    return Band(float(np.mean(values)), float(student.ppf(0.975, n - 1) * np.std(values, ddof=1) / math.sqrt(n)))


def aucs(found: Sequence[Measured], row: str, reading: str) -> Float64s:
    """The recovery of a row in a reading, subject by subject."""
    return np.array([each[row, reading].auc for each in found])


def less(found: Mapping[str, Sequence[Measured]], row: str, reading: str, other: str) -> Band:
    """How much more a row recovers from the trained networks than what it is held against: another network, or another row."""
    ours = aucs(found["trained"], row, reading)
    theirs = aucs(found[other], row, reading) if other in found else aucs(found["trained"], other, reading)
    return band(ours - theirs)


def is_above(found: Mapping[str, Sequence[Measured]], row: str, reading: str) -> str:
    """Whether a method recovers more than each of its controls, beyond the band."""
    controls = ["untrained", "shuffled", *([SHAM[row]] if row in SHAM else [])]
    return ABOVE if all(less(found, row, reading, control).low > 0 for control in controls) else NOT_ABOVE


def recovery_table(found: Mapping[str, Sequence[Measured]], reading: str) -> str:
    """A row for each method and for what methods are held against."""
    lines = [HEAD]
    for row in (*METHODS, *OUTSIDE):
        cells = [str(band(aucs(found[kind], row, reading))) for kind in ("trained", "built by hand", "untrained", "shuffled")]
        bits, named = (float(np.mean([each[row, reading][place] for each in found["trained"]])) for place in (1, 2))
        lines.append(f"| {row} | {' | '.join(cells)} | {bits:.1f} | {named:.0%} |")
    return "\n".join(lines)


def controls_table(found: Mapping[str, Sequence[Measured]]) -> str:
    """What each method recovers beyond each of its controls."""
    lines = [CONTROLS_HEAD]
    for row in METHODS:
        for reading in READINGS:
            cells = [str(less(found, row, reading, other)) for other in ("untrained", "shuffled")]
            cells.append(str(less(found, row, reading, SHAM[row])) if row in SHAM else "")
            cells += [is_above(found, row, reading), str(less(found, row, reading, "moves played"))]
            lines.append(f"| {row} | {reading} | {' | '.join(cells)} |")
    return "\n".join(lines)


def lesion_rows(seed: int) -> dict[tuple[str, str], tuple[int, float, float, float]]:
    """By network and what is taken away: the number of ways, the mean loss of gain, the share of small losses, and of rules with their own."""
    found = {}
    for kind, subject in planted_subjects(seed, n_nulls=0).items():
        circuit, task = circuit_of(subject.probe), subject.probe.task
        decides = deciding(task, planted(seed).policy)
        there = [number for number in range(N_RULES) if (decides == number).any()]
        parts = np.array([*(decides == number for number in there), decides >= N_RULES, decides >= -1])
        for name, size, taken in (("a unit", 1, None), ("a pair", 2, None), ("sham, a unit", 1, elsewhere(circuit, seed))):
            lost = losses(circuit, size, parts, taken)
            on_parts = lost[:, :-1]
            own = [
                bool(((on_parts[:, i] >= OWN) & (np.delete(on_parts, i, axis=1) <= OTHERS).all(axis=1)).any()) for i in range(len(there))
            ]
            found[kind, name] = (len(lost), float(lost[:, -1].mean()), float((lost[:, -1] < NOTHING).mean()), float(np.mean(own)))
    return found


def lesions_table() -> str:
    """What lesions cost, on all positions and on those at which each planted rule decides."""
    found = [lesion_rows(seed) for seed in range(N_SUBJECTS)]
    lines = [LESIONS_HEAD]
    for kind, name in found[0]:
        ways, lost, small, own = zip(*(each[kind, name] for each in found), strict=True)
        if kind != "untrained":
            lines.append(f"| {kind} | {name} | {ways[0]} | {band(lost)} | {np.mean(small):.0%} | {np.mean(own):.0%} |")
    return "\n".join(lines)


def said_of_planted(found: Mapping[str, Sequence[Measured]]) -> str:
    """The answer, from the numbers of the tables."""
    n_rules = float(np.mean([len(planted(seed).hypotheses.rules) for seed in range(N_SUBJECTS)]))
    one, every = READINGS

    def told(kind: str, rows: Sequence[str], reading: str) -> str:
        return ", ".join(f"{row} {np.mean(aucs(found[kind], row, reading)):.2f}" for row in rows)

    above = [row for row in METHODS if all(is_above(found, row, reading) == ABOVE for reading in READINGS)]
    named = {(row, reading): np.mean([each[row, reading].named for each in found["trained"]]) for row in METHODS for reading in READINGS}
    row, reading = max(named, key=lambda key: named[key])
    share = f"{named[row, reading]:.0%}"
    lines = [
        f"A network built by hand with a unit for each rule is read to the end: {told('built by hand', METHODS[:3], one)} "
        "(1 is all, 0.5 is chance).",
        f"Trained networks play the same list without a fault, and their single parts say less: {told('trained', METHODS, one)}.",
        f"All parts together: {told('trained', METHODS, every)}; the moves played, seen from outside, "
        f"{np.mean(aucs(found['trained'], 'moves played', every)):.2f}.",
        f"Beyond each of its controls in both readings: {', '.join(above) or 'none'}. Sham lesions alone have {told('trained', [SHAM['lesions']], one)[-4:]}.",
        f"Of about {n_rules:.0f} possible rules the best method, {row} read from {reading}, names {share} of the planted ones first.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def measured_planted() -> dict[str, str]:
    """The blocks on planted lists; the figure is written beside the page."""
    from bench.report.plots.files import save_figure
    from bench.report.plots.recovery import Mark, draw_recovery

    subjects: dict[str, list[Measured]] = {}
    for seed in range(N_SUBJECTS):
        for kind, each in measure_all(planted_subjects(seed), seed).items():
            subjects.setdefault(kind, []).append(each)
        print(f"planted list {seed} measured", file=sys.stderr, flush=True)
    marks = {
        reading: [
            Mark(row, kind, *band(aucs(subjects[kind], row, reading)))
            for row in (*METHODS, *OUTSIDE)
            for kind in ("trained", "untrained", "built by hand")
        ]
        for reading in READINGS
    }
    save_figure(draw_recovery(marks), DOCS / FIGURE, ("png",))
    one, every = READINGS
    return {
        "planted.said": said_of_planted(subjects),
        "planted.figure": f"![{SHOWS}]({FIGURE}.png)",
        "planted.one": recovery_table(subjects, one),
        "planted.all": recovery_table(subjects, every),
        "planted.controls": controls_table(subjects),
        "planted.lesions": lesions_table(),
    }


def measured_widths() -> dict[str, str]:
    """The same for narrower and wider networks, without the test that trains others."""
    found = {size: [measure(planted_subjects(seed, size, 0)["trained"], seed) for seed in range(N_SUBJECTS)] for size in WIDTHS}
    rows = [row for row in (*METHODS, *OUTSIDE) if row not in ("connection weights", "cells alone")]
    lines = [WIDTHS_HEAD]
    for row in rows:
        for reading in READINGS:
            lines.append(f"| {row} | {reading} | {' | '.join(str(band(aucs(each, row, reading))) for each in found.values())} |")
    return {"widths": "\n".join(lines)}


def measured_games() -> dict[str, str]:
    """The blocks on games with concepts."""
    tables = {reading: [GAMES_HEAD] for reading in READINGS}
    for game, teacher in SYSTEMS:
        gains, found = [], {"trained": list[Measured](), "untrained": list[Measured]()}
        for seed in range(N_SUBJECTS):
            subjects = concept_subjects(game, teacher, seed)
            gains.append(subjects["trained"].probe.gain())
            for kind, each in found.items():
                each.append(measure(subjects[kind], seed))
        print(f"{game}, {teacher} measured", file=sys.stderr, flush=True)
        for reading, lines in tables.items():
            cells = [
                f"{np.mean(aucs(found['trained'], row, reading)):.2f}, {signed(less(found, row, reading, 'untrained'))}"
                for row in (*METHODS, *OUTSIDE)
            ]
            lines.append(f"| {game} | {teacher} | {np.mean(gains):.3f} | {' | '.join(cells)} |")
    return {
        "games.chance": "\n".join(f"- {chance_of(game)}" for game in dict(SYSTEMS)),
        "games.one": "\n".join(tables["one part"]),
        "games.all": "\n".join(tables["all parts"]),
    }


def signed(found: Band) -> str:
    """A difference with its sign and band."""
    return f"{found.mean:+.2f} ±{found.half:.2f}"


def chance_of(game: str) -> str:
    """What a random choice of concepts would recover, by the variance of Mann and Whitney's statistic."""
    n, n_in = len(hypotheses_of(game).rules), len(in_list(game))
    half = 1.96 * math.sqrt((n + 1) / (12 * n_in * (n - n_in)))
    names = ", ".join(board_task(game).game.id and _concept(game, number) for number in in_list(game))
    return f"{game}: {n_in} of {n} concepts decide ({names}); a random choice of {n_in} has 0.50 ±{half:.2f}."


def _concept(game: str, number: int) -> str:
    from games.concepts.concept import concepts_of

    (literal,) = hypotheses_of(game).rules[number]
    return concepts_of(board_task(game).game)[literal.value].name


def dimensions(probe: Probe) -> list[float]:
    """The participation ratio of the inputs and of each hidden layer."""
    weights, active = probe.task.weights[probe.task.graph.positions], probe.inputs.astype(np.float64)
    found = [participation_ratio(active, weights)]
    for matrix, bias in matrices_of(probe.layers, probe.policy.parameters)[:-1]:
        active = settle((matrix @ active + bias).clip(min=0))
        found.append(participation_ratio(active, weights))
    return found


def measured_dimension() -> dict[str, str]:
    """Participation ratios by layer and by length of training."""
    lines = [DIMENSION_HEAD]
    tasks = {
        f"planted list, {BOARD}": [lessons(board_task(BOARD), planted(seed).policy) for seed in range(N_SUBJECTS)],
        "go-3x3, solved": [board_task("go-3x3")] * N_SUBJECTS,
    }
    for name, each in tasks.items():
        columns, gains = [], []
        for steps in MOMENTS:
            learner = learner_of(max(1, steps), DEPTH)
            probes = [Probe((trained if steps else untrained)(learner, task, SIZE, seed), task) for seed, task in enumerate(each)]
            columns.append([band(values) for values in zip(*map(dimensions, probes), strict=True)])
            gains.append(band([probe.gain() for probe in probes]))
        lines.append(f"| {name} | gain | {' | '.join(f'{gain.mean:z.2f}' for gain in gains)} |")
        for layer, cells in enumerate(zip(*columns, strict=True)):
            label = f"hidden {layer}" if layer else "inputs"
            lines.append(f"| {name} | {label} | {' | '.join(f'{cell.mean:.1f} ±{cell.half:.1f}' for cell in cells)} |")
    return {"dimension": "\n".join(lines)}


PAGES = (
    Page(
        "neuroscience.md",
        {
            "planted": Part(measured_planted, "two minutes of processor time"),
            "widths": Part(measured_widths, "a minute of processor time"),
            "games": Part(measured_games, "seven minutes of processor time"),
            "dimension": Part(measured_dimension, "two minutes of processor time"),
        },
        phrases=(
            f"{N_SUBJECTS} lists of {N_RULES} rules",
            f"{SIZE} hidden units",
            f"{STEPS} steps",
            f"{N_NULLS} networks",
            f"{N_GAME_NULLS} on games",
            f"{N_FOLDS} parts",
            f"at least {OWN:g} of the gain",
            f"at most {OTHERS:g} of it",
        ),
    ),
)
