"""The verb `dimension`: in how few dimensions a network for a game can be trained."""

import dataclasses
import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bench.cli.options import GameName, Json, Weights
from bench.terminal import emit_json, emit_table, progress, working
from bench.wording import count

if TYPE_CHECKING:
    from bench.measures.dimension import Ladder


def dimension(
    game: GameName,
    architecture: Annotated[str, typer.Option(help="The family of networks: linear, mlp, conv ...")] = "mlp",
    size: Annotated[int, typer.Option(help="What the knob of the architecture counts: hidden units, channels ...")] = 16,
    depth: Annotated[int, typer.Option(help="Hidden layers or blocks.")] = 1,
    equivariant: Annotated[bool, typer.Option("--equivariant", help="Share weights over the symmetries of the board.")] = False,
    steps: Annotated[int, typer.Option(help="Steps of training, of the whole network and of each subspace.")] = 1500,
    seed: Annotated[list[int] | None, typer.Option(help="Seed of subspaces and batches; may be repeated.")] = None,
    weights: Weights = "uniform",
    json: Json = False,
) -> None:
    """Train a network in random subspaces of growing dimension, and find the fewest in which it plays as well (d90, d100)."""
    from bench.measures.dimension import climb
    from policies.api import check_seeds
    from policies.networks.subspace import SubspaceLearner
    from policies.position_weights import read_kind
    from policies.registry import read_options
    from policies.task import make_task

    options = {"architecture": architecture, "size": size, "depth": depth, "equivariant": equivariant, "steps": steps}
    learner = SubspaceLearner(**read_options("subspace", options))
    seeds = check_seeds(seed or [0])
    with working(f"solving {game}"):
        task = make_task(game, weights)
    with progress() as bars:
        bar = bars.add_task("")
        found = climb(task, learner, seeds, lambda text: bars.update(bar, description=text))
    levels = {"d90": found.d90(), "d100": found.d100()}
    if json:
        answer: dict[str, Any] = {"game": task.game.id, "weights": read_kind(weights), "learner": dataclasses.asdict(learner)}
        emit_json(answer | dataclasses.asdict(found) | levels)
        return
    columns = ["dimensions", "seeds", "gain", "least", "most", "bits"]
    emit_table(f"{architecture} of size {size} on {task.game.id}", columns, _rows(found))
    for name, each in levels.items():
        print(f"{name}: {_in_words(each)} of {found.n_parameters:,}")
    print(f"Upper bounds, found on a ladder of dimensions with {count(steps, 'step')} of training for each.")


def _rows(found: "Ladder") -> list[list[object]]:
    """A row for each rung, and last the whole network: gains over the seeds that climbed so far."""
    groups = [[rung for rung in found.rungs if rung.dimension == each] for each in sorted({rung.dimension for rung in found.rungs})]
    rows: list[list[object]] = []
    for group, name in [*((group, f"{group[0].dimension:,}") for group in groups), (found.full, f"all {found.n_parameters:,}")]:
        gains = [each.gain for each in group]
        mean_bits = round(statistics.fmean(each.bits for each in group))
        rows.append([name, len(group), statistics.fmean(gains), min(gains), max(gains), mean_bits])
    return rows


def _in_words(dimensions: Sequence[int | None]) -> str:
    reached = sorted(each for each in dimensions if each is not None)
    if not reached:
        return "not reached in any"
    text = f"at most {reached[0]:,}"
    if len(dimensions) > 1:
        text += f", that of the best of {len(dimensions)} seeds ({', '.join(f'{each:,}' if each else 'none' for each in dimensions)}),"
    return text
