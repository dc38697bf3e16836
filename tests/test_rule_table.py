"""The table of rules of every model: its sums, a twin in plain Python, and its files."""

import csv
import json
import os
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gaincurve
from bench.cli.rule_table_files import LATEX, escape
from bench.harness.fitted import FittedPolicy
from bench.measures.rule_table import MEANINGS, RuleTable
from policies.language.atoms import atoms_of
from policies.networks.diagnostics import Probe
from policies.networks.policy import NetworkPolicy
from policies.rules.rulelist import RuleList
from policies.rules.weighted import WeightedList
from policies.trees.tree import TreePolicy
from tests.support.shell import Shell

MODELS = [
    ("tictactoe", "rulelist", 7),
    ("tictactoe", "rulelist", 3),
    ("tictactoe", "rulelist:code=open,language=concepts+patterns", 7),
    ("tictactoe", "rulelist:semantics=lexicographic,language=concepts+patterns", 7),
    ("tictactoe", "weighted", 9),
    ("tictactoe", "weighted:code=open", 9),
    ("tictactoe", "tree", 9),
    ("tictactoe", "tree", 1),
    ("tictactoe", "dag", 12),
    ("tictactoe", "cart", 6),
    ("tictactoe", "human", 4),
    ("tictactoe", "network:steps=100", 5),
    ("tictactoe", "network:steps=100,depth=2,equivariant=true", 2),
    ("tictactoe", "network:steps=100,architecture=linear", 3),
    ("tictactoe", "network:steps=100,architecture=linear", 9),
    ("tictactoe", "network:steps=100,architecture=separable,depth=2", 2),
    ("tictactoe", "network:steps=100,architecture=softtree", 2),
    ("tictactoe", "network:steps=100,stages=prune-50+share-8+huffman", 5),
    ("tictactoe", "subspace:steps=100", 12),
    ("nim-1-2-3", "rulelist:language=concepts+positions", 4),
    ("go-2x3", "rulelist", 20),
    ("go-2x3", "tree", 20),
    ("go-2x3", "weighted", 12),
]


@pytest.mark.parametrize(("game", "learner", "budget"), MODELS, ids=str)
def test_gains_add_up_to_the_policy_and_bits_to_its_file(game: str, learner: str, budget: int) -> None:
    fitted = gaincurve.fit(game, learner, budget)
    table = fitted.table()
    assert sum(row.gain for row in table.rows) == pytest.approx(fitted.gain, abs=1e-12) == pytest.approx(table.gain, abs=1e-12)
    assert sum(row.bits for row in table.rows) == pytest.approx(fitted.policy_bits, abs=1e-9)
    assert [row.number for row in table.rows] == [*range(1, len(table.rows)), None]
    if isinstance(fitted.policy, RuleList | WeightedList):
        assert len(table.rows) == fitted.policy.size + 1
    for row in table.rows:
        assert 0 <= row.coverage <= 1 + 1e-12
        assert (row.errors is None) == (row.coverage == 0)
        assert row.rule
        assert "\n" not in row.rule
    if table.kind in ("first-match", "tree"):
        assert sum(row.coverage for row in table.rows) == pytest.approx(1.0, abs=1e-12)


def moves_of(fitted: FittedPolicy) -> dict[int, dict[int, int]]:
    """The regret of each move of each position, by edge."""
    graph, regret = fitted.task.graph, fitted.task.solution.regret.tolist()
    return {s: {e: regret[e] for e in range(graph.edge_start[s], graph.edge_start[s + 1])} for s in graph.positions.tolist()}


def best(scores: dict[int, float]) -> frozenset[int]:
    return frozenset(edge for edge, score in scores.items() if score == max(scores.values()))


def mean(regret: dict[int, int], chosen: frozenset[int]) -> float:
    return sum(regret[edge] for edge in chosen) / len(chosen)


