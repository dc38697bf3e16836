"""The lines of `explain --units` about a network: a conjunction for each unit, and the number of rules that explain its play."""

from typing import Any

from bench.terminal import working
from bench.wording import show

SIZES = (0, *(1 << i for i in range(31)))  # of lists that are printed, beside those that reach a level
MAX_UNITS = 24  # that are printed; --json has all


def units_of(policy: Any, task: Any) -> dict[str, Any]:
    """The matches of the units and the fidelity of a list, as plain JSON."""
    from bench.measures.heuristics import LEVELS, explain_play, match_units
    from policies.networks.diagnostics import Probe
    from policies.registry import make_learner

    with working("matching units"):
        matches = match_units(Probe(policy, task))
    with working("explaining its play"):
        play = explain_play(task, policy.scores(task), make_learner("rulelist"))
    return {
        "units": [match._asdict() for match in matches],
        "play": {
            "rules": {f"{level:g}": play.n_rules(level) for level in LEVELS},
            "sizes": list(play.sizes),
            "fidelity": list(play.fidelities),
            "gain": list(play.gains),
        },
    }


def units_in_words(answer: dict[str, Any]) -> list[str]:
    """The same as lines for a terminal."""
    units, play = answer["units"], answer["play"]
    lines = ["", "Each unit by the conjunction that fits best where it is active (F1; in brackets that of `always`):"]
    lines += [_unit_in_words(unit) for unit in units[:MAX_UNITS]]
    if len(units) > MAX_UNITS:
        lines.append(f"  {len(units) - MAX_UNITS} more units: --json has all")
    if units:
        means = [sum(unit[key] for unit in units) / len(units) for key in ("f1", "always")]
        lines.append(f"  mean F1 {means[0]:.2f}, of `always` {means[1]:.2f}")
    reached = [f"{float(level):.0%} with {show(size)}" for level, size in play["rules"].items()]
    lines += ["Rules of a list fitted to its play that make the same choices: " + ", ".join(reached)]
    lines += ["   rules  fidelity    gain"]
    marks = {size for size in play["rules"].values() if size is not None}
    wanted = [i for i, size in enumerate(play["sizes"]) if size in marks or size in SIZES or size == play["sizes"][-1]]
    return lines + [f"{play['sizes'][i]:>8,}  {play['fidelity'][i]:>8.4f}  {play['gain'][i]:>6.4f}" for i in wanted]


def _unit_in_words(unit: dict[str, Any]) -> str:
    return f"  {unit['unit']:<8} active {unit['active']:4.0%}  F1 {unit['f1']:.2f} ({unit['always']:.2f})  {unit['text']}"
