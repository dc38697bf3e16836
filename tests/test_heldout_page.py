"""docs/heldout.md says only what is so: its commands are run, and the rows of its first table measured, but for networks."""

import doctest
import re
import shlex
from pathlib import Path

import pytest

from tests.support.shell import Shell

PAGE = (Path(__file__).parents[1] / "docs" / "heldout.md").read_text()
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ROWS = re.findall(r"^\| `(\S+)` \| (\d+) \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \| (\S+) \|$", PAGE, re.MULTILINE)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


def test_the_commands_print_what_is_shown(shell: Shell) -> None:
    assert len(BLOCKS) == 2
    for text in BLOCKS:
        parts = re.split(r"^\$ gaincurve (.*)\n", text, flags=re.MULTILINE)
        for command, shown in zip(parts[1::2], parts[2::2], strict=True):
            status, out, err = shell(*shlex.split(command))
            assert (status, err) == (0, "")
            assert doctest.OutputChecker().check_output(shown, out, FLAGS), f"{command}\nprinted\n{out}"


def test_the_table_is_measured(shell: Shell) -> None:
    assert len(ROWS) == 5
    for learner, budget, bits, fitted, held_out, promised in ROWS:
        answer = shell.json("fit", learner, "--game", "go-3x3", "--budget", budget, "--sample", "0.5")
        found, bound = answer["held_out"], answer["held_out"]["bound"]
        assert f"{answer['bits']['policy']:,}" == bits
        assert (f"{found['gain_fitted']:.4f}", f"{abs(found['gain_held_out']):.4f}") == (fitted, held_out)
        assert promised == ("vacuous" if bound["is_vacuous"] else f"{bound['gain']:.4f}")