def by_adding(fitted: FittedPolicy, steps: list[list[float]]) -> list[tuple[float, float, float]]:
    """(gain, coverage, weight of errors) of every rule added, then of the rest, position by position; `steps` are scores by edge."""
    weights, unit = fitted.task.weights.tolist(), fitted.task.uniform_regret
    found = [[0.0, 0.0, 0.0] for _ in steps]  # the last: what belongs to no rule
    for state, regret in moves_of(fitted).items():
        chosen = [best({edge: scores[edge] for edge in regret}) for scores in steps]
        found[-1][0] += weights[state] * (mean(regret, frozenset(regret)) - mean(regret, chosen[0])) / unit
        for k, (before, after) in enumerate(pairwise(chosen)):
            found[k][0] += weights[state] * (mean(regret, before) - mean(regret, after)) / unit
            if before != after:
                found[k][1] += weights[state]
                found[k][2] += weights[state] * any(regret[edge] for edge in after)
        if len(set(chosen)) == 1:
            found[-1][1] += weights[state]
            found[-1][2] += weights[state] * any(regret[edge] for edge in chosen[-1])
    return [(gain, coverage, wrong) for gain, coverage, wrong in found]


def check(table: RuleTable, expected: list[tuple[float, float, float]]) -> None:
    found = [(row.gain, row.coverage, (row.errors or 0) * row.coverage) for row in table.rows]
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_the_rows_of_a_list_are_those_of_an_interpreter_in_plain_python() -> None:
    for fitted in (gaincurve.fit("tictactoe", "rulelist", 9), gaincurve.fit("tictactoe", "rulelist", 3)):
        assert isinstance(fitted.policy, RuleList)
        atoms, weights = atoms_of(fitted.task.game, fitted.task.graph), fitted.task.weights.tolist()
        held = [set(atoms.rule_edges(rule).tolist()) for rule in fitted.policy.rules]
        expected = [[0.0, 0.0, 0.0] for _ in range(len(held) + 1)]
        for state, regret in moves_of(fitted).items():
            k = next((k for k, edges in enumerate(held) if edges & regret.keys()), -1)
            chosen = frozenset(held[k] & regret.keys()) if k >= 0 else frozenset(regret)
            expected[k][0] += weights[state] * (mean(regret, frozenset(regret)) - mean(regret, chosen)) / fitted.task.uniform_regret
            expected[k][1] += weights[state]
            expected[k][2] += weights[state] * any(regret[edge] for edge in chosen)
        check(fitted.table(), [(gain, coverage, wrong) for gain, coverage, wrong in expected])


def test_the_rows_of_a_tree_are_its_leaves_walked_in_plain_python() -> None:
    for learner, budget in (("tree", 9), ("dag", 12)):
        fitted = gaincurve.fit("tictactoe", learner, budget)
        assert isinstance(fitted.policy, TreePolicy)
        branches, atoms, weights = fitted.policy.branches, atoms_of(fitted.task.game, fitted.task.graph), fitted.task.weights.tolist()
        held = [set(atoms.edges(branch.atom).tolist()) for branch in branches]

        def walk(edge: int) -> tuple[str, int]:
            node, path = len(branches) - 1, ""  # noqa: B023
            while node >= 0:
                holds = edge in held[node]  # noqa: B023
                path += "yn"[not holds]
                node = branches[node].yes if holds else branches[node].no  # noqa: B023
            return path, ~node

        rows: dict[tuple[int, str], list[float]] = {}
        for state, regret in moves_of(fitted).items():
            leaves = {edge: walk(edge) for edge in regret}
            chosen = best({edge: score for edge, (_, score) in leaves.items()})
            for path in {leaves[edge][0] for edge in chosen}:
                own = frozenset(edge for edge in chosen if leaves[edge][0] == path)
                part = weights[state] * len(own) / len(chosen)
                row = rows.setdefault((leaves[min(own)][1], path), [0.0, 0.0, 0.0])
                row[0] += part * (mean(regret, frozenset(regret)) - mean(regret, own)) / fitted.task.uniform_regret
                row[1] += part
                row[2] += part * any(regret[edge] for edge in own)
        table = fitted.table()
        expected = [tuple(row) for (score, path), row in sorted(rows.items(), key=lambda each: (-each[0][0], each[0][1].replace("y", "a")))]
        deciding = [row for row in table.rows if row.coverage]
        found = [(row.gain, row.coverage, (row.errors or 0) * row.coverage) for row in deciding]
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_rows_of_a_weighted_list_are_added_one_by_one_in_plain_python() -> None:
    fitted = gaincurve.fit("tictactoe", "weighted", 9)
    assert isinstance(fitted.policy, WeightedList)
    atoms = atoms_of(fitted.task.game, fitted.task.graph)
    steps = [[0.0] * fitted.task.graph.n_edges]
    for atom, weight in zip(fitted.policy.atoms, fitted.policy.weights, strict=True):
        held = set(atoms.edges(atom).tolist())
        steps.append([score + weight * (edge in held) for edge, score in enumerate(steps[-1])])
    check(fitted.table(), by_adding(fitted, steps))


