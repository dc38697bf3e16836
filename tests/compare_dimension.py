"""Intrinsic dimension of networks on several games, measured in one run.

`python -m tests.compare_dimension FOLDER` measures for some minutes and writes docs/dimension.md anew, which
test_dimension_page.py checks. FOLDER keeps the answers of the verb `dimension`, so an interrupted run goes on where it stopped.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from policies.api import action_probabilities
from policies.networks.network import NetworkLearner
from policies.task import make_task

PAGE = Path(__file__).parents[1] / "docs" / "dimension.md"
CELLS = [("tictactoe", 16), ("go-2x3", 16), ("go-3x3", 16)]  # game, hidden units
SEEDS = [0, 1]
NARROW = [("tictactoe", 16), ("tictactoe", 8), ("go-2x3", 16), ("go-2x3", 4)]

TEXT = """# Intrinsic dimension

How many numbers does a network have to learn, whatever its size? Li, Farkhoor, Liu & Yosinski ("Measuring the intrinsic dimension
of objective landscapes", 2018) train only a random subspace of the parameters: theta0 + P z, where z has d coordinates.
The smallest d whose network reaches 90 % of the gain of the whole network is d90, the smallest that comes within 0.001 of it d100.
And since theta0 and P follow from a seed, a file needs to hold just the seed and the d whole numbers z: the learner `subspace`.

```sh
gaincurve dimension --game tictactoe --size 16 --seed 0 --seed 1
gaincurve fit subspace:size=16 --game tictactoe --budget 64
```

P has one entry a row, 1 or -1: all parameters are dealt out at random to the coordinates, so that columns are orthogonal and
equally long, and d equal to the number of parameters spans everything (weights shared by hash: Chen, Wilson, Tyree,
Weinberger & Chen 2015). Li et al. use dense or sparse random matrices. The difference is small: on tic-tac-toe with 16 hidden
units, in 16, 64 and 128 dimensions, eight subspaces gained .48, .86 and .98 on average with one entry a row, .51, .86 and .97 with
dense signs, and .54, .85 and .97 with normal numbers, with standard deviations of .05, .01 and .01.
All of it is drawn by integers (`games/splitmix.py`), every parameter is a multiple of a power of two, and so every
machine rebuilds the same network. Coordinates are rounded to whole multiples of one step, with which the last 30 % of the
training learn to live.

## How many dimensions

One hidden layer, {STEPS} steps, seeds {SEEDS}. Each seed climbs its own ladder of dimensions 1, 2, 3, 4, 6, 8, 11, 16, ... until
one comes within 0.001 of the whole network, which is trained with the same seed, at the learning rate that suits it. Of several
subspaces that are trained at once the one that plays best is kept, as of the starts of the whole network. All dimensions
are upper bounds found by search: more steps, starts or other learning rates can only lower them. *Bits* are those of the
files: at d90, at d100 and of the whole network, means over seeds; a dash says that a seed never got there.

| game | hidden units | parameters | gain | d90 | d100 | bits at d90 | at d100 | whole |
|---|--:|--:|--:|--:|--:|--:|--:|--:|
{SUMMARY}

{SAYS}

The whole network is rounded as finely here as the coordinates are (`coarseness=0.25`), so part of what is saved is rounding. The
learner `network` with its own options, seed 0, that is small enough by its width instead:

| game | hidden units | gain | bits |
|---|--:|--:|--:|
{NARROW}

So a random subspace of the wide network is a little shorter than the narrow network, and much shorter than the wide one.

## Gain by dimension

Means over the seeds that climbed so far, and bits of the file.

| dimensions | {HEAD} |
|--:|{RULE}
{LADDERS}

`python -m tests.compare_dimension FOLDER` measures all this again and writes this page.
"""

SAYS = """On tic-tac-toe and on Go 2x3 a part of the numbers that the network has is enough to play as well, that is perfectly, and
the file is a third to a fifth as long. On Go 3x3 the network of 16 hidden units does not play perfectly, and to play as well as it does
takes nearly all of its parameters, if that: from 64 dimensions on each doubling closes a third to a half of what is left to
perfect play. Whether a wider network would do with fewer was not measured."""


def answer(game: str, size: int, folder: Path) -> dict[str, Any]:
    """What the verb says of one network, from the folder or measured now."""
    path = folder / f"{game}-{size}.json"
    if not path.exists():
        words = ["dimension", "--game", game, "--size", str(size), *(word for seed in SEEDS for word in ("--seed", str(seed))), "--json"]
        path.write_bytes(subprocess.run([sys.executable, "-m", "gaincurve", *words], stdout=subprocess.PIPE, check=True).stdout)
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


def render(answers: list[dict[str, Any]]) -> str:
    """The page."""
    head = " | ".join(f"{found['game']}, {found['learner']['size']} | bits" for found in answers)
    steps = {found["learner"]["steps"] for found in answers}
    return TEXT.format(
        STEPS=f"{steps.pop():,}",
        SEEDS=" and ".join(map(str, SEEDS)),
        SUMMARY="\n".join(map(summary, answers)),
        SAYS=SAYS,
        NARROW="\n".join(narrow(*each) for each in NARROW),
        HEAD=head,
        RULE="--:|--:|" * len(answers),
        LADDERS="\n".join(ladders(answers)),
    )


def main() -> None:
    """Measure what is missing, and write."""
    if len(sys.argv) != 2:
        raise SystemExit(f"{__doc__}")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render([answer(game, size, folder) for game, size in CELLS]))


if __name__ == "__main__":
    main()
