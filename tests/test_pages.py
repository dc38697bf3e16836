"""The pages that studies write: what is fast is computed again, and what was measured agrees with itself, its prose and small samples."""

import itertools
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyspiel
import pytest

from bench.cli.compress import StageRow
from bench.harness.store import read_suite
from bench.measures.dimension import TOLERANCE
from bench.studies import (
    breakthrough,
    codelength,
    compression,
    diagrams,
    dimension,
    fitters,
    games,
    minima,
    networks,
    prequential,
    running,
    search,
    simulations,
    speed,
    sweeps,
    tail_controls,
    tails,
)
from bench.studies.__main__ import check_parts, pages_of
from bench.studies.page import DOCS, REFERENCE, ROOT, faults
from bench.studies.registry import STUDIES
from bench.studies.tail_controls import CLASSES, CONTROLS, CUTS, GEOMETRIC, OPEN, Control
from bench.tails.verdict import HEAVIER, POWER, UNDECIDED
from games import registry
from policies.api import action_probabilities
from policies.networks.network import NetworkLearner
from policies.networks.subspace import SubspaceLearner
from policies.registry import parse_learner
from policies.task import make_task
from tests.support import playthrough
from tests.support.pages import PAGES, block, number, read, rows, tables
from tests.support.shell import Shell
from tests.support.truth import Solved

QUICK = 1_000_000  # estimated states
LARGE = [family for family in registry.GAMES if any(game.estimate_states() > QUICK for game in games.sizes(family))]
SLOW = {f"games/{family}.md" for family in LARGE}


# Every page


@pytest.mark.parametrize("file", [pytest.param(file, marks=pytest.mark.slow if file in SLOW else ()) for file in PAGES])
def test_a_page_says_what_its_study_computes_and_when_the_rest_was_measured(file: str) -> None:
    assert list(faults(PAGES[file])) == []


TEMPLATES = [
    ("codelength.md", "breakthrough", breakthrough.TEXT),
    *(("fitters.md", game, fitters.SECTION) for game in fitters.GAMES),
    ("minima.md", "files", minima.FILES),
    ("minima.md", "lists.positions", minima.POSITIONS),
    ("speed.md", "times.alone", speed.ALONE),
    ("tails.md", "controls.shares", tails.SHARES),
]


@pytest.mark.parametrize(("file", "name", "template"), TEMPLATES, ids=[f"{file}-{name}" for file, name, _ in TEMPLATES])
def test_a_measured_block_has_the_words_of_its_study(file: str, name: str, template: str) -> None:
    pattern = "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", template))
    assert re.fullmatch(pattern, block(file, name), re.DOTALL)


HEADS = [
    ("codelength.md", "tables", codelength.TABLES_HEAD),
    ("codelength.md", "policies", codelength.POLICIES_HEAD),
    *(("compression.md", f"stages.{name}", f"{compression.HEAD}\n{compression.RULE}") for name in ("large", "longer", "methods")),
    ("compression.md", "diagrams", diagrams.HEAD),
    ("compression.md", "stages.coders", compression.CODERS_HEAD),
    ("compression.md", "stages.direct", compression.DIRECT_HEAD),
    ("dimension.md", "ladders.summary", dimension.SUMMARY_HEAD),
    ("dimension.md", "narrow", dimension.NARROW_HEAD),
    ("prequential.md", "files", prequential.HEAD),
    ("search.md", "depths", search.DEPTHS_HEAD),
    ("search.md", "simulations", simulations.TABLE_HEAD),
    ("search.md", "front", search.FRONT_HEAD),
    ("search.md", "stones", search.STONES_HEAD),
    ("search.md", "playouts", search.PLAYOUTS_HEAD),
    ("speed.md", "times.enumerating", speed.PAIR_HEAD.format("`get_all_states`")),
    ("speed.md", "times.solving", speed.PAIR_HEAD.format("`value_iteration`")),
    ("speed.md", "times.cold", speed.COLD_HEAD),
    ("tails.md", "controls.curves", tails.CURVES_HEAD),
    ("tails.md", "controls.games", tails.GAMES_HEAD),
    ("tails.md", "refits", tails.REFITS_HEAD),
]


@pytest.mark.parametrize(("file", "name", "head"), HEADS, ids=[f"{file}-{name}" for file, name, _ in HEADS])
def test_a_measured_table_has_the_columns_of_its_study(file: str, name: str, head: str) -> None:
    assert block(file, name).startswith(head + "\n")


def test_every_command_that_a_page_names_is_of_a_study_and_its_parts() -> None:
    named = set()
    for path in [*DOCS.rglob("*.md"), DOCS.parent / "CONTRIBUTING.md", DOCS.parent / "README.md"]:
        for command in re.findall(r"`python -m bench\.studies ([^`]+)`", path.read_text()):
            words = [word for word in command.split() if word not in ("NAME", "--write", "--check")]
            named.update(words[:1])
            for name in words[:1]:
                check_parts(pages_of(name), words[1:])
    assert named == STUDIES.keys()


# docs/codelength.md

