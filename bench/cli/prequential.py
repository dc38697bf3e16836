"""The verb `prequential`: the bits of optimal moves if no policy is sent, because the reader fits it anew."""

import dataclasses
from typing import Annotated

import typer

from bench.cli.options import GameName, Json, LearnerText
from bench.terminal import emit_json, emit_table, working


def prequential(
    learner: LearnerText,
    game: GameName,
    blocks: Annotated[
        int | None, typer.Option(help="How many blocks; each doubles what was sent before. By default the first has about 16 positions.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the order of the positions, and of the learner's random choices.")] = 0,
    ascending: Annotated[
        bool, typer.Option("--ascending", help="Send positions in ascending order of their packed states instead.")
    ] = False,
    json: Json = False,
) -> None:
    """Write optimal moves down in blocks, each with the help of a policy fitted to the blocks before it, and read it back."""
    from bench.measures.coding import encode_exceptions
    from bench.measures.heldout import check_learner
    from bench.measures.prequential import Plan, default_blocks, encode, no_scores
    from policies.api import check_seeds
    from policies.registry import make_learner, parse_learner
    from policies.task import make_task

    name, options = parse_learner(learner)
    chosen = make_learner(name, options)
    check_learner(name)
    check_seeds([seed])
    with working(f"solving {game}"):
        task = make_task(game)
    with working("fitting, writing and reading block by block"):
        message = encode(task, chosen, Plan(default_blocks(task.graph) if blocks is None else blocks, seed, ascending))
        alone = 8 * len(encode_exceptions(task.graph, no_scores(task.graph), task.solution.optimal))
    bits = 8 * len(message.data)
    answer = {
        "game": task.game.id,
        "learner": name,
        "options": options,
        "unit": chosen.unit,
        "seed": seed,
        "ascending": ascending,
        "bits": bits,
        "no_policy_bits": alone,
        "blocks": [dataclasses.asdict(block) for block in message.blocks],
    }
    if json:
        emit_json(answer)
        return
    rows = [(block.positions, block.budget or None, round(block.bits)) for block in message.blocks]
    emit_table("", ["positions", chosen.unit, "bits"], rows)
    print(f"{bits:,} bits in all, read back and checked; {alone:,} bits without a policy")
