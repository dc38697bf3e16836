"""Former names of learners and parts of languages, so that older files, runs and commands can still be read."""

import warnings
from collections.abc import Mapping
from typing import Any

PARTS = {"words": "concepts"}
LEARNERS = {"optimal": "perfect", "search": "local_search"}
MOVED = {
    "optimal": "perfect play is the learner perfect",
    "search": "rule lists found by a beam or by local search are the learner local_search",
}
GONE = {("rulelist", "refined"): "rules are conjunctions with atoms=conjunctions, the default"}  # options
SAMPLE = "sample is now held_out, the share kept from the fit: give held_out = {held_out}, and split = boards (the default) or positions"
LANGUAGES = ("language", "default")  # options that name a language


GREEDY = {"atoms": "single", "polish": False}  # what rule lists were unless they were refined


class FormerNameWarning(FutureWarning):
    """A former name was read; the next version refuses it."""


def present_held_out(sample: float) -> float:
    """The share held out where a share `sample` was fitted, without the rounding of the difference: 0.7 for 0.3."""
    return round(1.0 - sample, 12)


def about_sample(sample: object) -> str:
    """What to write instead of a former `sample`, in a line."""
    if isinstance(sample, float) and 0.0 < sample < 1.0:
        return SAMPLE.format(held_out=f"{present_held_out(sample):g}")
    return SAMPLE.format(held_out="1 - sample")


def present_language(name: str) -> str:
    """A language in the present names of its parts."""
    return "+".join(PARTS.get(part, part) for part in name.split("+"))


def read_language(name: str) -> str:
    """As `present_language`, with a FormerNameWarning where a name is a former one."""
    present = present_language(name)
    for part in name.split("+"):
        if part in PARTS:
            text = f"language {name!r}: {part} is now called {PARTS[part]}; write {present!r}, the next version reads nothing else"
            warnings.warn(text, FormerNameWarning, stacklevel=2)
    return present


def present_learner(name: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """A learner and its options, as an older file names them, in present names. Raises TypeError for options that are no mapping."""
    if not isinstance(options, Mapping):
        raise TypeError(f"options are a mapping, not {options!r}")
    languages = {key: present_language(value) for key, value in options.items() if key in LANGUAGES and isinstance(value, str)}
    present = {**options, **languages}
    if name == "rulelist" and "refined" in present:
        present |= {"atoms": "conjunctions"} if present.pop("refined") else GREEDY
    return LEARNERS.get(name, name), present