TABLES = {row[0]: row[1:] for row in rows("codelength.md", "tables")}
FILES = rows("codelength.md", "policies")
BREAKTHROUGH = {tuple(row[:2]): number(row[2]) for table in tables(block("codelength.md", "breakthrough")) for row in table}
BOARDS = rows("codelength.md", "breakthrough.boards")


def test_the_tables_of_codelengths_list_the_games_and_learners_that_are_measured() -> None:
    assert list(TABLES) == list(codelength.GAMES)
    assert [row[0] for row in FILES] == [game for game in codelength.POLICIES for _ in codelength.MAX_BUDGETS]
    claim, claimed_states, _, _, positions, *_ = re.findall(r"\d[\d,]{3,}", block("codelength.md", "breakthrough"))
    assert (number(claim), number(claimed_states)) == (breakthrough.CLAIM, breakthrough.CLAIM_STATES)
    assert positions == TABLES["breakthrough-4x4"][0]


@pytest.mark.parametrize("game", ["tictactoe", "hex-3", "nogo-3x3", "go-3x3"])
def test_the_codelengths_of_a_small_game_come_out_the_same(game: str) -> None:
    """xz differs a little from release to release; the rest does not."""
    again = [cell.strip() for cell in codelength.table_row(game).strip("|").split("|")][1:]
    for place, (cell, said) in enumerate(zip(again, TABLES[game], strict=True)):
        assert number(cell) == pytest.approx(number(said), rel=0.02 if place in (2, 5) else 0)


@pytest.mark.parametrize("row", FILES, ids=lambda row: " ".join(row[:2]))
def test_codelengths_and_their_ratios_follow_from_the_numbers_beside_them(row: list[str]) -> None:
    policy, exceptions, total, ratio, to_general = map(number, row[2:])
    xz, zstd, here = map(number, TABLES[row[0]][2:5])
    assert total == policy + exceptions
    assert ratio == pytest.approx(total / min(xz, zstd, here), abs=0.0006)
    assert to_general == pytest.approx(total / min(xz, zstd), abs=0.0006)


def test_the_bytes_of_breakthrough_are_the_bits_of_the_table() -> None:
    _, _, _, _, moves, xz, zstd, values = map(number, TABLES["breakthrough-4x4"])
    expected = {"values, zstd": zstd, "values, xz": xz, "values, here": values, "optimal moves, here": moves}
    found = {name: 8 * n_bytes for (name, of), n_bytes in BREAKTHROUGH.items() if not of.startswith("every state")}
    assert {name: found[name] for name in expected} == expected
    said = dict(zip(breakthrough.FILES, map(number, BOARDS[-1][4:]), strict=True))
    assert (said["values, diagram"], said["moves, diagram"]) == (found["values, diagram"], found["optimal moves, diagram"])
    assert (
        said["all values, zstd"] == 8 * BREAKTHROUGH["values, zstd", "every state of either side, a bit each, in the order of their cells"]
    )


@pytest.mark.parametrize("row", [row for row in BOARDS if row[0] in ("3x3", "3x4")], ids=lambda row: row[0])
def test_the_files_of_a_small_board_of_breakthrough_come_out_the_same(row: list[str]) -> None:
    """xz differs a little from release to release; the rest does not."""
    found = breakthrough.sizes(row[0])
    assert [found.value, found.n_states, found.n_positions] == [int(number(cell)) for cell in row[1:4]]
    for name, here, cell in zip(breakthrough.FILES, found.files, row[4:], strict=True):
        assert here == pytest.approx(number(cell), rel=0.02 if "xz" in name else 0)


def test_the_exponents_of_breakthrough_are_those_of_its_boards() -> None:
    """The slope of least squares by numpy, from the numbers on the page."""
    said = rows("codelength.md", "breakthrough.exponents")
    assert [row[0] for row in said] == breakthrough.FILES
    for place, row in enumerate(said):
        sizes = [number(board[2 if place == 0 else 3]) for board in BOARDS]
        slope = np.polyfit(np.log(sizes), np.log([number(board[4 + place]) for board in BOARDS]), 1)[0]
        assert number(row[1]) == pytest.approx(slope, abs=0.0051)


def test_the_values_of_all_states_are_told_apart_by_an_independent_walk() -> None:
    """Breakthrough on 3x3, in plain Python on boards as tuples, the player to move told apart; who wins by backward search."""
    keys, wins = breakthrough.all_values(make_task("breakthrough-3x3"))
    assert dict(zip(keys.tolist(), wins.tolist(), strict=True)) == {key_of(*each): won for each, won in walk_breakthrough(3, 3, 1).items()}


def key_of(side: int, board: tuple[int, ...]) -> int:
    """Two bits a cell, the mover's pawns 1, on the board as the mover sees it; the second player's in the upper half."""
    seen = board if side == 0 else tuple({0: 0, 1: 2, 2: 1}[cell] for row in range(2, -1, -1) for cell in board[3 * row : 3 * row + 3])
    return sum(cell << 2 * place for place, cell in enumerate(seen)) + (side << 63)


