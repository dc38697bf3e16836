"""A folder with games of one choice, whose modules a test edits, and commands in it as processes of their own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from games.keys.sources import cache_root

ROOT = Path(__file__).parents[1]

GAME = """
import numpy as np
from games.rules.python_rules import expand_each


class Game:
    n_actions, max_payoff, endless, board = 2, 99, False, None

    def worth(self):
        raise NotImplementedError

    def play(self, state):
        return {0: 1, 1: 2} if state == 0 else -self.worth() * (state == 1)

    def expand(self, states):
        return expand_each(states, self.play)

    def estimate_states(self):
        return 3.0

    def start(self):
        return 0

    def multiplicity(self, states):
        return np.ones(len(states), dtype=np.int32)

    def cells(self, states):
        return states.astype(np.int8)[:, None]

    def cell_levels(self):
        return (3,)

    def planes(self, states):
        return (states[:, None] == np.arange(3, dtype=np.uint64)).astype(np.uint8)[:, :, None, None]

    def render(self, state):
        return str(state)

    def action_name(self, action):
        return "ab"[action]
"""

TINY = """from dataclasses import dataclass
from plain_game import Game


@dataclass(frozen=True)
class Tiny(Game):
    id: str
    v: object

    def worth(self):
        v = self.v() if callable(self.v) else self.v
        return int(np.sum(v["v"] if isinstance(v, dict) else v))


import numpy as np
"""


class Folder:
    """A folder of modules, with a cache of its own for solved games; kernels of the project are shared."""

    def __init__(self, path: Path) -> None:
        self.path, self.v = path, "1"
        (path / "cache").mkdir()
        (cache_root() / "kernels").mkdir(exist_ok=True)
        (path / "cache" / "kernels").symlink_to(cache_root() / "kernels")
        self.write("plain_game.py", GAME)
        self.write("tiny.py", TINY)

    def write(self, file: str, text: str) -> None:
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def edit(self, file: str) -> None:
        """Let V be 7 instead of 1."""
        text, n_edits = re.subn("1$", "7", (self.path / file).read_text(), flags=re.MULTILINE)
        assert n_edits == 1
        self.write(file, text)

    def run(self, *words: str, compiled: bool = False) -> str:
        done = self._run(words, compiled)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fail(self, *words: str) -> tuple[int, str]:
        done = self._run(words)
        return done.returncode, done.stderr

    def _run(self, words: tuple[str, ...], compiled: bool = False) -> subprocess.CompletedProcess[str]:
        paths = os.pathsep.join(map(str, (self.path, self.path / "elsewhere", ROOT)))
        # Python's own cache of bytes tells an edit from its original by seconds and size, which is too coarse for a test
        own = {
            "GAINCURVE_CACHE": str(self.path / "cache"),
            "PYTHONPATH": paths,
            "V": self.v,
            "PYTHONDONTWRITEBYTECODE": "" if compiled else "1",
        }
        return subprocess.run(
            [sys.executable, *words], cwd=self.path, env={**os.environ, **own}, capture_output=True, text=True, check=False
        )

    def gaincurve(self, *words: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.run("-m", "bench", *words, "--json"))
        return answer
