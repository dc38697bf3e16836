"""Results travel as types: no module of bench reads a sentence back."""

import ast
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[1] / "bench"
ROOMS = ("curves", "harness", "measures", "report", "runs", "scaling", "tails")
PROSE = {"caption", "doubt", "explanation", "hole", "lead", "name", "reason", "said", "sentence", "verdict", "why", "words"}
TAKES_APART = {"endswith", "partition", "removeprefix", "removesuffix", "rpartition", "split", "startswith"}
MARKS_UP = {"html.py"}  # it makes markup of sentences, and draws nothing from them
PATHS = sorted(path for room in ROOMS for path in (BENCH / room).rglob("*.py") if path.name not in MARKS_UP)


def named(node: ast.expr) -> str:
    """The last name of a name, an attribute or an entry of a mapping."""
    if isinstance(node, ast.Subscript):
        return named(node.value)
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_prose(node: ast.expr) -> bool:
    """Whether it is called as texts are, and is no name of a file."""
    is_file = named(node) == "name" and isinstance(node, ast.Attribute) and named(node.value) in ("path", "folder")
    return named(node) in PROSE and not is_file


def readings(source: str) -> list[str]:
    """The calls that take prose apart: by a method of text, line by line, by `in`, or by a regular expression."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of, method = node.func.value, node.func.attr
            by_method = (method in TAKES_APART and is_prose(of)) or (method == "splitlines" and named(of) == "explanation")
            by_pattern = named(of) == "re" and any(map(is_prose, node.args))
            found += [ast.unparse(node)] if by_method or by_pattern else []
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In) and named(node.comparators[0]) == "text":
            found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: str(path.relative_to(BENCH)))
def test_no_sentence_is_taken_apart(path: Path) -> None:
    assert readings(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "law.verdict.removeprefix('undecided: ')",
        "row.hole.startswith('missing')",
        "point.explanation.splitlines()",
        "re.search(r'is (.*)', said)",
        "[sentence for sentence in said if 'grow' in sentence.text]",
        "planned.why.rpartition('; ')[0]",
        "holes[cell].reason.split(':')",
    ],
)
def test_what_takes_a_sentence_apart_is_seen(source: str) -> None:
    assert len(readings(source)) == 1
