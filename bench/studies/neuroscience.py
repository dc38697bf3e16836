"""docs/neuroscience.md: how much of planted rules, and of the concepts of solved games, methods of neuroscience recover from networks."""

import functools
import math
import sys
from collections.abc import Mapping, Sequence

import numpy as np

from bench.measures.connections import N_ORDERS, N_STARTS
from bench.measures.planted_rules import lessons
from bench.measures.recordings import participation_ratio
from bench.measures.recovery import N_FOLDS, READINGS
from bench.studies.neuroscience_subjects import (
    BOARD,
    CONNECTIONS,
    DRAWN,
    METHODS,
    N_RULES,
    N_SUBJECTS,
    OUTSIDE,
    SIZE,
    SOLVED,
    STEPS,
    Measured,
    board_task,
    concept_subjects,
    hypotheses_of,
    in_list,
    judged,
    learner_of,
    measure,
    measure_all,
    planted,
    planted_subjects,
    recorded,
    trained,
    untrained,
    untrained_twin,
)
from bench.studies.neuroscience_tables import (
    ABOVE,
    OTHERS,
    OWN,
    Band,
    aucs,
    band,
    controls_table,
    is_above,
    lesion_rows,
    lesions_table,
    less,
    recovery_table,
)
from bench.studies.page import DOCS, Page, Part
from games.concepts.concept import concepts_of
from policies.networks.diagnostics import Probe
from policies.networks.forward import matrices_of, settle

WITHOUT_NULLS = [row for row in (*METHODS, *OUTSIDE) if row != CONNECTIONS]
WIDTHS = (8, 16, 32)
GAMES = {"tictactoe": (SOLVED,), "go-2x4": (DRAWN, SOLVED), "go-3x3": (DRAWN, SOLVED)}  # with concepts, and who teaches them
MOMENTS = (0, 10, 30, 100, 300)  # steps of training
DEPTH = 3  # hidden layers of the networks whose dimensions are counted
FIGURE = "neuroscience"  # in docs/, without its suffix
SHOWS = "The recovery of planted rules by each method, in trained and untrained networks"
WIDTHS_HEAD = f"| method | reading | {' | '.join(f'{n} units' for n in WIDTHS)} |\n|---|---|{'---|' * len(WIDTHS)}"
DIMENSION_HEAD = f"| task | layer | {' | '.join(f'{n:,} steps' for n in MOMENTS)} |\n|---|---|{'---|' * len(MOMENTS)}"


def said_of_planted(found: Mapping[str, Sequence[Measured]], gain: float) -> str:
    """The answer, from the numbers of the tables."""
    n_rules = float(np.mean([len(planted(seed).hypotheses.rules) for seed in range(N_SUBJECTS)]))
    one, every = READINGS

    def told(kind: str, rows: Sequence[str], reading: str) -> str:
        return ", ".join(f"{row} {np.mean(aucs(found[kind], row, reading)):.2f}" for row in rows)

    above = {row: [is_above(found, row, reading) == ABOVE for reading in READINGS] for row in METHODS}
    both, none = ([row for row, each in above.items() if test(each)] for test in (all, lambda each: not any(each)))
    named = {(row, reading): np.mean([each[row, reading].named for each in found["trained"]]) for row in METHODS for reading in READINGS}
    row, reading = max(named, key=lambda key: named[key])
    share, seen = named[row, reading], np.mean([each["moves played", every].named for each in found["trained"]])
    from_hand, from_trained = told("built by hand", METHODS, one), told("trained", METHODS, one)
    outside = told("trained", ["moves played"], every)
    lines = [
        f"Built by hand, with a unit for each rule, read part by part: {from_hand}; 1 is all, 0.5 is chance.",
        f"Trained on the same lists, to a gain of {gain:.3f}, read part by part: {from_trained}.",
        f"All parts of the trained networks together: {told('trained', METHODS, every)}; from outside, {outside}.",
        f"More than each of its controls in both readings: {', '.join(both) or 'none'}; in neither: {', '.join(none) or 'none'}.",
        f"The best method, {row} ({reading}), puts {share:.0%} of the planted rules first of {n_rules:.0f}; moves played, {seen:.0%}.",
    ]
    return "\n".join(f"- {line}" for line in lines)


