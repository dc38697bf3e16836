"""Solved games on disk: computed once, checked at every load, memory-mapped afterwards.

An artefact is one file: a JSON header line (format, game, key, the arrays' names, types and shapes, a checksum), padding to
64 bytes, then the arrays, each aligned to 64 bytes. Its name holds the hash of the sources that made it, so an edit of the
rules makes a new file; its checksum covers header and arrays, so a damaged one is noticed and rebuilt.
"""

import contextlib
import dataclasses
import hashlib
import json
import mmap
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from games.contract import Game
from games.errors import WorkError
from games.keys.identity import Identity, game_identity
from games.keys.sources import cache_root, code_hash
from games.solving.graph import GameGraph, enumerate_graph
from games.solving.solve import Solution, solve

FORMAT = 1
ALIGNMENT = 64
SOLVED_BY = ("games.solving.graph", "games.solving.solve", "games.solving.store")


def load_truth(game: Game, rebuild: bool = False) -> tuple[GameGraph, Solution]:
    """The graph and the exact solution of a game, from the cache if they are there and undamaged, else computed and stored.

    A damaged artefact is named on stderr and rebuilt. After an edit and a reload in this process the game is solved anew at each call and
    not stored, since only a new process has surely loaded all of the edit. Raises WorkError when the game is too large, or where what
    decides its truth cannot be told (`games.keys.identity.identify`).
    """
    identity = game_identity(game)
    path = _path(game, identity)
    if path.exists() and identity.is_settled and not rebuild:
        try:
            return _read(path)
        except (WorkError, OSError) as error:
            print(f"{error}; rebuilding it", file=sys.stderr)
    graph = enumerate_graph(game)
    solution = solve(graph)
    if identity.is_settled:
        _write(path, graph, solution)
    return graph, solution


def truth_path(game: Game) -> Path:
    """Where the artefact of a game lies for the present sources, values and data files; raises WorkError as `load_truth` does."""
    return _path(game, game_identity(game))


def _path(game: Game, identity: Identity) -> Path:
    key = code_hash(*identity.modules, *SOLVED_BY)
    return cache_root() / "truth" / f"{game.id}-{hashlib.sha256(f'{key} {identity.content}'.encode()).hexdigest()[:16]}.bin"


def _write(path: Path, graph: GameGraph, solution: Solution) -> None:
    arrays = {f"graph.{name}": array for name, array in _arrays(graph).items()}
    arrays |= {f"solution.{name}": array for name, array in _arrays(solution).items()}
    write_arrays(path, {"game": graph.game_id, "seconds": [graph.enumerate_seconds, solution.solve_seconds]}, arrays)


def write_arrays(path: Path, header: dict[str, Any], arrays: dict[str, npt.NDArray[Any]], sync: bool = True) -> None:
    """Write arrays to a file, with a checksum and as `write_atomically` does; the header is what JSON can hold, and is stored with them."""
    listing, offset = [], 0
    chunks: list[bytes | memoryview] = []
    for name, array in arrays.items():
        listing.append({"name": name, "dtype": array.dtype.str, "shape": array.shape, "offset": offset})
        padding = b"\0" * (-array.nbytes % ALIGNMENT)
        chunks += [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data, padding]
        offset += array.nbytes + len(padding)
    header = header | {"format": FORMAT, "arrays": listing, "bytes": offset}
    line = json.dumps(header | {"sha256": _checksum(header, chunks)}).encode()
    line += b" " * (-(len(line) + 1) % ALIGNMENT) + b"\n"
    write_atomically(path, [line, *chunks], sync)


def write_atomically(path: Path, chunks: Sequence[bytes | memoryview], sync: bool = True) -> None:
    """Write a file so that a reader, or a crash, sees the old content or the new and nothing between.

    Without `sync` that does not hold for a crash of the whole machine, and the disk is not waited for. Raises OSError that names the
    file, not the one beside it that is written first.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _partial(path) as temporary:
        with temporary.open("wb") as file:
            file.writelines(chunks)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        temporary.replace(path)


def check_writable(path: Path) -> None:
    """Raises the OSError that `write_atomically` would raise for a path in an existing folder; leaves no file behind."""
    with _partial(path) as temporary:
        temporary.open("xb").close()


@contextlib.contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """The file beside another one that is written first; it does not stay, and no error names it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        yield temporary
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _arrays(record: GameGraph | Solution) -> dict[str, npt.NDArray[Any]]:
    values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {name: value for name, value in values.items() if isinstance(value, np.ndarray)}


def _read(path: Path) -> tuple[GameGraph, Solution]:
    header, arrays = read_arrays(path)
    try:
        graph = GameGraph(game_id=header["game"], enumerate_seconds=header["seconds"][0], **_named(arrays, "graph."))
        solution = Solution(solve_seconds=header["seconds"][1], **_named(arrays, "solution."))
    except (KeyError, TypeError):
        raise WorkError(f"{path} is damaged") from None
    return graph, solution


def read_arrays(path: Path, check: bool = True) -> tuple[dict[str, Any], dict[str, npt.NDArray[Any]]]:
    """The header and the arrays of a file that `write_arrays` wrote, mapped from it; raises WorkError when it is damaged.

    Without `check` the checksum is not compared, so that what is not used is not read: for a file known to be sound.
    """
    damaged = WorkError(f"{path} is damaged")
    try:
        with path.open("rb") as file:
            line = file.readline()
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header: dict[str, Any] = json.loads(line)
        body = memoryview(mapped)[len(line) :]
        checksum = header.pop("sha256")
        if header["format"] != FORMAT or len(body) != header["bytes"] or (check and _checksum(header, [body]) != checksum):
            raise damaged
        arrays: dict[str, npt.NDArray[Any]] = {}
        for entry in header["arrays"]:
            dtype, shape = np.dtype(entry["dtype"]), tuple(entry["shape"])
            count = int(np.prod(shape))
            arrays[entry["name"]] = np.frombuffer(body, dtype, count, entry["offset"]).reshape(shape)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise damaged from None
    return header, arrays


def _checksum(header: dict[str, Any], body: Sequence[bytes | memoryview]) -> str:
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for chunk in body:
        digest.update(chunk)
    return digest.hexdigest()


def _named(arrays: dict[str, npt.NDArray[Any]], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
