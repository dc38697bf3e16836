"""The verb `compress`: a network trained in floating point and made smaller stage by stage, every stage measured from its file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from bench.cli.options import GameName, Json, Seed
from bench.cli.outputs import check_file
from bench.terminal import emit_json, emit_table, progress
from bench.wording import count_units
from games.errors import UsageError

if TYPE_CHECKING:
    from policies.api import Task
    from policies.networks.network import NetworkLearner
    from policies.networks.policy import NetworkPolicy

COLUMNS = ["stage", "coder", "weights left", "bits a weight", "bits an index", "file bits", "times smaller", "gain", "never loses"]


class StageRow(NamedTuple):
    """What was measured of one file. The bits of weights and of their places add up to the file."""

    stage: str
    coder: str
    n_left: int  # parameters other than zero
    weight_bits: float  # bits of the file that are no index, design, code books and tables among them, for each weight left
    index_bits: float  # bits that say where a weight stands, for each weight left
    file_bits: int
    ratio: float  # how many times shorter than the file in floating point
    gain: float
    never_loses: str  # from which seats, proved: both, first, second or none


def compress(
    game: GameName,
    stages: Annotated[str, typer.Option(help="What to do, one after another, for example prune-70,uniform-3; perhaps a coder last.")],
    coders: Annotated[str, typer.Option(help="How to write the result, side by side, of: raw, huffman, range, adaptive.")] = "",
    architecture: Annotated[str, typer.Option(help="mlp, linear, deep, conv, separable, fire or softtree.")] = "mlp",
    width: Annotated[int, typer.Option(help="The size of the network: its budget, such as hidden units or channels.")] = 64,
    depth: Annotated[int, typer.Option(help="Hidden layers or blocks.")] = 1,
    steps: Annotated[int, typer.Option(help="Steps of training; stages take parts of that.")] = 1500,
    learning_rate: Annotated[float | None, typer.Option(help="Instead of the learner's own.")] = None,
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Write the shortest file to this one.")] = None,
    json: Json = False,
) -> None:
    """Train a network in floating point, make it smaller stage by stage, and show what each stage saves and costs."""
    from bench.harness.policyfile import pack, save_policy
    from bench.harness.untrusted_ids import explain_command
    from policies.api import check_budgets, check_seeds
    from policies.codec.integer_arrays import METHODS
    from policies.networks.network import NetworkLearner
    from policies.networks.stages import parse_pipeline
    from policies.registry import read_options
    from policies.task import make_task

    parsed, method = parse_pipeline(stages)
    chosen = [name.strip() for name in coders.split(",")] if coders else [method] if method else ["huffman", "range", "adaptive"]
    for name in chosen:
        if name not in METHODS:
            raise UsageError(f"unknown coder {name!r}: choose from {', '.join(METHODS)}")
    check_budgets([width])
    check_seeds([seed])
    if out is not None:
        check_file("--out", out)
    own = {} if learning_rate is None else {"learning_rate": learning_rate}
    options: dict[str, Any] = {"architecture": architecture, "depth": depth, "steps": steps, "stages": stages.replace(",", "+"), **own}
    learner = NetworkLearner(**read_options("network", options))
    rows: list[StageRow] = []
    files: list[bytes] = []
    with progress(len(parsed) + len(chosen) + 1) as bars:
        bar = bars.add_task(f"solving {game}", total=len(parsed) + len(chosen) + 1)
        task = make_task(game)
        bars.update(bar, description="training")
        for row, data in measure_stages(learner, task, width, seed, [str(stage) for stage in parsed], chosen):
            rows.append(row)
            files.append(data)
            bars.update(bar, advance=1, description=row.stage)
    if out is not None:
        best = min(files[-len(chosen) :], key=len)
        save_policy(out, pack(task.game.id, "network", options, width, best))
    if json:
        answer = {"game": task.game.id, "architecture": architecture, "width": width, "depth": depth, "steps": steps, "seed": seed}
        emit_json({**answer, "rows": [row._asdict() for row in rows], "file": None if out is None else str(out)})
        return
    emit_table(f"{architecture} network of {count_units(width, learner.unit)} on {task.game.id}", COLUMNS, [tuple(row) for row in rows])
    if out is not None:
        print(f"written to {out}; `{explain_command(out, task.game.id)}` puts it into words")


def measure_stages(
    learner: "NetworkLearner", task: "Task", size: int, seed: int, names: Sequence[str], coders: Sequence[str]
) -> Iterator[tuple[StageRow, bytes]]:
    """The float network as a raw file, each stage as a raw file, and the last one by each coder: what was measured, and the file."""
    from policies.networks.network import fit_by_stages
    from policies.networks.stages import written

    float_bits = 0
    for name, policy in zip(["float", *names], fit_by_stages(learner, task, learner.design(size), seed), strict=True):
        raw = written(policy, task, "raw")
        row, data = measure_file(learner, task, raw, name, float_bits)
        float_bits = float_bits or row.file_bits
        yield row._replace(ratio=float_bits / row.file_bits), data
    for coder in coders:
        yield measure_file(learner, task, written(policy, task, coder), names[-1] if names else "float", float_bits)


def measure_file(learner: "NetworkLearner", task: "Task", policy: "NetworkPolicy", name: str, float_bits: int) -> tuple[StageRow, bytes]:
    """Write a network, read it back, and measure what was read; also returns the file."""
    from bench.measures.grades import grades
    from policies.api import action_probabilities
    from policies.networks.stages import index_bits

    data = learner.encode(policy, task)
    read = learner.decode(data, task)
    weights = action_probabilities(task.graph, read.scores(task))
    n_left, n_bits = read.n_parameters, 8 * len(data)
    index = index_bits(read, task)
    per = max(1, n_left)
    proved = grades(task.graph, task.solution, weights)
    never_loses = {(True, True): "both", (True, False): "first", (False, True): "second"}.get(
        (proved.never_loses_first, proved.never_loses_second), "none"
    )
    row = StageRow(
        name, read.method, n_left, (n_bits - index) / per, index / per, n_bits, float_bits / n_bits, task.gain(weights), never_loses
    )
    return row, data
