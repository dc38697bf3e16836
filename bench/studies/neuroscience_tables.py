"""The tables of docs/neuroscience.md on planted lists: recoveries with their bands, beside their controls, and what lesions cost."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from bench.measures.planted_rules import deciding
from bench.measures.recordings import circuit_of, elsewhere, losses
from bench.measures.recovery import READINGS
from bench.studies.neuroscience_subjects import METHODS, N_RULES, OUTSIDE, SHAM, Measured, Subject, planted
from games.arrays import Float64s

OWN, OTHERS = 0.5, 0.1  # losses of gain: a rule has a lesion of its own that costs at least OWN there, and at most OTHERS elsewhere
NOTHING = 0.01  # a smaller loss of gain
ABOVE, NOT_ABOVE = "above", "not above"
HEAD = "| method | trained | built by hand | untrained | shuffled | bits of a rule | named first |\n|---|---|---|---|---|--:|--:|"
CONTROLS_HEAD = (
    "| method | reading | less untrained | less shuffled | less sham | against these | less moves played |\n|---|---|---|---|---|---|---|"
)
LESIONS_HEAD = (
    "| network | taken away | ways | gain lost | that lose less than 0.01 | rules with a lesion of their own |\n|---|---|--:|---|--:|---|"
)
LesionRows = dict[tuple[str, str], tuple[int, float, float, float]]


class Band(NamedTuple):
    """A mean with the half width of its band of 95 %, by Student's t."""

    mean: float
    half: float

    @property
    def low(self) -> float:
        return self.mean - self.half

    def __str__(self) -> str:
        return f"{self.mean:z.2f} ±{self.half:.2f}"


def band(values: Sequence[float] | Float64s) -> Band:
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


def lesion_rows(subjects: Mapping[str, Subject], seed: int) -> LesionRows:
    """By network and what is taken away: number of ways, mean loss of gain, and the shares of small losses and of rules with their own."""
    found = {}
    for kind, subject in subjects.items():
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


def lesions_table(found: Sequence[LesionRows]) -> str:
    """What lesions cost, on all positions and on those at which each planted rule decides; `found` list by list."""
    lines = [LESIONS_HEAD]
    for kind, name in found[0]:
        ways, lost, small, own = zip(*(each[kind, name] for each in found), strict=True)
        if kind != "untrained":
            lines.append(f"| {kind} | {name} | {ways[0]} | {band(lost)} | {np.mean(small):.0%} | {np.mean(own):.0%} |")
    return "\n".join(lines)