SidedBoard = tuple[int, tuple[int, ...]]


def walk_breakthrough(rows_: int, columns: int, pawn_rows: int) -> dict[SidedBoard, bool]:
    """All (side, board) that can come up, and whether the side to move wins; pawns of side 0 are 1 and go up, those of side 1 are 2."""
    start = tuple(2 if row < pawn_rows else 1 if row >= rows_ - pawn_rows else 0 for row in range(rows_) for _ in range(columns))
    wins: dict[SidedBoard, bool] = {}

    def search(side: int, board: tuple[int, ...]) -> bool:
        if (side, board) not in wins:
            children = [search(1 - side, child) for child in breakthrough_moves(side, board, columns)]
            wins[side, board] = not all(children)
        return wins[side, board]

    search(0, start)
    return wins


def breakthrough_moves(side: int, board: tuple[int, ...], columns: int) -> list[tuple[int, ...]]:
    """The boards that a side can move to; none where the game is over, which the side to move has lost."""
    own, other, ahead = side + 1, 2 - side, -1 if side == 0 else 1
    found = []
    if 1 in board[:columns] or 2 in board[-columns:] or own not in board:
        return []
    for cell, content in enumerate(board):
        row, column = divmod(cell, columns)
        for aside in (-1, 0, 1):
            if content != own or not 0 <= column + aside < columns:
                continue
            target = (row + ahead) * columns + column + aside
            if board[target] == 0 or (board[target] == other and aside):
                changed = list(board)
                changed[cell], changed[target] = 0, own
                found.append(tuple(changed))
    return found


# docs/compression.md

STAGES, LONGER, METHODS, CODERS, DIRECT = (
    tables(block("compression.md", f"stages.{name}"))[0] for name in ("large", "longer", "methods", "coders", "direct")
)


def test_the_tables_of_compression_list_the_pipelines_and_networks_that_are_measured() -> None:
    assert [row[0] for row in METHODS] == list(compression.METHOD_BY_METHOD)
    assert {row[0] for row in STAGES} >= {"float", *compression.HEADLINE}
    directs = [[game, str(width), f"{steps:,}"] for game, (widths, steps) in compression.DIRECT.items() for width in widths]
    assert [row[:3] for row in DIRECT] == directs


@pytest.mark.parametrize("table", [STAGES, LONGER, METHODS], ids=["stages", "longer", "methods"])
def test_ratios_and_bits_a_weight_follow_from_the_files(table: list[list[str]]) -> None:
    for row in table:
        n_left, weight_bits, index_bits, file_bits, ratio = map(number, row[2:7])
        assert n_left * (weight_bits + index_bits) == pytest.approx(file_bits, abs=0.01 * n_left + 1)
        if table is not METHODS:
            assert ratio == pytest.approx(number(table[0][5]) / file_bits, abs=0.06)


def test_a_pipeline_is_twenty_times_smaller_at_hardly_any_loss() -> None:
    before = number(STAGES[0][7])
    assert STAGES[0][0] == "float"
    assert any(number(row[6]) >= 20 and number(row[7]) >= before - 0.005 for row in STAGES)


def test_range_coding_is_never_longer_than_huffman_coding_by_more_than_its_header() -> None:
    """Two bytes for each of at most three arrays of weights, and three of gaps, in each of three layers or six factors."""
    assert len(CODERS) >= len(compression.HEADLINE)
    for row in CODERS:
        _, huffman, coded, _ = map(number, row[2:])
        assert coded - huffman <= 8 * 2 * 6 * 6 + 0.006 * 80_000


