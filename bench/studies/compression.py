"""How small trained networks become stage by stage, measured from the files.

`python -m bench.studies.compression --write` takes some nine minutes of processor time and writes docs/compression.md anew;
test_compression_page.py checks the page. Nothing is timed, so other work on the machine makes no difference.
"""

import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.cli.compress import StageRow, measure_file
from policies.api import Task
from policies.codec.integer_arrays import METHODS
from policies.networks.network import NetworkLearner, fit_by_stages, lessons_of
from policies.networks.policy import NetworkPolicy
from policies.networks.stages import Stage, apply, parse_pipeline, written
from policies.task import make_task

PAGE = Path(__file__).parents[2] / "docs" / "compression.md"
HEADLINE = ("prune-75,uniform-4", "prune-75,share-16")
METHOD_BY_METHOD = (
    "tune",
    "prune-70",
    "prune-80",
    "prune-90",
    "obd-70",
    "obd-80",
    "lowrank-16",
    "share-32",
    "share-16",
    "share-4",
    "uniform-8",
    "uniform-4",
    "uniform-3",
    "ternary",
    "binary",
    "prune-80,share-16",
    "prune-80,uniform-4",
    "prune-60,uniform-3",
    "prune-50,ternary",
    "lowrank-16,prune-50,uniform-4",
)
LARGE = ("go-3x4", 256, 2, 2000)  # game, width, depth, steps
LONGER = 4000  # steps
SMALL = ("go-3x3", 64, 2, 1500)
DIRECT = {"go-3x3": ((16, 24, 32, 48), 1500), "go-3x4": ((128, 160), 6000)}  # widths and steps

HEAD = "| stage | coder | weights left | bits a weight | bits an index | file bits | times smaller | gain | never loses |"
SLACK = 0.001
DIRECT_HEAD = "| game | width | steps | weights left | file bits | gain | never loses |"
RULE = "|---|---|--:|--:|--:|--:|--:|--:|---|"

TEXT = """# Compression

How much smaller a trained network becomes by pruning, weight sharing, few-bit weights, low-rank factors and entropy coding, and
what that costs in play. Every number is that of a file: written, read back, and the network that was read is measured at every
position of the game. `gaincurve compress` prints such a table for any network, and the learner's option `stages` does the same
in a suite:

```sh
gaincurve compress --game tictactoe --width 16 --steps 300 --stages prune-50,share-8 --coders huffman,range,adaptive
gaincurve fit network:stages=prune-50+share-8+range,steps=300 --game tictactoe --budget 16
```

A network is trained in 32-bit floating point; then come the stages. Each retrains the network, for as long as it was trained or
less (`policies/networks/retraining.py`).

| stage | what it does |
|---|---|
| `tune` | trains on in full precision |
| `prune-N` | takes N % of the weights away, the smallest first (Han et al. 2015) |
| `obd-N` | the same, those first that the loss needs least (Optimal Brain Damage, LeCun et al. 1990) |
| `lowrank-N` | every matrix that gets smaller by it as the nearest product of rank N, then training |
| `share-N` | N values a layer by k-means, then training of these (Deep Compression, Han, Mao & Dally 2016) |
| `uniform-N` | N bits a weight, whole multiples of a step up and down, trained through the rounding |
| `ternary` | the same with one step up, one down, and zero |
| `binary` | one step up or down (Rastegari et al. 2016) |
| `raw` `huffman` `range` `adaptive` | how symbols become bits; at the end |

Size is counted in units of the root mean square of the layer's weights, and pruning goes in four rounds with retraining after each.
What the loss needs is h w^2 / 2, h being the diagonal of its Hessian: each entry is computed up to 256 weights, and beyond that
estimated by 64 vectors of random signs (Hutchinson). Sharing starts from evenly spread values, and each value is trained by the
sum of its weights' gradients. Pruning also takes the weights of units that nothing listens to, or that are always zero, which
costs nothing.

A layer is written with the distance from one weight that is left to the next (the *index*), or with its zeros among the symbols,
whichever makes the shorter file. *Bits a weight* counts all of the file that is no index, design, steps, code books and tables
among it, for each weight left, so both columns together times the weights left are the file. *Never loses* is proved by walking
through every line of play: from which seats; where one side wins with perfect play, the other seat is out of reach.

`python -m bench.studies.compression --write` measures all that follows again and writes this page. All sizes are upper bounds found
by few tries, from one seed.

## Stage by stage on {LARGE_GAME}

A perceptron of {LARGE_DEPTH} hidden layers of {LARGE_WIDTH} units, {LARGE_STEPS} steps. Deep Compression reports the same kind of table
(its Table 1) for networks that recognise pictures, 35 to 49 times smaller at no loss of accuracy.

{HEADLINE}

{HEADLINE_SAID}

## From longer training

The same with {LONGER} steps, and stages that train longer in proportion: the network starts out better.

{LONGER_TABLE}

{LONGER_SAID}

## Method by method on {SMALL_GAME}

The same on a smaller network, {SMALL_DEPTH} layers of {SMALL_WIDTH} units, {SMALL_STEPS} steps; one line a pipeline, as its shortest
coder writes it.

{METHODS}

Optimal Brain Damage supposes a loss with curvature at its minimum, and a network that has learned its game has hardly any loss left.
{OBD_SAID}

## Coders side by side

File bits of the same networks under each coder. Range coding may not be longer than Huffman coding by more than two bytes an
array and 0.006 bits a symbol, by the construction of the format (`policies/codec/integer_arrays.py`).

{CODERS}

{CODERS_SAID}

## Trained with few bits from the start

How many times smaller a file is than one in floating point says as much of the waste in the first as of the care in the last. So
a large network made small is held against small networks that never were large: the same training, with weights rounded to a
coarse step in its last 30 %, the learner's default (`gaincurve fit network:depth=2,steps=... --budget WIDTH`). With all its stages
a pipeline such as `prune-75,uniform-4` trains three times as long as its network was trained at first.

{DIRECT}

{DIRECT_SAID}
"""


