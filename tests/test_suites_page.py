"""docs/suites.md: its suites have the cells that it says, its tables are those of the schema and of the records."""

import re
from pathlib import Path

import pytest

from bench.harness.records import SCHEMA, Record
from bench.suites.grid import Suite, cells
from bench.suites.load import load_suite
from bench.suites.schema import suite_schema

PAGE = (Path(__file__).parents[1] / "docs" / "suites.md").read_text()


@pytest.fixture
def suites(tmp_path: Path) -> dict[str, Suite]:
    texts = dict(re.findall(r"```toml suite=(\w+)\n(.*?)```", PAGE, re.DOTALL))
    for name, text in texts.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return {name: load_suite(str(tmp_path / f"{name}.toml")) for name in texts}


def test_its_suites_have_the_cells_that_the_text_says(suites: dict[str, Suite]) -> None:
    varied = [f"rulelist,language={language}/seed={seed}" for language in ("words", "patterns") for seed in (0, 1)]
    assert [cell.id for cell in cells(suites["first"])] == [
        *(f"{game}/{curve}" for game in ("tictactoe", "go-2x3") for curve in (*varied, "table/seed=0")),
        "nim-1-2-3/table/seed=0",
    ]
    varied = [f"rulelist,language={language}/seed=5" for language in ("words", "patterns")]
    assert [cell.id for cell in cells(suites["second"])] == [
        *(f"tictactoe/{curve}" for curve in (*varied, "table/seed=0", "tree/seed=5")),
        *(f"go-2x3/{curve}" for curve in varied),
        "nim-1-2-3/table/seed=0",
        *(f"hex-2x3/{curve}" for curve in (*varied, "table/seed=0", "tree/seed=5")),
    ]
    assert {cell.time_limit for cell in cells(suites["second"])} == {600.0}


@pytest.mark.parametrize(("heading", "kind"), [("Keys of a suite", "Suite"), ("Keys of a learner", "LearnerEntry")])
def test_its_tables_say_of_every_key_what_the_schema_says(heading: str, kind: str) -> None:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", section, re.MULTILINE)
    assert rows == [(key, about["description"]) for key, about in suite_schema()["$defs"][kind]["properties"].items()]


def test_it_names_every_field_of_a_record() -> None:
    section = PAGE.split("## Records\n")[1].split("\n## ")[0]
    named = {name for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert named == set(Record.__struct_fields__)
    assert f"| `schema` | {SCHEMA};" in section
