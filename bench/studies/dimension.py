"""docs/dimension.md: the intrinsic dimension of networks on several games.

The answers of the verb `dimension` are kept in build/dimension, under the commit that gave them, so an interrupted measurement goes
on where it stopped.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.harness.versions import provenance
from bench.studies.page import ROOT, Page, Part
from policies.api import action_probabilities
from policies.networks.network import NetworkLearner
from policies.networks.subspace import SubspaceLearner
from policies.task import make_task

CELLS = [("tictactoe", 16), ("go-2x3", 16), ("go-3x3", 16)]  # game, hidden units
SEEDS = [0, 1]
NARROW = [("tictactoe", 16), ("tictactoe", 8), ("go-2x3", 16), ("go-2x3", 4)]
SUMMARY_HEAD = """\
| game | hidden units | parameters | gain | d90 | d100 | bits at d90 | at d100 | whole |
|---|--:|--:|--:|--:|--:|--:|--:|--:|"""
NARROW_HEAD = """\
| game | hidden units | gain | bits |
|---|--:|--:|--:|"""


def answer(game: str, size: int, folder: Path) -> dict[str, Any]:
    """What the verb says of one network, from the folder or measured now."""
    path = folder / f"{game}-{size}.json"
    if not path.exists():
        words = ["dimension", "--game", game, "--size", str(size), *(word for seed in SEEDS for word in ("--seed", str(seed))), "--json"]
        path.write_bytes(subprocess.run([sys.executable, "-m", "bench", *words], stdout=subprocess.PIPE, check=True).stdout)
        print(f"{game}, {size} hidden units: done", file=sys.stderr, flush=True)
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def summary(found: dict[str, Any]) -> str:
    """A line of the first table."""
    bits = {(rung["seed"], rung["dimension"]): rung["bits"] for rung in found["rungs"]}
    seeds = [whole["seed"] for whole in found["full"]]
    at = [[bits.get((seed, each)) for seed, each in zip(seeds, found[name], strict=True)] for name in ("d90", "d100")]
    cells = [
        found["game"],
        found["learner"]["size"],
        f"{found['n_parameters']:,}",
        f"{statistics.fmean(whole['gain'] for whole in found['full']):.4f}",
        *(" and ".join("-" if each is None else f"{each:,}" for each in found[name]) for name in ("d90", "d100")),
        *(_mean(each) for each in at),
        _mean([whole["bits"] for whole in found["full"]]),
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def narrow(game: str, size: int) -> str:
    """A line of the second table, measured now."""
    task, learner = make_task(game), NetworkLearner()
    (policy,) = learner.fit_path(task, [size], 0)
    gain = task.gain(action_probabilities(task.graph, policy.scores(task)))
    return f"| {game} | {size} | {gain:.4f} | {8 * len(learner.encode(policy, task)):,} |"


def ladders(answers: list[dict[str, Any]]) -> list[str]:
    """The lines of the last table."""
    lines = []
    for dimension in sorted({rung["dimension"] for found in answers for rung in found["rungs"]}):
        cells = [f"{dimension:,}"]
        for found in answers:
            rungs = [rung for rung in found["rungs"] if rung["dimension"] == dimension]
            gain = f"{statistics.fmean(rung['gain'] for rung in rungs):.4f}" if rungs else ""
            cells += [gain, _mean([rung["bits"] for rung in rungs]) if rungs else ""]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _mean(numbers: list[int | None]) -> str:
    known = [number for number in numbers if number is not None]
    return f"{round(statistics.fmean(known)):,}" if len(known) == len(numbers) else "-"


def climbed() -> dict[str, str]:
    """How many dimensions each network takes, and its gain by dimension: what is missing is measured."""
    folder = ROOT / "build" / "dimension" / str(provenance()["commit"])
    folder.mkdir(parents=True, exist_ok=True)
    answers = [answer(game, size, folder) for game, size in CELLS]
    head = " | ".join(f"{found['game']}, {found['learner']['size']} | bits" for found in answers)
    return {
        "ladders.summary": "\n".join([SUMMARY_HEAD, *map(summary, answers)]),
        "ladders.gains": "\n".join([f"| dimensions | {head} |", f"|--:|{'--:|--:|' * len(answers)}", *ladders(answers)]),
    }


def narrowed() -> dict[str, str]:
    """The learner `network` with its own options, at several widths."""
    return {"narrow": "\n".join([NARROW_HEAD, *(narrow(*each) for each in NARROW)])}


PAGES = (
    Page(
        "dimension.md",
        {"ladders": Part(climbed, "some minutes"), "narrow": Part(narrowed, "a minute")},
        phrases=(f"One hidden layer, {SubspaceLearner().steps:,} steps, seeds {' and '.join(map(str, SEEDS))}.",),
    ),
)
