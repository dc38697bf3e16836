"""What README.md and AGENTS.md show is run: shell blocks by a shell, Python sessions by doctest, and output that they show is compared."""

import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
AGENTS = (ROOT / "AGENTS.md").read_text()
MAX_LINES = 120  # of the README
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class Block(NamedTuple):
    """A fenced block. Its info string is a language and, where something else runs it, `covered-by=FILE`."""

    line: int
    language: str
    covered_by: str
    text: str

    def __str__(self) -> str:
        return f"{self.language}-line{self.line}"


def fenced_blocks(markdown: str) -> list[Block]:
    found = re.finditer(r"^```(\w+)(?: covered-by=(\S+))?\n(.*?)^```$", markdown, re.MULTILINE | re.DOTALL)
    return [Block(markdown[: match.start()].count("\n") + 1, match[1], match[2] or "", match[3]) for match in found]


BLOCKS = fenced_blocks(README)
RUN = {f"{file}-{block}": block for file, text in (("README", README), ("AGENTS", AGENTS)) for block in fenced_blocks(text)}


def commands(block: Block) -> list[tuple[str, str]]:
    """The commands of a block, each with the output that is shown under it, if any."""
    if block.language == "sh":
        return [(block.text, "")]
    parts = re.split(r"^\$ (.*)\n", block.text, flags=re.MULTILINE)
    assert parts[0] == "", "a console block starts with a command"
    return list(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture
def shell_environment(tmp_path: Path) -> dict[str, str]:
    """A PATH on which `gaincurve` is this checkout's."""
    command = tmp_path / "bin" / "gaincurve"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gaincurve "$@"\n')
    command.chmod(0o755)
    return {**os.environ, "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def test_every_fence_is_one_that_these_tests_understand() -> None:
    assert README.count("\n```") + AGENTS.count("\n```") == 2 * len(RUN)
    assert {block.language for block in RUN.values()} <= {"sh", "console", "pycon"}
    assert {block.language for block in RUN.values() if block.covered_by} <= {"sh"}


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= MAX_LINES


SHELL = [name for name, block in RUN.items() if block.language in {"sh", "console"} and not block.covered_by]


@pytest.mark.parametrize("block", [RUN[name] for name in SHELL], ids=SHELL)
def test_the_commands_work_and_print_what_is_shown(block: Block, shell_environment: dict[str, str], tmp_path: Path) -> None:
    for command, shown in commands(block):
        shell = ["bash", "-euo", "pipefail", "-c", command]
        done = subprocess.run(shell, cwd=tmp_path, env=shell_environment, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        if shown:
            assert doctest.OutputChecker().check_output(shown, done.stdout, FLAGS), f"{command}\nprinted\n{done.stdout}"


@pytest.mark.parametrize("block", [block for block in RUN.values() if block.covered_by], ids=str)
def test_the_commands_that_are_too_long_for_a_test_are_run_by_the_file_named(block: Block) -> None:
    runs = (ROOT / block.covered_by).read_text().splitlines()
    for command in block.text.splitlines():
        words = command.partition("#")[0].strip()
        assert any(line.replace("$(BIN)/", "").strip() == words for line in runs), words


def test_every_verb_is_shown() -> None:
    shown = set(re.findall(r"^(?:\$ )?gaincurve ([a-z-]+)", "\n".join(block.text for block in BLOCKS), re.MULTILINE))
    assert shown >= {"solve", "fit", "explain", "compare", "play", "new-game", "run", "report", "export"}


def test_the_files_that_are_linked_exist() -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README + AGENTS):
        assert target.startswith("https://") or (ROOT / target).exists(), target