class Bench:
    """Pipelines that start from one trained network; what two have in common is done once."""

    def __init__(self, game: str, width: int, depth: int, steps: int) -> None:
        self.task: Task = make_task(game)
        self.learner, self.width = NetworkLearner(depth=depth, steps=steps, stages="raw"), width
        design = self.learner.design(width)
        self.lessons = lessons_of(self.learner, self.task, design, 0)
        self.known: dict[tuple[Stage, ...], NetworkPolicy] = {(): next(fit_by_stages(self.learner, self.task, design, 0))}
        self.float_bits = self.measure((), "raw").file_bits

    def after(self, stages: Sequence[Stage]) -> NetworkPolicy:
        """The network after the stages."""
        done = tuple(stages)
        if done not in self.known:
            self.known[done] = apply(self.after(done[:-1]), done[-1], len(done) - 1, self.lessons)
        return self.known[done]

    def measure(self, stages: Sequence[Stage], method: str) -> StageRow:
        """What the file of that network is worth."""
        name = ",".join(map(str, stages)) or "float"
        policy = written(self.after(stages), self.task, method)
        row, _ = measure_file(self.learner, self.task, policy, name, self.float_bits if self.known and stages else 0)
        found = row if stages else row._replace(ratio=1.0)
        print(line(found), file=sys.stderr, flush=True)
        return found


def line(row: StageRow) -> str:
    """A row of a table."""
    bits = f"{row.n_left:,} | {row.weight_bits:.2f} | {row.index_bits:.2f} | {row.file_bits:,} | {row.ratio:.1f}"
    return f"| {row.stage} | {row.coder} | {bits} | {row.gain:.4f} | {row.never_loses} |"


def stage_by_stage(bench: Bench, pipelines: Sequence[str]) -> Iterator[StageRow]:
    """Every stage as a raw file, and the end of each pipeline by all coders."""
    seen: set[tuple[Stage, ...]] = set()
    for text in pipelines:
        stages, _ = parse_pipeline(text)
        for n in range(len(stages) + 1):
            if tuple(stages[:n]) not in seen:
                seen.add(tuple(stages[:n]))
                yield bench.measure(stages[:n], "raw")
        for method in METHODS[1:]:
            yield bench.measure(stages, method)


def method_by_method(bench: Bench, pipelines: Sequence[str]) -> list[list[StageRow]]:
    """Each pipeline by every coder that its symbols suit."""
    found = []
    for text in pipelines:
        stages, _ = parse_pipeline(text)
        is_float = bench.after(stages).layers[0].kind == "float"
        found.append([bench.measure(stages, method) for method in (("raw",) if is_float else METHODS)])
    return found


def direct(game: str) -> Iterator[tuple[int, StageRow]]:
    """Networks of two hidden layers trained with few bits from the start, of several widths."""
    widths, steps = DIRECT[game]
    task, learner = make_task(game), NetworkLearner(depth=2, steps=steps)
    for width, policy in zip(widths, learner.fit_path(task, widths, 0), strict=True):
        row, _ = measure_file(learner, task, policy, f"width {width}", 0)
        print(line(row), file=sys.stderr, flush=True)
        yield width, row


def table(head: str, rule: str, lines: Sequence[str]) -> str:
    """A table."""
    return "\n".join([head, rule, *lines])