def measured_planted() -> dict[str, str]:
    """The blocks on planted lists; the figure is written beside the page."""
    from bench.report.plots.files import save_figure
    from bench.report.plots.recovery import Mark, draw_recovery

    subjects: dict[str, list[Measured]] = {}
    gains, lesioned = [], []
    for seed in range(N_SUBJECTS):
        networks = planted_subjects(seed)
        gains.append(networks["trained"].probe.gain())
        lesioned.append(lesion_rows(networks, seed))
        for kind, each in measure_all(networks, seed).items():
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
        "planted.said": said_of_planted(subjects, float(np.mean(gains))),
        "planted.figure": f"![{SHOWS}]({FIGURE}.png)",
        "planted.one": recovery_table(subjects, one),
        "planted.all": recovery_table(subjects, every),
        "planted.controls": controls_table(subjects),
        "planted.lesions": lesions_table(lesioned),
    }


def measured_widths() -> dict[str, str]:
    """The same for narrower and wider networks, without the test that trains others."""
    found = {
        size: [measure(planted_subjects(seed, size, has_nulls=False)["trained"], seed) for seed in range(N_SUBJECTS)] for size in WIDTHS
    }
    lines = [
        f"| {row} | {reading} | {' | '.join(str(band(aucs(each, row, reading))) for each in found.values())} |"
        for row in WITHOUT_NULLS
        for reading in READINGS
    ]
    return {"widths": "\n".join([WIDTHS_HEAD, *lines])}


def measured_concepts(game: str, teachers: Sequence[str]) -> dict[str, str]:
    """The block of a game with concepts."""
    gains: dict[str, list[float]] = {teacher: [] for teacher in teachers}
    found = {teacher: {"trained": list[Measured](), "untrained": list[Measured]()} for teacher in teachers}
    for seed in range(N_SUBJECTS):
        subjects = concept_subjects(game, teachers, seed)
        bare = recorded(untrained_twin(subjects[teachers[0]], seed), seed)
        for teacher, subject in subjects.items():
            gains[teacher].append(subject.probe.gain())
            found[teacher]["trained"].append(measure(subject, seed))
            found[teacher]["untrained"].append(judged(subject, bare))
    columns = [(teacher, reading) for teacher in teachers for reading in READINGS]
    head = f"| method | {' | '.join(f'{teacher}, {reading}' for teacher, reading in columns)} |\n|---|{'---|' * len(columns)}"
    rows = [
        f"| {row} | " + " | ".join(_beside(found[teacher], row, reading) for teacher, reading in columns) + " |" for row in WITHOUT_NULLS
    ]
    told = ", ".join(f"{teacher} {np.mean(each):.3f}" for teacher, each in gains.items())
    return {game: "\n".join([f"{chance_of(game)} Gains: {told}.", "", head, *rows])}


def _beside(found: Mapping[str, Sequence[Measured]], row: str, reading: str) -> str:
    return f"{np.mean(aucs(found['trained'], row, reading)):.2f}, {signed(less(found, row, reading, 'untrained'))}"


def signed(found: Band) -> str:
    """A difference with its sign and band."""
    return f"{found.mean:+.2f} ±{found.half:.2f}"


def chance_of(game: str) -> str:
    """What a random choice of concepts would recover, by the variance of Mann and Whitney's statistic."""
    n, n_in = len(hypotheses_of(game).rules), len(in_list(game))
    half = 1.96 * math.sqrt((n + 1) / (12 * n_in * (n - n_in)))
    names = ", ".join(_concept(game, number) for number in in_list(game))
    return f"The best list has {n_in} of {n} concepts: {names}. A random choice of {n_in} recovers 0.50 ±{half:.2f}."


def _concept(game: str, number: int) -> str:
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
            "planted": Part(measured_planted, "half a minute of processor time"),
            "widths": Part(measured_widths, "half a minute of processor time"),
            **{
                game: Part(functools.partial(measured_concepts, game, teachers), "half a minute of processor time")
                for game, teachers in GAMES.items()
            },
            "dimension": Part(measured_dimension, "half a minute of processor time"),
        },
        phrases=(
            f"{N_SUBJECTS} lists of {N_RULES} rules",
            f"{SIZE} hidden units",
            f"{STEPS} steps",
            f"{N_ORDERS * N_STARTS} networks",
            f"{N_FOLDS} parts",
            f"at least {OWN:g} of the gain",
            f"at most {OTHERS:g} of it",
        ),
    ),
)
