"""docs/compression.md: how small trained networks become stage by stage, measured from the files.

Nothing is timed, so other work on the machine makes no difference.
"""

import sys
import textwrap
from collections.abc import Iterator, Sequence

from bench.cli.compress import StageRow, measure_file
from bench.studies import diagrams
from bench.studies.page import Page, Part
from policies.api import Task
from policies.codec.integer_arrays import METHODS
from policies.networks.network import NetworkLearner, fit_by_stages, lessons_of
from policies.networks.policy import NetworkPolicy
from policies.networks.stages import Stage, apply, parse_pipeline, written
from policies.task import make_task

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
CODERS_HEAD = "| game | pipeline | raw | huffman | range | adaptive |"
DIRECT_HEAD = "| game | width | steps | weights left | file bits | gain | never loses |"
RULE = "|---|---|--:|--:|--:|--:|--:|--:|---|"


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
) -> dict[str, str]:
    """The blocks of the page."""
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
    said_of_coders = (
        f"Here range coding takes between {-max(more):,} and {-min(more):,} bits less than Huffman coding."
        if max(more) <= 0
        else f"Here range coding takes up to {-min(more):,} bits less than Huffman coding, and up to {max(more):,} more."
    )
    said_of_directs = (said(game, rows, [*headline, *longer], best) for game, rows in directs.items())
    return {
        "stages.large": f"{table(HEAD, RULE, [line(row) for row in headline])}\n\n{lost(headline)}",
        "stages.longer": f"{table(HEAD, RULE, [line(row) for row in longer])}\n\n{lost(longer)}",
        "stages.methods": table(HEAD, RULE, [line(row) for row in best.values()]),
        "stages.saliency": obd_said(best),
        "stages.coders": f"{table(CODERS_HEAD, '|---|---|--:|--:|--:|--:|', coder_lines)}\n\n{said_of_coders}",
        "stages.direct": "\n\n".join([table(DIRECT_HEAD, "|---|--:|--:|--:|--:|--:|---|", direct_lines), *said_of_directs]),
    }


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


def measured() -> dict[str, str]:
    """The blocks of the page, measured."""
    methods = method_by_method(Bench(*SMALL), METHOD_BY_METHOD)
    headline = list(stage_by_stage(Bench(*LARGE), HEADLINE))
    longer = list(stage_by_stage(Bench(*LARGE[:3], LONGER), HEADLINE))
    return render(headline, longer, methods, {game: list(direct(game)) for game in DIRECT})


PAGES = (
    Page(
        "compression.md",
        {
            "stages": Part(measured, "nine minutes of processor time"),
            "diagrams": Part(diagrams.measured, "a minute of processor time"),
        },
        phrases=(
            f"## Stage by stage on {LARGE[0]}",
            f"A perceptron of {LARGE[2]} hidden layers of {LARGE[1]} units, {LARGE[3]:,} steps.",
            f"The same with {LONGER:,} steps",
            f"## Method by method on {SMALL[0]}",
            f"{SMALL[2]} layers of {SMALL[1]} units, {SMALL[3]:,} steps",
        ),
    ),
)
