"""Files as they lie on disk: a format that changes in both directions at once passes every round trip, and makes old files unreadable.

The bytes of tests/formats.toml were written by release 0.1.0; what the range coder and the files of arrays must hold follows from
their definitions, and is made here once more by plain means.
"""

import hashlib
import json
import math
import tomllib
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from bench.harness.policyfile import pack, read_policy, save_policy
from bench.measures.coding import encode_exceptions, perfect_moves
from games.go_large.checkpoints import Checkpoints
from games.registry import make_game
from games.solving.graph import enumerate_graph
from games.solving.store import load_truth, truth_path, write_arrays
from policies.api import action_probabilities
from policies.codec.adaptive_coder import Encoder, code_count, code_symbol, code_uniform, encode_bits, fine, ideal_bits
from policies.codec.context_mixing import code_members, new_mixer
from policies.codec.kernel_stream import close_tape, open_tape
from policies.registry import make_learner
from policies.task import make_task

FORMATS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("formats.toml").read_text())
Decision = tuple[Any, int, int]  # context; probability of a zero in 2**-24, 0 where it is learned; bit


def coded(decisions: list[Decision]) -> bytes:
    """The shortest file in the interval of a message, by whole numbers without limit: no carry, no window that could overflow.

    As policies/codec/adaptive_coder.py says: the interval is cut in 2**16 or 2**24 parts of its length rounded down, one byte more is
    looked at whenever it is shorter than 2**40, and bytes after the end are zeros.
    """
    low, span, n_bytes = 0, 1 << 48, 6
    counts: dict[Any, list[int]] = {}
    for context, p_zero, bit in decisions:
        if p_zero:
            bound = (span >> 24) * p_zero
        else:
            zeros, ones = seen = counts.setdefault(context, [0, 0])
            bound = (span >> 16) * max(1, min(65535, ((2 * zeros + 1) << 16) // (2 * (zeros + ones) + 2)))
            seen[bit] += 1
        low, span = (low + bound, span - bound) if bit else (low, bound)
        while span < 1 << 40:
            low, span, n_bytes = low << 8, span << 8, n_bytes + 1
    for n_kept in range(n_bytes + 1):
        unit = 1 << 8 * (n_bytes - n_kept)
        value = -(-low // unit) * unit
        if value < low + span:
            return value.to_bytes(n_bytes, "big")[:n_kept].rstrip(b"\0")
    raise AssertionError("an interval holds one of its own ends")


@pytest.mark.parametrize("seed", range(40))
def test_the_coder_writes_the_shortest_file_of_the_interval(seed: int) -> None:
    random = Random(seed)
    share, n = random.choice([0.001, 0.05, 0.5, 0.95, 0.999]), random.choice([1, 2, 5, 30, 400])
    decisions: list[Decision] = []
    for _ in range(n):
        context = random.randrange(3)
        p_zero = random.choice([0, 0, random.randrange(1, 1 << 24), (1 << 24) - 1, 1])
        decisions.append((context, p_zero, int(random.random() < share)))
    contexts = np.array([fine((1 << 24) - p) if p else context for context, p, _ in decisions], dtype=np.int32)
    bits = np.array([bit for *_, bit in decisions], dtype=np.uint8)
    assert encode_bits(contexts, bits) == coded(decisions)


class Notes:
    """An encoder that keeps what it is told."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    def code(self, context: Any, bit: int) -> int:
        self.decisions.append((context, 0, bit))
        return bit

    def code_fixed(self, p_zero: int, bit: int) -> int:
        self.decisions.append((None, p_zero << 8, bit))
        return bit


def test_numbers_become_the_decisions_that_are_said() -> None:
    """A learned unary length and two learned digits, then even ones; halves of a range, the lower one the smaller."""
    notes = Notes()
    code_count(notes, "c", 12)  # 13 is 1101: three digits after the first
    half = 1 << 23
    assert [(p, bit) for _, p, bit in notes.decisions] == [(0, 1), (0, 1), (0, 1), (0, 0), (0, 1), (0, 0), (half, 1)]
    contexts = [context for context, p, _ in notes.decisions if not p]
    assert len(set(contexts)) == 6
    notes = Notes()
    code_uniform(notes, 4, 5)  # 0-1 | 2-4, 2 | 3-4, 3 | 4
    thirds = round(65536 / 3) << 8
    assert [(p, bit) for _, p, bit in notes.decisions] == [(round(65536 * 2 / 5) << 8, 1), (thirds, 1), (half, 1)]
    notes = Notes()
    code_symbol(notes, "s", 1, 5)
    assert [bit for *_, bit in notes.decisions] == [0, 1]
    for value in range(5):
        assert code_uniform(Notes(), value, 5) == code_symbol(Notes(), "s", value, 5) == code_count(Notes(), "c", value) == value
    encoder = Encoder()
    for value in (0, 1, 6, 12, 1000):
        code_count(encoder, "c", value)
    code_uniform(encoder, 4, 5)
    notes = Notes()
    for value in (0, 1, 6, 12, 1000):
        code_count(notes, "c", value)
    code_uniform(notes, 4, 5)
    assert encoder.finish() == coded(notes.decisions)


def test_ideal_bits_are_the_logarithms_of_what_is_coded() -> None:
    """(ones + 1/2) / (seen + 1) for 1, 1, 0 are 1/2, 3/4 and 1 - 5/6; given ones are themselves."""
    contexts, bits = np.array([0, 0, 0, fine(1 << 22), fine(1 << 22)], dtype=np.int32), np.array([1, 1, 0, 1, 0], dtype=np.uint8)
    assert ideal_bits(contexts, bits) == pytest.approx([1, math.log2(4 / 3), math.log2(6), 2, math.log2(4 / 3)], rel=1e-4)


@pytest.mark.parametrize("kept", FORMATS["policy"], ids=lambda kept: f"{kept['learner']}-{kept['game']}-{len(kept['bytes']) // 2}")
def test_a_policy_that_was_written_is_read_plays_alike_and_is_written_again(kept: dict[str, Any]) -> None:
    task, learner = make_task(kept["game"]), make_learner(kept["learner"], kept.get("options"))
    data = bytes.fromhex(kept["bytes"])
    policy = learner.decode(data, task)
    weights = action_probabilities(task.graph, policy.scores(task))
    assert (policy.size, round(task.gain(weights), 6)) == (kept["size"], kept["gain"])
    assert hashlib.sha256(np.packbits(weights > 0).tobytes()).hexdigest()[:16] == kept["plays"]
    assert learner.encode(policy, task) == data


@pytest.mark.parametrize("kept", FORMATS["exceptions"], ids=lambda kept: f"{kept['game']}-{kept['levels']}")
def test_exceptions_that_were_written_are_read_and_written_again(kept: dict[str, Any]) -> None:
    task = make_task(kept["game"])
    scores = np.random.default_rng(0).integers(kept["levels"], size=task.graph.n_edges).astype(float)
    data = bytes.fromhex(kept["bytes"])
    assert task.solution.optimal[perfect_moves(task.graph, scores, data)].all()
    assert encode_exceptions(task.graph, scores, task.solution.optimal) == data


def test_many_exceptions_are_written_as_they_were() -> None:
    task, kept = make_task("go-3x3"), FORMATS["many_exceptions"]
    scores = np.random.default_rng(0).integers(kept["levels"], size=task.graph.n_edges).astype(float)
    data = encode_exceptions(task.graph, scores, task.solution.optimal)
    assert (len(data), hashlib.sha256(data).hexdigest()[:16]) == (kept["n_bytes"], kept["sha256"])


def test_mixed_predictions_are_written_as_they_were() -> None:
    rng = np.random.default_rng(0)
    features = rng.integers(0, 6, (400, 3)).astype(np.int32)
    is_member = ((features[:, 0] + features[:, 1] > 6) | (rng.random(400) < 0.05)).astype(np.uint8)
    start = np.array([0, 100, 250, 400])
    n_members = np.add.reduceat(is_member, start[:-1]).astype(np.int64)
    encoder = Encoder()
    tape = open_tape(encoder, 400)
    code_members(tape, new_mixer([(0,), (0, 1), (2,)], 400), features, start, n_members, is_member)
    close_tape(encoder, tape)
    assert encoder.finish().hex() == FORMATS["mixed"]["bytes"]


def read_plainly(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """A file of arrays, read as games/solving/store.py describes it: a JSON line padded to 64 bytes, then arrays at offsets of 64 bytes."""
    content = path.read_bytes()
    line, _, body = content.partition(b"\n")
    assert (len(line) + 1) % 64 == 0
    header = json.loads(line)
    given = header.pop("sha256")
    assert hashlib.sha256(json.dumps(header, sort_keys=True).encode() + body).hexdigest() == given
    assert (header["format"], header["bytes"]) == (1, len(body))
    arrays, end = {}, 0
    for entry in header["arrays"]:
        assert entry["offset"] == -(-end // 64) * 64
        dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
        end = entry["offset"] + math.prod(shape) * dtype.itemsize
        arrays[entry["name"]] = np.frombuffer(body[entry["offset"] : end], dtype).reshape(shape)
    assert len(body) == -(-end // 64) * 64
    return header, arrays


def test_a_solved_game_lies_on_disk_as_described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAINCURVE_CACHE", str(tmp_path))
    game = make_game("go-1x3")
    load_truth(game)
    header, arrays = read_plainly(truth_path(game))
    assert (header["game"], len(header["seconds"])) == ("go-1x3", 2)
    assert {name: array.dtype.str for name, array in arrays.items()} == FORMATS["truth"]
    graph = enumerate_graph(game)
    for name in ("states", "edge_start", "edge_action", "edge_child", "terminal", "payoff", "multiplicity"):
        np.testing.assert_array_equal(arrays[f"graph.{name}"], getattr(graph, name), strict=True)


def test_a_part_of_long_work_lies_on_disk_as_described(tmp_path: Path) -> None:
    parts = Checkpoints(tmp_path / "go-9x9-abc", 100, lambda name, share: None)
    array = np.arange(21, dtype=np.int16).reshape(7, 3)
    parts.write("layer 3-0-100", {"value": array, "none": np.zeros(0, dtype=np.uint8)})
    header, arrays = read_plainly(tmp_path / "go-9x9-abc" / "layer-3-0-100.bin")
    assert header["part"] == "go-9x9-abc/layer 3-0-100"
    np.testing.assert_array_equal(arrays["value"], array, strict=True)
    assert arrays["none"].shape == (0,)


def test_arrays_are_written_with_these_bytes(tmp_path: Path) -> None:
    path = tmp_path / "arrays.bin"
    write_arrays(path, {"game": "any"}, {"one": np.array([1, -2], dtype="<i2"), "two": np.array([[1.5]], dtype="<f8")})
    assert path.read_bytes()[-128:].hex() == ("0100feff" + "00" * 60) + ("000000000000f83f" + "00" * 56)
    assert hashlib.sha256(path.read_bytes()).hexdigest()[:16] == FORMATS["arrays"]["sha256"]


def test_a_policy_file_is_a_line_of_json_and_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "two.policy"
    save_policy(path, pack("nim-1-2", "table", {"rules": 3}, 2, b"\x01\n\x02"))
    digest = hashlib.sha256(b"\x01\n\x02").hexdigest()
    line = (
        '{"format":"gaincurve-policy-1","game":"nim-1-2","learner":"table","options":{"rules":3},"size":2,"bytes":3,'
        f'"sha256":"{digest}"}}\n'
    )
    assert path.read_bytes() == line.encode() + b"\x01\n\x02"
    header, data = read_policy(path)
    assert (header.game, header.learner, header.options, header.size, data) == ("nim-1-2", "table", {"rules": 3}, 2, b"\x01\n\x02")
