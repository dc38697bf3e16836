"""The data of a page as bytes: a game's graph and the play of each path, as flat arrays behind a header.

`pack` gives base64 of a zlib stream: the length of a JSON text (4 bytes, little-endian), that text, then the arrays one after another,
little-endian too. The key `arrays` of the text lists their names, types and lengths in order.
"""

import base64
import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.report.explorable.played_path import N_EXAMPLES, NO_RULE, PlayedPath
from bench.report.explorable.scene import Scene
from bench.report.explorable.seats import Seats
from policies.api import Task

NOTHING = 0xFFFF  # in place of the number of a state
Arrays = dict[str, npt.NDArray[Any]]
TYPES = {"u1": (0, 255), "u2": (0, 65_535), "i1": (-128, 127), "i2": (-32_768, 32_767), "u4": (0, 4_294_967_295)}


def graph_arrays(task: Task, seats: Seats, scene: Scene) -> Arrays:
    """The graph, with the states as they are drawn."""
    graph, shown = task.graph, seats.cells.shape[1]
    arrays: Arrays = {
        "moves": graph.n_moves,
        "action": graph.edge_action,
        "child": graph.edge_child,
        "turn": seats.edge_turns,
        "regret": task.solution.regret,
        "value": np.where(graph.terminal, graph.payoff, task.solution.value),
        "turns": seats.turns.ravel(),
        "actionImages": seats.action_images.ravel(),
        "mover": np.where(seats.reached[0], 0, 1),
    }
    if scene.places:
        arrays |= {"cells": seats.cells.ravel(), "cellImages": seats.cell_images[:, :shown].ravel(), "views": seats.views.ravel()}
    return arrays


def path_arrays(path: PlayedPath, number: int) -> Arrays:
    """The runs of a path, and by step the order of its rules and its examples; names end in the number of the path."""
    order = [rule for step in path.steps for rule in step.order]
    parts: Arrays = {
        "runs": np.diff(path.run_start),
        "runStep": path.run_step,
        "runRule": path.run_rule - NO_RULE,
        "order": np.array(order, dtype=np.int64),
        "right": _padded([step.right for step in path.steps]),
        "wrong": _padded([step.wrong for step in path.steps]),
    }
    width = max(1, -(-max(int(each).bit_length() for each in path.run_moves) // 8))
    for byte in range(width):
        parts[f"runMoves{byte}."] = path.run_moves >> np.uint64(8 * byte) & np.uint64(255)
    return {f"{name}{number}": array for name, array in parts.items()}


def pack(header: Mapping[str, Any], arrays: Arrays) -> str:
    """The header and the arrays as text. Raises OverflowError for a number that no type holds."""
    typed = {name: array.astype(f"<{_smallest(array)}") for name, array in arrays.items()}
    listed = [[name, _smallest(array), len(array)] for name, array in arrays.items()]
    text = json.dumps({**header, "arrays": listed}, separators=(",", ":"), ensure_ascii=False).encode()
    whole = b"".join([struct.pack("<I", len(text)), text, *(array.tobytes() for array in typed.values())])
    return base64.b64encode(zlib.compress(whole, 9)).decode()


def unpack(packed: str) -> tuple[dict[str, Any], Arrays]:
    """The header and the arrays that `pack` was given."""
    whole = zlib.decompress(base64.b64decode(packed))
    (length,) = struct.unpack_from("<I", whole)
    header, at = json.loads(whole[4 : 4 + length]), 4 + length
    arrays: Arrays = {}
    for name, kind, size in header.pop("arrays"):
        arrays[name] = np.frombuffer(whole, dtype=f"<{kind}", count=size, offset=at)
        at += arrays[name].nbytes
    return header, arrays


def _smallest(array: npt.NDArray[Any]) -> str:
    low, high = (int(array.min()), int(array.max())) if len(array) else (0, 0)
    for name, (lowest, highest) in TYPES.items():
        if lowest <= low and high <= highest:
            return name
    raise OverflowError(f"{low} to {high} fit no type of {', '.join(TYPES)}")


def _padded(examples: list[tuple[int, ...]]) -> npt.NDArray[Any]:
    """The examples of each step, N_EXAMPLES each, with NOTHING in place of those that are not there."""
    return np.array([number for each in examples for number in (*each, *[NOTHING] * (N_EXAMPLES - len(each)))], dtype=np.int64)
