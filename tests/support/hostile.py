"""Hostile policy files: the bytes of real policies, damaged, spliced or inflated, and headers that say what is not so."""

import dataclasses
import functools
import json
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from bench.harness.policyfile import pack
from games.errors import GaincurveError
from policies.codec.adaptive_coder import Encoder
from policies.networks.architectures import Design
from policies.networks.coding import code_design, finish_writing, start_writing
from policies.registry import LEARNERS, PRESETS, make_learner
from policies.task import make_task
from policies.trees.coding import code_tree
from policies.trees.tree import TreeLearner

GAMES = ("tictactoe", "nim-3-4-5", "go-2x3", "kalah-2-2")
BUDGET = 4
FEW: dict[str, Any] = {"positions": 50, "features": 20}
CHEAP: dict[str, list[dict[str, Any]]] = {  # options with which a fit takes a fraction of a second; none unless given
    "network": [{"steps": 5, "method": method} for method in ("adaptive", "raw", "huffman", "range")]
    + [{"steps": 5, "architecture": "conv"}],
    "subspace": [{"steps": 5}, {"steps": 5, "method": "range"}],
    "table": [{}, {"default": "concepts"}],
    "tree": [{"features": 50}],
    "dag": [{"features": 50}],
    "boosted": [FEW],
    "cart": [FEW],
    "ripper": [{**FEW, "optimizations": 0}],
    "symbolic": [{**FEW, "population": 20, "generations": 2}],
}
LENGTH = 64  # of what is put into a file

# Values that no field, or not every field, of a header takes.
ODD: list[Any] = [None, True, -1, 0, 2**63 - 1, 2**64, 10**400, 1.5, 1e308, "", "x", "\0", "é\t", "../../x", "x" * 5000, [], [[]], {}]
NO_GAMES = [
    *("", ":", "-", "\0", "é", "tictactoe-3", "go-", "go-2x3 ", "go-2x3x4", "go-99x99", "go-2x3/../../x", "../../go-2x3", "hex-9"),
    *("nim-", "nim-0", "nim-999", "nim-9999999999", "nim-1-1-1-1-1-1-1-1-1", "kalah-99-99", "planted-zipf-999999", "go-" + "9" * 5000),
    *(
        "random-",
        "random-random-nim-1-2",
        "os:abort",
        "random-os:abort",
        "openspiel:os:abort",
        "tests.support.hostile:sound",
        "x" * 100_000,
    ),
    *("nim-" + "9" * 5000, "misere_nim-" + "9" * 5000, "go-2x3\n", "os\nx:y"),
]
# Networks near the largest that a file may say, and beyond, of which nothing but the size is there.
HUGE = [
    *(Design("mlp", 181, 64), Design("deep", 64, width=180), Design("conv", 340), Design("separable", 455), Design("fire", 911)),
    *(Design("softtree", 12), Design("linear", 2**30 - 2), Design("mlp", 2**30 - 2), Design("mlp", 4, 2**30 - 2)),
    *(Design("deep", 1, width=2**30 - 2), Design("mlp", 4, ranks=(2**30 - 2, 0)), Design("mlp", 64, equivariant=True, depth=64)),
]


@functools.cache
def sound(game: str, learner: str) -> list[tuple[dict[str, Any], bytes]]:
    """Options and bytes of real policies of a learner; where none can be fitted, the bytes of a rule list under its name."""
    task, found = make_task(game), []
    for options in CHEAP.get(learner, [{}]):
        chosen = make_learner(learner, options)
        try:
            *_, policy = chosen.fit_path(task, [BUDGET], 0)
        except GaincurveError:
            continue
        found.append((options, chosen.encode(policy, task)))
    return found or [({}, data) for _, data in sound(game, "rulelist")]


