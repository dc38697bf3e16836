"""Making a trained network smaller, stage by stage, each a function from network to network; after any of them it can be written.

A pipeline is words with commas between them, for example `prune-90,share-16,huffman`: some stages, then, if need be, how symbols
become bits (policies/codec/integer_arrays.py). Stages that work on weights as real numbers come first: `lowrank`, `tune`, `prune`, `obd`.
One of those that leave a layer a few values comes last: `share`, `uniform`, `ternary`, `binary`. Every stage retrains.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from games.errors import UsageError, WorkError, nearest
from policies.api import Task
from policies.codec.integer_arrays import METHODS, SymbolWriter
from policies.networks import coding
from policies.networks.architectures import layers_of
from policies.networks.factoring import low_rank
from policies.networks.layers import Layer, factored
from policies.networks.policy import NetworkPolicy
from policies.networks.pruning import n_left, optimal_brain_damage, prune
from policies.networks.retraining import Lessons, tune
from policies.networks.rounding import binary, ternary, uniform
from policies.networks.sharing import share


class Stage(NamedTuple):
    """A word of a pipeline: which stage, and its number, 0 where it takes none."""

    name: str
    number: float = 0.0

    def __str__(self) -> str:
        return self.name if KINDS[self.name].numbers is None else f"{self.name}-{self.number:g}"


class Kind(NamedTuple):
    """What a stage does, and the numbers it takes from lowest to highest; None if it takes none."""

    apply: Callable[[NetworkPolicy, float, Lessons], NetworkPolicy]
    what: str
    numbers: tuple[float, float] | None = None
    is_whole: bool = True
    is_last: bool = False  # after it weights are no longer real numbers


def parse_pipeline(text: str) -> tuple[list[Stage], str | None]:
    """The stages of a text and its coder, None if it names none; commas or plus signs part the words.

    Raises UsageError for an unknown word, a number out of range, or an order that cannot be.
    """
    words = [word.strip() for word in re.split(r"[,+]", text)]
    method = words.pop() if words[-1] in METHODS else None
    stages: list[Stage] = []
    for word in words:
        if stages and KINDS[stages[-1].name].is_last:
            raise UsageError(f"{word!r} after {stages[-1].name!r}: after that only a coder can follow ({', '.join(METHODS)})")
        stages.append(_parse_stage(word))
    return stages, method


def _parse_stage(word: str) -> Stage:
    name, dash, number = word.partition("-")
    if name not in KINDS:
        known = [known if kind.numbers is None else f"{known}-N" for known, kind in KINDS.items()]
        raise UsageError(f"unknown stage {word!r}; {nearest(word, [*known, *METHODS])}")
    kind = KINDS[name]
    if kind.numbers is None:
        if dash:
            raise UsageError(f"stage {word!r}: {name} takes no number")
        return Stage(name)
    lowest, highest = kind.numbers
    is_number = re.fullmatch(r"\d{1,9}" if kind.is_whole else r"\d{1,9}(\.\d{1,9})?", number)
    if not is_number or not lowest <= float(number) <= highest:
        among = f"a {'whole ' if kind.is_whole else ''}number from {lowest:g} to {highest:g}"
        raise UsageError(f"stage {word!r}: write {name}-N, {kind.what}, with {among} for N")
    return Stage(name, float(number))


def check_stages(stages: Sequence[Stage], layers: Sequence[Layer]) -> None:
    """Raises UsageError where a stage cannot suit a network of these layers, before it is trained."""
    n_parameters = sum(layer.n_parameters for layer in layers)
    for stage in stages:
        if stage.name in ("prune", "obd"):
            n_left(n_parameters, stage.number)
        if stage.name == "lowrank":
            for layer in layers:
                factored(layer, 1)


def compress(policy: NetworkPolicy, stages: Sequence[Stage], lessons: Lessons) -> Iterator[NetworkPolicy]:
    """The network after each stage. Raises UsageError where a stage does not suit it, WorkError where training diverges."""
    for number, stage in enumerate(stages):
        policy = apply(policy, stage, number, lessons)
        yield policy


def apply(policy: NetworkPolicy, stage: Stage, number: int, lessons: Lessons) -> NetworkPolicy:
    """The network after a stage, the pipeline's `number`-th from 0: what it draws at random depends on that."""
    own = lessons._replace(seed=int(np.random.SeedSequence([lessons.seed, number]).generate_state(1, np.uint64)[0]) >> 1)
    found = KINDS[stage.name].apply(policy, stage.number, own)
    if not coding.is_exact(layers_of(found.design, lessons.task.game), found.layers):
        raise WorkError(f"{stage.name}: the weights have become too large for exact sums; lower the learning rate")
    return found


def written(policy: NetworkPolicy, task: Task, method: str) -> NetworkPolicy:
    """The same network for another coder, each layer sparse or dense, whichever makes the shorter file."""
    best, least = policy, float("inf")
    layers = list(policy.layers)
    for number, layer in enumerate(policy.layers):
        for sparse in (False, True) if (layer.symbols == 0).any() else (False,):
            layers[number] = layer._replace(sparse=sparse)
            found = dataclasses.replace(policy, layers=tuple(layers), method=method)
            n_bytes = len(coding.encode_network(task.game, found.design, found.layers, method))
            if n_bytes < least:
                best, least = found, n_bytes
        layers[number] = best.layers[number]
    return best


def index_bits(policy: NetworkPolicy, task: Task) -> int:
    """How many bits of the file say where the weights that are left stand: those of a file of the gaps alone."""
    wire = SymbolWriter(policy.method)
    for number, (layer, part) in enumerate(zip(layers_of(policy.design, task.game), policy.layers, strict=True)):
        if part.sparse:
            for places in coding.groups_of(layer, number, policy.design, task.game):
                wire.code(np.diff(np.flatnonzero(part.symbols[places]), prepend=-1) - 1, number)
    return 8 * len(wire.finish()) if any(part.sparse for part in policy.layers) else 0


KINDS: dict[str, Kind] = {
    "tune": Kind(tune, "train on in full precision"),
    "prune": Kind(prune, "take N % of the weights away, smallest first", (0, 99.99), is_whole=False),
    "obd": Kind(optimal_brain_damage, "take N % of the weights away, those that the loss needs least first", (0, 99.99), is_whole=False),
    "lowrank": Kind(low_rank, "matrices as products of rank N", (1, 4096)),
    "share": Kind(share, "N values a layer", (1, 4096), is_last=True),
    "uniform": Kind(uniform, "N bits a weight", (2, 8), is_last=True),
    "ternary": Kind(ternary, "weights of -1, 0 and 1", is_last=True),
    "binary": Kind(binary, "weights of -1 and 1", is_last=True),
}