def test_the_rows_of_a_network_are_its_units_in_the_order_in_which_they_are_missed() -> None:
    fitted = gaincurve.fit("tictactoe", "network:steps=200", 6)
    assert isinstance(fitted.policy, NetworkPolicy)
    table, probe = fitted.table(), Probe(fitted.policy, fitted.task)
    named = {unit.name: unit for unit in probe.units}
    order = [named[re.findall(r"unit ([\d.]+)", row.rule)[0]] for row in table.rows[:-1]]
    left = [probe.gain([unit]) for unit in order]
    assert left == sorted(left)
    check(table, by_adding(fitted, [probe.scores(order[n:]).tolist() for n in range(len(order) + 1)]))
    blank = [np.zeros_like(part.symbols) for part in fitted.policy.layers]
    blank[1][-9:] = fitted.policy.layers[1].symbols[-9:]  # the biases of the nine moves belong to no unit
    bare = tuple(part._replace(symbols=symbols) for part, symbols in zip(fitted.policy.layers, blank, strict=True))
    assert table.rows[-1].bits == 8 * len(fitted.learner.encode(NetworkPolicy(fitted.policy.design, bare), fitted.task))


def test_the_outputs_of_a_network_without_units_are_its_rules() -> None:
    fitted = gaincurve.fit("tictactoe", "network:steps=100,architecture=linear", 9)
    scores, action = fitted.scores(), fitted.task.graph.edge_action
    table = fitted.table()
    names = [row.rule.removeprefix("output ") for row in table.rows[:-1]]
    order = [next(move for move in range(9) if fitted.task.game.action_name(move) == name) for name in names]
    check(table, by_adding(fitted, [np.where(np.isin(action, order[:n]), scores, 0.0).tolist() for n in range(10)]))


# Files


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    monkeypatch.chdir(tmp_path)
    return Shell(monkeypatch, capfd)


@pytest.fixture
def fitted(shell: Shell) -> FittedPolicy:
    five = gaincurve.fit("tictactoe", "rulelist:language=patterns", 5)
    five.save("five.policy")
    return five