def render(
    headline: Sequence[StageRow],
    longer: Sequence[StageRow],
    methods: Sequence[Sequence[StageRow]],
    directs: dict[str, list[tuple[int, StageRow]]],
) -> str:
    """The page."""
    best = {rows[0].stage: min(rows, key=lambda row: row.file_bits) for rows in methods}
    coded = [row for row in headline if "," in row.stage] + [row for rows in methods if len(rows) > 1 for row in rows]
    lengths: dict[tuple[str, str], dict[str, int]] = {}
    for row in coded:
        game = LARGE[0] if row in headline else SMALL[0]
        lengths.setdefault((game, row.stage), {})[row.coder] = row.file_bits
    coder_lines = [
        f"| {game} | {stage} | " + " | ".join(f"{bits[method]:,}" for method in METHODS) + " |" for (game, stage), bits in lengths.items()
    ]
    more = [bits["range"] - bits["huffman"] for bits in lengths.values()]
    direct_lines = [
        f"| {game} | {width} | {DIRECT[game][1]:,} | {row.n_left:,} | {row.file_bits:,} | {row.gain:.4f} | {row.never_loses} |"
        for game, rows in directs.items()
        for width, row in rows
    ]
    values = {
        "LARGE_GAME": LARGE[0], "LARGE_WIDTH": LARGE[1], "LARGE_DEPTH": LARGE[2], "LARGE_STEPS": f"{LARGE[3]:,}",
        "SMALL_GAME": SMALL[0], "SMALL_WIDTH": SMALL[1], "SMALL_DEPTH": SMALL[2], "SMALL_STEPS": f"{SMALL[3]:,}",
        "HEADLINE": table(HEAD, RULE, [line(row) for row in headline]),
        "HEADLINE_SAID": lost(headline),
        "LONGER": f"{LONGER:,}",
        "LONGER_TABLE": table(HEAD, RULE, [line(row) for row in longer]),
        "LONGER_SAID": lost(longer),
        "METHODS": table(HEAD, RULE, [line(row) for row in best.values()]),
        "OBD_SAID": obd_said(best),
        "CODERS": table("| game | pipeline | raw | huffman | range | adaptive |", "|---|---|--:|--:|--:|--:|", coder_lines),
        "CODERS_SAID": f"Here range coding takes between {-max(more):,} and {-min(more):,} bits less than Huffman coding."
        if max(more) <= 0
        else f"Here range coding takes up to {-min(more):,} bits less than Huffman coding, and up to {max(more):,} more.",
        "DIRECT": table(DIRECT_HEAD, "|---|--:|--:|--:|--:|--:|---|", direct_lines),
        "DIRECT_SAID": "\n\n".join(said(game, rows, [*headline, *longer], best) for game, rows in directs.items()),
    }  # fmt: skip
    text = TEXT
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def lost(rows: Sequence[StageRow]) -> str:
    """What the first pipeline saves and costs."""
    final = min((row for row in rows if row.stage == HEADLINE[0]), key=lambda row: row.file_bits)
    cost = f"has lost {rows[0].gain - final.gain:.4f} of the gain"
    return f"`{final.stage}` is {final.ratio:.1f} times smaller than the file in floating point and {cost}."


def obd_said(best: dict[str, StageRow]) -> str:
    """Pruning by saliency beside pruning by size."""
    pairs = [(best[name].gain, best[name.replace("obd", "prune")].gain, name) for name in best if name.startswith("obd")]
    parts = [f"`{name}` leaves a gain of {by_saliency:.4f}, by size it is {by_size:.4f}" for by_saliency, by_size, name in pairs]
    return "Here " + "; ".join(parts) + "."


def said(game: str, rows: Sequence[tuple[int, StageRow]], headline: Sequence[StageRow], best: dict[str, StageRow]) -> str:
    """Each direct network beside the shortest pipeline of its gain, SLACK less at most."""
    pipelines = list(headline) if game == LARGE[0] else list(best.values())
    parts = []
    for width, row in rows:
        reached = [other for other in pipelines if other.gain >= row.gain - SLACK]
        text = f"width {width} has {row.gain:.4f} in {row.file_bits:,} bits, "
        if reached:
            shortest = min(reached, key=lambda other: other.file_bits)
            parts.append(text + f"`{shortest.stage}` {shortest.gain:.4f} in {shortest.file_bits:,}")
        else:
            parts.append(text + "which no pipeline above comes near")
    text = f"On {game}, beside the shortest pipeline of at most {SLACK:g} less gain: " + "; ".join(parts) + "."
    return textwrap.fill(text, 130, break_on_hyphens=False)


def main() -> None:
    """Measure and write the page."""
    small = Bench(*SMALL)
    methods = method_by_method(small, METHOD_BY_METHOD)
    headline = list(stage_by_stage(Bench(*LARGE), HEADLINE))
    longer = list(stage_by_stage(Bench(*LARGE[:3], LONGER), HEADLINE))
    directs = {game: list(direct(game)) for game in DIRECT}
    text = render(headline, longer, methods, directs)
    if "--write" in sys.argv[1:]:
        PAGE.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
