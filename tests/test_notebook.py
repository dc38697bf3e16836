"""The notebook runs from top to bottom and shows what the command line measures.

Its code is run as plain Python in this process: that needs neither Jupyter nor a kernel, since it has no magics and displays nothing
but what it prints and draws.
"""

import json
import re
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

from bench.harness.store import read_record, record_path
from bench.tails.curves import curve_of_record
from bench.tails.verdict import UNDECIDED, tail_of
from tests.support.shell import Shell

ROOT = Path(__file__).parents[1]
PATH = ROOT / "docs" / "game-to-curve.ipynb"
NOTEBOOK = json.loads(PATH.read_text())
CELL = "go-3x3/rulelist/seed=0"


def sources(kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == kind]


def test_outputs_are_stripped_and_the_format_is_that_of_jupyter() -> None:
    assert (NOTEBOOK["nbformat"], NOTEBOOK["metadata"]["kernelspec"]["name"]) == (4, "python3")
    code = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]
    assert len(code) > 5
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert len({cell["id"] for cell in NOTEBOOK["cells"]}) == len(NOTEBOOK["cells"])
    assert not re.search(r"^\s*[%!]", "\n".join(sources("code")), re.MULTILINE)
    for target in re.findall(r"\]\(([^)]+)\)", "\n".join(sources("markdown"))):
        assert (PATH.parent / target).exists(), target


@pytest.mark.slow
def test_it_goes_from_a_game_to_its_curve(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    mpl.use("agg")
    import matplotlib.pyplot as plt

    names: dict[str, Any] = {"__name__": "__main__"}
    for number, source in enumerate(sources("code")):
        exec(compile(source, f"cell {number}", "exec"), names)
    out = capfd.readouterr().out
    curve, residuals = (axes.lines[0] for axes in names["figure"].axes)
    plt.close("all")
    assert "worth +9 points" in out  # van der Werf's thesis, table 5.1
    record = read_record(record_path(tmp_path / "runs" / "notebook", CELL))
    assert list(curve.get_xydata()[:, 1]) == [point.gain for point in record.points]
    assert list(residuals.get_ydata()) == pytest.approx([1 - point.gain for point in record.points if point.gain < 1])
    assert names["fitted"].gain == record.points[-1].gain == 1
    assert names["proved"].optimal_everywhere
    assert names["expected"].exploitability == pytest.approx(0, abs=1e-9)
    assert names["graph"].terminal[names["state"]]
    assert names["won"] == 9  # the value of the game: no move of either side wastes a point
    reference = read_record(record_path(ROOT / "reports" / "reference", CELL))
    expected = {point.size: point.gain for point in reference.points}  # of a suite with budgets of its own
    measured = {point.size: point.gain for point in record.points if point.size in expected}
    assert len(measured) >= 8
    assert measured == pytest.approx({size: expected[size] for size in measured})
    shell = Shell(monkeypatch, capfd)
    answer = shell.json("fit", "rulelist", "--game", "go-3x3", "--budget", "5")
    assert names["gain_of_five"] == answer["gain"]
    recorded = tail_of(curve_of_record(reference))
    assert (names["tail"].verdict, names["tail"].ends_after) == (recorded.verdict, recorded.ends_after) == (UNDECIDED, 211)
