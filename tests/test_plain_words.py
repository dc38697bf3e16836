"""Sentences that were hard to read, or that claimed more than was measured, do not come back: in pages, templates and messages."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

HARD = (  # private words and word orders, with any number or noun between
    r"of what there is without",
    r"what there is",
    r"as one sees it who knows",
    r"one more than there are .* where none will do",
    r"has read a state of rest",
    r"the words were (?:wrong|right)",
    r"as are read with pleasure",
    r"what is to be known beside",
    r"want a float64 number an edge",
    r"whose fault it was nobody can say",
    r"for want of",
    r"lead to the records that a sentence was computed from",
    r"games of random moves, which nothing describes",
    r"undecided stays whether",
    r"speaks? of",
    r"by lot\b",
    r"draws? lots",
)
MISLEADING = (  # findings that did not survive a second look
    r"size does not matter",
    r"of the bits of perfect play on go a policy saves",
    r"policy saves about a third",
    r"half of the missing bits with",
    r"near-perfect play",
    r"19x19.{0,80}10\^\d+ bits|10\^\d+ bits.{0,80}19x19",
    r"so there are games that end",
)
UNCLEAR = (  # quantities without a name, and code that acts like a person: not in docstrings
    r"\bso many\b",
    r"\bas many as\b",
    r"half of the digits",
    r"as one sees\b",
    r"\bby heart\b",
    r"\bboiled down\b",
    r"\bhow many stones .* wants\b",
    r"\bwhoever\b",
    r"\b(?:no|any)body\b",
)
PAGES = [
    ROOT / "README.md",
    ROOT / "AGENTS.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "docs" / "game-to-curve.ipynb",
    *sorted((ROOT / "bench" / "report" / "templates").iterdir()),
    *sorted((ROOT / "bench" / "report" / "explorable").glob("explorable.*")),
    *sorted((ROOT / "bench" / "cli" / "new_game").iterdir()),
]
MODULES = sorted(path for package in ("games", "policies", "bench", "gaincurve") for path in (ROOT / package).rglob("*.py"))


def found(text: str, phrases: tuple[str, ...]) -> list[str]:
    """The banned phrases of a text, whatever its line breaks."""
    flat = " ".join(text.split()).lower()
    return [match[0] for phrase in phrases for match in re.finditer(phrase, flat)]


def docstrings(path: Path) -> str:
    """The docstrings of a module and of all that it defines."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return "\n".join(ast.get_docstring(node) or "" for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, owners))


def messages(path: Path) -> str:
    """The texts that a module can print or raise: its string literals but for docstrings, a line each."""
    tree = ast.parse(path.read_text())
    owners = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    docstrings = {id(node.body[0].value) for node in owners if node.body and isinstance(node.body[0], ast.Expr)}
    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return "\n".join(str(node.value) for node in texts if id(node) not in docstrings)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_and_templates_are_in_plain_words_and_claim_what_was_measured(path: Path) -> None:
    assert found(path.read_text(), HARD + MISLEADING) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_messages_are_in_plain_words_and_claim_what_was_measured(path: Path) -> None:
    assert found(messages(path), HARD + MISLEADING) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_are_in_plain_words(path: Path) -> None:
    assert found(docstrings(path), (*HARD, *MISLEADING, *UNCLEAR)) == []


@pytest.mark.parametrize(
    "text",
    [
        "So there are games that end, and size does not\nmatter to them",
        "Of the bits of perfect play on Go a policy saves about a third, on every board but the smallest",
        "whose fault it was nobody can say: it may have been that of another cell, for want of memory",
        "Numbers in brackets lead to the records that a sentence was computed from",
        "What is to be known beside a policy, to choose an optimal move everywhere",
    ],
)
def test_a_sentence_of_the_list_is_seen(text: str) -> None:
    assert found(text, HARD + MISLEADING)


def test_what_a_module_can_say_is_read_without_its_docstrings(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""by lot"""\nif True:\n    raise ValueError(f"for want of {1}")\n')
    assert found(messages(module), HARD) == ["for want of"]
