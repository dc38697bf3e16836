"""docs/records.md: every row again from the raw JSON of the committed records, the lists, the floors, and a file made anew and verified."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench.curves.proved import summary_of
from bench.studies.page import DOCS, ROOT, blocks_of
from bench.studies.records import AIMS, best_list, entries_of, families, floor, list_line, spreads
from tests.support.pages import number
from tests.support.shell import Shell

PAGE = (DOCS / "records.md").read_text()
TABLES = blocks_of(PAGE)["table.families"].text
ROWS = [[cell.strip() for cell in line[1:-1].split("|")] for line in TABLES.splitlines() if line.startswith("| ")]
ROWS = [row for row in ROWS if row[0] not in ("game", "---")]
CONTROLS = ("nim", "planted", "random")


@cache
def raw(game: str) -> list[dict[str, Any]]:
    """The records of a game as they lie in their files."""
    paths = sorted((ROOT / "reports" / "reference" / "records").glob(f"{game}__*.json"))
    return [json.loads(path.read_text())["record"] for path in paths]


def reaching(game: str, aim: str) -> Iterator[dict[str, Any]]:
    for one in raw(game):
        if one["cell"]["learner"] not in ("uniform", "perfect"):
            for point in one["points"]:
                grades = point["grades"] or {"optimal_everywhere": False, "keeps_value": False}
                if grades["optimal_everywhere"] if aim == "perfect" else grades["keeps_value"] and not grades["stalls"]:
                    yield point


GAMES = sorted({path.name.partition("__")[0] for path in (ROOT / "reports" / "reference" / "records").glob("*.json")})


@pytest.mark.parametrize("game", [game for game in GAMES if not game.startswith(CONTROLS)])
def test_the_rows_of_a_game_are_the_shortest_files_of_its_records(game: str) -> None:
    told = {aim: row for row in ROWS if row[0] == game for aim in row[1].split("; ")}
    for aim in ("value", "perfect"):
        points = list(reaching(game, aim))
        assert (aim in told) == (f"{aim}, with language" in told) == bool(points)
        if points:
            assert number(told[aim][2]) == min(point["policy_bits"] for point in points)
            assert number(told[f"{aim}, with language"][3]) == min(
                point["policy_bits"] + point["comparable_language_bits"] for point in points
            )


def test_every_row_names_the_cell_the_budget_and_the_day_of_its_file() -> None:
    assert len(ROWS) >= 70
    for game, _, bits, total, cell, budget, gain, _, made in ROWS:
        (record,) = (one for one in raw(game) if one["cell_id"] == f"{game}/{cell.strip('`')}")
        (point,) = (point for point in record["points"] if point["budget"] == int(budget))
        assert (point["policy_bits"], point["policy_bits"] + point["comparable_language_bits"]) == (number(bits), number(total))
        assert (f"{point['gain']:.4f}", record["provenance"]["made"][:10]) == (gain, made)


def test_there_is_a_table_for_every_family_and_a_floor_below_each() -> None:
    parts = TABLES.split("## ")[1:]
    assert [part.split("\n")[0] for part in parts] == sorted({game.partition("-")[0] for game in GAMES if not game.startswith(CONTROLS)})
    for part in parts:
        (line,) = re.findall(r"^\*Floor: 8 bits, .* one position is worth ([\d.e-]+)", part, re.MULTILINE)
        sizes = [raw(row[0])[0]["n_positions"] for row in ROWS if f"| {row[0]} |" in part]
        assert float(line) == pytest.approx(1 / max(sizes), rel=0.5)  # one digit is shown


def test_seeds_differ_by_what_the_page_says() -> None:
    """Of Go, from the raw records: the shortest files of each seed that reach an aim, where all do."""
    widest = 0
    for game in (game for game in GAMES if game.startswith("go-")):
        for label in {one["cell"]["label"] for one in raw(game)}:
            seeds = [one for one in raw(game) if one["cell"]["label"] == label]
            for aim in ("keeps", "optimal"):
                shortest = []
                for one in seeds:
                    able = [p["policy_bits"] for p in one["points"] if has(p["grades"], aim)]
                    shortest += [min(able)] if able else []
                if len(seeds) > 1 and len(shortest) == len(seeds):
                    widest = max(widest, max(shortest) - min(shortest))
    section = TABLES.split("## go\n")[1].split("\n## ")[0]
    assert f"lie up to {widest:,} bits apart" in section


def has(grades: dict[str, bool] | None, aim: str) -> bool:
    if grades is None:  # of a sample
        return False
    return grades["keeps_value"] and not grades["stalls"] if aim == "keeps" else grades["optimal_everywhere"]


def test_a_list_in_words_is_that_of_its_record_and_its_proof_that_of_its_certificate() -> None:
    lines = dict(re.findall(r"^- ([\w-]+): (.*)$", TABLES, re.MULTILINE))
    assert lines.keys() == {game for game in GAMES if not game.startswith(CONTROLS)}
    for game, said in lines.items():
        sizes = [p["size"] for one in raw(game) if one["unit"] == "rules" for p in one["points"] if has(p["grades"], "keeps")]
        if sizes:
            assert said.startswith(f"{min(sizes):,} rule")
        else:
            assert "which may stall" in said
        summary = summary_of(game)
        longest = re.search(r"more than (\d+) single atoms", said)
        if longest and summary:
            assert summary.residual(int(longest[1])) or 0 > 0
            assert not summary.residual(int(longest[1]) + 1)
        assert bool(longest) == bool(summary and summary.residual(1))


def test_a_shorter_file_takes_the_row_and_one_that_errs_does_not() -> None:
    """Planted: the table of Hex 2x3 in one byte; then the same with grades taken away."""
    ours = families()["hex"]["hex-2x3"]
    before = {aim: entry.record.cell.label for entry in entries_of(ours) for aim in entry.aims}
    assert before["value"] != "table"

    def planted(**grades: bool) -> list[Any]:
        def short(point: Any) -> Any:
            return msgspec.structs.replace(point, policy_bits=8, grades={**point.grades, **grades})

        table = {"table": short}
        return [
            msgspec.structs.replace(one, points=[table[one.cell.label](point) for point in one.points]) if one.cell.label in table else one
            for one in ours
        ]

    good = planted(keeps_value=True, stalls=False)
    assert {entry.record.cell.label for entry in entries_of(good) if "value" in entry.aims} == {"table"}
    bad = planted(keeps_value=False, optimal_everywhere=False)
    assert {aim: entry.record.cell.label for entry in entries_of(bad) for aim in entry.aims}["value"] == before["value"]
    stalling = planted(keeps_value=True, stalls=True, optimal_everywhere=False)
    assert {aim: entry.record.cell.label for entry in entries_of(stalling) for aim in entry.aims}["value"] == before["value"]


def test_a_game_without_lists_says_so_and_one_seed_has_no_spread() -> None:
    ours = families()["hex"]["hex-2x3"]
    tables = [one for one in ours if one.cell.label == "table"]
    assert best_list(tables) is None
    assert list_line("hex-2x3", tables) == "- hex-2x3: no measured list is perfect."
    assert list(spreads(tables)) == []
    assert "no file here has several seeds" in floor({"hex-2x3": tables})


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


@pytest.mark.parametrize(("aim", "grade"), [("value", "plays_perfectly"), ("perfect", "optimal_everywhere")])
def test_the_file_of_a_row_is_made_again_and_verified(shell: Shell, aim: str, grade: str) -> None:
    assert list(AIMS) == ["value", "perfect"]
    assert f"`{grade}`" in PAGE or f"--grade {grade}" in PAGE
    for game in ("hex-2x3", "tictactoe"):
        (row,) = (row for row in ROWS if row[0] == game and aim in row[1].split("; "))
        made = ("--cell", f"{game}/{row[4].strip('`')}", "--suite", str(ROOT / "reports" / "reference"), "--budget", row[5])
        assert shell("fit", *made, "--out", "a.policy")[0] == 0
        assert shell("verify", "a.policy", "--grade", grade)[0] == 0
        assert f"{shell.json('verify', 'a.policy')['bits']['policy']:,}" == row[2]
