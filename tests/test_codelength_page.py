"""The page of codelengths: it says what its script would write, its numbers agree, and the small games are measured again."""

import re

import pytest

from policies.task import make_task
from bench.studies.codelength import GAMES, MAX_BUDGETS, PAGE, POLICIES, TEXT, count_with_sides, render, table_row
from tests.support.pages import number, rows_under

PAGE_TEXT = PAGE.read_text()


def rows(heading: str) -> list[list[str]]:
    return rows_under(PAGE_TEXT, heading)


TABLES = {row[0]: row[1:] for row in rows("Without a policy")}
FILES = rows("With a policy")


def test_the_page_says_what_the_script_would_write() -> None:
    pattern = "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", TEXT))
    assert re.fullmatch(pattern, PAGE_TEXT, re.DOTALL)
    assert list(TABLES) == list(GAMES)
    assert [row[0] for row in FILES] == [game for game in POLICIES for _ in MAX_BUDGETS]
    tables, policies = (["| " + " | ".join(row) + " |" for row in rows(heading)] for heading in ("Without a policy", "With a policy"))
    (claim, *found) = re.findall(r"[\d,]{4,}", PAGE_TEXT.split("## The win/loss table")[1])
    names = ["CLAIM_STATES", "STATES", "FOLDED", "POSITIONS", "VALUES_ZSTD", "VALUES_XZ", "VALUES_HERE", "MOVES_HERE"]
    last = {row[0]: row[1] for row in rows("The win/loss table")}
    values = {"CLAIM": claim, **dict(zip(names[:4], found, strict=False))} | dict(zip(names[4:], last.values(), strict=True))
    assert render(tables, policies, {name: int(number(value)) for name, value in values.items()}) == PAGE_TEXT


@pytest.mark.parametrize("game", ["tictactoe", "hex-3", "nogo-3x3", "go-3x3"])
def test_a_small_game_comes_out_the_same(game: str) -> None:
    """xz differs a little from release to release; the rest does not."""
    again = [cell.strip() for cell in table_row(game).strip("|").split("|")][1:]
    for place, (cell, said) in enumerate(zip(again, TABLES[game], strict=True)):
        assert number(cell) == pytest.approx(number(said), rel=0.02 if place in (2, 5) else 0)


@pytest.mark.parametrize("row", FILES, ids=lambda row: " ".join(row[:2]))
def test_sums_and_ratios_follow_from_the_numbers_beside_them(row: list[str]) -> None:
    policy, exceptions, codelength, ratio, to_general = map(number, row[2:])
    xz, zstd, here = map(number, TABLES[row[0]][2:5])
    assert codelength == policy + exceptions
    assert ratio == pytest.approx(codelength / min(xz, zstd, here), abs=0.0006)
    assert to_general == pytest.approx(codelength / min(xz, zstd), abs=0.0006)


def test_sides_are_told_apart_by_an_independent_walk() -> None:
    """Breakthrough on 3x3, in plain Python on boards as tuples, the player to move told apart."""
    graph = make_task("breakthrough-3x3").graph
    assert count_with_sides(graph) == len(walk_breakthrough(3, 3, 1))


def walk_breakthrough(rows_: int, columns: int, pawn_rows: int) -> set[tuple[int, tuple[int, ...]]]:
    """All (side, board) that can come up; pawns of side 0 are 1 and go up the board, those of side 1 are 2 and go down."""
    start = tuple(2 if row < pawn_rows else 1 if row >= rows_ - pawn_rows else 0 for row in range(rows_) for _ in range(columns))
    found, pending = {(0, start)}, [(0, start)]
    while pending:
        side, board = pending.pop()
        own, other, ahead = side + 1, 2 - side, -1 if side == 0 else 1
        if 1 in board[:columns] or 2 in board[-columns:] or own not in board:
            continue
        for cell, content in enumerate(board):
            row, column = divmod(cell, columns)
            for aside in (-1, 0, 1):
                if content != own or not 0 <= column + aside < columns:
                    continue
                target = (row + ahead) * columns + column + aside
                if board[target] == 0 or (board[target] == other and aside):
                    changed = list(board)
                    changed[cell], changed[target] = 0, own
                    child = (1 - side, tuple(changed))
                    if child not in found:
                        found.add(child)
                        pending.append(child)
    return found


def test_the_bytes_of_breakthrough_are_the_bits_of_the_table() -> None:
    _, _, _, _, moves, xz, zstd, values = map(number, TABLES["breakthrough-4x4"])
    last = {row[0]: number(row[1]) for row in rows("The win/loss table")}
    assert last == {"values, zstd": zstd / 8, "values, xz": xz / 8, "values, here": values / 8, "optimal moves, here": moves / 8}