def damaged(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """One to three changes: bits turned, a piece cut off, out, overwritten, put in, or from another file; or all drawn anew."""
    for _ in range(rng.integers(1, 4)):
        data = CHANGES[rng.integers(len(CHANGES))](data, other, rng)
    return data


def _flip(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    bits = np.unpackbits(np.frombuffer(data or b"\0", dtype=np.uint8))
    bits[rng.integers(len(bits), size=rng.integers(1, 9))] ^= 1
    return np.packbits(bits).tobytes()


def _cut(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    return data[: rng.integers(len(data) + 1)]


def _leave_out(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    first, last = np.sort(rng.integers(len(data) + 1, size=2))
    return data[:first] + data[last:]


def _overwrite(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    place, junk = int(rng.integers(len(data) + 1)), rng.bytes(int(rng.integers(1, 9)))
    return data[:place] + junk + data[place + len(junk) :]


def _put_in(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """A run of one byte: an arithmetic decoder reads the largest of all numbers from ones, and the smallest from zeros."""
    place = int(rng.integers(len(data) + 1))
    return data[:place] + bytes([rng.choice([0, 255])]) * int(rng.integers(1, LENGTH)) + data[place:]


def _append(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    return data + rng.bytes(int(rng.integers(1, LENGTH)))


def _splice(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    return data[: rng.integers(len(data) + 1)] + other[rng.integers(len(other) + 1) :]


def _draw(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    return rng.bytes(int(rng.integers(LENGTH)))


CHANGES: list[Callable[[bytes, bytes, np.random.Generator], bytes]] = [
    _flip,
    _cut,
    _leave_out,
    _overwrite,
    _put_in,
    _append,
    _splice,
    _draw,
]


def crafted(game: str, learner: str, rng: np.random.Generator) -> bytes:
    """A file of a learner whose header is right, length and checksum too, and whose policy is not, or is another's."""
    own, names = sound(game, learner), list(LEARNERS)
    other = sound(
        game if rng.random() < 0.5 else GAMES[rng.integers(len(GAMES))], learner if rng.random() < 0.5 else str(rng.choice(names))
    )
    options, data = own[rng.integers(len(own))]
    foreign = other[rng.integers(len(other))][1]
    data = foreign if rng.random() < 0.05 else damaged(data, foreign, rng)
    return pack(game, learner, options, BUDGET, data)


def misnamed(game: str, learner: str, rng: np.random.Generator) -> bytes:
    """A sound policy under a header of which one field holds what does not belong there, is left out, or is new."""
    options, data = sound(game, learner)[0]
    line, _, data = pack(game, learner, options, BUDGET, data).partition(b"\n")
    header = msgspec.json.decode(line)
    field = str(rng.choice([*header, "other"]))
    value = ODD[rng.integers(len(ODD))]
    if field == "game" and rng.random() < 0.5:
        value = NO_GAMES[rng.integers(len(NO_GAMES))]
    elif field == "options" and rng.random() < 0.8:
        value = {str(rng.choice([*vars(make_learner(learner)), *PRESETS.get(learner, {}), "other"])): value}
    header[field] = value
    if rng.random() < 0.1:
        del header[field]
    return json.dumps(header).encode() + b"\n" + data


@functools.cache
def long_tree(game: str, n_branches: int) -> bytes:
    """A tree that asks the same question again and again: since its coder learns what to expect, that takes next to no bytes."""
    task = make_task(game)
    *_, policy = TreeLearner().fit_path(task, [2], 0)
    any_size = dataclasses.replace(task, graph=dataclasses.replace(task.graph, edge_action=np.resize(task.graph.edge_action, 10**6)))
    encoder, atom = Encoder(), policy.branches[0].atom
    code_tree(encoder, [(atom, i - 1 if i else ~0, ~0) for i in range(n_branches)], any_size)
    return encoder.finish()


def bombs(game: str, learner: str) -> list[bytes]:
    """Small files of a learner that say that much follows: the largest numbers there are, and huge networks."""
    ones = [b"\xff" * n for n in (64, 512, 4096)]
    starts = [data[:n] + b"\xff" * 64 for _, data in sound(game, learner)[:1] for n in range(min(8, len(data)))]
    contents = [*ones, b"\0" * 4096, *starts]
    for design in HUGE if learner in ("network", "subspace") else []:
        wire = start_writing("adaptive")
        code_design(wire.coder, design)
        contents.append(finish_writing(wire, "adaptive"))
    if learner in ("tree", "dag"):
        contents += [long_tree(game, n_branches) for n_branches in (make_task(game).graph.n_edges - 1, 200_000)]
    return [pack(game, learner, {}, BUDGET, content) for content in contents]