def test_a_table_is_read_back_from_csv_as_it_was(shell: Shell, fitted: FittedPolicy) -> None:
    status, out, _ = shell("explain", "five.policy", "--table", "five.csv")
    assert status == 0
    assert out.endswith("table written to five.csv\n")
    with Path("five.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    read = [(row["number"], row["rule"], *(float(row[key]) for key in ("gain", "bits", "coverage"))) for row in rows]
    table = fitted.table()
    assert read == [("" if row.number is None else str(row.number), *row_of(row)) for row in table.rows]
    assert [row["errors"] for row in rows] == ["" if row.errors is None else repr(row.errors) for row in table.rows]


def row_of(row: Any) -> tuple[str, float, float, float]:
    return row.rule, row.gain, row.bits, row.coverage


def test_a_table_in_json_says_what_its_columns_are(shell: Shell, fitted: FittedPolicy) -> None:
    assert shell.json("explain", "five.policy", "--table", "five.json")["table"] == "five.json"
    found = json.loads(Path("five.json").read_text())
    assert {key: found[key] for key in ("game", "learner", "size", "bits")} == {
        "game": "tictactoe",
        "learner": "rulelist",
        "size": fitted.policy.size,
        "bits": fitted.policy_bits,
    }
    assert (found["kind"], found["caption"]) == ("first-match", " ".join(MEANINGS["first-match"]))
    assert found["rows"] == [
        dict(zip(("number", "rule", "gain", "bits", "coverage", "errors"), each, strict=True)) for each in rows_of(fitted)
    ]


def rows_of(fitted: FittedPolicy) -> list[tuple[Any, ...]]:
    return [(row.number, row.rule, row.gain, row.bits, row.coverage, row.errors) for row in fitted.table().rows]


def unescape(text: str) -> str:
    """What LaTeX sets for a text, by its own definitions of these commands; raises KeyError for any other command."""
    named = {"textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "textless": "<", "textgreater": ">"}
    named |= {"textbar": "|"}
    text = text.replace(r"\symbol{34}", '"')
    return re.sub(r"\\([a-zA-Z]+)\{\}|\\(.)", lambda found: named[found[1]] if found[1] else found[2], text)


def test_every_special_character_of_latex_is_escaped() -> None:
    special = "".join(map(chr, range(32, 127)))
    assert unescape(escape(special)) == special
    bare = re.sub(r"\\(symbol\{34\}|[a-zA-Z]+\{\}|.)", "", escape(special))
    assert not set(bare) & set('\\{}~^&%$#_<>|"')  # those that plain LaTeX takes as commands, or sets as other signs in OT1
    assert set(LATEX) == set('\\{}~^&%$#_<>|"')


def test_a_table_in_latex_is_a_whole_longtable(shell: Shell, fitted: FittedPolicy) -> None:
    assert shell("explain", "five.policy", "--table", "five.tex")[0] == 0
    text = Path("five.tex").read_text()
    depth, escaped = 0, False
    for symbol in text.partition("\n")[2]:  # without the comment of the first line
        depth += 0 if escaped else {"{": 1, "}": -1}.get(symbol, 0)
        escaped = symbol == "\\" and not escaped
        assert depth >= 0
    assert depth == 0
    begun, ended = re.findall(r"\\begin\{(\w+)\}", text), re.findall(r"\\end\{(\w+)\}", text)
    assert begun == ended == ["longtable"]
    columns = re.findall(r"\\begin\{longtable\}\{(.*)\}", text)[0].replace(r"p{0.5\textwidth}", "p")
    assert columns == "rprrrr"
    lines = [line for line in text.splitlines() if re.search(r"(?<!\\)&", line)]
    assert all(len(re.split(r"(?<!\\)&", line)) == 6 and line.endswith(r" \\") for line in lines)
    shown = [unescape(re.split(r"(?<!\\) & ", line)[1]) for line in lines[1:]]
    assert shown == [row.rule for row in fitted.table().rows]
    assert r"\#" in text  # a picture with the edge of the board
    (caption,) = re.findall(r"^\\caption\{(.*)\}\\\\$", text, re.MULTILINE)
    assert unescape(caption).endswith(" ".join(MEANINGS["first-match"]))


@pytest.mark.parametrize("name", ["five.txt", "five", "five.csv.gz", "folder.csv", "five.csv/five.json"])
def test_other_names_are_refused_in_one_line_before_any_work(shell: Shell, name: str, fitted: FittedPolicy) -> None:
    Path("folder.csv").mkdir()
    Path("five.csv").write_text("old")
    status, out, err = shell("explain", "five.policy", "--table", name)
    assert (status, out) == (2, "")
    assert re.fullmatch(r"error: --table .*\n", err)
    assert Path("five.csv").read_text() == "old"


def test_a_policy_of_another_kind_is_refused_in_one_line(shell: Shell) -> None:
    gaincurve.fit("nim-1-2", "table", 2).save("table.policy")
    status, _, err = shell("explain", "table.policy", "--table", "out.csv")
    assert status == 2
    assert err == "error: --table is about lists, trees, weighted lists and networks; this is a policy of the learner table\n"
    assert not Path("out.csv").exists()


def test_a_table_is_written_whole_or_not_at_all(shell: Shell, fitted: FittedPolicy, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("five.csv").write_text("old")

    def broken(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", broken)
    assert shell("explain", "five.policy", "--table", "five.csv")[0] != 0
    assert Path("five.csv").read_text() == "old"
    assert sorted(path.name for path in Path().iterdir()) == ["five.csv", "five.policy"]