def test_the_study_of_compression_measures_what_the_verb_does(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    found = list(compression.stage_by_stage(compression.Bench("tictactoe", 6, 1, 30), ["prune-50,share-4"]))
    words = ["compress", "--game", "tictactoe", "--width", "6", "--steps", "30", "--stages", "prune-50,share-4"]
    answer = Shell(monkeypatch, capfd).json(*words)
    expected = [StageRow(**row) for row in answer["rows"]]
    line = compression.line
    assert [line(row).split("|", 2)[2] for row in found] == [line(row).split("|", 2)[2] for row in expected]


# docs/dimension.md

SUMMARY = {(row[0], int(row[1])): row[2:] for row in rows("dimension.md", "ladders.summary")}
NARROWED = {(row[0], int(row[1])): row[2:] for row in rows("dimension.md", "narrow")}
LADDERS = {int(number(row[0])): row[1:] for row in rows("dimension.md", "ladders.gains")}


def reached(text: str) -> list[int | None]:
    return [None if part == "-" else int(number(part)) for part in text.split(" and ")]


def test_the_tables_of_dimensions_list_the_networks_that_are_measured() -> None:
    assert list(SUMMARY) == dimension.CELLS
    assert list(NARROWED) == dimension.NARROW


@pytest.mark.parametrize("place", range(len(dimension.CELLS)), ids=lambda place: dimension.CELLS[place][0])
def test_the_dimensions_follow_from_the_ladders(place: int) -> None:
    """Where both seeds stop at one dimension, the mean gain there reaches the level, and that of the rung before falls short."""
    _, whole, d90, d100, *_ = SUMMARY[dimension.CELLS[place]]
    climbed = {rung: float(cells[2 * place]) for rung, cells in LADDERS.items() if cells[2 * place]}
    for text, level in ((d90, 0.9 * float(whole)), (d100, float(whole) - TOLERANCE)):
        found = set(reached(text))
        assert len(reached(text)) == len(dimension.SEEDS)
        if len(found) == 1 and (smallest := found.pop()) is not None:
            assert climbed[smallest] >= level - 0.0001  # printed with four decimals
            assert max(gain for rung, gain in climbed.items() if rung < smallest) < level
    assert all(low <= high for low, high in zip(reached(d90), reached(d100), strict=True) if low is not None and high is not None)


def test_what_the_page_of_dimensions_concludes_is_in_its_tables() -> None:
    for game in ("tictactoe", "go-2x3"):
        _, whole, _, _, _, bits, bits_whole = SUMMARY[game, 16]
        assert float(whole) == 1
        assert 2.8 < number(bits_whole) / number(bits) < 5.3
    left = {rung: 1 - float(LADDERS[rung][2 * dimension.CELLS.index(("go-3x3", 16))]) for rung in (64, 128, 256, 512)}
    assert all(0.32 < 1 - left[2 * rung] / left[rung] < 0.53 for rung in (64, 128, 256))
    assert all(gain == "1.0000" for gain, _ in NARROWED.values())
    for game, size in (("tictactoe", 8), ("go-2x3", 4)):
        in_subspace, wide = (number(text) for text in (SUMMARY[game, 16][5], NARROWED[game, 16][1]))
        assert in_subspace < float(NARROWED[game, size][1]) < 1.3 * in_subspace
        assert wide > 2 * in_subspace
    assert {None, 512, 650} >= set(reached(SUMMARY["go-3x3", 16][3]))


def test_a_narrow_network_comes_out_the_same() -> None:
    task, learner = make_task("go-2x3"), NetworkLearner()
    (policy,) = learner.fit_path(task, [4], 0)
    gain, bits = NARROWED["go-2x3", 4]
    assert task.gain(action_probabilities(task.graph, policy.scores(task))) == pytest.approx(float(gain), abs=0.02)
    assert 8 * len(learner.encode(policy, task)) == pytest.approx(float(bits), rel=0.1)


def test_a_small_rung_comes_out_the_same() -> None:
    """On another machine sums of float32 may differ in the last bit and training may end elsewhere: near, not exactly there."""
    task, learner = make_task("go-2x3"), SubspaceLearner()
    place = dimension.CELLS.index(("go-2x3", learner.size))
    gain, bits = (float(cell) for cell in LADDERS[8][2 * place : 2 * place + 2])
    found = [next(learner.fit_path(task, [8], seed)) for seed in dimension.SEEDS]
    gains = [task.gain(action_probabilities(task.graph, policy.scores(task))) for policy in found]
    assert sum(gains) / len(gains) == pytest.approx(gain, abs=0.05)
    assert sum(8 * len(learner.encode(policy, task)) for policy in found) / len(found) == pytest.approx(bits, abs=16)


# docs/fitters.md

RESIDUALS, COSTS = ({game: tables(block("fitters.md", game))[place] for game in fitters.GAMES} for place in (0, 1))


def test_the_fitters_give_the_same_again_on_the_smallest_game() -> None:
    """All but times, and but the formulas, which take long to find."""
    smallest = next(iter(fitters.GAMES))
    found, text = fitters.fit(smallest, [*fitters.IN_RULES]), block("fitters.md", smallest)
    assert "\n".join(fitters.residual_rows(found)) in text
    assert "\n".join(fitters.verdicts(found)) in text
    again = [[cell.strip() for cell in row.strip("|").split("|")][:-2] for row in fitters.cost_rows(found)[2:]]
    assert again == [row[:-2] for row in COSTS[smallest]][: len(fitters.IN_RULES)]


def columns(game: str) -> dict[str, dict[int, float]]:
    """The residuals of each fitter at the numbers of rules that it reaches, as the page has them."""
    return {name: {int(row[0]): float(row[i]) for row in RESIDUALS[game] if row[i]} for i, name in enumerate(fitters.IN_RULES, start=1)}


@pytest.mark.parametrize("game", fitters.GAMES)
def test_what_the_page_of_fitters_says_agrees_with_its_tables(game: str) -> None:
    found = columns(game)
    ours, best, single = found[fitters.OURS], found[fitters.BEST], found[fitters.SINGLE]
    for rival in ("random order", "random, gaining"):
        assert all(ours[n] <= left / 2 for n, left in found[rival].items() if n >= 2)
    assert all(best[n] <= left / 2 for n, left in found["RIPPER"].items() if n >= 2)
    for rival in (single, found["our tree"], found["CART"]):
        assert all(best[n] <= left + 0.0005 for n, left in rival.items() if n in best)


@pytest.mark.parametrize("game", fitters.GAMES)
def test_verdicts_and_ratios_of_fitters_follow_from_the_numbers_beside_them(game: str) -> None:
    found = columns(game)
    n_checked = 0
    for ours, rival in itertools.product((fitters.OURS, fitters.BEST), fitters.RIVALS):
        (line,) = [line for line in block("fitters.md", game).splitlines() if line.startswith(f"- {ours} against {rival}: ")]
        yes = [*map(int, re.findall(r"\d+", line.partition("yes with")[2].partition(";")[0]))]
        for n in found[ours].keys() & found[rival].keys():
            own, theirs = found[ours][n], found[rival][n]
            if theirs > 0.02 and abs(own / theirs - 0.5) > 0.03:  # the digits shown decide
                assert (n in yes) == (own < theirs / 2)
                n_checked += 1
    assert n_checked > 20
    assert [row[0] for row in COSTS[game]] == [*fitters.FITTERS]
    for row in COSTS[game]:
        assert row[-1] == speed.three(number(row[-2]) / number(COSTS[game][0][-2]))


# docs/games/


@pytest.mark.parametrize("family", LARGE)
def test_a_page_of_games_says_what_the_code_gives_for_smaller_sizes(family: str) -> None:
    left_out = tuple(f"| `{game.id}` |" for game in games.sizes(family) if game.estimate_states() > QUICK)
    written = [line for line in block(f"games/{family}.md", "facts").splitlines() if not line.startswith(left_out)]
    assert "\n".join(written) == games.facts(family, QUICK), f"if that is meant, run: {games.COMMAND}"


def test_the_index_of_games_lists_every_family() -> None:
    assert re.findall(r"^\| \[(\w+)\]\(\1\.md\)", block("games/README.md", "families"), re.MULTILINE) == list(registry.GAMES)


def test_every_family_with_sizes_counts_at_least_six_of_them() -> None:
    assert {family for family in registry.GAMES if len(games.sizes(family)) < 6} == {"tictactoe"}  # which has one size
    for family, ids in games.MORE_SIZES.items():
        assert {game_id.partition("-")[0] for game_id in ids.split()} == {family}
        assert not set(ids.split()) & set(registry.GAMES[family][1].split())


def test_families_that_share_a_module_are_told_apart() -> None:
    first_lines = {family: block(f"games/{family}.md", "facts").splitlines()[0] for family in registry.GAMES}
    assert len(set(first_lines.values())) == len(first_lines)
    assert first_lines["misere_nim"].endswith("who takes the last stone loses.")


def test_no_family_lacks_a_playthrough_a_page_or_a_fact() -> None:
    lacking = games.missing()
    assert not lacking, "\n".join(lacking)
    assert all(games.fact_sources(family) or family in games.WITHOUT_FACTS for family in registry.GAMES)
    assert not [family for family in games.WITHOUT_FACTS if games.fact_sources(family) or family not in registry.GAMES]


def test_a_family_that_lacks_them_is_told_which_command_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(registry.GAMES, "shogi", ("games.shogi:make", "shogi-3x3"))
    played, fact, its_page = (line for line in games.missing() if "shogi" in line)
    assert played.startswith("the family shogi has no playthrough: ")
    assert played.endswith(f"run: {playthrough.COMMAND}")
    assert fact.startswith("the family shogi has no published fact: add a table [shogi] ")
    assert its_page == f"the family shogi has no page: run: {games.COMMAND}"
    (tmp_path / "shogi-3x3.txt").touch()
    monkeypatch.setattr(games, "PLAYTHROUGHS", tmp_path)
    monkeypatch.setitem(games.WITHOUT_FACTS, "shogi", "It was made up for this test.")
    assert [line for line in games.missing() if "shogi" in line] == [its_page]


def test_a_page_of_games_that_is_left_over_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(registry.GAMES, "hex")
    assert [line for line in games.missing() if "hex" in line] == [
        f"docs/games/hex.md is about no family: delete it, and run: {games.COMMAND}"
    ]


def test_sources_are_read_from_all_comments_that_belong_to_a_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text(
        "# About the file.\n\n[go.value]  # exact; one\n1x1 = 0  # a remark on a number\n\n# Two,\n# three\n[hex]\na = 1\n# four\nb = 2\n"
    )
    monkeypatch.setattr(games, "FACTS", facts)
    assert games.fact_sources("go") == {"go.value": "exact; one"}
    assert games.fact_sources("hex") == {"hex": "Two, three; four"}
    assert games.fact_sources("nim") == {}


def test_every_document_is_listed_and_what_is_linked_exists() -> None:
    listed = re.findall(r"\]\(([^)#:]+)\)", read("README.md"))
    for path in DOCS.glob("*.md"):
        assert path.name in {"README.md", *listed}, f"docs/{path.name} is not listed: add it to docs/README.md"
    for document in [DOCS / "README.md", *(DOCS / "games").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name} links {target}"


# docs/networks.md


@pytest.mark.parametrize("game", networks.EFFORTS)
def test_every_network_that_was_tried_has_a_row(game: str) -> None:
    assert {row[0] for row in rows_of_networks(game)} == {method for method in networks.METHODS if method in networks.EFFORTS[game].sizes}


def rows_of_networks(game: str) -> list[list[str]]:
    (found,) = tables(block("networks.md", game))
    return found


@pytest.mark.parametrize("game", networks.EFFORTS)
def test_some_network_plays_almost_perfectly(game: str) -> None:
    reaching = [row for row in rows_of_networks(game) if not row[4].endswith("not reached")]
    assert reaching
    assert all(float(row[4]) >= networks.LEVEL for row in reaching)
    if game == "tictactoe":
        assert any(row[5] == "yes" for row in reaching)  # proved by walking through every line of play


def test_a_row_of_networks_comes_out_again_about_as_it_stands() -> None:
    """Training is the same on one machine only, so lengths are compared within a quarter."""
    ((_, size, _, bits, gain, *_),) = [row for row in rows_of_networks("tictactoe") if row[0] == "mlp, equivariant"]
    climbed = networks.climb("tictactoe", "mlp, equivariant")
    found = min((each for each in climbed if each.gain >= networks.LEVEL), key=lambda each: each.bits)
    assert float(gain) >= networks.LEVEL
    assert abs(found.bits - int(number(bits))) <= 0.25 * found.bits
    assert abs(found.size - int(size)) <= 2


def test_sweeps_of_small_networks_are_at_least_five_times_as_fast_at_equal_gain() -> None:
    text = block("networks.md", "sweeps")
    assert text.startswith(f"{sweeps.STEPS} steps each.\n")
    (table,) = tables(text)
    assert [row[0] for row in table] == [f"{name} on {game}" for name, (game, _) in sweeps.SWEEPS.items()]
    for row in table:
        assert float(row[3]) >= (5 if "go-3x3" in row[0] else 1)  # 32 units on the larger board are busy with arithmetic already
        assert float(row[4]) == pytest.approx(float(row[5]), abs=0.002)


# docs/prequential.md

PREQUENTIAL = {(row[0], row[1]): row[2:] for row in rows("prequential.md", "files")}


def test_the_table_of_prequential_files_lists_what_is_measured() -> None:
    assert list(PREQUENTIAL) == [(game, learner) for game, learners in prequential.GAMES.items() for learner in learners]


@pytest.mark.parametrize("key", [key for key in PREQUENTIAL if key[0] in ("tictactoe", "go-2x3") and "network" not in key[1]], ids=" ".join)
def test_a_small_prequential_file_comes_out_the_same(key: tuple[str, str]) -> None:
    game, learner = key
    assert prequential.row(make_task(game), learner) in block("prequential.md", "files").splitlines()


def test_what_the_page_of_prequential_files_concludes_is_in_its_table() -> None:
    bits = {key: [number(cell) for cell in cells[:3]] for key, cells in PREQUENTIAL.items()}
    for (game, learner), (random, ascending, with_policy) in bits.items():
        name, _ = parse_learner(learner)
        nothing = bits[game, "uniform"]
        assert nothing[1] - 16 <= nothing[2] <= nothing[1] + 16
        if name in ("rulelist", "tree", "weighted"):
            assert random < nothing[0]
            assert ascending < nothing[1]
            assert with_policy < min(random, ascending)
        if name == "network" and game != "go-3x3":
            assert min(random, ascending) < with_policy
        elif name == "network":
            assert min(random, ascending) == pytest.approx(with_policy, rel=0.05)
        if name == "table":
            assert random == pytest.approx(nothing[0], rel=0.08)
            assert ascending == pytest.approx(nothing[1], rel=0.08)


# docs/results.md


def test_the_page_of_results_names_the_suite_of_the_records() -> None:
    assert f"the suite `{read_suite(ROOT / REFERENCE).name}`, as tables" in " ".join(read("results.md").split())


# docs/running.md

OVERHEAD = 20.0  # milliseconds of processor time a cell that the harness may cost
SHARE = 0.6  # of the time of one process that two may take
GROWTH = 1.2  # from the first quarter of the cells to the last


def quarters() -> list[list[float]]:
    (found,) = tables(block("running.md", "harness"))
    return [[number(cell) for cell in row] for row in found]


def test_the_harness_costs_little_a_cell_and_no_more_in_the_last_quarter_than_in_the_first() -> None:
    assert [row[0] for row in quarters()] == [running.N_TINY // 4 * quarter for quarter in (1, 2, 3, 4)]
    assert all(row[4] <= OVERHEAD for row in quarters())
    assert quarters()[-1][4] <= quarters()[0][4] * GROWTH


def test_memory_stays_flat() -> None:
    for column in (5, 6):
        assert quarters()[-1][column] <= quarters()[0][column] * GROWTH


def test_two_processes_take_little_more_than_half_the_time_of_one() -> None:
    found = re.search(
        r"^(\d+) equal cells took (\d+) s on one process and (\d+) s on two: ([\d.]+) of the time.$",
        block("running.md", "harness"),
        re.MULTILINE,
    )
    assert found
    assert int(found[1]) == running.N_EQUAL
    assert float(found[4]) <= SHARE


def test_the_page_tells_measuring_from_the_harness() -> None:
    lines = running.tables(4.0, [running.Quarter(2500, 12.5, 5.25, 8.0, 5.0, 40.0, 80.0)], 100.0, 52.0, 1.5).splitlines()
    assert "| 2,500 | 12.5 | 7.2 | 8.0 | 3.0 | 40 | 80 |" in lines
    assert "64 equal cells took 100 s on one process and 52 s on two: 0.52 of the time." in lines


# docs/speed.md

ENUMERATING, SOLVING, COLD, ALONE = (tables(block("speed.md", f"times.{name}"))[0] for name in ("enumerating", "solving", "cold", "alone"))


def test_the_tables_of_speeds_list_the_games_that_are_compared() -> None:
    assert [row[0] for row in ENUMERATING] == list(speed.PAIRS)
    assert [row[0] for row in SOLVING] == [game for game in speed.PAIRS if game not in speed.MERGED]
    assert [row[0] for row in ALONE] == list(speed.OURS_ALONE)
    assert len(COLD) == 4


@pytest.mark.parametrize("row", [*ENUMERATING, *SOLVING], ids=lambda row: row[0])
def test_ratios_of_speeds_follow_from_the_numbers_beside_them(row: list[str]) -> None:
    _, folded, unfolded, ours_ms, theirs_ms, whole, per_state = row
    assert number(whole) == pytest.approx(number(theirs_ms) / number(ours_ms), rel=0.005)
    expected = (number(theirs_ms) / number(unfolded)) / (number(ours_ms) / number(folded))
    assert number(per_state) == pytest.approx(expected, rel=0.005)


@pytest.mark.parametrize("row", [*ENUMERATING, *SOLVING], ids=lambda row: row[0])
def test_states_are_as_many_as_the_game_has(row: list[str], solved: Callable[[str], Solved]) -> None:
    _, graph, _ = solved(row[0])
    assert (number(row[1]), number(row[2])) == (graph.n_states, speed.count_unfolded(graph))


@pytest.mark.parametrize("row", ALONE, ids=lambda row: row[0])
def test_speed_and_size_follow_from_times_and_states(row: list[str], solved: Callable[[str], Solved]) -> None:
    game, states, moves, enumerating, solving, million_per_second, per_state, share = row
    _, graph, _ = solved(game)
    assert (number(states), number(moves)) == (graph.n_states, graph.n_edges)
    seconds = (number(enumerating) + number(solving)) / 1e3
    assert number(million_per_second) == pytest.approx(number(states) / seconds / 1e6, rel=0.006)
    (gigabytes,) = re.findall(r"\(([\d.]+) GB/s here", block("speed.md", "times.alone"))
    assert number(share) == pytest.approx(100 * number(per_state) * number(states) / seconds / (float(gigabytes) * 1e9), rel=0.012)


def test_both_sides_find_the_same_states_and_value() -> None:
    pair = speed.compare("nim-5-5-5", speed.PAIRS["nim-5-5-5"])  # asserts it
    assert pair.folded == math.comb(5 + 3, 3)  # multisets of three heaps of 0 to 5
    assert pair.unfolded == 2 * 6**3 - 8  # two movers; not found by OpenSpiel: 8 positions that only the other player can meet


@pytest.mark.parametrize("game", speed.MERGED)
def test_the_text_of_a_state_leaves_out_who_moves(game: str) -> None:
    get_all_states, _ = speed.open_spiel_functions()
    reference = pyspiel.load_game(speed.PAIRS[game])
    assert len(get_all_states(reference, to_string=str)) < len(get_all_states(reference, to_string=speed.with_mover))


def test_numbers_are_written_with_three_digits() -> None:
    assert [speed.three(x) for x in (0.0012345, 1.5, 99.96, 123.4, 12345.0)] == ["0.00123", "1.5", "100", "123", "12,300"]
    assert speed.ratio("2", "1,000") == "500"
    assert speed.ratio("2", "1,000", n_ours=10, n_theirs=20) == "250"


# docs/tails.md

CURVES = {row[0]: row[1:] for row in rows("tails.md", "controls.curves")}
PLANTED = rows("tails.md", "controls.games")


def counts(cell: str) -> dict[str, int]:
    return {verdict: int(n) for verdict, n in re.findall(r"([\w -]+?) (\d+)(?:, |$)", cell)}


def test_the_tables_of_tails_list_the_controls() -> None:
    assert list(CURVES) == [control.name for control in CONTROLS]
    assert [row[0] for row in PLANTED] == list(tails.PLANTED)


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_nine_of_ten_runs_get_the_right_verdict_and_hold_the_exponent_in_their_band(control: Control) -> None:
    _, said, _, share, _, in_band, _ = CURVES[control.name]
    found = counts(said)
    assert sum(found.values()) == tails.N_RUNS
    if control not in OPEN:
        n_right = sum(found.get(verdict, 0) for verdict in control.right)
        assert share == f"{n_right / tails.N_RUNS:.0%}"
        assert n_right >= 0.9 * tails.N_RUNS
    if control.exponent is not None:
        assert int(in_band.rstrip("%")) >= 90


def test_planted_games_come_out_as_planted_where_two_decades_of_them_are_judged() -> None:
    for game, _, by_count, by_position in PLANTED:
        right = {UNDECIDED} if game == "planted-zipf-300" else set(tails.PLANTED[game])
        assert set(counts(by_count)) <= right
        assert set(counts(by_position)) <= {*tails.PLANTED[game], UNDECIDED}


def test_the_shares_in_the_text_follow_from_the_table() -> None:
    decided = [control for control in CONTROLS if control.right]
    found = {control: counts(CURVES[control.name][1]) for control in decided}
    n = tails.N_RUNS * len(decided)
    n_right = sum(found[control].get(verdict, 0) for control in decided for verdict in control.right)
    n_undecided = sum(found[control].get(UNDECIDED, 0) for control in decided if UNDECIDED not in control.right)
    light = [*tail_controls.STAGES, *CLASSES, *CUTS]
    n_heavy, n_light_heavy = (
        sum(found[control].get(verdict, 0) for control in among for verdict in (HEAVIER, POWER)) for among in (GEOMETRIC, light)
    )
    n_geometric, n_light = tails.N_RUNS * len(GEOMETRIC), tails.N_RUNS * len(light)
    text = " ".join(block("tails.md", "controls.shares").split())
    assert f"Of {n:,} runs that have a right verdict {n_right / n:.1%} get it, and {n_undecided / n:.1%} are called undecided" in text
    assert f"Of {n_geometric:,} runs on geometric controls {n_heavy} are called heavy, of {n_light:,} on two stages," in text
    assert f"classes and cut power laws {n_light_heavy}." in text
    assert n_heavy <= 0.05 * n_geometric  # at most one of twenty
    assert n_light_heavy <= 0.05 * n_light
    assert n_right >= 0.99 * n


def test_a_row_of_controls_comes_out_the_same() -> None:
    assert tails.control_row(CONTROLS[0], tails.judge_control(0)) in block("tails.md", "controls.curves").splitlines()
    assert tails.planted_row("planted-zipf-12") in block("tails.md", "controls.games").splitlines()


@pytest.mark.parametrize("place", [1, 7, 12, 19], ids=lambda place: CONTROLS[place].name)
def test_the_first_runs_of_a_row_get_verdicts_that_it_counts(place: int) -> None:
    found = counts(CURVES[CONTROLS[place].name][1])
    assert {tail.verdict for tail in tails.judge_control(place, n_runs=2)} <= set(found)


@pytest.mark.parametrize("game", ["go-2x3", "go-3x3"])
def test_the_nulls_of_a_small_game_come_out_the_same(game: str) -> None:
    lines = block("tails.md", "refits").splitlines()
    assert all(row in lines for row in tails.refit_rows(game))


# docs/search.md


@pytest.mark.parametrize("game", ["tictactoe", "go-3x3"])
def test_minimax_leaves_on_a_small_game_what_its_page_says(game: str) -> None:
    said = [row[2:] for row in rows("search.md", "depths") if row[0] == game]
    assert said == [[f"{100 * each.residual:.1f}", f"{each.operations:,.0f}"] for each in search.depths(game)]


def test_search_on_go_3x4_is_as_strong_as_a_prototype_was() -> None:
    """Residuals in % of UCT at 64, 256, 1,024 and 4,096 simulations were 39, 20, 9.5 and 5.0; the page's have bands."""
    said = {number(row[1]): (float(row[3]), float(row[4])) for row in rows("search.md", "simulations") if row[0] == "go-3x4"}
    for n, residual in ((64, 39.0), (256, 20.0), (1024, 9.5), (4096, 5.0)):
        assert said[n][0] <= residual + said[n][1]


def test_playouts_of_go_are_faster_than_those_of_openspiel() -> None:
    for row in rows("search.md", "playouts"):
        assert number(row[1]) > number(row[3])


# docs/worlds.md


def test_careful_play_on_go_3x4_is_told_in_few_bits_and_elsewhere_in_about_as_many() -> None:
    """What its prose says, and what an earlier audit found on Go 3x4: 58,280 positions, 56 bits, and 9,648 bits of a value-keeping list."""
    found = {(row[0], row[1]): row[2:] for row in rows("worlds.md", "games")}
    everywhere, careful = found["go-3x4", "all"], found["go-3x4", "semi-strong"]
    assert (number(careful[0]), number(careful[1]), number(everywhere[1])) == (58_280, 56, 5_584)
    assert number(careful[0]) / number(everywhere[0]) == pytest.approx(1 / 3, abs=0.03)
    assert number(careful[3]) <= 9_648
    for game in ("go-2x5", "go-2x6", "nogo-3x4", "connect_four-4x4"):
        assert 0.5 < number(found[game, "semi-strong"][1]) / number(found[game, "all"][1]) < 2
