"""The gallery of short lists: each position is one in which the rule beside it decides, read in plain Python from the predicates."""

import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from bench.harness.cell import load_cell
from bench.harness.path import FittedPath
from bench.report.explorable.scene import make_scene
from bench.report.explorable.seats import find_seats
from bench.report.gallery import Row, rows_of
from bench.studies.gallery import MAX_RULES, MIN_RULES, drawings, shown
from bench.studies.page import DOCS
from games.errors import UsageError
from policies.api import Task
from policies.language.atoms import atoms_of
from policies.rules.rulelist import RuleList

GAMES = ("tictactoe", "hex-3", "kalah-2-3")
PAGE = (DOCS / "gallery.md").read_text()


def list_of(game: str) -> tuple[Task, RuleList, list[Row]]:
    """The list that the gallery shows of a game, and the rows of its picture."""
    (entry,) = (entry for entry in shown() if entry.record.cell.game == game)
    cell = entry.record.cell
    loaded = load_cell(cell)
    policy = dict(FittedPath(loaded.learner, loaded.task, [entry.point.budget], cell.random_seed))[entry.point.budget]
    assert isinstance(policy, RuleList)
    seats = find_seats(loaded.task.game, loaded.task.graph)
    entries = loaded.learner.explain(policy, loaded.task).entries
    return loaded.task, policy, rows_of(loaded.task, policy, entries, make_scene(seats), seats)


def played(task: Task, rules: list[set[int]], state: int) -> tuple[int, list[int]]:
    """Down the list, move by move: the number of the rule that decides and the edges that it leaves, all where none does."""
    edges = range(*task.graph.edge_start[state : state + 2].tolist())
    for number, held in enumerate(rules):
        if left := [edge for edge in edges if edge in held]:
            return number, left
    return len(rules), list(edges)


@pytest.mark.parametrize("game", GAMES)
def test_each_position_is_decided_by_its_rule_and_none_is_lost_more_without_it(game: str) -> None:
    task, policy, rows = list_of(game)
    graph, regret = task.graph, task.solution.regret
    held = [set(atoms_of(task.game, graph).rule_edges(rule).tolist()) for rule in policy.rules]

    def loss(rules: list[set[int]], state: int) -> float:
        return float(np.mean([regret[edge] for edge in played(task, rules, state)[1]]))

    for i, row in enumerate(rows[: policy.size]):
        assert row.number == i + 1
        assert row.example is not None
        number, edges = played(task, held, row.example.state)
        assert number == i
        assert row.example.losses == {int(graph.edge_action[edge]): int(regret[edge]) for edge in edges}
        without = held[:i] + held[i + 1 :]
        saved = [loss(without, s) for s in graph.positions.tolist() if played(task, held, s)[0] == i and loss(held, s) == 0]
        assert loss(without, row.example.state) == max(saved) > 0
        worst = max(int(regret[edge]) for edge in played(task, without, row.example.state)[1])
        assert f"without rule {i + 1} it could lose {worst}." in row.example.words
        lost = [loss(without, s) for s in graph.positions.tolist()]
        left = np.average(lost, weights=task.weights[graph.positions]) / task.uniform_regret
        assert f"Without it {math.ceil(1000 * left - 1e-6) / 10:.1f} % is left." in row.example.words  # what is left is rounded up
    last = rows[-1]
    assert last.number == 0
    assert last.example is not None  # none of these lists is perfect
    number, edges = played(task, held, last.example.state)
    assert max(loss(held, s) for s in graph.positions.tolist()) == loss(held, last.example.state)
    assert min(last.example.losses.values()) >= 0 < max(last.example.losses.values())
    assert sorted(last.example.losses.values()) == sorted(int(regret[edge]) for edge in edges)


def test_a_lexicographic_list_has_no_rule_that_decides() -> None:
    task, policy, _ = list_of("kalah-2-3")
    seats = find_seats(task.game, task.graph)
    with pytest.raises(UsageError, match="first-match"):
        rows_of(task, RuleList("lexicographic", policy.rules), (), make_scene(seats), seats)


def test_the_page_has_a_picture_of_one_game_of_each_family_and_says_the_same_in_words() -> None:
    entries = {entry.record.cell.game: entry for entry in shown()}
    assert re.findall(r"^## (\S+)$", PAGE, re.MULTILINE) == list(entries)
    assert len({game.partition("-")[0] for game in entries}) == len(entries) >= 6
    for game, entry in entries.items():
        assert MIN_RULES <= entry.point.size <= MAX_RULES
        words = re.search(rf"!\[(.*)\]\(gallery/{game}.svg\)", PAGE)
        assert words is not None
        assert words[1].count("rule") >= entry.point.size  # each rule is named where it decides
        assert f"{game}: {entry.point.size} rules, {entry.point.policy_bits} bits." in words[1]


@pytest.mark.parametrize("game", sorted(drawings()))
def test_a_picture_stands_alone_and_nothing_lies_outside_it(game: str) -> None:
    text = (DOCS / "gallery" / f"{game}.svg").read_text()
    assert len(text) < 60_000
    root = ET.fromstring(text)
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    ids = {part.attrib["id"] for part in root.iter() if "id" in part.attrib}
    used = {part.attrib["href"][1:] for part in root.iter() if "href" in part.attrib}
    assert used <= ids
    spans = [part for part in root.iter() if part.tag.endswith("tspan")]
    lines = [(float(part.attrib["x"]), float(part.attrib["y"]), part.text or "") for part in spans]
    sizes = {44: 7.4, 616: 6.3}  # a letter of DejaVu Sans in pixels, at 13 and at 11: 0.57 of the size, the mean of English is less
    assert all(0 < y < height and x + sizes[int(x)] * len(line) < (460 if x < 100 else width) for x, y, line in lines)
    boards = [part for part in root.iter() if part.tag.endswith("}svg") and "y" in part.attrib]
    assert boards
    assert all(float(part.attrib["y"]) + float(part.attrib["height"]) <= height for part in boards)
